// SPDX-License-Identifier: Apache-2.0
//
// The functions that models of mps import, called one by one, and runs that
// fail on the way:
//
//   test_mps_shim PLUGIN FOLDER
//
// as test_mps_packages.
#include "mps/device.h"

#include <pthread.h>

// ---- Tensors ----------------------------------------------------------------

// Numbers that repeat late, between -1 and 1.
static void fill(float* data, size_t count, unsigned seed) {
  for (size_t i = 0; i < count; ++i) {
    data[i] = (float)((i * 7919 + seed * 104729) % 2003) / 1001.5f - 1.0f;
  }
}

static pt2_tensor_t* numbers(size_t rank, const int64_t* sizes, float* data,
                             unsigned seed) {
  size_t count = 1;
  for (size_t i = 0; i < rank; ++i) {
    count *= (size_t)sizes[i];
  }
  fill(data, count, seed);
  return on_device(PT2_DTYPE_F32, rank, sizes, data);
}

static const float* read_back(pt2_tensor_t* tensor) {
  return pt2_tensor_peek_data(tensor);  // waits
}

// ---- Kernels ----------------------------------------------------------------

static const char source[] =
    "#include <metal_stdlib>\n"
    "using namespace metal;\n"
    "kernel void scale(device float* out [[buffer(0)]],\n"
    "    constant float* in [[buffer(1)]], constant long& by [[buffer(2)]],\n"
    "    uint i [[thread_position_in_grid]]) {\n"
    "  out[i] = in[i] * float(by);\n"
    "}\n";

typedef struct {
  AOTIMetalShaderLibraryHandle library;
  AOTIMetalKernelFunctionHandle kernel;
  pt2_tensor_t* in;
  pt2_tensor_t* out;
} fixture_t;

static fixture_t set_up(const char* kernel) {
  static const float data[6] = {1, 2, 3, 4, 5, 6};
  int64_t size = 6;
  fixture_t f = {0};
  OK(SHIM(create_shader_library)(source, &f.library));
  OK(SHIM(get_kernel_function)(f.library, kernel, &f.kernel));
  f.in = on_device(PT2_DTYPE_F32, 1, &size, data);
  OK(pt2_tensor_create_on(PT2_DEVICE_MPS, 0, PT2_DTYPE_F32, 1, &size, NULL,
                          &f.out));
  return f;
}

static void tear_down(fixture_t* f) {
  pt2_tensor_release(f->in);
  pt2_tensor_release(f->out);
  OK(SHIM(delete_shader_library)(f->library));
}

static void scale_by_7(AOTIMetalKernelFunctionHandle kernel, void* user) {
  const fixture_t* f = user;
  OK(SHIM(start_encoding)(kernel));
  OK(SHIM(set_arg_tensor)(kernel, 0, f->out));
  OK(SHIM(set_arg_tensor)(kernel, 1, f->in));
  OK(SHIM(set_arg_int)(kernel, 2, 7));
  OK(SHIM(dispatch_single)(kernel, 6));
}

static void test_a_kernel_runs(void** state) {
  (void)state;
  fixture_t f = set_up("scale");
  OK(SHIM(run_command_block)(f.kernel, scale_by_7, &f));
  const float* out = read_back(f.out);
  for (int i = 0; i < 6; ++i) {
    assert_true(out[i] == 7.0f * (float)(i + 1));
  }
  // One library and one kernel for all who ask.
  AOTIMetalShaderLibraryHandle again = NULL;
  AOTIMetalKernelFunctionHandle kernel = NULL;
  uint64_t compiled = control->compiled();
  OK(SHIM(create_shader_library)(source, &again));
  assert_ptr_equal(again, f.library);
  OK(SHIM(get_kernel_function)(again, "scale", &kernel));
  assert_ptr_equal(kernel, f.kernel);
  assert_int_equal(control->compiled(), compiled);
  OK(SHIM(delete_shader_library)(again));
  tear_down(&f);
  assert_int_equal(take_failure(), PT2_STATUS_OK);
}

static void test_views_are_bound_with_their_offset(void** state) {
  (void)state;
  fixture_t f = set_up("scale");
  int64_t size = 3;
  int64_t stride = 1;
  AtenTensorHandle tail = view_of(f.in, 1, &size, &stride, 3);
  OK(SHIM(start_encoding)(f.kernel));
  OK(SHIM(set_arg_tensor)(f.kernel, 0, f.out));
  OK(SHIM(set_arg_tensor)(f.kernel, 1, tail));
  OK(SHIM(set_arg_int)(f.kernel, 2, -1));
  uint64_t threads[3] = {3, 1, 1};
  uint64_t group[3] = {2, 1, 1};
  OK(SHIM(dispatch_array_with_group_size)(f.kernel, threads, 3, group, 3));
  const float* out = read_back(f.out);
  assert_true(out[0] == -4 && out[1] == -5 && out[2] == -6);
  pt2_tensor_release(tail);
  tear_down(&f);
}

static void test_numbers_of_the_host_are_arguments(void** state) {
  (void)state;
  fixture_t f = set_up("scale");
  pt2_tensor_t* number = NULL;
  OK(pt2_tensor_create(PT2_DTYPE_I64, 0, NULL, NULL, &number));
  *(int64_t*)pt2_tensor_peek_data(number) = 3;
  OK(SHIM(start_encoding)(f.kernel));
  OK(SHIM(set_arg_tensor)(f.kernel, 0, f.out));
  OK(SHIM(set_arg_tensor)(f.kernel, 1, f.in));
  OK(SHIM(set_arg_tensor)(f.kernel, 2, number));
  OK(SHIM(dispatch_single_with_group_size)(f.kernel, 6, 4));
  assert_true(read_back(f.out)[5] == 18);
  pt2_tensor_release(number);
  // A double becomes a float: 1.0's bits as the kernel's one long, cut to 4
  // bytes, are no double's.
  double one = 1;
  OK(pt2_tensor_create(PT2_DTYPE_F64, 0, NULL, NULL, &number));
  memcpy(pt2_tensor_peek_data(number), &one, sizeof(one));
  OK(SHIM(start_encoding)(f.kernel));
  OK(SHIM(set_arg_tensor)(f.kernel, 0, f.out));
  OK(SHIM(set_arg_tensor)(f.kernel, 1, number));
  OK(SHIM(set_arg_int)(f.kernel, 2, 5));
  OK(SHIM(dispatch_single)(f.kernel, 1));
  assert_true(read_back(f.out)[0] == 5);
  pt2_tensor_release(number);
  tear_down(&f);
}

static void test_nothing_to_run_is_no_error(void** state) {
  (void)state;
  fixture_t f = set_up("scale");
  uint64_t threads[2] = {6, 0};
  uint64_t before[3], after[3];
  control->counts(before);
  OK(SHIM(start_encoding)(f.kernel));
  OK(SHIM(dispatch_array)(f.kernel, threads, 2));
  OK(SHIM(start_encoding)(f.kernel));
  OK(SHIM(dispatch_single)(f.kernel, 0));
  control->counts(after);
  assert_int_equal(after[0], before[0]);
  tear_down(&f);
}

static void test_wrong_calls_are_refused(void** state) {
  (void)state;
  AOTIMetalShaderLibraryHandle library = NULL;
  AOTIMetalKernelFunctionHandle none = NULL;
  REFUSED(SHIM(create_shader_library)("kernel void broken( {", &library),
          PT2_STATUS_MODEL_ERROR, "does not compile");
  REFUSED(SHIM(create_shader_library)("kernel void k(device float* a) { b; }\n",
                                      &library),
          PT2_STATUS_MODEL_ERROR, "not declared");
  REFUSED(SHIM(create_shader_library)(NULL, &library),
          PT2_STATUS_INVALID_ARGUMENT, "source is NULL");
  fixture_t f = set_up("scale");
  REFUSED(SHIM(get_kernel_function)(f.library, "absent", &none),
          PT2_STATUS_MODEL_ERROR, "kernel absent");
  REFUSED(SHIM(get_kernel_function)(NULL, "scale", &none),
          PT2_STATUS_INVALID_ARGUMENT, "NULL");
  REFUSED(SHIM(start_encoding)(NULL), PT2_STATUS_INVALID_ARGUMENT,
          "kernel is a NULL");
  REFUSED(SHIM(set_arg_int)(f.kernel, 0, 1), PT2_STATUS_FAILED_PRECONDITION,
          "no kernel call was begun");
  OK(SHIM(start_encoding)(f.kernel));
  REFUSED(SHIM(set_arg_tensor)(f.kernel, 31, f.in), PT2_STATUS_UNSUPPORTED,
          "at most 31");
  REFUSED(SHIM(dispatch_single)(f.kernel, 6), PT2_STATUS_FAILED_PRECONDITION,
          "no kernel call");
  OK(SHIM(start_encoding)(f.kernel));
  REFUSED(SHIM(set_arg_tensor)(f.kernel, 0, NULL), PT2_STATUS_INVALID_ARGUMENT,
          "argument 0 is a NULL handle");
  pt2_tensor_t* host = NULL;
  int64_t size = 6;
  OK(pt2_tensor_create(PT2_DTYPE_F32, 1, &size, NULL, &host));
  OK(SHIM(start_encoding)(f.kernel));
  REFUSED(SHIM(set_arg_tensor)(f.kernel, 0, host), PT2_STATUS_INVALID_ARGUMENT,
          "tensor of the cpu with 1 dimensions");
  pt2_tensor_release(host);
  uint64_t sizes[4] = {1, 1, 1, 1};
  OK(SHIM(start_encoding)(f.kernel));
  REFUSED(SHIM(dispatch_array)(f.kernel, sizes, 4), PT2_STATUS_INVALID_ARGUMENT,
          "kernel scale: a grid has 1 to 3 dimensions");
  OK(SHIM(start_encoding)(f.kernel));
  REFUSED(SHIM(dispatch_single_with_group_size)(f.kernel, 6, 1025),
          PT2_STATUS_INVALID_ARGUMENT, "1 to 1024 threads, not 1025");
  tear_down(&f);
  assert_int_not_equal(take_failure(), PT2_STATUS_OK);
  assert_int_equal(take_failure(), PT2_STATUS_OK);
}

// ---- Memory -----------------------------------------------------------------

static void test_memory_for_constants(void** state) {
  (void)state;
  uint8_t bytes[64];
  for (int i = 0; i < 64; ++i) {
    bytes[i] = (uint8_t)(i * 3);
  }
  void* block = &block;
  OK(SHIM(malloc)(&block, 0));
  assert_null(block);
  OK(SHIM(free)(NULL));
  OK(SHIM(malloc)(&block, 128));
  void* other = NULL;
  OK(SHIM(malloc)(&other, 64));
  OK(SHIM(memcpy)(block, 32, 8, 16, bytes));
  assert_memory_equal((uint8_t*)block + 32, bytes + 8, 16);
  // The source's offset is in its address.
  OK(SHIM(copy_buffer)((uint8_t*)block + 32, other, 16, 4, 48));
  assert_memory_equal((uint8_t*)other + 48, bytes + 8, 16);
  REFUSED(SHIM(memcpy)(block, 120, 0, 16, bytes), PT2_STATUS_INVALID_ARGUMENT,
          "the target of a copy of 16 bytes");
  REFUSED(SHIM(memcpy)(NULL, 0, 0, 16, bytes), PT2_STATUS_INVALID_ARGUMENT,
          "leaves the device's memory");
  REFUSED(SHIM(copy_buffer)(bytes, other, 16, 0, 0),
          PT2_STATUS_INVALID_ARGUMENT, "the source of a copy");
  REFUSED(SHIM(copy_buffer)(block, other, 16, 0, SIZE_MAX - 4),
          PT2_STATUS_INVALID_ARGUMENT, "the target of a copy");
  REFUSED(SHIM(free)((uint8_t*)block + 1), PT2_STATUS_INVALID_ARGUMENT,
          "not memory of the device");
  OK(SHIM(free)(block));
  OK(SHIM(free)(other));
  REFUSED(SHIM(malloc)(&block, (size_t)1 << 60), PT2_STATUS_OUT_OF_MEMORY,
          "bytes wanted");
  assert_null(block);
  assert_int_not_equal(take_failure(), PT2_STATUS_OK);
}

// ---- Operators --------------------------------------------------------------

// Sizes around a tile's edge, with transposed and broadcast operands.
static void test_matmul_of_many_sizes(void** state) {
  (void)state;
  static const int64_t sizes[][3] = {{1, 1, 1},  {16, 16, 16}, {17, 15, 33},
                                     {3, 70, 5}, {40, 1, 16},  {31, 32, 47}};
  static float a[8192], b[8192], c[8192];
  for (size_t s = 0; s < sizeof(sizes) / sizeof(*sizes); ++s) {
    int64_t m = sizes[s][0], n = sizes[s][1], k = sizes[s][2];
    pt2_tensor_t* ta = numbers(2, (int64_t[]){m, k}, a, 1);
    // Lies as n x k, is looked at as k x n.
    pt2_tensor_t* raw = numbers(2, (int64_t[]){n, k}, b, 2);
    pt2_tensor_t* tc = numbers(1, (int64_t[]){n}, c, 3);
    AtenTensorHandle tb =
        view_of(raw, 2, (int64_t[]){k, n}, (int64_t[]){1, k}, 0);
    pt2_tensor_t* out = NULL;
    OK(pt2_tensor_create_on(PT2_DEVICE_MPS, 0, PT2_DTYPE_F32, 2,
                            (int64_t[]){m, n}, NULL, &out));
    uint64_t before[3], after[3];
    control->counts(before);
    OK(SHIM(addmm_out)(out, tc, ta, tb, 0.5, 2.0));
    control->counts(after);
    assert_int_equal(after[0] - before[0], 1);  // ours, not the host's
    const float* got = read_back(out);
    for (int64_t i = 0; i < m; ++i) {
      for (int64_t j = 0; j < n; ++j) {
        double sum = 0;
        for (int64_t l = 0; l < k; ++l) {
          sum += (double)a[i * k + l] * b[j * k + l];
        }
        double wanted = 0.5 * c[j] + 2 * sum;
        assert_true(fabs(got[i * n + j] - wanted) <= 1e-5 * (1 + fabs(wanted)));
      }
    }
    pt2_tensor_release(tb);
    pt2_tensor_release(raw);
    pt2_tensor_release(ta);
    pt2_tensor_release(tc);
    pt2_tensor_release(out);
  }
}

// What the kernel does not do, the host does; what nobody does is named.
static void test_matmul_elsewhere(void** state) {
  (void)state;
  static const int64_t ones[6] = {1, 2, 3, 4, 5, 6};
  pt2_tensor_t* a = on_device(PT2_DTYPE_I64, 2, (int64_t[]){2, 3}, ones);
  pt2_tensor_t* b = on_device(PT2_DTYPE_I64, 2, (int64_t[]){3, 2}, ones);
  pt2_tensor_t* out = on_device(PT2_DTYPE_I64, 2, (int64_t[]){2, 2}, ones);
  OK(SHIM(mm_out)(out, a, b));
  const int64_t* got = pt2_tensor_peek_data(out);
  assert_true(got[0] == 22 && got[1] == 28 && got[2] == 49 && got[3] == 64);
  REFUSED(SHIM(mm_out)(out, a, a), PT2_STATUS_INVALID_ARGUMENT, "aten::mm");
  pt2_tensor_release(a);
  pt2_tensor_release(b);
  pt2_tensor_release(out);
}

typedef struct {
  int64_t outer, batch, heads, heads_k, rows, keys, depth, depth_v;
} shape_t;

static double reference_score(const shape_t* s, const float* q, const float* k,
                              int64_t line, int64_t line_k, int64_t i,
                              int64_t j) {
  double sum = 0;
  for (int64_t d = 0; d < s->depth; ++d) {
    sum += (double)q[(line * s->rows + i) * s->depth + d] *
           k[(line_k * s->keys + j) * s->depth + d];
  }
  return sum / sqrt((double)s->depth);
}

// One row of the result and of its weights.
static void check_row(const shape_t* s, const float* q, const float* k,
                      const float* v, const uint8_t* keep, int64_t line,
                      int64_t line_k, int64_t i, const float* result,
                      const float* weights) {
  double e[64], sum = 0;
  for (int64_t j = 0; j < s->keys; ++j) {
    double score = reference_score(s, q, k, line, line_k, i, j);
    e[j] = keep == NULL || keep[i * s->keys + j] ? exp(score) : 0;
    sum += e[j];
  }
  for (int64_t j = 0; j < s->keys; ++j) {
    double wanted = sum > 0 ? e[j] / sum : 0;
    assert_true(fabs(weights[(line * s->rows + i) * s->keys + j] - wanted) <
                1e-5);
  }
  for (int64_t d = 0; d < s->depth_v; ++d) {
    double wanted = 0;
    for (int64_t j = 0; j < s->keys && sum > 0; ++j) {
      wanted += e[j] / sum * v[(line_k * s->keys + j) * s->depth_v + d];
    }
    assert_true(fabs(result[(line * s->rows + i) * s->depth_v + d] - wanted) <
                1e-5);
  }
}

static void check_attention(const shape_t* s, size_t rank,
                            const uint8_t* keep) {
  static float q[8192], k[8192], v[8192];
  const int64_t sizes[3][5] = {
      {s->outer, s->batch, s->heads, s->rows, s->depth},
      {s->outer, s->batch, s->heads_k, s->keys, s->depth},
      {s->outer, s->batch, s->heads_k, s->keys, s->depth_v}};
  pt2_tensor_t* tq = numbers(rank, sizes[0] + 5 - rank, q, 1);
  pt2_tensor_t* tk = numbers(rank, sizes[1] + 5 - rank, k, 2);
  pt2_tensor_t* tv = numbers(rank, sizes[2] + 5 - rank, v, 3);
  AtenTensorHandle mask = NULL;
  if (keep != NULL) {
    mask = on_device(PT2_DTYPE_BOOL, 2, (int64_t[]){s->rows, s->keys}, keep);
  }
  AtenTensorHandle result = NULL, weights = NULL;
  OK(SHIM(_scaled_dot_product_attention_math_for_mps_v2)(
      tq, tk, tv, keep != NULL ? &mask : NULL, 0, 0, NULL, NULL, 1, &result,
      &weights));
  assert_int_equal(pt2_tensor_rank(result), rank);
  const float* got = read_back(result);
  const float* got_weights = read_back(weights);
  for (int64_t line = 0; line < s->outer * s->batch * s->heads; ++line) {
    int64_t line_k = line / s->heads * s->heads_k +
                     line % s->heads / (s->heads / s->heads_k);
    for (int64_t i = 0; i < s->rows; ++i) {
      check_row(s, q, k, v, keep, line, line_k, i, got, got_weights);
    }
  }
  pt2_tensor_release(tq);
  pt2_tensor_release(tk);
  pt2_tensor_release(tv);
  pt2_tensor_release(mask);
  pt2_tensor_release(result);
  pt2_tensor_release(weights);
}

static void test_attention_of_many_kinds(void** state) {
  (void)state;
  check_attention(&(shape_t){1, 1, 2, 2, 5, 33, 7, 9}, 3, NULL);
  check_attention(&(shape_t){1, 2, 6, 2, 4, 40, 8, 8}, 4, NULL);
  check_attention(&(shape_t){3, 2, 2, 1, 3, 7, 4, 5}, 5, NULL);
  // The second row looks at nothing.
  static const uint8_t keep[] = {1, 0, 1, 1, 0, 0, 0, 0, 1, 1, 1, 1};
  check_attention(&(shape_t){1, 2, 2, 2, 3, 4, 4, 4}, 4, keep);
  check_attention(&(shape_t){2, 2, 2, 2, 3, 4, 4, 4}, 5, keep);
}

static void test_wrong_attention_is_named(void** state) {
  (void)state;
  float data[64];
  pt2_tensor_t* q = numbers(3, (int64_t[]){2, 3, 4}, data, 1);
  pt2_tensor_t* k = numbers(3, (int64_t[]){2, 5, 3}, data, 1);
  AtenTensorHandle a = NULL, b = NULL;
  REFUSED(SHIM(_scaled_dot_product_attention_math_for_mps)(q, k, k, NULL, 0, 0,
                                                           NULL, NULL, &a, &b),
          PT2_STATUS_INVALID_ARGUMENT, "a query has 4 numbers, a key 3");
  REFUSED(SHIM(_scaled_dot_product_attention_math_for_mps)(
              q, q, q, NULL, 0.1, 0, NULL, NULL, &a, &b),
          PT2_STATUS_INVALID_ARGUMENT, "dropout");
  REFUSED(SHIM(_scaled_dot_product_attention_math_for_mps)(q, q, q, &q, 0, 1,
                                                           NULL, NULL, &a, &b),
          PT2_STATUS_INVALID_ARGUMENT, "exclude each other");
  REFUSED(SHIM(_scaled_dot_product_attention_math_for_mps)(
              NULL, q, q, NULL, 0, 0, NULL, NULL, &a, &b),
          PT2_STATUS_INVALID_ARGUMENT, "tensors of mps");
  assert_null(a);
  pt2_tensor_release(q);
  pt2_tensor_release(k);
  assert_int_not_equal(take_failure(), PT2_STATUS_OK);
}

// Every function that PyTorch's header names for mps is here, but for these:
// sparse tensors, and an interface that mps does not fill.
static const char* const absent[] = {
    "_scaled_dot_product_fused_attention_overrideable",
    "_scaled_dot_product_fused_attention_overrideable_backward",
    "_to_sparse",
    "to_sparse",
};
#define ABSENT_COUNT (sizeof(absent) / sizeof(*absent))

static bool is_absent(const char* symbol) {
  for (size_t i = 0; i < ABSENT_COUNT; ++i) {
    if (strcmp(symbol + strlen("aoti_torch_mps_"), absent[i]) == 0) {
      return true;
    }
  }
  return false;
}

static void test_every_function_is_here(void** state) {
  (void)state;
  FILE* file = fopen(PT2_ABI_SYMBOLS, "r");
  assert_non_null(file);
  char* line = NULL;
  size_t bytes = 0;
  size_t count = 0;
  while (getline(&line, &bytes, file) > 0) {
    char header[64], symbol[128];
    if (sscanf(line, "%63s %127s", header, symbol) != 2 ||
        strncmp(symbol, "aoti_torch_mps_", strlen("aoti_torch_mps_")) != 0) {
      continue;
    }
    ++count;
    bool here = pt2_shim_symbol("mps", symbol) != NULL;
    if (here == is_absent(symbol)) {
      fail_msg("%s is %s", symbol, here ? "here after all" : "missing");
    }
  }
  free(line);
  fclose(file);
  assert_true(count >= 150);
}

// A tensor of the device with its own strides, all 1.
static pt2_tensor_t* laid_out(size_t rank, const int64_t* sizes,
                              const int64_t* strides) {
  pt2_tensor_t* tensor = NULL;
  pt2_tensor_t* one = NULL;
  OK(pt2_tensor_create_on(PT2_DEVICE_MPS, 0, PT2_DTYPE_F32, rank, sizes,
                          strides, &tensor));
  OK(pt2_tensor_create(PT2_DTYPE_F32, 0, NULL, NULL, &one));
  *(float*)pt2_tensor_peek_data(one) = 1;
  OK(pt2_tensor_copy(tensor, one));
  pt2_tensor_release(one);
  return tensor;
}

typedef struct {
  size_t rank;
  int64_t x[5], x_strides[5], w[5], w_strides[5];
  int64_t groups;
  int64_t wanted_strides[5];
} convolution_t;

// The rule of PyTorch 2.15 for mps (_conv_determine_backend_memory_format):
// channels last if input or weight is, whatever the cpu's is.
static void test_convolutions_lie_as_pytorchs(void** state) {
  (void)state;
  static const convolution_t cases[] = {
      // Input alone, weight alone, neither.
      {4,
       {2, 4, 5, 5},
       {100, 1, 20, 4},
       {6, 4, 3, 3},
       {36, 9, 3, 1},
       1,
       {54, 1, 18, 6}},
      {4,
       {2, 4, 5, 5},
       {100, 25, 5, 1},
       {6, 4, 3, 3},
       {36, 1, 12, 4},
       1,
       {54, 1, 18, 6}},
      {4,
       {2, 4, 5, 5},
       {100, 25, 5, 1},
       {6, 4, 3, 3},
       {36, 9, 3, 1},
       1,
       {54, 9, 3, 1}},
      // One channel of input: its strides may be read either way.
      {4,
       {2, 1, 5, 5},
       {25, 1, 5, 1},
       {6, 1, 3, 3},
       {9, 9, 3, 1},
       1,
       {54, 1, 18, 6}},
      {4,
       {2, 4, 5, 5},
       {100, 25, 5, 1},
       {8, 1, 3, 3},
       {9, 1, 3, 1},
       4,
       {72, 1, 24, 8}},
      // Three dimensions of space, and one.
      {5,
       {1, 2, 3, 4, 5},
       {120, 1, 40, 10, 2},
       {3, 2, 1, 1, 1},
       {2, 1, 1, 1, 1},
       1,
       {180, 1, 60, 15, 3}},
      {3, {2, 4, 9}, {36, 1, 4}, {5, 4, 2}, {8, 2, 1}, 1, {40, 8, 1}},
      // A slice of channels is not packed, so it counts for nothing.
      {4,
       {2, 4, 5, 5},
       {200, 1, 40, 8},
       {6, 4, 3, 3},
       {36, 9, 3, 1},
       1,
       {54, 9, 3, 1}},
      // A 1-d weight, and a 1-d input that is row-major too.
      {3, {2, 4, 9}, {36, 9, 1}, {5, 4, 2}, {8, 1, 4}, 1, {40, 1, 5}},
      {3, {3, 1, 6}, {6, 1, 1}, {2, 1, 1}, {1, 1, 1}, 1, {12, 1, 2}},
  };
  for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); ++i) {
    const convolution_t* c = &cases[i];
    pt2_tensor_t* x = laid_out(c->rank, c->x, c->x_strides);
    pt2_tensor_t* w = laid_out(c->rank, c->w, c->w_strides);
    const int64_t ones[3] = {1, 1, 1}, zeros[3] = {0, 0, 0};
    int64_t n = (int64_t)c->rank - 2;
    AtenTensorHandle out = NULL;
    OK(SHIM(convolution)(x, w, NULL, ones, n, zeros, n, ones, n, 0, zeros, n,
                         c->groups, &out));
    for (size_t d = 0; d < c->rank; ++d) {
      if (pt2_tensor_peek_strides(out)[d] != c->wanted_strides[d]) {
        fail_msg("case %zu: stride %zu is %lld, expected %lld", i, d,
                 (long long)pt2_tensor_peek_strides(out)[d],
                 (long long)c->wanted_strides[d]);
      }
    }
    int64_t terms = 1;
    for (size_t d = 1; d < c->rank; ++d) {
      terms *= c->w[d];
    }
    assert_true(read_back(out)[0] == (float)terms);
    pt2_tensor_release(x);
    pt2_tensor_release(w);
    pt2_tensor_release(out);
  }
}

// ---- Runners ----------------------------------------------------------------

static pt2_package_t* open_package(const char* name) {
  char path[1024];
  pt2_package_t* package = NULL;
  snprintf(path, sizeof(path), "%s/%s.pt2", folder, name);
  OK(pt2_package_open(path, NULL, &package));
  return package;
}

static pt2_status_t run_mlp(pt2_runner_t* runner, pt2_tensor_t** out) {
  float data[8 * 32];
  pt2_tensor_t* input = numbers(2, (int64_t[]){8, 32}, data, 9);
  pt2_status_t status = pt2_runner_run(runner, &input, 1, out, 1);
  pt2_tensor_release(input);
  if (status == PT2_STATUS_OK) {
    status = backend->synchronize(backend->user, 0);
  }
  return status;
}

// Whatever fails, the call fails with a word, nothing is left, and the next one
// is good.
static void test_faults_of_the_device(void** state) {
  (void)state;
  static const char* const said[] = {
      [SOFTMETAL_FAIL_BUFFER] = "bytes wanted",
      [SOFTMETAL_FAIL_LIBRARY] = "does not compile",
      [SOFTMETAL_FAIL_COMMANDS] = "encoder",
      [SOFTMETAL_FAIL_FINISH] = "a fault of the device"};
  pt2_package_t* package = open_package("gelu_mlp");
  for (int what = SOFTMETAL_FAIL_BUFFER; what < SOFTMETAL_FAIL_COUNT; ++what) {
    for (int nth = 1;; ++nth) {
      assert_true(nth < 100);
      control->close();  // compile anew
      pt2_backend_statistics_t before = {.struct_bytes = sizeof(before)};
      backend->statistics(backend->user, &before);
      float data[8 * 32];
      pt2_tensor_t* input = numbers(2, (int64_t[]){8, 32}, data, 9);
      pt2_runner_t* runner = NULL;
      pt2_tensor_t* out = NULL;
      // Memory is asked for a second time.
      control->set_fault(what, what == SOFTMETAL_FAIL_BUFFER ? -nth : nth);
      pt2_status_t status = pt2_runner_create(package, NULL, &runner);
      if (status == PT2_STATUS_OK) {
        status = pt2_runner_run(runner, &input, 1, &out, 1);
      }
      if (status == PT2_STATUS_OK) {
        pt2_error_clear();
        status = backend->synchronize(backend->user, 0);
      }
      control->set_fault(what, 0);
      if (status != PT2_STATUS_OK &&
          strstr(pt2_error_message(), said[what]) == NULL) {
        fail_msg("fault %d of kind %d: %s", nth, what, pt2_error_message());
      }
      pt2_tensor_release(out);
      pt2_tensor_release(input);
      if (runner != NULL) {
        OK(run_mlp(runner, &out));
        pt2_tensor_release(out);
      }
      pt2_runner_release(runner);
      pt2_backend_statistics_t after = {.struct_bytes = sizeof(after)};
      backend->statistics(backend->user, &after);
      assert_int_equal(after.live_blocks, before.live_blocks);
      if (status == PT2_STATUS_OK) {
        assert_true(nth > 1);
        break;
      }
    }
  }
  pt2_package_release(package);
}

typedef struct {
  pt2_runner_t* runner;
  const float* wanted;
  int wrong;
} caller_t;

static void* call_often(void* user) {
  caller_t* caller = user;
  for (int i = 0; i < 20; ++i) {
    pt2_tensor_t* out = NULL;
    if (run_mlp(caller->runner, &out) != PT2_STATUS_OK ||
        memcmp(read_back(out), caller->wanted, 8 * 32 * sizeof(float)) != 0) {
      ++caller->wrong;
    }
    pt2_tensor_release(out);
  }
  return NULL;
}

static void test_many_threads(void** state) {
  (void)state;
  pt2_package_t* package = open_package("gelu_mlp");
  pt2_runner_options_t options;
  pt2_runner_options_init(&options);
  options.num_runners = 2;
  pt2_runner_t* runner = NULL;
  OK(pt2_runner_create(package, &options, &runner));
  pt2_tensor_t* wanted = NULL;
  OK(run_mlp(runner, &wanted));
  pthread_t threads[4];
  caller_t callers[4];
  for (int i = 0; i < 4; ++i) {
    callers[i] = (caller_t){runner, read_back(wanted), 0};
    assert_int_equal(pthread_create(&threads[i], NULL, call_often, &callers[i]),
                     0);
  }
  for (int i = 0; i < 4; ++i) {
    pthread_join(threads[i], NULL);
    assert_int_equal(callers[i].wrong, 0);
  }
  pt2_tensor_release(wanted);
  pt2_runner_release(runner);
  pt2_package_release(package);
}

static void test_the_runners_contract(void** state) {
  (void)state;
  char path[1024];
  snprintf(path, sizeof(path), "%s/gelu_mlp.pt2", folder);
  pt2_runner_t* runner = NULL;
  static const char* const wrong[] = {"mps:0", "cpu", "MPS", "", NULL};
  for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); ++i) {
    REFUSED(pt2_runner_create_mps(path, 1, wrong[i], "", false, &runner),
            PT2_STATUS_INVALID_ARGUMENT, "takes exactly \"mps\"");
  }
  REFUSED(pt2_runner_create_mps(path, 0, "mps", "", false, &runner),
          PT2_STATUS_INVALID_ARGUMENT, "at least 1");
  REFUSED(pt2_runner_create_mps(path, 2, "mps", "", true, &runner),
          PT2_STATUS_INVALID_ARGUMENT, "single-threaded");
  REFUSED(pt2_runner_create_mps("absent.so", 1, "mps", "", false, &runner),
          PT2_STATUS_NOT_FOUND, "absent.so");
  assert_null(runner);
  OK(pt2_runner_create_mps(path, 3, "mps", "", false, &runner));
  pt2_tensor_t* out = NULL;
  OK(run_mlp(runner, &out));
  pt2_tensor_release(out);
  // A tensor of the host is none of the device.
  int64_t sizes[2] = {8, 32};
  pt2_tensor_t* host = NULL;
  OK(pt2_tensor_create(PT2_DTYPE_F32, 2, sizes, NULL, &host));
  REFUSED(pt2_runner_run(runner, &host, 1, &out, 1),
          PT2_STATUS_INVALID_ARGUMENT, "mps");
  pt2_tensor_release(host);
  pt2_runner_release(runner);
  pt2_runner_options_t options;
  pt2_runner_options_init(&options);
  options.device_index = 1;
  pt2_package_t* package = open_package("gelu_mlp");
  runner = NULL;
  REFUSED(pt2_runner_create(package, &options, &runner),
          PT2_STATUS_INVALID_ARGUMENT, "only index 0");
  pt2_package_release(package);
}

// Every constant is read, replaced and read again.
static void test_constants_are_swapped(void** state) {
  (void)state;
  pt2_package_t* package = open_package("gelu_mlp");
  pt2_runner_t* runner = NULL;
  OK(pt2_runner_create(package, NULL, &runner));
  pt2_tensor_t* before = NULL;
  OK(run_mlp(runner, &before));
  size_t count = pt2_runner_constant_count(runner);
  assert_int_equal(count, 4);
  pt2_named_tensor_t fresh[4];
  for (size_t i = 0; i < count; ++i) {
    pt2_constant_info_t info;
    OK(pt2_runner_constant_info(runner, i, &info));
    pt2_tensor_t* zeros = NULL;
    OK(pt2_tensor_create(info.dtype, info.rank, info.sizes, NULL, &zeros));
    memset(pt2_tensor_peek_data(zeros), 0,
           (size_t)pt2_tensor_numel(zeros) * sizeof(float));
    fresh[i] = (pt2_named_tensor_t){.name = info.name, .tensor = zeros};
  }
  pt2_constants_options_t how;
  pt2_constants_options_init(&how);
  how.use_inactive = true;
  OK(pt2_runner_update_constants(runner, fresh, count, &how));
  OK(pt2_runner_swap_constants(runner));
  pt2_tensor_t* after = NULL;
  OK(run_mlp(runner, &after));
  const float* zero = read_back(after);
  for (int i = 0; i < 8 * 32; ++i) {
    assert_true(zero[i] == 0);
  }
  OK(pt2_runner_swap_constants(runner));
  pt2_tensor_t* again = NULL;
  OK(run_mlp(runner, &again));
  assert_memory_equal(read_back(again), read_back(before),
                      8 * 32 * sizeof(float));
  for (size_t i = 0; i < count; ++i) {
    pt2_tensor_release(fresh[i].tensor);
  }
  pt2_tensor_release(before);
  pt2_tensor_release(after);
  pt2_tensor_release(again);
  pt2_runner_release(runner);
  pt2_package_release(package);
}

int main(int argc, char** argv) {
  if (!begin(argc, argv, 2)) {
    return 2;
  }
  const struct CMUnitTest tests[] = {
      TEST(test_a_kernel_runs),
      TEST(test_views_are_bound_with_their_offset),
      TEST(test_numbers_of_the_host_are_arguments),
      TEST(test_nothing_to_run_is_no_error),
      TEST(test_wrong_calls_are_refused),
      TEST(test_memory_for_constants),
      TEST(test_matmul_of_many_sizes),
      TEST(test_matmul_elsewhere),
      TEST(test_every_function_is_here),
      TEST(test_attention_of_many_kinds),
      TEST(test_wrong_attention_is_named),
      TEST(test_convolutions_lie_as_pytorchs),
      TEST(test_faults_of_the_device),
      TEST(test_many_threads),
      TEST(test_the_runners_contract),
      TEST(test_constants_are_swapped),
  };
  return cmocka_run_group_tests_name("mps shim", tests, NULL, NULL);
}
