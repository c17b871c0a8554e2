// SPDX-License-Identifier: Apache-2.0
//
// Taylor polynomials of degree 1, 2, 4, 8, 12 and 18 in few products, and
// scaling and squaring for large norms: Bader, Blanes, Casas, "Computing the
// Matrix Exponential with an Optimized Taylor Polynomial Approximation", 2019.
#include "backends/cpu/kernels/linalg/matrix_exp.h"

#include <math.h>
#include <string.h>

#include "backends/cpu/kernels/linalg/matrices.h"
#include "backends/cpu/kernels/matmul/gemm.h"

enum { DEGREES = 6, BUFFERS = 8 };

// Largest norms for which a polynomial is as good as the dtype.
static const double bounds_f32[DEGREES] = {
    1.192092800768788e-07, 5.978858893805233e-04, 5.116619363445086e-02,
    5.800524627688768e-01, 1.461661507209034e+00, 3.010066362817634e+00};
static const double bounds_f64[DEGREES] = {
    2.220446049250313e-16, 2.580956802971767e-08, 3.397168839976962e-04,
    4.991228871115323e-02, 2.996158913811580e-01, 1.090863719290036e+00};

// A matrix' computation: |m| are matrices of its size, m[0] itself.
typedef struct {
  int32_t dtype;
  int64_t n, count;  // rows; real numbers of a matrix
  void* m[BUFFERS];
} job_t;

static bool is_wide(int32_t dtype) {
  return dtype == PT2_DTYPE_F64 || dtype == PT2_DTYPE_COMPLEX128;
}

// to = identity * I + the sum of factors[i] * m[terms[i]].
typedef struct {
  int to, count;
  double identity;
  int terms[4];
  double factors[4];
} sum_t;

#define COMBINE(name, type)                                                  \
  static void name(const job_t* job, const sum_t* sum) {                     \
    type* to = job->m[sum->to];                                              \
    const type* from[4];                                                     \
    type factors[4];                                                         \
    for (int j = 0; j < 4; ++j) {                                            \
      from[j] = job->m[sum->terms[j]];                                       \
      factors[j] = (type)sum->factors[j];                                    \
    }                                                                        \
    for (int64_t i = 0; i < job->count; ++i) {                               \
      type value = from[0][i] * factors[0];                                  \
      for (int j = 1; j < sum->count; ++j) {                                 \
        value += from[j][i] * factors[j];                                    \
      }                                                                      \
      to[i] = value;                                                         \
    }                                                                        \
    const int64_t step = job->count / job->n + job->count / job->n / job->n; \
    for (int64_t i = 0; i < job->n; ++i) {                                   \
      to[i * step] += (type)sum->identity;                                   \
    }                                                                        \
  }
COMBINE(combine_f32, float)
COMBINE(combine_f64, double)

static void combine(const job_t* job, sum_t sum) {
  (is_wide(job->dtype) ? combine_f64 : combine_f32)(job, &sum);
}

// Products of matrices so small that preparing pt2__gemm takes longer.
#define SMALL_PRODUCT(name, type, N)                                   \
  static void name(const void* a, const void* b, const void* source,   \
                   void* to) {                                         \
    const type *left = a, *right = b, *before = source;                \
    type sums[(N) * (N)] = {0};                                        \
    for (int i = 0; i < (N); ++i) {                                    \
      for (int k = 0; k < (N); ++k) {                                  \
        for (int j = 0; j < (N); ++j) {                                \
          sums[i * (N) + j] += left[i * (N) + k] * right[k * (N) + j]; \
        }                                                              \
      }                                                                \
    }                                                                  \
    for (int i = 0; before != NULL && i < (N) * (N); ++i) {            \
      sums[i] += before[i];                                            \
    }                                                                  \
    memcpy(to, sums, sizeof(sums));                                    \
  }
SMALL_PRODUCT(product_2_f32, float, 2)
SMALL_PRODUCT(product_3_f32, float, 3)
SMALL_PRODUCT(product_4_f32, float, 4)
SMALL_PRODUCT(product_2_f64, double, 2)
SMALL_PRODUCT(product_3_f64, double, 3)
SMALL_PRODUCT(product_4_f64, double, 4)

typedef void (*product_fn)(const void* a, const void* b, const void* source,
                           void* to);

// NULL: there is none for the job's matrices.
static product_fn small_product(const job_t* job) {
  static const product_fn f32[] = {product_2_f32, product_3_f32, product_4_f32};
  static const product_fn f64[] = {product_2_f64, product_3_f64, product_4_f64};
  return job->n < 2 || job->n > 4      ? NULL
         : job->dtype == PT2_DTYPE_F32 ? f32[job->n - 2]
         : job->dtype == PT2_DTYPE_F64 ? f64[job->n - 2]
                                       : NULL;
}

// to = a b, plus |source| unless it is NULL.
static pt2_status_t multiply(const job_t* job, const void* a, const void* b,
                             const void* source, void* to) {
  const int64_t n = job->n;
  const product_fn small = small_product(job);
  if (small != NULL) {
    small(a, b, source, to);
    return PT2_STATUS_OK;
  }
  const pt2__gemm_t gemm = {.dtype = job->dtype,
                            .batch = 1,
                            .m = n,
                            .n = n,
                            .k = n,
                            .alpha = 1,
                            .beta = source != NULL ? 1 : 0,
                            .a = {a, 0, n, 1},
                            .b = {b, 0, n, 1},
                            .source = {source, 0, n, 1},
                            .c = to,
                            .c_rs = n,
                            .c_cs = 1};
  return pt2__gemm(&gemm);
}

// I + A + A² (I/2 + A/6 + A²/24); without the last two terms for degree 2.
static pt2_status_t degree_4(const job_t* job, void* out) {
  void* const* m = job->m;
  combine(job, (sum_t){.to = 2,
                       .count = 2,
                       .identity = 1. / 2,
                       .terms = {0, 1},
                       .factors = {1. / 6, 1. / 24}});
  combine(
      job,
      (sum_t){
          .to = 3, .count = 1, .identity = 1, .terms = {0}, .factors = {1}});
  return multiply(job, m[1], m[2], m[3], out);
}

static pt2_status_t degree_8(const job_t* job, void* out) {
  static const double root = 13.30413469565007072504;  // of 177
  static const double x3 = 2. / 3;
  void* const* m = job->m;
  // A⁴ = A² (x1 A + x2 A²)
  combine(job,
          (sum_t){.to = 2,
                  .count = 2,
                  .terms = {0, 1},
                  .factors = {x3 * (1 + root) / 88, x3 * (1 + root) / 352}});
  PT2_TRY(multiply(job, m[1], m[2], NULL, m[3]));
  // (x3 A² + A⁴) (x4 I + x5 A + x6 A² + x7 A⁴)
  combine(job,
          (sum_t){.to = 4, .count = 2, .terms = {1, 3}, .factors = {x3, 1}});
  combine(job, (sum_t){.to = 5,
                       .count = 3,
                       .terms = {0, 1, 3},
                       .identity = (-271 + 29 * root) / (315 * x3),
                       .factors = {(-11 + 11 * root) / (1260 * x3),
                                   (-99 + 11 * root) / (5040 * x3),
                                   (89 - root) / (5040 * x3 * x3)}});
  combine(job, (sum_t){.to = 6,
                       .count = 2,
                       .identity = 1,
                       .terms = {0, 1},
                       .factors = {1, (857 - 58 * root) / 630}});
  return multiply(job, m[4], m[5], m[6], out);
}

static pt2_status_t degree_12(const job_t* job, void* out) {
  void* const* m = job->m;
  PT2_TRY(multiply(job, m[0], m[1], NULL, m[2]));
#define ROW(place, i, a, b, c)             \
  combine(job, (sum_t){.to = (place),      \
                       .count = 3,         \
                       .identity = (i),    \
                       .terms = {0, 1, 2}, \
                       .factors = {(a), (b), (c)}})
  ROW(4, -2.0861320e-13, -0.13181061013830184015, -0.02027855540589259079,
      -0.00675951846863086359);
  ROW(5, 0.18188869982170434744, 0.05502798439925399070, 0.09351590770535414968,
      0.00610700528898058230);
  PT2_TRY(multiply(job, m[4], m[4], m[5], m[6]));
  ROW(4, 5.31597895759871264183, 1.19926790417132231573, 0.01179296240992997031,
      0.01108844528519167989);
  combine(job,
          (sum_t){.to = 4, .count = 2, .terms = {4, 6}, .factors = {1, 1}});
  ROW(5, 9.0198e-16, 0.46932117595418237389, -0.20099424927047284052,
      -0.04623946134063071740);
#undef ROW
  return multiply(job, m[4], m[6], m[5], out);
}

static pt2_status_t degree_18(const job_t* job, void* out) {
  void* const* m = job->m;
  PT2_TRY(multiply(job, m[0], m[1], NULL, m[2]));
  PT2_TRY(multiply(job, m[2], m[2], NULL, m[3]));
#define ROW(place, i, a, b, c, d)             \
  combine(job, (sum_t){.to = (place),         \
                       .count = 4,            \
                       .identity = (i),       \
                       .terms = {0, 1, 2, 3}, \
                       .factors = {(a), (b), (c), (d)}})
  ROW(4, 0, -1.00365581030144618291e-01, -8.02924648241156932449e-03,
      -8.92138498045729985177e-04, 0);
  ROW(5, 0, 0, -9.23364619367118555360e-02, -1.69364939002081722752e-02,
      -1.40086798182036094347e-05);
  ROW(6, -9.04316832390810593223e-02, -6.76404519071381882256e-02,
      6.75961301770459654925e-02, 2.95552570429315521194e-02,
      -1.39180257516060693404e-05);
  PT2_TRY(multiply(job, m[4], m[5], m[6], m[7]));
  ROW(4, -1.09676396052962061844e+01, 1.68015813878906206114e+00,
      5.71779846478865511061e-02, -6.98210122488052056106e-03,
      3.34975017086070470649e-05);
  combine(job,
          (sum_t){.to = 4, .count = 2, .terms = {4, 7}, .factors = {1, 1}});
  ROW(5, 0, 3.97849749499645077844e-01, 1.36783778460411720168e+00,
      4.98289622525382669416e-01, -6.37898194594723280150e-04);
#undef ROW
  return multiply(job, m[4], m[7], m[5], out);
}

// Degrees 1 and 2 are sums.
static pt2_status_t low_degree(job_t* job, int degree, void* out) {
  void* kept = job->m[7];
  job->m[7] = out;
  combine(job, (sum_t){.to = 7,
                       .count = degree,
                       .identity = 1,
                       .terms = {0, 1},
                       .factors = {1, 0.5}});
  job->m[7] = kept;
  return PT2_STATUS_OK;
}

// The greatest sum of a column's absolute values.
#define NORM(name, type, ROOT)                                           \
  static double name(const job_t* job) {                                 \
    const type* a = job->m[0];                                           \
    const int64_t n = job->n;                                            \
    const bool complex = job->count > n * n;                             \
    type most = 0;                                                       \
    for (int64_t j = 0; j < n; ++j) {                                    \
      type sum = 0;                                                      \
      for (int64_t i = j; i < n * n; i += n) {                           \
        type x = a[complex ? 2 * i : i], y = complex ? a[2 * i + 1] : 0; \
        sum += complex ? ROOT(x, y) : (x < 0 ? -x : x);                  \
      }                                                                  \
      most = sum > most || sum != sum ? sum : most;                      \
    }                                                                    \
    return most;                                                         \
  }
NORM(norm_f32, float, hypotf)
NORM(norm_f64, double, hypot)

#define SCALE(name, type)                             \
  static void name(const job_t* job, double factor) { \
    type* a = job->m[0];                              \
    for (int64_t i = 0; i < job->count; ++i) {        \
      a[i] *= (type)factor;                           \
    }                                                 \
  }
SCALE(scale_f32, float)
SCALE(scale_f64, double)

// How often A is halved, so that degree 18 is good enough.
static int halvings(const job_t* job, double norm, double bound) {
  double ratio = norm / bound;
  if (!is_wide(job->dtype)) {
    ratio = (double)((float)norm / (float)bound);
  }
  // Of a norm that is not finite nothing is left to scale.
  return ratio > 1 && isfinite(ratio) ? (int)ceil(log2(ratio)) : 0;
}

// exp(A) = exp(A / 2^s)^(2^s); the last square goes to |out|.
static pt2_status_t scaled(job_t* job, double norm, double bound, void* out) {
  const int s = halvings(job, norm, bound);
  if (s == 0) {
    PT2_TRY(multiply(job, job->m[0], job->m[0], NULL, job->m[1]));
    return degree_18(job, out);
  }
  (is_wide(job->dtype) ? scale_f64 : scale_f32)(job, ldexp(1, -s));
  PT2_TRY(multiply(job, job->m[0], job->m[0], NULL, job->m[1]));
  void* from = job->m[6];
  PT2_TRY(degree_18(job, from));
  for (int i = 0; i < s; ++i) {
    void* to = i == s - 1 ? out : from == job->m[6] ? job->m[7] : job->m[6];
    PT2_TRY(multiply(job, from, from, NULL, to));
    from = to;
  }
  return PT2_STATUS_OK;
}

static pt2_status_t exponential(job_t* job, void* out) {
  const double* bounds = is_wide(job->dtype) ? bounds_f64 : bounds_f32;
  double norm = is_wide(job->dtype) ? norm_f64(job) : norm_f32(job);
  int degree = 0;
  while (degree < DEGREES - 1 && !(norm <= bounds[degree])) {
    ++degree;
  }
  if (degree == DEGREES - 1 || norm >= bounds[DEGREES - 2]) {
    return scaled(job, norm, bounds[DEGREES - 1], out);
  }
  if (degree > 0) {
    PT2_TRY(multiply(job, job->m[0], job->m[0], NULL, job->m[1]));
  }
  switch (degree) {
    case 0:
    case 1:
      return low_degree(job, degree + 1, out);
    case 2:
      return degree_4(job, out);
    case 3:
      return degree_8(job, out);
    default:
      return degree_12(job, out);
  }
}

typedef struct {
  const pt2_tensor_t* a;
  pt2_tensor_t* result;
} pair_t;

static pt2_status_t exponential_one(void* context, int64_t i) {
  const pair_t* pair = context;
  const int64_t n = pt2__linalg_rows(pair->a);
  const bool complex = pt2__dtype_is_complex(pair->a->dtype);
  job_t job = {
      .dtype = pair->a->dtype, .n = n, .count = complex ? 2 * n * n : n * n};
  size_t matrix = (size_t)(n * n) * pt2_dtype_size_bytes(job.dtype);
  size_t spaced = (matrix + 63) / 64 * 64;
  char* block = pt2__pool_alloc(BUFFERS * spaced);
  if (block == NULL) {
    return PT2_OUT_OF_MEMORY(BUFFERS * spaced);
  }
  for (int j = 0; j < BUFFERS; ++j) {
    job.m[j] = block + (size_t)j * spaced;
  }
  memcpy(job.m[0], pt2__matrix_at(pair->a, i), matrix);
  pt2_status_t status = exponential(&job, pt2__matrix_at(pair->result, i));
  pt2__pool_free(block, BUFFERS * spaced);
  return status;
}

pt2_status_t pt2__matrix_exp(const pt2_tensor_t* a, pt2_tensor_t* result) {
  if (a->numel == 0) {
    return PT2_STATUS_OK;
  }
  pair_t pair = {a, result};
  const int64_t n = pt2__linalg_rows(a);
  return pt2__each_matrix(a->numel / (n * n), 5 * (double)a->numel * (double)n,
                          exponential_one, &pair);
}
