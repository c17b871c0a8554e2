// SPDX-License-Identifier: Apache-2.0
//
// Constants of a model: listed, swapped, folded, read. Setting them is in
// constants_update.c, where they come from in constants_sources.c, and what the
// container is told in constants_buffer.c.
#include "runner/constants.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "device/device.h"
#include "package/package.h"
#include "runner/constants_state.h"
#include "runner/observer.h"
#include "tensor/device.h"
#include "tensor/tensor.h"

enum { FOLDED = 4, PARAMETER = 1 };

// ---- The list --------------------------------------------------------------

static bool find_facts(const pt2_runner_t* runner, const char* name,
                       pt2_constant_info_t* out_info, int64_t* out_offset) {
  size_t count = pt2_package_constant_count(runner->package, runner->model);
  for (size_t i = 0; i < count; ++i) {
    if (pt2_package_constant_info(runner->package, runner->model, i,
                                  out_info) == PT2_STATUS_OK &&
        strcmp(out_info->name, name) == 0) {
      *out_offset =
          pt2__package_constant_offset(runner->package, runner->model, i);
      return true;
    }
  }
  return false;
}

static pt2_status_t describe(pt2_runner_t* runner, size_t index,
                             pt2__constant_t* item) {
  const pt2__container_api_t* api = &runner->api;
  const char* name = NULL;
  const char* fqn = NULL;
  int32_t dtype, kind;
  size_t bytes = 0;
  if (api->constant_name(runner->container, index, &name) != 0 ||
      api->constant_fqn(runner->container, index, &fqn) != 0 ||
      api->constant_dtype(runner->container, index, &dtype) != 0 ||
      api->constant_type(runner->container, index, &kind) != 0 ||
      api->constant_from_folded(runner->container, index, &item->folded) != 0 ||
      (api->constant_data_size != NULL &&
       api->constant_data_size(runner->container, index, &bytes) != 0) ||
      name == NULL) {
    return pt2__runner_model_failed(runner, "listing the constants");
  }
  if (!find_facts(runner, name, &item->info, &item->offset)) {
    item->info = (pt2_constant_info_t){.rank = -1, .size_bytes = -1};
    item->offset = -1;
  }
  item->info.name = name;
  item->info.fqn = fqn != NULL && fqn[0] != '\0' ? fqn : name;
  item->info.dtype = dtype;
  item->info.kind = item->folded ? FOLDED : kind;
  if (api->constant_data_size != NULL) {
    item->info.size_bytes = (int64_t)bytes;
  }
  item->optional = kind != PARAMETER || item->info.size_bytes == 0;
  return PT2_STATUS_OK;
}

// What the package's weights fill when the container is created.
static bool comes_with_weights(const pt2_runner_t* runner) {
  int32_t kind = pt2_package_weights_kind(runner->package, runner->model);
  return kind != PT2_WEIGHTS_MISSING && kind != PT2_WEIGHTS_PICKLES;
}

bool pt2__constants_hold_all(const pt2__constants_t* constants, int buffer) {
  for (size_t i = 0; i < constants->count; ++i) {
    if (!constants->items[i].folded && !constants->items[i].present[buffer]) {
      return false;
    }
  }
  return true;
}

bool pt2__constants_are_filled(pt2__constants_t* constants) {
  pthread_mutex_lock(&constants->lock);
  bool filled = pt2__constants_hold_all(constants, constants->active);
  pthread_mutex_unlock(&constants->lock);
  return filled;
}

static pt2_status_t fill_list(pt2__constants_t* constants) {
  pt2_runner_t* runner = constants->runner;
  pt2__library_scope_t scope = pt2__library_enter(runner->library, false);
  pt2_status_t status = PT2_STATUS_OK;
  for (size_t i = 0; status == PT2_STATUS_OK && i < constants->count; ++i) {
    status = describe(runner, i, &constants->items[i]);
    constants->items[i].present[0] = comes_with_weights(runner);
    constants->has_folded |= constants->items[i].folded;
  }
  pt2__library_leave(scope);
  if (status == PT2_STATUS_OK && comes_with_weights(runner) &&
      !pt2__container_takes_tensors(runner)) {
    pt2__constants_learn_handles(constants, NULL);
  }
  return status;
}

pt2_status_t pt2__constants_create(pt2_runner_t* runner,
                                   pt2__constants_t** out_constants) {
  size_t count = 0;
  if (runner->api.num_constants(runner->container, &count) != 0) {
    return pt2__runner_model_failed(runner, "counting the constants");
  }
  pt2__constants_t* constants = pt2__calloc(1, sizeof(*constants));
  if (constants == NULL) {
    return PT2_OUT_OF_MEMORY(sizeof(*constants));
  }
  pthread_mutex_init(&constants->lock, NULL);
  constants->runner = runner;
  constants->items = pt2__calloc(count, sizeof(*constants->items));
  pt2_status_t status = PT2_STATUS_OK;
  if (constants->items == NULL) {
    status = PT2_OUT_OF_MEMORY(count * sizeof(*constants->items));
  } else {
    constants->count = count;
    status = fill_list(constants);
  }
  if (status != PT2_STATUS_OK) {
    pt2__constants_destroy(constants);
    return status;
  }
  atomic_init(&constants->usable, pt2__constants_hold_all(constants, 0));
  *out_constants = constants;
  return PT2_STATUS_OK;
}

void pt2__constants_destroy(pt2__constants_t* constants) {
  if (constants == NULL) {
    return;
  }
  for (size_t i = 0; i < constants->count; ++i) {
    pt2__tensor_release(constants->items[i].held[0]);
    pt2__tensor_release(constants->items[i].held[1]);
    pt2__made_release(constants->items[i].made[0]);
    pt2__made_release(constants->items[i].made[1]);
  }
  for (size_t i = 0; i < constants->stray_count; ++i) {
    pt2__made_release(constants->stray[i]);
  }
  pt2__free(constants->stray);
  pt2__tensor_release(constants->nothing);
  pthread_mutex_destroy(&constants->lock);
  pt2__free(constants->items);
  pt2__free(constants);
}

static pt2_status_t lacks(const pt2__constants_t* constants, int buffer,
                          const char* which) {
  const char* first = NULL;
  size_t missing = 0;
  for (size_t i = 0; i < constants->count; ++i) {
    const pt2__constant_t* item = &constants->items[i];
    if (!item->folded && !item->present[buffer]) {
      first = missing++ == 0 ? item->info.fqn : first;
    }
  }
  return PT2_FAIL(PT2_STATUS_FAILED_PRECONDITION,
                  "the %s constant buffer lacks %zu of the model's %zu "
                  "constants, the first is \"%s\"",
                  which, missing, constants->count, first);
}

pt2_status_t pt2__constants_require(const pt2__constants_t* constants) {
  if (atomic_load_explicit(&constants->usable, memory_order_relaxed)) {
    return PT2_STATUS_OK;
  }
  // The reason, unless an update completes them meanwhile.
  pt2__constants_t* locked = (pt2__constants_t*)(uintptr_t)constants;
  pt2_status_t status = PT2_STATUS_OK;
  pthread_mutex_lock(&locked->lock);
  if (!pt2__constants_hold_all(constants, constants->active)) {
    status = lacks(constants, constants->active, "active");
    pt2__error_prefix(
        "the model's weights are not in the package and were not given "
        "(pt2_runner_update_constants)");
  } else if (!atomic_load(&constants->usable)) {
    status = PT2_FAIL(PT2_STATUS_FAILED_PRECONDITION,
                      "an update of the constants failed and what was before "
                      "could not be put back: they must be given anew");
  }
  pthread_mutex_unlock(&locked->lock);
  return status;
}

static bool find(const pt2__constants_t* constants, const char* name,
                 size_t* out_index) {
  for (int pass = 0; pass < 2; ++pass) {
    for (size_t i = 0; i < constants->count; ++i) {
      const pt2_constant_info_t* info = &constants->items[i].info;
      if (!constants->items[i].folded &&
          strcmp(pass == 0 ? info->fqn : info->name, name) == 0) {
        *out_index = i;
        return true;
      }
    }
  }
  return false;
}

bool pt2__constants_have(const pt2__constants_t* constants, const char* name) {
  size_t index;
  return find(constants, name, &index);
}

pt2_status_t pt2__constants_find(const pt2__constants_t* constants,
                                 const char* name, size_t* out_index) {
  if (name == NULL) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                    "a constant's name may not be NULL");
  }
  return find(constants, name, out_index)
             ? PT2_STATUS_OK
             : PT2_FAIL(PT2_STATUS_NOT_FOUND,
                        "the model has no constant \"%s\"", name);
}

// ---- Turns -----------------------------------------------------------------

static void leave(pt2__constants_t* constants, bool alone) {
  if (alone) {
    pt2__gate_leave(constants->runner->gate, PT2__GATE_ALONE);
  }
  pthread_mutex_unlock(&constants->lock);
}

pt2_status_t pt2__turn_begin(pt2__constants_t* constants, bool alone,
                             pt2__turn_t* out_turn) {
  pt2_runner_t* runner = constants->runner;
  pthread_mutex_lock(&constants->lock);
  out_turn->alone = alone && runner->gate != NULL;
  if (out_turn->alone) {
    pt2_status_t status =
        pt2__gate_enter(runner->gate, PT2__GATE_ALONE, -1, NULL);
    if (status != PT2_STATUS_OK) {
      pthread_mutex_unlock(&constants->lock);
      return status;
    }
  }
  pt2_status_t status =
      pt2__device_enter(runner->device, runner->device_index, NULL,
                        &out_turn->device, &out_turn->stream);
  if (status != PT2_STATUS_OK) {
    leave(constants, out_turn->alone);
    return status;
  }
  out_turn->scope = pt2__library_enter(runner->library, true);
  return PT2_STATUS_OK;
}

void pt2__turn_end(pt2__constants_t* constants, const pt2__turn_t* turn) {
  pt2__library_leave(turn->scope);
  pt2__device_leave(&turn->device);
  leave(constants, turn->alone);
}

// ---- Public ----------------------------------------------------------------

size_t pt2_runner_constant_count(const pt2_runner_t* runner) {
  return runner->constants->count;
}

pt2_status_t pt2_runner_constant_info(const pt2_runner_t* runner, size_t index,
                                      pt2_constant_info_t* out_info) {
  pt2__error_begin();
  if (index >= runner->constants->count || out_info == NULL) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                    "constant %zu of %zu does not exist", index,
                    runner->constants->count);
  }
  *out_info = runner->constants->items[index].info;
  return PT2_STATUS_OK;
}

static pt2_status_t swap(pt2__constants_t* constants) {
  pt2__turn_t turn;
  PT2_TRY(pt2__turn_begin(constants, true, &turn));
  pt2_status_t status = PT2_STATUS_OK;
  if (!pt2__constants_hold_all(constants, 1 - constants->active)) {
    status = lacks(constants, 1 - constants->active, "inactive");
  } else {
    status = pt2__buffer_swap(constants);
  }
  pt2__turn_end(constants, &turn);
  return status;
}

pt2_status_t pt2_runner_swap_constants(pt2_runner_t* runner) {
  pt2__error_begin();
  if (runner == NULL) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT, "runner is NULL");
  }
  if (!pt2__observers_exist()) {
    return swap(runner->constants);
  }
  pt2__call_t call = {
      .event = {.kind = PT2_EVENT_SWAP_BEGIN, .runner = runner}};
  pt2__observer_begin(&call, &runner->watch);
  pt2_status_t status = swap(runner->constants);
  pt2__observer_end(&call, PT2_EVENT_SWAP_END, status);
  return status;
}

static pt2_status_t fold(pt2_runner_t* runner, bool use_inactive) {
  pt2__constants_t* constants = runner->constants;
  pt2__turn_t turn;
  PT2_TRY(pt2__turn_begin(constants, !use_inactive, &turn));
  int buffer = use_inactive ? 1 - constants->active : constants->active;
  pt2_status_t status = PT2_STATUS_OK;
  if (!pt2__constants_hold_all(constants, buffer)) {
    status = lacks(constants, buffer, use_inactive ? "inactive" : "active");
  } else if (constants->has_folded && !pt2__container_takes_tensors(runner) &&
             use_inactive) {
    status = PT2_FAIL(
        PT2_STATUS_UNSUPPORTED,
        "folding the inactive buffer came with torch 2.8, this "
        "model was compiled by %s",
        pt2_package_peek_torch_release(runner->package, runner->model));
  } else if (constants->has_folded &&  // else the model would only complain
             runner->api.run_const_fold(runner->container, use_inactive,
                                        turn.stream,
                                        runner->proxy_executor) != 0) {
    status = pt2__runner_model_failed(runner, "folding the constants");
  }
  status = pt2__device_end_run(runner->device, runner->device_index, status);
  pt2__turn_end(constants, &turn);
  return status;
}

pt2_status_t pt2_runner_fold_constants(pt2_runner_t* runner,
                                       bool use_inactive) {
  pt2__error_begin();
  if (runner == NULL) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT, "runner is NULL");
  }
  if (runner->watch.trace == NULL) {
    return fold(runner, use_inactive);
  }
  pt2__trace_span_t span;
  pt2__trace_begin(&span);
  pt2_status_t status = fold(runner, use_inactive);
  pt2__watch_record(&runner->watch, &span, PT2_TRACE_FOLD, status, 0);
  return status;
}

// Lets go of what the inactive buffer holds: containers keep the tensors that
// they were given until others take their place.
static pt2_status_t empty_inactive(pt2__constants_t* constants) {
  if (constants->nothing == NULL) {
    PT2_TRY(
        pt2__tensor_empty_at((pt2__place_t){constants->runner->device,
                                            constants->runner->device_index},
                             PT2_DTYPE_U8, 0, NULL, NULL, &constants->nothing));
  }
  pt2__plan_t plan;
  PT2_TRY(pt2__plan_make(constants->count, &plan));
  int inactive = 1 - constants->active;
  pt2_status_t status = PT2_STATUS_OK;
  size_t count = 0;
  for (size_t i = 0; status == PT2_STATUS_OK && i < constants->count; ++i) {
    if (constants->items[i].present[inactive]) {
      status = pt2__tensor_alias(constants->nothing, &plan.tensors[i]);
      ++count;
    }
  }
  if (status == PT2_STATUS_OK && count > 0) {
    status = pt2__buffer_apply(constants, &plan, true);
  }
  pt2__plan_free(&plan);
  return status;
}

pt2_status_t pt2_runner_free_inactive_constants(pt2_runner_t* runner) {
  pt2__error_begin();
  if (runner == NULL) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT, "runner is NULL");
  }
  pt2__constants_t* constants = runner->constants;
  pt2__turn_t turn;
  PT2_TRY(pt2__turn_begin(constants, false, &turn));
  // Before torch 2.8 only this library holds them.
  pt2_status_t status = empty_inactive(constants);
  if (status == PT2_STATUS_OK && runner->api.free_inactive_constants != NULL &&
      runner->api.free_inactive_constants(runner->container) != 0) {
    status = pt2__runner_model_failed(runner, "freeing the inactive constants");
  }
  for (size_t i = 0; status == PT2_STATUS_OK && i < constants->count; ++i) {
    constants->items[i].present[1 - constants->active] = false;
  }
  pt2__turn_end(constants, &turn);
  return status;
}

static pt2_status_t take_one(pt2__constants_t* constants, size_t index,
                             bool use_inactive, pt2_tensor_t** out_tensor) {
  pt2__plan_t plan;
  PT2_TRY(pt2__plan_make(constants->count, &plan));
  bool* wanted = pt2__calloc(constants->count, sizeof(*wanted));
  pt2_status_t status = PT2_STATUS_OK;
  if (wanted == NULL) {
    status = PT2_OUT_OF_MEMORY(constants->count);
  } else {
    wanted[index] = true;
    status = pt2__buffer_adopt(constants, wanted, use_inactive);
  }
  if (status == PT2_STATUS_OK) {
    status = pt2__buffer_current(constants, wanted, use_inactive, &plan);
  }
  if (status == PT2_STATUS_OK) {
    *out_tensor = plan.tensors[index];
    plan.tensors[index] = NULL;
  }
  pt2__free(wanted);
  pt2__plan_free(&plan);
  return status;
}

pt2_status_t pt2_runner_extract_constant(pt2_runner_t* runner, const char* name,
                                         bool use_inactive,
                                         pt2_tensor_t** out_tensor) {
  pt2__error_begin();
  if (runner == NULL || out_tensor == NULL) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                    "runner and out_tensor may not be NULL");
  }
  pt2__constants_t* constants = runner->constants;
  size_t index = 0;
  PT2_TRY(pt2__constants_find(constants, name, &index));
  pt2__turn_t turn;
  PT2_TRY(pt2__turn_begin(constants, false, &turn));
  if (pt2__buffer_is_foreign(constants, index, use_inactive)) {
    // It is to outlive the container, and runs must not see the change.
    pt2__turn_end(constants, &turn);
    PT2_TRY(pt2__turn_begin(constants, !use_inactive, &turn));
  }
  const pt2__constant_t* item = &constants->items[index];
  int buffer = use_inactive ? 1 - constants->active : constants->active;
  pt2_status_t status = PT2_STATUS_OK;
  if (!item->present[buffer]) {
    status = PT2_FAIL(PT2_STATUS_FAILED_PRECONDITION,
                      "the %s constant buffer does not hold \"%s\"",
                      use_inactive ? "inactive" : "active", item->info.fqn);
  } else {
    status = take_one(constants, index, use_inactive, out_tensor);
  }
  pt2__turn_end(constants, &turn);
  return status;
}
