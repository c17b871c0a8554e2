// SPDX-License-Identifier: Apache-2.0
//
// Tensors in and out. On the way in, in this order: our own; a table of C
// functions that the type offers (DLPack 1.3, torch since 2.10); __dlpack__;
// the buffer protocol. Nothing is copied, save what the comments name.
#include <stdlib.h>
#include <string.h>

#include "module.h"

static PyObject* text_dlpack;    // "__dlpack__"
static PyObject* text_exchange;  // "__dlpack_c_exchange_api__"
static PyObject* text_is_conj;   // torch.Tensor.is_conj …
static PyObject* text_is_neg;
static PyObject* text_resolve_conj;
static PyObject* text_resolve_neg;
static PyObject* no_arguments;
static PyObject* version_arguments;  // {"max_version": (1, 1)}

// ---- Types -----------------------------------------------------------------

typedef struct {
  PyTypeObject* type;  // kept, so that no other comes to lie there
  const dl_exchange_t* exchange;
  bool is_torch;
  bool has_dlpack;
  bool is_old;  // __dlpack__ takes no max_version
} type_facts_t;

enum { MAX_TYPES = 32 };
static type_facts_t known_types[MAX_TYPES];
static size_t known_count;

static const dl_exchange_t* exchange_of(PyObject* type) {
  PyObject* capsule = PyObject_GetAttr(type, text_exchange);
  if (capsule == NULL) {
    PyErr_Clear();
    return NULL;
  }
  dl_exchange_t* table =
      PyCapsule_IsValid(capsule, "dlpack_exchange_api")
          ? PyCapsule_GetPointer(capsule, "dlpack_exchange_api")
          : NULL;
  Py_DECREF(capsule);
  while (table != NULL && table->major != DL_MAJOR) {
    table = table->previous;
  }
  return table != NULL && table->from_object != NULL && table->to_object != NULL
             ? table
             : NULL;
}

// torch.Tensor if the program has imported torch, borrowed; no exception.
static PyObject* torch_tensor_type(void) {
  PyObject* modules = PyImport_GetModuleDict();  // borrowed
  PyObject* torch =
      modules != NULL ? PyDict_GetItemString(modules, "torch") : NULL;
  PyObject* type =
      torch != NULL ? PyObject_GetAttrString(torch, "Tensor") : NULL;
  if (type == NULL) {
    PyErr_Clear();
    return NULL;
  }
  Py_DECREF(type);  // the module keeps it
  return PyType_Check(type) ? type : NULL;
}

static type_facts_t look_at(PyTypeObject* type) {
  PyObject* torch = torch_tensor_type();
  bool is_torch = torch != NULL && PyType_IsSubtype(type, (PyTypeObject*)torch);
  type_facts_t facts = {.type = type,
                        .exchange = exchange_of((PyObject*)type),
                        .is_torch = is_torch};
  PyObject* method = PyObject_GetAttr((PyObject*)type, text_dlpack);
  facts.has_dlpack = method != NULL;
  if (method == NULL) {
    PyErr_Clear();
  }
  Py_XDECREF(method);
  return facts;
}

// |local| holds the facts if there is no more room to keep them.
static type_facts_t* facts_of(PyTypeObject* type, type_facts_t* local) {
  for (size_t i = 0; i < known_count; ++i) {
    if (known_types[i].type == type) {
      return &known_types[i];
    }
  }
  *local = look_at(type);
  // Types that are no tensors are not kept: there is no end of them.
  if (known_count == MAX_TYPES ||
      (local->exchange == NULL && !local->has_dlpack)) {
    return local;
  }
  Py_INCREF((PyObject*)type);
  known_types[known_count] = *local;
  return &known_types[known_count++];
}

bool pt2py_is_tensor(PyObject* object) {
  type_facts_t local;
  const type_facts_t* facts = facts_of(Py_TYPE(object), &local);
  return Py_TYPE(object) == pt2py_tensor_type || facts->exchange != NULL ||
         facts->has_dlpack;
}

// ---- In: torch -------------------------------------------------------------

// 1 if |object.name()| is true, 0 if not, -1 with an exception set.
static int asks_true(PyObject* object, PyObject* name) {
  PyObject* answer = PyObject_CallMethodObjArgs(object, name, NULL);
  if (answer == NULL) {
    return -1;
  }
  int truth = PyObject_IsTrue(answer);
  Py_DECREF(answer);
  return truth;
}

// |object.name()|; takes |object| over.
static PyObject* replaced(PyObject* object, PyObject* name) {
  PyObject* result = PyObject_CallMethodObjArgs(object, name, NULL);
  Py_DECREF(object);
  return result;
}

enum { DL_FLOAT = 2, DL_BFLOAT = 4, DL_COMPLEX = 5 };

// torch's table lends tensors that are conjugated or negated by a mark only,
// and says nothing of the mark. 1: |*out| is what they stand for, a copy.
static int resolve_marks(PyObject* object, const dl_tensor_t* view,
                         PyObject** out) {
  bool complex = view->code == DL_COMPLEX;
  if (!complex && view->code != DL_FLOAT && view->code != DL_BFLOAT) {
    return 0;
  }
  int conj = complex ? asks_true(object, text_is_conj) : 0;
  int neg = conj >= 0 ? asks_true(object, text_is_neg) : -1;
  if (conj <= 0 && neg <= 0) {
    return conj < 0 || neg < 0 ? -1 : 0;
  }
  PyObject* plain = Py_NewRef(object);
  if (conj) {
    plain = replaced(plain, text_resolve_conj);
  }
  if (plain != NULL && neg) {
    plain = replaced(plain, text_resolve_neg);
  }
  *out = plain;
  return plain != NULL ? 1 : -1;
}

// 0; -1 with an exception set; -2: the library refused, its record says why.
static int take_managed(struct DLManagedTensorVersioned* managed,
                        pt2_tensor_t** out_tensor) {
  pt2_status_t status = pt2_tensor_from_dlpack(managed, out_tensor);
  if (status == PT2_STATUS_OK) {
    return 0;
  }
  if (managed->deleter != NULL) {
    managed->deleter(managed);
  }
  return -2;
}

static int from_exchange(const type_facts_t* facts, PyObject* object,
                         pt2_tensor_t** out_tensor) {
  struct DLManagedTensorVersioned* managed = NULL;
  if (facts->exchange->from_object(object, &managed) != 0) {
    return -1;
  }
  PyObject* plain = NULL;
  int marked =
      facts->is_torch ? resolve_marks(object, &managed->tensor, &plain) : 0;
  if (marked != 0) {
    managed->deleter(managed);
    managed = NULL;
    int failed =
        marked < 0 ? -1 : facts->exchange->from_object(plain, &managed);
    Py_XDECREF(plain);
    if (failed != 0) {
      return -1;
    }
  }
  return take_managed(managed, out_tensor);
}

// ---- In: __dlpack__ --------------------------------------------------------

static int take_capsule(PyObject* capsule, pt2_tensor_t** out_tensor) {
  static const char* const versioned = "dltensor_versioned";
  static const char* const legacy = "dltensor";
  pt2_status_t status;
  if (PyCapsule_IsValid(capsule, versioned)) {
    status = pt2_tensor_from_dlpack(PyCapsule_GetPointer(capsule, versioned),
                                    out_tensor);
    if (status == PT2_STATUS_OK) {
      PyCapsule_SetName(capsule, "used_dltensor_versioned");
    }
  } else if (PyCapsule_IsValid(capsule, legacy)) {
    status = pt2_tensor_from_dlpack_legacy(
        PyCapsule_GetPointer(capsule, legacy), out_tensor);
    if (status == PT2_STATUS_OK) {
      PyCapsule_SetName(capsule, "used_dltensor");
    }
  } else {
    PyErr_SetString(PyExc_TypeError,
                    "__dlpack__ returned no DLPack capsule, or a used one");
    return -1;
  }
  return status == PT2_STATUS_OK ? 0 : -2;
}

static int from_dlpack(type_facts_t* facts, PyObject* object,
                       pt2_tensor_t** out_tensor) {
  PyObject* method = PyObject_GetAttr(object, text_dlpack);
  if (method == NULL) {
    return -1;
  }
  PyObject* capsule = NULL;
  if (!facts->is_old) {
    capsule = PyObject_Call(method, no_arguments, version_arguments);
    if (capsule == NULL && PyErr_ExceptionMatches(PyExc_TypeError)) {
      PyErr_Clear();  // before DLPack 1.0 there is no such argument
      capsule = PyObject_CallObject(method, NULL);
      facts->is_old = capsule != NULL;
    }
  } else {
    capsule = PyObject_CallObject(method, NULL);
  }
  Py_DECREF(method);
  if (capsule == NULL) {
    return -1;
  }
  int failed = take_capsule(capsule, out_tensor);
  Py_DECREF(capsule);
  return failed;
}

// ---- In: buffers -----------------------------------------------------------

static pt2_dtype_t integer_of(bool is_signed, Py_ssize_t bytes) {
  switch (bytes) {
    case 1:
      return is_signed ? PT2_DTYPE_I8 : PT2_DTYPE_U8;
    case 2:
      return is_signed ? PT2_DTYPE_I16 : PT2_DTYPE_U16;
    case 4:
      return is_signed ? PT2_DTYPE_I32 : PT2_DTYPE_U32;
    case 8:
      return is_signed ? PT2_DTYPE_I64 : PT2_DTYPE_U64;
    default:
      return PT2_DTYPE_UNDEFINED;
  }
}

// The dtype of one element in the words of the struct module.
static pt2_dtype_t dtype_of_format(const char* format, Py_ssize_t bytes) {
  if (format == NULL) {
    return PT2_DTYPE_U8;
  }
  if (*format == '@' || *format == '=' || *format == '<') {
    ++format;
  }
  if (strcmp(format, "Zf") == 0) {
    return PT2_DTYPE_COMPLEX64;
  }
  if (strcmp(format, "Zd") == 0) {
    return PT2_DTYPE_COMPLEX128;
  }
  if (format[0] == '\0' || format[1] != '\0') {
    return PT2_DTYPE_UNDEFINED;
  }
  if (strchr("bhilqn", format[0]) != NULL) {
    return integer_of(true, bytes);
  }
  if (strchr("BHILQN", format[0]) != NULL) {
    return integer_of(false, bytes);
  }
  switch (format[0]) {
    case '?':
      return PT2_DTYPE_BOOL;
    case 'e':
      return PT2_DTYPE_F16;
    case 'f':
      return PT2_DTYPE_F32;
    case 'd':
      return PT2_DTYPE_F64;
    default:
      return PT2_DTYPE_UNDEFINED;
  }
}

static void release_view(void* user, void* data) {
  (void)data;
  if (!Py_IsInitialized()) {
    return;  // the process is ending, and the interpreter is gone
  }
  PyGILState_STATE state = PyGILState_Ensure();
  PyBuffer_Release(user);
  free(user);
  PyGILState_Release(state);
}

// A tensor over |view|, which belongs to it on success.
static int tensor_over_view(Py_buffer* view, pt2_tensor_t** out_tensor) {
  enum { MAX_RANK = 64 };
  int64_t sizes[MAX_RANK], strides[MAX_RANK];
  pt2_dtype_t dtype = dtype_of_format(view->format, view->itemsize);
  if (dtype == PT2_DTYPE_UNDEFINED || view->ndim > MAX_RANK) {
    PyErr_Format(PyExc_TypeError, "a buffer of format '%s' is no tensor",
                 view->format);
    return -1;
  }
  for (int i = 0; i < view->ndim; ++i) {
    sizes[i] = view->shape[i];
    strides[i] = view->strides[i] / view->itemsize;
    if (view->strides[i] < 0 || view->strides[i] % view->itemsize != 0) {
      PyErr_Format(PyExc_ValueError,
                   "dim %d has a stride of %zd bytes: copy it first", i,
                   view->strides[i]);
      return -1;
    }
  }
  return pt2_tensor_from_blob(view->buf, dtype, (size_t)view->ndim, sizes,
                              strides, release_view, view,
                              out_tensor) == PT2_STATUS_OK
             ? 0
             : -2;
}

// A read-only buffer cannot be marked as such here: it is always copied.
static int from_buffer(PyObject* object, pt2_tensor_t** out_tensor) {
  Py_buffer* view = malloc(sizeof(*view));
  if (view == NULL) {
    PyErr_NoMemory();
    return -1;
  }
  if (PyObject_GetBuffer(object, view, PyBUF_RECORDS_RO) != 0) {
    free(view);
    return -1;
  }
  bool read_only = view->readonly;
  int failed = tensor_over_view(view, out_tensor);
  if (failed != 0) {
    PyBuffer_Release(view);
    free(view);
    return failed;
  }
  if (read_only) {
    pt2_tensor_t* copy;
    pt2_status_t status = pt2_tensor_clone(*out_tensor, &copy);
    pt2_tensor_release(*out_tensor);
    if (status != PT2_STATUS_OK) {
      return -2;
    }
    *out_tensor = copy;
  }
  return 0;
}

// ---- In --------------------------------------------------------------------

static int convert(PyObject* object, pt2py_origin_t* origin,
                   pt2_tensor_t** out_tensor) {
  if (Py_TYPE(object) == pt2py_tensor_type) {
    *out_tensor = ((pt2py_tensor_t*)object)->tensor;
    pt2_tensor_retain(*out_tensor);
    if (origin != NULL) {
      origin->seen = true;
    }
    return 0;
  }
  type_facts_t local;
  type_facts_t* facts = facts_of(Py_TYPE(object), &local);
  if (origin != NULL && !origin->seen) {
    *origin = (pt2py_origin_t){true, facts->exchange, facts->is_torch};
  }
  if (facts->exchange != NULL) {
    return from_exchange(facts, object, out_tensor);
  }
  if (facts->has_dlpack) {
    return from_dlpack(facts, object, out_tensor);
  }
  if (PyObject_CheckBuffer(object)) {
    return from_buffer(object, out_tensor);
  }
  PyErr_Format(PyExc_TypeError, "expected a tensor, got %R",
               (PyObject*)Py_TYPE(object));
  return -1;
}

static void write_prefix(char* prefix, size_t bytes, const char* what,
                         size_t index, const char* name) {
  prefix[0] = '\0';
  if (name != NULL && index != (size_t)-1) {
    snprintf(prefix, bytes, "%s %zu (%.300s): ", what, index, name);
  } else if (name != NULL) {
    snprintf(prefix, bytes, "%s %.300s: ", what, name);
  }
}

static int refuse(int failed, const char* prefix) {
  pt2_status_t status = pt2_error_status();
  if (failed == -2 && status != PT2_STATUS_OUT_OF_MEMORY) {
    // Whatever the library says of it, it is an argument that is wrong.
    pt2py_raise_text(pt2py_invalid, status, "%s%s", prefix,
                     pt2_error_message());
  } else if (failed == -2) {
    pt2py_raise(status, prefix);
  } else if (PyErr_ExceptionMatches(PyExc_MemoryError)) {
    return -1;  // says nothing of the argument
  } else if (PyErr_ExceptionMatches(PyExc_TypeError)) {
    pt2py_raise_from(pt2py_structure_error, PT2_STATUS_INVALID_ARGUMENT,
                     prefix);
  } else if (PyErr_ExceptionMatches(PyExc_Exception)) {
    pt2py_raise_from(pt2py_invalid, PT2_STATUS_INVALID_ARGUMENT, prefix);
  }
  return -1;
}

int pt2py_tensor_from_object(PyObject* object, int flags, const char* what,
                             size_t index, const char* name,
                             pt2py_origin_t* origin,
                             pt2_tensor_t** out_tensor) {
  pt2_tensor_t* tensor = NULL;
  int failed = convert(object, origin, &tensor);
  if (failed == 0 && (flags & PT2PY_COPY_READ_ONLY) != 0 &&
      pt2_tensor_is_read_only(tensor)) {
    pt2_tensor_t* copy = NULL;
    failed = pt2_tensor_clone(tensor, &copy) == PT2_STATUS_OK ? 0 : -2;
    pt2_tensor_release(tensor);
    tensor = copy;
  }
  if (failed != 0) {
    char prefix[400];
    write_prefix(prefix, sizeof(prefix), what, index, name);
    return refuse(failed, prefix);
  }
  *out_tensor = tensor;
  return 0;
}

// ---- Out -------------------------------------------------------------------

static PyObject* through_exchange(pt2_tensor_t* tensor,
                                  const dl_exchange_t* exchange) {
  struct DLManagedTensorVersioned* managed;
  pt2_status_t status = pt2_tensor_to_dlpack(tensor, &managed);
  pt2_tensor_release(tensor);
  if (status != PT2_STATUS_OK) {
    return pt2py_raise(status, NULL);
  }
  void* object = NULL;
  // On failure too |managed| is the other side's.
  return exchange->to_object(managed, &object) == 0 ? object : NULL;
}

// Calls |module|.|function|(Tensor).
static PyObject* through_module(pt2_tensor_t* tensor, PyObject* module,
                                const char* function) {
  PyObject* wrapped = pt2py_tensor_wrap(tensor);
  PyObject* object = wrapped != NULL
                         ? PyObject_CallMethod(module, function, "O", wrapped)
                         : NULL;
  Py_XDECREF(wrapped);
  return object;
}

static PyObject* to_torch(pt2_tensor_t* tensor) {
  PyObject* type = torch_tensor_type();
  const dl_exchange_t* exchange = type != NULL ? exchange_of(type) : NULL;
  if (exchange != NULL) {
    return through_exchange(tensor, exchange);
  }
  PyObject* torch = PyDict_GetItemString(PyImport_GetModuleDict(), "torch");
  if (torch == NULL) {
    pt2_tensor_release(tensor);
    return pt2py_raise_text(
        pt2py_error, PT2_STATUS_FAILED_PRECONDITION,
        "torch tensors are wanted, but the program has not imported torch");
  }
  return through_module(tensor, torch, "from_dlpack");
}

static PyObject* to_numpy(pt2_tensor_t* tensor) {
  PyObject* numpy = PyImport_ImportModule("numpy");
  if (numpy == NULL) {
    pt2_tensor_release(tensor);
    return NULL;
  }
  // asarray falls back to an array of one object where the buffer protocol has
  // no such dtype; from_dlpack refuses.
  PyObject* array = through_module(tensor, numpy, "from_dlpack");
  Py_DECREF(numpy);
  return array;
}

PyObject* pt2py_object_from_tensor(pt2_tensor_t* tensor, int32_t returns,
                                   const pt2py_origin_t* origin) {
  if (tensor == NULL) {
    return Py_NewRef(Py_None);
  }
  switch (returns) {
    case PT2PY_AUTO:
      if (origin != NULL && origin->exchange != NULL) {
        return through_exchange(tensor, origin->exchange);
      }
      if (origin != NULL && origin->is_torch) {
        return to_torch(tensor);
      }
      break;
    case PT2PY_NUMPY:
      return to_numpy(tensor);
    case PT2PY_TORCH:
      return to_torch(tensor);
    default:
      break;
  }
  return pt2py_tensor_wrap(tensor);
}

static const char* const returns_names[] = {"auto", "pt2", "numpy", "torch"};

const char* pt2py_returns_name(int32_t returns) {
  return returns_names[returns];
}

int pt2py_parse_returns(PyObject* text, int32_t* out_returns) {
  if (text == NULL) {
    PyErr_SetString(PyExc_TypeError, "returns cannot be deleted");
    return -1;
  }
  const char* name =
      PyUnicode_Check(text) ? PyUnicode_AsUTF8AndSize(text, NULL) : NULL;
  for (int32_t i = 0; name != NULL && i < 4; ++i) {
    if (strcmp(name, returns_names[i]) == 0) {
      *out_returns = i;
      return 0;
    }
  }
  PyErr_Format(PyExc_ValueError,
               "returns is 'auto', 'pt2', 'numpy' or 'torch', not %R", text);
  return -1;
}

int pt2py_convert_init(void) {
  struct {
    PyObject** slot;
    const char* text;
  } texts[] = {{&text_dlpack, "__dlpack__"},
               {&text_exchange, "__dlpack_c_exchange_api__"},
               {&text_is_conj, "is_conj"},
               {&text_is_neg, "is_neg"},
               {&text_resolve_conj, "resolve_conj"},
               {&text_resolve_neg, "resolve_neg"}};
  for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); ++i) {
    *texts[i].slot = PyUnicode_InternFromString(texts[i].text);
    if (*texts[i].slot == NULL) {
      return -1;
    }
  }
  no_arguments = PyTuple_New(0);
  version_arguments = Py_BuildValue("{s:(ii)}", "max_version", 1, 1);
  return no_arguments != NULL && version_arguments != NULL ? 0 : -1;
}
