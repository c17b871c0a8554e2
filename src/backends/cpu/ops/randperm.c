// SPDX-License-Identifier: Apache-2.0
//
// aten::randperm: Fisher and Yates, with torch's choice of numbers.
#include <string.h>

#include "backends/cpu/random/fill.h"
#include "ops/factory.h"

static int64_t draw(pt2__generator_t* generator, int64_t left) {
  uint32_t number = pt2__generator_u32(generator);
  return left <= UINT32_MAX ? (int64_t)(number % (uint32_t)left)
                            : (int64_t)number;
}

static void shuffle_i64(pt2__generator_t* generator, int64_t* data,
                        int64_t count) {
  for (int64_t i = 0; i < count; ++i) {
    data[i] = i;
  }
  for (int64_t i = 0; i + 1 < count; ++i) {
    int64_t other = i + draw(generator, count - i);
    int64_t kept = data[i];
    data[i] = data[other];
    data[other] = kept;
  }
}

static void shuffle(pt2__generator_t* generator, char* data, int64_t count,
                    int64_t bytes, int32_t dtype) {
  if (dtype == PT2_DTYPE_I64) {
    shuffle_i64(generator, (int64_t*)data, count);
    return;
  }
  for (int64_t i = 0; i < count; ++i) {
    pt2__element_set_i64(dtype, data + i * bytes, i);
  }
  for (int64_t i = 0; i + 1 < count; ++i) {
    int64_t other = i + draw(generator, count - i);
    char kept[8];
    memcpy(kept, data + i * bytes, (size_t)bytes);
    memmove(data + i * bytes, data + other * bytes, (size_t)bytes);
    memcpy(data + other * bytes, kept, (size_t)bytes);
  }
}

// The longest permutation that |dtype| can hold; torch lets bfloat16 round, and
// knows none of wider unsigned integers.
static int64_t exact_limit(int32_t dtype) {
  switch (dtype) {
    case PT2_DTYPE_U8:
      return INT64_C(1) << 8;
    case PT2_DTYPE_I8:
      return INT64_C(1) << 7;
    case PT2_DTYPE_I16:
      return INT64_C(1) << 15;
    case PT2_DTYPE_I32:
      return INT64_C(1) << 31;
    case PT2_DTYPE_F16:
      return (1 << 11) + 1;
    case PT2_DTYPE_F32:
      return (1 << 24) + 1;
    case PT2_DTYPE_F64:
      return (INT64_C(1) << 53) + 1;
    default:
      return INT64_MAX;
  }
}

static bool is_known(int32_t dtype) {
  switch (dtype) {
    case PT2_DTYPE_U8:
    case PT2_DTYPE_I8:
    case PT2_DTYPE_I16:
    case PT2_DTYPE_I32:
    case PT2_DTYPE_I64:
    case PT2_DTYPE_F16:
    case PT2_DTYPE_BF16:
    case PT2_DTYPE_F32:
    case PT2_DTYPE_F64:
      return true;
    default:
      return false;
  }
}

static pt2_status_t permute(int64_t count,
                            const pt2__factory_options_t* options,
                            AtenTensorHandle* ret0) {
  PT2_OP_CHECK(count >= 0, "n must be non-negative, got %lld",
               (long long)count);
  pt2_tensor_t* result;
  PT2_TRY(pt2__factory_empty(&count, 1, options, PT2_DTYPE_I64, &result));
  int32_t dtype = result->dtype;
  bool known = is_known(dtype);
  if (!known || count > exact_limit(dtype)) {
    pt2__tensor_release(result);
    return known ? PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                            "n is too large for result tensor type: '%s'",
                            pt2__dtype_torch_name(dtype))
                 : PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                            "\"randperm\" not implemented for '%s'",
                            pt2__dtype_torch_name(dtype));
  }
  pt2__generator_t* generator = pt2__generator_acquire(NULL);
  shuffle(generator, result->data, count, (int64_t)pt2_dtype_size_bytes(dtype),
          dtype);
  pt2__generator_release(generator);
  *ret0 = result;
  return PT2_STATUS_OK;
}

AOTITorchError aoti_torch_cpu_randperm(int64_t n, int32_t* dtype,
                                       int32_t* layout, int32_t* device,
                                       int32_t device_index,
                                       int32_t* pin_memory,
                                       AtenTensorHandle* ret0) {
  (void)device_index, (void)pin_memory;
  pt2__factory_options_t options = {
      .dtype = dtype, .layout = layout, .device = device};
  PT2_OP_RETURN("aten::randperm", permute(n, &options, ret0));
}
