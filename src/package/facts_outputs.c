// SPDX-License-Identifier: Apache-2.0
//
// Outputs, as far as the body of run_impl says plainly where they come from:
// an allocation, a view, an input or a constant. Definitions are gathered in
// one pass, because the text of a large model has megabytes; the outputs are
// then followed back through them.
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "package/facts.h"

// Longest chain of names between an output and its allocation.
#define MAX_CHAIN 64

typedef enum {
  DEFINITION_ARRAY,   // text: "{s77, 4L}"
  DEFINITION_HANDLE,  // text: arguments of the call that fills the handle
  DEFINITION_VALUE,   // text: what the variable is made of
  DEFINITION_ASSERT,  // text: arguments of assert_size_stride
} definition_kind_t;

typedef struct {
  pt2__span_t name;  // begin is NULL in a free slot
  definition_kind_t kind;
  bool is_ambiguous;
  pt2__span_t text;
} definition_t;

typedef struct {
  definition_t* slots;
  size_t capacity;  // a power of two
  size_t count;
} definitions_t;

static size_t hash_name(pt2__span_t name, definition_kind_t kind) {
  uint64_t hash = 1469598103934665603u + (uint64_t)kind;
  for (const char* p = name.begin; p < name.end; ++p) {
    hash = (hash ^ (uint8_t)*p) * 1099511628211u;
  }
  return (size_t)(hash ^ hash >> 32);
}

// The slot of |name|, or the free one where it would be.
static definition_t* find_slot(const definitions_t* table, pt2__span_t name,
                               definition_kind_t kind) {
  size_t at = hash_name(name, kind);
  for (;; ++at) {
    definition_t* slot = &table->slots[at & (table->capacity - 1)];
    if (slot->name.begin == NULL ||
        (slot->kind == kind && pt2__span_same(slot->name, name))) {
      return slot;
    }
  }
}

static pt2_status_t grow(definitions_t* table) {
  definitions_t bigger = {
      .capacity = table->capacity == 0 ? 64 : table->capacity * 2,
      .count = table->count};
  bigger.slots = pt2__calloc(bigger.capacity, sizeof(definition_t));
  if (bigger.slots == NULL) {
    return PT2_OUT_OF_MEMORY(bigger.capacity * sizeof(definition_t));
  }
  for (size_t i = 0; i < table->capacity; ++i) {
    const definition_t* old = &table->slots[i];
    if (old->name.begin != NULL) {
      *find_slot(&bigger, old->name, old->kind) = *old;
    }
  }
  pt2__free(table->slots);
  *table = bigger;
  return PT2_STATUS_OK;
}

static pt2_status_t define(definitions_t* table, definition_kind_t kind,
                           pt2__span_t name, pt2__span_t text) {
  if (table->count * 2 >= table->capacity) {
    PT2_TRY(grow(table));
  }
  definition_t* slot = find_slot(table, name, kind);
  if (slot->name.begin != NULL) {
    // Two branches may define one name; which one runs is not known.
    slot->is_ambiguous |= !pt2__span_same(slot->text, text);
    return PT2_STATUS_OK;
  }
  *slot = (definition_t){.name = name, .kind = kind, .text = text};
  ++table->count;
  return PT2_STATUS_OK;
}

static bool find_text(const definitions_t* table, definition_kind_t kind,
                      pt2__span_t name, pt2__span_t* out_text) {
  if (table->capacity == 0) {
    return false;
  }
  const definition_t* slot = find_slot(table, name, kind);
  if (slot->name.begin == NULL || slot->is_ambiguous) {
    return false;
  }
  *out_text = slot->text;
  return true;
}

// ---- Gathering -------------------------------------------------------------

// "int_array_6[] = {s77, 4L};" behind its type.
static pt2_status_t gather_array(definitions_t* table, pt2__span_t line) {
  pt2__span_t name;
  pt2__span_t value;
  if (pt2__take_word(&line, &name) && pt2__take(&line, "[] =")) {
    pt2__skip_spaces(&line);
    if (pt2__take_until(&line, ';', &value)) {
      return define(table, DEFINITION_ARRAY, name, value);
    }
  }
  return PT2_STATUS_OK;
}

static const char* last_of(pt2__span_t span, char wanted) {
  for (const char* at = span.end; at != span.begin; --at) {
    if (at[-1] == wanted) {
      return at - 1;
    }
  }
  return NULL;
}

// "aoti_torch_empty_strided(2, …, &buf0_handle));" behind the outer macro: the
// handle is the last argument.
static pt2_status_t gather_call(definitions_t* table, pt2__span_t line) {
  static const char* const calls[] = {
      "aoti_torch_empty_strided(", "aoti_torch_empty_strided_pinned(",
      "aoti_torch_as_strided(", "aoti_torch_new_tensor_handle("};
  pt2__span_t call = line;
  for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); ++i) {
    pt2__span_t args;
    if (!pt2__take(&line, calls[i]) || !pt2__take_until(&line, ')', &args)) {
      continue;
    }
    const char* last = last_of(args, '&');
    pt2__span_t handle;
    pt2__span_t rest = {last != NULL ? last + 1 : args.end, args.end};
    if (pt2__take_word(&rest, &handle) && rest.begin == rest.end) {
      // With the call's name in front: it says what the arguments mean.
      return define(table, DEFINITION_HANDLE, handle,
                    (pt2__span_t){call.begin, args.end});
    }
  }
  return PT2_STATUS_OK;
}

// "buf4 = std::move(buf3);" behind "auto", "buf3(buf3_handle);" behind
// "RAIIAtenTensorHandle".
static pt2_status_t gather_value(definitions_t* table, pt2__span_t line) {
  pt2__span_t name;
  pt2__span_t value;
  if (!pt2__take_word(&line, &name) ||
      !(pt2__take(&line, "=")
            ? pt2__take_until(&line, ';', &value)
            : pt2__take(&line, "(") && pt2__take_until(&line, ')', &value))) {
    return PT2_STATUS_OK;
  }
  return define(table, DEFINITION_VALUE, name, pt2__span_trim(value));
}

static pt2_status_t gather_assert(definitions_t* table, pt2__span_t line) {
  pt2__span_t args;
  pt2__span_t name;
  if (!pt2__take_until(&line, ')', &args) || !pt2__take_word(&args, &name) ||
      !pt2__take(&args, ",")) {
    return PT2_STATUS_OK;
  }
  return define(table, DEFINITION_ASSERT, name, pt2__span_trim(args));
}

static pt2_status_t gather_line(definitions_t* table, pt2__span_t line) {
  if (pt2__take(&line, "static constexpr int64_t ") ||
      pt2__take(&line, "static const int64_t ") ||
      pt2__take(&line, "const int64_t ")) {
    return gather_array(table, line);
  }
  if (pt2__take(&line, "AOTI_TORCH_ERROR_CODE_CHECK(")) {
    return gather_call(table, line);
  }
  if (pt2__take(&line, "auto ") || pt2__take(&line, "decltype(auto) ") ||
      pt2__take(&line, "RAIIAtenTensorHandle ")) {
    return gather_value(table, line);
  }
  pt2__take(&line, "if (_check_aoti_runtime_check_inputs_env()) { ");
  if (pt2__take(&line, "assert_size_stride(")) {
    return gather_assert(table, line);
  }
  return PT2_STATUS_OK;
}

// ---- Following -------------------------------------------------------------

typedef struct {
  const definitions_t* table;
  pt2__facts_t* facts;
  pt2__arena_t* arena;
  int depth;
} resolver_t;

pt2_status_t pt2__facts_dim(const pt2__facts_t* facts, pt2__span_t size,
                            pt2__arena_t* arena, pt2_dim_info_t* out_dim) {
  pt2__span_t rest = size;
  int64_t value;
  *out_dim =
      (pt2_dim_info_t){.min = 0, .max = INT64_MAX, .stride = PT2_STRIDE_ANY};
  if (pt2__take_integer(&rest, &value) && rest.begin == rest.end) {
    out_dim->min = out_dim->max = value;
    return PT2_STATUS_OK;
  }
  const char* symbol;
  PT2_TRY(pt2__facts_symbol(size, arena, &symbol));
  out_dim->symbol = symbol;
  for (size_t i = 0; i < facts->input_count; ++i) {
    const pt2_value_info_t* input = &facts->inputs[i];
    for (int32_t k = 0; k < input->rank; ++k) {
      const pt2_dim_info_t* dim = &input->dims[k];
      if (dim->symbol != NULL && strcmp(dim->symbol, symbol) == 0) {
        out_dim->min = dim->min;
        out_dim->max = dim->max;
        return PT2_STATUS_OK;
      }
    }
  }
  return PT2_STATUS_OK;
}

// Sets rank and dims from two lists, each "{…}" itself or the name of one.
static pt2_status_t set_dims(resolver_t* resolver, pt2__span_t sizes,
                             pt2__span_t strides, pt2_value_info_t* info) {
  pt2__span_t size_parts[PT2__MAX_RANK];
  pt2__span_t stride_parts[PT2__MAX_RANK];
  size_t count;
  size_t stride_count;
  info->rank = -1;
  info->dims = NULL;
  find_text(resolver->table, DEFINITION_ARRAY, sizes, &sizes);
  find_text(resolver->table, DEFINITION_ARRAY, strides, &strides);
  if (!pt2__facts_split(sizes, size_parts, &count) ||
      !pt2__facts_split(strides, stride_parts, &stride_count) ||
      count != stride_count) {
    return PT2_STATUS_OK;
  }
  pt2_dim_info_t* dims = NULL;
  if (count > 0) {
    PT2_TRY(pt2__arena_array(resolver->arena, count, sizeof(*dims), &dims));
  }
  for (size_t k = 0; k < count; ++k) {
    PT2_TRY(pt2__facts_dim(resolver->facts, size_parts[k], resolver->arena,
                           &dims[k]));
    int64_t stride;
    pt2__span_t part = stride_parts[k];
    if (pt2__take_integer(&part, &stride) && part.begin == part.end) {
      dims[k].stride = stride;
    }
  }
  info->rank = (int32_t)count;
  info->dims = dims;
  return PT2_STATUS_OK;
}

static int32_t word_of(pt2__span_t text, const char* prefix,
                       int32_t (*look_up)(pt2__span_t)) {
  pt2__span_t word;
  if (!pt2__take(&text, prefix) || !pt2__take_word(&text, &word)) {
    return -1;
  }
  return look_up(word);
}

static pt2_status_t resolve(resolver_t* resolver, pt2__span_t name,
                            pt2_value_info_t* info);

// Splits a call's arguments at their outer commas.
static size_t split_args(pt2__span_t args, pt2__span_t* out_parts,
                         size_t capacity) {
  size_t count = 0;
  while (count + 1 < capacity &&
         pt2__take_until(&args, ',', &out_parts[count])) {
    ++count;
  }
  out_parts[count++] = pt2__span_trim(args);
  return count;
}

static pt2_status_t resolve_handle(resolver_t* resolver, pt2__span_t handle,
                                   pt2_value_info_t* info) {
  pt2__span_t call;
  pt2__span_t args[8];
  if (!find_text(resolver->table, DEFINITION_HANDLE, handle, &call)) {
    return PT2_STATUS_OK;
  }
  if (pt2__take(&call, "aoti_torch_empty_strided(") ||
      pt2__take(&call, "aoti_torch_empty_strided_pinned(")) {
    if (split_args(call, args, 8) != 7) {
      return PT2_STATUS_OK;
    }
    if (pt2__span_equals(args[0], "0")) {
      info->rank = 0;
    } else {
      PT2_TRY(set_dims(resolver, args[1], args[2], info));
    }
    info->dtype = word_of(args[3], "cached_torch_dtype_", pt2__torch_dtype);
    info->device_type =
        word_of(args[4], "cached_torch_device_type_", pt2__torch_device);
    return PT2_STATUS_OK;
  }
  if (pt2__take(&call, "aoti_torch_new_tensor_handle(") &&
      split_args(call, args, 8) == 2) {
    return resolve(resolver, args[0], info);
  }
  if (pt2__take(&call, "aoti_torch_as_strided(") &&
      split_args(call, args, 8) == 4) {
    PT2_TRY(resolve_handle(resolver, args[0], info));
    return set_dims(resolver, args[1], args[2], info);
  }
  return PT2_STATUS_OK;
}

// A view: "reinterpret_tensor_wrapper(buf1, 2, int_array_0, int_array_1, 0L)".
static pt2_status_t resolve_view(resolver_t* resolver, pt2__span_t call,
                                 pt2_value_info_t* info) {
  pt2__span_t args[8];
  pt2__span_t inside;
  if (!pt2__take_until(&call, ')', &inside) ||
      split_args(inside, args, 8) != 5) {
    return PT2_STATUS_OK;
  }
  PT2_TRY(resolve(resolver, args[0], info));
  if (pt2__span_equals(args[1], "0")) {
    info->rank = 0;
    info->dims = NULL;
    return PT2_STATUS_OK;
  }
  return set_dims(resolver, args[2], args[3], info);
}

static pt2_status_t set_constant(pt2__arena_t* arena,
                                 const pt2_constant_info_t* constant,
                                 pt2_value_info_t* info) {
  pt2_dim_info_t* dims = NULL;
  if (constant->rank > 0) {
    PT2_TRY(
        pt2__arena_array(arena, (size_t)constant->rank, sizeof(*dims), &dims));
  }
  for (int32_t k = 0; k < constant->rank; ++k) {
    dims[k] = (pt2_dim_info_t){.min = constant->sizes[k],
                               .max = constant->sizes[k],
                               .stride = constant->strides[k]};
  }
  info->dtype = constant->dtype;
  info->rank = constant->rank;
  info->dims = dims;
  return PT2_STATUS_OK;
}

// Sets |*out_known| if |name| is an input or a constant, whose facts are known
// already.
static pt2_status_t resolve_known(resolver_t* resolver, pt2__span_t name,
                                  pt2_value_info_t* info, bool* out_known) {
  const pt2__facts_t* facts = resolver->facts;
  *out_known = true;
  for (size_t i = 0; i < facts->input_count; ++i) {
    const pt2_value_info_t* input = &facts->inputs[i];
    if (pt2__span_equals(name, input->internal_name)) {
      info->dtype = input->dtype;
      info->device_type = input->device_type;
      info->rank = input->rank;
      info->dims = input->dims;
      return PT2_STATUS_OK;
    }
  }
  for (size_t i = 0; i < facts->constant_count; ++i) {
    const pt2_constant_info_t* constant = &facts->constants[i];
    if (pt2__span_equals(name, constant->name)) {
      return set_constant(resolver->arena, constant, info);
    }
  }
  *out_known = false;
  return PT2_STATUS_OK;
}

static pt2_status_t resolve_value(resolver_t* resolver, pt2__span_t value,
                                  pt2_value_info_t* info) {
  pt2__span_t inner;
  if (pt2__take(&value, "std::move(")) {
    return pt2__take_until(&value, ')', &inner) ? resolve(resolver, inner, info)
                                                : PT2_STATUS_OK;
  }
  if (pt2__take(&value, "wrap_with_raii_handle_if_needed(") ||
      pt2__take(&value, "RAIIAtenTensorHandle(")) {
    if (!pt2__take_until(&value, ')', &inner)) {
      return PT2_STATUS_OK;
    }
    value = inner;
  }
  if (pt2__take(&value, "reinterpret_tensor_wrapper(")) {
    return resolve_view(resolver, value, info);
  }
  return resolve_handle(resolver, value, info);
}

static pt2_status_t resolve(resolver_t* resolver, pt2__span_t name,
                            pt2_value_info_t* info) {
  pt2__span_t text;
  bool is_known;
  PT2_TRY(resolve_known(resolver, name, info, &is_known));
  if (is_known || resolver->depth >= MAX_CHAIN) {
    return PT2_STATUS_OK;
  }
  ++resolver->depth;
  if (find_text(resolver->table, DEFINITION_VALUE, name, &text)) {
    PT2_TRY(resolve_value(resolver, text, info));
  }
  --resolver->depth;
  // What a fallback operator returned is at least asserted (torch >= 2.13).
  pt2__span_t args[8];
  if (info->rank < 0 &&
      find_text(resolver->table, DEFINITION_ASSERT, name, &text)) {
    size_t count = split_args(text, args, 8);
    if (count >= 2) {
      PT2_TRY(set_dims(resolver, args[0], args[1], info));
    }
    if (count >= 4 && info->dtype == PT2_DTYPE_UNDEFINED) {
      info->dtype = word_of(args[3], "cached_torch_dtype_", pt2__torch_dtype);
    }
  }
  return PT2_STATUS_OK;
}

// ---- Outputs ---------------------------------------------------------------

// Where output |*out_index| comes from; false if |line| sets none.
static bool read_return(pt2__span_t line, size_t* out_index,
                        pt2__span_t* out_source) {
  int64_t index;
  pt2__span_t source;
  // A constant is cloned: "aoti_torch_clone(x, &output_handles[0])".
  if (pt2__take(&line, "AOTI_TORCH_ERROR_CODE_CHECK(aoti_torch_clone(")) {
    if (!pt2__take_until(&line, ',', &source) ||
        !pt2__take(&line, "&output_handles[") ||
        !pt2__take_integer(&line, &index) || index < 0) {
      return false;
    }
  } else if (!pt2__take(&line, "output_handles[") ||
             !pt2__take_integer(&line, &index) || index < 0 ||
             !pt2__take(&line, "] =") ||
             !pt2__take_until(&line, ';', &source)) {
    return false;
  }
  *out_index = (size_t)index;
  *out_source = source;
  return true;
}

static pt2_status_t resolve_return(resolver_t* resolver, size_t index,
                                   pt2__span_t source) {
  pt2__facts_t* facts = resolver->facts;
  if (index >= facts->output_count) {
    return PT2_STATUS_OK;
  }
  pt2_value_info_t* output = &facts->outputs[index];
  pt2__span_t rest = source;
  int64_t same;
  if (pt2__take(&rest, "output_handles[") && pt2__take_integer(&rest, &same)) {
    // The same tensor twice.
    if (same >= 0 && (size_t)same < index) {
      const pt2_value_info_t* first = &facts->outputs[same];
      output->dtype = first->dtype;
      output->device_type = first->device_type;
      output->rank = first->rank;
      output->dims = first->dims;
    }
    return PT2_STATUS_OK;
  }
  const char* release = pt2__span_find(source, ".release()");
  if (release != NULL) {
    source.end = release;
  }
  resolver->depth = 0;
  return resolve(resolver, source, output);
}

static pt2_status_t read_outputs(definitions_t* table, pt2__span_t body,
                                 pt2__arena_t* arena, pt2__facts_t* facts) {
  pt2__span_t lines = body;
  pt2__span_t line;
  while (pt2__take_line(&lines, &line)) {
    PT2_TRY(gather_line(table, line));
  }
  resolver_t resolver = {.table = table, .facts = facts, .arena = arena};
  lines = body;
  while (pt2__take_line(&lines, &line)) {
    size_t index;
    pt2__span_t source;
    if (read_return(line, &index, &source)) {
      PT2_TRY(resolve_return(&resolver, index, source));
    }
  }
  return PT2_STATUS_OK;
}

pt2_status_t pt2__facts_read_outputs(pt2__span_t body, pt2__arena_t* arena,
                                     pt2__facts_t* facts) {
  definitions_t table = {0};
  pt2_status_t status = read_outputs(&table, body, arena, facts);
  pt2__free(table.slots);
  return status;
}
