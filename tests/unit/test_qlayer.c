// SPDX-License-Identifier: Apache-2.0
//
// Loops around the product of quantised layers, of the CPU's level, against
// plain ones, to the bit; sums of a convolution of each channel by itself; and
// its failing allocations.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backends/cpu/cpu_features.h"
#include "backends/cpu/kernels/quantized/qdepthwise.h"
#include "backends/cpu/kernels/quantized/qlayer.h"
#include "base/memory.h"
#include "support/skip.h"

enum { ROWS = 5, COLUMNS = PT2__QLAYER_COLUMNS };

static uint32_t seed = 3;

static uint32_t random_bits(void) {
  seed = seed * 1664525u + 1013904223u;
  return seed >> 8;
}

static float random_float(void) {
  return (float)((int32_t)(random_bits() % 2001) - 1000) / 256.0f;
}

// ---- Sums ------------------------------------------------------------------

typedef struct {
  int32_t sums[ROWS * COLUMNS];
  int32_t weight_sums[COLUMNS], row_sums[ROWS];
  float scales[COLUMNS], bias[COLUMNS];
  float other[ROWS * COLUMNS];
  float out[ROWS * (COLUMNS + 1)];
} numbers_t;

// |wild|: also numbers that leave what an integer holds.
static void fill(numbers_t* n, bool wild) {
  for (int i = 0; i < ROWS * COLUMNS; ++i) {
    n->sums[i] = (int32_t)(random_bits() % 200001) - 100000;
    n->other[i] = random_float();
  }
  // What wraps, and what no result type holds.
  n->sums[0] = INT32_MIN;
  n->sums[1] = INT32_MAX;
  n->sums[2] = 0;
  for (int i = 0; i < COLUMNS; ++i) {
    n->weight_sums[i] = (int32_t)(random_bits() % 20001) - 10000;
    n->scales[i] = random_float() / 4096;
    n->bias[i] = random_float();
  }
  if (wild) {
    n->scales[3] = NAN;
    n->scales[4] = INFINITY;
    n->bias[5] = -INFINITY;
    n->scales[6] = 1e30f;
    n->scales[7] = -1e30f;
  }
  for (int i = 0; i < ROWS; ++i) {
    n->row_sums[i] = (int32_t)(random_bits() * 256U);
  }
}

static float other_of(const pt2__qlayer_finish_t* p, int row, int column) {
  const char* at = (const char*)p->other + row * p->other_rs;
  float other = p->other_type == PT2__QLAYER_F32  ? ((const float*)at)[column]
                : p->other_type == PT2__QLAYER_U8 ? ((const uint8_t*)at)[column]
                                                  : ((const int8_t*)at)[column];
  return p->other_scale * (other - p->other_zero_point);
}

static float value_of(const pt2__qlayer_finish_t* p, int row, int column) {
  uint32_t sum = (uint32_t)p->sums[row * COLUMNS + column];
  if (p->weight_sums != NULL) {
    sum -= (uint32_t)p->zero_point * (uint32_t)p->weight_sums[column];
  }
  if (p->row_sums != NULL) {
    sum -= (uint32_t)p->row_sums[row];
  }
  float value = (float)(int32_t)sum * p->scales[column];
  if (p->bias != NULL) {
    value += p->bias[column];
  }
  if (p->other != NULL) {
    volatile float other = other_of(p, row, column);
    value += other;
  }
  value = value < p->low ? p->low : value;
  return value > p->high ? p->high : value;
}

static float whole_of(const pt2__qlayer_finish_t* p, float value) {
  // In two statements: a compiler may round a product and a sum at once.
  volatile float product = value * p->factor;
  value = product + p->offset;
  value = value > p->least ? value : p->least;
  value = value < p->most ? value : p->most;
  return nearbyintf(value);
}

static void check_element(const pt2__qlayer_finish_t* p, int row, int column) {
  const char* at = (const char*)p->out + row * p->out_rs;
  float value = value_of(p, row, column);
  if (p->result == PT2__QLAYER_U8) {
    assert_int_equal(((const uint8_t*)at)[column], (uint8_t)whole_of(p, value));
    return;
  }
  if (p->result == PT2__QLAYER_S8) {
    assert_int_equal(((const int8_t*)at)[column], (int8_t)whole_of(p, value));
    return;
  }
  if (p->result == PT2__QLAYER_STEPS) {
    // Without a zero's sign.
    value = (whole_of(p, value) + 0.0f) * p->step;
  }
  float have = ((const float*)at)[column];
  if (isnan(value)) {
    assert_true(isnan(have));
  } else {
    assert_memory_equal(&have, &value, sizeof(have));
  }
}

static void check_finish(numbers_t* n, pt2__qlayer_result_t result, int count,
                         int options) {
  bool is_signed = result == PT2__QLAYER_S8;
  bool is_float = result == PT2__QLAYER_F32 || result == PT2__QLAYER_STEPS;
  pt2__qlayer_finish_t p = {
      .sums = n->sums,
      .rows = ROWS,
      .count = count,
      .zero_point = 117,
      .weight_sums = options & 1 ? n->weight_sums : NULL,
      .row_sums = result == PT2__QLAYER_STEPS ? n->row_sums : NULL,
      .scales = n->scales,
      .bias = options & 2 ? n->bias : NULL,
      .other = options & 16 ? n->other : NULL,
      .other_type = (pt2__qlayer_result_t)(count % 3),
      .other_rs = COLUMNS,
      .other_scale = 0.25f,
      .other_zero_point = 3,
      .low = options & 4   ? 0
             : options & 8 ? -0.5f
                           : -INFINITY,
      .high = options & 8 ? 0.75f : INFINITY,
      .result = result,
      .factor = 20,
      .offset = options & 1 ? 31 : 0,
      .least = is_signed ? -128 : 0,
      .most = is_signed ? 127 : 255,
      .step = 0.05f,
      .out = n->out,
      .out_rs = (count + 1) * (is_float ? 4 : 1)};
  memset(n->out, 0x5a, sizeof(n->out));
  pt2__qlayer_kernels()->finish(&p);
  for (int row = 0; row < ROWS; ++row) {
    for (int column = 0; column < count; ++column) {
      check_element(&p, row, column);
    }
    // What lies behind a row is left alone.
    assert_int_equal(
        ((const char*)p.out)[row * p.out_rs + count * (is_float ? 4 : 1)],
        0x5a);
  }
}

static void test_finish(void** state) {
  (void)state;
  static const int counts[] = {1, 7, 15, 16, 17, 40, 63, 64};
  numbers_t n;
  for (int wild = 0; wild < 2; ++wild) {
    fill(&n, wild == 1);
    for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); ++i) {
      for (int options = 0; options < 32; ++options) {
        for (int result = PT2__QLAYER_F32; result <= PT2__QLAYER_STEPS;
             ++result) {
          check_finish(&n, (pt2__qlayer_result_t)result, counts[i], options);
        }
      }
    }
  }
}

// ---- Rounding --------------------------------------------------------------

static void test_round(void** state) {
  (void)state;
  static const pt2__qlayer_rounding_t roundings[] = {
      {30, 110, 0, 255}, {100, 0, 0, 255}, {40, -5, -128, 127}};
  float from[100];
  uint8_t to[101];
  for (int i = 0; i < 100; ++i) {
    from[i] = random_float();
  }
  from[3] = NAN;
  from[4] = INFINITY;
  from[5] = -INFINITY;
  from[6] = -0.0f;
  for (int which = 0; which < 3; ++which) {
    const pt2__qlayer_rounding_t* p = &roundings[which];
    for (int count = 0; count <= 100; ++count) {
      uint32_t sum = 0;
      to[count] = 0x5a;
      uint32_t have = pt2__qlayer_kernels()->round(p, from, count, to);
      for (int i = 0; i < count; ++i) {
        float low = (float)(p->low - p->zero_point);
        float high = (float)(p->high - p->zero_point);
        float value = from[i] * p->inverse;
        value = value > low ? value : low;
        value = value < high ? value : high;
        uint8_t want = (uint8_t)((int)nearbyintf(value) + p->zero_point);
        assert_int_equal(to[i], want);
        sum += want;
      }
      assert_int_equal(have, sum);
      assert_int_equal(to[count], 0x5a);
    }
  }
}

// ---- Patches ---------------------------------------------------------------

static void check_runs(int64_t runs, int64_t bytes, int64_t zeros) {
  enum { COUNT = 3, STEP = 5 };
  int64_t pitch = runs * bytes + zeros;
  // Of exactly the bytes that may be read and written.
  uint8_t* image = malloc((size_t)(runs * bytes + STEP * (COUNT - 1)));
  uint8_t* to = malloc((size_t)(COUNT * pitch));
  const uint8_t* from[8];
  for (int64_t i = 0; i < runs * bytes + STEP * (COUNT - 1); ++i) {
    image[i] = (uint8_t)(random_bits() | 1);
  }
  for (int64_t i = 0; i < runs; ++i) {
    from[i] = image + (runs - 1 - i) * bytes;
  }
  const pt2__qlayer_runs_t p = {from,  runs,  bytes, STEP,
                                COUNT, pitch, zeros, to};
  pt2__qlayer_kernels()->runs(&p);
  for (int64_t i = 0; i < COUNT; ++i) {
    for (int64_t j = 0; j < pitch; ++j) {
      int64_t run = j / bytes;
      uint8_t want = run < runs ? from[run][i * STEP + j % bytes] : 0;
      assert_int_equal(to[i * pitch + j], want);
    }
  }
  free(image);
  free(to);
}

static void test_runs(void** state) {
  (void)state;
  for (int64_t bytes = 1; bytes <= 200; ++bytes) {
    check_runs(1, bytes, bytes % 4);
    check_runs(8, bytes, bytes % 7 * 9);
  }
}

// ---- One channel by itself -------------------------------------------------

#if defined(__x86_64__)
enum { POSITIONS = 40, CHANNELS = PT2__QDEPTHWISE_CHANNELS };

typedef struct {
  uint8_t lines[8][POSITIONS * CHANNELS];
  uint8_t woven[2 * POSITIONS * PT2__QDEPTHWISE_BYTES];
  int8_t weight[2 * 5 * PT2__QDEPTHWISE_BYTES];
  int32_t sums[POSITIONS * CHANNELS];
} depthwise_t;

static int32_t sum_of(const depthwise_t* d, const pt2__qdepthwise_sums_t* p,
                      int64_t pixel, int channel) {
  int32_t sum = 0;
  for (int64_t line = 0; line < 4 * p->quads; ++line) {
    for (int64_t j = 0; j < p->width; ++j) {
      int64_t x = pixel * p->stride + j * p->dilation;
      sum += d->lines[line][x * p->channels + channel] *
             p->weight[((line / 4 * p->width + j) * CHANNELS + channel) * 4 +
                       line % 4];
    }
  }
  return sum;
}

static void check_depthwise(depthwise_t* d, int channels, int64_t quads,
                            int64_t width, int64_t stride, int64_t dilation) {
  const uint8_t* lines[8];
  for (int i = 0; i < 8; ++i) {
    lines[i] = d->lines[i];
  }
  for (int64_t q = 0; q < quads; ++q) {
    pt2__qdepthwise_weave_vnni(
        lines + 4 * q, channels, POSITIONS, channels,
        d->woven + q * POSITIONS * PT2__QDEPTHWISE_BYTES);
  }
  const pt2__qdepthwise_sums_t p = {
      .quads = quads,
      .width = width,
      .pixels = (POSITIONS - 1 - (width - 1) * dilation) / stride + 1,
      .stride = stride,
      .dilation = dilation,
      .positions = POSITIONS,
      .channels = channels,
      .columns = d->woven,
      .weight = d->weight,
      .sums = d->sums};
  pt2__qdepthwise_sums_vnni(&p);
  for (int64_t i = 0; i < p.pixels; ++i) {
    for (int c = 0; c < channels; ++c) {
      assert_int_equal(d->sums[i * CHANNELS + c], sum_of(d, &p, i, c));
    }
  }
}
#endif

static void test_depthwise(void** state) {
  (void)state;
#if defined(__x86_64__)
  if (pt2__cpu_level() < PT2__CPU_VNNI) {
    SKIP("this CPU's level has no such instructions");
  }
  static const int channels[] = {1, 15, 16, 17, 32, 47, 48, 63, 64};
  depthwise_t* d = malloc(sizeof(*d));
  for (size_t i = 0; i < sizeof(d->lines); ++i) {
    (&d->lines[0][0])[i] = (uint8_t)random_bits();
  }
  for (size_t i = 0; i < sizeof(d->weight); ++i) {
    d->weight[i] = (int8_t)random_bits();
  }
  for (size_t i = 0; i < sizeof(channels) / sizeof(*channels); ++i) {
    check_depthwise(d, channels[i], 1, 3, 1, 1);
    check_depthwise(d, channels[i], 2, 5, 2, 3);
    check_depthwise(d, channels[i], 2, 1, 3, 1);
  }
  free(d);
#else
  SKIP("this CPU has no such instructions");
#endif
}

// Each allocation of a small layer fails in turn; nothing is written then.
static void test_failing_allocations(void** state) {
  (void)state;
  enum { SIZE = 4, DEPTH = 5 };
  const int64_t sizes[4] = {DEPTH, 1, 3, 3};
  pt2_tensor_t* weight = NULL;
  assert_int_equal(pt2__tensor_empty(PT2_DTYPE_I8, 4, sizes, NULL, &weight),
                   PT2_STATUS_OK);
  memset(weight->data, 1, (size_t)weight->numel);
  const pt2__conv_t conv = {.rank = 4,
                            .batch = 1,
                            .groups = DEPTH,
                            .channels_in = DEPTH,
                            .channels_out = DEPTH,
                            .input = {1, SIZE, SIZE},
                            .kernel = {1, 3, 3},
                            .output = {1, SIZE, SIZE},
                            .stride = {1, 1, 1},
                            .padding = {0, 1, 1},
                            .dilation = {1, 1, 1}};
  uint8_t input[SIZE * SIZE * DEPTH], padding[SIZE * DEPTH];
  float out[SIZE * SIZE * DEPTH];
  const float scales[DEPTH] = {1, 1, 1, 1, 1};
  memset(input, 2, sizeof(input));
  memset(padding, 0, sizeof(padding));
  memset(out, 0, sizeof(out));
  const pt2__qimage_t image = {&conv, input, padding};
  const pt2__requantize_t finish = {.scales = scales,
                                    .scale = 1,
                                    .dtype = PT2_DTYPE_F32,
                                    .out = out,
                                    .row_stride = DEPTH};
  pt2_status_t status = PT2_STATUS_OUT_OF_MEMORY;
  uint64_t at = 1;
  for (; status == PT2_STATUS_OUT_OF_MEMORY; ++at) {
    assert_true(out[0] == 0);
    pt2__error_begin();
    pt2__fault_set(at, false);
    status = pt2__qdepthwise(&image, weight, &finish);
    pt2__fault_set(0, false);
  }
  assert_int_equal(status, PT2_STATUS_OK);
  assert_true(at > 3);
  // Nine taps inside, four at a corner.
  assert_true(out[(SIZE + 1) * DEPTH] == 18);
  assert_true(out[0] == 8 && out[SIZE * SIZE * DEPTH - 1] == 8);
  pt2__error_begin();
  pt2__tensor_release(weight);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_finish),
      cmocka_unit_test(test_round),
      cmocka_unit_test(test_runs),
      cmocka_unit_test(test_depthwise),
      cmocka_unit_test(test_failing_allocations),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
