// SPDX-License-Identifier: Apache-2.0
//
// aten::_addmm_activation: addmm, then relu or the erf form of gelu.
#include <math.h>

#include "backends/cpu/kernels/elementwise/gelu.h"
#include "backends/cpu/kernels/matmul/gemm.h"
#include "ops/matmul.h"

// Results rounded to 16 bits at a time.
#define CHUNK 256

typedef struct {
  bool use_gelu;
  int32_t dtype;
} activation_t;

static void apply_f64(bool use_gelu, double* values, int64_t count) {
  for (int64_t i = 0; i < count; ++i) {
    double x = values[i];
    if (use_gelu) {
      values[i] = 0.5 * x * (1.0 + erf(x * 0.70710678118654752440));
    } else {
      values[i] = x < 0 ? 0 : x;
    }
  }
}

// torch rounds the product before the function sees it.
static void round_to(int32_t dtype, float* values, int64_t count) {
  pt2__gemm_type_t type =
      dtype == PT2_DTYPE_BF16 ? PT2__GEMM_BF16 : PT2__GEMM_F16;
  const pt2__gemm_variant_t* variant = pt2__gemm_variant();
  uint16_t rounded[CHUNK];
  for (int64_t i = 0; i < count; i += CHUNK) {
    int64_t part = count - i < CHUNK ? count - i : CHUNK;
    variant->narrow[type](values + i, rounded, part);
    variant->widen[type](rounded, values + i, part);
  }
}

static void finish(void* context, void* values, int64_t count, int64_t batch,
                   int64_t row, int64_t column) {
  (void)batch;
  (void)row;
  (void)column;
  const activation_t* activation = context;
  if (activation->dtype == PT2_DTYPE_F64) {
    apply_f64(activation->use_gelu, values, count);
    return;
  }
  if (activation->use_gelu && activation->dtype != PT2_DTYPE_F32) {
    round_to(activation->dtype, values, count);
  }
  if (activation->use_gelu) {
    pt2__gelu_f32(values, count);
    return;
  }
  for (int64_t i = 0; i < count; ++i) {
    float* value = (float*)values + i;
    *value = *value < 0 ? 0 : *value;
  }
}

#define RELU(type)                           \
  for (int64_t i = 0; i < out->numel; ++i) { \
    type* value = (type*)out->data + i;      \
    *value = *value < 0 ? (type)0 : *value;  \
  }

// relu of a row-major tensor of integers.
static void relu_integers(pt2_tensor_t* out) {
  switch (out->dtype) {
    case PT2_DTYPE_I8:
      RELU(int8_t)
      return;
    case PT2_DTYPE_I16:
      RELU(int16_t)
      return;
    case PT2_DTYPE_I32:
      RELU(int32_t)
      return;
    case PT2_DTYPE_I64:
      RELU(int64_t)
      return;
    default:  // unsigned
      return;
  }
}
#undef RELU

static pt2_status_t run(const pt2__matmul_t* m, bool use_gelu) {
  int32_t dtype = m->out->dtype;
  activation_t activation = {.use_gelu = use_gelu, .dtype = dtype};
  const pt2_tensor_t* self = m->self.tensor;
  bool floating = pt2__dtype_is_floating(dtype);
  pt2__gemm_t gemm = {
      .dtype = dtype,
      .batch = 1,
      .m = m->m,
      .n = m->n,
      .k = m->k,
      .alpha = m->alpha,
      .beta = m->beta,
      .a = {m->a.tensor->data, 0, m->a.rs, m->a.cs},
      .b = {m->b.tensor->data, 0, m->b.rs, m->b.cs},
      .source = {self == NULL ? NULL : self->data, 0, m->self.rs, m->self.cs},
      .c = m->out->data,
      .c_rs = m->out_rs,
      .c_cs = m->out_cs,
      .panels = pt2__gemm_pack(m->b.tensor, false, m->m),
      .finish = floating ? finish : NULL,
      .finish_context = &activation};
  PT2_TRY(pt2__gemm(&gemm));
  if (!floating) {
    relu_integers(m->out);
  }
  return PT2_STATUS_OK;
}

static pt2_status_t addmm_activation(const pt2_tensor_t* self,
                                     const pt2_tensor_t* mat1,
                                     const pt2_tensor_t* mat2, double beta,
                                     double alpha, bool use_gelu,
                                     pt2_tensor_t** ret0) {
  pt2__matmul_t matmul;
  pt2_tensor_t* result;
  PT2_TRY(pt2__matmul_new_addmm_activation(self, mat1, mat2, beta, alpha,
                                           use_gelu, pt2__gemm_dtype_supported,
                                           &matmul, &result));
  pt2_status_t status = run(&matmul, use_gelu);
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(result);
    return status;
  }
  *ret0 = result;
  return PT2_STATUS_OK;
}

AOTITorchError aoti_torch_cpu__addmm_activation(
    AtenTensorHandle self, AtenTensorHandle mat1, AtenTensorHandle mat2,
    double beta, double alpha, int32_t use_gelu, AtenTensorHandle* ret0) {
  PT2_OP_RETURN(
      "aten::_addmm_activation",
      addmm_activation(self, mat1, mat2, beta, alpha, use_gelu != 0, ret0));
}
