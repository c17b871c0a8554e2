// SPDX-License-Identifier: Apache-2.0
//
// Runners of a back end's device, by way of the base runner (torch:
// AOTIModelContainerRunnerCpu, …Cuda and so on).
#include <stdio.h>
#include <string.h>

#include "base/status.h"
#include "device/device.h"
#include "runner/model_container_runner.h"
#include "runner/registry.h"
#include "tensor/device.h"

// The device that the options name, and what the container is told.
static pt2_status_t choose_device(const pt2_backend_t* backend,
                                  int32_t device_index,
                                  pt2__runner_device_t* out_device, char* text,
                                  size_t text_bytes) {
  *out_device = (pt2__runner_device_t){.backend = backend, .device = text};
  if (backend->device_type == PT2_DEVICE_CPU ||
      backend->container_device != NULL) {
    if (device_index != -1 && device_index != 0) {
      return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                      "device index %d: the %s has only index 0 (or -1)",
                      device_index, backend->device);
    }
    snprintf(text, text_bytes, "%s",
             backend->container_device != NULL ? backend->container_device
                                               : backend->device);
    return PT2_STATUS_OK;
  }
  pt2__place_t place;
  PT2_TRY(pt2__device_place(backend->device_type, device_index, &place));
  out_device->index = place.index;
  snprintf(text, text_bytes, "%s:%d", backend->device, place.index);
  return PT2_STATUS_OK;
}

pt2_status_t pt2__runner_create_on(const pt2_backend_t* backend,
                                   pt2_package_t* package, size_t model,
                                   const pt2_runner_options_t* options,
                                   pt2_runner_t** out_runner) {
  if (backend->create_runner != NULL) {
    return backend->create_runner(package, model, options, out_runner);
  }
  pt2__runner_device_t device;
  char text[64];
  PT2_TRY(choose_device(backend, options->device_index, &device, text,
                        sizeof(text)));
  return pt2__model_container_runner_create(package, model, options, &device,
                                            out_runner);
}

// PyTorch's constructors name a device; the package's metadata, which a bare
// .so does not have, is not asked.
static pt2_status_t create_from_path(const pt2_backend_t* backend,
                                     const char* model_so_path,
                                     size_t num_models,
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
    status = pt2__runner_create_on(backend, package, 0, &options, out_runner);
  }
  // A runner keeps the package by itself.
  pt2_package_release(package);
  return status;
}

pt2_status_t pt2_runner_create_cpu(const char* model_so_path, size_t num_models,
                                   bool run_single_threaded,
                                   pt2_runner_t** out_runner) {
  return create_from_path(&pt2__cpu_backend, model_so_path, num_models,
                          run_single_threaded, out_runner);
}

pt2_status_t pt2_runner_create_mps(const char* model_so_path, size_t num_models,
                                   const char* device_str,
                                   const char* cubin_dir,
                                   bool run_single_threaded,
                                   pt2_runner_t** out_runner) {
  (void)cubin_dir;  // PyTorch's is empty
  pt2__error_begin();
  if (device_str == NULL || strcmp(device_str, "mps") != 0) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                    "device \"%s\": the runner of mps takes exactly \"mps\"",
                    device_str != NULL ? device_str : "NULL");
  }
  PT2_TRY(pt2__device_require("mps", "no models run here for"));
  return create_from_path(pt2_backend_find("mps"), model_so_path, num_models,
                          run_single_threaded, out_runner);
}
