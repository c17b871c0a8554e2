// SPDX-License-Identifier: Apache-2.0
//
// aten::sigmoid of complex tensors. PyTorch compiles it for real ones: models
// call it by name.
#include <math.h>

#include "backends/cpu/kernels/complex_divide.h"
#include "backends/cpu/kernels/complex_numbers.h"

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

// In double precision neither the power nor the divisor's square overflows.
static inline float _Complex sigmoid_narrow(float _Complex z) {
  const float x = crealf(z), y = cimagf(z);
  if (!(fabsf(x) < 300 && fabsf(y) < INFINITY)) {
    return sigmoid_special(z);
  }
  const double power = exp(-(double)x);
  const double re = 1 + power * (double)cosf(y);
  const double im = power * (double)sinf(y);
  const double inverse = 1 / (re * re + im * im);
  return pt2__complex_f32((float)(re * inverse), (float)(im * inverse));
}

PT2_COMPLEX_UNARY(sigmoid, sigmoid_narrow(z), sigmoid_wide(z), 60)
