// SPDX-License-Identifier: Apache-2.0
//
// Products of complex numbers in loops that the compiler vectorises. Infinities
// are not looked for, as PyTorch's are not (C's own operator does so).
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_COMPLEX_COMPLEX_PRODUCT_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_COMPLEX_COMPLEX_PRODUCT_H_

// The product |x|, rounded before anything is added to it. gcc joins products
// with alternating sums in vectors, whatever -ffp-contract says, but not in the
// elements that are left after the last vector: the bits of an element would
// depend on its place, and so on the number of threads.
#define PT2__ROUNDED(x) (x)
#if defined(__has_builtin) && !defined(__clang__)
#if __has_builtin(__builtin_assoc_barrier)
#undef PT2__ROUNDED
#define PT2__ROUNDED(x) __builtin_assoc_barrier(x)
#endif
#endif

// |to|, which is none of both, becomes |x| times |y|: any structures with |re|
// and |im|.
#define PT2__COMPLEX_PRODUCT(to, x, y)                                     \
  (to).re = PT2__ROUNDED((x).re * (y).re) - PT2__ROUNDED((x).im * (y).im); \
  (to).im = PT2__ROUNDED((x).re * (y).im) + PT2__ROUNDED((x).im * (y).re)

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_COMPLEX_COMPLEX_PRODUCT_H_
