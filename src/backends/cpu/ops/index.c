// SPDX-License-Identifier: Apache-2.0
//
// aten::index.Tensor.
#include "backends/cpu/kernels/index/index.h"
#include "ops/boxed.h"

static pt2_status_t gather(const pt2_tensor_t* self,
                           const pt2_tensor_t* const* indices, int64_t count,
                           AtenTensorHandle* ret0) {
  pt2__index_plan_t plan;
  PT2_TRY(pt2__index_plan(self, indices, count, &plan));
  pt2_tensor_t* result;
  pt2_status_t status = pt2__tensor_empty(self->dtype, plan.rank, plan.sizes,
                                          plan.result_strides, &result);
  if (status == PT2_STATUS_OK) {
    int64_t bytes = (int64_t)pt2_dtype_size_bytes(self->dtype);
    int64_t strides[PT2__MAX_RANK];
    for (int64_t d = 0; d < plan.rank; ++d) {
      strides[d] = result->strides[d] * bytes;
    }
    pt2__index_run(PT2__INDEX_GET, &plan, self->dtype, self->data, result->data,
                   strides);
    *ret0 = result;
  }
  pt2__index_plan_free(&plan);
  return status;
}

static pt2_status_t index_tensor(const pt2_tensor_t* self,
                                 const AtenTensorHandle** handles,
                                 int64_t count, AtenTensorHandle* ret0) {
  PT2_OP_CHECK_TENSOR(self, "self");
  PT2_OP_CHECK(count >= 0 && count <= PT2__MAX_RANK,
               "too many indices for tensor of dimension %d (got %lld)",
               (int)self->rank, (long long)count);
  const pt2_tensor_t* indices[PT2__MAX_RANK];
  for (int64_t i = 0; i < count; ++i) {
    indices[i] = handles[i] != NULL ? *handles[i] : NULL;
  }
  return gather(self, indices, count, ret0);
}

AOTITorchError aoti_torch_cpu_index_Tensor(AtenTensorHandle self,
                                           const AtenTensorHandle** indices,
                                           int64_t indices_len,
                                           AtenTensorHandle* ret0) {
  PT2_OP_RETURN("aten::index.Tensor",
                index_tensor(self, indices, indices_len, ret0));
}

// ---- By name, which models do for complex tensors --------------------------

// (Tensor self, Tensor?[] indices)
static pt2_status_t by_name(const pt2__boxed_t* boxed,
                            pt2_tensor_t** out_result) {
  pt2_tensor_t* self;
  pt2_tensor_t* const* found;
  int64_t count;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &self));
  PT2_TRY(pt2__boxed_tensors(boxed, 1, "indices", &found, &count));
  PT2_OP_CHECK(count <= PT2__MAX_RANK,
               "too many indices for tensor of dimension %d (got %lld)",
               (int)self->rank, (long long)count);
  const pt2_tensor_t* indices[PT2__MAX_RANK];
  for (int64_t i = 0; i < count; ++i) {
    indices[i] = found[i];
  }
  return gather(self, indices, count, out_result);
}

PT2_BOXED_OVERLOAD(unsafe_index, "aten::_unsafe_index.Tensor", 1, by_name)
