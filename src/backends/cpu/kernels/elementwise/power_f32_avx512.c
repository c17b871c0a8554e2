// SPDX-License-Identifier: Apache-2.0
//
// Powers of floats: x^y = 2^(y log2 x) in double precision, whose error of
// about 1e-9 is below a fiftieth of the result's last place. Tables of 16
// numbers, which a pair of registers holds, bring both functions near 0.
#if defined(__x86_64__)
#include <math.h>

#include "backends/cpu/kernels/elementwise/float_lanes_avx512.h"
#include "backends/cpu/kernels/elementwise/power.h"

typedef struct {
  __m512d low, high;
} table_t;

static inline table_t table_of(const double* values) {
  return (table_t){_mm512_loadu_pd(values), _mm512_loadu_pd(values + 8)};
}

// The elements that the lowest four bits of the lanes of |index| say.
static inline __m512d elements_of(table_t table, __m512i index) {
  return _mm512_permutex2var_pd(table.low, index, table.high);
}

#define SET(value) _mm512_set1_pd(value)
#define FMA(a, b, c) _mm512_fmadd_pd((a), (b), (c))

// By the highest four bits of the mantissa of m in [0.75, 1.5): a number r near
// 1 / m, 1 on both sides of 1 so that the logarithm keeps its digits there, and
// -log2 r.
static const double reciprocals[16] = {
    1.0,          0.914285719f, 0.864864886f, 0.820512831f,
    0.780487776f, 0.744186044f, 0.711111128f, 0.680851042f,
    1.30612242f,  1.25490201f,  1.20754719f,  1.16363633f,
    1.12280703f,  1.08474576f,  1.04918027f,  1.0};
static const double logarithms[16] = {0.0,
                                      0.12928300888327973,
                                      0.20945333069497424,
                                      0.285402200051646,
                                      0.35755205836266307,
                                      0.4262647600765558,
                                      0.4918530613956992,
                                      0.5545888973605297,
                                      -0.3852901263252734,
                                      -0.32757470908585296,
                                      -0.27207956693463203,
                                      -0.21864024079244804,
                                      -0.16710999658417397,
                                      -0.11735695332538766,
                                      -0.06926258182024388,
                                      0.0};

// 2^(j / 16)
static const double powers[16] = {1.0,
                                  1.0442737824274138,
                                  1.0905077326652577,
                                  1.1387886347566916,
                                  1.189207115002721,
                                  1.241857812073484,
                                  1.2968395546510096,
                                  1.3542555469368927,
                                  1.4142135623730951,
                                  1.4768261459394993,
                                  1.5422108254079407,
                                  1.6104903319492543,
                                  1.681792830507429,
                                  1.7562521603732995,
                                  1.8340080864093424,
                                  1.9152065613971474};

// log2 of 2^k m: k - log2 r + log2(r m), the last fitted with an error of 1e-12
// of itself.
static inline __m512d log2_of(__m256 k, __m256 mantissa) {
  const __m512d m = _mm512_cvtps_pd(mantissa);
  const __m512i index = _mm512_srli_epi64(_mm512_castpd_si512(m), 48);
  const __m512d f =
      _mm512_fmsub_pd(m, elements_of(table_of(reciprocals), index), SET(1.0));
  const __m512d whole = _mm512_add_pd(_mm512_cvtps_pd(k),
                                      elements_of(table_of(logarithms), index));
  __m512d sum = FMA(f, SET(0.18812693313734374), SET(-0.24027805210642816));
  sum = FMA(sum, f, SET(0.2885669175229976));
  sum = FMA(sum, f, SET(-0.36067423489223405));
  sum = FMA(sum, f, SET(0.4808983349967956));
  sum = FMA(sum, f, SET(-0.7213475203054062));
  sum = FMA(sum, f, SET(1.4426950408898689));
  return FMA(f, sum, whole);
}

// With t = n / 16 + f, |f| <= 1 / 32, 2^f is fitted with an error of 1e-9. A
// NaN stays.
static inline __m256 exp2_of(__m512d t) {
  // Beyond, a float is 0 or infinity.
  t = _mm512_max_pd(SET(-200.0), _mm512_min_pd(SET(200.0), t));
  // Leaves n in the lowest bits of the sum.
  const __m512d shift = SET(0x1.8p48);
  const __m512d shifted = _mm512_add_pd(t, shift);
  const __m512d n = _mm512_sub_pd(shifted, shift);
  const __m512d f = _mm512_sub_pd(t, n);
  __m512d sum = FMA(f, SET(0.055506061792702406), SET(0.24023589973031537));
  sum = FMA(sum, f, SET(0.6931471799241855));
  sum = FMA(sum, f, SET(0.9999999988534337));
  sum = _mm512_mul_pd(
      sum, elements_of(table_of(powers), _mm512_castpd_si512(shifted)));
  // Takes the whole part of its second argument.
  return _mm512_cvtpd_ps(_mm512_scalef_pd(sum, n));
}

static inline __m256 upper_half(__m512 x) {
  return _mm512_extractf32x8_ps(x, 1);
}

// |x|^y, but for some whose logarithm or exponent is not finite.
static inline __m512 power_of(__m512 x, __m512 y, __mmask16 is_one) {
  const __m512 m =
      _mm512_getmant_ps(x, _MM_MANT_NORM_p75_1p5, _MM_MANT_SIGN_zero);
  const __m512 k = _mm512_sub_ps(_mm512_getexp_ps(x), _mm512_getexp_ps(m));
  const __m512d low = _mm512_maskz_mul_pd(
      (__mmask8)~is_one, _mm512_cvtps_pd(_mm512_castps512_ps256(y)),
      log2_of(_mm512_castps512_ps256(k), _mm512_castps512_ps256(m)));
  const __m512d high = _mm512_maskz_mul_pd(
      (__mmask8)(~is_one >> 8), _mm512_cvtps_pd(upper_half(y)),
      log2_of(upper_half(k), upper_half(m)));
  return _mm512_insertf32x8(_mm512_castps256_ps512(exp2_of(low)), exp2_of(high),
                            1);
}

static inline __mmask16 is_whole(__m512 x) {
  const __m512 whole =
      _mm512_roundscale_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  return _mm512_cmp_ps_mask(x, whole, _CMP_EQ_OQ);
}

// Bases that are not positive or not finite and exponents that are not finite
// among others. (|x| = 1 and y = 0 make 1 of all the other argument is, but for
// a y that is a NaN.)
static __attribute__((noinline)) __m512 any_power_of(__m512 x, __m512 y) {
  const __m512 zero = _mm512_setzero_ps(), one = _mm512_set1_ps(1.0f);
  const __m512 infinity = _mm512_set1_ps(INFINITY);
  const __mmask16 is_one =
      _mm512_cmp_ps_mask(_mm512_abs_ps(x), one, _CMP_EQ_OQ) |
      _mm512_cmp_ps_mask(y, zero, _CMP_EQ_OQ);
  __m512 result = power_of(x, y, is_one);
  const __mmask16 whole = is_whole(y);
  const __mmask16 odd =
      whole & ~is_whole(_mm512_mul_ps(y, _mm512_set1_ps(0.5f)));
  const __mmask16 negative = _mm512_movepi32_mask(_mm512_castps_si512(x));
  result =
      _mm512_mask_xor_ps(result, negative & odd, result, _mm512_set1_ps(-0.0f));
  const __mmask16 below =
      _mm512_cmp_ps_mask(x, zero, _CMP_LT_OQ) &
      _mm512_cmp_ps_mask(_mm512_abs_ps(x), infinity, _CMP_LT_OQ);
  return _mm512_mask_mov_ps(result, below & ~whole, _mm512_set1_ps(NAN));
}

static inline __m512 power(__m512 x, __m512 y) {
  // Negative numbers, zeros, infinities and NaNs.
  const __mmask16 special =
      _mm512_fpclass_ps_mask(x, 0xdf) | _mm512_fpclass_ps_mask(y, 0x99);
  return __builtin_expect(special != 0, 0) ? any_power_of(x, y)
                                           : power_of(x, y, 0);
}

void pt2__power_f32_avx512(const void* context, char* const* data,
                           const int64_t* strides, int64_t count) {
  (void)context;
  for (int64_t i = 0; i < count; i += PT2_FLOAT_LANES) {
    const __mmask16 mask = pt2__first_lanes(count - i);
    const __m512 x =
        pt2__load_lanes(data[1] + i * strides[1], strides[1], mask);
    const __m512 y =
        pt2__load_lanes(data[2] + i * strides[2], strides[2], mask);
    pt2__store_lanes(data[0] + i * strides[0], strides[0], mask, power(x, y));
  }
}
#endif
