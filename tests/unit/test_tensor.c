// SPDX-License-Identifier: Apache-2.0
//
// Tensors: creation, views, aliases, what they refuse, who frees what.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "pt2/pt2.h"
#include "tensor/tensor.h"

static int deleted;

static void count_deletion(void* user, void* data) {
  assert_ptr_equal(user, &deleted);
  assert_non_null(data);
  ++deleted;
}

static void test_row_major_by_default(void** state) {
  (void)state;
  const int64_t sizes[] = {2, 3, 4};
  pt2_tensor_t* tensor = NULL;
  assert_int_equal(pt2_tensor_create(PT2_DTYPE_F32, 3, sizes, NULL, &tensor),
                   0);
  assert_int_equal(pt2_tensor_numel(tensor), 24);
  assert_int_equal(pt2_tensor_rank(tensor), 3);
  const int64_t strides[] = {12, 4, 1};
  assert_memory_equal(pt2_tensor_peek_strides(tensor), strides,
                      sizeof(strides));
  assert_true(pt2_tensor_is_contiguous(tensor));
  assert_int_equal((uintptr_t)pt2_tensor_peek_data(tensor) % 64, 0);
  pt2_tensor_release(tensor);
}

static void test_no_dimensions_and_no_elements(void** state) {
  (void)state;
  pt2_tensor_t* scalar = NULL;
  assert_int_equal(pt2_tensor_create(PT2_DTYPE_I64, 0, NULL, NULL, &scalar), 0);
  assert_int_equal(pt2_tensor_numel(scalar), 1);
  assert_non_null(pt2_tensor_peek_data(scalar));
  pt2_tensor_release(scalar);
  const int64_t sizes[] = {4, 0, 3};
  pt2_tensor_t* empty = NULL;
  assert_int_equal(pt2_tensor_create(PT2_DTYPE_I64, 3, sizes, NULL, &empty), 0);
  assert_int_equal(pt2_tensor_numel(empty), 0);
  assert_null(pt2_tensor_peek_data(empty));
  assert_true(pt2_tensor_is_contiguous(empty));
  // As torch has them: a size of 0 counts as 1.
  const int64_t strides[] = {3, 3, 1};
  assert_memory_equal(pt2_tensor_peek_strides(empty), strides, sizeof(strides));
  pt2_tensor_release(empty);
}

static void test_more_dimensions_than_fit_inside(void** state) {
  (void)state;
  int64_t sizes[20];
  for (int i = 0; i < 20; ++i) {
    sizes[i] = i % 3 == 0 ? 2 : 1;
  }
  pt2_tensor_t* tensor = NULL;
  assert_int_equal(pt2_tensor_create(PT2_DTYPE_U8, 20, sizes, NULL, &tensor),
                   0);
  assert_int_equal(pt2_tensor_numel(tensor), 128);
  pt2_tensor_t* alias = NULL;
  assert_int_equal(pt2__tensor_alias(tensor, &alias), 0);
  assert_memory_equal(alias->sizes, sizes, sizeof(sizes));
  // From many dimensions to none and back.
  pt2_tensor_t* scalar = NULL;
  assert_int_equal(pt2_tensor_create(PT2_DTYPE_F32, 0, NULL, NULL, &scalar), 0);
  assert_int_equal(pt2__tensor_assign(alias, scalar), 0);
  assert_int_equal(alias->rank, 0);
  assert_ptr_equal(alias->data, scalar->data);
  assert_int_equal(pt2__tensor_assign(alias, tensor), 0);
  assert_memory_equal(alias->sizes, sizes, sizeof(sizes));
  pt2_tensor_release(scalar);
  pt2_tensor_release(tensor);
  pt2_tensor_release(alias);
}

static void test_blob_is_deleted_once_with_the_last_view(void** state) {
  (void)state;
  float data[6] = {0, 1, 2, 3, 4, 5};
  const int64_t sizes[] = {6};
  pt2_tensor_t* blob = NULL;
  deleted = 0;
  assert_int_equal(pt2_tensor_from_blob(data, PT2_DTYPE_F32, 1, sizes, NULL,
                                        count_deletion, &deleted, &blob),
                   0);
  const int64_t view_sizes[] = {2, 2};
  const int64_t view_strides[] = {3, 1};
  pt2_tensor_t* view = NULL;
  assert_int_equal(
      pt2__tensor_view(blob, 2, view_sizes, view_strides, 1, &view), 0);
  pt2_tensor_release(blob);
  assert_int_equal(deleted, 0);
  assert_true(((float*)view->data)[3] == 4.0f);
  pt2_tensor_retain(view);
  pt2_tensor_release(view);
  assert_int_equal(deleted, 0);
  pt2_tensor_release(view);
  assert_int_equal(deleted, 1);
}

static void test_wrong_geometry_is_named(void** state) {
  (void)state;
  pt2_tensor_t* tensor = NULL;
  const int64_t negative[] = {2, -1};
  assert_int_equal(pt2_tensor_create(PT2_DTYPE_F32, 2, negative, NULL, &tensor),
                   PT2_STATUS_INVALID_ARGUMENT);
  assert_string_equal(pt2_error_message(),
                      "sizes [2, -1] are negative or too large");
  const int64_t huge[] = {INT64_MAX, 2};
  assert_int_equal(pt2_tensor_create(PT2_DTYPE_F32, 2, huge, NULL, &tensor),
                   PT2_STATUS_INVALID_ARGUMENT);
  const int64_t sizes[] = {2};
  assert_int_equal(pt2_tensor_create(1000, 1, sizes, NULL, &tensor),
                   PT2_STATUS_INVALID_ARGUMENT);
  assert_string_equal(pt2_error_message(), "1000 is no dtype");
  assert_int_equal(pt2_tensor_create(PT2_DTYPE_F32, 65, sizes, NULL, &tensor),
                   PT2_STATUS_INVALID_ARGUMENT);
  deleted = 0;
  assert_int_equal(pt2_tensor_from_blob(NULL, PT2_DTYPE_F32, 1, sizes, NULL,
                                        count_deletion, &deleted, &tensor),
                   PT2_STATUS_INVALID_ARGUMENT);
  assert_int_equal(deleted, 0);
  assert_null(tensor);
}

static void test_a_view_stays_inside_its_storage(void** state) {
  (void)state;
  const int64_t sizes[] = {10};
  pt2_tensor_t* tensor = NULL;
  assert_int_equal(pt2_tensor_create(PT2_DTYPE_F32, 1, sizes, NULL, &tensor),
                   0);
  const int64_t more[] = {11};
  const int64_t stride[] = {1};
  pt2_tensor_t* view = NULL;
  assert_int_equal(pt2__tensor_view(tensor, 1, more, stride, 0, &view),
                   PT2_STATUS_INVALID_ARGUMENT);
  pt2_error_clear();
  assert_int_equal(pt2__tensor_view(tensor, 1, sizes, stride, 1, &view),
                   PT2_STATUS_INVALID_ARGUMENT);
  pt2_error_clear();
  const int64_t backwards[] = {-1};
  assert_int_equal(pt2__tensor_view(tensor, 1, sizes, backwards, 9, &view),
                   PT2_STATUS_INVALID_ARGUMENT);
  pt2_error_clear();
  assert_null(view);
  pt2_tensor_release(tensor);
}

static void test_memory_formats(void** state) {
  (void)state;
  const int64_t sizes[] = {2, 3, 4, 5};
  int64_t strides[4];
  pt2__sizes_channels_last_strides(4, sizes, strides);
  const int64_t expected[] = {60, 1, 15, 3};
  assert_memory_equal(strides, expected, sizeof(expected));
  pt2_tensor_t* tensor = NULL;
  assert_int_equal(pt2_tensor_create(PT2_DTYPE_F32, 4, sizes, strides, &tensor),
                   0);
  assert_false(pt2__tensor_is_contiguous(tensor));
  assert_true(pt2__tensor_is_channels_last(tensor));
  assert_true(pt2__tensor_is_non_overlapping_and_dense(tensor));
  assert_int_equal(pt2__tensor_suggest_memory_format(tensor),
                   PT2_MEMORY_FORMAT_CHANNELS_LAST);
  pt2_tensor_t* like = NULL;
  assert_int_equal(pt2__tensor_empty_like(tensor, PT2_DTYPE_F64, &like), 0);
  assert_memory_equal(like->strides, expected, sizeof(expected));
  pt2_tensor_release(like);
  pt2_tensor_release(tensor);
  const int64_t spread[] = {0, 1};
  const int64_t pair[] = {4, 2};
  assert_int_equal(pt2_tensor_create(PT2_DTYPE_F32, 2, pair, spread, &tensor),
                   0);
  assert_true(pt2__tensor_has_internal_overlap(tensor));
  assert_false(pt2__tensor_is_non_overlapping_and_dense(tensor));
  pt2_tensor_release(tensor);
}

static void test_every_failed_allocation_leaves_nothing(void** state) {
  (void)state;
  size_t used_before;
  size_t kept;
  pt2__pool_statistics(&used_before, &kept);
  const int64_t sizes[] = {1, 2, 3, 4, 5, 6, 7, 8};
  uint64_t nth = 1;
  for (;; ++nth) {
    pt2__fault_set(nth, true);
    pt2_tensor_t* tensor = NULL;
    pt2_tensor_t* alias = NULL;
    pt2_status_t status =
        pt2_tensor_create(PT2_DTYPE_F32, 8, sizes, NULL, &tensor);
    if (status == PT2_STATUS_OK) {
      status = pt2__tensor_alias(tensor, &alias);
    }
    pt2__fault_set(0, false);
    pt2_tensor_release(tensor);
    pt2_tensor_release(alias);
    size_t used;
    pt2__pool_statistics(&used, &kept);
    assert_int_equal(used, used_before);
    if (status == PT2_STATUS_OK) {
      break;
    }
    assert_int_equal(status, PT2_STATUS_OUT_OF_MEMORY);
  }
  assert_true(nth > 4);
}

static int packed_destroyed;

static void destroy_packed(pt2__packed_t* packed) {
  ++packed_destroyed;
  pt2__free(packed);
}

static void test_packed_forms_belong_to_the_storage(void** state) {
  (void)state;
  static const char kind;
  const int64_t extra[4] = {1, 2, 3, 4};
  const int64_t other_extra[4] = {1, 2, 3, 5};
  const int64_t sizes[] = {4, 4};
  pt2_tensor_t* tensor = NULL;
  assert_int_equal(pt2_tensor_create(PT2_DTYPE_F32, 2, sizes, NULL, &tensor),
                   0);
  assert_false(pt2__packed_allowed(tensor));
  tensor->storage->immutable = true;
  assert_true(pt2__packed_allowed(tensor));
  assert_null(pt2__packed_find(tensor, &kind, extra));
  packed_destroyed = 0;
  pt2__packed_t* first = pt2__calloc(1, sizeof(*first));
  first->destroy = destroy_packed;
  assert_ptr_equal(pt2__packed_insert(tensor, &kind, extra, first), first);
  assert_ptr_equal(pt2__packed_find(tensor, &kind, extra), first);
  assert_null(pt2__packed_find(tensor, &kind, other_extra));
  // The slower of two threads gets the other's.
  pt2__packed_t* second = pt2__calloc(1, sizeof(*second));
  second->destroy = destroy_packed;
  assert_ptr_equal(pt2__packed_insert(tensor, &kind, extra, second), first);
  assert_int_equal(packed_destroyed, 1);
  const int64_t strides[] = {1, 4};
  pt2_tensor_t* transposed = NULL;
  assert_int_equal(pt2__tensor_view(tensor, 2, sizes, strides, 0, &transposed),
                   0);
  assert_null(pt2__packed_find(transposed, &kind, extra));
  pt2_tensor_release(tensor);
  assert_int_equal(packed_destroyed, 1);
  pt2_tensor_release(transposed);
  assert_int_equal(packed_destroyed, 2);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_row_major_by_default),
      cmocka_unit_test(test_no_dimensions_and_no_elements),
      cmocka_unit_test(test_more_dimensions_than_fit_inside),
      cmocka_unit_test(test_blob_is_deleted_once_with_the_last_view),
      cmocka_unit_test(test_wrong_geometry_is_named),
      cmocka_unit_test(test_a_view_stays_inside_its_storage),
      cmocka_unit_test(test_memory_formats),
      cmocka_unit_test(test_every_failed_allocation_leaves_nothing),
      cmocka_unit_test(test_packed_forms_belong_to_the_storage),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
