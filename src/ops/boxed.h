// SPDX-License-Identifier: Apache-2.0
//
// Reads the arguments of operators that are called by name (pt2/op.h). They are
// found by their schema's name, or by position where the package has no names;
// what the package leaves out has its default.
#ifndef PT2_SRC_OPS_BOXED_H_
#define PT2_SRC_OPS_BOXED_H_

#include "ops/op.h"
#include "pt2/op.h"

typedef struct {
  const pt2_value_t* values;
  size_t count;
  size_t result_count;  // how many results the model has room for
} pt2__boxed_t;

// The number of results of an operator that returns a list: any.
#define PT2__BOXED_LIST SIZE_MAX

// Each fails naming |name| and what was found where the argument is of another
// kind. A tensor is checked as PT2_OP_CHECK_TENSOR does.
PT2_MUST_USE pt2_status_t pt2__boxed_tensor(const pt2__boxed_t* boxed,
                                            size_t at, const char* name,
                                            pt2_tensor_t** out_tensor);
PT2_MUST_USE pt2_status_t pt2__boxed_int(const pt2__boxed_t* boxed, size_t at,
                                         const char* name, int64_t* out_value);
// |*out_value| holds the default before.
PT2_MUST_USE pt2_status_t pt2__boxed_bool(const pt2__boxed_t* boxed, size_t at,
                                          const char* name, bool* out_value);
PT2_MUST_USE pt2_status_t pt2__boxed_string(const pt2__boxed_t* boxed,
                                            size_t at, const char* name,
                                            const char** out_value);
PT2_MUST_USE pt2_status_t pt2__boxed_ints(const pt2__boxed_t* boxed, size_t at,
                                          const char* name,
                                          const int64_t** out_values,
                                          int64_t* out_count);

// The argument's kind; PT2_VALUE_NONE if it is left out.
int32_t pt2__boxed_kind(const pt2__boxed_t* boxed, size_t at, const char* name);
// Real and imaginary part.
PT2_MUST_USE pt2_status_t pt2__boxed_complex(const pt2__boxed_t* boxed,
                                             size_t at, const char* name,
                                             double* out_parts);
// A number of any kind: its parts, and the dtype that it has for PyTorch (bool,
// int64, float32 or complex64). If it is left out, |out_parts| holds the
// default before and the dtype is |*out_dtype|'s.
PT2_MUST_USE pt2_status_t pt2__boxed_scalar(const pt2__boxed_t* boxed,
                                            size_t at, const char* name,
                                            double* out_parts,
                                            int32_t* out_dtype);
// Of the kind PT2_VALUE_DTYPE, _LAYOUT or _MEMORY_FORMAT. |*out_value| holds
// the default before, for None too; |out_given| (may be NULL) says whether
// there was one.
PT2_MUST_USE pt2_status_t pt2__boxed_enum(const pt2__boxed_t* boxed, size_t at,
                                          const char* name, int32_t kind,
                                          int64_t* out_value, bool* out_given);
// None, or an argument that is left out, is NULL and 0.
PT2_MUST_USE pt2_status_t pt2__boxed_optional_ints(const pt2__boxed_t* boxed,
                                                   size_t at, const char* name,
                                                   const int64_t** out_values,
                                                   int64_t* out_count);

PT2_MUST_USE pt2_status_t pt2__boxed_optional_floats(const pt2__boxed_t* boxed,
                                                     size_t at,
                                                     const char* name,
                                                     const double** out_values,
                                                     int64_t* out_count);

// None, or an argument that is left out, is NULL.
PT2_MUST_USE pt2_status_t pt2__boxed_optional_tensor(const pt2__boxed_t* boxed,
                                                     size_t at,
                                                     const char* name,
                                                     pt2_tensor_t** out_tensor);
// |*out_value| holds the default before, for None too; |out_given| (may be
// NULL) says whether there was one.
PT2_MUST_USE pt2_status_t pt2__boxed_optional_int(const pt2__boxed_t* boxed,
                                                  size_t at, const char* name,
                                                  int64_t* out_value,
                                                  bool* out_given);
// Entries may be NULL (None); the others are checked as PT2_OP_CHECK_TENSOR
// does.
PT2_MUST_USE pt2_status_t pt2__boxed_tensors(const pt2__boxed_t* boxed,
                                             size_t at, const char* name,
                                             pt2_tensor_t* const** out_tensors,
                                             int64_t* out_count);
// An integer counts as a number, and so does a bool. |*out_value| holds the default before, for
// None too; |out_given| (may be NULL) says whether there was one.
PT2_MUST_USE pt2_status_t pt2__boxed_number(const pt2__boxed_t* boxed,
                                            size_t at, const char* name,
                                            double* out_value, bool* out_given);

// Defines the operator aten::|name| of |count| results (PT2__BOXED_LIST: as
// many as the function finds it must have): |function| is a pt2_status_t (const
// pt2__boxed_t*, pt2_tensor_t** results) that leaves all results NULL when it
// fails. Registration can only fail for want of memory, and a model that needs
// the operator is then refused by its name.
#define PT2_BOXED_OP(name, count, function) \
  PT2_BOXED_OVERLOAD(name, "aten::" #name, count, function)

// The same for an overload, whose full name is |qualified|
// ("aten::median.dim"); |name| is an identifier.
#define PT2_BOXED_OVERLOAD(name, qualified, count, function)                 \
  static pt2_status_t boxed_##name(                                          \
      void* user, const pt2_value_t* arguments, size_t argument_count,       \
      pt2_tensor_t** results, size_t result_count) {                         \
    (void)user;                                                              \
    const pt2__boxed_t boxed = {arguments, argument_count, result_count};    \
    return pt2__boxed_run((qualified), (function), &boxed, (count), results, \
                          result_count);                                     \
  }                                                                          \
  __attribute__((constructor)) static void register_##name(void) {           \
    pt2_status_t status = pt2_op_register((qualified), boxed_##name, NULL);  \
    (void)status;                                                            \
  }

// Runs an operator's function: checks the number of results, names the operator
// in errors.
PT2_MUST_USE pt2_status_t pt2__boxed_run(
    const char* name,
    pt2_status_t (*function)(const pt2__boxed_t* boxed, pt2_tensor_t** results),
    const pt2__boxed_t* boxed, size_t count, pt2_tensor_t** results,
    size_t result_count);

#endif  // PT2_SRC_OPS_BOXED_H_
