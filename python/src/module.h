// SPDX-License-Identifier: Apache-2.0
//
// The extension module pt2._pt2: what its files know of each other.
//
// Only the limited API of Python 3.11 is used, so that one binary serves that
// and all later releases. State is global: the module refuses to be loaded into
// interpreters that have a GIL of their own.
#ifndef PT2_PYTHON_MODULE_H_
#define PT2_PYTHON_MODULE_H_

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdbool.h>
#include <stdio.h>
#include <structmember.h>

#include "dlpack_abi.h"
#include "pt2/pt2.h"

// ---- errors.c --------------------------------------------------------------

extern PyObject* pt2py_error;            // RuntimeError
extern PyObject* pt2py_invalid;          // and ValueError
extern PyObject* pt2py_structure_error;  // and TypeError

int pt2py_errors_init(PyObject* module);

// Raises what the library reports of this thread's last call, as the exception
// of |status|, behind |prefix| if that is not NULL. Returns NULL.
PyObject* pt2py_raise(pt2_status_t status, const char* prefix);

// The same for a file that was to be opened.
PyObject* pt2py_raise_open(pt2_status_t status);

// Raises |type|, one of the module's, with a message as by
// PyUnicode_FromFormat. Returns NULL.
PyObject* pt2py_raise_text(PyObject* type, pt2_status_t status,
                           const char* format, ...);

// Turns the exception that is set into |type|, with its first line behind
// |prefix| and itself as the cause.
void pt2py_raise_from(PyObject* type, pt2_status_t status, const char* prefix);

// ---- tensor.c --------------------------------------------------------------

typedef struct {
  PyObject_HEAD pt2_tensor_t* tensor;
  PyObject* weak_references;
} pt2py_tensor_t;

extern PyTypeObject* pt2py_tensor_type;

int pt2py_tensor_init(PyObject* module);

// A new Tensor that owns |tensor|, which is released on failure.
PyObject* pt2py_tensor_wrap(pt2_tensor_t* tensor);

// "float32", as numpy and torch call it.
const char* pt2py_dtype_name(pt2_dtype_t dtype);

// ---- convert.c -------------------------------------------------------------

// What tensors become on their way out.
enum {
  PT2PY_AUTO = 0,   // what the first tensor on the way in was
  PT2PY_PT2 = 1,    // pt2.Tensor
  PT2PY_NUMPY = 2,  // numpy.ndarray
  PT2PY_TORCH = 3,  // torch.Tensor
};

// The library whose tensors came in.
typedef struct {
  bool seen;
  const dl_exchange_t* exchange;  // NULL: none
  bool is_torch;                  // a torch without the table
} pt2py_origin_t;

enum {
  PT2PY_COPY_READ_ONLY = 1,  // the model might write to it
};

int pt2py_convert_init(void);

// True if tensors come in by |object|'s type.
bool pt2py_is_tensor(PyObject* object);

// A tensor over the memory of |object|, which the tensor keeps alive. |origin|
// may be NULL. On failure raises TypeError or the library's error, behind
// |name| and |index| of the input ("input 0 (ARGS[0]): "); a NULL |name| leaves
// the prefix out.
int pt2py_tensor_from_object(PyObject* object, int flags, const char* what,
                             size_t index, const char* name,
                             pt2py_origin_t* origin, pt2_tensor_t** out_tensor);

// The object that |tensor| becomes; takes |tensor| over, on failure too. None
// for NULL.
PyObject* pt2py_object_from_tensor(pt2_tensor_t* tensor, int32_t returns,
                                   const pt2py_origin_t* origin);

int pt2py_parse_returns(PyObject* text, int32_t* out_returns);
const char* pt2py_returns_name(int32_t returns);

// ---- tree.c ----------------------------------------------------------------

// A call spec made ready for Python's containers.
typedef struct {
  pt2_call_spec_t* spec;
  size_t node_count;
  size_t leaf_count;
  size_t value_count;  // tensors
  bool is_counted;     // the tensors among the leaves are told by each call
  struct pt2py_node_t* nodes;
  // By leaf: the number of its tensor, -1 if it is none.
  Py_ssize_t* slots;
} pt2py_tree_t;

// Makes a tree of |json|, whose leaf |i| belongs to the value that bears its
// name: |names| has |count| of them.
int pt2py_tree_init(pt2py_tree_t* tree, const char* json, int32_t what,
                    const char* const* names, size_t count);
void pt2py_tree_clear(pt2py_tree_t* tree);

// Called for each leaf; 0, or -1 with an exception set.
typedef int (*pt2py_leaf_fn)(void* user, Py_ssize_t slot, const char* name,
                             PyObject* leaf);

// Goes down the arguments of a call. |kwargs| may be NULL.
int pt2py_tree_flatten(const pt2py_tree_t* tree, PyObject* args,
                       PyObject* kwargs, pt2py_leaf_fn leaf, void* user);

// Puts the result together from |values|, one for each slot, borrowed.
PyObject* pt2py_tree_unflatten(const pt2py_tree_t* tree, PyObject** values);

// ---- runner.c, constants.c, describe.c -------------------------------------

typedef struct {
  PyObject_HEAD pt2_runner_t* runner;
  size_t model;       // its number in the package
  PyObject* source;   // the bytes that the package lies in, or NULL
  Py_buffer memory;   // of |source|
  PyObject* sharing;  // runners whose memory this one uses, or NULL
  size_t input_count;
  size_t output_count;
  int32_t returns;
  bool copy_read_only;
  bool is_single_threaded;
  bool is_external;  // created with constants from outside
  bool is_running;   // single-threaded only
  bool has_trees;
  PyObject* tree_error;  // why there are none
  pt2py_tree_t inputs;
  pt2py_tree_t result;
  const char** input_names;
  PyObject* dict;
  PyObject* weak_references;
} pt2py_runner_t;

extern PyTypeObject* pt2py_runner_type;

int pt2py_runner_init(PyObject* module);

// NULL with an exception set if |self| was not initialised.
pt2_runner_t* pt2py_runner_get(pt2py_runner_t* self);

// The same around what must not happen twice at once in a single-threaded
// runner, which raises then. A runner that was entered must be left.
pt2_runner_t* pt2py_runner_enter(pt2py_runner_t* self);
void pt2py_runner_leave(pt2py_runner_t* self);

// The call of a model: containers in and out.
PyObject* pt2py_runner_call(pt2py_runner_t* self, PyObject* args,
                            PyObject* kwargs);

// Methods that deal with constants, and those that tell facts. Each ends with
// an empty entry.
extern PyMethodDef pt2py_constants_methods[];
extern PyMethodDef pt2py_describe_methods[];
int pt2py_describe_init(PyObject* module);

// name -> tensor, as the library takes it; |*out_count| entries, which
// pt2py_named_free releases. NULL with an exception set on failure.
pt2_named_tensor_t* pt2py_named_from_dict(PyObject* mapping, size_t* out_count);
void pt2py_named_free(pt2_named_tensor_t* named, size_t count);

// The metadata of a model as a dict.
PyObject* pt2py_metadata(const pt2_package_t* package, size_t model);

// Opens what load_package takes: a path, bytes, a file object. On success
// |*out_source| is what must outlive the package, with |memory| filled, or
// NULL.
int pt2py_package_open(PyObject* what, pt2_package_t** out_package,
                       PyObject** out_source, Py_buffer* memory);

// Calls begin and end with these: at exit the interpreter waits for those that
// are under way. begin raises once it is closing.
int pt2py_run_begin(void);
void pt2py_run_end(void);
PyObject* pt2py_wait_for_runs(PyObject* module, PyObject* seconds);

// ---- model.c ---------------------------------------------------------------

int pt2py_model_init(PyObject* module);

// ---- module.c --------------------------------------------------------------

// A function of a module of this package, "_pytree" "flatten". A new reference.
PyObject* pt2py_helper(const char* module, const char* name);

// The methods of |first| and |second| one after another, for a type.
PyMethodDef* pt2py_join_methods(PyMethodDef* const* lists, size_t count);

#endif  // PT2_PYTHON_MODULE_H_
