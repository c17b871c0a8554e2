// SPDX-License-Identifier: Apache-2.0
//
// What a package can be opened from: a path, bytes, a file object.
#include <string.h>

#include "module.h"

static int open_path(PyObject* what, pt2_package_t** out_package) {
  PyObject* bytes = NULL;
  if (!PyUnicode_FSConverter(what, &bytes)) {
    return -1;
  }
  const char* path = PyBytes_AsString(bytes);
  pt2_status_t status;
  Py_BEGIN_ALLOW_THREADS;
  status = pt2_package_open(path, NULL, out_package);
  Py_END_ALLOW_THREADS;
  Py_DECREF(bytes);
  if (status != PT2_STATUS_OK) {
    pt2py_raise_open(status);
    return -1;
  }
  return 0;
}

// |what| is read-only, or it is copied: a package must not change.
static int open_memory(PyObject* what, pt2_package_t** out_package,
                       PyObject** out_source, Py_buffer* memory) {
  if (PyObject_GetBuffer(what, memory, PyBUF_SIMPLE) != 0) {
    return -1;
  }
  PyObject* source = Py_NewRef(what);
  if (!memory->readonly) {
    PyBuffer_Release(memory);
    Py_DECREF(source);
    source = PyBytes_FromObject(what);
    if (source == NULL || PyObject_GetBuffer(source, memory, PyBUF_SIMPLE)) {
      Py_XDECREF(source);
      return -1;
    }
  }
  pt2_status_t status;
  Py_BEGIN_ALLOW_THREADS;
  status = pt2_package_open_memory(memory->buf, (size_t)memory->len, NULL,
                                   out_package);
  Py_END_ALLOW_THREADS;
  if (status != PT2_STATUS_OK) {
    pt2py_raise_open(status);
    PyBuffer_Release(memory);
    Py_DECREF(source);
    return -1;
  }
  *out_source = source;
  return 0;
}

static int open_descriptor(int fd, pt2_package_t** out_package) {
  pt2_status_t status;
  Py_BEGIN_ALLOW_THREADS;
  status = pt2_package_open_fd(fd, NULL, out_package);
  Py_END_ALLOW_THREADS;
  if (status != PT2_STATUS_OK) {
    pt2py_raise_open(status);
    return -1;
  }
  return 0;
}

// A file of the system is opened by its descriptor, any other is read.
static int open_file(PyObject* what, pt2_package_t** out_package,
                     PyObject** out_source, Py_buffer* memory) {
  PyObject* helper = pt2py_helper("_files", "contents");
  PyObject* contents =
      helper != NULL ? PyObject_CallFunctionObjArgs(helper, what, NULL) : NULL;
  Py_XDECREF(helper);
  if (contents == NULL) {
    return -1;
  }
  int failed;
  if (PyLong_Check(contents)) {
    int fd = (int)PyLong_AsLong(contents);
    failed =
        fd == -1 && PyErr_Occurred() ? -1 : open_descriptor(fd, out_package);
  } else if (PyObject_CheckBuffer(contents)) {
    failed = open_memory(contents, out_package, out_source, memory);
  } else {
    PyErr_Format(PyExc_TypeError,
                 "the file is not binary: read() returned %R, not bytes",
                 (PyObject*)Py_TYPE(contents));
    failed = -1;
  }
  Py_DECREF(contents);
  return failed;
}

int pt2py_package_open(PyObject* what, pt2_package_t** out_package,
                       PyObject** out_source, Py_buffer* memory) {
  *out_source = NULL;
  if (PyUnicode_Check(what) || PyObject_HasAttrString(what, "__fspath__")) {
    return open_path(what, out_package);
  }
  // An mmap is both a buffer and a file.
  if (PyObject_CheckBuffer(what)) {
    return open_memory(what, out_package, out_source, memory);
  }
  if (PyObject_HasAttrString(what, "read")) {
    return open_file(what, out_package, out_source, memory);
  }
  PyErr_Format(PyExc_TypeError,
               "a package is a path, bytes or a binary file, not %R",
               (PyObject*)Py_TYPE(what));
  return -1;
}
