// SPDX-License-Identifier: Apache-2.0
#include "ops/distance.h"

#include <string.h>

// With more rows than this torch takes the product in its own choice.
#define DIRECT_ROWS 25

static pt2_status_t check_rank(const pt2_tensor_t* tensor, const char* name) {
  PT2_OP_CHECK(tensor->rank >= 2,
               "cdist only supports at least 2D tensors, %s got: %dD", name,
               tensor->rank);
  return PT2_STATUS_OK;
}

// Batch sizes that both operands broadcast to.
static pt2_status_t broadcast_batch(const pt2_tensor_t* x1,
                                    const pt2_tensor_t* x2,
                                    pt2__cdist_t* cdist) {
  int32_t rank1 = x1->rank - 2;
  int32_t rank2 = x2->rank - 2;
  int32_t rank = rank1 > rank2 ? rank1 : rank2;
  cdist->batch_rank = rank;
  for (int32_t i = 0; i < rank; ++i) {
    int64_t size1 = i < rank - rank1 ? 1 : x1->sizes[i - (rank - rank1)];
    int64_t size2 = i < rank - rank2 ? 1 : x2->sizes[i - (rank - rank2)];
    PT2_OP_CHECK(size1 == size2 || size1 == 1 || size2 == 1,
                 "The size of tensor a (%lld) must match the size of tensor b "
                 "(%lld) at non-singleton dimension %d",
                 (long long)size1, (long long)size2, i);
    cdist->batch_sizes[i] = size1 == 1 ? size2 : size1;
  }
  PT2_OP_CHECK(pt2__sizes_numel(rank, cdist->batch_sizes, &cdist->batch),
               "the batch is too large");
  return PT2_STATUS_OK;
}

static pt2_status_t check_operands(const pt2_tensor_t* x1,
                                   const pt2_tensor_t* x2, double p,
                                   pt2__cdist_t* cdist) {
  PT2_OP_CHECK_TENSOR(x1, "x1");
  PT2_OP_CHECK_TENSOR(x2, "x2");
  PT2_TRY(check_rank(x1, "X1"));
  PT2_TRY(check_rank(x2, "X2"));
  int64_t width = x1->sizes[x1->rank - 1];
  PT2_OP_CHECK(width == x2->sizes[x2->rank - 1],
               "X1 and X2 must have the same number of columns. X1: %lld X2: "
               "%lld",
               (long long)width, (long long)x2->sizes[x2->rank - 1]);
  *cdist = (pt2__cdist_t){.rows1 = x1->sizes[x1->rank - 2],
                          .rows2 = x2->sizes[x2->rank - 2],
                          .width = width,
                          .p = p};
  return broadcast_batch(x1, x2, cdist);
}

static pt2_status_t check_kernel(const pt2_tensor_t* tensor,
                                 const char* kernel) {
  PT2_OP_CHECK(tensor->dtype == PT2_DTYPE_F32 || tensor->dtype == PT2_DTYPE_F64,
               "\"%s\" not implemented for '%s'", kernel,
               pt2__dtype_torch_name(tensor->dtype));
  return PT2_STATUS_OK;
}

static pt2_status_t check_same_dtype(const pt2_tensor_t* tensor,
                                     const pt2_tensor_t* other,
                                     const char* name) {
  PT2_OP_CHECK(other->dtype == tensor->dtype,
               "expected scalar type %s but found %s of %s",
               pt2__dtype_torch_name(tensor->dtype),
               pt2__dtype_torch_name(other->dtype), name);
  return PT2_STATUS_OK;
}

pt2_status_t pt2__cdist_check(const pt2_tensor_t* x1, const pt2_tensor_t* x2,
                              double p, const int64_t* compute_mode,
                              pt2__cdist_t* cdist) {
  PT2_TRY(check_operands(x1, x2, p, cdist));
  PT2_OP_CHECK(pt2__dtype_is_floating(x1->dtype),
               "cdist only supports floating-point dtypes, X1 got: %s",
               pt2__dtype_torch_name(x1->dtype));
  PT2_OP_CHECK(pt2__dtype_is_floating(x2->dtype),
               "cdist only supports floating-point dtypes, X2 got: %s",
               pt2__dtype_torch_name(x2->dtype));
  PT2_OP_CHECK(p >= 0, "cdist only supports non-negative p values, got %g", p);
  int64_t mode = compute_mode != NULL ? *compute_mode : 0;
  PT2_OP_CHECK(mode >= 0 && mode <= 2, "possible modes: 0, 1, 2, but was: %lld",
               (long long)mode);
  cdist->by_product =
      p == 2 && (mode == 1 || (mode == 0 && (cdist->rows1 > DIRECT_ROWS ||
                                             cdist->rows2 > DIRECT_ROWS)));
  if (cdist->rows1 == 0 || cdist->rows2 == 0 || cdist->batch == 0 ||
      cdist->width == 0) {
    return PT2_STATUS_OK;
  }
  if (!cdist->by_product) {
    PT2_TRY(check_kernel(x1, "cdist"));
  }
  PT2_OP_CHECK(pt2_dtype_size_bytes(x1->dtype) > 1,
               "\"pow\" not implemented for '%s'",
               pt2__dtype_torch_name(x1->dtype));
  return check_same_dtype(x1, x2, "X2");
}

pt2_status_t pt2__cdist_backward_check(const pt2_tensor_t* grad,
                                       const pt2_tensor_t* x1,
                                       const pt2_tensor_t* x2, double p,
                                       const pt2_tensor_t* dist,
                                       pt2__cdist_t* cdist) {
  PT2_OP_CHECK_TENSOR(grad, "grad_output");
  PT2_OP_CHECK_TENSOR(dist, "cdist");
  PT2_TRY(check_operands(x1, x2, p, cdist));
  PT2_TRY(check_kernel(x1, "cdist_backward"));
  if (cdist->rows1 == 0 || cdist->rows2 == 0 || cdist->batch == 0 ||
      cdist->width == 0) {
    return PT2_STATUS_OK;
  }
  PT2_TRY(check_same_dtype(x1, x2, "X2"));
  PT2_TRY(check_same_dtype(x1, grad, "grad_output"));
  PT2_TRY(check_same_dtype(x1, dist, "cdist"));
  // torch reads on beyond tensors that have less.
  int64_t count;
  bool fits = pt2__sizes_numel(
      3, (int64_t[]){cdist->batch, cdist->rows1, cdist->rows2}, &count);
  PT2_OP_CHECK(fits && grad->numel == count && dist->numel == count,
               "expected %lld x %lld x %lld distances, got %lld in "
               "grad_output and %lld in cdist",
               (long long)cdist->batch, (long long)cdist->rows1,
               (long long)cdist->rows2, (long long)grad->numel,
               (long long)dist->numel);
  return PT2_STATUS_OK;
}

pt2_status_t pt2__cdist_expand(const pt2__cdist_t* cdist, const pt2_tensor_t* x,
                               pt2_tensor_t** out_expanded) {
  int32_t rank = cdist->batch_rank + 2;
  PT2_OP_CHECK(rank <= PT2__MAX_RANK, "more than %d dimensions", PT2__MAX_RANK);
  int64_t sizes[PT2__MAX_RANK];
  int64_t strides[PT2__MAX_RANK];
  int32_t missing = rank - x->rank;
  memcpy(sizes, cdist->batch_sizes, sizeof(*sizes) * (size_t)cdist->batch_rank);
  sizes[rank - 2] = x->sizes[x->rank - 2];
  sizes[rank - 1] = x->sizes[x->rank - 1];
  for (int32_t i = 0; i < rank; ++i) {
    strides[i] = i < missing || x->sizes[i - missing] != sizes[i]
                     ? 0
                     : x->strides[i - missing];
  }
  pt2_tensor_t* view;
  PT2_TRY(pt2__tensor_view(x, rank, sizes, strides, x->storage_offset, &view));
  pt2_status_t status = pt2__tensor_contiguous(view, out_expanded);
  pt2__tensor_release(view);
  return status;
}

static pt2_status_t check_points(const pt2_tensor_t* self,
                                 const char* requires_contiguous) {
  PT2_OP_CHECK_TENSOR(self, "self");
  PT2_OP_CHECK(pt2__tensor_is_contiguous(self), "%s", requires_contiguous);
  PT2_OP_CHECK(self->rank == 2, "pdist only supports 2D tensors, got: %dD",
               self->rank);
  return PT2_STATUS_OK;
}

pt2_status_t pt2__pdist_check(const pt2_tensor_t* self, int64_t* out_count) {
  PT2_TRY(check_points(self, "_pdist_forward requires contiguous input"));
  int64_t rows = self->sizes[0];
  *out_count = 0;
  if (rows <= 1) {
    return PT2_STATUS_OK;
  }
  PT2_OP_CHECK(rows <= INT32_MAX, "too many rows: %lld", (long long)rows);
  *out_count = rows * (rows - 1) / 2;
  return self->sizes[1] == 0 ? PT2_STATUS_OK : check_kernel(self, "pdist");
}

pt2_status_t pt2__pdist_backward_check(const pt2_tensor_t* grad,
                                       const pt2_tensor_t* self,
                                       const pt2_tensor_t* dist) {
  PT2_OP_CHECK_TENSOR(grad, "grad_output");
  PT2_OP_CHECK_TENSOR(dist, "pdist");
  PT2_TRY(check_points(self, "_pdist_backward requires self to be contiguous"));
  PT2_OP_CHECK(pt2__tensor_is_contiguous(dist),
               "_pdist_backward requires pdist to be contiguous");
  PT2_TRY(check_kernel(self, "pdist_backward"));
  PT2_TRY(check_same_dtype(self, grad, "grad_output"));
  PT2_TRY(check_same_dtype(self, dist, "pdist"));
  PT2_OP_CHECK(grad->rank == 1, "grad_output must have one dimension, got %d",
               grad->rank);
  // torch reads on beyond tensors that have less.
  int64_t rows = self->sizes[0];
  PT2_OP_CHECK(rows <= INT32_MAX, "too many rows: %lld", (long long)rows);
  int64_t count = rows > 1 ? rows * (rows - 1) / 2 : 0;
  PT2_OP_CHECK(grad->numel == count && dist->numel == count,
               "expected %lld distances, got %lld in grad_output and %lld in "
               "pdist",
               (long long)count, (long long)grad->numel,
               (long long)dist->numel);
  return PT2_STATUS_OK;
}
