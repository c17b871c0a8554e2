// SPDX-License-Identifier: Apache-2.0
//
// LAPACK, opened when an operator first needs it (docs/adr/0009-lapack.md).
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_LINALG_LAPACK_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_LINALG_LAPACK_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "shim/op_need.h"

// Fortran's arguments are addresses; the lengths of its strings follow last.
typedef const int* pt2__fint_t;
typedef const char* pt2__fchar_t;

// X(name, s, d, c, z, arguments): the functions for f32, f64, complex64 and
// complex128 (none: there is none). Matrices lie column by column.
// clang-format off
#define PT2__LAPACK_FUNCTIONS(X)                                              \
  X(syevd, ssyevd_, dsyevd_, none, none,                                      \
    (pt2__fchar_t jobz, pt2__fchar_t uplo, pt2__fint_t n, void* a,            \
     pt2__fint_t lda, void* w, void* work, pt2__fint_t lwork, int* iwork,     \
     pt2__fint_t liwork, int* info, size_t, size_t))                          \
  X(heevd, none, none, cheevd_, zheevd_,                                      \
    (pt2__fchar_t jobz, pt2__fchar_t uplo, pt2__fint_t n, void* a,            \
     pt2__fint_t lda, void* w, void* work, pt2__fint_t lwork, void* rwork,    \
     pt2__fint_t lrwork, int* iwork, pt2__fint_t liwork, int* info, size_t,   \
     size_t))                                                                 \
  X(gesdd, sgesdd_, dgesdd_, none, none,                                      \
    (pt2__fchar_t jobz, pt2__fint_t m, pt2__fint_t n, void* a,                \
     pt2__fint_t lda, void* s, void* u, pt2__fint_t ldu, void* vt,            \
     pt2__fint_t ldvt, void* work, pt2__fint_t lwork, int* iwork, int* info,  \
     size_t))                                                                 \
  X(gesdd_complex, none, none, cgesdd_, zgesdd_,                              \
    (pt2__fchar_t jobz, pt2__fint_t m, pt2__fint_t n, void* a,                \
     pt2__fint_t lda, void* s, void* u, pt2__fint_t ldu, void* vt,            \
     pt2__fint_t ldvt, void* work, pt2__fint_t lwork, void* rwork,            \
     int* iwork, int* info, size_t)) \
  X(geev, sgeev_, dgeev_, none, none,                                         \
    (pt2__fchar_t jobvl, pt2__fchar_t jobvr, pt2__fint_t n, void* a,          \
     pt2__fint_t lda, void* wr, void* wi, void* vl, pt2__fint_t ldvl,         \
     void* vr, pt2__fint_t ldvr, void* work, pt2__fint_t lwork, int* info,    \
     size_t, size_t))                                                         \
  X(geev_complex, none, none, cgeev_, zgeev_,                                 \
    (pt2__fchar_t jobvl, pt2__fchar_t jobvr, pt2__fint_t n, void* a,          \
     pt2__fint_t lda, void* w, void* vl, pt2__fint_t ldvl, void* vr,          \
     pt2__fint_t ldvr, void* work, pt2__fint_t lwork, void* rwork, int* info, \
     size_t, size_t))                                                         \
  X(sytrf, ssytrf_, dsytrf_, csytrf_, zsytrf_,                                \
    (pt2__fchar_t uplo, pt2__fint_t n, void* a, pt2__fint_t lda, int* pivots, \
     void* work, pt2__fint_t lwork, int* info, size_t))                       \
  X(hetrf, none, none, chetrf_, zhetrf_,                                      \
    (pt2__fchar_t uplo, pt2__fint_t n, void* a, pt2__fint_t lda, int* pivots, \
     void* work, pt2__fint_t lwork, int* info, size_t))                       \
  X(sytrs, ssytrs_, dsytrs_, csytrs_, zsytrs_,                                \
    (pt2__fchar_t uplo, pt2__fint_t n, pt2__fint_t columns, const void* a,    \
     pt2__fint_t lda, const int* pivots, void* b, pt2__fint_t ldb, int* info, \
     size_t))                                                                 \
  X(hetrs, none, none, chetrs_, zhetrs_,                                      \
    (pt2__fchar_t uplo, pt2__fint_t n, pt2__fint_t columns, const void* a,    \
     pt2__fint_t lda, const int* pivots, void* b, pt2__fint_t ldb, int* info, \
     size_t))
// clang-format on

typedef struct {
#define X(name, s, d, c, z, arguments) void(*name) arguments;
  PT2__LAPACK_FUNCTIONS(X)
#undef X
} pt2__lapack_t;

// The functions for |dtype|, one of the four. Any thread.
//
// Errors: UNSUPPORTED  no such library, as pt2__lapack_missing says
PT2_MUST_USE pt2_status_t pt2__lapack_get(int32_t dtype,
                                          const pt2__lapack_t** out_lapack);

// NULL if the library is here, otherwise what an operator lacks.
const char* pt2__lapack_missing(void);

// Whether several threads may call it at once, each on one thread: the library
// is our own alone, so that it could be told to use one thread.
bool pt2__lapack_is_ours(void);

// For tests: looks for |names| (up to a NULL) instead; NULL: the usual ones.
void pt2__lapack_override(const char* const* names);

// LAPACK's integers have 32 bits. Fails unless |value| fits.
PT2_MUST_USE pt2_status_t pt2__lapack_int(int64_t value, int* out_value);

// States that the operator aten::|name| needs LAPACK.
#define PT2__NEEDS_LAPACK(name)                                             \
  static pt2__op_need_t need_##name = {"aten::" #name, pt2__lapack_missing, \
                                       NULL};                               \
  __attribute__((constructor)) static void register_need_##name(void) {     \
    pt2__op_need_register(&need_##name);                                    \
  }

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_LINALG_LAPACK_H_
