// SPDX-License-Identifier: Apache-2.0
//
// Rows of elements side by side: scaled additions and dot products.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_REDUCE_ROWS_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_REDUCE_ROWS_H_

#include <stdbool.h>
#include <stdint.h>

typedef struct {
  // to += factor * from
  void (*add_f32)(float* to, const float* from, float factor, int64_t count);
  void (*add_f64)(double* to, const double* from, double factor, int64_t count);
  // The sum is rounded, and before it the product if |product|.
  void (*add_f16)(uint16_t* to, const uint16_t* from, float factor,
                  bool product, int64_t count);
  void (*add_bf16)(uint16_t* to, const uint16_t* from, float factor,
                   bool product, int64_t count);
  float (*dot_f32)(const float* a, const float* b, int64_t count);
  double (*dot_f64)(const double* a, const double* b, int64_t count);
  // The sum, and the sum of squared distances from |mean|.
  float (*sum_f32)(const float* row, int64_t count);
  double (*sum_f64)(const double* row, int64_t count);
  float (*spread_f32)(const float* row, float mean, int64_t count);
  double (*spread_f64)(const double* row, double mean, int64_t count);
  // out = (row - mean) * factor * weight + bias; the latter two may be NULL.
  void (*normalize_f32)(const float* row, float mean, float factor,
                        const float* weight, const float* bias, int64_t count,
                        float* out);
  void (*normalize_f64)(const double* row, double mean, double factor,
                        const double* weight, const double* bias, int64_t count,
                        double* out);
} pt2__rows_t;

// The best ones for this CPU.
const pt2__rows_t* pt2__rows(void);

// to += factor * from for any floating dtype of 16 to 64 bits. The 16-bit ones
// round the sum, and the product before it too if |product|.
void pt2__rows_add(int32_t dtype, void* to, const void* from, double factor,
                   bool product, int64_t count);

extern const pt2__rows_t pt2__rows_generic;
#if defined(__x86_64__)
extern const pt2__rows_t pt2__rows_avx2;
#endif

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_REDUCE_ROWS_H_
