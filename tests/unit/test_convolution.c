// SPDX-License-Identifier: Apache-2.0
//
// Convolution where the samples do not reach: the loops of every instruction
// set that this CPU has, weights packed once, failing allocations.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backends/cpu/kernels/convolution/conv_tile.h"
#include "base/memory.h"
#include "ops/op.h"
#include "support/skip.h"

// Small integers: sums are exact in every order.
static float value_at(int i) { return (float)((i * 7 + i / 5) % 11 - 5); }

static float* make_values(int count) {
  float* values = malloc(sizeof(float) * (size_t)count);
  for (int i = 0; i < count; ++i) {
    values[i] = value_at(i);
  }
  return values;
}

// ---- Tiles -----------------------------------------------------------------

enum { TAPS = 3, CHANNELS = 32, STRIDE = 10, OUTPUTS = 32 };

typedef struct {
  float* input;
  float* bias;
  const float* pixels[TAPS * STRIDE];
  float out[PT2__CONV_MAX_ROWS * 64];
} tile_case_t;

static const int32_t tap_numbers[TAPS] = {2, 0, 1};

static void fill_case(tile_case_t* it) {
  it->input = make_values(TAPS * STRIDE * CHANNELS);
  it->bias = make_values(64);
  for (int i = 0; i < TAPS * STRIDE; ++i) {
    it->pixels[i] = it->input + i * CHANNELS;
  }
}

static void free_case(tile_case_t* it) {
  free(it->input);
  free(it->bias);
}

static pt2__conv_tile_f32_t make_tile(tile_case_t* it, const float* weight,
                                      int out_stride) {
  memset(it->out, 0, sizeof(it->out));
  return (pt2__conv_tile_f32_t){.pixels = it->pixels,
                                .pixel_stride = STRIDE,
                                .taps = tap_numbers,
                                .tap_count = TAPS,
                                .channels = CHANNELS,
                                .weight = weight,
                                .bias = it->bias,
                                .out = it->out,
                                .out_stride = out_stride};
}

static void check_panels(const pt2__conv_tiles_f32_t* tiles, bool wide) {
  tile_case_t it;
  fill_case(&it);
  int width = wide ? 2 * tiles->lanes : tiles->lanes;
  float* weight = make_values(TAPS * CHANNELS * width);
  for (int rows = 1; rows <= tiles->rows; ++rows) {
    pt2__conv_tile_f32_t tile = make_tile(&it, weight, width);
    (wide ? tiles->wide : tiles->narrow)(rows, &tile);
    for (int r = 0; r < tiles->rows; ++r) {
      for (int o = 0; o < width; ++o) {
        float sum = r < rows ? it.bias[o] : 0;
        for (int t = 0; t < TAPS && r < rows; ++t) {
          for (int c = 0; c < CHANNELS; ++c) {
            sum += it.pixels[t * STRIDE + r][c] *
                   weight[(tap_numbers[t] * CHANNELS + c) * width + o];
          }
        }
        assert_true(it.out[r * width + o] == sum);
      }
    }
  }
  free(weight);
  free_case(&it);
}

static void check_dots(const pt2__conv_tiles_f32_t* tiles) {
  tile_case_t it;
  fill_case(&it);
  float* weight = make_values(4 * TAPS * CHANNELS);
  for (int rows = 1; rows <= tiles->dot_rows; ++rows) {
    for (int columns = 1; columns <= tiles->dot_columns; ++columns) {
      pt2__conv_tile_f32_t tile = make_tile(&it, weight, 8);
      tile.weight_stride = TAPS * CHANNELS;
      tiles->dot(rows, columns, &tile);
      tile.bias = NULL;  // once more on top
      tiles->dot(rows, columns, &tile);
      for (int r = 0; r < tiles->dot_rows; ++r) {
        for (int o = 0; o < 8; ++o) {
          float sum = 0;
          for (int t = 0; t < TAPS; ++t) {
            for (int c = 0; c < CHANNELS && r < rows && o < columns; ++c) {
              sum += it.pixels[t * STRIDE + r][c] *
                     weight[(o * TAPS + tap_numbers[t]) * CHANNELS + c];
            }
          }
          float wanted = r < rows && o < columns ? 2 * sum + it.bias[o] : 0;
          assert_true(it.out[r * 8 + o] == wanted);
        }
      }
    }
  }
  free(weight);
  free_case(&it);
}

// What a line's result |r| reads of channel |c| and adds up.
static float line_sum(const pt2__conv_line_f32_t* line, int64_t r, int64_t c) {
  float sum = line->bias[c];
  for (int64_t i = 0; i < line->row_count; ++i) {
    for (int64_t t = 0; t < line->taps; ++t) {
      int64_t at = line->column + r * line->move + t * line->tap_move;
      if (at >= 0 && at < line->width) {
        sum += line->rows[i][at * line->pixel + c] *
               line->weights[i][t * line->weight_step + c];
      }
    }
  }
  return sum;
}

enum { LINE_ROWS = 2, LINE_WIDTH = 40, LINE_RESULTS = 7 };

static void check_line(const pt2__conv_tiles_f32_t* tiles, bool whole,
                       pt2__conv_line_f32_t* line) {
  float* out = line->out;
  for (int64_t count = 1; count <= LINE_RESULTS; ++count) {
    memset(out, 0, sizeof(float) * LINE_RESULTS * CHANNELS);
    tiles->depthwise(count, whole, line);
    for (int64_t r = 0; r < LINE_RESULTS; ++r) {
      for (int64_t c = 0; c < CHANNELS; ++c) {
        bool made = r < count && c < line->channels;
        assert_true(out[r * CHANNELS + c] == (made ? line_sum(line, r, c) : 0));
      }
    }
  }
}

// Lines inside of their rows, and with both ends outside; steps of 1 and 2,
// taps apart and backwards, channels that fill vectors or do not.
static void check_depthwise(const pt2__conv_tiles_f32_t* tiles) {
  static const struct {
    int64_t taps, column, move, tap_move;
    bool whole;
  } cases[] = {{3, 4, 1, 1, true},   {3, 4, 2, 1, true},   {5, 2, 2, 3, true},
               {3, -2, 1, 1, false}, {3, 35, 1, 2, false}, {5, -7, 2, 3, false},
               {3, 12, 1, -5, false}};
  float* input = make_values(LINE_ROWS * LINE_WIDTH * CHANNELS);
  float* weight = make_values(LINE_ROWS * 5 * CHANNELS);
  float* bias = make_values(CHANNELS);
  float* out = make_values(LINE_RESULTS * CHANNELS);
  const float* rows[] = {input + LINE_WIDTH * CHANNELS, input};
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
    const float* weights[] = {weight, weight + cases[i].taps * CHANNELS};
    for (int64_t channels = 1; channels <= CHANNELS; ++channels) {
      pt2__conv_line_f32_t line = {.rows = rows,
                                   .weights = weights,
                                   .row_count = LINE_ROWS,
                                   .pixel = CHANNELS,
                                   .width = LINE_WIDTH,
                                   .column = cases[i].column,
                                   .move = cases[i].move,
                                   .taps = cases[i].taps,
                                   .tap_move = cases[i].tap_move,
                                   .weight_step = CHANNELS,
                                   .channels = channels,
                                   .bias = bias,
                                   .out = out,
                                   .out_stride = CHANNELS};
      check_line(tiles, cases[i].whole, &line);
    }
  }
  free(input);
  free(weight);
  free(bias);
  free(out);
}

static void check_tiles(const pt2__conv_tiles_f32_t* tiles) {
  check_panels(tiles, false);
  check_panels(tiles, true);
  check_dots(tiles);
  check_depthwise(tiles);
}

static void test_tiles_generic(void** state) {
  (void)state;
  check_tiles(&pt2__conv_tiles_f32_generic);
}

static void test_tiles_avx2(void** state) {
  (void)state;
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    check_tiles(&pt2__conv_tiles_f32_avx2);
    return;
  }
#endif
  SKIP("this CPU has no AVX2 or no FMA");
}

static void test_tiles_avx512(void** state) {
  (void)state;
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) {
    check_tiles(&pt2__conv_tiles_f32_avx512);
    return;
  }
#endif
  SKIP("this CPU has no AVX-512");
}

// ---- Whole calls -----------------------------------------------------------

static const int64_t one[2] = {1, 1};
static const int64_t none[2] = {0, 0};

static pt2_tensor_t* make_tensor(const int64_t* sizes) {
  pt2_tensor_t* tensor = NULL;
  assert_int_equal(pt2__tensor_empty(PT2_DTYPE_F32, 4, sizes, NULL, &tensor),
                   PT2_STATUS_OK);
  for (int64_t i = 0; i < tensor->numel; ++i) {
    ((float*)tensor->data)[i] = value_at((int)i);
  }
  return tensor;
}

static AOTITorchError convolve(pt2_tensor_t* input, pt2_tensor_t* weight,
                               AtenTensorHandle* out) {
  return aoti_torch_cpu_convolution(input, weight, NULL, one, 2, one, 2, one, 2,
                                    0, none, 2, 1, out);
}

static void test_packed_once(void** state) {
  (void)state;
  pt2_tensor_t* input = make_tensor((int64_t[]){1, 8, 6, 6});
  pt2_tensor_t* weight = make_tensor((int64_t[]){20, 8, 3, 3});
  AtenTensorHandle plain = NULL, first = NULL, second = NULL;
  assert_int_equal(convolve(input, weight, &plain), 0);
  assert_null(atomic_load(&weight->storage->packed));
  weight->storage->immutable = true;
  assert_int_equal(convolve(input, weight, &first), 0);
  pt2__packed_t* packed = atomic_load(&weight->storage->packed);
  assert_non_null(packed);
  // What is packed is used: the weight itself is not read any more.
  memset(weight->data, 0, sizeof(float) * (size_t)weight->numel);
  assert_int_equal(convolve(input, weight, &second), 0);
  assert_ptr_equal(atomic_load(&weight->storage->packed), packed);
  assert_null(packed->next);
  size_t bytes = sizeof(float) * (size_t)plain->numel;
  assert_memory_equal(plain->data, first->data, bytes);
  assert_memory_equal(plain->data, second->data, bytes);
  pt2__tensor_release(plain);
  pt2__tensor_release(first);
  pt2__tensor_release(second);
  pt2__tensor_release(input);
  pt2__tensor_release(weight);
}

// Every allocation of |weight_is_constant|'s path fails once: an error, nothing
// kept, and the next call is right.
static void check_failing_allocations(bool weight_is_constant) {
  pt2_tensor_t* input = make_tensor((int64_t[]){1, 8, 6, 6});
  int failures = 0;
  for (uint64_t nth = 1;; ++nth) {
    pt2_tensor_t* weight = make_tensor((int64_t[]){20, 8, 3, 3});
    weight->storage->immutable = weight_is_constant;
    size_t used = 0, kept = 0, after = 0;
    pt2__pool_statistics(&used, &kept);
    AtenTensorHandle out = NULL;
    pt2__error_begin();
    pt2__fault_set(nth, false);
    AOTITorchError code = convolve(input, weight, &out);
    pt2__fault_set(0, false);
    if (code == 0) {
      pt2__tensor_release(out);
      pt2__tensor_release(weight);
      break;
    }
    failures++;
    assert_null(out);
    assert_int_equal(pt2_error_status(), PT2_STATUS_OUT_OF_MEMORY);
    if (!weight_is_constant) {
      pt2__pool_statistics(&after, &kept);
      assert_int_equal(after, used);
    }
    assert_int_equal(convolve(input, weight, &out), 0);
    pt2__tensor_release(out);
    pt2__tensor_release(weight);
  }
  assert_true(failures >= 3);
  pt2__tensor_release(input);
}

static void test_failing_allocations(void** state) {
  (void)state;
  check_failing_allocations(false);
  check_failing_allocations(true);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_tiles_generic),
      cmocka_unit_test(test_tiles_avx2),
      cmocka_unit_test(test_tiles_avx512),
      cmocka_unit_test(test_packed_once),
      cmocka_unit_test(test_failing_allocations),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
