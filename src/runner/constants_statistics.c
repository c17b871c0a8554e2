// SPDX-License-Identifier: Apache-2.0
//
// Where the memory of a runner's constants lies.
#include "base/memory.h"
#include "base/status.h"
#include "runner/constants_state.h"
#include "runner/runner_state.h"
#include "tensor/tensor.h"

static void measure_tensor(const pt2_runner_t* runner,
                           const pt2_tensor_t* tensor, uint64_t* in_memory,
                           pt2_runner_statistics_t* statistics) {
  size_t bytes = (size_t)tensor->numel * pt2__dtype_bytes(tensor->dtype);
  if (pt2__library_has_weights_at(runner->library, tensor->data, bytes)) {
    statistics->mapped_weight_bytes += bytes;
  } else {
    *in_memory += bytes;
  }
  statistics->packed_weight_bytes +=
      (int64_t)pt2__packed_bytes(tensor->storage);
}

// By the sizes that the container tells, where it keeps its tensors to itself.
static void measure_sizes(const pt2__constants_t* constants,
                          pt2_runner_statistics_t* statistics) {
  uint64_t all = 0;
  for (size_t i = 0; i < constants->count; ++i) {
    const pt2__constant_t* item = &constants->items[i];
    if (!item->folded && item->present[constants->active] &&
        item->info.size_bytes > 0) {
      all += (uint64_t)item->info.size_bytes;
    }
  }
  uint64_t spared = pt2__library_spared_bytes(constants->runner->library);
  statistics->mapped_weight_bytes = spared < all ? spared : all;
  statistics->active_weight_bytes = all - statistics->mapped_weight_bytes;
  statistics->packed_weight_bytes = -1;
}

// Aliases of what a buffer holds; UNSUPPORTED if the container does not give
// all of it out.
static pt2_status_t find_tensors(pt2__constants_t* constants, bool use_inactive,
                                 pt2__plan_t* plan) {
  int buffer = use_inactive ? 1 - constants->active : constants->active;
  bool* wanted = pt2__calloc(constants->count, sizeof(*wanted));
  if (wanted == NULL) {
    return PT2_OUT_OF_MEMORY(constants->count);
  }
  for (size_t i = 0; i < constants->count; ++i) {
    const pt2__constant_t* item = &constants->items[i];
    wanted[i] = item->present[buffer] && !item->folded;
  }
  pt2_status_t status =
      pt2__buffer_current(constants, wanted, use_inactive, plan);
  pt2__free(wanted);
  return status;
}

static void measure_tensors(const pt2__constants_t* constants,
                            const pt2__plan_t* active,
                            const pt2__plan_t* inactive,
                            pt2_runner_statistics_t* statistics) {
  for (size_t i = 0; i < constants->count; ++i) {
    const pt2_tensor_t* ours = active->tensors[i];
    const pt2_tensor_t* other = inactive->tensors[i];
    if (pt2__tensor_is_defined(ours)) {
      measure_tensor(constants->runner, ours, &statistics->active_weight_bytes,
                     statistics);
    }
    // What an update left out is the active one's.
    if (pt2__tensor_is_defined(other) &&
        (ours == NULL || other->data != ours->data)) {
      measure_tensor(constants->runner, other,
                     &statistics->inactive_weight_bytes, statistics);
    }
  }
}

static pt2_status_t measure(pt2__constants_t* constants, pt2__plan_t* active,
                            pt2__plan_t* inactive,
                            pt2_runner_statistics_t* statistics) {
  pt2_status_t status = find_tensors(constants, false, active);
  if (status == PT2_STATUS_OK) {
    status = find_tensors(constants, true, inactive);
  }
  if (status == PT2_STATUS_UNSUPPORTED) {
    pt2_error_clear();
    measure_sizes(constants, statistics);
    return PT2_STATUS_OK;
  }
  PT2_TRY(status);
  measure_tensors(constants, active, inactive, statistics);
  return PT2_STATUS_OK;
}

pt2_status_t pt2__constants_measure(pt2__constants_t* constants,
                                    pt2_runner_statistics_t* statistics) {
  pt2__plan_t active;
  pt2__plan_t inactive;
  PT2_TRY(pt2__plan_make(constants->count, &active));
  pt2_status_t status = pt2__plan_make(constants->count, &inactive);
  if (status == PT2_STATUS_OK) {
    pt2__turn_t turn;
    status = pt2__turn_begin(constants, false, &turn);
    if (status == PT2_STATUS_OK) {
      status = measure(constants, &active, &inactive, statistics);
      pt2__turn_end(constants, &turn);
    }
    pt2__plan_free(&inactive);
  }
  pt2__plan_free(&active);
  return status;
}
