// SPDX-License-Identifier: Apache-2.0
//
// mm, bmm, addmm and baddbmm. What the kernels do not do (other dtypes,
// nothing to compute, wrong shapes) is the cpu's, and so are its complaints.
#include "backends/mps/mps.h"

// What one threadgroup makes and the threads it has (kernels/*.metal).
#define TILE 16  // matmul: both ways, a thread each
#define SIMDGROUP_ROWS 32
#define SIMDGROUP_COLUMNS 64
#define SIMDGROUP_THREADS 128
#define ALONG_COUNT 16
#define ALONG_THREADS 128
#define ACROSS 32
#define ACROSS_SLICES 8

// Rows and columns of a matrix of a simdgroup: a product with fewer fills none.
#define MATRIX 8

// So that a grid has no more threads in a row than 32 bits count.
#define SIZE_MOST (INT32_MAX / 32)

// The struct of the same name of both kernels (matmul.metal,
// matmul_simdgroup.metal).
typedef struct {
  int32_t m, n, k;
  int32_t use_c;
  int64_t a_row, a_column, a_batch;
  int64_t b_row, b_column, b_batch;
  int64_t c_row, c_column, c_batch;
  int64_t d_row, d_column, d_batch;
  float alpha, beta;
} matmul_t;

// The kernels' struct of the same name (matvec.metal).
typedef struct {
  int32_t count, k, use_c;
  int64_t m_result, m_k, m_batch;
  int64_t v_k, v_batch;
  int64_t c_result, c_batch;
  int64_t d_result, d_batch;
  float alpha, beta;
} matvec_t;

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
static bool describe(const call_t* call, matmul_t* out, int64_t* out_batch,
                     int32_t* out_dtype) {
  pt2__mps_view_t d, a, b;
  if (!pt2__mps_view(call->d, &d) || !pt2__mps_view(call->a, &a) ||
      !pt2__mps_view(call->b, &b)) {
    return false;
  }
  int64_t r = d.rank - 2;  // dimensions of the batch
  if (r < 0 || r > 1 || a.rank != d.rank || b.rank != d.rank ||
      a.dtype != d.dtype || b.dtype != d.dtype || !pt2__mps_is_float(d.dtype)) {
    return false;
  }
  int64_t m = a.sizes[r], k = a.sizes[r + 1], n = b.sizes[r + 1];
  *out_batch = r == 1 ? a.sizes[0] : 1;
  *out_dtype = d.dtype;
  bool fits =
      b.sizes[r] == k && d.sizes[r] == m && d.sizes[r + 1] == n &&
      (r == 0 || (b.sizes[0] == *out_batch && d.sizes[0] == *out_batch));
  if (!fits || d.numel == 0 || k == 0 || m > SIZE_MOST || n > SIZE_MOST ||
      k > SIZE_MOST) {
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

static pt2_status_t encode_operands(const call_t* call, int32_t use_c,
                                    AtenTensorHandle first,
                                    AtenTensorHandle second) {
  PT2__MPS_TRY(pt2__mps_encode_tensor(0, call->d));
  PT2__MPS_TRY(pt2__mps_encode_tensor(1, first));
  PT2__MPS_TRY(pt2__mps_encode_tensor(2, second));
  return pt2__mps_encode_tensor(3, use_c != 0 ? call->c : first);
}

// A threadgroup of |group| for each of |columns| x |rows| x |batch| tiles.
static pt2_status_t dispatch(const pt2__mps_kernel_t* kernel, int64_t columns,
                             int64_t rows, int64_t batch, uint64_t group_x,
                             uint64_t group_y) {
  uint64_t threads[3] = {(uint64_t)columns * group_x, (uint64_t)rows * group_y,
                         (uint64_t)batch};
  uint64_t group[3] = {group_x, group_y, 1};
  return pt2__mps_encode_dispatch(kernel, threads, 3, group, 3);
}

static pt2_status_t encode_matmul(const call_t* call, const matmul_t* s,
                                  int64_t batch, bool by_simdgroup,
                                  pt2__mps_kernel_t* kernel) {
  PT2__MPS_TRY(pt2__mps_encode_begin(kernel));
  PT2__MPS_TRY(encode_operands(call, s->use_c, call->a, call->b));
  PT2__MPS_TRY(pt2__mps_encode_bytes(4, s, sizeof(*s)));
  return by_simdgroup
             ? dispatch(kernel, pt2__mps_divide_up(s->n, SIMDGROUP_COLUMNS),
                        pt2__mps_divide_up(s->m, SIMDGROUP_ROWS), batch,
                        SIMDGROUP_THREADS, 1)
             : dispatch(kernel, pt2__mps_divide_up(s->n, TILE),
                        pt2__mps_divide_up(s->m, TILE), batch, TILE, TILE);
}

static pt2_status_t encode_matvec(const call_t* call, const matmul_t* s,
                                  int64_t batch, const matvec_t* v, bool along,
                                  pt2__mps_kernel_t* kernel) {
  PT2__MPS_TRY(pt2__mps_encode_begin(kernel));
  PT2__MPS_TRY(s->m == 1 ? encode_operands(call, s->use_c, call->b, call->a)
                         : encode_operands(call, s->use_c, call->a, call->b));
  PT2__MPS_TRY(pt2__mps_encode_bytes(4, v, sizeof(*v)));
  return along ? dispatch(kernel, pt2__mps_divide_up(v->count, ALONG_COUNT), 1,
                          batch, ALONG_THREADS, 1)
               : dispatch(kernel, pt2__mps_divide_up(v->count, ACROSS), 1,
                          batch, ACROSS, ACROSS_SLICES);
}

// One row or one column of |s|, seen from its vector.
static matvec_t as_matvec(const matmul_t* s) {
  matvec_t v = {.count = s->n,
                .k = s->k,
                .use_c = s->use_c,
                .m_result = s->b_column,
                .m_k = s->b_row,
                .m_batch = s->b_batch,
                .v_k = s->a_column,
                .v_batch = s->a_batch,
                .c_result = s->c_column,
                .c_batch = s->c_batch,
                .d_result = s->d_column,
                .d_batch = s->d_batch,
                .alpha = s->alpha,
                .beta = s->beta};
  if (s->m > 1) {
    v.count = s->m;
    v.m_result = s->a_row;
    v.m_k = s->a_column;
    v.m_batch = s->a_batch;
    v.v_k = s->b_row;
    v.v_batch = s->b_batch;
    v.c_result = s->c_row;
    v.d_result = s->d_row;
  }
  return v;
}

static pt2_status_t run_matvec(const call_t* call, const matmul_t* s,
                               int64_t batch, int32_t dtype) {
  matvec_t v = as_matvec(s);
  bool along = v.m_k <= v.m_result || v.count == 1;
  pt2__mps_kernel_t* kernel = NULL;
  PT2__MPS_TRY(pt2__mps_own_kernel(pt2__mps_matvec_source, dtype,
                                   along ? "matvec_along" : "matvec_across",
                                   &kernel));
  pt2__mps_lock();
  pt2_status_t status = encode_matvec(call, s, batch, &v, along, kernel);
  pt2__mps_unlock();
  return status;
}

static bool has_simdgroup_matrix(void) {
  pt2__mps_lock();
  bool has = pt2__metal_has_simdgroup_matrix();
  pt2__mps_unlock();
  return has;
}

// Which kernel, by shape: docs/adr/0018-mps.md.
static pt2_status_t run(const call_t* call, const matmul_t* s, int64_t batch,
                        int32_t dtype) {
  if (s->m == 1 || s->n == 1) {
    return run_matvec(call, s, batch, dtype);
  }
  bool by_simdgroup =
      s->m >= MATRIX && s->n >= MATRIX && has_simdgroup_matrix();
  pt2__mps_kernel_t* kernel = NULL;
  PT2__MPS_TRY(by_simdgroup
                   ? pt2__mps_own_kernel(pt2__mps_matmul_simdgroup_source,
                                         dtype, "matmul_simdgroup", &kernel)
                   : pt2__mps_own_kernel(pt2__mps_matmul_source, dtype,
                                         "matmul", &kernel));
  pt2__mps_lock();
  pt2_status_t status = encode_matmul(call, s, batch, by_simdgroup, kernel);
  pt2__mps_unlock();
  return status;
}

// False (nothing was done) if no kernel can do it.
static bool matmul(const call_t* call, pt2_status_t* out_status) {
  matmul_t sizes;
  int64_t batch;
  int32_t dtype;
  if (!describe(call, &sizes, &batch, &dtype)) {
    return false;
  }
  *out_status = run(call, &sizes, batch, dtype);
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
