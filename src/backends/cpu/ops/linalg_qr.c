// SPDX-License-Identifier: Apache-2.0
//
// aten::linalg_qr, by name.
#include <string.h>

#include "backends/cpu/kernels/linalg/factor.h"
#include "ops/boxed.h"

// A new matrix of the first |rows| and |columns| of each of |source|; the rest,
// where it is larger, is not set.
static pt2_status_t resize(const pt2_tensor_t* source, int64_t rows,
                           int64_t columns, pt2_tensor_t** out) {
  pt2__batch_t batch;
  pt2__linalg_batch(source, &batch);
  PT2_TRY(pt2__linalg_empty(source->dtype, &batch, rows, columns, out));
  const int64_t m = pt2__linalg_rows(source), n = pt2__linalg_columns(source);
  const size_t element = pt2_dtype_size_bytes(source->dtype);
  const size_t shared = (size_t)(m < rows ? m : rows) * element;
  const int64_t width = n < columns ? n : columns;
  for (int64_t i = 0; i < batch.count && shared > 0; ++i) {
    for (int64_t j = 0; j < width; ++j) {
      memcpy((char*)(*out)->data + (size_t)((i * columns + j) * rows) * element,
             (const char*)source->data + (size_t)((i * n + j) * m) * element,
             shared);
    }
  }
  return PT2_STATUS_OK;
}

// Q and R from the reflections in |a|.
static pt2_status_t unpack(const pt2_tensor_t* a, const pt2_tensor_t* tau,
                           bool want_q, bool reduced, pt2_tensor_t** results) {
  const int64_t m = pt2__linalg_rows(a), n = pt2__linalg_columns(a);
  const int64_t inner = reduced && n < m ? n : m;
  pt2_tensor_t *q, *r;
  const int64_t none = 0;
  PT2_TRY(want_q ? resize(a, m, inner, &q)
                 : pt2__tensor_empty(a->dtype, 1, &none, NULL, &q));
  pt2_status_t status = PT2_STATUS_OK;
  if (want_q && q->numel > 0) {
    status = pt2__factor_q(q, tau);
  }
  if (status == PT2_STATUS_OK) {
    status = resize(a, inner, n, &r);
  }
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(q);
    return status;
  }
  pt2__factor_clear(r, true);
  results[0] = q;
  results[1] = r;
  return PT2_STATUS_OK;
}

// (Tensor A, str mode) -> (Q, R)
static pt2_status_t qr(const pt2__boxed_t* boxed, pt2_tensor_t** results) {
  pt2_tensor_t* self;
  const char* mode = "reduced";
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "A", &self));
  PT2_TRY(pt2__boxed_string(boxed, 1, "mode", &mode));
  PT2_TRY(pt2__linalg_check_matrix(self, "linalg.qr", "A"));
  PT2_TRY(pt2__linalg_check_dtype(self, "geqrf_cpu"));
  bool complete = strcmp(mode, "complete") == 0,
       only_r = strcmp(mode, "r") == 0;
  PT2_OP_CHECK(complete || only_r || strcmp(mode, "reduced") == 0,
               "qr received unrecognized mode '%s' but expected one of "
               "'reduced' (default), 'r', or 'complete'",
               mode);
  pt2__batch_t batch;
  pt2__linalg_batch(self, &batch);
  int64_t m = pt2__linalg_rows(self), n = pt2__linalg_columns(self);
  pt2_tensor_t *a, *tau;
  PT2_TRY(pt2__linalg_clone(self, &batch, &a));
  pt2_status_t status =
      pt2__linalg_empty_vector(self->dtype, &batch, m < n ? m : n, &tau);
  if (status == PT2_STATUS_OK) {
    status = pt2__factor_qr(a, tau);
    if (status == PT2_STATUS_OK) {
      status = unpack(a, tau, !only_r, !complete, results);
    }
    pt2__tensor_release(tau);
  }
  pt2__tensor_release(a);
  return status;
}

PT2_BOXED_OP(linalg_qr, 2, qr)
