// SPDX-License-Identifier: Apache-2.0
//
// aten::complex: complex numbers from real and imaginary parts. PyTorch has no
// C function for it: models call it by name.
#include "backends/cpu/kernels/elementwise/elementwise.h"
#include "ops/boxed.h"

#define COMPLEX(name, type)                                          \
  static void name(const void* context, char* const* data,           \
                   const int64_t* strides, int64_t count) {          \
    (void)context;                                                   \
    for (int64_t i = 0; i < count; ++i) {                            \
      type* to = (type*)(void*)(data[0] + i * strides[0]);           \
      to[0] = *(const type*)(const void*)(data[1] + i * strides[1]); \
      to[1] = *(const type*)(const void*)(data[2] + i * strides[2]); \
    }                                                                \
  }
COMPLEX(complex_f32, float)
COMPLEX(complex_f64, double)

static bool is_known(int32_t dtype) {
  return dtype == PT2_DTYPE_F16 || dtype == PT2_DTYPE_F32 ||
         dtype == PT2_DTYPE_F64;
}

// (Tensor real, Tensor imag)
static pt2_status_t complex_of(const pt2__boxed_t* boxed,
                               pt2_tensor_t** out_result) {
  pt2_tensor_t *real, *imag;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "real", &real));
  PT2_TRY(pt2__boxed_tensor(boxed, 1, "imag", &imag));
  PT2_OP_CHECK(is_known(real->dtype) && is_known(imag->dtype),
               "Expected both inputs to be Half, Float or Double tensors but "
               "got %s and %s",
               pt2__dtype_torch_name(real->dtype),
               pt2__dtype_torch_name(imag->dtype));
  PT2_OP_CHECK(real->dtype == imag->dtype,
               "Expected object of scalar type %s but got scalar type %s for "
               "second argument",
               pt2__dtype_torch_name(real->dtype),
               pt2__dtype_torch_name(imag->dtype));
  bool wide = real->dtype == PT2_DTYPE_F64;
  const pt2__elementwise_kernel_t kernel = {
      .loop = wide ? complex_f64 : complex_f32,
      .input_dtype = wide ? PT2_DTYPE_F64 : PT2_DTYPE_F32,
      .result_dtype = wide ? PT2_DTYPE_COMPLEX128 : PT2_DTYPE_COMPLEX64,
      .work = 1,
  };
  const pt2_tensor_t* const inputs[] = {real, imag};
  return pt2__elementwise_new(
      &kernel, inputs, 2, real->dtype,
      pt2__dtype_promote(real->dtype, PT2_DTYPE_COMPLEX32), out_result);
}

PT2_BOXED_OP(complex, 1, complex_of)
