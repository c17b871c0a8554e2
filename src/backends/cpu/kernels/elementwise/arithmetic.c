// SPDX-License-Identifier: Apache-2.0
#define ARITHMETIC_LOOP pt2__arithmetic_loop_generic
#include "backends/cpu/kernels/elementwise/arithmetic.inc"

#include "backends/cpu/cpu_features.h"

static pt2__elementwise_loop_fn loop_of(pt2__arithmetic_t function,
                                        int32_t dtype) {
#if defined(__x86_64__)
  if (pt2__cpu_level() >= PT2__CPU_AVX2) {
    return pt2__arithmetic_loop_avx2(function, dtype);
  }
#endif
  return pt2__arithmetic_loop_generic(function, dtype);
}

bool pt2__arithmetic_kernel(pt2__arithmetic_t function, int32_t dtype,
                            pt2__elementwise_kernel_t* kernel) {
  kernel->loop = loop_of(function, dtype);
  if (kernel->loop == NULL) {
    dtype = pt2__elementwise_compute_dtype(dtype);
    kernel->loop = loop_of(function, dtype);
  }
  kernel->input_dtype = dtype;
  kernel->result_dtype =
      function == PT2__ARITHMETIC_ABS ? pt2__dtype_real(dtype) : dtype;
  return kernel->loop != NULL;
}
