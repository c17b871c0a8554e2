// SPDX-License-Identifier: Apache-2.0
//
// Fourier transforms and linear algebra where memory is short, the cache of
// plans, and threads. Values are compared with torch's in tests/ops.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "backends/cpu/kernels/fft/fft.h"
#include "backends/cpu/kernels/fft/spectral.h"
#include "backends/cpu/kernels/linalg/lapack.h"
#include "ops/op.h"
#include "pt2/op.h"
#include "pt2/pt2.h"
#include "shim/op_registry.h"

static pt2_tensor_t* make(int32_t dtype, int64_t rank, const int64_t* sizes) {
  pt2_tensor_t* tensor = NULL;
  assert_int_equal(pt2__tensor_empty(dtype, rank, sizes, NULL, &tensor), 0);
  for (int64_t i = 0; i < tensor->numel; ++i) {
    // A diagonal that is far from singular, for square matrices.
    int64_t n = sizes[rank - 1];
    double parts[2] = {(double)(i * 7 % 11 - 5) / 8,
                       (double)(i * 5 % 7 - 3) / 8};
    if (i / n % n == i % n) {
      parts[0] = 4 + (double)n / 2;
      parts[1] = 0;
    }
    pt2__element_set_complex(
        dtype, (char*)tensor->data + (size_t)i * pt2_dtype_size_bytes(dtype),
        parts);
  }
  return tensor;
}

// A call that makes up to four results; |values| are by-name arguments.
typedef pt2_status_t (*call_fn)(const pt2_tensor_t* input,
                                pt2_tensor_t** results);

// Every allocation fails once: an error, no result, nothing kept.
static void check_faults(call_fn call, const pt2_tensor_t* input, int least) {
  int failures = 0;
  for (uint64_t nth = 1;; ++nth) {
    size_t before = 0, after = 0, kept = 0;
    pt2_tensor_t* results[4] = {NULL, NULL, NULL, NULL};
    pt2__pool_statistics(&before, &kept);
    pt2__error_begin();
    pt2__fault_set(nth, false);
    pt2_status_t status = call(input, results);
    pt2__fault_set(0, false);
    if (status == PT2_STATUS_OK) {
      for (int i = 0; i < 4; ++i) {
        pt2__tensor_release(results[i]);
      }
      break;
    }
    ++failures;
    assert_int_equal(status, PT2_STATUS_OUT_OF_MEMORY);
    for (int i = 0; i < 4; ++i) {
      assert_null(results[i]);
    }
    pt2__pool_statistics(&after, &kept);
    assert_int_equal(after, before);
  }
  assert_true(failures >= least);
}

static const int64_t all_dims[2] = {0, 1};

static pt2_status_t c2c(const pt2_tensor_t* input, pt2_tensor_t** results) {
  return pt2__spectral_c2c(input, all_dims, input->rank, 0, true, results);
}

static pt2_status_t r2c(const pt2_tensor_t* input, pt2_tensor_t** results) {
  return pt2__spectral_r2c(input, all_dims, input->rank, 0, false, results);
}

static pt2_status_t c2r(const pt2_tensor_t* input, pt2_tensor_t** results) {
  int64_t n = 2 * input->sizes[input->rank - 1] - 1;
  return pt2__spectral_c2r(input, all_dims, input->rank, 0, n, results);
}

static void test_transforms_without_memory(void** state) {
  (void)state;
  // Side by side, in four steps, by convolution (alone and side by side).
  static const struct {
    int64_t rank, sizes[2];
  } shapes[] = {
      {1, {1000}}, {1, {8209}}, {2, {9, 67}}, {2, {40, 3}}, {1, {211}}};
  for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); ++i) {
    static const int32_t complexes[] = {PT2_DTYPE_COMPLEX64,
                                        PT2_DTYPE_COMPLEX128};
    static const int32_t reals[] = {PT2_DTYPE_F32, PT2_DTYPE_F64};
    for (int d = 0; d < 2; ++d) {
      pt2_tensor_t* x = make(complexes[d], shapes[i].rank, shapes[i].sizes);
      check_faults(c2c, x, 2);
      check_faults(c2r, x, 2);
      pt2__tensor_release(x);
      x = make(reals[d], shapes[i].rank, shapes[i].sizes);
      check_faults(r2c, x, 2);
      pt2__tensor_release(x);
    }
  }
}

// More lengths than the cache holds, twice; plans that are in use stay alive.
static void test_cache_of_plans(void** state) {
  (void)state;
  const pt2__fft_plan_t* held;
  assert_int_equal(pt2__fft_plan_get(6, PT2_DTYPE_F64, 0, &held), 0);
  for (int turn = 0; turn < 2; ++turn) {
    for (int64_t n = 1; n < 80; ++n) {
      const pt2__fft_plan_t *plan, *again;
      assert_int_equal(pt2__fft_plan_get(n, PT2_DTYPE_F64, 0, &plan), 0);
      assert_int_equal(plan->n, n);
      assert_int_equal(pt2__fft_plan_get(n, PT2_DTYPE_F64, 0, &again), 0);
      assert_ptr_equal(plan, again);
      pt2__fft_plan_release(plan);
      pt2__fft_plan_release(again);
    }
  }
  assert_int_equal(held->n, 6);
  pt2__fft_plan_release(held);
  // Too large to keep.
  const pt2__fft_plan_t* large;
  assert_int_equal(pt2__fft_plan_get((int64_t)1 << 20, PT2_DTYPE_F64,
                                     PT2__FFT_MATRIX, &large),
                   0);
  assert_true(large->bytes > (size_t)16 << 20);
  pt2__fft_plan_release(large);
}

// The same bits for one thread and for several.
static void test_threads_change_nothing(void** state) {
  (void)state;
  static const struct {
    int64_t rank, sizes[2];
  } shapes[] = {{1, {65536}}, {2, {100, 1000}}, {1, {100003}}, {2, {3, 50000}}};
  for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); ++i) {
    pt2_tensor_t* x =
        make(PT2_DTYPE_COMPLEX64, shapes[i].rank, shapes[i].sizes);
    pt2_tensor_t *one = NULL, *many = NULL;
    assert_int_equal(pt2_set_num_threads(1), 0);
    assert_int_equal(c2c(x, &one), 0);
    assert_int_equal(pt2_set_num_threads(3), 0);
    assert_int_equal(c2c(x, &many), 0);
    assert_memory_equal(one->data, many->data, 8 * (size_t)one->numel);
    pt2__tensor_release(one);
    pt2__tensor_release(many);
    pt2__tensor_release(x);
  }
}

static const char* by_name;
static const pt2_value_t* by_name_rest;
static size_t by_name_count, by_name_results;

static pt2_status_t call_by_name(const pt2_tensor_t* input,
                                 pt2_tensor_t** results) {
  pt2_value_t values[8] = {
      {.kind = PT2_VALUE_TENSOR, .as.tensor = (pt2_tensor_t*)(uintptr_t)input}};
  memcpy(values + 1, by_name_rest, sizeof(*values) * by_name_count);
  pt2_op_fn function = NULL;
  void* user = NULL;
  assert_true(pt2__op_lookup(by_name, &function, &user));
  return function(user, values, 1 + by_name_count, results, by_name_results);
}

static void check_by_name(const char* name, const pt2_tensor_t* input,
                          const pt2_value_t* rest, size_t count,
                          size_t results) {
  by_name = name;
  by_name_rest = rest;
  by_name_count = count;
  by_name_results = results;
  check_faults(call_by_name, input, 2);
}

static void check_algebra(int32_t dtype, int64_t n) {
  const int64_t sizes[2] = {n, n};
  pt2_tensor_t* a = make(dtype, 2, sizes);
  pt2_tensor_t* b = make(dtype, 2, sizes);
  const pt2_value_t none[4] = {{.kind = PT2_VALUE_BOOL}};
  const pt2_value_t side[2] = {{.kind = PT2_VALUE_TENSOR, .as.tensor = b},
                               {.kind = PT2_VALUE_BOOL}};
  check_by_name("aten::linalg_solve_triangular", a, side, 2, 1);
  check_by_name("aten::_linalg_solve_ex", a, side, 2, 4);
  check_by_name("aten::linalg_inv_ex", a, none, 0, 2);
  check_by_name("aten::linalg_lu_factor_ex", a, none, 0, 3);
  check_by_name("aten::_linalg_det", a, none, 0, 3);
  check_by_name("aten::_linalg_slogdet", a, none, 0, 4);
  check_by_name("aten::linalg_cholesky_ex", a, none, 0, 2);
  check_by_name("aten::linalg_qr", a, none, 0, 2);
  if (pt2__lapack_missing() == NULL) {
    check_by_name("aten::_linalg_eigh", a, none, 0, 2);
    check_by_name("aten::_linalg_svd", a, none, 0, 3);
  }
  pt2__tensor_release(a);
  pt2__tensor_release(b);
}

static pt2_status_t c_status(AOTITorchError code) {
  return code == 0 ? PT2_STATUS_OK : pt2_error_status();
}

static pt2_status_t triangular(const pt2_tensor_t* input,
                               pt2_tensor_t** results) {
  pt2_tensor_t* a = (pt2_tensor_t*)(uintptr_t)input;
  return c_status(
      aoti_torch_cpu_triangular_solve(a, a, 1, 0, 0, &results[0], &results[1]));
}

static pt2_status_t cholesky_solve(const pt2_tensor_t* input,
                                   pt2_tensor_t** results) {
  pt2_tensor_t* a = (pt2_tensor_t*)(uintptr_t)input;
  return c_status(aoti_torch_cpu_cholesky_solve(a, a, 1, results));
}

static pt2_status_t cholesky_inverse(const pt2_tensor_t* input,
                                     pt2_tensor_t** results) {
  pt2_tensor_t* a = (pt2_tensor_t*)(uintptr_t)input;
  return c_status(aoti_torch_cpu_cholesky_inverse(a, 1, results));
}

static pt2_status_t geqrf(const pt2_tensor_t* input, pt2_tensor_t** results) {
  pt2_tensor_t* a = (pt2_tensor_t*)(uintptr_t)input;
  return c_status(aoti_torch_cpu_geqrf(a, &results[0], &results[1]));
}

static void test_algebra_without_memory(void** state) {
  (void)state;
  static const int32_t dtypes[] = {PT2_DTYPE_F32, PT2_DTYPE_F64,
                                   PT2_DTYPE_COMPLEX64, PT2_DTYPE_COMPLEX128};
  for (int i = 0; i < 4; ++i) {
    check_algebra(dtypes[i], 5);
    check_algebra(dtypes[i], 70);
    const int64_t sizes[2] = {70, 70};
    pt2_tensor_t* a = make(dtypes[i], 2, sizes);
    check_faults(triangular, a, 2);
    check_faults(cholesky_solve, a, 2);
    check_faults(cholesky_inverse, a, 2);
    check_faults(geqrf, a, 2);
    pt2__tensor_release(a);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_transforms_without_memory),
      cmocka_unit_test(test_cache_of_plans),
      cmocka_unit_test(test_threads_change_nothing),
      cmocka_unit_test(test_algebra_without_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
