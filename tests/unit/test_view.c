// SPDX-License-Identifier: Apache-2.0
//
// Views over a tensor's storage, and blobs that may only be read.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/memory.h"
#include "pt2/pt2.h"

static float values[6] = {0, 1, 2, 3, 4, 5};
static const int64_t kSizes[] = {2, 3};

static pt2_tensor_t* over_values(void) {
  pt2_tensor_t* tensor = NULL;
  assert_int_equal(pt2_tensor_from_blob(values, PT2_DTYPE_F32, 2, kSizes, NULL,
                                        NULL, NULL, &tensor),
                   0);
  return tensor;
}

static void test_a_view_shares_memory_and_keeps_it(void** state) {
  (void)state;
  pt2_tensor_t* base = NULL;
  pt2_tensor_t *column = NULL, *back = NULL;
  assert_int_equal(pt2_tensor_create(PT2_DTYPE_F32, 2, kSizes, NULL, &base), 0);
  memcpy(pt2_tensor_peek_data(base), values, sizeof(values));
  const int64_t sizes[] = {2}, strides[] = {3};
  assert_int_equal(pt2_tensor_view(base, 1, sizes, strides, 1, &column), 0);
  pt2_tensor_release(base);
  const float* data = pt2_tensor_peek_data(column);
  assert_true(data[0] == 1 && data[3] == 4);
  // Offsets count from the view's own first element.
  assert_int_equal(pt2_tensor_view(column, 0, NULL, NULL, -1, &back), 0);
  pt2_tensor_release(column);
  assert_true(*(float*)pt2_tensor_peek_data(back) == 0);
  pt2_tensor_release(back);
}

static void test_views_stay_inside(void** state) {
  (void)state;
  pt2_tensor_t* base = over_values();
  pt2_tensor_t* view = NULL;
  const int64_t seven[] = {7}, minus[] = {-1}, two[] = {2}, five[] = {5};
  const int64_t back[] = {-1};
  assert_int_equal(pt2_tensor_view(base, 1, seven, NULL, 0, &view),
                   PT2_STATUS_INVALID_ARGUMENT);
  assert_non_null(strstr(pt2_error_message(), "storage has 24"));
  assert_int_equal(pt2_tensor_view(base, 1, two, five, 1, &view),
                   PT2_STATUS_INVALID_ARGUMENT);
  assert_int_equal(pt2_tensor_view(base, 1, minus, NULL, 0, &view),
                   PT2_STATUS_INVALID_ARGUMENT);
  assert_int_equal(pt2_tensor_view(base, 1, two, back, 1, &view),
                   PT2_STATUS_INVALID_ARGUMENT);
  assert_int_equal(pt2_tensor_view(base, 0, NULL, NULL, -1, &view),
                   PT2_STATUS_INVALID_ARGUMENT);
  assert_non_null(strstr(pt2_error_message(), "before its storage"));
  assert_int_equal(pt2_tensor_view(base, 0, NULL, NULL, INT64_MAX, &view),
                   PT2_STATUS_INVALID_ARGUMENT);
  assert_int_equal(pt2_tensor_view(base, 65, seven, NULL, 0, &view),
                   PT2_STATUS_INVALID_ARGUMENT);
  assert_int_equal(pt2_tensor_view(NULL, 1, two, NULL, 0, &view),
                   PT2_STATUS_INVALID_ARGUMENT);
  assert_int_equal(pt2_tensor_view(base, 1, NULL, NULL, 0, &view),
                   PT2_STATUS_INVALID_ARGUMENT);
  assert_int_equal(pt2_tensor_view(base, 1, two, NULL, 0, NULL),
                   PT2_STATUS_INVALID_ARGUMENT);
  assert_null(view);
  pt2_tensor_release(base);
}

static void test_const_blobs_are_not_written_to(void** state) {
  (void)state;
  pt2_tensor_t *tensor = NULL, *view = NULL, *other = over_values();
  assert_int_equal(pt2_tensor_from_const_blob(values, PT2_DTYPE_F32, 2, kSizes,
                                              NULL, NULL, NULL, &tensor),
                   0);
  assert_true(pt2_tensor_is_read_only(tensor));
  assert_ptr_equal(pt2_tensor_peek_data(tensor), values);
  assert_int_equal(pt2_tensor_copy(tensor, other), PT2_STATUS_INVALID_ARGUMENT);
  assert_int_equal(pt2_tensor_view(tensor, 2, kSizes, NULL, 0, &view), 0);
  assert_true(pt2_tensor_is_read_only(view));
  assert_false(pt2_tensor_is_read_only(other));
  pt2_tensor_release(view);
  pt2_tensor_release(tensor);
  pt2_tensor_release(other);
  assert_int_equal(pt2_tensor_from_const_blob(NULL, PT2_DTYPE_F32, 2, kSizes,
                                              NULL, NULL, NULL, &tensor),
                   PT2_STATUS_INVALID_ARGUMENT);
  assert_int_equal(pt2_tensor_from_const_blob(values, PT2_DTYPE_F32, 2, kSizes,
                                              NULL, NULL, NULL, NULL),
                   PT2_STATUS_INVALID_ARGUMENT);
}

static int deleted;

static void count_deletion(void* user, void* data) {
  assert_ptr_equal(user, &deleted);
  assert_ptr_equal(data, values);
  ++deleted;
}

static void test_lent_tensors_are_given_back(void** state) {
  (void)state;
  pt2_tensor_t* tensor = NULL;
  assert_int_equal(pt2_tensor_from_blob(values, PT2_DTYPE_F32, 2, kSizes, NULL,
                                        count_deletion, &deleted, &tensor),
                   0);
  struct DLManagedTensorVersioned* managed = NULL;
  struct DLManagedTensor* legacy = NULL;
  assert_int_equal(pt2_tensor_to_dlpack(tensor, &managed), 0);
  assert_int_equal(pt2_tensor_to_dlpack_legacy(tensor, &legacy), 0);
  pt2_tensor_release(tensor);
  pt2_dlpack_destroy(managed);
  assert_int_equal(deleted, 0);
  pt2_dlpack_destroy_legacy(legacy);
  assert_int_equal(deleted, 1);
  pt2_dlpack_destroy(NULL);
  pt2_dlpack_destroy_legacy(NULL);
}

static void test_each_allocation_fails_once(void** state) {
  (void)state;
  pt2_tensor_t* base = over_values();
  for (int64_t n = 1;; ++n) {
    pt2_tensor_t *view = NULL, *blob = NULL;
    pt2__fault_set((uint64_t)n, false);
    pt2_status_t status = pt2_tensor_view(base, 2, kSizes, NULL, 0, &view);
    if (status == 0) {
      status = pt2_tensor_from_const_blob(values, PT2_DTYPE_F32, 2, kSizes,
                                          NULL, NULL, NULL, &blob);
    }
    pt2__fault_set(0, false);
    pt2_tensor_release(view);
    pt2_tensor_release(blob);
    if (status == 0) {
      assert_true(n > 1);
      break;
    }
    assert_int_equal(status, PT2_STATUS_OUT_OF_MEMORY);
  }
  pt2_tensor_release(base);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_a_view_shares_memory_and_keeps_it),
      cmocka_unit_test(test_views_stay_inside),
      cmocka_unit_test(test_const_blobs_are_not_written_to),
      cmocka_unit_test(test_lent_tensors_are_given_back),
      cmocka_unit_test(test_each_allocation_fails_once),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
