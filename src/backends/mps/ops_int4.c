// SPDX-License-Identifier: Apache-2.0
//
// _weight_int4pack_mm. Its weights are packed for the device: those for mps lie
// as rows of 4-bit elements, whatever sizes the tensor says, so that no other
// device's operator can stand in.
#include "backends/mps/mps.h"

#define SIMD 32
#define PER_TILE 8  // rows for each of b's first dimension

// The kernel's struct of the same name (kernels/int4.metal).
typedef struct {
  int32_t n, k;
  int32_t group_size;
  int32_t padding;
} int4_t;

#define OPERATOR "aten::_weight_int4pack_mm"

static pt2_status_t bad(const char* what) {
  return PT2__MPS_FAIL(PT2_STATUS_INVALID_ARGUMENT, OPERATOR ": %s", what);
}

static pt2_status_t describe(AtenTensorHandle self, AtenTensorHandle mat2,
                             int64_t group_size, AtenTensorHandle scales,
                             pt2__mps_view_t* a, int4_t* out) {
  pt2__mps_view_t b, s;
  if (!pt2__mps_view(self, a) || !pt2__mps_view(mat2, &b) ||
      !pt2__mps_view(scales, &s)) {
    return bad("all three tensors are to be of mps");
  }
  if (a->rank != 2 || !pt2__mps_is_contiguous(a) ||
      !pt2__mps_is_float(a->dtype)) {
    return bad("self is to be a contiguous matrix of floating point");
  }
  if (b.rank != 4 || b.dtype != PT2_DTYPE_I32 || !pt2__mps_is_contiguous(&b)) {
    return bad("mat2 is to be a contiguous int32 tensor of 4 dimensions");
  }
  if (group_size != 32 && group_size != 64 && group_size != 128 &&
      group_size != 256) {
    return bad("qGroupSize is to be 32, 64, 128 or 256");
  }
  int64_t k = a->sizes[1];
  int64_t n = b.sizes[0] * PER_TILE;
  if (k % 2 != 0 || n > INT32_MAX || k > INT32_MAX ||
      b.numel != b.sizes[0] * k) {  // 8 elements in each of 8 rows
    return bad("mat2 does not have 4 bits for each of self's columns");
  }
  if (s.rank != 3 || s.sizes[1] != n || s.sizes[2] != 2 ||
      s.sizes[0] < pt2__mps_divide_up(k, group_size) || s.dtype != a->dtype ||
      !pt2__mps_is_contiguous(&s)) {
    return bad(
        "qScaleAndZeros is to be a contiguous [groups, rows of mat2, 2] of "
        "self's dtype");
  }
  *out = (int4_t){(int32_t)n, (int32_t)k, (int32_t)group_size, 0};
  return PT2_STATUS_OK;
}

static pt2_status_t encode(pt2__mps_kernel_t* kernel, AtenTensorHandle result,
                           AtenTensorHandle self, AtenTensorHandle mat2,
                           AtenTensorHandle scales, const int4_t* sizes,
                           int64_t rows) {
  PT2__MPS_TRY(pt2__mps_encode_begin(kernel));
  PT2__MPS_TRY(pt2__mps_encode_tensor(0, result));
  PT2__MPS_TRY(pt2__mps_encode_tensor(1, self));
  PT2__MPS_TRY(pt2__mps_encode_tensor(2, mat2));
  PT2__MPS_TRY(pt2__mps_encode_tensor(3, scales));
  PT2__MPS_TRY(pt2__mps_encode_bytes(4, sizes, sizeof(*sizes)));
  uint64_t threads[3] = {SIMD, (uint64_t)sizes->n, (uint64_t)rows};
  uint64_t group[3] = {SIMD, 1, 1};
  return pt2__mps_encode_dispatch(kernel, threads, 3, group, 3);
}

static pt2_status_t int4_matmul(AtenTensorHandle self, AtenTensorHandle mat2,
                                int64_t group_size, AtenTensorHandle scales,
                                AtenTensorHandle* out) {
  pt2__mps_view_t a;
  int4_t sizes;
  PT2__MPS_TRY(pt2__mps_check_out(OPERATOR, out));
  PT2__MPS_TRY(describe(self, mat2, group_size, scales, &a, &sizes));
  pt2__mps_kernel_t* kernel = NULL;
  PT2__MPS_TRY(pt2__mps_own_kernel(pt2__mps_int4_source, a.dtype, "int4_matmul",
                                   &kernel));
  int64_t result_sizes[2] = {a.sizes[0], sizes.n};
  AtenTensorHandle result = NULL;
  PT2__MPS_TRY(pt2__mps_make(2, result_sizes, a.dtype, NULL, &result));
  pt2__mps_lock();
  pt2_status_t status =
      encode(kernel, result, self, mat2, scales, &sizes, a.sizes[0]);
  pt2__mps_unlock();
  if (status != PT2_STATUS_OK) {
    pt2__mps_delete(result);
    return status;
  }
  *out = result;
  return PT2_STATUS_OK;
}

AOTITorchError aoti_torch_mps__weight_int4pack_mm(
    AtenTensorHandle self, AtenTensorHandle mat2, int64_t qGroupSize,
    AtenTensorHandle qScaleAndZeros, AtenTensorHandle* ret0) {
  PT2__MPS_RETURN(int4_matmul(self, mat2, qGroupSize, qScaleAndZeros, ret0));
}
