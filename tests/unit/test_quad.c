// SPDX-License-Identifier: Apache-2.0
//
// Kernels on instructions for products of bytes and of bfloat16 against plain
// loops. Which kernels there are is up to the CPU or to $PT2_CPU_LEVEL.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "backends/cpu/cpu_features.h"
#include "backends/cpu/kernels/matmul/quad.h"
#include "support/skip.h"
#include "tensor/tensor.h"

enum { VECTOR_ROWS = 6, MOST_ROWS = 32, MOST_QUADS = 70, PANELS = 4 };

static uint32_t seed = 7;

static uint32_t random_bits(void) {
  seed = seed * 1664525u + 1013904223u;
  return seed >> 8;
}

static float from_bf16(uint16_t bits) {
  uint32_t whole = (uint32_t)bits << 16;
  float value;
  memcpy(&value, &whole, sizeof(value));
  return value;
}

// A number between -2 and 2 with an exponent that is not too small.
static uint16_t random_bf16(void) {
  return (uint16_t)((random_bits() & 0x8000u) |
                    ((120 + random_bits() % 8) << 7) | random_bits() % 128);
}

static const pt2__quad_kernels_t* kernels_or_skip(pt2__quad_type_t type) {
  const pt2__quad_kernels_t* kernels = pt2__quad_kernels();
  if (kernels == NULL || kernels->tile[type] == NULL) {
    SKIP("this CPU's level has no such instructions");
  }
  return kernels;
}

// The sum that belongs to one row and column, in double.
static double expected(pt2__quad_type_t type, const pt2__quad_block_t* block,
                       int row, int column) {
  const uint8_t* a = block->a + row * block->a_rs;
  const int8_t* b =
      block->b + column / 16 * block->quads * PT2__QUAD_BYTES + column % 16 * 4;
  double sum = 0;
  for (int64_t q = 0; q < block->quads; ++q) {
    const uint8_t* left = a + 4 * q;
    const int8_t* right = b + q * PT2__QUAD_BYTES;
    if (type == PT2__QUAD_BF16) {
      uint16_t x[2], y[2];
      memcpy(x, left, 4);
      memcpy(y, right, 4);
      sum += (double)from_bf16(x[0]) * from_bf16(y[0]) +
             (double)from_bf16(x[1]) * from_bf16(y[1]);
      continue;
    }
    for (int i = 0; i < 4; ++i) {
      sum += (type == PT2__QUAD_S8 ? (int8_t)left[i] : left[i]) * right[i];
    }
  }
  return sum;
}

static void fill(pt2__quad_type_t type, uint8_t* bytes, size_t count,
                 bool extreme, uint8_t most) {
  for (size_t i = 0; i < count; i += 2) {
    uint16_t pair =
        type == PT2__QUAD_BF16 ? random_bf16() : (uint16_t)random_bits();
    memcpy(bytes + i, &pair, 2);
    if (extreme && type != PT2__QUAD_BF16) {
      bytes[i] = bytes[i + 1] = most;
    }
  }
}

// |bytes| before a page that nobody may touch: that catches reads beyond them,
// by instructions that AddressSanitizer does not know too.
typedef struct {
  char* pages;
  size_t all;
  void* data;
} guarded_t;

static guarded_t guard(size_t bytes) {
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  size_t most = (bytes + page - 1) / page * page;
  guarded_t g = {.all = most + page};
  g.pages = mmap(NULL, g.all, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  assert_ptr_not_equal(g.pages, MAP_FAILED);
  assert_int_equal(mprotect(g.pages + most, page, PROT_NONE), 0);
  g.data = g.pages + most - bytes;
  return g;
}

// Empties the columns of the last panel from |columns| on, and returns the sums
// of those before, in a place that ends with them.
static guarded_t sum_columns(int8_t* b, int panels, int64_t quads,
                             int columns) {
  guarded_t sums = guard((size_t)columns * sizeof(int32_t));
  for (int c = 0; c < panels * 16; ++c) {
    int8_t* at = b + c / 16 * quads * PT2__QUAD_BYTES + c % 16 * 4;
    int32_t sum = 0;
    for (int64_t q = 0; q < quads; ++q, at += PT2__QUAD_BYTES) {
      for (int i = 0; i < 4; ++i) {
        at[i] = c < columns ? at[i] : 0;
        sum += at[i];
      }
    }
    if (c < columns) {
      ((int32_t*)sums.data)[c] = sum;
    }
  }
  return sums;
}

static void check_block(pt2__quad_type_t type,
                        void (*tile)(const pt2__quad_block_t*), int rows,
                        int panels, int64_t quads, bool extreme) {
  int columns = panels * 16 - (int)(random_bits() % 16);
  int64_t a_rs = quads * 4 + (int64_t)(random_bits() % 3) * 2;
  size_t a_bytes = (size_t)((rows - 1) * a_rs + quads * 4);
  size_t b_bytes = (size_t)(panels * quads * PT2__QUAD_BYTES);
  guarded_t left = guard(a_bytes), right = guard(b_bytes);
  uint8_t* a = left.data;
  int8_t* b = right.data;
  fill(type, a, a_bytes, extreme, type == PT2__QUAD_S8 ? 128 : 255);
  fill(type, (uint8_t*)b, b_bytes, extreme, 128);
  guarded_t column_sums = sum_columns(b, panels, quads, columns);
  char* sums = malloc(MOST_ROWS * PT2__QUAD_COLUMNS * 4);
  memset(sums, 0x5a, MOST_ROWS * PT2__QUAD_COLUMNS * 4);
  pt2__quad_block_t block = {.rows = rows,
                             .panels = panels,
                             .quads = quads,
                             .a = a,
                             .a_rs = a_rs,
                             .b = b,
                             .column_sums = column_sums.data,
                             .columns = columns,
                             .sums = sums};
  tile(&block);
  for (int r = 0; r < MOST_ROWS; ++r) {
    for (int c = 0; c < PT2__QUAD_COLUMNS; ++c) {
      const char* at = sums + (r * PT2__QUAD_COLUMNS + c) * 4;
      int32_t whole;
      float real;
      memcpy(&whole, at, 4);
      memcpy(&real, at, 4);
      if (r >= rows || c >= panels * 16) {
        assert_int_equal(whole, 0x5a5a5a5a);
      } else if (type == PT2__QUAD_BF16) {
        double wanted = expected(type, &block, r, c);
        // Each product is at most 4, each sum rounded in float.
        assert_true(fabs(real - wanted) <= 1e-6 * (double)(quads + 1) * 8);
      } else {
        assert_int_equal(whole, (int64_t)expected(type, &block, r, c));
      }
    }
  }
  munmap(left.pages, left.all);
  munmap(right.pages, right.all);
  munmap(column_sums.pages, column_sums.all);
  free(sums);
}

static void check_kernel(pt2__quad_type_t type,
                         void (*tile)(const pt2__quad_block_t*), int most) {
  static const int64_t quads[] = {0, 1, 2, 15, 16, 17, 32, 37, MOST_QUADS};
  for (int rows = 1; rows <= most; ++rows) {
    for (int panels = 1; panels <= PANELS; ++panels) {
      for (size_t i = 0; i < sizeof(quads) / sizeof(*quads); ++i) {
        check_block(type, tile, rows, panels, quads[i], false);
      }
      check_block(type, tile, rows, panels, MOST_QUADS, true);
    }
  }
}

static void check_type(pt2__quad_type_t type) {
  const pt2__quad_kernels_t* kernels = kernels_or_skip(type);
  assert_int_equal(PT2__QUAD_ROWS % kernels->rows, 0);
  check_kernel(type, kernels->tile[type], kernels->rows);
}

static void test_unsigned_bytes(void** state) {
  (void)state;
  check_type(PT2__QUAD_U8);
}

static void test_signed_bytes(void** state) {
  (void)state;
  check_type(PT2__QUAD_S8);
}

static void test_bfloat16(void** state) {
  (void)state;
  check_type(PT2__QUAD_BF16);
}

// The kernels of vectors with all their rows: those of tiles leave up to 4
// only.
static void test_vectors(void** state) {
  (void)state;
#if defined(__x86_64__)
  if (pt2__cpu_level() < PT2__CPU_VNNI) {
    SKIP("this CPU's level has no such instructions");
  }
  check_kernel(PT2__QUAD_U8, pt2__quad_vnni_u8, VECTOR_ROWS);
  check_kernel(PT2__QUAD_S8, pt2__quad_vnni_s8, VECTOR_ROWS);
  if (pt2__cpu_level() >= PT2__CPU_AVX512BF16) {
    check_kernel(PT2__QUAD_BF16, pt2__quad_bf16, VECTOR_ROWS);
  }
#else
  SKIP("kernels of x86");
#endif
}

// The last columns of rows, and what lies behind them.
static void check_rounded(int rows, int columns) {
  enum { QUADS = 9, PITCH = PT2__QUAD_COLUMNS + 3 };
  uint8_t a[VECTOR_ROWS * QUADS * 4];
  int8_t b[PANELS * QUADS * PT2__QUAD_BYTES];
  fill(PT2__QUAD_BF16, a, sizeof(a), false, 0);
  fill(PT2__QUAD_BF16, (uint8_t*)b, sizeof(b), false, 0);
  uint16_t rounded[VECTOR_ROWS * PITCH];
  memset(rounded, 0x5a, sizeof(rounded));
  pt2__quad_block_t block = {.rows = rows,
                             .panels = (columns + 15) / 16,
                             .quads = QUADS,
                             .a = a,
                             .a_rs = QUADS * 4,
                             .b = b,
                             .columns = columns,
                             .rounded = rounded,
                             .rounded_rs = PITCH};
  pt2__quad_kernels()->tile[PT2__QUAD_BF16](&block);
  for (int i = 0; i < VECTOR_ROWS * PITCH; ++i) {
    int row = i / PITCH, column = i % PITCH;
    if (row >= rows || column >= columns) {
      assert_int_equal(rounded[i], 0x5a5a);
      continue;
    }
    double wanted = expected(PT2__QUAD_BF16, &block, row, column);
    assert_true(fabs(from_bf16(rounded[i]) - wanted) <=
                fabs(wanted) / 255 + 1e-4);
  }
}

static void test_sums_are_rounded(void** state) {
  (void)state;
  if (!kernels_or_skip(PT2__QUAD_BF16)->rounds) {
    SKIP("the kernels of this CPU's level leave rounding to others");
  }
  for (int rows = 1; rows <= VECTOR_ROWS; ++rows) {
    for (int columns = 1; columns <= PT2__QUAD_COLUMNS; ++columns) {
      check_rounded(rows, columns);
    }
  }
}

static void test_floats_are_rounded(void** state) {
  (void)state;
  const pt2__quad_kernels_t* kernels = kernels_or_skip(PT2__QUAD_BF16);
  enum { COUNT = 37 };
  float from[COUNT];
  uint16_t source[COUNT], to[COUNT + 1];
  for (int i = 0; i < COUNT; ++i) {
    // In the bits that go: i, half a unit too.
    uint32_t bits = 0x3f800000u + (uint32_t)i * 0x4000u;
    memcpy(from + i, &bits, sizeof(bits));
    source[i] = random_bf16();
  }
  from[0] = -INFINITY;
  from[1] = NAN;
  from[2] = -0.0f;
  from[3] = 3.4e38f;
  for (int count = 0; count <= COUNT; ++count) {
    memset(to, 0x77, sizeof(to));
    kernels->round(from, 1, NULL, 0, count, to);
    for (int i = 0; i < count; ++i) {
      if (i == 1) {
        assert_true(isnan(from_bf16(to[i])));
        continue;
      }
      assert_int_equal(to[i], pt2__f32_to_bf16(from[i]));
    }
    kernels->round(from, 2, source, -3, count, to);
    for (int i = 4; i < count; ++i) {
      double wanted = 2 * (double)from[i] - 3 * (double)from_bf16(source[i]);
      assert_true(fabs(from_bf16(to[i]) - wanted) <= fabs(wanted) / 255 + 1e-6);
    }
    assert_int_equal(to[count], 0x7777);
  }
}

// One row and column of a product without panels.
static double expected_dot(pt2__quad_type_t type, const pt2__quad_dots_t* d,
                           int row, int column) {
  const uint8_t* a = d->a + row * d->a_rs;
  const uint8_t* b = d->b + column * d->b_cs;
  double sum = 0;
  for (int64_t i = 0; i < d->bytes; ++i) {
    if (type == PT2__QUAD_BF16) {
      uint16_t x, y;
      memcpy(&x, a + i, 2);
      memcpy(&y, b + i, 2);
      sum += (double)from_bf16(x) * from_bf16(y);
      ++i;
    } else {
      sum += (type == PT2__QUAD_S8 ? (int8_t)a[i] : a[i]) * (int8_t)b[i];
    }
  }
  return sum;
}

static void check_dots(pt2__quad_type_t type, int rows, int columns,
                       int64_t bytes, bool extreme) {
  int64_t a_rs = bytes + 6, b_cs = bytes + 10;
  size_t a_bytes = (size_t)((rows - 1) * a_rs + bytes);
  size_t b_bytes = (size_t)((columns - 1) * b_cs + bytes);
  guarded_t left = guard(a_bytes), right = guard(b_bytes);
  fill(type, left.data, a_bytes & ~(size_t)1, extreme,
       type == PT2__QUAD_S8 ? 128 : 255);
  fill(type, right.data, b_bytes & ~(size_t)1, extreme, 128);
  int32_t row_sums[PT2__QUAD_DOTS_ROWS] = {0};
  for (int r = 0; r < rows; ++r) {
    for (int64_t i = 0; i < bytes; ++i) {
      row_sums[r] += ((const int8_t*)left.data)[r * a_rs + i];
    }
  }
  int32_t sums[PT2__QUAD_DOTS_ROWS * PT2__QUAD_DOTS_COLUMNS];
  memset(sums, 0x5a, sizeof(sums));
  const pt2__quad_dots_t dots = {.rows = rows,
                                 .columns = columns,
                                 .bytes = bytes,
                                 .a = left.data,
                                 .a_rs = a_rs,
                                 .b = right.data,
                                 .b_cs = b_cs,
                                 .row_sums = row_sums,
                                 .sums = sums};
  pt2__quad_kernels()->dots[type](&dots);
  for (int i = 0; i < PT2__QUAD_DOTS_ROWS * PT2__QUAD_DOTS_COLUMNS; ++i) {
    int row = i / PT2__QUAD_DOTS_COLUMNS, column = i % PT2__QUAD_DOTS_COLUMNS;
    if (row >= rows || column >= columns) {
      assert_int_equal(sums[i], 0x5a5a5a5a);
      continue;
    }
    double wanted = expected_dot(type, &dots, row, column);
    if (type == PT2__QUAD_BF16) {
      float value;
      memcpy(&value, sums + i, sizeof(value));
      assert_true(fabs(value - wanted) <= 1e-6 * (double)(bytes + 4) * 2);
    } else {
      assert_int_equal(sums[i], (int64_t)wanted);
    }
  }
  munmap(left.pages, left.all);
  munmap(right.pages, right.all);
}

static void check_all_dots(pt2__quad_type_t type) {
  const pt2__quad_kernels_t* kernels = kernels_or_skip(type);
  assert_true(kernels->few_rows <= PT2__QUAD_FEW_ROWS);
  static const int64_t bytes[] = {0, 2, 6, 62, 64, 66, 128, 194};
  for (int rows = 1; rows <= PT2__QUAD_DOTS_ROWS; ++rows) {
    for (int columns = 1; columns <= PT2__QUAD_DOTS_COLUMNS; ++columns) {
      for (size_t i = 0; i < sizeof(bytes) / sizeof(*bytes); ++i) {
        check_dots(type, rows, columns, bytes[i], false);
        // Bytes come in odd numbers too.
        check_dots(type, rows, columns,
                   bytes[i] + (type == PT2__QUAD_BF16 ? 0 : 1), true);
      }
    }
  }
}

static void test_dots_of_unsigned_bytes(void** state) {
  (void)state;
  check_all_dots(PT2__QUAD_U8);
}

static void test_dots_of_signed_bytes(void** state) {
  (void)state;
  check_all_dots(PT2__QUAD_S8);
}

static void test_dots_of_bfloat16(void** state) {
  (void)state;
  check_all_dots(PT2__QUAD_BF16);
}

static void check_lines(int64_t k, int columns) {
  const int64_t b_rs = columns + 3;
  size_t a_bytes = (size_t)k * 2;
  size_t b_bytes = (size_t)((k - 1) * b_rs + columns) * 2;
  guarded_t left = guard(a_bytes), right = guard(b_bytes);
  const uint16_t *a = left.data, *b = right.data;
  fill(PT2__QUAD_BF16, left.data, a_bytes, false, 0);
  fill(PT2__QUAD_BF16, right.data, b_bytes, false, 0);
  float sums[PT2__QUAD_LINES];
  pt2__quad_kernels()->lines(a, k, b, b_rs, columns, sums);
  for (int c = 0; c < columns; ++c) {
    double wanted = 0;
    for (int64_t i = 0; i < k; ++i) {
      wanted += (double)from_bf16(a[i]) * from_bf16(b[i * b_rs + c]);
    }
    assert_true(fabs(sums[c] - wanted) <= 1e-6 * (double)(k + 1) * 8);
  }
  munmap(left.pages, left.all);
  munmap(right.pages, right.all);
}

static void test_lines(void** state) {
  (void)state;
  (void)kernels_or_skip(PT2__QUAD_BF16);
  static const int64_t sizes[] = {1, 2, 3, 8, 33};
  for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); ++i) {
    for (int columns = 1; columns <= PT2__QUAD_LINES; ++columns) {
      check_lines(sizes[i], columns);
    }
  }
}

static void test_columns_are_summed(void** state) {
  (void)state;
  const pt2__quad_kernels_t* kernels = kernels_or_skip(PT2__QUAD_U8);
  enum { QUADS = 11 };
  int8_t panel[QUADS * PT2__QUAD_BYTES];
  fill(PT2__QUAD_S8, (uint8_t*)panel, sizeof(panel), false, 0);
  for (int64_t quads = 0; quads <= QUADS; ++quads) {
    for (int columns = 1; columns <= 16; ++columns) {
      int32_t sums[17];
      memset(sums, 0x5a, sizeof(sums));
      kernels->sum_columns(panel, quads, columns, sums);
      for (int c = 0; c < columns; ++c) {
        int32_t wanted = 0;
        for (int64_t i = 0; i < 4 * quads; ++i) {
          wanted += panel[i / 4 * PT2__QUAD_BYTES + 4 * c + i % 4];
        }
        assert_int_equal(sums[c], wanted);
      }
      assert_int_equal(sums[columns], 0x5a5a5a5a);
    }
  }
}

static void test_pairs_are_packed(void** state) {
  (void)state;
  enum { K = 37, N = 16 };
  uint16_t b[K * (N + 3) * 3];
  for (size_t i = 0; i < sizeof(b) / sizeof(*b); ++i) {
    b[i] = (uint16_t)i;
  }
  const int64_t strides[][2] = {{N + 3, 1}, {1, K + 1}, {3 * N, 3}};
  for (int s = 0; s < 3; ++s) {
    for (int64_t k = 1; k <= K; k += 4) {
      for (int64_t n = 1; n <= N; n += 5) {
        uint16_t panel[(K + 1) / 2 * 32];
        memset(panel, 0x77, sizeof(panel));
        pt2__quad_pack_pairs(b, strides[s][0], strides[s][1], k, n,
                             (int8_t*)panel);
        for (int64_t i = 0; i < (k + 1) / 2 * 2; ++i) {
          for (int64_t j = 0; j < 16; ++j) {
            uint16_t wanted =
                i < k && j < n ? b[i * strides[s][0] + j * strides[s][1]] : 0;
            assert_int_equal(panel[i / 2 * 32 + 2 * j + i % 2], wanted);
          }
        }
      }
    }
  }
}

static void test_columns_are_turned(void** state) {
  (void)state;
  enum { QUADS = 11, PITCH = 4 * QUADS + 3 };
  uint8_t b[15 * PITCH + 4 * QUADS];
  for (size_t i = 0; i < sizeof(b); ++i) {
    b[i] = (uint8_t)(i * 7);
  }
  for (int64_t quads = 0; quads <= QUADS; ++quads) {
    uint8_t panel[(QUADS + 1) * PT2__QUAD_BYTES];
    memset(panel, 0x77, sizeof(panel));
    pt2__quad_turn(b, PITCH, quads, (int8_t*)panel);
    for (int64_t i = 0; i < quads * PT2__QUAD_BYTES; ++i) {
      int64_t column = i % PT2__QUAD_BYTES / 4;
      int64_t byte = i / PT2__QUAD_BYTES * 4 + i % 4;
      assert_int_equal(panel[i], b[column * PITCH + byte]);
    }
    assert_int_equal(panel[quads * PT2__QUAD_BYTES], 0x77);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_unsigned_bytes),
      cmocka_unit_test(test_signed_bytes),
      cmocka_unit_test(test_bfloat16),
      cmocka_unit_test(test_vectors),
      cmocka_unit_test(test_sums_are_rounded),
      cmocka_unit_test(test_floats_are_rounded),
      cmocka_unit_test(test_dots_of_unsigned_bytes),
      cmocka_unit_test(test_dots_of_signed_bytes),
      cmocka_unit_test(test_dots_of_bfloat16),
      cmocka_unit_test(test_lines),
      cmocka_unit_test(test_columns_are_summed),
      cmocka_unit_test(test_pairs_are_packed),
      cmocka_unit_test(test_columns_are_turned),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
