// SPDX-License-Identifier: Apache-2.0
//
// Call specs: how a model's tensors lie in the containers of its caller
// (torch: the pytree specs in_spec and out_spec). A language binding flattens
// its own tuples, lists and dicts by them, and puts results back together.
#ifndef PT2_CALL_SPEC_H_
#define PT2_CALL_SPEC_H_

#include <stddef.h>
#include <stdint.h>

#include "pt2/package.h"
#include "pt2/status.h"

#if defined(__cplusplus)
extern "C" {
#endif

// A parsed call spec: a tree of nodes, numbered so that a node comes before its
// children and these in call order; node 0 is the root. Leaves are numbered in
// the same order.
//
// A leaf is whatever the caller gave there: a tensor, a number, None. Tensors
// alone are inputs of the model, so a spec may have more leaves than the model
// has inputs: the leaf of an input is the one that bears the input's name
// (pt2_value_info_t).
//
// Threads: immutable; any number of threads may use one at once.
typedef struct pt2_call_spec_t pt2_call_spec_t;

// What a spec describes.
enum {
  // A pair of the positional arguments, a tuple called ARGS, and the keyword
  // arguments, a dict called KWARGS (torch: in_spec).
  PT2_CALL_SPEC_INPUTS = 0,
  // What the model returns, called RESULT (torch: out_spec).
  PT2_CALL_SPEC_RESULT = 1,
};

// Kinds of nodes.
enum {
  PT2_SPEC_ANY = -1,  // only where one is given: any kind but a leaf
  PT2_SPEC_LEAF = 0,
  PT2_SPEC_TUPLE = 1,
  PT2_SPEC_LIST = 2,
  PT2_SPEC_DICT = 3,
  PT2_SPEC_ORDERED_DICT = 4,
  PT2_SPEC_DEFAULTDICT = 5,
  PT2_SPEC_NAMEDTUPLE = 6,
  PT2_SPEC_DEQUE = 7,
  PT2_SPEC_CUSTOM = 8,  // registered by its program: dataclasses and others
};

// Kinds of keys, as Python has them.
enum {
  PT2_KEY_POSITION = 0,  // no key: children go by number
  PT2_KEY_STRING = 1,
  PT2_KEY_INT = 2,    // "-1"
  PT2_KEY_FLOAT = 3,  // "0.5": 17 digits at most, as printf's %.17g
  PT2_KEY_BOOL = 4,   // "True", "False"
  PT2_KEY_NONE = 5,   // "None"
  PT2_KEY_ENUM = 6,   // "module:Class.NAME"
  PT2_KEY_OTHER = 7,  // its JSON
};

// The key of a child in its parent.
typedef struct pt2_spec_key_t {
  int32_t kind;      // PT2_KEY_*
  const char* text;  // NULL if there is no key
} pt2_spec_key_t;

// One node. Strings are borrowed from the spec.
typedef struct pt2_spec_node_t {
  int32_t kind;  // PT2_SPEC_*
  // The type as torch serialized it: "builtins.dict", "my.Config"; of a
  // namedtuple the name that it was registered by. NULL for a leaf.
  const char* type_name;
  // What torch keeps of the container besides its children, mostly JSON: the
  // keys of a dict, the longest length of a deque, the factory of a
  // defaultdict, [fields, fields that are None] of a dataclass. NULL if it has
  // none.
  const char* context;
  // "ARGS[1][a]"; "" for the root of the inputs.
  const char* name;
  // Its place in its parent: a key of a dict, a field of a dataclass.
  pt2_spec_key_t key;
  size_t position;     // among its parent's children
  size_t parent;       // 0 for the root itself
  size_t child_count;  // the first child, if any, is this node's number + 1
  size_t next;         // the node after its last descendant: the next sibling
  size_t first_leaf;   // the leaves below it (a leaf: itself)
  size_t leaf_count;
} pt2_spec_node_t;

// The model's call specs as the package's source has them (JSON), without
// running it; NULL if it does not tell. pt2_runner_call_spec asks the model
// itself. Borrowed from the package.
PT2_API const char* pt2_package_peek_in_spec(const pt2_package_t* package,
                                             size_t model);
PT2_API const char* pt2_package_peek_out_spec(const pt2_package_t* package,
                                              size_t model);

// Parses |json|, the text of torch's treespec_dumps (protocol 1), which
// describes |what| (PT2_CALL_SPEC_*).
//
// Ownership: |json| is copied; the caller owns |*out_spec|
//            (pt2_call_spec_destroy).
// Errors:    CORRUPT  no such text: what is wrong and at which node
//            INVALID_ARGUMENT, OUT_OF_MEMORY
// Limits:    128 levels, 2^20 nodes, 64 MiB of names
PT2_API PT2_MUST_USE pt2_status_t
pt2_call_spec_parse(const char* json, int32_t what, pt2_call_spec_t** out_spec);
PT2_API void pt2_call_spec_destroy(pt2_call_spec_t* spec);

// How many nodes and how many leaves there are; at least one node.
PT2_API size_t pt2_call_spec_node_count(const pt2_call_spec_t* spec);
PT2_API size_t pt2_call_spec_leaf_count(const pt2_call_spec_t* spec);

// A node; NULL if there is no such node or leaf. Borrowed.
PT2_API const pt2_spec_node_t* pt2_call_spec_peek_node(
    const pt2_call_spec_t* spec, size_t node);
PT2_API const pt2_spec_node_t* pt2_call_spec_peek_leaf(
    const pt2_call_spec_t* spec, size_t leaf);

// Finds a leaf by its name, "KWARGS[mask]".
//
// Errors: NOT_FOUND         the message lists the leaves that exist
//         INVALID_ARGUMENT  several leaves bear the name ({1: …, "1": …})
PT2_API PT2_MUST_USE pt2_status_t pt2_call_spec_find_leaf(
    const pt2_call_spec_t* spec, const char* name, size_t* out_leaf);

// Checks one container of the caller's against node |node| and tells in which
// order its children go: child |i| of the spec is the caller's
// |out_order[i]|. Callers that go down the tree with it flatten any structure.
//
// |kind| is PT2_SPEC_*; dicts of all three kinds are alike. |type_name| is
// compared where both sides have one and |kind| is a namedtuple or custom; it
// may be NULL. |keys| are the |child_count| keys of a dict (or fields of a
// custom type) in any order, NULL if children go by number: then by the order
// of the spec. |out_order| has room for the node's child_count; it may be NULL
// and is untouched on error.
//
// Errors: INVALID_ARGUMENT  another kind, another count, keys that are missing,
//                           unexpected or given twice: all by name,
//                           "KWARGS: 'mask' is missing, 'maks' is unexpected"
//         OUT_OF_MEMORY
PT2_API PT2_MUST_USE pt2_status_t
pt2_call_spec_check(const pt2_call_spec_t* spec, size_t node, int32_t kind,
                    const char* type_name, size_t child_count,
                    const pt2_spec_key_t* keys, size_t* out_order);

// Checks a whole structure, itself given as a spec. |out_leaves| has room for
// the leaves of |spec|: leaf |i| of the spec is leaf |out_leaves[i]| of
// |given|. It may be NULL; on error it holds nothing of use.
//
// Errors: as pt2_call_spec_check, at the first place that differs
PT2_API PT2_MUST_USE pt2_status_t
pt2_call_spec_match(const pt2_call_spec_t* spec, const pt2_call_spec_t* given,
                    size_t* out_leaves);

#if defined(__cplusplus)
}
#endif

#endif  // PT2_CALL_SPEC_H_
