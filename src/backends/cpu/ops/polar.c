// SPDX-License-Identifier: Apache-2.0
//
// aten::polar: complex numbers from absolute values and angles.
#include <math.h>

#include "backends/cpu/kernels/elementwise/elementwise.h"

#define POLAR(name, type, cosine, sine)                                    \
  static void name(const void* context, char* const* data,                 \
                   const int64_t* strides, int64_t count) {                \
    (void)context;                                                         \
    for (int64_t i = 0; i < count; ++i) {                                  \
      type radius = *(const type*)(const void*)(data[1] + i * strides[1]); \
      type angle = *(const type*)(const void*)(data[2] + i * strides[2]);  \
      type* to = (type*)(void*)(data[0] + i * strides[0]);                 \
      to[0] = radius * cosine(angle);                                      \
      to[1] = radius * sine(angle);                                        \
    }                                                                      \
  }
POLAR(polar_f32, float, cosf, sinf)
POLAR(polar_f64, double, cos, sin)

// Work of one element: about that many additions.
#define POLAR_WORK 32

static bool is_known(int32_t dtype) {
  return dtype == PT2_DTYPE_F16 || dtype == PT2_DTYPE_F32 ||
         dtype == PT2_DTYPE_F64;
}

static pt2_status_t polar(const pt2_tensor_t* radius, const pt2_tensor_t* angle,
                          pt2_tensor_t** out_result) {
  PT2_OP_CHECK_TENSOR(radius, "abs");
  PT2_OP_CHECK_TENSOR(angle, "angle");
  int32_t dtype = radius->dtype;
  PT2_OP_CHECK(is_known(dtype) && is_known(angle->dtype),
               "Expected both inputs to be Half, Float or Double tensors but "
               "got %s and %s",
               pt2__dtype_torch_name(dtype),
               pt2__dtype_torch_name(angle->dtype));
  PT2_OP_CHECK(dtype == angle->dtype,
               "Expected object of scalar type %s but got scalar type %s for "
               "second argument",
               pt2__dtype_torch_name(dtype),
               pt2__dtype_torch_name(angle->dtype));
  bool wide = dtype == PT2_DTYPE_F64;
  const pt2__elementwise_kernel_t kernel = {
      .loop = wide ? polar_f64 : polar_f32,
      .input_dtype = wide ? PT2_DTYPE_F64 : PT2_DTYPE_F32,
      .result_dtype = wide ? PT2_DTYPE_COMPLEX128 : PT2_DTYPE_COMPLEX64,
      .work = POLAR_WORK,
  };
  const pt2_tensor_t* const inputs[] = {radius, angle};
  return pt2__elementwise_new(&kernel, inputs, 2, dtype,
                              pt2__dtype_promote(dtype, PT2_DTYPE_COMPLEX32),
                              out_result);
}

AOTITorchError aoti_torch_cpu_polar(AtenTensorHandle abs,
                                    AtenTensorHandle angle,
                                    AtenTensorHandle* ret0) {
  PT2_OP_RETURN("aten::polar", polar(abs, angle, ret0));
}
