// SPDX-License-Identifier: Apache-2.0
//
// aten::soft_margin_loss_backward: with z = exp(-target * self) it is
// -norm * target * z / (1 + z) * grad_output, in torch's order of operations.
#include <complex.h>

#include "backends/cpu/kernels/elementwise/soft_margin.h"

// torch's numbers of the reductions.
#define REDUCTION_MEAN 1

// Inputs: grad_output, self, target.
#define BACKWARD(name, type, real, EXP)                                    \
  static void name(const void* context, char* const* data,                 \
                   const int64_t* strides, int64_t count) {                \
    const real scale = (real)((const pt2__soft_margin_t*)context)->scale;  \
    for (int64_t i = 0; i < count; ++i) {                                  \
      type grad = *(const type*)(const void*)(data[1] + i * strides[1]);   \
      type x = *(const type*)(const void*)(data[2] + i * strides[2]);      \
      type target = *(const type*)(const void*)(data[3] + i * strides[3]); \
      type z = EXP(-target * x);                                           \
      type result = target * z * scale / (z + 1) * grad;                   \
      *(type*)(void*)(data[0] + i * strides[0]) = result;                  \
    }                                                                      \
  }
BACKWARD(backward_c64, float complex, float, cexpf)
BACKWARD(backward_c128, double complex, double, cexp)

static pt2__elementwise_loop_fn loop_of(int32_t dtype) {
  return dtype == PT2_DTYPE_COMPLEX64    ? backward_c64
         : dtype == PT2_DTYPE_COMPLEX128 ? backward_c128
                                         : pt2__soft_margin_loop(dtype);
}

// How a result of |inputs| lies, as a tensor without memory over |shape|.
static pt2_status_t lay_out(const pt2_tensor_t* const* inputs, int count,
                            pt2__elementwise_shape_t* shape,
                            pt2_tensor_t* out_tensor) {
  int32_t dtype;
  PT2_TRY(pt2__elementwise_promote(inputs, count, &dtype));
  PT2_TRY(pt2__elementwise_shape(inputs, count, dtype, shape));
  *out_tensor = (pt2_tensor_t){.dtype = dtype,
                               .rank = shape->rank,
                               .sizes = shape->sizes,
                               .strides = shape->strides};
  PT2_OP_CHECK(pt2__sizes_numel(shape->rank, shape->sizes, &out_tensor->numel),
               "the broadcast sizes are too large");
  return PT2_STATUS_OK;
}

// The steps that decide on the layout: z from -target and self, then target
// times z.
static pt2_status_t result_shape(const pt2_tensor_t* self,
                                 const pt2_tensor_t* target,
                                 pt2__elementwise_shape_t* out_shape) {
  pt2__elementwise_shape_t shapes[2];
  pt2_tensor_t negated, z, result;
  PT2_TRY(lay_out(&target, 1, &shapes[0], &negated));
  const pt2_tensor_t* factors[] = {&negated, self};
  PT2_TRY(lay_out(factors, 2, &shapes[1], &z));
  factors[0] = target;
  factors[1] = &z;
  return lay_out(factors, 2, out_shape, &result);
}

static pt2_status_t check_dtypes(const pt2_tensor_t* const* inputs,
                                 int32_t dtype) {
  const pt2_tensor_t* self = inputs[1];
  const pt2_tensor_t* target = inputs[2];
  PT2_OP_CHECK(target->dtype != PT2_DTYPE_BOOL,
               "Negation, the `-` operator, on a bool tensor is not supported");
  bool known =
      loop_of(target->dtype) != NULL ||
      (pt2__dtype_is_integral(target->dtype, false) &&
       target->dtype != PT2_DTYPE_U16 && target->dtype != PT2_DTYPE_U32 &&
       target->dtype != PT2_DTYPE_U64);
  PT2_OP_CHECK(known, "\"neg_cpu\" not implemented for '%s'",
               pt2__dtype_torch_name(target->dtype));
  PT2_OP_CHECK(
      !pt2__dtype_is_integral(self->dtype, true) &&
          (pt2__dtype_is_complex(self->dtype) || !pt2__dtype_is_complex(dtype)),
      "result type %s can't be cast to the desired output type %s",
      pt2__dtype_is_complex(dtype) ? pt2__dtype_torch_name(dtype) : "Float",
      pt2__dtype_torch_name(self->dtype));
  PT2_OP_CHECK(loop_of(dtype) != NULL,
               "\"exp_vml_cpu\" not implemented for '%s'",
               pt2__dtype_torch_name(dtype));
  return PT2_STATUS_OK;
}

static pt2_status_t check_grad(const pt2_tensor_t* grad,
                               const pt2__elementwise_shape_t* shape) {
  pt2__elementwise_shape_t both = *shape;
  PT2_TRY(pt2__elementwise_broadcast(grad->rank, grad->sizes, &both));
  bool same = both.rank == shape->rank;
  for (int i = 0; i < shape->rank && same; ++i) {
    same = both.sizes[i] == shape->sizes[i];
  }
  char left[256], right[256];
  PT2_OP_CHECK(same,
               "output with shape %s doesn't match the broadcast shape %s",
               pt2__sizes_format(shape->rank, shape->sizes, left, sizeof(left)),
               pt2__sizes_format(both.rank, both.sizes, right, sizeof(right)));
  return PT2_STATUS_OK;
}

// Work of one element: about that many additions.
#define EXPONENTIAL_WORK 16

static pt2_status_t backward(const pt2_tensor_t* grad, const pt2_tensor_t* self,
                             const pt2_tensor_t* target, int64_t reduction,
                             pt2_tensor_t** out_result) {
  PT2_OP_CHECK_TENSOR(grad, "grad_output");
  PT2_OP_CHECK_TENSOR(self, "self");
  PT2_OP_CHECK_TENSOR(target, "target");
  const pt2_tensor_t* const inputs[] = {grad, self, target};
  int32_t dtype;
  PT2_TRY(pt2__elementwise_promote(inputs, 3, &dtype));
  PT2_TRY(check_dtypes(inputs, dtype));
  pt2__elementwise_shape_t shape;
  PT2_TRY(result_shape(self, target, &shape));
  PT2_TRY(check_grad(grad, &shape));
  const pt2__soft_margin_t context = {
      .scale = reduction == REDUCTION_MEAN ? -1.0 / (double)self->numel : -1.0};
  int32_t compute = pt2__elementwise_compute_dtype(dtype);
  const pt2__elementwise_kernel_t kernel = {
      .loop = loop_of(dtype),
      .context = &context,
      .input_dtype = compute,
      .result_dtype = compute,
      .work = EXPONENTIAL_WORK,
  };
  pt2_tensor_t* result = NULL;
  PT2_TRY(pt2__tensor_empty(self->dtype, shape.rank, shape.sizes, shape.strides,
                            &result));
  pt2__elementwise_run(&kernel, inputs, 3, dtype, result);
  *out_result = result;
  return PT2_STATUS_OK;
}

AOTITorchError aoti_torch_cpu_soft_margin_loss_backward(
    AtenTensorHandle grad_output, AtenTensorHandle self,
    AtenTensorHandle target, int64_t reduction, AtenTensorHandle* ret0) {
  PT2_OP_RETURN("aten::soft_margin_loss_backward",
                backward(grad_output, self, target, reduction, ret0));
}
