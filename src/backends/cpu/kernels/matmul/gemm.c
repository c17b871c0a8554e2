// SPDX-License-Identifier: Apache-2.0
//
// The matrix product: chooses the kernels, divides the work into blocks that
// fit the caches and rectangles for the threads. docs/adr/0004-matmul.md has
// the measurements behind the figures here.
#include "backends/cpu/kernels/matmul/gemm.h"

#include <omp.h>
#include <stdatomic.h>
#include <string.h>

#include "backends/cpu/cpu_features.h"
#include "backends/cpu/kernels/matmul/gemm_bf16.h"
#include "backends/cpu/kernels/matmul/gemm_complex.h"
#include "backends/cpu/kernels/matmul/gemm_finish.h"
#include "backends/cpu/kernels/matmul/gemm_pack.h"
#include "ops/op.h"

// ---- Figures, all of them --------------------------------------------------

// Rows of B in a block: a panel of it stays in the first-level cache.
#define BLOCK_K 320
// Bytes of a block of A, which stays in the second-level cache.
#define BLOCK_A_BYTES (192 * 1024)
// Bytes of B that are packed together, and of results that wait for rounding.
#define BLOCK_B_BYTES PT2__GEMM_BLOCK_B_BYTES
#define BLOCK_C_BYTES (128 * 1024)
// Up to this many rows the dot kernels beat packing B first.
#define DOT_ROWS 12
// More rows of bfloat16 than this repay packing a B that may change for their
// instructions, if it has so many rows and columns and the product so many
// multiply-adds.
#define PAIRS_ROWS 4
#define PAIRS_LEAST 8
#define PAIRS_WORK 65536
// A B of contiguous rows is read where it lies by so many rows of tiles; more
// repay packing it. Small enough to stay in the first-level cache, it always
// is.
#define DIRECT_TILES 2
#define DIRECT_BYTES (16 * 1024)
// Multiply-adds that count as one of pt2__op_threads' element operations.
#define WORK_DIVISOR 8
// Work space up to this size lies on the stack.
#define STACK_BYTES 16384

// ---- Choice of kernels -----------------------------------------------------

static _Atomic(const pt2__gemm_variant_t*) chosen;

const pt2__gemm_variant_t* pt2__gemm_variant(void) {
  const pt2__gemm_variant_t* variant =
      atomic_load_explicit(&chosen, memory_order_acquire);
  if (variant != NULL) {
    return variant;
  }
  variant = &pt2__gemm_portable;
#if defined(__x86_64__)
  if (pt2__cpu_level() >= PT2__CPU_AVX512) {
    variant = &pt2__gemm_avx512;
  } else if (pt2__cpu_level() >= PT2__CPU_AVX2) {
    variant = &pt2__gemm_avx2;
  }
#endif
  atomic_store_explicit(&chosen, variant, memory_order_release);
  return variant;
}

void pt2__gemm_variant_override(const pt2__gemm_variant_t* variant) {
  atomic_store_explicit(&chosen, variant, memory_order_release);
}

typedef enum { KERNEL_TILE, KERNEL_DOT, KERNEL_ROW } kernel_kind_t;
typedef enum { B_PACKED, B_DIRECT, B_COPY } b_mode_t;

// How one product is computed.
typedef struct {
  const pt2__gemm_t* g;
  const pt2__gemm_variant_t* variant;
  pt2__gemm_type_t type, b_type;  // of A and C; of B
  size_t element;    // bytes of an element of A and C as they lie in memory
  size_t b_element;  // and of B
  size_t compute;    // bytes of a float or double
  int mr, nr;
  kernel_kind_t kind;
  b_mode_t b_mode;
  bool a_copy;  // blocks of A are converted or gathered first
  bool c_temp;  // results pass through a buffer: rounding, odd strides
  int64_t block_m, block_n, block_k;
  // Work space of a thread, and where its parts begin.
  size_t b_offset, c_offset, work_bytes;
  int threads_batch, threads_m, threads_n;
} plan_t;

static int64_t min64(int64_t a, int64_t b) { return a < b ? a : b; }
static int64_t max64(int64_t a, int64_t b) { return a > b ? a : b; }
static int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }

// Splits |size| evenly into pieces of at most |most|, multiples of |unit|.
static int64_t even_block(int64_t size, int64_t most, int64_t unit) {
  most = max64(most / unit * unit, unit);
  int64_t pieces = max64(ceil_div(size, most), 1);
  return max64(ceil_div(ceil_div(size, pieces), unit) * unit, unit);
}

static void choose_kernel(plan_t* p) {
  const pt2__gemm_t* g = p->g;
  p->kind = KERNEL_TILE;
  if (g->panels != NULL) {
    p->b_mode = B_PACKED;
  } else if (g->m <= DOT_ROWS && (g->b.rs == 1 || g->k == 1)) {
    p->kind = KERNEL_DOT;
    p->b_mode = B_DIRECT;
  } else if (g->b.cs == 1 || g->n == 1) {
    if (g->m == 1) {
      p->kind = KERNEL_ROW;
    }
    p->b_mode = g->m == 1 || g->m <= DIRECT_TILES * p->mr ||
                        (size_t)(g->k * g->n) * p->b_element <= DIRECT_BYTES
                    ? B_DIRECT
                    : B_COPY;
  } else {
    p->b_mode = B_COPY;
  }
  bool narrow = p->element < p->compute;
  if (p->kind == KERNEL_TILE) {
    // A row stride of a whole number of pages maps all rows to the same lines.
    bool crowded =
        (g->a.rs * (int64_t)p->compute) % 4096 == 0 && g->m > 2 * p->mr;
    p->a_copy = narrow || ((g->a.cs != 1 || crowded) && g->n > 2 * p->nr);
  } else {
    p->a_copy = narrow || (g->a.cs != 1 && g->k > 1);
  }
  bool source_fits = g->source.data == NULL || g->source.cs == 1 ||
                     g->source.cs == 0 || p->kind == KERNEL_DOT;
  bool c_fits = g->c_cs == 1 || g->n == 1 || p->kind == KERNEL_DOT;
  p->c_temp = narrow || !source_fits || !c_fits;
}

// Divides the product among the threads: over the batch, or into rectangles
// whose largest is smallest.
static void choose_threads(plan_t* p) {
  const pt2__gemm_t* g = p->g;
  p->threads_batch = p->threads_m = p->threads_n = 1;
  int threads =
      pt2__op_threads(g->batch * g->m * g->n * ceil_div(g->k, WORK_DIVISOR));
  if (threads <= 1) {
    return;
  }
  if (g->batch >= threads) {
    p->threads_batch = threads;
    return;
  }
  int64_t tiles_m = ceil_div(g->m, p->mr);
  int64_t tiles_n = ceil_div(g->n, p->nr);
  int64_t best = INT64_MAX;
  for (int m = 1; m <= threads; ++m) {
    int n = threads / m;
    int64_t rows = ceil_div(tiles_m, m) * p->mr;
    int64_t columns = ceil_div(tiles_n, n) * p->nr;
    // Each thread packs its share of B, and reads its share of both.
    int64_t cost =
        rows * columns + 2 * rows + (p->b_mode == B_COPY ? 8 : 2) * columns;
    if (cost < best) {
      best = cost;
      p->threads_m = m;
      p->threads_n = n;
    }
  }
}

static size_t align_up(size_t bytes) { return (bytes + 63) & ~(size_t)63; }

static void choose_blocks(plan_t* p) {
  const pt2__gemm_t* g = p->g;
  int64_t rows = ceil_div(ceil_div(g->m, p->mr), p->threads_m) * p->mr;
  int64_t columns = ceil_div(ceil_div(g->n, p->nr), p->threads_n) * p->nr;
  rows = min64(rows, g->m);
  p->block_k = p->kind == KERNEL_TILE
                   ? even_block(g->k, BLOCK_K * 4 / (int64_t)p->compute, 4)
                   : g->k;
  p->block_k = max64(min64(p->block_k, g->k), 1);
  p->block_m =
      p->kind == KERNEL_TILE
          ? even_block(rows, BLOCK_A_BYTES / (p->block_k * (int64_t)p->compute),
                       p->mr)
          : rows;
  p->block_m = min64(p->block_m, rows);
  p->block_n = columns;
  if (p->b_mode == B_COPY) {
    p->block_n = even_block(
        columns, BLOCK_B_BYTES / (max64(g->k, 1) * (int64_t)p->b_element),
        p->nr);
  }
  if (p->c_temp) {
    p->block_n = min64(
        p->block_n,
        even_block(columns, BLOCK_C_BYTES / (p->block_m * (int64_t)p->compute),
                   p->nr));
  }
  size_t a_bytes = 0;
  size_t b_bytes = 0;
  size_t c_bytes = 0;
  if (p->a_copy) {
    a_bytes = (size_t)(p->block_m * p->block_k) * p->compute;
  }
  if (p->kind == KERNEL_TILE && p->b_mode != B_PACKED) {
    // Read where it lies, B still needs its last panel padded.
    int64_t packed = p->b_mode == B_COPY ? p->block_n
                     : g->n % p->nr != 0 ? p->nr
                                         : 0;
    b_bytes = (size_t)(g->k * packed) * p->b_element;
  }
  if (p->c_temp) {
    c_bytes = (size_t)(p->block_m * p->block_n) * p->compute;
  }
  p->b_offset = align_up(a_bytes);
  p->c_offset = p->b_offset + align_up(b_bytes);
  p->work_bytes = p->c_offset + align_up(c_bytes);
}

// ---- Blocks of A and C -----------------------------------------------------

// A block of A as floats (or doubles); sets where and how it lies.
static void prepare_a(const plan_t* p, int64_t batch, int64_t row, int64_t k,
                      char* work, pt2__gemm_block_t* block) {
  const pt2__gemm_operand_t* a = &p->g->a;
  const char* from =
      (const char*)a->data +
      (batch * a->bs + row * a->rs + k * a->cs) * (int64_t)p->element;
  if (!p->a_copy) {
    block->a = from;
    block->a_rs = a->rs;
    block->a_cs = a->cs;
    return;
  }
  block->a = work;
  bool narrow = p->element < p->compute;
  // Along whichever dimension is contiguous.
  bool by_columns = a->cs != 1 && a->rs == 1 && p->kind == KERNEL_TILE;
  int64_t outer = by_columns ? block->k : block->rows;
  int64_t inner = by_columns ? block->rows : block->k;
  int64_t outer_stride = by_columns ? a->cs : a->rs;
  int64_t inner_stride = by_columns ? a->rs : a->cs;
  block->a_rs = by_columns ? 1 : inner;
  block->a_cs = by_columns ? inner : 1;
  for (int64_t i = 0; i < outer; ++i) {
    const char* line = from + i * outer_stride * (int64_t)p->element;
    char* to = work + (size_t)(i * inner) * p->compute;
    if (inner_stride == 1 && narrow) {
      p->variant->widen[p->type]((const uint16_t*)line, (float*)to, inner);
    } else if (inner_stride == 1) {
      memcpy(to, line, (size_t)inner * p->compute);
    } else if (narrow) {
      for (int64_t j = 0; j < inner; ++j) {
        p->variant->widen[p->type]((const uint16_t*)line + j * inner_stride,
                                   (float*)to + j, 1);
      }
    } else if (p->compute == 4) {
      for (int64_t j = 0; j < inner; ++j) {
        ((float*)to)[j] = ((const float*)line)[j * inner_stride];
      }
    } else {
      for (int64_t j = 0; j < inner; ++j) {
        ((double*)to)[j] = ((const double*)line)[j * inner_stride];
      }
    }
  }
}

// What remains when all of K is summed.
static void finish_block(const plan_t* p, int64_t batch, int64_t row,
                         int64_t column, const pt2__gemm_block_t* block,
                         char* temp) {
  const pt2__gemm_t* g = p->g;
  if (!p->c_temp && g->finish == NULL) {
    return;
  }
  for (int64_t i = 0; i < block->rows; ++i) {
    if (p->c_temp) {
      pt2__gemm_finish_row(g, p->variant, batch, row + i, column,
                           block->columns,
                           temp + (size_t)(i * p->block_n) * p->compute);
      continue;
    }
    char* c = (char*)g->c +
              (batch * g->c_bs + (row + i) * g->c_rs + column * g->c_cs) *
                  (int64_t)p->element;
    g->finish(g->finish_context, c, block->columns, batch, row + i, column);
  }
}

// ---- One rectangle ---------------------------------------------------------

typedef struct {
  int64_t batch, m0, m1, n0, n1;
} rectangle_t;

// Runs the kernel over one block whose A, C and source are set.
static void run_kernel(const plan_t* p, const pt2__gemm_block_t* block,
                       const void* tail) {
  if (p->kind == KERNEL_DOT) {
    p->variant->dot[p->b_type](block);
    return;
  }
  if (p->kind == KERNEL_ROW) {
    p->variant->row[p->b_type](block);
    return;
  }
  int64_t rest = p->b_mode == B_DIRECT ? block->columns % p->nr : 0;
  if (rest == 0) {
    p->variant->tile[p->b_type](block);
    return;
  }
  pt2__gemm_block_t part = *block;
  part.columns -= rest;
  if (part.columns > 0) {
    p->variant->tile[p->b_type](&part);
  }
  int64_t at = part.columns;
  part.columns = rest;
  part.b = tail;
  part.b_rs = p->nr;
  part.c = (char*)block->c + (size_t)at * p->compute;
  if (block->source != NULL) {
    part.source = (const char*)block->source +
                  at * block->source_cs * (int64_t)p->compute;
  }
  p->variant->tile[p->b_type](&part);
}

// Points the block at what it adds to: beta * source the first time, what C
// has so far after that.
static void set_c(const plan_t* p, const rectangle_t* r, int64_t row,
                  int64_t column, bool first, char* temp,
                  pt2__gemm_block_t* block) {
  const pt2__gemm_t* g = p->g;
  if (p->c_temp) {
    block->c = temp;
    block->c_rs = p->block_n;
    block->c_cs = 1;
    block->source = NULL;
  } else {
    block->c =
        (char*)g->c + (r->batch * g->c_bs + row * g->c_rs + column * g->c_cs) *
                          (int64_t)p->element;
    block->c_rs = g->c_rs;
    block->c_cs = g->c_cs;
    const pt2__gemm_operand_t* s = &g->source;
    block->source =
        s->data == NULL
            ? NULL
            : (const char*)s->data +
                  (r->batch * s->bs + row * s->rs + column * s->cs) *
                      (int64_t)p->element;
    block->source_rs = s->rs;
    block->source_cs = s->cs;
  }
  block->beta = g->beta;
  if (!first) {
    block->source = block->c;
    block->source_rs = block->c_rs;
    block->source_cs = block->c_cs;
    block->beta = 1;
  }
}

// All of K for |rows| x |columns| of C from (row, column) on. |b| is set up in
// |block| for k = 0.
static void run_rows(const plan_t* p, const rectangle_t* r, int64_t row,
                     int64_t column, pt2__gemm_block_t* block, char* work,
                     const char* tail) {
  const pt2__gemm_t* g = p->g;
  const char* b = block->b;
  int64_t b_step = p->kind == KERNEL_DOT ? 1 : block->b_rs;
  int64_t k = 0;
  // Once for an empty K too: the sums are then zeros.
  do {
    block->k = min64(p->block_k, g->k - k);
    block->b = b + k * b_step * (int64_t)p->b_element;
    prepare_a(p, r->batch, row, k, work, block);
    set_c(p, r, row, column, k == 0, work + p->c_offset, block);
    run_kernel(p, block,
               tail == NULL ? NULL : tail + (size_t)(k * p->nr) * p->b_element);
    k += p->block_k;
  } while (k < g->k);
  block->b = b;
  finish_block(p, r->batch, row, column, block, work + p->c_offset);
}

static void run_rectangle(const plan_t* p, const rectangle_t* r, char* work) {
  const pt2__gemm_t* g = p->g;
  pt2__gemm_block_t block = {.alpha = g->alpha};
  const char* b = (const char*)g->b.data;
  if (b != NULL) {
    b += r->batch * g->b.bs * (int64_t)p->b_element;
  }
  for (int64_t column = r->n0; column < r->n1; column += p->block_n) {
    block.columns = min64(p->block_n, r->n1 - column);
    const char* from = b + column * g->b.cs * (int64_t)p->b_element;
    const char* tail = NULL;
    block.b_rs = p->nr;
    block.b_ps = g->k * p->nr;
    if (p->b_mode == B_PACKED) {
      block.b =
          (const char*)g->panels->data + (size_t)(column * g->k) * p->b_element;
    } else if (p->b_mode == B_COPY) {
      pt2__gemm_pack_panels(p->variant, from, g->b.rs, g->b.cs, g->k,
                            block.columns, p->nr, p->b_element,
                            work + p->b_offset);
      block.b = work + p->b_offset;
    } else {
      block.b = from;
      block.b_rs = g->b.rs;
      block.b_ps = p->kind == KERNEL_DOT ? g->b.cs : p->nr;
      int64_t rest = block.columns % p->nr;
      if (p->kind == KERNEL_TILE && rest != 0) {
        pt2__gemm_pack_panels(
            p->variant,
            from + (block.columns - rest) * g->b.cs * (int64_t)p->b_element,
            g->b.rs, g->b.cs, g->k, rest, p->nr, p->b_element,
            work + p->b_offset);
        tail = work + p->b_offset;
      }
    }
    for (int64_t row = r->m0; row < r->m1; row += p->block_m) {
      block.rows = min64(p->block_m, r->m1 - row);
      run_rows(p, r, row, column, &block, work, tail);
    }
  }
}

// ---- Threads ---------------------------------------------------------------

// Share |index| of |count| of |size| units of |unit|.
static void share(int64_t size, int64_t unit, int index, int count,
                  int64_t* out_from, int64_t* out_until) {
  int64_t units = ceil_div(size, unit);
  *out_from = min64(units * index / count * unit, size);
  *out_until = min64(units * (index + 1) / count * unit, size);
}

static void run_share(const plan_t* p, int index, char* work) {
  const pt2__gemm_t* g = p->g;
  int64_t batch0 = 0;
  int64_t batch1 = g->batch;
  rectangle_t r = {0, 0, g->m, 0, g->n};
  if (p->threads_batch > 1) {
    share(g->batch, 1, index, p->threads_batch, &batch0, &batch1);
  } else {
    share(g->m, p->mr, index / p->threads_n, p->threads_m, &r.m0, &r.m1);
    share(g->n, p->nr, index % p->threads_n, p->threads_n, &r.n0, &r.n1);
  }
  if (r.m0 >= r.m1) {
    return;
  }
  for (r.batch = batch0; r.batch < batch1; ++r.batch) {
    run_rectangle(p, &r, work);
  }
}

static pt2_status_t run_plan(const plan_t* p) {
  int threads = p->threads_batch * p->threads_m * p->threads_n;
  if (threads == 1 && p->work_bytes <= STACK_BYTES) {
    _Alignas(64) char work[STACK_BYTES];
    run_share(p, 0, work);
    return PT2_STATUS_OK;
  }
  char* work = NULL;
  size_t bytes = p->work_bytes * (size_t)threads;
  if (bytes > 0) {
    work = pt2__pool_alloc(bytes);
    if (work == NULL) {
      return PT2_OUT_OF_MEMORY(bytes);
    }
  }
  if (threads == 1) {
    run_share(p, 0, work);
  } else {
    // By share and not by thread number: fewer threads than asked for may come.
#pragma omp parallel for num_threads(threads) schedule(static)
    for (int index = 0; index < threads; ++index) {
      run_share(p, index,
                work == NULL ? NULL : work + p->work_bytes * (size_t)index);
    }
  }
  pt2__pool_free(work, bytes);
  return PT2_STATUS_OK;
}

// ---- Entry -----------------------------------------------------------------

bool pt2__gemm_dtype_supported(int32_t dtype) {
  pt2__gemm_type_t type;
  return pt2__gemm_type_of(dtype, &type) ||
         (pt2__dtype_is_integral(dtype, false) && dtype != PT2_DTYPE_U16 &&
          dtype != PT2_DTYPE_U32 && dtype != PT2_DTYPE_U64) ||
         dtype == PT2_DTYPE_COMPLEX64 || dtype == PT2_DTYPE_COMPLEX128;
}

// C = A @ B is the transpose of B^T @ A^T: which is better where C lies by
// columns, and where B has so few columns that they make poor tiles.
static bool transpose_is_better(const pt2__gemm_t* g) {
  if (g->panels != NULL || g->finish != NULL) {
    return false;
  }
  if (g->c_cs != 1 && g->c_rs == 1 && g->n > 1) {
    return true;
  }
  return g->n <= 4 && g->m > g->n && g->a.cs == 1;
}

static void swap_sides(pt2__gemm_t* g) {
  pt2__gemm_operand_t a = g->a;
  g->a = (pt2__gemm_operand_t){g->b.data, g->b.bs, g->b.cs, g->b.rs};
  g->b = (pt2__gemm_operand_t){a.data, a.bs, a.cs, a.rs};
  int64_t m = g->m;
  g->m = g->n;
  g->n = m;
  int64_t stride = g->c_rs;
  g->c_rs = g->c_cs;
  g->c_cs = stride;
  stride = g->source.rs;
  g->source.rs = g->source.cs;
  g->source.cs = stride;
}

// Complex numbers and integers.
static pt2_status_t run_other(const pt2__gemm_t* gemm) {
  pt2__gemm_t swapped = *gemm;
  if (gemm->c_cs != 1 || gemm->n == 1) {
    swap_sides(&swapped);
  }
  if (pt2__gemm_complex_suits(&swapped)) {
    return pt2__gemm_complex(&swapped);
  }
  pt2__gemm_generic(gemm);
  return PT2_STATUS_OK;
}

// Whether the instructions for bfloat16 are used: always for a constant that
// was packed for them; else if B is worth packing.
static bool wants_pairs(const pt2__gemm_t* g) {
  if (g->panels != NULL) {
    return g->panels->pairs;
  }
  return g->dtype == PT2_DTYPE_BF16 && g->m > PAIRS_ROWS &&
         g->n >= PAIRS_LEAST && g->k >= PAIRS_LEAST &&
         g->m * g->n * g->k >= PAIRS_WORK && pt2__gemm_bf16_available();
}

pt2_status_t pt2__gemm(const pt2__gemm_t* gemm) {
  if (gemm->batch == 0 || gemm->m == 0 || gemm->n == 0) {
    return PT2_STATUS_OK;
  }
  plan_t plan;
  if (!pt2__gemm_type_of(gemm->dtype, &plan.type)) {
    return run_other(gemm);
  }
  pt2__gemm_t swapped;
  if (transpose_is_better(gemm)) {
    swapped = *gemm;
    swap_sides(&swapped);
    gemm = &swapped;
  }
  if (pt2__gemm_bf16_dots_suit(gemm)) {
    pt2__gemm_bf16_dots(gemm);
    return PT2_STATUS_OK;
  }
  if (pt2__gemm_bf16_lines_suit(gemm)) {
    pt2__gemm_bf16_lines(gemm);
    return PT2_STATUS_OK;
  }
  if (wants_pairs(gemm)) {
    return pt2__gemm_bf16(gemm,
                          gemm->panels != NULL ? gemm->panels->data : NULL);
  }
  plan.g = gemm;
  const pt2__gemm_panels_t* panels = gemm->panels;
  plan.variant = panels != NULL ? panels->variant : pt2__gemm_variant();
  plan.b_type = panels != NULL ? panels->type : plan.type;
  plan.element = pt2__gemm_type_bytes(plan.type);
  plan.b_element = pt2__gemm_type_bytes(plan.b_type);
  plan.compute = plan.type == PT2__GEMM_F64 ? 8 : 4;
  plan.mr = plan.variant->mr[plan.b_type];
  plan.nr = plan.variant->nr[plan.b_type];
  choose_kernel(&plan);
  choose_threads(&plan);
  choose_blocks(&plan);
  return run_plan(&plan);
}
