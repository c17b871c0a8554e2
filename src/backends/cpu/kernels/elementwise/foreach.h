// SPDX-License-Identifier: Apache-2.0
//
// Operators on lists of tensors (_foreach_*), which models call by name: one
// result for each tensor.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_ELEMENTWISE_FOREACH_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_ELEMENTWISE_FOREACH_H_

#include "backends/cpu/kernels/complex/complex_numbers.h"
#include "backends/cpu/kernels/elementwise/float_functions.h"
#include "ops/boxed.h"

// Makes the result of the |i|-th tensors of up to three lists.
typedef pt2_status_t (*pt2__foreach_fn)(const void* context,
                                        const pt2_tensor_t* const* tensors,
                                        pt2_tensor_t** out_result);

// Calls |function| for each place of |count| lists, the operator's first
// arguments, whose names are |names|. All results are NULL after a failure.
PT2_MUST_USE pt2_status_t pt2__foreach(const pt2__boxed_t* boxed,
                                       const char* const* names, int count,
                                       pt2__foreach_fn function,
                                       const void* context,
                                       pt2_tensor_t** results);

// A plain number.
typedef struct {
  int32_t dtype;    // bool, int64, float32 or complex64
  double parts[2];  // real, imaginary
  int64_t integer;  // of a bool or an integer
} pt2__foreach_number_t;

// Reads a number. If it is left out, |*number| holds the default before; its
// dtype is PT2_DTYPE_UNDEFINED if there is none.
PT2_MUST_USE pt2_status_t pt2__foreach_number(const pt2__boxed_t* boxed,
                                              size_t at, const char* name,
                                              pt2__foreach_number_t* number);
// Fails unless it can be converted to |dtype|.
PT2_MUST_USE pt2_status_t
pt2__foreach_check_number(const pt2__foreach_number_t* number, int32_t dtype);

// The dtype in which |dtype| is computed, if it is real: f32, f64 or, for
// integers of all widths and bool, i64. PT2_DTYPE_UNDEFINED for 8-bit floats,
// unsigned integers above 8 bits and complex numbers.
int32_t pt2__foreach_real_dtype(int32_t dtype);

// What becomes of integers and bool.
typedef enum {
  PT2__FOREACH_TO_FLOAT,
  PT2__FOREACH_KEEP,  // as they are; bool is refused
  PT2__FOREACH_REFUSE,
} pt2__foreach_integers_t;

typedef struct {
  const char* name;                       // "exp", for messages
  pt2__elementwise_loop_fn narrow, wide;  // f32, f64
  pt2__float_function_t function;         // whose loop is faster, if there is
  pt2__foreach_integers_t integers;
  // NULL: complex tensors are refused.
  const pt2__complex_loops_t* (*complex_loops)(void);
} pt2__foreach_unary_t;

// (Tensor[] self) -> Tensor[]
PT2_MUST_USE pt2_status_t pt2__foreach_unary(const pt2__boxed_t* boxed,
                                             const pt2__foreach_unary_t* unary,
                                             pt2_tensor_t** results);

#define PT2_FOREACH_LOOP(name, type, expression)                            \
  static void name(const void* context, char* const* data,                  \
                   const int64_t* strides, int64_t count) {                 \
    (void)context;                                                          \
    for (int64_t i = 0; i < count; ++i) {                                   \
      const type x = *(const type*)(const void*)(data[1] + i * strides[1]); \
      *(type*)(void*)(data[0] + i * strides[0]) = (expression);             \
    }                                                                       \
  }

// Defines the operator aten::_foreach_|name|; |in_float| and |in_double| are
// expressions of x, for where there are no vectors of |function|.
#define PT2_FOREACH_UNARY_OF(name, function, integers, complex_loops,      \
                             in_float, in_double)                          \
  PT2_FOREACH_LOOP(name##_f32, float, in_float)                            \
  PT2_FOREACH_LOOP(name##_f64, double, in_double)                          \
  static pt2_status_t foreach_##name(const pt2__boxed_t* boxed,            \
                                     pt2_tensor_t** results) {             \
    static const pt2__foreach_unary_t unary = {                            \
        #name, name##_f32, name##_f64, function, integers, complex_loops}; \
    return pt2__foreach_unary(boxed, &unary, results);                     \
  }                                                                        \
  PT2_BOXED_OVERLOAD(_foreach_##name, "aten::_foreach_" #name,             \
                     PT2__BOXED_LIST, foreach_##name)

// Of real tensors.
#define PT2_FOREACH_UNARY(name, integers, in_float, in_double)            \
  PT2_FOREACH_UNARY_OF(name, PT2__FLOAT_##name, integers, NULL, in_float, \
                       in_double)
// Of real and complex tensors.
#define PT2_FOREACH_COMPLEX_UNARY_OF(name, function, in_float, in_double) \
  PT2_COMPLEX_LOOPS_OF(name);                                             \
  PT2_FOREACH_UNARY_OF(name, function, PT2__FOREACH_TO_FLOAT,             \
                       pt2__complex_loops_of_##name, in_float, in_double)
#define PT2_FOREACH_COMPLEX_UNARY(name, in_float, in_double) \
  PT2_FOREACH_COMPLEX_UNARY_OF(name, PT2__FLOAT_##name, in_float, in_double)

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_ELEMENTWISE_FOREACH_H_
