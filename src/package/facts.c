// SPDX-License-Identifier: Apache-2.0
//
// The model's constructor: counts, names, constants, call specs.
#include "package/facts.h"

#include <string.h>

#include "base/status.h"
#include "package/package.h"

// A count that the text can hold: each input, output and constant is named in
// it, which takes more bytes than this.
#define BYTES_PER_NAME 20

typedef struct {
  pt2__facts_t* facts;
  pt2__arena_t* arena;
  // Names seen, to compare with the counts.
  size_t inputs_named;
  size_t outputs_named;
  size_t constants_named;
} reader_t;

bool pt2__facts_split(pt2__span_t list, pt2__span_t* out_parts,
                      size_t* out_count) {
  size_t count = 0;
  if (pt2__span_length(list) < 2 || *list.begin != '{' || list.end[-1] != '}') {
    return false;
  }
  pt2__span_t rest = {list.begin + 1, list.end - 1};
  pt2__span_t part;
  while (pt2__take_until(&rest, ',', &part)) {
    if (count == PT2__MAX_RANK || pt2__span_length(part) == 0) {
      return false;
    }
    out_parts[count++] = part;
  }
  rest = pt2__span_trim(rest);
  if (pt2__span_length(rest) > 0) {
    if (count == PT2__MAX_RANK) {
      return false;
    }
    out_parts[count++] = rest;
  }
  *out_count = count;
  return true;
}

pt2_status_t pt2__facts_symbol(pt2__span_t expression, pt2__arena_t* arena,
                               const char** out_text) {
  void* memory;
  PT2_TRY(pt2__arena_alloc(arena, pt2__span_length(expression) + 1, &memory));
  char* text = memory;
  size_t length = 0;
  for (const char* p = expression.begin; p < expression.end; ++p) {
    bool is_suffix = *p == 'L' && length > 0 && text[length - 1] >= '0' &&
                     text[length - 1] <= '9';
    if (!is_suffix && *p != '\0') {
      text[length++] = *p;
    }
  }
  *out_text = text;
  return PT2_STATUS_OK;
}

// "AOTInductorModelBase(1, 1, 3, device_str, cubin_dir, true)": the span stands
// behind the '('.
static bool read_counts(pt2__span_t* text, pt2__facts_t* facts) {
  pt2__span_t args;
  int64_t counts[3];
  if (!pt2__take_until(text, ')', &args)) {
    return false;
  }
  int64_t most = (int64_t)(pt2__span_length(*text) / BYTES_PER_NAME);
  for (int i = 0; i < 3; ++i) {
    if (!pt2__take_integer(&args, &counts[i]) || !pt2__take(&args, ",") ||
        counts[i] < 0 || counts[i] > most) {
      return false;
    }
  }
  pt2__span_t arg;
  while (pt2__take_until(&args, ',', &arg)) {
  }
  facts->includes_weights = !pt2__span_equals(pt2__span_trim(args), "false");
  facts->input_count = (size_t)counts[0];
  facts->output_count = (size_t)counts[1];
  facts->constant_count = (size_t)counts[2];
  return true;
}

static pt2_status_t make_tables(reader_t* reader) {
  pt2__facts_t* facts = reader->facts;
  pt2__arena_t* arena = reader->arena;
  PT2_TRY(pt2__arena_array(arena, facts->input_count, sizeof(*facts->inputs),
                           &facts->inputs));
  PT2_TRY(pt2__arena_array(arena, facts->output_count, sizeof(*facts->outputs),
                           &facts->outputs));
  PT2_TRY(pt2__arena_array(arena, facts->constant_count,
                           sizeof(*facts->constants), &facts->constants));
  PT2_TRY(pt2__arena_array(arena, facts->constant_count,
                           sizeof(*facts->constant_is_folded),
                           &facts->constant_is_folded));
  PT2_TRY(pt2__arena_array(arena, facts->constant_count,
                           sizeof(*facts->constant_offsets),
                           &facts->constant_offsets));
  // The device is completed by the model's metadata.
  const pt2_value_info_t unknown = {
      .dtype = PT2_DTYPE_UNDEFINED, .device_type = -1, .rank = -1};
  for (size_t i = 0; i < facts->input_count; ++i) {
    facts->inputs[i] = unknown;
  }
  for (size_t i = 0; i < facts->output_count; ++i) {
    facts->outputs[i] = unknown;
  }
  for (size_t i = 0; i < facts->constant_count; ++i) {
    facts->constant_offsets[i] = -1;
    facts->constants[i] = (pt2_constant_info_t){
        .dtype = PT2_DTYPE_UNDEFINED, .rank = -1, .size_bytes = -1};
  }
  return PT2_STATUS_OK;
}

// The word behind the last "prefix" in |value|: "float32" of
// "static_cast<int32_t>(cached_torch_dtype_float32)".
static pt2__span_t word_behind(pt2__span_t value, const char* prefix) {
  pt2__span_t word = {value.begin, value.begin};
  const char* at = pt2__span_find(value, prefix);
  if (at != NULL) {
    pt2__span_t rest = {at + strlen(prefix), value.end};
    // A name may begin with an underscore but not with a space.
    if (rest.begin < rest.end && *rest.begin != ' ') {
      pt2__take_word(&rest, &word);
    }
  }
  return word;
}

static pt2_status_t read_integer_array(pt2__span_t value, pt2__arena_t* arena,
                                       const int64_t** out_values,
                                       int32_t* out_count) {
  int64_t values[PT2__MAX_RANK];
  size_t count;
  *out_values = NULL;
  *out_count = -1;
  if (!pt2__read_integers(value, PT2__MAX_RANK, values, &count)) {
    return PT2_STATUS_OK;
  }
  int64_t* copy;
  PT2_TRY(pt2__arena_array(arena, count, sizeof(*copy), &copy));
  memcpy(copy, values, count * sizeof(*copy));
  *out_values = copy;
  *out_count = (int32_t)count;
  return PT2_STATUS_OK;
}

static int32_t constant_kind(pt2__span_t value) {
  static const char* const kinds[] = {"Unknown", "Parameter", "Buffer",
                                      "TensorConstant", "FoldedConstant"};
  pt2__span_t word = word_behind(value, "ConstantType::");
  for (int32_t i = 0; i < 5; ++i) {
    if (pt2__span_equals(word, kinds[i])) {
      return i;
    }
  }
  return 0;
}

static pt2_status_t read_constant(reader_t* reader, size_t index,
                                  pt2__span_t field, pt2__span_t value) {
  pt2_constant_info_t* constant = &reader->facts->constants[index];
  pt2__arena_t* arena = reader->arena;
  if (pt2__span_equals(field, "name")) {
    reader->constants_named += constant->name == NULL;
    return pt2__read_strings(value, arena, &constant->name);
  }
  if (pt2__span_equals(field, "original_fqn")) {
    return pt2__read_strings(value, arena, &constant->fqn);
  }
  if (pt2__span_equals(field, "dtype")) {
    constant->dtype = pt2__torch_dtype(word_behind(value, "torch_dtype_"));
  } else if (pt2__span_equals(field, "data_size")) {
    int64_t bytes;
    constant->size_bytes =
        pt2__take_integer(&value, &bytes) && bytes >= 0 ? bytes : -1;
  } else if (pt2__span_equals(field, "offset")) {
    int64_t offset;
    reader->facts->constant_offsets[index] =
        pt2__take_integer(&value, &offset) && offset >= 0 ? offset : -1;
  } else if (pt2__span_equals(field, "from_folded")) {
    reader->facts->constant_is_folded[index] = pt2__span_equals(value, "true");
  } else if (pt2__span_equals(field, "type")) {
    constant->kind = constant_kind(value);
  } else if (pt2__span_equals(field, "shape")) {
    return read_integer_array(value, arena, &constant->sizes, &constant->rank);
  } else if (pt2__span_equals(field, "stride")) {
    int32_t count;
    PT2_TRY(read_integer_array(value, arena, &constant->strides, &count));
    if (count != constant->rank) {
      constant->rank = -1;
    }
  }
  return PT2_STATUS_OK;
}

static pt2_status_t read_statement(reader_t* reader, pt2__span_t statement) {
  pt2__facts_t* facts = reader->facts;
  pt2__span_t word;
  pt2__span_t field;
  int64_t index;
  if (!pt2__take_word(&statement, &word)) {
    return PT2_STATUS_OK;
  }
  bool is_in_spec = pt2__span_equals(word, "in_spec_");
  if (is_in_spec || pt2__span_equals(word, "out_spec_")) {
    if (pt2__take(&statement, "=")) {
      return pt2__read_strings(statement, reader->arena,
                               is_in_spec ? &facts->in_spec : &facts->out_spec);
    }
    return PT2_STATUS_OK;
  }
  if (!pt2__take(&statement, "[") || !pt2__take_integer(&statement, &index) ||
      !pt2__take(&statement, "].") || !pt2__take_word(&statement, &field) ||
      !pt2__take(&statement, "=") || index < 0) {
    return PT2_STATUS_OK;
  }
  statement = pt2__span_trim(statement);
  uint64_t at = (uint64_t)index;
  bool is_name = pt2__span_equals(field, "name");
  if (pt2__span_equals(word, "inputs_info_") && is_name) {
    ++reader->inputs_named;
    if (at < facts->input_count) {
      return pt2__read_strings(statement, reader->arena,
                               &facts->inputs[at].internal_name);
    }
  } else if (pt2__span_equals(word, "outputs_info_") && is_name) {
    ++reader->outputs_named;
    if (at < facts->output_count) {
      return pt2__read_strings(statement, reader->arena,
                               &facts->outputs[at].internal_name);
    }
  } else if (pt2__span_equals(word, "constants_info_")) {
    if (at < facts->constant_count) {
      return read_constant(reader, (size_t)at, field, statement);
    }
    ++reader->constants_named;
  }
  return PT2_STATUS_OK;
}

// True if everything that was counted is named, once.
static bool is_consistent(const reader_t* reader) {
  const pt2__facts_t* facts = reader->facts;
  bool good = reader->inputs_named == facts->input_count &&
              reader->outputs_named == facts->output_count &&
              reader->constants_named == facts->constant_count;
  for (size_t i = 0; i < facts->input_count && good; ++i) {
    good = facts->inputs[i].internal_name != NULL;
  }
  for (size_t i = 0; i < facts->output_count && good; ++i) {
    good = facts->outputs[i].internal_name != NULL;
  }
  for (size_t i = 0; i < facts->constant_count && good; ++i) {
    good = facts->constants[i].name != NULL;
  }
  return good;
}

static void complete_constants(pt2__facts_t* facts) {
  for (size_t i = 0; i < facts->constant_count; ++i) {
    pt2_constant_info_t* constant = &facts->constants[i];
    if (constant->fqn == NULL) {
      constant->fqn = constant->name;
    }
    if (constant->rank < 0 || constant->strides == NULL) {
      constant->rank = -1;
      constant->sizes = NULL;
      constant->strides = NULL;
    }
  }
}

static pt2_status_t read_constructor(pt2__span_t* text, reader_t* reader,
                                     bool* out_good) {
  *out_good = false;
  const char* begin =
      pt2__span_find(*text, "AOTInductorModel::AOTInductorModel(");
  if (begin == NULL) {
    return PT2_STATUS_OK;
  }
  text->begin = begin;
  const char* base = pt2__span_find(*text, "AOTInductorModelBase(");
  if (base == NULL) {
    return PT2_STATUS_OK;
  }
  text->begin = base + strlen("AOTInductorModelBase(");
  if (!read_counts(text, reader->facts) || !pt2__take(text, "{")) {
    return PT2_STATUS_OK;
  }
  PT2_TRY(make_tables(reader));
  pt2__span_t statement;
  while (pt2__take_statement(text, &statement)) {
    PT2_TRY(read_statement(reader, statement));
  }
  *out_good = pt2__take(text, "}") && is_consistent(reader);
  return PT2_STATUS_OK;
}

pt2_status_t pt2__facts_read(pt2__span_t text, pt2__arena_t* arena,
                             pt2__facts_t* out_facts) {
  *out_facts = (pt2__facts_t){.includes_weights = true};
  pt2__facts_t facts = *out_facts;
  reader_t reader = {.facts = &facts, .arena = arena};
  bool good;
  PT2_TRY(read_constructor(&text, &reader, &good));
  if (!good) {
    return PT2_STATUS_OK;
  }
  facts.is_known = true;
  complete_constants(&facts);
  const char* run = pt2__span_find(text, "void AOTInductorModel::run_impl(");
  const char* cut = run != NULL ? run : text.end;
  pt2__span_t checks = {text.begin, cut};
  pt2__span_t body = {cut, text.end};
  const char* end = pt2__span_find(body, "} // AOTInductorModel::run_impl");
  // A body without its end was cut: what follows the cut might have said
  // something else of the outputs.
  body.end = end != NULL ? end : body.begin;
  PT2_TRY(pt2__facts_read_inputs(checks, body, arena, &facts));
  PT2_TRY(pt2__facts_read_outputs(body, arena, &facts));
  PT2_TRY(pt2__facts_name_values(arena, &facts));
  *out_facts = facts;
  return PT2_STATUS_OK;
}

uint64_t pt2__facts_constant_bytes(const pt2__facts_t* facts) {
  uint64_t sum = 0;
  for (size_t i = 0; i < facts->constant_count; ++i) {
    int64_t bytes = facts->constants[i].size_bytes;
    if (!facts->constant_is_folded[i] && bytes > 0 &&
        (uint64_t)bytes <= UINT64_MAX - sum) {
      sum += (uint64_t)bytes;
    }
  }
  return sum;
}
