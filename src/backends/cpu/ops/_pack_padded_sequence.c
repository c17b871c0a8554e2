// SPDX-License-Identifier: Apache-2.0
//
// aten::_pack_padded_sequence, by name.
#include <string.h>

#include "ops/boxed.h"

// The input with its steps first and its samples second.
typedef struct {
  const pt2_tensor_t* input;
  int32_t rank;
  int64_t sizes[PT2__MAX_RANK];
  int64_t strides[PT2__MAX_RANK];
  const int64_t* lengths;  // of the samples, descending
} call_t;

static pt2_status_t check(const call_t* c, const pt2_tensor_t* lengths) {
  const int64_t count = c->sizes[1];
  PT2_OP_CHECK(c->input->numel > 0, "Cannot pack empty tensors.");
  PT2_OP_CHECK(lengths->numel == count,
               "Expected `len(lengths)` to be equal to batch_size, but got "
               "%lld (batch_size=%lld)",
               (long long)lengths->numel, (long long)count);
  PT2_OP_CHECK(c->lengths[count - 1] > 0,
               "Length of all samples has to be greater than 0, but found an "
               "element in 'lengths' that is <= 0");
  for (int64_t i = 1; i < count; ++i) {
    PT2_OP_CHECK(c->lengths[i] <= c->lengths[i - 1],
                 "`lengths` array must be sorted in decreasing order when "
                 "`enforce_sorted` is True, but %lld follows %lld",
                 (long long)c->lengths[i], (long long)c->lengths[i - 1]);
  }
  return PT2_STATUS_OK;
}

// Copies the samples of steps [first, end), of which |samples| are that long.
static pt2_status_t copy_block(const call_t* c, int64_t first, int64_t end,
                               int64_t samples, int64_t row,
                               pt2_tensor_t* data) {
  pt2_tensor_t *from, *to;
  int64_t sizes[PT2__MAX_RANK], strides[PT2__MAX_RANK];
  memcpy(sizes, c->sizes, sizeof(*sizes) * (size_t)c->rank);
  sizes[0] = end - first;
  sizes[1] = samples;
  PT2_TRY(pt2__tensor_view(c->input, c->rank, sizes, c->strides,
                           c->input->storage_offset + first * c->strides[0],
                           &from));
  pt2__sizes_contiguous_strides(c->rank, sizes, strides);
  const int64_t width = samples > 0 ? strides[1] : 0;
  pt2_status_t status =
      pt2__tensor_view(data, c->rank, sizes, strides, row * width, &to);
  if (status == PT2_STATUS_OK) {
    status = pt2__tensor_copy(to, from);
    pt2__tensor_release(to);
  }
  pt2__tensor_release(from);
  return status;
}

// From the shortest sample on: each longer one begins a block. Steps that the
// input lacks are counted, but not there.
static pt2_status_t fill(const call_t* c, pt2_tensor_t* data,
                         int64_t* batch_sizes) {
  int64_t begin = 0, row = 0;
  for (int64_t i = c->sizes[1] - 1; i >= 0; --i) {
    const int64_t end = c->lengths[i];
    if (end == begin) {
      continue;
    }
    for (int64_t step = begin; step < end; ++step) {
      batch_sizes[step] = i + 1;
    }
    const int64_t there = end < c->sizes[0] ? end : c->sizes[0];
    if (there > begin) {
      PT2_TRY(copy_block(c, begin, there, i + 1, row, data));
      row += (there - begin) * (i + 1);
    }
    begin = end;
  }
  return PT2_STATUS_OK;
}

static pt2_status_t make(const call_t* c, pt2_tensor_t** results) {
  int64_t sizes[PT2__MAX_RANK] = {0};
  for (int64_t i = 0; i < c->sizes[1]; ++i) {
    sizes[0] += c->lengths[i] < c->sizes[0] ? c->lengths[i] : c->sizes[0];
  }
  for (int32_t d = 2; d < c->rank; ++d) {
    sizes[d - 1] = c->sizes[d];
  }
  PT2_TRY(pt2__tensor_empty(c->input->dtype, c->rank - 1, sizes, NULL,
                            &results[0]));
  PT2_TRY(
      pt2__tensor_empty(PT2_DTYPE_I64, 1, &c->lengths[0], NULL, &results[1]));
  return fill(c, results[0], results[1]->data);
}

static pt2_status_t pack(const pt2_tensor_t* input, bool batch_first,
                         const pt2_tensor_t* lengths, pt2_tensor_t** results) {
  call_t call = {.input = input, .rank = input->rank, .lengths = lengths->data};
  for (int32_t d = 0; d < input->rank; ++d) {
    const int32_t from = d < 2 && batch_first ? 1 - d : d;
    call.sizes[d] = input->sizes[from];
    call.strides[d] = input->strides[from];
  }
  PT2_TRY(check(&call, lengths));
  return make(&call, results);
}

// (Tensor input, Tensor lengths, bool batch_first)
static pt2_status_t pack_padded(const pt2__boxed_t* boxed,
                                pt2_tensor_t** results) {
  pt2_tensor_t *input, *lengths, *dense;
  bool batch_first = false;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "input", &input));
  PT2_TRY(pt2__boxed_tensor(boxed, 1, "lengths", &lengths));
  PT2_TRY(pt2__boxed_bool(boxed, 2, "batch_first", &batch_first));
  PT2_OP_CHECK(lengths->rank == 1 && lengths->dtype == PT2_DTYPE_I64,
               "'lengths' argument should be a 1D CPU int64 tensor, but got "
               "%dD %s tensor",
               lengths->rank, pt2__dtype_torch_name(lengths->dtype));
  PT2_OP_CHECK(input->rank >= 2,
               "input: expected at least 2 dimensions, got %d", input->rank);
  PT2_TRY(pt2__tensor_contiguous(lengths, &dense));
  pt2_tensor_t* made[2] = {NULL, NULL};
  pt2_status_t status = pack(input, batch_first, dense, made);
  pt2__tensor_release(dense);
  for (int i = 0; i < 2; ++i) {
    if (status == PT2_STATUS_OK) {
      results[i] = made[i];
    } else {
      pt2__tensor_release(made[i]);
    }
  }
  return status;
}

PT2_BOXED_OP(_pack_padded_sequence, 2, pack_padded)
