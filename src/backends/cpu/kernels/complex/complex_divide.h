// SPDX-License-Identifier: Apache-2.0
//
// Quotients of complex numbers as PyTorch computes them, by Smith's algorithm
// (Communications of the ACM 5 (8), 1962): without a branch, so that loops of
// them are vectorised, and without C's search for infinities.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_COMPLEX_COMPLEX_DIVIDE_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_COMPLEX_COMPLEX_DIVIDE_H_

#include <math.h>
#include <stdint.h>

typedef struct {
  float re, im;
} pt2__c64_t;

typedef struct {
  double re, im;
} pt2__c128_t;

// |to| becomes (a + bi) / (c + di). Choices are made in the bits: as
// conditional expressions they become divisions of both kinds. (Numbers that
// are passed whole keep clang from vectorising.)
#define PT2_COMPLEX_QUOTIENT(name, type, part, bits_t, absolute)         \
  typedef union {                                                        \
    part value;                                                          \
    bits_t bits;                                                         \
  } name##_pun_t;                                                        \
  static inline void name##_swap(part* x, part* y, bits_t mask) {        \
    name##_pun_t a = {.value = *x}, b = {.value = *y};                   \
    const bits_t differ = (a.bits ^ b.bits) & mask;                      \
    a.bits ^= differ;                                                    \
    b.bits ^= differ;                                                    \
    *x = a.value;                                                        \
    *y = b.value;                                                        \
  }                                                                      \
  static inline void name(part a, part b, part c, part d, type* to) {    \
    const bits_t swaps = (bits_t)0 - !(absolute(c) >= absolute(d));      \
    const bits_t zero = (bits_t)0 - ((c == 0) & (d == 0));               \
    part large = c, small = d, first = a, second = b;                    \
    name##_swap(&large, &small, swaps);                                  \
    name##_swap(&first, &second, swaps);                                 \
    const part ratio = small / large;                                    \
    part scale = 1 / (large + small * ratio), infinite = (part)INFINITY; \
    part re = first + second * ratio, turned = first * ratio;            \
    name##_swap(&second, &turned, swaps);                                \
    part im = second - turned;                                           \
    /* Both parts of a number that is divided by 0 are. */               \
    name##_swap(&scale, &infinite, zero);                                \
    name##_swap(&re, &a, zero);                                          \
    name##_swap(&im, &b, zero);                                          \
    to->re = re * scale;                                                 \
    to->im = im * scale;                                                 \
  }
PT2_COMPLEX_QUOTIENT(pt2__c64_quotient, pt2__c64_t, float, uint32_t, fabsf)
PT2_COMPLEX_QUOTIENT(pt2__c128_quotient, pt2__c128_t, double, uint64_t, fabs)

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_COMPLEX_COMPLEX_DIVIDE_H_
