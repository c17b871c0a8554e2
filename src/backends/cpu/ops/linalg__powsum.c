// SPDX-License-Identifier: Apache-2.0
//
// aten::linalg__powsum, by name: the sum of |x|^ord over some dimensions.
#include "backends/cpu/kernels/reduce/power_sum.h"
#include "ops/boxed.h"
#include "ops/reduce_dim.h"

// Elements of a row that are summed by themselves: threads share these pieces,
// and the result does not depend on how many there are.
#define PIECE (1 << 16)

// The dtype that elements are brought to: |dtype|, or, of complex elements, the
// complex one that it is the part of.
static pt2_status_t compute_dtype(const pt2_tensor_t* self, int32_t dtype,
                                  int32_t* out_dtype) {
  int32_t found = dtype != PT2_DTYPE_UNDEFINED ? dtype : self->dtype;
  if (pt2__dtype_is_complex(self->dtype)) {
    found = found == PT2_DTYPE_F16   ? PT2_DTYPE_COMPLEX32
            : found == PT2_DTYPE_F32 ? PT2_DTYPE_COMPLEX64
            : found == PT2_DTYPE_F64 ? PT2_DTYPE_COMPLEX128
                                     : found;
  }
  const bool known =
      pt2__dtype_is_complex(found) ||
      (!pt2__dtype_is_complex(self->dtype) && found == PT2_DTYPE_BF16) ||
      found == PT2_DTYPE_F16 || found == PT2_DTYPE_F32 ||
      found == PT2_DTYPE_F64;
  PT2_OP_CHECK(known, "\"powsum_cpu\" not implemented for '%s'",
               pt2__dtype_torch_name(found));
  *out_dtype = found;
  return PT2_STATUS_OK;
}

// |self| in |dtype|, row-major with the reduced dimensions at the end.
static pt2_status_t make_rows(const pt2_tensor_t* self, int32_t dtype,
                              const pt2__reduce_dims_t* shape,
                              pt2_tensor_t** out_rows) {
  int64_t sizes[PT2__MAX_RANK], strides[PT2__MAX_RANK];
  int32_t rank = 0;
  for (int pass = 0; pass < 2; ++pass) {
    for (int32_t d = 0; d < self->rank; ++d) {
      if (shape->reduced[d] == (pass == 1)) {
        sizes[rank] = self->sizes[d];
        strides[rank++] = self->strides[d];
      }
    }
  }
  pt2_tensor_t* view;
  PT2_TRY(pt2__tensor_view(self, rank, sizes, strides, self->storage_offset,
                           &view));
  pt2_status_t status = pt2__tensor_to_contiguous(view, dtype, out_rows);
  pt2__tensor_release(view);
  return status;
}

static pt2_status_t sum_rows(const pt2_tensor_t* rows, double order,
                             pt2_tensor_t* result) {
  const int64_t count = result->numel;
  const int64_t length = count > 0 ? rows->numel / count : 0;
  const int64_t pieces = length > 0 ? (length + PIECE - 1) / PIECE : 1;
  const int64_t bytes = (int64_t)pt2_dtype_size_bytes(rows->dtype);
  const size_t block = sizeof(double) * (size_t)(count * pieces);
  if (count == 0) {
    return PT2_STATUS_OK;
  }
  double* sums = pt2__pool_alloc(block);
  if (sums == NULL) {
    return PT2_OUT_OF_MEMORY(block);
  }
  const int threads = pt2__op_threads(rows->numel);
#pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1)
  for (int64_t i = 0; i < count * pieces; ++i) {
    const int64_t row = i / pieces, first = i % pieces * PIECE;
    const int64_t rest = length - first;
    sums[i] = pt2__power_sum(
        rows->dtype, (const char*)rows->data + (row * length + first) * bytes,
        rest < PIECE ? rest : PIECE, order);
  }
  const int64_t result_bytes = (int64_t)pt2_dtype_size_bytes(result->dtype);
  for (int64_t row = 0; row < count; ++row) {
    double sum = 0;
    for (int64_t i = 0; i < pieces; ++i) {
      sum += sums[row * pieces + i];
    }
    pt2__element_set_f64(result->dtype,
                         (char*)result->data + row * result_bytes, sum);
  }
  pt2__pool_free(sums, block);
  return PT2_STATUS_OK;
}

// (Tensor self, Scalar ord, int[1]? dim, bool keepdim, *, ScalarType? dtype)
static pt2_status_t run(const pt2__boxed_t* boxed, pt2_tensor_t** out_result) {
  pt2_tensor_t *self, *rows, *result;
  const int64_t* dims;
  int64_t count, wanted = PT2_DTYPE_UNDEFINED;
  double order = 2;
  bool keep = false;
  int32_t dtype = PT2_DTYPE_UNDEFINED;
  pt2__reduce_dims_t shape;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &self));
  PT2_TRY(pt2__boxed_number(boxed, 1, "ord", &order, NULL));
  PT2_TRY(pt2__boxed_optional_ints(boxed, 2, "dim", &dims, &count));
  PT2_TRY(pt2__boxed_bool(boxed, 3, "keepdim", &keep));
  PT2_TRY(pt2__boxed_enum(boxed, 4, "dtype", PT2_VALUE_DTYPE, &wanted, NULL));
  PT2_TRY(compute_dtype(self, (int32_t)wanted, &dtype));
  PT2_TRY(pt2__reduce_dims(self, dims, count, true, keep, &shape));
  PT2_TRY(make_rows(self, dtype, &shape, &rows));
  pt2_status_t status = pt2__tensor_empty(pt2__dtype_real(dtype), shape.rank,
                                          shape.sizes, NULL, &result);
  if (status == PT2_STATUS_OK) {
    status = sum_rows(rows, order, result);
    if (status == PT2_STATUS_OK) {
      *out_result = result;
    } else {
      pt2__tensor_release(result);
    }
  }
  pt2__tensor_release(rows);
  return status;
}

PT2_BOXED_OP(linalg__powsum, 1, run)
