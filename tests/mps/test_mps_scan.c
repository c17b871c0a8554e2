// SPDX-License-Identifier: Apache-2.0
//
// cumsum, cumprod, logcumsumexp, cummax and cummin of mps against the host's:
//
//   test_mps_scan PLUGIN
#include "mps/operators.h"

typedef enum { SUM, PRODUCT, LOG_SUM_EXP } kind_t;
static const char* const names[] = {"cumsum", "cumprod", "logcumsumexp"};

static double number(pt2_dtype_t dtype) {
  return is_float(dtype) ? (double)random_below(2001) / 1000.0 - 1.0
                         : (double)random_below(256) - 100;
}

// Products that neither vanish nor grow beyond a half.
static double factor(pt2_dtype_t dtype) {
  double sign = random_below(3) == 0 ? -1 : 1;
  return is_float(dtype) ? sign * (0.98 + (double)random_below(41) / 1000.0)
                         : sign * (double)(1 + random_below(4));
}

static AOTITorchError call(bool on_device, kind_t kind, AtenTensorHandle self,
                           int64_t dim, int32_t* dtype,
                           AtenTensorHandle* result) {
  switch (kind) {
    case SUM:
      return (on_device ? SHIM(cumsum) : HOST(cumsum))(self, dim, dtype,
                                                       result);
    case PRODUCT:
      return (on_device ? SHIM(cumprod) : HOST(cumprod))(self, dim, dtype,
                                                         result);
    default:
      return (on_device ? SHIM(logcumsumexp) : HOST(logcumsumexp))(self, dim,
                                                                   result);
  }
}

// How far two ways of adding |count| numbers in float may be apart, with
// |magnitude| the sum of their magnitudes: an addition rounds by 2^-24 of what
// it gives. A thread adds at most 100 in a row; or 4, then 8 times 2 sums, then
// one for each 1024 before. The host adds in double, or in float in a row.
static double float_error(bool host_in_float, int64_t count, double magnitude) {
  double depth = fmin((double)count, 100) + (double)count / 1024;
  return ldexp(magnitude, -24) *
         (depth + (host_in_float ? (double)count : 0) + 1);
}

// Element |at|, |step| behind the one before it, the |count|th of its row.
typedef struct {
  kind_t kind;
  const pt2_tensor_t* wanted;
  const pt2_tensor_t* got;
} check_t;

static void check_element(const check_t* check, int64_t at, int64_t count,
                          double magnitude) {
  double a = element(check->got, at), b = element(check->wanted, at);
  pt2_dtype_t dtype = pt2_tensor_dtype(check->wanted);
  if (a == b || (isnan(a) && isnan(b))) {
    return;
  }
  double error = 0;
  if (is_float(dtype)) {
    error = float_error(dtype != PT2_DTYPE_F32, count,
                        check->kind == SUM       ? magnitude
                        : check->kind == PRODUCT ? fabs(b)
                                                 : 4 * (1 + fabs(b)));
    // Both are rounded, maybe to neighbours.
    error += fabs(b) * (dtype == PT2_DTYPE_F16    ? 0x1p-10
                        : dtype == PT2_DTYPE_BF16 ? 0x1p-7
                                                  : 0x1p-23);
  }
  if (!(fabs(a - b) <= error)) {
    fail_msg("%s: element %lld of a row is %.9g, expected %.9g within %.3g",
             names[check->kind], (long long)count, a, b, error);
  }
}

static void check_scan(kind_t kind, const pt2_tensor_t* self, int64_t dim,
                       const pt2_tensor_t* wanted, const pt2_tensor_t* got) {
  assert_alike(names[kind], got, wanted);
  check_t check = {kind, wanted, got};
  int64_t inner = 1;
  int64_t rank = (int64_t)pt2_tensor_rank(wanted);
  int64_t length = rank > 0 ? pt2_tensor_peek_sizes(wanted)[dim] : 1;
  for (int64_t d = dim + 1; d < rank; ++d) {
    inner *= pt2_tensor_peek_sizes(wanted)[d];
  }
  for (int64_t row = 0; row < pt2_tensor_numel(wanted) / length; ++row) {
    double magnitude = 0;
    for (int64_t i = 0; i < length; ++i) {
      int64_t at = (row / inner * length + i) * inner + row % inner;
      magnitude += fabs(element(self, place_of(self, at)));
      check_element(&check, place_of(wanted, at), i + 1, magnitude);
    }
  }
}

static void compare(kind_t kind, const layout_t* layout, int64_t dim,
                    const int32_t* dtype, double (*next)(pt2_dtype_t)) {
  pair_t self = make_numbers(layout, next);
  AtenTensorHandle wanted = NULL, got = NULL;
  int32_t copy = dtype != NULL ? *dtype : 0;
  OK(call(false, kind, self.host, dim, dtype != NULL ? &copy : NULL, &wanted));
  moment_t before = now();
  OK(call(true, kind, self.device, dim, dtype != NULL ? &copy : NULL, &got));
  assert_int_equal(kernels_since(&before), numel_of(layout) > 0 ? 1 : 0);
  assert_int_equal(waits_since(&before), 0);
  if (numel_of(layout) > 0) {
    int64_t rank = layout->rank > 0 ? layout->rank : 1;
    check_scan(kind, self.host, dim < 0 ? dim + rank : dim, wanted, got);
  } else {
    assert_alike(names[kind], got, wanted);
  }
  pt2_tensor_release(wanted);
  pt2_tensor_release(got);
  release_pair(&self);
}

// Values and places to the last bit.
static void compare_extremes(const layout_t* layout, int64_t dim,
                             double (*next)(pt2_dtype_t)) {
  pair_t self = make_numbers(layout, next);
  for (int kind = 0; kind < 2; ++kind) {
    AtenTensorHandle wanted[2] = {NULL, NULL}, got[2] = {NULL, NULL};
    OK((kind == 0 ? HOST(cummax) : HOST(cummin))(self.host, dim, &wanted[0],
                                                 &wanted[1]));
    moment_t before = now();
    OK((kind == 0 ? SHIM(cummax) : SHIM(cummin))(self.device, dim, &got[0],
                                                 &got[1]));
    assert_int_equal(kernels_since(&before), numel_of(layout) > 0 ? 1 : 0);
    assert_int_equal(waits_since(&before), 0);
    for (int i = 0; i < 2; ++i) {
      assert_same(i == 0 ? "extremes" : "their places", got[i], wanted[i]);
      pt2_tensor_release(got[i]);
      pt2_tensor_release(wanted[i]);
    }
  }
  release_pair(&self);
}

static void compare_kinds(layout_t* layout) {
  int64_t range = layout->rank > 0 ? layout->rank : 1;
  for (size_t i = 0; i < DTYPE_COUNT; ++i) {
    layout->dtype = dtypes[i];
    lay_out(layout);
    int64_t dim = (int64_t)random_below(2 * (uint64_t)range) - range;
    compare(SUM, layout, dim, NULL, number);
    compare(PRODUCT, layout, dim, NULL, factor);
    compare_extremes(layout, dim, number);
    if (is_float(dtypes[i])) {
      compare(LOG_SUM_EXP, layout, dim, NULL, number);
    }
  }
}

static void test_many_shapes(void** state) {
  (void)state;
  static const layout_t shapes[] = {
      {.rank = 0},
      {.rank = 1, .sizes = {1}},
      {.rank = 1, .sizes = {31}},
      {.rank = 2, .sizes = {3, 0}},
      {.rank = 2, .sizes = {5, 33}},
      {.rank = 3, .sizes = {2, 40, 3}},
      {.rank = 4, .sizes = {2, 1, 35, 3}},
      {.rank = 2, .sizes = {34, 260}},
      {.rank = 6, .sizes = {2, 3, 2, 2, 3, 2}},
  };
  for (uint64_t seed = 1; seed <= 2; ++seed) {
    start_with(seed);
    for (size_t i = 0; i < sizeof(shapes) / sizeof(*shapes); ++i) {
      layout_t layout = shapes[i];
      compare_kinds(&layout);
    }
  }
}

// Around what a threadgroup takes at once: 1024 elements.
static void test_long_rows(void** state) {
  (void)state;
  static const int64_t lengths[] = {1023, 1024, 1025, 2100};
  static const pt2_dtype_t some[] = {PT2_DTYPE_F32, PT2_DTYPE_BF16,
                                     PT2_DTYPE_I64, PT2_DTYPE_U8};
  for (size_t i = 0; i < 4; ++i) {
    start_with(10 + i);
    layout_t layout = {
        .dtype = some[i], .rank = 2, .sizes = {1 + (int64_t)i % 2, lengths[i]}};
    lay_out(&layout);
    compare(SUM, &layout, 1, NULL, number);
    compare(PRODUCT, &layout, 1, NULL, factor);
    compare_extremes(&layout, 1, number);
  }
}

// The dtype argument: elements are converted first.
static void test_dtypes(void** state) {
  (void)state;
  static const pt2_dtype_t pairs[][2] = {
      {PT2_DTYPE_I64, PT2_DTYPE_I32},  {PT2_DTYPE_I32, PT2_DTYPE_I8},
      {PT2_DTYPE_BOOL, PT2_DTYPE_I16}, {PT2_DTYPE_U8, PT2_DTYPE_F32},
      {PT2_DTYPE_F32, PT2_DTYPE_F16},  {PT2_DTYPE_BF16, PT2_DTYPE_F32},
      {PT2_DTYPE_I8, PT2_DTYPE_U8},    {PT2_DTYPE_I64, PT2_DTYPE_BF16}};
  start_with(4);
  for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); ++i) {
    layout_t layout = {.dtype = pairs[i][0], .rank = 2, .sizes = {3, 50}};
    lay_out(&layout);
    compare(SUM, &layout, -1, &pairs[i][1], number);
    compare(PRODUCT, &layout, 0, &pairs[i][1], factor);
  }
}

static double special(pt2_dtype_t dtype) {
  (void)dtype;
  static const double values[] = {INFINITY, -INFINITY, NAN, 0.0, -0.0};
  uint64_t which = random_below(60);
  return which < 5 ? values[which] : (double)random_below(9) - 4;
}

static void test_special_values(void** state) {
  (void)state;
  for (uint64_t seed = 1; seed <= 6; ++seed) {
    start_with(seed);
    layout_t layout = {.dtype = PT2_DTYPE_F32, .rank = 2, .sizes = {40, 70}};
    lay_out(&layout);
    for (int kind = SUM; kind <= LOG_SUM_EXP; ++kind) {
      compare((kind_t)kind, &layout, (int64_t)(seed % 2), NULL, special);
    }
    compare_extremes(&layout, (int64_t)(seed % 2), special);
  }
}

// What the kernels do not do, the host does; what nobody does is named.
static void test_elsewhere(void** state) {
  (void)state;
  start_with(1);
  layout_t layout = {.dtype = PT2_DTYPE_F32, .rank = 1, .sizes = {4}};
  lay_out(&layout);
  pair_t self = make_numbers(&layout, number);
  AtenTensorHandle got = NULL, wanted = NULL;
  int32_t dtype = PT2_DTYPE_I32;
  moment_t before = now();
  OK(SHIM(cumsum)(self.device, 0, &dtype, &got));
  OK(HOST(cumsum)(self.host, 0, &dtype, &wanted));
  assert_int_equal(kernels_since(&before), 0);
  assert_same("cumsum", got, wanted);
  pt2_tensor_release(got);
  pt2_tensor_release(wanted);
  got = wanted = NULL;
  REFUSED(SHIM(cumsum)(self.device, 1, NULL, &got), PT2_STATUS_INVALID_ARGUMENT,
          "aten::cumsum");
  REFUSED(SHIM(cummax)(self.device, 1, &got, &wanted),
          PT2_STATUS_INVALID_ARGUMENT, "aten::cummax");
  REFUSED(SHIM(cumprod)(NULL, 0, NULL, &got), PT2_STATUS_INVALID_ARGUMENT,
          "self is a NULL handle");
  REFUSED(SHIM(logcumsumexp)(self.device, -2, &got),
          PT2_STATUS_INVALID_ARGUMENT, "Dimension out of range");
  REFUSED(SHIM(cumprod)(self.device, 0, NULL, NULL),
          PT2_STATUS_INVALID_ARGUMENT,
          "aten::cumprod: the pointer to a result is NULL");
  REFUSED(SHIM(cummin)(self.device, 0, &got, NULL), PT2_STATUS_INVALID_ARGUMENT,
          "aten::cummin: the pointer to a result is NULL");
  assert_int_equal(take_failure(), PT2_STATUS_INVALID_ARGUMENT);
  dtype = PT2_DTYPE_BOOL;
  REFUSED(SHIM(cumsum)(self.device, 0, &dtype, &got),
          PT2_STATUS_INVALID_ARGUMENT, "'Bool'");
  assert_null(got);
  release_pair(&self);
}

static void test_failures(void** state) {
  (void)state;
  start_with(1);
  control->set_kept_most(0);  // all memory is asked for
  layout_t layout = {.dtype = PT2_DTYPE_F32, .rank = 1, .sizes = {4}};
  lay_out(&layout);
  pair_t self = make_numbers(&layout, number);
  AtenTensorHandle got = NULL;
  control->close();  // compile anew
  control->set_fault(SOFTMETAL_FAIL_BUFFER, -1);
  REFUSED(SHIM(cumsum)(self.device, 0, NULL, &got), PT2_STATUS_OUT_OF_MEMORY,
          "bytes wanted");
  assert_int_equal(take_failure(), PT2_STATUS_OUT_OF_MEMORY);
  AtenTensorHandle places = NULL;
  control->set_fault(SOFTMETAL_FAIL_BUFFER, -2);
  REFUSED(SHIM(cummin)(self.device, 0, &got, &places), PT2_STATUS_OUT_OF_MEMORY,
          "bytes wanted");
  assert_int_equal(take_failure(), PT2_STATUS_OUT_OF_MEMORY);
  control->set_fault(SOFTMETAL_FAIL_BUFFER, 0);
  control->set_kept_most(SIZE_MAX);
  control->set_fault(SOFTMETAL_FAIL_LIBRARY, 1);
  REFUSED(SHIM(cumsum)(self.device, 0, NULL, &got), PT2_STATUS_MODEL_ERROR,
          "kernel scan_columns of float32 does not compile");
  assert_int_equal(take_failure(), PT2_STATUS_MODEL_ERROR);
  control->set_fault(SOFTMETAL_FAIL_COMMANDS, 1);
  REFUSED(SHIM(cumsum)(self.device, 0, NULL, &got), PT2_STATUS_INTERNAL,
          "encoder");
  assert_int_equal(take_failure(), PT2_STATUS_INTERNAL);
  assert_null(got);
  // Nothing remains of that.
  OK(SHIM(cumsum)(self.device, 0, NULL, &got));
  pt2_tensor_release(got);
  assert_int_equal(take_failure(), PT2_STATUS_OK);
  release_pair(&self);
}

int main(int argc, char** argv) {
  if (!begin(argc, argv, 1)) {
    return 2;
  }
  const struct CMUnitTest tests[] = {
      TEST(test_many_shapes),    TEST(test_long_rows), TEST(test_dtypes),
      TEST(test_special_values), TEST(test_elsewhere), TEST(test_failures),
  };
  return cmocka_run_group_tests_name("mps scan", tests, NULL, NULL);
}
