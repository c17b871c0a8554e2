// SPDX-License-Identifier: Apache-2.0
#include "ops/unpool.h"

#include <string.h>

#include "ops/op.h"

static pt2_status_t check_list(pt2__int_list_t list, int spatial,
                               const char* name) {
  PT2_OP_CHECK(list.count == spatial,
               "There should be exactly %s in %s, but got %lld elements.",
               spatial == 2 ? "two elements (height, width)"
                            : "three elements (depth, height, width)",
               name, (long long)list.count);
  return PT2_STATUS_OK;
}

static pt2_status_t check_tensors(const pt2_tensor_t* self,
                                  const pt2_tensor_t* indices,
                                  const pt2__unpool_args_t* args) {
  int spatial = args->spatial;
  char text[256], other[256];
  PT2_OP_CHECK(indices->dtype == PT2_DTYPE_I64,
               "elements in indices should be type int64 but got: %s",
               pt2__dtype_torch_name(indices->dtype));
  PT2_OP_CHECK(self->rank == spatial + 1 || self->rank == spatial + 2,
               "Input to max_unpooling%dd should be a %dd or %dd Tensor, but "
               "got a tensor with %d dimensions.",
               spatial, spatial + 1, spatial + 2, self->rank);
  PT2_TRY(check_list(args->output_size, spatial, "output_size"));
  pt2__sizes_format(self->rank, self->sizes, text, sizeof(text));
  PT2_OP_CHECK(
      indices->rank == self->rank &&
          memcmp(indices->sizes, self->sizes,
                 sizeof(int64_t) * (size_t)self->rank) == 0,
      "Expected shape of indices to be same as that of the input tensor (%s) "
      "but got indices tensor with shape: %s",
      text,
      pt2__sizes_format(indices->rank, indices->sizes, other, sizeof(other)));
  for (int d = 1; d < self->rank; ++d) {
    PT2_OP_CHECK(self->sizes[d] > 0,
                 "Expected input to have non-zero size for non-batch "
                 "dimensions, but input has sizes %s with dimension %d being "
                 "empty",
                 text, d);
  }
  return PT2_STATUS_OK;
}

static pt2_status_t check_lists(const pt2__unpool_args_t* args) {
  char text[128];
  if (args->spatial == 3) {
    PT2_TRY(check_list(args->stride, 3, "stride"));
    PT2_TRY(check_list(args->padding, 3, "padding"));
    const int64_t* stride = args->stride.values;
    PT2_OP_CHECK(stride[0] > 0 && stride[1] > 0 && stride[2] > 0,
                 "strides should be greater than zero, but got stride: %s",
                 pt2__sizes_format(3, stride, text, sizeof(text)));
  }
  for (int d = 0; d < args->spatial; ++d) {
    PT2_OP_CHECK(args->output_size.values[d] >= 0,
                 "max_unpooling%dd(): output_size must contain non-negative "
                 "spatial dimensions, but got output_size=%s",
                 args->spatial,
                 pt2__sizes_format(args->spatial, args->output_size.values,
                                   text, sizeof(text)));
  }
  return PT2_STATUS_OK;
}

pt2_status_t pt2__unpool_resolve(const pt2_tensor_t* self,
                                 const pt2_tensor_t* indices,
                                 const pt2__unpool_args_t* args,
                                 pt2__unpool_t* out_unpool) {
  PT2_OP_CHECK_TENSOR(self, "self");
  PT2_OP_CHECK_TENSOR(indices, "indices");
  PT2_TRY(check_tensors(self, indices, args));
  PT2_TRY(check_lists(args));
  int spatial = args->spatial, lead = self->rank - spatial;
  pt2__unpool_t made = {.rank = self->rank,
                        .spatial = spatial,
                        .batch = lead == 2 ? self->sizes[0] : 1,
                        .channels = self->sizes[lead - 1]};
  for (int d = 0; d < self->rank; ++d) {
    made.out_sizes[d] =
        d < lead ? self->sizes[d] : args->output_size.values[d - lead];
  }
  int64_t count;
  PT2_OP_CHECK(pt2__sizes_numel(spatial, self->sizes + lead, &made.in_plane) &&
                   pt2__sizes_numel(spatial, args->output_size.values,
                                    &made.out_plane) &&
                   pt2__sizes_numel(made.rank, made.out_sizes, &count),
               "output_size is too large");
  if (count > 0 && self->dtype != PT2_DTYPE_F32 &&
      self->dtype != PT2_DTYPE_F64 && self->dtype != PT2_DTYPE_F16 &&
      self->dtype != PT2_DTYPE_BF16) {
    return PT2_FAIL(PT2_STATUS_UNSUPPORTED,
                    "\"max_unpool%dd\" not implemented for '%s'", spatial,
                    pt2__dtype_torch_name(self->dtype));
  }
  made.channels_last =
      spatial == 2 &&
      pt2__tensor_suggest_memory_format(self) != PT2_MEMORY_FORMAT_CONTIGUOUS;
  if (made.channels_last) {
    pt2__sizes_channels_last_strides(4, made.out_sizes, made.out_strides);
  } else {
    pt2__sizes_contiguous_strides(made.rank, made.out_sizes, made.out_strides);
  }
  *out_unpool = made;
  return PT2_STATUS_OK;
}
