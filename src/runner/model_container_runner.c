// SPDX-License-Identifier: Apache-2.0
//
// The base runner: loads a model's code, creates its container and calls it
// (torch: AOTIModelContainerRunner).
#include "runner/model_container_runner.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/status.h"
#include "base/struct_bytes.h"
#include "device/device.h"
#include "package/package.h"
#include "runner/constants.h"
#include "runner/observer.h"
#include "runner/preflight.h"
#include "runner/runner_state.h"
#include "shim/bind.h"
#include "shim/proxy_executor.h"
#include "tensor/tensor.h"

// ---- Creation --------------------------------------------------------------

pt2_status_t pt2__runner_model_failed(const pt2_runner_t* runner,
                                      const char* what) {
  if (pt2__error_pending()) {
    return pt2_error_status();
  }
  const char* text = NULL;
  if (runner->api.last_error != NULL) {
    runner->api.last_error(&text);
  }
  return PT2_FAIL(
      PT2_STATUS_MODEL_ERROR, "%s failed: %s", what,
      text != NULL && text[0] != '\0' ? text : "the model did not say why");
}

static void* resolve(void* user, const char* symbol) {
  const pt2_runner_t* runner = user;
  if (runner->tracer != NULL) {
    return pt2__tracer_resolve(runner->tracer, symbol);
  }
  return pt2__shim_resolve(runner->backend->device, symbol);
}

static pt2_status_t check_options(const pt2_runner_options_t* options,
                                  const pt2_backend_t* backend) {
  if (options->num_runners == 0) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                    "num_runners is 0, at least 1 is needed");
  }
  if (options->run_single_threaded && options->num_runners != 1) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                    "a single-threaded runner has 1 instance, not %zu",
                    options->num_runners);
  }
  if (options->use_stream_affinity && options->run_single_threaded) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                    "a single-threaded runner has no stream affinity");
  }
  if (options->use_stream_affinity && backend->get_stream == NULL) {
    return PT2_FAIL(PT2_STATUS_UNSUPPORTED,
                    "stream affinity: device %s has no streams",
                    backend->device);
  }
  return PT2_STATUS_OK;
}

static pt2_status_t find_functions(pt2_runner_t* runner) {
  enum { OPTIONAL = 0, REQUIRED = 1 };
  pt2__container_api_t* api = &runner->api;
#define PT2_CONTAINER(kind, field, symbol, parameters)                     \
  *(void**)&api->field = pt2__library_symbol(runner->library, #symbol);    \
  if (kind == REQUIRED && api->field == NULL) {                            \
    return PT2_FAIL(                                                       \
        PT2_STATUS_UNSUPPORTED,                                            \
        "%s does not export %s: not a model of AOTInductor "               \
        "(torch 2.6 or later)",                                            \
        pt2__package_model_files(runner->package, runner->model)->so_name, \
        #symbol);                                                          \
  }
#include "container.def"
#undef PT2_CONTAINER
  return PT2_STATUS_OK;
}

static pt2_status_t create_container(pt2_runner_t* runner,
                                     const pt2_runner_options_t* options,
                                     const pt2__runner_device_t* device) {
  const pt2__model_files_t* files =
      pt2__package_model_files(runner->package, runner->model);
  pt2__library_scope_t scope = pt2__library_enter(runner->library, true);
  int32_t failed = runner->api.create(&runner->container, options->num_runners,
                                      device->device, files->folder);
  if (failed != 0) {
    runner->container = NULL;
  } else if (files->weights_blob.data != NULL &&
             runner->api.update_constants_from_blob != NULL) {
    uint64_t wanted = files->weights_blob.size_bytes;
    if (runner->api.constants_blob_size != NULL &&
        runner->api.constants_blob_size(runner->container, &wanted) == 0 &&
        wanted > files->weights_blob.size_bytes) {
      pt2__library_leave(scope);
      return PT2_FAIL(PT2_STATUS_CORRUPT,
                      "%s: the weights blob has %zu bytes, the model needs "
                      "%llu",
                      files->so_name, files->weights_blob.size_bytes,
                      (unsigned long long)wanted);
    }
    failed = runner->api.update_constants_from_blob(runner->container,
                                                    files->weights_blob.data);
  }
  pt2_status_t status =
      failed != 0 ? pt2__runner_model_failed(runner, "creating the model")
                  : PT2_STATUS_OK;
  pt2__library_leave(scope);
  return status;
}

static pt2_status_t set_stream_affinity(pt2_runner_t* runner) {
  if (runner->api.set_use_stream_affinity == NULL) {
    return PT2_FAIL(
        PT2_STATUS_UNSUPPORTED,
        "%s: stream affinity came with torch 2.15, this model was compiled by "
        "%s",
        pt2__package_model_files(runner->package, runner->model)->so_name,
        pt2_package_peek_torch_release(runner->package, runner->model));
  }
  pt2__library_scope_t scope = pt2__library_enter(runner->library, false);
  int32_t failed = runner->api.set_use_stream_affinity(runner->container, true);
  pt2_status_t status =
      failed != 0 ? pt2__runner_model_failed(runner, "setting stream affinity")
                  : PT2_STATUS_OK;
  pt2__library_leave(scope);
  return status;
}

// Fills |infos| from the package where it knows as many values as the model
// has, otherwise with the model's internal names.
static pt2_status_t describe(pt2_runner_t* runner, size_t count, size_t known,
                             pt2_status_t (*info)(const pt2_package_t*, size_t,
                                                  size_t, pt2_value_info_t*),
                             int32_t (*name)(pt2__container_t*, size_t,
                                             const char**),
                             pt2_value_info_t** out_infos) {
  pt2_value_info_t* infos = pt2__calloc(count, sizeof(*infos));
  if (infos == NULL) {
    return PT2_OUT_OF_MEMORY(count * sizeof(*infos));
  }
  *out_infos = infos;
  for (size_t i = 0; i < count; ++i) {
    if (known == count) {
      PT2_TRY(info(runner->package, runner->model, i, &infos[i]));
      continue;
    }
    const char* text = NULL;
    if (name(runner->container, i, &text) != 0 || text == NULL) {
      text = "?";
    }
    infos[i] = (pt2_value_info_t){.name = text,
                                  .internal_name = text,
                                  .dtype = PT2_DTYPE_UNDEFINED,
                                  .rank = -1};
  }
  return PT2_STATUS_OK;
}

static pt2_status_t describe_values(pt2_runner_t* runner) {
  const pt2__container_api_t* api = &runner->api;
  if (api->num_inputs(runner->container, &runner->input_count) != 0 ||
      api->num_outputs(runner->container, &runner->output_count) != 0) {
    return pt2__runner_model_failed(runner, "counting inputs and outputs");
  }
  PT2_TRY(describe(runner, runner->input_count,
                   pt2_package_input_count(runner->package, runner->model),
                   pt2_package_input_info, api->input_name, &runner->inputs));
  return describe(runner, runner->output_count,
                  pt2_package_output_count(runner->package, runner->model),
                  pt2_package_output_info, api->output_name, &runner->outputs);
}

// True if the package's source tells enough of every input; otherwise the
// model is asked to check too, where it can (torch >= 2.7).
static bool package_tells_inputs(const pt2_package_t* package, size_t model) {
  size_t count = pt2_package_input_count(package, model);
  for (size_t i = 0; i < count; ++i) {
    pt2_value_info_t info;
    if (pt2_package_input_info(package, model, i, &info) != PT2_STATUS_OK ||
        info.rank < 0 || info.dtype == PT2_DTYPE_UNDEFINED) {
      return false;
    }
  }
  return count > 0;
}

// What the container does not load by itself.
static pt2_status_t load_constants(pt2_runner_t* runner,
                                   const pt2_runner_options_t* options) {
  if (options->constants != NULL) {
    return pt2__constants_load_given(runner->constants, options->constants,
                                     options->constant_count);
  }
  bool pickles = pt2_package_weights_kind(runner->package, runner->model) ==
                 PT2_WEIGHTS_PICKLES;
  return pickles ? pt2__constants_load_pickles(runner->constants)
                 : PT2_STATUS_OK;
}

static pt2_status_t load(pt2_runner_t* runner,
                         const pt2_runner_options_t* options,
                         const pt2__runner_device_t* device) {
  const pt2__model_files_t* files =
      pt2__package_model_files(runner->package, runner->model);
  bool checks = options->input_checks == PT2_INPUT_CHECKS_FULL;
  pt2__library_options_t library_options = {
      .resolve = resolve,
      .user = runner,
      .model_checks_inputs =
          checks && !package_tells_inputs(runner->package, runner->model),
      .debug_copy_path = options->debug_copy_path,
      .temp_folder = options->temp_folder,
      .tracer = runner->tracer,
  };
  PT2_TRY(pt2__library_load(files, &library_options, &runner->library));
  if (runner->tracer != NULL) {
    PT2_TRY(pt2__tracer_check(runner->tracer));
  }
  PT2_TRY(find_functions(runner));
  if (options->run_single_threaded && runner->api.run_single_threaded == NULL) {
    return PT2_FAIL(
        PT2_STATUS_UNSUPPORTED,
        "%s: single-threaded runs came with torch 2.7, this model "
        "was compiled by %s",
        files->so_name,
        pt2_package_peek_torch_release(runner->package, runner->model));
  }
  if (files->extern_nodes.size_bytes > 0) {
    PT2_TRY(pt2__proxy_executor_create((const char*)files->extern_nodes.data,
                                       files->extern_nodes.size_bytes,
                                       &runner->proxy_executor));
  }
  if (runner->api.update_user_managed == NULL &&
      runner->api.update_user_managed_pairs == NULL) {
    // Their handles are the only way to other constants later.
    pt2__library_note_tensors(runner->library, PT2__NOTE_BLOBS);
  }
  PT2_TRY(create_container(runner, options, device));
  if (options->use_stream_affinity) {
    PT2_TRY(set_stream_affinity(runner));
  }
  PT2_TRY(describe_values(runner));
  PT2_TRY(pt2__constants_create(runner, &runner->constants));
  PT2_TRY(load_constants(runner, options));
  if (checks) {
    bool complete;
    PT2_TRY(pt2__input_checks_create(runner->inputs, runner->input_count,
                                     device->backend->device_type,
                                     &runner->input_checks, &complete));
  }
  return PT2_STATUS_OK;
}

// Lets observers and the trace that |options| name hear of the runner.
static pt2_status_t watch(pt2_runner_t* runner,
                          const pt2_runner_options_t* options) {
  pt2__watch_t watch;
  PT2_TRY(pt2__watch_init(
      options, pt2_package_peek_model_name(runner->package, runner->model),
      &watch));
  if (watch.trace != NULL) {
    PT2_TRY(pt2__tracer_create(watch.trace, runner->backend->device,
                               &runner->tracer));
    watch.runner = pt2__tracer_runner(runner->tracer);
  }
  runner->watch = watch;
  if (pt2__watches(&runner->watch)) {
    pt2__watched_runner_add();
  }
  return PT2_STATUS_OK;
}

static pt2_status_t load_on_device(pt2_runner_t* runner,
                                   const pt2_runner_options_t* options,
                                   const pt2__runner_device_t* device) {
  pt2__device_scope_t scope;
  void* stream;
  PT2_TRY(pt2__device_enter(runner->device, runner->device_index, NULL, &scope,
                            &stream));
  pt2_status_t status = pt2__device_end_run(
      runner->device, runner->device_index, load(runner, options, device));
  pt2__device_leave(&scope);
  return status;
}

static void destroy(pt2_runner_t* runner) {
  if (runner->container != NULL) {
    // Without its device a model can still be taken apart.
    pt2__device_scope_t device_scope;
    void* stream;
    pt2_status_t entered = pt2__device_enter(
        runner->device, runner->device_index, NULL, &device_scope, &stream);
    pt2__library_scope_t scope = pt2__library_enter(runner->library, false);
    runner->api.destroy(runner->container);
    pt2__library_leave(scope);
    if (entered == PT2_STATUS_OK) {
      pt2__device_leave(&device_scope);
    }
  }
  pt2__proxy_executor_destroy(runner->proxy_executor);
  pt2__library_unload(runner->library);
  pt2__tracer_destroy(runner->tracer);
  if (pt2__watches(&runner->watch)) {
    pt2__watched_runner_remove();
  }
  pt2__constants_destroy(runner->constants);
  pt2__gate_destroy(runner->gate);
  pt2__input_checks_destroy(runner->input_checks);
  pt2__free(runner->inputs);
  pt2__free(runner->outputs);
  pt2_package_release(runner->package);
  pt2__free(runner);
}

pt2_status_t pt2__model_container_runner_create(
    pt2_package_t* package, size_t model, const pt2_runner_options_t* options,
    const pt2__runner_device_t* device, pt2_runner_t** out_runner) {
  PT2_TRY(check_options(options, device->backend));
  PT2_TRY(pt2__preflight_require(
      package, model, options->constants_later || options->constants != NULL));
  pt2_runner_t* runner = pt2__calloc(1, sizeof(*runner));
  if (runner == NULL) {
    return PT2_OUT_OF_MEMORY(sizeof(*runner));
  }
  atomic_init(&runner->references, 1);
  pt2_package_retain(package);
  runner->package = package;
  runner->model = model;
  runner->instance_count = options->num_runners;
  runner->backend = device->backend;
  runner->device_index = device->index;
  if (device->backend->device_type != PT2_DEVICE_CPU) {
    runner->device = device->backend;
  }
  pt2_status_t status = watch(runner, options);
  if (status == PT2_STATUS_OK && !options->run_single_threaded) {
    status = pt2__gate_create(options->num_runners, &runner->gate);
  }
  if (status == PT2_STATUS_OK) {
    status = load_on_device(runner, options, device);
  }
  if (status != PT2_STATUS_OK) {
    destroy(runner);
    return status;
  }
  runner->created = true;
  *out_runner = runner;
  return PT2_STATUS_OK;
}

void pt2_runner_retain(pt2_runner_t* runner) {
  if (runner != NULL) {
    atomic_fetch_add_explicit(&runner->references, 1, memory_order_relaxed);
  }
}

void pt2_runner_release(pt2_runner_t* runner) {
  if (runner != NULL && atomic_fetch_sub_explicit(&runner->references, 1,
                                                  memory_order_acq_rel) == 1) {
    destroy(runner);
  }
}

// ---- Runs ------------------------------------------------------------------

// Handles of this many inputs and outputs lie on the stack.
#define STACK_HANDLES 64

// A device's code may not touch another's memory.
static pt2_status_t check_indices(const pt2_runner_t* runner,
                                  pt2_tensor_t* const* inputs) {
  for (size_t i = 0; i < runner->input_count; ++i) {
    if (inputs[i]->device_type == runner->device->device_type &&
        inputs[i]->device_index != runner->device_index) {
      return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                      "input %zu (%s): expected device %s:%d, got %s:%d", i,
                      runner->inputs[i].name, runner->device->device,
                      runner->device_index, runner->device->device,
                      inputs[i]->device_index);
    }
  }
  return PT2_STATUS_OK;
}

static pt2_status_t check_call(const pt2_runner_t* runner,
                               pt2_tensor_t* const* inputs, size_t input_count,
                               pt2_tensor_t** outputs, size_t output_count) {
  if (input_count != runner->input_count) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                    "the model has %zu inputs, got %zu", runner->input_count,
                    input_count);
  }
  if (output_count != runner->output_count) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                    "the model has %zu outputs, got room for %zu",
                    runner->output_count, output_count);
  }
  if ((input_count > 0 && inputs == NULL) ||
      (output_count > 0 && outputs == NULL)) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                    "inputs and outputs may not be NULL");
  }
  for (size_t i = 0; i < input_count; ++i) {
    if (!pt2__tensor_is_defined(inputs[i])) {
      return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT, "input %zu (%s) is NULL", i,
                      runner->inputs[i].name);
    }
  }
  PT2_TRY(pt2__constants_require(runner->constants));
  if (runner->device != NULL) {
    PT2_TRY(check_indices(runner, inputs));
  }
  if (runner->input_checks != NULL) {
    return pt2__input_checks_run(runner->input_checks, inputs);
  }
  return PT2_STATUS_OK;
}

static void release_all(pt2_tensor_t** tensors, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    pt2__tensor_release(tensors[i]);
    tensors[i] = NULL;
  }
}

// Two outputs that are one tensor come as one handle twice: each entry gets a
// reference of its own.
static void own_duplicates(pt2_tensor_t** outputs, size_t count) {
  for (size_t i = 1; i < count; ++i) {
    for (size_t j = 0; j < i; ++j) {
      if (outputs[i] != NULL && outputs[i] == outputs[j]) {
        pt2_tensor_retain(outputs[i]);
        break;
      }
    }
  }
}

// The same before outputs are dropped on failure: each handle only once.
static void drop_outputs(pt2_tensor_t** outputs, size_t count) {
  own_duplicates(outputs, count);
  release_all(outputs, count);
}

// Calls the model with handles that it takes over.
static pt2_status_t call_model(pt2_runner_t* runner, pt2_tensor_t** handles,
                               pt2_tensor_t** results, void* stream) {
  pt2__library_scope_t scope = pt2__library_enter(runner->library, false);
  int32_t (*run)(pt2__container_t*, AtenTensorHandle*, size_t,
                 AtenTensorHandle*, size_t, void*, AOTIProxyExecutorHandle) =
      runner->gate == NULL ? runner->api.run_single_threaded : runner->api.run;
  int32_t failed = run(runner->container, handles, runner->input_count, results,
                       runner->output_count, stream, runner->proxy_executor);
  pt2_status_t status = failed != 0
                            ? pt2__runner_model_failed(runner, "the model")
                            : PT2_STATUS_OK;
  pt2__library_leave(scope);
  if (failed != 0) {
    // Those that the model did not come to take.
    release_all(handles, runner->input_count);
  }
  if (runner->device != NULL) {
    status = pt2__device_end_run(runner->device, runner->device_index, status);
  }
  if (status != PT2_STATUS_OK) {
    drop_outputs(results, runner->output_count);
    return status;
  }
  own_duplicates(results, runner->output_count);
  return PT2_STATUS_OK;
}

// Copies results into the tensors that the caller gave for them.
static pt2_status_t fill_given(const pt2_runner_t* runner,
                               pt2_tensor_t* const* given,
                               pt2_tensor_t* const* results) {
  for (size_t i = 0; i < runner->output_count; ++i) {
    if (given[i] == NULL || results[i] == NULL) {
      continue;
    }
    const pt2_tensor_t* to = given[i];
    const pt2_tensor_t* from = results[i];
    char wanted[128], got[128];
    if (to->dtype != from->dtype || to->rank != from->rank ||
        memcmp(to->sizes, from->sizes,
               (size_t)from->rank * sizeof(*from->sizes)) != 0) {
      return PT2_FAIL(
          PT2_STATUS_INVALID_ARGUMENT,
          "output %zu (%s) is %s %s, the tensor given for it is %s %s", i,
          runner->outputs[i].name, pt2_dtype_name(from->dtype),
          pt2__sizes_format(from->rank, from->sizes, wanted, sizeof(wanted)),
          pt2_dtype_name(to->dtype),
          pt2__sizes_format(to->rank, to->sizes, got, sizeof(got)));
    }
    if (pt2_tensor_is_read_only(to)) {
      return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                      "the tensor given for output %zu (%s) may only be read",
                      i, runner->outputs[i].name);
    }
    PT2_TRY(pt2__tensor_copy(given[i], from));
  }
  return PT2_STATUS_OK;
}

// Hands the results to the caller: new ones, or copies in the tensors given.
static pt2_status_t deliver(pt2_runner_t* runner, bool given,
                            pt2_tensor_t** results, pt2_tensor_t** outputs) {
  if (given) {
    pt2_status_t status = fill_given(runner, outputs, results);
    if (status != PT2_STATUS_OK) {
      release_all(results, runner->output_count);
      return status;
    }
  }
  for (size_t i = 0; i < runner->output_count; ++i) {
    if (given && outputs[i] != NULL && results[i] != NULL) {
      pt2__tensor_release(results[i]);
    } else {
      outputs[i] = results[i];
    }
  }
  return PT2_STATUS_OK;
}

// Runs with |inputs|, which are moved (and set to NULL) if they are boxed.
static pt2_status_t run(pt2_runner_t* runner, pt2_tensor_t** inputs,
                        pt2_tensor_t** outputs,
                        const pt2_run_options_t* options, void* stream) {
  size_t count = runner->input_count + runner->output_count;
  pt2_tensor_t* on_stack[STACK_HANDLES];
  pt2_tensor_t** handles = on_stack;
  if (count > STACK_HANDLES) {
    handles = pt2__pool_alloc(count * sizeof(*handles));
    if (handles == NULL) {
      return PT2_OUT_OF_MEMORY(count * sizeof(*handles));
    }
  }
  for (size_t i = 0; i < runner->input_count; ++i) {
    handles[i] = inputs[i];
    if (options->boxed) {
      inputs[i] = NULL;
    } else {
      pt2_tensor_retain(handles[i]);
    }
  }
  pt2_tensor_t** results = handles + runner->input_count;
  memset(results, 0, runner->output_count * sizeof(*results));
  pt2_status_t status = call_model(runner, handles, results, stream);
  if (status == PT2_STATUS_OK) {
    status = deliver(runner, options->outputs_given, results, outputs);
  }
  if (handles != on_stack) {
    pt2__pool_free(handles, count * sizeof(*handles));
  }
  return status;
}

// The same with the device and the stream as the thread's current ones.
static pt2_status_t run_on_device(pt2_runner_t* runner, pt2_tensor_t** inputs,
                                  pt2_tensor_t** outputs,
                                  const pt2_run_options_t* options) {
  if (runner->device == NULL && options->stream == NULL) {
    return run(runner, inputs, outputs, options, NULL);
  }
  pt2__device_scope_t scope;
  void* stream;
  PT2_TRY(pt2__device_enter(runner->device, runner->device_index,
                            options->stream, &scope, &stream));
  pt2_status_t status = run(runner, inputs, outputs, options, stream);
  pt2__device_leave(&scope);
  return status;
}

// Enters the gate, and notes how long that took.
static pt2_status_t enter_timed(pt2_runner_t* runner,
                                const pt2_run_options_t* options,
                                int64_t* out_waited_ns) {
  int64_t begin = pt2__clock_now_ns();
  pt2_status_t status = pt2__gate_enter(runner->gate, PT2__GATE_RUN,
                                        options->timeout_ns, options->cancel);
  *out_waited_ns = pt2__clock_now_ns() - begin;
  return status;
}

// What check_and_run does, with observers or a trace. Apart, so that without
// them a run pays for one branch.
static __attribute__((noinline)) pt2_status_t run_observed(
    pt2_runner_t* runner, pt2_tensor_t** inputs, size_t input_count,
    pt2_tensor_t** outputs, size_t output_count,
    const pt2_run_options_t* options) {
  pt2__call_t call = {.event = {.kind = PT2_EVENT_RUN_BEGIN, .runner = runner}};
  pt2__observer_begin(&call, &runner->watch);
  pt2_status_t status =
      check_call(runner, inputs, input_count, outputs, output_count);
  if (status == PT2_STATUS_OK && runner->gate != NULL) {
    status = enter_timed(runner, options, &call.event.waited_ns);
  }
  if (status == PT2_STATUS_OK) {
    status = run_on_device(runner, inputs, outputs, options);
    if (runner->gate != NULL) {
      pt2__gate_leave(runner->gate, PT2__GATE_RUN);
    }
  }
  pt2__observer_end(&call, PT2_EVENT_RUN_END, status);
  return status;
}

static pt2_status_t check_and_run(pt2_runner_t* runner, pt2_tensor_t** inputs,
                                  size_t input_count, pt2_tensor_t** outputs,
                                  size_t output_count,
                                  const pt2_run_options_t* options) {
  if (pt2__observers_exist()) {
    return run_observed(runner, inputs, input_count, outputs, output_count,
                        options);
  }
  PT2_TRY(check_call(runner, inputs, input_count, outputs, output_count));
  if (runner->gate == NULL) {
    return run_on_device(runner, inputs, outputs, options);
  }
  PT2_TRY(pt2__gate_enter(runner->gate, PT2__GATE_RUN, options->timeout_ns,
                          options->cancel));
  pt2_status_t status = run_on_device(runner, inputs, outputs, options);
  pt2__gate_leave(runner->gate, PT2__GATE_RUN);
  return status;
}

static const pt2_run_options_t borrow_inputs = {
    .struct_bytes = sizeof(borrow_inputs), .timeout_ns = -1};
static const pt2_run_options_t take_inputs = {
    .struct_bytes = sizeof(take_inputs), .timeout_ns = -1, .boxed = true};

void pt2_run_options_init_sized(pt2_run_options_t* options,
                                size_t struct_bytes) {
  pt2__struct_init(options, struct_bytes, &borrow_inputs,
                   sizeof(borrow_inputs));
}

pt2_status_t pt2_runner_run(pt2_runner_t* runner, pt2_tensor_t* const* inputs,
                            size_t input_count, pt2_tensor_t** outputs,
                            size_t output_count) {
  pt2__error_begin();
  if (runner == NULL) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT, "runner is NULL");
  }
  return check_and_run(runner, (pt2_tensor_t**)inputs, input_count, outputs,
                       output_count, &borrow_inputs);
}

pt2_status_t pt2_runner_run_boxed(pt2_runner_t* runner, pt2_tensor_t** inputs,
                                  size_t input_count, pt2_tensor_t** outputs,
                                  size_t output_count) {
  return pt2_runner_run_with(runner, inputs, input_count, outputs, output_count,
                             &take_inputs);
}

pt2_status_t pt2_runner_run_with(pt2_runner_t* runner, pt2_tensor_t** inputs,
                                 size_t input_count, pt2_tensor_t** outputs,
                                 size_t output_count,
                                 const pt2_run_options_t* options) {
  pt2__error_begin();
  pt2_run_options_t all = borrow_inputs;
  if (runner == NULL) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT, "runner is NULL");
  }
  PT2_TRY(pt2__struct_read(&all, sizeof(all), options, "pt2_run_options_t"));
  pt2_status_t status =
      check_and_run(runner, inputs, input_count, outputs, output_count, &all);
  if (all.boxed && inputs != NULL) {
    release_all(inputs, input_count);
  }
  return status;
}

void pt2_runner_load(pt2_runner_t* runner, size_t* out_running_count,
                     size_t* out_waiting_count) {
  *out_running_count = *out_waiting_count = 0;
  if (runner->gate != NULL) {
    pt2__gate_count(runner->gate, out_running_count, out_waiting_count);
  }
}

// ---- Queries ---------------------------------------------------------------

pt2_device_type_t pt2_runner_device_type(const pt2_runner_t* runner) {
  return runner->backend->device_type;
}

int32_t pt2_runner_device_index(const pt2_runner_t* runner) {
  return runner->device_index;
}

size_t pt2_runner_input_count(const pt2_runner_t* runner) {
  return runner->input_count;
}

size_t pt2_runner_output_count(const pt2_runner_t* runner) {
  return runner->output_count;
}

static pt2_status_t info_at(const pt2_value_info_t* infos, size_t count,
                            size_t index, const char* what,
                            pt2_value_info_t* out_info) {
  if (index >= count || out_info == NULL) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT, "%s %zu of %zu does not exist",
                    what, index, count);
  }
  *out_info = infos[index];
  return PT2_STATUS_OK;
}

pt2_status_t pt2_runner_input_info(const pt2_runner_t* runner, size_t index,
                                   pt2_value_info_t* out_info) {
  pt2__error_begin();
  return info_at(runner->inputs, runner->input_count, index, "input", out_info);
}

pt2_status_t pt2_runner_output_info(const pt2_runner_t* runner, size_t index,
                                    pt2_value_info_t* out_info) {
  pt2__error_begin();
  return info_at(runner->outputs, runner->output_count, index, "output",
                 out_info);
}

pt2_status_t pt2_runner_call_spec(const pt2_runner_t* runner,
                                  const char** out_in_spec,
                                  const char** out_out_spec) {
  pt2__error_begin();
  pt2__library_scope_t scope = pt2__library_enter(runner->library, false);
  int32_t failed =
      runner->api.call_spec(runner->container, out_in_spec, out_out_spec);
  pt2_status_t status = failed != 0
                            ? pt2__runner_model_failed(runner, "the call spec")
                            : PT2_STATUS_OK;
  pt2__library_leave(scope);
  return status;
}

pt2_package_t* pt2_runner_peek_package(const pt2_runner_t* runner) {
  return runner->package;
}
