// SPDX-License-Identifier: Apache-2.0
//
// Functions of sixteen floats. Their errors are below one unit in the last
// place (of the arc tangent 1.03 for four floats near 1), those of the tangent
// up to MOST_ANGLE_OF_LANES. For files that are compiled for AVX-512.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_ELEMENTWISE_FLOAT_VECTORS_AVX512_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_ELEMENTWISE_FLOAT_VECTORS_AVX512_H_

#include <immintrin.h>
#include <stdint.h>

#define SET(value) _mm512_set1_ps(value)
#define ADD(a, b) _mm512_add_ps((a), (b))
#define SUB(a, b) _mm512_sub_ps((a), (b))
#define MUL(a, b) _mm512_mul_ps((a), (b))
#define DIV(a, b) _mm512_div_ps((a), (b))
// a b + c, a b - c and c - a b, rounded once.
#define FMA(a, b, c) _mm512_fmadd_ps((a), (b), (c))
#define FMS(a, b, c) _mm512_fmsub_ps((a), (b), (c))
#define FNMA(a, b, c) _mm512_fnmadd_ps((a), (b), (c))
// A NaN stays.
#define AT_MOST(x, most) _mm512_min_ps(SET(most), (x))
#define AT_LEAST(x, least) _mm512_max_ps(SET(least), (x))

#define LOG2_E 1.44269502f
#define LN2_HIGH 0.693147182f
#define LN2_LOW -1.90465421e-9f

// The polynomial of x with |count| coefficients, that of the highest power
// first.
static inline __attribute__((always_inline)) __m512 polynomial(
    __m512 x, const float* coefficients, const int count) {
  __m512 sum = SET(coefficients[0]);
  for (int i = 1; i < count; ++i) {
    sum = FMA(sum, x, SET(coefficients[i]));
  }
  return sum;
}
#define POLYNOMIAL(x, ...)                      \
  polynomial((x), (const float[]){__VA_ARGS__}, \
             sizeof((float[]){__VA_ARGS__}) / sizeof(float))

// |value| with the sign of |x|.
static inline __m512 with_sign_of(__m512 value, __m512 x) {
  // Bits of |x| where the mask has one, of |value| elsewhere.
  return _mm512_castsi512_ps(_mm512_ternarylogic_epi32(
      _mm512_set1_epi32(INT32_MIN), _mm512_castps_si512(x),
      _mm512_castps_si512(value), 0xca));
}

// |value| with its sign changed where |x| has one.
static inline __m512 times_sign_of(__m512 value, __m512 x) {
  return _mm512_castsi512_ps(_mm512_ternarylogic_epi32(
      _mm512_set1_epi32(INT32_MIN), _mm512_castps_si512(x),
      _mm512_castps_si512(value), 0x6a));
}

// ---- Exponentials ----------------------------------------------------------

// e^x = 2^n (1 + f + f^2 q(f)), |f| <= ln 2 / 2.
static inline __m512 exponential_q(__m512 f) {
  return POLYNOMIAL(f, 0.00138388807f, 0.00836919155f, 0.0416681021f,
                    0.166665167f, 0.49999994f);
}

static inline __m512 exp_of_lanes(__m512 x) {
  // Infinite from the first on; 0 up to the other.
  const __m512 t = AT_LEAST(AT_MOST(x, 89.0f), -104.0f);
  const __m512 shift = SET(0x1.8p23f), one = SET(1.0f);
  const __m512 n = SUB(FMA(t, SET(LOG2_E), shift), shift);
  const __m512 f = FNMA(n, SET(LN2_LOW), FNMA(n, SET(LN2_HIGH), t));
  const __m512 sum = FMA(f, FMA(f, exponential_q(f), one), one);
  return _mm512_scalef_ps(sum, n);
}

// ---- Logarithms ------------------------------------------------------------

// Those of 2 and of e to some base, in two parts: |two_high| has so few digits
// that 127 times it is exact.
typedef struct {
  float two_high, two_low, e_high, e_low;
  float q[9];
} base_t;

static const base_t base_e = {
    0.693145752f,
    1.42860677e-6f,
    1.0f,
    0.0f,
    {-0.0762175918f, 0.129045323f, -0.13243106f, 0.141818807f, -0.166091055f,
     0.200019747f, -0.250015825f, 0.333333254f, -0.499999881f}};
static const base_t base_2 = {
    1.0f,
    0.0f,
    LOG2_E,
    1.92596303e-8f,
    {-0.109958567f, 0.186173066f, -0.191057697f, 0.204601154f, -0.239618748f,
     0.288567811f, -0.360696822f, 0.480898231f, -0.721347332f}};
static const base_t base_10 = {
    0.30103302f,
    -3.02435546e-6f,
    0.434294492f,
    -1.010305e-8f,
    {-0.0331006162f, 0.0560433045f, -0.057513766f, 0.061590787f, -0.0721322298f,
     0.0868675113f, -0.108580552f, 0.144764796f, -0.217147186f}};

// The logarithm of 2^k (1 + f + |rest|), 1 + f around 1; |rest| counts with
// a base of e only. The compiler is to know |base|.
static inline __attribute__((always_inline)) __m512 log_of_parts(
    __m512 k, __m512 f, __m512 rest, const base_t* base) {
  __m512 first = f;
  if (base->e_high != 1.0f) {
    first = MUL(f, SET(base->e_high));
    rest = FMA(f, SET(base->e_low), FMS(f, SET(base->e_high), first));
  }
  if (base->two_low != 0.0f) {
    rest = FMA(k, SET(base->two_low), rest);
  }
  // What the sum loses is added to the rest.
  const __m512 high = SET(base->two_high), sum = FMA(k, high, first);
  rest = ADD(rest, SUB(first, FNMA(k, high, sum)));
  return ADD(sum, FMA(MUL(f, f), polynomial(f, base->q, 9), rest));
}

typedef struct {
  __m512 k, m;
} binary_t;

// x = 2^k m, m from sqrt(1/2) to sqrt(2), of a positive x.
static inline binary_t binary_of(__m512 x) {
  const __m512 m = _mm512_getmant_ps(x, _MM_MANT_NORM_1_2, _MM_MANT_SIGN_zero);
  const __m512 k = _mm512_getexp_ps(x);
  const __mmask16 far = _mm512_cmp_ps_mask(m, SET(1.41421354f), _CMP_GT_OQ);
  return (binary_t){_mm512_mask_add_ps(k, far, k, SET(1.0f)),
                    _mm512_mask_mul_ps(m, far, m, SET(0.5f))};
}

// |result|, but the logarithm of x where x is not positive or is infinite.
static inline __m512 log_or_special(__m512 result, __m512 x) {
  // Four bits for each kind of number: -infinity of 0, infinity of itself, a
  // NaN of what is negative.
  return _mm512_fixupimm_ps(result, x, _mm512_set1_epi32(0x03530400), 0);
}

static inline __attribute__((always_inline)) __m512 log_to_base(
    __m512 x, const base_t* base) {
  const binary_t binary = binary_of(x);
  return log_or_special(
      log_of_parts(binary.k, SUB(binary.m, SET(1.0f)), SET(0.0f), base), x);
}

static inline __m512 log_of_lanes(__m512 x) { return log_to_base(x, &base_e); }
static inline __m512 log2_of_lanes(__m512 x) { return log_to_base(x, &base_2); }
static inline __m512 log10_of_lanes(__m512 x) {
  return log_to_base(x, &base_10);
}

static inline __m512 log1p_of_lanes(__m512 x) {
  const __m512 one = SET(1.0f), u = ADD(x, one);
  const binary_t binary = binary_of(u);
  // What u has lost, divided by it.
  __m512 rest = MUL(SUB(x, SUB(u, one)), _mm512_rcp14_ps(binary.m));
  rest = _mm512_scalef_ps(rest, SUB(SET(0.0f), binary.k));
  const __mmask16 near = _mm512_cmp_ps_mask(binary.k, SET(0.0f), _CMP_EQ_OQ);
  const __m512 f = _mm512_mask_mov_ps(SUB(binary.m, one), near, x);
  rest = _mm512_mask_mov_ps(rest, near, SET(0.0f));
  return with_sign_of(
      log_or_special(log_of_parts(binary.k, f, rest, &base_e), u), x);
}

// ---- Functions by intervals -------------------------------------------------

// The 32 elements of |values| that the lowest five bits of |index| say.
static inline __m512 element_of(const float* values, __m512i index) {
  return _mm512_permutex2var_ps(_mm512_loadu_ps(values), index,
                                _mm512_loadu_ps(values + 16));
}

// For each of up to 32 intervals a point and the coefficients of a polynomial
// of the distance from it, that of the highest power first. At the points the
// functions are almost floats, so that the last coefficient is right to more
// than its digits. Intervals are parts of what is between two powers of two, so
// that the lowest bits of an exponent and the highest of a mantissa tell them.
typedef struct {
  float point[32];
  float coefficients[6][32];
} intervals_t;

typedef struct {
  __m512 away, sum, last;  // the function is |away| |sum| + |last|
} interval_t;

static inline __attribute__((always_inline)) interval_t interval_of(
    __m512 x, __m512i index, const intervals_t* intervals) {
  const __m512 away = SUB(x, element_of(intervals->point, index));
  __m512 sum = element_of(intervals->coefficients[0], index);
  for (int i = 1; i < 5; ++i) {
    sum = FMA(sum, away, element_of(intervals->coefficients[i], index));
  }
  return (interval_t){away, sum, element_of(intervals->coefficients[5], index)};
}

// An odd function that is 1 or -1 from |most| on. Four intervals are between
// two powers of two; the first, which ends at 5/32, begins at 0, and what the
// function is more than x is in the table there.
static inline __attribute__((always_inline)) __m512 odd_of(
    __m512 x, float most, const intervals_t* intervals) {
  const __m512i least = _mm512_set1_epi32(0x3e000000 >> 21);
  const __m512 a = AT_MOST(_mm512_abs_ps(x), most);
  const __m512i position = _mm512_srli_epi32(_mm512_castps_si512(a), 21);
  const interval_t in =
      interval_of(a, _mm512_max_epi32(position, least), intervals);
  const __m512 last =
      _mm512_mask_mov_ps(in.last, _mm512_cmple_epi32_mask(position, least), a);
  return with_sign_of(FMA(in.sum, in.away, last), x);
}

static const intervals_t tanh_intervals = {
    {2.24940467f,  2.74952292f,  3.24937725f,  3.74986982f,  4.50029421f,
     5.49858046f,  6.49897051f,  7.51304722f,  8.66434002f,  0.0f,
     0.0f,         0.0f,         0.0f,         0.0f,         0.0f,
     0.0f,         0.0f,         0.171861917f, 0.203132033f, 0.23433885f,
     0.281213075f, 0.343684822f, 0.406165391f, 0.46869579f,  0.562335908f,
     0.687406301f, 0.812374413f, 0.937449276f, 1.12465703f,  1.37474239f,
     1.62475228f,  1.87465668f},
    {{0.00397678604f,
      0.00191617617f,
      0.000771169027f,
      0.000292919198f,
      6.8577152e-05f,
      9.31704017e-06f,
      1.26145335e-06f,
      1.71304137e-07f,
      2.23757084e-08f,
      0.0f,
      0.0f,
      0.0f,
      0.0f,
      0.0f,
      0.0f,
      0.0f,
      0.128140062f,
      0.101391979f,
      0.0898054838f,
      0.0770687386f,
      0.0591834113f,
      0.0318414122f,
      0.00602950621f,
      -0.0172423832f,
      -0.0433703512f,
      -0.0614949353f,
      -0.062662214f,
      -0.0530765653f,
      -0.0321092643f,
      -0.00954910275f,
      0.00138208619f,
      0.00459718518f},
     {-0.0123972883f,
      -0.00515202293f,
      -0.0019802507f,
      -0.000739405921f,
      -0.000171844818f,
      -2.338171e-05f,
      -3.16200021e-06f,
      -4.17536057e-07f,
      -3.97307609e-08f,
      0.0f,
      0.0f,
      0.0f,
      0.0f,
      0.0f,
      0.0f,
      0.0f,
      0.00091528584f,
      0.105234757f,
      0.120234303f,
      0.133325636f,
      0.149839267f,
      0.164037302f,
      0.169960156f,
      0.168053955f,
      0.153297484f,
      0.119474947f,
      0.0799343958f,
      0.0433707722f,
      0.00372460112f,
      -0.0211013611f,
      -0.0251297932f,
      -0.020857865f},
     {0.0271172803f,
      0.0105559966f,
      0.00396586675f,
      0.00146865507f,
      0.000328145921f,
      4.46069098e-05f,
      6.03269382e-06f,
      7.9246513e-07f,
      7.83075222e-08f,
      0.0f,
      0.0f,
      0.0f,
      0.0f,
      0.0f,
      0.0f,
      0.0f,
      -0.333387226f,
      -0.29555276f,
      -0.281407326f,
      -0.265518039f,
      -0.238850743f,
      -0.199430212f,
      -0.157501534f,
      -0.115056552f,
      -0.0544278026f,
      0.0143413711f,
      0.064211525f,
      0.0947679728f,
      0.110971034f,
      0.0995936543f,
      0.0751890913f,
      0.051830437f},
     {-0.042557016f,
      -0.0160964802f,
      -0.0059847096f,
      -0.00220786291f,
      -0.000492504449f,
      -6.69101355e-05f,
      -9.04898025e-06f,
      -1.19033143e-06f,
      -1.19273437e-07f,
      0.0f,
      0.0f,
      0.0f,
      0.0f,
      0.0f,
      0.0f,
      0.0f,
      9.41728103e-07f,
      -0.165260106f,
      -0.192337304f,
      -0.217951909f,
      -0.253450394f,
      -0.294576138f,
      -0.328051001f,
      -0.35360837f,
      -0.377284586f,
      -0.384270459f,
      -0.368924081f,
      -0.338523537f,
      -0.279350728f,
      -0.198835343f,
      -0.133060351f,
      -0.0857244506f},
     {0.0435155593f,
      0.0162296426f,
      0.00600316608f,
      0.00221046782f,
      0.000493241532f,
      6.6996181e-05f,
      9.06014338e-06f,
      1.19217293e-06f,
      1.19253954e-07f,
      0.0f,
      0.0f,
      0.0f,
      0.0f,
      0.0f,
      0.0f,
      0.0f,
      0.0f,
      0.97103548f,
      0.959846437f,
      0.947034895f,
      0.924908936f,
      0.890595794f,
      0.851611793f,
      0.80890429f,
      0.740197241f,
      0.64441061f,
      0.549895823f,
      0.461173356f,
      0.345223337f,
      0.226007402f,
      0.143800274f,
      0.089856483f},
     {0.978000224f, 0.991851985f, 0.996993899f, 0.998894155f, 0.999753356f,
      0.999966502f, 0.99999547f,  0.999999404f, 0.99999994f,  0.0f,
      0.0f,         0.0f,         0.0f,         0.0f,         0.0f,
      0.0f,         0.0f,         0.170189604f, 0.200383469f, 0.230141476f,
      0.274027437f, 0.330763072f, 0.385211915f, 0.437144935f, 0.509708524f,
      0.596313179f, 0.67089802f,  0.734048128f, 0.809182703f, 0.879768491f,
      0.925310612f, 0.954014421f}}};

static inline __m512 tanh_of_lanes(__m512 x) {
  return odd_of(x, 9.02f, &tanh_intervals);
}

static const intervals_t erf_intervals = {
    {2.24964404f,  2.74930549f,  3.25038528f,  3.74392128f,  0.0f,
     0.0f,         0.0f,         0.0f,         0.0f,         0.0f,
     0.0f,         0.0f,         0.0f,         0.0f,         0.0f,
     0.0f,         0.0f,         0.171834216f, 0.203085661f, 0.234360203f,
     0.281217545f, 0.343759656f, 0.406213552f, 0.468744397f, 0.562484324f,
     0.687366128f, 0.812579036f, 0.937401414f, 1.12465382f,  1.37506294f,
     1.62485719f,  1.87466002f},
    {{0.0105746007f,
      0.00283237896f,
      0.000334476732f,
      2.46771851e-05f,
      0.0f,
      0.0f,
      0.0f,
      0.0f,
      0.0f,
      0.0f,
      0.0f,
      0.0f,
      0.0f,
      0.0f,
      0.0f,
      0.0f,
      0.110177197f,
      0.0956682265f,
      0.0887954906f,
      0.0831532106f,
      0.0720179528f,
      0.0548034795f,
      0.0360704362f,
      0.0168935917f,
      -0.0106531372f,
      -0.0414930731f,
      -0.0616109595f,
      -0.0694842264f,
      -0.0610820353f,
      -0.0306799542f,
      -0.00232854648f,
      0.0113137029f},
     {-0.0193485487f,
      -0.00341261015f,
      -0.000309331372f,
      -1.54818918e-05f,
      0.0f,
      0.0f,
      0.0f,
      0.0f,
      0.0f,
      0.0f,
      0.0f,
      0.0f,
      0.0f,
      0.0f,
      0.0f,
      0.0f,
      0.000478877948f,
      0.0920771658f,
      0.106527701f,
      0.120412402f,
      0.138780117f,
      0.158699974f,
      0.172901645f,
      0.181164548f,
      0.182241753f,
      0.165436536f,
      0.132509559f,
      0.0909630209f,
      0.0284147542f,
      -0.0300300382f,
      -0.0494040549f,
      -0.0421893224f},
     {0.021754941f,
      0.00276723597f,
      0.000194614346f,
      8.10446454e-06f,
      0.0f,
      0.0f,
      0.0f,
      0.0f,
      0.0f,
      0.0f,
      0.0f,
      0.0f,
      0.0f,
      0.0f,
      0.0f,
      0.0f,
      -0.376155674f,
      -0.343617082f,
      -0.331156373f,
      -0.316915572f,
      -0.292559594f,
      -0.255218595f,
      -0.213665217f,
      -0.169250652f,
      -0.100660935f,
      -0.0129110198f,
      0.0623009279f,
      0.118320204f,
      0.162411436f,
      0.157931104f,
      0.114870593f,
      0.0674997494f},
     {-0.0160887185f,
      -0.00161521917f,
      -9.41841427e-05f,
      -3.4401312e-06f,
      0.0f,
      0.0f,
      0.0f,
      0.0f,
      0.0f,
      0.0f,
      0.0f,
      0.0f,
      0.0f,
      0.0f,
      0.0f,
      0.0f,
      5.64716743e-07f,
      -0.188252687f,
      -0.219898462f,
      -0.250314116f,
      -0.29319191f,
      -0.344658554f,
      -0.388639361f,
      -0.424587697f,
      -0.46255073f,
      -0.483560622f,
      -0.473764569f,
      -0.43929553f,
      -0.358228505f,
      -0.234217182f,
      -0.130818143f,
      -0.0629676804f},
     {0.00715374202f,
      0.000588538067f,
      2.91223569e-05f,
      9.24026665e-07f,
      0.0f,
      0.0f,
      0.0f,
      0.0f,
      0.0f,
      0.0f,
      0.0f,
      0.0f,
      0.0f,
      0.0f,
      0.0f,
      0.0f,
      0.128379166f,
      1.09554863f,
      1.08278716f,
      1.06807458f,
      1.04258049f,
      1.00261497f,
      0.956736565f,
      0.905797899f,
      0.822335839f,
      0.703498185f,
      0.58303827f,
      0.468631208f,
      0.318521917f,
      0.170330286f,
      0.0805096105f,
      0.033588618f},
     {0.998534739f, 0.99989897f,  0.999995708f, 0.999999881f, 0.0f,
      0.0f,         0.0f,         0.0f,         0.0f,         0.0f,
      0.0f,         0.0f,         0.0f,         0.0f,         0.0f,
      0.0f,         0.0f,         0.192002565f, 0.226045787f, 0.259684354f,
      0.309149891f, 0.373138875f, 0.43435204f,  0.492608398f, 0.573661566f,
      0.668990493f, 0.749510109f, 0.815056205f, 0.888278008f, 0.948180795f,
      0.978432238f, 0.991978645f}}};

static inline __m512 erf_of_lanes(__m512 x) {
  return odd_of(x, 3.92f, &erf_intervals);
}

// Of e^(x^2) erfc x; eight are between two powers of two that x + 1 is.
static const intervals_t erfc_intervals = {
    {1.12478161f,  1.37500381f, 1.6251229f,   1.8752296f,   2.12443566f,
     2.37487221f,  2.62527347f, 2.87447524f,  3.24979615f,  3.74929905f,
     4.24928474f,  4.74957466f, 5.24981165f,  5.74895954f,  6.24915266f,
     6.74871683f,  7.50097179f, 8.50246716f,  9.49779987f,  10.1230793f,
     0.0f,         0.0f,        0.0f,         0.0f,         0.0624904446f,
     0.187461078f, 0.31243673f, 0.437557697f, 0.562500536f, 0.687411487f,
     0.812482059f, 0.937335074f},
    {{-0.0122713763f,
      -0.00682119839f,
      -0.00393483182f,
      -0.00234793872f,
      -0.00144494534f,
      -0.000914557022f,
      -0.000593905046f,
      -0.00039481197f,
      -0.000223437717f,
      -0.000111018155f,
      -5.87909308e-05f,
      -3.28686729e-05f,
      -1.92509415e-05f,
      -1.17369118e-05f,
      -7.41135545e-06f,
      -4.82409541e-06f,
      -2.67417408e-06f,
      -1.30822002e-06f,
      -6.88718444e-07f,
      -4.72992468e-07f,
      0.0f,
      0.0f,
      0.0f,
      0.0f,
      -0.245128393f,
      -0.164181069f,
      -0.111519463f,
      -0.0767814368f,
      -0.0535510182f,
      -0.037752565f,
      -0.0270226318f,
      -0.0195310768f},
     {0.028740529f,
      0.0171412546f,
      0.0105895149f,
      0.00675219204f,
      0.00443697069f,
      0.00298573286f,
      0.00205700239f,
      0.00145002117f,
      0.000890980125f,
      0.00049075362f,
      0.000285820133f,
      0.000174528453f,
      0.00011098828f,
      7.31466862e-05f,
      4.96413668e-05f,
      3.46009874e-05f,
      2.10578855e-05f,
      1.15464518e-05f,
      6.76071022e-06f,
      4.92950403e-06f,
      0.0f,
      0.0f,
      0.0f,
      0.0f,
      0.415775359f,
      0.289575368f,
      0.204489738f,
      0.146267608f,
      0.106005684f,
      0.0777693689f,
      0.0576768108f,
      0.0432722792f},
     {-0.0628186837f,
      -0.0405027643f,
      -0.0269723367f,
      -0.0184859987f,
      -0.0130148577f,
      -0.00936015043f,
      -0.00687284302f,
      -0.00514802057f,
      -0.00343618379f,
      -0.00210866681f,
      -0.00135672966f,
      -0.000908393646f,
      -0.000629199494f,
      -0.000448893174f,
      -0.000328119408f,
      -0.000245164207f,
      -0.000163718214f,
      -0.00010098995f,
      -6.56987031e-05f,
      -5.12290244e-05f,
      0.0f,
      0.0f,
      0.0f,
      0.0f,
      -0.638265371f,
      -0.464344829f,
      -0.342417538f,
      -0.255683571f,
      -0.193323389f,
      -0.14788425f,
      -0.114319161f,
      -0.0893370807f},
     {0.127922922f,
      0.0898613855f,
      0.0649519861f,
      0.0481358208f,
      0.0365033448f,
      0.0281885732f,
      0.0221494474f,
      0.0176935606f,
      0.0129393004f,
      0.0088831475f,
      0.00633475743f,
      0.00466247508f,
      0.00352450158f,
      0.00272667175f,
      0.00214952789f,
      0.00172367005f,
      0.00126992294f,
      0.000881651649f,
      0.000637465157f,
      0.000528496341f,
      0.0f,
      0.0f,
      0.0f,
      0.0f,
      0.869990766f,
      0.66526264f,
      0.515345752f,
      0.40400219f,
      0.320479304f,
      0.256988198f,
      0.208110645f,
      0.170193702f},
     {-0.238114357f,
      -0.184314787f,
      -0.146014273f,
      -0.117994614f,
      -0.0970713049f,
      -0.0809843317f,
      -0.0684573874f,
      -0.0585818589f,
      -0.047204677f,
      -0.036468707f,
      -0.0289533921f,
      -0.0235074144f,
      -0.0194467716f,
      -0.016348891f,
      -0.0139249116f,
      -0.0120003233f,
      -0.00977130234f,
      -0.00764773227f,
      -0.00615308248f,
      -0.00542685296f,
      0.0f,
      0.0f,
      0.0f,
      0.0f,
      -1.01174498f,
      -0.821237981f,
      -0.674640656f,
      -0.560288429f,
      -0.470255375f,
      -0.398477197f,
      -0.340569049f,
      -0.29353103f},
     {0.395750076f,  0.343295187f,  0.302243263f, 0.269402891f,  0.242725134f,
      0.220516041f,  0.201868832f,  0.186085671f, 0.16634497f,   0.14561528f,
      0.129365981f,  0.116312705f,  0.105616398f, 0.0967157856f, 0.0891684294f,
      0.0827104524f, 0.0745641962f, 0.065906249f, 0.0590782128f, 0.0554649569f,
      0.0f,          0.0f,          0.0f,         0.0f,          0.933215916f,
      0.819213271f,  0.726128638f,  0.649160922f, 0.584998369f,  0.530906141f,
      0.484816939f,  0.445330679f}}};

// e^(-x^2) = 2^n (1 + f + f^2 q(f)), with what the square and f lose.
static inline __m512 erfc_of_lanes(__m512 x) {
  // Floats cannot tell it from 0 from there on.
  const __m512 a = AT_MOST(_mm512_abs_ps(x), 10.2f);
  const __m512 square = MUL(a, a), shift = SET(0x1.8p23f);
  const __m512 n = SUB(FNMA(square, SET(LOG2_E), shift), shift);
  const __m512 high = FNMA(n, SET(LN2_HIGH), SUB(SET(0.0f), square));
  const __m512 low = FNMA(n, SET(LN2_LOW), FNMA(a, a, square));
  const __m512 f = ADD(high, low), lost = SUB(low, SUB(f, high));
  const __m512 above = FMA(MUL(f, f), exponential_q(f), lost);
  const __m512i index =
      _mm512_srli_epi32(_mm512_castps_si512(ADD(a, SET(1.0f))), 20);
  const interval_t in = interval_of(a, index, &erfc_intervals);
  const __m512 first = FMA(in.sum, in.away, in.last);
  __m512 rest = FMA(in.sum, in.away, SUB(in.last, first));
  const __m512 sum = FMA(first, f, first);
  const __m512 error = FMA(first, f, SUB(first, sum));
  rest = FMA(rest, f, ADD(rest, error));
  rest = FMA(first, above, rest);
  const __m512 result = _mm512_scalef_ps(ADD(sum, rest), n);
  return _mm512_mask_sub_ps(
      result, _mm512_movepi32_mask(_mm512_castps_si512(x)), SET(2.0f), result);
}

// ---- Angles ----------------------------------------------------------------

#define HALF_PI_HIGH 1.57079637f
#define HALF_PI_LOW -4.37113883e-8f

// t + t z p(z) of t = x or, where |x| > 1, a right angle more than that of
// -1 / x.
static inline __m512 atan_of_lanes(__m512 x) {
  // Floats cannot tell it from a right angle from there on.
  const __m512 a = AT_MOST(_mm512_abs_ps(x), 0x1p30f);
  const __mmask16 far = _mm512_cmp_ps_mask(a, SET(1.0f), _CMP_GT_OQ);
  const __m512 t = _mm512_mask_div_ps(a, far, SET(-1.0f), a);
  const __m512 z = MUL(t, t);
  // Nearest at 1, where most digits are lost.
  const __m512 p = POLYNOMIAL(z, -0.00155904854f, 0.00987929106f, -0.029284291f,
                              0.0561035648f, -0.0829870105f, 0.109179176f,
                              -0.142580867f, 0.199980184f, -0.333332837f);
  const __m512 base = _mm512_maskz_mov_ps(far, SET(HALF_PI_HIGH));
  const __m512 sum = ADD(base, t), cube = MUL(t, z);
  __m512 lost = SUB(t, SUB(sum, base));
  lost = _mm512_mask_add_ps(lost, far, lost, SET(HALF_PI_LOW));
  // Of the quotient, times 1 / (1 + z), which is about 1 - z / 2.
  const __m512 error = _mm512_maskz_fmadd_ps(far, t, a, SET(1.0f));
  lost = FMA(error, FNMA(cube, SET(0.5f), t), lost);
  const __m512 rest = FMA(cube, p, lost);
  return with_sign_of(ADD(sum, rest), x);
}

typedef struct {
  __m512 root, rest;
} arc_t;

// |base| + |factor| (|arc|.root + |arc|.rest), with what sums lose.
static inline __m512 add_arc(__m512 base, __m512 base_low, __m512 factor,
                             arc_t arc) {
  const __m512 sum = FMA(factor, arc.root, base);
  __m512 rest = FMA(factor, arc.root, SUB(base, sum));
  rest = FMA(factor, arc.rest, ADD(rest, base_low));
  return ADD(sum, rest);
}

// The arc sine of |x| or, if |large|, of the root of (1 - |x|) / 2, which is at
// most 1/2: r + r z p(z).
static inline arc_t arc_of(__m512 x, __mmask16 large) {
  const __m512 a = _mm512_abs_ps(x), half = SET(0.5f);
  const __m512 z = _mm512_mask_mov_ps(MUL(a, a), large, FNMA(a, half, half));
  // An approximate root, two steps closer; of a negative z a NaN.
  const __m512 inverse =
      _mm512_maskz_rsqrt14_ps(_mm512_cmp_ps_mask(z, SET(0.0f), _CMP_NEQ_UQ), z);
  const __m512 half_inverse = MUL(inverse, half);
  __m512 root = MUL(z, inverse);
  root = FMA(FNMA(root, root, z), half_inverse, root);
  const __m512 lost =
      _mm512_maskz_mul_ps(large, FNMA(root, root, z), half_inverse);
  root = _mm512_mask_mov_ps(a, large, root);
  const __m512 p = POLYNOMIAL(z, 0.0421583056f, 0.0241847783f, 0.0454691499f,
                              0.0749530941f, 0.166667521f);
  return (arc_t){root, FMA(MUL(root, z), p, lost)};
}

// Not NaNs.
static inline __mmask16 at_most_half(__m512 x) {
  return _mm512_cmp_ps_mask(_mm512_abs_ps(x), SET(0.5f), _CMP_LE_OQ);
}

static inline __m512 asin_of_lanes(__m512 x) {
  const __mmask16 large = (__mmask16)~at_most_half(x);
  const __m512 factor = _mm512_mask_mov_ps(SET(1.0f), large, SET(-2.0f));
  const __m512 angle = add_arc(_mm512_maskz_mov_ps(large, SET(HALF_PI_HIGH)),
                               _mm512_maskz_mov_ps(large, SET(HALF_PI_LOW)),
                               factor, arc_of(x, large));
  return with_sign_of(angle, x);
}

// pi / 2 - asin x or, with the sign of x, twice the arc, from pi if x < 0.
static inline __m512 acos_of_lanes(__m512 x) {
  const __mmask16 large = (__mmask16)~at_most_half(x);
  const __mmask16 left = large & _mm512_movepi32_mask(_mm512_castps_si512(x));
  __m512 base = _mm512_mask_mov_ps(SET(HALF_PI_HIGH), large, SET(0.0f));
  base = _mm512_mask_mov_ps(base, left, SET(2 * HALF_PI_HIGH));
  __m512 low = _mm512_mask_mov_ps(SET(HALF_PI_LOW), large, SET(0.0f));
  low = _mm512_mask_mov_ps(low, left, SET(2 * HALF_PI_LOW));
  const __m512 factor =
      times_sign_of(_mm512_mask_mov_ps(SET(-1.0f), large, SET(2.0f)), x);
  return add_arc(base, low, factor, arc_of(x, large));
}

// Angles below it lose none of their digits.
#define MOST_ANGLE_OF_LANES 65536.0f

typedef struct {
  __m512 high, low;  // the angle
  __m512i quarters;  // of a turn, in the lowest bits, that it is less
} turned_t;

// Of x >= 0.
static inline turned_t turned_of(__m512 x) {
  const __m512 shift = SET(0x1.8p23f);
  const __m512 shifted = FMA(x, SET(0.636619747f), shift);
  const __m512 n = SUB(shifted, shift);
  const __m512 exact = FNMA(n, SET(HALF_PI_HIGH), x);
  // The rounded product, so that the difference of both is exact.
  const __m512 high = SUB(exact, MUL(n, SET(HALF_PI_LOW)));
  __m512 low = FNMA(n, SET(HALF_PI_LOW), SUB(exact, high));
  low = FNMA(n, SET(-1.71512451e-15f), low);
  return (turned_t){high, low, _mm512_castps_si512(shifted)};
}

static inline __mmask16 is_odd(__m512i quarters) {
  return _mm512_test_epi32_mask(quarters, _mm512_set1_epi32(1));
}

// The sine of |angle| and |quarters|, with the sign of |sign| turned.
static inline __m512 sine_of_turned(turned_t angle, __m512i quarters,
                                    __m512 sign) {
  const __m512 high = angle.high, low = angle.low;
  const __m512 z = FMA(high, high, MUL(ADD(high, high), low));
  const __m512 sine_p =
      POLYNOMIAL(z, -0.00019518286f, 0.00833218917f, -0.166666552f);
  const __m512 sine = ADD(high, FMA(MUL(high, z), sine_p, low));
  const __m512 cosine = POLYNOMIAL(z, 2.44330877e-05f, -0.00138873153f,
                                   0.0416666456f, -0.5f, 1.0f);
  const __m512 signs = _mm512_castsi512_ps(_mm512_xor_si512(
      _mm512_slli_epi32(quarters, 30), _mm512_castps_si512(sign)));
  return times_sign_of(_mm512_mask_mov_ps(sine, is_odd(quarters), cosine),
                       signs);
}

static inline __m512 sin_of_lanes(__m512 x) {
  const turned_t angle = turned_of(_mm512_abs_ps(x));
  return sine_of_turned(angle, angle.quarters, x);
}

static inline __m512 cos_of_lanes(__m512 x) {
  const turned_t angle = turned_of(_mm512_abs_ps(x));
  const __m512i one = _mm512_set1_epi32(1);
  return sine_of_turned(angle, _mm512_add_epi32(angle.quarters, one),
                        SET(0.0f));
}

// t + t z p(z) of what is left or, after an odd number of quarters, -1 divided
// by it.
static inline __m512 tan_of_lanes(__m512 x) {
  const turned_t angle = turned_of(_mm512_abs_ps(x));
  const __m512 high = angle.high, low = angle.low;
  const __mmask16 odd = is_odd(angle.quarters);
  const __m512 z = MUL(high, high);
  const __m512 p =
      POLYNOMIAL(z, 0.00437270058f, 9.82422789e-05f, 0.0108274445f,
                 0.0212862082f, 0.0540589131f, 0.133326754f, 0.333333492f);
  // What the square and the cube lose.
  const __m512 cube = MUL(high, z);
  const __m512 lost_cube = FMA(high, FMS(high, high, z), FMS(high, z, cube));
  __m512 rest = FMA(lost_cube, p, FMA(low, z, low));
  rest = FMA(cube, p, rest);
  const __m512 sum = ADD(high, rest), lost = SUB(rest, SUB(sum, high));
  const __m512 result = _mm512_mask_div_ps(sum, odd, SET(-1.0f), sum);
  __m512 error = FMA(result, sum, SET(1.0f));
  error = _mm512_maskz_mov_ps(odd, FMA(result, lost, error));
  return times_sign_of(FMA(result, error, result), x);
}

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_ELEMENTWISE_FLOAT_VECTORS_AVX512_H_
