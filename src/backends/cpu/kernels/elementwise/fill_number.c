// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/kernels/elementwise/fill_number.h"

#include <string.h>

#include "backends/cpu/cpu_features.h"
#include "backends/cpu/kernels/elementwise/elementwise.h"

typedef struct {
  uint64_t halves[2];
} bytes16_t;

// Fewer are written element by element.
#define FEW_BYTES 256
// Bytes that are written element by element; what follows is copied from them.
#define SEED_BYTES 4096

static void repeat_generic(char* to, int64_t bytes, const void* pattern) {
  int64_t seed = bytes < SEED_BYTES ? bytes : SEED_BYTES;
  for (int64_t at = 0; at < seed; at += PT2__FILL_PATTERN) {
    int64_t some =
        seed - at < PT2__FILL_PATTERN ? seed - at : PT2__FILL_PATTERN;
    memcpy(to + at, pattern, (size_t)some);
  }
  for (int64_t at = SEED_BYTES; at < bytes; at += SEED_BYTES) {
    int64_t some = bytes - at < SEED_BYTES ? bytes - at : SEED_BYTES;
    memcpy(to + at, to, (size_t)some);
  }
}

static void repeat(char* to, int64_t bytes, const void* pattern) {
#if defined(__x86_64__)
  if (pt2__cpu_level() >= PT2__CPU_AVX2) {
    pt2__fill_repeat_avx2(to, bytes, pattern);
    return;
  }
#endif
  repeat_generic(to, bytes, pattern);
}

#define FILL(name, type)                                       \
  static void name(const void* context, char* const* data,     \
                   const int64_t* strides, int64_t count) {    \
    type value, pattern[PT2__FILL_PATTERN / sizeof(type)];     \
    memcpy(&value, context, sizeof(value));                    \
    char* to = data[0];                                        \
    const int64_t stride = strides[0];                         \
    const int64_t size = (int64_t)sizeof(type);                \
    if (stride == size && count * size >= FEW_BYTES) {         \
      for (int64_t i = 0; i < PT2__FILL_PATTERN / size; ++i) { \
        pattern[i] = value;                                    \
      }                                                        \
      repeat(to, count* size, pattern);                        \
      return;                                                  \
    }                                                          \
    for (int64_t i = 0; i < count; ++i) {                      \
      memcpy(to + i * stride, &value, sizeof(value));          \
    }                                                          \
  }
FILL(fill_1, uint8_t)
FILL(fill_2, uint16_t)
FILL(fill_4, uint32_t)
FILL(fill_8, uint64_t)
FILL(fill_16, bytes16_t)

static pt2__elementwise_loop_fn loop_of(size_t bytes) {
  switch (bytes) {
    case 1:
      return fill_1;
    case 2:
      return fill_2;
    case 4:
      return fill_4;
    case 8:
      return fill_8;
    default:
      return fill_16;
  }
}

void pt2__fill_element(pt2_tensor_t* tensor, const void* element) {
  const pt2__elementwise_kernel_t kernel = {
      .loop = loop_of(pt2_dtype_size_bytes(tensor->dtype)),
      .context = element,
      .input_dtype = tensor->dtype,
      .result_dtype = tensor->dtype,
  };
  pt2__elementwise_run(&kernel, NULL, 0, tensor->dtype, tensor);
}

pt2_status_t pt2__fill_number(pt2_tensor_t* tensor, double value) {
  PT2_OP_CHECK(tensor->dtype != PT2_DTYPE_F4E2M1FNX2,
               "\"fill_cpu\" not implemented for '%s'",
               pt2__dtype_torch_name(tensor->dtype));
  PT2_TRY(pt2__elementwise_check_number(value, tensor->dtype));
  char element[16];
  pt2__element_set_f64(tensor->dtype, element, value);
  pt2__fill_element(tensor, element);
  return PT2_STATUS_OK;
}

pt2_status_t pt2__boxed_element(const pt2__boxed_t* boxed, size_t at,
                                const char* name, int32_t dtype,
                                void* element) {
  double parts[2] = {0, 0};
  int32_t number = PT2_DTYPE_UNDEFINED;
  PT2_TRY(pt2__boxed_scalar(boxed, at, name, parts, &number));
  PT2_OP_CHECK(number != PT2_DTYPE_UNDEFINED,
               "argument %s: expected a number, got nothing", name);
  if (pt2__dtype_is_complex(dtype)) {
    pt2__element_set_complex(dtype, element, parts);
    return PT2_STATUS_OK;
  }
  PT2_OP_CHECK(parts[1] == 0,
               "value cannot be converted to type %s without overflow",
               pt2__dtype_torch_name(dtype));
  if (number == PT2_DTYPE_I64) {
    int64_t integer = 0;
    PT2_TRY(pt2__boxed_int(boxed, at, name, &integer));
    PT2_TRY(pt2__elementwise_check_integer(integer, dtype));
    pt2__element_set_i64(dtype, element, integer);
    return PT2_STATUS_OK;
  }
  PT2_TRY(pt2__elementwise_check_number(parts[0], dtype));
  pt2__element_set_f64(dtype, element, parts[0]);
  return PT2_STATUS_OK;
}
