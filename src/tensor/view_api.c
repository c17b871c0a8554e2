// SPDX-License-Identifier: Apache-2.0
//
// The public functions of pt2/view.h.
#include "pt2/view.h"

#include "tensor/tensor.h"

pt2_status_t pt2_tensor_view(const pt2_tensor_t* source, size_t rank,
                             const int64_t* sizes, const int64_t* strides,
                             int64_t offset, pt2_tensor_t** out_view) {
  pt2__error_begin();
  if (!pt2__tensor_is_defined(source) || out_view == NULL ||
      (rank > 0 && sizes == NULL)) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                    "source, sizes and out_view may not be NULL");
  }
  if (rank > PT2__MAX_RANK) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                    "a tensor has 0 to %d dimensions, not %zu", PT2__MAX_RANK,
                    rank);
  }
  int64_t first;
  if (__builtin_add_overflow(source->storage_offset, offset, &first) ||
      first < 0) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                    "a view at offset %lld begins before its storage: the "
                    "tensor's own is %lld",
                    (long long)offset, (long long)source->storage_offset);
  }
  return pt2__tensor_view(source, (int64_t)rank, sizes, strides, first,
                          out_view);
}

pt2_status_t pt2_tensor_from_const_blob(const void* data, pt2_dtype_t dtype,
                                        size_t rank, const int64_t* sizes,
                                        const int64_t* strides,
                                        pt2_tensor_deleter_fn deleter,
                                        void* user, pt2_tensor_t** out_tensor) {
  PT2_TRY(pt2_tensor_from_blob((void*)(uintptr_t)data, dtype, rank, sizes,
                               strides, deleter, user, out_tensor));
  (*out_tensor)->storage->read_only = true;
  return PT2_STATUS_OK;
}
