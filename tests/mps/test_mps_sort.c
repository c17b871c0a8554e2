// SPDX-License-Identifier: Apache-2.0
//
// sort, sort.stable and topk of mps against the host's, to the last bit:
//
//   test_mps_sort PLUGIN
#include "mps/operators.h"

// Many are equal; zeros of both signs, infinities, NaN.
static double number(pt2_dtype_t dtype) {
  static const double values[] = {INFINITY, -INFINITY, NAN, 0.0, -0.0};
  uint64_t which = random_below(40);
  if (is_float(dtype) && which < 5) {
    return values[which];
  }
  return is_float(dtype) ? (double)random_below(200) / 4 - 20
                         : (double)random_below(256) - 128;
}

// Beyond what 32 bits hold.
static double large(pt2_dtype_t dtype) {
  (void)dtype;
  return ((double)random_below(2000) - 1000) * 0x1p40;
}

typedef enum { SORT, STABLE, TOPK } kind_t;

static AOTITorchError call(bool on_device, kind_t kind, AtenTensorHandle self,
                           int64_t dim, int64_t k, bool descending,
                           AtenTensorHandle out[2]) {
  int32_t yes = 1;
  switch (kind) {
    case SORT:
      return (on_device ? SHIM(sort) : HOST(sort))(self, dim, descending,
                                                   &out[0], &out[1]);
    case STABLE:
      return (on_device ? SHIM(sort_stable) : HOST(sort_stable))(
          self, &yes, dim, descending, &out[0], &out[1]);
    default:
      return (on_device ? SHIM(topk) : HOST(topk))(self, k, dim, descending, 1,
                                                   &out[0], &out[1]);
  }
}

// The first of what the host sorts: its topk leaves open in which order equal
// elements come.
static void check_topk(const pair_t* self, int64_t dim, bool descending,
                       AtenTensorHandle wanted[2], AtenTensorHandle got[2]) {
  AtenTensorHandle all[2] = {NULL, NULL};
  OK(call(false, STABLE, self->host, dim, 0, descending, all));
  for (int i = 0; i < 2; ++i) {
    const char* what = i == 0 ? "values of topk" : "indices of topk";
    assert_alike(what, got[i], wanted[i]);
    AtenTensorHandle first = view_of(all[i], (int64_t)pt2_tensor_rank(got[i]),
                                     pt2_tensor_peek_sizes(got[i]),
                                     pt2_tensor_peek_strides(all[i]), 0);
    assert_elements(what, got[i], first);
    pt2_tensor_release(first);
    pt2_tensor_release(all[i]);
  }
}

// Blocks have 1024 elements; runs are merged two by two.
static int wanted_kernels(const layout_t* layout, int64_t dim, int64_t k) {
  int64_t length = layout->rank > 0 ? layout->sizes[dim] : 1;
  if (numel_of(layout) == 0 || k == 0) {
    return 0;
  }
  int kernels = 1;
  if (length > 1024) {
    ++kernels;
    for (int64_t runs = (length + 1023) / 1024; runs > 1; runs = (runs + 1) / 2)
      ++kernels;
  }
  return kernels;
}

static void compare(kind_t kind, const layout_t* layout, int64_t dim, int64_t k,
                    bool descending, double (*next)(pt2_dtype_t)) {
  pair_t self = make_numbers(layout, next);
  AtenTensorHandle wanted[2] = {NULL, NULL}, got[2] = {NULL, NULL};
  int64_t range = layout->rank > 0 ? layout->rank : 1;
  OK(call(false, kind, self.host, dim, k, descending, wanted));
  moment_t before = now();
  OK(call(true, kind, self.device, dim, k, descending, got));
  assert_int_equal(kernels_since(&before),
                   wanted_kernels(layout, dim < 0 ? dim + range : dim,
                                  kind == TOPK && layout->rank > 0 ? k : 1));
  assert_int_equal(waits_since(&before), 0);
  if (kind == TOPK) {
    check_topk(&self, dim, descending, wanted, got);
  } else {
    assert_same("values", got[0], wanted[0]);
    assert_same("indices", got[1], wanted[1]);
  }
  for (int i = 0; i < 2; ++i) {
    pt2_tensor_release(wanted[i]);
    pt2_tensor_release(got[i]);
  }
  release_pair(&self);
}

static void compare_kinds(layout_t* layout) {
  int64_t range = layout->rank > 0 ? layout->rank : 1;
  for (size_t i = 0; i < DTYPE_COUNT; ++i) {
    layout->dtype = dtypes[i];
    lay_out(layout);
    int64_t dim = (int64_t)random_below(2 * (uint64_t)range) - range;
    int64_t length =
        layout->rank > 0 ? layout->sizes[dim < 0 ? dim + range : dim] : 1;
    int64_t k = (int64_t)random_below((uint64_t)length + 1);
    bool descending = random_below(2) == 0;
    compare(random_below(2) == 0 ? SORT : STABLE, layout, dim, 0, descending,
            number);
    if (dtypes[i] != PT2_DTYPE_BOOL) {
      compare(TOPK, layout, dim, k, descending, number);
    }
  }
}

static void test_many_shapes(void** state) {
  (void)state;
  static const layout_t shapes[] = {
      {.rank = 0},
      {.rank = 1, .sizes = {1}},
      {.rank = 1, .sizes = {33}},
      {.rank = 2, .sizes = {3, 0}},
      {.rank = 2, .sizes = {4, 65}},
      {.rank = 3, .sizes = {2, 20, 7}},
      {.rank = 4, .sizes = {2, 1, 17, 3}},
      {.rank = 6, .sizes = {2, 3, 2, 1, 3, 2}},
  };
  for (uint64_t seed = 1; seed <= 2; ++seed) {
    start_with(seed);
    for (size_t i = 0; i < sizeof(shapes) / sizeof(*shapes); ++i) {
      layout_t layout = shapes[i];
      compare_kinds(&layout);
    }
  }
}

// Around what one threadgroup sorts, and several runs with a short last one.
static void test_long_rows(void** state) {
  (void)state;
  static const int64_t lengths[] = {1024, 1025, 2500, 3073};
  static const pt2_dtype_t some[] = {PT2_DTYPE_F32, PT2_DTYPE_I64,
                                     PT2_DTYPE_U8};
  start_with(7);
  for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); ++i) {
    layout_t layout = {
        .dtype = some[i % 3], .rank = 2, .sizes = {i < 2 ? 2 : 1, lengths[i]}};
    lay_out(&layout);
    compare(STABLE, &layout, 1, 0, i % 2 == 0, number);
    static const int64_t few[] = {1, 20, 900, 3070};
    compare(TOPK, &layout, 1, few[i], i % 2 == 1, number);
  }
}

static void test_large_numbers(void** state) {
  (void)state;
  start_with(3);
  layout_t layout = {.dtype = PT2_DTYPE_I64, .rank = 2, .sizes = {1, 1500}};
  lay_out(&layout);
  compare(STABLE, &layout, -1, 0, false, large);
  compare(TOPK, &layout, -1, 20, true, large);
}

// What the kernels do not do, the host does; what nobody does is named.
static void test_elsewhere(void** state) {
  (void)state;
  start_with(1);
  layout_t layout = {.dtype = PT2_DTYPE_F32, .rank = 2, .sizes = {4, 3}};
  lay_out(&layout);
  pair_t self = make_numbers(&layout, number);
  layout.dtype = PT2_DTYPE_BOOL;
  pair_t flags = make_numbers(&layout, number);
  AtenTensorHandle got[2] = {NULL, NULL};
  REFUSED(call(true, SORT, self.device, 2, 0, false, got),
          PT2_STATUS_INVALID_ARGUMENT, "aten::sort: Dimension out of range");
  REFUSED(call(true, TOPK, self.device, 0, 5, true, got),
          PT2_STATUS_INVALID_ARGUMENT, "k is 5, dimension 0 has size 4");
  REFUSED(call(true, TOPK, self.device, 0, -1, true, got),
          PT2_STATUS_INVALID_ARGUMENT, "k is -1");
  REFUSED(call(true, TOPK, flags.device, 0, 1, true, got),
          PT2_STATUS_INVALID_ARGUMENT, "'Bool'");
  REFUSED(call(true, STABLE, NULL, 0, 0, true, got),
          PT2_STATUS_INVALID_ARGUMENT, "NULL handle");
  REFUSED(SHIM(sort)(self.device, 0, 0, &got[0], NULL),
          PT2_STATUS_INVALID_ARGUMENT,
          "aten::sort: the pointer to a result is NULL");
  REFUSED(SHIM(topk)(self.device, 1, 0, 1, 1, NULL, &got[1]),
          PT2_STATUS_INVALID_ARGUMENT,
          "aten::topk: the pointer to a result is NULL");
  assert_int_equal(take_failure(), PT2_STATUS_INVALID_ARGUMENT);
  assert_null(got[0]);
  assert_null(got[1]);
  release_pair(&self);
  release_pair(&flags);
}

// Two results and four places for runs may each not be had.
static void test_failures(void** state) {
  (void)state;
  start_with(1);
  control->set_kept_most(0);  // all memory is asked for
  layout_t layout = {.dtype = PT2_DTYPE_F32, .rank = 1, .sizes = {1100}};
  lay_out(&layout);
  pair_t self = make_numbers(&layout, number);
  AtenTensorHandle got[2] = {NULL, NULL};
  for (int nth = 1; nth <= 6; ++nth) {
    control->set_fault(SOFTMETAL_FAIL_BUFFER, -nth);
    REFUSED(call(true, SORT, self.device, 0, 0, false, got),
            PT2_STATUS_OUT_OF_MEMORY, "bytes wanted");
    assert_int_equal(take_failure(), PT2_STATUS_OUT_OF_MEMORY);
    assert_null(got[0]);
  }
  control->close();  // compile anew
  control->set_fault(SOFTMETAL_FAIL_BUFFER, 0);
  control->set_kept_most(SIZE_MAX);
  control->set_fault(SOFTMETAL_FAIL_LIBRARY, 1);
  REFUSED(call(true, SORT, self.device, 0, 0, false, got),
          PT2_STATUS_MODEL_ERROR,
          "kernel sort_blocks of float32 does not compile");
  assert_int_equal(take_failure(), PT2_STATUS_MODEL_ERROR);
  // Nothing remains of that.
  OK(call(true, SORT, self.device, 0, 0, false, got));
  pt2_tensor_release(got[0]);
  pt2_tensor_release(got[1]);
  assert_int_equal(take_failure(), PT2_STATUS_OK);
  release_pair(&self);
}

int main(int argc, char** argv) {
  if (!begin(argc, argv, 1)) {
    return 2;
  }
  const struct CMUnitTest tests[] = {
      TEST(test_many_shapes), TEST(test_long_rows), TEST(test_large_numbers),
      TEST(test_elsewhere),   TEST(test_failures),
  };
  return cmocka_run_group_tests_name("mps sort", tests, NULL, NULL);
}
