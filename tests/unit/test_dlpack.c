// SPDX-License-Identifier: Apache-2.0
//
// DLPack in both directions: who deletes what and when, dtypes, offsets,
// strides, read-only memory, and what is refused. Against torch and NumPy:
// tests/runner/test_dlpack.py.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "pt2/pt2.h"
#include "support/skip.h"
#include "tensor/dlpack_abi.h"

#define MLP PT2_TEST_GOLDEN "/avx2/2.15.0/mlp.pt2"

typedef struct DLManagedTensorVersioned versioned_t;
typedef struct DLManagedTensor legacy_t;

static int deleted;

static void count_versioned(versioned_t* self) {
  assert_non_null(self);
  ++deleted;
}

static void count_legacy(legacy_t* self) {
  assert_non_null(self);
  ++deleted;
}

// A 2 x 3 tensor of f32 in memory of the test's.
static float values[6] = {0, 1, 2, 3, 4, 5};
static int64_t shape[2] = {2, 3};
static int64_t strides[2] = {3, 1};

static pt2__dl_tensor_t plain(void) {
  return (pt2__dl_tensor_t){
      .data = values,
      .device = {.type = PT2__DL_CPU},
      .ndim = 2,
      .dtype = {.code = PT2__DL_FLOAT, .bits = 32, .lanes = 1},
      .shape = shape,
      .strides = strides,
  };
}

static versioned_t versioned(pt2__dl_tensor_t tensor) {
  versioned_t managed = {.deleter = count_versioned, .tensor = tensor};
  managed.version.major = 1;
  return managed;
}

static void test_import_keeps_until_the_last_tensor_is_gone(void** state) {
  (void)state;
  deleted = 0;
  versioned_t managed = versioned(plain());
  pt2_tensor_t* tensor = NULL;
  assert_int_equal(pt2_tensor_from_dlpack(&managed, &tensor), 0);
  assert_ptr_equal(pt2_tensor_peek_data(tensor), values);
  assert_int_equal(pt2_tensor_dtype(tensor), PT2_DTYPE_F32);
  assert_int_equal(pt2_tensor_rank(tensor), 2);
  assert_int_equal(pt2_tensor_peek_sizes(tensor)[1], 3);
  assert_false(pt2_tensor_is_read_only(tensor));
  pt2_tensor_retain(tensor);
  pt2_tensor_release(tensor);
  assert_int_equal(deleted, 0);
  // Lent on: the producer's memory stays until that consumer is done too.
  versioned_t* lent = NULL;
  assert_int_equal(pt2_tensor_to_dlpack(tensor, &lent), 0);
  pt2_tensor_release(tensor);
  assert_int_equal(deleted, 0);
  assert_ptr_equal(lent->tensor.data, values);
  lent->deleter(lent);
  assert_int_equal(deleted, 1);
  // No deleter, which the standard allows.
  managed.deleter = NULL;
  assert_int_equal(pt2_tensor_from_dlpack(&managed, &tensor), 0);
  pt2_tensor_release(tensor);
  assert_int_equal(deleted, 1);
}

static void test_import_of_the_older_struct(void** state) {
  (void)state;
  deleted = 0;
  legacy_t managed = {.tensor = plain(), .deleter = count_legacy};
  pt2_tensor_t* tensor = NULL;
  assert_int_equal(pt2_tensor_from_dlpack_legacy(&managed, &tensor), 0);
  assert_ptr_equal(pt2_tensor_peek_data(tensor), values);
  legacy_t* lent = NULL;
  assert_int_equal(pt2_tensor_to_dlpack_legacy(tensor, &lent), 0);
  pt2_tensor_release(tensor);
  lent->deleter(lent);
  assert_int_equal(deleted, 1);
}

static void test_offsets_and_strides(void** state) {
  (void)state;
  deleted = 0;
  pt2_tensor_t* tensor = NULL;
  // Two columns of it, transposed.
  int64_t sizes[2] = {2, 2};
  int64_t columns[2] = {1, 3};
  pt2__dl_tensor_t from = plain();
  from.byte_offset = 4;
  from.shape = sizes;
  from.strides = columns;
  versioned_t managed = versioned(from);
  assert_int_equal(pt2_tensor_from_dlpack(&managed, &tensor), 0);
  assert_ptr_equal(pt2_tensor_peek_data(tensor), values + 1);
  assert_int_equal(pt2_tensor_peek_strides(tensor)[1], 3);
  pt2_tensor_t* copy = NULL;
  assert_int_equal(pt2_tensor_clone(tensor, &copy), 0);
  const float* copied = pt2_tensor_peek_data(copy);
  assert_true(copied[0] == 1 && copied[1] == 4 && copied[2] == 2 &&
              copied[3] == 5);
  pt2_tensor_release(copy);
  pt2_tensor_release(tensor);
  // No strides: row-major.
  managed = versioned(plain());
  managed.tensor.strides = NULL;
  assert_int_equal(pt2_tensor_from_dlpack(&managed, &tensor), 0);
  assert_true(pt2_tensor_is_contiguous(tensor));
  assert_int_equal(pt2_tensor_peek_strides(tensor)[0], 3);
  pt2_tensor_release(tensor);
  // A stride that no element depends on.
  int64_t one[2] = {1, 3};
  int64_t odd[2] = {-7, 1};
  managed.tensor.shape = one;
  managed.tensor.strides = odd;
  assert_int_equal(pt2_tensor_from_dlpack(&managed, &tensor), 0);
  assert_true(pt2_tensor_peek_strides(tensor)[0] >= 0);
  pt2_tensor_release(tensor);
  assert_int_equal(deleted, 3);
}

static void test_scalars_and_empty_tensors(void** state) {
  (void)state;
  deleted = 0;
  pt2_tensor_t* tensor = NULL;
  versioned_t managed = versioned(plain());
  managed.tensor.ndim = 0;
  managed.tensor.shape = managed.tensor.strides = NULL;
  assert_int_equal(pt2_tensor_from_dlpack(&managed, &tensor), 0);
  assert_int_equal(pt2_tensor_rank(tensor), 0);
  assert_int_equal(pt2_tensor_numel(tensor), 1);
  versioned_t* lent = NULL;
  assert_int_equal(pt2_tensor_to_dlpack(tensor, &lent), 0);
  assert_int_equal(lent->tensor.ndim, 0);
  assert_ptr_equal(lent->tensor.data, values);
  lent->deleter(lent);
  pt2_tensor_release(tensor);
  int64_t none[2] = {0, 3};
  managed = versioned(plain());
  managed.tensor.shape = none;
  managed.tensor.data = NULL;
  assert_int_equal(pt2_tensor_from_dlpack(&managed, &tensor), 0);
  assert_int_equal(pt2_tensor_numel(tensor), 0);
  assert_null(pt2_tensor_peek_data(tensor));
  assert_int_equal(pt2_tensor_to_dlpack(tensor, &lent), 0);
  assert_null(lent->tensor.data);
  assert_int_equal(lent->tensor.shape[0], 0);
  lent->deleter(lent);
  pt2_tensor_release(tensor);
  assert_int_equal(deleted, 2);
}

static void test_read_only_memory(void** state) {
  (void)state;
  versioned_t managed = versioned(plain());
  managed.flags = PT2__DL_READ_ONLY;
  pt2_tensor_t* tensor = NULL;
  pt2_tensor_t* other = NULL;
  assert_int_equal(pt2_tensor_from_dlpack(&managed, &tensor), 0);
  assert_true(pt2_tensor_is_read_only(tensor));
  assert_int_equal(pt2_tensor_clone(tensor, &other), 0);
  assert_false(pt2_tensor_is_read_only(other));
  assert_int_equal(pt2_tensor_copy(tensor, other), PT2_STATUS_INVALID_ARGUMENT);
  assert_int_equal(pt2_tensor_copy(other, tensor), 0);
  versioned_t* lent = NULL;
  assert_int_equal(pt2_tensor_to_dlpack(tensor, &lent), 0);
  assert_int_equal(lent->flags, PT2__DL_READ_ONLY);
  lent->deleter(lent);
  assert_int_equal(pt2_tensor_to_dlpack(other, &lent), 0);
  assert_int_equal(lent->flags, 0);
  assert_int_equal(lent->version.major, 1);
  lent->deleter(lent);
  legacy_t* older = NULL;
  assert_int_equal(pt2_tensor_to_dlpack_legacy(tensor, &older),
                   PT2_STATUS_FAILED_PRECONDITION);
  assert_null(older);
  pt2_tensor_release(other);
  pt2_tensor_release(tensor);
}

static void test_every_dtype_comes_back(void** state) {
  (void)state;
  int common = 0;
  for (int32_t dtype = 0; dtype <= PT2_DTYPE_F4E2M1FNX2; ++dtype) {
    if (pt2_dtype_size_bytes(dtype) == 0) {
      continue;
    }
    pt2_tensor_t* tensor = NULL;
    pt2_tensor_t* back = NULL;
    versioned_t* lent = NULL;
    int64_t five = 5;
    assert_int_equal(pt2_tensor_create(dtype, 1, &five, NULL, &tensor), 0);
    if (dtype == PT2_DTYPE_F4E2M1FNX2) {
      assert_int_equal(pt2_tensor_to_dlpack(tensor, &lent),
                       PT2_STATUS_UNSUPPORTED);
      assert_non_null(strstr(pt2_error_message(), "f4e2m1fnx2"));
    } else {
      assert_int_equal(pt2_tensor_to_dlpack(tensor, &lent), 0);
      assert_int_equal(lent->tensor.dtype.bits,
                       8 * pt2_dtype_size_bytes(dtype));
      assert_int_equal(pt2_tensor_from_dlpack(lent, &back), 0);
      assert_int_equal(pt2_tensor_dtype(back), dtype);
      assert_ptr_equal(pt2_tensor_peek_data(back),
                       pt2_tensor_peek_data(tensor));
      pt2_tensor_release(back);
      ++common;
    }
    pt2_tensor_release(tensor);
  }
  assert_int_equal(common, 21);
}

// ---- Refusals
// ----------------------------------------------------------------

static void refuse(const versioned_t* managed, pt2_status_t status,
                   const char* words) {
  versioned_t given = *managed;
  pt2_tensor_t* tensor = (pt2_tensor_t*)&given;
  deleted = 0;
  assert_int_equal(pt2_tensor_from_dlpack(&given, &tensor), status);
  if (strstr(pt2_error_message(), words) == NULL) {
    fail_msg("\"%s\" lacks \"%s\"", pt2_error_message(), words);
  }
  // It stays the caller's, and the result is as it was.
  assert_int_equal(deleted, 0);
  assert_ptr_equal(tensor, &given);
  assert_memory_equal(&given, managed, sizeof(given));
}

static void test_what_is_refused(void** state) {
  (void)state;
  versioned_t managed = versioned(plain());
  managed.version.major = 2;
  refuse(&managed, PT2_STATUS_UNSUPPORTED, "version 2.0");
  managed = versioned(plain());
  managed.tensor.device.type = 2;
  refuse(&managed, PT2_STATUS_UNSUPPORTED, "cuda");
  managed = versioned(plain());
  managed.tensor.dtype.lanes = 4;
  refuse(&managed, PT2_STATUS_UNSUPPORTED, "4 lanes");
  managed = versioned(plain());
  managed.tensor.dtype = (pt2__dl_dtype_t){PT2__DL_F4E2M1FN, 4, 1};
  refuse(&managed, PT2_STATUS_UNSUPPORTED, "float4_e2m1fn");
  managed.tensor.dtype = (pt2__dl_dtype_t){PT2__DL_F6E3M2FN, 6, 1};
  refuse(&managed, PT2_STATUS_UNSUPPORTED, "float6_e3m2fn");
  managed.tensor.dtype = (pt2__dl_dtype_t){PT2__DL_UINT, 4, 1};
  refuse(&managed, PT2_STATUS_UNSUPPORTED, "uint (code 1) of 4 bits");
  managed.tensor.dtype = (pt2__dl_dtype_t){PT2__DL_OPAQUE, 64, 1};
  refuse(&managed, PT2_STATUS_UNSUPPORTED, "opaque handle");
  managed.tensor.dtype = (pt2__dl_dtype_t){200, 8, 1};
  refuse(&managed, PT2_STATUS_UNSUPPORTED, "code 200");
  managed = versioned(plain());
  managed.tensor.byte_offset = 2;
  refuse(&managed, PT2_STATUS_INVALID_ARGUMENT, "no multiple of 4");
  managed = versioned(plain());
  managed.tensor.data = NULL;
  refuse(&managed, PT2_STATUS_INVALID_ARGUMENT, "data is NULL");
  managed = versioned(plain());
  managed.tensor.ndim = 65;
  refuse(&managed, PT2_STATUS_UNSUPPORTED, "65");
  managed.tensor.ndim = -1;
  refuse(&managed, PT2_STATUS_UNSUPPORTED, "-1");
  managed = versioned(plain());
  managed.tensor.shape = NULL;
  refuse(&managed, PT2_STATUS_INVALID_ARGUMENT, "shape is NULL");
  int64_t negative[2] = {2, -3};
  managed.tensor.shape = negative;
  refuse(&managed, PT2_STATUS_INVALID_ARGUMENT, "[2, -3]");
  int64_t large[2] = {INT64_MAX, 2};
  managed.tensor.shape = large;
  refuse(&managed, PT2_STATUS_INVALID_ARGUMENT, "too large");
  managed = versioned(plain());
  int64_t backwards[2] = {3, -1};
  managed.tensor.strides = backwards;
  refuse(&managed, PT2_STATUS_UNSUPPORTED, "stride -1 of dimension 1");
  int64_t far[2] = {INT64_MAX, 1};
  managed.tensor.strides = far;
  refuse(&managed, PT2_STATUS_INVALID_ARGUMENT, "reach outside");
}

static void test_missing_arguments(void** state) {
  (void)state;
  versioned_t managed = versioned(plain());
  pt2_tensor_t* tensor = NULL;
  versioned_t* lent = NULL;
  assert_int_equal(pt2_tensor_from_dlpack(NULL, &tensor),
                   PT2_STATUS_INVALID_ARGUMENT);
  assert_int_equal(pt2_tensor_from_dlpack(&managed, NULL),
                   PT2_STATUS_INVALID_ARGUMENT);
  assert_int_equal(pt2_tensor_from_dlpack_legacy(NULL, &tensor),
                   PT2_STATUS_INVALID_ARGUMENT);
  assert_int_equal(pt2_tensor_to_dlpack(NULL, &lent),
                   PT2_STATUS_INVALID_ARGUMENT);
  assert_int_equal(pt2_tensor_to_dlpack_legacy(NULL, NULL),
                   PT2_STATUS_INVALID_ARGUMENT);
}

// ---- Failing allocations
// -----------------------------------------------------

static void test_each_allocation_fails_once(void** state) {
  (void)state;
  size_t before, after, kept;
  pt2__pool_statistics(&before, &kept);
  deleted = 0;
  int imports = 0;
  int exports = 0;
  versioned_t managed = versioned(plain());
  pt2_tensor_t* tensor = NULL;
  pt2_status_t status = PT2_STATUS_OUT_OF_MEMORY;
  while (status != PT2_STATUS_OK) {
    pt2__fault_set((uint64_t)++imports, false);
    status = pt2_tensor_from_dlpack(&managed, &tensor);
    pt2__fault_set(0, false);
    assert_true(status == 0 || status == PT2_STATUS_OUT_OF_MEMORY);
    assert_int_equal(deleted, 0);
    assert_int_equal(status == 0, tensor != NULL);
  }
  versioned_t* lent = NULL;
  status = PT2_STATUS_OUT_OF_MEMORY;
  while (status != PT2_STATUS_OK) {
    pt2__fault_set((uint64_t)++exports, false);
    status = pt2_tensor_to_dlpack(tensor, &lent);
    pt2__fault_set(0, false);
    assert_true(status == 0 || status == PT2_STATUS_OUT_OF_MEMORY);
    assert_int_equal(status == 0, lent != NULL);
  }
  assert_int_equal(imports, 3);
  assert_int_equal(exports, 3);
  lent->deleter(lent);
  pt2_tensor_release(tensor);
  assert_int_equal(deleted, 1);
  pt2__pool_statistics(&after, &kept);
  assert_int_equal(before, after);
}

// ---- Outputs and constants of a runner
// ----------------------------------------

static void test_what_a_runner_gave_outlives_it(void** state) {
  (void)state;
  SKIP_WITHOUT_AVX2();
  pt2_package_t* package = NULL;
  pt2_runner_t* runner = NULL;
  assert_int_equal(pt2_package_open(MLP, NULL, &package), 0);
  assert_int_equal(pt2_runner_create(package, NULL, &runner), 0);
  pt2_package_release(package);
  pt2_tensor_t* input = NULL;
  pt2_tensor_t* output = NULL;
  pt2_tensor_t* weight = NULL;
  assert_int_equal(
      pt2_tensor_create(PT2_DTYPE_F32, 2, (int64_t[]){8, 16}, NULL, &input), 0);
  memset(pt2_tensor_peek_data(input), 0, 8 * 16 * 4);
  assert_int_equal(pt2_runner_run(runner, &input, 1, &output, 1), 0);
  assert_int_equal(
      pt2_runner_extract_constant(runner, "a.weight", false, &weight), 0);
  assert_true(pt2_tensor_is_read_only(weight));
  float first = *(float*)pt2_tensor_peek_data(output);
  float of_weight = *(float*)pt2_tensor_peek_data(weight);
  versioned_t* lent_output = NULL;
  versioned_t* lent_weight = NULL;
  assert_int_equal(pt2_tensor_to_dlpack(output, &lent_output), 0);
  assert_int_equal(pt2_tensor_to_dlpack(weight, &lent_weight), 0);
  assert_int_equal(lent_weight->flags, PT2__DL_READ_ONLY);
  pt2_tensor_release(output);
  pt2_tensor_release(weight);
  pt2_tensor_release(input);
  pt2_runner_release(runner);
  assert_true(*(float*)lent_output->tensor.data == first);
  assert_true(*(float*)lent_weight->tensor.data == of_weight);
  lent_output->deleter(lent_output);
  lent_weight->deleter(lent_weight);
}

static void test_outputs_are_written_to_lent_memory(void** state) {
  (void)state;
  SKIP_WITHOUT_AVX2();
  pt2_package_t* package = NULL;
  pt2_runner_t* runner = NULL;
  assert_int_equal(pt2_package_open(MLP, NULL, &package), 0);
  assert_int_equal(pt2_runner_create(package, NULL, &runner), 0);
  pt2_package_release(package);
  pt2_tensor_t* input = NULL;
  pt2_tensor_t* output = NULL;
  assert_int_equal(
      pt2_tensor_create(PT2_DTYPE_F32, 2, (int64_t[]){8, 16}, NULL, &input), 0);
  memset(pt2_tensor_peek_data(input), 0, 8 * 16 * 4);
  assert_int_equal(pt2_runner_run(runner, &input, 1, &output, 1), 0);
  float memory[32] = {0};
  int64_t sizes[2] = {8, 4};
  versioned_t managed = versioned(plain());
  managed.tensor.data = memory;
  managed.tensor.shape = sizes;
  managed.tensor.strides = NULL;
  pt2_run_options_t options;
  pt2_run_options_init(&options);
  options.outputs_given = true;
  pt2_tensor_t* given = NULL;
  assert_int_equal(pt2_tensor_from_dlpack(&managed, &given), 0);
  assert_int_equal(pt2_runner_run_with(runner, &input, 1, &given, 1, &options),
                   0);
  assert_memory_equal(memory, pt2_tensor_peek_data(output), sizeof(memory));
  pt2_tensor_release(given);
  // Not where it may only be read.
  memset(memory, 0, sizeof(memory));
  const float zeros[32] = {0};
  managed.flags = PT2__DL_READ_ONLY;
  assert_int_equal(pt2_tensor_from_dlpack(&managed, &given), 0);
  assert_int_equal(pt2_runner_run_with(runner, &input, 1, &given, 1, &options),
                   PT2_STATUS_INVALID_ARGUMENT);
  assert_string_equal(
      pt2_error_message(),
      "the tensor given for output 0 (RESULT) may only be read");
  assert_memory_equal(memory, zeros, sizeof(memory));
  pt2_tensor_release(given);
  pt2_tensor_release(output);
  pt2_tensor_release(input);
  pt2_runner_release(runner);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_import_keeps_until_the_last_tensor_is_gone),
      cmocka_unit_test(test_import_of_the_older_struct),
      cmocka_unit_test(test_offsets_and_strides),
      cmocka_unit_test(test_scalars_and_empty_tensors),
      cmocka_unit_test(test_read_only_memory),
      cmocka_unit_test(test_every_dtype_comes_back),
      cmocka_unit_test(test_what_is_refused),
      cmocka_unit_test(test_missing_arguments),
      cmocka_unit_test(test_each_allocation_fails_once),
      cmocka_unit_test(test_what_a_runner_gave_outlives_it),
      cmocka_unit_test(test_outputs_are_written_to_lent_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
