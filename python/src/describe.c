// SPDX-License-Identifier: Apache-2.0
//
// What a runner tells of its model: inputs, outputs, constants, metadata.
#include <string.h>

#include "module.h"

static PyTypeObject* dim_type;
static PyTypeObject* value_type;
static PyTypeObject* constant_type;

// ---- Records ---------------------------------------------------------------

// The record of |values|, all of which it takes over; NULL if one is.
static PyObject* record(PyTypeObject* type, PyObject* const* values,
                        Py_ssize_t count) {
  PyObject* made = PyStructSequence_New(type);
  bool complete = made != NULL;
  for (Py_ssize_t i = 0; i < count; ++i) {
    complete = complete && values[i] != NULL;
    if (made != NULL) {
      PyStructSequence_SetItem(
          made, i, Py_XNewRef(values[i] != NULL ? values[i] : Py_None));
    }
    Py_XDECREF(values[i]);
  }
  if (!complete) {
    Py_CLEAR(made);
  }
  return made;
}

static PyObject* text_or_none(const char* text) {
  return text != NULL ? PyUnicode_FromString(text) : Py_NewRef(Py_None);
}

static PyObject* dim_object(const pt2_dim_info_t* dim) {
  if (dim->min == dim->max && dim->symbol == NULL) {
    return PyLong_FromLongLong(dim->min);
  }
  PyObject* values[] = {text_or_none(dim->symbol),
                        PyLong_FromLongLong(dim->min),
                        dim->max == INT64_MAX ? Py_NewRef(Py_None)
                                              : PyLong_FromLongLong(dim->max)};
  return record(dim_type, values, 3);
}

static PyObject* stride_object(const pt2_dim_info_t* dim) {
  return dim->stride == PT2_STRIDE_ANY ? Py_NewRef(Py_None)
                                       : PyLong_FromLongLong(dim->stride);
}

static PyObject* tuple_of_dims(const pt2_value_info_t* info,
                               PyObject* (*make)(const pt2_dim_info_t*)) {
  if (info->rank < 0) {
    return Py_NewRef(Py_None);
  }
  PyObject* tuple = PyTuple_New(info->rank);
  for (int32_t i = 0; tuple != NULL && i < info->rank; ++i) {
    PyObject* item = make(&info->dims[i]);
    if (item == NULL || PyTuple_SetItem(tuple, i, item) != 0) {
      Py_CLEAR(tuple);
    }
  }
  return tuple;
}

static PyObject* value_object(const pt2_value_info_t* info) {
  bool known = info->dtype != PT2_DTYPE_UNDEFINED;
  PyObject* values[] = {
      text_or_none(info->name),
      text_or_none(known ? pt2py_dtype_name(info->dtype) : NULL),
      tuple_of_dims(info, dim_object),
      text_or_none(info->device_type >= 0
                       ? pt2_device_type_name(info->device_type)
                       : NULL),
      tuple_of_dims(info, stride_object),
      text_or_none(info->internal_name)};
  return record(value_type, values, 6);
}

static PyObject* values_of(pt2_runner_t* runner, size_t count,
                           pt2_status_t (*info_of)(const pt2_runner_t*, size_t,
                                                   pt2_value_info_t*)) {
  PyObject* tuple = PyTuple_New((Py_ssize_t)count);
  for (size_t i = 0; tuple != NULL && i < count; ++i) {
    pt2_value_info_t info;
    pt2_status_t status = info_of(runner, i, &info);
    PyObject* item = status == PT2_STATUS_OK ? value_object(&info)
                                             : pt2py_raise(status, NULL);
    if (item == NULL || PyTuple_SetItem(tuple, (Py_ssize_t)i, item) != 0) {
      Py_CLEAR(tuple);
    }
  }
  return tuple;
}

static PyObject* get_inputs(pt2py_runner_t* self, PyObject* unused) {
  (void)unused;
  pt2_runner_t* runner = pt2py_runner_get(self);
  return runner != NULL
             ? values_of(runner, self->input_count, pt2_runner_input_info)
             : NULL;
}

static PyObject* get_outputs(pt2py_runner_t* self, PyObject* unused) {
  (void)unused;
  pt2_runner_t* runner = pt2py_runner_get(self);
  return runner != NULL
             ? values_of(runner, self->output_count, pt2_runner_output_info)
             : NULL;
}

static PyObject* sizes_object(const pt2_constant_info_t* info) {
  if (info->rank < 0) {
    return Py_NewRef(Py_None);
  }
  PyObject* tuple = PyTuple_New(info->rank);
  for (int32_t i = 0; tuple != NULL && i < info->rank; ++i) {
    PyObject* size = PyLong_FromLongLong(info->sizes[i]);
    if (size == NULL || PyTuple_SetItem(tuple, i, size) != 0) {
      Py_CLEAR(tuple);
    }
  }
  return tuple;
}

static PyObject* constant_object(const pt2_constant_info_t* info) {
  static const char* const kinds[] = {"unknown", "parameter", "buffer",
                                      "tensor", "folded"};
  PyObject* values[] = {
      text_or_none(info->fqn), text_or_none(pt2py_dtype_name(info->dtype)),
      sizes_object(info),
      text_or_none(kinds[info->kind >= 0 && info->kind <= 4 ? info->kind : 0]),
      text_or_none(info->name)};
  return record(constant_type, values, 5);
}

// Calls |add| for each constant with |container| until one fails.
static PyObject* each_constant(pt2py_runner_t* self, PyObject* container,
                               int (*add)(PyObject*,
                                          const pt2_constant_info_t*)) {
  pt2_runner_t* runner = pt2py_runner_get(self);
  size_t count = runner != NULL ? pt2_runner_constant_count(runner) : 0;
  int failed = runner == NULL || container == NULL ? -1 : 0;
  for (size_t i = 0; failed == 0 && i < count; ++i) {
    pt2_constant_info_t info;
    pt2_status_t status = pt2_runner_constant_info(runner, i, &info);
    failed = status == PT2_STATUS_OK ? add(container, &info) : -1;
    if (status != PT2_STATUS_OK) {
      pt2py_raise(status, NULL);
    }
  }
  if (failed != 0) {
    Py_XDECREF(container);
    return NULL;
  }
  return container;
}

static int append_new(PyObject* list, PyObject* item) {
  int failed = item == NULL ? -1 : PyList_Append(list, item);
  Py_XDECREF(item);
  return failed;
}

static int set_new(PyObject* dict, const char* key, PyObject* value) {
  int failed = value == NULL ? -1 : PyDict_SetItemString(dict, key, value);
  Py_XDECREF(value);
  return failed;
}

static int add_record(PyObject* list, const pt2_constant_info_t* info) {
  return append_new(list, constant_object(info));
}

static int add_fqn(PyObject* list, const pt2_constant_info_t* info) {
  return append_new(list, PyUnicode_FromString(info->fqn));
}

static int add_name_and_fqn(PyObject* dict, const pt2_constant_info_t* info) {
  return set_new(dict, info->name, PyUnicode_FromString(info->fqn));
}

static int add_name_and_dtype(PyObject* dict, const pt2_constant_info_t* info) {
  return set_new(dict, info->name, PyLong_FromLong(info->dtype));
}

static PyObject* get_constants(pt2py_runner_t* self, PyObject* unused) {
  (void)unused;
  return each_constant(self, PyList_New(0), add_record);
}

static PyObject* get_constant_fqns(pt2py_runner_t* self, PyObject* unused) {
  (void)unused;
  return each_constant(self, PyList_New(0), add_fqn);
}

static PyObject* get_names_to_fqns(pt2py_runner_t* self, PyObject* unused) {
  (void)unused;
  return each_constant(self, PyDict_New(), add_name_and_fqn);
}

static PyObject* get_names_to_dtypes(pt2py_runner_t* self, PyObject* unused) {
  (void)unused;
  return each_constant(self, PyDict_New(), add_name_and_dtype);
}

// ---- Metadata and spec -----------------------------------------------------

PyObject* pt2py_metadata(const pt2_package_t* package, size_t model) {
  PyObject* dict = PyDict_New();
  size_t count = pt2_package_metadata_count(package, model);
  for (size_t i = 0; dict != NULL && i < count; ++i) {
    const char *key, *value;
    pt2_status_t status =
        pt2_package_metadata_at(package, model, i, &key, &value);
    if (status != PT2_STATUS_OK) {
      pt2py_raise(status, NULL);
      Py_CLEAR(dict);
    } else if (set_new(dict, key, PyUnicode_FromString(value)) != 0) {
      Py_CLEAR(dict);
    }
  }
  return dict;
}

static PyObject* get_metadata(pt2py_runner_t* self, PyObject* unused) {
  (void)unused;
  pt2_runner_t* runner = pt2py_runner_get(self);
  return runner != NULL
             ? pt2py_metadata(pt2_runner_peek_package(runner), self->model)
             : NULL;
}

static PyObject* load_metadata_from_package(PyObject* unused, PyObject* args,
                                            PyObject* kwargs) {
  static char* names[] = {"model_package_path", "model_name", NULL};
  PyObject *path, *source;
  const char* model_name;
  Py_buffer memory;
  pt2_package_t* package;
  (void)unused;
  if (!PyArg_ParseTupleAndKeywords(args, kwargs,
                                   "Os:load_metadata_from_package", names,
                                   &path, &model_name) ||
      pt2py_package_open(path, &package, &source, &memory) != 0) {
    return NULL;
  }
  size_t model;
  pt2_status_t status = pt2_package_find_model(package, model_name, &model);
  PyObject* dict = status == PT2_STATUS_OK ? pt2py_metadata(package, model)
                                           : pt2py_raise(status, NULL);
  pt2_package_release(package);
  if (source != NULL) {
    PyBuffer_Release(&memory);
    Py_DECREF(source);
  }
  return dict;
}

static PyObject* get_call_spec(pt2py_runner_t* self, PyObject* unused) {
  (void)unused;
  pt2_runner_t* runner = pt2py_runner_get(self);
  if (runner == NULL) {
    return NULL;
  }
  const char *in_spec, *out_spec;
  pt2_status_t status = pt2_runner_call_spec(runner, &in_spec, &out_spec);
  return status == PT2_STATUS_OK ? Py_BuildValue("[ss]", in_spec, out_spec)
                                 : pt2py_raise(status, NULL);
}

static PyObject* get_custom_objs(PyObject* self, PyObject* unused) {
  (void)self, (void)unused;
  return PyDict_New();  // packages with such objects are refused
}

static PyObject* did_call_load_constants(pt2py_runner_t* self,
                                         PyObject* unused) {
  (void)unused;
  pt2_runner_t* runner = pt2py_runner_get(self);
  return runner != NULL ? PyBool_FromLong(!self->is_external) : NULL;
}

static PyObject* get_device(pt2py_runner_t* self, PyObject* unused) {
  (void)unused;
  pt2_runner_t* runner = pt2py_runner_get(self);
  return runner != NULL ? PyUnicode_FromString(pt2_device_type_name(
                              pt2_runner_device_type(runner)))
                        : NULL;
}

static PyObject* get_model_name(pt2py_runner_t* self, PyObject* unused) {
  (void)unused;
  pt2_runner_t* runner = pt2py_runner_get(self);
  return runner != NULL ? text_or_none(pt2_package_peek_model_name(
                              pt2_runner_peek_package(runner), self->model))
                        : NULL;
}

static PyObject* statistics(pt2py_runner_t* self, PyObject* unused) {
  (void)unused;
  pt2_runner_t* runner = pt2py_runner_get(self);
  if (runner == NULL) {
    return NULL;
  }
  pt2_runner_statistics_t facts = {.struct_bytes = sizeof(facts)};
  pt2_status_t status;
  Py_BEGIN_ALLOW_THREADS;
  status = pt2_runner_statistics(runner, &facts);
  Py_END_ALLOW_THREADS;
  if (status != PT2_STATUS_OK) {
    return pt2py_raise(status, NULL);
  }
  return Py_BuildValue(
      "{s:n,s:K,s:K,s:K,s:K,s:L}", "instance_count",
      (Py_ssize_t)facts.instance_count, "code_bytes",
      (unsigned long long)facts.code_bytes, "mapped_weight_bytes",
      (unsigned long long)facts.mapped_weight_bytes, "active_weight_bytes",
      (unsigned long long)facts.active_weight_bytes, "inactive_weight_bytes",
      (unsigned long long)facts.inactive_weight_bytes, "packed_weight_bytes",
      (long long)facts.packed_weight_bytes);
}

// ---- Tables ----------------------------------------------------------------

#define PLAIN(function) (PyCFunction)(void (*)(void)) function, METH_NOARGS

PyMethodDef pt2py_describe_methods[] = {
    {"get_inputs", PLAIN(get_inputs),
     "get_inputs($self, /)\n--\n\n"
     "The inputs in call order, a tuple of pt2.ValueInfo."},
    {"get_outputs", PLAIN(get_outputs),
     "get_outputs($self, /)\n--\n\n"
     "The outputs, a tuple of pt2.ValueInfo."},
    {"get_constants", PLAIN(get_constants),
     "get_constants($self, /)\n--\n\n"
     "The constants in the model's order, a list of pt2.ConstantInfo."},
    {"get_constant_fqns", PLAIN(get_constant_fqns),
     "get_constant_fqns($self, /)\n--\n\n"
     "The names of the constants in the state dict."},
    {"get_constant_names_to_original_fqns", PLAIN(get_names_to_fqns),
     "get_constant_names_to_original_fqns($self, /)\n--\n\n"
     "{internal name: FQN}."},
    {"get_constant_names_to_dtypes", PLAIN(get_names_to_dtypes),
     "get_constant_names_to_dtypes($self, /)\n--\n\n"
     "{internal name: dtype}, as the numbers of c10::ScalarType."},
    {"get_metadata", PLAIN(get_metadata),
     "get_metadata($self, /)\n--\n\n"
     "The package's metadata of this model, a dict of strings."},
    {"load_metadata_from_package",
     (PyCFunction)(void (*)(void))load_metadata_from_package,
     METH_VARARGS | METH_KEYWORDS | METH_STATIC,
     "load_metadata_from_package(model_package_path, model_name)\n--\n\n"
     "The metadata of a package that is not loaded; none of its code runs."},
    {"get_call_spec", PLAIN(get_call_spec),
     "get_call_spec($self, /)\n--\n\n"
     "[in_spec, out_spec]: the pytree specs of arguments and result, in JSON."},
    {"get_custom_objs", PLAIN(get_custom_objs),
     "get_custom_objs($self, /)\n--\n\n"
     "{}: packages with torchbind objects are refused."},
    {"did_call_load_constants", PLAIN(did_call_load_constants),
     "did_call_load_constants($self, /)\n--\n\n"
     "False if the runner was created with constants of the caller's."},
    {"get_device", PLAIN(get_device),
     "get_device($self, /)\n--\n\nThe device of the model, 'cpu'."},
    {"get_model_name", PLAIN(get_model_name),
     "get_model_name($self, /)\n--\n\nIts name in the package."},
    {"statistics", PLAIN(statistics),
     "statistics($self, /)\n--\n\n"
     "What the runner holds, in bytes: code, weights that are mapped, in "
     "memory, packed."},
    {NULL, NULL, 0, NULL},
};

static PyTypeObject* add_record_type(PyObject* module, const char* name,
                                     PyStructSequence_Desc* description) {
  PyTypeObject* type = PyStructSequence_NewType(description);
  if (type != NULL &&
      PyModule_AddObjectRef(module, name, (PyObject*)type) != 0) {
    Py_CLEAR(type);
  }
  return type;
}

int pt2py_describe_init(PyObject* module) {
  static PyStructSequence_Field dim_fields[] = {
      {"symbol", "'s77', an expression of such, or None"},
      {"min", "the smallest size"},
      {"max", "the largest size, None if there is none"},
      {NULL, NULL}};
  static PyStructSequence_Desc dim_description = {
      "pt2.Dim", "A dynamic dimension: a size in [min, max].", dim_fields, 3};
  static PyStructSequence_Field value_fields[] = {
      {"name", "the caller's: 'ARGS[0]', 'KWARGS[mask]', 'RESULT'"},
      {"dtype", "'float32'; None if the package does not tell"},
      {"shape",
       "a tuple of int and pt2.Dim; None if the package does not "
       "tell"},
      {"device", "'cpu'; None if the package does not tell"},
      {"strides", "a tuple of int, None where any will do"},
      {"internal_name", "the model's: 'arg0_1'"},
      {NULL, NULL}};
  static PyStructSequence_Desc value_description = {
      "pt2.ValueInfo", "What is known of an input or output.", value_fields, 6};
  static PyStructSequence_Field constant_fields[] = {
      {"fqn", "its name in the state dict"},
      {"dtype", "'float32'"},
      {"shape", "a tuple of int; None if the package does not tell"},
      {"kind", "'parameter', 'buffer', 'tensor', 'folded' or 'unknown'"},
      {"internal_name", "the model's: 'fc_weight'"},
      {NULL, NULL}};
  static PyStructSequence_Desc constant_description = {
      "pt2.ConstantInfo", "What is known of a constant.", constant_fields, 5};
  dim_type = add_record_type(module, "Dim", &dim_description);
  value_type = add_record_type(module, "ValueInfo", &value_description);
  constant_type =
      add_record_type(module, "ConstantInfo", &constant_description);
  return dim_type != NULL && value_type != NULL && constant_type != NULL ? 0
                                                                         : -1;
}
