// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/kernels/matmul/gemm_matmul.h"

#include "backends/cpu/kernels/matmul/gemm.h"

static pt2__gemm_operand_t operand(const pt2__matmul_operand_t* from) {
  return (pt2__gemm_operand_t){from->tensor != NULL ? from->tensor->data : NULL,
                               from->bs, from->rs, from->cs};
}

// True if results would overwrite what is still to be read. Each element of
// self is read before its own result is written, so self may be out.
static bool must_not_write_yet(const pt2__matmul_t* m) {
  if (pt2__matmul_memory_meets(m->out, m->a.tensor) ||
      pt2__matmul_memory_meets(m->out, m->b.tensor)) {
    return true;
  }
  const pt2_tensor_t* self = m->self.tensor;
  if (self == NULL || !pt2__matmul_memory_meets(m->out, self)) {
    return false;
  }
  return self->data != m->out->data || m->self.bs != m->out_bs ||
         m->self.rs != m->out_rs || m->self.cs != m->out_cs;
}

static pt2_status_t run(const pt2__matmul_t* m) {
  pt2__gemm_t gemm = {.dtype = m->out->dtype,
                      .batch = m->batch,
                      .m = m->m,
                      .n = m->n,
                      .k = m->k,
                      .alpha = m->alpha,
                      .beta = m->beta,
                      .a = operand(&m->a),
                      .b = operand(&m->b),
                      .source = operand(&m->self),
                      .c = m->out->data,
                      .c_bs = m->out_bs,
                      .c_rs = m->out_rs,
                      .c_cs = m->out_cs};
  if (m->b.tensor->rank == 2) {
    gemm.panels = pt2__gemm_pack(m->b.tensor, false, m->m);
  }
  return pt2__gemm(&gemm);
}

pt2_status_t pt2__gemm_matmul(const pt2__matmul_t* matmul) {
  if (matmul->out->numel == 0) {
    return PT2_STATUS_OK;
  }
  if (!must_not_write_yet(matmul)) {
    return run(matmul);
  }
  pt2_tensor_t* result;
  PT2_TRY(pt2__tensor_empty(matmul->out->dtype, matmul->out->rank,
                            matmul->out->sizes, NULL, &result));
  pt2__matmul_t apart = *matmul;
  apart.out = result;
  apart.out_cs = 1;
  apart.out_rs = matmul->n;
  apart.out_bs = matmul->m * matmul->n;
  pt2_status_t status = run(&apart);
  if (status == PT2_STATUS_OK) {
    status = pt2__tensor_copy(matmul->out, result);
  }
  pt2__tensor_release(result);
  return status;
}
