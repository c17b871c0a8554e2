// SPDX-License-Identifier: Apache-2.0
//
// aten::addbmm.
#include "backends/cpu/kernels/matmul/gemm.h"
#include "ops/boxed.h"
#include "ops/matmul.h"

// |matmul| without its batch: one of the products that are added up.
static pt2__gemm_t product(const pt2__matmul_t* m) {
  return (pt2__gemm_t){
      .dtype = m->out->dtype,
      .batch = 1,
      .m = m->m,
      .n = m->n,
      .k = m->k,
      .alpha = m->alpha,
      .beta = m->beta,
      .a = {m->a.tensor->data, 0, m->a.rs, m->a.cs},
      .b = {m->b.tensor->data, 0, m->b.rs, m->b.cs},
      .source = {m->self.tensor == NULL ? NULL : m->self.tensor->data, 0,
                 m->self.rs, m->self.cs},
      .c = m->out->data,
      .c_rs = m->out_rs,
      .c_cs = m->out_cs};
}

// One product after the other, each rounded to the dtype, as torch does it.
static pt2_status_t run(const pt2__matmul_t* m) {
  int64_t bytes = (int64_t)pt2_dtype_size_bytes(m->out->dtype);
  pt2__gemm_t gemm = product(m);
  if (m->out->numel == 0) {
    return PT2_STATUS_OK;
  }
  if (m->batch == 0) {
    // beta * self is what remains.
    gemm.k = 0;
    return pt2__gemm(&gemm);
  }
  for (int64_t i = 0; i < m->batch; ++i) {
    if (m->k > 0) {
      gemm.a.data = (const char*)m->a.tensor->data + i * m->a.bs * bytes;
      gemm.b.data = (const char*)m->b.tensor->data + i * m->b.bs * bytes;
    }
    PT2_TRY(pt2__gemm(&gemm));
    gemm.source = (pt2__gemm_operand_t){m->out->data, 0, m->out_rs, m->out_cs};
    gemm.beta = 1;
  }
  return PT2_STATUS_OK;
}

static pt2_status_t addbmm(const pt2_tensor_t* self, const pt2_tensor_t* batch1,
                           const pt2_tensor_t* batch2, double beta,
                           double alpha, pt2_tensor_t** ret0) {
  pt2__matmul_t matmul;
  pt2_tensor_t* result;
  PT2_TRY(pt2__matmul_new_addbmm(self, batch1, batch2, beta, alpha,
                                 pt2__gemm_dtype_supported, &matmul, &result));
  pt2_status_t status = run(&matmul);
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(result);
    return status;
  }
  *ret0 = result;
  return PT2_STATUS_OK;
}

AOTITorchError aoti_torch_cpu_addbmm(AtenTensorHandle self,
                                     AtenTensorHandle batch1,
                                     AtenTensorHandle batch2, double beta,
                                     double alpha, AtenTensorHandle* ret0) {
  PT2_OP_RETURN("aten::addbmm",
                addbmm(self, batch1, batch2, beta, alpha, ret0));
}

// By name, which models do for numbers that are no floats.
static pt2_status_t by_name(const pt2__boxed_t* boxed,
                            pt2_tensor_t** out_result) {
  pt2_tensor_t *self, *batch1, *batch2;
  double beta = 1, alpha = 1;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &self));
  PT2_TRY(pt2__boxed_tensor(boxed, 1, "batch1", &batch1));
  PT2_TRY(pt2__boxed_tensor(boxed, 2, "batch2", &batch2));
  PT2_TRY(pt2__boxed_number(boxed, 3, "beta", &beta, NULL));
  PT2_TRY(pt2__boxed_number(boxed, 4, "alpha", &alpha, NULL));
  return addbmm(self, batch1, batch2, beta, alpha, out_result);
}

PT2_BOXED_OP(addbmm, 1, by_name)
