// SPDX-License-Identifier: Apache-2.0
//
// Conversion of runs and of single elements on any processor, and the choice of
// the kernel.
#define CONVERT_RUN pt2__convert_run_portable
#include "tensor/convert_run.inc"

#if defined(__x86_64__) && defined(__GNUC__)
#define HAVE_AVX2_KERNEL 1
#else
#define HAVE_AVX2_KERNEL 0
#endif

void pt2__convert_run(int32_t target_dtype, void* target, int64_t target_stride,
                      int32_t source_dtype, const void* source,
                      int64_t source_stride, int64_t count) {
#if HAVE_AVX2_KERNEL
  // What has these has F16C, which clang's builtin does not know.
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
      __builtin_cpu_supports("bmi2")) {
    pt2__convert_run_avx2(target_dtype, target, target_stride, source_dtype,
                          source, source_stride, count);
    return;
  }
#endif
  pt2__convert_run_portable(target_dtype, target, target_stride, source_dtype,
                            source, source_stride, count);
}

float pt2__f16_to_f32(uint16_t bits) { return f16_to_f32(bits); }

uint16_t pt2__f32_to_f16(float value) { return f32_to_f16(value); }

// ---- Single elements -------------------------------------------------------

double pt2__element_get_f64(int32_t dtype, const void* address) {
  double value = 0;
  pt2__convert_run(PT2_DTYPE_F64, &value, sizeof(value), dtype, address, 0, 1);
  return value;
}

int64_t pt2__element_get_i64(int32_t dtype, const void* address) {
  int64_t value = 0;
  pt2__convert_run(PT2_DTYPE_I64, &value, sizeof(value), dtype, address, 0, 1);
  return value;
}

void pt2__element_get_complex(int32_t dtype, const void* address,
                              double* out_parts) {
  pt2__convert_run(PT2_DTYPE_COMPLEX128, out_parts, 2 * sizeof(double), dtype,
                   address, 0, 1);
}

void pt2__element_set_f64(int32_t dtype, void* address, double value) {
  pt2__convert_run(dtype, address, 0, PT2_DTYPE_F64, &value, 0, 1);
}

void pt2__element_set_i64(int32_t dtype, void* address, int64_t value) {
  pt2__convert_run(dtype, address, 0, PT2_DTYPE_I64, &value, 0, 1);
}

void pt2__element_set_complex(int32_t dtype, void* address,
                              const double* parts) {
  pt2__convert_run(dtype, address, 0, PT2_DTYPE_COMPLEX128, parts, 0, 1);
}
