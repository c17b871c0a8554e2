// SPDX-License-Identifier: Apache-2.0
//
// The driver is that of quantised products: it moves rows of bytes against
// panels of groups of four, here two numbers each.
#include "backends/cpu/kernels/matmul/gemm_bf16.h"

#include <string.h>

#include "backends/cpu/kernels/matmul/gemm_finish.h"
#include "backends/cpu/kernels/matmul/gemm_pack.h"
#include "backends/cpu/kernels/quantized/qgemm.h"
#include "ops/op.h"

#define NR PT2__QUAD_PANEL_COLUMNS
// Columns of A that are gathered before the next row: their lines, which hold
// many rows of an A by columns, stay in the first-level cache.
#define COLUMNS_TOGETHER 32
// Rows of B that are packed before the next ones; even.
#define ROWS_TOGETHER 32

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

static int64_t min64(int64_t a, int64_t b) { return a < b ? a : b; }
static int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }

// |columns| columns into panels, so many rows at a time that the lines and
// pages of contiguous columns' rows are read once.
static void pack_columns(const uint16_t* b, int64_t b_rs, int64_t b_cs,
                         int64_t k, int64_t columns, int8_t* panels) {
  int64_t panel_bytes = (k + 1) / 2 * PT2__QUAD_BYTES;
  int64_t step = b_cs == 1 ? ROWS_TOGETHER : k;
  for (int64_t i = 0; i < k; i += step) {
    for (int64_t j = 0; j < columns; j += NR) {
      pt2__quad_pack_pairs(
          b + i * b_rs + j * b_cs, b_rs, b_cs, min64(step, k - i),
          min64(NR, columns - j),
          panels + j / NR * panel_bytes + i / 2 * PT2__QUAD_BYTES);
    }
  }
}

void pt2__gemm_bf16_pack(const void* b, int64_t b_rs, int64_t b_cs, int64_t k,
                         int64_t n, void* panels) {
  const int64_t unit = PT2__QUAD_COLUMNS;
  int64_t unit_bytes = (int64_t)pt2__gemm_bf16_panel_bytes(k, unit);
  int threads = pt2__op_threads(k * n);
#pragma omp parallel for num_threads(threads) if (threads > 1)
  for (int64_t j = 0; j < n; j += unit) {
    pack_columns((const uint16_t*)b + j * b_cs, b_rs, b_cs, k,
                 min64(unit, n - j), (int8_t*)panels + j / unit * unit_bytes);
  }
}

// ---- One product of the driver's --------------------------------------------

// Columns, from |column| on, of one matrix of the batch.
typedef struct {
  const pt2__gemm_t* g;
  int64_t batch, column;
  // Whether a kernel makes sums elements of C: where nothing but a source is
  // added, and all rows are contiguous.
  bool lines;
} part_t;

static void gather(const void* context, int64_t row, int64_t count,
                   uint8_t* rows) {
  const part_t* p = context;
  const pt2__gemm_operand_t* a = &p->g->a;
  const uint16_t* from =
      (const uint16_t*)a->data + p->batch * a->bs + row * a->rs;
  int64_t k = p->g->k;
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
  const part_t* p = context;
  const pt2__gemm_t* g = p->g;
  float alpha = (float)g->alpha;
  if (p->lines) {
    const pt2__gemm_operand_t* s = &g->source;
    const uint16_t* source = s->data;
    if (source != NULL) {
      source += p->batch * s->bs + row * s->rs + p->column + column;
    }
    int64_t at = p->batch * g->c_bs + row * g->c_rs + p->column + column;
    pt2__quad_kernels()->round((const float*)sums, alpha, source,
                               (float)g->beta, count, (uint16_t*)g->c + at);
    return;
  }
  float values[PT2__QUAD_COLUMNS];
  memcpy(values, sums, (size_t)count * sizeof(*values));
  if (alpha != 1) {
    for (int64_t j = 0; j < count; ++j) {
      values[j] *= alpha;
    }
  }
  pt2__gemm_finish_row(g, pt2__gemm_variant(), p->batch, row,
                       p->column + column, count, values);
}

static part_t part_of(const pt2__gemm_t* g, int64_t batch, int64_t column) {
  bool lines = g->finish == NULL &&
               (g->n == 1 || (g->c_cs == 1 &&
                              (g->source.data == NULL || g->source.cs == 1)));
  return (part_t){g, batch, column, lines};
}

static pt2__qgemm_t describe(const part_t* p, int64_t columns,
                             const void* panels) {
  const pt2__gemm_t* g = p->g;
  pt2__qgemm_t product = {.m = g->m,
                          .n = columns,
                          .k = 2 * g->k,
                          .type = PT2__QUAD_BF16,
                          .a = (const uint16_t*)g->a.data + p->batch * g->a.bs,
                          .a_rs = 2 * g->a.rs,
                          .panels = panels,
                          .finish = finish,
                          .finish_context = p};
  if (p->lines && g->alpha == 1 && g->source.data == NULL) {
    product.rounded = (uint16_t*)g->c + p->batch * g->c_bs + p->column;
    product.rounded_rs = g->c_rs;
  }
  if (g->a.cs != 1 && g->k > 1) {
    product.gather = gather;
    product.gather_context = p;
  }
  return product;
}

// ---- The batch --------------------------------------------------------------

// How the whole is computed: the batch in shares, each of which a thread takes
// with memory of its own; or one share, whose products all threads take.
typedef struct {
  const pt2__gemm_t* g;
  int shares;
  int threads;         // of a product
  int64_t columns;     // of B that are packed together
  size_t panel_bytes;  // of these
  size_t work_bytes;   // of a product
} plan_t;

static void make_plan(const pt2__gemm_t* g, plan_t* p) {
  p->g = g;
  p->shares = pt2__qgemm_threads(g->batch * g->m, g->n, 2 * g->k);
  p->threads = 1;
  if (g->batch < p->shares) {
    p->shares = 1;
    p->threads = pt2__qgemm_threads(g->m, g->n, 2 * g->k);
  }
  const int64_t unit = PT2__QUAD_COLUMNS;
  int64_t unit_bytes = (int64_t)pt2__gemm_bf16_panel_bytes(g->k, unit);
  int64_t units = (int64_t)PT2__GEMM_BLOCK_B_BYTES * p->threads /
                  (unit_bytes > 0 ? unit_bytes : 1);
  // Pieces of one size.
  int64_t pieces = ceil_div(g->n, units > 0 ? units * unit : unit);
  p->columns = ceil_div(ceil_div(g->n, pieces), unit) * unit;
  p->panel_bytes = pt2__gemm_bf16_panel_bytes(g->k, min64(p->columns, g->n));
  const part_t part = part_of(g, 0, 0);
  pt2__qgemm_t product = describe(&part, g->n, NULL);
  p->work_bytes = pt2__qgemm_work_bytes(&product, p->threads);
  p->work_bytes = (p->work_bytes + 63) & ~(size_t)63;
}

static void pack(const pt2__gemm_t* g, int64_t batch, int64_t column,
                 int64_t columns, void* panels) {
  const uint16_t* b = g->b.data;
  pt2__gemm_bf16_pack(b + batch * g->b.bs + column * g->b.cs, g->b.rs, g->b.cs,
                      g->k, columns, panels);
}

static void run_part(const plan_t* p, int64_t batch, int64_t column,
                     int64_t columns, const void* panels, void* work) {
  const part_t part = part_of(p->g, batch, column);
  pt2__qgemm_t product = describe(&part, columns, panels);
  pt2__qgemm_in(&product, p->threads, work);
}

// All columns of one matrix, in pieces that are packed into |packed|.
static void run_matrix(const plan_t* p, int64_t batch, void* packed,
                       void* work) {
  int64_t n = p->g->n;
  for (int64_t column = 0; column < n; column += p->columns) {
    int64_t columns = min64(p->columns, n - column);
    pack(p->g, batch, column, columns, packed);
    run_part(p, batch, column, columns, packed, work);
  }
}

// |columns| columns of all matrices. |panels|: B's, the same for all; NULL: a
// matrix has its own, and |room| holds the panels of each share before the work
// spaces.
static void run_batch(const plan_t* p, int64_t column, int64_t columns,
                      const void* panels, char* room) {
  int64_t batch = p->g->batch;
  size_t own = panels == NULL ? p->panel_bytes : 0;
  char* works = room + own * (size_t)p->shares;
#pragma omp parallel for num_threads(p->shares) if (p->shares > 1) \
    schedule(static)
  for (int share = 0; share < p->shares; ++share) {
    char* work = works + p->work_bytes * (size_t)share;
    for (int64_t i = batch * share / p->shares;
         i < batch * (share + 1) / p->shares; ++i) {
      if (panels == NULL) {
        run_matrix(p, i, room + own * (size_t)share, work);
      } else {
        run_part(p, i, column, columns, panels, work);
      }
    }
  }
}

// A B that is the same for the whole batch, packed into |room|.
static void run_shared(const plan_t* p, char* room) {
  int64_t n = p->g->n;
  for (int64_t column = 0; column < n; column += p->columns) {
    int64_t columns = min64(p->columns, n - column);
    pack(p->g, 0, column, columns, room);
    run_batch(p, column, columns, room, room + p->panel_bytes);
  }
}

pt2_status_t pt2__gemm_bf16(const pt2__gemm_t* g, const void* panels) {
  plan_t p;
  make_plan(g, &p);
  bool shared = g->batch == 1 || g->b.bs == 0;
  // All that is needed, so that nothing fails once C is written to.
  size_t bytes = p.work_bytes * (size_t)p.shares;
  if (panels == NULL) {
    bytes += p.panel_bytes * (size_t)(shared ? 1 : p.shares);
  }
  char* room = pt2__pool_alloc(bytes);
  if (room == NULL) {
    return PT2_OUT_OF_MEMORY(bytes);
  }
  if (panels != NULL) {
    run_batch(&p, 0, g->n, panels, room);
  } else if (shared) {
    run_shared(&p, room);
  } else {
    run_batch(&p, 0, g->n, NULL, room);
  }
  pt2__pool_free(room, bytes);
  return PT2_STATUS_OK;
}

// ---- Few rows ---------------------------------------------------------------

bool pt2__gemm_bf16_dots_suit(const pt2__gemm_t* g) {
  return g->dtype == PT2_DTYPE_BF16 && g->panels == NULL &&
         (g->a.cs == 1 || g->k == 1) && (g->b.rs == 1 || g->k == 1) &&
         pt2__gemm_bf16_available() && g->m <= pt2__quad_kernels()->few_rows;
}

// All rows of |count| columns.
static void run_dots(const part_t* p, int64_t count) {
  const pt2__gemm_t* g = p->g;
  const uint16_t* a = (const uint16_t*)g->a.data + p->batch * g->a.bs;
  const uint16_t* b = (const uint16_t*)g->b.data + p->batch * g->b.bs;
  float sums[PT2__QUAD_DOTS_ROWS * PT2__QUAD_DOTS_COLUMNS];
  pt2__quad_dots_t dots = {.columns = (int)count,
                           .bytes = 2 * g->k,
                           .a_rs = 2 * g->a.rs,
                           .b = (const uint8_t*)(b + p->column * g->b.cs),
                           .b_cs = 2 * g->b.cs,
                           .sums = sums};
  for (int64_t row = 0; row < g->m; row += PT2__QUAD_DOTS_ROWS) {
    dots.rows = (int)min64(PT2__QUAD_DOTS_ROWS, g->m - row);
    dots.a = (const uint8_t*)(a + row * g->a.rs);
    pt2__quad_kernels()->dots[PT2__QUAD_BF16](&dots);
    for (int r = 0; r < dots.rows; ++r) {
      finish(p, (const int32_t*)(sums + r * PT2__QUAD_DOTS_COLUMNS), count,
             row + r, 0);
    }
  }
}

void pt2__gemm_bf16_dots(const pt2__gemm_t* g) {
  const int64_t unit = PT2__QUAD_DOTS_COLUMNS;
  int64_t pieces = ceil_div(g->n, unit);
  int threads = pt2__qgemm_threads(g->batch * g->m, g->n, 2 * g->k);
#pragma omp parallel for num_threads(threads) if (threads > 1) schedule(static)
  for (int64_t i = 0; i < g->batch * pieces; ++i) {
    const part_t part = part_of(g, i / pieces, i % pieces * unit);
    run_dots(&part, min64(unit, g->n - part.column));
  }
}

// ---- One row ----------------------------------------------------------------

bool pt2__gemm_bf16_lines_suit(const pt2__gemm_t* g) {
  return g->dtype == PT2_DTYPE_BF16 && g->panels == NULL && g->m == 1 &&
         (g->a.cs == 1 || g->k == 1) && (g->b.cs == 1 || g->n == 1) &&
         pt2__gemm_bf16_available();
}

static void run_lines(const part_t* p, int64_t count) {
  const pt2__gemm_t* g = p->g;
  float sums[PT2__QUAD_LINES];
  pt2__quad_kernels()->lines(
      (const uint16_t*)g->a.data + p->batch * g->a.bs, g->k,
      (const uint16_t*)g->b.data + p->batch * g->b.bs + p->column, g->b.rs,
      (int)count, sums);
  for (int64_t j = 0; j < count; j += PT2__QUAD_COLUMNS) {
    finish(p, (const int32_t*)(sums + j), min64(PT2__QUAD_COLUMNS, count - j),
           0, j);
  }
}

void pt2__gemm_bf16_lines(const pt2__gemm_t* g) {
  const int64_t unit = PT2__QUAD_LINES;
  int64_t pieces = ceil_div(g->n, unit);
  int threads = pt2__qgemm_threads(g->batch, g->n, 2 * g->k);
#pragma omp parallel for num_threads(threads) if (threads > 1) schedule(static)
  for (int64_t i = 0; i < g->batch * pieces; ++i) {
    const part_t part = part_of(g, i / pieces, i % pieces * unit);
    run_lines(&part, min64(unit, g->n - part.column));
  }
}
