// SPDX-License-Identifier: Apache-2.0
//
// The runner for the cpu (torch: AOTIModelContainerRunnerCpu).
#include "base/status.h"
#include "runner/model_container_runner.h"

pt2_status_t pt2__runner_create_cpu(pt2_package_t* package, size_t model,
                                    const pt2_runner_options_t* options,
                                    pt2_runner_t** out_runner) {
  if (options->device_index != -1 && options->device_index != 0) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                    "device index %d: the cpu has only index 0 (or -1)",
                    options->device_index);
  }
  const pt2__runner_device_t device = {
      .name = "cpu", .device_type = PT2_DEVICE_CPU, .device = "cpu"};
  return pt2__model_container_runner_create(package, model, options, &device,
                                            out_runner);
}

pt2_status_t pt2_runner_create_cpu(const char* model_so_path, size_t num_models,
                                   bool run_single_threaded,
                                   pt2_runner_t** out_runner) {
  pt2_package_t* package = NULL;
  PT2_TRY(pt2_package_open(model_so_path, NULL, &package));
  pt2_runner_options_t options;
  pt2_runner_options_init(&options);
  options.num_runners = num_models;
  options.run_single_threaded = run_single_threaded;
  pt2_status_t status = PT2_STATUS_INVALID_ARGUMENT;
  if (out_runner == NULL) {
    pt2__fail(status, "out_runner may not be NULL");
  } else {
    status = pt2__runner_create_cpu(package, 0, &options, out_runner);
  }
  // A runner keeps the package by itself.
  pt2_package_release(package);
  return status;
}
