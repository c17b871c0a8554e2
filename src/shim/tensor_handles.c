// SPDX-License-Identifier: Apache-2.0
//
// Handles: what a model asks of a tensor, new handles to it, assignment.
#include "loader/loader.h"
#include "shim/shim.h"

// A property of a defined tensor, written to |out|.
#define GETTER(name, type, expression)                                   \
  static pt2_status_t get_##name(AtenTensorHandle tensor, type* out) {   \
    PT2_TRY(pt2__shim_check_tensor(tensor, "tensor"));                   \
    PT2_TRY(pt2__shim_check_out(out));                                   \
    *out = (expression);                                                 \
    return PT2_STATUS_OK;                                                \
  }                                                                      \
  AOTITorchError aoti_torch_##name(AtenTensorHandle tensor, type* out) { \
    PT2_SHIM_RETURN(get_##name(tensor, out));                            \
  }

GETTER(get_data_ptr, void*, tensor->data)
GETTER(get_dim, int64_t, tensor->rank)
GETTER(get_numel, int64_t, tensor->numel)
GETTER(get_sizes, int64_t*, tensor->sizes)
GETTER(get_strides, int64_t*, tensor->strides)
GETTER(get_dtype, int32_t, tensor->dtype)
GETTER(get_device_type, int32_t, tensor->device_type)
// torch's host tensors have no index, which it writes as -1.
GETTER(get_device_index, int32_t,
       tensor->device_type == PT2_DEVICE_CPU ? -1 : tensor->device_index)
GETTER(get_layout, int32_t, tensor->layout)
GETTER(get_storage_offset, int64_t, tensor->storage_offset)
GETTER(get_storage_size, int64_t, (int64_t)tensor->storage->bytes)
GETTER(is_contiguous, bool, pt2__tensor_is_contiguous(tensor))

static pt2_status_t storage_numel(AtenTensorHandle tensor, int64_t* out) {
  PT2_TRY(pt2__shim_check_tensor(tensor, "tensor"));
  PT2_TRY(pt2__shim_check_out(out));
  size_t element_bytes = pt2__dtype_bytes(tensor->dtype);
  PT2_SHIM_CHECK(tensor->storage->bytes % element_bytes == 0,
                 "the storage's %zu bytes are no multiple of %s's %zu",
                 tensor->storage->bytes, pt2_dtype_name(tensor->dtype),
                 element_bytes);
  *out = (int64_t)(tensor->storage->bytes / element_bytes);
  return PT2_STATUS_OK;
}

AOTITorchError aoti_torch_get_storage_numel(AtenTensorHandle tensor,
                                            int64_t* ret_numel) {
  PT2_SHIM_RETURN(storage_numel(tensor, ret_numel));
}

// One size or stride; a negative |dim| counts from the end. Unlike most
// operators torch lets a 0-d tensor have no dimension 0 here.
static pt2_status_t dim_entry(AtenTensorHandle tensor, bool of_strides,
                              int64_t dim, int64_t* out) {
  PT2_TRY(pt2__shim_check_tensor(tensor, "tensor"));
  PT2_TRY(pt2__shim_check_out(out));
  int64_t rank = tensor->rank;
  PT2_SHIM_CHECK(rank > 0,
                 "Dimension specified as %lld but tensor has no dimensions",
                 (long long)dim);
  PT2_SHIM_CHECK(dim >= -rank && dim < rank,
                 "Dimension out of range (expected to be in range of "
                 "[%lld, %lld], but got %lld)",
                 (long long)-rank, (long long)rank - 1, (long long)dim);
  int64_t at = dim < 0 ? dim + rank : dim;
  *out = of_strides ? tensor->strides[at] : tensor->sizes[at];
  return PT2_STATUS_OK;
}

AOTITorchError aoti_torch_get_size(AtenTensorHandle tensor, int64_t dim,
                                   int64_t* ret_size) {
  PT2_SHIM_RETURN(dim_entry(tensor, false, dim, ret_size));
}

AOTITorchError aoti_torch_get_stride(AtenTensorHandle tensor, int64_t dim,
                                     int64_t* ret_stride) {
  PT2_SHIM_RETURN(dim_entry(tensor, true, dim, ret_stride));
}

static pt2_status_t is_defined(AtenTensorHandle tensor, bool* out) {
  PT2_SHIM_CHECK(tensor != NULL, "tensor is a NULL handle");
  PT2_TRY(pt2__shim_check_out(out));
  *out = tensor->storage != NULL;
  return PT2_STATUS_OK;
}

AOTITorchError aoti_torch_is_defined(AtenTensorHandle tensor,
                                     bool* ret_is_defined) {
  PT2_SHIM_RETURN(is_defined(tensor, ret_is_defined));
}

// NULL is allowed, as for C++'s delete, which is what torch does here.
AOTITorchError aoti_torch_delete_tensor_object(AtenTensorHandle tensor) {
  pt2__tensor_release(tensor);
  return PT2__SHIM_OK;
}

// A handle that shares everything with |source|, which may be undefined.
static pt2_status_t share(AtenTensorHandle source, AtenTensorHandle* out) {
  PT2_TRY(pt2__shim_check_out(out));
  // Models of torch 2.8 to 2.14 do not look whether it failed and keep what is
  // there.
  *out = NULL;
  PT2_SHIM_CHECK(source != NULL, "the source is a NULL handle");
  return pt2__tensor_alias(source, out);
}

// Containers of torch 2.8 to 2.14 never delete those that they make of
// constants that they are given: whoever gave them does.
static pt2_status_t new_handle_of(AtenTensorHandle source,
                                  AtenTensorHandle* out) {
  PT2_TRY(share(source, out));
  bool noted = false;
  pt2_status_t status =
      pt2__library_note_tensor(PT2__NOTE_HANDLES, source, *out, &noted);
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(*out);
    *out = NULL;
  } else if (noted) {
    pt2_tensor_retain(*out);  // for the list
  }
  return status;
}

AOTITorchError aoti_torch_new_tensor_handle(AtenTensorHandle orig_handle,
                                            AtenTensorHandle* new_handle) {
  PT2_SHIM_RETURN(new_handle_of(orig_handle, new_handle));
}

AOTITorchError aoti_torch_assign_tensors_out(AtenTensorHandle src,
                                             AtenTensorHandle* ret_dst) {
  PT2_SHIM_RETURN(share(src, ret_dst));
}

static pt2_status_t assign(AtenTensorHandle source, AtenTensorHandle target) {
  PT2_SHIM_CHECK(source != NULL, "the source is a NULL handle");
  PT2_SHIM_CHECK(target != NULL, "the target is a NULL handle");
  return pt2__tensor_assign(target, source);
}

AOTITorchError aoti_torch_assign_tensors(AtenTensorHandle src,
                                         AtenTensorHandle dst) {
  PT2_SHIM_RETURN(assign(src, dst));
}
