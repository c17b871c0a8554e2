// SPDX-License-Identifier: Apache-2.0
//
// Exceptions: one for each kind of status, all of them pt2.Error, each also the
// built-in exception that a program in Python would expect.
#include <string.h>

#include "module.h"

PyObject* pt2py_error;
PyObject* pt2py_invalid;
PyObject* pt2py_structure_error;
static PyObject* not_found;
static PyObject* package_not_found;
static PyObject* out_of_memory;
static PyObject* io_error;
static PyObject* unsupported;
static PyObject* timed_out;

static PyObject* class_of(pt2_status_t status) {
  switch (status) {
    case PT2_STATUS_INVALID_ARGUMENT:
      return pt2py_invalid;
    case PT2_STATUS_NOT_FOUND:
      return not_found;
    case PT2_STATUS_OUT_OF_MEMORY:
      return out_of_memory;
    case PT2_STATUS_IO:
      return io_error;
    case PT2_STATUS_UNSUPPORTED:
      return unsupported;
    case PT2_STATUS_TIMEOUT:
      return timed_out;
    default:
      return pt2py_error;
  }
}

// Takes |message| over.
static void raise_message(PyObject* type, pt2_status_t status,
                          PyObject* message) {
  if (message == NULL) {
    return;
  }
  PyObject* error = PyObject_CallFunctionObjArgs(type, message, NULL);
  Py_DECREF(message);
  PyObject* name = PyUnicode_FromString(pt2_status_name(status));
  if (error != NULL && name != NULL &&
      PyObject_SetAttrString(error, "status", name) == 0) {
    PyErr_SetObject(type, error);
  }
  Py_XDECREF(name);
  Py_XDECREF(error);
}

PyObject* pt2py_raise(pt2_status_t status, const char* prefix) {
  PyObject* message = PyUnicode_FromFormat("%s%s", prefix != NULL ? prefix : "",
                                           pt2_error_message());
  raise_message(class_of(status), status, message);
  return NULL;
}

PyObject* pt2py_raise_text(PyObject* type, pt2_status_t status,
                           const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  PyObject* message = PyUnicode_FromFormatV(format, arguments);
  va_end(arguments);
  raise_message(type, status, message);
  return NULL;
}

PyObject* pt2py_raise_open(pt2_status_t status) {
  PyObject* type =
      status == PT2_STATUS_NOT_FOUND ? package_not_found : class_of(status);
  raise_message(type, status, PyUnicode_FromString(pt2_error_message()));
  return NULL;
}

// The first line of |value| as text: torch appends a trace of its own stack.
static PyObject* first_line(PyObject* value) {
  PyObject* text = value != NULL ? PyObject_Str(value) : NULL;
  if (text == NULL) {
    PyErr_Clear();
    return PyUnicode_FromString("unknown error");
  }
  Py_ssize_t end =
      PyUnicode_FindChar(text, '\n', 0, PyUnicode_GetLength(text), 1);
  if (end < 0) {
    return text;
  }
  PyObject* line = PyUnicode_Substring(text, 0, end);
  Py_DECREF(text);
  return line;
}

void pt2py_raise_from(PyObject* type, pt2_status_t status, const char* prefix) {
  PyObject *cause_type, *cause, *trace;
  PyErr_Fetch(&cause_type, &cause, &trace);
  PyErr_NormalizeException(&cause_type, &cause, &trace);
  PyObject* line = first_line(cause);
  PyObject* message =
      line != NULL ? PyUnicode_FromFormat("%s%U", prefix, line) : NULL;
  Py_XDECREF(line);
  raise_message(type, status, message);
  PyObject *new_type, *error, *new_trace;
  PyErr_Fetch(&new_type, &error, &new_trace);
  PyErr_NormalizeException(&new_type, &error, &new_trace);
  if (error != NULL && cause != NULL) {
    PyException_SetCause(error, cause);  // takes it over
    cause = NULL;
  }
  PyErr_Restore(new_type, error, new_trace);
  Py_XDECREF(cause_type);
  Py_XDECREF(cause);
  Py_XDECREF(trace);
}

// |base| and |other| are the bases; |other| may be NULL.
static PyObject* add_class(PyObject* module, const char* name, PyObject* base,
                           PyObject* other, const char* doc) {
  PyObject* bases =
      other != NULL ? PyTuple_Pack(2, base, other) : PyTuple_Pack(1, base);
  if (bases == NULL) {
    return NULL;
  }
  char qualified[64];
  snprintf(qualified, sizeof(qualified), "pt2.%s", name);
  PyObject* type = PyErr_NewExceptionWithDoc(qualified, doc, bases, NULL);
  Py_DECREF(bases);
  if (type == NULL || PyModule_AddObjectRef(module, name, type) != 0) {
    Py_XDECREF(type);
    return NULL;
  }
  return type;
}

int pt2py_errors_init(PyObject* module) {
  pt2py_error = add_class(
      module, "Error", PyExc_RuntimeError, NULL,
      "What the library reports. `status` is the name of its status, such as\n"
      "'CORRUPT', 'INCOMPATIBLE', 'FAILED_PRECONDITION' or 'MODEL_ERROR'.");
  if (pt2py_error == NULL) {
    return -1;
  }
  PyObject* unknown = PyUnicode_FromString("UNKNOWN");
  if (unknown == NULL ||
      PyObject_SetAttrString(pt2py_error, "status", unknown) != 0) {
    Py_XDECREF(unknown);
    return -1;
  }
  Py_DECREF(unknown);
  struct {
    PyObject** slot;
    const char* name;
    PyObject** base;
    PyObject* other;
    const char* doc;
  } classes[] = {
      {&pt2py_invalid, "InvalidArgumentError", &pt2py_error, PyExc_ValueError,
       "An argument is wrong: a count, a dtype, a shape. The message names "
       "it."},
      {&pt2py_structure_error, "StructureError", &pt2py_invalid,
       PyExc_TypeError,
       "The arguments of a call are not those that the model was exported with:"
       "\nanother count, a keyword that is missing or unexpected, something "
       "that\nis no tensor."},
      {&not_found, "NotFoundError", &pt2py_error, PyExc_LookupError,
       "No model, constant or file of that name. The message lists those there "
       "are."},
      {&package_not_found, "PackageNotFoundError", &not_found,
       PyExc_FileNotFoundError, "There is no file at that path."},
      {&out_of_memory, "OutOfMemoryError", &pt2py_error, PyExc_MemoryError,
       "Memory ran out; nothing has changed."},
      {&io_error, "FileError", &pt2py_error, PyExc_OSError,
       "The system refused a file operation."},
      {&unsupported, "UnsupportedError", &pt2py_error,
       PyExc_NotImplementedError,
       "The package is sound but uses something that the library does not "
       "have."},
      {&timed_out, "RunTimeoutError", &pt2py_error, PyExc_TimeoutError,
       "No instance of the model came free in time; the model has not run."},
  };
  for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); ++i) {
    *classes[i].slot = add_class(module, classes[i].name, *classes[i].base,
                                 classes[i].other, classes[i].doc);
    if (*classes[i].slot == NULL) {
      return -1;
    }
  }
  return 0;
}
