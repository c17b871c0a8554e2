// SPDX-License-Identifier: Apache-2.0
//
// The module itself: its functions and its initialisation.
#include <stdlib.h>

#include "module.h"

PyObject* pt2py_helper(const char* module, const char* name) {
  char qualified[64];
  snprintf(qualified, sizeof(qualified), "pt2.%s", module);
  PyObject* loaded = PyImport_ImportModule(qualified);
  PyObject* function =
      loaded != NULL ? PyObject_GetAttrString(loaded, name) : NULL;
  Py_XDECREF(loaded);
  return function;
}

PyMethodDef* pt2py_join_methods(PyMethodDef* const* lists, size_t count) {
  size_t total = 0;
  for (size_t i = 0; i < count; ++i) {
    for (size_t k = 0; lists[i][k].ml_name != NULL; ++k) {
      ++total;
    }
  }
  // A type's methods live as long as the process.
  PyMethodDef* joined = calloc(total + 1, sizeof(*joined));
  if (joined == NULL) {
    PyErr_NoMemory();
    return NULL;
  }
  size_t next = 0;
  for (size_t i = 0; i < count; ++i) {
    for (size_t k = 0; lists[i][k].ml_name != NULL; ++k) {
      joined[next++] = lists[i][k];
    }
  }
  return joined;
}

static PyObject* from_dlpack(PyObject* module, PyObject* object) {
  (void)module;
  pt2_tensor_t* tensor;
  return pt2py_tensor_from_object(object, 0, NULL, 0, NULL, NULL, &tensor) == 0
             ? pt2py_tensor_wrap(tensor)
             : NULL;
}

static PyObject* get_num_threads(PyObject* module, PyObject* unused) {
  (void)module, (void)unused;
  return PyLong_FromLong(pt2_num_threads());
}

static PyObject* set_num_threads(PyObject* module, PyObject* count) {
  (void)module;
  long value = PyLong_AsLong(count);
  if (value == -1 && PyErr_Occurred()) {
    return NULL;
  }
  int32_t number = value < 0 || value > INT32_MAX ? 0 : (int32_t)value;
  pt2_status_t status = pt2_set_num_threads(number);
  return status == PT2_STATUS_OK ? Py_NewRef(Py_None)
                                 : pt2py_raise(status, NULL);
}

static PyObject* manual_seed(PyObject* module, PyObject* seed) {
  (void)module;
  unsigned long long value = PyLong_AsUnsignedLongLongMask(seed);
  if (PyErr_Occurred()) {
    return NULL;
  }
  pt2_manual_seed(value);
  return Py_NewRef(Py_None);
}

static PyObject* memory_statistics(PyObject* module, PyObject* unused) {
  (void)module, (void)unused;
  pt2_memory_statistics_t facts = {.struct_bytes = sizeof(facts)};
  pt2_status_t status = pt2_memory_statistics(&facts);
  if (status != PT2_STATUS_OK) {
    return pt2py_raise(status, NULL);
  }
  return Py_BuildValue("{s:n,s:n,s:n}", "in_use_bytes",
                       (Py_ssize_t)facts.in_use_bytes, "kept_bytes",
                       (Py_ssize_t)facts.kept_bytes, "peak_bytes",
                       (Py_ssize_t)facts.peak_bytes);
}

static PyObject* memory_trim(PyObject* module, PyObject* unused) {
  (void)module, (void)unused;
  pt2_memory_trim();
  return Py_NewRef(Py_None);
}

static PyMethodDef module_methods[] = {
    {"from_dlpack", from_dlpack, METH_O,
     "from_dlpack($module, array, /)\n--\n\n"
     "A pt2.Tensor over the memory of anything with __dlpack__ or a buffer."},
    {"get_num_threads", get_num_threads, METH_NOARGS,
     "get_num_threads($module, /)\n--\n\n"
     "The number of threads that operators use at most."},
    {"set_num_threads", set_num_threads, METH_O,
     "set_num_threads($module, count, /)\n--\n\n"
     "Sets it. A model's own kernels use as many as they were compiled for."},
    {"manual_seed", manual_seed, METH_O,
     "manual_seed($module, seed, /)\n--\n\n"
     "Seeds rand, randn and dropout, as torch.manual_seed does."},
    {"memory_statistics", memory_statistics, METH_NOARGS,
     "memory_statistics($module, /)\n--\n\n"
     "The library's memory in the whole process: bytes in use, kept for reuse, "
     "and the\npeak of both. Weights that are mapped are no part of it."},
    {"memory_trim", memory_trim, METH_NOARGS,
     "memory_trim($module, /)\n--\n\n"
     "Gives memory that is kept for reuse back to the system."},
    {"_wait_for_runs", pt2py_wait_for_runs, METH_O, NULL},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module_definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "pt2._pt2",
    .m_doc = "Runs PyTorch AOTInductor packages without libtorch.",
    .m_size = -1,
    .m_methods = module_methods,
};

PyMODINIT_FUNC PyInit__pt2(void);

PyMODINIT_FUNC PyInit__pt2(void) {
  PyObject* module = PyModule_Create(&module_definition);
  if (module == NULL) {
    return NULL;
  }
  if (pt2py_errors_init(module) != 0 || pt2py_convert_init() != 0 ||
      pt2py_tensor_init(module) != 0 || pt2py_describe_init(module) != 0 ||
      pt2py_runner_init(module) != 0 || pt2py_model_init(module) != 0 ||
      PyModule_AddStringConstant(module, "__version__", pt2_version()) != 0) {
    Py_DECREF(module);
    return NULL;
  }
  return module;
}
