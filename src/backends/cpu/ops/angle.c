// SPDX-License-Identifier: Apache-2.0
//
// aten::angle: of a negative real number pi, of any other one 0.
#include <math.h>

#include "backends/cpu/cpu_features.h"
#include "backends/cpu/kernels/elementwise/arc_tangent.h"
#include "backends/cpu/kernels/elementwise/arithmetic.h"

#define ANGLE(name, type, function)                                         \
  static void name(const void* context, char* const* data,                  \
                   const int64_t* strides, int64_t count) {                 \
    (void)context;                                                          \
    for (int64_t i = 0; i < count; ++i) {                                   \
      const type* x = (const type*)(const void*)(data[1] + i * strides[1]); \
      *(type*)(void*)(data[0] + i * strides[0]) = function(x[1], x[0]);     \
    }                                                                       \
  }
ANGLE(angle_c64, float, atan2f)
ANGLE(angle_c128, double, atan2)

static pt2__elementwise_loop_fn loop_of_complex(int32_t dtype) {
  const bool wide = dtype == PT2_DTYPE_COMPLEX128;
#if defined(__x86_64__)
  if (pt2__cpu_level() >= PT2__CPU_AVX512) {
    return wide ? pt2__angle_c128_avx512 : pt2__angle_c64_avx512;
  }
  if (pt2__cpu_level() >= PT2__CPU_AVX2) {
    return wide ? pt2__angle_c128_avx2 : pt2__angle_c64_avx2;
  }
#endif
  return wide ? angle_c128 : angle_c64;
}

// Work of one element: about that many additions.
#define ARC_TANGENT_WORK 16

static pt2_status_t angle_of_complex(const pt2_tensor_t* self,
                                     pt2_tensor_t** out_result) {
  int32_t real =
      self->dtype == PT2_DTYPE_COMPLEX64 ? PT2_DTYPE_F32 : PT2_DTYPE_F64;
  const pt2__elementwise_kernel_t kernel = {
      .loop = loop_of_complex(self->dtype),
      .input_dtype = self->dtype,
      .result_dtype = real,
      .work = ARC_TANGENT_WORK,
  };
  // torch writes this one row-major.
  pt2_tensor_t* result = NULL;
  PT2_TRY(pt2__tensor_empty(real, self->rank, self->sizes, NULL, &result));
  pt2__elementwise_run(&kernel, &self, 1, self->dtype, result);
  *out_result = result;
  return PT2_STATUS_OK;
}

static pt2_status_t angle(const pt2_tensor_t* self, pt2_tensor_t** out_result) {
  PT2_OP_CHECK_TENSOR(self, "self");
  if (self->dtype == PT2_DTYPE_COMPLEX64 ||
      self->dtype == PT2_DTYPE_COMPLEX128) {
    return angle_of_complex(self, out_result);
  }
  int32_t dtype =
      pt2__dtype_is_integral(self->dtype, true) ? PT2_DTYPE_F32 : self->dtype;
  bool small =
      pt2__dtype_is_floating(dtype) && pt2_dtype_size_bytes(dtype) == 1;
  pt2__elementwise_kernel_t kernel = {0};
  PT2_OP_CHECK(
      !small && dtype != PT2_DTYPE_COMPLEX32 &&
          pt2__arithmetic_kernel(PT2__ARITHMETIC_ANGLE, dtype, &kernel),
      "\"angle_cpu\" not implemented for '%s'", pt2__dtype_torch_name(dtype));
  return pt2__elementwise_new(&kernel, &self, 1, dtype, dtype, out_result);
}

AOTITorchError aoti_torch_cpu_angle(AtenTensorHandle self,
                                    AtenTensorHandle* ret0) {
  PT2_OP_RETURN("aten::angle", angle(self, ret0));
}
