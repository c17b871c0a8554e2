// SPDX-License-Identifier: Apache-2.0
//
// aten::linalg_ldl_solve, by name.
#include <inttypes.h>
#include <string.h>

#include "backends/cpu/kernels/linalg/lapack.h"
#include "backends/cpu/kernels/linalg/ldl.h"
#include "ops/boxed.h"

PT2__NEEDS_LAPACK(linalg_ldl_solve)

static pt2_status_t check(const pt2_tensor_t* ld, const pt2_tensor_t* pivots,
                          const pt2_tensor_t* b) {
  static const char name[] = "torch.linalg.ldl_solve";
  PT2_TRY(pt2__linalg_check_solve(b, ld, true, name));
  PT2_TRY(pt2__linalg_check_dtype(ld, "ldl_solve_kernel_cpu"));
  bool fits = pivots->rank == ld->rank - 1;
  for (int32_t d = 0; fits && d < pivots->rank; ++d) {
    fits = pivots->sizes[d] == ld->sizes[d];
  }
  char got[128];
  PT2_OP_CHECK(
      fits,
      "%s: Expected LD.shape[:-1] and pivots.shape to be the same, "
      "but got pivots with shape %s",
      name, pt2__sizes_format(pivots->rank, pivots->sizes, got, sizeof(got)));
  PT2_OP_CHECK(pt2__dtype_is_integral(pivots->dtype, false),
               "%s: Expected pivots to be integers, got %s", name,
               pt2__dtype_torch_name(pivots->dtype));
  return PT2_STATUS_OK;
}

// Every pivot names a row, and rows that belong together name the same one:
// LAPACK follows them without a look.
static pt2_status_t check_pivots(const pt2_tensor_t* pivots) {
  const int64_t n = pivots->sizes[pivots->rank - 1];
  const int32_t* rows = pivots->data;
  for (int64_t i = 0; i < pivots->numel; ++i) {
    int64_t row = rows[i] < 0 ? -(int64_t)rows[i] : rows[i];
    PT2_OP_CHECK(row >= 1 && row <= n,
                 "Pivots given to ldl_solve must be between 1 and LD.size(-2) "
                 "= %" PRId64 ", but for the sign, got %" PRId32,
                 n, rows[i]);
  }
  for (int64_t i = 0; i < pivots->numel; ++i) {
    if (rows[i] < 0) {
      PT2_OP_CHECK(i % n + 1 < n && rows[i + 1] < 0,
                   "Pivots given to ldl_solve: the negative pivot %" PRId32
                   " at %" PRId64 " has no other one beside it",
                   rows[i], i % n);
      ++i;
    }
  }
  return PT2_STATUS_OK;
}

// |source| as i32 of the sizes of |batch| and |n|. Fails for numbers that do
// not fit.
static pt2_status_t pivots_of(const pt2_tensor_t* source,
                              const pt2__batch_t* batch, int64_t n,
                              pt2_tensor_t** out_pivots) {
  pt2_tensor_t *wide, *narrow;
  PT2_TRY(pt2__linalg_empty_vector(PT2_DTYPE_I64, batch, n, &wide));
  pt2_status_t status = pt2__tensor_copy(wide, source);
  if (status == PT2_STATUS_OK) {
    status = pt2__linalg_empty_vector(PT2_DTYPE_I32, batch, n, &narrow);
  }
  if (status == PT2_STATUS_OK) {
    const int64_t* from = wide->data;
    int32_t* to = narrow->data;
    for (int64_t i = 0; i < wide->numel; ++i) {
      // Zero is no pivot.
      to[i] =
          from[i] < -INT32_MAX || from[i] > INT32_MAX ? 0 : (int32_t)from[i];
    }
    status = check_pivots(narrow);
    if (status == PT2_STATUS_OK) {
      *out_pivots = narrow;
    } else {
      pt2__tensor_release(narrow);
    }
  }
  pt2__tensor_release(wide);
  return status;
}

static pt2_status_t solve(const pt2_tensor_t* ld, const pt2_tensor_t* pivots,
                          bool hermitian, const pt2__batch_t* batch,
                          pt2_tensor_t* result) {
  pt2_tensor_t *rows, *factors;
  PT2_TRY(pivots_of(pivots, batch, pt2__linalg_rows(ld), &rows));
  pt2_status_t status = pt2__linalg_dense(ld, batch, &factors);
  if (status == PT2_STATUS_OK) {
    status = pt2__ldl_solve(factors, rows, hermitian, result);
    pt2__tensor_release(factors);
  }
  pt2__tensor_release(rows);
  return status;
}

// (Tensor LD, Tensor pivots, Tensor B, *, bool hermitian)
static pt2_status_t ldl_solve(const pt2__boxed_t* boxed,
                              pt2_tensor_t** results) {
  pt2_tensor_t *ld, *pivots, *b, *result;
  bool hermitian = false;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "LD", &ld));
  PT2_TRY(pt2__boxed_tensor(boxed, 1, "pivots", &pivots));
  PT2_TRY(pt2__boxed_tensor(boxed, 2, "B", &b));
  PT2_TRY(pt2__boxed_bool(boxed, 3, "hermitian", &hermitian));
  PT2_TRY(check(ld, pivots, b));
  pt2__batch_t batch;
  PT2_TRY(pt2__linalg_broadcast(b, ld, &batch));
  PT2_TRY(pt2__linalg_clone(b, &batch, &result));
  pt2_status_t status = solve(ld, pivots, hermitian, &batch, result);
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(result);
    return status;
  }
  results[0] = result;
  return PT2_STATUS_OK;
}

PT2_BOXED_OP(linalg_ldl_solve, 1, ldl_solve)
