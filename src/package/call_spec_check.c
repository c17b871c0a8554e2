// SPDX-License-Identifier: Apache-2.0
//
// Questions to a parsed call spec, and callers' structures against it.
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/status.h"
#include "package/call_spec.h"
#include "package/package.h"

// Names that one message lists.
#define MAX_LISTED 16

// ---- Queries ---------------------------------------------------------------

const char* pt2_package_peek_in_spec(const pt2_package_t* package,
                                     size_t model) {
  return model < pt2_package_model_count(package)
             ? pt2__package_model_files(package, model)->in_spec
             : NULL;
}

const char* pt2_package_peek_out_spec(const pt2_package_t* package,
                                      size_t model) {
  return model < pt2_package_model_count(package)
             ? pt2__package_model_files(package, model)->out_spec
             : NULL;
}

size_t pt2_call_spec_node_count(const pt2_call_spec_t* spec) {
  return spec->node_count;
}

size_t pt2_call_spec_leaf_count(const pt2_call_spec_t* spec) {
  return spec->leaf_count;
}

const pt2_spec_node_t* pt2_call_spec_peek_node(const pt2_call_spec_t* spec,
                                               size_t node) {
  return node < spec->node_count ? &spec->nodes[node] : NULL;
}

const pt2_spec_node_t* pt2_call_spec_peek_leaf(const pt2_call_spec_t* spec,
                                               size_t leaf) {
  return leaf < spec->leaf_count ? &spec->nodes[spec->leaves[leaf]] : NULL;
}

static pt2_status_t no_such_leaf(const pt2_call_spec_t* spec,
                                 const char* name) {
  pt2__buffer_t known = {0};
  pt2_status_t status = PT2_STATUS_OK;
  for (size_t i = 0; i < spec->leaf_count && status == PT2_STATUS_OK; ++i) {
    if (i == MAX_LISTED) {
      status = pt2__buffer_printf(&known, " and %zu more",
                                  spec->leaf_count - MAX_LISTED);
      break;
    }
    status = pt2__buffer_printf(&known, "%s%s", i > 0 ? ", " : "",
                                spec->nodes[spec->leaves[i]].name);
  }
  if (status == PT2_STATUS_OK) {
    status =
        PT2_FAIL(PT2_STATUS_NOT_FOUND, "nothing is called '%s'; there %s%s",
                 name, known.length > 0 ? "are: " : "are no leaves",
                 known.length > 0 ? known.data : "");
  }
  pt2__buffer_free(&known);
  return status;
}

pt2_status_t pt2_call_spec_find_leaf(const pt2_call_spec_t* spec,
                                     const char* name, size_t* out_leaf) {
  pt2__error_begin();
  if (spec == NULL || name == NULL || out_leaf == NULL) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                    "spec, name and out_leaf may not be NULL");
  }
  size_t found = spec->leaf_count;
  for (size_t i = 0; i < spec->leaf_count; ++i) {
    if (strcmp(spec->nodes[spec->leaves[i]].name, name) != 0) {
      continue;
    }
    if (found < spec->leaf_count) {
      return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                      "leaves %zu and %zu are both called '%s'", found, i,
                      name);
    }
    found = i;
  }
  if (found == spec->leaf_count) {
    return no_such_leaf(spec, name);
  }
  *out_leaf = found;
  return PT2_STATUS_OK;
}

// ---- One container ---------------------------------------------------------

// "a dict of 2", for messages.
static const char* describe(int32_t kind, const char* type_name, size_t count,
                            char* text, size_t text_bytes) {
  static const char* const kWords[] = {
      "a leaf",        "a tuple",      "a list",  "a dict", "an OrderedDict",
      "a defaultdict", "a namedtuple", "a deque", "a "};
  const char* word =
      kind > 0 && kind <= PT2_SPEC_CUSTOM ? kWords[kind] : "a container";
  bool named = kind == PT2_SPEC_NAMEDTUPLE || kind == PT2_SPEC_CUSTOM;
  if (kind == PT2_SPEC_LEAF) {
    return kWords[0];
  }
  const char* of = named && type_name != NULL ? type_name : "";
  const char* gap = kind == PT2_SPEC_NAMEDTUPLE && of[0] != '\0' ? " " : "";
  if (kind == PT2_SPEC_CUSTOM && of[0] == '\0') {
    of = "custom container";
  }
  snprintf(text, text_bytes, "%s%s%.200s of %zu", word, gap, of, count);
  return text;
}

static const char* name_of(const pt2_spec_node_t* node) {
  return node->name[0] != '\0' ? node->name : "the call";
}

static pt2_status_t wrong_container(const pt2_spec_node_t* node, int32_t kind,
                                    const char* type_name, size_t child_count) {
  char wanted[256];
  char got[256];
  return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT, "%s: expected %s, got %s",
                  name_of(node),
                  describe(node->kind, node->type_name, node->child_count,
                           wanted, sizeof(wanted)),
                  describe(kind, type_name, child_count, got, sizeof(got)));
}

static bool kinds_fit(const pt2_spec_node_t* node, int32_t kind,
                      const char* type_name) {
  if (node->kind == PT2_SPEC_LEAF || kind == PT2_SPEC_LEAF) {
    return node->kind == kind;
  }
  if (kind == PT2_SPEC_ANY ||
      (pt2__spec_kind_is_dict(node->kind) && pt2__spec_kind_is_dict(kind))) {
    return true;
  }
  bool is_named = kind == PT2_SPEC_NAMEDTUPLE || kind == PT2_SPEC_CUSTOM;
  return node->kind == kind &&
         (!is_named || type_name == NULL || node->type_name == NULL ||
          strcmp(type_name, node->type_name) == 0);
}

// Nodes of the children of |node|; false if they go by number.
static bool has_keys(const pt2_call_spec_t* spec, size_t node) {
  return spec->nodes[node].child_count > 0
             ? spec->nodes[node + 1].key.kind != PT2_KEY_POSITION
             : pt2__spec_kind_is_dict(spec->nodes[node].kind);
}

static bool same_key(const pt2_spec_key_t* left, const pt2_spec_key_t* right) {
  return left->kind == right->kind && left->text != NULL &&
         right->text != NULL && strcmp(left->text, right->text) == 0;
}

// Appends "'mask' is missing".
static pt2_status_t complain(pt2__buffer_t* text, const pt2_spec_key_t* key,
                             const char* what, size_t* count) {
  if (++*count > MAX_LISTED) {
    return PT2_STATUS_OK;
  }
  return pt2__buffer_printf(text, "%s'%s' is %s", *count > 1 ? ", " : "",
                            key->text != NULL ? key->text : "?", what);
}

// Fills |order|, which has room for the node's children, and |taken|, one flag
// for each of the caller's. What does not fit is appended to |text|.
static pt2_status_t pair_keys(const pt2_call_spec_t* spec, size_t index,
                              size_t count, const pt2_spec_key_t* keys,
                              size_t* order, uint8_t* taken,
                              pt2__buffer_t* text) {
  size_t complaints = 0;
  size_t guess = 0;
  size_t child = index + 1;
  for (size_t i = 0; i < spec->nodes[index].child_count; ++i) {
    const pt2_spec_node_t* node = &spec->nodes[child];
    size_t tried = 0;
    // Mostly they come in the spec's order.
    size_t at = guess < count ? guess : 0;
    while (tried < count && !same_key(&node->key, &keys[at])) {
      at = at + 1 < count ? at + 1 : 0;
      ++tried;
    }
    if (tried == count) {
      PT2_TRY(complain(text, &node->key, "missing", &complaints));
    } else {
      order[i] = at;
      taken[at] = 1;
      guess = at + 1;
    }
    child = node->next;
  }
  for (size_t i = 0; i < count; ++i) {
    if (taken[i]) {
      continue;
    }
    bool twice = false;
    for (size_t j = 0; j < count && !twice; ++j) {
      twice = j != i && same_key(&keys[i], &keys[j]);
    }
    PT2_TRY(complain(text, &keys[i], twice ? "given twice" : "unexpected",
                     &complaints));
  }
  return PT2_STATUS_OK;
}

static pt2_status_t check_keys(const pt2_call_spec_t* spec, size_t index,
                               size_t count, const pt2_spec_key_t* keys,
                               size_t* out_order) {
  const pt2_spec_node_t* node = &spec->nodes[index];
  pt2__buffer_t text = {0};
  size_t* order = pt2__calloc(node->child_count, sizeof(*order));
  uint8_t* taken = pt2__calloc(count, sizeof(*taken));
  pt2_status_t status =
      order != NULL && taken != NULL
          ? pair_keys(spec, index, count, keys, order, taken, &text)
          : PT2_OUT_OF_MEMORY(count * sizeof(*taken));
  if (status == PT2_STATUS_OK && text.length > 0) {
    status = PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT, "%s: %s", name_of(node),
                      text.data);
  }
  if (status == PT2_STATUS_OK && out_order != NULL) {
    memcpy(out_order, order, node->child_count * sizeof(*order));
  }
  pt2__buffer_free(&text);
  pt2__free(order);
  pt2__free(taken);
  return status;
}

static pt2_status_t check(const pt2_call_spec_t* spec, size_t index,
                          int32_t kind, const char* type_name,
                          size_t child_count, const pt2_spec_key_t* keys,
                          size_t* out_order) {
  const pt2_spec_node_t* node = &spec->nodes[index];
  if (!kinds_fit(node, kind, type_name)) {
    return wrong_container(node, kind, type_name, child_count);
  }
  if (keys != NULL && has_keys(spec, index)) {
    return check_keys(spec, index, child_count, keys, out_order);
  }
  if (child_count != node->child_count) {
    return wrong_container(node, kind, type_name, child_count);
  }
  for (size_t i = 0; out_order != NULL && i < child_count; ++i) {
    out_order[i] = i;
  }
  return PT2_STATUS_OK;
}

pt2_status_t pt2_call_spec_check(const pt2_call_spec_t* spec, size_t node,
                                 int32_t kind, const char* type_name,
                                 size_t child_count, const pt2_spec_key_t* keys,
                                 size_t* out_order) {
  pt2__error_begin();
  if (spec == NULL || node >= spec->node_count || kind < PT2_SPEC_ANY ||
      kind > PT2_SPEC_CUSTOM) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                    "call spec: no spec, no such node or no such kind");
  }
  return check(spec, node, kind, type_name, child_count, keys, out_order);
}

// ---- A whole structure -----------------------------------------------------

typedef struct {
  const pt2_call_spec_t* spec;
  const pt2_call_spec_t* given;
  size_t* leaves;  // NULL: only checked
} matcher_t;

static pt2_status_t match(const matcher_t* matcher, size_t node, size_t other);

// Lists of |count| children: their nodes in |given| and the caller's keys.
static void list_children(const pt2_call_spec_t* given, size_t other,
                          size_t* nodes, pt2_spec_key_t* keys) {
  size_t child = other + 1;
  for (size_t i = 0; i < given->nodes[other].child_count; ++i) {
    nodes[i] = child;
    keys[i] = given->nodes[child].key;
    child = given->nodes[child].next;
  }
}

static pt2_status_t match_children(const matcher_t* matcher, size_t node,
                                   const size_t* nodes, const size_t* order) {
  size_t child = node + 1;
  for (size_t i = 0; i < matcher->spec->nodes[node].child_count; ++i) {
    PT2_TRY(match(matcher, child, nodes[order[i]]));
    child = matcher->spec->nodes[child].next;
  }
  return PT2_STATUS_OK;
}

static pt2_status_t match(const matcher_t* matcher, size_t node, size_t other) {
  const pt2_spec_node_t* wanted = &matcher->spec->nodes[node];
  const pt2_spec_node_t* got = &matcher->given->nodes[other];
  size_t count = got->child_count;
  if (wanted->kind == PT2_SPEC_LEAF && got->kind == PT2_SPEC_LEAF) {
    if (matcher->leaves != NULL) {
      matcher->leaves[wanted->first_leaf] = got->first_leaf;
    }
    return PT2_STATUS_OK;
  }
  size_t* order = pt2__calloc(wanted->child_count, sizeof(*order));
  size_t* nodes = pt2__calloc(count, sizeof(*nodes));
  pt2_spec_key_t* keys = pt2__calloc(count, sizeof(*keys));
  pt2_status_t status = PT2_STATUS_OK;
  if (order == NULL || nodes == NULL || keys == NULL) {
    status = PT2_OUT_OF_MEMORY(count * sizeof(*keys));
  } else {
    list_children(matcher->given, other, nodes, keys);
    status = check(matcher->spec, node, got->kind, got->type_name, count,
                   has_keys(matcher->given, other) ? keys : NULL, order);
  }
  if (status == PT2_STATUS_OK) {
    status = match_children(matcher, node, nodes, order);
  }
  pt2__free(order);
  pt2__free(nodes);
  pt2__free(keys);
  return status;
}

pt2_status_t pt2_call_spec_match(const pt2_call_spec_t* spec,
                                 const pt2_call_spec_t* given,
                                 size_t* out_leaves) {
  pt2__error_begin();
  if (spec == NULL || given == NULL) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT, "%s is NULL",
                    spec == NULL ? "spec" : "given");
  }
  matcher_t matcher = {spec, given, out_leaves};
  return match(&matcher, 0, 0);
}
