// SPDX-License-Identifier: Apache-2.0
//
// pt2.Tensor: what comes out of a model where no other library's tensors went
// in. It lends its memory by DLPack, the buffer protocol and NumPy's
// __array_interface__.
#include <string.h>

#include "module.h"

PyTypeObject* pt2py_tensor_type;

// ---- Dtypes ----------------------------------------------------------------

typedef struct {
  pt2_dtype_t dtype;
  const char* name;
  const char* format;   // of the buffer protocol; NULL: it has none
  const char* typestr;  // of __array_interface__, without the byte order
} dtype_row_t;

static const dtype_row_t dtype_rows[] = {
    {PT2_DTYPE_U8, "uint8", "B", "u1"},
    {PT2_DTYPE_I8, "int8", "b", "i1"},
    {PT2_DTYPE_I16, "int16", "h", "i2"},
    {PT2_DTYPE_I32, "int32", "i", "i4"},
    {PT2_DTYPE_I64, "int64", "q", "i8"},
    {PT2_DTYPE_F16, "float16", "e", "f2"},
    {PT2_DTYPE_F32, "float32", "f", "f4"},
    {PT2_DTYPE_F64, "float64", "d", "f8"},
    {PT2_DTYPE_COMPLEX32, "complex32", NULL, NULL},
    {PT2_DTYPE_COMPLEX64, "complex64", "Zf", "c8"},
    {PT2_DTYPE_COMPLEX128, "complex128", "Zd", "c16"},
    {PT2_DTYPE_BOOL, "bool", "?", "b1"},
    {PT2_DTYPE_BF16, "bfloat16", NULL, NULL},
    {PT2_DTYPE_F8E5M2, "float8_e5m2", NULL, NULL},
    {PT2_DTYPE_F8E4M3FN, "float8_e4m3fn", NULL, NULL},
    {PT2_DTYPE_F8E5M2FNUZ, "float8_e5m2fnuz", NULL, NULL},
    {PT2_DTYPE_F8E4M3FNUZ, "float8_e4m3fnuz", NULL, NULL},
    {PT2_DTYPE_U16, "uint16", "H", "u2"},
    {PT2_DTYPE_U32, "uint32", "I", "u4"},
    {PT2_DTYPE_U64, "uint64", "Q", "u8"},
    {PT2_DTYPE_F8E8M0FNU, "float8_e8m0fnu", NULL, NULL},
    {PT2_DTYPE_F4E2M1FNX2, "float4_e2m1fn_x2", NULL, NULL},
};

static const dtype_row_t* row_of(pt2_dtype_t dtype) {
  static const dtype_row_t unknown = {PT2_DTYPE_UNDEFINED, "unknown", NULL,
                                      NULL};
  for (size_t i = 0; i < sizeof(dtype_rows) / sizeof(dtype_rows[0]); ++i) {
    if (dtype_rows[i].dtype == dtype) {
      return &dtype_rows[i];
    }
  }
  return &unknown;
}

const char* pt2py_dtype_name(pt2_dtype_t dtype) { return row_of(dtype)->name; }

// ---- Life ------------------------------------------------------------------

PyObject* pt2py_tensor_wrap(pt2_tensor_t* tensor) {
  pt2py_tensor_t* self = PyObject_New(pt2py_tensor_t, pt2py_tensor_type);
  if (self == NULL) {
    pt2_tensor_release(tensor);
    return NULL;
  }
  self->tensor = tensor;
  self->weak_references = NULL;
  return (PyObject*)self;
}

static void tensor_dealloc(pt2py_tensor_t* self) {
  if (self->weak_references != NULL) {
    PyObject_ClearWeakRefs((PyObject*)self);
  }
  pt2_tensor_release(self->tensor);
  PyTypeObject* type = Py_TYPE((PyObject*)self);
  PyObject_Free(self);
  Py_DECREF(type);
}

static PyObject* tensor_new(PyTypeObject* type, PyObject* args,
                            PyObject* kwargs) {
  (void)type, (void)args, (void)kwargs;
  PyErr_SetString(PyExc_TypeError,
                  "pt2.Tensor is not made like this: pt2.from_dlpack(array) "
                  "makes one over the array's memory");
  return NULL;
}

// ---- Facts -----------------------------------------------------------------

static PyObject* tuple_of(const int64_t* values, size_t count) {
  PyObject* tuple = PyTuple_New((Py_ssize_t)count);
  for (size_t i = 0; tuple != NULL && i < count; ++i) {
    PyObject* value = PyLong_FromLongLong(values[i]);
    if (value == NULL || PyTuple_SetItem(tuple, (Py_ssize_t)i, value) != 0) {
      Py_CLEAR(tuple);
    }
  }
  return tuple;
}

static PyObject* tensor_shape(pt2py_tensor_t* self, void* unused) {
  (void)unused;
  return tuple_of(pt2_tensor_peek_sizes(self->tensor),
                  pt2_tensor_rank(self->tensor));
}

static PyObject* tensor_strides(pt2py_tensor_t* self, void* unused) {
  (void)unused;
  return tuple_of(pt2_tensor_peek_strides(self->tensor),
                  pt2_tensor_rank(self->tensor));
}

static PyObject* tensor_dtype(pt2py_tensor_t* self, void* unused) {
  (void)unused;
  return PyUnicode_FromString(pt2py_dtype_name(pt2_tensor_dtype(self->tensor)));
}

static PyObject* tensor_device(pt2py_tensor_t* self, void* unused) {
  (void)unused;
  return PyUnicode_FromString(
      pt2_device_type_name(pt2_tensor_device_type(self->tensor)));
}

static PyObject* tensor_ndim(pt2py_tensor_t* self, void* unused) {
  (void)unused;
  return PyLong_FromSize_t(pt2_tensor_rank(self->tensor));
}

static PyObject* tensor_numel(pt2py_tensor_t* self, void* unused) {
  (void)unused;
  return PyLong_FromLongLong(pt2_tensor_numel(self->tensor));
}

static PyObject* tensor_nbytes(pt2py_tensor_t* self, void* unused) {
  (void)unused;
  return PyLong_FromLongLong(
      pt2_tensor_numel(self->tensor) *
      (int64_t)pt2_dtype_size_bytes(pt2_tensor_dtype(self->tensor)));
}

static PyObject* tensor_read_only(pt2py_tensor_t* self, void* unused) {
  (void)unused;
  return PyBool_FromLong(pt2_tensor_is_read_only(self->tensor));
}

static Py_ssize_t tensor_length(pt2py_tensor_t* self) {
  if (pt2_tensor_rank(self->tensor) == 0) {
    PyErr_SetString(PyExc_TypeError, "len() of a tensor without dimensions");
    return -1;
  }
  return (Py_ssize_t)pt2_tensor_peek_sizes(self->tensor)[0];
}

static PyObject* tensor_repr(pt2py_tensor_t* self) {
  PyObject* shape = tensor_shape(self, NULL);
  if (shape == NULL) {
    return NULL;
  }
  PyObject* text = PyUnicode_FromFormat(
      "pt2.Tensor(shape=%R, dtype=%s, device=%s)", shape,
      pt2py_dtype_name(pt2_tensor_dtype(self->tensor)),
      pt2_device_type_name(pt2_tensor_device_type(self->tensor)));
  Py_DECREF(shape);
  return text;
}

// ---- Buffer protocol and NumPy ---------------------------------------------

static bool strides_fit(const pt2_tensor_t* tensor, int flags) {
  if ((flags & PyBUF_STRIDES) == PyBUF_STRIDES &&
      (flags & PyBUF_ANY_CONTIGUOUS) != PyBUF_ANY_CONTIGUOUS &&
      (flags & PyBUF_C_CONTIGUOUS) != PyBUF_C_CONTIGUOUS &&
      (flags & PyBUF_F_CONTIGUOUS) != PyBUF_F_CONTIGUOUS) {
    return true;
  }
  return pt2_tensor_is_contiguous(tensor) &&
         ((flags & PyBUF_F_CONTIGUOUS) != PyBUF_F_CONTIGUOUS ||
          (flags & PyBUF_ANY_CONTIGUOUS) == PyBUF_ANY_CONTIGUOUS ||
          pt2_tensor_rank(tensor) <= 1);
}

// Shape and strides in bytes, in one block that the view owns.
static int fill_shape(const pt2_tensor_t* tensor, int flags, Py_buffer* view) {
  size_t rank = pt2_tensor_rank(tensor);
  Py_ssize_t* block = PyMem_Malloc((2 * rank + 1) * sizeof(*block));
  if (block == NULL) {
    PyErr_NoMemory();
    return -1;
  }
  for (size_t i = 0; i < rank; ++i) {
    block[i] = (Py_ssize_t)pt2_tensor_peek_sizes(tensor)[i];
    block[rank + i] =
        (Py_ssize_t)pt2_tensor_peek_strides(tensor)[i] * view->itemsize;
  }
  view->internal = block;
  view->shape = (flags & PyBUF_ND) == PyBUF_ND ? block : NULL;
  view->strides =
      (flags & PyBUF_STRIDES) == PyBUF_STRIDES ? block + rank : NULL;
  return 0;
}

static int tensor_get_buffer(pt2py_tensor_t* self, Py_buffer* view, int flags) {
  static char nothing[1];
  const pt2_tensor_t* tensor = self->tensor;
  const dtype_row_t* row = row_of(pt2_tensor_dtype(tensor));
  bool read_only = pt2_tensor_is_read_only(tensor);
  view->obj = NULL;
  void* data = pt2_tensor_peek_data(tensor);
  const char* problem = NULL;
  if (row->format == NULL) {
    problem = "the buffer protocol has no such dtype";
  } else if (read_only && (flags & PyBUF_WRITABLE) == PyBUF_WRITABLE) {
    problem = "the tensor is read-only";
  } else if (!strides_fit(tensor, flags)) {
    problem = "the tensor is not contiguous";
  } else if (data == NULL && pt2_tensor_numel(tensor) != 0) {
    problem = "the tensor is not in the host's memory";
  }
  if (problem != NULL) {
    PyErr_Format(PyExc_BufferError, "%s (%s)", problem, row->name);
    return -1;
  }
  view->itemsize = (Py_ssize_t)pt2_dtype_size_bytes(row->dtype);
  if (fill_shape(tensor, flags, view) != 0) {
    return -1;
  }
  view->buf = data != NULL ? data : nothing;
  view->len = (Py_ssize_t)pt2_tensor_numel(tensor) * view->itemsize;
  view->readonly = read_only;
  view->ndim = (int)pt2_tensor_rank(tensor);
  view->format =
      (flags & PyBUF_FORMAT) == PyBUF_FORMAT ? (char*)row->format : NULL;
  view->suboffsets = NULL;
  view->obj = Py_NewRef((PyObject*)self);
  return 0;
}

static void tensor_release_buffer(pt2py_tensor_t* self, Py_buffer* view) {
  (void)self;
  PyMem_Free(view->internal);
}

static PyObject* tensor_array_interface(pt2py_tensor_t* self, void* unused) {
  (void)unused;
  const pt2_tensor_t* tensor = self->tensor;
  const dtype_row_t* row = row_of(pt2_tensor_dtype(tensor));
  void* data = pt2_tensor_peek_data(tensor);
  if (row->typestr == NULL || (data == NULL && pt2_tensor_numel(tensor) != 0)) {
    PyErr_Format(PyExc_AttributeError,
                 "__array_interface__: numpy has no %s tensors on %s",
                 row->name,
                 pt2_device_type_name(pt2_tensor_device_type(tensor)));
    return NULL;
  }
  size_t rank = pt2_tensor_rank(tensor);
  size_t bytes = pt2_dtype_size_bytes(row->dtype);
  PyObject* strides = PyTuple_New((Py_ssize_t)rank);
  for (size_t i = 0; strides != NULL && i < rank; ++i) {
    PyObject* stride = PyLong_FromLongLong(pt2_tensor_peek_strides(tensor)[i] *
                                           (int64_t)bytes);
    if (stride == NULL ||
        PyTuple_SetItem(strides, (Py_ssize_t)i, stride) != 0) {
      Py_CLEAR(strides);
    }
  }
  PyObject* shape = strides != NULL ? tensor_shape(self, NULL) : NULL;
  if (shape == NULL) {
    Py_XDECREF(strides);
    return NULL;
  }
  char typestr[8];
  snprintf(typestr, sizeof(typestr), "%c%s", bytes == 1 ? '|' : '<',
           row->typestr);
  PyObject* address = PyLong_FromVoidPtr(data);
  PyObject* read_only = PyBool_FromLong(pt2_tensor_is_read_only(tensor));
  // "N" takes its argument over, also when it is NULL: then the call fails.
  return Py_BuildValue("{s:i,s:N,s:s,s:(NN),s:N}", "version", 3, "shape", shape,
                       "typestr", typestr, "data", address, read_only,
                       "strides", strides);
}

// ---- DLPack ----------------------------------------------------------------

static void drop_versioned(PyObject* capsule) {
  if (PyCapsule_IsValid(capsule, "dltensor_versioned")) {
    struct DLManagedTensorVersioned* managed =
        PyCapsule_GetPointer(capsule, "dltensor_versioned");
    managed->deleter(managed);
  }
}

static void drop_legacy(PyObject* capsule) {
  if (PyCapsule_IsValid(capsule, "dltensor")) {
    struct DLManagedTensor* managed = PyCapsule_GetPointer(capsule, "dltensor");
    managed->deleter(managed);
  }
}

static PyObject* lend_versioned(const pt2_tensor_t* tensor) {
  struct DLManagedTensorVersioned* managed;
  if (pt2_tensor_to_dlpack(tensor, &managed) != PT2_STATUS_OK) {
    PyErr_SetString(PyExc_BufferError, pt2_error_message());
    return NULL;
  }
  PyObject* capsule =
      PyCapsule_New(managed, "dltensor_versioned", drop_versioned);
  if (capsule == NULL) {
    managed->deleter(managed);
  }
  return capsule;
}

static PyObject* lend_legacy(const pt2_tensor_t* tensor) {
  struct DLManagedTensor* managed;
  if (pt2_tensor_to_dlpack_legacy(tensor, &managed) != PT2_STATUS_OK) {
    PyErr_SetString(PyExc_BufferError, pt2_error_message());
    return NULL;
  }
  PyObject* capsule = PyCapsule_New(managed, "dltensor", drop_legacy);
  if (capsule == NULL) {
    managed->deleter(managed);
  }
  return capsule;
}

// What a consumer asks for that is not there is a BufferError.
static int check_lending(PyObject* stream, PyObject* max_version,
                         PyObject* dl_device, bool* out_versioned) {
  *out_versioned = false;
  if (stream != Py_None) {
    PyErr_SetString(PyExc_BufferError, "the cpu has no streams");
    return -1;
  }
  if (dl_device != Py_None) {
    int type, id;
    if (!PyArg_ParseTuple(dl_device, "ii", &type, &id)) {
      return -1;
    }
    if (type != DL_CPU) {
      PyErr_SetString(PyExc_BufferError, "the tensor is on the cpu");
      return -1;
    }
  }
  if (max_version != Py_None) {
    int major, minor;
    if (!PyArg_ParseTuple(max_version, "ii", &major, &minor)) {
      return -1;
    }
    *out_versioned = major >= DL_MAJOR;
  }
  return 0;
}

static PyObject* tensor_dlpack(pt2py_tensor_t* self, PyObject* args,
                               PyObject* kwargs) {
  static char* names[] = {"stream", "max_version", "dl_device", "copy", NULL};
  PyObject *stream = Py_None, *max_version = Py_None, *dl_device = Py_None;
  PyObject* copy = Py_None;
  bool versioned;
  if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|$OOOO:__dlpack__", names,
                                   &stream, &max_version, &dl_device, &copy) ||
      check_lending(stream, max_version, dl_device, &versioned) != 0) {
    return NULL;
  }
  pt2_tensor_t* tensor = self->tensor;
  int wants_copy = PyObject_IsTrue(copy);
  if (wants_copy < 0) {
    return NULL;
  }
  if (wants_copy) {
    pt2_status_t status = pt2_tensor_clone(self->tensor, &tensor);
    if (status != PT2_STATUS_OK) {
      return pt2py_raise(status, NULL);
    }
  }
  PyObject* capsule = versioned ? lend_versioned(tensor) : lend_legacy(tensor);
  if (wants_copy) {
    pt2_tensor_release(tensor);
  }
  return capsule;
}

static PyObject* tensor_dlpack_device(pt2py_tensor_t* self, PyObject* unused) {
  (void)self, (void)unused;
  return Py_BuildValue("(ii)", DL_CPU, 0);
}

// ---- Conveniences ----------------------------------------------------------

static PyObject* as_origin(pt2py_tensor_t* self, int32_t returns) {
  pt2_tensor_retain(self->tensor);
  return pt2py_object_from_tensor(self->tensor, returns, NULL);
}

static PyObject* tensor_numpy(pt2py_tensor_t* self, PyObject* unused) {
  (void)unused;
  return as_origin(self, PT2PY_NUMPY);
}

static PyObject* tensor_torch(pt2py_tensor_t* self, PyObject* unused) {
  (void)unused;
  return as_origin(self, PT2PY_TORCH);
}

// The element at |data| of a dtype that C has.
static PyObject* element(const void* data, pt2_dtype_t dtype) {
  switch (dtype) {
    case PT2_DTYPE_BOOL:
      return PyBool_FromLong(*(const bool*)data);
    case PT2_DTYPE_U8:
      return PyLong_FromLong(*(const uint8_t*)data);
    case PT2_DTYPE_I8:
      return PyLong_FromLong(*(const int8_t*)data);
    case PT2_DTYPE_U16:
      return PyLong_FromLong(*(const uint16_t*)data);
    case PT2_DTYPE_I16:
      return PyLong_FromLong(*(const int16_t*)data);
    case PT2_DTYPE_U32:
      return PyLong_FromUnsignedLong(*(const uint32_t*)data);
    case PT2_DTYPE_I32:
      return PyLong_FromLong(*(const int32_t*)data);
    case PT2_DTYPE_U64:
      return PyLong_FromUnsignedLongLong(*(const uint64_t*)data);
    case PT2_DTYPE_I64:
      return PyLong_FromLongLong(*(const int64_t*)data);
    case PT2_DTYPE_F32:
      return PyFloat_FromDouble(*(const float*)data);
    case PT2_DTYPE_F64:
      return PyFloat_FromDouble(*(const double*)data);
    case PT2_DTYPE_COMPLEX64:
      return PyComplex_FromDoubles(((const float*)data)[0],
                                   ((const float*)data)[1]);
    default:
      return PyComplex_FromDoubles(((const double*)data)[0],
                                   ((const double*)data)[1]);
  }
}

static PyObject* nested(const pt2_tensor_t* tensor, size_t dim,
                        const char* data) {
  pt2_dtype_t dtype = pt2_tensor_dtype(tensor);
  if (dim == pt2_tensor_rank(tensor)) {
    return element(data, dtype);
  }
  int64_t size = pt2_tensor_peek_sizes(tensor)[dim];
  int64_t step = pt2_tensor_peek_strides(tensor)[dim] *
                 (int64_t)pt2_dtype_size_bytes(dtype);
  PyObject* list = PyList_New((Py_ssize_t)size);
  for (int64_t i = 0; list != NULL && i < size; ++i) {
    PyObject* item = nested(tensor, dim + 1, data + i * step);
    if (item == NULL || PyList_SetItem(list, (Py_ssize_t)i, item) != 0) {
      Py_CLEAR(list);
    }
  }
  return list;
}

// What C has for numbers of |dtype|: the same for most, wider for small floats.
static pt2_dtype_t readable(pt2_dtype_t dtype) {
  switch (dtype) {
    case PT2_DTYPE_COMPLEX32:
      return PT2_DTYPE_COMPLEX64;
    case PT2_DTYPE_F16:
      return PT2_DTYPE_F32;
    default:
      return row_of(dtype)->format == NULL ? PT2_DTYPE_F32 : dtype;
  }
}

static PyObject* tensor_tolist(pt2py_tensor_t* self, PyObject* unused) {
  (void)unused;
  pt2_tensor_t* tensor = self->tensor;
  pt2_dtype_t dtype = readable(pt2_tensor_dtype(tensor));
  pt2_tensor_retain(tensor);
  if (dtype != pt2_tensor_dtype(tensor)) {
    pt2_tensor_t* wide = NULL;
    pt2_status_t status =
        pt2_tensor_create(dtype, pt2_tensor_rank(tensor),
                          pt2_tensor_peek_sizes(tensor), NULL, &wide);
    if (status == PT2_STATUS_OK) {
      status = pt2_tensor_copy(wide, tensor);
    }
    pt2_tensor_release(tensor);
    if (status != PT2_STATUS_OK) {
      pt2_tensor_release(wide);
      return pt2py_raise(status, NULL);
    }
    tensor = wide;
  }
  PyObject* list = nested(tensor, 0, pt2_tensor_peek_data(tensor));
  pt2_tensor_release(tensor);
  return list;
}

static PyObject* tensor_item(pt2py_tensor_t* self, PyObject* unused) {
  if (pt2_tensor_numel(self->tensor) != 1) {
    return pt2py_raise_text(pt2py_invalid, PT2_STATUS_INVALID_ARGUMENT,
                            "item() wants a tensor of one element, this one "
                            "has %lld",
                            (long long)pt2_tensor_numel(self->tensor));
  }
  PyObject* value = tensor_tolist(self, unused);
  while (value != NULL && PyList_Check(value)) {
    PyObject* inner = Py_XNewRef(PyList_GetItem(value, 0));
    Py_DECREF(value);
    value = inner;
  }
  return value;
}

// ---- Type ------------------------------------------------------------------

static PyMethodDef tensor_methods[] = {
    {"__dlpack__", (PyCFunction)(void (*)(void))tensor_dlpack,
     METH_VARARGS | METH_KEYWORDS,
     "__dlpack__($self, /, *, stream=None, max_version=None, dl_device=None, "
     "copy=None)\n--\n\n"
     "Lends the memory as a DLPack capsule; it stays as long as the capsule's "
     "consumer\nkeeps it. A read-only tensor is lent to consumers of DLPack 1 "
     "only (BufferError)."},
    {"__dlpack_device__", (PyCFunction)tensor_dlpack_device, METH_NOARGS,
     "__dlpack_device__($self, /)\n--\n\n(1, 0): the cpu."},
    {"numpy", (PyCFunction)tensor_numpy, METH_NOARGS,
     "numpy($self, /)\n--\n\n"
     "A numpy array over the same memory.\n\n"
     "BufferError: numpy has no such dtype (bfloat16, float8)."},
    {"torch", (PyCFunction)tensor_torch, METH_NOARGS,
     "torch($self, /)\n--\n\n"
     "A torch tensor over the same memory. The program must have imported "
     "torch."},
    {"tolist", (PyCFunction)tensor_tolist, METH_NOARGS,
     "tolist($self, /)\n--\n\n"
     "The elements as nested lists of Python's numbers; a number if there are "
     "no\ndimensions."},
    {"item", (PyCFunction)tensor_item, METH_NOARGS,
     "item($self, /)\n--\n\nThe element of a tensor that has one."},
    {NULL, NULL, 0, NULL},
};

#define GETTER(name, doc) \
  { #name, (getter)tensor_##name, NULL, doc, NULL }
static PyGetSetDef tensor_getters[] = {
    GETTER(shape, "Sizes, a tuple of int."),
    GETTER(strides, "Strides in elements, as torch counts them."),
    GETTER(dtype, "'float32', as numpy and torch call it."),
    GETTER(device, "'cpu'."),
    GETTER(ndim, "The number of dimensions."),
    GETTER(numel, "The number of elements."),
    GETTER(nbytes, "The bytes of all elements."),
    GETTER(read_only, "True if the memory may not be written to."),
    {"__array_interface__", (getter)tensor_array_interface, NULL,
     "The memory as NumPy's protocol describes it.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyMemberDef tensor_members[] = {
    {"__weaklistoffset__", T_PYSSIZET,
     offsetof(pt2py_tensor_t, weak_references), READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

static PyType_Slot tensor_slots[] = {
    {Py_tp_doc,
     "A tensor of the library: sizes and strides over memory that lives as\n"
     "long as anybody uses it, also when the model is gone.\n\n"
     "numpy.asarray(t), torch.from_dlpack(t) and memoryview(t) share the "
     "memory."},
    {Py_tp_new, tensor_new},
    {Py_tp_dealloc, tensor_dealloc},
    {Py_tp_repr, tensor_repr},
    {Py_tp_methods, tensor_methods},
    {Py_tp_getset, tensor_getters},
    {Py_tp_members, tensor_members},
    {Py_sq_length, tensor_length},
    {Py_bf_getbuffer, tensor_get_buffer},
    {Py_bf_releasebuffer, tensor_release_buffer},
    {0, NULL},
};

static PyType_Spec tensor_spec = {
    .name = "pt2.Tensor",
    .basicsize = sizeof(pt2py_tensor_t),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = tensor_slots,
};

int pt2py_tensor_init(PyObject* module) {
  pt2py_tensor_type = (PyTypeObject*)PyType_FromSpec(&tensor_spec);
  return pt2py_tensor_type != NULL
             ? PyModule_AddObjectRef(module, "Tensor",
                                     (PyObject*)pt2py_tensor_type)
             : -1;
}
