// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/kernels/quantized/qgemm.h"

#include <string.h>

#include "backends/cpu/cpu_features.h"
#include "backends/cpu/kernels/quantized/qlayer.h"
#include "ops/op.h"

#define MR PT2__QGEMM_MR
#define NR PT2__QGEMM_NR

_Static_assert(NR == PT2__QUAD_PANEL_COLUMNS &&
                   PT2__QGEMM_COLUMNS == PT2__QUAD_COLUMNS &&
                   PT2__QGEMM_COLUMNS == PT2__QLAYER_COLUMNS &&
                   PT2__QUAD_ROWS % MR == 0,
               "one layout of panels and sums for all kernels");

// Rows of a block at most, and bytes of its packed form, which stays in the
// second-level cache.
#define BLOCK_ROWS PT2__QUAD_ROWS
#define BLOCK_BYTES (192 * 1024)
// Bytes of panels that stay in the first-level cache beside a tile of A.
#define PANELS_BYTES (20 * 1024)
// Rows of B that are packed before the next ones; a multiple of four.
#define ROWS_TOGETHER 64
// The most that any two values make together.
#define ANY_REACH 256
// Multiply-adds that count as one of pt2__op_threads' element operations.
#define WORK_DIVISOR 16

static int64_t min64(int64_t a, int64_t b) { return a < b ? a : b; }
static int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }

const pt2__qgemm_kernels_t* pt2__qgemm_kernels(void) {
#if defined(__x86_64__)
  if (pt2__cpu_level() >= PT2__CPU_AVX2) {
    return &pt2__qgemm_avx2;
  }
#endif
  return &pt2__qgemm_generic;
}

// |columns| (at most COLUMNS) columns into panels, so many rows at a time that
// the lines and pages of contiguous columns' rows are read once.
static int32_t pack_columns(const int8_t* b, int64_t b_rs, int64_t b_cs,
                            int64_t k, int64_t columns, int8_t* panels,
                            int32_t* sums) {
  const pt2__qgemm_kernels_t* kernels = pt2__qgemm_kernels();
  const pt2__quad_kernels_t* native = pt2__quad_kernels();
  int64_t quads = ceil_div(k, 4);
  int64_t step = b_cs == 1 ? ROWS_TOGETHER : k;
  for (int64_t i = 0; i < k; i += step) {
    for (int64_t j = 0; j < columns; j += NR) {
      kernels->pack(b + i * b_rs + j * b_cs, b_rs, b_cs, min64(step, k - i),
                    min64(NR, columns - j), panels + j * 4 * quads + i * NR);
    }
  }
  int32_t reach = 0;
  for (int64_t j = 0; j < columns; j += NR) {
    const int8_t* panel = panels + j * 4 * quads;
    int64_t count = min64(NR, columns - j);
    int32_t of = ANY_REACH;
    if (native != NULL) {
      native->sum_columns(panel, quads, (int)count, sums + j);
    } else {
      of = kernels->measure(panel, quads, count, sums + j);
    }
    reach = of > reach ? of : reach;
  }
  return reach;
}

int32_t pt2__qgemm_pack(const int8_t* b, int64_t b_rs, int64_t b_cs, int64_t k,
                        int64_t n, int8_t* panels, int32_t* sums) {
  const int64_t unit = PT2__QGEMM_COLUMNS;
  int64_t bytes = ceil_div(k, 4) * 4;
  int32_t reach = 0;
  int threads = pt2__op_threads(k * n);
#pragma omp parallel for num_threads(threads) if (threads > 1) \
    reduction(max                                              \
              : reach)
  for (int64_t column = 0; column < n; column += unit) {
    int32_t of =
        pack_columns(b + column * b_cs, b_rs, b_cs, k, min64(unit, n - column),
                     panels + column * bytes, sums + column);
    reach = of > reach ? of : reach;
  }
  return reach;
}

// ---- Weights ---------------------------------------------------------------

static const char packed_kind;

void pt2__qgemm_weight_release(pt2__qgemm_weight_t* owned) {
  if (owned != NULL) {
    pt2__pool_free(owned->panels, owned->bytes);
    pt2__free(owned);
  }
}

static void destroy_packed(pt2__packed_t* packed) {
  pt2__qgemm_weight_release((pt2__qgemm_weight_t*)packed);
}

// Sets |made|'s sizes; false if they are beyond what memory can be.
static bool set_sizes(int64_t groups, int64_t k, int64_t n,
                      pt2__qgemm_weight_t* made, size_t* out_panels) {
  size_t sums;
  made->groups = groups;
  made->k = k;
  made->n = n;
  if (k > INT64_MAX - 4 || n > INT64_MAX - NR ||
      __builtin_mul_overflow((size_t)(ceil_div(n, NR) * NR),
                             (size_t)ceil_div(k, 4) * 4, &made->group_bytes) ||
      __builtin_mul_overflow(made->group_bytes, (size_t)groups, out_panels) ||
      __builtin_mul_overflow((size_t)groups, (size_t)n, &sums) ||
      __builtin_mul_overflow(sums, sizeof(int32_t), &sums) ||
      __builtin_add_overflow(*out_panels, sums, &made->bytes)) {
    return false;
  }
  return !__builtin_add_overflow(made->bytes, 1, &made->bytes);
}

static pt2_status_t new_weight(int64_t groups, int64_t k, int64_t n,
                               pt2__qgemm_weight_t** out_weight) {
  pt2__qgemm_weight_t sizes = {0};
  size_t panels = 0;
  PT2_OP_CHECK(set_sizes(groups, k, n, &sizes, &panels),
               "operands are too large: a weight of %lldx%lld, %lld times",
               (long long)k, (long long)n, (long long)groups);
  pt2__qgemm_weight_t* made = pt2__calloc(1, sizeof(*made));
  if (made == NULL) {
    return PT2_OUT_OF_MEMORY(sizeof(*made));
  }
  *made = sizes;
  made->panels = pt2__pool_alloc(made->bytes);
  if (made->panels == NULL) {
    size_t bytes = made->bytes;
    pt2__free(made);
    return PT2_OUT_OF_MEMORY(bytes);
  }
  made->sums = (int32_t*)(made->panels + panels);
  made->base.destroy = destroy_packed;
  made->base.bytes = made->bytes;
  *out_weight = made;
  return PT2_STATUS_OK;
}

static pt2_status_t pack_matrix(const pt2_tensor_t* tensor,
                                pt2__qgemm_weight_t** out_weight) {
  PT2_TRY(new_weight(1, tensor->sizes[0], tensor->sizes[1], out_weight));
  pt2__qgemm_weight_t* made = *out_weight;
  made->reach =
      pt2__qgemm_pack(tensor->data, tensor->strides[0], tensor->strides[1],
                      made->k, made->n, made->panels, made->sums);
  return PT2_STATUS_OK;
}

// Each channel's taps side by side, of each tap the channels, and channels |k|
// bytes apart.
static pt2_status_t lay_out_kernel(const pt2_tensor_t* tensor, int64_t taps,
                                   int64_t k, pt2_tensor_t** out_rows) {
  const int64_t sizes[2] = {tensor->sizes[0], k};
  int64_t strides[PT2__INLINE_RANK];
  pt2__sizes_channels_last_strides(tensor->rank, tensor->sizes, strides);
  strides[0] = k;
  PT2_TRY(pt2__tensor_empty(PT2_DTYPE_I8, 2, sizes, NULL, out_rows));
  pt2_tensor_t* rows = *out_rows;
  if (k > taps) {
    memset(rows->data, 0, (size_t)rows->numel);
  }
  pt2_tensor_t* view = NULL;
  PT2_TRY(
      pt2__tensor_view(rows, tensor->rank, tensor->sizes, strides, 0, &view));
  pt2_status_t status = pt2__tensor_copy(view, tensor);
  pt2__tensor_release(view);
  return status;
}

static pt2_status_t pack_kernel(const pt2_tensor_t* tensor, int64_t groups,
                                int64_t multiple,
                                pt2__qgemm_weight_t** out_weight) {
  int64_t taps = 1;
  for (int i = 1; i < tensor->rank; ++i) {
    taps *= tensor->sizes[i];
  }
  int64_t k = ceil_div(taps, multiple) * multiple;
  pt2_tensor_t* rows = NULL;
  pt2_status_t status = lay_out_kernel(tensor, taps, k, &rows);
  if (status == PT2_STATUS_OK) {
    status = new_weight(groups, k, tensor->sizes[0] / groups, out_weight);
  }
  if (status == PT2_STATUS_OK) {
    pt2__qgemm_weight_t* made = *out_weight;
    for (int64_t g = 0; g < groups; ++g) {
      int32_t reach =
          pt2__qgemm_pack((const int8_t*)rows->data + g * made->n * k, 1, k, k,
                          made->n, made->panels + made->group_bytes * (size_t)g,
                          made->sums + g * made->n);
      made->reach = reach > made->reach ? reach : made->reach;
    }
  }
  pt2__tensor_release(rows);
  return status;
}

static pt2_status_t get_weight(const pt2_tensor_t* tensor, int64_t groups,
                               int64_t multiple,
                               const pt2__qgemm_weight_t** out_weight,
                               pt2__qgemm_weight_t** out_owned) {
  const int64_t extra[4] = {groups, multiple, 0, 0};
  *out_owned = NULL;
  bool keep = pt2__packed_allowed(tensor);
  if (keep) {
    pt2__packed_t* found = pt2__packed_find(tensor, &packed_kind, extra);
    if (found != NULL) {
      *out_weight = (const pt2__qgemm_weight_t*)found;
      return PT2_STATUS_OK;
    }
  }
  pt2__qgemm_weight_t* made = NULL;
  PT2_TRY(groups == 0 ? pack_matrix(tensor, &made)
                      : pack_kernel(tensor, groups, multiple, &made));
  if (keep) {
    *out_weight = (const pt2__qgemm_weight_t*)pt2__packed_insert(
        tensor, &packed_kind, extra, &made->base);
    return PT2_STATUS_OK;
  }
  *out_weight = *out_owned = made;
  return PT2_STATUS_OK;
}

pt2_status_t pt2__qgemm_weight_get(const pt2_tensor_t* tensor, int64_t groups,
                                   const pt2__qgemm_weight_t** out_weight,
                                   pt2__qgemm_weight_t** out_owned) {
  return get_weight(tensor, groups, 1, out_weight, out_owned);
}

pt2_status_t pt2__qgemm_weight_get_filled(
    const pt2_tensor_t* tensor, int64_t groups,
    const pt2__qgemm_weight_t** out_weight, pt2__qgemm_weight_t** out_owned) {
  // A row of a tile where there are any, else what belongs together.
  int64_t multiple = pt2__cpu_level() >= PT2__CPU_AMX ? 64 : 4;
  return get_weight(tensor, groups, multiple, out_weight, out_owned);
}

// ---- The product -----------------------------------------------------------

typedef struct {
  const pt2__qgemm_t* q;
  // The kernel that takes bytes as they are, |unit| rows at a time; or NULL.
  void (*native)(const pt2__quad_block_t* block);
  int unit;
  bool rounds;  // it writes C, nothing is left to finish
  // Its sums are finished at once, while they are in the first-level cache. Of
  // a few rows they are not: the next rows' products begin before these end.
  bool at_once;
  int64_t quads;
  int64_t block_rows;
  int64_t row_blocks;
  int64_t column_blocks;
  int64_t block_columns;  // multiple of COLUMNS
  size_t a_bytes, gather_bytes, work_bytes;
} plan_t;

static size_t whole_lines(size_t bytes) { return (bytes + 63) & ~(size_t)63; }

static void make_plan(const pt2__qgemm_t* q, int threads, plan_t* plan) {
  const pt2__quad_kernels_t* native = pt2__quad_kernels();
  plan->q = q;
  plan->native = native != NULL ? native->tile[q->type] : NULL;
  plan->unit = plan->native != NULL ? native->rows : MR;
  plan->rounds = plan->native != NULL && native->rounds && q->rounded != NULL;
  plan->at_once = plan->unit > MR && !plan->rounds;
  plan->quads = ceil_div(q->k, 4);
  // Rows are widened to 16 bits, but for native kernels.
  int64_t row_bytes = plan->quads * (plan->native != NULL ? 4 : 8);
  int64_t rows = BLOCK_BYTES / (row_bytes > 0 ? row_bytes : 8);
  rows = rows / plan->unit * plan->unit;
  rows = rows < plan->unit ? plan->unit : min64(rows, BLOCK_ROWS);
  // Every thread gets a block if there are rows for it.
  int64_t share = ceil_div(ceil_div(q->m, threads), plan->unit) * plan->unit;
  plan->block_rows = min64(rows, share);
  plan->row_blocks = ceil_div(q->m, plan->block_rows);
  int64_t chunks = ceil_div(q->n, PT2__QGEMM_COLUMNS);
  int64_t pieces = plan->row_blocks >= threads
                       ? 1
                       : min64(ceil_div(threads, plan->row_blocks), chunks);
  plan->block_columns = ceil_div(chunks, pieces) * PT2__QGEMM_COLUMNS;
  plan->column_blocks = ceil_div(q->n, plan->block_columns);
  bool as_they_are = plan->native != NULL && q->k % 4 == 0;
  // Whole lines, so that sums begin with one.
  plan->a_bytes =
      as_they_are ? 0 : whole_lines((size_t)(plan->block_rows * row_bytes));
  plan->gather_bytes =
      q->gather == NULL ? 0 : whole_lines((size_t)(plan->block_rows * q->k));
  plan->work_bytes =
      plan->a_bytes + plan->gather_bytes +
      (size_t)(plan->block_rows * PT2__QGEMM_COLUMNS) * sizeof(int32_t);
}

// Rows of a block of A, made ready: 16-bit numbers side by side, or bytes.
typedef struct {
  const int16_t* wide;   // NULL: |small|
  const uint8_t* small;  // |small_rs| apart
  int64_t small_rs;
  int64_t rows;
} rows_t;

static void run_tile(const plan_t* p, const rows_t* a, int64_t row,
                     int64_t column, int64_t at, int32_t* sums) {
  const pt2__qgemm_kernels_t* kernels = pt2__qgemm_kernels();
  int rows = (int)min64(MR, a->rows - row);
  const int8_t* panel = p->q->panels + (column + at) * 4 * p->quads;
  sums += row * PT2__QGEMM_COLUMNS + at;
  if (a->wide == NULL) {
    kernels->small_tile(rows, p->quads, a->small + row * a->small_rs,
                        a->small_rs, panel, sums, PT2__QGEMM_COLUMNS);
  } else {
    kernels->tile(rows, p->quads, a->wide + row * p->quads * 4, panel, sums,
                  PT2__QGEMM_COLUMNS);
  }
}

static void finish_rows(const plan_t* p, const int32_t* sums, int64_t rows,
                        int64_t count, int64_t row, int64_t column) {
  const pt2__qgemm_t* q = p->q;
  if (q->finish_rows != NULL) {
    q->finish_rows(q->finish_context, sums, rows, count, row, column);
    return;
  }
  for (int64_t r = 0; r < rows; ++r) {
    q->finish(q->finish_context, sums + r * PT2__QGEMM_COLUMNS, count, row + r,
              column);
  }
}

static void run_native(const plan_t* p, const rows_t* a, int64_t row,
                       int64_t column, int64_t count, int32_t* sums) {
  pt2__quad_block_t block = {.panels = (int)ceil_div(count, NR),
                             .quads = p->quads,
                             .a_rs = a->small_rs,
                             .b = p->q->panels + column * 4 * p->quads,
                             .columns = (int)count};
  if (p->q->column_sums != NULL) {
    block.column_sums = p->q->column_sums + column;
  }
  for (int64_t r = 0; r < a->rows; r += p->unit) {
    block.rows = (int)min64(p->unit, a->rows - r);
    block.a = a->small + r * a->small_rs;
    block.sums = p->at_once ? sums : sums + r * PT2__QGEMM_COLUMNS;
    if (p->rounds) {
      block.rounded = p->q->rounded + (row + r) * p->q->rounded_rs + column;
      block.rounded_rs = p->q->rounded_rs;
    }
    p->native(&block);
    if (p->at_once) {
      finish_rows(p, block.sums, block.rows, count, row + r, column);
    }
  }
}

// |count| columns of all rows, from (|row|, |column|) on. Of both sides, what
// is read again is what fits into the first-level cache: all panels, or one.
static void run_tiles(const plan_t* p, const rows_t* a, int64_t row,
                      int64_t column, int64_t count, int32_t* sums) {
  if (p->native != NULL) {
    run_native(p, a, row, column, count, sums);
    return;
  }
  if (p->quads * 4 * count <= PANELS_BYTES) {
    for (int64_t r = 0; r < a->rows; r += MR) {
      for (int64_t j = 0; j < count; j += NR) {
        run_tile(p, a, r, column, j, sums);
      }
    }
    return;
  }
  for (int64_t j = 0; j < count; j += NR) {
    for (int64_t r = 0; r < a->rows; r += MR) {
      run_tile(p, a, r, column, j, sums);
    }
  }
}

// Whether no sum of two products of these rows leaves 16 bits.
static bool is_small(const pt2__qgemm_t* q, const rows_t* a) {
  if (q->type == PT2__QUAD_S8) {
    return false;
  }
  int32_t most = INT16_MAX / (q->reach > 0 ? q->reach : 1);
  for (int64_t r = 0; r < a->rows && most < UINT8_MAX; ++r) {
    if (pt2__qgemm_kernels()->largest(a->small + r * a->small_rs, q->k) >
        most) {
      return false;
    }
  }
  return true;
}

// Fills |a| with the block's rows from |row| on.
static void prepare_rows(const plan_t* p, int64_t row, char* work, rows_t* a) {
  const pt2__qgemm_t* q = p->q;
  a->rows = min64(p->block_rows, q->m - row);
  a->small = (const uint8_t*)q->a + row * q->a_rs;
  a->small_rs = q->a_rs;
  if (q->gather != NULL) {
    uint8_t* gathered = (uint8_t*)work + p->a_bytes;
    q->gather(q->gather_context, row, a->rows, gathered);
    a->small = gathered;
    a->small_rs = q->k;
  }
  if (p->native == NULL && !is_small(q, a)) {
    int16_t* wide = (int16_t*)work;
    for (int64_t r = 0; r < a->rows; ++r) {
      pt2__qgemm_kernels()->widen(a->small + r * a->small_rs,
                                  q->type == PT2__QUAD_S8, q->k,
                                  wide + r * p->quads * 4);
    }
    a->wide = wide;
    return;
  }
  a->wide = NULL;
  if (q->k % 4 != 0) {
    uint8_t* whole = (uint8_t*)work;
    for (int64_t r = 0; r < a->rows; ++r) {
      uint8_t* to = whole + r * p->quads * 4;
      memset(to + p->quads * 4 - 4, 0, 4);
      memcpy(to, a->small + r * a->small_rs, (size_t)q->k);
    }
    a->small = whole;
    a->small_rs = p->quads * 4;
  }
}

static void run_block(const plan_t* p, int64_t row, int64_t column,
                      char* work) {
  const pt2__qgemm_t* q = p->q;
  int32_t* sums =
      (int32_t*)(work + p->work_bytes) - p->block_rows * PT2__QGEMM_COLUMNS;
  rows_t a;
  prepare_rows(p, row, work, &a);
  int64_t last = min64(q->n, column + p->block_columns);
  for (int64_t c = column; c < last; c += PT2__QGEMM_COLUMNS) {
    int64_t count = min64(PT2__QGEMM_COLUMNS, last - c);
    run_tiles(p, &a, row, c, count, sums);
    if (!p->rounds && !p->at_once) {
      finish_rows(p, sums, a.rows, count, row, c);
    }
  }
}

static void run_plan(const plan_t* plan, int threads, char* work) {
  int64_t blocks = plan->row_blocks * plan->column_blocks;
#pragma omp parallel for num_threads(threads) if (threads > 1) schedule(static)
  for (int share = 0; share < threads; ++share) {
    char* mine = work + plan->work_bytes * (size_t)share;
    for (int64_t i = blocks * share / threads;
         i < blocks * (share + 1) / threads; ++i) {
      run_block(plan, i / plan->column_blocks * plan->block_rows,
                i % plan->column_blocks * plan->block_columns, mine);
    }
  }
}

int pt2__qgemm_threads(int64_t m, int64_t n, int64_t k) {
  return pt2__op_threads(m * n * (k / WORK_DIVISOR + 1));
}

size_t pt2__qgemm_work_bytes(const pt2__qgemm_t* q, int threads) {
  plan_t plan;
  make_plan(q, threads, &plan);
  return plan.work_bytes * (size_t)threads;
}

void pt2__qgemm_in(const pt2__qgemm_t* q, int threads, void* work) {
  plan_t plan;
  make_plan(q, threads, &plan);
  int64_t blocks = plan.row_blocks * plan.column_blocks;
  run_plan(&plan, (int)min64(threads, blocks), work);
}

pt2_status_t pt2__qgemm(const pt2__qgemm_t* q) {
  if (q->m == 0 || q->n == 0) {
    return PT2_STATUS_OK;
  }
  int threads = pt2__qgemm_threads(q->m, q->n, q->k);
  plan_t plan;
  make_plan(q, threads, &plan);
  threads = (int)min64(threads, plan.row_blocks * plan.column_blocks);
  size_t bytes = plan.work_bytes * (size_t)threads;
  char* work = pt2__pool_alloc(bytes);
  if (work == NULL) {
    return PT2_OUT_OF_MEMORY(bytes);
  }
  run_plan(&plan, threads, work);
  pt2__pool_free(work, bytes);
  return PT2_STATUS_OK;
}
