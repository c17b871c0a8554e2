// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/kernels/elementwise/float_functions.h"

#include "backends/cpu/cpu_features.h"

static pt2__elementwise_loop_fn loop_of(pt2__float_function_t function,
                                        int32_t dtype) {
#if defined(__x86_64__)
  const bool has_avx512 = pt2__cpu_level() >= PT2__CPU_AVX512;
  if (pt2__cpu_level() < PT2__CPU_AVX2) {
    return NULL;
  }
  switch (dtype) {
    case PT2_DTYPE_F32:
      return (has_avx512 ? pt2__float_loops_avx512
                         : pt2__float_loops_avx2)[function];
    case PT2_DTYPE_F64:
      return (has_avx512 ? pt2__double_loops_avx512
                         : pt2__double_loops_avx2)[function];
    case PT2_DTYPE_BF16:
      return (has_avx512 ? pt2__bf16_loops_avx512
                         : pt2__bf16_loops_avx2)[function];
    default:
      return NULL;
  }
#else
  (void)function;
  (void)dtype;
  return NULL;
#endif
}

bool pt2__float_kernel(pt2__float_function_t function, int32_t dtype,
                       pt2__elementwise_kernel_t* kernel) {
  kernel->loop = loop_of(function, dtype);
  if (kernel->loop == NULL) {
    dtype = pt2__elementwise_compute_dtype(dtype);
    kernel->loop = loop_of(function, dtype);
  }
  kernel->input_dtype = kernel->result_dtype = dtype;
  return kernel->loop != NULL;
}
