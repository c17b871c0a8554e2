// SPDX-License-Identifier: Apache-2.0
//
// Packs both operands of an int8 product by pairs of K and spreads the tiles
// over threads.
#include "backends/cpu/kernels/matmul/int_mm.h"

#include <string.h>

#include "backends/cpu/cpu_features.h"
#include "backends/cpu/kernels/quantized/qgemm.h"

// Pairs of rows of B in a block: a panel of it stays in the first-level cache.
#define BLOCK_PAIRS 512
// Rows of A that meet all panels of a block, from the second-level cache.
#define BLOCK_ROWS 96
// Up to this many rows a B whose columns are contiguous is read where it lies.
#define DOT_ROWS 4
// Rows and panels of B that are packed at a time: the lines of a column, and of
// a row.
#define ROWS_TOGETHER 64
#define PANELS_TOGETHER 16
// Multiply-adds that count as one of pt2__op_threads' element operations.
#define WORK_DIVISOR 16

typedef struct {
  pt2__packed_t base;
  size_t bytes;
  int8_t* data;  // panels of |nr| columns, [pairs][nr][2]
} panels_t;

typedef struct {
  const pt2__matmul_t* m;
  const pt2__int_mm_kernels_t* kernels;
  int64_t pairs;  // of K, which is rounded up
  int16_t* a;     // [m][2 * pairs]
  const int8_t* b;
} product_t;

static int64_t min64(int64_t a, int64_t b) { return a < b ? a : b; }

static const pt2__int_mm_kernels_t* select_kernels(void) {
#if defined(__x86_64__)
  if (pt2__cpu_level() >= PT2__CPU_AVX512) {
    return &pt2__int_mm_avx512;
  }
  if (pt2__cpu_level() >= PT2__CPU_AVX2) {
    return &pt2__int_mm_avx2;
  }
#endif
  return &pt2__int_mm_generic;
}

static int choose_threads(const pt2__matmul_t* m) {
  return pt2__op_threads(m->m * m->n * (m->k / WORK_DIVISOR + 1));
}

// ---- Packing ---------------------------------------------------------------

#define DEFINE_WIDEN(name, type)                                    \
  static void name(const type* from, int64_t stride, int64_t count, \
                   int16_t* to) {                                   \
    if (stride == 1) {                                              \
      for (int64_t i = 0; i < count; ++i) {                         \
        to[i] = from[i];                                            \
      }                                                             \
      return;                                                       \
    }                                                               \
    for (int64_t i = 0; i < count; ++i) {                           \
      to[i] = from[i * stride];                                     \
    }                                                               \
  }
DEFINE_WIDEN(widen_i8, int8_t)
DEFINE_WIDEN(widen_u8, uint8_t)
#undef DEFINE_WIDEN

static void widen_row(const product_t* p, int64_t row) {
  const pt2__matmul_operand_t* a = &p->m->a;
  const void* from = (const int8_t*)a->tensor->data + row * a->rs;
  int16_t* to = p->a + row * 2 * p->pairs;
  int64_t k = p->m->k;
  if (a->tensor->dtype == PT2_DTYPE_U8) {
    widen_u8(from, a->cs, k, to);
  } else {
    widen_i8(from, a->cs, k, to);
  }
  if (k % 2 != 0) {
    to[k] = 0;
  }
}

// Two rows of B side by side.
static inline void pack_pair(const int8_t* first, const int8_t* second,
                             int64_t columns, int8_t* to) {
  for (int64_t j = 0; j < columns; ++j) {
    to[2 * j] = first[j];
    to[2 * j + 1] = second[j];
  }
}

// |columns| columns whose rows are contiguous, into panels one after another;
// so many rows at a time as pages of them are at hand: rows may be a page
// apart.
static void pack_rows(const int8_t* from, int64_t row_stride, int64_t k,
                      int64_t columns, int nr, int8_t* panels) {
  int64_t panel_bytes = (k + 1) / 2 * nr * 2;
  for (int64_t block = 0; block + 1 < k; block += ROWS_TOGETHER) {
    int64_t until = min64(block + ROWS_TOGETHER, k - 1);
    for (int64_t j = 0; j < columns; j += nr) {
      int8_t* panel = panels + j / nr * panel_bytes;
      int64_t count = min64(nr, columns - j);
      for (int64_t i = block; i < until; i += 2) {
        const int8_t* row = from + i * row_stride + j;
        if (count == 16) {
          pack_pair(row, row + row_stride, 16, panel + i * nr);
        } else if (count == 32) {
          pack_pair(row, row + row_stride, 32, panel + i * nr);
        } else {
          pack_pair(row, row + row_stride, count, panel + i * nr);
        }
      }
    }
  }
  for (int64_t j = 0; k % 2 != 0 && j < columns; ++j) {
    panels[j / nr * panel_bytes + (k - 1) * nr + 2 * (j % nr)] =
        from[(k - 1) * row_stride + j];
  }
}

// Columns of contiguous elements, as many rows at a time as share their lines.
static void pack_columns(const int8_t* from, int64_t column_stride, int64_t k,
                         int64_t columns, int nr, int8_t* panel) {
  for (int64_t block = 0; block + 1 < k; block += ROWS_TOGETHER) {
    int64_t until = min64(block + ROWS_TOGETHER, k - 1);
    for (int64_t j = 0; j < columns; ++j) {
      const int8_t* column = from + j * column_stride;
      for (int64_t i = block; i < until; i += 2) {
        memcpy(panel + i * nr + 2 * j, column + i, 2);
      }
    }
  }
  for (int64_t j = 0; k % 2 != 0 && j < columns; ++j) {
    panel[(k - 1) * nr + 2 * j] = from[k - 1 + j * column_stride];
  }
}

// |columns| columns of B into panels, zeros beyond them and beyond K.
static void pack_columns_of(const pt2__matmul_operand_t* b, int64_t k,
                            int64_t first, int64_t columns, int nr,
                            int8_t* panels) {
  const int8_t* from = (const int8_t*)b->tensor->data + first * b->cs;
  int64_t panel_bytes = (k + 1) / 2 * nr * 2;
  if (columns % nr != 0 || k % 2 != 0) {
    memset(panels, 0, (size_t)((columns + nr - 1) / nr * panel_bytes));
  }
  if (b->cs == 1) {
    pack_rows(from, b->rs, k, columns, nr, panels);
    return;
  }
  for (int64_t j = 0; j < columns; j += nr) {
    int64_t count = min64(nr, columns - j);
    int8_t* panel = panels + j / nr * panel_bytes;
    if (b->rs == 1) {
      pack_columns(from + j * b->cs, b->cs, k, count, nr, panel);
      continue;
    }
    for (int64_t i = 0; i < k; ++i) {
      for (int64_t c = 0; c < count; ++c) {
        panel[i / 2 * nr * 2 + 2 * c + i % 2] =
            from[i * b->rs + (j + c) * b->cs];
      }
    }
  }
}

static void pack_panels(const product_t* p, int8_t* panels) {
  const pt2__matmul_t* m = p->m;
  int nr = p->kernels->nr;
  int64_t width = (int64_t)nr * PANELS_TOGETHER;
  int64_t groups = (m->n + width - 1) / width;
  int threads = pt2__op_threads(m->k * m->n);
#pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1)
  for (int64_t group = 0; group < groups; ++group) {
    int64_t first = group * width;
    pack_columns_of(&m->b, m->k, first, min64(width, m->n - first), nr,
                    panels + first * p->pairs * 2);
  }
}

static const char panels_kind;

static void destroy_panels(pt2__packed_t* packed) {
  panels_t* panels = (panels_t*)packed;
  pt2__pool_free(panels->data, panels->bytes);
  pt2__free(panels);
}

// The panels of a constant; NULL where it may not be packed or memory is short.
static const int8_t* find_panels(const product_t* p, size_t bytes) {
  const pt2_tensor_t* tensor = p->m->b.tensor;
  if (!pt2__packed_allowed(tensor)) {
    return NULL;
  }
  const int64_t extra[4] = {p->kernels->nr, 0, 0, 0};
  pt2__packed_t* found = pt2__packed_find(tensor, &panels_kind, extra);
  if (found != NULL) {
    return ((panels_t*)found)->data;
  }
  panels_t* made = pt2__calloc(1, sizeof(*made));
  if (made == NULL) {
    return NULL;
  }
  made->bytes = bytes;
  made->base.destroy = destroy_panels;
  made->base.bytes = bytes;
  made->data = pt2__pool_alloc(bytes);
  if (made->data == NULL) {
    pt2__free(made);
    return NULL;
  }
  pack_panels(p, made->data);
  found = pt2__packed_insert(tensor, &panels_kind, extra, &made->base);
  return ((panels_t*)found)->data;
}

// ---- Tiles -----------------------------------------------------------------

// A tile at the right edge by way of a whole one.
static void run_edge(const product_t* p, pt2__int_mm_tile_t* tile,
                     int64_t columns) {
  int32_t whole[PT2__INT_MM_MOST_ROWS * PT2__INT_MM_MOST_COLUMNS];
  int nr = p->kernels->nr;
  int32_t* c = tile->c;
  int64_t c_rs = tile->c_rs;
  for (int i = 0; tile->add && i < tile->rows; ++i) {
    memcpy(whole + i * nr, c + i * c_rs, (size_t)columns * sizeof(*c));
    memset(whole + i * nr + columns, 0,
           (size_t)(nr - columns) * sizeof(*whole));
  }
  tile->c = whole;
  tile->c_rs = nr;
  p->kernels->tile(tile);
  for (int i = 0; i < tile->rows; ++i) {
    memcpy(c + i * c_rs, whole + i * nr, (size_t)columns * sizeof(*c));
  }
}

// Rows [row0, row1) of panels [panel0, panel1).
static void run_block(const product_t* p, int64_t row0, int64_t row1,
                      int64_t panel0, int64_t panel1) {
  const pt2__matmul_t* m = p->m;
  int nr = p->kernels->nr;
  for (int64_t pair = 0; pair < p->pairs; pair += BLOCK_PAIRS) {
    for (int64_t panel = panel0; panel < panel1; ++panel) {
      int64_t columns = min64(nr, m->n - panel * nr);
      for (int64_t row = row0; row < row1; row += p->kernels->mr) {
        pt2__int_mm_tile_t tile = {
            .a = p->a + (row * p->pairs + pair) * 2,
            .a_rs = 2 * p->pairs,
            .b = p->b + (panel * p->pairs + pair) * nr * 2,
            .pairs = min64(BLOCK_PAIRS, p->pairs - pair),
            .c = (int32_t*)m->out->data + row * m->out_rs + panel * nr,
            .c_rs = m->out_rs,
            .rows = (int)min64(p->kernels->mr, row1 - row),
            .add = pair > 0};
        if (columns < nr) {
          run_edge(p, &tile, columns);
        } else {
          p->kernels->tile(&tile);
        }
      }
    }
  }
}

static void run_tiles(const product_t* p) {
  const pt2__matmul_t* m = p->m;
  int threads = choose_threads(m);
  int nr = p->kernels->nr;
  int64_t panels = (m->n + nr - 1) / nr;
  int64_t group = (panels + threads - 1) / threads;
  int64_t groups = (panels + group - 1) / group;
  int64_t row_blocks = (m->m + BLOCK_ROWS - 1) / BLOCK_ROWS;
#pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1)
  for (int64_t task = 0; task < row_blocks * groups; ++task) {
    int64_t row = task % row_blocks * BLOCK_ROWS;
    int64_t panel = task / row_blocks * group;
    run_block(p, row, min64(row + BLOCK_ROWS, m->m), panel,
              min64(panel + group, panels));
  }
}

static void run_dots(const product_t* p) {
  const pt2__matmul_t* m = p->m;
  int threads = choose_threads(m);
  const int8_t* b = m->b.tensor->data;
#pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1)
  for (int64_t j = 0; j < m->n; ++j) {
    for (int64_t i = 0; i < m->m; ++i) {
      ((int32_t*)m->out->data)[i * m->out_rs + j] =
          p->kernels->dot(p->a + i * 2 * p->pairs, b + j * m->b.cs, m->k);
    }
  }
}

static void widen_rows(const product_t* p) {
  int threads = pt2__op_threads(p->m->m * p->m->k);
#pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1)
  for (int64_t row = 0; row < p->m->m; ++row) {
    widen_row(p, row);
  }
}

// B in panels: a constant's own or |*scratch|, which the caller frees.
static pt2_status_t prepare_panels(product_t* p, size_t bytes,
                                   int8_t** scratch) {
  p->b = find_panels(p, bytes);
  if (p->b != NULL) {
    return PT2_STATUS_OK;
  }
  *scratch = pt2__pool_alloc(bytes);
  if (*scratch == NULL) {
    return PT2_OUT_OF_MEMORY(bytes);
  }
  pack_panels(p, *scratch);
  p->b = *scratch;
  return PT2_STATUS_OK;
}

// ---- On instructions for products of bytes ----------------------------------

static void gather_rows(const void* context, int64_t row, int64_t count,
                        uint8_t* rows) {
  const pt2__matmul_t* m = context;
  const uint8_t* from = (const uint8_t*)m->a.tensor->data + row * m->a.rs;
  for (int64_t i = 0; i < count; ++i) {
    for (int64_t j = 0; j < m->k; ++j) {
      rows[i * m->k + j] = from[i * m->a.rs + j * m->a.cs];
    }
  }
}

static void store_sums(const void* context, const int32_t* sums, int64_t count,
                       int64_t row, int64_t column) {
  const pt2__matmul_t* m = context;
  memcpy((int32_t*)m->out->data + row * m->out_rs + column, sums,
         (size_t)count * sizeof(*sums));
}

// Whether so few rows meet columns that are contiguous that packing these would
// take longer.
static bool native_dots_suit(const pt2__matmul_t* m) {
  return m->m <= pt2__quad_kernels()->few_rows && (m->a.cs == 1 || m->k == 1) &&
         (m->b.rs == 1 || m->k == 1);
}

static void sum_rows(const pt2__matmul_t* m, int32_t* sums) {
  for (int64_t i = 0; i < m->m; ++i) {
    const int8_t* row = (const int8_t*)m->a.tensor->data + i * m->a.rs;
    uint32_t sum = 0;  // what overflows wraps
    for (int64_t j = 0; j < m->k; ++j) {
      sum += (uint32_t)row[j];
    }
    sums[i] = (int32_t)sum;
  }
}

// All rows of |count| columns from |column| on.
static void run_columns(const pt2__matmul_t* m, const int32_t* row_sums,
                        int64_t column, int64_t count) {
  pt2__quad_type_t type =
      m->a.tensor->dtype == PT2_DTYPE_U8 ? PT2__QUAD_U8 : PT2__QUAD_S8;
  int32_t sums[PT2__QUAD_DOTS_ROWS * PT2__QUAD_DOTS_COLUMNS];
  pt2__quad_dots_t dots = {
      .columns = (int)count,
      .bytes = m->k,
      .a_rs = m->a.rs,
      .b = (const uint8_t*)m->b.tensor->data + column * m->b.cs,
      .b_cs = m->b.cs,
      .sums = sums};
  for (int64_t row = 0; row < m->m; row += PT2__QUAD_DOTS_ROWS) {
    dots.rows = (int)min64(PT2__QUAD_DOTS_ROWS, m->m - row);
    dots.a = (const uint8_t*)m->a.tensor->data + row * m->a.rs;
    dots.row_sums = row_sums + row;
    pt2__quad_kernels()->dots[type](&dots);
    for (int r = 0; r < dots.rows; ++r) {
      store_sums(m, sums + r * PT2__QUAD_DOTS_COLUMNS, count, row + r, column);
    }
  }
}

static void run_native_dots(const pt2__matmul_t* m) {
  const int64_t unit = PT2__QUAD_DOTS_COLUMNS;
  int64_t pieces = (m->n + unit - 1) / unit;
  int32_t row_sums[PT2__QUAD_FEW_ROWS];
  sum_rows(m, row_sums);
  int threads = choose_threads(m);
#pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1)
  for (int64_t i = 0; i < pieces; ++i) {
    run_columns(m, row_sums, i * unit, min64(unit, m->n - i * unit));
  }
}

static pt2_status_t run_native(const pt2__matmul_t* m) {
  const pt2__qgemm_weight_t* weight = NULL;
  pt2__qgemm_weight_t* owned = NULL;
  PT2_TRY(pt2__qgemm_weight_get(m->b.tensor, 0, &weight, &owned));
  pt2__qgemm_t product = {
      .m = m->m,
      .n = m->n,
      .k = m->k,
      .type = m->a.tensor->dtype == PT2_DTYPE_U8 ? PT2__QUAD_U8 : PT2__QUAD_S8,
      .a = m->a.tensor->data,
      .a_rs = m->a.rs,
      .panels = weight->panels,
      .reach = weight->reach,
      .column_sums = weight->sums,
      .finish = store_sums,
      .finish_context = m};
  if (m->a.cs != 1) {
    product.gather = gather_rows;
    product.gather_context = m;
  }
  pt2_status_t status = pt2__qgemm(&product);
  pt2__qgemm_weight_release(owned);
  return status;
}

pt2_status_t pt2__int_mm(const pt2__matmul_t* matmul) {
  if (matmul->out->numel == 0) {
    return PT2_STATUS_OK;
  }
  if (matmul->k == 0) {
    memset(matmul->out->data, 0, (size_t)matmul->out->numel * sizeof(int32_t));
    return PT2_STATUS_OK;
  }
  if (pt2__quad_kernels() != NULL) {
    if (!native_dots_suit(matmul)) {
      return run_native(matmul);
    }
    run_native_dots(matmul);
    return PT2_STATUS_OK;
  }
  bool dots = matmul->m <= DOT_ROWS && (matmul->b.rs == 1 || matmul->k == 1);
  product_t product = {
      .m = matmul, .kernels = select_kernels(), .pairs = (matmul->k + 1) / 2};
  int nr = product.kernels->nr;
  size_t a_bytes = 0;
  size_t b_bytes = 0;
  PT2_OP_CHECK(
      !__builtin_mul_overflow((size_t)matmul->m, (size_t)product.pairs * 4,
                              &a_bytes) &&
          !__builtin_mul_overflow((size_t)((matmul->n + nr - 1) / nr * nr),
                                  (size_t)product.pairs * 2, &b_bytes),
      "operands are too large: %lldx%lld and %lldx%lld", (long long)matmul->m,
      (long long)matmul->k, (long long)matmul->k, (long long)matmul->n);
  product.a = pt2__pool_alloc(a_bytes);
  if (product.a == NULL) {
    return PT2_OUT_OF_MEMORY(a_bytes);
  }
  widen_rows(&product);
  int8_t* scratch = NULL;
  pt2_status_t status = PT2_STATUS_OK;
  if (dots) {
    run_dots(&product);
  } else {
    status = prepare_panels(&product, b_bytes, &scratch);
    if (status == PT2_STATUS_OK) {
      run_tiles(&product);
    }
  }
  pt2__pool_free(scratch, b_bytes);
  pt2__pool_free(product.a, a_bytes);
  return status;
}
