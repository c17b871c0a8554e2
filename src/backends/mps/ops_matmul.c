// SPDX-License-Identifier: Apache-2.0
//
// mm, bmm, addmm and baddbmm. What the kernel does not do (other dtypes,
// nothing to compute, wrong shapes) is the cpu's, and so are its complaints.
#include "backends/mps/mps.h"

#define TILE 16

// The kernel's struct of the same name (kernels/matmul.metal).
typedef struct {
  int32_t m, n, k;
  int32_t use_c;
  int64_t a_row, a_column, a_batch;
  int64_t b_row, b_column, b_batch;
  int64_t c_row, c_column, c_batch;
  int64_t d_row, d_column, d_batch;
  float alpha, beta;
} matmul_t;

typedef struct {
  AtenTensorHandle d, a, b, c;  // c: NULL if there is none
  double alpha, beta;
} call_t;

// The stride of dimension |from_end| (1: the last) of |view| broadcast to
// |size|; false if it does not fit.
static bool broadcast_stride(const pt2__mps_view_t* view, int64_t from_end,
                             int64_t size, int64_t* out_stride) {
  *out_stride = 0;
  if (from_end > view->rank || view->sizes[view->rank - from_end] == 1) {
    return true;
  }
  *out_stride = view->strides[view->rank - from_end];
  return view->sizes[view->rank - from_end] == size;
}

// Fills in sizes and strides; false if the kernel cannot do it.
static bool describe(const call_t* call, matmul_t* out, int64_t* out_batch) {
  pt2__mps_view_t d, a, b;
  if (!pt2__mps_view(call->d, &d) || !pt2__mps_view(call->a, &a) ||
      !pt2__mps_view(call->b, &b)) {
    return false;
  }
  int64_t r = d.rank - 2;  // dimensions of the batch
  if (r < 0 || r > 1 || a.rank != d.rank || b.rank != d.rank ||
      a.dtype != d.dtype || b.dtype != d.dtype ||
      pt2__mps_float_name(d.dtype) == NULL) {
    return false;
  }
  int64_t m = a.sizes[r], k = a.sizes[r + 1], n = b.sizes[r + 1];
  *out_batch = r == 1 ? a.sizes[0] : 1;
  bool fits =
      b.sizes[r] == k && d.sizes[r] == m && d.sizes[r + 1] == n &&
      (r == 0 || (b.sizes[0] == *out_batch && d.sizes[0] == *out_batch));
  if (!fits || d.numel == 0 || k == 0 || m > INT32_MAX - TILE ||
      n > INT32_MAX - TILE || k > INT32_MAX - TILE) {
    return false;
  }
  *out = (matmul_t){.m = (int32_t)m,
                    .n = (int32_t)n,
                    .k = (int32_t)k,
                    .a_row = a.strides[r],
                    .a_column = a.strides[r + 1],
                    .a_batch = r == 1 ? a.strides[0] : 0,
                    .b_row = b.strides[r],
                    .b_column = b.strides[r + 1],
                    .b_batch = r == 1 ? b.strides[0] : 0,
                    .d_row = d.strides[r],
                    .d_column = d.strides[r + 1],
                    .d_batch = r == 1 ? d.strides[0] : 0,
                    .alpha = (float)call->alpha,
                    .beta = (float)call->beta};
  // As in PyTorch, what a beta of 0 hides is not read.
  if (call->c == NULL || call->beta == 0) {
    return true;
  }
  pt2__mps_view_t c;
  out->use_c = 1;
  return pt2__mps_view(call->c, &c) && c.dtype == d.dtype && c.rank <= d.rank &&
         broadcast_stride(&c, 1, n, &out->c_column) &&
         broadcast_stride(&c, 2, m, &out->c_row) &&
         broadcast_stride(&c, 3, *out_batch, &out->c_batch);
}

static pt2_status_t encode(const call_t* call, const matmul_t* sizes,
                           int64_t batch, pt2__mps_kernel_t* kernel) {
  PT2__MPS_TRY(pt2__mps_encode_begin(kernel));
  PT2__MPS_TRY(pt2__mps_encode_tensor(0, call->d));
  PT2__MPS_TRY(pt2__mps_encode_tensor(1, call->a));
  PT2__MPS_TRY(pt2__mps_encode_tensor(2, call->b));
  PT2__MPS_TRY(
      pt2__mps_encode_tensor(3, sizes->use_c != 0 ? call->c : call->a));
  PT2__MPS_TRY(pt2__mps_encode_bytes(4, sizes, sizeof(*sizes)));
  uint64_t threads[3] = {(uint64_t)(sizes->n + TILE - 1) / TILE * TILE,
                         (uint64_t)(sizes->m + TILE - 1) / TILE * TILE,
                         (uint64_t)batch};
  uint64_t group[3] = {TILE, TILE, 1};
  return pt2__mps_encode_dispatch(kernel, threads, 3, group, 3);
}

// False (nothing was done) if the kernel cannot do it.
static bool matmul(const call_t* call, pt2_status_t* out_status) {
  matmul_t sizes;
  int64_t batch;
  if (!describe(call, &sizes, &batch)) {
    return false;
  }
  pt2__mps_view_t d;
  pt2__mps_view(call->d, &d);
  pt2__mps_kernel_t* kernel = NULL;
  *out_status =
      pt2__mps_own_kernel(pt2__mps_matmul_source, d.dtype, "matmul", &kernel);
  if (*out_status == PT2_STATUS_OK) {
    pt2__mps_lock();
    *out_status = encode(call, &sizes, batch, kernel);
    pt2__mps_unlock();
  }
  return true;
}

AOTITorchError aoti_torch_mps_mm_out(AtenTensorHandle out,
                                     AtenTensorHandle self,
                                     AtenTensorHandle mat2) {
  call_t call = {.d = out, .a = self, .b = mat2, .alpha = 1};
  pt2_status_t status;
  if (!matmul(&call, &status)) {
    return pt2__mps_host.cpu_mm_out(out, self, mat2);
  }
  PT2__MPS_RETURN(status);
}

AOTITorchError aoti_torch_mps_bmm_out(AtenTensorHandle out,
                                      AtenTensorHandle self,
                                      AtenTensorHandle mat2) {
  call_t call = {.d = out, .a = self, .b = mat2, .alpha = 1};
  pt2_status_t status;
  if (!matmul(&call, &status)) {
    return pt2__mps_host.cpu_bmm_out(out, self, mat2);
  }
  PT2__MPS_RETURN(status);
}

AOTITorchError aoti_torch_mps_addmm_out(AtenTensorHandle out,
                                        AtenTensorHandle self,
                                        AtenTensorHandle mat1,
                                        AtenTensorHandle mat2, double beta,
                                        double alpha) {
  call_t call = {.d = out, .a = mat1, .b = mat2, .c = self, alpha, beta};
  pt2_status_t status;
  if (!matmul(&call, &status)) {
    return pt2__mps_host.cpu_addmm_out(out, self, mat1, mat2, beta, alpha);
  }
  PT2__MPS_RETURN(status);
}

AOTITorchError aoti_torch_mps_baddbmm_out(AtenTensorHandle out,
                                          AtenTensorHandle self,
                                          AtenTensorHandle batch1,
                                          AtenTensorHandle batch2, double beta,
                                          double alpha) {
  call_t call = {.d = out, .a = batch1, .b = batch2, .c = self, alpha, beta};
  pt2_status_t status;
  if (!matmul(&call, &status)) {
    return pt2__mps_host.cpu_baddbmm_out(out, self, batch1, batch2, beta,
                                         alpha);
  }
  PT2__MPS_RETURN(status);
}
