// SPDX-License-Identifier: Apache-2.0
//
// Memory of the device that is used again after it was freed:
//
//   test_mps_memory PLUGIN FOLDER
//
// as test_mps_packages.
#include "mps/device.h"
#include "pt2/memory.h"

static bool poisons;  // what is used anew: the imitation of Apple's cannot

static pt2_backend_statistics_t statistics(void) {
  pt2_backend_statistics_t now = {.struct_bytes = sizeof(now)};
  backend->statistics(backend->user, &now);
  return now;
}

// How many buffers were made so far.
static uint64_t fresh_count(void) {
  pt2_backend_statistics_t now = statistics();
  return now.allocation_count - now.reuse_count;
}

static void* allocate(size_t bytes) {
  void* data = NULL;
  OK(backend->allocate(backend->user, 0, bytes, &data));
  return data;
}

static void give_back(void* data, size_t bytes) {
  backend->free(backend->user, 0, data, bytes);
}

static pt2_status_t synchronize(void) {
  return backend->synchronize(backend->user, 0);
}

// ---- Work that is pending ---------------------------------------------------

#define COUNT 100
#define BYTES (COUNT * sizeof(float))

static const char source[] =
    "#include <metal_stdlib>\n"
    "using namespace metal;\n"
    "kernel void copy(device float* out [[buffer(0)]],\n"
    "    device const float* in [[buffer(1)]],\n"
    "    uint i [[thread_position_in_grid]]) {\n"
    "  out[i] = i < 100 ? in[i] : 8.0f;\n"
    "}\n";

static pt2_tensor_t* make_tensor(void) {
  int64_t size = COUNT;
  pt2_tensor_t* tensor = NULL;
  OK(pt2_tensor_create_on(PT2_DEVICE_MPS, 0, PT2_DTYPE_F32, 1, &size, NULL,
                          &tensor));
  return tensor;
}

static void* address_of(pt2_tensor_t* tensor) {
  AOTITorchError (*get)(AtenTensorHandle, void**);
  void* data = NULL;
  *(void**)&get = find_function("mps", "aoti_torch_get_data_ptr");
  OK(get(tensor, &data));
  return data;
}

// Asks for |threads| copies of elements and does not wait.
static void start_copy(pt2_tensor_t* out, pt2_tensor_t* in, uint64_t threads) {
  AOTIMetalShaderLibraryHandle library = NULL;
  AOTIMetalKernelFunctionHandle kernel = NULL;
  OK(SHIM(create_shader_library)(source, &library));
  OK(SHIM(get_kernel_function)(library, "copy", &kernel));
  OK(SHIM(start_encoding)(kernel));
  OK(SHIM(set_arg_tensor)(kernel, 0, out));
  OK(SHIM(set_arg_tensor)(kernel, 1, in));
  OK(SHIM(dispatch_single)(kernel, threads));
  OK(SHIM(delete_shader_library)(library));
}

static pt2_tensor_t* make_sevens(void) {
  pt2_tensor_t* tensor = make_tensor();
  float* data = pt2_tensor_peek_data(tensor);
  for (int i = 0; i < COUNT; ++i) {
    data[i] = 7;
  }
  return tensor;
}

static void assert_sevens(pt2_tensor_t* tensor) {
  const float* data = pt2_tensor_peek_data(tensor);  // waits
  assert_non_null(data);
  for (int i = 0; i < COUNT; ++i) {
    assert_true(data[i] == 7);
  }
}

// The host may write to memory that it is given without a wait: operators that
// make tensors out of nothing do.
static void test_the_host_gets_none_in_use(void** state) {
  (void)state;
  pt2_tensor_t* in = make_sevens();
  pt2_tensor_t* out = make_tensor();
  void* was = address_of(in);
  start_copy(out, in, COUNT);
  pt2_tensor_release(in);
  assert_int_equal(statistics().kept_blocks, 1);
  void* data = allocate(BYTES);
  assert_ptr_not_equal(data, was);
  memset(data, 0x11, BYTES);
  // The same once the commands are handed over, but not run.
  OK(backend->end_run(backend->user, 0));
  AtenTensorHandle random = NULL;
  int64_t size = COUNT;
  int32_t dtype = PT2_DTYPE_F32, device = PT2_DEVICE_MPS;
  OK(SHIM(rand)(&size, 1, &dtype, NULL, &device, 0, NULL, &random));
  assert_ptr_not_equal(address_of(random), was);
  assert_sevens(out);
  // Now they have run.
  uint64_t before = statistics().reuse_count;
  void* again = allocate(BYTES);
  assert_ptr_equal(again, was);
  assert_int_equal(statistics().reuse_count, before + 1);
  if (poisons) {
    for (size_t i = 0; i < BYTES; ++i) {
      assert_int_equal(((uint8_t*)again)[i], 0xff);
    }
  }
  give_back(again, BYTES);
  give_back(data, BYTES);
  pt2_tensor_release(random);
  pt2_tensor_release(out);
}

// What pending commands write to is nobody's until they have.
static void test_a_result_that_nobody_waited_for(void** state) {
  (void)state;
  pt2_tensor_t* in = make_sevens();
  pt2_tensor_t* out = make_tensor();
  void* was = address_of(out);
  start_copy(out, in, COUNT);
  pt2_tensor_release(out);
  uint8_t* data = allocate(BYTES);
  assert_ptr_not_equal(data, was);
  memset(data, 0x11, BYTES);
  OK(synchronize());
  for (size_t i = 0; i < BYTES; ++i) {
    assert_int_equal(data[i], 0x11);
  }
  give_back(data, BYTES);
  pt2_tensor_release(in);
}

// A block that no commands use is there at once, whatever else is pending, and
// so are the blocks of commands that are done.
static void test_idle_blocks_are_used_at_once(void** state) {
  (void)state;
  pt2_tensor_t* in = make_sevens();
  pt2_tensor_t* out = make_tensor();
  void* idle = allocate(BYTES);
  start_copy(out, in, COUNT);
  pt2_tensor_release(in);
  give_back(idle, BYTES);
  void* data = allocate(BYTES);
  assert_ptr_equal(data, idle);
  give_back(data, BYTES);
  assert_sevens(out);
  pt2_tensor_release(out);
}

// ---- How much is kept -------------------------------------------------------

static void test_sizes_that_differ_little(void** state) {
  (void)state;
  static const size_t sizes[][2] = {
      {1, 256}, {1000, 1020}, {100000, 99000}, {20000000, 20500000}};
  for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); ++i) {
    void* data = allocate(sizes[i][0]);
    memset(data, 0, sizes[i][0]);
    give_back(data, sizes[i][0]);
    assert_int_equal(statistics().kept_blocks, 1);
    assert_true(statistics().kept_bytes >= sizes[i][0]);
    assert_true(statistics().kept_bytes <= sizes[i][0] / 7 * 8 + 256);
    void* other = allocate(sizes[i][1]);
    assert_ptr_equal(other, data);
    memset(other, 0, sizes[i][1]);
    assert_int_equal(statistics().live_bytes, sizes[i][1]);
    assert_int_equal(statistics().kept_bytes, 0);
    give_back(other, sizes[i][1]);
    pt2_memory_trim();
    assert_int_equal(statistics().kept_bytes, 0);
    assert_int_equal(statistics().kept_blocks, 0);
  }
}

// A view that ends with the block ends with what was asked for, not with what
// the buffer has.
static void test_what_lies_behind_is_watched(void** state) {
  (void)state;
  give_back(allocate(512), 512);
  uint64_t before = statistics().reuse_count;
  pt2_tensor_t* out = make_tensor();
  assert_int_equal(statistics().reuse_count, before + 1);
  pt2_tensor_t* in = make_sevens();
  start_copy(out, in, COUNT + 1);
  pt2_error_clear();
  if (poisons) {
    assert_int_not_equal(synchronize(), PT2_STATUS_OK);
    assert_non_null(strstr(pt2_error_message(), "wrote beside argument 0"));
    // So that the end of this test does not find it.
    static const uint8_t watch[4] = {0xa5, 0xa5, 0xa5, 0xa5};
    memcpy((char*)address_of(out) + BYTES, watch, sizeof(watch));
  } else {
    OK(synchronize());
  }
  pt2_tensor_release(in);
  pt2_tensor_release(out);
}

static void test_no_more_is_kept_than_allowed(void** state) {
  (void)state;
  control->set_kept_most(4096);
  void* blocks[3];
  for (int i = 0; i < 3; ++i) {
    blocks[i] = allocate(2048);
  }
  void* large = allocate(8192);
  for (int i = 0; i < 3; ++i) {
    give_back(blocks[i], 2048);
  }
  assert_int_equal(statistics().kept_blocks, 2);
  assert_int_equal(statistics().kept_bytes, 4096);
  // The one that was freed first went.
  void* again = allocate(2048);
  assert_ptr_equal(again, blocks[1]);
  // One that is too large for all goes at once, and takes the others along:
  // they were freed before.
  give_back(large, 8192);
  assert_int_equal(statistics().kept_bytes, 0);
  give_back(again, 2048);
  assert_int_equal(statistics().kept_bytes, 2048);
  control->set_kept_most(0);
  assert_int_equal(statistics().kept_bytes, 0);
  give_back(allocate(100), 100);
  assert_int_equal(statistics().kept_blocks, 0);
}

// ---- No memory --------------------------------------------------------------

static void test_no_memory(void** state) {
  (void)state;
  pt2_tensor_t* in = make_sevens();
  pt2_tensor_t* out = make_tensor();
  start_copy(out, in, COUNT);
  pt2_tensor_release(in);
  give_back(allocate(100000), 100000);
  assert_int_equal(statistics().kept_blocks, 2);
  // Once: what is kept goes, after a wait, and there is enough.
  uint64_t before[3], after[3];
  control->counts(before);
  control->set_fault(SOFTMETAL_FAIL_BUFFER, 1);
  void* data = allocate(5000);
  assert_int_equal(statistics().kept_blocks, 0);
  control->counts(after);
  assert_int_equal(after[1] - before[1], 1);
  assert_sevens(out);
  // That block is used again, as any other is.
  give_back(data, 5000);
  uint64_t reused = statistics().reuse_count;
  data = allocate(5001);
  assert_int_equal(statistics().reuse_count, reused + 1);
  // Always: the call says so, and the next is good.
  give_back(data, 5001);
  control->set_fault(SOFTMETAL_FAIL_BUFFER, -1);
  pt2_error_clear();
  assert_int_equal(backend->allocate(backend->user, 0, 6000, &data),
                   PT2_STATUS_OUT_OF_MEMORY);
  assert_non_null(strstr(pt2_error_message(),
                         "out of memory: 6000 bytes wanted, 400 in use"));
  assert_int_equal(statistics().kept_blocks, 0);
  assert_int_equal(statistics().live_blocks, 1);
  control->set_fault(SOFTMETAL_FAIL_BUFFER, 0);
  give_back(allocate(6000), 6000);
  pt2_tensor_release(out);
}

// A failure of the device that the wait for memory meets is still told.
static void test_no_memory_and_a_failure(void** state) {
  (void)state;
  pt2_tensor_t* in = make_sevens();
  pt2_tensor_t* out = make_tensor();
  start_copy(out, in, COUNT);
  control->set_fault(SOFTMETAL_FAIL_BUFFER, 1);
  control->set_fault(SOFTMETAL_FAIL_FINISH, 1);
  give_back(allocate(5000), 5000);
  pt2_error_clear();
  assert_int_not_equal(synchronize(), PT2_STATUS_OK);
  assert_non_null(strstr(pt2_error_message(), "a fault of the device"));
  OK(synchronize());
  pt2_tensor_release(in);
  pt2_tensor_release(out);
}

// ---- Runs -------------------------------------------------------------------

// Runs the model, whose input is 8 x 32, and waits or does not.
static void run(pt2_runner_t* runner, bool waits) {
  int64_t sizes[2] = {8, 32};
  float data[8 * 32];
  for (int i = 0; i < 8 * 32; ++i) {
    data[i] = (float)(i % 17) / 8 - 1;
  }
  pt2_tensor_t *input = NULL, *out = NULL;
  OK(pt2_tensor_create_on(PT2_DEVICE_MPS, 0, PT2_DTYPE_F32, 2, sizes, NULL,
                          &input));
  // Nothing uses what it is given: no wait for others is needed.
  memcpy(address_of(input), data, sizeof(data));
  OK(pt2_runner_run(runner, &input, 1, &out, 1));
  pt2_tensor_release(input);
  if (waits) {
    static float first[8 * 32];
    const float* got = pt2_tensor_peek_data(out);
    if (first[0] == 0) {
      memcpy(first, got, sizeof(first));
      assert_true(first[0] != 0);
    }
    assert_memory_equal(got, first, sizeof(first));
  }
  pt2_tensor_release(out);
}

static pt2_runner_t* open_runner(pt2_package_t** out_package) {
  char path[1024];
  snprintf(path, sizeof(path), "%s/gelu_mlp.pt2", folder);
  pt2_runner_t* runner = NULL;
  OK(pt2_package_open(path, NULL, out_package));
  OK(pt2_runner_create(*out_package, NULL, &runner));
  return runner;
}

static void test_runs_make_no_buffers(void** state) {
  (void)state;
  pt2_package_t* package = NULL;
  pt2_runner_t* runner = open_runner(&package);
  run(runner, true);
  run(runner, true);
  pt2_backend_statistics_t before = statistics();
  uint64_t fresh = fresh_count();
  for (int i = 0; i < 200; ++i) {
    run(runner, true);
  }
  pt2_backend_statistics_t after = statistics();
  assert_true(after.allocation_count >= before.allocation_count + 200);
  assert_int_equal(fresh_count(), fresh);
  assert_int_equal(after.live_bytes, before.live_bytes);
  assert_int_equal(after.kept_bytes, before.kept_bytes);
  assert_int_equal(after.kept_blocks, before.kept_blocks);
  pt2_runner_release(runner);
  pt2_package_release(package);
}

// Who never waits has as many runs in flight as the stream lets him, and no
// more buffers than those take.
static void test_runs_without_a_wait(void** state) {
  (void)state;
  pt2_package_t* package = NULL;
  pt2_runner_t* runner = open_runner(&package);
  for (int i = 0; i < 50; ++i) {
    run(runner, false);
  }
  uint64_t fresh = fresh_count();
  for (int i = 0; i < 150; ++i) {
    run(runner, false);
  }
  assert_int_equal(fresh_count(), fresh);
  run(runner, true);
  assert_int_equal(fresh_count(), fresh);
  pt2_runner_release(runner);
  pt2_package_release(package);
}

static int set_up(void** state) {
  (void)state;
  control->close();
  control->set_seed(1);
  return 0;
}

#define TEST_AFRESH(function) \
  cmocka_unit_test_setup_teardown(function, set_up, nothing_is_left)

int main(int argc, char** argv) {
  if (!begin(argc, argv, 2)) {
    return 2;
  }
  poisons = control->poisons_what_is_reused();
  const struct CMUnitTest tests[] = {
      TEST_AFRESH(test_the_host_gets_none_in_use),
      TEST_AFRESH(test_a_result_that_nobody_waited_for),
      TEST_AFRESH(test_idle_blocks_are_used_at_once),
      TEST_AFRESH(test_sizes_that_differ_little),
      TEST_AFRESH(test_what_lies_behind_is_watched),
      TEST_AFRESH(test_no_more_is_kept_than_allowed),
      TEST_AFRESH(test_no_memory),
      TEST_AFRESH(test_no_memory_and_a_failure),
      TEST_AFRESH(test_runs_make_no_buffers),
      TEST_AFRESH(test_runs_without_a_wait),
  };
  return cmocka_run_group_tests_name("mps memory", tests, NULL, NULL);
}
