// SPDX-License-Identifier: Apache-2.0
#include "ops/view.h"

#include <stdio.h>
#include <string.h>

#include "ops/index.h"

// Room for one more dimension than a tensor may have: pt2__tensor_over is who
// refuses it.
#define ROOM (PT2__MAX_RANK + 1)

static void copy_dims(int64_t* to, const int64_t* from, int64_t count) {
  if (count > 0) {
    memcpy(to, from, (size_t)count * sizeof(int64_t));
  }
}

pt2_status_t pt2__view_permute(const pt2_tensor_t* self, const int64_t* dims,
                               int64_t count, pt2_tensor_t** out_view) {
  PT2_OP_CHECK_TENSOR(self, "self");
  PT2_OP_CHECK(count == self->rank && (count == 0 || dims != NULL),
               "permute: number of dimensions in the tensor input does not "
               "match the length of the desired ordering of dimensions i.e. "
               "input.dim() = %d is not equal to len(dims) = %lld",
               (int)self->rank, (long long)count);
  bool seen[PT2__MAX_RANK] = {false};
  int64_t sizes[PT2__MAX_RANK];
  int64_t strides[PT2__MAX_RANK];
  for (int64_t i = 0; i < count; ++i) {
    int64_t dim;
    PT2_TRY(pt2__op_wrap_dim(dims[i], self->rank, &dim));
    PT2_OP_CHECK(!seen[dim], "permute(): duplicate dims are not allowed.");
    seen[dim] = true;
    sizes[i] = self->sizes[dim];
    strides[i] = self->strides[dim];
  }
  return pt2__tensor_view(self, self->rank, sizes, strides,
                          self->storage_offset, out_view);
}

// |start| <= |end| lie inside of the dimension.
static pt2_status_t take_range(const pt2_tensor_t* self, int64_t dim,
                               int64_t start, int64_t end, int64_t step,
                               pt2_tensor_t** out_view) {
  int64_t sizes[PT2__MAX_RANK];
  int64_t strides[PT2__MAX_RANK];
  copy_dims(sizes, self->sizes, self->rank);
  copy_dims(strides, self->strides, self->rank);
  // |step| may be as large as an integer can be.
  sizes[dim] = start == end ? 0 : (end - start - 1) / step + 1;
  PT2_OP_CHECK(!__builtin_mul_overflow(strides[dim], step, &strides[dim]),
               "slice: a step of %lld is too large", (long long)step);
  return pt2__tensor_view(self, self->rank, sizes, strides,
                          self->storage_offset + start * self->strides[dim],
                          out_view);
}

static int64_t clamp(int64_t value, int64_t low, int64_t high) {
  return value < low ? low : value > high ? high : value;
}

pt2_status_t pt2__view_slice(const pt2_tensor_t* self, int64_t dim,
                             const int64_t* start, const int64_t* end,
                             int64_t step, pt2_tensor_t** out_view) {
  PT2_OP_CHECK_TENSOR(self, "self");
  PT2_OP_CHECK(self->rank > 0, "slice() cannot be applied to a 0-dim tensor.");
  PT2_TRY(pt2__op_wrap_dim(dim, self->rank, &dim));
  PT2_OP_CHECK(step > 0, "slice step must be positive, but got %lld",
               (long long)step);
  int64_t size = self->sizes[dim];
  int64_t first = start != NULL ? *start : 0;
  int64_t last = end != NULL ? *end : INT64_MAX;
  first = clamp(first < 0 ? first + size : first, 0, size);
  last = clamp(last < 0 ? last + size : last, first, size);
  return take_range(self, dim, first, last, step, out_view);
}

pt2_status_t pt2__view_narrow(const pt2_tensor_t* self, int64_t dim,
                              int64_t start, int64_t length,
                              pt2_tensor_t** out_view) {
  PT2_OP_CHECK_TENSOR(self, "self");
  PT2_OP_CHECK(self->rank > 0, "narrow() cannot be applied to a 0-dim tensor.");
  PT2_OP_CHECK(length >= 0,
               "narrow(): length must be non-negative, but got %lld",
               (long long)length);
  PT2_TRY(pt2__op_wrap_dim(dim, self->rank, &dim));
  int64_t size = self->sizes[dim];
  PT2_OP_CHECK(start >= -size && start <= size,
               "start out of range (expected to be in range of [%lld, %lld], "
               "but got %lld)",
               (long long)-size, (long long)size, (long long)start);
  int64_t first = start < 0 ? start + size : start;
  PT2_OP_CHECK(first <= size - length,
               "start (%lld) + length (%lld) exceeds dimension size (%lld).",
               (long long)first, (long long)length, (long long)size);
  return take_range(self, dim, first, first + length, 1, out_view);
}

pt2_status_t pt2__view_squeeze(const pt2_tensor_t* self, int64_t dim,
                               pt2_tensor_t** out_view) {
  PT2_OP_CHECK_TENSOR(self, "self");
  PT2_TRY(pt2__op_wrap_dim(dim, self->rank, &dim));
  if (self->rank == 0 || self->sizes[dim] != 1) {
    return pt2__tensor_alias(self, out_view);
  }
  int64_t sizes[PT2__MAX_RANK];
  int64_t strides[PT2__MAX_RANK];
  int64_t rest = self->rank - 1 - dim;
  copy_dims(sizes, self->sizes, dim);
  copy_dims(strides, self->strides, dim);
  copy_dims(sizes + dim, self->sizes + dim + 1, rest);
  copy_dims(strides + dim, self->strides + dim + 1, rest);
  return pt2__tensor_view(self, self->rank - 1, sizes, strides,
                          self->storage_offset, out_view);
}

// Takes dimension |dim| out of |sizes| and |strides| of |rank| dimensions.
static void drop_dim(int64_t* sizes, int64_t* strides, int64_t rank,
                     int64_t dim) {
  for (int64_t d = dim; d + 1 < rank; ++d) {
    sizes[d] = sizes[d + 1];
    strides[d] = strides[d + 1];
  }
}

pt2_status_t pt2__view_select(const pt2_tensor_t* self, int64_t dim,
                              int64_t index, pt2_tensor_t** out_view) {
  PT2_OP_CHECK_TENSOR(self, "self");
  PT2_OP_CHECK(self->rank > 0, "select() cannot be applied to a 0-dim tensor.");
  PT2_TRY(pt2__op_wrap_dim(dim, self->rank, &dim));
  int64_t size = self->sizes[dim];
  PT2_OP_CHECK(index >= -size && index < size,
               "select(): index %lld out of range for a dimension of size %lld "
               "(dimension %lld)",
               (long long)index, (long long)size, (long long)dim);
  int64_t sizes[PT2__MAX_RANK], strides[PT2__MAX_RANK];
  copy_dims(sizes, self->sizes, self->rank);
  copy_dims(strides, self->strides, self->rank);
  int64_t place = index < 0 ? index + size : index;
  drop_dim(sizes, strides, self->rank, dim);
  return pt2__tensor_view(self, self->rank - 1, sizes, strides,
                          self->storage_offset + place * self->strides[dim],
                          out_view);
}

static int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }

// Places of a diagonal. An |offset| beyond the tensor has none.
static int64_t diagonal_size(int64_t rows, int64_t columns, int64_t offset) {
  int64_t size = offset >= 0 ? least(rows, columns - least(offset, columns))
                 : offset <= -rows ? 0
                                   : least(rows + offset, columns);
  return size > 0 ? size : 0;
}

pt2_status_t pt2__view_diagonal(const pt2_tensor_t* self, int64_t offset,
                                int64_t dim1, int64_t dim2,
                                pt2_tensor_t** out_view) {
  PT2_OP_CHECK_TENSOR(self, "self");
  PT2_TRY(pt2__op_wrap_dim(dim1, self->rank, &dim1));
  PT2_TRY(pt2__op_wrap_dim(dim2, self->rank, &dim2));
  PT2_OP_CHECK(dim1 != dim2,
               "diagonal dimensions cannot be identical %lld, "
               "%lld",
               (long long)dim1, (long long)dim2);
  int64_t sizes[PT2__MAX_RANK], strides[PT2__MAX_RANK];
  copy_dims(sizes, self->sizes, self->rank);
  copy_dims(strides, self->strides, self->rank);
  int64_t size = diagonal_size(sizes[dim1], sizes[dim2], offset);
  int64_t place = self->storage_offset;
  if (size > 0) {
    place += offset >= 0 ? offset * strides[dim2] : -offset * strides[dim1];
  }
  int64_t step = strides[dim1] + strides[dim2];
  int64_t rank = 0;
  for (int64_t d = 0; d < self->rank; ++d) {
    if (d != dim1 && d != dim2) {
      sizes[rank] = sizes[d];
      strides[rank++] = strides[d];
    }
  }
  sizes[rank] = size;
  strides[rank++] = step;
  return pt2__tensor_view(self, rank, sizes, strides, place, out_view);
}

pt2_status_t pt2__view_unfold(const pt2_tensor_t* self, int64_t dim,
                              int64_t size, int64_t step,
                              pt2_tensor_t** out_view) {
  PT2_OP_CHECK_TENSOR(self, "self");
  PT2_TRY(pt2__op_wrap_dim(dim, self->rank, &dim));
  int64_t most = self->rank == 0 ? 1 : self->sizes[dim];
  PT2_OP_CHECK(size >= 0, "size is %lld but must be >= 0", (long long)size);
  PT2_OP_CHECK(size <= most,
               "maximum size for tensor at dimension %lld is %lld but size is "
               "%lld",
               (long long)dim, (long long)most, (long long)size);
  PT2_OP_CHECK(step > 0, "step is %lld but must be > 0", (long long)step);
  int64_t sizes[ROOM], strides[ROOM], rank = 0;
  int64_t step_within = 1;
  for (int64_t d = 0; d < self->rank; ++d) {
    sizes[rank] = self->sizes[d];
    strides[rank] = self->strides[d];
    if (d == dim) {
      step_within = strides[rank];
      sizes[rank] = (most - size) / step + 1;
      PT2_OP_CHECK(!__builtin_mul_overflow(step_within, step, &strides[rank]),
                   "unfold: a step of %lld is too large", (long long)step);
    }
    ++rank;
  }
  sizes[rank] = size;
  strides[rank++] = step_within;
  return pt2__tensor_view(self, rank, sizes, strides, self->storage_offset,
                          out_view);
}

static pt2_status_t check_split(const pt2_tensor_t* self, int64_t dim,
                                const int64_t* sizes, int64_t count) {
  int64_t rest = self->sizes[dim];
  for (int64_t i = 0; i < count; ++i) {
    PT2_OP_CHECK(sizes[i] >= 0,
                 "split_with_sizes expects split_sizes have only non-negative "
                 "entries, but got %lld",
                 (long long)sizes[i]);
    PT2_OP_CHECK(sizes[i] <= rest,
                 "split_with_sizes expects split_sizes to sum exactly to %lld, "
                 "but they sum to more",
                 (long long)self->sizes[dim]);
    rest -= sizes[i];
  }
  PT2_OP_CHECK(rest == 0,
               "split_with_sizes expects split_sizes to sum exactly to %lld, "
               "but they sum to %lld",
               (long long)self->sizes[dim],
               (long long)(self->sizes[dim] - rest));
  return PT2_STATUS_OK;
}

pt2_status_t pt2__view_split(const pt2_tensor_t* self, int64_t dim,
                             const int64_t* sizes, int64_t count,
                             pt2_tensor_t** out_views) {
  PT2_OP_CHECK_TENSOR(self, "self");
  PT2_OP_CHECK(self->rank > 0, "split expects at least a 1-dimensional tensor");
  PT2_TRY(pt2__op_wrap_dim(dim, self->rank, &dim));
  PT2_TRY(check_split(self, dim, sizes, count));
  int64_t start = 0;
  for (int64_t i = 0; i < count; ++i) {
    pt2_status_t status =
        take_range(self, dim, start, start + sizes[i], 1, &out_views[i]);
    if (status != PT2_STATUS_OK) {
      while (i-- > 0) {
        pt2__tensor_release(out_views[i]);
        out_views[i] = NULL;
      }
      return status;
    }
    start += sizes[i];
  }
  return PT2_STATUS_OK;
}

// ---- Writing through views --------------------------------------------------

pt2_status_t pt2__view_check_same_sizes(const pt2_tensor_t* view,
                                        const pt2_tensor_t* src) {
  bool same = view->rank == src->rank;
  for (int32_t d = 0; same && d < view->rank; ++d) {
    same = view->sizes[d] == src->sizes[d];
  }
  if (!same) {
    char wanted[128], found[128];
    return PT2_FAIL(
        PT2_STATUS_INVALID_ARGUMENT,
        "expected src to have a size equal to the slice of self. src size = "
        "%s, slice size = %s",
        pt2__sizes_format(src->rank, src->sizes, found, sizeof(found)),
        pt2__sizes_format(view->rank, view->sizes, wanted, sizeof(wanted)));
  }
  return PT2_STATUS_OK;
}

pt2_status_t pt2__view_empty_like(const pt2_tensor_t* self,
                                  pt2_tensor_t** out_tensor) {
  if (pt2__tensor_has_internal_overlap(self)) {
    return pt2__tensor_empty_like(self, self->dtype, out_tensor);
  }
  return pt2__tensor_empty(self->dtype, self->rank, self->sizes, self->strides,
                           out_tensor);
}

static pt2_status_t check_broadcast(const pt2_tensor_t* target,
                                    const pt2_tensor_t* src) {
  bool fits = src->rank <= target->rank;
  for (int32_t d = 1; fits && d <= src->rank; ++d) {
    int64_t size = src->sizes[src->rank - d];
    fits = size == 1 || size == target->sizes[target->rank - d];
  }
  if (!fits) {
    char wanted[128], found[128];
    return PT2_FAIL(
        PT2_STATUS_INVALID_ARGUMENT,
        "output with shape %s doesn't match the broadcast shape of src %s",
        pt2__sizes_format(target->rank, target->sizes, wanted, sizeof(wanted)),
        pt2__sizes_format(src->rank, src->sizes, found, sizeof(found)));
  }
  return PT2_STATUS_OK;
}

pt2_status_t pt2__view_copy_into(pt2_tensor_t* target,
                                 const pt2_tensor_t* src) {
  PT2_TRY(check_broadcast(target, src));
  PT2_OP_CHECK(!pt2__tensor_has_internal_overlap(target),
               "unsupported operation: more than one element of the written-to "
               "tensor refers to a single memory location");
  if (!pt2__op_memory_meets(target, src)) {
    return pt2__tensor_copy(target, src);
  }
  pt2_tensor_t* read;
  PT2_TRY(pt2__tensor_empty_like(src, src->dtype, &read));
  pt2_status_t status = pt2__tensor_copy(read, src);
  if (status == PT2_STATUS_OK) {
    status = pt2__tensor_copy(target, read);
  }
  pt2__tensor_release(read);
  return status;
}

// ---- Views of another dtype -------------------------------------------------

// Multiplies strides and offset by |ratio|.
static pt2_status_t scale_up(const pt2_tensor_t* self, int64_t ratio,
                             int64_t* out_strides, int64_t* out_offset) {
  bool overflows =
      __builtin_mul_overflow(self->storage_offset, ratio, out_offset);
  for (int i = 0; i < self->rank; ++i) {
    overflows =
        __builtin_mul_overflow(self->strides[i], ratio, &out_strides[i]) ||
        overflows;
  }
  PT2_OP_CHECK(!overflows, "the view's strides are too large");
  return PT2_STATUS_OK;
}

pt2_status_t pt2__view_as_real(const pt2_tensor_t* self,
                               pt2_tensor_t** out_view) {
  PT2_OP_CHECK_TENSOR(self, "self");
  PT2_OP_CHECK(pt2__dtype_is_complex(self->dtype),
               "view_as_real is only supported for complex tensors, but got a "
               "tensor of %s",
               pt2__dtype_torch_name(self->dtype));
  int64_t sizes[ROOM];
  int64_t strides[ROOM];
  int64_t offset;
  copy_dims(sizes, self->sizes, self->rank);
  PT2_TRY(scale_up(self, 2, strides, &offset));
  sizes[self->rank] = 2;
  strides[self->rank] = 1;
  return pt2__tensor_over(self->storage, pt2__dtype_real(self->dtype),
                          self->rank + 1, sizes, strides, offset, out_view);
}

static pt2_status_t check_pairs(const pt2_tensor_t* self) {
  int32_t dtype = self->dtype;
  PT2_OP_CHECK(dtype == PT2_DTYPE_F16 || dtype == PT2_DTYPE_F32 ||
                   dtype == PT2_DTYPE_F64,
               "view_as_complex is only supported for half, float and double "
               "tensors, but got a tensor of scalar type: %s",
               pt2__dtype_torch_name(dtype));
  PT2_OP_CHECK(self->rank > 0, "Input tensor must have one or more dimensions");
  int last = self->rank - 1;
  PT2_OP_CHECK(self->sizes[last] == 2,
               "Tensor must have a last dimension of size 2, but got %lld",
               (long long)self->sizes[last]);
  PT2_OP_CHECK(self->strides[last] == 1,
               "Tensor must have a last dimension with stride 1, but got %lld",
               (long long)self->strides[last]);
  for (int i = 0; i < last; ++i) {
    PT2_OP_CHECK(self->sizes[i] == 1 || self->strides[i] % 2 == 0,
                 "Tensor must have a stride divisible by 2 for all but last "
                 "dimension, but got %lld in dimension %d",
                 (long long)self->strides[i], i);
  }
  PT2_OP_CHECK(self->storage_offset % 2 == 0,
               "Tensor must have a storage_offset divisible by 2, but got %lld",
               (long long)self->storage_offset);
  return PT2_STATUS_OK;
}

pt2_status_t pt2__view_as_complex(const pt2_tensor_t* self,
                                  pt2_tensor_t** out_view) {
  PT2_OP_CHECK_TENSOR(self, "self");
  PT2_TRY(check_pairs(self));
  int64_t strides[PT2__MAX_RANK];
  for (int i = 0; i + 1 < self->rank; ++i) {
    strides[i] = self->strides[i] / 2;
  }
  return pt2__tensor_over(
      self->storage, pt2__dtype_promote(self->dtype, PT2_DTYPE_COMPLEX32),
      self->rank - 1, self->sizes, strides, self->storage_offset / 2, out_view);
}

// Elements become |ratio| times as large.
static pt2_status_t check_upsize(const pt2_tensor_t* self, int64_t ratio,
                                 const char* what) {
  int last = self->rank - 1;
  PT2_OP_CHECK(self->sizes[last] % ratio == 0,
               "self.size(-1) must be divisible by %lld to view %s (different "
               "element sizes), but got %lld",
               (long long)ratio, what, (long long)self->sizes[last]);
  PT2_OP_CHECK(self->storage_offset % ratio == 0,
               "self.storage_offset() must be divisible by %lld to view %s "
               "(different element sizes), but got %lld",
               (long long)ratio, what, (long long)self->storage_offset);
  for (int i = 0; i < last; ++i) {
    PT2_OP_CHECK(self->strides[i] % ratio == 0,
                 "self.stride(%d) must be divisible by %lld to view %s "
                 "(different element sizes), but got %lld",
                 i, (long long)ratio, what, (long long)self->strides[i]);
  }
  return PT2_STATUS_OK;
}

static pt2_status_t view_resized(const pt2_tensor_t* self, int32_t dtype,
                                 int64_t old_bytes, int64_t new_bytes,
                                 pt2_tensor_t** out_view) {
  char what[64];
  snprintf(what, sizeof(what), "%s as %s", pt2__dtype_torch_name(self->dtype),
           pt2__dtype_torch_name(dtype));
  PT2_OP_CHECK(self->rank > 0,
               "self.dim() cannot be 0 to view %s (different element sizes)",
               what);
  int last = self->rank - 1;
  PT2_OP_CHECK(self->strides[last] == 1,
               "self.stride(-1) must be 1 to view %s (different element "
               "sizes), but got %lld",
               what, (long long)self->strides[last]);
  int64_t sizes[PT2__MAX_RANK];
  int64_t strides[PT2__MAX_RANK];
  int64_t offset;
  copy_dims(sizes, self->sizes, self->rank);
  if (old_bytes > new_bytes) {
    int64_t ratio = old_bytes / new_bytes;
    PT2_TRY(scale_up(self, ratio, strides, &offset));
    PT2_OP_CHECK(!__builtin_mul_overflow(sizes[last], ratio, &sizes[last]),
                 "the view's sizes are too large");
  } else {
    int64_t ratio = new_bytes / old_bytes;
    PT2_TRY(check_upsize(self, ratio, what));
    for (int i = 0; i < last; ++i) {
      strides[i] = self->strides[i] / ratio;
    }
    sizes[last] /= ratio;
    offset = self->storage_offset / ratio;
  }
  strides[last] = 1;
  return pt2__tensor_over(self->storage, dtype, self->rank, sizes, strides,
                          offset, out_view);
}

pt2_status_t pt2__view_dtype(const pt2_tensor_t* self, int32_t dtype,
                             pt2_tensor_t** out_view) {
  PT2_OP_CHECK_TENSOR(self, "self");
  int64_t new_bytes = (int64_t)pt2_dtype_size_bytes(dtype);
  PT2_OP_CHECK(new_bytes > 0, "%d is no dtype", (int)dtype);
  int64_t old_bytes = (int64_t)pt2_dtype_size_bytes(self->dtype);
  if (new_bytes == old_bytes) {
    return pt2__tensor_over(self->storage, dtype, self->rank, self->sizes,
                            self->strides, self->storage_offset, out_view);
  }
  return view_resized(self, dtype, old_bytes, new_bytes, out_view);
}

// ---- Reshaping --------------------------------------------------------------

static pt2_status_t refuse_shape(const int64_t* wanted, int64_t rank,
                                 int64_t numel) {
  char text[256];
  pt2__sizes_format(rank, wanted, text, sizeof(text));
  return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                  "shape '%s' is invalid for input of size %lld", text,
                  (long long)numel);
}

pt2_status_t pt2__view_infer_sizes(const int64_t* wanted, int64_t rank,
                                   int64_t numel, int64_t* out_sizes) {
  PT2_OP_CHECK(
      rank >= 0 && rank <= PT2__MAX_RANK && (rank == 0 || wanted != NULL),
      "a shape of %lld dimensions", (long long)rank);
  int64_t inferred = -1;
  for (int64_t i = 0; i < rank; ++i) {
    out_sizes[i] = wanted[i];
    if (wanted[i] == -1) {
      PT2_OP_CHECK(inferred < 0,
                   "only one dimension can be inferred, not %lld and %lld",
                   (long long)inferred, (long long)i);
      inferred = i;
      out_sizes[i] = 1;
    }
    PT2_OP_CHECK(out_sizes[i] >= 0, "invalid shape dimension %lld",
                 (long long)wanted[i]);
  }
  int64_t rest;
  if (!pt2__sizes_numel(rank, out_sizes, &rest)) {
    return refuse_shape(wanted, rank, numel);
  }
  if (inferred < 0) {
    return rest == numel ? PT2_STATUS_OK : refuse_shape(wanted, rank, numel);
  }
  PT2_OP_CHECK(rest > 0 || numel != 0,
               "cannot reshape tensor of 0 elements into a shape whose "
               "unspecified dimension %lld can be any value and is ambiguous",
               (long long)inferred);
  if (rest == 0 || numel % rest != 0) {
    return refuse_shape(wanted, rank, numel);
  }
  out_sizes[inferred] = numel / rest;
  return PT2_STATUS_OK;
}

static bool same_sizes(const pt2_tensor_t* self, int64_t rank,
                       const int64_t* sizes) {
  return self->rank == rank &&
         (rank == 0 ||
          memcmp(self->sizes, sizes, (size_t)rank * sizeof(int64_t)) == 0);
}

// Both shapes are walked from the innermost dimension outwards: a block of
// |self|'s dimensions that lie in memory like one is cut into as many of the
// view's as it takes; where a block's end is none of the view's there is no
// view.
bool pt2__view_strides(const pt2_tensor_t* self, int64_t rank,
                       const int64_t* sizes, int64_t* out_strides) {
  if (self->numel == 0 || self->rank == 0) {
    if (self->numel == 0 && same_sizes(self, rank, sizes)) {
      copy_dims(out_strides, self->strides, rank);
    } else {
      pt2__sizes_contiguous_strides(rank, sizes, out_strides);
    }
    return true;
  }
  int64_t at = rank - 1;
  int64_t stride = self->strides[self->rank - 1];  // of the block's innermost
  int64_t block = 1;                               // elements of the block
  int64_t cut = 1;  // of them already in the view
  for (int dim = self->rank - 1; dim >= 0; --dim) {
    block *= self->sizes[dim];
    bool ends = dim == 0 || (self->sizes[dim - 1] != 1 &&
                             self->strides[dim - 1] != block * stride);
    if (!ends) {
      continue;
    }
    while (at >= 0 && (cut < block || sizes[at] == 1)) {
      out_strides[at] = cut * stride;
      cut *= sizes[at];
      --at;
    }
    if (cut != block) {
      return false;
    }
    if (dim > 0) {
      stride = self->strides[dim - 1];
      block = 1;
      cut = 1;
    }
  }
  return at < 0;
}
