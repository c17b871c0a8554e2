// SPDX-License-Identifier: Apache-2.0
//
// The base runner, which the runner of each device builds on.
#ifndef PT2_SRC_RUNNER_MODEL_CONTAINER_RUNNER_H_
#define PT2_SRC_RUNNER_MODEL_CONTAINER_RUNNER_H_

#include "gen/shim.h"
#include "loader/constant_map.h"
#include "pt2/backend.h"
#include "pt2/runner.h"

typedef struct pt2__container_t pt2__container_t;

// The functions of abi/container.def, NULL for those this model does not have.
typedef struct {
#define PT2_CONTAINER(kind, field, symbol, parameters) \
  int32_t(*field) parameters;
#include "container.def"
#undef PT2_CONTAINER
} pt2__container_api_t;

// What a device's runner tells the base.
typedef struct {
  const pt2_backend_t* backend;
  int32_t index;
  const char* device;  // what the container is told: "cpu", "cuda:1"
} pt2__runner_device_t;

// Loads |model| for |device|; the contract of pt2_runner_create.
PT2_MUST_USE pt2_status_t pt2__model_container_runner_create(
    pt2_package_t* package, size_t model, const pt2_runner_options_t* options,
    const pt2__runner_device_t* device, pt2_runner_t** out_runner);

// Creates a runner as |backend| does it: itself, or the base for its device.
PT2_MUST_USE pt2_status_t pt2__runner_create_on(
    const pt2_backend_t* backend, pt2_package_t* package, size_t model,
    const pt2_runner_options_t* options, pt2_runner_t** out_runner);

#endif  // PT2_SRC_RUNNER_MODEL_CONTAINER_RUNNER_H_
