// SPDX-License-Identifier: Apache-2.0
//
// Load on a model: threads that call it as fast as they can.
#ifndef PT2_SRC_TOOLING_LOAD_H_
#define PT2_SRC_TOOLING_LOAD_H_

#include "pt2/runner.h"
#include "tooling/histogram.h"
#include "tooling/values.h"

typedef struct {
  size_t concurrency;  // threads that call the model
  size_t warmup;       // calls of each before the clock starts
  double duration_seconds;
} pt2__load_plan_t;

typedef struct {
  pt2__histogram_t latencies;  // of pt2_runner_run alone
  double wall_seconds;
} pt2__load_result_t;

// Runs |runner| under load; each thread has its own copy of |inputs|. Shows
// progress on a terminal.
int pt2__load_run(pt2_runner_t* runner, const pt2__tensor_list_t* inputs,
                  const pt2__load_plan_t* plan, pt2__load_result_t* out_result);

#endif  // PT2_SRC_TOOLING_LOAD_H_
