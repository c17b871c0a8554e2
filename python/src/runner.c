// SPDX-License-Identifier: Apache-2.0
//
// Runners: torch's AOTIModelPackageLoader and AOTIModelContainerRunner*. All
// have the methods of the base type, pt2.Runner.
#include <stdlib.h>
#include <string.h>

#include "module.h"

PyTypeObject* pt2py_runner_type;

// ---- Calls under way -------------------------------------------------------

// Changed with the GIL held only.
static size_t running_count;
static bool is_closing;

int pt2py_run_begin(void) {
  if (is_closing) {
    pt2py_raise_text(pt2py_error, PT2_STATUS_FAILED_PRECONDITION,
                     "the interpreter is shutting down");
    return -1;
  }
  ++running_count;
  return 0;
}

void pt2py_run_end(void) { --running_count; }

// At exit: lets no call begin and waits for those of daemon threads, which
// would otherwise run in a library that is being taken apart.
PyObject* pt2py_wait_for_runs(PyObject* module, PyObject* seconds) {
  (void)module;
  double left = PyFloat_AsDouble(seconds);
  if (left == -1.0 && PyErr_Occurred()) {
    return NULL;
  }
  is_closing = true;
  PyObject* time = running_count > 0 ? PyImport_ImportModule("time") : NULL;
  for (; time != NULL && running_count > 0 && left > 0; left -= 0.002) {
    PyObject* slept = PyObject_CallMethod(time, "sleep", "d", 0.002);
    if (slept == NULL) {
      break;
    }
    Py_DECREF(slept);
  }
  Py_XDECREF(time);
  return PyErr_Occurred() ? NULL : PyBool_FromLong(running_count == 0);
}

pt2_runner_t* pt2py_runner_get(pt2py_runner_t* self) {
  if (self->runner == NULL) {
    pt2py_raise_text(pt2py_error, PT2_STATUS_FAILED_PRECONDITION,
                     "the runner was not created: __init__ failed or was not "
                     "called");
  }
  return self->runner;
}

// Nothing but this keeps a single-threaded runner from being entered twice.
pt2_runner_t* pt2py_runner_enter(pt2py_runner_t* self) {
  pt2_runner_t* runner = pt2py_runner_get(self);
  if (runner != NULL && self->is_single_threaded) {
    if (self->is_running) {
      pt2py_raise_text(pt2py_error, PT2_STATUS_FAILED_PRECONDITION,
                       "the runner was loaded with run_single_threaded=True "
                       "and is in use in another thread");
      return NULL;
    }
    self->is_running = true;
  }
  return runner;
}

void pt2py_runner_leave(pt2py_runner_t* self) { self->is_running = false; }

// ---- One call --------------------------------------------------------------

enum { ON_STACK = 24 };

typedef struct {
  pt2py_runner_t* self;
  pt2_tensor_t** inputs;
  size_t input_count;
  pt2_tensor_t** outputs;
  pt2py_origin_t origin;
  void* heap;
  pt2_tensor_t* stack[2 * ON_STACK];
} call_t;

static int call_init(call_t* call, pt2py_runner_t* self, size_t input_count) {
  call->self = self;
  call->origin = (pt2py_origin_t){0};
  call->heap = NULL;
  call->input_count = input_count;
  size_t count = input_count + self->output_count;
  call->inputs = call->stack;
  if (count > 2 * ON_STACK) {
    call->inputs = call->heap = malloc(count * sizeof(*call->inputs));
    if (call->heap == NULL) {
      PyErr_NoMemory();
      return -1;
    }
  }
  call->outputs = call->inputs + input_count;
  memset(call->inputs, 0, count * sizeof(*call->inputs));
  return 0;
}

static void call_clear(call_t* call) {
  for (size_t i = 0; i < call->input_count; ++i) {
    pt2_tensor_release(call->inputs[i]);
  }
  for (size_t i = 0; i < call->self->output_count; ++i) {
    pt2_tensor_release(call->outputs[i]);
  }
  free(call->heap);
}

static int call_take(call_t* call, size_t index, const char* name,
                     PyObject* object) {
  int flags = call->self->copy_read_only ? PT2PY_COPY_READ_ONLY : 0;
  return pt2py_tensor_from_object(object, flags, "input", index, name,
                                  &call->origin, &call->inputs[index]);
}

static pt2_status_t call_library(call_t* call, bool boxed, void* stream) {
  pt2_runner_t* runner = call->self->runner;
  size_t output_count = call->self->output_count;
  if (!boxed && stream == NULL) {
    return pt2_runner_run(runner, call->inputs, call->input_count,
                          call->outputs, output_count);
  }
  pt2_run_options_t options;
  pt2_run_options_init(&options);
  options.boxed = boxed;
  options.stream = stream;
  return pt2_runner_run_with(runner, call->inputs, call->input_count,
                             call->outputs, output_count, &options);
}

// Others may use the interpreter while the model runs.
static int call_run(call_t* call, bool boxed, void* stream) {
  if (pt2py_runner_enter(call->self) == NULL) {
    return -1;
  }
  if (pt2py_run_begin() != 0) {
    pt2py_runner_leave(call->self);
    return -1;
  }
  PyThreadState* state = PyEval_SaveThread();
  pt2_status_t status = call_library(call, boxed, stream);
  PyEval_RestoreThread(state);
  pt2py_run_end();
  pt2py_runner_leave(call->self);
  if (status != PT2_STATUS_OK) {
    pt2py_raise(status, NULL);
    return -1;
  }
  return 0;
}

static PyObject* call_output(call_t* call, size_t index) {
  pt2_tensor_t* tensor = call->outputs[index];
  call->outputs[index] = NULL;
  return pt2py_object_from_tensor(tensor, call->self->returns, &call->origin);
}

// ---- run and boxed_run -----------------------------------------------------

static const char* input_name(const pt2py_runner_t* self, size_t index) {
  return index < self->input_count ? self->input_names[index] : "surplus";
}

// |inputs| is a list or a tuple.
static int take_items(call_t* call, PyObject* inputs) {
  bool is_list = PyList_Check(inputs);
  for (size_t i = 0; i < call->input_count; ++i) {
    PyObject* item = is_list ? PyList_GetItem(inputs, (Py_ssize_t)i)
                             : PyTuple_GetItem(inputs, (Py_ssize_t)i);
    if (item == NULL) {
      return -1;
    }
    Py_INCREF(item);
    int failed = call_take(call, i, input_name(call->self, i), item);
    Py_DECREF(item);
    if (failed != 0) {
      return -1;
    }
  }
  return 0;
}

static PyObject* list_of_outputs(call_t* call) {
  size_t count = call->self->output_count;
  PyObject* list = PyList_New((Py_ssize_t)count);
  for (size_t i = 0; list != NULL && i < count; ++i) {
    PyObject* item = call_output(call, i);
    if (item == NULL || PyList_SetItem(list, (Py_ssize_t)i, item) != 0) {
      Py_CLEAR(list);
    }
  }
  return list;
}

static int stream_of(PyObject* handle, void** out_stream) {
  *out_stream = NULL;
  if (handle == Py_None) {
    return 0;
  }
  if (PyCapsule_CheckExact(handle)) {
    *out_stream = PyCapsule_GetPointer(handle, PyCapsule_GetName(handle));
  } else {
    *out_stream = PyLong_AsVoidPtr(handle);
  }
  return PyErr_Occurred() ? -1 : 0;
}

static PyObject* run_sequence(pt2py_runner_t* self, PyObject* inputs,
                              PyObject* stream_handle, bool boxed) {
  void* stream;
  if (pt2py_runner_get(self) == NULL ||
      stream_of(stream_handle, &stream) != 0) {
    return NULL;
  }
  if (PyList_Check(inputs) || PyTuple_Check(inputs)) {
    Py_INCREF(inputs);
  } else {
    inputs = PySequence_List(inputs);
    if (inputs == NULL) {
      return NULL;
    }
  }
  call_t call;
  PyObject* result = NULL;
  if (call_init(&call, self, (size_t)PyObject_Size(inputs)) == 0) {
    // What the model is done with can be freed while it runs: the list may not
    // keep it.
    if (take_items(&call, inputs) == 0 &&
        (!boxed || !PyList_Check(inputs) ||
         PyList_SetSlice(inputs, 0, PyList_Size(inputs), NULL) == 0) &&
        call_run(&call, boxed, stream) == 0) {
      result = list_of_outputs(&call);
    }
    call_clear(&call);
  }
  Py_DECREF(inputs);
  return result;
}

// The arguments (inputs, stream_handle=None), in either form.
static int parse_run(PyObject* const* args, Py_ssize_t count, PyObject* names,
                     PyObject** out_inputs, PyObject** out_stream) {
  PyObject* given[2] = {NULL, Py_None};
  Py_ssize_t named = names != NULL ? PyTuple_Size(names) : 0;
  if (count + named < 1 || count > 2) {
    PyErr_SetString(PyExc_TypeError,
                    "run takes inputs and, optionally, stream_handle");
    return -1;
  }
  for (Py_ssize_t i = 0; i < count; ++i) {
    given[i] = args[i];
  }
  for (Py_ssize_t i = 0; i < named; ++i) {
    PyObject* name = PyTuple_GetItem(names, i);
    int place = PyUnicode_CompareWithASCIIString(name, "inputs") == 0 ? 0 : 1;
    if ((place == 1 &&
         PyUnicode_CompareWithASCIIString(name, "stream_handle") != 0) ||
        place < count) {
      PyErr_Format(PyExc_TypeError,
                   "run got an unexpected or repeated "
                   "argument '%U'",
                   name);
      return -1;
    }
    given[place] = args[count + i];
  }
  if (given[0] == NULL) {
    PyErr_SetString(PyExc_TypeError, "run misses the argument 'inputs'");
    return -1;
  }
  *out_inputs = given[0];
  *out_stream = given[1];
  return 0;
}

static PyObject* runner_run(pt2py_runner_t* self, PyObject* const* args,
                            Py_ssize_t count, PyObject* names) {
  PyObject *inputs, *stream;
  return parse_run(args, count, names, &inputs, &stream) == 0
             ? run_sequence(self, inputs, stream, false)
             : NULL;
}

static PyObject* runner_boxed_run(pt2py_runner_t* self, PyObject* const* args,
                                  Py_ssize_t count, PyObject* names) {
  PyObject *inputs, *stream;
  return parse_run(args, count, names, &inputs, &stream) == 0
             ? run_sequence(self, inputs, stream, true)
             : NULL;
}

// ---- The call with containers ----------------------------------------------

static int take_leaf(void* user, Py_ssize_t slot, const char* name,
                     PyObject* leaf) {
  return call_take(user, (size_t)slot, name, leaf);
}

static PyObject* tree_of_outputs(call_t* call) {
  pt2py_runner_t* self = call->self;
  PyObject* on_stack[ON_STACK];
  PyObject** values = on_stack;
  if (self->output_count > ON_STACK) {
    values = malloc(self->output_count * sizeof(*values));
    if (values == NULL) {
      return PyErr_NoMemory();
    }
  }
  size_t made = 0;
  for (; made < self->output_count; ++made) {
    values[made] = call_output(call, made);
    if (values[made] == NULL) {
      break;
    }
  }
  PyObject* result = made == self->output_count
                         ? pt2py_tree_unflatten(&self->result, values)
                         : NULL;
  for (size_t i = 0; i < made; ++i) {
    Py_DECREF(values[i]);
  }
  if (values != on_stack) {
    free(values);
  }
  return result;
}

PyObject* pt2py_runner_call(pt2py_runner_t* self, PyObject* args,
                            PyObject* kwargs) {
  if (pt2py_runner_get(self) == NULL) {
    return NULL;
  }
  if (!self->has_trees) {
    PyErr_SetObject((PyObject*)Py_TYPE(self->tree_error), self->tree_error);
    return NULL;
  }
  call_t call;
  if (call_init(&call, self, self->input_count) != 0) {
    return NULL;
  }
  PyObject* result = NULL;
  if (pt2py_tree_flatten(&self->inputs, args, kwargs, take_leaf, &call) == 0 &&
      call_run(&call, false, NULL) == 0) {
    result = tree_of_outputs(&call);
  }
  call_clear(&call);
  return result;
}

// ---- Creation --------------------------------------------------------------

static const char* name_of(const pt2_value_info_t* info) {
  return info->name != NULL            ? info->name
         : info->internal_name != NULL ? info->internal_name
                                       : "";
}

static const char** names_of(pt2_runner_t* runner, size_t count,
                             pt2_status_t (*info_of)(const pt2_runner_t*,
                                                     size_t,
                                                     pt2_value_info_t*)) {
  const char** names = calloc(count + 1, sizeof(*names));
  for (size_t i = 0; names != NULL && i < count; ++i) {
    pt2_value_info_t info;
    names[i] = info_of(runner, i, &info) == PT2_STATUS_OK ? name_of(&info) : "";
  }
  if (names == NULL) {
    PyErr_NoMemory();
  }
  return names;
}

static int make_trees(pt2py_runner_t* self) {
  const char *in_spec, *out_spec;
  pt2_status_t status = pt2_runner_call_spec(self->runner, &in_spec, &out_spec);
  if (status != PT2_STATUS_OK) {
    pt2py_raise(status, NULL);
    return -1;
  }
  const char** outputs =
      names_of(self->runner, self->output_count, pt2_runner_output_info);
  if (outputs == NULL) {
    return -1;
  }
  int failed = pt2py_tree_init(&self->inputs, in_spec, PT2_CALL_SPEC_INPUTS,
                               self->input_names, self->input_count);
  if (failed == 0) {
    failed = pt2py_tree_init(&self->result, out_spec, PT2_CALL_SPEC_RESULT,
                             outputs, self->output_count);
  }
  free(outputs);
  return failed;
}

// A model whose call spec is of no use can still be run with a list.
static int finish_creation(pt2py_runner_t* self) {
  self->input_count = pt2_runner_input_count(self->runner);
  self->output_count = pt2_runner_output_count(self->runner);
  self->input_names =
      names_of(self->runner, self->input_count, pt2_runner_input_info);
  if (self->input_names == NULL) {
    return -1;
  }
  self->has_trees = make_trees(self) == 0;
  if (!self->has_trees) {
    PyObject *type, *trace;
    PyErr_Fetch(&type, &self->tree_error, &trace);
    PyErr_NormalizeException(&type, &self->tree_error, &trace);
    Py_XDECREF(type);
    Py_XDECREF(trace);
  }
  return 0;
}

static int create_on(pt2py_runner_t* self, pt2_package_t* package,
                     pt2_runner_options_t* options) {
  pt2_status_t status;
  Py_BEGIN_ALLOW_THREADS;
  status = pt2_package_find_model(package, options->model_name, &self->model);
  if (status == PT2_STATUS_OK) {
    status = pt2_runner_create(package, options, &self->runner);
  }
  Py_END_ALLOW_THREADS;
  if (status != PT2_STATUS_OK) {
    pt2py_raise(status, NULL);
    return -1;
  }
  self->is_single_threaded = options->run_single_threaded;
  self->is_external = options->constants != NULL;
  return finish_creation(self);
}

// |constants| is a mapping or None.
static int create(pt2py_runner_t* self, PyObject* what,
                  pt2_runner_options_t* options, PyObject* constants) {
  if (self->runner != NULL) {
    return pt2py_raise_text(pt2py_error, PT2_STATUS_FAILED_PRECONDITION,
                            "the runner has been created already"),
           -1;
  }
  pt2_named_tensor_t* named = NULL;
  if (constants != Py_None) {
    named = pt2py_named_from_dict(constants, &options->constant_count);
    if (named == NULL) {
      return -1;
    }
    options->constants = named;
  }
  // As in torch, what a package lacks may come later; until then runs are
  // refused.
  options->constants_later = true;
  if (self->source != NULL) {  // an attempt before this one failed
    PyBuffer_Release(&self->memory);
    Py_CLEAR(self->source);
  }
  pt2_package_t* package = NULL;
  int failed = pt2py_package_open(what, &package, &self->source, &self->memory);
  if (failed == 0) {
    failed = create_on(self, package, options);
    pt2_package_release(package);
  }
  pt2py_named_free(named, options->constant_count);
  return failed;
}

static int set_number_of_runners(pt2_runner_options_t* options,
                                 Py_ssize_t count) {
  if (count < 1) {
    pt2py_raise_text(pt2py_invalid, PT2_STATUS_INVALID_ARGUMENT,
                     "num_runners is %zd, at least 1 is needed", count);
    return -1;
  }
  options->num_runners = (size_t)count;
  return 0;
}

// ---- The types' constructors -----------------------------------------------

static int runner_init(pt2py_runner_t* self, PyObject* args, PyObject* kwargs) {
  (void)self, (void)args, (void)kwargs;
  PyErr_SetString(PyExc_TypeError,
                  "pt2.Runner is what all runners are; make a "
                  "pt2.AOTIModelPackageLoader");
  return -1;
}

static int loader_init(pt2py_runner_t* self, PyObject* args, PyObject* kwargs) {
  static char* names[] = {"model_package_path",
                          "model_name",
                          "run_single_threaded",
                          "num_runners",
                          "device_index",
                          "use_stream_affinity",
                          "returns",
                          "copy_read_only",
                          "check_inputs",
                          "constants",
                          NULL};
  PyObject *path, *returns = NULL, *constants = Py_None;
  const char* model_name = "model";
  int single = 0, affinity = 0, copy_read_only = 1, check_inputs = 1;
  Py_ssize_t num_runners = 1;
  int device_index = -1;
  if (!PyArg_ParseTupleAndKeywords(
          args, kwargs, "O|spnip$OppO:AOTIModelPackageLoader", names, &path,
          &model_name, &single, &num_runners, &device_index, &affinity,
          &returns, &copy_read_only, &check_inputs, &constants)) {
    return -1;
  }
  pt2_runner_options_t options;
  pt2_runner_options_init(&options);
  options.model_name = model_name;
  options.run_single_threaded = single;
  options.device_index = device_index;
  options.use_stream_affinity = affinity;
  options.input_checks =
      check_inputs ? PT2_INPUT_CHECKS_FULL : PT2_INPUT_CHECKS_OFF;
  self->copy_read_only = copy_read_only;
  if (set_number_of_runners(&options, num_runners) != 0 ||
      (returns != NULL && pt2py_parse_returns(returns, &self->returns) != 0)) {
    return -1;
  }
  return create(self, path, &options, constants);
}

// The model must be for |device|, which the class is named after.
static int check_device(pt2py_runner_t* self, const char* device) {
  const char* actual =
      pt2_device_type_name(pt2_runner_device_type(self->runner));
  if (strcmp(actual, device) == 0) {
    return 0;
  }
  pt2py_raise_text(pt2py_error, PT2_STATUS_INCOMPATIBLE,
                   "the model is for %s, the runner for %s", actual, device);
  pt2_runner_release(self->runner);
  self->runner = NULL;
  return -1;
}

static int cpu_init(pt2py_runner_t* self, PyObject* args, PyObject* kwargs) {
  static char* names[] = {"model_so_path",       "num_models", "constants",
                          "run_single_threaded", "returns",    NULL};
  PyObject *path, *constants = Py_None, *returns = NULL;
  Py_ssize_t num_models = 1;
  int single = 0;
  if (!PyArg_ParseTupleAndKeywords(
          args, kwargs, "O|nO$pO:AOTIModelContainerRunnerCpu", names, &path,
          &num_models, &constants, &single, &returns)) {
    return -1;
  }
  pt2_runner_options_t options;
  pt2_runner_options_init(&options);
  options.run_single_threaded = single;
  self->copy_read_only = true;
  if (set_number_of_runners(&options, num_models) != 0 ||
      (returns != NULL && pt2py_parse_returns(returns, &self->returns) != 0) ||
      create(self, path, &options, constants) != 0) {
    return -1;
  }
  return check_device(self, "cpu");
}

// "cuda:1" -> 1, "cuda" -> -1.
static int parse_device(const char* text, const char* device, int32_t* index) {
  size_t length = strlen(device);
  char* end = NULL;
  *index = -1;
  if (strncmp(text, device, length) == 0 && text[length] == '\0') {
    return 0;
  }
  if (strncmp(text, device, length) == 0 && text[length] == ':') {
    long number = strtol(text + length + 1, &end, 10);
    if (end != text + length + 1 && *end == '\0' && number >= 0 &&
        number < 32768) {
      *index = (int32_t)number;
      return 0;
    }
  }
  pt2py_raise_text(pt2py_invalid, PT2_STATUS_INVALID_ARGUMENT,
                   "device_str is '%s', not '%s' or '%s:N'", text, device,
                   device);
  return -1;
}

// The constructors that name a device. First of all they say why there is none.
static int device_init(pt2py_runner_t* self, PyObject* args, PyObject* kwargs,
                       const char* device) {
  static char* names[] = {
      "model_so_path",       "num_models", "device_str", "cubin_dir",
      "run_single_threaded", "constants",  "returns",    NULL};
  PyObject *path, *single = Py_False, *constants = Py_None, *returns = NULL;
  Py_ssize_t num_models = 1;
  const char *device_str = device, *cubin_dir = "";
  if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|nssOO$O", names, &path,
                                   &num_models, &device_str, &cubin_dir,
                                   &single, &constants, &returns)) {
    return -1;
  }
  if (PyDict_Check(single)) {  // torch's other form has constants there
    constants = single;
    single = Py_False;
  }
  pt2_runner_options_t options;
  pt2_runner_options_init(&options);
  options.run_single_threaded = PyObject_IsTrue(single) == 1;
  self->copy_read_only = true;
  if (parse_device(device_str, device, &options.device_index) != 0 ||
      set_number_of_runners(&options, num_models) != 0 ||
      (returns != NULL && pt2py_parse_returns(returns, &self->returns) != 0)) {
    return -1;
  }
  pt2_status_t status = pt2_backend_require(device);
  if (status != PT2_STATUS_OK) {
    pt2py_raise(status, NULL);
    return -1;
  }
  if (cubin_dir[0] != '\0') {
    pt2py_raise_text(pt2py_invalid, PT2_STATUS_INVALID_ARGUMENT,
                     "cubin_dir: kernels are looked for beside the model");
    return -1;
  }
  if (create(self, path, &options, constants) != 0) {
    return -1;
  }
  return check_device(self, device);
}

static int cuda_init(pt2py_runner_t* self, PyObject* args, PyObject* kwargs) {
  return device_init(self, args, kwargs, "cuda");
}

static int xpu_init(pt2py_runner_t* self, PyObject* args, PyObject* kwargs) {
  return device_init(self, args, kwargs, "xpu");
}

static int mps_init(pt2py_runner_t* self, PyObject* args, PyObject* kwargs) {
  return device_init(self, args, kwargs, "mps");
}

// ---- Life ------------------------------------------------------------------

static int runner_traverse(pt2py_runner_t* self, visitproc visit, void* arg) {
  Py_VISIT(Py_TYPE((PyObject*)self));
  Py_VISIT(self->dict);
  Py_VISIT(self->source);
  Py_VISIT(self->sharing);
  Py_VISIT(self->tree_error);
  return 0;
}

// The library's runner goes first: it reads from what the rest keeps.
static int runner_clear(pt2py_runner_t* self) {
  pt2_runner_release(self->runner);
  self->runner = NULL;
  if (self->source != NULL) {
    PyBuffer_Release(&self->memory);
    Py_CLEAR(self->source);
  }
  Py_CLEAR(self->sharing);
  Py_CLEAR(self->dict);
  Py_CLEAR(self->tree_error);
  return 0;
}

static void runner_dealloc(pt2py_runner_t* self) {
  PyObject_GC_UnTrack(self);
  if (self->weak_references != NULL) {
    PyObject_ClearWeakRefs((PyObject*)self);
  }
  runner_clear(self);
  pt2py_tree_clear(&self->inputs);
  pt2py_tree_clear(&self->result);
  free(self->input_names);
  PyTypeObject* type = Py_TYPE((PyObject*)self);
  PyObject_GC_Del(self);
  Py_DECREF(type);
}

static PyObject* runner_repr(pt2py_runner_t* self) {
  PyObject* helper = pt2py_helper("_describe", "runner_repr");
  PyObject* text =
      helper != NULL ? PyObject_CallFunctionObjArgs(helper, self, NULL) : NULL;
  Py_XDECREF(helper);
  return text;
}

static PyObject* runner_get_returns(pt2py_runner_t* self, void* unused) {
  (void)unused;
  return PyUnicode_FromString(pt2py_returns_name(self->returns));
}

static int runner_set_returns(pt2py_runner_t* self, PyObject* value,
                              void* unused) {
  (void)unused;
  return pt2py_parse_returns(value, &self->returns);
}

static PyObject* runner_is_created(pt2py_runner_t* self, void* unused) {
  (void)unused;
  return PyBool_FromLong(self->runner != NULL);
}

// ---- Types -----------------------------------------------------------------

#define FAST(function) (PyCFunction)(void (*)(void)) function

static PyMethodDef run_methods[] = {
    {"run", FAST(runner_run), METH_FASTCALL | METH_KEYWORDS,
     "run($self, /, inputs, stream_handle=None)\n--\n\n"
     "Runs the model on a sequence of tensors, in call order, and returns the "
     "list of\nits outputs; an output that is None is None.\n\n"
     "Inputs are anything with __dlpack__ or a buffer and are not copied, "
     "unless they\nare read-only. Outputs are torch tensors if the first input "
     "was one, else\npt2.Tensor; see `returns`. Other threads run "
     "meanwhile.\n\n"
     "InvalidArgumentError: 'input 0 (ARGS[0]) dim 1: expected 256, got 255'.\n"
     "StructureError: something is no tensor. Error: the model failed."},
    {"boxed_run", FAST(runner_boxed_run), METH_FASTCALL | METH_KEYWORDS,
     "boxed_run($self, /, inputs, stream_handle=None)\n--\n\n"
     "The same, but empties the list `inputs`: what nobody else keeps is freed "
     "as soon\nas the model needs it no more."},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef runner_getters[] = {
    {"returns", (getter)runner_get_returns, (setter)runner_set_returns,
     "What outputs are: 'auto' (what the first input was), 'pt2', 'numpy' or "
     "'torch'.",
     NULL},
    {"_is_created", (getter)runner_is_created, NULL, NULL, NULL},
    {"__dict__", PyObject_GenericGetDict, PyObject_GenericSetDict, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyMemberDef runner_members[] = {
    {"__dictoffset__", T_PYSSIZET, offsetof(pt2py_runner_t, dict), READONLY,
     NULL},
    {"__weaklistoffset__", T_PYSSIZET,
     offsetof(pt2py_runner_t, weak_references), READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

static PyType_Slot runner_slots[] = {
    {Py_tp_doc, "A loaded model that runs on flat lists of tensors."},
    {Py_tp_new, PyType_GenericNew},
    {Py_tp_init, runner_init},
    {Py_tp_dealloc, runner_dealloc},
    {Py_tp_traverse, runner_traverse},
    {Py_tp_clear, runner_clear},
    {Py_tp_repr, runner_repr},
    {Py_tp_methods, NULL},  // filled in
    {Py_tp_getset, runner_getters},
    {Py_tp_members, runner_members},
    {0, NULL},
};

enum {
  TYPE_FLAGS = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE
};

static PyType_Spec runner_spec = {
    .name = "pt2.Runner",
    .basicsize = sizeof(pt2py_runner_t),
    .flags = TYPE_FLAGS,
    .slots = runner_slots,
};

static int add_subtype(PyObject* module, const char* name, initproc init,
                       const char* doc) {
  char qualified[64];
  snprintf(qualified, sizeof(qualified), "pt2.%s", name);
  PyType_Slot slots[] = {{Py_tp_init, (void*)init},
                         {Py_tp_doc, (void*)doc},
                         {Py_tp_dealloc, (void*)runner_dealloc},
                         {Py_tp_traverse, (void*)runner_traverse},
                         {Py_tp_clear, (void*)runner_clear},
                         {0, NULL}};
  PyType_Spec spec = {.name = qualified,
                      .basicsize = sizeof(pt2py_runner_t),
                      .flags = TYPE_FLAGS,
                      .slots = slots};
  PyObject* type =
      PyType_FromSpecWithBases(&spec, (PyObject*)pt2py_runner_type);
  int failed = type == NULL || PyModule_AddObjectRef(module, name, type) != 0;
  Py_XDECREF(type);
  return failed ? -1 : 0;
}

#define DEVICE_DOC(Device, device)                                         \
  "AOTIModelContainerRunner" Device                                        \
  "(model_so_path, num_models=1, device_str='" device                      \
  "', cubin_dir='', run_single_threaded=False, constants=None, *, "        \
  "returns='auto')\n--\n\n"                                                \
  "Runs a bare model .so, or a package, on a device of that name. Raises " \
  "Error where\nthere is none, with the reason."

static int add_subtypes(PyObject* module) {
  const struct {
    const char* name;
    initproc init;
    const char* doc;
  } types[] = {
      {"AOTIModelPackageLoader", (initproc)loader_init,
       "AOTIModelPackageLoader(model_package_path, model_name='model', "
       "run_single_threaded=False, num_runners=1, device_index=-1, "
       "use_stream_affinity=False, *, returns='auto', copy_read_only=True, "
       "check_inputs=True, constants=None)\n--\n\n"
       "Loads one model of a package; what pt2.load_package wraps."},
      {"AOTIModelContainerRunnerCpu", (initproc)cpu_init,
       "AOTIModelContainerRunnerCpu(model_so_path, num_models=1, "
       "constants=None, *, run_single_threaded=False, returns='auto')\n--\n\n"
       "Runs a bare model .so, or a package, on the cpu. `constants` are used "
       "instead of\nthose that it came with."},
      {"AOTIModelContainerRunnerCuda", (initproc)cuda_init,
       DEVICE_DOC("Cuda", "cuda")},
      {"AOTIModelContainerRunnerXpu", (initproc)xpu_init,
       DEVICE_DOC("Xpu", "xpu")},
      {"AOTIModelContainerRunnerMps", (initproc)mps_init,
       DEVICE_DOC("Mps", "mps")},
  };
  for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); ++i) {
    if (add_subtype(module, types[i].name, types[i].init, types[i].doc) != 0) {
      return -1;
    }
  }
  return 0;
}

int pt2py_runner_init(PyObject* module) {
  PyMethodDef* const lists[] = {run_methods, pt2py_constants_methods,
                                pt2py_describe_methods};
  PyMethodDef* methods =
      pt2py_join_methods(lists, sizeof(lists) / sizeof(lists[0]));
  if (methods == NULL) {
    return -1;
  }
  for (PyType_Slot* slot = runner_slots; slot->slot != 0; ++slot) {
    if (slot->slot == Py_tp_methods) {
      slot->pfunc = methods;
    }
  }
  pt2py_runner_type = (PyTypeObject*)PyType_FromSpec(&runner_spec);
  if (pt2py_runner_type == NULL ||
      PyModule_AddObjectRef(module, "Runner", (PyObject*)pt2py_runner_type)) {
    return -1;
  }
  return add_subtypes(module);
}
