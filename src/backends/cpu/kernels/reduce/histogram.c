// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/kernels/reduce/histogram.h"

#include <math.h>
#include <string.h>

static inline float round_f16(float x) {
  return pt2__f16_to_f32(pt2__f32_to_f16(x));
}
static inline float round_bf16(float x) {
  return pt2__bf16_to_f32(pt2__f32_to_bf16(x));
}
#define SAME(x) (x)

// ---- Edges -----------------------------------------------------------------

// From both ends to the middle, f16 and bf16 in f32. torch's loops multiply and
// add in one step.
#define EDGES(name, type, real, FMA, ROUND, STORE)                          \
  static void name(double first, double last, int64_t count, void* edges) { \
    type* to = edges;                                                       \
    real low = ROUND((real)first), high = ROUND((real)last);                \
    real step = count > 0 ? (high - low) / (real)count : 0;                 \
    int64_t half = count > 0 ? (count + 1) / 2 : 1;                         \
    for (int64_t i = 0; i <= count; ++i) {                                  \
      to[i] = STORE(i < half ? FMA(step, (real)i, low)                      \
                             : FMA(-step, (real)(count - i), high));        \
    }                                                                       \
  }

EDGES(edges_f32, float, float, fmaf, SAME, SAME)
EDGES(edges_f64, double, double, fma, SAME, SAME)
EDGES(edges_f16, uint16_t, float, fmaf, round_f16, pt2__f32_to_f16)
EDGES(edges_bf16, uint16_t, float, fmaf, round_bf16, pt2__f32_to_bf16)

void pt2__histogram_edges(int32_t dtype, double low, double high, int64_t count,
                          void* edges) {
  switch (dtype) {
    case PT2_DTYPE_F16:
      edges_f16(low, high, count, edges);
      break;
    case PT2_DTYPE_BF16:
      edges_bf16(low, high, count, edges);
      break;
    case PT2_DTYPE_F64:
      edges_f64(low, high, count, edges);
      break;
    default:
      edges_f32(low, high, count, edges);
      break;
  }
}

#define EXTREMES(type, LOAD)                        \
  {                                                 \
    const type* from = data;                        \
    double low = (double)LOAD(from[0]), high = low; \
    bool nan = false;                               \
    for (int64_t i = 0; i < count; ++i) {           \
      double here = (double)LOAD(from[i * dims]);   \
      nan |= here != here;                          \
      low = here < low ? here : low;                \
      high = here > high ? here : high;             \
    }                                               \
    *out_low = nan ? NAN : low;                     \
    *out_high = nan ? NAN : high;                   \
    break;                                          \
  }

// Sixteen at once: none waits for the comparison before it.
static void extremes_f32(const float* from, int64_t count, double* out_low,
                         double* out_high) {
  float low[16], high[16];
  int32_t nan[16] = {0};
  for (int j = 0; j < 16; ++j) {
    low[j] = high[j] = from[0];
  }
  int64_t i = 0;
  for (; i + 16 <= count; i += 16) {
    for (int j = 0; j < 16; ++j) {
      float here = from[i + j];
      nan[j] |= here != here;
      low[j] = here < low[j] ? here : low[j];
      high[j] = here > high[j] ? here : high[j];
    }
  }
  for (; i < count; ++i) {
    nan[0] |= from[i] != from[i];
    low[0] = from[i] < low[0] ? from[i] : low[0];
    high[0] = from[i] > high[0] ? from[i] : high[0];
  }
  for (int j = 1; j < 16; ++j) {
    nan[0] |= nan[j];
    low[0] = low[j] < low[0] ? low[j] : low[0];
    high[0] = high[j] > high[0] ? high[j] : high[0];
  }
  *out_low = nan[0] ? NAN : (double)low[0];
  *out_high = nan[0] ? NAN : (double)high[0];
}

void pt2__histogram_extremes(int32_t dtype, const void* data, int64_t count,
                             int64_t dims, double* out_low, double* out_high) {
  if (dtype == PT2_DTYPE_F32 && dims == 1) {
    extremes_f32(data, count, out_low, out_high);
    return;
  }
  switch (dtype) {
    case PT2_DTYPE_F16:
      EXTREMES(uint16_t, pt2__f16_to_f32)
    case PT2_DTYPE_BF16:
      EXTREMES(uint16_t, pt2__bf16_to_f32)
    case PT2_DTYPE_F64:
      EXTREMES(double, SAME)
    default:
      EXTREMES(float, SAME)
  }
}

// ---- Bins ------------------------------------------------------------------

// Finds the bin of each of the points [first, last) in the row-major histogram,
// -1 for none.
typedef void (*place_fn)(const pt2__histogram_t* histogram, const void* data,
                         int64_t first, int64_t last, int64_t* places);

// The bin before the first edge above |here|, among the three next to |bin|.
#define EDGES_REACHED(LOAD)                                 \
  int64_t before = bin > 0 ? bin - 1 : 0;                   \
  int64_t behind = bin + 2 < bins + 1 ? bin + 2 : bins + 1; \
  bin = before - 1;                                         \
  for (int64_t e = before; e < behind; ++e) {               \
    bin += LOAD(edges[e]) <= here;                          \
  }

// The bin before the first edge above |here|, by bisection.
#define EDGES_SEARCHED(LOAD)                \
  int64_t below = 0, length = bins + 1;     \
  while (length > 0) {                      \
    int64_t half = length / 2;              \
    if (here < LOAD(edges[below + half])) { \
      length = half;                        \
    } else {                                \
      below += half + 1;                    \
      length -= half + 1;                   \
    }                                       \
  }                                         \
  bin = below > 0 ? below - 1 : 0;

// What torch computes, roundings and all, but that no place is out of bounds
// where the arithmetic overflows.
#define PLACE(name, type, real, LOAD, ROUND)                                   \
  static void name(const pt2__histogram_t* histogram, const void* data,        \
                   int64_t first, int64_t last, int64_t* places) {             \
    int64_t dims = histogram->dims;                                            \
    memset(places, 0, sizeof(int64_t) * (size_t)(last - first));               \
    for (int64_t d = 0; d < dims; ++d) {                                       \
      const type* point = (const type*)data + first * dims + d;                \
      const type* edges = histogram->edges[d];                                 \
      int64_t bins = histogram->bins[d];                                       \
      real low = LOAD(edges[0]), high = LOAD(edges[bins]);                     \
      real scale = ROUND((real)bins), width = ROUND(high - low);               \
      for (int64_t i = 0; i < last - first; ++i, point += dims) {              \
        real here = LOAD(*point);                                              \
        bool inside = here >= low && here <= high;                             \
        int64_t bin = 0;                                                       \
        if (histogram->any_width) {                                            \
          EDGES_SEARCHED(LOAD)                                                 \
        } else {                                                               \
          real at = ROUND(ROUND(ROUND(here - low) * scale) / width);           \
          bin = inside && at > 0 ? (at < (real)bins ? (int64_t)at : bins) : 0; \
        }                                                                      \
        if (histogram->by_edges) {                                             \
          EDGES_REACHED(LOAD)                                                  \
        }                                                                      \
        bin = bin >= bins ? bins - 1 : bin;                                    \
        places[i] = inside && places[i] >= 0 ? places[i] * bins + bin : -1;    \
      }                                                                        \
    }                                                                          \
  }

PLACE(place_f32, float, float, SAME, SAME)
PLACE(place_f64, double, double, SAME, SAME)
PLACE(place_f16, uint16_t, float, pt2__f16_to_f32, round_f16)
PLACE(place_bf16, uint16_t, float, pt2__bf16_to_f32, round_bf16)

static place_fn choose(int32_t dtype) {
  switch (dtype) {
    case PT2_DTYPE_F16:
      return place_f16;
    case PT2_DTYPE_BF16:
      return place_bf16;
    case PT2_DTYPE_F64:
      return place_f64;
    default:
      return place_f32;
  }
}

// Points whose bins are found before they are counted.
#define BLOCK 512

// Counts are whole numbers, so that it does not matter which thread has which
// points. (PyTorch counts in the dtype: each of its threads stops at 256 in
// bf16.)
static void count_points(const pt2__histogram_t* histogram, const void* data,
                         int64_t first, int64_t last, int64_t* counts) {
  place_fn place = choose(histogram->dtype);
  int64_t places[BLOCK];
  for (int64_t i = first; i < last; i += BLOCK) {
    int64_t count = last - i < BLOCK ? last - i : BLOCK;
    place(histogram, data, i, i + count, places);
    for (int64_t j = 0; j < count; ++j) {
      if (places[j] >= 0) {
        ++counts[places[j]];
      }
    }
  }
}

// In the points' own order, with the dtype's roundings.
static void add_weights(const pt2__histogram_t* histogram, const void* data,
                        void* result) {
  place_fn place = choose(histogram->dtype);
  int64_t places[BLOCK];
  for (int64_t i = 0; i < histogram->points; i += BLOCK) {
    int64_t left = histogram->points - i;
    int64_t count = left < BLOCK ? left : BLOCK;
    place(histogram, data, i, i + count, places);
#define ADD(type, LOAD, STORE)                                                 \
  for (int64_t j = 0; j < count; ++j) {                                        \
    if (places[j] >= 0) {                                                      \
      type* to = (type*)result + places[j];                                    \
      *to = STORE(LOAD(*to) + LOAD(((const type*)histogram->weights)[i + j])); \
    }                                                                          \
  }                                                                            \
  break
    switch (histogram->dtype) {
      case PT2_DTYPE_F16:
        ADD(uint16_t, pt2__f16_to_f32, pt2__f32_to_f16);
      case PT2_DTYPE_BF16:
        ADD(uint16_t, pt2__bf16_to_f32, pt2__f32_to_bf16);
      case PT2_DTYPE_F64:
        ADD(double, SAME, SAME);
      default:
        ADD(float, SAME, SAME);
    }
#undef ADD
  }
}

static pt2_status_t run_counts(const pt2__histogram_t* histogram,
                               const void* data, int64_t bins, void* result) {
  int64_t threads =
      bins > histogram->points ? 1 : pt2__op_threads(histogram->points * 4);
  size_t bytes = sizeof(int64_t) * (size_t)bins * (size_t)threads;
  int64_t* counts = pt2__pool_alloc(bytes);
  if (counts == NULL) {
    return PT2_OUT_OF_MEMORY(bytes);
  }
  memset(counts, 0, bytes);
  int64_t points = histogram->points;
#pragma omp parallel for num_threads((int)threads) if (threads > 1)
  for (int64_t t = 0; t < threads; ++t) {
    count_points(histogram, data, points * t / threads,
                 points * (t + 1) / threads, counts + t * bins);
  }
  size_t element = pt2_dtype_size_bytes(histogram->dtype);
  for (int64_t i = 0; i < bins; ++i) {
    int64_t sum = 0;
    for (int64_t t = 0; t < threads; ++t) {
      sum += counts[t * bins + i];
    }
    pt2__element_set_f64(histogram->dtype, (char*)result + (size_t)i * element,
                         (double)sum);
  }
  pt2__pool_free(counts, bytes);
  return PT2_STATUS_OK;
}

// ---- Density ---------------------------------------------------------------

#define DIVIDE(type, real, LOAD, STORE, ROUND)                     \
  {                                                                \
    type* to = result;                                             \
    double total = 0;                                              \
    for (int64_t i = 0; i < bins; ++i) {                           \
      total += (double)LOAD(to[i]);                                \
    }                                                              \
    real sum = ROUND((real)total);                                 \
    for (int64_t i = 0; i < bins; ++i) {                           \
      to[i] = STORE(LOAD(to[i]) / sum);                            \
    }                                                              \
    int64_t inner = bins;                                          \
    for (int64_t d = 0; d < histogram->dims; ++d) {                \
      const type* edges = histogram->edges[d];                     \
      inner /= histogram->bins[d];                                 \
      for (int64_t i = 0; i < bins; ++i) {                         \
        int64_t at = i / inner % histogram->bins[d];               \
        real width = ROUND(LOAD(edges[at + 1]) - LOAD(edges[at])); \
        to[i] = STORE(LOAD(to[i]) / width);                        \
      }                                                            \
    }                                                              \
    break;                                                         \
  }

static void divide(const pt2__histogram_t* histogram, int64_t bins,
                   void* result) {
  switch (histogram->dtype) {
    case PT2_DTYPE_F16:
      DIVIDE(uint16_t, float, pt2__f16_to_f32, pt2__f32_to_f16, round_f16)
    case PT2_DTYPE_BF16:
      DIVIDE(uint16_t, float, pt2__bf16_to_f32, pt2__f32_to_bf16, round_bf16)
    case PT2_DTYPE_F64:
      DIVIDE(double, double, SAME, SAME, SAME)
    default:
      DIVIDE(float, float, SAME, SAME, SAME)
  }
}

pt2_status_t pt2__histogram_run(const pt2__histogram_t* histogram,
                                const void* data, void* result) {
  int64_t bins = 1;
  for (int64_t d = 0; d < histogram->dims; ++d) {
    bins *= histogram->bins[d];
  }
  if (histogram->weights != NULL) {
    memset(result, 0, (size_t)bins * pt2_dtype_size_bytes(histogram->dtype));
    add_weights(histogram, data, result);
  } else {
    PT2_TRY(run_counts(histogram, data, bins, result));
  }
  if (histogram->density) {
    divide(histogram, bins, result);
  }
  return PT2_STATUS_OK;
}
