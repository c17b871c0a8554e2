// SPDX-License-Identifier: Apache-2.0
//
// Dtypes: names, kinds, promotion as torch 2.15 has it; and that the kernels of
// every instruction set convert alike.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "pt2/tensor.h"
#include "support/skip.h"
#include "tensor/convert.h"
#include "tensor/tensor.h"

static const int32_t dtypes[] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10,
                                 11, 15, 23, 24, 25, 26, 27, 28, 29, 44, 45};
#define DTYPE_COUNT (sizeof(dtypes) / sizeof(dtypes[0]))
#define NO -1

// torch.promote_types, printed by torch; NO where it raises.
static const int8_t promoted[13][13] = {
    {0, 2, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0, 15},
    {2, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 1, 15},
    {2, 2, 2, 3, 4, 5, 6, 7, 8, 9, 10, 2, 15},
    {3, 3, 3, 3, 4, 5, 6, 7, 8, 9, 10, 3, 15},
    {4, 4, 4, 4, 4, 5, 6, 7, 8, 9, 10, 4, 15},
    {5, 5, 5, 5, 5, 5, 6, 7, 8, 9, 10, 5, 6},
    {6, 6, 6, 6, 6, 6, 6, 7, 9, 9, 10, 6, 6},
    {7, 7, 7, 7, 7, 7, 7, 7, 10, 10, 10, 7, 7},
    {8, 8, 8, 8, 8, 8, 9, 10, 8, 9, 10, 8, 9},
    {9, 9, 9, 9, 9, 9, 9, 10, 9, 9, 10, 9, 9},
    {10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10},
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 15},
    {15, 15, 15, 15, 15, 6, 6, 7, 9, 9, 10, 15, 15},
};

static int32_t expected_promotion(size_t a, size_t b) {
  if (a == b) {
    return dtypes[a];
  }
  if (a < 13 && b < 13) {
    return promoted[a][b];
  }
  // u16, u32, u64 give way to floats only; 8-bit floats go with nothing.
  bool wide_a = dtypes[a] >= 27 && dtypes[a] <= 29;
  bool wide_b = dtypes[b] >= 27 && dtypes[b] <= 29;
  int32_t other = wide_a ? dtypes[b] : dtypes[a];
  bool real = (other >= 5 && other <= 7) || other == 15 || other == 45;
  return (wide_a || wide_b) && real ? other : NO;
}

static void test_promotion(void** state) {
  (void)state;
  for (size_t a = 0; a < DTYPE_COUNT; ++a) {
    for (size_t b = 0; b < DTYPE_COUNT; ++b) {
      int32_t got = pt2__dtype_promote(dtypes[a], dtypes[b]);
      if (got != expected_promotion(a, b)) {
        fail_msg("%s with %s: %d", pt2_dtype_name(dtypes[a]),
                 pt2_dtype_name(dtypes[b]), got);
      }
    }
  }
  assert_int_equal(pt2__dtype_promote(6, 99), PT2_DTYPE_UNDEFINED);
  assert_int_equal(pt2__dtype_promote(-1, 6), PT2_DTYPE_UNDEFINED);
}

static void test_names(void** state) {
  (void)state;
  for (size_t i = 0; i < DTYPE_COUNT; ++i) {
    const char* name = pt2_dtype_name(dtypes[i]);
    assert_int_equal(pt2_dtype_parse(name), dtypes[i]);
    assert_true(pt2_dtype_size_bytes(dtypes[i]) > 0);
  }
  assert_int_equal(pt2_dtype_parse("torch.float32"), PT2_DTYPE_F32);
  assert_int_equal(pt2_dtype_parse("float32"), PT2_DTYPE_F32);
  assert_int_equal(pt2_dtype_parse("long"), PT2_DTYPE_I64);
  assert_int_equal(pt2_dtype_parse("bfloat16"), PT2_DTYPE_BF16);
  assert_int_equal(pt2_dtype_parse("f31"), PT2_DTYPE_UNDEFINED);
  assert_int_equal(pt2_dtype_parse(""), PT2_DTYPE_UNDEFINED);
  assert_int_equal(pt2_dtype_parse(NULL), PT2_DTYPE_UNDEFINED);
  assert_string_equal(pt2__dtype_torch_name(PT2_DTYPE_I64), "Long");
  assert_string_equal(pt2__dtype_torch_name(12), "Undefined");
  assert_string_equal(pt2_dtype_name(12), "?");
  assert_int_equal(pt2_dtype_size_bytes(12), 0);
  assert_int_equal(pt2_dtype_size_bytes(-5), 0);
  assert_int_equal(pt2_dtype_size_bytes(1 << 30), 0);
}

static void test_kinds(void** state) {
  (void)state;
  assert_true(pt2__dtype_is_floating(PT2_DTYPE_F8E8M0FNU));
  assert_false(pt2__dtype_is_floating(PT2_DTYPE_COMPLEX64));
  assert_true(pt2__dtype_is_complex(PT2_DTYPE_COMPLEX32));
  assert_true(pt2__dtype_is_integral(PT2_DTYPE_U64, false));
  assert_true(pt2__dtype_is_integral(PT2_DTYPE_BOOL, true));
  assert_false(pt2__dtype_is_integral(PT2_DTYPE_BOOL, false));
  assert_false(pt2__dtype_is_integral(12, true));
}

#define COUNT 1031

#if defined(__x86_64__) && defined(__GNUC__)
// A NaN's bits differ between processors' instructions and plain code: made
// one before comparing.
static void canonicalize(int32_t dtype, unsigned char* data) {
  if (dtype == PT2_DTYPE_F16) {
    for (size_t i = 0; i < COUNT; ++i) {
      uint16_t bits;
      memcpy(&bits, data + 2 * i, 2);
      bits = (bits & 0x7fff) > 0x7c00 ? 0x7e00 : bits;
      memcpy(data + 2 * i, &bits, 2);
    }
  } else if (dtype == PT2_DTYPE_F32) {
    for (size_t i = 0; i < COUNT; ++i) {
      uint32_t bits;
      memcpy(&bits, data + 4 * i, 4);
      bits = (bits & 0x7fffffff) > 0x7f800000 ? 0x7fc00000 : bits;
      memcpy(data + 4 * i, &bits, 4);
    }
  } else if (dtype == PT2_DTYPE_F64) {
    for (size_t i = 0; i < COUNT; ++i) {
      uint64_t bits;
      memcpy(&bits, data + 8 * i, 8);
      bits =
          (bits & INT64_MAX) > 0x7ff0000000000000 ? 0x7ff8000000000000 : bits;
      memcpy(data + 8 * i, &bits, 8);
    }
  }
}

// Parts of complex numbers are compared as twice as many real ones elsewhere.
static bool is_compared(int32_t dtype) {
  return dtype != PT2_DTYPE_F4E2M1FNX2 && !pt2__dtype_is_complex(dtype);
}
#endif

static void test_kernels_agree(void** state) {
  (void)state;
#if defined(__x86_64__) && defined(__GNUC__)
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) {
    SKIP("this CPU has no AVX2 or no FMA");
  }
  static unsigned char source[8 * COUNT];
  static unsigned char plain[8 * COUNT];
  static unsigned char fast[8 * COUNT];
  srand(1);
  for (size_t i = 0; i < sizeof(source); ++i) {
    source[i] = (unsigned char)(rand() >> 7);
  }
  for (size_t a = 0; a < DTYPE_COUNT; ++a) {
    for (size_t b = 0; b < DTYPE_COUNT; ++b) {
      if (!is_compared(dtypes[a]) || !is_compared(dtypes[b])) {
        continue;
      }
      int64_t to = (int64_t)pt2_dtype_size_bytes(dtypes[a]);
      int64_t from = (int64_t)pt2_dtype_size_bytes(dtypes[b]);
      pt2__convert_run_portable(dtypes[a], plain, to, dtypes[b], source, from,
                                COUNT);
      pt2__convert_run_avx2(dtypes[a], fast, to, dtypes[b], source, from,
                            COUNT);
      canonicalize(dtypes[a], plain);
      canonicalize(dtypes[a], fast);
      if (memcmp(plain, fast, (size_t)to * COUNT) != 0) {
        fail_msg("%s from %s differs", pt2_dtype_name(dtypes[a]),
                 pt2_dtype_name(dtypes[b]));
      }
    }
  }
#else
  SKIP("there are no other kernels for this CPU");
#endif
}

typedef void (*convert_fn)(int32_t, void*, int64_t, int32_t, const void*,
                           int64_t, int64_t);

// An integer is rounded once, whether those beside it are large or small.
static void check_integers(convert_fn convert, const int64_t* values,
                           int64_t count) {
  static float single[COUNT];
  static double wide[COUNT];
  const int64_t size = (int64_t)sizeof(int64_t);
  convert(PT2_DTYPE_F32, single, sizeof(float), PT2_DTYPE_I64, values, size,
          count);
  convert(PT2_DTYPE_F64, wide, sizeof(double), PT2_DTYPE_I64, values, size,
          count);
  for (int64_t i = 0; i < count; ++i) {
    if (single[i] != (float)values[i] || wide[i] != (double)values[i]) {
      fail_msg("%lld becomes %.17g, %.17g", (long long)values[i],
               (double)single[i], wide[i]);
    }
  }
}

static void test_integers(void** state) {
  (void)state;
  static int64_t values[COUNT];
  int64_t count = 0;
  for (int shift = 0; shift < 63; ++shift) {
    const int64_t power = (int64_t)1 << shift;
    // Ties of f32 and what is next to them.
    const int64_t tie = shift > 23 ? power >> 24 : 0;
    for (int64_t near = -1; near <= 1; ++near) {
      values[count++] = power + near;
      values[count++] = -power + near;
      values[count++] = power + tie + near;
      values[count++] = -power - tie - near;
    }
  }
  values[count++] = INT64_MIN;
  values[count++] = INT64_MAX;
  assert_true(count <= COUNT);
  static const convert_fn both[] = {pt2__convert_run,
                                    pt2__convert_run_portable};
  for (int k = 0; k < 2; ++k) {
    check_integers(both[k], values, count);
    for (int64_t i = 0; i < count; ++i) {
      check_integers(both[k], values + i, 1);
    }
  }
}

static void test_narrow_integers(void** state) {
  (void)state;
  static const int32_t narrow[] = {PT2_DTYPE_U8,  PT2_DTYPE_I8,  PT2_DTYPE_I16,
                                   PT2_DTYPE_I32, PT2_DTYPE_U16, PT2_DTYPE_U32,
                                   PT2_DTYPE_BOOL};
  static const int32_t floats[] = {PT2_DTYPE_F32, PT2_DTYPE_F16, PT2_DTYPE_BF16,
                                   PT2_DTYPE_F64};
  static unsigned char source[4 * COUNT];
  static unsigned char got[8 * COUNT];
  for (size_t i = 0; i < sizeof(source); ++i) {
    source[i] = (unsigned char)(i * 2654435761u >> 13);
  }
  for (size_t k = 0; k < sizeof(narrow) / sizeof(narrow[0]); ++k) {
    const int64_t from = (int64_t)pt2_dtype_size_bytes(narrow[k]);
    for (size_t f = 0; f < sizeof(floats) / sizeof(floats[0]); ++f) {
      const int64_t to = (int64_t)pt2_dtype_size_bytes(floats[f]);
      pt2__convert_run(floats[f], got, to, narrow[k], source, from, COUNT);
      for (int64_t i = 0; i < COUNT; ++i) {
        const int64_t value =
            pt2__element_get_i64(narrow[k], source + i * from);
        unsigned char expected[8];
        pt2__element_set_i64(floats[f], expected, value);
        if (memcmp(expected, got + i * to, (size_t)to) != 0) {
          fail_msg("%s from %s: %lld differs", pt2_dtype_name(floats[f]),
                   pt2_dtype_name(narrow[k]), (long long)value);
        }
      }
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_promotion), cmocka_unit_test(test_names),
      cmocka_unit_test(test_kinds),     cmocka_unit_test(test_kernels_agree),
      cmocka_unit_test(test_integers),  cmocka_unit_test(test_narrow_integers),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
