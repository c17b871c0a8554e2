// SPDX-License-Identifier: Apache-2.0
//
// Parsing of call specs: pytree specs in JSON,
// [1, {"type": …, "context": …, "children_spec": […]}].
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "package/call_spec.h"

// Deeper than any program nests its arguments.
#define MAX_DEPTH 128
#define MAX_NODES ((size_t)1 << 20)
// Names repeat the names above them, so that a small text could ask for much.
#define MAX_NAME_BYTES ((size_t)64 << 20)

typedef struct {
  pt2_call_spec_t* spec;
  size_t node_capacity;
  size_t leaf_capacity;
  size_t name_bytes;
} parser_t;

// What a node needs of its parent.
typedef struct {
  const char* name;  // of the parent
  const char* root_name;
  pt2_spec_key_t key;
  size_t parent;
  size_t position;
  int depth;
} place_t;

#define NOT_A_SPEC(where, ...)                                           \
  (PT2_FAIL(PT2_STATUS_CORRUPT, __VA_ARGS__),                            \
   pt2__error_prefix("call spec%s%s", (where)[0] != '\0' ? ", at " : "", \
                     (where)),                                           \
   PT2_STATUS_CORRUPT)

static const char* type_of_json(const json_t* value) {
  static const char* const kNames[] = {"an object", "an array", "a string",
                                       "a number",  "a number", "true",
                                       "false",     "null"};
  return value != NULL ? kNames[json_typeof(value)] : "missing";
}

// ---- Kinds -----------------------------------------------------------------

static int32_t kind_of_type(const char* type) {
  static const struct {
    const char* name;
    int32_t kind;
  } kKinds[] = {
      {"builtins.tuple", PT2_SPEC_TUPLE},
      {"builtins.list", PT2_SPEC_LIST},
      {"builtins.dict", PT2_SPEC_DICT},
      {"collections.OrderedDict", PT2_SPEC_ORDERED_DICT},
      {"collections.defaultdict", PT2_SPEC_DEFAULTDICT},
      {"collections.namedtuple", PT2_SPEC_NAMEDTUPLE},
      {"collections.deque", PT2_SPEC_DEQUE},
  };
  for (size_t i = 0; i < sizeof(kKinds) / sizeof(kKinds[0]); ++i) {
    if (strcmp(type, kKinds[i].name) == 0) {
      return kKinds[i].kind;
    }
  }
  return PT2_SPEC_CUSTOM;
}

bool pt2__spec_kind_is_dict(int32_t kind) {
  return kind == PT2_SPEC_DICT || kind == PT2_SPEC_ORDERED_DICT ||
         kind == PT2_SPEC_DEFAULTDICT;
}

// ---- Keys ------------------------------------------------------------------

// The context of a node, decoded if it is JSON in a string; NULL if it is none.
// The caller owns it.
static json_t* decode_context(json_t* context) {
  if (json_is_string(context)) {
    return json_loadb(json_string_value(context), json_string_length(context),
                      JSON_DECODE_ANY, NULL);
  }
  return json_incref(context);
}

// The names of a custom node's children, if its context looks like names: a
// list of as many, or a dataclass's [names, names that are None].
static json_t* custom_keys(json_t* context, size_t child_count) {
  json_t* first = json_array_get(context, 0);
  if (json_array_size(context) == 2 && json_is_array(first) &&
      json_is_array(json_array_get(context, 1))) {
    context = first;
  }
  bool good = child_count > 0 && json_is_array(context) &&
              json_array_size(context) == child_count;
  for (size_t i = 0; i < child_count && good; ++i) {
    good = json_is_string(json_array_get(context, i));
  }
  return good ? json_incref(context) : NULL;
}

// |*out_keys| is NULL if children go by number. The caller owns it.
static pt2_status_t read_keys(const char* name, int32_t kind, json_t* node,
                              size_t child_count, json_t** out_keys) {
  json_t* context = decode_context(json_object_get(node, "context"));
  json_t* keys = NULL;
  pt2_status_t status = PT2_STATUS_OK;
  if (kind == PT2_SPEC_DEFAULTDICT) {
    keys = json_incref(json_object_get(context, "dict_context"));
  } else if (pt2__spec_kind_is_dict(kind)) {
    keys = json_incref(context);
  } else if (kind == PT2_SPEC_CUSTOM) {
    keys = custom_keys(context, child_count);
  }
  if (pt2__spec_kind_is_dict(kind)) {
    if (!json_is_array(keys)) {
      status = NOT_A_SPEC(name, "the keys of a dict are %s, not an array",
                          type_of_json(keys));
    } else if (json_array_size(keys) != child_count) {
      status = NOT_A_SPEC(name, "a dict of %zu keys has %zu children",
                          json_array_size(keys), child_count);
    }
  }
  json_decref(context);
  if (status != PT2_STATUS_OK) {
    json_decref(keys);
    return status;
  }
  *out_keys = keys;
  return PT2_STATUS_OK;
}

static pt2_status_t other_key(pt2__arena_t* arena, const json_t* value,
                              pt2_spec_key_t* out_key) {
  const char* enum_class = json_string_value(json_object_get(value, "fqn"));
  const char* enum_name = json_string_value(json_object_get(value, "name"));
  if (json_is_true(json_object_get(value, "__enum__")) && enum_class != NULL &&
      enum_name != NULL) {
    out_key->kind = PT2_KEY_ENUM;
    return pt2__arena_printf(arena, &out_key->text, "%s.%s", enum_class,
                             enum_name);
  }
  char* text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
  if (text == NULL) {
    return PT2_OUT_OF_MEMORY(0);
  }
  out_key->kind = PT2_KEY_OTHER;
  pt2_status_t status =
      pt2__arena_text(arena, text, strlen(text), &out_key->text);
  free(text);
  return status;
}

static pt2_status_t read_key(pt2__arena_t* arena, const json_t* value,
                             pt2_spec_key_t* out_key) {
  switch (json_typeof(value)) {
    case JSON_STRING:
      out_key->kind = PT2_KEY_STRING;
      return pt2__arena_text(arena, json_string_value(value),
                             json_string_length(value), &out_key->text);
    case JSON_INTEGER:
      out_key->kind = PT2_KEY_INT;
      return pt2__arena_printf(arena, &out_key->text, "%lld",
                               (long long)json_integer_value(value));
    case JSON_REAL:
      out_key->kind = PT2_KEY_FLOAT;
      return pt2__arena_printf(arena, &out_key->text, "%.17g",
                               json_real_value(value));
    case JSON_TRUE:
    case JSON_FALSE:
      out_key->kind = PT2_KEY_BOOL;
      out_key->text = json_is_true(value) ? "True" : "False";
      return PT2_STATUS_OK;
    case JSON_NULL:
      out_key->kind = PT2_KEY_NONE;
      out_key->text = "None";
      return PT2_STATUS_OK;
    default:
      return other_key(arena, value, out_key);
  }
}

static int compare_keys(const void* left, const void* right) {
  const pt2_spec_key_t* a = left;
  const pt2_spec_key_t* b = right;
  if (a->kind != b->kind) {
    return a->kind < b->kind ? -1 : 1;
  }
  return strcmp(a->text, b->text);
}

// Sorts, because a hostile text may have a million keys.
static pt2_status_t check_unique(const char* name, const pt2_spec_key_t* keys,
                                 size_t count) {
  pt2_spec_key_t* sorted = pt2__calloc(count, sizeof(*sorted));
  if (sorted == NULL) {
    return PT2_OUT_OF_MEMORY(count * sizeof(*sorted));
  }
  memcpy(sorted, keys, count * sizeof(*sorted));
  qsort(sorted, count, sizeof(*sorted), compare_keys);
  pt2_status_t status = PT2_STATUS_OK;
  for (size_t i = 1; i < count && status == PT2_STATUS_OK; ++i) {
    if (compare_keys(&sorted[i - 1], &sorted[i]) == 0) {
      status = NOT_A_SPEC(name, "key '%s' twice", sorted[i].text);
    }
  }
  pt2__free(sorted);
  return status;
}

// The keys of |child_count| children; |*out_keys| is the caller's to free.
static pt2_status_t make_keys(pt2__arena_t* arena, const char* name,
                              const json_t* json, size_t child_count,
                              pt2_spec_key_t** out_keys) {
  pt2_spec_key_t* keys = pt2__calloc(child_count, sizeof(*keys));
  if (keys == NULL) {
    return PT2_OUT_OF_MEMORY(child_count * sizeof(*keys));
  }
  pt2_status_t status = PT2_STATUS_OK;
  for (size_t i = 0; json != NULL && i < child_count; ++i) {
    status = read_key(arena, json_array_get(json, i), &keys[i]);
    if (status != PT2_STATUS_OK) {
      break;
    }
  }
  if (status == PT2_STATUS_OK && json != NULL) {
    status = check_unique(name, keys, child_count);
  }
  if (status != PT2_STATUS_OK) {
    pt2__free(keys);
    return status;
  }
  *out_keys = keys;
  return PT2_STATUS_OK;
}

// ---- Nodes -----------------------------------------------------------------

static pt2_status_t grow(void** block, size_t* capacity, size_t count,
                         size_t element_bytes) {
  if (count < *capacity) {
    return PT2_STATUS_OK;
  }
  size_t wanted = *capacity > 0 ? *capacity * 2 : 16;
  void* grown = pt2__realloc(*block, wanted * element_bytes);
  if (grown == NULL) {
    return PT2_OUT_OF_MEMORY(wanted * element_bytes);
  }
  *block = grown;
  *capacity = wanted;
  return PT2_STATUS_OK;
}

static pt2_status_t make_name(parser_t* parser, const place_t* place,
                              const char** out_name) {
  pt2__arena_t* arena = &parser->spec->arena;
  if (place->root_name != NULL) {
    *out_name = place->root_name;
    return PT2_STATUS_OK;
  }
  parser->name_bytes += strlen(place->name) + 24 +
                        (place->key.text != NULL ? strlen(place->key.text) : 0);
  if (parser->name_bytes > MAX_NAME_BYTES) {
    return NOT_A_SPEC("", "its names take more than %zu MiB",
                      MAX_NAME_BYTES >> 20);
  }
  if (place->key.text != NULL) {
    return pt2__arena_printf(arena, out_name, "%s[%s]", place->name,
                             place->key.text);
  }
  return pt2__arena_printf(arena, out_name, "%s[%zu]", place->name,
                           place->position);
}

static pt2_status_t read_context(pt2__arena_t* arena, json_t* context,
                                 const char** out_text) {
  if (context == NULL || json_is_null(context)) {
    return PT2_STATUS_OK;
  }
  if (json_is_string(context)) {
    // What json.dumps makes of None.
    if (strcmp(json_string_value(context), "null") == 0) {
      return PT2_STATUS_OK;
    }
    return pt2__arena_text(arena, json_string_value(context),
                           json_string_length(context), out_text);
  }
  char* text = json_dumps(context, JSON_COMPACT | JSON_ENCODE_ANY);
  if (text == NULL) {
    return PT2_OUT_OF_MEMORY(0);
  }
  pt2_status_t status = pt2__arena_text(arena, text, strlen(text), out_text);
  free(text);
  return status;
}

static pt2_status_t describe_type(pt2__arena_t* arena, json_t* json,
                                  pt2_spec_node_t* node) {
  const char* type = json_string_value(json_object_get(json, "type"));
  node->kind = kind_of_type(type);
  PT2_TRY(
      read_context(arena, json_object_get(json, "context"), &node->context));
  if (node->kind == PT2_SPEC_NAMEDTUPLE && node->context != NULL) {
    node->type_name = node->context;
    return PT2_STATUS_OK;
  }
  return pt2__arena_text(arena, type, strlen(type), &node->type_name);
}

static pt2_status_t add_node(parser_t* parser, const pt2_spec_node_t* node,
                             size_t* out_index) {
  pt2_call_spec_t* spec = parser->spec;
  if (spec->node_count == MAX_NODES) {
    return NOT_A_SPEC("", "it has more than %zu nodes", MAX_NODES);
  }
  PT2_TRY(grow((void**)&spec->nodes, &parser->node_capacity, spec->node_count,
               sizeof(*spec->nodes)));
  *out_index = spec->node_count;
  spec->nodes[spec->node_count++] = *node;
  return PT2_STATUS_OK;
}

static pt2_status_t add_leaf(parser_t* parser, size_t node) {
  pt2_call_spec_t* spec = parser->spec;
  PT2_TRY(grow((void**)&spec->leaves, &parser->leaf_capacity, spec->leaf_count,
               sizeof(*spec->leaves)));
  spec->leaves[spec->leaf_count++] = node;
  return PT2_STATUS_OK;
}

static pt2_status_t parse_node(parser_t* parser, json_t* json,
                               const place_t* place);

// The names of a call's two parts, instead of [0] and [1].
static const char* part_name(const parser_t* parser, size_t parent,
                             size_t position) {
  static const char* const kNames[] = {"ARGS", "KWARGS"};
  return parser->spec->is_inputs && parent == 0 && position < 2
             ? kNames[position]
             : NULL;
}

static pt2_status_t parse_children(parser_t* parser, json_t* json, size_t index,
                                   int depth) {
  // By value: the nodes move as more of them come.
  pt2_spec_node_t node = parser->spec->nodes[index];
  json_t* children = json_object_get(json, "children_spec");
  json_t* json_keys = NULL;
  pt2_spec_key_t* keys = NULL;
  PT2_TRY(read_keys(node.name, node.kind, json, node.child_count, &json_keys));
  pt2_status_t status = make_keys(&parser->spec->arena, node.name, json_keys,
                                  node.child_count, &keys);
  json_decref(json_keys);
  for (size_t i = 0; i < node.child_count && status == PT2_STATUS_OK; ++i) {
    place_t place = {.name = node.name,
                     .root_name = part_name(parser, index, i),
                     .key = keys[i],
                     .parent = index,
                     .position = i,
                     .depth = depth + 1};
    status = parse_node(parser, json_array_get(children, i), &place);
  }
  pt2__free(keys);
  return status;
}

static pt2_status_t check_node(const char* name, const json_t* json) {
  const json_t* type = json_object_get(json, "type");
  const json_t* children = json_object_get(json, "children_spec");
  if (!json_is_object(json)) {
    return NOT_A_SPEC(name, "a node is %s, not an object", type_of_json(json));
  }
  if (!json_is_string(type) && !json_is_null(type)) {
    return NOT_A_SPEC(name, "\"type\" is %s, not a string or null",
                      type_of_json(type));
  }
  if (!json_is_array(children)) {
    return NOT_A_SPEC(name, "\"children_spec\" is %s, not an array",
                      type_of_json(children));
  }
  if (json_is_null(type) && json_array_size(children) > 0) {
    return NOT_A_SPEC(name, "a leaf has children");
  }
  return PT2_STATUS_OK;
}

static pt2_status_t parse_node(parser_t* parser, json_t* json,
                               const place_t* place) {
  pt2_call_spec_t* spec = parser->spec;
  pt2_spec_node_t node = {.kind = PT2_SPEC_LEAF,
                          .key = place->key,
                          .position = place->position,
                          .parent = place->parent,
                          .first_leaf = spec->leaf_count};
  size_t index = 0;
  PT2_TRY(make_name(parser, place, &node.name));
  if (place->depth > MAX_DEPTH) {
    return NOT_A_SPEC("", "nested more than %d levels deep", MAX_DEPTH);
  }
  PT2_TRY(check_node(node.name, json));
  node.child_count = json_array_size(json_object_get(json, "children_spec"));
  bool is_leaf = json_is_null(json_object_get(json, "type"));
  if (!is_leaf) {
    PT2_TRY(describe_type(&spec->arena, json, &node));
  }
  PT2_TRY(add_node(parser, &node, &index));
  PT2_TRY(is_leaf ? add_leaf(parser, index)
                  : parse_children(parser, json, index, place->depth));
  spec->nodes[index].next = spec->node_count;
  spec->nodes[index].leaf_count = spec->leaf_count - node.first_leaf;
  return PT2_STATUS_OK;
}

// ---- The whole text --------------------------------------------------------

// A call is a pair of a tuple and a dict.
static pt2_status_t check_call(const pt2_call_spec_t* spec) {
  const pt2_spec_node_t* root = &spec->nodes[0];
  if (root->kind != PT2_SPEC_TUPLE || root->child_count != 2) {
    return NOT_A_SPEC("", "the inputs are no pair of args and kwargs");
  }
  const pt2_spec_node_t* args = &spec->nodes[1];
  const pt2_spec_node_t* kwargs = &spec->nodes[args->next];
  if (args->kind != PT2_SPEC_TUPLE && args->kind != PT2_SPEC_LIST) {
    return NOT_A_SPEC("ARGS", "not a tuple");
  }
  if (!pt2__spec_kind_is_dict(kwargs->kind)) {
    return NOT_A_SPEC("KWARGS", "not a dict");
  }
  return PT2_STATUS_OK;
}

static pt2_status_t parse_root(parser_t* parser, const json_t* root) {
  const json_t* protocol = json_array_get(root, 0);
  if (json_array_size(root) != 2 || !json_is_integer(protocol)) {
    return NOT_A_SPEC("", "not a pair of a protocol's number and a tree");
  }
  if (json_integer_value(protocol) != 1) {
    return NOT_A_SPEC("", "protocol %lld, only 1 is known",
                      (long long)json_integer_value(protocol));
  }
  place_t place = {.name = "",
                   .root_name = parser->spec->is_inputs ? "" : "RESULT"};
  PT2_TRY(parse_node(parser, json_array_get(root, 1), &place));
  return parser->spec->is_inputs ? check_call(parser->spec) : PT2_STATUS_OK;
}

pt2_status_t pt2__call_spec_parse(const char* json, int32_t what,
                                  pt2_call_spec_t** out_spec) {
  json_error_t error;
  json_t* root = json_loads(json, JSON_REJECT_DUPLICATES, &error);
  if (root == NULL) {
    return NOT_A_SPEC("", "%s", error.text);
  }
  parser_t parser = {.spec = pt2__calloc(1, sizeof(*parser.spec))};
  if (parser.spec == NULL) {
    json_decref(root);
    return PT2_OUT_OF_MEMORY(sizeof(*parser.spec));
  }
  parser.spec->is_inputs = what == PT2_CALL_SPEC_INPUTS;
  pt2_status_t status = parse_root(&parser, root);
  json_decref(root);
  if (status != PT2_STATUS_OK) {
    pt2_call_spec_destroy(parser.spec);
    return status;
  }
  *out_spec = parser.spec;
  return PT2_STATUS_OK;
}

pt2_status_t pt2_call_spec_parse(const char* json, int32_t what,
                                 pt2_call_spec_t** out_spec) {
  pt2__error_begin();
  if (json == NULL || out_spec == NULL) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT, "%s is NULL",
                    json == NULL ? "json" : "out_spec");
  }
  if (what != PT2_CALL_SPEC_INPUTS && what != PT2_CALL_SPEC_RESULT) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                    "call spec: there is no %d to describe", what);
  }
  return pt2__call_spec_parse(json, what, out_spec);
}

void pt2_call_spec_destroy(pt2_call_spec_t* spec) {
  if (spec != NULL) {
    pt2__arena_free(&spec->arena);
    pt2__free(spec->nodes);
    pt2__free(spec->leaves);
    pt2__free(spec);
  }
}
