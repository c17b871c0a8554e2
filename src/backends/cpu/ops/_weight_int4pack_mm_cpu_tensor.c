// SPDX-License-Identifier: Apache-2.0
//
// quantized::int4mm_packed_weight_cpu: aten::_weight_int4pack_mm_for_cpu with
// the size of a group in a tensor.
#include "backends/cpu/kernels/matmul/weight_only.h"
#include "ops/weight_only.h"

// PyTorch packs for the CPU that it runs on, and reads as that one does: the
// layout does not depend on which of our kernels are used.
static void set_layout(pt2__weight_only_int4_t* weight) {
  weight->block = 32;
  weight->halves = false;
#if defined(__x86_64__)
  weight->halves =
      __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  if (weight->halves && __builtin_cpu_supports("avx512f") &&
      __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl")) {
    weight->block = 64;
  }
#elif defined(__aarch64__)
  weight->block = 16;
#endif
}

typedef struct {
  pt2_tensor_t* x;       // of float
  pt2_tensor_t* scales;  // of float
  pt2_tensor_t* y;       // of float: |result| itself, or converted to it
} work_t;

static pt2_status_t run(const pt2_tensor_t* self, const pt2_tensor_t* mat2,
                        int64_t group, const pt2_tensor_t* scales_zeros,
                        work_t* work, pt2_tensor_t* result) {
  PT2_TRY(pt2__tensor_to_contiguous(self, PT2_DTYPE_F32, &work->x));
  PT2_TRY(
      pt2__tensor_to_contiguous(scales_zeros, PT2_DTYPE_F32, &work->scales));
  if (result->dtype == PT2_DTYPE_F32) {
    PT2_TRY(pt2__tensor_alias(result, &work->y));
  } else {
    PT2_TRY(pt2__tensor_empty(PT2_DTYPE_F32, 2, result->sizes, NULL, &work->y));
  }
  const pt2__weight_only_t call = {.m = self->sizes[0],
                                   .n = mat2->sizes[0],
                                   .k = self->sizes[1],
                                   .x = work->x->data,
                                   .y = work->y->data};
  pt2__weight_only_int4_t weight = {
      .bytes = mat2->data, .group = group, .scales_zeros = work->scales->data};
  set_layout(&weight);
  PT2_TRY(pt2__weight_only_int4(&call, &weight));
  return result->dtype == PT2_DTYPE_F32 ? PT2_STATUS_OK
                                        : pt2__tensor_copy(result, work->y);
}

static pt2_status_t multiply(const pt2_tensor_t* self, const pt2_tensor_t* mat2,
                             const pt2_tensor_t* group,
                             const pt2_tensor_t* scales_zeros,
                             pt2_tensor_t** out_result) {
  int64_t group_size;
  PT2_TRY(pt2__weight_only_check_int4(self, mat2, group, scales_zeros,
                                      &group_size));
  const int64_t sizes[2] = {self->sizes[0], mat2->sizes[0]};
  pt2_tensor_t* result = NULL;
  PT2_TRY(pt2__tensor_empty(self->dtype, 2, sizes, NULL, &result));
  work_t work = {0};
  pt2_status_t status =
      run(self, mat2, group_size, scales_zeros, &work, result);
  pt2__tensor_release(work.x);
  pt2__tensor_release(work.scales);
  pt2__tensor_release(work.y);
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(result);
    return status;
  }
  *out_result = result;
  return PT2_STATUS_OK;
}

AOTITorchError aoti_torch_cpu__weight_int4pack_mm_cpu_tensor(
    AtenTensorHandle X, AtenTensorHandle w, AtenTensorHandle qGroupSize,
    AtenTensorHandle qScaleAndZeros, AtenTensorHandle* ret0) {
  PT2_OP_RETURN("quantized::int4mm_packed_weight_cpu",
                multiply(X, w, qGroupSize, qScaleAndZeros, ret0));
}
