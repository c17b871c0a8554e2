// SPDX-License-Identifier: Apache-2.0
//
// Custom operators from C: what a model calls through its proxy executor.
#ifndef PT2_OP_H_
#define PT2_OP_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pt2/status.h"
#include "pt2/tensor.h"

#if defined(__cplusplus)
extern "C" {
#endif

// What an argument is.
enum {
  PT2_VALUE_NONE = 0,
  PT2_VALUE_TENSOR = 1,
  PT2_VALUE_INT = 2,  // int, SymInt
  PT2_VALUE_FLOAT = 3,
  PT2_VALUE_BOOL = 4,
  PT2_VALUE_STRING = 5,
  PT2_VALUE_COMPLEX = 6,
  PT2_VALUE_DTYPE = 7,          // integer: PT2_DTYPE_*
  PT2_VALUE_LAYOUT = 8,         // integer: torch's numbers (0 strided)
  PT2_VALUE_MEMORY_FORMAT = 9,  // integer: torch's numbers (0 contiguous)
  PT2_VALUE_DEVICE = 10,        // integer: PT2_DEVICE_*; |index| beside it
  PT2_VALUE_TENSOR_LIST = 11,   // entries may be NULL (None)
  PT2_VALUE_INT_LIST = 12,
  PT2_VALUE_FLOAT_LIST = 13,
  PT2_VALUE_BOOL_LIST = 14,
  PT2_VALUE_STRING_LIST = 15,
};

// One argument. Everything it points to is borrowed for the call.
typedef struct pt2_value_t {
  const char* name;  // the schema's, "" if unknown
  int32_t kind;      // PT2_VALUE_*
  int32_t index;     // of a device
  union {
    pt2_tensor_t* tensor;
    int64_t integer;
    double number;
    bool boolean;
    const char* string;
    double complex_parts[2];
    pt2_tensor_t* const* tensors;
    const int64_t* integers;
    const double* numbers;
    const bool* booleans;
    const char* const* strings;
  } as;
  size_t count;  // of a list
} pt2_value_t;

// An operator: reads |arguments|, writes |result_count| new tensors to
// |results| (all NULL before). On failure it says why with
// pt2_op_set_error and returns a status other than OK.
//
// Ownership: each result passes to the caller, on failure too.
// Threads:   called by whichever thread runs the model, several at once.
typedef pt2_status_t (*pt2_op_fn)(void* user, const pt2_value_t* arguments,
                                  size_t argument_count, pt2_tensor_t** results,
                                  size_t result_count);

// Registers an operator under its qualified name, "ns::op" or
// "ns::op.overload" ("ns::op" also answers to "ns::op.default").
//
// Errors:  INVALID_ARGUMENT     NULL, no "::"
//          FAILED_PRECONDITION  the name is taken
// Threads: any; models that are loaded later see it.
PT2_API PT2_MUST_USE pt2_status_t pt2_op_register(const char* qualified_name,
                                                  pt2_op_fn function,
                                                  void* user);

// Takes it back. Models loaded before keep it: |user| must outlive them.
//
// Errors: NOT_FOUND
PT2_API PT2_MUST_USE pt2_status_t pt2_op_unregister(const char* qualified_name);

// Records what went wrong, printf-style, for an operator that fails.
PT2_API void pt2_op_set_error(pt2_status_t status, const char* format, ...)
    PT2_PRINTF(2, 3);

#if defined(__cplusplus)
}
#endif

#endif  // PT2_OP_H_
