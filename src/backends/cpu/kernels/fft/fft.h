// SPDX-License-Identifier: Apache-2.0
//
// Discrete Fourier transforms of f32 and f64, any length
// (docs/adr/0008-fft.md).
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_FFT_FFT_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_FFT_FFT_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

// One axis of a row-major array of complex numbers, [outer][n][inner].
typedef struct {
  int32_t dtype;  // of the parts: PT2_DTYPE_F32 or PT2_DTYPE_F64
  int64_t outer, n, inner;
  bool inverse;  // e^{+i…}
  double scale;  // of the results
} pt2__fft_axis_t;

// Complex to complex; |from| may be |to|.
//
// Errors: OUT_OF_MEMORY
PT2_MUST_USE pt2_status_t pt2__fft_complex(const pt2__fft_axis_t* axis,
                                           const void* from, void* to);
// Real to complex, forward, |inner| 1: rows of n numbers become the first
// n / 2 + 1 elements of rows of |row| complex numbers.
PT2_MUST_USE pt2_status_t pt2__fft_from_real(const pt2__fft_axis_t* axis,
                                             const void* from, void* to,
                                             int64_t row);
// Complex to real, inverse, |inner| 1: rows of n / 2 + 1 complex numbers, which
// stand for Hermitian-symmetric ones, become rows of n numbers.
PT2_MUST_USE pt2_status_t pt2__fft_to_real(const pt2__fft_axis_t* axis,
                                           const void* from, void* to);

// ---- Between the files of the kernel ---------------------------------------

// Lanes: as many transforms as a vector has elements are computed side by
// side. A buffer of n elements is n pairs of vectors, real and imaginary parts.

enum {
  PT2__FFT_LONGEST_PRIME = 61,  // longer ones go by convolution (Bluestein)
  PT2__FFT_MOST_FACTORS = 40,
};

typedef struct pt2__fft_plan_t pt2__fft_plan_t;
struct pt2__fft_plan_t {
  int64_t n;
  int32_t dtype;
  int flags;       // what it was made with
  int references;  // under the cache's lock
  uint64_t used;   // when it was last asked for
  size_t bytes;    // of the plan with all it owns
  // Direct: passes of small radices; |twiddles| holds for each pass of radix r
  // over m groups m * (r - 1) complex factors, then r roots of one.
  int factor_count;
  int factors[PT2__FFT_MOST_FACTORS];
  void* twiddles;
  // By convolution: NULL if direct.
  pt2__fft_plan_t* convolution;
  void* chirp;     // n
  void* spectrum;  // convolution->n
  // One transform as rows and columns of a matrix (four steps): NULL if not
  // made. |table| holds, for each block of lanes, rows->n pairs of vectors.
  pt2__fft_plan_t* rows;     // along the columns: length n1
  pt2__fft_plan_t* columns;  // along the rows: length n2
  void* table;
  // Roots e^{-2 pi i k / 2n}, k <= n / 2, of a real transform of 2 n; or NULL.
  void* halves;
};

// The functions for one instruction set and dtype. Strides count numbers of
// the dtype, of which a complex one has two; |swap| exchanges the parts, which
// turns a forward transform between two such exchanges into an inverse one.
typedef struct {
  int lanes;
  bool wide;  // vectors of 64 bytes
  // |count| <= lanes transforms of n elements into a buffer; lanes without one
  // become 0 or what another lane has.
  void (*load)(const void* from, int64_t n, int64_t element, int64_t lane,
               int count, bool swap, void* to);
  void (*store)(const void* from, int64_t n, int64_t element, int64_t lane,
                int count, bool swap, double scale, void* to);
  // The same for real numbers: the other part is 0, or is left out.
  void (*load_real)(const void* from, int64_t n, int64_t lane, int count,
                    void* to);
  void (*store_real)(const void* from, int64_t n, int64_t lane, int count,
                     double scale, void* to);
  // Transforms |a|, using |b|; the result lies in the one that is returned.
  void* (*transform)(const pt2__fft_plan_t* plan, void* a, void* b);
  // |data| *= |table|, both n pairs of vectors.
  void (*multiply)(void* data, const void* table, int64_t n);
  // Between a transform of h complex numbers and one of 2 h real ones: makes
  // h + 1 elements of h in place, and back (with the parts exchanged).
  void (*split)(void* data, const void* halves, int64_t h);
  void (*join)(void* data, const void* halves, int64_t h);
  // Completes a Hermitian row of odd n from its n / 2 + 1 first elements, with
  // all parts conjugated: its forward transform is the inverse one.
  void (*mirror)(void* data, int64_t n);
  // The same for one row of complex numbers.
  void (*row_multiply)(const void* from, const void* factors, int64_t n,
                       bool swap, double scale, void* to);
  void (*row_split)(void* data, const void* halves, int64_t h, double scale);
  void (*row_join)(const void* from, const void* halves, int64_t h, void* to);
} pt2__fft_kernel_t;

const pt2__fft_kernel_t* pt2__fft_kernel(int32_t dtype);
extern const pt2__fft_kernel_t pt2__fft_f32_generic, pt2__fft_f64_generic;
#if defined(__x86_64__)
extern const pt2__fft_kernel_t pt2__fft_f32_avx2, pt2__fft_f64_avx2;
extern const pt2__fft_kernel_t pt2__fft_f32_avx512, pt2__fft_f64_avx512;
#endif

// Length from which on one transform goes in four steps, and up to which
// transforms go side by side.
#define PT2__FFT_SHORTEST_MATRIX 64
#define PT2__FFT_LONGEST_LANES 16384

enum {
  PT2__FFT_MATRIX = 1,  // four steps, if n has two factors near its root
  PT2__FFT_HALVES = 2,  // the roots of a real transform of 2 n
};

// The plan for |n| with what |flags| ask for, from the cache or new. Threads:
// any; a plan does not change. Give it back with pt2__fft_plan_release.
//
// Errors: OUT_OF_MEMORY
PT2_MUST_USE pt2_status_t pt2__fft_plan_get(int64_t n, int32_t dtype, int flags,
                                            const pt2__fft_plan_t** out_plan);
void pt2__fft_plan_release(const pt2__fft_plan_t* plan);

// One transform of |plan|, which has |rows| or a |convolution| that has:
// elements are |element| numbers apart. False: out of memory, without a record.
bool pt2__fft_single(const pt2__fft_plan_t* plan, const void* from,
                     int64_t from_element, void* to, int64_t to_element,
                     bool inverse, double scale, int threads);

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_FFT_FFT_H_
