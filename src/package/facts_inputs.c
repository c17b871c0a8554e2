// SPDX-License-Identifier: Apache-2.0
//
// Inputs, from the checks that torch generates for each of them (always since
// 2.7, in 2.6 only with debug_compile).
#include <string.h>

#include "base/status.h"
#include "package/facts.h"

// What the checks of one input say.
typedef struct {
  bool is_input;
  size_t index;
  pt2__span_t name;
  bool has_sizes;
  bool has_strides;
  bool contradicts;
  pt2_dtype_t dtype;
  pt2_device_type_t device;
  int32_t rank;
  pt2_dim_info_t dims[PT2__MAX_RANK];
} check_t;

static void start_check(check_t* check) {
  memset(check, 0, sizeof(*check));
  check->dtype = PT2_DTYPE_UNDEFINED;
  check->device = -1;
  for (size_t i = 0; i < PT2__MAX_RANK; ++i) {
    check->dims[i] =
        (pt2_dim_info_t){.min = 0, .max = INT64_MAX, .stride = PT2_STRIDE_ANY};
  }
}

static pt2_status_t finish_check(const check_t* check, pt2__arena_t* arena,
                                 pt2__facts_t* facts) {
  if (check->name.begin == NULL) {
    return PT2_STATUS_OK;
  }
  size_t count = check->is_input ? facts->input_count : facts->output_count;
  if (check->index >= count) {
    return PT2_STATUS_OK;
  }
  pt2_value_info_t* info = check->is_input ? &facts->inputs[check->index]
                                           : &facts->outputs[check->index];
  // The input of this number has this name, or the text was tampered with.
  if (check->is_input && !pt2__span_equals(check->name, info->internal_name)) {
    return PT2_STATUS_OK;
  }
  info->dtype = check->dtype;
  info->device_type = check->device;
  if (!check->has_sizes || !check->has_strides || check->contradicts) {
    return PT2_STATUS_OK;
  }
  pt2_dim_info_t* dims = NULL;
  if (check->rank > 0) {
    PT2_TRY(pt2__arena_array(arena, (size_t)check->rank, sizeof(*dims), &dims));
    memcpy(dims, check->dims, (size_t)check->rank * sizeof(*dims));
  }
  info->rank = check->rank;
  info->dims = dims;
  return PT2_STATUS_OK;
}

// Takes "<name><suffix>" of the input under check.
static bool take_variable(pt2__span_t* line, const check_t* check,
                          const char* suffix) {
  pt2__span_t rest = *line;
  pt2__span_t word;
  size_t length = pt2__span_length(check->name);
  if (!pt2__take_word(&rest, &word) || pt2__span_length(word) <= length ||
      memcmp(word.begin, check->name.begin, length) != 0 ||
      !pt2__span_equals((pt2__span_t){word.begin + length, word.end}, suffix)) {
    return false;
  }
  *line = rest;
  return true;
}

// Takes "[<k>]" and makes room for dimension k.
static pt2_dim_info_t* take_dim(pt2__span_t* line, check_t* check) {
  int64_t k;
  if (!pt2__take(line, "[") || !pt2__take_integer(line, &k) ||
      !pt2__take(line, "]") || k < 0 || k >= PT2__MAX_RANK) {
    check->contradicts = true;
    return NULL;
  }
  if (k >= check->rank) {
    check->rank = (int32_t)k + 1;
  }
  return &check->dims[k];
}

// "if (8 != x_size[0]) {", "if (x_size[0] < 2) {", "if (16 != x_stride[0]) {":
// |line| stands behind "if (".
static void read_condition(pt2__span_t line, check_t* check) {
  int64_t value;
  if (pt2__take_integer(&line, &value) && pt2__take(&line, "!=")) {
    bool is_size = take_variable(&line, check, "_size");
    if (!is_size && !take_variable(&line, check, "_stride")) {
      return;
    }
    pt2_dim_info_t* dim = take_dim(&line, check);
    if (dim != NULL && is_size) {
      check->contradicts |= dim->min > 0 || dim->max != INT64_MAX || value < 0;
      dim->min = dim->max = value;
    } else if (dim != NULL) {
      dim->stride = value;
    }
    return;
  }
  if (take_variable(&line, check, "_size")) {
    pt2_dim_info_t* dim = take_dim(&line, check);
    bool is_min = pt2__take(&line, "<");
    if (dim != NULL && (is_min || pt2__take(&line, ">")) &&
        pt2__take_integer(&line, &value)) {
      *(is_min ? &dim->min : &dim->max) = value;
      check->contradicts |= dim->min > dim->max;
    } else {
      // A bound that cannot be read is not a bound that is not there.
      check->contradicts = true;
    }
  }
}

// "ConstantHandle x = ConstantHandle(input_handles[0]);" begins an input.
static bool read_begin(pt2__span_t line, check_t* next) {
  pt2__span_t name;
  pt2__span_t handles;
  int64_t index;
  if (!pt2__take(&line, "ConstantHandle ") || !pt2__take_word(&line, &name) ||
      !pt2__take(&line, "=") || !pt2__take(&line, "ConstantHandle(") ||
      !pt2__take_word(&line, &handles) || !pt2__take(&line, "[") ||
      !pt2__take_integer(&line, &index) || !pt2__take(&line, "]") ||
      index < 0) {
    return false;
  }
  start_check(next);
  next->name = name;
  next->index = (size_t)index;
  next->is_input = pt2__span_equals(handles, "input_handles");
  return true;
}

static void read_check_line(pt2__span_t line, check_t* check) {
  if (pt2__take(&line, "if (")) {
    read_condition(line, check);
  } else if (pt2__take(&line, "auto ")) {
    check->has_sizes |= take_variable(&line, check, "_size");
    check->has_strides |= take_variable(&line, check, "_stride");
  } else if (pt2__take(&line, "int32_t ")) {
    int64_t device;
    pt2__span_t word;
    if (take_variable(&line, check, "_expected_dtype")) {
      if (pt2__take(&line, "=") && pt2__take(&line, "aoti_torch_dtype_") &&
          pt2__take_word(&line, &word)) {
        check->dtype = pt2__torch_dtype(word);
      }
    } else if (take_variable(&line, check, "_expected_device_type") &&
               pt2__take(&line, "=") && pt2__take_integer(&line, &device) &&
               device >= 0 && device < 128) {
      check->device = (pt2_device_type_t)device;
    }
  }
}

// ---- Names of dynamic dimensions -------------------------------------------

static pt2_value_info_t* find_input(const pt2__facts_t* facts,
                                    pt2__span_t name) {
  for (size_t i = 0; i < facts->input_count; ++i) {
    if (pt2__span_equals(name, facts->inputs[i].internal_name)) {
      return &facts->inputs[i];
    }
  }
  return NULL;
}

static pt2_status_t name_dim(pt2_value_info_t* info, size_t k,
                             pt2__span_t symbol, pt2__arena_t* arena) {
  // The array is this file's own, made in finish_check.
  pt2_dim_info_t* dims = (pt2_dim_info_t*)info->dims;
  if (info->rank < 0 || k >= (size_t)info->rank || dims[k].symbol != NULL ||
      dims[k].min == dims[k].max) {
    return PT2_STATUS_OK;
  }
  return pt2__facts_symbol(symbol, arena, &dims[k].symbol);
}

// "int64_t s77 = arg5_1_size[0];", since 2.15 also "= arg5_1.sizes()[0];".
static pt2_status_t read_symbol(pt2__span_t line, pt2__arena_t* arena,
                                pt2__facts_t* facts) {
  pt2__span_t symbol;
  pt2__span_t source;
  int64_t k;
  if (!pt2__take_word(&line, &symbol) || !pt2__take(&line, "=") ||
      !pt2__take_word(&line, &source)) {
    return PT2_STATUS_OK;
  }
  if (!pt2__take(&line, ".sizes()")) {
    const size_t suffix = strlen("_size");
    if (pt2__span_length(source) <= suffix ||
        memcmp(source.end - suffix, "_size", suffix) != 0) {
      return PT2_STATUS_OK;
    }
    source.end -= suffix;
  }
  pt2_value_info_t* info = find_input(facts, source);
  if (info == NULL || !pt2__take(&line, "[") || !pt2__take_integer(&line, &k) ||
      !pt2__take(&line, "];") || k < 0) {
    return PT2_STATUS_OK;
  }
  return name_dim(info, (size_t)k, symbol, arena);
}

// "assert_size_stride(arg5_1, {s77, 16L}, {16L, 1L}, "input")" tells the rank
// and the symbols of an input for certain.
static pt2_status_t read_assert(pt2__span_t line, pt2__arena_t* arena,
                                pt2__facts_t* facts) {
  pt2__span_t name;
  pt2__span_t sizes;
  pt2__span_t parts[PT2__MAX_RANK];
  size_t count;
  if (!pt2__take_word(&line, &name) || !pt2__take(&line, ",") ||
      !pt2__take_until(&line, ',', &sizes) ||
      !pt2__facts_split(sizes, parts, &count)) {
    return PT2_STATUS_OK;
  }
  pt2_value_info_t* info = find_input(facts, name);
  if (info == NULL || info->rank < 0) {
    return PT2_STATUS_OK;
  }
  if ((size_t)info->rank != count) {
    info->rank = -1;
    info->dims = NULL;
    return PT2_STATUS_OK;
  }
  for (size_t k = 0; k < count; ++k) {
    PT2_TRY(name_dim(info, k, parts[k], arena));
  }
  return PT2_STATUS_OK;
}

pt2_status_t pt2__facts_read_inputs(pt2__span_t checks, pt2__span_t body,
                                    pt2__arena_t* arena, pt2__facts_t* facts) {
  check_t check;
  start_check(&check);
  pt2__span_t line;
  while (pt2__take_line(&checks, &line)) {
    check_t next;
    if (read_begin(line, &next)) {
      PT2_TRY(finish_check(&check, arena, facts));
      check = next;
    } else if (check.name.begin != NULL) {
      read_check_line(line, &check);
    }
  }
  // Without the body there is no telling whether the checks were complete.
  if (body.begin < body.end) {
    PT2_TRY(finish_check(&check, arena, facts));
  }
  while (pt2__take_line(&body, &line)) {
    if (pt2__take(&line, "int64_t ")) {
      PT2_TRY(read_symbol(line, arena, facts));
      continue;
    }
    pt2__take(&line, "if (_check_aoti_runtime_check_inputs_env()) { ");
    if (pt2__take(&line, "assert_size_stride(")) {
      PT2_TRY(read_assert(line, arena, facts));
    }
  }
  return PT2_STATUS_OK;
}
