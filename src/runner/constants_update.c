// SPDX-License-Identifier: Apache-2.0
//
// Constants are checked and set: all is made ready before anything is touched.
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/status.h"
#include "base/struct_bytes.h"
#include "runner/constants_state.h"
#include "runner/observer.h"
#include "runner/runner_state.h"
#include "tensor/device.h"
#include "tensor/tensor.h"

static pt2_status_t check_shape(const pt2__constant_t* item,
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

static bool is_there(const pt2_runner_t* runner, const pt2_tensor_t* tensor) {
  return tensor->device_type == runner->backend->device_type &&
         tensor->device_index == runner->device_index;
}

pt2_status_t pt2__constant_check(const pt2_runner_t* runner,
                                 const pt2__constant_t* item,
                                 const pt2_tensor_t* tensor, bool as_it_lies) {
  const pt2_constant_info_t* info = &item->info;
  if (!pt2__tensor_is_defined(tensor)) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                    "constant \"%s\": the tensor is NULL", info->fqn);
  }
  // What is copied may come from the host.
  if (!is_there(runner, tensor) &&
      (as_it_lies || tensor->device_type != PT2_DEVICE_CPU)) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                    "constant \"%s\": expected device %s, got %s", info->fqn,
                    pt2_device_type_name(runner->backend->device_type),
                    pt2_device_type_name(tensor->device_type));
  }
  if (tensor->dtype != info->dtype) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                    "constant \"%s\": expected dtype %s, got %s", info->fqn,
                    pt2_dtype_name(info->dtype), pt2_dtype_name(tensor->dtype));
  }
  PT2_TRY(check_shape(item, tensor));
  for (int32_t d = 0; as_it_lies && d < info->rank; ++d) {
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

// True if the model's code can use |given| where it lies.
static bool fits(const pt2_runner_t* runner, const pt2__constant_t* item,
                 const pt2_tensor_t* given) {
  // A model that writes to its constants must not write to a file's.
  bool good = is_there(runner, given) &&
              !pt2__library_weights_writable(runner->library) &&
              (item->info.rank >= 0 || pt2__tensor_is_contiguous(given));
  for (int32_t d = 0; good && d < item->info.rank; ++d) {
    good = given->sizes[d] <= 1 || given->numel == 0 ||
           given->strides[d] == item->info.strides[d];
  }
  // Elements of complex numbers are aligned to their parts, no type to more
  // than 8 bytes.
  size_t alignment = pt2_dtype_size_bytes(given->dtype);
  alignment = pt2__dtype_is_complex(given->dtype) ? alignment / 2 : alignment;
  return good && (uintptr_t)given->data % alignment == 0;
}

// The tensor that the buffer will hold: the caller's own, or a copy that lies
// as the model's code wants it.
static pt2_status_t prepare(const pt2_runner_t* runner,
                            const pt2__constant_t* item, pt2_tensor_t* given,
                            int memory, pt2_tensor_t** out_tensor) {
  if (memory == PT2__MEMORY_GIVEN ||
      (memory == PT2__MEMORY_FITTING && fits(runner, item, given))) {
    return pt2__tensor_alias(given, out_tensor);
  }
  pt2_tensor_t* copy;
  pt2__place_t place = {runner->device, runner->device_index};
  PT2_TRY(pt2__tensor_empty_at(place, given->dtype, given->rank, given->sizes,
                               item->info.rank >= 0 ? item->info.strides : NULL,
                               &copy));
  pt2_status_t status = pt2__tensor_copy(copy, given);
  if (status != PT2_STATUS_OK) {
    pt2__error_prefix("constant %s", item->info.fqn);
    pt2__tensor_release(copy);
    return status;
  }
  copy->storage->immutable = !pt2__library_weights_writable(runner->library);
  *out_tensor = copy;
  return PT2_STATUS_OK;
}

static pt2_status_t check_full(const pt2__constants_t* constants,
                               const pt2__plan_t* plan) {
  pt2__buffer_t names = {0};
  size_t missing = 0;
  pt2_status_t status = PT2_STATUS_OK;
  for (size_t i = 0; status == PT2_STATUS_OK && i < constants->count; ++i) {
    const pt2__constant_t* item = &constants->items[i];
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
                              const pt2__update_t* how, pt2__plan_t* plan) {
  for (size_t i = 0; i < count; ++i) {
    size_t index = 0;
    PT2_TRY(pt2__constants_find(constants, given[i].name, &index));
    const pt2__constant_t* item = &constants->items[index];
    if (plan->tensors[index] != NULL) {
      return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                      "constant \"%s\" is given twice", item->info.fqn);
    }
    PT2_TRY(pt2__constant_check(constants->runner, item, given[i].tensor,
                                how->memory == PT2__MEMORY_GIVEN));
    PT2_TRY(prepare(constants->runner, item, given[i].tensor, how->memory,
                    &plan->tensors[index]));
  }
  return how->check_full_update ? check_full(constants, plan) : PT2_STATUS_OK;
}

// What an update of the inactive buffer may leave out comes from the active
// one, but for what the buffer has already.
static pt2_status_t carry_over(pt2__constants_t* constants, bool* wanted,
                               pt2__plan_t* plan) {
  int inactive = 1 - constants->active;
  for (size_t i = 0; i < constants->count; ++i) {
    const pt2__constant_t* item = &constants->items[i];
    wanted[i] = !item->folded && item->optional && plan->tensors[i] == NULL &&
                !item->present[inactive] && item->present[constants->active];
  }
  return pt2__buffer_current(constants, wanted, false, plan);
}

// The handles that an update replaces, to put them back should the container
// fail half-way.
static pt2_status_t remember(pt2__constants_t* constants, bool* wanted,
                             bool use_inactive, const pt2__plan_t* plan,
                             pt2__plan_t* before) {
  int buffer = use_inactive ? 1 - constants->active : constants->active;
  for (size_t i = 0; i < constants->count; ++i) {
    wanted[i] = plan->tensors[i] != NULL && constants->items[i].present[buffer];
  }
  return pt2__buffer_current(constants, wanted, use_inactive, before);
}

static pt2_status_t update_buffer(pt2__constants_t* constants, bool* wanted,
                                  bool use_inactive, pt2__plan_t* plan) {
  if (use_inactive) {
    PT2_TRY(carry_over(constants, wanted, plan));
  }
  pt2__plan_t before;
  PT2_TRY(pt2__plan_make(constants->count, &before));
  pt2_status_t status =
      remember(constants, wanted, use_inactive, plan, &before);
  if (status == PT2_STATUS_OK) {
    status = pt2__buffer_apply(constants, plan, use_inactive);
    if (status != PT2_STATUS_OK &&
        pt2__buffer_restore(constants, &before, use_inactive) !=
            PT2_STATUS_OK) {
      pt2__constants_give_up(constants, use_inactive, plan);
    }
  }
  pt2__plan_free(&before);
  return status;
}

// A container before torch 2.8 that has no constants yet takes them all at
// once, as copies; later they are exchanged.
static pt2_status_t allow_old(pt2__constants_t* constants, pt2__update_t* how) {
  if (pt2__constants_are_filled(constants)) {
    return pt2__constants_require_exchange(constants);
  }
  if (how->use_inactive) {
    return PT2_FAIL(PT2_STATUS_UNSUPPORTED,
                    "a model before torch 2.8 takes its first constants into "
                    "the active buffer; this one was compiled by %s",
                    pt2_package_peek_torch_release(constants->runner->package,
                                                   constants->runner->model));
  }
  how->check_full_update = true;
  how->memory = PT2__MEMORY_COPY;
  return PT2_STATUS_OK;
}

static pt2_status_t update_constants(pt2__constants_t* constants,
                                     const pt2_named_tensor_t* given,
                                     size_t count,
                                     const pt2__update_t* update) {
  pt2__update_t how = *update;
  if (!pt2__container_takes_tensors(constants->runner)) {
    PT2_TRY(allow_old(constants, &how));
  }
  pt2__plan_t plan;
  PT2_TRY(pt2__plan_make(constants->count, &plan));
  bool* wanted = pt2__calloc(constants->count, sizeof(*wanted));
  pt2_status_t status =
      wanted != NULL ? PT2_STATUS_OK : PT2_OUT_OF_MEMORY(constants->count);
  if (status == PT2_STATUS_OK) {
    status = make_plan(constants, given, count, &how, &plan);
  }
  pt2__turn_t turn;
  if (status == PT2_STATUS_OK) {
    status = pt2__turn_begin(constants, !how.use_inactive, &turn);
  }
  if (status == PT2_STATUS_OK) {
    status = update_buffer(constants, wanted, how.use_inactive, &plan);
    pt2__turn_end(constants, &turn);
  }
  pt2__free(wanted);
  pt2__plan_free(&plan);
  return status;
}

pt2_status_t pt2__constants_update(pt2__constants_t* constants,
                                   const pt2_named_tensor_t* given,
                                   size_t count, const pt2__update_t* update) {
  // What a model is created with is part of its load.
  if (!pt2__observers_exist() || !constants->runner->created) {
    return update_constants(constants, given, count, update);
  }
  pt2__call_t call = {
      .event = {.kind = PT2_EVENT_UPDATE_BEGIN, .runner = constants->runner}};
  pt2__observer_begin(&call, &constants->runner->watch);
  pt2_status_t status = update_constants(constants, given, count, update);
  pt2__observer_end(&call, PT2_EVENT_UPDATE_END, status);
  return status;
}

// ---- Public ----------------------------------------------------------------

static const pt2_constants_options_t default_options = {
    .struct_bytes = sizeof(default_options)};

void pt2_constants_options_init_sized(pt2_constants_options_t* options,
                                      size_t struct_bytes) {
  pt2__struct_init(options, struct_bytes, &default_options,
                   sizeof(default_options));
}

pt2_status_t pt2_runner_update_constants(
    pt2_runner_t* runner, const pt2_named_tensor_t* constants, size_t count,
    const pt2_constants_options_t* options) {
  pt2__error_begin();
  pt2_constants_options_t all = default_options;
  if (runner == NULL || (constants == NULL && count > 0)) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                    "runner and constants may not be NULL");
  }
  PT2_TRY(
      pt2__struct_read(&all, sizeof(all), options, "pt2_constants_options_t"));
  pt2__update_t update = {
      .use_inactive = all.use_inactive,
      .check_full_update = all.check_full_update,
      .memory = all.user_managed ? PT2__MEMORY_GIVEN : PT2__MEMORY_COPY};
  return pt2__constants_update(runner->constants, constants, count, &update);
}
