// SPDX-License-Identifier: Apache-2.0
//
// Matrix products on the CPU: C = finish(alpha * A @ B + beta * source), over
// any strides, one matrix or a batch.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_MATMUL_GEMM_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_MATMUL_GEMM_H_

#include <stdbool.h>
#include <stdint.h>

#include "backends/cpu/kernels/matmul/gemm_kernel.h"
#include "tensor/tensor.h"

// Matrices of one product; strides in elements: from batch to batch, row to
// row, column to column.
typedef struct {
  const void* data;
  int64_t bs, rs, cs;
} pt2__gemm_operand_t;

// Changes |count| results in place before they are rounded to C's dtype: float
// for all dtypes but PT2_DTYPE_F64 (double). They are the elements from
// (batch, row, column) on along the row. Any thread, each element once.
typedef void (*pt2__gemm_finish_fn)(void* context, void* values, int64_t count,
                                    int64_t batch, int64_t row, int64_t column);

typedef struct {
  int32_t dtype;  // of all four: a PT2_DTYPE_* for which
                  // pt2__gemm_dtype_supported holds; B in panels may have 16
                  // bits where the others are float
  int64_t batch, m, n, k;
  double alpha, beta;
  pt2__gemm_operand_t a;       // m x k
  pt2__gemm_operand_t b;       // k x n
  pt2__gemm_operand_t source;  // m x n; data NULL: none, beta is ignored
  void* c;                     // m x n, overlaps no operand but an equal source
  int64_t c_bs, c_rs, c_cs;
  // B in panels (pt2__gemm_pack, pt2__gemm_panels_new), the same for the whole
  // batch; or NULL.
  const struct pt2__gemm_panels_t* panels;
  pt2__gemm_finish_fn finish;  // floating point only; may be NULL
  void* finish_context;
} pt2__gemm_t;

// Floating point of 16 to 64 bits; integers of up to 64 bits without bool;
// complex of 64 and 128.
bool pt2__gemm_dtype_supported(int32_t dtype);

// Computes the product. Sums are taken in float for the 16-bit types, in the
// dtype itself otherwise; their order does not depend on the number of threads.
//
// Errors: OUT_OF_MEMORY  C is untouched, but for a batch of complex matrices
PT2_MUST_USE pt2_status_t pt2__gemm(const pt2__gemm_t* gemm);

// A constant B, packed once: |tensor| is a matrix, [n, k] if |transposed|
// (B is its transpose) and [k, n] if not. NULL without a record where packing
// is not allowed (the tensor may change), does not pay for |m| rows, or
// memory is short. Kept in the tensor's storage. Threads: any.
const struct pt2__gemm_panels_t* pt2__gemm_pack(const pt2_tensor_t* tensor,
                                                bool transposed, int64_t m);

// A B packed for its caller, who releases it, whatever its size: |tensor| is a
// matrix of a floating-point dtype with kernels, and not needed afterwards.
//
// Errors: OUT_OF_MEMORY
PT2_MUST_USE pt2_status_t
pt2__gemm_panels_new(const pt2_tensor_t* tensor, bool transposed,
                     struct pt2__gemm_panels_t** out_panels);
// |panels| may be NULL.
void pt2__gemm_panels_release(struct pt2__gemm_panels_t* panels);

// Which kernels are used: those of |level| if this CPU has them, for tests.
const pt2__gemm_variant_t* pt2__gemm_variant(void);
void pt2__gemm_variant_override(const pt2__gemm_variant_t* variant);

// The product for integers and for small complex matrices, in plain loops; by
// pt2__gemm.
void pt2__gemm_generic(const pt2__gemm_t* gemm);

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_MATMUL_GEMM_H_
