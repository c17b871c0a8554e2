// SPDX-License-Identifier: Apache-2.0
//
// aten::linalg_polar, by name.
#include <string.h>

#include "backends/cpu/kernels/linalg/decompose.h"
#include "backends/cpu/kernels/linalg/lapack.h"
#include "backends/cpu/kernels/linalg/trisolve.h"
#include "ops/boxed.h"

PT2__NEEDS_LAPACK(linalg_polar)

static const char function[] = "linalg.polar";

// (H + H^H) / 2 for each matrix, so that rounding does not show.
#define SYMMETRIZE(name, type)                                                 \
  static void name(pt2_tensor_t* matrices, int64_t n) {                        \
    const int64_t parts = pt2__dtype_is_complex(matrices->dtype) ? 2 : 1;      \
    type* h = matrices->data;                                                  \
    for (int64_t b = 0; b < matrices->numel; b += n * n, h += parts * n * n) { \
      for (int64_t i = 0; i < n; ++i) {                                        \
        for (int64_t j = 0; j <= i; ++j) {                                     \
          type *x = h + parts * (i * n + j), *y = h + parts * (j * n + i);     \
          x[0] = y[0] = (x[0] + y[0]) / 2;                                     \
          if (parts == 2) {                                                    \
            x[1] = (x[1] - y[1]) / 2;                                          \
            y[1] = -x[1];                                                      \
          }                                                                    \
        }                                                                      \
      }                                                                        \
    }                                                                          \
  }
SYMMETRIZE(symmetrize_f32, float)
SYMMETRIZE(symmetrize_f64, double)

// H = V diag(values) V^H of the parts' Vh.
static pt2_status_t make_h(const pt2__decomposed_t* parts,
                           const pt2__batch_t* batch, pt2_tensor_t* h) {
  const int64_t n = pt2__linalg_columns(h);
  // V column by column is conj(Vh) row by row.
  pt2_tensor_t *v, *kept;
  PT2_TRY(pt2__linalg_empty(h->dtype, batch, n, n, &v));
  int64_t strides[PT2__MAX_RANK];
  memcpy(strides, parts->vh->strides,
         sizeof(*strides) * (size_t)parts->vh->rank);
  int64_t row = strides[h->rank - 2];
  strides[h->rank - 2] = strides[h->rank - 1];
  strides[h->rank - 1] = row;
  pt2_status_t status = pt2__tensor_view(parts->vh, parts->vh->rank,
                                         parts->vh->sizes, strides, 0, &kept);
  if (status == PT2_STATUS_OK) {
    status = pt2__tensor_copy(v, kept);
    pt2__tensor_release(kept);
  }
  if (status == PT2_STATUS_OK) {
    pt2__conjugate(v->dtype, v->data, v->numel);
    pt2__scale_columns(v, parts->values);
    status = pt2__multiply_factors((pt2__factor_t){v, false},
                                   (pt2__factor_t){parts->vh, false}, h);
  }
  if (status == PT2_STATUS_OK) {
    bool wide = parts->values->dtype == PT2_DTYPE_F64;
    (wide ? symmetrize_f64 : symmetrize_f32)(h, n);
  }
  pt2__tensor_release(v);
  return status;
}

static pt2_status_t make(const pt2_tensor_t* self, const pt2__batch_t* batch,
                         pt2_tensor_t* u, pt2_tensor_t* h) {
  if (self->numel == 0) {
    return PT2_STATUS_OK;
  }
  pt2__decomposed_t parts;
  PT2_TRY(pt2__decompose_svd(self, &parts));
  pt2_status_t status = pt2__multiply_factors(
      (pt2__factor_t){parts.u, false}, (pt2__factor_t){parts.vh, false}, u);
  if (status == PT2_STATUS_OK) {
    status = make_h(&parts, batch, h);
  }
  pt2__decomposed_release(&parts);
  return status;
}

// (Tensor A) -> (U, H)
static pt2_status_t polar(const pt2__boxed_t* boxed, pt2_tensor_t** results) {
  pt2_tensor_t* self;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "A", &self));
  PT2_TRY(pt2__linalg_check_matrix(self, function, "A"));
  PT2_TRY(pt2__linalg_check_dtype(self, "linalg_svd_cpu"));
  const int64_t m = pt2__linalg_rows(self), n = pt2__linalg_columns(self);
  PT2_OP_CHECK(m >= n,
               "%s: input must have at least as many rows as columns, but got "
               "%lld by %lld matrices",
               function, (long long)m, (long long)n);
  pt2__batch_t batch;
  pt2__linalg_batch(self, &batch);
  int64_t sizes[PT2__MAX_RANK];
  memcpy(sizes, self->sizes, sizeof(*sizes) * (size_t)self->rank);
  sizes[self->rank - 2] = n;
  pt2_tensor_t *u, *h;
  PT2_TRY(pt2__tensor_empty(self->dtype, self->rank, self->sizes, NULL, &u));
  pt2_status_t status =
      pt2__tensor_empty(self->dtype, self->rank, sizes, NULL, &h);
  if (status == PT2_STATUS_OK) {
    status = make(self, &batch, u, h);
    if (status == PT2_STATUS_OK) {
      results[0] = u;
      results[1] = h;
      return PT2_STATUS_OK;
    }
    pt2__tensor_release(h);
  }
  pt2__tensor_release(u);
  return status;
}

PT2_BOXED_OP(linalg_polar, 2, polar)
