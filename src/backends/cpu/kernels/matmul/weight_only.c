// SPDX-License-Identifier: Apache-2.0
//
// Few rows of x are multiplied with the weights as they lie, unpacked on the
// way; more rows repay unpacking a block of them for the matrix product.
#include "backends/cpu/kernels/matmul/weight_only.h"

#include "backends/cpu/cpu_features.h"
#include "backends/cpu/kernels/matmul/gemm.h"
#include "ops/op.h"

// Up to so many rows the weights are not unpacked first.
#define FEW_ROWS 12
// Bytes of unpacked weights, which stay in a cache.
#define BLOCK_BYTES (1024 * 1024)
// Columns of 8-bit weights that a thread takes at a time.
#define COLUMNS 64
// Multiply-adds that count as one of pt2__op_threads' element operations.
#define WORK_DIVISOR 8

static int64_t min64(int64_t a, int64_t b) { return a < b ? a : b; }

static const pt2__weight_only_kernels_t* kernels(void) {
#if defined(__x86_64__)
  if (pt2__cpu_level() >= PT2__CPU_AVX512) {
    return &pt2__weight_only_avx512;
  }
  if (pt2__cpu_level() >= PT2__CPU_AVX2) {
    return &pt2__weight_only_avx2;
  }
#endif
  return &pt2__weight_only_generic;
}

// y[:, column ...] = x @ b for unpacked weights: |count| columns.
static pt2_status_t multiply(const pt2__weight_only_t* call, const float* b,
                             int64_t b_rs, int64_t b_cs, int64_t column,
                             int64_t count) {
  const pt2__gemm_t gemm = {.dtype = PT2_DTYPE_F32,
                            .batch = 1,
                            .m = call->m,
                            .n = count,
                            .k = call->k,
                            .alpha = 1,
                            .a = {call->x, 0, call->k, 1},
                            .b = {b, 0, b_rs, b_cs},
                            .c = call->y + column,
                            .c_rs = call->n,
                            .c_cs = 1};
  return pt2__gemm(&gemm);
}

// ---- 8 bits ----------------------------------------------------------------

// A matrix with a scale for each row.
typedef struct {
  const pt2__weight_only_t* call;
  const int8_t* i8;
  const float* scales;
} rows_t;

static void few_rows(const rows_t* p, int64_t first, int64_t last) {
  const pt2__weight_only_kernels_t* kernel = kernels();
  const pt2__weight_only_t* call = p->call;
  int64_t k = call->k;
  for (int64_t column = first; column < last; column += 8) {
    int columns = (int)min64(8, last - column);
    for (int64_t row = 0; row < call->m; row += PT2__WEIGHT_ONLY_ROWS) {
      int rows = (int)min64(PT2__WEIGHT_ONLY_ROWS, call->m - row);
      const float* x = call->x + row * k;
      float sums[PT2__WEIGHT_ONLY_ROWS * 8];
      kernel->dot8(rows, columns, x, k, p->i8 + column * k, k, sums);
      for (int r = 0; r < rows; ++r) {
        float* y = call->y + (row + r) * call->n + column;
        for (int c = 0; c < columns; ++c) {
          y[c] = sums[r * columns + c] * p->scales[column + c];
        }
      }
    }
  }
}

static pt2_status_t many_rows(const rows_t* p, float* block, int64_t columns) {
  const pt2__weight_only_kernels_t* kernel = kernels();
  const pt2__weight_only_t* call = p->call;
  int64_t k = call->k;
  for (int64_t column = 0; column < call->n; column += columns) {
    int64_t count = min64(columns, call->n - column);
    int threads = pt2__op_threads(count * k / WORK_DIVISOR);
#pragma omp parallel for num_threads(threads) if (threads > 1)
    for (int64_t i = 0; i < count; ++i) {
      kernel->widen8(p->i8 + (column + i) * k, p->scales[column + i],
                     block + i * k, k);
    }
    PT2_TRY(multiply(call, block, 1, k, column, count));
  }
  return PT2_STATUS_OK;
}

static pt2_status_t multiply_rows(const rows_t* p) {
  const pt2__weight_only_t* call = p->call;
  if (call->m <= FEW_ROWS || call->k == 0) {
    int64_t pieces = (call->n + COLUMNS - 1) / COLUMNS;
    int threads =
        pt2__op_threads(call->m * call->n * (call->k / WORK_DIVISOR + 1));
#pragma omp parallel for num_threads(threads) if (threads > 1)
    for (int64_t i = 0; i < pieces; ++i) {
      few_rows(p, i * COLUMNS, min64(call->n, (i + 1) * COLUMNS));
    }
    return PT2_STATUS_OK;
  }
  int64_t columns = BLOCK_BYTES / 4 / call->k / 64 * 64;
  columns = min64(columns < 64 ? 64 : columns, call->n);
  size_t bytes = (size_t)(columns * call->k) * sizeof(float);
  if (bytes == 0) {
    return PT2_STATUS_OK;
  }
  float* block = pt2__pool_alloc(bytes);
  if (block == NULL) {
    return PT2_OUT_OF_MEMORY(bytes);
  }
  pt2_status_t status = many_rows(p, block, columns);
  pt2__pool_free(block, bytes);
  return status;
}

pt2_status_t pt2__weight_only_int8(const pt2__weight_only_t* call,
                                   const int8_t* weight, const float* scales) {
  const rows_t rows = {.call = call, .i8 = weight, .scales = scales};
  return multiply_rows(&rows);
}

// ---- 4 bits ----------------------------------------------------------------

typedef struct {
  const pt2__weight_only_t* call;
  const pt2__weight_only_int4_t* weight;
  int64_t groups;
} int4_t;

// Where the numbers of byte j are among the columns of a block of 2 * half.
static int64_t low_column(bool halves, int64_t j) { return halves ? j : 2 * j; }
static int64_t high_column(bool halves, int64_t half, int64_t j) {
  return halves ? j + half : 2 * j + 1;
}

// The factors of |half| columns |step| apart, from their scales and zeros.
static inline void split_factors(const float* restrict from, int64_t step,
                                 int64_t half, float* restrict factors,
                                 float* restrict terms) {
  for (int64_t j = 0; j < half; ++j) {
    float scale = from[2 * step * j];
    factors[j] = scale;
    terms[j] = from[2 * step * j + 1] - 8 * scale;
  }
}

// The factors of a block as pt2__weight_only_block_t wants them.
static void prepare_scales(const int4_t* p, int64_t column, int64_t half,
                           bool halves, float* scales) {
  int64_t high = 2 * high_column(halves, half, 0);
  for (int64_t g = 0; g < p->groups; ++g) {
    const float* from = p->weight->scales_zeros + (g * p->call->n + column) * 2;
    float* to = scales + g * 4 * half;
    if (halves) {
      split_factors(from, 1, half, to, to + half);
      split_factors(from + high, 1, half, to + 2 * half, to + 3 * half);
    } else {
      split_factors(from, 2, half, to, to + half);
      split_factors(from + high, 2, half, to + 2 * half, to + 3 * half);
    }
  }
}

static void few_rows4(const int4_t* p, int64_t column, float* scales) {
  const pt2__weight_only_t* call = p->call;
  int64_t half = min64(p->weight->block, call->n - column) / 2;
  bool halves = p->weight->halves && 2 * half == p->weight->block;
  prepare_scales(p, column, half, halves, scales);
  float sums[PT2__WEIGHT_ONLY_ROWS * 64];
  pt2__weight_only_block_t block = {
      .x_rs = call->k,
      .k = call->k,
      .group = p->weight->group,
      .bytes = p->weight->bytes + column / 2 * call->k,
      .half = half,
      .scales = scales,
      .sums = sums};
  for (int64_t row = 0; row < call->m; row += PT2__WEIGHT_ONLY_ROWS) {
    int rows = (int)min64(PT2__WEIGHT_ONLY_ROWS, call->m - row);
    block.x = call->x + row * call->k;
    kernels()->block4(rows, &block);
    for (int r = 0; r < rows; ++r) {
      float* y = call->y + (row + r) * call->n + column;
      const float* sum = sums + 2 * r * half;
      for (int64_t j = 0; j < half; ++j) {
        y[low_column(halves, j)] = sum[j];
        y[high_column(halves, half, j)] = sum[half + j];
      }
    }
  }
}

// Unpacks the block from |column| on into |target|, whose rows are |stride|
// apart.
static void unpack_block4(const int4_t* p, int64_t column, float* scales,
                          float* target, int64_t stride) {
  int64_t k = p->call->k;
  int64_t half = min64(p->weight->block, p->call->n - column) / 2;
  bool halves = p->weight->halves && 2 * half == p->weight->block;
  const uint8_t* bytes = p->weight->bytes + column / 2 * k;
  prepare_scales(p, column, half, halves, scales);
  for (int64_t i = 0; i < k; ++i) {
    const float* factors = scales + i / p->weight->group * 4 * half;
    float* to = target + i * stride;
    if (halves) {
      kernels()->widen4(bytes + i * half, half, factors, to, to + half);
      continue;
    }
    float parts[64];
    kernels()->widen4(bytes + i * half, half, factors, parts, parts + half);
    for (int64_t j = 0; j < half; ++j) {
      to[2 * j] = parts[j];
      to[2 * j + 1] = parts[half + j];
    }
  }
}

static pt2_status_t many_rows4(const int4_t* p, float* scales,
                               size_t scale_floats, float* target,
                               int64_t columns) {
  const pt2__weight_only_t* call = p->call;
  int64_t block = p->weight->block;
  for (int64_t column = 0; column < call->n; column += columns) {
    int64_t count = min64(columns, call->n - column);
    int64_t blocks = (count + block - 1) / block;
    int threads =
        (int)min64(pt2__op_threads(count * call->k / WORK_DIVISOR), blocks);
#pragma omp parallel for num_threads(threads) if (threads > 1)
    for (int64_t i = 0; i < blocks; ++i) {
      unpack_block4(p, column + i * block, scales + (size_t)i * scale_floats,
                    target + i * block, count);
    }
    PT2_TRY(multiply(call, target, count, 1, column, count));
  }
  return PT2_STATUS_OK;
}

pt2_status_t pt2__weight_only_int4(const pt2__weight_only_t* call,
                                   const pt2__weight_only_int4_t* weight) {
  int64_t group = weight->group;
  const int4_t p = {call, weight, (call->k + group - 1) / group};
  if (call->m == 0 || call->n == 0) {
    return PT2_STATUS_OK;
  }
  bool few = call->m <= FEW_ROWS || call->k == 0;
  int64_t blocks = (call->n + weight->block - 1) / weight->block;
  int64_t at_once = blocks;
  if (!few) {
    at_once = BLOCK_BYTES / 4 / call->k / weight->block;
    at_once = min64(at_once < 1 ? 1 : at_once, blocks);
  }
  int threads =
      pt2__op_threads(call->m * call->n * (call->k / WORK_DIVISOR + 1));
  // Room for the factors of as many blocks as are worked on at a time.
  size_t scale_floats = (size_t)(2 * weight->block * (p.groups + 1));
  int64_t rooms = few ? min64(threads, blocks) : at_once;
  int64_t columns = at_once * weight->block;
  size_t floats = scale_floats * (size_t)rooms;
  size_t bytes =
      (floats + (few ? 0 : (size_t)(columns * call->k))) * sizeof(float);
  float* work = pt2__pool_alloc(bytes);
  if (work == NULL) {
    return PT2_OUT_OF_MEMORY(bytes);
  }
  pt2_status_t status = PT2_STATUS_OK;
  if (few) {
#pragma omp parallel for num_threads((int)rooms) if (rooms > 1) schedule(static)
    for (int64_t share = 0; share < rooms; ++share) {
      for (int64_t i = blocks * share / rooms; i < blocks * (share + 1) / rooms;
           ++i) {
        few_rows4(&p, i * weight->block, work + scale_floats * (size_t)share);
      }
    }
  } else {
    status = many_rows4(&p, work, scale_floats, work + floats, columns);
  }
  pt2__pool_free(work, bytes);
  return status;
}
