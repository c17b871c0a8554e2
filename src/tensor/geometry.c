// SPDX-License-Identifier: Apache-2.0
//
// Sizes and strides: counts, extents and the properties torch asks of them.
#include <stdio.h>

#include "tensor/tensor.h"

bool pt2__sizes_numel(int64_t rank, const int64_t* sizes, int64_t* out_numel) {
  int64_t numel = 1;
  bool empty = false;
  for (int64_t i = 0; i < rank; ++i) {
    if (sizes[i] < 0) {
      return false;
    }
    if (sizes[i] == 0) {
      empty = true;
    } else if (__builtin_mul_overflow(numel, sizes[i], &numel)) {
      return false;
    }
  }
  *out_numel = empty ? 0 : numel;
  return true;
}

void pt2__sizes_contiguous_strides(int64_t rank, const int64_t* sizes,
                                   int64_t* out_strides) {
  int64_t next = 1;
  for (int64_t i = rank - 1; i >= 0; --i) {
    out_strides[i] = next;
    // Overflow is caught where the count of elements is.
    next = (int64_t)((uint64_t)next * (uint64_t)(sizes[i] > 1 ? sizes[i] : 1));
  }
}

void pt2__sizes_channels_last_strides(int64_t rank, const int64_t* sizes,
                                      int64_t* out_strides) {
  // torch counts a size of 0 as 1 in row-major strides, but as it is here.
  int64_t next = sizes[1];
  out_strides[1] = 1;
  for (int64_t i = rank - 1; i >= 2; --i) {
    out_strides[i] = next;
    next *= sizes[i];
  }
  out_strides[0] = next;
}

bool pt2__sizes_storage_bytes(int64_t rank, const int64_t* sizes,
                              const int64_t* strides, int64_t storage_offset,
                              size_t element_bytes, size_t* out_bytes) {
  int64_t last = storage_offset;
  for (int64_t i = 0; i < rank; ++i) {
    if (sizes[i] == 0) {
      *out_bytes = 0;
      return true;
    }
    int64_t reach;
    if (strides[i] < 0 ||
        __builtin_mul_overflow(sizes[i] - 1, strides[i], &reach) ||
        __builtin_add_overflow(last, reach, &last)) {
      return false;
    }
  }
  int64_t bytes;
  if (__builtin_add_overflow(last, (int64_t)1, &last) ||
      __builtin_mul_overflow(last, (int64_t)element_bytes, &bytes)) {
    return false;
  }
  *out_bytes = (size_t)bytes;
  return true;
}

const char* pt2__sizes_format(int64_t rank, const int64_t* sizes, char* text,
                              size_t text_bytes) {
  size_t at = 0;
  text[0] = '\0';
  for (int64_t i = 0; i <= rank && at < text_bytes; ++i) {
    int wrote;
    if (i == rank) {
      wrote = snprintf(text + at, text_bytes - at, rank == 0 ? "[]" : "]");
    } else {
      wrote = snprintf(text + at, text_bytes - at, "%s%lld",
                       i == 0 ? "[" : ", ", (long long)sizes[i]);
    }
    at += wrote > 0 ? (size_t)wrote : 0;
  }
  return text;
}

bool pt2__tensor_is_contiguous(const pt2_tensor_t* tensor) {
  if (tensor->numel == 0) {
    return true;
  }
  int64_t expected = 1;
  for (int i = tensor->rank - 1; i >= 0; --i) {
    if (tensor->sizes[i] != 1) {
      if (tensor->strides[i] != expected) {
        return false;
      }
      expected *= tensor->sizes[i];
    }
  }
  return true;
}

bool pt2__tensor_is_channels_last(const pt2_tensor_t* tensor) {
  if (tensor->rank != 4 && tensor->rank != 5) {
    return false;
  }
  int64_t expected = 1;
  if (tensor->sizes[1] != 1) {
    if (tensor->strides[1] != expected) {
      return false;
    }
    expected *= tensor->sizes[1];
  }
  for (int i = tensor->rank - 1; i >= 0; i = i == 2 ? 0 : i - 1) {
    if (tensor->sizes[i] != 1) {
      if (tensor->strides[i] != expected) {
        return false;
      }
      expected *= tensor->sizes[i];
    }
    if (i == 0) {
      break;
    }
  }
  return true;
}

// True if the strides are those of channels-last, told by their order alone: a
// dimension of size 1 must not decide, and the outermost may be padded.
static bool strides_like_channels_last(const pt2_tensor_t* tensor) {
  if (tensor->strides[1] == 0) {
    return false;
  }
  int64_t least = 0;
  for (int at = 0; at < tensor->rank; ++at) {
    // Order of visit: channels, then the innermost dimension outwards, batch.
    int i = at == 0 ? 1 : at == tensor->rank - 1 ? 0 : tensor->rank - at;
    if (tensor->sizes[i] == 0) {
      return false;
    }
    if (tensor->strides[i] < least) {
      return false;
    }
    // A plain N x C x 1 x 1 tensor is row-major, not channels-last.
    if (i == 0 && least == tensor->strides[1]) {
      return false;
    }
    least = tensor->strides[i];
    if (tensor->sizes[i] > 1) {
      least *= tensor->sizes[i];
    }
  }
  return true;
}

int32_t pt2__tensor_suggest_memory_format(const pt2_tensor_t* tensor) {
  if ((tensor->rank == 4 || tensor->rank == 5) &&
      strides_like_channels_last(tensor)) {
    return tensor->rank == 4 ? PT2_MEMORY_FORMAT_CHANNELS_LAST
                             : PT2_MEMORY_FORMAT_CHANNELS_LAST_3D;
  }
  return PT2_MEMORY_FORMAT_CONTIGUOUS;
}

bool pt2__tensor_is_non_overlapping_and_dense(const pt2_tensor_t* tensor) {
  if (pt2__tensor_is_contiguous(tensor)) {
    return true;
  }
  if (tensor->rank == 1) {
    return tensor->sizes[0] < 2 || tensor->strides[0] == 1;
  }
  // In the order of their strides the dimensions must fill memory.
  int order[PT2__MAX_RANK];
  int count = 0;
  for (int i = 0; i < tensor->rank; ++i) {
    if (tensor->sizes[i] < 2) {
      continue;
    }
    int at = count++;
    while (at > 0 && tensor->strides[order[at - 1]] > tensor->strides[i]) {
      order[at] = order[at - 1];
      --at;
    }
    order[at] = i;
  }
  int64_t expected = 1;
  for (int i = 0; i < count; ++i) {
    if (tensor->strides[order[i]] != expected) {
      return false;
    }
    expected *= tensor->sizes[order[i]];
  }
  return true;
}

bool pt2__tensor_has_internal_overlap(const pt2_tensor_t* tensor) {
  if (pt2__tensor_is_non_overlapping_and_dense(tensor)) {
    return false;
  }
  for (int i = 0; i < tensor->rank; ++i) {
    if (tensor->strides[i] == 0 && tensor->sizes[i] > 1) {
      return true;
    }
  }
  return false;
}
