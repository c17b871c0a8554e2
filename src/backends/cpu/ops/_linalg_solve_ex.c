// SPDX-License-Identifier: Apache-2.0
//
// aten::_linalg_solve_ex, by name.
#include <string.h>

#include "backends/cpu/kernels/linalg/solve.h"
#include "ops/boxed.h"

// Whether |b| is a batch of vectors: NumPy's rule.
static bool is_vector(const pt2_tensor_t* a, const pt2_tensor_t* b) {
  if (b->rank == 1) {
    return true;
  }
  bool same = b->rank == a->rank - 1;
  for (int32_t d = 0; same && d < b->rank; ++d) {
    same = b->sizes[d] == a->sizes[d];
  }
  return same;
}

// The vectors |b| as matrices of one column.
static pt2_status_t as_columns(const pt2_tensor_t* b, pt2_tensor_t** out) {
  int64_t sizes[PT2__MAX_RANK], strides[PT2__MAX_RANK];
  const size_t bytes = sizeof(*sizes) * (size_t)b->rank;
  PT2_OP_CHECK(b->rank < PT2__MAX_RANK, "B has too many dimensions");
  memcpy(sizes, b->sizes, bytes);
  memcpy(strides, b->strides, bytes);
  sizes[b->rank] = 1;
  strides[b->rank] = 1;
  return pt2__tensor_view(b, b->rank + 1, sizes, strides, b->storage_offset,
                          out);
}

// Takes the column off again. PyTorch lays vectors out as if the last two
// dimensions of the batch of vectors were a matrix.
static pt2_status_t as_vectors(const pt2_tensor_t* column, pt2_tensor_t** out) {
  int64_t strides[PT2__MAX_RANK];
  const int32_t rank = column->rank - 1;
  pt2__sizes_contiguous_strides(rank, column->sizes, strides);
  if (rank >= 2) {
    int64_t rows = column->sizes[rank - 2];
    strides[rank - 2] = 1;
    strides[rank - 1] = rows > 1 ? rows : 1;
  }
  pt2_tensor_t *view, *result;
  int64_t plain[PT2__MAX_RANK];
  pt2__sizes_contiguous_strides(rank, column->sizes, plain);
  PT2_TRY(pt2__tensor_view(column, rank, column->sizes, plain,
                           column->storage_offset, &view));
  pt2_status_t status =
      pt2__tensor_empty(column->dtype, rank, column->sizes, strides, &result);
  if (status == PT2_STATUS_OK) {
    status = pt2__tensor_copy(result, view);
    if (status == PT2_STATUS_OK) {
      *out = result;
    } else {
      pt2__tensor_release(result);
    }
  }
  pt2__tensor_release(view);
  return status;
}

static pt2_status_t solve_vectors(const pt2__lu_t* lu, const pt2_tensor_t* b,
                                  pt2_tensor_t** out) {
  pt2_tensor_t *columns, *solved;
  PT2_TRY(as_columns(b, &columns));
  pt2_status_t status = pt2__lu_solve(lu, columns, true, &solved);
  pt2__tensor_release(columns);
  PT2_TRY(status);
  status = as_vectors(solved, out);
  pt2__tensor_release(solved);
  return status;
}

static pt2_status_t check(const pt2_tensor_t* a, const pt2_tensor_t* b,
                          bool left, bool vector) {
  static const char name[] = "linalg.solve";
  PT2_TRY(pt2__linalg_check_square(a, name, "A"));
  PT2_TRY(pt2__linalg_check_dtype(a, "linalg_solve_cpu"));
  PT2_OP_CHECK(a->dtype == b->dtype,
               "%s: Expected A and B to have the same dtype, but found A of "
               "type %s and B of type %s",
               name, pt2__dtype_torch_name(a->dtype),
               pt2__dtype_torch_name(b->dtype));
  PT2_OP_CHECK(left || !vector,
               "%s: Vector broadcasting of the left hand side is not supported "
               "for left=False",
               name);
  if (vector) {
    int64_t n = pt2__linalg_columns(a), own = b->sizes[b->rank - 1];
    PT2_OP_CHECK(n == own,
                 "%s: Incompatible shapes of A and B for the equation AX = B "
                 "(%lldx%lld and %lldx1)",
                 name, (long long)n, (long long)n, (long long)own);
    return PT2_STATUS_OK;
  }
  return pt2__linalg_check_solve(b, a, left, name);
}

static pt2_status_t solve(const pt2_tensor_t* a, const pt2_tensor_t* b,
                          bool left, bool vector, bool check_errors,
                          pt2__lu_t* lu, pt2_tensor_t** out_result) {
  if (check_errors) {
    PT2_TRY(pt2__linalg_check_info(lu->info, "torch.linalg.solve_ex",
                                   a->rank == 2));
  }
  return vector ? solve_vectors(lu, b, out_result)
                : pt2__lu_solve(lu, b, left, out_result);
}

// (Tensor A, Tensor B, *, bool left, bool check_errors)
//  -> (result, LU, pivots, info)
static pt2_status_t solve_ex(const pt2__boxed_t* boxed,
                             pt2_tensor_t** results) {
  pt2_tensor_t *a, *b;
  bool left = true, check_errors = false;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "A", &a));
  PT2_TRY(pt2__boxed_tensor(boxed, 1, "B", &b));
  PT2_TRY(pt2__boxed_bool(boxed, 2, "left", &left));
  PT2_TRY(pt2__boxed_bool(boxed, 3, "check_errors", &check_errors));
  bool vector = is_vector(a, b);
  PT2_TRY(check(a, b, left, vector));
  pt2__lu_t lu;
  PT2_TRY(pt2__lu_make(a, false, &lu));
  pt2_tensor_t* result;
  pt2_status_t status = solve(a, b, left, vector, check_errors, &lu, &result);
  if (status != PT2_STATUS_OK) {
    pt2__lu_release(&lu);
    return status;
  }
  results[0] = result;
  results[1] = lu.lu;
  results[2] = lu.pivots;
  results[3] = lu.info;
  return PT2_STATUS_OK;
}

PT2_BOXED_OP(_linalg_solve_ex, 4, solve_ex)
