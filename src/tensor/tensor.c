// SPDX-License-Identifier: Apache-2.0
//
// Tensors: creation, aliases, views, release.
#include "tensor/tensor.h"

#include <string.h>

static size_t dims_bytes(int64_t rank) {
  return 2 * (size_t)rank * sizeof(int64_t);
}

// A tensor object without storage and with room for |rank| dimensions, at the
// beginning of a block of |block_bytes|.
static inline pt2_status_t new_object(size_t block_bytes, int64_t rank,
                                      pt2_tensor_t** out_tensor) {
  pt2_tensor_t* tensor = pt2__pool_alloc(block_bytes);
  if (tensor == NULL) {
    return PT2_OUT_OF_MEMORY(block_bytes);
  }
  tensor->sizes = tensor->inline_dims;
  if (rank > PT2__INLINE_RANK) {
    tensor->sizes = pt2__pool_alloc(dims_bytes(rank));
    if (tensor->sizes == NULL) {
      pt2__pool_free(tensor, block_bytes);
      return PT2_OUT_OF_MEMORY(dims_bytes(rank));
    }
  }
  tensor->strides = tensor->sizes + rank;
  atomic_init(&tensor->references, 1);
  tensor->rank = (int32_t)rank;
  tensor->layout = PT2_LAYOUT_STRIDED;
  tensor->has_storage = false;
  tensor->storage = NULL;
  tensor->storage_offset = 0;
  tensor->numel = 0;
  tensor->data = NULL;
  tensor->dtype = PT2_DTYPE_UNDEFINED;
  tensor->device_type = PT2_DEVICE_CPU;
  tensor->device_index = 0;
  *out_tensor = tensor;
  return PT2_STATUS_OK;
}

static void free_dims(pt2_tensor_t* tensor) {
  if (tensor->sizes != tensor->inline_dims) {
    pt2__pool_free(tensor->sizes, dims_bytes(tensor->rank));
  }
}

// The storage in |tensor|'s own block, NULL if it has none.
static pt2__storage_t* storage_inside(pt2_tensor_t* tensor) {
  return tensor->has_storage ? &((pt2__tensor_with_storage_t*)tensor)->storage
                             : NULL;
}

void pt2__tensor_release(pt2_tensor_t* tensor) {
  if (tensor != NULL && atomic_fetch_sub_explicit(&tensor->references, 1,
                                                  memory_order_acq_rel) == 1) {
    pt2__storage_t* storage = tensor->storage;
    pt2__storage_t* inside = storage_inside(tensor);
    free_dims(tensor);
    if (inside == NULL) {
      pt2__pool_free(tensor, sizeof(*tensor));
    }
    if (storage != inside) {
      pt2__storage_release(storage);
    }
    // The block goes with it, now or when the last view is gone.
    pt2__storage_release(inside);
  }
}

static pt2_status_t check_rank(int64_t rank) {
  if (rank < 0 || rank > PT2__MAX_RANK) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                    "a tensor has 0 to %d dimensions, not %lld", PT2__MAX_RANK,
                    (long long)rank);
  }
  return PT2_STATUS_OK;
}

// pt2__sizes_numel and pt2__sizes_storage_bytes in one go for what is usual;
// false where something is wrong or empty.
static inline bool measure(int64_t rank, const int64_t* sizes,
                           const int64_t* strides, int64_t storage_offset,
                           size_t element_bytes, int64_t* out_numel,
                           size_t* out_bytes) {
  int64_t numel = 1;
  int64_t last = storage_offset;
  for (int64_t i = 0; i < rank; ++i) {
    int64_t reach;
    if (sizes[i] <= 0 || strides[i] < 0 ||
        __builtin_mul_overflow(numel, sizes[i], &numel) ||
        __builtin_mul_overflow(sizes[i] - 1, strides[i], &reach) ||
        __builtin_add_overflow(last, reach, &last)) {
      return false;
    }
  }
  int64_t bytes;
  if (storage_offset < 0 || __builtin_add_overflow(last, (int64_t)1, &last) ||
      __builtin_mul_overflow(last, (int64_t)element_bytes, &bytes)) {
    return false;
  }
  *out_numel = numel;
  *out_bytes = (size_t)bytes;
  return true;
}

// Computes numel and the bytes of storage reached; names what is wrong.
static pt2_status_t check_geometry(int32_t dtype, int64_t rank,
                                   const int64_t* sizes, const int64_t* strides,
                                   int64_t storage_offset, int64_t* out_numel,
                                   size_t* out_bytes) {
  size_t element_bytes = pt2__dtype_bytes(dtype);
  if (element_bytes > 0 && measure(rank, sizes, strides, storage_offset,
                                   element_bytes, out_numel, out_bytes)) {
    return PT2_STATUS_OK;
  }
  char text[256];
  if (element_bytes == 0) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT, "%d is no dtype", dtype);
  }
  if (!pt2__sizes_numel(rank, sizes, out_numel)) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                    "sizes %s are negative or too large",
                    pt2__sizes_format(rank, sizes, text, sizeof(text)));
  }
  if (storage_offset < 0 ||
      !pt2__sizes_storage_bytes(rank, sizes, strides, storage_offset,
                                element_bytes, out_bytes)) {
    char more[256];
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                    "sizes %s, strides %s and offset %lld reach outside of "
                    "what can be addressed",
                    pt2__sizes_format(rank, sizes, text, sizeof(text)),
                    pt2__sizes_format(rank, strides, more, sizeof(more)),
                    (long long)storage_offset);
  }
  return PT2_STATUS_OK;
}

// Few numbers: a call of memcpy would cost more than they do.
static inline void copy_dims(pt2_tensor_t* tensor, const int64_t* sizes,
                             const int64_t* strides) {
  for (int32_t i = 0; i < tensor->rank; ++i) {
    tensor->sizes[i] = sizes[i];
    tensor->strides[i] = strides[i];
  }
}

static void set_geometry(pt2_tensor_t* tensor, pt2__storage_t* storage,
                         int32_t dtype, const int64_t* sizes,
                         const int64_t* strides, int64_t storage_offset,
                         int64_t numel) {
  copy_dims(tensor, sizes, strides);
  tensor->dtype = dtype;
  tensor->storage = storage;
  tensor->device_type = storage->device_type;
  tensor->device_index = storage->device_index;
  tensor->storage_offset = storage_offset;
  tensor->numel = numel;
  tensor->data = NULL;
  if (numel > 0 && storage->data != NULL) {
    tensor->data =
        (char*)storage->data + (size_t)storage_offset * pt2__dtype_bytes(dtype);
  }
}

pt2_status_t pt2__tensor_over(pt2__storage_t* storage, int32_t dtype,
                              int64_t rank, const int64_t* sizes,
                              const int64_t* strides, int64_t storage_offset,
                              pt2_tensor_t** out_tensor) {
  PT2_TRY(check_rank(rank));
  int64_t contiguous[PT2__MAX_RANK];
  if (strides == NULL) {
    pt2__sizes_contiguous_strides(rank, sizes, contiguous);
    strides = contiguous;
  }
  int64_t numel;
  size_t bytes;
  PT2_TRY(check_geometry(dtype, rank, sizes, strides, storage_offset, &numel,
                         &bytes));
  if (numel > 0 && bytes > storage->bytes) {
    char text[256];
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                    "a view of sizes %s at offset %lld needs %zu bytes, its "
                    "storage has %zu",
                    pt2__sizes_format(rank, sizes, text, sizeof(text)),
                    (long long)storage_offset, bytes, storage->bytes);
  }
  pt2_tensor_t* tensor = NULL;
  PT2_TRY(new_object(sizeof(*tensor), rank, &tensor));
  pt2__storage_retain(storage);
  set_geometry(tensor, storage, dtype, sizes, strides, storage_offset, numel);
  *out_tensor = tensor;
  return PT2_STATUS_OK;
}

pt2_status_t pt2__tensor_empty(int32_t dtype, int64_t rank,
                               const int64_t* sizes, const int64_t* strides,
                               pt2_tensor_t** out_tensor) {
  PT2_TRY(check_rank(rank));
  int64_t contiguous[PT2__MAX_RANK];
  if (strides == NULL) {
    pt2__sizes_contiguous_strides(rank, sizes, contiguous);
    strides = contiguous;
  }
  int64_t numel;
  size_t bytes;
  PT2_TRY(check_geometry(dtype, rank, sizes, strides, 0, &numel, &bytes));
  if (pt2__storage_goes_to_device()) {
    pt2__storage_t* storage;
    PT2_TRY(pt2__storage_create(numel > 0 ? bytes : 0, &storage));
    pt2_status_t made =
        pt2__tensor_over(storage, dtype, rank, sizes, strides, 0, out_tensor);
    pt2__storage_release(storage);
    return made;
  }
  pt2_tensor_t* tensor = NULL;
  pt2__tensor_with_storage_t* block;
  PT2_TRY(new_object(sizeof(*block), rank, &tensor));
  block = (pt2__tensor_with_storage_t*)tensor;
  pt2_status_t status =
      pt2__storage_create_inside(numel > 0 ? bytes : 0, block);
  if (status != PT2_STATUS_OK) {
    free_dims(tensor);
    pt2__pool_free(block, sizeof(*block));
    return status;
  }
  tensor->has_storage = true;
  set_geometry(tensor, &block->storage, dtype, sizes, strides, 0, numel);
  *out_tensor = tensor;
  return PT2_STATUS_OK;
}

// Compares two dimensions as torch's empty_like does for what is not dense: > 0
// if |a| belongs outside of |b|, 0 if it cannot tell (a stride of 0).
static int compare_dims(const pt2_tensor_t* like, int a, int b) {
  int64_t left = like->strides[a];
  int64_t right = like->strides[b];
  if (left == 0 || right == 0) {
    return 0;
  }
  if (left != right) {
    return left < right ? -1 : 1;
  }
  return like->sizes[a] > like->sizes[b] ? 1 : 0;
}

// Orders dimensions by stride, the innermost first; where that cannot be told
// they stay as they are, the last one innermost.
static void order_by_stride(const pt2_tensor_t* like, int* order) {
  for (int i = 0; i < like->rank; ++i) {
    order[i] = like->rank - 1 - i;
  }
  for (int i = 1; i < like->rank; ++i) {
    int at = i;
    for (int other = i - 1; other >= 0; --other) {
      int comparison = compare_dims(like, order[other], order[at]);
      if (comparison < 0) {
        break;
      }
      if (comparison > 0) {
        int dim = order[other];
        order[other] = order[at];
        order[at] = dim;
        at = other;
      }
    }
  }
}

void pt2__tensor_dense_strides(const pt2_tensor_t* like, int64_t* out_strides) {
  if (pt2__tensor_is_non_overlapping_and_dense(like)) {
    for (int i = 0; i < like->rank; ++i) {
      out_strides[i] = like->strides[i];
    }
    return;
  }
  int order[PT2__MAX_RANK];
  order_by_stride(like, order);
  int64_t next = 1;
  for (int i = 0; i < like->rank; ++i) {
    out_strides[order[i]] = next;
    next *= like->sizes[order[i]] > 1 ? like->sizes[order[i]] : 1;
  }
}

pt2_status_t pt2__tensor_empty_like(const pt2_tensor_t* like, int32_t dtype,
                                    pt2_tensor_t** out_tensor) {
  int64_t strides[PT2__MAX_RANK];
  pt2__tensor_dense_strides(like, strides);
  return pt2__tensor_empty(dtype, like->rank, like->sizes, strides, out_tensor);
}

pt2_status_t pt2__tensor_undefined(pt2_tensor_t** out_tensor) {
  return new_object(sizeof(**out_tensor), 0, out_tensor);
}

// Copies everything but what |target|'s block is from |source| to it, whose
// own dimensions were freed.
static void copy_object(pt2_tensor_t* target, const pt2_tensor_t* source,
                        int64_t* dims) {
  target->rank = source->rank;
  target->sizes = dims != NULL ? dims : target->inline_dims;
  target->strides = target->sizes + source->rank;
  copy_dims(target, source->sizes, source->strides);
  target->dtype = source->dtype;
  target->device_type = source->device_type;
  target->device_index = source->device_index;
  target->layout = source->layout;
  target->storage = source->storage;
  target->storage_offset = source->storage_offset;
  target->numel = source->numel;
  target->data = source->data;
}

pt2_status_t pt2__tensor_alias(const pt2_tensor_t* source,
                               pt2_tensor_t** out_tensor) {
  pt2_tensor_t* tensor = NULL;
  PT2_TRY(new_object(sizeof(*tensor), source->rank, &tensor));
  int64_t* dims = tensor->sizes == tensor->inline_dims ? NULL : tensor->sizes;
  copy_object(tensor, source, dims);
  if (tensor->storage != NULL) {
    pt2__storage_retain(tensor->storage);
  }
  *out_tensor = tensor;
  return PT2_STATUS_OK;
}

pt2_status_t pt2__tensor_assign(pt2_tensor_t* target,
                                const pt2_tensor_t* source) {
  if (target == source) {
    return PT2_STATUS_OK;
  }
  int64_t* dims = NULL;
  if (source->rank > PT2__INLINE_RANK) {
    dims = pt2__pool_alloc(dims_bytes(source->rank));
    if (dims == NULL) {
      return PT2_OUT_OF_MEMORY(dims_bytes(source->rank));
    }
  }
  pt2__storage_t* old = target->storage;
  pt2__storage_t* inside = storage_inside(target);
  if (source->storage != NULL && source->storage != inside) {
    pt2__storage_retain(source->storage);
  }
  free_dims(target);
  copy_object(target, source, dims);
  if (old != inside) {
    pt2__storage_release(old);
  } else if (inside != NULL && target->storage != inside) {
    pt2__storage_drop_unshared(inside);
  }
  return PT2_STATUS_OK;
}

pt2_status_t pt2__tensor_view(const pt2_tensor_t* source, int64_t rank,
                              const int64_t* sizes, const int64_t* strides,
                              int64_t storage_offset,
                              pt2_tensor_t** out_tensor) {
  return pt2__tensor_over(source->storage, source->dtype, rank, sizes, strides,
                          storage_offset, out_tensor);
}

pt2_status_t pt2__tensor_contiguous(const pt2_tensor_t* source,
                                    pt2_tensor_t** out_tensor) {
  return pt2__tensor_to_contiguous(source, source->dtype, out_tensor);
}

pt2_status_t pt2__tensor_to_contiguous(const pt2_tensor_t* source,
                                       int32_t dtype,
                                       pt2_tensor_t** out_tensor) {
  if (source->dtype == dtype && pt2__tensor_is_contiguous(source)) {
    return pt2__tensor_alias(source, out_tensor);
  }
  pt2_tensor_t* copy = NULL;
  PT2_TRY(pt2__tensor_empty(dtype, source->rank, source->sizes, NULL, &copy));
  pt2_status_t status = pt2__tensor_copy(copy, source);
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(copy);
    return status;
  }
  *out_tensor = copy;
  return PT2_STATUS_OK;
}
