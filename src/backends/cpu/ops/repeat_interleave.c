// SPDX-License-Identifier: Apache-2.0
//
// aten::repeat_interleave.Tensor: each place as often as |repeats| says.
#include <inttypes.h>

#include "ops/op.h"

static bool is_supported(int32_t dtype) {
  return dtype == PT2_DTYPE_I64 || dtype == PT2_DTYPE_I32 ||
         dtype == PT2_DTYPE_I16 || dtype == PT2_DTYPE_I8 ||
         dtype == PT2_DTYPE_U8;
}

static pt2_status_t count(const pt2_tensor_t* dense, int64_t* out_total) {
  const int64_t* repeats = dense->data;
  int64_t total = 0;
  for (int64_t i = 0; i < dense->numel; ++i) {
    PT2_OP_CHECK(repeats[i] >= 0, "repeats can not be negative, got %" PRId64,
                 repeats[i]);
    PT2_OP_CHECK(!__builtin_add_overflow(total, repeats[i], &total),
                 "the repeats are too many");
  }
  *out_total = total;
  return PT2_STATUS_OK;
}

// Eight at once while there is room: what is too much is written over next.
#define FILL(type)                               \
  {                                              \
    type* to = result->data;                     \
    const type* end = to + result->numel;        \
    for (int64_t i = 0; i < dense->numel; ++i) { \
      int64_t count = repeats[i];                \
      int64_t room = end - to - 8;               \
      int64_t j = 0;                             \
      for (; j < count && j <= room; j += 8) {   \
        for (int64_t k = 0; k < 8; ++k) {        \
          to[j + k] = (type)i;                   \
        }                                        \
      }                                          \
      for (; j < count; ++j) {                   \
        to[j] = (type)i;                         \
      }                                          \
      to += count;                               \
    }                                            \
    break;                                       \
  }

// Places that the dtype of |result| cannot hold wrap around, as torch's do.
static void fill(const pt2_tensor_t* dense, pt2_tensor_t* result) {
  const int64_t* repeats = dense->data;
  switch (pt2_dtype_size_bytes(result->dtype)) {
    case 1:
      FILL(uint8_t)
    case 2:
      FILL(uint16_t)
    case 4:
      FILL(uint32_t)
    default:
      FILL(int64_t)
  }
}

static pt2_status_t repeat_dense(const pt2_tensor_t* dense, int32_t dtype,
                                 const int64_t* output_size,
                                 AtenTensorHandle* ret0) {
  int64_t total;
  PT2_TRY(count(dense, &total));
  PT2_OP_CHECK(
      output_size == NULL || dense->numel == 0 || *output_size == total,
      "allocated size does not match required size (%" PRId64 " and %" PRId64
      ")",
      output_size != NULL ? *output_size : 0, total);
  pt2_tensor_t* result;
  PT2_TRY(pt2__tensor_empty(dtype, 1, &total, NULL, &result));
  fill(dense, result);
  *ret0 = result;
  return PT2_STATUS_OK;
}

static pt2_status_t repeat_interleave(const pt2_tensor_t* repeats,
                                      const int64_t* output_size,
                                      AtenTensorHandle* ret0) {
  PT2_OP_CHECK_TENSOR(repeats, "repeats");
  PT2_OP_CHECK(repeats->rank == 1,
               "repeat_interleave only accept 1D vector as repeat, got %d "
               "dimensions",
               (int)repeats->rank);
  PT2_OP_CHECK(is_supported(repeats->dtype),
               "\"repeat_interleave_cpu\" not implemented for '%s'",
               pt2__dtype_torch_name(repeats->dtype));
  pt2_tensor_t* dense;
  PT2_TRY(pt2__tensor_to_contiguous(repeats, PT2_DTYPE_I64, &dense));
  pt2_status_t status = repeat_dense(dense, repeats->dtype, output_size, ret0);
  pt2__tensor_release(dense);
  return status;
}

AOTITorchError aoti_torch_cpu_repeat_interleave_Tensor(AtenTensorHandle repeats,
                                                       int64_t* output_size,
                                                       AtenTensorHandle* ret0) {
  PT2_OP_RETURN("aten::repeat_interleave.Tensor",
                repeat_interleave(repeats, output_size, ret0));
}

AOTITorchError aoti_torch_repeat_interleave_Tensor(AtenTensorHandle repeats,
                                                   int64_t* output_size,
                                                   AtenTensorHandle* out) {
  PT2_OP_RETURN("aten::repeat_interleave.Tensor",
                repeat_interleave(repeats, output_size, out));
}
