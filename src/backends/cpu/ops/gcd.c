// SPDX-License-Identifier: Apache-2.0
//
// aten::gcd, by Euclid's algorithm.
#include "backends/cpu/kernels/elementwise/elementwise.h"
#include "ops/arithmetic.h"

// The absolute value of the least integer is itself, and so are its divisors'
// signs: what torch's arithmetic of the dtype gives.
#define GCD(name, type, unsigned_type)                                  \
  static inline type divisor_##name(type a, type b) {                   \
    a = (type)(a < 0 ? (unsigned_type)0 - (unsigned_type)a              \
                     : (unsigned_type)a);                               \
    b = (type)(b < 0 ? (unsigned_type)0 - (unsigned_type)b              \
                     : (unsigned_type)b);                               \
    while (a != 0) {                                                    \
      type rest = (type)(b % a);                                        \
      b = a;                                                            \
      a = rest;                                                         \
    }                                                                   \
    return b;                                                           \
  }                                                                     \
  static void gcd_##name(const void* context, char* const* data,        \
                         const int64_t* strides, int64_t count) {       \
    (void)context;                                                      \
    for (int64_t i = 0; i < count; ++i) {                               \
      type a = *(const type*)(const void*)(data[1] + i * strides[1]);   \
      type b = *(const type*)(const void*)(data[2] + i * strides[2]);   \
      *(type*)(void*)(data[0] + i * strides[0]) = divisor_##name(a, b); \
    }                                                                   \
  }
GCD(i8, int8_t, uint8_t)
GCD(i16, int16_t, uint16_t)
GCD(i32, int32_t, uint32_t)
GCD(i64, int64_t, uint64_t)

static void gcd_u8(const void* context, char* const* data,
                   const int64_t* strides, int64_t count) {
  (void)context;
  for (int64_t i = 0; i < count; ++i) {
    int16_t a = *(const uint8_t*)(data[1] + i * strides[1]);
    int16_t b = *(const uint8_t*)(data[2] + i * strides[2]);
    *(uint8_t*)(data[0] + i * strides[0]) = (uint8_t)divisor_i16(a, b);
  }
}

static pt2__elementwise_loop_fn loop_of(int32_t dtype) {
  switch (dtype) {
    case PT2_DTYPE_U8:
      return gcd_u8;
    case PT2_DTYPE_I8:
      return gcd_i8;
    case PT2_DTYPE_I16:
      return gcd_i16;
    case PT2_DTYPE_I32:
      return gcd_i32;
    case PT2_DTYPE_I64:
      return gcd_i64;
    default:
      return NULL;
  }
}

// Work of one element: about that many additions.
#define GCD_WORK 32

static pt2_status_t gcd(const pt2_tensor_t* self, const pt2_tensor_t* other,
                        pt2_tensor_t** out_result) {
  pt2__pair_t pair;
  PT2_TRY(pt2__pair_of_tensors(self, "self", other, "other", &pair));
  const pt2__elementwise_kernel_t kernel = {
      .loop = loop_of(pair.dtype),
      .input_dtype = pair.dtype,
      .result_dtype = pair.dtype,
      .work = GCD_WORK,
  };
  PT2_OP_CHECK(kernel.loop != NULL, "\"gcd_cpu\" not implemented for '%s'",
               pt2__dtype_torch_name(pair.dtype));
  return pt2__elementwise_new(&kernel, pair.inputs, 2, pair.dtype, pair.dtype,
                              out_result);
}

AOTITorchError aoti_torch_cpu_gcd(AtenTensorHandle self, AtenTensorHandle other,
                                  AtenTensorHandle* ret0) {
  PT2_OP_RETURN("aten::gcd", gcd(self, other, ret0));
}
