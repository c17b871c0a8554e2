// SPDX-License-Identifier: Apache-2.0
//
// Random tensors for runs without --input. The generator is the tool's own, so
// that a seed means the same numbers everywhere.
#include <string.h>

#include "tooling/inputs.h"

// splitmix64: one addition and three shifts a number, and any seed is good.
static uint64_t next_random(uint64_t* state) {
  uint64_t z = (*state += 0x9e3779b97f4a7c15u);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

// In [-1, 1), a multiple of 2^-23: exact in f32.
static float next_float(uint64_t* state) {
  return (float)(next_random(state) >> 40) * 0x1p-23f - 1.0f;
}

static int64_t dtype_max(pt2_dtype_t dtype) {
  size_t bits = 8 * pt2_dtype_size_bytes(dtype);
  bool is_signed = pt2__dtype_class(dtype) == PT2__CLASS_INT;
  if (bits == 64) {
    return INT64_MAX;
  }
  return ((int64_t)1 << (bits - (is_signed ? 1 : 0))) - 1;
}

static void fill_integers(pt2_dtype_t dtype, uint8_t* data, int64_t numel,
                          int64_t input_max, uint64_t* state) {
  size_t bytes = pt2_dtype_size_bytes(dtype);
  int64_t limit = dtype == PT2_DTYPE_BOOL ? 1 : dtype_max(dtype);
  if (dtype != PT2_DTYPE_BOOL && input_max < limit) {
    limit = input_max;
  }
  for (int64_t i = 0; i < numel; ++i) {
    uint64_t value = next_random(state) % ((uint64_t)limit + 1);
    uint8_t u8 = (uint8_t)value;
    uint16_t u16 = (uint16_t)value;
    uint32_t u32 = (uint32_t)value;
    const void* source = bytes == 1   ? (const void*)&u8
                         : bytes == 2 ? (const void*)&u16
                         : bytes == 4 ? (const void*)&u32
                                      : (const void*)&value;
    memcpy(data + (size_t)i * bytes, source, bytes);
  }
}

// Makes f32 (or complex64) numbers and lets the library convert them.
static int fill_floats(const char* what, pt2_tensor_t* tensor,
                       uint64_t* state) {
  bool is_complex =
      pt2__dtype_class(pt2_tensor_dtype(tensor)) == PT2__CLASS_COMPLEX;
  pt2_tensor_t* source = NULL;
  PT2__TOOL_TRY(pt2__tensor_new(
      what, is_complex ? PT2_DTYPE_COMPLEX64 : PT2_DTYPE_F32,
      pt2_tensor_rank(tensor), pt2_tensor_peek_sizes(tensor), &source));
  float* data = pt2_tensor_peek_data(source);
  int64_t count = pt2_tensor_numel(source) * (is_complex ? 2 : 1);
  for (int64_t i = 0; i < count; ++i) {
    data[i] = next_float(state);
  }
  pt2_status_t status = pt2_tensor_copy(tensor, source);
  pt2_tensor_release(source);
  if (status != PT2_STATUS_OK) {
    return pt2__tool_fail_status(status, "%s", what);
  }
  return PT2__EXIT_OK;
}

int pt2__random_tensor(const char* what, pt2_dtype_t dtype, size_t rank,
                       const int64_t* sizes, int64_t input_max, uint64_t* state,
                       pt2_tensor_t** out_tensor) {
  pt2_tensor_t* tensor = NULL;
  PT2__TOOL_TRY(pt2__tensor_new(what, dtype, rank, sizes, &tensor));
  int result = PT2__EXIT_OK;
  switch (pt2__dtype_class(dtype)) {
    case PT2__CLASS_BOOL:
    case PT2__CLASS_INT:
    case PT2__CLASS_UINT:
      fill_integers(dtype, pt2_tensor_peek_data(tensor),
                    pt2_tensor_numel(tensor), input_max, state);
      break;
    case PT2__CLASS_FLOAT:
    case PT2__CLASS_COMPLEX:
      result = fill_floats(what, tensor, state);
      break;
    default:
      result = pt2__tool_fail(PT2__EXIT_USAGE,
                              "%s: no random numbers of dtype %s: give --input",
                              what, pt2_dtype_name(dtype));
  }
  if (result != PT2__EXIT_OK) {
    pt2_tensor_release(tensor);
    return result;
  }
  *out_tensor = tensor;
  return PT2__EXIT_OK;
}
