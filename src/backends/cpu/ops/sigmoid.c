// SPDX-License-Identifier: Apache-2.0
//
// aten::sigmoid of complex tensors. PyTorch compiles it for real ones: models
// call it by name.
#include "backends/cpu/kernels/complex_divide.h"
#include "backends/cpu/kernels/complex_numbers.h"

#define SIGMOID(name, part, type, divide, suffix, make)                \
  static inline part _Complex name(part _Complex z) {                  \
    const part _Complex power = cexp##suffix(-z);                      \
    const type one = {1, 0};                                           \
    const type sum = {1 + creal##suffix(power), cimag##suffix(power)}; \
    const type quotient = divide(one, sum);                            \
    return make(quotient.re, quotient.im);                             \
  }
SIGMOID(sigmoid_narrow, float, pt2__c64_t, pt2__c64_quotient, f,
        pt2__complex_f32)
SIGMOID(sigmoid_wide, double, pt2__c128_t, pt2__c128_quotient, ,
        pt2__complex_f64)

PT2_COMPLEX_UNARY(sigmoid, sigmoid_narrow(z), sigmoid_wide(z), 60)
