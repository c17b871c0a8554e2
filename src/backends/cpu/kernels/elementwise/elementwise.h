// SPDX-License-Identifier: Apache-2.0
//
// Runs a function of single elements over whole tensors: broadcasting,
// conversion of dtypes, threads.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_ELEMENTWISE_ELEMENTWISE_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_ELEMENTWISE_ELEMENTWISE_H_

#include "ops/elementwise.h"

// Computes |count| elements of data[0] from data[1], …; |strides| in bytes, 0
// for an input that is the same for all. The result may be an input itself,
// element for element.
typedef void (*pt2__elementwise_loop_fn)(const void* context, char* const* data,
                                         const int64_t* strides, int64_t count);

typedef struct {
  pt2__elementwise_loop_fn loop;
  const void* context;
  // What the loop reads and writes. Operands of other dtypes are converted
  // block by block, so that one loop of floats serves f16, bf16 … as well.
  int32_t input_dtype;
  int32_t result_dtype;
  // Element operations of one element, about: decides on the number of threads.
  int work;
} pt2__elementwise_kernel_t;

// Fills |result|, to whose sizes |inputs| must broadcast. They are promoted to
// |dtype| first, which is then what the kernel computes with, or is converted
// to the kernel's.
void pt2__elementwise_run(const pt2__elementwise_kernel_t* kernel,
                          const pt2_tensor_t* const* inputs, int count,
                          int32_t dtype, pt2_tensor_t* result);

// The same into a new tensor of |result_dtype|, laid out as torch does.
PT2_MUST_USE pt2_status_t pt2__elementwise_new(
    const pt2__elementwise_kernel_t* kernel, const pt2_tensor_t* const* inputs,
    int count, int32_t dtype, int32_t result_dtype, pt2_tensor_t** out_result);

// The dtype of the loop that serves |dtype|: f32 for the floats below it,
// complex64 for complex32, otherwise itself.
int32_t pt2__elementwise_compute_dtype(int32_t dtype);

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_ELEMENTWISE_ELEMENTWISE_H_
