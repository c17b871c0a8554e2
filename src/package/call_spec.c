// SPDX-License-Identifier: Apache-2.0
//
// Users' names of a model's values, from the call specs: pytree specs in JSON,
// [1, {"type": …, "context": …, "children_spec": […]}].
#include <jansson.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/status.h"
#include "package/facts.h"
#include "package/package.h"

// Deeper than any program nests its arguments.
#define MAX_DEPTH 128

typedef struct {
  char** names;
  size_t capacity;
  size_t count;
  pt2__buffer_t path;
} walk_t;

#define NOT_A_SPEC(what) PT2_FAIL(PT2_STATUS_CORRUPT, "call spec: %s", what)

// The keys of a node, as JSON; NULL if its children go by number. The caller
// owns it.
static json_t* node_keys(const json_t* node, size_t child_count) {
  const json_t* context = json_object_get(node, "context");
  json_t* keys = NULL;
  if (json_is_string(context)) {
    // dict and OrderedDict: "[\"a\", \"b\"]".
    keys = json_loadb(json_string_value(context), json_string_length(context),
                      JSON_DECODE_ANY, NULL);
  } else if (json_is_object(context)) {
    // defaultdict.
    keys = json_incref(json_object_get(context, "dict_context"));
  }
  // A dataclass: [names of the children, names that are None].
  json_t* first = json_array_get(keys, 0);
  if (json_array_size(keys) == 2 && json_is_array(first) &&
      json_is_array(json_array_get(keys, 1))) {
    json_incref(first);
    json_decref(keys);
    keys = first;
  }
  bool good = json_is_array(keys) && json_array_size(keys) == child_count;
  for (size_t i = 0; i < child_count && good; ++i) {
    const json_t* key = json_array_get(keys, i);
    good = json_is_string(key) || json_is_integer(key);
  }
  if (!good) {
    json_decref(keys);
    return NULL;
  }
  return keys;
}

static pt2_status_t append_step(pt2__buffer_t* path, const json_t* keys,
                                size_t index) {
  const json_t* key = keys != NULL ? json_array_get(keys, index) : NULL;
  if (json_is_string(key)) {
    return pt2__buffer_printf(path, "[%s]", json_string_value(key));
  }
  long long number = json_is_integer(key) ? (long long)json_integer_value(key)
                                          : (long long)index;
  return pt2__buffer_printf(path, "[%lld]", number);
}

static pt2_status_t add_leaf(walk_t* walk) {
  if (walk->count < walk->capacity) {
    char* name = pt2__strndup(walk->path.data, walk->path.length);
    if (name == NULL) {
      return PT2_OUT_OF_MEMORY(walk->path.length + 1);
    }
    walk->names[walk->count] = name;
  }
  ++walk->count;
  return PT2_STATUS_OK;
}

static pt2_status_t walk_node(walk_t* walk, const json_t* node, int depth);

static pt2_status_t walk_children(walk_t* walk, const json_t* children,
                                  const json_t* keys, int depth) {
  size_t length = walk->path.length;
  for (size_t i = 0; i < json_array_size(children); ++i) {
    PT2_TRY(append_step(&walk->path, keys, i));
    PT2_TRY(walk_node(walk, json_array_get(children, i), depth + 1));
    walk->path.length = length;
    walk->path.data[length] = '\0';
  }
  return PT2_STATUS_OK;
}

static pt2_status_t walk_node(walk_t* walk, const json_t* node, int depth) {
  const json_t* type = json_object_get(node, "type");
  const json_t* children = json_object_get(node, "children_spec");
  if (depth > MAX_DEPTH) {
    return NOT_A_SPEC("nested too deeply");
  }
  if (type == NULL || !json_is_array(children)) {
    return NOT_A_SPEC("a node has no \"type\" or no \"children_spec\"");
  }
  if (json_is_null(type)) {
    return json_array_size(children) == 0 ? add_leaf(walk)
                                          : NOT_A_SPEC("a leaf has children");
  }
  if (!json_is_string(type)) {
    return NOT_A_SPEC("a node's \"type\" is no string");
  }
  json_t* keys = node_keys(node, json_array_size(children));
  pt2_status_t status = walk_children(walk, children, keys, depth);
  json_decref(keys);
  return status;
}

static pt2_status_t walk_root(walk_t* walk, const json_t* root, bool is_input) {
  const json_t* spec = json_array_get(root, 1);
  if (json_array_size(root) != 2 ||
      json_integer_value(json_array_get(root, 0)) != 1 ||
      !json_is_object(spec)) {
    return NOT_A_SPEC("not a treespec of protocol 1");
  }
  if (!is_input) {
    PT2_TRY(pt2__buffer_printf(&walk->path, "RESULT"));
    return walk_node(walk, spec, 0);
  }
  const json_t* pair = json_object_get(spec, "children_spec");
  if (json_array_size(pair) != 2) {
    return NOT_A_SPEC("the inputs are not a pair of args and kwargs");
  }
  for (size_t i = 0; i < 2; ++i) {
    walk->path.length = 0;
    PT2_TRY(pt2__buffer_printf(&walk->path, i == 0 ? "ARGS" : "KWARGS"));
    PT2_TRY(walk_node(walk, json_array_get(pair, i), 0));
  }
  return PT2_STATUS_OK;
}

pt2_status_t pt2__call_spec_leaf_names(const char* spec_json, bool is_input,
                                       size_t count, char** out_names,
                                       size_t* out_count) {
  json_error_t error;
  json_t* root = json_loads(spec_json, JSON_REJECT_DUPLICATES, &error);
  if (root == NULL) {
    return PT2_FAIL(PT2_STATUS_CORRUPT, "call spec: %s", error.text);
  }
  walk_t walk = {.capacity = count};
  walk.names = pt2__calloc(count, sizeof(*walk.names));
  pt2_status_t status = walk.names != NULL
                            ? walk_root(&walk, root, is_input)
                            : PT2_OUT_OF_MEMORY(count * sizeof(*walk.names));
  json_decref(root);
  pt2__buffer_free(&walk.path);
  size_t made = walk.count < count ? walk.count : count;
  if (status == PT2_STATUS_OK) {
    memcpy(out_names, walk.names, made * sizeof(*out_names));
    *out_count = walk.count;
  } else {
    for (size_t i = 0; walk.names != NULL && i < made; ++i) {
      pt2__free(walk.names[i]);
    }
  }
  pt2__free(walk.names);
  return status;
}

// ---- Names of a model's values ---------------------------------------------

// The leaf that value |index| is. Leaves that are no tensors (None, numbers)
// are no inputs, so there may be more leaves than inputs; torch numbers its
// placeholders ("arg5_1") over all leaves, which tells the gaps if they make up
// the whole difference.
static bool leaf_of(const pt2_value_info_t* values, size_t count,
                    size_t leaf_count, size_t index, size_t* out_leaf) {
  if (leaf_count == count) {
    *out_leaf = index;
    return true;
  }
  int64_t first = 0;
  int64_t last = -1;
  for (size_t i = 0; i < count; ++i) {
    const char* name = values[i].internal_name;
    pt2__span_t span = {name, name + strlen(name)};
    int64_t number;
    // "arg5_1": the integer must be taken without the "_1" behind it.
    if (!pt2__take(&span, "arg") || pt2__span_length(span) < 3 ||
        memcmp(span.end - 2, "_1", 2) != 0) {
      return false;
    }
    span.end -= 2;
    if (!pt2__take_integer(&span, &number) || span.begin != span.end ||
        (i > 0 && number <= last)) {
      return false;
    }
    first = i == 0 ? number : first;
    last = number;
    if (i == index) {
      *out_leaf = (size_t)(number - first);
    }
  }
  return count > 0 && (uint64_t)(last - first) + 1 == leaf_count;
}

static pt2_status_t apply_names(pt2__arena_t* arena, char** names,
                                size_t leaf_count, pt2_value_info_t* values,
                                size_t count) {
  for (size_t i = 0; i < count; ++i) {
    size_t leaf = 0;
    if (leaf_of(values, count, leaf_count, i, &leaf)) {
      PT2_TRY(pt2__arena_text(arena, names[leaf], strlen(names[leaf]),
                              &values[i].name));
    }
  }
  return PT2_STATUS_OK;
}

static pt2_status_t name_values(pt2__arena_t* arena, const char* spec,
                                bool is_input, pt2_value_info_t* values,
                                size_t count) {
  for (size_t i = 0; i < count; ++i) {
    values[i].name = values[i].internal_name;
  }
  // Leaves that are no tensors may double the number, hardly more.
  size_t capacity = 2 * count + 64;
  char** names = spec != NULL ? pt2__calloc(capacity, sizeof(*names)) : NULL;
  if (names == NULL) {
    return spec == NULL ? PT2_STATUS_OK
                        : PT2_OUT_OF_MEMORY(capacity * sizeof(*names));
  }
  size_t leaf_count = 0;
  pt2_status_t status =
      pt2__call_spec_leaf_names(spec, is_input, capacity, names, &leaf_count);
  if (status == PT2_STATUS_CORRUPT) {
    // The internal names will do.
    pt2_error_clear();
    status = PT2_STATUS_OK;
  } else if (status == PT2_STATUS_OK && leaf_count <= capacity) {
    status = apply_names(arena, names, leaf_count, values, count);
  }
  for (size_t i = 0; i < capacity; ++i) {
    pt2__free(names[i]);
  }
  pt2__free(names);
  return status;
}

pt2_status_t pt2__facts_name_values(pt2__arena_t* arena, pt2__facts_t* facts) {
  PT2_TRY(name_values(arena, facts->in_spec, true, facts->inputs,
                      facts->input_count));
  return name_values(arena, facts->out_spec, false, facts->outputs,
                     facts->output_count);
}
