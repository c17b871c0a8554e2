// SPDX-License-Identifier: Apache-2.0
//
// The driver is that of quantised products: it moves rows of bytes against
// panels of groups of four, here two numbers each.
#include "backends/cpu/kernels/gemm_bf16.h"

#include <string.h>

#include "backends/cpu/kernels/gemm_finish.h"
#include "backends/cpu/kernels/qgemm.h"
#include "ops/op.h"

#define NR PT2__QUAD_PANEL_COLUMNS
// Columns of A that are gathered before the next row: their lines, which hold
// many rows of an A by columns, stay in the first-level cache.
#define COLUMNS_TOGETHER 32

bool pt2__gemm_bf16_available(void) {
#if defined(__x86_64__)
  const pt2__quad_kernels_t* kernels = pt2__quad_kernels();
  return kernels != NULL && kernels->tile[PT2__QUAD_BF16] != NULL &&
         pt2__gemm_variant() == &pt2__gemm_avx512;
#else
  return false;
#endif
}

size_t pt2__gemm_bf16_panel_bytes(int64_t k, int64_t n) {
  return (size_t)((n + NR - 1) / NR * ((k + 1) / 2) * PT2__QUAD_BYTES);
}

void pt2__gemm_bf16_pack(const void* b, int64_t b_rs, int64_t b_cs, int64_t k,
                         int64_t n, void* panels) {
  int64_t panel_bytes = (k + 1) / 2 * PT2__QUAD_BYTES;
  int threads = pt2__op_threads(k * n);
#pragma omp parallel for num_threads(threads) if (threads > 1)
  for (int64_t j = 0; j < n; j += NR) {
    pt2__quad_pack_pairs((const uint16_t*)b + j * b_cs, b_rs, b_cs, k,
                         n - j < NR ? n - j : NR,
                         (int8_t*)panels + j / NR * panel_bytes);
  }
}

// One matrix of the batch.
typedef struct {
  const pt2__gemm_t* g;
  int64_t batch;
} matrix_t;

static void gather(const void* context, int64_t row, int64_t count,
                   uint8_t* rows) {
  const matrix_t* m = context;
  const pt2__gemm_operand_t* a = &m->g->a;
  const uint16_t* from =
      (const uint16_t*)a->data + m->batch * a->bs + row * a->rs;
  int64_t k = m->g->k;
  for (int64_t first = 0; first < k; first += COLUMNS_TOGETHER) {
    int64_t until = first + COLUMNS_TOGETHER < k ? first + COLUMNS_TOGETHER : k;
    for (int64_t i = 0; i < count; ++i) {
      for (int64_t j = first; j < until; ++j) {
        memcpy(rows + (i * k + j) * 2, from + i * a->rs + j * a->cs, 2);
      }
    }
  }
}

static void finish(const void* context, const int32_t* sums, int64_t count,
                   int64_t row, int64_t column) {
  const matrix_t* m = context;
  const pt2__gemm_t* g = m->g;
  float values[PT2__QUAD_COLUMNS];
  memcpy(values, sums, (size_t)count * sizeof(*values));
  if (g->alpha != 1) {
    float alpha = (float)g->alpha;
    for (int64_t j = 0; j < count; ++j) {
      values[j] *= alpha;
    }
  }
  pt2__gemm_finish_row(g, pt2__gemm_variant(), m->batch, row, column, count,
                       values);
}

static pt2_status_t run_matrix(const matrix_t* m, const void* panels) {
  const pt2__gemm_t* g = m->g;
  pt2__qgemm_t product = {.m = g->m,
                          .n = g->n,
                          .k = 2 * g->k,
                          .type = PT2__QUAD_BF16,
                          .a = (const uint16_t*)g->a.data + m->batch * g->a.bs,
                          .a_rs = 2 * g->a.rs,
                          .panels = panels,
                          .finish = finish,
                          .finish_context = m};
  if (g->a.cs != 1 && g->k > 1) {
    product.gather = gather;
    product.gather_context = m;
  }
  return pt2__qgemm(&product);
}

pt2_status_t pt2__gemm_bf16(const pt2__gemm_t* g, const void* panels) {
  matrix_t m = {.g = g};
  if (panels != NULL) {
    pt2_status_t status = PT2_STATUS_OK;
    for (; m.batch < g->batch && status == PT2_STATUS_OK; ++m.batch) {
      status = run_matrix(&m, panels);
    }
    return status;
  }
  size_t bytes = pt2__gemm_bf16_panel_bytes(g->k, g->n);
  char* packed = pt2__pool_alloc(bytes > 0 ? bytes : 1);
  if (packed == NULL) {
    return PT2_OUT_OF_MEMORY(bytes);
  }
  pt2_status_t status = PT2_STATUS_OK;
  for (; m.batch < g->batch && status == PT2_STATUS_OK; ++m.batch) {
    if (m.batch == 0 || g->b.bs != 0) {
      pt2__gemm_bf16_pack((const uint16_t*)g->b.data + m.batch * g->b.bs,
                          g->b.rs, g->b.cs, g->k, g->n, packed);
    }
    status = run_matrix(&m, packed);
  }
  pt2__pool_free(packed, bytes > 0 ? bytes : 1);
  return status;
}
