// SPDX-License-Identifier: Apache-2.0
//
// AOTICompiledModel: a runner that is called with the containers that its model
// was exported with.
#include <string.h>

#include "module.h"

static PyTypeObject* model_type;

typedef struct {
  PyObject_HEAD PyObject* loader;
  PyObject* dict;
  PyObject* weak_references;
} model_t;

static int model_init(model_t* self, PyObject* args, PyObject* kwargs) {
  static char* names[] = {"loader", NULL};
  PyObject* loader;
  if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O!:AOTICompiledModel", names,
                                   pt2py_runner_type, &loader) ||
      pt2py_runner_get((pt2py_runner_t*)loader) == NULL) {
    return -1;
  }
  PyObject* old = self->loader;
  self->loader = Py_NewRef(loader);
  Py_XDECREF(old);
  return 0;
}

static PyObject* loader_of(model_t* self) {
  if (self->loader == NULL) {
    pt2py_raise_text(pt2py_error, PT2_STATUS_FAILED_PRECONDITION,
                     "the model has no loader: its __init__ was not called");
  }
  return self->loader;
}

static PyObject* model_call(model_t* self, PyObject* args, PyObject* kwargs) {
  PyObject* loader = loader_of(self);
  if (loader == NULL) {
    return NULL;
  }
  Py_INCREF(loader);  // another thread may initialise |self| anew
  PyObject* result = pt2py_runner_call((pt2py_runner_t*)loader, args, kwargs);
  Py_DECREF(loader);
  return result;
}

// ---- What the loader tells -------------------------------------------------

static PyObject* ask_loader(model_t* self, const char* method) {
  PyObject* loader = loader_of(self);
  return loader != NULL ? PyObject_CallMethod(loader, method, NULL) : NULL;
}

static PyObject* model_get_metadata(model_t* self, PyObject* unused) {
  (void)unused;
  return ask_loader(self, "get_metadata");
}

static PyObject* model_get_constant_fqns(model_t* self, PyObject* unused) {
  (void)unused;
  return ask_loader(self, "get_constant_fqns");
}

static PyObject* model_inputs(model_t* self, void* unused) {
  (void)unused;
  return ask_loader(self, "get_inputs");
}

static PyObject* model_outputs(model_t* self, void* unused) {
  (void)unused;
  return ask_loader(self, "get_outputs");
}

static PyObject* model_constants(model_t* self, void* unused) {
  (void)unused;
  return ask_loader(self, "get_constants");
}

static PyObject* model_device(model_t* self, void* unused) {
  (void)unused;
  return ask_loader(self, "get_device");
}

static PyObject* model_get_returns(model_t* self, void* unused) {
  (void)unused;
  PyObject* loader = loader_of(self);
  return loader != NULL ? PyObject_GetAttrString(loader, "returns") : NULL;
}

static int model_set_returns(model_t* self, PyObject* value, void* unused) {
  (void)unused;
  PyObject* loader = loader_of(self);
  return loader != NULL ? PyObject_SetAttrString(loader, "returns", value) : -1;
}

static PyObject* model_load_constants(model_t* self, PyObject* args,
                                      PyObject* kwargs) {
  static char* names[] = {"constants_map", "check_full_update", "user_managed",
                          "allow_h2d_copy", NULL};
  PyObject *mapping, *check_full = NULL, *user_managed = Py_False;
  PyObject* allow_copy = Py_False;
  PyObject* loader = loader_of(self);
  if (loader == NULL ||
      !PyArg_ParseTupleAndKeywords(args, kwargs, "O|$OOO:load_constants", names,
                                   &mapping, &check_full, &user_managed,
                                   &allow_copy)) {
    return NULL;
  }
  if (check_full == NULL) {
    PyErr_SetString(PyExc_TypeError,
                    "load_constants() misses the keyword 'check_full_update'");
    return NULL;
  }
  return PyObject_CallMethod(loader, "load_constants", "OOOOO", mapping,
                             Py_False, check_full, user_managed, allow_copy);
}

// ---- How it shows itself ---------------------------------------------------

static PyObject* ask_describe(model_t* self, const char* function) {
  PyObject* helper = pt2py_helper("_describe", function);
  PyObject* text =
      helper != NULL ? PyObject_CallFunctionObjArgs(helper, self, NULL) : NULL;
  Py_XDECREF(helper);
  return text;
}

static PyObject* model_repr(model_t* self) {
  return ask_describe(self, "model_repr");
}

static PyObject* model_repr_html(model_t* self, PyObject* unused) {
  (void)unused;
  return ask_describe(self, "model_html");
}

// ---- Life ------------------------------------------------------------------

// As in torch, a copy uses the same loader.
static PyObject* model_copy(model_t* self, PyObject* unused) {
  (void)unused;
  PyObject* loader = loader_of(self);
  return loader != NULL
             ? PyObject_CallFunctionObjArgs((PyObject*)model_type, loader, NULL)
             : NULL;
}

static PyObject* model_reduce(model_t* self, PyObject* unused) {
  (void)self, (void)unused;
  PyErr_SetString(PyExc_TypeError,
                  "a loaded model cannot be pickled: load its package where it "
                  "is needed");
  return NULL;
}

static int model_traverse(model_t* self, visitproc visit, void* arg) {
  Py_VISIT(Py_TYPE((PyObject*)self));
  Py_VISIT(self->dict);
  Py_VISIT(self->loader);
  return 0;
}

static int model_clear(model_t* self) {
  Py_CLEAR(self->dict);
  Py_CLEAR(self->loader);
  return 0;
}

static void model_dealloc(model_t* self) {
  PyObject_GC_UnTrack(self);
  if (self->weak_references != NULL) {
    PyObject_ClearWeakRefs((PyObject*)self);
  }
  model_clear(self);
  PyTypeObject* type = Py_TYPE((PyObject*)self);
  PyObject_GC_Del(self);
  Py_DECREF(type);
}

// ---- Type ------------------------------------------------------------------

static PyMethodDef model_methods[] = {
    {"get_metadata", (PyCFunction)model_get_metadata, METH_NOARGS,
     "get_metadata($self, /)\n--\n\n"
     "The package's metadata of this model, a dict of strings."},
    {"get_constant_fqns", (PyCFunction)model_get_constant_fqns, METH_NOARGS,
     "get_constant_fqns($self, /)\n--\n\n"
     "The names of the constants in the state dict."},
    {"load_constants", (PyCFunction)(void (*)(void))model_load_constants,
     METH_VARARGS | METH_KEYWORDS,
     "load_constants($self, /, constants_map, *, check_full_update, "
     "user_managed=False, allow_h2d_copy=False)\n--\n\n"
     "Replaces constants by name (FQN) in the active buffer; see "
     "Runner.load_constants."},
    {"_repr_html_", (PyCFunction)model_repr_html, METH_NOARGS,
     "_repr_html_($self, /)\n--\n\nThe table that Jupyter shows."},
    {"__copy__", (PyCFunction)model_copy, METH_NOARGS,
     "__copy__($self, /)\n--\n\nAnother model of the same loader."},
    {"__deepcopy__", (PyCFunction)model_copy, METH_O,
     "__deepcopy__($self, memo, /)\n--\n\nAnother model of the same loader."},
    {"__reduce__", (PyCFunction)model_reduce, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef model_getters[] = {
    {"inputs", (getter)model_inputs, NULL,
     "The inputs in call order, a tuple of pt2.ValueInfo.", NULL},
    {"outputs", (getter)model_outputs, NULL,
     "The outputs, a tuple of pt2.ValueInfo.", NULL},
    {"constants", (getter)model_constants, NULL,
     "The constants in the model's order, a list of pt2.ConstantInfo.", NULL},
    {"device", (getter)model_device, NULL, "The device of the model, 'cpu'.",
     NULL},
    {"returns", (getter)model_get_returns, (setter)model_set_returns,
     "What results hold: 'auto' (what the first input was), 'pt2', 'numpy' or "
     "'torch'.",
     NULL},
    {"__dict__", PyObject_GenericGetDict, PyObject_GenericSetDict, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyMemberDef model_members[] = {
    {"loader", T_OBJECT, offsetof(model_t, loader), READONLY,
     "The runner that flat lists of tensors go through."},
    {"__dictoffset__", T_PYSSIZET, offsetof(model_t, dict), READONLY, NULL},
    {"__weaklistoffset__", T_PYSSIZET, offsetof(model_t, weak_references),
     READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

static PyType_Slot model_slots[] = {
    {Py_tp_doc,
     "AOTICompiledModel(loader)\n--\n\n"
     "A loaded model. It is called with the arguments that it was exported "
     "with, in\nthe same containers, and returns the containers that the "
     "module returned.\n\n"
     "Tensors are anything with __dlpack__ or a buffer and are not copied, "
     "unless they\nare read-only. What comes out are torch tensors if the "
     "first "
     "tensor was one, else\npt2.Tensor; see `returns`. Threads may call it at "
     "once; they do not hold each\nother up by Python's lock.\n\n"
     "StructureError (a TypeError and ValueError): other containers, keywords, "
     "counts.\n"
     "InvalidArgumentError (a ValueError): 'input 0 (ARGS[0]) dim 1: expected "
     "256, got\n255'. Error (a RuntimeError): the model failed."},
    {Py_tp_new, PyType_GenericNew},
    {Py_tp_init, model_init},
    {Py_tp_call, model_call},
    {Py_tp_repr, model_repr},
    {Py_tp_dealloc, model_dealloc},
    {Py_tp_traverse, model_traverse},
    {Py_tp_clear, model_clear},
    {Py_tp_methods, model_methods},
    {Py_tp_getset, model_getters},
    {Py_tp_members, model_members},
    {0, NULL},
};

static PyType_Spec model_spec = {
    .name = "pt2.AOTICompiledModel",
    .basicsize = sizeof(model_t),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE,
    .slots = model_slots,
};

int pt2py_model_init(PyObject* module) {
  model_type = (PyTypeObject*)PyType_FromSpec(&model_spec);
  return model_type != NULL ? PyModule_AddObjectRef(module, "AOTICompiledModel",
                                                    (PyObject*)model_type)
                            : -1;
}
