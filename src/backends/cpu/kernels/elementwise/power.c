// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/kernels/elementwise/power.h"

#include <complex.h>
#include <math.h>

#include "backends/cpu/cpu_features.h"

// Integers that are raised side by side, so that neither the number of bits of
// an exponent nor its bits are branched on: they cannot be foreseen.
#define LANES 8

// An unsigned number is none, whatever it wraps to.
#define IS_MINUS_ONE(type, x) ((type)-1 < (type)1 && (x) == (type)-1)

// |wide| is unsigned and not narrower than int, so that products wrap around.
#define INTEGER_LOOP(name, type, wide)                                         \
  static void power_##name(const type* base, const type* exponent,             \
                           type* result) {                                     \
    wide factors[LANES], bits[LANES], products[LANES];                         \
    wide any = 0;                                                              \
    for (int j = 0; j < LANES; ++j) {                                          \
      factors[j] = (wide)base[j];                                              \
      bits[j] = exponent[j] < 0 ? 0 : (wide)exponent[j];                       \
      products[j] = 1;                                                         \
      any |= bits[j];                                                          \
    }                                                                          \
    for (; any != 0; any >>= 1) {                                              \
      for (int j = 0; j < LANES; ++j) {                                        \
        products[j] *= ((factors[j] - 1) & ((wide)0 - (bits[j] & 1))) + 1;     \
        factors[j] *= factors[j];                                              \
        bits[j] >>= 1;                                                         \
      }                                                                        \
    }                                                                          \
    for (int j = 0; j < LANES; ++j) {                                          \
      bool one =                                                               \
          base[j] == 1 || (IS_MINUS_ONE(type, base[j]) && !(exponent[j] & 1)); \
      type inverse = one ? 1 : IS_MINUS_ONE(type, base[j]) ? (type)-1 : 0;     \
      result[j] = exponent[j] < 0 ? inverse : (type)products[j];               \
    }                                                                          \
  }                                                                            \
  static void loop_##name(const void* context, char* const* data,              \
                          const int64_t* strides, int64_t count) {             \
    (void)context;                                                             \
    type base[LANES], exponent[LANES], result[LANES];                          \
    for (int64_t i = 0; i < count; i += LANES) {                               \
      int some = count - i < LANES ? (int)(count - i) : LANES;                 \
      for (int j = 0; j < LANES; ++j) {                                        \
        int64_t at = i + (j < some ? j : 0);                                   \
        base[j] = *(const type*)(const void*)(data[1] + at * strides[1]);      \
        exponent[j] = *(const type*)(const void*)(data[2] + at * strides[2]);  \
      }                                                                        \
      power_##name(base, exponent, result);                                    \
      for (int j = 0; j < some; ++j) {                                         \
        *(type*)(void*)(data[0] + (i + j) * strides[0]) = result[j];           \
      }                                                                        \
    }                                                                          \
  }
INTEGER_LOOP(u8, uint8_t, uint32_t)
INTEGER_LOOP(i8, int8_t, uint32_t)
INTEGER_LOOP(i16, int16_t, uint32_t)
INTEGER_LOOP(i32, int32_t, uint32_t)
INTEGER_LOOP(i64, int64_t, uint64_t)

#define LOOP(name, type, function)                                           \
  static void name(const void* context, char* const* data,                   \
                   const int64_t* strides, int64_t count) {                  \
    (void)context;                                                           \
    for (int64_t i = 0; i < count; ++i) {                                    \
      type base = *(const type*)(const void*)(data[1] + i * strides[1]);     \
      type exponent = *(const type*)(const void*)(data[2] + i * strides[2]); \
      *(type*)(void*)(data[0] + i * strides[0]) = function(base, exponent);  \
    }                                                                        \
  }
LOOP(loop_f32, float, powf)
LOOP(loop_f64, double, pow)
LOOP(loop_c64, float complex, cpowf)
LOOP(loop_c128, double complex, cpow)

static pt2__elementwise_loop_fn loop_of_floats(void) {
#if defined(__x86_64__)
  if (pt2__cpu_level() >= PT2__CPU_AVX512) {
    return pt2__power_f32_avx512;
  }
  if (pt2__cpu_level() >= PT2__CPU_AVX2) {
    return pt2__power_f32_avx2;
  }
#endif
  return loop_f32;
}

pt2__elementwise_loop_fn pt2__power_loop(int32_t dtype) {
  switch (dtype) {
    case PT2_DTYPE_U8:
      return loop_u8;
    case PT2_DTYPE_I8:
      return loop_i8;
    case PT2_DTYPE_I16:
      return loop_i16;
    case PT2_DTYPE_I32:
      return loop_i32;
    case PT2_DTYPE_I64:
      return loop_i64;
    case PT2_DTYPE_F32:
      return loop_of_floats();
    case PT2_DTYPE_F64:
      return loop_f64;
    case PT2_DTYPE_COMPLEX64:
      return loop_c64;
    case PT2_DTYPE_COMPLEX128:
      return loop_c128;
    default:
      return NULL;
  }
}
