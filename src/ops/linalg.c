// SPDX-License-Identifier: Apache-2.0
#include "ops/linalg.h"

#include <stdio.h>
#include <string.h>

pt2_status_t pt2__linalg_check_matrix(const pt2_tensor_t* tensor,
                                      const char* function, const char* name) {
  PT2_OP_CHECK_TENSOR(tensor, name);
  PT2_OP_CHECK(tensor->rank >= 2,
               "%s: The input tensor %s must have at least 2 dimensions, but "
               "it has %d",
               function, name, (int)tensor->rank);
  return PT2_STATUS_OK;
}

pt2_status_t pt2__linalg_check_square(const pt2_tensor_t* tensor,
                                      const char* function, const char* name) {
  PT2_TRY(pt2__linalg_check_matrix(tensor, function, name));
  PT2_OP_CHECK(pt2__linalg_rows(tensor) == pt2__linalg_columns(tensor),
               "%s: %s must be batches of square matrices, but they are %lld "
               "by %lld matrices",
               function, name, (long long)pt2__linalg_rows(tensor),
               (long long)pt2__linalg_columns(tensor));
  return PT2_STATUS_OK;
}

pt2_status_t pt2__linalg_check_dtype(const pt2_tensor_t* tensor,
                                     const char* kernel) {
  PT2_OP_CHECK(tensor->dtype == PT2_DTYPE_F32 ||
                   tensor->dtype == PT2_DTYPE_F64 ||
                   tensor->dtype == PT2_DTYPE_COMPLEX64 ||
                   tensor->dtype == PT2_DTYPE_COMPLEX128,
               "\"%s\" not implemented for '%s'", kernel,
               pt2__dtype_torch_name(tensor->dtype));
  return PT2_STATUS_OK;
}

pt2_status_t pt2__linalg_check_solve(const pt2_tensor_t* b,
                                     const pt2_tensor_t* a, bool left,
                                     const char* function) {
  PT2_TRY(pt2__linalg_check_matrix(b, function, "b"));
  PT2_TRY(pt2__linalg_check_matrix(a, function, "A"));
  PT2_OP_CHECK(a->dtype == b->dtype,
               "%s: Expected b and A to have the same dtype, but found b of "
               "type %s and A of type %s",
               function, pt2__dtype_torch_name(b->dtype),
               pt2__dtype_torch_name(a->dtype));
  PT2_TRY(pt2__linalg_check_square(a, function, "A"));
  int64_t n = pt2__linalg_columns(a);
  int64_t other = left ? pt2__linalg_rows(b) : pt2__linalg_columns(b);
  PT2_OP_CHECK(
      n == other,
      "%s: Incompatible shapes of A and B for the equation %s (%lldx%lld and "
      "%lldx%lld)",
      function, left ? "AX = B" : "XA = B", (long long)n, (long long)n,
      (long long)pt2__linalg_rows(b), (long long)pt2__linalg_columns(b));
  return PT2_STATUS_OK;
}

void pt2__linalg_batch(const pt2_tensor_t* tensor, pt2__batch_t* out_batch) {
  out_batch->rank = tensor->rank - 2;
  out_batch->count = 1;
  for (int32_t d = 0; d < out_batch->rank; ++d) {
    out_batch->sizes[d] = tensor->sizes[d];
    out_batch->count *= tensor->sizes[d];
  }
}

pt2_status_t pt2__linalg_broadcast(const pt2_tensor_t* a, const pt2_tensor_t* b,
                                   pt2__batch_t* out_batch) {
  const int32_t ranks[2] = {a->rank - 2, b->rank - 2};
  const int32_t rank = ranks[0] > ranks[1] ? ranks[0] : ranks[1];
  out_batch->rank = rank;
  for (int32_t d = 0; d < rank; ++d) {
    int32_t at_a = d - (rank - ranks[0]), at_b = d - (rank - ranks[1]);
    int64_t x = at_a >= 0 ? a->sizes[at_a] : 1;
    int64_t y = at_b >= 0 ? b->sizes[at_b] : 1;
    PT2_OP_CHECK(x == y || x == 1 || y == 1,
                 "The size of tensor a (%lld) must match the size of tensor b "
                 "(%lld) at non-singleton dimension %d",
                 (long long)x, (long long)y, (int)d);
    out_batch->sizes[d] = x == 1 ? y : x;
  }
  PT2_OP_CHECK(pt2__sizes_numel(rank, out_batch->sizes, &out_batch->count),
               "the batch has too many matrices");
  return PT2_STATUS_OK;
}

pt2_status_t pt2__linalg_empty(int32_t dtype, const pt2__batch_t* batch,
                               int64_t m, int64_t n,
                               pt2_tensor_t** out_tensor) {
  int64_t sizes[PT2__MAX_RANK], strides[PT2__MAX_RANK];
  const int32_t rank = batch->rank + 2;
  memcpy(sizes, batch->sizes, sizeof(*sizes) * (size_t)batch->rank);
  sizes[rank - 2] = m;
  sizes[rank - 1] = n;
  int64_t numel;
  PT2_OP_CHECK(pt2__sizes_numel(rank, sizes, &numel),
               "the result has too many elements");
  pt2__sizes_contiguous_strides(rank, sizes, strides);
  strides[rank - 2] = 1;
  strides[rank - 1] = m > 1 ? m : 1;
  return pt2__tensor_empty(dtype, rank, sizes, strides, out_tensor);
}

pt2_status_t pt2__linalg_empty_vector(int32_t dtype, const pt2__batch_t* batch,
                                      int64_t last, pt2_tensor_t** out_tensor) {
  int64_t sizes[PT2__MAX_RANK];
  int32_t rank = batch->rank;
  memcpy(sizes, batch->sizes, sizeof(*sizes) * (size_t)rank);
  if (last >= 0) {
    sizes[rank++] = last;
  }
  return pt2__tensor_empty(dtype, rank, sizes, NULL, out_tensor);
}

pt2_status_t pt2__linalg_clone(const pt2_tensor_t* source,
                               const pt2__batch_t* batch,
                               pt2_tensor_t** out_tensor) {
  PT2_TRY(pt2__linalg_empty(source->dtype, batch, pt2__linalg_rows(source),
                            pt2__linalg_columns(source), out_tensor));
  pt2_status_t status = pt2__tensor_copy(*out_tensor, source);
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(*out_tensor);
  }
  return status;
}

pt2_status_t pt2__linalg_dense(const pt2_tensor_t* source,
                               const pt2__batch_t* batch,
                               pt2_tensor_t** out_tensor) {
  const int32_t row = source->rank - 2, column = source->rank - 1;
  int64_t strides[PT2__MAX_RANK];
  pt2__sizes_contiguous_strides(source->rank, source->sizes, strides);
  strides[row] = 1;
  strides[column] = source->sizes[row];
  bool dense = source->rank == batch->rank + 2;
  for (int32_t d = 0; d < source->rank && dense; ++d) {
    dense = (d >= row || source->sizes[d] == batch->sizes[d]) &&
            (source->sizes[d] == 1 || source->strides[d] == strides[d]);
  }
  return dense ? pt2__tensor_alias(source, out_tensor)
               : pt2__linalg_clone(source, batch, out_tensor);
}

// ---- Codes -----------------------------------------------------------------

static pt2_status_t fail_with(int32_t info, const char* api,
                              const char* where) {
  if (info < 0) {
    bool svd = strstr(api, "svd") != NULL && info == -4;
    return svd ? PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                          "%s%s: The algorithm failed to converge because the "
                          "input matrix contained non-finite values.",
                          api, where)
               : PT2_FAIL(PT2_STATUS_INTERNAL,
                          "%s%s: Argument %d of LAPACK's function has an "
                          "illegal value",
                          api, where, (int)-info);
  }
  if (strstr(api, "inv") != NULL) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                    "%s%s: The diagonal element %d is zero, the inversion "
                    "could not be completed because the input matrix is "
                    "singular.",
                    api, where, (int)info);
  }
  if (strstr(api, "solve") != NULL) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                    "%s%s: The solver failed because the input matrix is "
                    "singular.",
                    api, where);
  }
  if (strstr(api, "cholesky") != NULL) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                    "%s%s: The factorization could not be completed because "
                    "the input is not positive-definite (the leading minor of "
                    "order %d is not positive-definite).",
                    api, where, (int)info);
  }
  if (strstr(api, "svd") != NULL || strstr(api, "eig") != NULL) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                    "%s%s: The algorithm failed to converge because the input "
                    "matrix is ill-conditioned or has too many repeated %s "
                    "values (error code: %d).",
                    api, where,
                    strstr(api, "svd") != NULL ? "singular" : "eigen",
                    (int)info);
  }
  if (strstr(api, "lu_factor") != NULL) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                    "%s%s: U[%d,%d] is zero and using it on lu_solve would "
                    "result in a division by zero.",
                    api, where, (int)info, (int)info);
  }
  return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT, "%s%s: error code %d", api,
                  where, (int)info);
}

pt2_status_t pt2__linalg_check_info(const pt2_tensor_t* info, const char* api,
                                    bool is_matrix) {
  const int32_t* codes = info->data;
  for (int64_t i = 0; i < info->numel; ++i) {
    if (codes[i] != 0) {
      char where[64] = "";
      if (!is_matrix) {
        snprintf(where, sizeof(where), ": (Batch element %lld)", (long long)i);
      }
      return fail_with(codes[i], api, where);
    }
  }
  return PT2_STATUS_OK;
}
