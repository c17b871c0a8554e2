// SPDX-License-Identifier: Apache-2.0
//
// Opening the package and loading the model that the command line names.
#include "tooling/model.h"

#include <stdlib.h>
#include <string.h>

#include "tooling/print.h"
#include "tooling/trace_out.h"

// The library names the file in most messages; never twice.
static const char* prefix_of(const pt2__args_t* args) {
  return strstr(pt2_error_message(), args->file) == NULL ? args->file : "";
}

int pt2__model_open(const pt2__args_t* args, pt2_package_t** out_package) {
  pt2_package_options_t options;
  pt2_package_options_init(&options);
  options.verify = pt2__args_has(args, "verify");
  pt2_status_t status = pt2_package_open(args->file, &options, out_package);
  if (status == PT2_STATUS_OK) {
    return PT2__EXIT_OK;
  }
  return pt2__tool_fail_status(status, "%s", prefix_of(args));
}

static int find_model(const pt2__args_t* args, const pt2_package_t* package,
                      size_t* out_model) {
  pt2_status_t status = pt2_package_find_model(
      package, pt2__args_value(args, "model"), out_model);
  if (status == PT2_STATUS_NOT_FOUND) {
    // The name is the command line's, not the package's.
    return pt2__tool_fail(PT2__EXIT_USAGE, "%s%s%s", prefix_of(args),
                          prefix_of(args)[0] != '\0' ? ": " : "",
                          pt2_error_message());
  }
  if (status != PT2_STATUS_OK) {
    return pt2__tool_fail_status(status, "%s", prefix_of(args));
  }
  return PT2__EXIT_OK;
}

int pt2__model_range(const pt2__args_t* args, const pt2_package_t* package,
                     size_t* out_first, size_t* out_end) {
  *out_first = 0;
  *out_end = pt2_package_model_count(package);
  if (pt2__args_has(args, "model")) {
    PT2__TOOL_TRY(find_model(args, package, out_first));
    *out_end = *out_first + 1;
  }
  return PT2__EXIT_OK;
}

static int apply_settings(const pt2__args_t* args) {
  int64_t threads = 0;
  int64_t seed = 0;
  PT2__TOOL_TRY(pt2__args_i64(args, "threads", 1, 4096, &threads));
  PT2__TOOL_TRY(pt2__args_i64(args, "seed", 0, INT64_MAX, &seed));
  if (threads > 0) {
    pt2_status_t status = pt2_set_num_threads((int32_t)threads);
    if (status != PT2_STATUS_OK) {
      return pt2__tool_fail_status(status, "--threads");
    }
  }
  pt2_manual_seed((uint64_t)seed);
  return PT2__EXIT_OK;
}

// The files of --weights, "@w.safetensors".
static int check_weights(const pt2__args_t* args) {
  size_t count = 0;
  const char** files = pt2__args_values(args, "weights", &count);
  int result = PT2__EXIT_OK;
  for (size_t i = 0; result == PT2__EXIT_OK && i < count; ++i) {
    if (files[i][0] != '@' || files[i][1] == '\0') {
      result = pt2__tool_fail(PT2__EXIT_USAGE,
                              "--weights=%s: @FILE is expected, as in "
                              "@w.safetensors, @w.pt or @w.blob",
                              files[i]);
    }
  }
  if (result == PT2__EXIT_OK && count == 0 &&
      pt2__args_has(args, "extra-weights-ok")) {
    result = pt2__tool_fail(PT2__EXIT_USAGE,
                            "--extra-weights-ok goes with --weights");
  }
  free(files);
  return result;
}

// Replaces what the files have; without a copy. A run says what is missing
// where the package has none.
static int load_weights(const pt2__args_t* args, pt2_runner_t* runner) {
  size_t count = 0;
  const char** files = pt2__args_values(args, "weights", &count);
  pt2_load_options_t options;
  pt2_load_options_init(&options);
  options.ignore_unknown = pt2__args_has(args, "extra-weights-ok");
  int result = PT2__EXIT_OK;
  for (size_t i = 0; result == PT2__EXIT_OK && i < count; ++i) {
    pt2_status_t status =
        pt2_runner_load_constants(runner, files[i] + 1, &options);
    if (status != PT2_STATUS_OK) {
      result = pt2__tool_fail_status(status, "%s", "");
    }
  }
  free(files);
  return result;
}

int pt2__model_load(const pt2__args_t* args, size_t runner_count,
                    pt2__model_t* out_model) {
  PT2__TOOL_TRY(apply_settings(args));
  PT2__TOOL_TRY(check_weights(args));
  pt2__model_t model = {0};
  double start = pt2__clock_seconds();
  pt2__progress("loading %s", args->file);
  PT2__TOOL_TRY(pt2__model_open(args, &model.package));
  size_t index = 0;
  int result = find_model(args, model.package, &index);
  if (result == PT2__EXIT_OK) {
    result = pt2__trace_make(args, &model.trace);
  }
  if (result == PT2__EXIT_OK) {
    pt2_runner_options_t options;
    pt2_runner_options_init(&options);
    options.model_name = pt2_package_peek_model_name(model.package, index);
    options.num_runners = runner_count;
    options.constants_later = pt2__args_has(args, "weights");
    options.trace = model.trace;
    if (pt2__args_has(args, "no-input-checks")) {
      options.input_checks = PT2_INPUT_CHECKS_OFF;
    }
    pt2_status_t status =
        pt2_runner_create(model.package, &options, &model.runner);
    if (status != PT2_STATUS_OK) {
      result = pt2__tool_fail_status(status, "%s", prefix_of(args));
    } else {
      result = load_weights(args, model.runner);
    }
  }
  model.load_seconds = pt2__clock_seconds() - start;
  pt2__progress_clear();
  if (result != PT2__EXIT_OK) {
    pt2__model_close(&model);
    return result;
  }
  *out_model = model;
  return PT2__EXIT_OK;
}

void pt2__model_close(pt2__model_t* model) {
  pt2_runner_release(model->runner);
  pt2_package_release(model->package);
  pt2_trace_release(model->trace);
  memset(model, 0, sizeof(*model));
}

// Replaces tensors that are on another device by copies on this one.
static int move_list(pt2__tensor_list_t* list, pt2_device_type_t type,
                     int32_t index) {
  for (size_t i = 0; i < list->count; ++i) {
    pt2_tensor_t* from = list->items[i];
    if (from == NULL || pt2_tensor_device_type(from) == type) {
      continue;
    }
    pt2_status_t status = pt2_tensor_to(from, type, index, &list->items[i]);
    if (status != PT2_STATUS_OK) {
      return pt2__tool_fail_status(status, "copying tensor %zu to %s", i,
                                   pt2_device_type_name(type));
    }
    pt2_tensor_release(from);
  }
  return PT2__EXIT_OK;
}

int pt2__model_to_host(pt2__tensor_list_t* list) {
  return move_list(list, PT2_DEVICE_CPU, 0);
}

int pt2__model_inputs(const pt2__args_t* args, const pt2__model_t* model,
                      pt2__tensor_list_t* list) {
  pt2__input_options_t options = {0};
  int64_t seed = 0;
  options.input_max = 1;
  PT2__TOOL_TRY(pt2__args_i64(args, "seed", 0, INT64_MAX, &seed));
  PT2__TOOL_TRY(
      pt2__args_i64(args, "input-max", 0, INT64_MAX - 1, &options.input_max));
  options.seed = (uint64_t)seed;
  const char** specs = pt2__args_values(args, "input", &options.spec_count);
  const char** shapes = pt2__args_values(args, "shapes", &options.shape_count);
  const char** dims = pt2__args_values(args, "dim", &options.dim_count);
  options.specs = specs;
  options.shapes = shapes;
  options.dims = dims;
  int result = pt2__inputs_make(model->runner, &options, list);
  if (result == PT2__EXIT_OK) {
    result = move_list(list, pt2_runner_device_type(model->runner),
                       pt2_runner_device_index(model->runner));
  }
  free(specs);
  free(shapes);
  free(dims);
  return result;
}
