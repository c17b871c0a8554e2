// SPDX-License-Identifier: Apache-2.0
//
// aten::_foreach_exp and the other functions of single elements, by name: each
// tensor of a list becomes one of its own.
#include <math.h>

#include "backends/cpu/kernels/elementwise/foreach.h"

// lgamma writes a global that other threads would race for.
static float log_gamma_f32(float x) {
  int sign;
  return lgammaf_r(x, &sign);
}

static double log_gamma_f64(double x) {
  int sign;
  return lgamma_r(x, &sign);
}

PT2_FOREACH_COMPLEX_UNARY(acos, acosf(x), acos(x))
PT2_FOREACH_COMPLEX_UNARY(asin, asinf(x), asin(x))
PT2_FOREACH_COMPLEX_UNARY(atan, atanf(x), atan(x))
PT2_FOREACH_COMPLEX_UNARY(cos, cosf(x), cos(x))
PT2_FOREACH_COMPLEX_UNARY(cosh, coshf(x), cosh(x))
PT2_FOREACH_UNARY(erf, PT2__FOREACH_TO_FLOAT, erff(x), erf(x))
PT2_FOREACH_UNARY(erfc, PT2__FOREACH_TO_FLOAT, erfcf(x), erfc(x))
PT2_FOREACH_COMPLEX_UNARY(exp, expf(x), exp(x))
PT2_FOREACH_COMPLEX_UNARY(expm1, expm1f(x), expm1(x))
PT2_FOREACH_UNARY(lgamma, PT2__FOREACH_TO_FLOAT, log_gamma_f32(x),
                  log_gamma_f64(x))
PT2_FOREACH_COMPLEX_UNARY(log, logf(x), log(x))
PT2_FOREACH_COMPLEX_UNARY(log10, log10f(x), log10(x))
PT2_FOREACH_COMPLEX_UNARY(log1p, log1pf(x), log1p(x))
PT2_FOREACH_COMPLEX_UNARY(log2, log2f(x), log2(x))
PT2_FOREACH_COMPLEX_UNARY(sin, sinf(x), sin(x))
PT2_FOREACH_COMPLEX_UNARY(sinh, sinhf(x), sinh(x))
PT2_FOREACH_COMPLEX_UNARY(tan, tanf(x), tan(x))
PT2_FOREACH_COMPLEX_UNARY(tanh, tanhf(x), tanh(x))
PT2_FOREACH_UNARY(ceil, PT2__FOREACH_KEEP, ceilf(x), ceil(x))
PT2_FOREACH_UNARY(floor, PT2__FOREACH_KEEP, floorf(x), floor(x))
PT2_FOREACH_UNARY(round, PT2__FOREACH_KEEP, nearbyintf(x), nearbyint(x))
PT2_FOREACH_UNARY(trunc, PT2__FOREACH_KEEP, truncf(x), trunc(x))
PT2_FOREACH_UNARY(frac, PT2__FOREACH_REFUSE, x - truncf(x), x - trunc(x))
PT2_FOREACH_COMPLEX_UNARY(sigmoid, 1 / (1 + expf(-x)), 1 / (1 + exp(-x)))
PT2_FOREACH_COMPLEX_UNARY_OF(sqrt, PT2__FLOAT_FUNCTIONS, sqrtf(x), sqrt(x))
PT2_FOREACH_COMPLEX_UNARY_OF(rsqrt, PT2__FLOAT_FUNCTIONS, 1 / sqrtf(x),
                             1 / sqrt(x))
PT2_FOREACH_COMPLEX_UNARY_OF(reciprocal, PT2__FLOAT_FUNCTIONS, 1 / x, 1 / x)
