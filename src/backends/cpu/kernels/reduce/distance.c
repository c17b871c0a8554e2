// SPDX-License-Identifier: Apache-2.0
//
// Spreads distances over threads: rows against panels of other rows, which lie
// side by side so that a vector compares one row with several.
#include "backends/cpu/kernels/reduce/distance.h"

#include <math.h>
#include <string.h>

#include "backends/cpu/cpu_features.h"

// Rows that meet a panel while it is in the first-level cache.
#define ROWS_TOGETHER 16
// Columns whose gradients are summed together: a cache line and more.
#define COLUMNS_TOGETHER 64

// One operation's rows against panels, all row-major.
typedef struct {
  const pt2__distance_kernels_t* kernels;
  pt2__distance_norm_t norm;
  double p;
  int64_t batch, rows1, rows2, width;
  int64_t element;  // bytes
  const char* x1;
  const char* panels;
  int64_t blocks;  // panels of one matrix
  bool pairs;      // only distances from later rows count
  char* out;
} distances_t;

static int64_t min64(int64_t a, int64_t b) { return a < b ? a : b; }

const pt2__distance_kernels_t* pt2__distance_kernels(int32_t dtype) {
#if defined(__x86_64__)
  if (pt2__cpu_level() >= PT2__CPU_AVX2) {
    return dtype == PT2_DTYPE_F64 ? &pt2__distance_f64_avx2
                                  : &pt2__distance_f32_avx2;
  }
#endif
  return dtype == PT2_DTYPE_F64 ? &pt2__distance_f64_generic
                                : &pt2__distance_f32_generic;
}

// Forward, torch compares p in the elements' type.
static pt2__distance_norm_t norm_of(double p, int32_t dtype, bool pairs) {
  double exact = dtype == PT2_DTYPE_F64 ? p : (double)(float)p;
  if (isinf(exact)) {
    return pairs ? PT2__DISTANCE_MAX_NAN : PT2__DISTANCE_MAX;
  }
  return exact == 0   ? PT2__DISTANCE_ZERO
         : exact == 1 ? PT2__DISTANCE_ONE
         : exact == 2 ? PT2__DISTANCE_TWO
                      : PT2__DISTANCE_POWER;
}

static pt2__distance_norm_t gradient_norm_of(double p) {
  return p == 0     ? PT2__DISTANCE_ZERO
         : p == 1   ? PT2__DISTANCE_ONE
         : p < 2    ? PT2__DISTANCE_LOW_POWER
         : p == 2   ? PT2__DISTANCE_TWO
         : isinf(p) ? PT2__DISTANCE_MAX
                    : PT2__DISTANCE_POWER;
}

// Powers take as long as many additions.
static int64_t step_work(pt2__distance_norm_t norm) {
  return norm >= PT2__DISTANCE_POWER ? 16 : 1;
}

static int choose_threads(double work) {
  return pt2__op_threads(work < 1e18 ? (int64_t)work : (int64_t)1e18);
}

// ---- Panels ----------------------------------------------------------------

#define DEFINE_PACK(name, type)                                    \
  static void name(const type* rows, int64_t count, int64_t width, \
                   type* panel) {                                  \
    for (int64_t j = 0; j < PT2__DISTANCE_PANEL; ++j) {            \
      for (int64_t x = 0; x < width; ++x) {                        \
        panel[x * PT2__DISTANCE_PANEL + j] =                       \
            j < count ? rows[j * width + x] : 0;                   \
      }                                                            \
    }                                                              \
  }
DEFINE_PACK(pack_4, uint32_t)
DEFINE_PACK(pack_8, uint64_t)
#undef DEFINE_PACK

static void pack(const distances_t* d, const char* x2, char* panels) {
  int64_t panel_bytes = PT2__DISTANCE_PANEL * d->width * d->element;
  int64_t count = d->batch * d->blocks;
  int threads = choose_threads((double)count * (double)panel_bytes / 8);
#pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1)
  for (int64_t i = 0; i < count; ++i) {
    int64_t row = i % d->blocks * PT2__DISTANCE_PANEL;
    int64_t rows = min64(PT2__DISTANCE_PANEL, d->rows2 - row);
    const char* from =
        x2 + (i / d->blocks * d->rows2 + row) * d->width * d->element;
    char* to = panels + i * panel_bytes;
    if (d->element == 4) {
      pack_4((const uint32_t*)from, rows, d->width, (uint32_t*)to);
    } else {
      pack_8((const uint64_t*)from, rows, d->width, (uint64_t*)to);
    }
  }
}

// Distances of row |row| from the rows of block |block|.
static void run_panel(const distances_t* d, int64_t matrix, int64_t row,
                      int64_t block) {
  _Alignas(64) char results[PT2__DISTANCE_PANEL * sizeof(double)];
  int64_t first = block * PT2__DISTANCE_PANEL;
  int64_t until = min64(first + PT2__DISTANCE_PANEL, d->rows2);
  d->kernels->panel(d->norm, d->p,
                    d->x1 + (matrix * d->rows1 + row) * d->width * d->element,
                    d->panels + (matrix * d->blocks + block) *
                                    PT2__DISTANCE_PANEL * d->width * d->element,
                    d->width, results);
  int64_t from = d->pairs && first <= row ? row + 1 : first;
  int64_t at = d->pairs ? row * d->rows2 - row * (row + 1) / 2 + from - row - 1
                        : (matrix * d->rows1 + row) * d->rows2 + from;
  memcpy(d->out + at * d->element, results + (from - first) * d->element,
         (size_t)((until - from) * d->element));
}

static void run_panels(const distances_t* d) {
  int64_t rows = d->pairs ? d->rows1 - 1 : d->rows1;
  int64_t groups = (rows + ROWS_TOGETHER - 1) / ROWS_TOGETHER;
  double work = (double)d->batch * (double)rows * (double)d->rows2 *
                (double)d->width * (double)step_work(d->norm);
  int threads = choose_threads(work / 4);
#pragma omp parallel for schedule(dynamic) num_threads(threads) if (threads > 1)
  for (int64_t i = 0; i < d->batch * groups; ++i) {
    int64_t first = i % groups * ROWS_TOGETHER;
    int64_t until = min64(first + ROWS_TOGETHER, rows);
    int64_t block = d->pairs ? (first + 1) / PT2__DISTANCE_PANEL : 0;
    for (; block < d->blocks; ++block) {
      int64_t end = (block + 1) * PT2__DISTANCE_PANEL;
      for (int64_t row = first; row < until; ++row) {
        if (!d->pairs || row + 1 < end) {
          run_panel(d, i / groups, row, block);
        }
      }
    }
  }
}

static pt2_status_t run(distances_t* d, const char* x2) {
  d->blocks = (d->rows2 + PT2__DISTANCE_PANEL - 1) / PT2__DISTANCE_PANEL;
  int64_t elements;
  PT2_OP_CHECK(pt2__sizes_numel(4,
                                (int64_t[]){d->batch, d->blocks, d->width,
                                            PT2__DISTANCE_PANEL * d->element},
                                &elements),
               "the operands are too large");
  size_t bytes = (size_t)elements;
  char* panels = pt2__pool_alloc(bytes);
  if (panels == NULL) {
    return PT2_OUT_OF_MEMORY(bytes);
  }
  pack(d, x2, panels);
  d->panels = panels;
  run_panels(d);
  pt2__pool_free(panels, bytes);
  return PT2_STATUS_OK;
}

pt2_status_t pt2__distance_rows(const pt2__cdist_t* cdist,
                                const pt2_tensor_t* x1, const pt2_tensor_t* x2,
                                pt2_tensor_t* out) {
  distances_t d = {.kernels = pt2__distance_kernels(x1->dtype),
                   .norm = norm_of(cdist->p, x1->dtype, false),
                   .p = cdist->p,
                   .batch = cdist->batch,
                   .rows1 = cdist->rows1,
                   .rows2 = cdist->rows2,
                   .width = cdist->width,
                   .element = (int64_t)pt2_dtype_size_bytes(x1->dtype),
                   .x1 = x1->data,
                   .out = out->data};
  return run(&d, x2->data);
}

pt2_status_t pt2__distance_pairs(const pt2_tensor_t* self, double p,
                                 pt2_tensor_t* out) {
  distances_t d = {.kernels = pt2__distance_kernels(self->dtype),
                   .norm = norm_of(p, self->dtype, true),
                   .p = p,
                   .batch = 1,
                   .rows1 = self->sizes[0],
                   .rows2 = self->sizes[0],
                   .width = self->sizes[1],
                   .element = (int64_t)pt2_dtype_size_bytes(self->dtype),
                   .x1 = self->data,
                   .pairs = true,
                   .out = out->data};
  return run(&d, self->data);
}

// ---- Gradients -------------------------------------------------------------

// Copies |rows| rows of |from| bytes into rows of |to| bytes; what is left of a
// longer one are zeros.
static void copy_rows(const char* source, int64_t from, char* target,
                      int64_t to, int64_t rows) {
  int64_t least = min64(from, to);
  for (int64_t i = 0; i < rows; ++i) {
    memcpy(target + i * to, source + i * from, (size_t)least);
    memset(target + i * to + least, 0, (size_t)(to - least));
  }
}

// Rows that have been padded, in one block.
typedef struct {
  int64_t stride;  // elements
  size_t bytes;
  char* block;
  const char *x1, *x2;
  char* out;
} padded_t;

// |count| rows of x1 and |others| of x2 (0: the same), and |count| results of
// zeros.
static pt2_status_t pad(const pt2_tensor_t* x1, int64_t count,
                        const pt2_tensor_t* x2, int64_t others, int64_t width,
                        padded_t* padded) {
  int64_t element = (int64_t)pt2_dtype_size_bytes(x1->dtype);
  PT2_OP_CHECK(width < INT64_MAX / 16, "rows of %lld elements are too long",
               (long long)width);
  padded->stride = (width + PT2__DISTANCE_PADDING - 1) / PT2__DISTANCE_PADDING *
                   PT2__DISTANCE_PADDING;
  int64_t row = padded->stride * element;
  size_t bytes;
  PT2_OP_CHECK(!__builtin_mul_overflow(
                   (size_t)row, (size_t)count * 2 + (size_t)others, &bytes),
               "the operands are too large");
  char* block = pt2__pool_alloc(bytes);
  if (block == NULL) {
    return PT2_OUT_OF_MEMORY(bytes);
  }
  char* second = block + count * row;
  padded->bytes = bytes;
  padded->block = block;
  padded->x1 = block;
  padded->x2 = others > 0 ? second : block;
  padded->out = second + others * row;
  copy_rows(x1->data, width * element, block, row, count);
  copy_rows(x2->data, width * element, second, row, others);
  memset(padded->out, 0, (size_t)(count * row));
  return PT2_STATUS_OK;
}

pt2_status_t pt2__distance_rows_backward(
    const pt2__cdist_t* cdist, const pt2_tensor_t* grad, const pt2_tensor_t* x1,
    const pt2_tensor_t* x2, const pt2_tensor_t* dist, pt2_tensor_t* out) {
  const pt2__distance_kernels_t* kernels = pt2__distance_kernels(x1->dtype);
  pt2__distance_norm_t norm = gradient_norm_of(cdist->p);
  int64_t element = (int64_t)pt2_dtype_size_bytes(x1->dtype);
  int64_t rows = cdist->batch * cdist->rows1;
  int64_t rows2 = cdist->rows2;
  padded_t padded;
  PT2_TRY(pad(x1, rows, x2, cdist->batch * rows2, cdist->width, &padded));
  int64_t row_bytes = padded.stride * element;
  int threads = choose_threads((double)rows * (double)rows2 *
                               (double)(cdist->width * step_work(norm)));
#pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1)
  for (int64_t i = 0; i < rows; ++i) {
    pt2__distance_gradient_t gradient = {
        .norm = norm,
        .p = cdist->p,
        .count = cdist->width,
        .rows = rows2,
        .a = padded.x1 + i * row_bytes,
        .b = padded.x2 + i / cdist->rows1 * rows2 * row_bytes,
        .stride = padded.stride,
        .grad = (const char*)grad->data + i * rows2 * element,
        .grad_stride = 1,
        .dist = (const char*)dist->data + i * rows2 * element,
        .out = padded.out + i * row_bytes};
    kernels->backward(&gradient);
  }
  copy_rows(padded.out, row_bytes, out->data, cdist->width * element, rows);
  pt2__pool_free(padded.block, padded.bytes);
  return PT2_STATUS_OK;
}

// The gradients of |count| columns.
static void pairs_columns(const pt2_tensor_t* grad, const pt2_tensor_t* self,
                          double p, const pt2_tensor_t* dist, int64_t first,
                          int64_t count, const padded_t* padded) {
  const pt2__distance_kernels_t* kernels = pt2__distance_kernels(self->dtype);
  int64_t element = (int64_t)pt2_dtype_size_bytes(self->dtype);
  int64_t row_bytes = padded->stride * element;
  int64_t rows = self->sizes[0];
  int64_t pair = 0;
  for (int64_t i = 0; i + 1 < rows; ++i) {
    int64_t at = i * row_bytes + first * element;
    pt2__distance_gradient_t gradient = {
        .norm = gradient_norm_of(p),
        .p = p,
        .count = count,
        .rows = rows - i - 1,
        .a = padded->x1 + at,
        .b = padded->x1 + at + row_bytes,
        .stride = padded->stride,
        .grad = (const char*)grad->data + pair * grad->strides[0] * element,
        .grad_stride = grad->strides[0],
        .dist = (const char*)dist->data + pair * element,
        .out = padded->out + at,
        .out_b = padded->out + at + row_bytes};
    kernels->backward(&gradient);
    pair += rows - i - 1;
  }
}

pt2_status_t pt2__distance_pairs_backward(const pt2_tensor_t* grad,
                                          const pt2_tensor_t* self, double p,
                                          const pt2_tensor_t* dist,
                                          pt2_tensor_t* out) {
  if (out->numel == 0) {
    return PT2_STATUS_OK;
  }
  int64_t rows = self->sizes[0];
  int64_t width = self->sizes[1];
  padded_t padded;
  PT2_TRY(pad(self, rows, self, 0, width, &padded));
  int64_t groups = (width + COLUMNS_TOGETHER - 1) / COLUMNS_TOGETHER;
  int threads = choose_threads((double)dist->numel * (double)width);
#pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1)
  for (int64_t group = 0; group < groups; ++group) {
    int64_t first = group * COLUMNS_TOGETHER;
    pairs_columns(grad, self, p, dist, first,
                  min64(COLUMNS_TOGETHER, width - first), &padded);
  }
  int64_t element = (int64_t)pt2_dtype_size_bytes(self->dtype);
  copy_rows(padded.out, padded.stride * element, out->data, width * element,
            rows);
  pt2__pool_free(padded.block, padded.bytes);
  return PT2_STATUS_OK;
}
