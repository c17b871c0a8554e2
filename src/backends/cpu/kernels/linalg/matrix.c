// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/kernels/linalg/matrix.h"

#include "backends/cpu/kernels/matmul/gemm.h"
#include "pt2/tensor.h"

pt2__matrix_t pt2__matrix_block(int32_t dtype, pt2__matrix_t a, int64_t row,
                                int64_t column) {
  a.data = (char*)a.data +
           (row * a.rs + column * a.cs) * (int64_t)pt2_dtype_size_bytes(dtype);
  return a;
}

pt2_status_t pt2__matrix_product(int32_t dtype, int64_t m, int64_t n, int64_t k,
                                 double alpha, pt2__matrix_t a, pt2__matrix_t b,
                                 double beta, pt2__matrix_t c) {
  if (m == 0 || n == 0 || k == 0) {
    return PT2_STATUS_OK;
  }
  const pt2__gemm_operand_t same = {beta == 0 ? NULL : c.data, 0, c.rs, c.cs};
  const pt2__gemm_t gemm = {.dtype = dtype,
                            .batch = 1,
                            .m = m,
                            .n = n,
                            .k = k,
                            .alpha = alpha,
                            .beta = beta,
                            .a = {a.data, 0, a.rs, a.cs},
                            .b = {b.data, 0, b.rs, b.cs},
                            .source = same,
                            .c = c.data,
                            .c_rs = c.rs,
                            .c_cs = c.cs};
  return pt2__gemm(&gemm);
}
