// SPDX-License-Identifier: Apache-2.0
//
// Poisson: W. Hörmann, "The transformed rejection method for generating Poisson
// random variables", 1993; small rates by multiplication of uniform numbers.
// Binomial: W. Hörmann, "The generation of binomial random variates", 1993;
// where few successes are expected, sums of geometric numbers. Gamma:
// G. Marsaglia, W. W. Tsang, "A simple method for generating gamma variables",
// 2000. Which numbers are taken, and in which order, is torch's.
#include "backends/cpu/random/draw.h"

#include <math.h>

// ---- Poisson ---------------------------------------------------------------

static double poisson_by_product(pt2__generator_t* generator, double rate) {
  double least = exp(-rate), product = 1.0, count = 0.0;
  for (;;) {
    product *= pt2__generator_f64(generator);
    if (!(product > least)) {
      return count;
    }
    count += 1.0;
  }
}

double pt2__draw_poisson(pt2__generator_t* generator, double rate) {
  if (rate == 0.0) {
    return 0.0;
  }
  if (rate < 10.0) {
    return poisson_by_product(generator, rate);
  }
  double log_rate = log(rate);
  double b = 0.931 + 2.53 * sqrt(rate);
  double a = -0.059 + 0.02483 * b;
  double inverse_alpha = 1.1239 + 1.1328 / (b - 3.4);
  double most_v = 0.9277 - 3.6224 / (b - 2);
  for (;;) {
    double u = pt2__generator_f64(generator) - 0.5;
    double v = pt2__generator_f64(generator);
    double us = 0.5 - fabs(u);
    double k = floor((2 * a / us + b) * u + rate + 0.43);
    if (!(k >= -0x1p63 && k < 0x1p63)) {
      k = -0x1p63;  // no 64-bit integer
    }
    if (us >= 0.07 && v <= most_v) {
      return k;
    }
    if (k < 0 || (us < 0.013 && v > us)) {
      continue;
    }
    int sign;
    if (log(v) + log(inverse_alpha) - log(a / (us * us) + b) <=
        -rate + k * log_rate - lgamma_r(k + 1, &sign)) {
      return k;
    }
  }
}

// ---- Binomial --------------------------------------------------------------

// log(k!) less Stirling's approximation.
static double stirling_tail(double k) {
  static const double tails[] = {0.0810614667953272,  0.0413406959554092,
                                 0.0276779256849983,  0.02079067210376509,
                                 0.0166446911898211,  0.0138761288230707,
                                 0.0118967099458917,  0.0104112652619720,
                                 0.00925546218271273, 0.00833056343336287};
  if (k >= 0 && k < 10) {
    return tails[(int)k];
  }
  double square = (k + 1) * (k + 1);
  return (1.0 / 12 - (1.0 / 360 - 1.0 / 1260 / square) / square) / (k + 1);
}

#define REAL float
#define NAME(name) name##_f32
#define FN(name) name##f
#include "backends/cpu/random/draw.inc"
#undef REAL
#undef NAME
#undef FN
#define REAL double
#define NAME(name) name##_f64
#define FN(name) name
#include "backends/cpu/random/draw.inc"
