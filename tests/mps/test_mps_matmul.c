// SPDX-License-Identifier: Apache-2.0
//
// mm, bmm, addmm and baddbmm on the device against the cpu's, over shapes,
// strides and dtypes, with and without matrices of simdgroups; and that the
// kernel which docs/adr/0018-mps.md names for a shape is the one that ran:
//
//   test_mps_matmul PLUGIN FOLDER
//
// as test_mps_packages. The numbers are small integers, so that sums are exact
// in any order and results are compared bit by bit.
#include "mps/device.h"

// ---- Operands ---------------------------------------------------------------

static uint64_t random_state;

static size_t random_below(size_t limit) {
  random_state =
      random_state * UINT64_C(6364136223846793005) + 1442695040888963407u;
  return (size_t)(random_state >> 33) % limit;
}

// -2 to 2 in |dtype|.
static void put_number(void* data, pt2_dtype_t dtype, size_t i) {
  static const float values[5] = {-2, -1, 0, 1, 2};
  static const uint16_t halves[5] = {0xc000, 0xbc00, 0, 0x3c00, 0x4000};
  size_t which = random_below(5);
  if (dtype == PT2_DTYPE_F32) {
    ((float*)data)[i] = values[which];
  } else if (dtype == PT2_DTYPE_F16) {
    ((uint16_t*)data)[i] = halves[which];
  } else {
    uint32_t bits;
    memcpy(&bits, &values[which], sizeof(bits));
    ((uint16_t*)data)[i] = (uint16_t)(bits >> 16);
  }
}

// The same view of the same bytes on both sides.
typedef struct {
  pt2_tensor_t* bytes[2];  // host, device
  AtenTensorHandle view[2];
  int64_t strides[3];
} operand_t;

enum { PLAIN, TURNED, SLICED, EXPANDED_ROW, EXPANDED_COLUMN, LAYOUT_COUNT };

static void choose_strides(int layout, int64_t rows, int64_t columns,
                           bool shared_batch, int64_t strides[3]) {
  int64_t pitch =
      (layout == TURNED ? rows : columns) + (layout == SLICED ? 3 : 0);
  strides[1] = layout == TURNED ? 1 : pitch;
  strides[2] = layout == TURNED ? pitch : 1;
  if (layout == EXPANDED_ROW) {
    strides[1] = 0;
  } else if (layout == EXPANDED_COLUMN) {
    strides[1] = 1;
    strides[2] = 0;
  }
  strides[0] =
      shared_batch ? 0 : pitch * (layout == TURNED ? columns : rows) + 5;
}

// |batch| 0: a matrix.
static operand_t make_operand(pt2_dtype_t dtype, int64_t batch, int64_t rows,
                              int64_t columns, int layout, bool shared_batch) {
  operand_t o;
  choose_strides(layout, rows, columns, shared_batch, o.strides);
  int64_t offset = (int64_t)random_below(4);
  int64_t count = offset + 1 + (batch > 1 ? batch - 1 : 0) * o.strides[0] +
                  (rows - 1) * o.strides[1] + (columns - 1) * o.strides[2];
  OK(pt2_tensor_create(dtype, 1, &count, NULL, &o.bytes[0]));
  for (int64_t i = 0; i < count; ++i) {
    put_number(pt2_tensor_peek_data(o.bytes[0]), dtype, (size_t)i);
  }
  OK(pt2_tensor_to(o.bytes[0], PT2_DEVICE_MPS, 0, &o.bytes[1]));
  const int64_t sizes[3] = {batch, rows, columns};
  int first = batch == 0 ? 1 : 0;
  for (int i = 0; i < 2; ++i) {
    o.view[i] = view_of(o.bytes[i], 3 - first, sizes + first, o.strides + first,
                        offset);
  }
  return o;
}

static void release_operand(operand_t* o) {
  for (int i = 0; i < 2; ++i) {
    pt2_tensor_release(o->view[i]);
    pt2_tensor_release(o->bytes[i]);
  }
}

// ---- One product ------------------------------------------------------------

typedef struct {
  pt2_dtype_t dtype;
  int64_t batch, m, n, k;
  int layouts[3];  // a, b, result
  bool shared[2];  // a, b: the same for the whole batch
  bool adds;
} case_t;

#define KERNEL_COUNT 4
static const char* const kernels[KERNEL_COUNT] = {
    "matmul", "matmul_simdgroup", "matvec_along", "matvec_across"};

// The rule of the ADR.
static int wanted_kernel(const case_t* c, const operand_t* a,
                         const operand_t* b, bool has_matrices) {
  if (c->m == 1) {
    return b->strides[1] <= b->strides[2] || c->n == 1 ? 2 : 3;
  }
  if (c->n == 1) {
    return a->strides[2] <= a->strides[1] ? 2 : 3;
  }
  return has_matrices && c->m >= 8 && c->n >= 8;
}

static void call_on(const char* device, int side, const case_t* c, operand_t* d,
                    operand_t* a, operand_t* b, operand_t* self) {
  bool cpu = strcmp(device, "cpu") == 0;
#define CALL(name, ...) OK((cpu ? HOST(name) : SHIM(name))(__VA_ARGS__))
  if (c->adds && c->batch == 0) {
    CALL(addmm_out, d->view[side], self->view[side], a->view[side],
         b->view[side], 0.5, 2);
  } else if (c->adds) {
    CALL(baddbmm_out, d->view[side], self->view[side], a->view[side],
         b->view[side], 0.5, 2);
  } else if (c->batch == 0) {
    CALL(mm_out, d->view[side], a->view[side], b->view[side]);
  } else {
    CALL(bmm_out, d->view[side], a->view[side], b->view[side]);
  }
#undef CALL
}

static void check_case(const case_t* c, bool has_matrices) {
  operand_t a =
      make_operand(c->dtype, c->batch, c->m, c->k, c->layouts[0], c->shared[0]);
  operand_t b =
      make_operand(c->dtype, c->batch, c->k, c->n, c->layouts[1], c->shared[1]);
  // A bias: a row for all.
  operand_t self =
      make_operand(c->dtype, c->batch, c->m, c->n, EXPANDED_ROW, true);
  operand_t d =
      make_operand(c->dtype, c->batch, c->m, c->n, c->layouts[2], false);
  uint64_t before[KERNEL_COUNT];
  for (int i = 0; i < KERNEL_COUNT; ++i) {
    before[i] = control->kernel_runs(kernels[i]);
  }
  call_on("cpu", 0, c, &d, &a, &b, &self);
  call_on("mps", 1, c, &d, &a, &b, &self);
  // All bytes of it, those in gaps too.
  const void* got = pt2_tensor_peek_data(d.bytes[1]);
  int wanted = wanted_kernel(c, &a, &b, has_matrices);
  for (int i = 0; i < KERNEL_COUNT; ++i) {
    assert_int_equal(control->kernel_runs(kernels[i]) - before[i], i == wanted);
  }
  size_t bytes =
      (size_t)pt2_tensor_numel(d.bytes[0]) * pt2_dtype_size_bytes(c->dtype);
  if (memcmp(got, pt2_tensor_peek_data(d.bytes[0]), bytes) != 0) {
    fail_msg("%s, %s: batch %lld, %lld x %lld x %lld, layouts %d %d %d%s",
             kernels[wanted], pt2_dtype_name(c->dtype), (long long)c->batch,
             (long long)c->m, (long long)c->n, (long long)c->k, c->layouts[0],
             c->layouts[1], c->layouts[2], c->adds ? ", added" : "");
  }
  release_operand(&a);
  release_operand(&b);
  release_operand(&self);
  release_operand(&d);
}

// ---- Many -------------------------------------------------------------------

static const pt2_dtype_t dtypes[3] = {PT2_DTYPE_F32, PT2_DTYPE_F16,
                                      PT2_DTYPE_BF16};

static case_t random_case(void) {
  static const int64_t sizes[] = {1, 1, 2, 7, 8, 9, 16, 31, 32, 33, 64, 65, 70};
  static const int64_t depths[] = {1, 3, 8, 15, 16, 17, 31, 40};
#define ONE_OF(table) table[random_below(sizeof(table) / sizeof(*table))]
  case_t c = {.dtype = dtypes[random_below(3)],
              .batch = (int64_t)random_below(4),
              .m = ONE_OF(sizes),
              .n = ONE_OF(sizes),
              .k = ONE_OF(depths),
              .layouts = {(int)random_below(LAYOUT_COUNT),
                          (int)random_below(LAYOUT_COUNT),
                          (int)random_below(SLICED + 1)},
              .shared = {random_below(3) == 0, random_below(3) == 0},
              .adds = random_below(2) == 0};
#undef ONE_OF
  return c;
}

static void check_many(bool has_matrices) {
  control->close();
  control->set_simdgroup_matrix(has_matrices);
  random_state = 18;
  for (uint64_t seed = 0; seed < 3; ++seed) {
    control->set_seed(seed);
    for (int i = 0; i < 60; ++i) {
      case_t c = random_case();
      check_case(&c, has_matrices);
    }
  }
}

static void test_products_by_simdgroup(void** state) {
  (void)state;
  check_many(true);
}

static void test_products_without_them(void** state) {
  (void)state;
  check_many(false);
}

// Every layout of both operands where each kernel has an edge.
static void test_every_layout(void** state) {
  (void)state;
  static const int64_t shapes[][3] = {
      {33, 65, 17}, {9, 8, 24}, {7, 9, 5}, {1, 70, 40}, {37, 1, 40}};
  for (size_t s = 0; s < sizeof(shapes) / sizeof(*shapes); ++s) {
    for (int layouts = 0; layouts < LAYOUT_COUNT * LAYOUT_COUNT; ++layouts) {
      case_t c = {.dtype = dtypes[layouts % 3],
                  .m = shapes[s][0],
                  .n = shapes[s][1],
                  .k = shapes[s][2],
                  .layouts = {layouts % LAYOUT_COUNT, layouts / LAYOUT_COUNT,
                              layouts % (SLICED + 1)},
                  .adds = layouts % 2 == 0};
      check_case(&c, true);
    }
  }
}

// What a beta of 0 hides is not read, even if it is no number.
static void test_beta_of_zero(void** state) {
  (void)state;
  static const int64_t shapes[][2] = {{8, 8}, {4, 4}, {1, 8}, {8, 1}};
  for (size_t s = 0; s < sizeof(shapes) / sizeof(*shapes); ++s) {
    operand_t a = make_operand(PT2_DTYPE_F32, 0, shapes[s][0], 4, PLAIN, false);
    operand_t b = make_operand(PT2_DTYPE_F32, 0, 4, shapes[s][1], PLAIN, false);
    operand_t self = make_operand(PT2_DTYPE_F32, 0, shapes[s][0], shapes[s][1],
                                  PLAIN, false);
    operand_t d = make_operand(PT2_DTYPE_F32, 0, shapes[s][0], shapes[s][1],
                               PLAIN, false);
    memset(pt2_tensor_peek_data(self.bytes[1]), 0xff,
           (size_t)pt2_tensor_numel(self.bytes[1]) * sizeof(float));
    OK(SHIM(addmm_out)(d.view[1], self.view[1], a.view[1], b.view[1], 0, 1));
    OK(HOST(mm_out)(d.view[0], a.view[0], b.view[0]));
    assert_memory_equal(pt2_tensor_peek_data(d.bytes[1]),
                        pt2_tensor_peek_data(d.bytes[0]),
                        (size_t)pt2_tensor_numel(d.bytes[0]) * sizeof(float));
    release_operand(&a);
    release_operand(&b);
    release_operand(&self);
    release_operand(&d);
  }
}

// ---- The device itself ------------------------------------------------------

// What a kernel makes of the numbers 0 to 63, with |groups| times 32 threads;
// NULL and a message if it fails.
static const float* run_kernel(const char* body, uint64_t threads,
                               pt2_tensor_t** out) {
  char source[2048];
  snprintf(source, sizeof(source),
           "#include <metal_stdlib>\n"
           "#include <metal_simdgroup_matrix>\n"
           "using namespace metal;\n"
           "kernel void k(device float* out [[buffer(0)]],\n"
           "    uint i [[thread_index_in_threadgroup]]) {\n"
           "  threadgroup float t[64];\n"
           "  simdgroup_float8x8 a, zero(0.0f), one(1.0f);\n%s}\n",
           body);
  AOTIMetalShaderLibraryHandle library = NULL;
  AOTIMetalKernelFunctionHandle kernel = NULL;
  OK(SHIM(create_shader_library)(source, &library));
  OK(SHIM(get_kernel_function)(library, "k", &kernel));
  int64_t size = 64;
  OK(pt2_tensor_create_on(PT2_DEVICE_MPS, 0, PT2_DTYPE_F32, 1, &size, NULL,
                          out));
  OK(SHIM(start_encoding)(kernel));
  OK(SHIM(set_arg_tensor)(kernel, 0, *out));
  OK(SHIM(dispatch_single_with_group_size)(kernel, threads, threads));
  pt2_error_clear();
  const float* result = pt2_tensor_peek_data(*out);
  OK(SHIM(delete_shader_library)(library));
  return result;
}

#define FILL                                \
  "  for (uint j = i; j < 64; j += 32) {\n" \
  "    t[j] = float(j);\n"                  \
  "  }\n"
#define BARRIER "  threadgroup_barrier(mem_flags::mem_threadgroup);\n"
#define SUM "  simdgroup_multiply_accumulate(a, a, a, zero);\n"
#define STORE "  simdgroup_store(a, t, 8);\n"
#define WRITE                               \
  "  for (uint j = i; j < 64; j += 32) {\n" \
  "    out[j] = t[j];\n"                    \
  "  }\n"

static bool is_square(const float* out, bool transposed) {
  for (int i = 0; i < 64; ++i) {
    int sum = 0;
    for (int k = 0; k < 8; ++k) {
      sum += (i / 8 * 8 + k) * (k * 8 + i % 8);
    }
    if (out[transposed ? i % 8 * 8 + i / 8 : i] != (float)sum) {
      return false;
    }
  }
  return true;
}

// The software device sees what a GPU would make something wrong of.
static void test_matrices_of_the_device(void** state) {
  (void)state;
  control->close();
  static const struct {
    const char* body;
    bool fine, transposed;
  } kernel_bodies[] = {
      {FILL BARRIER
       "  simdgroup_load(a, t, 8);\n" SUM BARRIER STORE BARRIER WRITE,
       true, false},
      // (A^T A^T)^T = A A.
      {FILL BARRIER
       "  simdgroup_load(a, t, 8, ulong2(0, 0), true);\n" SUM BARRIER STORE
           BARRIER WRITE,
       true, true},
      // A number makes a diagonal.
      {FILL BARRIER
       "  simdgroup_load(a, t, 8);\n" SUM
       "  simdgroup_multiply(a, one, a);\n" BARRIER STORE BARRIER WRITE,
       true, false},
      {FILL "  simdgroup_load(a, t, 8);\n" SUM BARRIER STORE BARRIER WRITE,
       false, false},
      {FILL BARRIER "  simdgroup_load(a, t, 8);\n" SUM BARRIER STORE WRITE,
       false, false},
      {FILL BARRIER
       "  if (i < 16) {\n    simdgroup_load(a, t, 8);\n  }\n" SUM BARRIER STORE
           BARRIER WRITE,
       false, false},
  };
  for (uint64_t seed = 0; seed < 3; ++seed) {
    control->set_seed(seed);
    for (size_t i = 0; i < sizeof(kernel_bodies) / sizeof(*kernel_bodies);
         ++i) {
      pt2_tensor_t* out = NULL;
      const float* got = run_kernel(kernel_bodies[i].body, 32, &out);
      assert_non_null(got);
      if (is_square(got, kernel_bodies[i].transposed) !=
          kernel_bodies[i].fine) {
        fail_msg("body %zu with seed %d", i, (int)seed);
      }
      pt2_tensor_release(out);
    }
  }
  // A product without some lanes ends the commands.
  pt2_tensor_t* out = NULL;
  assert_null(run_kernel(FILL BARRIER
                         "  simdgroup_load(a, t, 8);\n  if (i != 7) {\n" SUM
                         "  }\n" BARRIER STORE BARRIER WRITE,
                         32, &out));
  assert_non_null(strstr(pt2_error_message(), "without all lanes"));
  pt2_tensor_release(out);
  // Where there are none they are not compiled.
  control->close();
  control->set_simdgroup_matrix(false);
  AOTIMetalShaderLibraryHandle library = NULL;
  pt2_error_clear();
  assert_int_not_equal(
      SHIM(create_shader_library)("simdgroup_multiply", &library), 0);
  assert_non_null(strstr(pt2_error_message(), "has no matrices"));
  assert_int_not_equal(take_failure(), PT2_STATUS_OK);
}

static int set_up(void** state) {
  (void)state;
  control->close();
  control->set_simdgroup_matrix(true);
  control->set_seed(1);
  random_state = 7;
  return 0;
}

#define TEST_AFRESH(function) \
  cmocka_unit_test_setup_teardown(function, set_up, nothing_is_left)

int main(int argc, char** argv) {
  if (!begin(argc, argv, 1)) {
    return 2;
  }
  const struct CMUnitTest tests[] = {
      TEST_AFRESH(test_products_by_simdgroup),
      TEST_AFRESH(test_products_without_them),
      TEST_AFRESH(test_every_layout),
      TEST_AFRESH(test_beta_of_zero),
      TEST_AFRESH(test_matrices_of_the_device),
  };
  return cmocka_run_group_tests_name("mps matmul", tests, NULL, NULL);
}
