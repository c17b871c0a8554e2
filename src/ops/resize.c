// SPDX-License-Identifier: Apache-2.0
#include "ops/resize.h"

#include <string.h>

// A new storage of |bytes| that begins as |old|.
static pt2_status_t grow(const pt2__storage_t* old, size_t bytes,
                         pt2__storage_t** out_storage) {
  PT2_TRY(pt2__storage_create(bytes, out_storage));
  if (old->bytes > 0) {
    memcpy((*out_storage)->data, old->data, old->bytes);
  }
  return PT2_STATUS_OK;
}

pt2_status_t pt2__resize_over(pt2_tensor_t* self, pt2__storage_t* storage,
                              int64_t rank, const int64_t* sizes,
                              const int64_t* strides, int64_t storage_offset) {
  int64_t numel;
  size_t bytes = 0;
  bool fits =
      pt2__sizes_numel(rank, sizes, &numel) && storage_offset >= 0 &&
      pt2__sizes_storage_bytes(rank, sizes, strides, storage_offset,
                               pt2_dtype_size_bytes(self->dtype), &bytes);
  char text[256];
  PT2_OP_CHECK(fits, "sizes %s are negative or too large",
               pt2__sizes_format(rank, sizes, text, sizeof(text)));
  pt2__storage_t* larger = NULL;
  if (numel > 0 && bytes > storage->bytes) {
    PT2_TRY(grow(storage, bytes, &larger));
    storage = larger;
  }
  pt2_tensor_t* view = NULL;
  pt2_status_t status = pt2__tensor_over(storage, self->dtype, rank, sizes,
                                         strides, storage_offset, &view);
  if (status == PT2_STATUS_OK) {
    status = pt2__tensor_assign(self, view);
  }
  pt2__tensor_release(view);
  pt2__storage_release(larger);
  return status;
}

static pt2_status_t strides_of_format(int32_t format, int64_t rank,
                                      const int64_t* sizes,
                                      int64_t* out_strides) {
  if (format == PT2_MEMORY_FORMAT_CONTIGUOUS) {
    pt2__sizes_contiguous_strides(rank, sizes, out_strides);
    return PT2_STATUS_OK;
  }
  PT2_OP_CHECK(format == PT2_MEMORY_FORMAT_CHANNELS_LAST ||
                   format == PT2_MEMORY_FORMAT_CHANNELS_LAST_3D,
               "Unsupported memory format %d", (int)format);
  int64_t wanted = format == PT2_MEMORY_FORMAT_CHANNELS_LAST ? 4 : 5;
  PT2_OP_CHECK(rank == wanted,
               "required rank %lld tensor to use channels_last%s format",
               (long long)wanted, wanted == 5 ? "_3d" : "");
  pt2__sizes_channels_last_strides(rank, sizes, out_strides);
  return PT2_STATUS_OK;
}

pt2_status_t pt2__resize(pt2_tensor_t* self, int64_t rank, const int64_t* sizes,
                         const int32_t* memory_format) {
  PT2_OP_CHECK_TENSOR(self, "self");
  PT2_OP_CHECK(rank >= 0 && rank <= PT2__MAX_RANK && (rank == 0 || sizes),
               "a size of %lld dimensions", (long long)rank);
  for (int64_t i = 0; i < rank; ++i) {
    PT2_OP_CHECK(sizes[i] >= 0, "a negative size of %lld in dimension %lld",
                 (long long)sizes[i], (long long)i);
  }
  bool same = rank == self->rank &&
              (rank == 0 ||
               memcmp(sizes, self->sizes, (size_t)rank * sizeof(int64_t)) == 0);
  if (same && memory_format == NULL) {
    return PT2_STATUS_OK;
  }
  int32_t format =
      memory_format != NULL ? *memory_format : PT2_MEMORY_FORMAT_CONTIGUOUS;
  int64_t strides[PT2__MAX_RANK];
  PT2_TRY(strides_of_format(format, rank, sizes, strides));
  return pt2__resize_over(self, self->storage, rank, sizes, strides,
                          self->storage_offset);
}
