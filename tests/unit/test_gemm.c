// SPDX-License-Identifier: Apache-2.0
//
// Matrix products of every kernel variant that this CPU can run against sums
// in double precision, over sizes, strides, dtypes, sources and packing.
#include <math.h>
#include <omp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backends/cpu/cpu_features.h"
#include "backends/cpu/kernels/matmul/gemm.h"

static uint32_t seed;

static uint32_t random_bits(void) {
  seed = seed * 1664525u + 1013904223u;
  return seed >> 8;
}

static double random_value(int32_t dtype) {
  double value = (double)(int)(random_bits() % 2001) / 1000.0 - 1.0;
  return pt2__dtype_is_integral(dtype, false) ? floor(value * 20) : value;
}

// How a matrix lies: rows contiguous, columns contiguous, gaps in both, or
// the same element everywhere along one dimension.
typedef enum { ROWS, COLUMNS, GAPS, ROW_OF_ONES, LAYOUTS } layout_t;

typedef struct {
  pt2__gemm_operand_t at;
  char* block;
  size_t bytes;
} matrix_t;

static matrix_t make_matrix(int32_t dtype, int64_t batch, int64_t rows,
                            int64_t columns, layout_t layout) {
  matrix_t m = {0};
  int64_t pad = random_bits() % 3;
  switch (layout) {
    case ROWS:
      m.at.cs = 1;
      m.at.rs = columns + pad;
      break;
    case COLUMNS:
      m.at.rs = 1;
      m.at.cs = rows + pad;
      break;
    case GAPS:
      m.at.cs = 3;
      m.at.rs = columns * 3 + 2 + pad;
      break;
    default:
      m.at.cs = 1;
      m.at.rs = 0;
      break;
  }
  int64_t last = (rows > 0 ? rows - 1 : 0) * m.at.rs +
                 (columns > 0 ? columns - 1 : 0) * m.at.cs;
  m.at.bs = last + 1 + pad;
  // Exactly as large as it must be: a read beyond is seen by the sanitizer.
  int64_t count = (batch - 1) * m.at.bs + last + 1;
  size_t element = pt2_dtype_size_bytes(dtype);
  m.bytes = (size_t)count * element;
  m.block = malloc(m.bytes);
  m.at.data = m.block;
  for (int64_t i = 0; i < count; ++i) {
    double parts[2] = {random_value(dtype), random_value(dtype)};
    if (pt2__dtype_is_complex(dtype)) {
      pt2__element_set_complex(dtype, m.block + (size_t)i * element, parts);
    } else {
      pt2__element_set_f64(dtype, m.block + (size_t)i * element, parts[0]);
    }
  }
  return m;
}

static void get(int32_t dtype, const pt2__gemm_operand_t* m, int64_t batch,
                int64_t i, int64_t j, double* parts) {
  const char* at =
      (const char*)m->data + (batch * m->bs + i * m->rs + j * m->cs) *
                                 (int64_t)pt2_dtype_size_bytes(dtype);
  parts[1] = 0;
  if (pt2__dtype_is_complex(dtype)) {
    pt2__element_get_complex(dtype, at, parts);
  } else {
    parts[0] = pt2__element_get_f64(dtype, at);
  }
}

static double tolerance(int32_t dtype) {
  switch (dtype) {
    case PT2_DTYPE_F32:
    case PT2_DTYPE_COMPLEX64:
      return 1e-6;
    case PT2_DTYPE_BF16:
      return 1.0 / 256;
    case PT2_DTYPE_F16:
      return 1.0 / 2048;
    case PT2_DTYPE_F64:
    case PT2_DTYPE_COMPLEX128:
      return 1e-15;
    default:
      return 0;
  }
}

typedef struct {
  int32_t dtype;
  int64_t batch, m, n, k;
  layout_t a, b, c, source;  // LAYOUTS: no source
  double alpha, beta;
  // Whether B is of each matrix, packed (true) or one for the whole batch.
  enum { EACH_B = false, PACKED_B = true, ONE_B } packed;
} case_t;

// The elements of |m| one after the other, as pairs of doubles.
static double* dense(int32_t dtype, const pt2__gemm_operand_t* m, int64_t batch,
                     int64_t rows, int64_t columns) {
  double* to = malloc(sizeof(double) * 2 * (size_t)(rows * columns) + 1);
  for (int64_t i = 0; i < rows; ++i) {
    for (int64_t j = 0; j < columns; ++j) {
      get(dtype, m, batch, i, j, to + 2 * (i * columns + j));
    }
  }
  return to;
}

// sums[3 * j ...]: real and imaginary part of row |i| times column |j|, and the
// sum of what was added without signs.
static void row_sums(const case_t* t, const double* a, const double* b,
                     int64_t i, double* sums) {
  memset(sums, 0, sizeof(double) * 3 * (size_t)t->n);
  for (int64_t k = 0; k < t->k; ++k) {
    const double* left = a + 2 * (i * t->k + k);
    const double* right = b + 2 * k * t->n;
    for (int64_t j = 0; j < t->n; ++j, right += 2) {
      sums[3 * j] += left[0] * right[0] - left[1] * right[1];
      sums[3 * j + 1] += left[0] * right[1] + left[1] * right[0];
      sums[3 * j + 2] += fabs(left[0] * right[0]) + fabs(left[1] * right[1]);
    }
  }
}

static void check_element(const case_t* t, const pt2__gemm_t* g,
                          const pt2__gemm_operand_t* before, int64_t batch,
                          int64_t i, int64_t j, const double* sum) {
  double size = sum[2];
  double source[2] = {0, 0};
  if (before->data != NULL) {
    get(t->dtype, before, batch, i, j, source);
  }
  double found[2];
  pt2__gemm_operand_t c = {g->c, g->c_bs, g->c_rs, g->c_cs};
  get(t->dtype, &c, batch, i, j, found);
  for (int part = 0; part < 2; ++part) {
    double want = t->alpha * sum[part];
    if (before->data != NULL) {
      want += t->beta * source[part];
    }
    double allowed = tolerance(t->dtype) * (fabs(want) + 1e-3);
    // Rounding while summing, in proportion to what was summed.
    double step = t->dtype == PT2_DTYPE_F64 || t->dtype == PT2_DTYPE_COMPLEX128
                      ? 1e-15
                      : 3e-7;
    allowed += pt2__dtype_is_integral(t->dtype, false) ? 0 : step * size;
    if (!(fabs(found[part] - want) <= allowed)) {
      fail_msg(
          "dtype %d %lldx%lldx%lldx%lld layouts %d %d %d %d packed %d at "
          "(%lld, %lld, %lld): got %.9g, expected %.9g",
          t->dtype, (long long)t->batch, (long long)t->m, (long long)t->n,
          (long long)t->k, t->a, t->b, t->c, t->source, t->packed,
          (long long)batch, (long long)i, (long long)j, found[part], want);
    }
  }
}

static void check_all(const case_t* t, const pt2__gemm_t* g,
                      const pt2__gemm_operand_t* before) {
  double* sums = malloc(sizeof(double) * 3 * (size_t)t->n + 1);
  for (int64_t batch = 0; batch < t->batch; ++batch) {
    double* a = dense(t->dtype, &g->a, batch, t->m, t->k);
    double* b = dense(t->dtype, &g->b, batch, t->k, t->n);
    for (int64_t i = 0; i < t->m; ++i) {
      row_sums(t, a, b, i, sums);
      for (int64_t j = 0; j < t->n; ++j) {
        check_element(t, g, before, batch, i, j, sums + 3 * j);
      }
    }
    free(a);
    free(b);
  }
  free(sums);
}

static void run_case(const case_t* t) {
  matrix_t a = make_matrix(t->dtype, t->batch, t->m, t->k, t->a);
  matrix_t b = make_matrix(t->dtype, t->batch, t->k, t->n, t->b);
  matrix_t c = make_matrix(t->dtype, t->batch, t->m, t->n, t->c);
  matrix_t source = {0};
  if (t->source != LAYOUTS) {
    source = make_matrix(t->dtype, t->batch, t->m, t->n, t->source);
  }
  pt2__storage_t* storage = NULL;
  pt2_tensor_t* tensor = NULL;
  pt2__gemm_t g = {.dtype = t->dtype,
                   .batch = t->batch,
                   .m = t->m,
                   .n = t->n,
                   .k = t->k,
                   .alpha = t->alpha,
                   .beta = t->beta,
                   .a = a.at,
                   .b = b.at,
                   .source = source.at,
                   .c = c.block,
                   .c_bs = c.at.bs,
                   .c_rs = c.at.rs,
                   .c_cs = c.at.cs};
  if (t->packed == PACKED_B) {
    assert_int_equal(pt2__storage_from_blob(b.block, b.bytes, PT2_DEVICE_CPU, 0,
                                            NULL, NULL, &storage),
                     PT2_STATUS_OK);
    storage->immutable = true;
    // As [n, k] and transposed, as weights are.
    assert_int_equal(
        pt2__tensor_over(storage, t->dtype, 2, (int64_t[]){t->n, t->k},
                         (int64_t[]){b.at.cs, b.at.rs}, 0, &tensor),
        PT2_STATUS_OK);
    g.panels = pt2__gemm_pack(tensor, true, t->m);
    if (t->m > 8) {
      assert_non_null(g.panels);
      assert_ptr_equal(g.panels, pt2__gemm_pack(tensor, true, t->m));
    }
  }
  if (t->packed != EACH_B) {
    g.b.bs = 0;
  }
  assert_int_equal(pt2__gemm(&g), PT2_STATUS_OK);
  check_all(t, &g, &source.at);
  if (tensor != NULL) {
    pt2__tensor_release(tensor);
    pt2__storage_release(storage);
  }
  free(a.block);
  free(b.block);
  free(c.block);
  free(source.block);
}

static const pt2__gemm_variant_t* variants[3];
static int variant_count;

static void find_variants(void) {
  variants[variant_count++] = &pt2__gemm_portable;
#if defined(__x86_64__)
  if (pt2__cpu_level() >= PT2__CPU_AVX2) {
    variants[variant_count++] = &pt2__gemm_avx2;
  }
  if (pt2__cpu_level() >= PT2__CPU_AVX512) {
    variants[variant_count++] = &pt2__gemm_avx512;
  }
#endif
}

// Runs |t| on every variant.
static void run_everywhere(const case_t* t) {
  for (int v = 0; v < variant_count; ++v) {
    pt2__gemm_variant_override(variants[v]);
    run_case(t);
  }
  pt2__gemm_variant_override(NULL);
}

static const int32_t floats[] = {PT2_DTYPE_F32, PT2_DTYPE_F64, PT2_DTYPE_BF16,
                                 PT2_DTYPE_F16};

static void test_small_sizes(void** state) {
  (void)state;
  static const int64_t sizes[] = {0, 1, 2, 5, 7, 13, 17, 33};
  int count = (int)(sizeof(sizes) / sizeof(sizes[0]));
  for (int i = 0; i < count * count * count; ++i) {
    case_t t = {PT2_DTYPE_F32,
                1,
                sizes[i % count],
                sizes[i / count % count],
                sizes[i / count / count],
                ROWS,
                ROWS,
                ROWS,
                (layout_t)(i % (LAYOUTS + 1)),
                1.5,
                -0.5,
                false};
    t.dtype = floats[random_bits() % 4];
    t.b = (layout_t)(random_bits() % 3);
    t.a = (layout_t)(random_bits() % 3);
    t.packed = t.m > 0 && t.n > 0 && t.k > 0 && random_bits() % 3 == 0;
    run_everywhere(&t);
  }
}

static void test_layouts(void** state) {
  (void)state;
  for (int i = 0; i < 4 * 4 * 3 * 5 * 4; ++i) {
    case_t t = {floats[i / 240],
                1 + i % 2,
                1 + random_bits() % 30,
                1 + random_bits() % 40,
                1 + random_bits() % 50,
                (layout_t)(i % 4),
                (layout_t)(i / 4 % 4),
                (layout_t)(i / 16 % 3),
                (layout_t)(i / 48 % 5),
                1,
                2,
                false};
    run_everywhere(&t);
  }
}

static void test_every_row_count(void** state) {
  (void)state;
  // Each size of a register tile and of the kernels for few rows.
  for (int64_t m = 1; m <= 26; ++m) {
    for (int b = 0; b < 6; ++b) {
      for (int d = 0; d < 4; ++d) {
        case_t t = {floats[d],         1,    m,    67, 43, ROWS,
                    (layout_t)(b % 3), ROWS, ROWS, 1,  1,  b >= 3};
        run_everywhere(&t);
      }
    }
  }
}

static void test_blocks(void** state) {
  (void)state;
  // Larger than one block in each dimension, and pages as row strides.
  static const int64_t sizes[][3] = {
      {1, 300, 1100}, {300, 70, 400}, {70, 40, 2048}, {9, 1030, 330},
      {300, 3, 700},  {130, 2, 1024}, {2, 130, 1024}, {65, 65, 1025}};
  for (int i = 0; i < 8; ++i) {
    for (int d = i % 2; d < 4; d += 2) {
      for (int packed = 0; packed < 2; ++packed) {
        case_t t = {floats[d],
                    1,
                    sizes[i][0],
                    sizes[i][1],
                    sizes[i][2],
                    ROWS,
                    (layout_t)(i % 2),
                    ROWS,
                    ROW_OF_ONES,
                    1,
                    1,
                    packed == 1};
        run_everywhere(&t);
        t.a = COLUMNS;
        t.c = COLUMNS;
        run_everywhere(&t);
      }
    }
  }
}

// Panels of 16 bits in a product of floats.
static void check_narrow_panels(int32_t dtype, int64_t m, int64_t n,
                                int64_t k) {
  const int64_t sizes[] = {n, k};
  pt2_tensor_t *narrow, *wide;
  assert_int_equal(pt2__tensor_empty(dtype, 2, sizes, NULL, &narrow),
                   PT2_STATUS_OK);
  for (int64_t i = 0; i < n * k; ++i) {
    pt2__element_set_f64(dtype, (uint16_t*)narrow->data + i,
                         random_value(dtype));
  }
  assert_int_equal(pt2__tensor_to_contiguous(narrow, PT2_DTYPE_F32, &wide),
                   PT2_STATUS_OK);
  matrix_t a = make_matrix(PT2_DTYPE_F32, 1, m, k, ROWS);
  matrix_t bias = make_matrix(PT2_DTYPE_F32, 1, m, n, ROW_OF_ONES);
  float* results[] = {malloc(sizeof(float) * (size_t)(m * n)),
                      malloc(sizeof(float) * (size_t)(m * n))};
  pt2__gemm_t g = {.dtype = PT2_DTYPE_F32,
                   .batch = 1,
                   .m = m,
                   .n = n,
                   .k = k,
                   .alpha = 1,
                   .beta = 1,
                   .a = a.at,
                   .b = {wide->data, 0, 1, k},
                   .source = bias.at,
                   .c = results[0],
                   .c_rs = n,
                   .c_cs = 1};
  assert_int_equal(pt2__gemm(&g), PT2_STATUS_OK);
  struct pt2__gemm_panels_t* panels;
  assert_int_equal(pt2__gemm_panels_new(narrow, true, &panels), PT2_STATUS_OK);
  pt2__tensor_release(narrow);
  g.b = (pt2__gemm_operand_t){0};
  g.panels = panels;
  g.c = results[1];
  // They remember whose tiles they are for.
  pt2__gemm_variant_override(&pt2__gemm_portable);
  assert_int_equal(pt2__gemm(&g), PT2_STATUS_OK);
  for (int64_t i = 0; i < m * n; ++i) {
    assert_true(fabsf(results[0][i] - results[1][i]) <= 1e-6f * (float)(k + 1));
  }
  pt2__gemm_panels_release(panels);
  pt2__tensor_release(wide);
  free(a.block);
  free(bias.block);
  free(results[0]);
  free(results[1]);
}

static void test_narrow_panels(void** state) {
  (void)state;
  for (int v = 0; v < variant_count; ++v) {
    for (int64_t m = 1; m <= 14; ++m) {
      for (int i = 0; i < 2; ++i) {
        pt2__gemm_variant_override(variants[v]);
        check_narrow_panels(i == 0 ? PT2_DTYPE_F16 : PT2_DTYPE_BF16, m,
                            1 + random_bits() % 150, 1 + random_bits() % 400);
      }
    }
  }
  pt2__gemm_variant_override(NULL);
}

static void test_other_dtypes(void** state) {
  (void)state;
  static const int32_t dtypes[] = {PT2_DTYPE_I16, PT2_DTYPE_I32, PT2_DTYPE_I64,
                                   PT2_DTYPE_COMPLEX64, PT2_DTYPE_COMPLEX128};
  for (int i = 0; i < 5 * 12; ++i) {
    case_t t = {dtypes[i % 5],
                1 + i % 3,
                random_bits() % 20,
                random_bits() % 80,
                random_bits() % 6,
                (layout_t)(random_bits() % 4),
                (layout_t)(random_bits() % 4),
                (layout_t)(random_bits() % 3),
                (layout_t)(random_bits() % 5),
                2,
                3,
                false};
    run_case(&t);
  }
}

static void test_threads_agree(void** state) {
  (void)state;
  // The same bits with any number of threads.
  enum { M = 150, N = 210, K = 700 };
  static float a[M * K], b[K * N], one[M * N], other[M * N];
  for (int i = 0; i < M * K; ++i) {
    a[i] = (float)random_value(PT2_DTYPE_F32);
  }
  for (int i = 0; i < K * N; ++i) {
    b[i] = (float)random_value(PT2_DTYPE_F32);
  }
  pt2__gemm_t g = {.dtype = PT2_DTYPE_F32,
                   .batch = 1,
                   .m = M,
                   .n = N,
                   .k = K,
                   .alpha = 1,
                   .a = {a, 0, K, 1},
                   .b = {b, 0, N, 1},
                   .c = one,
                   .c_rs = N,
                   .c_cs = 1};
  int before = omp_get_max_threads();
  omp_set_num_threads(1);
  assert_int_equal(pt2__gemm(&g), PT2_STATUS_OK);
  g.c = other;
  for (int threads = 2; threads <= 5; ++threads) {
    omp_set_num_threads(threads);
    memset(other, 0xFF, sizeof(other));
    assert_int_equal(pt2__gemm(&g), PT2_STATUS_OK);
    assert_memory_equal(one, other, sizeof(one));
  }
  omp_set_num_threads(before);
}

static void test_threads_right(void** state) {
  (void)state;
  int before = omp_get_max_threads();
  for (int threads = 2; threads <= 7; ++threads) {
    omp_set_num_threads(threads);
    case_t t = {PT2_DTYPE_F32, 1,    70,   150, 200, ROWS,
                COLUMNS,       ROWS, ROWS, 1,   1,   threads % 2 == 0};
    run_everywhere(&t);
    t.m = 1;
    t.n = 2000;
    t.k = 800;
    run_everywhere(&t);
    t.b = ROWS;
    t.packed = false;
    run_everywhere(&t);
    t = (case_t){PT2_DTYPE_BF16, 9,    60,      50, 60, ROWS,
                 COLUMNS,        ROWS, LAYOUTS, 1,  0,  false};
    run_everywhere(&t);
  }
  omp_set_num_threads(before);
}

// Batches that threads share, or whose matrices they do; a B of each matrix, of
// all, and packed; wider than what is packed together.
static void test_batches(void** state) {
  (void)state;
  static const int64_t sizes[][4] = {
      {7, 14, 70, 90}, {2, 33, 130, 200}, {5, 40, 30, 61}, {3, 13, 460, 2049}};
  int before = omp_get_max_threads();
  for (int i = 0; i < 4 * 3 * 3; ++i) {
    const int64_t* size = sizes[i / 9];
    omp_set_num_threads(1 + i / 3 % 3 * 2);
    case_t t = {.dtype = PT2_DTYPE_BF16,
                .batch = size[0],
                .m = size[1],
                .n = size[2],
                .k = size[3],
                .a = (layout_t)(random_bits() % 3),
                .b = (layout_t)(random_bits() % 3),
                .c = (layout_t)(random_bits() % 3),
                .source = (layout_t)(random_bits() % (LAYOUTS + 1)),
                .alpha = i % 2 == 0 ? 1 : 0.5,
                .beta = 2,
                .packed = i % 3 == 0   ? EACH_B
                          : i % 3 == 1 ? PACKED_B
                                       : ONE_B};
    run_case(&t);
  }
  omp_set_num_threads(before);
}

// A source that must not be read, and a C that is not initialised.
static void test_nan(void** state) {
  (void)state;
  float a[6] = {1, 2, 3, 4, 5, 6};
  float c[4] = {NAN, NAN, NAN, NAN};
  pt2__gemm_t g = {.dtype = PT2_DTYPE_F32,
                   .batch = 1,
                   .m = 2,
                   .n = 2,
                   .k = 3,
                   .alpha = 1,
                   .beta = 0,
                   .a = {a, 0, 3, 1},
                   .b = {a, 0, 2, 1},
                   .c = c,
                   .c_rs = 2,
                   .c_cs = 1};
  assert_int_equal(pt2__gemm(&g), PT2_STATUS_OK);
  assert_true(c[0] == 22 && c[1] == 28 && c[2] == 49 && c[3] == 64);
  // K of nothing.
  g.k = 0;
  assert_int_equal(pt2__gemm(&g), PT2_STATUS_OK);
  assert_true(c[0] == 0 && c[1] == 0 && c[2] == 0 && c[3] == 0);
}

static void add_position(void* context, void* values, int64_t count,
                         int64_t batch, int64_t row, int64_t column) {
  (void)context;
  float* at = values;
  for (int64_t i = 0; i < count; ++i) {
    at[i] += (float)(10000 * batch + 100 * row + column + i);
  }
}

static void test_finish(void** state) {
  (void)state;
  enum { M = 37, N = 41, K = 400, B = 2 };
  static float a[B * M * K], c[B * M * N];
  static const float b[K * N];
  for (int d = 0; d < 2; ++d) {
    pt2__gemm_t g = {.dtype = PT2_DTYPE_F32,
                     .batch = B,
                     .m = M,
                     .n = N,
                     .k = K,
                     .alpha = 1,
                     .a = {a, M * K, K, 1},
                     .b = {b, 0, N, 1},
                     .c = c,
                     .c_bs = M * N,
                     .c_rs = d == 0 ? N : 1,
                     .c_cs = d == 0 ? 1 : M,
                     .finish = add_position};
    assert_int_equal(pt2__gemm(&g), PT2_STATUS_OK);
    for (int64_t i = 0; i < B * M * N; ++i) {
      int64_t row = i / N % M;
      int64_t column = i % N;
      int64_t at = i / (M * N) * M * N + row * g.c_rs + column * g.c_cs;
      assert_true(c[at] == (float)(10000 * (i / (M * N)) + 100 * row + column));
    }
  }
}

// Whichever allocation fails, C is as it was.
static void check_out_of_memory(int32_t dtype, int64_t batch) {
  enum { M = 40, N = 40, K = 1000, B = 3 };
  static float a[B * M * K], b[B * K * N], c[B * M * N], kept[B * M * N];
  memset(c, 0x5a, sizeof(c));
  memcpy(kept, c, sizeof(c));
  pt2__gemm_t g = {.dtype = dtype,
                   .batch = batch,
                   .m = M,
                   .n = N,
                   .k = K,
                   .alpha = 1,
                   .a = {a, M * K, K, 1},
                   .b = {b, K * N, 1, K},
                   .c = c,
                   .c_bs = M * N,
                   .c_rs = N,
                   .c_cs = 1};
  pt2_status_t status = PT2_STATUS_OUT_OF_MEMORY;
  uint64_t at = 0;
  while (status != PT2_STATUS_OK) {
    pt2__error_begin();
    pt2__fault_set(++at, false);
    status = pt2__gemm(&g);
    pt2__fault_set(0, false);
    if (status != PT2_STATUS_OK) {
      assert_int_equal(status, PT2_STATUS_OUT_OF_MEMORY);
      assert_true(pt2__error_pending());
      assert_memory_equal(c, kept, sizeof(c));
    }
  }
  assert_true(at > 1);
  assert_memory_not_equal(c, kept, 8);
  pt2__error_begin();
}

static void test_out_of_memory(void** state) {
  (void)state;
  int before = omp_get_max_threads();
  static const int32_t dtypes[] = {PT2_DTYPE_F32, PT2_DTYPE_BF16,
                                   PT2_DTYPE_F16};
  for (int i = 0; i < 3 * 3; ++i) {
    omp_set_num_threads(1 + i / 3);
    check_out_of_memory(dtypes[i % 3], 1);
    check_out_of_memory(dtypes[i % 3], 3);
  }
  omp_set_num_threads(before);
}

int main(void) {
  find_variants();
  seed = 12345;
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_small_sizes),
      cmocka_unit_test(test_layouts),
      cmocka_unit_test(test_every_row_count),
      cmocka_unit_test(test_blocks),
      cmocka_unit_test(test_narrow_panels),
      cmocka_unit_test(test_other_dtypes),
      cmocka_unit_test(test_threads_agree),
      cmocka_unit_test(test_threads_right),
      cmocka_unit_test(test_batches),
      cmocka_unit_test(test_nan),
      cmocka_unit_test(test_finish),
      cmocka_unit_test(test_out_of_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
