// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/kernels/float_functions.h"

#include "backends/cpu/cpu_features.h"

pt2__elementwise_loop_fn pt2__float_loop(pt2__float_function_t function,
                                         bool wide) {
#if defined(__x86_64__)
  if (pt2__cpu_level() >= PT2__CPU_AVX512) {
    return wide ? pt2__double_loops_avx512[function]
                : pt2__float_loops_avx512[function];
  }
  if (pt2__cpu_level() >= PT2__CPU_AVX2) {
    return wide ? pt2__double_loops_avx2[function]
                : pt2__float_loops_avx2[function];
  }
#else
  (void)function;
  (void)wide;
#endif
  return NULL;
}
