// SPDX-License-Identifier: Apache-2.0
//
// A row of complex numbers is a row of twice as many real ones. With B's
// element x + i y as the real matrix (x y; -y x), A B is one real product of m
// x 2k and 2k x 2n, without a multiplication more than the complex one has.
#include "backends/cpu/kernels/matmul/gemm_complex.h"

#include <string.h>

#include "base/memory.h"
#include "ops/op.h"

// Fewer rows than that do not pay for the copy of B.
#define FEWEST_ROWS 4
#define LEAST_WORK 1024
// Bytes of copies that are made at a time.
#define CHUNK_BYTES (1 << 20)

// Where the two copies are and how matrices follow each other.
typedef struct {
  const pt2__gemm_t* g;
  int32_t dtype;  // of the parts
  size_t part;
  bool copies_a;
  size_t a_bytes, b_bytes;  // of one matrix's copy
  char *a, *b;
} pair_t;

bool pt2__gemm_complex_suits(const pt2__gemm_t* g) {
  if (g->dtype != PT2_DTYPE_COMPLEX64 && g->dtype != PT2_DTYPE_COMPLEX128) {
    return false;
  }
  bool rows = g->c_cs == 1 || g->n == 1;
  bool source = g->source.data == NULL || g->source.cs == 1 || g->n == 1;
  return rows && source && g->m >= FEWEST_ROWS && g->n > 1 && g->k > 0 &&
         (double)g->m * (double)g->n * (double)g->k >= LEAST_WORK;
}

// Real and imaginary parts of a row, as they are and turned by i.
#define SPREAD(suffix, real)                                               \
  static void spread_##suffix(const real* from, int64_t stride, int64_t n, \
                              real* even) {                                \
    real* odd = even + 2 * n;                                              \
    for (int64_t j = 0; j < n; ++j) {                                      \
      real x = from[2 * j * stride], y = from[2 * j * stride + 1];         \
      even[2 * j] = x;                                                     \
      even[2 * j + 1] = y;                                                 \
      odd[2 * j] = -y;                                                     \
      odd[2 * j + 1] = x;                                                  \
    }                                                                      \
  }                                                                        \
  static void copy_##suffix(const real* from, int64_t stride, int64_t n,   \
                            real* to) {                                    \
    for (int64_t j = 0; j < n; ++j) {                                      \
      to[2 * j] = from[2 * j * stride];                                    \
      to[2 * j + 1] = from[2 * j * stride + 1];                            \
    }                                                                      \
  }
SPREAD(f32, float)
SPREAD(f64, double)

static const char* row_of(const pair_t* p, const pt2__gemm_operand_t* x,
                          int64_t batch, int64_t row) {
  return (const char*)x->data +
         2 * (batch * x->bs + row * x->rs) * (int64_t)p->part;
}

static void spread_row(const pair_t* p, int64_t first, int64_t i) {
  const pt2__gemm_t* g = p->g;
  int64_t matrix = i / g->k, row = i % g->k;
  const char* from = row_of(p, &g->b, first + matrix, row);
  char* to =
      p->b + p->b_bytes * (size_t)matrix + 4 * p->part * (size_t)(row * g->n);
  if (p->dtype == PT2_DTYPE_F32) {
    spread_f32((const float*)(const void*)from, g->b.cs, g->n,
               (float*)(void*)to);
  } else {
    spread_f64((const double*)(const void*)from, g->b.cs, g->n,
               (double*)(void*)to);
  }
}

static void copy_row(const pair_t* p, int64_t first, int64_t i) {
  const pt2__gemm_t* g = p->g;
  int64_t matrix = i / g->m, row = i % g->m;
  const char* from = row_of(p, &g->a, first + matrix, row);
  char* to =
      p->a + p->a_bytes * (size_t)matrix + 2 * p->part * (size_t)(row * g->k);
  if (p->dtype == PT2_DTYPE_F32) {
    copy_f32((const float*)(const void*)from, g->a.cs, g->k, (float*)(void*)to);
  } else {
    copy_f64((const double*)(const void*)from, g->a.cs, g->k,
             (double*)(void*)to);
  }
}

static void make_copies(const pair_t* p, int64_t first, int64_t count) {
  const pt2__gemm_t* g = p->g;
  int64_t b_rows = (g->b.bs == 0 ? 1 : count) * g->k;
  int64_t a_rows = !p->copies_a ? 0 : (g->a.bs == 0 ? 1 : count) * g->m;
  int threads = pt2__op_threads(b_rows * g->n + a_rows * g->k);
#pragma omp parallel for num_threads(threads) if (threads > 1)
  for (int64_t i = 0; i < b_rows; ++i) {
    spread_row(p, first, i);
  }
#pragma omp parallel for num_threads(threads) if (threads > 1)
  for (int64_t i = 0; i < a_rows; ++i) {
    copy_row(p, first, i);
  }
}

static pt2_status_t multiply(const pair_t* p, int64_t first, int64_t count) {
  const pt2__gemm_t* g = p->g;
  const int64_t part = (int64_t)p->part;
  make_copies(p, first, count);
  pt2__gemm_t real = {
      .dtype = p->dtype,
      .batch = count,
      .m = g->m,
      .n = 2 * g->n,
      .k = 2 * g->k,
      .alpha = g->alpha,
      .beta = g->beta,
      .a = {p->a, g->a.bs == 0 ? 0 : 2 * g->m * g->k, 2 * g->k, 1},
      .b = {p->b, g->b.bs == 0 ? 0 : 4 * g->k * g->n, 2 * g->n, 1},
      .c = (char*)g->c + 2 * first * g->c_bs * part,
      .c_bs = 2 * g->c_bs,
      .c_rs = 2 * g->c_rs,
      .c_cs = 1};
  if (!p->copies_a) {
    real.a = (pt2__gemm_operand_t){row_of(p, &g->a, first, 0), 2 * g->a.bs,
                                   2 * g->a.rs, 1};
  }
  if (g->source.data != NULL) {
    real.source = (pt2__gemm_operand_t){row_of(p, &g->source, first, 0),
                                        2 * g->source.bs, 2 * g->source.rs, 1};
  }
  return pt2__gemm(&real);
}

pt2_status_t pt2__gemm_complex(const pt2__gemm_t* g) {
  pair_t p = {
      .g = g,
      .dtype = g->dtype == PT2_DTYPE_COMPLEX64 ? PT2_DTYPE_F32 : PT2_DTYPE_F64,
      .copies_a = g->a.cs != 1};
  p.part = pt2_dtype_size_bytes(p.dtype);
  p.b_bytes = 4 * p.part * (size_t)(g->k * g->n);
  p.a_bytes = p.copies_a ? 2 * p.part * (size_t)(g->m * g->k) : 0;
  int64_t chunk = (int64_t)(CHUNK_BYTES / (p.a_bytes + p.b_bytes)) + 1;
  chunk = chunk < g->batch ? chunk : g->batch;
  size_t b_all = p.b_bytes * (size_t)(g->b.bs == 0 ? 1 : chunk);
  b_all = (b_all + 63) / 64 * 64;
  size_t bytes = b_all + p.a_bytes * (size_t)(g->a.bs == 0 ? 1 : chunk);
  p.b = pt2__pool_alloc(bytes);
  if (p.b == NULL) {
    return PT2_OUT_OF_MEMORY(bytes);
  }
  p.a = p.b + b_all;
  pt2_status_t status = PT2_STATUS_OK;
  for (int64_t first = 0; first < g->batch && status == PT2_STATUS_OK;
       first += chunk) {
    int64_t left = g->batch - first;
    status = multiply(&p, first, left < chunk ? left : chunk);
  }
  pt2__pool_free(p.b, bytes);
  return status;
}
