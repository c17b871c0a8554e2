// SPDX-License-Identifier: Apache-2.0
//
// What surrounds the product in a quantised layer: patches of an image put side
// by side, numbers rounded to bytes, sums made results; and the sums of a
// convolution of each channel by itself.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_QUANTIZED_QLAYER_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_QUANTIZED_QLAYER_H_

#include <stdbool.h>
#include <stdint.h>

// Columns that are finished together, and how far rows of sums are apart.
#define PT2__QLAYER_COLUMNS 64

// |count| rows of |runs| runs of |bytes| bytes each, side by side; row |i|'s
// come from from[run] + i * step. Rows are written |pitch| bytes apart, with
// |zeros| (below 64) zeros behind each.
typedef struct {
  const uint8_t* const* from;
  int64_t runs, bytes, step, count, pitch, zeros;
  uint8_t* to;
} pt2__qlayer_runs_t;

typedef enum {
  PT2__QLAYER_F32,
  // value * factor + offset, to the nearest (even) integer that the type has.
  PT2__QLAYER_U8,
  PT2__QLAYER_S8,
  // The same in float, to an integer of [least, most], times |step|.
  PT2__QLAYER_STEPS
} pt2__qlayer_result_t;

typedef struct {
  // |rows| rows of |count| (1 to COLUMNS) sums, COLUMNS apart.
  const int32_t* sums;
  int64_t rows, count;
  // value = (sum - zero_point * weight_sums[column] - row_sums[row]) *
  // scales[column] + bias[column]; the integers wrap. All but |scales| may be
  // NULL; only STEPS has |row_sums|.
  int32_t zero_point;
  const int32_t* weight_sums;
  const int32_t* row_sums;
  const float* scales;
  const float* bias;
  // + other_scale * (other - other_zero_point), of F32, U8 or S8; it may be the
  // result. NULL: none.
  const void* other;
  pt2__qlayer_result_t other_type;
  int64_t other_rs;  // bytes
  float other_scale, other_zero_point;
  // Then clamped; NaN stays.
  float low, high;
  pt2__qlayer_result_t result;
  float factor, offset;
  float least, most, step;
  void* out;
  int64_t out_rs;  // bytes
} pt2__qlayer_finish_t;

// To the nearest (even) integer of [low, high], all of which fit into 8 bits.
typedef struct {
  float inverse;
  int32_t zero_point, low, high;
} pt2__qlayer_rounding_t;

typedef struct {
  void (*runs)(const pt2__qlayer_runs_t* runs);
  void (*finish)(const pt2__qlayer_finish_t* finish);
  // to[i] = from[i] * inverse, rounded, + zero_point. Returns the sum of what
  // it wrote, as bytes without a sign.
  uint32_t (*round)(const pt2__qlayer_rounding_t* rounding, const float* from,
                    int64_t count, uint8_t* to);
  // sums[i] = the products of |pairs| pairs of taps and their weights:
  // x[2 * pair] and x[2 * pair + 1] point to the taps' channels, |weight| has
  // [pair][channel][2].
  void (*depthwise)(int64_t pairs, const uint8_t* const* x,
                    const int16_t* weight, int64_t channels, int32_t* sums);
  // values[i] = (sums[i] - zero_point * weight_sums[i]) * scales[i] + bias[i];
  // |weight_sums| and |bias| may be NULL.
  void (*scale)(const int32_t* sums, int32_t zero_point,
                const int32_t* weight_sums, const float* scales,
                const float* bias, int64_t count, float* values);
  // target[i] = values[i] * factor + zero_point, to the nearest (even) of
  // the integers in [low, high], which are all of uint8_t or of int8_t.
  void (*quantize)(const float* values, float factor, float zero_point,
                   float low, float high, int64_t count, void* target);
} pt2__qlayer_kernels_t;

const pt2__qlayer_kernels_t* pt2__qlayer_kernels(void);

extern const pt2__qlayer_kernels_t pt2__qlayer_generic;
#if defined(__x86_64__)
extern const pt2__qlayer_kernels_t pt2__qlayer_avx2;
extern const pt2__qlayer_kernels_t pt2__qlayer_avx512;
#endif

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_QUANTIZED_QLAYER_H_
