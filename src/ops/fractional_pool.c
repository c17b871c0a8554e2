// SPDX-License-Identifier: Apache-2.0
#include "ops/fractional_pool.h"

#include <string.h>

#include "ops/op.h"

static pt2_status_t check_dtype(const pt2_tensor_t* self, int spatial,
                                const char* what) {
  if (self->dtype != PT2_DTYPE_F32 && self->dtype != PT2_DTYPE_F64 &&
      self->dtype != PT2_DTYPE_F16 && self->dtype != PT2_DTYPE_BF16) {
    return PT2_FAIL(PT2_STATUS_UNSUPPORTED,
                    "\"fractional_max_pool%dd%s_out_frame\" not implemented "
                    "for '%s'",
                    spatial, what, pt2__dtype_torch_name(self->dtype));
  }
  return PT2_STATUS_OK;
}

static pt2_status_t take_input(const pt2_tensor_t* self, int spatial,
                               pt2__fractional_t* pool) {
  char text[256];
  PT2_OP_CHECK(self->rank == spatial + 1 || self->rank == spatial + 2,
               "fractional_max_pool%dd(): Expected %dD or %dD tensor, but got: "
               "%s",
               spatial, spatial + 1, spatial + 2,
               pt2__sizes_format(self->rank, self->sizes, text, sizeof(text)));
  int lead = self->rank - spatial;
  pool->spatial = spatial;
  pool->rank = self->rank;
  pool->batch = lead == 2 ? self->sizes[0] : 1;
  pool->channels = self->sizes[lead - 1];
  for (int i = 0; i < 3; ++i) {
    int d = i - (3 - spatial);
    pool->input[i] = d < 0 ? 1 : self->sizes[lead + d];
    pool->kernel[i] = pool->output[i] = 1;
  }
  return PT2_STATUS_OK;
}

static pt2_status_t take_windows(pt2__int_list_t kernel_size,
                                 pt2__int_list_t output_size,
                                 pt2__fractional_t* pool) {
  static const char* const names[] = {"time", "height", "width"};
  int spatial = pool->spatial, first = 3 - spatial;
  int lead = pool->rank - spatial;
  for (int i = first; i < 3; ++i) {
    int64_t kernel = kernel_size.values[i - first];
    int64_t output = output_size.values[i - first];
    PT2_OP_CHECK(kernel > 0,
                 "fractional_max_pool%dd(): kernel size should be greater than "
                 "zero, but got %lld for the %s",
                 spatial, (long long)kernel, names[i]);
    PT2_OP_CHECK(output >= 0,
                 "fractional_max_pool%dd(): negative output size %lld of the "
                 "%s",
                 spatial, (long long)output, names[i]);
    // PyTorch allows one more in two dimensions than in three.
    int64_t most = pool->input[i] - (spatial == 3 ? 1 : 0);
    PT2_OP_CHECK(kernel <= most + 1 && output <= most - (kernel - 1),
                 "fractional_max_pool%dd(): pool %s %lld too large relative to "
                 "input %s %lld",
                 spatial, names[i], (long long)kernel, names[i],
                 (long long)pool->input[i]);
    PT2_OP_CHECK(pool->input[i] <= INT32_MAX,
                 "fractional_max_pool%dd(): input %s %lld is too large",
                 spatial, names[i], (long long)pool->input[i]);
    pool->kernel[i] = kernel;
    pool->output[i] = pool->out_sizes[lead + i - first] = output;
  }
  pool->out_sizes[0] = lead == 2 ? pool->batch : pool->channels;
  pool->out_sizes[lead - 1] = pool->channels;
  return PT2_STATUS_OK;
}

static pt2_status_t check_samples(const pt2_tensor_t* self,
                                  const pt2_tensor_t* samples,
                                  const pt2__fractional_t* pool) {
  PT2_OP_CHECK(samples->dtype == self->dtype,
               "Expect _random_samples to have the same dtype as input: %s, "
               "got %s",
               pt2__dtype_torch_name(self->dtype),
               pt2__dtype_torch_name(samples->dtype));
  PT2_OP_CHECK(samples->rank == 3,
               "Expect _random_samples to have 3 dimensions, got %d",
               samples->rank);
  const int64_t* sizes = samples->sizes;
  PT2_OP_CHECK(sizes[0] >= pool->batch,
               "Expect _random_samples.size(0) no less then input batch size: "
               "%lld, got %lld",
               (long long)pool->batch, (long long)sizes[0]);
  PT2_OP_CHECK(sizes[1] == pool->channels,
               "Expect _random_samples.size(1) equals to input channel size: "
               "%lld, got %lld",
               (long long)pool->channels, (long long)sizes[1]);
  PT2_OP_CHECK(sizes[2] == pool->spatial,
               "Expect _random_samples.size(2) equals to %d; got %lld.",
               pool->spatial, (long long)sizes[2]);
  return PT2_STATUS_OK;
}

pt2_status_t pt2__fractional_resolve(const pt2_tensor_t* self, int spatial,
                                     pt2__int_list_t kernel_size,
                                     pt2__int_list_t output_size,
                                     const pt2_tensor_t* samples,
                                     pt2__fractional_t* out_pool) {
  PT2_OP_CHECK_TENSOR(self, "self");
  PT2_OP_CHECK_TENSOR(samples, "random_samples");
  PT2_OP_CHECK(kernel_size.count == spatial,
               "fractional_max_pool%dd: kernel_size must either be a single "
               "Int or tuple of %d Ints",
               spatial, spatial);
  PT2_OP_CHECK(output_size.count == spatial,
               "fractional_max_pool%dd: output_size must either be a single "
               "Int or tuple of %d Ints",
               spatial, spatial);
  pt2__fractional_t pool = {0};
  PT2_TRY(take_input(self, spatial, &pool));
  char text[256];
  for (int d = 1; d < self->rank; ++d) {
    PT2_OP_CHECK(self->sizes[d] > 0,
                 "fractional_max_pool%dd(): Expected input to have non-zero "
                 "size for non-batch dimensions, but got %s with dimension %d "
                 "being empty.",
                 spatial,
                 pt2__sizes_format(self->rank, self->sizes, text, sizeof(text)),
                 d);
  }
  PT2_TRY(take_windows(kernel_size, output_size, &pool));
  PT2_TRY(check_samples(self, samples, &pool));
  PT2_TRY(check_dtype(self, spatial, ""));
  *out_pool = pool;
  return PT2_STATUS_OK;
}

static bool has_sizes(const pt2_tensor_t* tensor,
                      const pt2__fractional_t* pool) {
  return tensor->rank == pool->rank &&
         memcmp(tensor->sizes, pool->out_sizes,
                sizeof(int64_t) * (size_t)pool->rank) == 0;
}

pt2_status_t pt2__fractional_resolve_backward(const pt2_tensor_t* grad_output,
                                              const pt2_tensor_t* self,
                                              int spatial,
                                              pt2__int_list_t output_size,
                                              const pt2_tensor_t* indices,
                                              pt2__fractional_t* out_pool) {
  PT2_OP_CHECK_TENSOR(grad_output, "grad_output");
  PT2_OP_CHECK_TENSOR(self, "self");
  PT2_OP_CHECK_TENSOR(indices, "indices");
  pt2__fractional_t pool = {0};
  PT2_TRY(take_input(self, spatial, &pool));
  char text[256], wanted[256];
  bool counted = output_size.count == spatial;
  int first = 3 - spatial, lead = self->rank - spatial;
  for (int i = first; i < 3 && counted; ++i) {
    pool.output[i] = output_size.values[i - first];
    pool.out_sizes[lead + i - first] = pool.output[i];
  }
  pool.out_sizes[0] = self->sizes[0];
  pool.out_sizes[lead - 1] = pool.channels;
  pt2__sizes_format(pool.rank, pool.out_sizes, wanted, sizeof(wanted));
  PT2_OP_CHECK(counted && has_sizes(grad_output, &pool),
               "fractional_max_pool%dd_backward(): gradOutput sizes "
               "unexpected: %s, expected %s",
               spatial,
               pt2__sizes_format(grad_output->rank, grad_output->sizes, text,
                                 sizeof(text)),
               wanted);
  PT2_OP_CHECK(
      has_sizes(indices, &pool),
      "fractional_max_pool%dd_backward(): indices sizes unexpected: %s, "
      "expected %s",
      spatial,
      pt2__sizes_format(indices->rank, indices->sizes, text, sizeof(text)),
      wanted);
  PT2_TRY(check_dtype(self, spatial, "_backward"));
  PT2_OP_CHECK(grad_output->dtype == self->dtype,
               "expected scalar type %s for grad_output but found %s",
               pt2__dtype_torch_name(self->dtype),
               pt2__dtype_torch_name(grad_output->dtype));
  PT2_OP_CHECK(indices->dtype == PT2_DTYPE_I64,
               "expected scalar type Long for indices but found %s",
               pt2__dtype_torch_name(indices->dtype));
  *out_pool = pool;
  return PT2_STATUS_OK;
}

// ---- Windows ---------------------------------------------------------------

// A result of |dtype|'s arithmetic: 16-bit floats are computed in float.
static double rounded(int32_t dtype, double value) {
  switch (dtype) {
    case PT2_DTYPE_F32:
      return (float)value;
    case PT2_DTYPE_F16:
      return pt2__f16_to_f32(pt2__f32_to_f16((float)value));
    case PT2_DTYPE_BF16:
      return pt2__bf16_to_f32(pt2__f32_to_bf16((float)value));
    default:
      return value;
  }
}

// What no int holds counts as the least one, as x86 converts it.
static int64_t whole(double value) {
  return value > -2147483649.0 && value < 2147483648.0 ? (int64_t)value
                                                       : INT32_MIN;
}

bool pt2__fractional_starts(const pt2__fractional_t* pool, int d, int32_t dtype,
                            double sample, int64_t* out_starts) {
  int64_t count = pool->output[d], last = pool->input[d] - pool->kernel[d];
  if (count == 0) {
    return true;
  }
  if (count > 1) {
    double alpha = rounded(dtype, rounded(dtype, (double)last) /
                                      rounded(dtype, (double)(count - 1)));
    int64_t shift = whole(rounded(dtype, sample * alpha));
    for (int64_t i = 0; i < count - 1; ++i) {
      double place = rounded(dtype, rounded(dtype, (double)i) + sample);
      int64_t start = whole(rounded(dtype, place * alpha)) - shift;
      if (start < 0 || start > last) {
        return false;
      }
      out_starts[i] = start;
    }
  }
  out_starts[count - 1] = last;
  return true;
}
