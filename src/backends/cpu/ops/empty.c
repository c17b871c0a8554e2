// SPDX-License-Identifier: Apache-2.0
//
// aten::empty.memory_format, aten::empty_strided and aten::new_empty_strided,
// by name: models call them for complex tensors. The values are whatever they
// are.
#include "ops/boxed.h"

// (SymInt[] size, *, ScalarType? dtype, Layout? layout, Device? device, bool?
// pin_memory, MemoryFormat? memory_format)
static pt2_status_t empty(const pt2__boxed_t* boxed,
                          pt2_tensor_t** out_result) {
  const int64_t* sizes;
  int64_t rank, dtype = PT2_DTYPE_F32, format = PT2_MEMORY_FORMAT_CONTIGUOUS;
  PT2_TRY(pt2__boxed_ints(boxed, 0, "size", &sizes, &rank));
  PT2_TRY(pt2__boxed_enum(boxed, 1, "dtype", PT2_VALUE_DTYPE, &dtype, NULL));
  PT2_TRY(pt2__boxed_enum(boxed, 5, "memory_format", PT2_VALUE_MEMORY_FORMAT,
                          &format, NULL));
  if (format == PT2_MEMORY_FORMAT_CONTIGUOUS) {
    return pt2__tensor_empty((int32_t)dtype, rank, sizes, NULL, out_result);
  }
  PT2_OP_CHECK(format != PT2_MEMORY_FORMAT_PRESERVE,
               "unsupported memory format option Preserve");
  int64_t wanted = format == PT2_MEMORY_FORMAT_CHANNELS_LAST_3D ? 5 : 4;
  PT2_OP_CHECK(rank == wanted,
               "required rank %lld tensor to use channels_last format, got "
               "%lld",
               (long long)wanted, (long long)rank);
  int64_t strides[5];
  pt2__sizes_channels_last_strides((int64_t)rank, sizes, strides);
  return pt2__tensor_empty((int32_t)dtype, rank, sizes, strides, out_result);
}

PT2_BOXED_OVERLOAD(empty_memory_format, "aten::empty.memory_format", 1, empty)

// The arguments from |at| on: (…, SymInt[] size, SymInt[] stride, *,
// ScalarType? dtype, …)
static pt2_status_t make_strided(const pt2__boxed_t* boxed, size_t at,
                                 int64_t dtype, pt2_tensor_t** out_result) {
  const int64_t *sizes, *strides;
  int64_t rank, stride_count;
  PT2_TRY(pt2__boxed_ints(boxed, at, "size", &sizes, &rank));
  PT2_TRY(pt2__boxed_ints(boxed, at + 1, "stride", &strides, &stride_count));
  PT2_TRY(
      pt2__boxed_enum(boxed, at + 2, "dtype", PT2_VALUE_DTYPE, &dtype, NULL));
  PT2_OP_CHECK(rank == stride_count,
               "dimensionality of sizes (%lld) must match dimensionality of "
               "strides (%lld)",
               (long long)rank, (long long)stride_count);
  return pt2__tensor_empty((int32_t)dtype, rank, sizes, strides, out_result);
}

static pt2_status_t empty_strided(const pt2__boxed_t* boxed,
                                  pt2_tensor_t** out_result) {
  return make_strided(boxed, 0, PT2_DTYPE_F32, out_result);
}

PT2_BOXED_OP(empty_strided, 1, empty_strided)

static pt2_status_t new_empty_strided(const pt2__boxed_t* boxed,
                                      pt2_tensor_t** out_result) {
  pt2_tensor_t* self;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &self));
  return make_strided(boxed, 1, self->dtype, out_result);
}

PT2_BOXED_OP(new_empty_strided, 1, new_empty_strided)
