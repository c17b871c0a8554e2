// SPDX-License-Identifier: Apache-2.0
//
// Elements as unsigned keys in the same order, for sorting and selecting. Zeros
// are one key, NaNs all the largest.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_INDEX_SORT_KEY_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_INDEX_SORT_KEY_H_

#include "tensor/tensor.h"

// Bits of a key: 0 for a dtype without order.
static inline int pt2__key_bits(int32_t dtype) {
  switch (dtype) {
    case PT2_DTYPE_BOOL:
    case PT2_DTYPE_U8:
    case PT2_DTYPE_I8:
      return 8;
    case PT2_DTYPE_I16:
    case PT2_DTYPE_U16:
    case PT2_DTYPE_F16:
    case PT2_DTYPE_BF16:
      return 16;
    case PT2_DTYPE_I32:
    case PT2_DTYPE_U32:
    case PT2_DTYPE_F32:
      return 32;
    case PT2_DTYPE_I64:
    case PT2_DTYPE_U64:
    case PT2_DTYPE_F64:
      return 64;
    default:
      return 0;
  }
}

#define PT2__FLOAT_KEY(type, sign, infinity)            \
  ((x) & (type) ~(sign)) > (infinity) ? (type) ~(type)0 \
  : (x) == (sign)                     ? (sign)          \
  : ((x) & (sign)) != 0               ? (type) ~(x)     \
                                      : (type)((x) | (sign))

static inline uint8_t pt2__key_u8(uint8_t x) { return x; }
static inline uint8_t pt2__key_i8(uint8_t x) { return x ^ 0x80; }
static inline uint16_t pt2__key_u16(uint16_t x) { return x; }
static inline uint16_t pt2__key_i16(uint16_t x) { return x ^ 0x8000; }
static inline uint16_t pt2__key_f16(uint16_t x) {
  return PT2__FLOAT_KEY(uint16_t, 0x8000, 0x7c00);
}
static inline uint16_t pt2__key_bf16(uint16_t x) {
  return PT2__FLOAT_KEY(uint16_t, 0x8000, 0x7f80);
}
static inline uint32_t pt2__key_u32(uint32_t x) { return x; }
static inline uint32_t pt2__key_i32(uint32_t x) { return x ^ 0x80000000u; }
static inline uint32_t pt2__key_f32(uint32_t x) {
  return PT2__FLOAT_KEY(uint32_t, 0x80000000u, 0x7f800000u);
}
static inline uint64_t pt2__key_u64(uint64_t x) { return x; }
static inline uint64_t pt2__key_i64(uint64_t x) {
  return x ^ UINT64_C(0x8000000000000000);
}
static inline uint64_t pt2__key_f64(uint64_t x) {
  return PT2__FLOAT_KEY(uint64_t, UINT64_C(0x8000000000000000),
                        UINT64_C(0x7ff0000000000000));
}

#undef PT2__FLOAT_KEY

// The key of NaN, 0 for a dtype that has none.
static inline uint64_t pt2__key_of_nan(int32_t dtype) {
  bool has = pt2__dtype_is_floating(dtype);
  return has ? UINT64_MAX >> (64 - pt2__key_bits(dtype)) : 0;
}

// Runs USE(type, key) for |dtype|, whose pt2__key_bits are not 0, and breaks.
#define PT2__KEY_DISPATCH(dtype, USE) \
  switch (dtype) {                    \
    case PT2_DTYPE_BOOL:              \
    case PT2_DTYPE_U8:                \
      USE(uint8_t, pt2__key_u8);      \
      break;                          \
    case PT2_DTYPE_I8:                \
      USE(uint8_t, pt2__key_i8);      \
      break;                          \
    case PT2_DTYPE_U16:               \
      USE(uint16_t, pt2__key_u16);    \
      break;                          \
    case PT2_DTYPE_I16:               \
      USE(uint16_t, pt2__key_i16);    \
      break;                          \
    case PT2_DTYPE_F16:               \
      USE(uint16_t, pt2__key_f16);    \
      break;                          \
    case PT2_DTYPE_BF16:              \
      USE(uint16_t, pt2__key_bf16);   \
      break;                          \
    case PT2_DTYPE_U32:               \
      USE(uint32_t, pt2__key_u32);    \
      break;                          \
    case PT2_DTYPE_I32:               \
      USE(uint32_t, pt2__key_i32);    \
      break;                          \
    case PT2_DTYPE_F32:               \
      USE(uint32_t, pt2__key_f32);    \
      break;                          \
    case PT2_DTYPE_U64:               \
      USE(uint64_t, pt2__key_u64);    \
      break;                          \
    case PT2_DTYPE_I64:               \
      USE(uint64_t, pt2__key_i64);    \
      break;                          \
    default:                          \
      USE(uint64_t, pt2__key_f64);    \
      break;                          \
  }

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_INDEX_SORT_KEY_H_
