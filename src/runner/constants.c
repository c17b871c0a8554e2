// SPDX-License-Identifier: Apache-2.0
//
// Constants of a model: described, checked, set, swapped, folded, read.
//
// From torch 2.8 on a container takes tensors as they are ("user managed"):
// every update goes that way, with a copy of this file's own where the caller
// did not ask for none. So an update only puts handles into a map, and kernels
// may keep packed forms of the copies. Containers of 2.6 and 2.7 copy the bytes
// into memory of theirs and leave a handle that they have as it is: theirs can
// be filled once.
#include "runner/constants.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/status.h"
#include "runner/observer.h"
#include "tensor/tensor.h"

enum { FOLDED = 4, PARAMETER = 1 };

typedef struct {
  pt2_constant_info_t info;
  bool folded;
  bool optional;  // an update may leave it out (torch's own rule)
  // What this library put into the two buffers; containers before torch 2.15
  // do not retain it.
  pt2_tensor_t* held[2];
  bool present[2];
} constant_t;

struct pt2__constants_t {
  pt2_runner_t* runner;
  pthread_mutex_t lock;  // one change at a time
  size_t count;
  constant_t* items;
  int active;          // index of the active buffer
  atomic_bool usable;  // the active buffer holds all
  // What a buffer holds in place of memory that was given back.
  pt2_tensor_t* nothing;
};

// ---- The list --------------------------------------------------------------

static bool find_facts(const pt2_runner_t* runner, const char* name,
                       pt2_constant_info_t* out_info) {
  size_t count = pt2_package_constant_count(runner->package, runner->model);
  for (size_t i = 0; i < count; ++i) {
    if (pt2_package_constant_info(runner->package, runner->model, i,
                                  out_info) == PT2_STATUS_OK &&
        strcmp(out_info->name, name) == 0) {
      return true;
    }
  }
  return false;
}

static pt2_status_t describe(pt2_runner_t* runner, size_t index,
                             constant_t* item) {
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
  if (!find_facts(runner, name, &item->info)) {
    item->info = (pt2_constant_info_t){.rank = -1, .size_bytes = -1};
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

static bool holds_all(const pt2__constants_t* constants, int buffer) {
  for (size_t i = 0; i < constants->count; ++i) {
    if (!constants->items[i].folded && !constants->items[i].present[buffer]) {
      return false;
    }
  }
  return true;
}

static pt2_status_t fill_list(pt2__constants_t* constants) {
  pt2_runner_t* runner = constants->runner;
  pt2__library_scope_t scope = pt2__library_enter(runner->library, false);
  pt2_status_t status = PT2_STATUS_OK;
  for (size_t i = 0; status == PT2_STATUS_OK && i < constants->count; ++i) {
    status = describe(runner, i, &constants->items[i]);
    constants->items[i].present[0] = comes_with_weights(runner);
  }
  pt2__library_leave(scope);
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
  atomic_init(&constants->usable, holds_all(constants, 0));
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
  }
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
    const constant_t* item = &constants->items[i];
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
  return PT2_FAIL(PT2_STATUS_FAILED_PRECONDITION,
                  "the model's weights are not in the package and were not "
                  "given (pt2_runner_update_constants)");
}

static pt2_status_t find(const pt2__constants_t* constants, const char* name,
                         size_t* out_index) {
  if (name == NULL) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                    "a constant's name may not be NULL");
  }
  for (int pass = 0; pass < 2; ++pass) {
    for (size_t i = 0; i < constants->count; ++i) {
      const pt2_constant_info_t* info = &constants->items[i].info;
      if (!constants->items[i].folded &&
          strcmp(pass == 0 ? info->fqn : info->name, name) == 0) {
        *out_index = i;
        return PT2_STATUS_OK;
      }
    }
  }
  return PT2_FAIL(PT2_STATUS_NOT_FOUND, "the model has no constant \"%s\"",
                  name);
}

// ---- Turns -----------------------------------------------------------------

// A change of the constants: alone among changes, and where it touches the
// active buffer alone among runs too. The model's code runs inside.
typedef struct {
  bool alone;
  pt2__library_scope_t scope;
} turn_t;

static pt2_status_t begin(pt2__constants_t* constants, bool alone,
                          turn_t* out_turn) {
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
  out_turn->scope = pt2__library_enter(runner->library, true);
  return PT2_STATUS_OK;
}

static void end(pt2__constants_t* constants, const turn_t* turn) {
  pt2__library_leave(turn->scope);
  if (turn->alone) {
    pt2__gate_leave(constants->runner->gate, PT2__GATE_ALONE);
  }
  pthread_mutex_unlock(&constants->lock);
}

// ---- Setting ---------------------------------------------------------------

// The tensors of an update, by constant; NULL for those that stay.
typedef struct {
  pt2_tensor_t** tensors;
  size_t count;
} plan_t;

static void free_plan(plan_t* plan) {
  for (size_t i = 0; i < plan->count; ++i) {
    pt2__tensor_release(plan->tensors[i]);
  }
  pt2__free(plan->tensors);
}

static pt2_status_t check_shape(const constant_t* item,
                                const pt2_tensor_t* tensor) {
  const pt2_constant_info_t* info = &item->info;
  if (info->rank < 0) {
    // Without the source the size is all that is known; on the cpu it is
    // rounded up to 64 bytes.
    int64_t bytes =
        tensor->numel * (int64_t)pt2_dtype_size_bytes(tensor->dtype);
    if (info->size_bytes < 0) {
      return PT2_FAIL(PT2_STATUS_UNSUPPORTED,
                      "constant \"%s\": neither the package nor the model "
                      "tells its size, so that none can be checked",
                      info->fqn);
    }
    if (bytes > info->size_bytes || bytes + 64 <= info->size_bytes) {
      return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                      "constant \"%s\": expected %lld bytes, got %lld",
                      info->fqn, (long long)info->size_bytes, (long long)bytes);
    }
    return PT2_STATUS_OK;
  }
  if (tensor->rank != info->rank ||
      memcmp(tensor->sizes, info->sizes,
             (size_t)info->rank * sizeof(*info->sizes)) != 0) {
    char wanted[128], got[128];
    return PT2_FAIL(
        PT2_STATUS_INVALID_ARGUMENT,
        "constant \"%s\": expected shape %s, got %s", info->fqn,
        pt2__sizes_format(info->rank, info->sizes, wanted, sizeof(wanted)),
        pt2__sizes_format(tensor->rank, tensor->sizes, got, sizeof(got)));
  }
  return PT2_STATUS_OK;
}

static pt2_status_t check_constant(const constant_t* item,
                                   const pt2_tensor_t* tensor,
                                   const pt2_constants_options_t* options) {
  const pt2_constant_info_t* info = &item->info;
  if (!pt2__tensor_is_defined(tensor)) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                    "constant \"%s\": the tensor is NULL", info->fqn);
  }
  if (tensor->device_type != PT2_DEVICE_CPU) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                    "constant \"%s\": expected device cpu, got %s", info->fqn,
                    pt2_device_type_name(tensor->device_type));
  }
  if (tensor->dtype != info->dtype) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                    "constant \"%s\": expected dtype %s, got %s", info->fqn,
                    pt2_dtype_name(info->dtype), pt2_dtype_name(tensor->dtype));
  }
  PT2_TRY(check_shape(item, tensor));
  for (int32_t d = 0; options->user_managed && d < info->rank; ++d) {
    if (tensor->sizes[d] > 1 && tensor->numel > 0 &&
        tensor->strides[d] != info->strides[d]) {
      return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                      "constant \"%s\": expected stride %lld in dim %d, got "
                      "%lld; a user-managed tensor is used as it lies",
                      info->fqn, (long long)info->strides[d], d,
                      (long long)tensor->strides[d]);
    }
  }
  return PT2_STATUS_OK;
}

// The tensor that the buffer will hold: the caller's own, or a copy that lies
// as the model's code wants it.
static pt2_status_t prepare(const pt2_runner_t* runner, const constant_t* item,
                            pt2_tensor_t* given, bool user_managed,
                            pt2_tensor_t** out_tensor) {
  if (user_managed) {
    return pt2__tensor_alias(given, out_tensor);
  }
  pt2_tensor_t* copy;
  PT2_TRY(pt2__tensor_empty(given->dtype, given->rank, given->sizes,
                            item->info.rank >= 0 ? item->info.strides : NULL,
                            &copy));
  pt2_status_t status = pt2__tensor_copy(copy, given);
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(copy);
    return status;
  }
  copy->storage->immutable = !pt2__library_weights_writable(runner->library);
  *out_tensor = copy;
  return PT2_STATUS_OK;
}

static bool takes_tensors(const pt2_runner_t* runner) {
  return runner->api.update_user_managed != NULL ||
         runner->api.update_user_managed_pairs != NULL;
}

// Hands |entries| to the container.
static pt2_status_t hand_over(pt2_runner_t* runner,
                              const pt2__constant_entry_t* entries,
                              size_t count, bool use_inactive) {
  const pt2__container_api_t* api = &runner->api;
  int32_t failed;
  if (api->update_user_managed_pairs != NULL) {
    failed = api->update_user_managed_pairs(runner->container, entries, count,
                                            use_inactive, false);
  } else {
    const pt2__constant_map_api_t* maps =
        pt2__library_constant_map_api(runner->library);
    void* map = maps->create(entries, count);
    if (map == NULL) {
      return PT2_OUT_OF_MEMORY(count * sizeof(*entries));
    }
    failed = (takes_tensors(runner) ? api->update_user_managed
                                    : api->update_constants)(
        runner->container, map, use_inactive, false);
    maps->destroy(map);
  }
  return failed != 0
             ? pt2__runner_model_failed(runner, "updating the constants")
             : PT2_STATUS_OK;
}

// The container's own handles, borrowed, by constant; NULL for those that a
// buffer does not hold or that cannot be had.
static void container_tensors(pt2__constants_t* constants, bool use_inactive,
                              pt2_tensor_t** out_tensors) {
  pt2_runner_t* runner = constants->runner;
  const pt2__container_api_t* api = &runner->api;
  const pt2__constant_entry_t* entries = NULL;
  size_t count = 0;
  if (api->extract_constants_entries != NULL) {
    if (api->extract_constants_entries(runner->container, &entries, &count,
                                       use_inactive) != 0) {
      return;
    }
    // They come in the order of the constants, without those it lacks.
    for (size_t i = 0, next = 0; i < constants->count && next < count; ++i) {
      const constant_t* item = &constants->items[i];
      if (!item->folded && strcmp(entries[next].name, item->info.fqn) == 0) {
        out_tensors[i] = entries[next++].tensor;
      }
    }
  } else if (api->extract_constants != NULL) {
    const pt2__constant_map_api_t* maps =
        pt2__library_constant_map_api(runner->library);
    void* map = maps->create(NULL, 0);
    if (map == NULL) {
      return;
    }
    if (api->extract_constants(runner->container, map, use_inactive) == 0) {
      for (size_t i = 0; i < constants->count; ++i) {
        out_tensors[i] = maps->find(map, constants->items[i].info.fqn);
      }
    }
    maps->destroy(map);
  }
}

// Adds to |plan| aliases of what a buffer holds of the constants for which
// |wanted| is true.
static pt2_status_t take_current(pt2__constants_t* constants,
                                 const bool* wanted, bool use_inactive,
                                 plan_t* plan) {
  int buffer = use_inactive ? 1 - constants->active : constants->active;
  size_t bytes = constants->count * sizeof(pt2_tensor_t*);
  pt2_tensor_t** theirs = pt2__calloc(constants->count, sizeof(*theirs));
  if (theirs == NULL) {
    return PT2_OUT_OF_MEMORY(bytes);
  }
  bool asked = false;
  pt2_status_t status = PT2_STATUS_OK;
  for (size_t i = 0; status == PT2_STATUS_OK && i < constants->count; ++i) {
    const constant_t* item = &constants->items[i];
    if (!wanted[i]) {
      continue;
    }
    if (item->held[buffer] == NULL && !asked) {
      container_tensors(constants, use_inactive, theirs);
      asked = true;
    }
    pt2_tensor_t* tensor =
        item->held[buffer] != NULL ? item->held[buffer] : theirs[i];
    status = tensor != NULL
                 ? pt2__tensor_alias(tensor, &plan->tensors[i])
                 : PT2_FAIL(PT2_STATUS_UNSUPPORTED,
                            "constant \"%s\": models before torch 2.8 do not "
                            "give theirs out",
                            item->info.fqn);
  }
  pt2__free(theirs);
  return status;
}

// Puts |plan| into a buffer and remembers what it holds.
static pt2_status_t apply(pt2__constants_t* constants, plan_t* plan,
                          bool use_inactive) {
  pt2__constant_entry_t* entries =
      pt2__malloc(constants->count * sizeof(*entries));
  if (entries == NULL) {
    return PT2_OUT_OF_MEMORY(constants->count * sizeof(*entries));
  }
  size_t count = 0;
  for (size_t i = 0; i < constants->count; ++i) {
    if (plan->tensors[i] != NULL) {
      entries[count++] = (pt2__constant_entry_t){
          .name = constants->items[i].info.name, .tensor = plan->tensors[i]};
    }
  }
  // A container of torch 2.6 deletes what it was given: that reference is its
  // own. Should it fail, what it took is not known, and one is lost.
  bool given_away = !takes_tensors(constants->runner) &&
                    !pt2__library_copies_constants(constants->runner->library);
  for (size_t i = 0; given_away && i < count; ++i) {
    pt2_tensor_retain(entries[i].tensor);
  }
  pt2_status_t status =
      hand_over(constants->runner, entries, count, use_inactive);
  pt2__free(entries);
  if (status != PT2_STATUS_OK) {
    return status;
  }
  int buffer = use_inactive ? 1 - constants->active : constants->active;
  for (size_t i = 0; i < constants->count; ++i) {
    constant_t* item = &constants->items[i];
    if (plan->tensors[i] != NULL) {
      pt2_tensor_t* before = item->held[buffer];
      item->held[buffer] = plan->tensors[i];
      item->present[buffer] = true;
      plan->tensors[i] = before;  // released with the plan
    }
  }
  if (!use_inactive) {
    atomic_store(&constants->usable, holds_all(constants, constants->active));
  }
  return PT2_STATUS_OK;
}

static pt2_status_t check_full(const pt2__constants_t* constants,
                               const plan_t* plan) {
  pt2__buffer_t names = {0};
  size_t missing = 0;
  pt2_status_t status = PT2_STATUS_OK;
  for (size_t i = 0; status == PT2_STATUS_OK && i < constants->count; ++i) {
    const constant_t* item = &constants->items[i];
    if (!item->folded && !item->optional && plan->tensors[i] == NULL) {
      if (missing++ < 8) {
        status = pt2__buffer_printf(&names, "%s\"%s\"", missing > 1 ? ", " : "",
                                    item->info.fqn);
      }
    }
  }
  if (status == PT2_STATUS_OK && missing > 0) {
    status = PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                      "a full update leaves out %zu parameters: %s%s", missing,
                      names.data, missing > 8 ? ", …" : "");
  }
  pt2__buffer_free(&names);
  return status;
}

// Checks and prepares everything, before anything is touched.
static pt2_status_t make_plan(pt2__constants_t* constants,
                              const pt2_named_tensor_t* given, size_t count,
                              const pt2_constants_options_t* options,
                              plan_t* plan) {
  for (size_t i = 0; i < count; ++i) {
    size_t index = 0;
    PT2_TRY(find(constants, given[i].name, &index));
    const constant_t* item = &constants->items[index];
    if (plan->tensors[index] != NULL) {
      return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                      "constant \"%s\" is given twice", item->info.fqn);
    }
    PT2_TRY(check_constant(item, given[i].tensor, options));
    PT2_TRY(prepare(constants->runner, item, given[i].tensor,
                    options->user_managed, &plan->tensors[index]));
  }
  return options->check_full_update ? check_full(constants, plan)
                                    : PT2_STATUS_OK;
}

// What an update of the inactive buffer may leave out comes from the active
// one, but for what the buffer has already.
static pt2_status_t carry_over(pt2__constants_t* constants, bool* wanted,
                               plan_t* plan) {
  int inactive = 1 - constants->active;
  for (size_t i = 0; i < constants->count; ++i) {
    const constant_t* item = &constants->items[i];
    wanted[i] = !item->folded && item->optional && plan->tensors[i] == NULL &&
                !item->present[inactive] && item->present[constants->active];
  }
  return take_current(constants, wanted, false, plan);
}

// The handles that an update of the active buffer replaces, to put them back
// should the container fail half-way.
static pt2_status_t remember(pt2__constants_t* constants, bool* wanted,
                             const plan_t* plan, plan_t* before) {
  for (size_t i = 0; i < constants->count; ++i) {
    wanted[i] = plan->tensors[i] != NULL &&
                constants->items[i].present[constants->active];
  }
  return take_current(constants, wanted, false, before);
}

static pt2_status_t make_tensors(size_t count, plan_t* out_plan) {
  out_plan->count = count;
  out_plan->tensors = pt2__calloc(count, sizeof(*out_plan->tensors));
  return out_plan->tensors != NULL
             ? PT2_STATUS_OK
             : PT2_OUT_OF_MEMORY(count * sizeof(*out_plan->tensors));
}

static pt2_status_t update_active(pt2__constants_t* constants, bool* wanted,
                                  plan_t* plan) {
  if (!takes_tensors(constants->runner)) {
    return apply(constants, plan, false);
  }
  plan_t before;
  PT2_TRY(make_tensors(constants->count, &before));
  pt2_status_t status = remember(constants, wanted, plan, &before);
  if (status == PT2_STATUS_OK) {
    status = apply(constants, plan, false);
    if (status != PT2_STATUS_OK &&
        apply(constants, &before, false) != PT2_STATUS_OK) {
      atomic_store(&constants->usable, false);
    }
  }
  free_plan(&before);
  return status;
}

static pt2_status_t update_inactive(pt2__constants_t* constants, bool* wanted,
                                    plan_t* plan) {
  PT2_TRY(carry_over(constants, wanted, plan));
  return apply(constants, plan, true);
}

static pt2_status_t update(pt2__constants_t* constants,
                           const pt2_named_tensor_t* given, size_t count,
                           const pt2_constants_options_t* options) {
  plan_t plan;
  PT2_TRY(make_tensors(constants->count, &plan));
  bool* wanted = pt2__calloc(constants->count, sizeof(*wanted));
  pt2_status_t status =
      wanted != NULL ? PT2_STATUS_OK : PT2_OUT_OF_MEMORY(constants->count);
  if (status == PT2_STATUS_OK) {
    status = make_plan(constants, given, count, options, &plan);
  }
  turn_t turn;
  if (status == PT2_STATUS_OK) {
    status = begin(constants, !options->use_inactive, &turn);
  }
  if (status == PT2_STATUS_OK) {
    status = (options->use_inactive ? update_inactive : update_active)(
        constants, wanted, &plan);
    end(constants, &turn);
  }
  pt2__free(wanted);
  free_plan(&plan);
  return status;
}

// ---- Public ----------------------------------------------------------------

void pt2_constants_options_init(pt2_constants_options_t* options) {
  *options = (pt2_constants_options_t){.struct_bytes = sizeof(*options)};
}

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

// Containers before torch 2.8 write into memory that tensors lie in already, or
// into memory that none looks at: they take one filling, of all constants.
static pt2_status_t allow_old(const pt2_runner_t* runner,
                              pt2_constants_options_t* options) {
  if (options->use_inactive || options->user_managed ||
      atomic_load(&runner->constants->usable)) {
    return PT2_FAIL(
        PT2_STATUS_UNSUPPORTED,
        "the constants of a model before torch 2.8 can be given once and not "
        "exchanged; this one was compiled by %s",
        pt2_package_peek_torch_release(runner->package, runner->model));
  }
  options->check_full_update = true;
  return PT2_STATUS_OK;
}

static pt2_status_t check_and_update(pt2_runner_t* runner,
                                     const pt2_named_tensor_t* constants,
                                     size_t count,
                                     pt2_constants_options_t* options) {
  if (!takes_tensors(runner)) {
    PT2_TRY(allow_old(runner, options));
  }
  return update(runner->constants, constants, count, options);
}

pt2_status_t pt2_runner_update_constants(
    pt2_runner_t* runner, const pt2_named_tensor_t* constants, size_t count,
    const pt2_constants_options_t* options) {
  pt2__error_begin();
  pt2_constants_options_t all;
  pt2_constants_options_init(&all);
  if (runner == NULL || (constants == NULL && count > 0)) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                    "runner and constants may not be NULL");
  }
  if (options != NULL) {
    if (options->struct_bytes < sizeof(size_t) ||
        options->struct_bytes > sizeof(all)) {
      return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                      "pt2_constants_options_t: struct_bytes is %zu; set the "
                      "options up with pt2_constants_options_init",
                      options->struct_bytes);
    }
    memcpy(&all, options, options->struct_bytes);
  }
  if (!pt2__observers_exist()) {
    return check_and_update(runner, constants, count, &all);
  }
  pt2_event_t event = {.kind = PT2_EVENT_UPDATE_BEGIN, .runner = runner};
  pt2__observer_begin(&event);
  pt2_status_t status = check_and_update(runner, constants, count, &all);
  pt2__observer_end(&event, PT2_EVENT_UPDATE_END, status);
  return status;
}

static pt2_status_t swap_buffers(pt2_runner_t* runner) {
  pt2__constants_t* constants = runner->constants;
  turn_t turn;
  PT2_TRY(begin(constants, true, &turn));
  pt2_status_t status = PT2_STATUS_OK;
  if (!holds_all(constants, 1 - constants->active)) {
    status = lacks(constants, 1 - constants->active, "inactive");
  } else if (runner->api.swap_constants(runner->container) != 0) {
    status = pt2__runner_model_failed(runner, "swapping the constants");
  } else {
    constants->active = 1 - constants->active;
    atomic_store(&constants->usable, true);
  }
  end(constants, &turn);
  return status;
}

pt2_status_t pt2_runner_swap_constants(pt2_runner_t* runner) {
  pt2__error_begin();
  if (runner == NULL) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT, "runner is NULL");
  }
  if (!pt2__observers_exist()) {
    return swap_buffers(runner);
  }
  pt2_event_t event = {.kind = PT2_EVENT_SWAP_BEGIN, .runner = runner};
  pt2__observer_begin(&event);
  pt2_status_t status = swap_buffers(runner);
  pt2__observer_end(&event, PT2_EVENT_SWAP_END, status);
  return status;
}

pt2_status_t pt2_runner_fold_constants(pt2_runner_t* runner,
                                       bool use_inactive) {
  pt2__error_begin();
  if (runner == NULL) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT, "runner is NULL");
  }
  pt2__constants_t* constants = runner->constants;
  turn_t turn;
  PT2_TRY(begin(constants, !use_inactive, &turn));
  int buffer = use_inactive ? 1 - constants->active : constants->active;
  pt2_status_t status = PT2_STATUS_OK;
  if (!holds_all(constants, buffer)) {
    status = lacks(constants, buffer, use_inactive ? "inactive" : "active");
  } else if (runner->api.run_const_fold(runner->container, use_inactive, NULL,
                                        runner->proxy_executor) != 0) {
    status = pt2__runner_model_failed(runner, "folding the constants");
  }
  end(constants, &turn);
  return status;
}

// Lets go of what the inactive buffer holds: containers keep the tensors that
// they were given until others take their place.
static pt2_status_t empty_inactive(pt2__constants_t* constants) {
  if (constants->nothing == NULL) {
    PT2_TRY(
        pt2__tensor_empty(PT2_DTYPE_U8, 0, NULL, NULL, &constants->nothing));
  }
  plan_t plan;
  PT2_TRY(make_tensors(constants->count, &plan));
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
    status = apply(constants, &plan, true);
  }
  free_plan(&plan);
  return status;
}

pt2_status_t pt2_runner_free_inactive_constants(pt2_runner_t* runner) {
  pt2__error_begin();
  if (runner == NULL) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT, "runner is NULL");
  }
  if (runner->api.free_inactive_constants == NULL) {
    return PT2_FAIL(
        PT2_STATUS_UNSUPPORTED,
        "giving the inactive constants back came with torch 2.8, "
        "this model was compiled by %s",
        pt2_package_peek_torch_release(runner->package, runner->model));
  }
  pt2__constants_t* constants = runner->constants;
  turn_t turn;
  PT2_TRY(begin(constants, false, &turn));
  pt2_status_t status = empty_inactive(constants);
  if (status == PT2_STATUS_OK &&
      runner->api.free_inactive_constants(runner->container) != 0) {
    status = pt2__runner_model_failed(runner, "freeing the inactive constants");
  }
  for (size_t i = 0; status == PT2_STATUS_OK && i < constants->count; ++i) {
    constants->items[i].present[1 - constants->active] = false;
  }
  end(constants, &turn);
  return status;
}

static pt2_status_t take_one(pt2__constants_t* constants, size_t index,
                             bool use_inactive, pt2_tensor_t** out_tensor) {
  plan_t plan;
  PT2_TRY(make_tensors(constants->count, &plan));
  bool* wanted = pt2__calloc(constants->count, sizeof(*wanted));
  pt2_status_t status = PT2_STATUS_OK;
  if (wanted == NULL) {
    status = PT2_OUT_OF_MEMORY(constants->count);
  } else {
    wanted[index] = true;
    status = take_current(constants, wanted, use_inactive, &plan);
  }
  if (status == PT2_STATUS_OK) {
    *out_tensor = plan.tensors[index];
    plan.tensors[index] = NULL;
  }
  pt2__free(wanted);
  free_plan(&plan);
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
  PT2_TRY(find(constants, name, &index));
  constant_t* item = &constants->items[index];
  turn_t turn;
  PT2_TRY(begin(constants, false, &turn));
  int buffer = use_inactive ? 1 - constants->active : constants->active;
  pt2_status_t status = PT2_STATUS_OK;
  if (!item->present[buffer]) {
    status = PT2_FAIL(PT2_STATUS_FAILED_PRECONDITION,
                      "the %s constant buffer does not hold \"%s\"",
                      use_inactive ? "inactive" : "active", item->info.fqn);
  } else {
    status = take_one(constants, index, use_inactive, out_tensor);
  }
  end(constants, &turn);
  return status;
}
