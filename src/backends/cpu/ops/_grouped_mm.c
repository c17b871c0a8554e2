// SPDX-License-Identifier: Apache-2.0
//
// aten::_grouped_mm.
#include <string.h>

#include "backends/cpu/kernels/matmul/gemm.h"
#include "ops/grouped_mm.h"

// |tensor|'s element |at|; NULL where nothing will be read.
static char* element(const pt2_tensor_t* tensor, int64_t at, bool used) {
  return used ? (char*)tensor->data +
                    at * (int64_t)pt2_dtype_size_bytes(tensor->dtype)
              : NULL;
}

static pt2_status_t run_group(const pt2__grouped_mm_t* mm, int64_t group,
                              pt2_tensor_t* out) {
  pt2__grouped_mm_product_t p = pt2__grouped_mm_product(mm, group);
  if (p.m == 0 || p.n == 0) {
    return PT2_STATUS_OK;
  }
  const int64_t* a = mm->a->strides + (mm->a->rank - 2);
  const int64_t* b = mm->b->strides + (mm->b->rank - 2);
  const int64_t* c = mm->out_strides + (mm->out_rank - 2);
  pt2__gemm_t gemm = {.dtype = out->dtype,
                      .batch = 1,
                      .m = p.m,
                      .n = p.n,
                      .k = p.k,
                      .alpha = 1,
                      .a = {element(mm->a, p.a_at, p.k > 0), 0, a[0], a[1]},
                      .b = {element(mm->b, p.b_at, p.k > 0), 0, b[0], b[1]},
                      .c = element(out, p.out_at, true),
                      .c_rs = c[0],
                      .c_cs = c[1]};
  return pt2__gemm(&gemm);
}

// All products at once, where nothing is sliced.
static pt2_status_t run_batch(const pt2__grouped_mm_t* mm, pt2_tensor_t* out) {
  const int64_t* a = mm->a->strides;
  const int64_t* b = mm->b->strides;
  pt2__gemm_t gemm = {.dtype = out->dtype,
                      .batch = mm->groups,
                      .m = mm->out_sizes[1],
                      .n = mm->out_sizes[2],
                      .k = mm->a->sizes[2],
                      .alpha = 1,
                      .a = {mm->a->data, a[0], a[1], a[2]},
                      .b = {mm->b->data, b[0], b[1], b[2]},
                      .c = out->data,
                      .c_bs = mm->out_strides[0],
                      .c_rs = mm->out_strides[1],
                      .c_cs = mm->out_strides[2]};
  return pt2__gemm(&gemm);
}

static pt2_status_t run(const pt2__grouped_mm_t* mm, pt2_tensor_t* out) {
  if (out->numel == 0) {
    return PT2_STATUS_OK;
  }
  if (mm->offsets == NULL) {
    return run_batch(mm, out);
  }
  if (!pt2__grouped_mm_fills(mm)) {
    // torch leaves these elements as they come; nobody else's data here.
    memset(out->data, 0, out->storage->bytes);
  }
  for (int64_t group = 0; group < mm->groups; ++group) {
    PT2_TRY(run_group(mm, group, out));
  }
  return PT2_STATUS_OK;
}

static pt2_status_t grouped_mm(const pt2_tensor_t* self,
                               const pt2_tensor_t* mat2,
                               AtenTensorHandle* offsets,
                               AtenTensorHandle* bias, const int32_t* out_dtype,
                               pt2_tensor_t** ret0) {
  pt2__grouped_mm_t mm;
  PT2_TRY(pt2__grouped_mm_check(self, mat2, offsets == NULL ? NULL : *offsets,
                                bias == NULL ? NULL : *bias, out_dtype, &mm));
  pt2_tensor_t* result;
  PT2_TRY(pt2__tensor_empty(self->dtype, mm.out_rank, mm.out_sizes,
                            mm.out_strides, &result));
  pt2_status_t status = run(&mm, result);
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(result);
    return status;
  }
  *ret0 = result;
  return PT2_STATUS_OK;
}

AOTITorchError aoti_torch_cpu__grouped_mm(
    AtenTensorHandle self, AtenTensorHandle mat2, AtenTensorHandle* offs,
    AtenTensorHandle* bias, int32_t* out_dtype, AtenTensorHandle* ret0) {
  PT2_OP_RETURN("aten::_grouped_mm",
                grouped_mm(self, mat2, offs, bias, out_dtype, ret0));
}
