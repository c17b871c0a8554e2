// SPDX-License-Identifier: Apache-2.0
//
// Python's containers by a call spec. A spec is made ready once for each model,
// with its keys as Python objects; a call then goes down the arguments without
// running any Python code, unless they hold types that the program registered.
#include <stdlib.h>
#include <string.h>

#include "module.h"

typedef struct pt2py_node_t {
  int32_t kind;  // PT2_SPEC_*
  size_t child_count;
  size_t next;
  size_t first_leaf;
  PyObject* key;  // in a dict that is its parent; NULL: none, or none known
} node_t;

// ---- Making ready ----------------------------------------------------------

// Keys that C cannot make (enums and the rest) are asked of Python when they
// are needed, since the program may define them later.
static PyObject* key_object(const pt2_spec_key_t* key) {
  switch (key->kind) {
    case PT2_KEY_STRING:
      return PyUnicode_InternFromString(key->text);
    case PT2_KEY_INT:
      return PyLong_FromString(key->text, NULL, 10);
    case PT2_KEY_BOOL:
      return Py_NewRef(strcmp(key->text, "True") == 0 ? Py_True : Py_False);
    case PT2_KEY_NONE:
      return Py_NewRef(Py_None);
    case PT2_KEY_FLOAT: {
      PyObject* text = PyUnicode_FromString(key->text);
      PyObject* number = text != NULL ? PyFloat_FromString(text) : NULL;
      Py_XDECREF(text);
      return number;
    }
    case PT2_KEY_POSITION:
      return NULL;
    default: {
      PyObject* function = pt2py_helper("_pytree", "key");
      PyObject* object =
          function != NULL
              ? PyObject_CallFunction(function, "is", key->kind, key->text)
              : NULL;
      Py_XDECREF(function);
      return object;
    }
  }
}

static int make_nodes(pt2py_tree_t* tree) {
  for (size_t i = 0; i < tree->node_count; ++i) {
    const pt2_spec_node_t* from = pt2_call_spec_peek_node(tree->spec, i);
    tree->nodes[i] = (node_t){.kind = from->kind,
                              .child_count = from->child_count,
                              .next = from->next,
                              .first_leaf = from->first_leaf};
    tree->nodes[i].key = key_object(&from->key);
    if (tree->nodes[i].key == NULL && PyErr_Occurred()) {
      return -1;
    }
  }
  return 0;
}

// Tensors are told from the other leaves by their names, and need not be where
// every leaf is one. Packages that do not tell leave it to each call: then the
// tensors that are given are the model's, in order.
static int make_slots(pt2py_tree_t* tree, int32_t what,
                      const char* const* names, size_t count) {
  for (size_t i = 0; i < tree->leaf_count; ++i) {
    tree->slots[i] = tree->leaf_count == count ? (Py_ssize_t)i : -1;
  }
  for (size_t i = 0; tree->leaf_count != count && i < count; ++i) {
    size_t leaf;
    if (pt2_call_spec_find_leaf(tree->spec, names[i], &leaf) == PT2_STATUS_OK) {
      tree->slots[leaf] = (Py_ssize_t)i;
      continue;
    }
    if (what == PT2_CALL_SPEC_INPUTS && count < tree->leaf_count) {
      tree->is_counted = true;
      return 0;
    }
    pt2py_raise_text(pt2py_error, PT2_STATUS_CORRUPT,
                     "the call spec has %zu leaves, the model %zu tensors, "
                     "and nothing says which of them number %zu is",
                     tree->leaf_count, count, i);
    return -1;
  }
  return 0;
}

int pt2py_tree_init(pt2py_tree_t* tree, const char* json, int32_t what,
                    const char* const* names, size_t count) {
  memset(tree, 0, sizeof(*tree));
  pt2_status_t status = pt2_call_spec_parse(json, what, &tree->spec);
  if (status != PT2_STATUS_OK) {
    pt2py_raise(status, "call spec: ");
    return -1;
  }
  tree->value_count = count;
  tree->node_count = pt2_call_spec_node_count(tree->spec);
  tree->leaf_count = pt2_call_spec_leaf_count(tree->spec);
  tree->nodes = calloc(tree->node_count + 1, sizeof(*tree->nodes));
  tree->slots = calloc(tree->leaf_count + 1, sizeof(*tree->slots));
  if (tree->nodes == NULL || tree->slots == NULL) {
    PyErr_NoMemory();
  } else if (make_nodes(tree) == 0 &&
             make_slots(tree, what, names, count) == 0) {
    return 0;
  }
  pt2py_tree_clear(tree);
  return -1;
}

void pt2py_tree_clear(pt2py_tree_t* tree) {
  for (size_t i = 0; tree->nodes != NULL && i < tree->node_count; ++i) {
    Py_XDECREF(tree->nodes[i].key);
  }
  free(tree->nodes);
  free(tree->slots);
  pt2_call_spec_destroy(tree->spec);
  memset(tree, 0, sizeof(*tree));
}

// ---- What does not fit -----------------------------------------------------

static const pt2_spec_node_t* spec_node(const pt2py_tree_t* tree, size_t node) {
  return pt2_call_spec_peek_node(tree->spec, node);
}

// The status of a structure that does not fit, in the library's words.
static int refuse(const char* unless) {
  pt2py_raise_text(pt2py_structure_error, PT2_STATUS_INVALID_ARGUMENT, "%s",
                   unless != NULL ? unless : pt2_error_message());
  return -1;
}

static int32_t kind_of(PyObject* object) {
  if (PyList_Check(object)) {
    return PT2_SPEC_LIST;
  }
  if (PyDict_Check(object)) {
    return PT2_SPEC_DICT;
  }
  return PyTuple_Check(object) ? PT2_SPEC_TUPLE : PT2_SPEC_LEAF;
}

static int32_t key_kind_of(PyObject* key) {
  if (PyUnicode_Check(key)) {
    return PT2_KEY_STRING;
  }
  if (PyBool_Check(key)) {
    return PT2_KEY_BOOL;
  }
  if (PyLong_Check(key)) {
    return PT2_KEY_INT;
  }
  if (PyFloat_Check(key)) {
    return PT2_KEY_FLOAT;
  }
  return key == Py_None ? PT2_KEY_NONE : PT2_KEY_OTHER;
}

// Says which keys of |dict| are missing or unexpected. |dict| may be NULL.
static int refuse_dict(const pt2py_tree_t* tree, size_t node, PyObject* dict) {
  PyObject* list = dict != NULL ? PyDict_Keys(dict) : PyList_New(0);
  Py_ssize_t count = list != NULL ? PyList_Size(list) : 0;
  PyObject* texts = list != NULL ? PyList_New(0) : NULL;
  pt2_spec_key_t* keys = calloc((size_t)count + 1, sizeof(*keys));
  int failed = texts == NULL || keys == NULL ? -1 : 0;
  for (Py_ssize_t i = 0; failed == 0 && i < count; ++i) {
    PyObject* key = PyList_GetItem(list, i);
    PyObject* text = PyObject_Str(key);
    failed = text == NULL || PyList_Append(texts, text) != 0 ? -1 : 0;
    Py_XDECREF(text);
    keys[i].kind = key_kind_of(key);
    keys[i].text = failed == 0 ? PyUnicode_AsUTF8AndSize(text, NULL) : NULL;
    failed = keys[i].text == NULL ? -1 : 0;
  }
  if (failed == 0) {
    pt2_status_t status = pt2_call_spec_check(tree->spec, node, PT2_SPEC_DICT,
                                              NULL, (size_t)count, keys, NULL);
    failed = refuse(status == PT2_STATUS_OK
                        ? "a key of the dict is not equal to the model's"
                        : NULL);
  }
  free(keys);
  Py_XDECREF(texts);
  Py_XDECREF(list);
  return failed;
}

static int refuse_container(const pt2py_tree_t* tree, size_t node,
                            PyObject* object) {
  int32_t kind = kind_of(object);
  if (kind == PT2_SPEC_LEAF) {
    const pt2_spec_node_t* from = spec_node(tree, node);
    pt2py_raise_text(pt2py_structure_error, PT2_STATUS_INVALID_ARGUMENT,
                     "%s: expected %s of %zu, got %R", from->name,
                     from->type_name, from->child_count,
                     (PyObject*)Py_TYPE(object));
    return -1;
  }
  Py_ssize_t count = PyObject_Size(object);
  pt2_status_t status = pt2_call_spec_check(tree->spec, node, kind, NULL,
                                            (size_t)count, NULL, NULL);
  return refuse(status == PT2_STATUS_OK ? "the structure is another" : NULL);
}

// ---- Down the arguments ----------------------------------------------------

typedef struct {
  const pt2py_tree_t* tree;
  pt2py_leaf_fn leaf;
  void* user;
  size_t seen;  // tensors, where they are counted
} walk_t;

static int walk_node(walk_t* walk, size_t node, PyObject* object);

static bool may_be_tensor(PyObject* object) {
  return object != Py_None && !PyLong_Check(object) && !PyFloat_Check(object) &&
         !PyUnicode_Check(object) && pt2py_is_tensor(object);
}

static int walk_counted(walk_t* walk, const char* name, PyObject* object) {
  if (!may_be_tensor(object)) {
    return 0;
  }
  if (walk->seen == walk->tree->value_count) {
    pt2py_raise_text(pt2py_structure_error, PT2_STATUS_INVALID_ARGUMENT,
                     "%s: the model takes %zu tensors, this is one more", name,
                     walk->tree->value_count);
    return -1;
  }
  return walk->leaf(walk->user, (Py_ssize_t)walk->seen++, name, object);
}

static int walk_leaf(walk_t* walk, size_t node, PyObject* object) {
  const pt2py_tree_t* tree = walk->tree;
  Py_ssize_t slot = tree->slots[tree->nodes[node].first_leaf];
  const char* name = spec_node(tree, node)->name;
  if (tree->is_counted) {
    return walk_counted(walk, name, object);
  }
  if (slot >= 0) {
    return walk->leaf(walk->user, slot, name, object);
  }
  if (!may_be_tensor(object)) {
    return 0;  // what it was at export is in the model's code
  }
  pt2py_raise_text(pt2py_structure_error, PT2_STATUS_INVALID_ARGUMENT,
                   "%s: a tensor, but at export it was none", name);
  return -1;
}

static int walk_tuple(walk_t* walk, size_t node, PyObject* tuple) {
  const node_t* nodes = walk->tree->nodes;
  if ((size_t)PyTuple_Size(tuple) != nodes[node].child_count) {
    return refuse_container(walk->tree, node, tuple);
  }
  size_t child = node + 1;
  for (size_t i = 0; i < nodes[node].child_count; ++i) {
    if (walk_node(walk, child, PyTuple_GetItem(tuple, (Py_ssize_t)i)) != 0) {
      return -1;
    }
    child = nodes[child].next;
  }
  return 0;
}

// Tensors may run Python code (__dlpack__), which may change a list or dict
// meanwhile: its items are held, and looked for one by one.
static int walk_list(walk_t* walk, size_t node, PyObject* list) {
  const node_t* nodes = walk->tree->nodes;
  if ((size_t)PyList_Size(list) != nodes[node].child_count) {
    return refuse_container(walk->tree, node, list);
  }
  size_t child = node + 1;
  for (size_t i = 0; i < nodes[node].child_count; ++i) {
    PyObject* item = Py_XNewRef(PyList_GetItem(list, (Py_ssize_t)i));
    int failed = item == NULL ? -1 : walk_node(walk, child, item);
    Py_XDECREF(item);
    if (failed != 0) {
      return -1;
    }
    child = nodes[child].next;
  }
  return 0;
}

static int walk_dict(walk_t* walk, size_t node, PyObject* dict) {
  const node_t* nodes = walk->tree->nodes;
  size_t count = dict != NULL ? (size_t)PyDict_Size(dict) : 0;
  if (count != nodes[node].child_count) {
    return refuse_dict(walk->tree, node, dict);
  }
  size_t child = node + 1;
  for (size_t i = 0; i < count; ++i) {
    PyObject* key = nodes[child].key;
    PyObject* item =
        key != NULL ? Py_XNewRef(PyDict_GetItemWithError(dict, key)) : NULL;
    if (item == NULL) {
      return PyErr_Occurred() ? -1 : refuse_dict(walk->tree, node, dict);
    }
    int failed = walk_node(walk, child, item);
    Py_DECREF(item);
    if (failed != 0) {
      return -1;
    }
    child = nodes[child].next;
  }
  return 0;
}

static PyObject* keys_of(const pt2py_tree_t* tree, size_t node) {
  PyObject* keys = PyList_New(0);
  size_t child = node + 1;
  for (size_t i = 0; keys != NULL && i < tree->nodes[node].child_count; ++i) {
    PyObject* key = tree->nodes[child].key;
    if (PyList_Append(keys, key != NULL ? key : Py_None) != 0) {
      Py_CLEAR(keys);
    }
    child = tree->nodes[child].next;
  }
  return keys;
}

// Calls _pytree.|function|(kind, type, context, name, keys, |object|).
static PyObject* ask_pytree(const pt2py_tree_t* tree, size_t node,
                            const char* function, PyObject* object) {
  const pt2_spec_node_t* from = spec_node(tree, node);
  PyObject* helper = pt2py_helper("_pytree", function);
  PyObject* keys = helper != NULL ? keys_of(tree, node) : NULL;
  PyObject* result =
      keys != NULL
          ? PyObject_CallFunction(helper, "izzsOO", from->kind, from->type_name,
                                  from->context, from->name, keys, object)
          : NULL;
  Py_XDECREF(keys);
  Py_XDECREF(helper);
  if (result == NULL && PyErr_ExceptionMatches(PyExc_TypeError) &&
      !PyErr_ExceptionMatches(pt2py_error)) {
    pt2py_raise_from(pt2py_structure_error, PT2_STATUS_INVALID_ARGUMENT, "");
  }
  return result;
}

// Types that Python knows: named tuples, deques, what the program registered.
static int walk_other(walk_t* walk, size_t node, PyObject* object) {
  PyObject* children = ask_pytree(walk->tree, node, "flatten", object);
  if (children == NULL) {
    return -1;
  }
  int failed = walk_list(walk, node, children);
  Py_DECREF(children);
  return failed;
}

static int walk_node(walk_t* walk, size_t node, PyObject* object) {
  switch (walk->tree->nodes[node].kind) {
    case PT2_SPEC_LEAF:
      return walk_leaf(walk, node, object);
    case PT2_SPEC_TUPLE:
    case PT2_SPEC_LIST:  // torch takes one for the other
      if (PyTuple_Check(object)) {
        return walk_tuple(walk, node, object);
      }
      return PyList_Check(object) ? walk_list(walk, node, object)
                                  : refuse_container(walk->tree, node, object);
    case PT2_SPEC_DICT:
    case PT2_SPEC_ORDERED_DICT:
    case PT2_SPEC_DEFAULTDICT:
      return PyDict_Check(object) ? walk_dict(walk, node, object)
                                  : refuse_container(walk->tree, node, object);
    default:
      return walk_other(walk, node, object);
  }
}

int pt2py_tree_flatten(const pt2py_tree_t* tree, PyObject* args,
                       PyObject* kwargs, pt2py_leaf_fn leaf, void* user) {
  walk_t walk = {tree, leaf, user, 0};
  // The root is the pair of both; the parser has seen to that.
  size_t positional = 1;
  size_t keywords = tree->nodes[positional].next;
  if (walk_tuple(&walk, positional, args) != 0 ||
      walk_dict(&walk, keywords, kwargs) != 0) {
    return -1;
  }
  if (tree->is_counted && walk.seen < tree->value_count) {
    pt2py_raise_text(pt2py_structure_error, PT2_STATUS_INVALID_ARGUMENT,
                     "the model takes %zu tensors, got %zu", tree->value_count,
                     walk.seen);
    return -1;
  }
  return 0;
}

// ---- The result ------------------------------------------------------------

static PyObject* build_node(const pt2py_tree_t* tree, size_t node,
                            PyObject** values);

static PyObject* build_tuple(const pt2py_tree_t* tree, size_t node,
                             PyObject** values) {
  size_t count = tree->nodes[node].child_count;
  PyObject* tuple = PyTuple_New((Py_ssize_t)count);
  size_t child = node + 1;
  for (size_t i = 0; tuple != NULL && i < count; ++i) {
    PyObject* item = build_node(tree, child, values);
    if (item == NULL || PyTuple_SetItem(tuple, (Py_ssize_t)i, item) != 0) {
      Py_CLEAR(tuple);
    }
    child = tree->nodes[child].next;
  }
  return tuple;
}

static PyObject* build_list(const pt2py_tree_t* tree, size_t node,
                            PyObject** values) {
  size_t count = tree->nodes[node].child_count;
  PyObject* list = PyList_New((Py_ssize_t)count);
  size_t child = node + 1;
  for (size_t i = 0; list != NULL && i < count; ++i) {
    PyObject* item = build_node(tree, child, values);
    if (item == NULL || PyList_SetItem(list, (Py_ssize_t)i, item) != 0) {
      Py_CLEAR(list);
    }
    child = tree->nodes[child].next;
  }
  return list;
}

static PyObject* build_dict(const pt2py_tree_t* tree, size_t node,
                            PyObject** values) {
  PyObject* dict = PyDict_New();
  size_t child = node + 1;
  for (size_t i = 0; dict != NULL && i < tree->nodes[node].child_count; ++i) {
    PyObject* key = tree->nodes[child].key;
    PyObject* item = build_node(tree, child, values);
    if (item == NULL ||
        PyDict_SetItem(dict, key != NULL ? key : Py_None, item) != 0) {
      Py_CLEAR(dict);
    }
    Py_XDECREF(item);
    child = tree->nodes[child].next;
  }
  return dict;
}

static PyObject* build_other(const pt2py_tree_t* tree, size_t node,
                             PyObject** values) {
  PyObject* children = build_list(tree, node, values);
  PyObject* object =
      children != NULL ? ask_pytree(tree, node, "unflatten", children) : NULL;
  Py_XDECREF(children);
  return object;
}

static PyObject* build_node(const pt2py_tree_t* tree, size_t node,
                            PyObject** values) {
  switch (tree->nodes[node].kind) {
    case PT2_SPEC_LEAF: {
      Py_ssize_t slot = tree->slots[tree->nodes[node].first_leaf];
      return Py_NewRef(slot >= 0 ? values[slot] : Py_None);
    }
    case PT2_SPEC_TUPLE:
      return build_tuple(tree, node, values);
    case PT2_SPEC_LIST:
      return build_list(tree, node, values);
    case PT2_SPEC_DICT:
      return build_dict(tree, node, values);
    default:
      return build_other(tree, node, values);
  }
}

PyObject* pt2py_tree_unflatten(const pt2py_tree_t* tree, PyObject** values) {
  return build_node(tree, 0, values);
}
