// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/kernels/matmul/dyn_quant.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "ops/op.h"

// A row as whole numbers less their zero point, and what one of them is worth.
typedef struct {
  float scale;
} row_t;

static float least_of(const float* x, int64_t k) {
  float least = FLT_MAX;
  for (int64_t i = 0; i < k; ++i) {
    least = x[i] > least ? least : x[i];
  }
  return least;
}

static float most_of(const float* x, int64_t k) {
  float most = -FLT_MAX;
  for (int64_t i = 0; i < k; ++i) {
    most = x[i] < most ? most : x[i];
  }
  return most;
}

static int32_t zero_point_of(float least, float most) {
  float from_least = -128.0f - least;
  float from_most = 127.0f - most;
  float zero_point =
      (-128.0f + least) + (127.0f + most) > 0 ? from_least : from_most;
  zero_point = zero_point > -128.0f ? zero_point : -128.0f;
  zero_point = zero_point < 127.0f ? zero_point : 127.0f;
  return (int32_t)lrintf(zero_point);
}

// To the nearest integer, halves away from zero; what is no small number
// becomes the least.
static int32_t round_away(float x) {
  return fabsf(x) < 1e6f ? (int32_t)roundf(x) : INT16_MIN;
}

static void quantize_row(const float* x, int64_t k, int16_t* to, row_t* row) {
  float least = least_of(x, k);
  float most = most_of(x, k);
  least = least < 0 ? least : 0;
  most = most > 0 ? most : 0;
  float scale = least == most ? 1.0f : 255.0f / (most - least);
  row->scale = scale != 0 ? 1.0f / scale : 0.0f;
  int32_t zero_point = zero_point_of(least * scale, most * scale);
  for (int64_t i = 0; i < k; ++i) {
    int32_t value = round_away(x[i] * scale) + zero_point;
    value = value < -128 ? -128 : value > 127 ? 127 : value;
    to[i] = (int16_t)(value - zero_point);
  }
}

static void unpack_row(const float* bytes, int64_t k, int16_t* to) {
  for (int64_t i = 0; i < k / 2; ++i) {
    int32_t byte = (int32_t)bytes[i];
    to[2 * i] = (int16_t)((byte & 15) - 8);
    to[2 * i + 1] = (int16_t)(((byte >> 4) & 15) - 8);
  }
}

static int32_t dot(const int16_t* a, const int16_t* b, int64_t count) {
  int32_t sum = 0;
  for (int64_t i = 0; i < count; ++i) {
    sum += (int32_t)a[i] * b[i];
  }
  return sum;
}

static void run_columns(const pt2__dyn_quant_t* p, const int16_t* x,
                        const row_t* rows, int64_t first, int64_t last,
                        int16_t* weight) {
  int64_t groups = p->k / p->group;
  for (int64_t n = first; n < last; ++n) {
    unpack_row(p->bytes + n * (p->k / 2), p->k, weight);
    const float* scales = p->scales + n * groups;
    for (int64_t m = 0; m < p->m; ++m) {
      float sum = 0;
      for (int64_t g = 0; g < groups; ++g) {
        sum += (float)dot(x + m * p->k + g * p->group, weight + g * p->group,
                          p->group) *
               scales[g];
      }
      sum *= rows[m].scale;
      sum += p->bias != NULL ? p->bias[n] : 0;
      p->y[m * p->n + n] = sum;
    }
  }
}

pt2_status_t pt2__dyn_quant(const pt2__dyn_quant_t* call) {
  int64_t m = call->m;
  int64_t k = call->k;
  if (m == 0 || call->n == 0) {
    return PT2_STATUS_OK;
  }
  int threads = pt2__op_threads(m * call->n * (k / 16 + 1));
  size_t x_bytes = (size_t)(m * k) * sizeof(int16_t);
  size_t row_bytes = (size_t)m * sizeof(row_t);
  size_t weight_bytes = (size_t)k * sizeof(int16_t);
  size_t bytes = row_bytes + x_bytes + weight_bytes * (size_t)threads + 1;
  char* work = pt2__pool_alloc(bytes);
  if (work == NULL) {
    return PT2_OUT_OF_MEMORY(bytes);
  }
  row_t* rows = (row_t*)work;
  int16_t* x = (int16_t*)(work + row_bytes);
  char* weights = work + row_bytes + x_bytes;
  for (int64_t i = 0; i < m; ++i) {
    quantize_row(call->x + i * k, k, x + i * k, &rows[i]);
  }
#pragma omp parallel for num_threads(threads) if (threads > 1) schedule(static)
  for (int i = 0; i < threads; ++i) {
    run_columns(call, x, rows, call->n * i / threads,
                call->n * (i + 1) / threads,
                (int16_t*)(weights + weight_bytes * (size_t)i));
  }
  pt2__pool_free(work, bytes);
  return PT2_STATUS_OK;
}
