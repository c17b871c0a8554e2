// SPDX-License-Identifier: Apache-2.0
//
// aten::sub.Tensor of complex tensors. PyTorch compiles it for real ones:
// models call it by name.
#include "backends/cpu/kernels/complex_numbers.h"

#define LOOP(name, type)                                                  \
  static void name(const void* context, char* const* data,                \
                   const int64_t* strides, int64_t count) {               \
    const type alpha = (type) * (const double*)context;                   \
    for (int64_t i = 0; i < count; ++i) {                                 \
      const type _Complex a =                                             \
          *(const type _Complex*)(const void*)(data[1] + i * strides[1]); \
      const type _Complex b =                                             \
          *(const type _Complex*)(const void*)(data[2] + i * strides[2]); \
      *(type _Complex*)(void*)(data[0] + i * strides[0]) = a - alpha * b; \
    }                                                                     \
  }
LOOP(narrow, float)
LOOP(wide, double)

// (Tensor self, Tensor other, *, Scalar alpha)
static pt2_status_t run(const pt2__boxed_t* boxed, pt2_tensor_t** out_result) {
  static const pt2__complex_loops_t loops = {narrow, wide, 4};
  pt2_tensor_t *self, *other;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &self));
  PT2_TRY(pt2__boxed_tensor(boxed, 1, "other", &other));
  double alpha = 1;
  PT2_TRY(pt2__boxed_number(boxed, 2, "alpha", &alpha, NULL));
  return pt2__complex_binary(self, other, false, &loops, &alpha, out_result);
}

PT2_BOXED_OVERLOAD(sub_Tensor, "aten::sub.Tensor", 1, run)
