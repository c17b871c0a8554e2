// SPDX-License-Identifier: Apache-2.0
#include "ops/boxed.h"

#include <string.h>

#include "ops/op.h"

// The argument, or NULL if it is left out.
static const pt2_value_t* value_at(const pt2__boxed_t* boxed, size_t at,
                                   const char* name) {
  for (size_t i = 0; i < boxed->count; ++i) {
    const pt2_value_t* value = &boxed->values[i];
    bool named = value->name != NULL && value->name[0] != '\0';
    if (named ? strcmp(value->name, name) == 0 : i == at) {
      return value;
    }
  }
  return NULL;
}

static pt2_status_t check(const pt2_value_t* value, int32_t kind,
                          const char* name, const char* expected) {
  PT2_OP_CHECK(value != NULL && value->kind == kind,
               "argument %s: expected %s, got %s", name, expected,
               value == NULL                     ? "nothing"
               : value->kind == PT2_VALUE_NONE   ? "None"
               : value->kind == PT2_VALUE_TENSOR ? "a tensor"
                                                 : "a value of another kind");
  return PT2_STATUS_OK;
}

pt2_status_t pt2__boxed_tensor(const pt2__boxed_t* boxed, size_t at,
                               const char* name, pt2_tensor_t** out_tensor) {
  const pt2_value_t* value = value_at(boxed, at, name);
  PT2_TRY(check(value, PT2_VALUE_TENSOR, name, "a tensor"));
  PT2_OP_CHECK_TENSOR(value->as.tensor, name);
  *out_tensor = value->as.tensor;
  return PT2_STATUS_OK;
}

pt2_status_t pt2__boxed_int(const pt2__boxed_t* boxed, size_t at,
                            const char* name, int64_t* out_value) {
  const pt2_value_t* value = value_at(boxed, at, name);
  PT2_TRY(check(value, PT2_VALUE_INT, name, "an integer"));
  *out_value = value->as.integer;
  return PT2_STATUS_OK;
}

pt2_status_t pt2__boxed_bool(const pt2__boxed_t* boxed, size_t at,
                             const char* name, bool* out_value) {
  const pt2_value_t* value = value_at(boxed, at, name);
  if (value != NULL) {
    PT2_TRY(check(value, PT2_VALUE_BOOL, name, "a bool"));
    *out_value = value->as.boolean;
  }
  return PT2_STATUS_OK;
}

pt2_status_t pt2__boxed_string(const pt2__boxed_t* boxed, size_t at,
                               const char* name, const char** out_value) {
  const pt2_value_t* value = value_at(boxed, at, name);
  if (value != NULL && value->kind != PT2_VALUE_NONE) {
    PT2_TRY(check(value, PT2_VALUE_STRING, name, "a string"));
    *out_value = value->as.string;
  }
  return PT2_STATUS_OK;
}

pt2_status_t pt2__boxed_ints(const pt2__boxed_t* boxed, size_t at,
                             const char* name, const int64_t** out_values,
                             int64_t* out_count) {
  const pt2_value_t* value = value_at(boxed, at, name);
  PT2_TRY(check(value, PT2_VALUE_INT_LIST, name, "a list of integers"));
  *out_values = value->as.integers;
  *out_count = (int64_t)value->count;
  return PT2_STATUS_OK;
}

int32_t pt2__boxed_kind(const pt2__boxed_t* boxed, size_t at,
                        const char* name) {
  const pt2_value_t* value = value_at(boxed, at, name);
  return value != NULL ? value->kind : PT2_VALUE_NONE;
}

pt2_status_t pt2__boxed_complex(const pt2__boxed_t* boxed, size_t at,
                                const char* name, double* out_parts) {
  const pt2_value_t* value = value_at(boxed, at, name);
  PT2_TRY(check(value, PT2_VALUE_COMPLEX, name, "a complex number"));
  out_parts[0] = value->as.complex_parts[0];
  out_parts[1] = value->as.complex_parts[1];
  return PT2_STATUS_OK;
}

pt2_status_t pt2__boxed_scalar(const pt2__boxed_t* boxed, size_t at,
                               const char* name, double* out_parts,
                               int32_t* out_dtype) {
  const pt2_value_t* value = value_at(boxed, at, name);
  if (value == NULL) {
    return PT2_STATUS_OK;
  }
  double parts[2] = {0, 0};
  switch (value->kind) {
    case PT2_VALUE_BOOL:
      parts[0] = value->as.boolean ? 1 : 0;
      *out_dtype = PT2_DTYPE_BOOL;
      break;
    case PT2_VALUE_INT:
      parts[0] = (double)value->as.integer;
      *out_dtype = PT2_DTYPE_I64;
      break;
    case PT2_VALUE_FLOAT:
      parts[0] = value->as.number;
      *out_dtype = PT2_DTYPE_F32;
      break;
    default:
      PT2_TRY(check(value, PT2_VALUE_COMPLEX, name, "a number"));
      parts[0] = value->as.complex_parts[0];
      parts[1] = value->as.complex_parts[1];
      *out_dtype = PT2_DTYPE_COMPLEX64;
  }
  out_parts[0] = parts[0];
  out_parts[1] = parts[1];
  return PT2_STATUS_OK;
}

pt2_status_t pt2__boxed_enum(const pt2__boxed_t* boxed, size_t at,
                             const char* name, int32_t kind, int64_t* out_value,
                             bool* out_given) {
  const pt2_value_t* value = value_at(boxed, at, name);
  bool given = value != NULL && value->kind != PT2_VALUE_NONE;
  if (given) {
    PT2_TRY(check(value, kind, name,
                  kind == PT2_VALUE_DTYPE    ? "a dtype"
                  : kind == PT2_VALUE_LAYOUT ? "a layout"
                                             : "a memory format"));
    *out_value = value->as.integer;
  }
  if (out_given != NULL) {
    *out_given = given;
  }
  return PT2_STATUS_OK;
}

pt2_status_t pt2__boxed_optional_ints(const pt2__boxed_t* boxed, size_t at,
                                      const char* name,
                                      const int64_t** out_values,
                                      int64_t* out_count) {
  const pt2_value_t* value = value_at(boxed, at, name);
  if (value == NULL || value->kind == PT2_VALUE_NONE) {
    *out_values = NULL;
    *out_count = 0;
    return PT2_STATUS_OK;
  }
  return pt2__boxed_ints(boxed, at, name, out_values, out_count);
}

pt2_status_t pt2__boxed_optional_floats(const pt2__boxed_t* boxed, size_t at,
                                        const char* name,
                                        const double** out_values,
                                        int64_t* out_count) {
  const pt2_value_t* value = value_at(boxed, at, name);
  *out_values = NULL;
  *out_count = 0;
  if (value == NULL || value->kind == PT2_VALUE_NONE) {
    return PT2_STATUS_OK;
  }
  PT2_TRY(check(value, PT2_VALUE_FLOAT_LIST, name, "a list of numbers"));
  *out_values = value->as.numbers;
  *out_count = (int64_t)value->count;
  return PT2_STATUS_OK;
}

pt2_status_t pt2__boxed_optional_tensor(const pt2__boxed_t* boxed, size_t at,
                                        const char* name,
                                        pt2_tensor_t** out_tensor) {
  const pt2_value_t* value = value_at(boxed, at, name);
  if (value == NULL || value->kind == PT2_VALUE_NONE) {
    *out_tensor = NULL;
    return PT2_STATUS_OK;
  }
  return pt2__boxed_tensor(boxed, at, name, out_tensor);
}

pt2_status_t pt2__boxed_tensors(const pt2__boxed_t* boxed, size_t at,
                                const char* name,
                                pt2_tensor_t* const** out_tensors,
                                int64_t* out_count) {
  const pt2_value_t* value = value_at(boxed, at, name);
  // A list without entries has no kind of its own.
  bool empty =
      value != NULL && value->kind == PT2_VALUE_INT_LIST && value->count == 0;
  if (!empty) {
    PT2_TRY(check(value, PT2_VALUE_TENSOR_LIST, name, "a list of tensors"));
  }
  for (size_t i = 0; i < value->count; ++i) {
    if (value->as.tensors[i] != NULL) {
      PT2_OP_CHECK_TENSOR(value->as.tensors[i], name);
    }
  }
  *out_tensors = value->as.tensors;
  *out_count = (int64_t)value->count;
  return PT2_STATUS_OK;
}

pt2_status_t pt2__boxed_optional_int(const pt2__boxed_t* boxed, size_t at,
                                     const char* name, int64_t* out_value,
                                     bool* out_given) {
  const pt2_value_t* value = value_at(boxed, at, name);
  bool given = value != NULL && value->kind != PT2_VALUE_NONE;
  if (given) {
    PT2_TRY(check(value, PT2_VALUE_INT, name, "an integer"));
    *out_value = value->as.integer;
  }
  if (out_given != NULL) {
    *out_given = given;
  }
  return PT2_STATUS_OK;
}

pt2_status_t pt2__boxed_number(const pt2__boxed_t* boxed, size_t at,
                               const char* name, double* out_value,
                               bool* out_given) {
  const pt2_value_t* value = value_at(boxed, at, name);
  bool given = value != NULL && value->kind != PT2_VALUE_NONE;
  if (given && value->kind == PT2_VALUE_INT) {
    *out_value = (double)value->as.integer;
  } else if (given && value->kind == PT2_VALUE_BOOL) {
    *out_value = value->as.boolean ? 1 : 0;
  } else if (given) {
    PT2_TRY(check(value, PT2_VALUE_FLOAT, name, "a number"));
    *out_value = value->as.number;
  }
  if (out_given != NULL) {
    *out_given = given;
  }
  return PT2_STATUS_OK;
}

pt2_status_t pt2__boxed_run(const char* name,
                            pt2_status_t (*function)(const pt2__boxed_t* boxed,
                                                     pt2_tensor_t** results),
                            const pt2__boxed_t* boxed, size_t count,
                            pt2_tensor_t** results, size_t result_count) {
  pt2_status_t status =
      result_count == count || count == PT2__BOXED_LIST
          ? function(boxed, results)
          : PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT, "%zu results wanted, got %zu",
                     result_count, count);
  pt2__op_leave();
  if (status != PT2_STATUS_OK) {
    pt2__error_prefix("%s", name);
  }
  return status;
}
