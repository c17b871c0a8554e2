// SPDX-License-Identifier: Apache-2.0
//
// aten::cat.
#include <omp.h>
#include <string.h>

#include "ops/concat.h"
#include "ops/op.h"

// Copies |part| to its place in |result|, |at| elements along the dimension.
static pt2_status_t copy_part(pt2_tensor_t* result, const pt2_tensor_t* part,
                              int64_t dim, int64_t at) {
  pt2_tensor_t* place = NULL;
  PT2_TRY(pt2__tensor_view(result, part->rank, part->sizes, result->strides,
                           result->storage_offset + at * result->strides[dim],
                           &place));
  pt2_status_t status = pt2__tensor_copy(place, part);
  pt2__tensor_release(place);
  return status;
}

// ---- Rows -------------------------------------------------------------------

// A row that ends a few bytes after the last whole word is copied with a word
// that overlaps the one before.
static inline void copy_words(char* to, const char* from, size_t bytes) {
  if (bytes >= 16) {
    for (size_t i = 0; i + 16 < bytes; i += 16) {
      memcpy(to + i, from + i, 16);
    }
    memcpy(to + bytes - 16, from + bytes - 16, 16);
  } else if (bytes >= 8) {
    memcpy(to, from, 8);
    memcpy(to + bytes - 8, from + bytes - 8, 8);
  } else if (bytes >= 4) {
    memcpy(to, from, 4);
    memcpy(to + bytes - 4, from + bytes - 4, 4);
  } else {
    for (size_t i = 0; i < bytes; ++i) {
      to[i] = from[i];
    }
  }
}

// Longer rows are memcpy's.
#define SHORT_ROW 64

static void copy_rows(char* to, int64_t to_step, const char* from, size_t bytes,
                      int64_t rows) {
  if (bytes > SHORT_ROW) {
    for (int64_t row = 0; row < rows; ++row) {
      memcpy(to + row * to_step, from + row * (int64_t)bytes, bytes);
    }
    return;
  }
  for (int64_t row = 0; row < rows; ++row) {
    copy_words(to + row * to_step, from + row * (int64_t)bytes, bytes);
  }
}

// Elements of a part from |concat|'s dimension inwards, in the order of its
// memory, which is the result's.
static int64_t row_elements(const pt2__concat_t* concat,
                            const pt2_tensor_t* part) {
  int64_t inner = part->sizes[concat->dim];
  for (int i = 0; i < part->rank; ++i) {
    // Outer dimensions have larger strides; sizes of 1 may have any.
    if (i != concat->dim && part->sizes[i] != 1 &&
        concat->strides[i] < concat->strides[concat->dim]) {
      inner *= part->sizes[i];
    }
  }
  return inner;
}

// True if all parts are one block of memory in the result's order and dtype.
static bool is_dense(const pt2__concat_t* concat, const AtenTensorHandle* parts,
                     int64_t count) {
  for (int64_t i = 0; i < count; ++i) {
    bool dense = concat->channels_last ? pt2__tensor_is_channels_last(parts[i])
                                       : pt2__tensor_is_contiguous(parts[i]);
    if (!dense || parts[i]->dtype != concat->dtype) {
      return false;
    }
  }
  return true;
}

// Bytes of the result that are finished before the next ones are begun: one
// part's rows after another's, while they are in the first-level cache.
#define CHUNK_BYTES 16384

// Rows |begin| to |end| of all parts; |step| bytes from one to the next.
static void copy_dense(const pt2__concat_t* concat,
                       const AtenTensorHandle* parts, int64_t count,
                       int64_t step, int64_t begin, int64_t end, char* to) {
  size_t bytes = pt2_dtype_size_bytes(concat->dtype);
  int64_t chunk = step < CHUNK_BYTES ? CHUNK_BYTES / step : 1;
  for (int64_t first = begin; first < end; first += chunk) {
    int64_t some = end - first < chunk ? end - first : chunk;
    char* at = to + first * step;
    for (int64_t i = 0; i < count; ++i) {
      if (parts[i]->numel == 0) {
        continue;  // it may have fewer dimensions than the others
      }
      size_t row = (size_t)row_elements(concat, parts[i]) * bytes;
      copy_rows(at, step, (const char*)parts[i]->data + first * (int64_t)row,
                row, some);
      at += row;
    }
  }
}

// False if there are too few rows to share among threads: the copy of a part
// has other ways.
static bool run_dense(const pt2__concat_t* concat,
                      const AtenTensorHandle* parts, int64_t count,
                      pt2_tensor_t* result) {
  int64_t inner = row_elements(concat, result);
  int64_t rows = result->numel / inner;
  int64_t step = inner * (int64_t)pt2_dtype_size_bytes(concat->dtype);
  int threads = pt2__op_threads(result->numel);
  if (threads <= 1) {
    copy_dense(concat, parts, count, step, 0, rows, result->data);
    return true;
  }
  if (rows < threads) {
    return false;
  }
#pragma omp parallel num_threads(threads)
  {
    int64_t team = omp_get_num_threads();
    int64_t at = omp_get_thread_num();
    copy_dense(concat, parts, count, step, rows * at / team,
               rows * (at + 1) / team, result->data);
  }
  return true;
}

// -----------------------------------------------------------------------------

static pt2_status_t run_strided(const pt2__concat_t* concat,
                                const AtenTensorHandle* tensors, int64_t count,
                                pt2_tensor_t* result) {
  int64_t at = 0;
  for (int64_t i = 0; i < count; ++i) {
    if (tensors[i]->numel > 0) {
      PT2_TRY(copy_part(result, tensors[i], concat->dim, at));
      at += tensors[i]->sizes[concat->dim];
    }
  }
  return PT2_STATUS_OK;
}

static pt2_status_t concatenate(const AtenTensorHandle* tensors, int64_t count,
                                int64_t dim, pt2_tensor_t** out_result) {
  pt2__concat_t concat;
  PT2_TRY(pt2__concat_resolve((const pt2_tensor_t* const*)tensors, count, dim,
                              &concat));
  pt2_tensor_t* result = NULL;
  PT2_TRY(pt2__tensor_empty(concat.dtype, concat.rank, concat.sizes,
                            concat.strides, &result));
  pt2_status_t status = PT2_STATUS_OK;
  if (result->numel > 0 && !(is_dense(&concat, tensors, count) &&
                             run_dense(&concat, tensors, count, result))) {
    status = run_strided(&concat, tensors, count, result);
  }
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(result);
    return status;
  }
  *out_result = result;
  return PT2_STATUS_OK;
}

AOTITorchError aoti_torch_cpu_cat(const AtenTensorHandle* tensors,
                                  int64_t tensors_count, int64_t dim,
                                  AtenTensorHandle* ret0) {
  PT2_OP_RETURN("aten::cat", concatenate(tensors, tensors_count, dim, ret0));
}
