// SPDX-License-Identifier: Apache-2.0
//
// Parses a node of the extern nodes' JSON (torch._export.serde.schema, 8.2 to
// 8.20). An argument is an object with one key, "as_<kind>". Tensors and
// integers come with the call, everything else from here.
#include "shim/proxy_node.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "tensor/tensor.h"

typedef pt2_status_t (*parse_fn)(pt2__proxy_node_t* node,
                                 pt2__proxy_argument_t* argument,
                                 const json_t* json);

static pt2_status_t corrupt(const char* what) {
  return PT2_FAIL(PT2_STATUS_CORRUPT, "%s", what);
}

// The node will fail when it is called, with this reason.
static pt2_status_t set_problem(pt2__proxy_node_t* node, const char* format,
                                const char* name) PT2_PRINTF(2, 0);
static pt2_status_t set_problem(pt2__proxy_node_t* node, const char* format,
                                const char* name) {
  if (node->problem != NULL) {
    return PT2_STATUS_OK;
  }
  char text[256];
  snprintf(text, sizeof(text), format, name);
  node->problem = pt2__strdup(text);
  return node->problem != NULL ? PT2_STATUS_OK
                               : PT2_OUT_OF_MEMORY(strlen(text) + 1);
}

// The only key that counts of a union: older schemas wrote all keys, null
// where it was not theirs.
static pt2_status_t union_member(const json_t* json, const char** out_key,
                                 const json_t** out_value) {
  *out_key = NULL;
  const char* key;
  json_t* value;
  json_object_foreach((json_t*)json, key, value) {
    if (json_is_null(value)) {
      continue;
    }
    if (*out_key != NULL) {
      return corrupt("an argument has more than one kind");
    }
    *out_key = key;
    *out_value = value;
  }
  return *out_key != NULL ? PT2_STATUS_OK : corrupt("an argument has no kind");
}

// Memory for the argument's list; |*out_list| may be asked for once.
static pt2_status_t own_list(pt2__proxy_argument_t* argument, size_t count,
                             size_t element_bytes, void* out_list) {
  argument->owned = pt2__calloc(count > 0 ? count : 1, element_bytes);
  if (argument->owned == NULL) {
    return PT2_OUT_OF_MEMORY(count * element_bytes);
  }
  argument->value.count = count;
  memcpy(out_list, &argument->owned, sizeof(argument->owned));
  return PT2_STATUS_OK;
}

// ---- Tensors and integers --------------------------------------------------

static pt2_status_t parse_none(pt2__proxy_node_t* node,
                               pt2__proxy_argument_t* argument,
                               const json_t* json) {
  (void)node;
  (void)json;
  argument->value.kind = PT2_VALUE_NONE;
  return PT2_STATUS_OK;
}

static pt2_status_t parse_tensor(pt2__proxy_node_t* node,
                                 pt2__proxy_argument_t* argument,
                                 const json_t* json) {
  (void)json;
  argument->source = PT2__FROM_TENSOR;
  argument->value.kind = PT2_VALUE_TENSOR;
  ++node->input_tensors;
  return PT2_STATUS_OK;
}

static pt2_status_t parse_optional_tensor(pt2__proxy_node_t* node,
                                          pt2__proxy_argument_t* argument,
                                          const json_t* json) {
  const char* kind;
  const json_t* value;
  if (!json_is_object(json)) {
    return corrupt("as_optional_tensor is no object");
  }
  PT2_TRY(union_member(json, &kind, &value));
  if (strcmp(kind, "as_tensor") == 0) {
    return parse_tensor(node, argument, value);
  }
  return parse_none(node, argument, value);
}

static pt2_status_t parse_tensors(pt2__proxy_node_t* node,
                                  pt2__proxy_argument_t* argument,
                                  const json_t* json) {
  if (!json_is_array(json)) {
    return corrupt("as_tensors is no list");
  }
  argument->source = PT2__FROM_TENSORS;
  argument->value.kind = PT2_VALUE_TENSOR_LIST;
  argument->value.count = json_array_size(json);
  node->input_tensors += argument->value.count;
  return PT2_STATUS_OK;
}

static pt2_status_t parse_optional_tensors(pt2__proxy_node_t* node,
                                           pt2__proxy_argument_t* argument,
                                           const json_t* json) {
  if (!json_is_array(json)) {
    return corrupt("as_optional_tensors is no list");
  }
  size_t count = json_array_size(json);
  PT2_TRY(own_list(argument, count, sizeof(bool), &argument->present));
  argument->source = PT2__FROM_SOME_TENSORS;
  argument->value.kind = PT2_VALUE_TENSOR_LIST;
  for (size_t i = 0; i < count; ++i) {
    const json_t* entry = json_array_get(json, i);
    const char* kind;
    const json_t* value;
    if (!json_is_object(entry)) {
      return corrupt("an entry of as_optional_tensors is no object");
    }
    PT2_TRY(union_member(entry, &kind, &value));
    argument->present[i] = strcmp(kind, "as_tensor") == 0;
    node->input_tensors += argument->present[i] ? 1 : 0;
  }
  node->listed_tensors += count;
  return PT2_STATUS_OK;
}

static pt2_status_t parse_int(pt2__proxy_node_t* node,
                              pt2__proxy_argument_t* argument,
                              const json_t* json) {
  (void)json;
  argument->source = PT2__FROM_INT;
  argument->value.kind = PT2_VALUE_INT;
  ++node->input_ints;
  return PT2_STATUS_OK;
}

static pt2_status_t parse_ints(pt2__proxy_node_t* node,
                               pt2__proxy_argument_t* argument,
                               const json_t* json) {
  if (!json_is_array(json)) {
    return corrupt("as_ints is no list");
  }
  argument->source = PT2__FROM_INTS;
  argument->value.kind = PT2_VALUE_INT_LIST;
  argument->value.count = json_array_size(json);
  node->input_ints += argument->value.count;
  return PT2_STATUS_OK;
}

// ---- Floats, bools, strings ------------------------------------------------

// What JSON cannot write is a string here.
static pt2_status_t get_float(const json_t* json, double* out) {
  if (json_is_number(json)) {
    *out = json_number_value(json);
    return PT2_STATUS_OK;
  }
  const char* text = json_string_value(json);
  if (text != NULL && strcmp(text, "Infinity") == 0) {
    *out = INFINITY;
  } else if (text != NULL && strcmp(text, "-Infinity") == 0) {
    *out = -INFINITY;
  } else if (text != NULL && strcmp(text, "NaN") == 0) {
    *out = NAN;
  } else {
    return corrupt("a float is no number");
  }
  return PT2_STATUS_OK;
}

static pt2_status_t parse_float(pt2__proxy_node_t* node,
                                pt2__proxy_argument_t* argument,
                                const json_t* json) {
  (void)node;
  argument->value.kind = PT2_VALUE_FLOAT;
  return get_float(json, &argument->value.as.number);
}

static pt2_status_t parse_floats(pt2__proxy_node_t* node,
                                 pt2__proxy_argument_t* argument,
                                 const json_t* json) {
  (void)node;
  double* list = NULL;
  if (!json_is_array(json)) {
    return corrupt("as_floats is no list");
  }
  PT2_TRY(own_list(argument, json_array_size(json), sizeof(*list), &list));
  argument->value.kind = PT2_VALUE_FLOAT_LIST;
  argument->value.as.numbers = list;
  for (size_t i = 0; i < argument->value.count; ++i) {
    PT2_TRY(get_float(json_array_get(json, i), &list[i]));
  }
  return PT2_STATUS_OK;
}

static pt2_status_t parse_bool(pt2__proxy_node_t* node,
                               pt2__proxy_argument_t* argument,
                               const json_t* json) {
  (void)node;
  argument->value.kind = PT2_VALUE_BOOL;
  argument->value.as.boolean = json_is_true(json);
  return json_is_boolean(json) ? PT2_STATUS_OK
                               : corrupt("as_bool is no boolean");
}

static pt2_status_t parse_bools(pt2__proxy_node_t* node,
                                pt2__proxy_argument_t* argument,
                                const json_t* json) {
  (void)node;
  bool* list = NULL;
  if (!json_is_array(json)) {
    return corrupt("as_bools is no list");
  }
  PT2_TRY(own_list(argument, json_array_size(json), sizeof(*list), &list));
  argument->value.kind = PT2_VALUE_BOOL_LIST;
  argument->value.as.booleans = list;
  for (size_t i = 0; i < argument->value.count; ++i) {
    if (!json_is_boolean(json_array_get(json, i))) {
      return corrupt("an entry of as_bools is no boolean");
    }
    list[i] = json_is_true(json_array_get(json, i));
  }
  return PT2_STATUS_OK;
}

static pt2_status_t parse_string(pt2__proxy_node_t* node,
                                 pt2__proxy_argument_t* argument,
                                 const json_t* json) {
  (void)node;
  argument->value.kind = PT2_VALUE_STRING;
  argument->value.as.string = json_string_value(json);
  return json_is_string(json) ? PT2_STATUS_OK
                              : corrupt("as_string is no string");
}

static pt2_status_t parse_strings(pt2__proxy_node_t* node,
                                  pt2__proxy_argument_t* argument,
                                  const json_t* json) {
  (void)node;
  const char** list = NULL;
  if (!json_is_array(json)) {
    return corrupt("as_strings is no list");
  }
  PT2_TRY(own_list(argument, json_array_size(json), sizeof(*list), &list));
  argument->value.kind = PT2_VALUE_STRING_LIST;
  argument->value.as.strings = list;
  for (size_t i = 0; i < argument->value.count; ++i) {
    list[i] = json_string_value(json_array_get(json, i));
    if (list[i] == NULL) {
      return corrupt("an entry of as_strings is no string");
    }
  }
  return PT2_STATUS_OK;
}

static pt2_status_t parse_complex(pt2__proxy_node_t* node,
                                  pt2__proxy_argument_t* argument,
                                  const json_t* json) {
  (void)node;
  argument->value.kind = PT2_VALUE_COMPLEX;
  PT2_TRY(get_float(json_object_get(json, "real"),
                    &argument->value.as.complex_parts[0]));
  return get_float(json_object_get(json, "imag"),
                   &argument->value.as.complex_parts[1]);
}

// ---- Enumerations: the export's numbers, not c10's -------------------------

static const int8_t export_dtypes[] = {
    -1,
    PT2_DTYPE_U8,
    PT2_DTYPE_I8,
    PT2_DTYPE_I16,
    PT2_DTYPE_I32,
    PT2_DTYPE_I64,
    PT2_DTYPE_F16,
    PT2_DTYPE_F32,
    PT2_DTYPE_F64,
    PT2_DTYPE_COMPLEX32,
    PT2_DTYPE_COMPLEX64,
    PT2_DTYPE_COMPLEX128,
    PT2_DTYPE_BOOL,
    PT2_DTYPE_BF16,
    -1,
    -1,
    -1,
    -1,
    -1,
    -1,
    -1,
    -1,
    -1,
    -1,
    -1,
    -1,
    -1,
    -1,
    PT2_DTYPE_U16,
    PT2_DTYPE_F8E4M3FN,
    PT2_DTYPE_F8E5M2,
    PT2_DTYPE_F8E4M3FNUZ,
    PT2_DTYPE_F8E5M2FNUZ,
    PT2_DTYPE_F8E8M0FNU,
    PT2_DTYPE_U32,
    PT2_DTYPE_U64,
};
// Sparse (COO), CSR, CSC, BSR, BSC, mkldnn, strided.
static const int8_t export_layouts[] = {-1, 1, 2, 4,
                                        5,  6, 3, PT2_LAYOUT_STRIDED};
static const int8_t export_memory_formats[] = {
    -1, PT2_MEMORY_FORMAT_CONTIGUOUS, PT2_MEMORY_FORMAT_CHANNELS_LAST,
    PT2_MEMORY_FORMAT_CHANNELS_LAST_3D, PT2_MEMORY_FORMAT_PRESERVE};

static pt2_status_t parse_enum(pt2__proxy_argument_t* argument,
                               const json_t* json, int32_t kind,
                               const int8_t* map, size_t map_count) {
  json_int_t code = json_is_integer(json) ? json_integer_value(json) : 0;
  if (code < 0 || (size_t)code >= map_count || map[code] < 0) {
    return PT2_FAIL(PT2_STATUS_CORRUPT,
                    "%lld is no number of a dtype, layout or memory format",
                    (long long)code);
  }
  argument->value.kind = kind;
  argument->value.as.integer = map[code];
  return PT2_STATUS_OK;
}

static pt2_status_t parse_dtype(pt2__proxy_node_t* node,
                                pt2__proxy_argument_t* argument,
                                const json_t* json) {
  (void)node;
  return parse_enum(argument, json, PT2_VALUE_DTYPE, export_dtypes,
                    sizeof(export_dtypes));
}

static pt2_status_t parse_layout(pt2__proxy_node_t* node,
                                 pt2__proxy_argument_t* argument,
                                 const json_t* json) {
  (void)node;
  return parse_enum(argument, json, PT2_VALUE_LAYOUT, export_layouts,
                    sizeof(export_layouts));
}

static pt2_status_t parse_memory_format(pt2__proxy_node_t* node,
                                        pt2__proxy_argument_t* argument,
                                        const json_t* json) {
  (void)node;
  return parse_enum(argument, json, PT2_VALUE_MEMORY_FORMAT,
                    export_memory_formats, sizeof(export_memory_formats));
}

static pt2_status_t parse_device(pt2__proxy_node_t* node,
                                 pt2__proxy_argument_t* argument,
                                 const json_t* json) {
  static const int32_t types[] = {PT2_DEVICE_CPU,  PT2_DEVICE_CUDA,
                                  PT2_DEVICE_XPU,  PT2_DEVICE_MPS,
                                  PT2_DEVICE_META, PT2_DEVICE_PRIVATEUSE1};
  const char* name = json_string_value(json_object_get(json, "type"));
  const json_t* index = json_object_get(json, "index");
  if (name == NULL) {
    return corrupt("as_device has no type");
  }
  argument->value.kind = PT2_VALUE_DEVICE;
  argument->value.index =
      json_is_integer(index) ? (int32_t)json_integer_value(index) : -1;
  for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); ++i) {
    if (strcmp(name, pt2_device_type_name(types[i])) == 0) {
      argument->value.as.integer = types[i];
      return PT2_STATUS_OK;
    }
  }
  return set_problem(node, "device \"%s\" is unknown", name);
}

// A symbolic float or bool has no way into a call; a plain number in its place
// is one from the JSON.
static pt2_status_t parse_symbolic(pt2__proxy_node_t* node,
                                   pt2__proxy_argument_t* argument,
                                   const json_t* json) {
  const char* kind;
  const json_t* value;
  if (!json_is_object(json)) {
    return corrupt("a symbolic argument is no object");
  }
  PT2_TRY(union_member(json, &kind, &value));
  if (strcmp(kind, "as_float") == 0) {
    return parse_float(node, argument, value);
  }
  if (strcmp(kind, "as_bool") == 0) {
    return parse_bool(node, argument, value);
  }
  return set_problem(node, "argument \"%s\" is a symbolic float or bool",
                     argument->value.name);
}

// ---- Nodes -----------------------------------------------------------------

static const struct {
  const char* key;
  parse_fn parse;
} kinds[] = {
    {"as_none", parse_none},
    {"as_tensor", parse_tensor},
    {"as_tensors", parse_tensors},
    {"as_optional_tensor", parse_optional_tensor},
    {"as_optional_tensors", parse_optional_tensors},
    {"as_int", parse_int},
    {"as_ints", parse_ints},
    {"as_sym_int", parse_int},
    {"as_sym_ints", parse_ints},
    {"as_float", parse_float},
    {"as_floats", parse_floats},
    {"as_sym_float", parse_symbolic},
    {"as_bool", parse_bool},
    {"as_bools", parse_bools},
    {"as_sym_bool", parse_symbolic},
    {"as_string", parse_string},
    {"as_strings", parse_strings},
    {"as_complex", parse_complex},
    {"as_scalar_type", parse_dtype},
    {"as_layout", parse_layout},
    {"as_memory_format", parse_memory_format},
    {"as_device", parse_device},
};

static pt2_status_t parse_argument(pt2__proxy_node_t* node,
                                   pt2__proxy_argument_t* argument,
                                   const json_t* json) {
  const char* name = json_string_value(json_object_get(json, "name"));
  const json_t* arg = json_object_get(json, "arg");
  argument->value.name = name != NULL ? name : "";
  if (!json_is_object(arg)) {
    return corrupt("an input has no arg");
  }
  const char* key;
  const json_t* value;
  PT2_TRY(union_member(arg, &key, &value));
  for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); ++i) {
    if (strcmp(key, kinds[i].key) == 0) {
      return kinds[i].parse(node, argument, value);
    }
  }
  // Nested lists, graphs, C++ objects: stock's executor refuses most of them,
  // the rest needs C++ classes.
  return set_problem(node, "an argument of kind %s is not supported", key);
}

static pt2_status_t parse_inputs(pt2__proxy_node_t* node, const json_t* json) {
  size_t count = json_array_size(json);
  node->arguments =
      pt2__calloc(count > 0 ? count : 1, sizeof(*node->arguments));
  if (node->arguments == NULL) {
    return PT2_OUT_OF_MEMORY(count * sizeof(*node->arguments));
  }
  node->argument_count = count;
  for (size_t i = 0; i < count; ++i) {
    pt2_status_t status =
        parse_argument(node, &node->arguments[i], json_array_get(json, i));
    if (status != PT2_STATUS_OK) {
      pt2__error_prefix("input %zu", i);
      return status;
    }
  }
  return PT2_STATUS_OK;
}

static pt2_status_t parse_output(pt2__proxy_node_t* node, const json_t* json) {
  const char* key;
  const json_t* value;
  if (!json_is_object(json)) {
    return corrupt("an output is no object");
  }
  PT2_TRY(union_member(json, &key, &value));
  if (strcmp(key, "as_optional_tensor") == 0 && json_is_object(value)) {
    PT2_TRY(union_member(value, &key, &value));
  }
  if (strcmp(key, "as_tensor") == 0) {
    ++node->output_tensors;
  } else if (strcmp(key, "as_tensors") == 0 && json_is_array(value)) {
    node->output_tensors += json_array_size(value);
  } else if (strcmp(key, "as_int") == 0) {
    ++node->output_ints;
  } else if (strcmp(key, "as_none") != 0) {
    return set_problem(node, "an output of kind %s is not supported", key);
  }
  return PT2_STATUS_OK;
}

pt2_status_t pt2__proxy_node_parse(const json_t* json,
                                   pt2__proxy_node_t* out_node) {
  out_node->target = json_string_value(json_object_get(json, "target"));
  const json_t* inputs = json_object_get(json, "inputs");
  const json_t* outputs = json_object_get(json, "outputs");
  if (out_node->target == NULL) {
    return corrupt("it has no target");
  }
  if (!json_is_array(inputs) || !json_is_array(outputs)) {
    return corrupt("inputs or outputs are no lists");
  }
  PT2_TRY(parse_inputs(out_node, inputs));
  for (size_t i = 0; i < json_array_size(outputs); ++i) {
    PT2_TRY(parse_output(out_node, json_array_get(outputs, i)));
  }
  return PT2_STATUS_OK;
}

void pt2__proxy_node_free(pt2__proxy_node_t* node) {
  for (size_t i = 0; i < node->argument_count; ++i) {
    pt2__free(node->arguments[i].owned);
  }
  pt2__free(node->arguments);
  pt2__free(node->problem);
}
