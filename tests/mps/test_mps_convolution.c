// SPDX-License-Identifier: Apache-2.0
//
// Convolutions of mps against the cpu's in float64:
//
//   test_mps_convolution PLUGIN
//
// Operands are multiples of 1/8, so that sums of products are exact in float32
// and a result is right to the last bit or wrong.
#include "mps/device.h"

static __typeof__(&aoti_torch_mps_convolution) mps_convolution, cpu_convolution;
static __typeof__(&aoti_torch_mps_convolution_backward) mps_backward,
    cpu_backward;

// ---- Cases ------------------------------------------------------------------

enum { ROW_MAJOR, CHANNELS_LAST, CHANNELS_LAST_SLICE, TURNED, LAYOUT_COUNT };
enum { NO_BIAS, PACKED_BIAS, STRIDED_BIAS, BIAS_COUNT };

typedef struct {
  int rank;
  bool transposed;
  int64_t groups, batch;
  int64_t in, out;  // channels of a group
  // For the last rank - 2 dimensions, from the first on.
  int64_t size[3], kernel[3], stride[3], padding[3], dilation[3], extra[3];
  pt2_dtype_t dtype;
  int x_layout, w_layout, bias;
} case_t;

static uint64_t random_state;

static int64_t random_below(int64_t bound) {
  random_state = random_state * UINT64_C(6364136223846793005) + 1442695041;
  return (int64_t)((random_state >> 33) % (uint64_t)bound);
}

// Sizes of a result; false if there is none.
static bool output_sizes(const case_t* c, int64_t* sizes) {
  sizes[0] = c->batch;
  sizes[1] = c->out * c->groups;
  for (int i = 0; i < c->rank - 2; ++i) {
    int64_t reach = c->dilation[i] * (c->kernel[i] - 1) + 1;
    if (!c->transposed) {
      int64_t room = c->size[i] + 2 * c->padding[i] - reach;
      if (room < 0) {
        return false;
      }
      sizes[2 + i] = room / c->stride[i] + 1;
      continue;
    }
    sizes[2 + i] = (c->size[i] - 1) * c->stride[i] - 2 * c->padding[i] + reach +
                   c->extra[i];
    if (sizes[2 + i] < 1 ||
        (c->extra[i] >= c->stride[i] && c->extra[i] >= c->dilation[i])) {
      return false;
    }
  }
  return true;
}

static case_t random_case(void) {
  static const int64_t largest[] = {40, 11, 5};
  static const pt2_dtype_t dtypes[] = {PT2_DTYPE_F32, PT2_DTYPE_F16,
                                       PT2_DTYPE_BF16};
  int64_t sizes[5];
  case_t c;
  do {
    int dims = (int)random_below(3) + 1;
    c = (case_t){.rank = dims + 2,
                 .transposed = random_below(2) != 0,
                 .groups = random_below(2) != 0 ? 1 : random_below(5) + 1,
                 .batch = random_below(3) + 1,
                 .in = random_below(3) == 0 ? 1 : random_below(21) + 1,
                 .out = random_below(3) == 0 ? 1 : random_below(40) + 1,
                 .dtype = dtypes[random_below(3)],
                 .x_layout = (int)random_below(LAYOUT_COUNT),
                 .w_layout = (int)random_below(LAYOUT_COUNT),
                 .bias = (int)random_below(BIAS_COUNT)};
    for (int i = 0; i < dims; ++i) {
      c.size[i] = random_below(largest[dims - 1]) + 1;
      c.kernel[i] = random_below(4) + 1;
      c.stride[i] = random_below(dims == 3 ? 2 : 4) + 1;
      c.padding[i] = random_below(4);
      c.dilation[i] = random_below(4) + 1;
      c.extra[i] = c.transposed ? random_below(4) : 0;
    }
  } while (!output_sizes(&c, sizes));
  return c;
}

static void describe(const case_t* c, char* text, size_t bytes) {
#define THREE(values) \
  (long long)(values)[0], (long long)(values)[1], (long long)(values)[2]
  snprintf(text, bytes,
           "rank %d, %s, groups %lld, batch %lld, channels %lld to %lld, size "
           "%lld %lld %lld, kernel %lld %lld %lld, stride %lld %lld %lld, "
           "padding %lld %lld %lld, dilation %lld %lld %lld, output padding "
           "%lld %lld %lld, %s, layouts %d %d, bias %d",
           c->rank, c->transposed ? "transposed" : "forward",
           (long long)c->groups, (long long)c->batch, (long long)c->in,
           (long long)c->out, THREE(c->size), THREE(c->kernel),
           THREE(c->stride), THREE(c->padding), THREE(c->dilation),
           THREE(c->extra), pt2_dtype_name(c->dtype), c->x_layout, c->w_layout,
           c->bias);
}

// ---- Tensors ----------------------------------------------------------------

// Strides that go through the dimensions in |order|, the fastest first.
static void strides_in_order(int rank, const int64_t* sizes, const int* order,
                             int64_t step, int64_t* strides) {
  for (int i = 0; i < rank; ++i) {
    strides[order[i]] = step;
    step *= sizes[order[i]];
  }
}

static void lay_out(int layout, int rank, const int64_t* sizes,
                    int64_t* strides) {
  int order[5];
  for (int i = 0; i < rank; ++i) {
    order[i] = layout == TURNED ? i : rank - 1 - i;
  }
  if (layout == CHANNELS_LAST || layout == CHANNELS_LAST_SLICE) {
    order[0] = 1;
    for (int i = 1; i < rank - 1; ++i) {
      order[i] = rank - i;
    }
    order[rank - 1] = 0;
  }
  strides_in_order(rank, sizes, order, 1, strides);
  if (layout == CHANNELS_LAST_SLICE) {
    for (int d = 0; d < rank; ++d) {
      strides[d] *= d == 1 ? 1 : 2;
    }
  }
}

static pt2_tensor_t* make(bool on_device, pt2_dtype_t dtype, int rank,
                          const int64_t* sizes, const int64_t* strides,
                          const pt2_tensor_t* values) {
  pt2_tensor_t* tensor = NULL;
  OK(pt2_tensor_create_on(on_device ? PT2_DEVICE_MPS : PT2_DEVICE_CPU, 0, dtype,
                          (size_t)rank, sizes, strides, &tensor));
  if (values != NULL) {
    OK(pt2_tensor_copy(tensor, values));
  }
  return tensor;
}

// Multiples of 1/8 between -2 and 2.
static pt2_tensor_t* make_values(int rank, const int64_t* sizes) {
  pt2_tensor_t* values = make(false, PT2_DTYPE_F64, rank, sizes, NULL, NULL);
  double* data = pt2_tensor_peek_data(values);
  for (int64_t i = 0; i < pt2_tensor_numel(values); ++i) {
    data[i] = (double)(random_below(33) - 16) / 8;
  }
  return values;
}

// The operands of a case: on the device, and as they are for the cpu.
typedef struct {
  pt2_tensor_t *x, *w, *b;
} operands_t;

static void make_operand(int rank, const int64_t* sizes, const int64_t* strides,
                         pt2_dtype_t dtype, pt2_tensor_t** out_ours,
                         pt2_tensor_t** out_wanted) {
  *out_wanted = make_values(rank, sizes);
  *out_ours = make(true, dtype, rank, sizes, strides, *out_wanted);
}

static void make_operands(const case_t* c, operands_t* ours,
                          operands_t* wanted) {
  int64_t x[5] = {c->batch, c->in * c->groups};
  int64_t w[5] = {(c->transposed ? c->in : c->out) * c->groups,
                  c->transposed ? c->out : c->in};
  int64_t b = c->out * c->groups, b_stride = c->bias == STRIDED_BIAS ? 3 : 1;
  for (int i = 0; i < c->rank - 2; ++i) {
    x[2 + i] = c->size[i];
    w[2 + i] = c->kernel[i];
  }
  int64_t strides[5];
  *ours = *wanted = (operands_t){0};
  lay_out(c->x_layout, c->rank, x, strides);
  make_operand(c->rank, x, strides, c->dtype, &ours->x, &wanted->x);
  lay_out(c->w_layout, c->rank, w, strides);
  make_operand(c->rank, w, strides, c->dtype, &ours->w, &wanted->w);
  if (c->bias != NO_BIAS) {
    make_operand(1, &b, &b_stride, c->dtype, &ours->b, &wanted->b);
  }
}

static void release(operands_t* operands) {
  pt2_tensor_release(operands->x);
  pt2_tensor_release(operands->w);
  pt2_tensor_release(operands->b);
}

static AOTITorchError call(__typeof__(mps_convolution) function,
                           const case_t* c, operands_t* operands,
                           pt2_tensor_t** out) {
  int64_t dims = c->rank - 2;
  return function(operands->x, operands->w,
                  operands->b != NULL ? &operands->b : NULL, c->stride, dims,
                  c->padding, dims, c->dilation, dims, c->transposed, c->extra,
                  dims, c->groups, out);
}

// ---- Checks -----------------------------------------------------------------

// PyTorch's view of a layout: packed channels last, and not also row-major.
static bool is_channels_last(const pt2_tensor_t* tensor) {
  int rank = (int)pt2_tensor_rank(tensor);
  const int64_t* sizes = pt2_tensor_peek_sizes(tensor);
  int64_t wanted[5];
  lay_out(CHANNELS_LAST, rank, sizes, wanted);
  return memcmp(wanted, pt2_tensor_peek_strides(tensor),
                sizeof(*wanted) * (size_t)rank) == 0 &&
         pt2_tensor_numel(tensor) > sizes[0];
}

static void check_layout(const char* what, const case_t* c,
                         const operands_t* operands,
                         const pt2_tensor_t* result) {
  int64_t sizes[5], strides[5];
  assert_true(output_sizes(c, sizes));
  // PyTorch makes a 1-d input row-major first, where it is not that already.
  bool kept = c->rank > 3 || c->size[0] == 1 || c->in * c->groups == 1;
  bool last =
      is_channels_last(operands->w) || (kept && is_channels_last(operands->x));
  lay_out(last ? CHANNELS_LAST : ROW_MAJOR, c->rank, sizes, strides);
  assert_int_equal(pt2_tensor_rank(result), c->rank);
  assert_int_equal(pt2_tensor_dtype(result), c->dtype);
  for (int d = 0; d < c->rank; ++d) {
    if (pt2_tensor_peek_sizes(result)[d] != sizes[d] ||
        pt2_tensor_peek_strides(result)[d] != strides[d]) {
      fail_msg("%s: dimension %d is %lld by %lld, expected %lld by %lld", what,
               d, (long long)pt2_tensor_peek_sizes(result)[d],
               (long long)pt2_tensor_peek_strides(result)[d],
               (long long)sizes[d], (long long)strides[d]);
    }
  }
}

static void check_values(const char* what, const case_t* c,
                         const pt2_tensor_t* result,
                         const pt2_tensor_t* reference) {
  int rank = c->rank;
  const int64_t* sizes = pt2_tensor_peek_sizes(reference);
  pt2_tensor_t* rounded = make(false, c->dtype, rank, sizes, NULL, reference);
  pt2_tensor_t* wanted = make(false, PT2_DTYPE_F64, rank, sizes, NULL, rounded);
  pt2_tensor_t* got = make(false, PT2_DTYPE_F64, rank, sizes, NULL, result);
  const double* a = pt2_tensor_peek_data(got);
  const double* b = pt2_tensor_peek_data(wanted);
  for (int64_t i = 0; i < pt2_tensor_numel(got); ++i) {
    if (!(a[i] == b[i])) {
      fail_msg("%s: element %lld is %.9g, the cpu has %.9g", what, (long long)i,
               a[i], b[i]);
    }
  }
  pt2_tensor_release(rounded);
  pt2_tensor_release(wanted);
  pt2_tensor_release(got);
}

static void check_case(const case_t* c) {
  char what[512];
  describe(c, what, sizeof(what));
  operands_t ours, wanted;
  make_operands(c, &ours, &wanted);
  pt2_tensor_t* result = NULL;
  pt2_tensor_t* reference = NULL;
  uint64_t before[3], after[3];
  control->counts(before);
  if (call(mps_convolution, c, &ours, &result) != 0) {
    fail_msg("%s: %s", what, pt2_error_message());
  }
  control->counts(after);
  // A kernel, given and not waited for.
  if (after[0] - before[0] != 1 || after[1] != before[1] ||
      after[2] != before[2]) {
    fail_msg("%s: ran elsewhere", what);
  }
  check_layout(what, c, &ours, result);
  OK(call(cpu_convolution, c, &wanted, &reference));
  check_values(what, c, result, reference);
  pt2_tensor_release(result);
  pt2_tensor_release(reference);
  release(&ours);
  release(&wanted);
}

// ---- Tests ------------------------------------------------------------------

static void test_convolutions_of_any_kind(void** state) {
  (void)state;
  random_state = 1;
  for (int i = 0; i < 300; ++i) {
    case_t c = random_case();
    control->set_seed((uint64_t)i % 3);
    check_case(&c);
  }
}

// What each kernel is for, with sizes beside the edges of its tiles.
static void test_convolutions_of_every_kernel(void** state) {
  (void)state;
  static const case_t cases[] = {
      // Many channels and pixels.
      {.rank = 4,
       .groups = 1,
       .batch = 2,
       .in = 3,
       .out = 70,
       .size = {33, 39},
       .kernel = {3, 3},
       .stride = {1, 1},
       .padding = {1, 1},
       .dilation = {1, 1},
       .bias = PACKED_BIAS},
      {.rank = 4,
       .groups = 1,
       .batch = 2,
       .in = 17,
       .out = 66,
       .size = {33, 39},
       .kernel = {1, 2},
       .stride = {1, 1},
       .dilation = {1, 1},
       .x_layout = CHANNELS_LAST},
      {.rank = 4,
       .transposed = true,
       .groups = 1,
       .batch = 1,
       .in = 5,
       .out = 65,
       .size = {23, 23},
       .kernel = {3, 2},
       .stride = {2, 2},
       .dilation = {1, 1},
       .extra = {1, 0},
       .bias = PACKED_BIAS},
      // Few channels, many pixels.
      {.rank = 4,
       .groups = 1,
       .batch = 1,
       .in = 3,
       .out = 31,
       .size = {181, 183},
       .kernel = {3, 3},
       .stride = {2, 2},
       .padding = {1, 1},
       .dilation = {1, 1},
       .bias = PACKED_BIAS},
      {.rank = 4,
       .groups = 2,
       .batch = 1,
       .in = 2,
       .out = 9,
       .size = {65, 66},
       .kernel = {2, 1},
       .stride = {1, 1},
       .dilation = {1, 1},
       .x_layout = CHANNELS_LAST,
       .bias = PACKED_BIAS},
      // Few of both.
      {.rank = 4,
       .groups = 1,
       .batch = 1,
       .in = 33,
       .out = 33,
       .size = {7, 7},
       .kernel = {3, 3},
       .stride = {1, 1},
       .padding = {1, 1},
       .dilation = {1, 1},
       .bias = PACKED_BIAS},
      // Depthwise, and one channel for another.
      {.rank = 4,
       .groups = 40,
       .batch = 2,
       .in = 1,
       .out = 1,
       .size = {13, 11},
       .kernel = {3, 3},
       .stride = {1, 1},
       .padding = {1, 1},
       .dilation = {1, 1},
       .bias = PACKED_BIAS},
      {.rank = 4,
       .groups = 40,
       .batch = 2,
       .in = 1,
       .out = 2,
       .size = {13, 11},
       .kernel = {3, 3},
       .stride = {2, 1},
       .padding = {1, 0},
       .dilation = {1, 2},
       .x_layout = CHANNELS_LAST},
      // Phases without taps, and phases that the result does not reach.
      {.rank = 4,
       .transposed = true,
       .groups = 1,
       .batch = 2,
       .in = 6,
       .out = 9,
       .size = {4, 1},
       .kernel = {3, 2},
       .stride = {7, 9},
       .padding = {1, 0},
       .dilation = {1, 3},
       .extra = {3, 0},
       .bias = PACKED_BIAS},
      // As the inverse of a short-time Fourier transform.
      {.rank = 3,
       .transposed = true,
       .groups = 1,
       .batch = 1,
       .in = 18,
       .out = 1,
       .size = {5},
       .kernel = {256},
       .stride = {64},
       .padding = {128},
       .dilation = {1}},
  };
  for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); ++i) {
    case_t c = cases[i];
    c.dtype = PT2_DTYPE_F32;
    random_state = i;
    control->set_seed(i % 3);
    check_case(&c);
  }
}

static const case_t plain = {.rank = 4,
                             .groups = 1,
                             .batch = 1,
                             .in = 4,
                             .out = 6,
                             .size = {5, 5},
                             .kernel = {3, 3},
                             .stride = {1, 1},
                             .padding = {1, 1},
                             .dilation = {1, 1},
                             .dtype = PT2_DTYPE_F32,
                             .bias = PACKED_BIAS};

// One number for all dimensions, and none for the output's padding.
static void test_short_lists(void** state) {
  (void)state;
  operands_t ours, wanted;
  make_operands(&plain, &ours, &wanted);
  pt2_tensor_t* result = NULL;
  pt2_tensor_t* reference = NULL;
  const int64_t one = 1;
  uint64_t before[3], after[3];
  control->counts(before);
  OK(mps_convolution(ours.x, ours.w, &ours.b, &one, 1, &one, 1, &one, 1, 0,
                     NULL, 0, 1, &result));
  control->counts(after);
  assert_int_equal(after[0] - before[0], 1);
  OK(call(cpu_convolution, &plain, &wanted, &reference));
  check_values("short lists", &plain, result, reference);
  pt2_tensor_release(result);
  pt2_tensor_release(reference);
  release(&ours);
  release(&wanted);
}

// One after the other in one command buffer, and a pointer to no bias.
static void test_nobody_waits_between(void** state) {
  (void)state;
  case_t second = plain;
  second.in = 6;
  operands_t a, b, wanted_a, wanted_b;
  make_operands(&plain, &a, &wanted_a);
  make_operands(&second, &b, &wanted_b);
  pt2_tensor_release(b.x);
  pt2_tensor_release(wanted_b.x);
  pt2_tensor_t* none = NULL;
  pt2_tensor_t* result = NULL;
  pt2_tensor_t* reference = NULL;
  uint64_t before[3], after[3];
  control->counts(before);
  const int64_t one = 1;
  OK(mps_convolution(a.x, a.w, &none, &one, 1, &one, 1, &one, 1, 0, NULL, 0, 1,
                     &b.x));
  OK(call(mps_convolution, &second, &b, &result));
  control->counts(after);
  assert_int_equal(after[0] - before[0], 2);
  assert_int_equal(after[1], before[1]);
  assert_int_equal(after[2], before[2]);
  OK(cpu_convolution(wanted_a.x, wanted_a.w, NULL, &one, 1, &one, 1, &one, 1, 0,
                     NULL, 0, 1, &wanted_b.x));
  OK(call(cpu_convolution, &second, &wanted_b, &reference));
  check_values("the second", &second, result, reference);
  control->counts(after);
  assert_int_equal(after[1] - before[1], 1);
  pt2_tensor_release(result);
  pt2_tensor_release(reference);
  release(&a);
  release(&b);
  release(&wanted_a);
  release(&wanted_b);
}

// |c| by the cpu's operator, laid out as PyTorch's mps does.
static void check_elsewhere(const case_t* c) {
  char what[512];
  describe(c, what, sizeof(what));
  operands_t ours, wanted;
  make_operands(c, &ours, &wanted);
  pt2_tensor_t* result = NULL;
  pt2_tensor_t* reference = NULL;
  uint64_t before[3], after[3];
  control->counts(before);
  OK(call(mps_convolution, c, &ours, &result));
  control->counts(after);
  assert_int_equal(after[0], before[0]);
  check_layout(what, c, &ours, result);
  if (c->dtype != PT2_DTYPE_F64) {
    // Numbers are cut where they become integers.
    OK(pt2_tensor_copy(wanted.x, ours.x));
    OK(pt2_tensor_copy(wanted.w, ours.w));
    OK(pt2_tensor_copy(wanted.b, ours.b));
  }
  OK(call(cpu_convolution, c, &wanted, &reference));
  check_values(what, c, result, reference);
  pt2_tensor_release(result);
  pt2_tensor_release(reference);
  release(&ours);
  release(&wanted);
}

static void test_what_the_cpu_does(void** state) {
  (void)state;
  case_t c = plain;
  c.x_layout = CHANNELS_LAST;
  c.dtype = PT2_DTYPE_F64;
  check_elsewhere(&c);
  c.dtype = PT2_DTYPE_I64;
  check_elsewhere(&c);
  // Channels last to the cpu alone.
  c.x_layout = CHANNELS_LAST_SLICE;
  check_elsewhere(&c);
  c.dtype = PT2_DTYPE_F32;
  c.stride[0] = INT32_MAX;
  check_elsewhere(&c);
}

static AOTITorchError call_backward(__typeof__(mps_backward) function,
                                    const operands_t* operands,
                                    pt2_tensor_t* gradient, const int32_t* mask,
                                    pt2_tensor_t** results) {
  const int64_t* bias_sizes = &plain.out;
  return function(gradient, operands->x, operands->w, &bias_sizes, 1,
                  plain.stride, 2, plain.padding, 2, plain.dilation, 2, 0,
                  plain.extra, 2, 1, mask, 3, &results[0], &results[1],
                  &results[2]);
}

// Gradients are the cpu's, and lie as their tensors would by PyTorch's rule for
// mps: |last| or not.
static void check_gradients(int x_layout, int w_layout, bool last) {
  case_t c = plain;
  c.x_layout = x_layout;
  c.w_layout = w_layout;
  operands_t ours, wanted;
  make_operands(&c, &ours, &wanted);
  const int64_t sizes[4] = {1, 6, 5, 5};
  pt2_tensor_t *gradient, *gradient_wanted;
  make_operand(4, sizes, NULL, c.dtype, &gradient, &gradient_wanted);
  pt2_tensor_t* results[3] = {NULL};
  pt2_tensor_t* references[3] = {NULL};
  const int32_t mask[3] = {1, 1, 1};
  OK(call_backward(mps_backward, &ours, gradient, mask, results));
  OK(call_backward(cpu_backward, &wanted, gradient_wanted, mask, references));
  for (int i = 0; i < 3; ++i) {
    c.rank = i == 2 ? 1 : 4;
    check_values("a gradient", &c, results[i], references[i]);
    int64_t strides[5] = {1};
    if (i < 2) {
      lay_out(last ? CHANNELS_LAST : ROW_MAJOR, 4,
              pt2_tensor_peek_sizes(references[i]), strides);
    }
    assert_memory_equal(pt2_tensor_peek_strides(results[i]), strides,
                        sizeof(*strides) * (size_t)c.rank);
    pt2_tensor_release(results[i]);
    pt2_tensor_release(references[i]);
  }
  pt2_tensor_release(gradient);
  pt2_tensor_release(gradient_wanted);
  release(&ours);
  release(&wanted);
}

static void test_gradients_lie_as_pytorchs(void** state) {
  (void)state;
  check_gradients(ROW_MAJOR, ROW_MAJOR, false);
  check_gradients(CHANNELS_LAST, ROW_MAJOR, true);
  check_gradients(ROW_MAJOR, CHANNELS_LAST, true);
  check_gradients(CHANNELS_LAST_SLICE, ROW_MAJOR, false);
}

// One gradient alone; memory that fails on the way to it or to its layout.
static void test_gradients_that_fail(void** state) {
  (void)state;
  case_t c = plain;
  c.x_layout = CHANNELS_LAST_SLICE;
  operands_t ours, wanted;
  make_operands(&c, &ours, &wanted);
  const int64_t sizes[4] = {1, 6, 5, 5};
  pt2_tensor_t *gradient, *gradient_wanted;
  make_operand(4, sizes, NULL, c.dtype, &gradient, &gradient_wanted);
  const int32_t mask[3] = {1, 0, 0};
  int failed = 0;
  control->set_kept_most(0);  // all memory is asked for
  for (int nth = 1;; ++nth) {
    pt2_backend_statistics_t before = {.struct_bytes = sizeof(before)};
    pt2_backend_statistics_t after = {.struct_bytes = sizeof(after)};
    backend->statistics(backend->user, &before);
    pt2_tensor_t* results[3] = {NULL};
    control->set_fault(SOFTMETAL_FAIL_BUFFER, -nth);
    AOTITorchError code =
        call_backward(mps_backward, &ours, gradient, mask, results);
    control->set_fault(SOFTMETAL_FAIL_BUFFER, 0);
    for (int i = 0; i < 3; ++i) {
      pt2_tensor_release(results[i]);
    }
    backend->statistics(backend->user, &after);
    assert_int_equal(after.live_blocks, before.live_blocks);
    if (code == 0) {
      break;
    }
    ++failed;
  }
  control->set_kept_most(SIZE_MAX);
  // What the cpu returns, and what it is laid out in.
  assert_int_equal(failed, 2);
  int32_t two[2] = {1, 1};
  pt2_tensor_t* none[3] = {NULL};
  const int64_t* bias_sizes = NULL;
  REFUSED(mps_backward(gradient, ours.x, ours.w, &bias_sizes, 0, plain.stride,
                       2, plain.padding, 2, plain.dilation, 2, 0, plain.extra,
                       2, 1, two, 2, &none[0], &none[1], &none[2]),
          PT2_STATUS_INVALID_ARGUMENT, "output_mask has 2 values");
  pt2_tensor_release(gradient);
  pt2_tensor_release(gradient_wanted);
  release(&ours);
  release(&wanted);
}

static void test_nothing_to_compute(void** state) {
  (void)state;
  case_t c = plain;
  c.batch = 0;
  operands_t ours, wanted;
  make_operands(&c, &ours, &wanted);
  pt2_tensor_t* result = NULL;
  OK(call(mps_convolution, &c, &ours, &result));
  assert_int_equal(pt2_tensor_numel(result), 0);
  assert_int_equal(pt2_tensor_peek_sizes(result)[1], 6);
  pt2_tensor_release(result);
  release(&ours);
  release(&wanted);
}

// One argument of |plain| or a transposed one is wrong at a time.
static void test_wrong_arguments_are_named(void** state) {
  (void)state;
  static const struct {
    size_t offset;  // of what is wrong in a case
    int64_t value;
    bool transposed;
    const char* text;
  } wrong[] = {
      {offsetof(case_t, stride[1]), 0, false, "non-positive stride"},
      {offsetof(case_t, padding[0]), -1, false, "negative padding"},
      {offsetof(case_t, dilation[0]), 0, false, "dilation"},
      {offsetof(case_t, dilation[1]), 4, false, "Kernel size can't be greater"},
      {offsetof(case_t, extra[0]), -1, true, "negative output_padding"},
      {offsetof(case_t, extra[0]), 1, true, "output padding must be smaller"},
      {offsetof(case_t, padding[0]), 9, true, "Output size is too small"},
      {offsetof(case_t, groups), 0, false, "non-positive groups"},
      {offsetof(case_t, groups), 4, false, "divisible by 4"},
      {offsetof(case_t, groups), 2, false, "to have 8 channels"},
  };
  case_t transposed = plain;
  transposed.transposed = true;
  pt2_tensor_t* result = NULL;
  for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); ++i) {
    case_t c = wrong[i].transposed ? transposed : plain;
    operands_t ours, wanted;
    make_operands(&c, &ours, &wanted);
    memcpy((char*)&c + wrong[i].offset, &wrong[i].value, sizeof(int64_t));
    REFUSED(call(mps_convolution, &c, &ours, &result),
            PT2_STATUS_INVALID_ARGUMENT, wrong[i].text);
    assert_null(result);
    release(&ours);
    release(&wanted);
  }
}

static void test_wrong_tensors_are_named(void** state) {
  (void)state;
  operands_t a, b, wanted_a, wanted_b;
  make_operands(&plain, &a, &wanted_a);
  case_t other = plain;
  other.dtype = PT2_DTYPE_F16;
  other.out = 7;
  make_operands(&other, &b, &wanted_b);
  pt2_tensor_t* result = NULL;
  operands_t mixed = {a.x, b.w, NULL};
  REFUSED(call(mps_convolution, &plain, &mixed, &result),
          PT2_STATUS_INVALID_ARGUMENT, "weight type");
  mixed = (operands_t){a.x, a.w, b.b};
  REFUSED(call(mps_convolution, &plain, &mixed, &result),
          PT2_STATUS_INVALID_ARGUMENT,
          "expected bias to be 1-dimensional with 6 elements");
  mixed = (operands_t){NULL, a.w, NULL};
  REFUSED(call(mps_convolution, &plain, &mixed, &result),
          PT2_STATUS_INVALID_ARGUMENT, "input");
  mixed = (operands_t){a.x, NULL, NULL};
  REFUSED(call(mps_convolution, &plain, &mixed, &result),
          PT2_STATUS_INVALID_ARGUMENT, "weight");
  // An image without a batch is for callers to unsqueeze, as in PyTorch.
  const int64_t sizes[3] = {4, 5, 5};
  mixed =
      (operands_t){make(true, PT2_DTYPE_F32, 3, sizes, NULL, NULL), a.w, NULL};
  REFUSED(call(mps_convolution, &plain, &mixed, &result),
          PT2_STATUS_INVALID_ARGUMENT, "Expected 4-dimensional input");
  pt2_tensor_release(mixed.x);
  const int64_t three[3] = {1, 1, 1};
  REFUSED(mps_convolution(a.x, a.w, NULL, three, 3, three, 2, three, 2, 0,
                          three, 2, 1, &result),
          PT2_STATUS_INVALID_ARGUMENT, "expected stride to be");
  REFUSED(call(mps_convolution, &plain, &a, NULL), PT2_STATUS_INVALID_ARGUMENT,
          "NULL");
  assert_null(result);
  release(&a);
  release(&b);
  release(&wanted_a);
  release(&wanted_b);
}

// Whatever fails, the call fails with a word and loses nothing, and the next is
// good.
static void test_faults_of_the_device(void** state) {
  (void)state;
  static const struct {
    pt2_status_t status;
    const char* text;
  } said[] = {
      [SOFTMETAL_FAIL_BUFFER] = {PT2_STATUS_OUT_OF_MEMORY, "bytes wanted"},
      [SOFTMETAL_FAIL_LIBRARY] = {PT2_STATUS_MODEL_ERROR, "does not compile"},
      [SOFTMETAL_FAIL_COMMANDS] = {PT2_STATUS_INTERNAL, "encoder"}};
  for (int what = SOFTMETAL_FAIL_BUFFER; what <= SOFTMETAL_FAIL_COMMANDS;
       ++what) {
    OK(backend->synchronize(backend->user, 0));
    control->close();  // compile anew
    operands_t ours, wanted;
    make_operands(&plain, &ours, &wanted);
    control->set_kept_most(0);
    pt2_backend_statistics_t before = {.struct_bytes = sizeof(before)};
    pt2_backend_statistics_t after = {.struct_bytes = sizeof(after)};
    backend->statistics(backend->user, &before);
    pt2_tensor_t* result = NULL;
    // Memory is asked for a second time.
    control->set_fault(what, what == SOFTMETAL_FAIL_BUFFER ? -1 : 1);
    REFUSED(call(mps_convolution, &plain, &ours, &result), said[what].status,
            said[what].text);
    control->set_fault(what, 0);
    control->set_kept_most(SIZE_MAX);
    assert_null(result);
    backend->statistics(backend->user, &after);
    assert_int_equal(after.live_blocks, before.live_blocks);
    // Models do not look: the run that it was in fails.
    assert_int_not_equal(backend->end_run(backend->user, 0), 0);
    assert_int_equal(backend->end_run(backend->user, 0), 0);
    release(&ours);
    release(&wanted);
    check_case(&plain);
  }
}

// Wrong arguments and faults are noted for a run; here is none.
static int forget_failures(void** state) {
  (void)take_failure();
  return nothing_is_left(state);
}

#define FORGETTING_TEST(function) \
  cmocka_unit_test_teardown(function, forget_failures)

int main(int argc, char** argv) {
  if (!begin(argc, argv, 1)) {
    return 2;
  }
  *(void**)&mps_convolution =
      pt2_shim_symbol("mps", "aoti_torch_mps_convolution");
  *(void**)&cpu_convolution =
      pt2_shim_symbol("cpu", "aoti_torch_cpu_convolution");
  *(void**)&mps_backward =
      pt2_shim_symbol("mps", "aoti_torch_mps_convolution_backward");
  *(void**)&cpu_backward =
      pt2_shim_symbol("cpu", "aoti_torch_cpu_convolution_backward");
  const struct CMUnitTest tests[] = {
      FORGETTING_TEST(test_convolutions_of_any_kind),
      FORGETTING_TEST(test_convolutions_of_every_kernel),
      FORGETTING_TEST(test_short_lists),
      FORGETTING_TEST(test_nobody_waits_between),
      FORGETTING_TEST(test_what_the_cpu_does),
      FORGETTING_TEST(test_gradients_lie_as_pytorchs),
      FORGETTING_TEST(test_gradients_that_fail),
      FORGETTING_TEST(test_nothing_to_compute),
      FORGETTING_TEST(test_wrong_arguments_are_named),
      FORGETTING_TEST(test_wrong_tensors_are_named),
      FORGETTING_TEST(test_faults_of_the_device),
  };
  return cmocka_run_group_tests_name("mps convolution", tests, NULL, NULL);
}
