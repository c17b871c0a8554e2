// SPDX-License-Identifier: Apache-2.0
//
// Implicit reparametrisation: -(d cdf / d shape) / pdf. Series for small
// samples, saddle point expansions for large parameters, between them rational
// approximations (M. Jankowiak, F. Obermeyer, "Pathwise derivatives beyond the
// reparameterization trick", 2018); digamma by its asymptotic series.
#include "backends/cpu/kernels/elementwise/gamma_gradient.h"

#include <math.h>

// The series behind log(x) - 1 / 2x; |square| is x * x.
static double digamma_tail(double square) {
  static const double terms[] = {
      8.33333333333333333333E-2, -2.10927960927960927961E-2,
      7.57575757575757575758E-3, -4.16666666666666666667E-3,
      3.96825396825396825397E-3, -8.33333333333333333333E-3,
      8.33333333333333333333E-2};
  double z = 1.0 / square, sum = 0;
  for (int i = 0; i < 7; ++i) {
    sum = sum * z + terms[i];
  }
  return z * sum;
}

#define REAL float
#define NAME(name) name##_f32
#define FN(name) name##f
#include "backends/cpu/kernels/elementwise/gamma_gradient.inc"
#undef REAL
#undef NAME
#undef FN
#define REAL double
#define NAME(name) name##_f64
#define FN(name) name
#include "backends/cpu/kernels/elementwise/gamma_gradient.inc"

// ---- Dirichlet -------------------------------------------------------------

// Of a beta distribution with large parameters.
static double first_of_large(double x, double a, double b) {
  const double total = a + b, mean = a / total;
  const double deviation = sqrt(a * b / (total + 1)) / total;
  const double square = b * b;
  if (mean - 0.1 * deviation <= x && x <= mean + 0.1 * deviation) {
    // The other expression has a pole here.
    double poly = 47 * x * square * square +
                  a * ((43 + 20 * (16 + 27 * b) * x) * square * b +
                       a * (3 * (59 + 180 * b - 90 * x) * square +
                            a * ((453 + 1620 * b * (1 - x) - 455 * x) * b +
                                 a * (8 * (1 - x) * (135 * b - 11)))));
    double over = (1 + 12 * a) * (1 + 12 * b) / (total * total);
    double under = 12960 * a * a * a * b * b * (1 + 12 * total);
    return over / (1 - x) * poly / under;
  }
  const double scale = -x / sqrt(2 * a * b / total);
  const double stirling = (1 + 1 / (12 * a) + 1 / (288 * a * a)) *
                          (1 + 1 / (12 * b) + 1 / (288 * b * b)) /
                          (1 + 1 / (12 * total) + 1 / (288 * total * total));
  const double over = 2 * (a * a) * (x - 1) + a * b * (x - 1) - x * (b * b);
  const double distance = a * (x - 1) + b * x;
  const double first =
      over / (sqrt(2 * a / b) * pow(total, 1.5) * distance * distance);
  const double second = 0.5 * log(a / (total * x));
  const double third = sqrt(8 * a * b / total) / (b * x + a * (x - 1));
  const double fourth =
      pow(b * log(b / (total * (1 - x))) + a * log(a / (total * x)), -1.5);
  return stirling * scale *
         (first + second * (third + (x < mean ? fourth : -fourth)));
}

// What a series that falls short between the others is multiplied by.
static double correction(double x, double a, double total) {
  static const double c[2][3][3][4] = {
      {{{1.003668233, -0.01061107488, -0.0657888334, 0.01201642863},
        {0.6336835991, -0.3557432599, 0.05486251648, -0.001465281033},
        {-0.03276231906, 0.004474107445, 0.002429354597, -0.0001557569013}},
       {{0.221950385, -0.3187676331, 0.01799915743, 0.01074823814},
        {-0.2951249643, 0.06219954479, 0.01535556598, 0.001550077057},
        {0.02155310298, 0.004170831599, 0.001292462449, 6.976601077e-05}},
       {{-0.05980841433, 0.008441916499, 0.01085618172, 0.002319392565},
        {0.02911413504, 0.01400243777, -0.002721828457, 0.000751041181},
        {0.005900514878, -0.001936558688, -9.495446725e-06, 5.385558597e-05}}},
      {{{1, -0.02924021934, -0.04438342661, 0.007285809825},
        {0.6357567472, -0.3473456711, 0.05454656494, -0.002407477521},
        {-0.03301322327, 0.004845219414, 0.00231480583, -0.0002307248149}},
       {{0.5925320577, -0.1757678135, 0.01505928619, 0.000564515273},
        {0.1014815858, -0.06589186703, 0.01272886114, -0.0007316646956},
        {-0.007258481865, 0.001096195486, 0.0003934994223, -4.12701925e-05}},
       {{0.06469649321, -0.0236701437, 0.002902096474, -5.896963079e-05},
        {0.001925008108, -0.002869809258, 0.0008000589141, -6.063713228e-05},
        {-0.0003477407336, 6.959756487e-05, 1.097287507e-05,
         -1.650964693e-06}}},
  };
  const double u = log(x), v = log(a) - u, w = log(total) - v;
  const double us[3] = {1, u, u * u}, vs[3] = {1, v, v * v};
  double sums[2] = {0, 0};
  for (int i = 0; i < 3; ++i) {
    for (int j = 0; j < 3; ++j) {
      for (int k = 0; k < 2; ++k) {
        const double* term = c[k][i][j];
        sums[k] += us[i] * vs[j] *
                   (term[0] + w * (term[1] + w * (term[2] + w * term[3])));
      }
    }
  }
  return sums[0] / sums[1];
}

#define DIRICHLET(suffix, real)                                               \
  real pt2__dirichlet_gradient_##suffix(real x, real concentration,           \
                                        real total) {                         \
    const real rest = total - concentration;                                  \
    const real spread = total * x * (1 - x);                                  \
    if (x <= (real)0.5 && spread < (real)2.5) {                               \
      return first_of_small_##suffix(x, concentration, rest);                 \
    }                                                                         \
    if (x >= (real)0.5 && spread < (real)0.75) {                              \
      return -second_of_small_##suffix(1 - x, rest, concentration);           \
    }                                                                         \
    const double a = (double)concentration, b = (double)total - a;            \
    if (concentration > 6 && rest > 6) {                                      \
      return (real)first_of_large((double)x, a, b);                           \
    }                                                                         \
    double series =                                                           \
        (double)x *                                                           \
        (double)(digamma_##suffix(total) - digamma_##suffix(concentration)) / \
        b;                                                                    \
    return (real)(correction((double)x, a, (double)total) * series);          \
  }
DIRICHLET(f32, float)
DIRICHLET(f64, double)

// ---- Gamma -----------------------------------------------------------------

// Of numbers that neither overflow nor lose bits.
#define USUAL_LOG 690

static double gamma_of_small(double shape, double x) {
  double power = 1, place = shape;
  double sum = power / place, sum_of_squares = power / (place * place);
  for (int i = 1; i <= 5; ++i) {
    power *= -x / i;
    place += 1;
    sum += power / place;
    sum_of_squares += power / (place * place);
  }
  const double log_x = log(x), factor = log_x - digamma_f64(shape);
  double result;
  // Of slope and density pow(x, shape) is a factor; where it is no usual
  // number, torch divides what it makes of them.
  if (fabs(shape * log_x) < USUAL_LOG) {
    result = (sum_of_squares - factor * sum) * x * exp(x);
  } else {
    double scale = pow(x, shape);
    double density = pow(x, shape - 1) * exp(-x);
    double slope = factor * (scale * sum) - scale * sum_of_squares;
    result = -slope / density;
  }
  return isnan(result) ? 0 : result;
}

static double gamma_of_large(double shape, double x) {
  const double square = shape * shape;
  if ((double)0.9f * shape <= x && x <= (double)1.1f * shape) {
    double first = 1 + 24 * shape * (1 + 12 * shape);
    double second = 1440 * square + 6 * x * (53 - 120 * x) -
                    65 * x * x / shape + shape * (107 + 3600 * x);
    return first * second / (1244160 * square * square);
  }
  const double ratio_log = log(x / shape), inverse = 1 / shape;
  const double root = sqrt(8 * shape), gap = 1 / (shape - x);
  const double base = x - shape - shape * ratio_log;
  const double far = 1 / (base * sqrt(base));  // a power of -1.5
  const double both = root * gap + (x < shape ? -far : far);
  const double term =
      ratio_log * both - root * (0.5 * inverse) * (shape + x) * (gap * gap);
  const double twelfth = inverse * (1.0 / 12);
  const double stirling = 1 + twelfth * (1 + 0.5 * twelfth);
  return -stirling * (x * term) * (root * (0.125 * inverse));
}

double pt2__gamma_gradient(double shape, double x) {
  static const double terms[3][8] = {
      {0.16009398, -0.094634809, 0.025146376, -0.0030648343, 1, 0.32668115,
       0.10406089, 0.0014179084},
      {0.53487893, 0.1298071, 0.065735949, -0.0015649758, 0.16639465,
       0.020070113, -0.0035938915, -0.00058392623},
      {0.040121004, -0.0065914022, -0.0026286047, -0.0013441777, 0.017050642,
       -0.0021309326, 0.00085092367, -1.5247877e-07},
  };
  if (x < (double)0.8f) {
    return gamma_of_small(shape, x);
  }
  if (shape > 8) {
    return gamma_of_large(shape, x);
  }
  double u = log(x / shape), v = log(shape), c[8];
  for (int i = 0; i < 8; ++i) {
    c[i] = terms[0][i] + u * (terms[1][i] + u * terms[2][i]);
  }
  double p = c[0] + v * (c[1] + v * (c[2] + v * c[3]));
  double q = c[4] + v * (c[5] + v * (c[6] + v * c[7]));
  return exp(p / q);
}
