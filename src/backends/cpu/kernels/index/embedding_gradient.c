// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/kernels/index/embedding_gradient.h"

#include <string.h>

#include "backends/cpu/kernels/reduce/rows.h"

// Rows of |gradient| that are added to rows of |table|.
typedef struct {
  const pt2_tensor_t* gradient;  // row-major
  const int64_t* indices;        // row of the table
  const int64_t* sources;        // row of the gradient; NULL: the same number
  int64_t count;
  int64_t padding;              // a row that takes nothing
  const int64_t* counts;        // how often a row is wanted; NULL: no matter
  const int64_t* bag_sizes;     // divisors of gradient rows; NULL: none
  const pt2_tensor_t* factors;  // f64 or the gradient's dtype; NULL: none
  bool rounds_products;
} scatter_t;

static double factor_at(const scatter_t* s, int64_t i, int64_t source) {
  double factor = 1.0;
  if (s->factors != NULL) {
    int64_t bytes = (int64_t)pt2_dtype_size_bytes(s->factors->dtype);
    factor = pt2__element_get_f64(
        s->factors->dtype,
        (const char*)s->factors->data + i * s->factors->strides[0] * bytes);
  }
  if (s->counts != NULL) {
    factor /= (double)s->counts[s->indices[i]];
  }
  if (s->bag_sizes != NULL && s->bag_sizes[source] != 0) {
    factor /= (double)s->bag_sizes[source];
  }
  return factor;
}

// The factor as torch has it: in the gradient's dtype.
static double rounded(const scatter_t* s, double factor) {
  char element[8];
  pt2__element_set_f64(s->gradient->dtype, element, factor);
  return pt2__element_get_f64(s->gradient->dtype, element);
}

// Adds to the table's rows [first, last).
static void scatter_part(const scatter_t* s, pt2_tensor_t* table, int64_t first,
                         int64_t last) {
  int32_t dtype = table->dtype;
  int64_t width = table->sizes[1];
  int64_t bytes = width * (int64_t)pt2_dtype_size_bytes(dtype);
  for (int64_t i = 0; i < s->count; ++i) {
    int64_t row = s->indices[i];
    if (row < first || row >= last || row == s->padding) {
      continue;
    }
    int64_t source = s->sources != NULL ? s->sources[i] : i;
    pt2__rows_add(dtype, (char*)table->data + row * bytes,
                  (const char*)s->gradient->data + source * bytes,
                  rounded(s, factor_at(s, i, source)), s->rounds_products,
                  width);
  }
}

// Each thread has rows of its own and looks at all indices, so that a row's
// terms come in the same order whatever the number of threads.
static void scatter(const scatter_t* s, pt2_tensor_t* table) {
  int64_t rows = table->sizes[0];
  int threads = pt2__op_threads(s->count * table->sizes[1]);
#pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1)
  for (int part = 0; part < threads; ++part) {
    scatter_part(s, table, rows * part / threads, rows * (part + 1) / threads);
  }
}

static pt2_status_t make_table(const pt2_tensor_t* like, int64_t rows,
                               int64_t width, pt2_tensor_t** out_table) {
  const int64_t sizes[2] = {rows, width};
  PT2_TRY(pt2__tensor_empty(like->dtype, 2, sizes, NULL, out_table));
  size_t bytes =
      (size_t)(*out_table)->numel * pt2_dtype_size_bytes(like->dtype);
  if (bytes > 0) {
    memset((*out_table)->data, 0, bytes);
  }
  return PT2_STATUS_OK;
}

// How often each of |rows| is in |indices|.
static pt2_status_t count_rows(const int64_t* indices, int64_t count,
                               int64_t rows, pt2_tensor_t** out_counts) {
  PT2_TRY(pt2__tensor_empty(PT2_DTYPE_I64, 1, &rows, NULL, out_counts));
  int64_t* counts = (*out_counts)->data;
  for (int64_t i = 0; i < rows; ++i) {
    counts[i] = 0;
  }
  for (int64_t i = 0; i < count; ++i) {
    counts[indices[i]]++;
  }
  return PT2_STATUS_OK;
}

// ---- Bags ------------------------------------------------------------------

// Row-major copies of what a call reads.
typedef struct {
  pt2_tensor_t *gradient, *indices, *bags, *bag_sizes, *max_indices, *counts;
} reads_t;

static void release(reads_t* r) {
  pt2__tensor_release(r->gradient);
  pt2__tensor_release(r->indices);
  pt2__tensor_release(r->bags);
  pt2__tensor_release(r->bag_sizes);
  pt2__tensor_release(r->max_indices);
  pt2__tensor_release(r->counts);
}

static pt2_status_t read_sizes(const pt2__bag_gradient_t* g, reads_t* r) {
  PT2_TRY(
      pt2__tensor_to_contiguous(g->bag_sizes, PT2_DTYPE_I64, &r->bag_sizes));
  PT2_OP_CHECK(r->bag_sizes->numel >= g->gradient->sizes[0],
               "bag_size has %lld values, expected %lld",
               (long long)r->bag_sizes->numel,
               (long long)g->gradient->sizes[0]);
  return PT2_STATUS_OK;
}

static pt2_status_t run_sums(const pt2__bag_gradient_t* g, reads_t* r,
                             pt2_tensor_t* table) {
  PT2_TRY(
      pt2__embedding_read_indices(g->indices, "indices", g->rows, &r->indices));
  PT2_TRY(pt2__embedding_read_indices(g->bags, "offset2bag",
                                      g->gradient->sizes[0], &r->bags));
  scatter_t s = {.gradient = r->gradient,
                 .indices = r->indices->data,
                 .sources = r->bags->data,
                 .count = r->indices->numel,
                 .padding = g->padding,
                 .factors = g->factors,
                 .rounds_products = true};
  if (g->mode == PT2__BAG_MEAN) {
    PT2_TRY(read_sizes(g, r));
    s.bag_sizes = r->bag_sizes->data;
  }
  if (g->by_frequency) {
    PT2_TRY(count_rows(s.indices, s.count, g->rows, &r->counts));
    s.counts = r->counts->data;
  }
  scatter(&s, table);
  return PT2_STATUS_OK;
}

static pt2_status_t run_maxima(const pt2__bag_gradient_t* g, reads_t* r,
                               pt2_tensor_t* table) {
  PT2_TRY(read_sizes(g, r));
  PT2_TRY(pt2__tensor_to_contiguous(g->max_indices, PT2_DTYPE_I64,
                                    &r->max_indices));
  int64_t bags = r->gradient->sizes[0], width = r->gradient->sizes[1];
  int64_t bytes = (int64_t)pt2_dtype_size_bytes(table->dtype);
  const int64_t* sizes = r->bag_sizes->data;
  const int64_t* places = r->max_indices->data;
  for (int64_t i = 0; i < bags * width; ++i) {
    PT2_OP_CHECK(
        sizes[i / width] == 0 || (places[i] >= 0 && places[i] < g->rows),
        "maximum_indices: %lld is not in the valid range [0, %lld)",
        (long long)places[i], (long long)g->rows);
  }
  for (int64_t i = 0; i < bags * width; ++i) {
    if (sizes[i / width] != 0) {
      pt2__rows_add(
          table->dtype,
          (char*)table->data + (places[i] * width + i % width) * bytes,
          (const char*)r->gradient->data + i * bytes, 1.0, false, 1);
    }
  }
  return PT2_STATUS_OK;
}

pt2_status_t pt2__bag_gradient(const pt2__bag_gradient_t* g,
                               pt2_tensor_t** out_table) {
  PT2_TRY(pt2__embedding_check_bag_gradient(g));
  pt2_tensor_t* table = NULL;
  PT2_TRY(make_table(g->gradient, g->rows, g->gradient->sizes[1], &table));
  reads_t r = {0};
  pt2_status_t status = pt2__tensor_contiguous(g->gradient, &r.gradient);
  if (status == PT2_STATUS_OK) {
    status = (g->mode == PT2__BAG_MAX ? run_maxima : run_sums)(g, &r, table);
  }
  release(&r);
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(table);
    return status;
  }
  *out_table = table;
  return PT2_STATUS_OK;
}

// ---- Plain embeddings ------------------------------------------------------

static pt2_status_t check_plain(const pt2_tensor_t* gradient,
                                const pt2_tensor_t* indices, int64_t rows) {
  PT2_OP_CHECK_TENSOR(gradient, "grad_output");
  PT2_OP_CHECK_TENSOR(indices, "indices");
  PT2_OP_CHECK(
      indices->dtype == PT2_DTYPE_I64 || indices->dtype == PT2_DTYPE_I32,
      "indices is %s, expected one of Long, Int",
      pt2__dtype_torch_name(indices->dtype));
  PT2_OP_CHECK(
      gradient->dtype == PT2_DTYPE_F32 || gradient->dtype == PT2_DTYPE_F64 ||
          gradient->dtype == PT2_DTYPE_F16 || gradient->dtype == PT2_DTYPE_BF16,
      "grad_output is %s, expected one of Half, BFloat16, Float, "
      "Double",
      pt2__dtype_torch_name(gradient->dtype));
  PT2_OP_CHECK(rows >= 0, "num_weights is %lld, expected no negative number",
               (long long)rows);
  PT2_OP_CHECK(gradient->rank >= 1, "grad_output has no dimensions");
  int64_t width = gradient->sizes[gradient->rank - 1];
  PT2_OP_CHECK(width == 0 ? gradient->numel == 0
                          : gradient->numel / width == indices->numel,
               "grad_output has %lld elements, expected %lld rows of %lld",
               (long long)gradient->numel, (long long)indices->numel,
               (long long)width);
  return PT2_STATUS_OK;
}

static pt2_status_t run_plain(const pt2_tensor_t* gradient,
                              const pt2_tensor_t* indices, int64_t padding,
                              bool by_frequency, reads_t* r,
                              pt2_tensor_t* table) {
  int64_t rows = table->sizes[0];
  PT2_TRY(pt2__tensor_contiguous(gradient, &r->gradient));
  PT2_TRY(pt2__embedding_read_indices(indices, "indices", rows, &r->indices));
  scatter_t s = {.gradient = r->gradient,
                 .indices = r->indices->data,
                 .count = r->indices->numel,
                 .padding = padding};
  if (by_frequency) {
    PT2_TRY(count_rows(s.indices, s.count, rows, &r->counts));
    s.counts = r->counts->data;
  }
  scatter(&s, table);
  return PT2_STATUS_OK;
}

pt2_status_t pt2__embedding_gradient(const pt2_tensor_t* gradient,
                                     const pt2_tensor_t* indices, int64_t rows,
                                     int64_t padding, bool by_frequency,
                                     pt2_tensor_t** out_table) {
  PT2_TRY(check_plain(gradient, indices, rows));
  pt2_tensor_t* table = NULL;
  PT2_TRY(
      make_table(gradient, rows, gradient->sizes[gradient->rank - 1], &table));
  reads_t r = {0};
  pt2_status_t status =
      run_plain(gradient, indices, padding, by_frequency, &r, table);
  release(&r);
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(table);
    return status;
  }
  *out_table = table;
  return PT2_STATUS_OK;
}
