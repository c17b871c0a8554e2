// SPDX-License-Identifier: Apache-2.0
//
// Runner methods that read and change a model's constants. The interpreter is
// given up in each: they wait for runs, and a run may wait for the interpreter.
#include <stdlib.h>
#include <string.h>

#include "module.h"

// ---- Maps of tensors -------------------------------------------------------

void pt2py_named_free(pt2_named_tensor_t* named, size_t count) {
  for (size_t i = 0; named != NULL && i < count; ++i) {
    pt2_tensor_release(named[i].tensor);
    free((char*)named[i].name);
  }
  free(named);
}

static int fill_named(pt2_named_tensor_t* named, PyObject* pair) {
  PyObject* name = PyTuple_GetItem(pair, 0);
  if (name == NULL || !PyUnicode_Check(name)) {
    PyErr_SetString(PyExc_TypeError, "the names of constants are strings");
    return -1;
  }
  const char* text = PyUnicode_AsUTF8AndSize(name, NULL);
  char* copy = text != NULL ? strdup(text) : NULL;
  if (copy == NULL) {
    return text != NULL ? (PyErr_NoMemory(), -1) : -1;
  }
  named->name = copy;
  return pt2py_tensor_from_object(PyTuple_GetItem(pair, 1), 0, "constant",
                                  (size_t)-1, copy, NULL, &named->tensor);
}

pt2_named_tensor_t* pt2py_named_from_dict(PyObject* mapping,
                                          size_t* out_count) {
  PyObject* items = PyMapping_Items(mapping);
  if (items == NULL) {
    if (PyErr_ExceptionMatches(PyExc_AttributeError)) {
      PyErr_Clear();
      PyErr_Format(PyExc_TypeError,
                   "constants are a mapping of names to tensors, not %R",
                   (PyObject*)Py_TYPE(mapping));
    }
    return NULL;
  }
  size_t count = (size_t)PyList_Size(items);
  pt2_named_tensor_t* named = calloc(count + 1, sizeof(*named));
  if (named == NULL) {
    PyErr_NoMemory();
  }
  for (size_t i = 0; named != NULL && i < count; ++i) {
    if (fill_named(&named[i], PyList_GetItem(items, (Py_ssize_t)i)) != 0) {
      pt2py_named_free(named, count);
      named = NULL;
    }
  }
  Py_DECREF(items);
  *out_count = named != NULL ? count : 0;
  return named;
}

// ---- Updates ---------------------------------------------------------------

static PyObject* none_or_raise(pt2_status_t status) {
  return status == PT2_STATUS_OK ? Py_NewRef(Py_None)
                                 : pt2py_raise(status, NULL);
}

static PyObject* update(pt2py_runner_t* self, PyObject* mapping,
                        int use_inactive, int check_full, int user_managed) {
  size_t count;
  pt2_named_tensor_t* named = pt2py_runner_get(self) != NULL
                                  ? pt2py_named_from_dict(mapping, &count)
                                  : NULL;
  if (named == NULL) {
    return NULL;
  }
  pt2_runner_t* runner = pt2py_runner_enter(self);
  if (runner == NULL) {
    pt2py_named_free(named, count);
    return NULL;
  }
  pt2_constants_options_t options;
  pt2_constants_options_init(&options);
  options.use_inactive = use_inactive;
  options.check_full_update = check_full;
  options.user_managed = user_managed;
  pt2_status_t status;
  Py_BEGIN_ALLOW_THREADS;
  status = pt2_runner_update_constants(runner, named, count, &options);
  Py_END_ALLOW_THREADS;
  pt2py_runner_leave(self);
  PyObject* result = none_or_raise(status);
  pt2py_named_free(named, count);
  return result;
}

static PyObject* load_constants(pt2py_runner_t* self, PyObject* args,
                                PyObject* kwargs) {
  static char* names[] = {"constants_map",     "use_inactive",
                          "check_full_update", "user_managed",
                          "allow_h2d_copy",    NULL};
  PyObject* mapping;
  int use_inactive, check_full, user_managed = 0, allow_copy = 0;
  if (!PyArg_ParseTupleAndKeywords(args, kwargs, "Opp|pp:load_constants", names,
                                   &mapping, &use_inactive, &check_full,
                                   &user_managed, &allow_copy)) {
    return NULL;
  }
  if (user_managed && allow_copy) {
    return pt2py_raise_text(
        pt2py_invalid, PT2_STATUS_INVALID_ARGUMENT,
        "user_managed and allow_h2d_copy exclude each other: what the caller "
        "manages is not copied");
  }
  return update(self, mapping, use_inactive, check_full, user_managed);
}

static PyObject* update_constant_buffer(pt2py_runner_t* self, PyObject* args,
                                        PyObject* kwargs) {
  static char* names[] = {"tensor_map", "use_inactive", "validate_full_updates",
                          "user_managed", NULL};
  PyObject* mapping;
  int use_inactive, check_full, user_managed = 0;
  return PyArg_ParseTupleAndKeywords(
             args, kwargs, "Opp|p:update_constant_buffer", names, &mapping,
             &use_inactive, &check_full, &user_managed)
             ? update(self, mapping, use_inactive, check_full, user_managed)
             : NULL;
}

static PyObject* update_from_cpu(pt2py_runner_t* self, PyObject* args,
                                 PyObject* kwargs) {
  static char* names[] = {"tensor_map", "use_inactive", "validate_full_updates",
                          NULL};
  PyObject* mapping;
  int use_inactive, check_full;
  return PyArg_ParseTupleAndKeywords(
             args, kwargs, "Opp:update_constant_buffer_from_cpu", names,
             &mapping, &use_inactive, &check_full)
             ? update(self, mapping, use_inactive, check_full, 0)
             : NULL;
}

static PyObject* update_inactive(pt2py_runner_t* self, PyObject* args,
                                 PyObject* kwargs) {
  static char* names[] = {"tensor_map", NULL};
  PyObject* mapping;
  return PyArg_ParseTupleAndKeywords(
             args, kwargs, "O:update_inactive_constant_buffer", names, &mapping)
             ? update(self, mapping, 1, 0, 0)
             : NULL;
}

// ---- Files -----------------------------------------------------------------

static int parse_format(const char* text, int32_t* out_format) {
  static const char* const formats[] = {"auto", "safetensors", "torch", "blob"};
  for (int32_t i = 0; i < 4; ++i) {
    if (strcmp(text, formats[i]) == 0) {
      *out_format = i;
      return 0;
    }
  }
  pt2py_raise_text(pt2py_invalid, PT2_STATUS_INVALID_ARGUMENT,
                   "format is 'auto', 'safetensors', 'torch' or 'blob', not "
                   "'%s'",
                   text);
  return -1;
}

// Takes |path|, the bytes of PyUnicode_FSConverter, over.
static PyObject* load_file(pt2py_runner_t* self, PyObject* path,
                           const pt2_load_options_t* options) {
  pt2_runner_t* runner = pt2py_runner_enter(self);
  if (runner == NULL) {
    Py_DECREF(path);
    return NULL;
  }
  const char* text = PyBytes_AsString(path);
  pt2_status_t status;
  Py_BEGIN_ALLOW_THREADS;
  status = pt2_runner_load_constants(runner, text, options);
  Py_END_ALLOW_THREADS;
  pt2py_runner_leave(self);
  Py_DECREF(path);
  return none_or_raise(status);
}

static PyObject* load_weights(pt2py_runner_t* self, PyObject* args,
                              PyObject* kwargs) {
  static char* names[] = {
      "path",           "format", "use_inactive", "check_full_update", "copy",
      "ignore_unknown", NULL};
  PyObject* path;
  const char* format = "auto";
  int use_inactive = 0, check_full = 0, copy = 0, ignore = 0;
  pt2_load_options_t options;
  pt2_load_options_init(&options);
  if (!PyArg_ParseTupleAndKeywords(
          args, kwargs, "O&|$spppp:load_weights", names, PyUnicode_FSConverter,
          &path, &format, &use_inactive, &check_full, &copy, &ignore)) {
    return NULL;
  }
  if (parse_format(format, &options.format) != 0) {
    Py_DECREF(path);
    return NULL;
  }
  options.use_inactive = use_inactive;
  options.check_full_update = check_full;
  options.copy = copy;
  options.ignore_unknown = ignore;
  return load_file(self, path, &options);
}

static PyObject* update_from_blob(pt2py_runner_t* self, PyObject* args,
                                  PyObject* kwargs) {
  static char* names[] = {"weights_path", NULL};
  PyObject* path;
  if (!PyArg_ParseTupleAndKeywords(args, kwargs,
                                   "O&:update_constant_buffer_from_blob", names,
                                   PyUnicode_FSConverter, &path)) {
    return NULL;
  }
  pt2_load_options_t options;
  pt2_load_options_init(&options);
  options.format = PT2_WEIGHTS_FORMAT_BLOB;
  return load_file(self, path, &options);
}

// ---- Buffers ---------------------------------------------------------------

static PyObject* swap_constants(pt2py_runner_t* self, PyObject* unused) {
  (void)unused;
  pt2_runner_t* runner = pt2py_runner_enter(self);
  if (runner == NULL) {
    return NULL;
  }
  pt2_status_t status;
  Py_BEGIN_ALLOW_THREADS;
  status = pt2_runner_swap_constants(runner);
  Py_END_ALLOW_THREADS;
  pt2py_runner_leave(self);
  return none_or_raise(status);
}

static PyObject* free_inactive(pt2py_runner_t* self, PyObject* unused) {
  (void)unused;
  pt2_runner_t* runner = pt2py_runner_enter(self);
  if (runner == NULL) {
    return NULL;
  }
  pt2_status_t status;
  Py_BEGIN_ALLOW_THREADS;
  status = pt2_runner_free_inactive_constants(runner);
  Py_END_ALLOW_THREADS;
  pt2py_runner_leave(self);
  return none_or_raise(status);
}

static PyObject* run_const_fold(pt2py_runner_t* self, PyObject* args,
                                PyObject* kwargs) {
  static char* names[] = {"use_inactive", NULL};
  int use_inactive;
  if (!PyArg_ParseTupleAndKeywords(args, kwargs, "p:run_const_fold", names,
                                   &use_inactive)) {
    return NULL;
  }
  pt2_runner_t* runner = pt2py_runner_enter(self);
  if (runner == NULL) {
    return NULL;
  }
  pt2_status_t status;
  Py_BEGIN_ALLOW_THREADS;
  status = pt2_runner_fold_constants(runner, use_inactive);
  Py_END_ALLOW_THREADS;
  pt2py_runner_leave(self);
  return none_or_raise(status);
}

// ---- Reading ---------------------------------------------------------------

// One constant, as what the runner returns; NULL without an exception if the
// buffer does not hold it. The memory of a package that lies in the caller's
// bytes goes with the runner: what lies there is copied.
static PyObject* extract(pt2py_runner_t* self, const char* name,
                         bool use_inactive) {
  pt2_tensor_t* tensor = NULL;
  if (pt2py_runner_enter(self) == NULL) {
    return NULL;
  }
  bool must_copy = self->source != NULL || self->sharing != NULL;
  pt2_status_t status;
  Py_BEGIN_ALLOW_THREADS;
  status =
      pt2_runner_extract_constant(self->runner, name, use_inactive, &tensor);
  if (status == PT2_STATUS_OK && must_copy) {
    pt2_tensor_t* copy = NULL;
    status = pt2_tensor_clone(tensor, &copy);
    pt2_tensor_release(tensor);
    tensor = copy;
  }
  Py_END_ALLOW_THREADS;
  pt2py_runner_leave(self);
  if (status == PT2_STATUS_FAILED_PRECONDITION) {
    return NULL;
  }
  return status == PT2_STATUS_OK
             ? pt2py_object_from_tensor(tensor, self->returns, NULL)
             : pt2py_raise(status, NULL);
}

static PyObject* extract_constants_map(pt2py_runner_t* self, PyObject* args,
                                       PyObject* kwargs) {
  static char* names[] = {"use_inactive", NULL};
  int use_inactive;
  pt2_runner_t* runner = pt2py_runner_get(self);
  if (runner == NULL ||
      !PyArg_ParseTupleAndKeywords(args, kwargs, "p:extract_constants_map",
                                   names, &use_inactive)) {
    return NULL;
  }
  PyObject* map = PyDict_New();
  size_t count = pt2_runner_constant_count(runner);
  for (size_t i = 0; map != NULL && i < count; ++i) {
    pt2_constant_info_t info;
    pt2_status_t status = pt2_runner_constant_info(runner, i, &info);
    if (status != PT2_STATUS_OK) {
      pt2py_raise(status, NULL);
      Py_CLEAR(map);
      break;
    }
    if (info.kind == 4) {
      continue;  // folded: the model's own
    }
    PyObject* tensor = extract(self, info.name, use_inactive);
    if (tensor == NULL ? PyErr_Occurred() != NULL
                       : PyDict_SetItemString(map, info.fqn, tensor) != 0) {
      Py_CLEAR(map);
    }
    Py_XDECREF(tensor);
  }
  return map;
}

// ---- Sharing ---------------------------------------------------------------

static int keep_sharing(pt2py_runner_t* self, pt2py_runner_t* from) {
  if (from->source == NULL && from->sharing == NULL) {
    return 0;  // the library keeps the memory by itself
  }
  if (self->sharing == NULL) {
    self->sharing = PyList_New(0);
  }
  return self->sharing != NULL ? PyList_Append(self->sharing, (PyObject*)from)
                               : -1;
}

static PyObject* share_constants(pt2py_runner_t* self, PyObject* args,
                                 PyObject* kwargs) {
  static char* names[] = {"other", "use_inactive", "require_all", NULL};
  PyObject* other;
  int use_inactive = 0, require_all = 0;
  if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O!|$pp:share_constants",
                                   names, pt2py_runner_type, &other,
                                   &use_inactive, &require_all)) {
    return NULL;
  }
  pt2py_runner_t* from = (pt2py_runner_t*)other;
  if (pt2py_runner_get(from) == NULL || pt2py_runner_enter(self) == NULL) {
    return NULL;
  }
  if (keep_sharing(self, from) != 0 ||
      (from != self && pt2py_runner_enter(from) == NULL)) {
    pt2py_runner_leave(self);
    return NULL;
  }
  pt2_share_options_t options;
  pt2_share_options_init(&options);
  options.use_inactive = use_inactive;
  options.require_all = require_all;
  size_t count = 0;
  pt2_status_t status;
  Py_BEGIN_ALLOW_THREADS;
  status =
      pt2_runner_share_constants(self->runner, from->runner, &options, &count);
  Py_END_ALLOW_THREADS;
  pt2py_runner_leave(from);
  pt2py_runner_leave(self);
  return status == PT2_STATUS_OK ? PyLong_FromSize_t(count)
                                 : pt2py_raise(status, NULL);
}

// ---- Table -----------------------------------------------------------------

#define KEYWORDS(function) \
  (PyCFunction)(void (*)(void)) function, METH_VARARGS | METH_KEYWORDS

PyMethodDef pt2py_constants_methods[] = {
    {"load_constants", KEYWORDS(load_constants),
     "load_constants($self, /, constants_map, use_inactive, check_full_update, "
     "user_managed=False, allow_h2d_copy=False)\n--\n\n"
     "Replaces constants by name (FQN). All are checked before any is touched: "
     "after an\nerror the old ones are in force. It waits for runs that have "
     "begun.\n\n"
     "check_full_update: refuse a map that leaves out a parameter.\n"
     "user_managed: use the given memory, without a copy; it may not change.\n"
     "NotFoundError: no such constant. InvalidArgumentError: its dtype or "
     "shape."},
    {"update_constant_buffer", KEYWORDS(update_constant_buffer),
     "update_constant_buffer($self, /, tensor_map, use_inactive, "
     "validate_full_updates, user_managed=False)\n--\n\n"
     "The same as load_constants."},
    {"update_constant_buffer_from_cpu", KEYWORDS(update_from_cpu),
     "update_constant_buffer_from_cpu($self, /, tensor_map, use_inactive, "
     "validate_full_updates)\n--\n\n"
     "The same from tensors of the cpu, which are copied to the model's "
     "device."},
    {"update_inactive_constant_buffer", KEYWORDS(update_inactive),
     "update_inactive_constant_buffer($self, /, tensor_map)\n--\n\n"
     "Replaces constants of the inactive buffer, under traffic; see "
     "swap_constant_buffer."},
    {"load_weights", KEYWORDS(load_weights),
     "load_weights($self, /, path, *, format='auto', use_inactive=False, "
     "check_full_update=False, copy=False, ignore_unknown=False)\n--\n\n"
     "Replaces constants from a .safetensors file, one of torch.save, or a "
     "blob, used\nwhere it lies mapped unless `copy`. format: 'auto', "
     "'safetensors', 'torch', 'blob'."},
    {"update_constant_buffer_from_blob", KEYWORDS(update_from_blob),
     "update_constant_buffer_from_blob($self, /, weights_path)\n--\n\n"
     "Replaces all constants from the .blob of a package with weights beside "
     "it."},
    {"swap_constant_buffer", (PyCFunction)swap_constants, METH_NOARGS,
     "swap_constant_buffer($self, /)\n--\n\n"
     "Exchanges the active and the inactive constants, between two runs.\n\n"
     "Error (FAILED_PRECONDITION): the inactive buffer lacks one, by name."},
    {"free_inactive_constant_buffer", (PyCFunction)free_inactive, METH_NOARGS,
     "free_inactive_constant_buffer($self, /)\n--\n\n"
     "Gives the memory of the inactive constants back."},
    {"run_const_fold", KEYWORDS(run_const_fold),
     "run_const_fold($self, /, use_inactive)\n--\n\n"
     "Computes what the model folds of its constants now instead of at the "
     "next "
     "run."},
    {"extract_constants_map", KEYWORDS(extract_constants_map),
     "extract_constants_map($self, /, use_inactive)\n--\n\n"
     "The constants that a buffer holds, by FQN, without a copy unless the "
     "package was\nloaded from bytes. They may not be written to."},
    {"share_constants", KEYWORDS(share_constants),
     "share_constants($self, /, other, *, use_inactive=False, "
     "require_all=False)\n--\n\n"
     "Uses the constants of another runner that have the same FQN, dtype and "
     "shape, in\nthe same memory. Returns how many."},
    {NULL, NULL, 0, NULL},
};
