// SPDX-License-Identifier: Apache-2.0
//
// scatter, scatter_reduce and index_put of mps against the host's, to the last
// bit:
//
//   test_mps_index PLUGIN
#include "mps/operators.h"
#include "pt2/memory.h"

typedef AOTITorchError (*index_put_fn)(AtenTensorHandle, AtenTensorHandle,
                                       const AtenTensorHandle*, const uint32_t,
                                       const AtenTensorHandle, bool);
static index_put_fn find_index_put(bool on_device) {
  index_put_fn function;
  *(void**)&function =
      find_function(on_device ? "mps" : "cpu", "aoti_torch_index_put_out");
  return function;
}

static double number(pt2_dtype_t dtype) {
  if (is_float(dtype) && random_below(50) == 0) {
    return NAN;
  }
  return is_float(dtype) ? (double)random_below(200) / 16 - 6
                         : (double)random_below(256) - 100;
}

static int64_t index_size;
static bool index_wraps;
static double index_number(pt2_dtype_t dtype) {
  (void)dtype;
  double at = (double)random_below((uint64_t)index_size);
  return index_wraps && random_below(3) == 0 ? at - (double)index_size : at;
}

static pair_t make_index(layout_t* layout, int64_t size, bool wraps) {
  layout->dtype = random_below(2) == 0 ? PT2_DTYPE_I64 : PT2_DTYPE_I32;
  lay_out(layout);
  index_size = size;
  index_wraps = wraps;
  return make_numbers(layout, index_number);
}

// ---- scatter ----------------------------------------------------------------

typedef struct {
  const char* reduce;  // NULL: the source is set, or the value
  bool has_value;
  bool include_self;
} kind_t;
static const kind_t kinds[] = {
    {NULL, false, true},    {NULL, true, true},     {"sum", false, true},
    {"sum", false, false},  {"prod", false, true},  {"prod", false, false},
    {"amax", false, true},  {"amax", false, false}, {"amin", false, true},
    {"amin", false, false}, {"mean", false, true},
};
#define KIND_COUNT (sizeof(kinds) / sizeof(*kinds))

static AOTITorchError scatter(bool on_device, const kind_t* kind,
                              AtenTensorHandle out, int64_t dim,
                              AtenTensorHandle index, AtenTensorHandle src) {
  if (kind->has_value) {
    return (on_device ? SHIM(scatter_value_out) : HOST(scatter_value_out))(
        out, out, dim, index, 3);
  }
  if (kind->reduce == NULL) {
    return (on_device ? SHIM(scatter_src_out) : HOST(scatter_src_out))(
        out, out, dim, index, src);
  }
  return (on_device ? SHIM(scatter_reduce_two_out)
                    : HOST(scatter_reduce_two_out))(
      out, out, dim, index, src, kind->reduce, kind->include_self);
}

static bool is_ours(const kind_t* kind, pt2_dtype_t dtype) {
  bool low = dtype == PT2_DTYPE_F16 || dtype == PT2_DTYPE_BF16;
  return kind->reduce == NULL || kind->reduce[0] == 'a' ||
         (kind->reduce[0] != 'm' && !low);
}

static void compare_scatter(const kind_t* kind, layout_t* layout) {
  layout_t places = {.rank = layout->rank}, from = {.rank = layout->rank};
  int64_t dim = (int64_t)random_below((uint64_t)layout->rank);
  for (int64_t d = 0; d < layout->rank; ++d) {
    places.sizes[d] =
        d == dim ? 1 + (int64_t)random_below(9)
                 : 1 + (int64_t)random_below((uint64_t)layout->sizes[d]);
    from.sizes[d] = places.sizes[d] + (int64_t)random_below(2);
  }
  lay_out_dense(layout);
  from.dtype = layout->dtype;
  lay_out(&from);
  pair_t out = make_numbers(layout, number);
  pair_t index = make_index(&places, layout->sizes[dim], false);
  pair_t src = make_numbers(&from, number);
  OK(scatter(false, kind, out.host, dim, index.host, src.host));
  moment_t before = now();
  OK(scatter(true, kind, out.device, dim - layout->rank, index.device,
             src.device));
  bool ours = is_ours(kind, layout->dtype);
  assert_int_equal(kernels_since(&before), ours);
  assert_true(!ours || waits_since(&before) == 0);
  assert_elements(kind->reduce != NULL ? kind->reduce : "scatter", out.device,
                  out.host);
  release_pair(&out);
  release_pair(&index);
  release_pair(&src);
}

static void test_scatter(void** state) {
  (void)state;
  static const layout_t shapes[] = {
      {.rank = 1, .sizes = {7}},
      {.rank = 2, .sizes = {5, 4}},
      {.rank = 3, .sizes = {3, 6, 5}},
      {.rank = 4, .sizes = {2, 3, 1, 4}},
  };
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    start_with(seed);
    for (size_t i = 0; i < sizeof(shapes) / sizeof(*shapes); ++i) {
      for (size_t k = 0; k < KIND_COUNT; ++k) {
        for (size_t t = 0; t < DTYPE_COUNT; ++t) {
          layout_t layout = shapes[i];
          layout.dtype = dtypes[t];
          if (dtypes[t] != PT2_DTYPE_BOOL || kinds[k].reduce == NULL ||
              kinds[k].reduce[0] != 'm') {
            compare_scatter(&kinds[k], &layout);
          }
        }
      }
    }
  }
}

// ---- index_put --------------------------------------------------------------

typedef struct {
  layout_t out;
  int count;  // of indices; those that are not there are all of a dimension
  bool indexed[4];
  layout_t across;  // what the indices broadcast to
} put_t;

// An index of the broadcast, or of less of it.
static layout_t shape_of_index(const put_t* put) {
  layout_t layout = {0};
  int64_t skipped = (int64_t)random_below((uint64_t)put->across.rank + 1) / 2;
  for (int64_t d = skipped; d < put->across.rank; ++d) {
    layout.sizes[layout.rank++] =
        random_below(4) == 0 ? 1 : put->across.sizes[d];
  }
  return layout;
}

static layout_t shape_of_values(const put_t* put) {
  int first = -1, last = -1, indexed = 0;
  for (int d = 0; d < put->count; ++d) {
    if (put->indexed[d]) {
      first = first < 0 ? d : first;
      last = d;
      ++indexed;
    }
  }
  int64_t before = last - first + 1 == indexed ? first : 0;
  layout_t layout = {.dtype = put->out.dtype};
  for (int64_t d = 0; d <= put->out.rank; ++d) {
    for (int64_t i = 0; d == before && i < put->across.rank; ++i) {
      layout.sizes[layout.rank++] = put->across.sizes[i];
    }
    if (d < put->out.rank && !(d < put->count && put->indexed[d])) {
      layout.sizes[layout.rank++] = put->out.sizes[d];
    }
  }
  int64_t skipped = random_below(4) == 0 && layout.rank > 0 ? 1 : 0;
  layout.rank -= skipped;
  memmove(layout.sizes, layout.sizes + skipped,
          (size_t)layout.rank * sizeof(*layout.sizes));
  for (int64_t d = 0; d < layout.rank; ++d) {
    layout.sizes[d] = random_below(6) == 0 ? 1 : layout.sizes[d];
  }
  return layout;
}

static void compare_put(put_t* put, bool accumulate) {
  lay_out_dense(&put->out);
  pair_t out = make_numbers(&put->out, number);
  layout_t from = shape_of_values(put);
  lay_out(&from);
  pair_t values = make_numbers(&from, number);
  pair_t indices[4] = {{NULL, NULL}};
  AtenTensorHandle host[4] = {NULL}, device[4] = {NULL};
  bool first = true;
  for (int d = 0; d < put->count; ++d) {
    if (put->indexed[d]) {
      layout_t shape = shape_of_index(put);
      if (first) {  // one has to be of the full size
        shape = put->across;
        first = false;
      }
      indices[d] = make_index(&shape, put->out.sizes[d], true);
      host[d] = indices[d].host;
      device[d] = indices[d].device;
    }
  }
  OK(find_index_put(false)(out.host, out.host, host, (uint32_t)put->count,
                           values.host, accumulate));
  moment_t before = now();
  OK(find_index_put(true)(out.device, out.device, device, (uint32_t)put->count,
                          values.device, accumulate));
  assert_int_equal(kernels_since(&before), 1);
  assert_int_equal(waits_since(&before), 0);
  assert_elements("index_put", out.device, out.host);
  release_pair(&out);
  release_pair(&values);
  for (int d = 0; d < put->count; ++d) {
    release_pair(&indices[d]);
  }
}

static void test_index_put(void** state) {
  (void)state;
  static const put_t puts[] = {
      {.out = {.rank = 1, .sizes = {9}},
       .count = 1,
       .indexed = {true},
       .across = {.rank = 1, .sizes = {5}}},
      {.out = {.rank = 2, .sizes = {4, 6}},
       .count = 1,
       .indexed = {true},
       .across = {.rank = 2, .sizes = {3, 2}}},
      {.out = {.rank = 3, .sizes = {4, 3, 5}},
       .count = 2,
       .indexed = {false, true},
       .across = {.rank = 1, .sizes = {4}}},
      {.out = {.rank = 3, .sizes = {4, 3, 5}},
       .count = 3,
       .indexed = {true, false, true},
       .across = {.rank = 2, .sizes = {2, 3}}},
      {.out = {.rank = 4, .sizes = {2, 3, 4, 2}},
       .count = 4,
       .indexed = {true, true, true, true},
       .across = {.rank = 1, .sizes = {6}}},
      {.out = {.rank = 4, .sizes = {2, 3, 4, 2}},
       .count = 3,
       .indexed = {false, true, true},
       .across = {.rank = 0}},
  };
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    start_with(seed);
    for (size_t i = 0; i < sizeof(puts) / sizeof(*puts); ++i) {
      for (size_t t = 0; t < DTYPE_COUNT; ++t) {
        put_t put = puts[i];
        put.out.dtype = dtypes[t];
        compare_put(&put, false);
        compare_put(&put, true);
      }
    }
  }
}

// ---- What is wrong ----------------------------------------------------------

static pair_t make_of(pt2_dtype_t dtype, int64_t rank, const int64_t* sizes,
                      const void* data) {
  layout_t layout = {.dtype = dtype, .rank = rank};
  int64_t next = 1;
  for (int64_t d = rank - 1; d >= 0; --d) {
    layout.sizes[d] = sizes[d];
    layout.strides[d] = next;
    next *= sizes[d];
  }
  return make_pair(&layout, data);
}

static pt2_status_t wait_for_all(void) {
  return backend->synchronize(backend->user, 0);
}

// The call is good, the wait is not, and what is in range is written.
static void test_indices_out_of_range(void** state) {
  (void)state;
  static const float zeros[12] = {0},
                     values[12] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  static const int64_t wrong[12] = {0, 1, 2, 0, 1, 2, 0, 1, 9, 0, 1, 2};
  static const int64_t negative[2] = {-1, 0}, low[2] = {-5, 0};
  const int64_t sizes[2] = {4, 3}, two = 2;
  pair_t out = make_of(PT2_DTYPE_F32, 2, sizes, zeros);
  pair_t src = make_of(PT2_DTYPE_F32, 2, sizes, values);
  pair_t index = make_of(PT2_DTYPE_I64, 2, sizes, wrong);
  pair_t minus = make_of(PT2_DTYPE_I64, 1, &two, negative);
  pair_t below = make_of(PT2_DTYPE_I64, 1, &two, low);
  OK(SHIM(scatter_src_out)(out.device, out.device, 1, index.device,
                           src.device));
  REFUSED(wait_for_all(), PT2_STATUS_INVALID_ARGUMENT,
          "mps: aten::scatter.src_out: index 9 is out of bounds for dimension "
          "1 with size 3");
  const float* got = pt2_tensor_peek_data(out.device);
  assert_true(got[0] == 1 && got[8] == 0 && got[11] == 12);
  assert_int_equal(wait_for_all(), PT2_STATUS_OK);
  // Reading the result is a wait too.
  OK(SHIM(scatter_reduce_two_out)(out.device, out.device, 1, index.device,
                                  src.device, "sum", 1));
  pt2_tensor_t* here = NULL;
  REFUSED(pt2_tensor_to(out.device, PT2_DEVICE_CPU, 0, &here),
          PT2_STATUS_INVALID_ARGUMENT, "aten::scatter_reduce.two_out: index 9");
  assert_null(here);
  // index_put counts from the end, down to the first.
  AtenTensorHandle rows[1] = {minus.device};
  pair_t row = make_of(PT2_DTYPE_F32, 1, &(int64_t){3}, values);
  OK(find_index_put(true)(out.device, out.device, rows, 1, row.device, false));
  assert_int_equal(wait_for_all(), PT2_STATUS_OK);
  rows[0] = below.device;
  OK(find_index_put(true)(out.device, out.device, rows, 1, row.device, true));
  REFUSED(wait_for_all(), PT2_STATUS_INVALID_ARGUMENT,
          "aten::index_put.out: index -5 is out of bounds for dimension 0 with "
          "size 4");
  assert_int_equal(take_failure(), PT2_STATUS_OK);
  release_pair(&out);
  release_pair(&src);
  release_pair(&index);
  release_pair(&minus);
  release_pair(&below);
  release_pair(&row);
}

// Many calls before one wait; the first that is wrong is told.
static void test_many_reports(void** state) {
  (void)state;
  static const float zeros[4] = {0};
  static const int64_t good[1] = {3}, bad[1] = {4}, worse[1] = {7};
  const int64_t four = 4, one = 1;
  pair_t out = make_of(PT2_DTYPE_F32, 1, &four, zeros);
  const int64_t* const data[] = {good, bad, worse};
  pair_t index[3];
  for (int i = 0; i < 3; ++i) {
    index[i] = make_of(PT2_DTYPE_I64, 1, &one, data[i]);
  }
  static const int at[][2] = {{5, 290}, {200, 201}, {290, 299}, {127, 128}};
  for (size_t i = 0; i < sizeof(at) / sizeof(*at); ++i) {
    for (int call = 0; call < 300; ++call) {
      int which = call == at[i][0] ? 1 : call == at[i][1] ? 2 : 0;
      OK(SHIM(scatter_value_out)(out.device, out.device, 0, index[which].device,
                                 call));
    }
    REFUSED(wait_for_all(), PT2_STATUS_INVALID_ARGUMENT, "index 4 is out");
    assert_int_equal(wait_for_all(), PT2_STATUS_OK);
  }
  assert_true(((float*)pt2_tensor_peek_data(out.device))[3] == 299);
  // The places to report to are used again, until they are given back.
  control->set_fault(SOFTMETAL_FAIL_BUFFER, -1);
  for (int call = 0; call < 300; ++call) {
    OK(SHIM(scatter_value_out)(out.device, out.device, 0, index[0].device, 5));
  }
  OK(wait_for_all());
  pt2_memory_trim();
  REFUSED(
      SHIM(scatter_value_out)(out.device, out.device, 0, index[0].device, 6),
      PT2_STATUS_OUT_OF_MEMORY, "bytes wanted");
  assert_int_equal(take_failure(), PT2_STATUS_OUT_OF_MEMORY);
  for (int i = 0; i < 3; ++i) {
    release_pair(&index[i]);
  }
  release_pair(&out);
}

// What the kernel does not do, the host does; what nobody does is named.
static void test_elsewhere(void** state) {
  (void)state;
  static const float zeros[12] = {0}, values[12] = {1, 2, 3, 4};
  static const int64_t places[12] = {2, 1, 0, 9};
  static const uint8_t flags[4] = {1, 0, 0, 1};
  const int64_t sizes[2] = {4, 3}, four = 4, three = 3, two = 2;
  pair_t out = make_of(PT2_DTYPE_F32, 1, &four, zeros);
  pair_t index = make_of(PT2_DTYPE_I64, 1, &three, places);
  pair_t src = make_of(PT2_DTYPE_F32, 1, &four, values);
  pair_t wide = make_of(PT2_DTYPE_F32, 2, sizes, zeros);
  pair_t mask = make_of(PT2_DTYPE_BOOL, 1, &four, flags);
  pair_t pair = make_of(PT2_DTYPE_F32, 1, &two, values);
  moment_t before = now();
  // A mask.
  AtenTensorHandle chosen[1] = {mask.device};
  OK(find_index_put(true)(out.device, out.device, chosen, 1, pair.device,
                          false));
  const float* got = pt2_tensor_peek_data(out.device);
  assert_true(got[0] == 1 && got[1] == 0 && got[3] == 2);
  // What is read is what is written.
  chosen[0] = index.device;
  AtenTensorHandle first = view_of(out.device, 1, &three, &(int64_t){1}, 0);
  OK(find_index_put(true)(out.device, out.device, chosen, 1, first, false));
  assert_true(got[0] == 0 && got[1] == 0 && got[2] == 1);
  pt2_tensor_release(first);
  // Another result than self; gaps in the result.
  OK(SHIM(scatter_src_out)(out.device, src.device, 0, index.device,
                           src.device));
  assert_true(got[0] == 3 && got[1] == 2 && got[2] == 1 && got[3] == 4);
  AtenTensorHandle column = view_of(wide.device, 1, &four, &(int64_t){3}, 1);
  OK(SHIM(scatter_src_out)(column, column, 0, index.device, src.device));
  assert_true(((float*)pt2_tensor_peek_data(wide.device))[7] == 1);
  pt2_tensor_release(column);
  assert_int_equal(kernels_since(&before), 0);
  REFUSED(SHIM(scatter_src_out)(out.device, out.device, 1, index.device,
                                src.device),
          PT2_STATUS_INVALID_ARGUMENT, "Dimension out of range");
  REFUSED(SHIM(scatter_src_out)(wide.device, wide.device, 0, index.device,
                                src.device),
          PT2_STATUS_INVALID_ARGUMENT, "same number of dimensions");
  REFUSED(SHIM(scatter_src_out)(out.device, out.device, 0, index.device,
                                index.device),
          PT2_STATUS_INVALID_ARGUMENT, "self.dtype to be equal to src.dtype");
  REFUSED(SHIM(scatter_reduce_two_out)(out.device, out.device, 0, index.device,
                                       src.device, "most", 1),
          PT2_STATUS_INVALID_ARGUMENT, "most");
  REFUSED(SHIM(scatter_src_out)(out.device, out.device, 0, NULL, src.device),
          PT2_STATUS_INVALID_ARGUMENT, "NULL");
  REFUSED(SHIM(scatter_src_out)(out.device, out.device, 0, index.device, NULL),
          PT2_STATUS_INVALID_ARGUMENT, "NULL");
  chosen[0] = src.device;
  REFUSED(find_index_put(true)(out.device, out.device, chosen, 1, pair.device,
                               false),
          PT2_STATUS_INVALID_ARGUMENT, "tensors used as indices");
  chosen[0] = index.device;
  REFUSED(find_index_put(true)(out.device, out.device, chosen, 1, pair.device,
                               false),
          PT2_STATUS_INVALID_ARGUMENT, "shape mismatch");
  release_pair(&out);
  release_pair(&index);
  release_pair(&src);
  release_pair(&wide);
  release_pair(&mask);
  release_pair(&pair);
}

// A long walk of one thread is the host's.
static void test_long_walks(void** state) {
  (void)state;
  start_with(5);
  for (int64_t rows = 1; rows <= 1100; rows += 1099) {
    layout_t layout = {
        .dtype = PT2_DTYPE_F32, .rank = 2, .sizes = {rows, 1100}};
    lay_out_dense(&layout);
    pair_t out = make_numbers(&layout, number);
    layout_t places = {.rank = 2, .sizes = {rows, 1100}};
    pair_t index = make_index(&places, 1100, false);
    moment_t before = now();
    OK(SHIM(scatter_value_out)(out.device, out.device, 1, index.device, 2));
    OK(HOST(scatter_value_out)(out.host, out.host, 1, index.host, 2));
    assert_int_equal(kernels_since(&before), rows > 1);
    assert_elements("scatter", out.device, out.host);
    release_pair(&out);
    release_pair(&index);
  }
}

static void test_failures(void** state) {
  (void)state;
  static const float zeros[4] = {0};
  static const int64_t places[1] = {3};
  const int64_t four = 4, one = 1;
  pair_t out = make_of(PT2_DTYPE_F32, 1, &four, zeros);
  pair_t index = make_of(PT2_DTYPE_I64, 1, &one, places);
  static const struct {
    int what;
    pt2_status_t status;
    const char* text;
  } faults[] = {
      {SOFTMETAL_FAIL_LIBRARY, PT2_STATUS_MODEL_ERROR,
       "kernel put of float32 does not compile"},
      {SOFTMETAL_FAIL_COMMANDS, PT2_STATUS_INTERNAL, "encoder"},
      {SOFTMETAL_FAIL_BUFFER, PT2_STATUS_OUT_OF_MEMORY, "bytes wanted"}};
  control->close();  // compile anew
  for (size_t i = 0; i < 3; ++i) {
    control->set_fault(faults[i].what, 1);
    REFUSED(SHIM(scatter_value_out)(out.device, out.device, 0, index.device, 5),
            faults[i].status, faults[i].text);
    assert_int_equal(take_failure(), faults[i].status);
  }
  OK(SHIM(scatter_value_out)(out.device, out.device, 0, index.device, 5));
  // A fault of the device is told before what its kernels report.
  control->set_fault(SOFTMETAL_FAIL_FINISH, 1);
  REFUSED(wait_for_all(), PT2_STATUS_INTERNAL, "the device failed");
  OK(SHIM(scatter_value_out)(out.device, out.device, 0, index.device, 6));
  assert_true(((float*)pt2_tensor_peek_data(out.device))[3] == 6);
  assert_int_equal(take_failure(), PT2_STATUS_OK);
  release_pair(&out);
  release_pair(&index);
}

int main(int argc, char** argv) {
  if (!begin(argc, argv, 1)) {
    return 2;
  }
  const struct CMUnitTest tests[] = {
      TEST(test_scatter),
      TEST(test_index_put),
      TEST(test_indices_out_of_range),
      TEST(test_many_reports),
      TEST(test_elsewhere),
      TEST(test_long_walks),
      TEST(test_failures),
  };
  return cmocka_run_group_tests_name("mps index", tests, NULL, NULL);
}
