// SPDX-License-Identifier: Apache-2.0
//
// What a runner consists of, for the files that make it up.
#ifndef PT2_SRC_RUNNER_RUNNER_STATE_H_
#define PT2_SRC_RUNNER_RUNNER_STATE_H_

#include <stdatomic.h>

#include "loader/loader.h"
#include "runner/gate.h"
#include "runner/input_check.h"
#include "runner/model_container_runner.h"
#include "runner/observer.h"

typedef struct pt2__constants_t pt2__constants_t;

struct pt2_runner_t {
  atomic_int references;
  pt2_package_t* package;
  size_t model;
  size_t instance_count;
  const pt2_backend_t* backend;
  // The same where runs have to enter a device; NULL on the cpu.
  const pt2_backend_t* device;
  int32_t device_index;
  pt2__library_t* library;
  pt2__container_api_t api;
  pt2__container_t* container;
  struct pt2__proxy_executor_t* proxy_executor;
  pt2__input_checks_t* input_checks;  // NULL: only the count
  // Values as the package tells them, or their names alone where it does not.
  pt2_value_info_t* inputs;
  size_t input_count;
  pt2_value_info_t* outputs;
  size_t output_count;
  pt2__gate_t* gate;  // NULL: single-threaded
  pt2__constants_t* constants;
  bool created;  // observers may hear of it
  pt2__watch_t watch;
  pt2__tracer_t* tracer;  // NULL: not traced
};

// Turns a failure of the model's code into the record of this thread and
// returns its status. What an operator or a hook recorded first says more than
// the container does.
pt2_status_t pt2__runner_model_failed(const pt2_runner_t* runner,
                                      const char* what);

#endif  // PT2_SRC_RUNNER_RUNNER_STATE_H_
