// SPDX-License-Identifier: Apache-2.0
//
// aten::_foreach_lerp.List, by name: from each tensor to another one, by
// weights.
#include <string.h>

#include "backends/cpu/kernels/complex/complex_loops.h"
#include "backends/cpu/kernels/elementwise/foreach.h"

#define VECTOR_BYTES 16

// From whichever end is nearer, so that a weight of 1 is the end itself. In
// vectors, as branches on weights are hard to guess.
#define LERP(name, type, integer)                                            \
  typedef type name##_t __attribute__((vector_size(VECTOR_BYTES)));          \
  typedef integer name##_mask_t __attribute__((vector_size(VECTOR_BYTES)));  \
  static inline void name##_vector(const char* from, const char* end,        \
                                   const char* weights, char* to) {          \
    name##_t a, b, w;                                                        \
    memcpy(&a, from, sizeof(a));                                             \
    memcpy(&b, end, sizeof(b));                                              \
    memcpy(&w, weights, sizeof(w));                                          \
    const name##_mask_t near =                                               \
        (name##_mask_t)((w < (type)0.5) & (w > (type)-0.5));                 \
    const name##_t weight =                                                  \
        w - (name##_t)(~near & (name##_mask_t)((name##_t){0} + 1));          \
    const name##_t start =                                                   \
        (name##_t)((near & (name##_mask_t)a) | (~near & (name##_mask_t)b));  \
    a = start + weight * (b - a);                                            \
    memcpy(to, &a, sizeof(a));                                               \
  }                                                                          \
  static void name(const void* context, char* const* data,                   \
                   const int64_t* strides, int64_t count) {                  \
    (void)context;                                                           \
    enum { LANES = VECTOR_BYTES / sizeof(type) };                            \
    const int64_t size = (int64_t)sizeof(type);                              \
    const bool dense = strides[0] == size && strides[1] == size &&           \
                       strides[2] == size && strides[3] == size;             \
    int64_t i = 0;                                                           \
    for (; dense && i + LANES <= count; i += LANES) {                        \
      name##_vector(data[1] + i * size, data[2] + i * size,                  \
                    data[3] + i * size, data[0] + i * size);                 \
    }                                                                        \
    for (; i < count; ++i) {                                                 \
      type operands[3][LANES] = {{0}}, result[LANES];                        \
      for (int k = 0; k < 3; ++k) {                                          \
        memcpy(operands[k], data[1 + k] + i * strides[1 + k], sizeof(type)); \
      }                                                                      \
      name##_vector((const char*)operands[0], (const char*)operands[1],      \
                    (const char*)operands[2], (char*)result);                \
      memcpy(data[0] + i * strides[0], result, sizeof(type));                \
    }                                                                        \
  }
LERP(lerp_f32, float, int32_t)
LERP(lerp_f64, double, int64_t)

static pt2__elementwise_loop_fn loop_of(int32_t dtype) {
  switch (dtype) {
    case PT2_DTYPE_F32:
      return lerp_f32;
    case PT2_DTYPE_F64:
      return lerp_f64;
    case PT2_DTYPE_COMPLEX64:
      return pt2__complex_loops(PT2__COMPLEX_LERP)->narrow;
    case PT2_DTYPE_COMPLEX128:
      return pt2__complex_loops(PT2__COMPLEX_LERP)->wide;
    default:
      return NULL;
  }
}

static pt2_status_t lerp(const void* context,
                         const pt2_tensor_t* const* tensors,
                         pt2_tensor_t** out_result) {
  (void)context;
  int32_t dtype = tensors[0]->dtype;
  for (int i = 1; i < 3; ++i) {
    PT2_OP_CHECK(tensors[i]->dtype == dtype,
                 "expected dtype %s for `%s` but got dtype %s",
                 pt2__dtype_torch_name(dtype), i == 1 ? "end" : "weight",
                 pt2__dtype_torch_name(tensors[i]->dtype));
  }
  const int32_t computed = pt2__elementwise_compute_dtype(dtype);
  const pt2__elementwise_kernel_t kernel = {
      .loop = loop_of(computed),
      .input_dtype = computed,
      .result_dtype = computed,
      .work = 5,
  };
  PT2_OP_CHECK(kernel.loop != NULL && dtype != PT2_DTYPE_COMPLEX32 &&
                   pt2_dtype_size_bytes(dtype) > 1,
               "\"lerp_kernel_tensor\" not implemented for '%s'",
               pt2__dtype_torch_name(dtype));
  return pt2__elementwise_new(&kernel, tensors, 3, dtype, dtype, out_result);
}

// (Tensor[] self, Tensor[] tensors1, Tensor[] weights) -> Tensor[]
static pt2_status_t foreach_lerp(const pt2__boxed_t* boxed,
                                 pt2_tensor_t** results) {
  static const char* const names[] = {"self", "tensors1", "weights"};
  return pt2__foreach(boxed, names, 3, lerp, NULL, results);
}

PT2_BOXED_OVERLOAD(_foreach_lerp, "aten::_foreach_lerp.List", PT2__BOXED_LIST,
                   foreach_lerp)
