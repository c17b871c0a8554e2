// SPDX-License-Identifier: Apache-2.0
//
// What LU factors are composed of.
#include <string.h>

#include "backends/cpu/kernels/linalg/solve.h"

typedef struct {
  const pt2_tensor_t* lu;  // row-major
  int64_t count, m, n, k;
  size_t bytes;
  char one[16];
} lu_t;

// L and U, both zero before.
static void unpack_factors(const lu_t* lu, pt2_tensor_t* lower,
                           pt2_tensor_t* upper) {
  const size_t bytes = lu->bytes;
  for (int64_t row = 0; row < lu->count * lu->m; ++row) {
    int64_t i = row % lu->m, matrix = row / lu->m;
    const char* from =
        (const char*)lu->lu->data + (size_t)(row * lu->n) * bytes;
    char* to = (char*)lower->data + (size_t)(row * lu->k) * bytes;
    int64_t below = i < lu->k ? i : lu->k;
    memcpy(to, from, (size_t)below * bytes);
    if (i < lu->k) {
      memcpy(to + (size_t)i * bytes, lu->one, bytes);
      to = (char*)upper->data +
           (size_t)((matrix * lu->k + i) * lu->n + i) * bytes;
      memcpy(to, from + (size_t)i * bytes, (size_t)(lu->n - i) * bytes);
    }
  }
}

// P, zero before; |rows| has m places.
static pt2_status_t fill_permutation(const lu_t* lu, const int32_t* pivots,
                                     int64_t* rows, pt2_tensor_t* permutation) {
  for (int64_t matrix = 0; matrix < lu->count; ++matrix) {
    for (int64_t i = 0; i < lu->m; ++i) {
      rows[i] = i;
    }
    for (int64_t i = 0; i < lu->k; ++i) {
      int64_t other = (int64_t)pivots[matrix * lu->k + i] - 1;
      PT2_OP_CHECK(other >= 0 && other < lu->m,
                   "pivots passed to lu_unpack must be between 1 and "
                   "LU.size(-2) inclusive (%lld), got %lld",
                   (long long)lu->m, (long long)other + 1);
      int64_t row = rows[i];
      rows[i] = rows[other];
      rows[other] = row;
    }
    for (int64_t i = 0; i < lu->m; ++i) {
      int64_t place = (matrix * lu->m + rows[i]) * lu->m + i;
      memcpy((char*)permutation->data + (size_t)place * lu->bytes, lu->one,
             lu->bytes);
    }
  }
  return PT2_STATUS_OK;
}

// A new zero tensor of the batch's sizes, m and n; of the size 0 if not
// |wanted|.
static pt2_status_t make_zero(const pt2_tensor_t* lu, bool wanted, int64_t m,
                              int64_t n, pt2_tensor_t** out) {
  int64_t sizes[PT2__MAX_RANK];
  memcpy(sizes, lu->sizes, sizeof(*sizes) * (size_t)lu->rank);
  sizes[lu->rank - 2] = m;
  sizes[lu->rank - 1] = n;
  const int64_t none = 0;
  PT2_TRY(pt2__tensor_empty(lu->dtype, wanted ? lu->rank : 1,
                            wanted ? sizes : &none, NULL, out));
  if ((*out)->numel > 0) {
    memset((*out)->data, 0,
           (size_t)(*out)->numel * pt2_dtype_size_bytes(lu->dtype));
  }
  return PT2_STATUS_OK;
}

static pt2_status_t check(const pt2_tensor_t* lu, const pt2_tensor_t* pivots,
                          bool unpack_pivots_too) {
  PT2_TRY(pt2__linalg_check_matrix(lu, "torch.lu_unpack", "LU_data"));
  PT2_OP_CHECK_TENSOR(pivots, "LU_pivots");
  if (!unpack_pivots_too) {
    return PT2_STATUS_OK;
  }
  PT2_OP_CHECK(pivots->dtype == PT2_DTYPE_I32,
               "LU_pivots is expected to be a contiguous tensor of torch.int32 "
               "dtype, got %s",
               pt2__dtype_torch_name(pivots->dtype));
  int64_t m = pt2__linalg_rows(lu), n = pt2__linalg_columns(lu);
  bool fits = pivots->rank == lu->rank - 1 &&
              pivots->sizes[pivots->rank - 1] == (m < n ? m : n);
  for (int32_t d = 0; fits && d < lu->rank - 2; ++d) {
    fits = pivots->sizes[d] == lu->sizes[d];
  }
  char expected[128], got[128];
  PT2_OP_CHECK(
      fits, "LU_pivots of sizes %s do not belong to LU_data of sizes %s",
      pt2__sizes_format(pivots->rank, pivots->sizes, got, sizeof(got)),
      pt2__sizes_format(lu->rank, lu->sizes, expected, sizeof(expected)));
  return PT2_STATUS_OK;
}

static pt2_status_t fill(const lu_t* lu, const pt2_tensor_t* pivots, bool data,
                         bool permute, pt2_tensor_t** results) {
  if (data && lu->lu->numel > 0) {
    unpack_factors(lu, results[1], results[2]);
  }
  if (!permute || results[0]->numel == 0) {
    return PT2_STATUS_OK;
  }
  pt2_tensor_t* dense;
  PT2_TRY(pt2__tensor_contiguous(pivots, &dense));
  size_t bytes = sizeof(int64_t) * (size_t)lu->m;
  int64_t* rows = pt2__pool_alloc(bytes);
  pt2_status_t status =
      rows != NULL ? fill_permutation(lu, dense->data, rows, results[0])
                   : PT2_OUT_OF_MEMORY(bytes);
  pt2__pool_free(rows, bytes);
  pt2__tensor_release(dense);
  return status;
}

static pt2_status_t make_results(const lu_t* lu, const pt2_tensor_t* like,
                                 bool data, bool permute,
                                 pt2_tensor_t** results) {
  PT2_TRY(make_zero(like, permute, lu->m, lu->m, &results[0]));
  PT2_TRY(make_zero(like, data, lu->m, lu->k, &results[1]));
  return make_zero(like, data, lu->k, lu->n, &results[2]);
}

pt2_status_t pt2__lu_unpack(const pt2_tensor_t* data,
                            const pt2_tensor_t* pivots, bool unpack_data,
                            bool permute, pt2_tensor_t** out_results) {
  PT2_TRY(check(data, pivots, permute));
  pt2__batch_t batch;
  pt2__linalg_batch(data, &batch);
  lu_t lu = {.count = batch.count,
             .m = pt2__linalg_rows(data),
             .n = pt2__linalg_columns(data),
             .bytes = pt2_dtype_size_bytes(data->dtype)};
  lu.k = lu.m < lu.n ? lu.m : lu.n;
  pt2__element_set_f64(data->dtype, lu.one, 1);
  pt2_tensor_t* dense;
  PT2_TRY(pt2__tensor_contiguous(data, &dense));
  lu.lu = dense;
  pt2_tensor_t* results[3] = {NULL, NULL, NULL};
  pt2_status_t status = make_results(&lu, data, unpack_data, permute, results);
  if (status == PT2_STATUS_OK) {
    status = fill(&lu, pivots, unpack_data, permute, results);
  }
  pt2__tensor_release(dense);
  if (status != PT2_STATUS_OK) {
    for (int i = 0; i < 3; ++i) {
      pt2__tensor_release(results[i]);
    }
    return status;
  }
  memcpy(out_results, results, sizeof(results));
  return PT2_STATUS_OK;
}
