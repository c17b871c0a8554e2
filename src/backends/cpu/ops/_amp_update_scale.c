// SPDX-License-Identifier: Apache-2.0
//
// aten::_amp_update_scale, by name: how the scale of a loss goes on after a
// step that did, or did not, find numbers that are not finite.
#include <math.h>

#include "ops/boxed.h"

static pt2_status_t check(const pt2_tensor_t* tensor, const char* name,
                          int32_t dtype, const char* wanted) {
  PT2_OP_CHECK(tensor->numel == 1,
               "%s must be a 1-element tensor, got %lld elements", name,
               (long long)tensor->numel);
  PT2_OP_CHECK(tensor->dtype == dtype, "%s must be %s tensor, got %s", name,
               wanted, pt2__dtype_torch_name(tensor->dtype));
  return PT2_STATUS_OK;
}

typedef struct {
  double growth, backoff;
  int64_t interval;
} policy_t;

static void update(const policy_t* policy, bool found, float* scale,
                   int32_t* tracker) {
  if (found) {
    *scale = (float)((double)*scale * policy->backoff);
    *tracker = 0;
    return;
  }
  const uint32_t steps = (uint32_t)*tracker + 1;
  *tracker = (int32_t)steps;
  if (*tracker == policy->interval) {
    // A scale that would not be finite stays as it is.
    float grown = (float)((double)*scale * policy->growth);
    *scale = isfinite(grown) ? grown : *scale;
    *tracker = 0;
  }
}

// (Tensor self, Tensor growth_tracker, Tensor found_inf, float
// scale_growth_factor, float scale_backoff_factor, int growth_interval) ->
// (scale, growth_tracker)
static pt2_status_t amp_update_scale(const pt2__boxed_t* boxed,
                                     pt2_tensor_t** results) {
  pt2_tensor_t *self, *tracker, *found_inf, *scale;
  policy_t policy = {.interval = 0};
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &self));
  PT2_TRY(pt2__boxed_tensor(boxed, 1, "growth_tracker", &tracker));
  PT2_TRY(pt2__boxed_tensor(boxed, 2, "found_inf", &found_inf));
  PT2_TRY(
      pt2__boxed_number(boxed, 3, "scale_growth_factor", &policy.growth, NULL));
  PT2_TRY(pt2__boxed_number(boxed, 4, "scale_backoff_factor", &policy.backoff,
                            NULL));
  PT2_TRY(pt2__boxed_int(boxed, 5, "growth_interval", &policy.interval));
  PT2_TRY(check(tracker, "growth_tracker", PT2_DTYPE_I32, "an int"));
  PT2_TRY(check(self, "current_scale", PT2_DTYPE_F32, "a float"));
  PT2_TRY(check(found_inf, "found_inf", PT2_DTYPE_F32, "a float"));
  PT2_TRY(pt2__tensor_empty_like(self, self->dtype, &scale));
  pt2_status_t status =
      pt2__tensor_empty_like(tracker, tracker->dtype, &results[1]);
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(scale);
    return status;
  }
  *(float*)scale->data = *(const float*)self->data;
  *(int32_t*)results[1]->data = *(const int32_t*)tracker->data;
  update(&policy, *(const float*)found_inf->data != 0, scale->data,
         results[1]->data);
  results[0] = scale;
  return PT2_STATUS_OK;
}

PT2_BOXED_OP(_amp_update_scale, 2, amp_update_scale)
