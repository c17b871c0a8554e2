// SPDX-License-Identifier: Apache-2.0
//
// What a profiled model reports: the spans around its kernels.
#ifndef PT2_SRC_SHIM_PROFILER_H_
#define PT2_SRC_SHIM_PROFILER_H_

#include <stddef.h>
#include <stdint.h>

#include "tensor/tensor.h"

enum {
  PT2__IVALUE_INT = 1,
  PT2__IVALUE_STRING = 2,
  PT2__IVALUE_STRING_LIST = 3,
  PT2__IVALUE_TENSOR = 4,
};

// A value that a model hands to the profiler. It owns what it points to.
typedef struct pt2__ivalue_t {
  int32_t kind;
  size_t count;  // of strings
  int64_t integer;
  char** strings;  // one of them for a string
  pt2_tensor_t* tensor;
} pt2__ivalue_t;

// Sees the spans begin and end. |begin|'s result is given to |end|.
typedef struct {
  void* (*begin)(void* user, const char* name,
                 const pt2__ivalue_t* const* inputs, size_t input_count);
  void (*end)(void* user, void* span);
  void* user;
} pt2__span_observer_t;

// |observer| must live until the next call; NULL: nobody watches. Not while a
// model runs.
void pt2__profiler_observe(const pt2__span_observer_t* observer);

#endif  // PT2_SRC_SHIM_PROFILER_H_
