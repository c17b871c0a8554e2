// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/kernels/image/upsample_u8.h"

#include <string.h>

#include "backends/cpu/cpu_features.h"

static uint8_t to_u8(int32_t sum, int bits) {
  sum >>= bits;
  return (uint8_t)(sum < 0 ? 0 : sum > 255 ? 255 : sum);
}

// Row |at| of |width| elements, made of rows of |from|.
static void resample_row(const pt2__upsample_u8_t* taps, const uint8_t* from,
                         int64_t at, int64_t width, uint8_t* to) {
  enum { BLOCK = 128 };
  const int16_t* weights = taps->weights + at * taps->most;
  const int64_t length = taps->lengths[at];
  const int32_t half = taps->bits > 0 ? 1 << (taps->bits - 1) : 0;
  from += taps->firsts[at] * width;
  if (width == 1) {
    int32_t sum = half;
    for (int64_t t = 0; t < length; ++t) {
      sum += weights[t] * from[t];
    }
    *to = to_u8(sum, taps->bits);
    return;
  }
  for (int64_t begin = 0; begin < width; begin += BLOCK) {
    int64_t count = width - begin < BLOCK ? width - begin : BLOCK;
    int32_t sums[BLOCK];
    for (int64_t i = 0; i < count; ++i) {
      sums[i] = half;
    }
    for (int64_t t = 0; t < length; ++t) {
      const uint8_t* row = from + t * width + begin;
      const int16_t weight = weights[t];
      for (int64_t i = 0; i < count; ++i) {
        sums[i] += weight * (int16_t)row[i];
      }
    }
    for (int64_t i = 0; i < count; ++i) {
      to[begin + i] = to_u8(sums[i], taps->bits);
    }
  }
}

// ---- Lines of small pixels -------------------------------------------------

typedef struct {
  pt2__upsample_u8_line_t line;  // steps: 0 if there is no kernel for it
  void* block;
  size_t bytes;
} table_t;

static int64_t longest(const pt2__upsample_u8_t* taps) {
  int64_t most = 1;
  for (int64_t i = 0; i < taps->count; ++i) {
    most = taps->lengths[i] > most ? taps->lengths[i] : most;
  }
  return most;
}

// Sets the places and weights of result |at|, which takes |reach| elements. The
// ones at the end of a line begin earlier, so as not to reach behind it.
static void place_result(const pt2__upsample_u8_t* taps, int64_t at,
                         int64_t length, int64_t reach,
                         pt2__upsample_u8_line_t* line) {
  const int64_t latest = length - reach;
  const int64_t first = taps->firsts[at] < latest ? taps->firsts[at] : latest;
  const int64_t skipped = taps->firsts[at] - first;
  const int16_t* weights = taps->weights + at * taps->most;
  const bool single = line->pixel == 1;
  const int64_t step = single ? 8 : 4, group = single ? 8 : 2;
  // A vector has eight weights of one result and eight of another, and a step
  // has |vectors| of them for each group.
  const int64_t vectors = single ? 4 : 2, lanes = PT2__UPSAMPLE_U8_LANES;
  const int64_t vector = single ? at % 4 : 0, half = at % group / (group / 2);
  line->firsts[at] = first * line->pixel;
  for (int64_t i = 0; i < taps->lengths[at]; ++i) {
    const int64_t t = skipped + i, in_step = t % step;
    int16_t* to = line->weights +
                  (at / group * line->steps + t / step) * vectors * lanes +
                  half * lanes / 2;
    if (single) {
      to[vector * lanes + in_step] = weights[i];
      continue;
    }
    for (int c = 0; c < 4; ++c) {
      to[in_step / 2 * lanes + 2 * c + in_step % 2] = weights[i];
    }
  }
}

// |out_table->line.steps| is 0 where there is no kernel.
static pt2_status_t make_table(const pt2__upsample_u8_t* taps, int64_t length,
                               int64_t pixel, table_t* out_table) {
  *out_table = (table_t){0};
  const int64_t step = pixel == 1 ? 8 : 4, group = pixel == 1 ? 8 : 2;
  const int64_t steps = (longest(taps) + step - 1) / step;
  if (pt2__cpu_level() < PT2__CPU_AVX2 ||
      (pixel != 1 && pixel != 3 && pixel != 4) || steps * step > length) {
    return PT2_STATUS_OK;
  }
  const int64_t groups = (taps->count + group - 1) / group;
  const size_t places = (size_t)(groups * group) * sizeof(int64_t);
  const int64_t vectors = pixel == 1 ? 4 : 2;
  int64_t row = vectors * PT2__UPSAMPLE_U8_LANES * (int64_t)sizeof(int16_t);
  bool fits = !__builtin_mul_overflow(row, steps, &row) &&
              !__builtin_mul_overflow(row, groups, &row);
  const size_t bytes = fits ? places + (size_t)row : SIZE_MAX;
  void* block = fits ? pt2__pool_alloc(bytes) : NULL;
  if (block == NULL) {
    return PT2_OUT_OF_MEMORY(bytes);
  }
  memset(block, 0, bytes);
  *out_table =
      (table_t){.line = {.count = taps->count,
                         .pixel = pixel,
                         .steps = steps,
                         .bits = taps->bits,
                         .firsts = block,
                         .weights = (int16_t*)(void*)((char*)block + places)},
                .block = block,
                .bytes = bytes};
  for (int64_t at = 0; at < taps->count; ++at) {
    place_result(taps, at, length, steps * step, &out_table->line);
  }
  return PT2_STATUS_OK;
}

// A line whose end is that of the memory if |last|.
static void resample_line(const pt2__upsample_u8_t* taps, const table_t* table,
                          int64_t width, bool last, const uint8_t* from,
                          uint8_t* to) {
#if defined(__x86_64__)
  if (table->line.steps > 0 && !(last && width == 3)) {
    pt2__upsample_u8_line_avx2(&table->line, from, to);
    return;
  }
#else
  (void)table;
  (void)last;
#endif
  for (int64_t at = 0; at < taps->count; ++at) {
    resample_row(taps, from, at, width, to + at * width);
  }
}

static pt2_status_t resample_lines(const pt2__upsample_u8_t* taps,
                                   int64_t outer, int64_t length, int64_t width,
                                   int threads, const uint8_t* from,
                                   uint8_t* to) {
  table_t table;
  PT2_TRY(make_table(taps, length, width, &table));
#pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1)
  for (int64_t i = 0; i < outer; ++i) {
    resample_line(taps, &table, width, i + 1 == outer,
                  from + i * length * width, to + i * taps->count * width);
  }
  pt2__pool_free(table.block, table.bytes);
  return PT2_STATUS_OK;
}

static void resample_rows(const pt2__upsample_u8_t* taps, int64_t outer,
                          int64_t length, int64_t width, int threads,
                          const uint8_t* from, uint8_t* to) {
#if defined(__x86_64__)
  const bool wide = width >= 32 && pt2__cpu_level() >= PT2__CPU_AVX2;
#endif
#pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1)
  for (int64_t i = 0; i < outer * taps->count; ++i) {
    const int64_t at = i % taps->count;
    const uint8_t* image = from + i / taps->count * length * width;
#if defined(__x86_64__)
    if (wide) {
      pt2__upsample_u8_rows_avx2(
          image + taps->firsts[at] * width, taps->weights + at * taps->most,
          taps->lengths[at], width, taps->bits, to + i * width);
      continue;
    }
#endif
    resample_row(taps, image, at, width, to + i * width);
  }
}

pt2_status_t pt2__upsample_u8(const pt2__upsample_u8_t* taps, int64_t outer,
                              int64_t length, int64_t width,
                              const uint8_t* from, uint8_t* to) {
  int threads = pt2__op_threads(outer * taps->count * width * taps->most);
  if (width <= 4) {
    return resample_lines(taps, outer, length, width, threads, from, to);
  }
  resample_rows(taps, outer, length, width, threads, from, to);
  return PT2_STATUS_OK;
}
