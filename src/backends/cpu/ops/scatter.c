// SPDX-License-Identifier: Apache-2.0
//
// aten::scatter.src_out and aten::scatter.value_out, and the functional forms,
// with aten::scatter_add, by name.
#include "backends/cpu/kernels/index/scatter.h"
#include "backends/cpu/kernels/elementwise/fill_number.h"
#include "ops/boxed.h"

static pt2_status_t scatter_value(pt2_tensor_t* out, const pt2_tensor_t* self,
                                  int64_t dim, const pt2_tensor_t* index,
                                  double value) {
  PT2_OP_CHECK_TENSOR(out, "out");
  char element[16] = {0};
  pt2__element_set_f64(out->dtype, element, value);
  return pt2__scatter(PT2__SCATTER_SET, out, self, dim, index, NULL, element,
                      true);
}

static pt2_status_t scatter_src(pt2_tensor_t* out, const pt2_tensor_t* self,
                                int64_t dim, const pt2_tensor_t* index,
                                const pt2_tensor_t* src) {
  PT2_OP_CHECK_TENSOR(src, "src");
  return pt2__scatter(PT2__SCATTER_SET, out, self, dim, index, src, NULL, true);
}

AOTITorchError aoti_torch_scatter_out(AtenTensorHandle out,
                                      AtenTensorHandle self, int64_t dim,
                                      AtenTensorHandle index,
                                      AtenTensorHandle src) {
  PT2_OP_RETURN("aten::scatter.src_out",
                scatter_src(out, self, dim, index, src));
}

AOTITorchError aoti_torch_cpu_scatter_src_out(AtenTensorHandle out,
                                              AtenTensorHandle self,
                                              int64_t dim,
                                              AtenTensorHandle index,
                                              AtenTensorHandle src) {
  PT2_OP_RETURN("aten::scatter.src_out",
                scatter_src(out, self, dim, index, src));
}

AOTITorchError aoti_torch_cpu_scatter_value_out(AtenTensorHandle out,
                                                AtenTensorHandle self,
                                                int64_t dim,
                                                AtenTensorHandle index,
                                                double value) {
  PT2_OP_RETURN("aten::scatter.value_out",
                scatter_value(out, self, dim, index, value));
}

// ---- By name, which models do for complex tensors --------------------------

static pt2_status_t new_scatter(pt2__scatter_t kind, const pt2_tensor_t* self,
                                int64_t dim, const pt2_tensor_t* index,
                                const pt2_tensor_t* src, const void* value,
                                pt2_tensor_t** out_result) {
  pt2_tensor_t* result;
  PT2_TRY(
      pt2__tensor_empty(self->dtype, self->rank, self->sizes, NULL, &result));
  pt2_status_t status =
      pt2__scatter(kind, result, self, dim, index, src, value, true);
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(result);
    return status;
  }
  *out_result = result;
  return PT2_STATUS_OK;
}

// (Tensor self, int dim, Tensor index, Tensor src)
static pt2_status_t with_src(const pt2__boxed_t* boxed, pt2__scatter_t kind,
                             pt2_tensor_t** out_result) {
  pt2_tensor_t *self, *index, *src;
  int64_t dim;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &self));
  PT2_TRY(pt2__boxed_int(boxed, 1, "dim", &dim));
  PT2_TRY(pt2__boxed_tensor(boxed, 2, "index", &index));
  PT2_TRY(pt2__boxed_tensor(boxed, 3, "src", &src));
  return new_scatter(kind, self, dim, index, src, NULL, out_result);
}

static pt2_status_t scatter_src_by_name(const pt2__boxed_t* boxed,
                                        pt2_tensor_t** out_result) {
  return with_src(boxed, PT2__SCATTER_SET, out_result);
}

PT2_BOXED_OVERLOAD(scatter_src, "aten::scatter.src", 1, scatter_src_by_name)

static pt2_status_t scatter_add(const pt2__boxed_t* boxed,
                                pt2_tensor_t** out_result) {
  return with_src(boxed, PT2__SCATTER_SUM, out_result);
}

PT2_BOXED_OP(scatter_add, 1, scatter_add)

// (Tensor self, int dim, Tensor index, Scalar value)
static pt2_status_t scatter_value_by_name(const pt2__boxed_t* boxed,
                                          pt2_tensor_t** out_result) {
  pt2_tensor_t *self, *index;
  int64_t dim;
  char value[16] = {0};
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &self));
  PT2_TRY(pt2__boxed_int(boxed, 1, "dim", &dim));
  PT2_TRY(pt2__boxed_tensor(boxed, 2, "index", &index));
  PT2_TRY(pt2__boxed_element(boxed, 3, "value", self->dtype, value));
  return new_scatter(PT2__SCATTER_SET, self, dim, index, NULL, value,
                     out_result);
}

PT2_BOXED_OVERLOAD(scatter_value, "aten::scatter.value", 1,
                   scatter_value_by_name)
