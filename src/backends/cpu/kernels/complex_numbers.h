// SPDX-License-Identifier: Apache-2.0
//
// Operators on complex tensors that models call by name: those that PyTorch
// compiles for real ones, and leaves to the library for complex ones.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_COMPLEX_NUMBERS_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_COMPLEX_NUMBERS_H_

#include <complex.h>

#include "backends/cpu/kernels/elementwise.h"
#include "ops/boxed.h"

// Fails unless |dtype| is complex64 or complex128.
PT2_MUST_USE pt2_status_t pt2__complex_check(int32_t dtype);

// Loops over complex64 and complex128.
typedef struct {
  pt2__elementwise_loop_fn narrow, wide;
  int work;  // see pt2__elementwise_kernel_t
} pt2__complex_loops_t;

// The operator of (Tensor self). Fails for tensors of other dtypes.
PT2_MUST_USE pt2_status_t pt2__complex_unary(const pt2__boxed_t* boxed,
                                             const pt2__complex_loops_t* loops,
                                             pt2_tensor_t** out_result);
// The operator of the tensors |a| and |b|, one of them complex. The result is
// complex, or bool if |compares|. |context| is for the loops.
PT2_MUST_USE pt2_status_t pt2__complex_binary(const pt2_tensor_t* a,
                                              const pt2_tensor_t* b,
                                              bool compares,
                                              const pt2__complex_loops_t* loops,
                                              const void* context,
                                              pt2_tensor_t** out_result);

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

// Defines loops and operator aten::|name|; |narrow| and |wide| are expressions
// of z.
#define PT2_COMPLEX_UNARY(name, narrow, wide, cost)                            \
  static void name##_c64(const void* context, char* const* data,               \
                         const int64_t* strides, int64_t count) {              \
    (void)context;                                                             \
    for (int64_t i = 0; i < count; ++i) {                                      \
      const float _Complex z =                                                 \
          *(const float _Complex*)(const void*)(data[1] + i * strides[1]);     \
      *(float _Complex*)(void*)(data[0] + i * strides[0]) = (narrow);          \
    }                                                                          \
  }                                                                            \
  static void name##_c128(const void* context, char* const* data,              \
                          const int64_t* strides, int64_t count) {             \
    (void)context;                                                             \
    for (int64_t i = 0; i < count; ++i) {                                      \
      const double _Complex z =                                                \
          *(const double _Complex*)(const void*)(data[1] + i * strides[1]);    \
      *(double _Complex*)(void*)(data[0] + i * strides[0]) = (wide);           \
    }                                                                          \
  }                                                                            \
  static pt2_status_t name##_of(const pt2__boxed_t* boxed,                     \
                                pt2_tensor_t** out_result) {                   \
    static const pt2__complex_loops_t loops = {name##_c64, name##_c128, cost}; \
    return pt2__complex_unary(boxed, &loops, out_result);                      \
  }                                                                            \
  PT2_BOXED_OP(name, 1, name##_of)

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_COMPLEX_NUMBERS_H_
