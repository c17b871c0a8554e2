// SPDX-License-Identifier: Apache-2.0
//
// Operators on complex tensors that models call by name: those that PyTorch
// compiles for real ones, and leaves to the library for complex ones.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_COMPLEX_COMPLEX_NUMBERS_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_COMPLEX_COMPLEX_NUMBERS_H_

#include <complex.h>

#include "backends/cpu/kernels/elementwise/elementwise.h"
#include "base/complex_parts.h"
#include "ops/boxed.h"

// Fails unless |dtype| is complex64 or complex128, or complex32 if |halves|.
PT2_MUST_USE pt2_status_t pt2__complex_check(int32_t dtype, bool halves);

// Loops over complex64 and complex128.
typedef struct {
  pt2__elementwise_loop_fn narrow, wide;
  int work;     // see pt2__elementwise_kernel_t
  bool halves;  // PyTorch has the operator for complex32, too: in complex64
} pt2__complex_loops_t;

// The operator of (Tensor self). Fails for tensors of other dtypes.
PT2_MUST_USE pt2_status_t pt2__complex_unary(const pt2__boxed_t* boxed,
                                             const pt2__complex_loops_t* loops,
                                             pt2_tensor_t** out_result);
// The same of |self|.
PT2_MUST_USE pt2_status_t pt2__complex_unary_of(
    const pt2_tensor_t* self, const pt2__complex_loops_t* loops,
    pt2_tensor_t** out_result);
// The same with a bool result.
PT2_MUST_USE pt2_status_t pt2__complex_predicate(
    const pt2__boxed_t* boxed, const pt2__complex_loops_t* loops,
    pt2_tensor_t** out_result);
// The operator of the tensors |a| and |b|, one of them complex. The result is
// complex, or bool if |compares|. |context| is for the loops.
PT2_MUST_USE pt2_status_t pt2__complex_binary(const pt2_tensor_t* a,
                                              const pt2_tensor_t* b,
                                              bool compares,
                                              const pt2__complex_loops_t* loops,
                                              const void* context,
                                              pt2_tensor_t** out_result);

// The operator of (Tensor self, Tensor other) with a bool result, and of
// (Tensor self, Scalar |name|) with a complex one, or bool if |compares|.
PT2_MUST_USE pt2_status_t pt2__complex_comparison(
    const pt2__boxed_t* boxed, const pt2__complex_loops_t* loops,
    pt2_tensor_t** out_result);
PT2_MUST_USE pt2_status_t pt2__complex_with_scalar(
    const pt2__boxed_t* boxed, const char* name, bool compares,
    const pt2__complex_loops_t* loops, pt2_tensor_t** out_result);
// The operator of (Tensor self, Tensor tensor1, Tensor tensor2, *, Scalar
// value); the number's two parts are the loops' context.
PT2_MUST_USE pt2_status_t pt2__complex_ternary(
    const pt2__boxed_t* boxed, const pt2__complex_loops_t* loops,
    pt2_tensor_t** out_result);
// A plain number as a 0-d tensor, and as which it counts in |promotion|.
PT2_MUST_USE pt2_status_t pt2__complex_number(const pt2__boxed_t* boxed,
                                              size_t at, const char* name,
                                              pt2__promotion_t* promotion,
                                              pt2_tensor_t** out_tensor);

typedef enum {
  PT2__COMPLEX_SUM,
  PT2__COMPLEX_MEAN,
  PT2__COMPLEX_PROD,
} pt2__complex_reduction_t;

// Reduces |self| over |dims|, all of them if there are none. |dtype| is the
// result's, complex64 or complex128.
PT2_MUST_USE pt2_status_t pt2__complex_reduce(
    const pt2_tensor_t* self, const int64_t* dims, int64_t count, bool keep,
    pt2__complex_reduction_t reduction, int32_t dtype,
    pt2_tensor_t** out_result);

// The operators of (Tensor self, *, ScalarType? dtype) and of (Tensor self,
// int[1]? dim, bool keepdim, *, ScalarType? dtype).
PT2_MUST_USE pt2_status_t pt2__complex_reduce_all(
    const pt2__boxed_t* boxed, pt2__complex_reduction_t reduction,
    pt2_tensor_t** out_result);
PT2_MUST_USE pt2_status_t pt2__complex_reduce_dims(
    const pt2__boxed_t* boxed, pt2__complex_reduction_t reduction,
    pt2_tensor_t** out_result);

// The operator of (Tensor self, int[1]? dim, *, Scalar? correction, bool
// keepdim): real variances, and means unless |out_mean| is NULL.
PT2_MUST_USE pt2_status_t pt2__complex_variance(const pt2__boxed_t* boxed,
                                                pt2_tensor_t** out_variance,
                                                pt2_tensor_t** out_mean);
// Whether a number is not 0, over |dims|; |all| says whether none of them
// stands for all.
PT2_MUST_USE pt2_status_t pt2__complex_any(const pt2_tensor_t* self,
                                           const int64_t* dims, int64_t count,
                                           bool all, bool keep,
                                           pt2_tensor_t** out_result);

// A loop over one operand z or two, a and b, of |part| _Complex; |expression|
// of them is of the type |result|.
#define PT2_COMPLEX_LOOP(name, part, result, expression)                  \
  static void name(const void* context, char* const* data,                \
                   const int64_t* strides, int64_t count) {               \
    (void)context;                                                        \
    for (int64_t i = 0; i < count; ++i) {                                 \
      const part _Complex z =                                             \
          *(const part _Complex*)(const void*)(data[1] + i * strides[1]); \
      *(result*)(void*)(data[0] + i * strides[0]) = (expression);         \
    }                                                                     \
  }
#define PT2_COMPLEX_LOOP_OF_TWO(name, part, result, expression)           \
  static void name(const void* context, char* const* data,                \
                   const int64_t* strides, int64_t count) {               \
    (void)context;                                                        \
    for (int64_t i = 0; i < count; ++i) {                                 \
      const part _Complex a =                                             \
          *(const part _Complex*)(const void*)(data[1] + i * strides[1]); \
      const part _Complex b =                                             \
          *(const part _Complex*)(const void*)(data[2] + i * strides[2]); \
      *(result*)(void*)(data[0] + i * strides[0]) = (expression);         \
    }                                                                     \
  }

// The loops of the operator aten::|name| of one tensor, for lists of tensors.
#define PT2_COMPLEX_LOOPS_OF(name) \
  const pt2__complex_loops_t* pt2__complex_loops_of_##name(void)

// Defines loops and operator aten::|name|; |narrow| and |wide| are expressions
// of z.
#define PT2_COMPLEX_UNARY(name, narrow, wide, cost)                           \
  PT2_COMPLEX_LOOP(name##_c64, float, float _Complex, narrow)                 \
  PT2_COMPLEX_LOOP(name##_c128, double, double _Complex, wide)                \
  PT2_COMPLEX_LOOPS_OF(name);                                                 \
  PT2_COMPLEX_LOOPS_OF(name) {                                                \
    static const pt2__complex_loops_t loops = {name##_c64, name##_c128, cost, \
                                               false};                        \
    return &loops;                                                            \
  }                                                                           \
  static pt2_status_t name##_of(const pt2__boxed_t* boxed,                    \
                                pt2_tensor_t** out_result) {                  \
    return pt2__complex_unary(boxed, pt2__complex_loops_of_##name(),          \
                              out_result);                                    \
  }                                                                           \
  PT2_BOXED_OP(name, 1, name##_of)

// The same with a bool result, also of complex32; |test| is an expression of z.
#define PT2_COMPLEX_PREDICATE(name, test)                                  \
  PT2_COMPLEX_LOOP(name##_c64, float, bool, test)                          \
  PT2_COMPLEX_LOOP(name##_c128, double, bool, test)                        \
  static pt2_status_t name##_of(const pt2__boxed_t* boxed,                 \
                                pt2_tensor_t** out_result) {               \
    static const pt2__complex_loops_t loops = {name##_c64, name##_c128, 2, \
                                               true};                      \
    return pt2__complex_predicate(boxed, &loops, out_result);              \
  }                                                                        \
  PT2_BOXED_OP(name, 1, name##_of)

// The operator |qualified| of two tensors with a bool result; |test| is an
// expression of a and b.
#define PT2_COMPLEX_COMPARISON(name, qualified, halves, test)              \
  PT2_COMPLEX_LOOP_OF_TWO(name##_c64, float, bool, test)                   \
  PT2_COMPLEX_LOOP_OF_TWO(name##_c128, double, bool, test)                 \
  static pt2_status_t name##_of(const pt2__boxed_t* boxed,                 \
                                pt2_tensor_t** out_result) {               \
    static const pt2__complex_loops_t loops = {name##_c64, name##_c128, 3, \
                                               halves};                    \
    return pt2__complex_comparison(boxed, &loops, out_result);             \
  }                                                                        \
  PT2_BOXED_OVERLOAD(name, qualified, 1, name##_of)

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_COMPLEX_COMPLEX_NUMBERS_H_
