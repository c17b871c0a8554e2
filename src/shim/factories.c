// SPDX-License-Identifier: Apache-2.0
//
// New tensors and new views: empty, from a blob, out of a pool, strided.
#include <string.h>

#include "loader/loader.h"
#include "shim/onednn_weight.h"
#include "shim/shim.h"
#include "tensor/device.h"

static pt2_status_t empty_strided(int64_t rank, const int64_t* sizes,
                                  const int64_t* strides, int32_t dtype,
                                  int32_t device_type, int32_t device_index,
                                  AtenTensorHandle* out) {
  PT2_TRY(pt2__shim_check_out(out));
  PT2_TRY(pt2__shim_check_dims(rank, sizes, strides));
  if (device_type == PT2_DEVICE_CPU) {
    return pt2__tensor_empty(dtype, rank, sizes, strides, out);
  }
  pt2__place_t place;
  PT2_TRY(pt2__device_place(device_type, device_index, &place));
  return pt2__tensor_empty_at(place, dtype, rank, sizes, strides, out);
}

AOTITorchError aoti_torch_empty_strided(int64_t ndim, const int64_t* sizes_ptr,
                                        const int64_t* strides_ptr,
                                        int32_t dtype, int32_t device_type,
                                        int32_t device_index,
                                        AtenTensorHandle* ret_new_tensor) {
  PT2_SHIM_RETURN(empty_strided(ndim, sizes_ptr, strides_ptr, dtype,
                                device_type, device_index, ret_new_tensor));
}

AOTITorchError aoti_torch_new_uninitialized_tensor(AtenTensorHandle* ret) {
  PT2_SHIM_RETURN(pt2__shim_check_out(ret) == PT2_STATUS_OK
                      ? pt2__tensor_undefined(ret)
                      : PT2_STATUS_INVALID_ARGUMENT);
}

// |data| is the storage's first byte; |storage_offset| lies on top of it. The
// memory stays the caller's. What the host can reach of a device may lie
// elsewhere, as of the host itself: in the mapped weights.
static pt2_status_t from_blob(void* data, int64_t rank, const int64_t* sizes,
                              const int64_t* strides, int64_t storage_offset,
                              int32_t dtype, int32_t device_type,
                              int32_t device_index, AtenTensorHandle* out) {
  PT2_TRY(pt2__shim_check_out(out));
  pt2__place_t place;
  PT2_TRY(pt2__device_place(device_type, device_index, &place));
  PT2_TRY(pt2__shim_check_dims(rank, sizes, strides));
  if (data == NULL) {
    // What torch does: the tensor is new memory, its offset dropped.
    return pt2__tensor_empty_at(place, dtype, rank, sizes, strides, out);
  }
  size_t element_bytes = pt2__dtype_bytes(dtype);
  PT2_SHIM_CHECK(element_bytes > 0, "%d is no dtype", dtype);
  size_t bytes = 0;
  char text[256];
  PT2_SHIM_CHECK(
      storage_offset >= 0 &&
          pt2__sizes_storage_bytes(rank, sizes, strides, storage_offset,
                                   element_bytes, &bytes),
      "sizes %s at offset %lld reach outside of what can be addressed",
      pt2__sizes_format(rank, sizes, text, sizeof(text)),
      (long long)storage_offset);
  bool immutable = false;
  void* where = pt2__library_locate_blob(data, bytes, &immutable);
  pt2__storage_t* storage = NULL;
  PT2_TRY(pt2__storage_from_blob(where, bytes, device_type, place.index, NULL,
                                 NULL, &storage));
  storage->immutable = immutable;
  pt2_status_t status = pt2__tensor_over(storage, dtype, rank, sizes, strides,
                                         storage_offset, out);
  pt2__storage_release(storage);
  return status;
}

// Whoever exchanges a model's constants may need to know its handles.
static pt2_status_t note(pt2_status_t status, AtenTensorHandle* out) {
  if (status == PT2_STATUS_OK) {
    bool noted;
    status = pt2__library_note_tensor(PT2__NOTE_BLOBS, NULL, *out, &noted);
    if (status != PT2_STATUS_OK) {
      pt2__tensor_release(*out);
      *out = NULL;
    }
  }
  return status;
}

AOTITorchError aoti_torch_create_tensor_from_blob(
    void* data, int64_t ndim, const int64_t* sizes_ptr,
    const int64_t* strides_ptr, int64_t storage_offset, int32_t dtype,
    int32_t device_type, int32_t device_index,
    AtenTensorHandle* ret_new_tensor) {
  PT2_SHIM_RETURN(
      note(from_blob(data, ndim, sizes_ptr, strides_ptr, storage_offset, dtype,
                     device_type, device_index, ret_new_tensor),
           ret_new_tensor));
}

// PyTorch's number of the layout of what oneDNN packed.
#define LAYOUT_MKLDNN 3

// A weight that |metadata| describes: what is made of it is a plain one.
static pt2_status_t from_packed_blob(void* data, int64_t rank,
                                     const int64_t* sizes, int32_t dtype,
                                     int32_t device_type, int32_t device_index,
                                     const uint8_t* metadata,
                                     int64_t metadata_bytes,
                                     AtenTensorHandle* out) {
  PT2_TRY(pt2__shim_check_out(out));
  (void)device_index;
  PT2_SHIM_CHECK(device_type == PT2_DEVICE_CPU,
                 "weights packed by oneDNN are the cpu's, not %s's",
                 pt2_device_type_name(device_type));
  // Its strides say nothing.
  PT2_TRY(pt2__shim_check_dims(rank, sizes, sizes));
  PT2_SHIM_CHECK(data != NULL, "a weight packed by oneDNN has no data");
  pt2__onednn_weight_t weight;
  PT2_TRY(pt2__onednn_weight_parse(metadata, metadata_bytes, dtype, rank, sizes,
                                   &weight));
  bool immutable = false;
  const void* where = pt2__library_locate_blob(
      data, weight.elements * pt2__dtype_bytes(dtype), &immutable);
  PT2_TRY(pt2__onednn_weight_unpack(&weight, where, dtype, rank, sizes, out));
  (*out)->storage->immutable = immutable;
  return PT2_STATUS_OK;
}

AOTITorchError aoti_torch_create_tensor_from_blob_v2(
    void* data, int64_t ndim, const int64_t* sizes_ptr,
    const int64_t* strides_ptr, int64_t storage_offset, int32_t dtype,
    int32_t device_type, int32_t device_index, AtenTensorHandle* ret_new_tensor,
    int32_t layout, const uint8_t* opaque_metadata,
    int64_t opaque_metadata_size) {
  pt2_status_t status;
  if (layout == PT2_LAYOUT_STRIDED) {
    status = from_blob(data, ndim, sizes_ptr, strides_ptr, storage_offset,
                       dtype, device_type, device_index, ret_new_tensor);
  } else if (layout == LAYOUT_MKLDNN) {
    status = from_packed_blob(data, ndim, sizes_ptr, dtype, device_type,
                              device_index, opaque_metadata,
                              opaque_metadata_size, ret_new_tensor);
  } else {
    status =
        PT2_FAIL(PT2_STATUS_UNSUPPORTED, "layout %d is not supported", layout);
  }
  PT2_SHIM_RETURN(note(status, ret_new_tensor));
}

// ---- Views -----------------------------------------------------------------

// The last argument is added to the tensor's own offset.
static pt2_status_t reinterpret(AtenTensorHandle self, int64_t rank,
                                const int64_t* sizes, const int64_t* strides,
                                int64_t offset_increment,
                                AtenTensorHandle* out) {
  PT2_TRY(pt2__shim_check_tensor(self, "self"));
  PT2_TRY(pt2__shim_check_out(out));
  PT2_TRY(pt2__shim_check_dims(rank, sizes, strides));
  int64_t offset;
  PT2_SHIM_CHECK(
      !__builtin_add_overflow(self->storage_offset, offset_increment, &offset),
      "offset %lld is too large", (long long)offset_increment);
  return pt2__tensor_view(self, rank, sizes, strides, offset, out);
}

AOTITorchError aoti_torch__reinterpret_tensor(AtenTensorHandle self,
                                              int64_t ndim,
                                              const int64_t* sizes_ptr,
                                              const int64_t* strides_ptr,
                                              int64_t offset_increment,
                                              AtenTensorHandle* ret_new) {
  PT2_SHIM_RETURN(reinterpret(self, ndim, sizes_ptr, strides_ptr,
                              offset_increment, ret_new));
}

// The rank is self's: the signature has none.
static pt2_status_t as_strided(AtenTensorHandle self, const int64_t* sizes,
                               const int64_t* strides, AtenTensorHandle* out) {
  PT2_TRY(pt2__shim_check_tensor(self, "self"));
  return reinterpret(self, self->rank, sizes, strides, 0, out);
}

AOTITorchError aoti_torch_as_strided(AtenTensorHandle self,
                                     const int64_t* sizes_ptr,
                                     const int64_t* strides_ptr,
                                     AtenTensorHandle* ret) {
  PT2_SHIM_RETURN(as_strided(self, sizes_ptr, strides_ptr, ret));
}

// A tensor of any dtype inside |self|'s storage, |offset_bytes| from its start.
static pt2_status_t alloc_from_pool(AtenTensorHandle self, int64_t offset_bytes,
                                    int32_t dtype, int64_t rank,
                                    const int64_t* sizes,
                                    const int64_t* strides,
                                    AtenTensorHandle* out) {
  PT2_TRY(pt2__shim_check_tensor(self, "self"));
  PT2_TRY(pt2__shim_check_out(out));
  PT2_TRY(pt2__shim_check_dims(rank, sizes, strides));
  PT2_SHIM_CHECK(self->storage_offset == 0,
                 "the pool's own offset is %lld, expected 0",
                 (long long)self->storage_offset);
  int64_t element_bytes = (int64_t)pt2__dtype_bytes(dtype);
  PT2_SHIM_CHECK(element_bytes > 0, "%d is no dtype", dtype);
  PT2_SHIM_CHECK(offset_bytes >= 0 && offset_bytes % element_bytes == 0,
                 "offset of %lld bytes is no multiple of %s's %lld",
                 (long long)offset_bytes, pt2_dtype_name(dtype),
                 (long long)element_bytes);
  return pt2__tensor_over(self->storage, dtype, rank, sizes, strides,
                          offset_bytes / element_bytes, out);
}

AOTITorchError aoti_torch__alloc_from_pool(AtenTensorHandle self,
                                           int64_t offset_bytes, int32_t dtype,
                                           int64_t ndim,
                                           const int64_t* sizes_ptr,
                                           const int64_t* strides_ptr,
                                           AtenTensorHandle* ret_new_tensor) {
  PT2_SHIM_RETURN(alloc_from_pool(self, offset_bytes, dtype, ndim, sizes_ptr,
                                  strides_ptr, ret_new_tensor));
}
