// SPDX-License-Identifier: Apache-2.0
//
// aten::sigmoid of complex tensors. PyTorch compiles it for real ones: models
// call it by name.
#include <math.h>

#include "backends/cpu/kernels/complex/complex_divide.h"
#include "backends/cpu/kernels/complex/complex_numbers.h"

#define SIGMOID(name, part, type, divide, suffix, make)                      \
  static inline part _Complex name(part _Complex z) {                        \
    const part _Complex power = cexp##suffix(-z);                            \
    type quotient;                                                           \
    divide(1, 0, 1 + creal##suffix(power), cimag##suffix(power), &quotient); \
    return make(quotient.re, quotient.im);                                   \
  }
SIGMOID(sigmoid_special, float, pt2__c64_t, pt2__c64_quotient, f,
        pt2__complex_f32)
SIGMOID(sigmoid_wide, double, pt2__c128_t, pt2__c128_quotient, ,
        pt2__complex_f64)

// Where the power is an ordinary float: cexpf looks for those that are not. It
// is rounded as PyTorch's is, which shows where it is near -1.
static inline float _Complex sigmoid_narrow(float _Complex z) {
  const float x = crealf(z), y = cimagf(z);
  if (!(fabsf(x) < 80 && fabsf(y) < INFINITY)) {
    return sigmoid_special(z);
  }
  const double power = exp(-(double)x);
  const double re = (double)(1 + (float)(power * (double)cosf(y)));
  const double im = (double)(float)(power * (double)sinf(y));
  const double inverse = 1 / (re * re + im * im);
  return pt2__complex_f32((float)(re * inverse), (float)(im * inverse));
}

PT2_COMPLEX_UNARY(sigmoid, sigmoid_narrow(z), sigmoid_wide(z), 60)
