// SPDX-License-Identifier: Apache-2.0
//
// aten::_foreach_lerp.List, by name: from each tensor to another one, by
// weights.
#include "backends/cpu/kernels/foreach.h"

// From whichever end is nearer, so that a weight of 1 is the end itself.
#define LERP(name, type)                                                    \
  static inline type name##_of(type a, type b, type w) {                    \
    const bool near = (w < 0 ? -w : w) < (type)0.5;                         \
    const type start = near ? a : b, weight = near ? w : w - 1;             \
    return start + weight * (b - a);                                        \
  }                                                                         \
  static void name(const void* context, char* const* data,                  \
                   const int64_t* strides, int64_t count) {                 \
    (void)context;                                                          \
    const int64_t size = (int64_t)sizeof(type);                             \
    const type *from = (const type*)(const void*)data[1],                   \
               *end = (const type*)(const void*)data[2],                    \
               *weights = (const type*)(const void*)data[3];                \
    type* to = (type*)(void*)data[0];                                       \
    if (strides[0] == size && strides[1] == size && strides[2] == size &&   \
        strides[3] == size) {                                               \
      _Pragma("omp simd") for (int64_t i = 0; i < count; ++i) {             \
        to[i] = name##_of(from[i], end[i], weights[i]);                     \
      }                                                                     \
      return;                                                               \
    }                                                                       \
    for (int64_t i = 0; i < count; ++i) {                                   \
      const type a = *(const type*)(const void*)(data[1] + i * strides[1]); \
      const type b = *(const type*)(const void*)(data[2] + i * strides[2]); \
      const type w = *(const type*)(const void*)(data[3] + i * strides[3]); \
      *(type*)(void*)(data[0] + i * strides[0]) = name##_of(a, b, w);       \
    }                                                                       \
  }
LERP(lerp_f32, float)
LERP(lerp_f64, double)

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
  PT2_OP_CHECK(pt2__dtype_is_floating(dtype) && pt2_dtype_size_bytes(dtype) > 1,
               "\"lerp_kernel_tensor\" not implemented for '%s'",
               pt2__dtype_torch_name(dtype));
  bool wide = dtype == PT2_DTYPE_F64;
  const int32_t computed = wide ? PT2_DTYPE_F64 : PT2_DTYPE_F32;
  const pt2__elementwise_kernel_t kernel = {
      .loop = wide ? lerp_f64 : lerp_f32,
      .input_dtype = computed,
      .result_dtype = computed,
      .work = 5,
  };
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
