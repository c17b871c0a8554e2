// SPDX-License-Identifier: Apache-2.0
//
// Matrix products of integers and complex numbers: plain loops, for types that
// are rare in models.
#include "backends/cpu/kernels/matmul/gemm.h"
#include "ops/op.h"

// Columns summed together, so that rows of B are read along.
#define CHUNK 64

// Integers are summed and scaled as unsigned 64-bit numbers: what overflows
// wraps as it does in torch, whatever the width.
static uint64_t scale_integer(double scale) { return (uint64_t)(int64_t)scale; }

#define DEFINE_PRODUCT(name, type, sum_type, scale_of)                        \
  static void name(const pt2__gemm_t* g, int64_t batch, int64_t row) {        \
    const type* a = (const type*)g->a.data + batch * g->a.bs + row * g->a.rs; \
    const type* b = (const type*)g->b.data + batch * g->b.bs;                 \
    type* c = (type*)g->c + batch * g->c_bs + row * g->c_rs;                  \
    const type* source = g->source.data;                                      \
    if (source != NULL) {                                                     \
      source += batch * g->source.bs + row * g->source.rs;                    \
    }                                                                         \
    sum_type alpha = scale_of(g->alpha);                                      \
    sum_type beta = scale_of(g->beta);                                        \
    for (int64_t from = 0; from < g->n; from += CHUNK) {                      \
      int64_t count = g->n - from < CHUNK ? g->n - from : CHUNK;              \
      sum_type sums[CHUNK] = {0};                                             \
      for (int64_t k = 0; k < g->k; ++k) {                                    \
        sum_type left = (sum_type)a[k * g->a.cs];                             \
        const type* right = b + k * g->b.rs + from * g->b.cs;                 \
        for (int64_t j = 0; j < count; ++j) {                                 \
          sums[j] += left * (sum_type)right[j * g->b.cs];                     \
        }                                                                     \
      }                                                                       \
      for (int64_t j = 0; j < count; ++j) {                                   \
        sum_type value = alpha * sums[j];                                     \
        if (source != NULL) {                                                 \
          value += beta * (sum_type)source[(from + j) * g->source.cs];        \
        }                                                                     \
        c[(from + j) * g->c_cs] = (type)value;                                \
      }                                                                       \
    }                                                                         \
  }

DEFINE_PRODUCT(product_8, uint8_t, uint64_t, scale_integer)
DEFINE_PRODUCT(product_16, uint16_t, uint64_t, scale_integer)
DEFINE_PRODUCT(product_32, uint32_t, uint64_t, scale_integer)
DEFINE_PRODUCT(product_64, uint64_t, uint64_t, scale_integer)
// Without the checks for infinities that a C complex product makes.
#define DEFINE_COMPLEX(name, part)                                      \
  static void name(const pt2__gemm_t* g, int64_t batch, int64_t row) {  \
    const part* a =                                                     \
        (const part*)g->a.data + 2 * (batch * g->a.bs + row * g->a.rs); \
    const part* b = (const part*)g->b.data + 2 * batch * g->b.bs;       \
    part* c = (part*)g->c + 2 * (batch * g->c_bs + row * g->c_rs);      \
    const part* source = g->source.data;                                \
    if (source != NULL) {                                               \
      source += 2 * (batch * g->source.bs + row * g->source.rs);        \
    }                                                                   \
    for (int64_t from = 0; from < g->n; from += CHUNK) {                \
      int64_t count = g->n - from < CHUNK ? g->n - from : CHUNK;        \
      part sums[2 * CHUNK] = {0};                                       \
      for (int64_t k = 0; k < g->k; ++k) {                              \
        part re = a[2 * k * g->a.cs];                                   \
        part im = a[2 * k * g->a.cs + 1];                               \
        const part* right = b + 2 * (k * g->b.rs + from * g->b.cs);     \
        for (int64_t j = 0; j < count; ++j) {                           \
          part other_re = right[2 * j * g->b.cs];                       \
          part other_im = right[2 * j * g->b.cs + 1];                   \
          sums[2 * j] += re * other_re - im * other_im;                 \
          sums[2 * j + 1] += re * other_im + im * other_re;             \
        }                                                               \
      }                                                                 \
      for (int64_t j = 0; j < 2 * count; ++j) {                         \
        part value = (part)g->alpha * sums[j];                          \
        if (source != NULL) {                                           \
          value += (part)g->beta *                                      \
                   source[2 * (from + j / 2) * g->source.cs + j % 2];   \
        }                                                               \
        c[2 * (from + j / 2) * g->c_cs + j % 2] = value;                \
      }                                                                 \
    }                                                                   \
  }

DEFINE_COMPLEX(product_complex64, float)
DEFINE_COMPLEX(product_complex128, double)

typedef void (*product_fn)(const pt2__gemm_t* g, int64_t batch, int64_t row);

static product_fn product_of(int32_t dtype) {
  switch (dtype) {
    case PT2_DTYPE_COMPLEX64:
      return product_complex64;
    case PT2_DTYPE_COMPLEX128:
      return product_complex128;
    default:
      break;
  }
  switch (pt2_dtype_size_bytes(dtype)) {
    case 1:
      return product_8;
    case 2:
      return product_16;
    case 4:
      return product_32;
    default:
      return product_64;
  }
}

void pt2__gemm_generic(const pt2__gemm_t* gemm) {
  product_fn product = product_of(gemm->dtype);
  int64_t rows = gemm->batch * gemm->m;
  int threads = pt2__op_threads(rows * gemm->n * (gemm->k / 4 + 1));
#pragma omp parallel for num_threads(threads) if (threads > 1)
  for (int64_t i = 0; i < rows; ++i) {
    product(gemm, i / gemm->m, i % gemm->m);
  }
}
