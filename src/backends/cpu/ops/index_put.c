// SPDX-License-Identifier: Apache-2.0
//
// aten::index_put and its out form, which models use in place as well.
//
// All indices are checked before anything is written. Values that share memory
// with the result, which torch refuses, are read first.
#include "backends/cpu/kernels/index/index.h"
#include "ops/boxed.h"

// self[indices] = values, or += values.
static pt2_status_t put(pt2_tensor_t* self, const pt2_tensor_t* const* indices,
                        int64_t count, const pt2_tensor_t* values,
                        bool accumulate) {
  PT2_OP_CHECK_TENSOR(values, "values");
  PT2_OP_CHECK(values->dtype == self->dtype,
               "Index put requires the source and destination dtypes match, "
               "got %s for the destination and %s for the source",
               pt2__dtype_torch_name(self->dtype),
               pt2__dtype_torch_name(values->dtype));
  PT2_OP_CHECK(!accumulate || (pt2_dtype_size_bytes(self->dtype) > 1) ||
                   pt2__dtype_is_integral(self->dtype, true),
               "\"index_put\" with accumulate is not implemented for '%s'",
               pt2__dtype_torch_name(self->dtype));
  pt2__index_plan_t plan;
  PT2_TRY(pt2__index_plan(self, indices, count, &plan));
  pt2_tensor_t* read = NULL;
  int64_t strides[PT2__MAX_RANK];
  pt2_status_t status = pt2__index_value_strides(&plan, values, strides);
  if (status == PT2_STATUS_OK && pt2__op_memory_meets(values, self)) {
    status = pt2__tensor_empty(values->dtype, values->rank, values->sizes, NULL,
                               &read);
    if (status == PT2_STATUS_OK) {
      status = pt2__tensor_copy(read, values);
      values = read;
    }
    if (status == PT2_STATUS_OK) {
      status = pt2__index_value_strides(&plan, values, strides);
    }
  }
  if (status == PT2_STATUS_OK) {
    pt2__index_run(accumulate ? PT2__INDEX_ADD : PT2__INDEX_PUT, &plan,
                   self->dtype, self->data, values->data, strides);
  }
  pt2__tensor_release(read);
  pt2__index_plan_free(&plan);
  return status;
}

// The same elements, by whatever handles.
static bool same_view(const pt2_tensor_t* a, const pt2_tensor_t* b) {
  bool same = a->data == b->data && a->rank == b->rank && a->dtype == b->dtype;
  for (int32_t d = 0; same && d < a->rank; ++d) {
    same = a->sizes[d] == b->sizes[d] && a->strides[d] == b->strides[d];
  }
  return same;
}

static pt2_status_t put_out(pt2_tensor_t* out, const pt2_tensor_t* self,
                            const pt2_tensor_t* const* indices, int64_t count,
                            const pt2_tensor_t* values, bool accumulate) {
  PT2_OP_CHECK_TENSOR(out, "out");
  PT2_OP_CHECK_TENSOR(self, "self");
  if (same_view(out, self)) {
    return put(out, indices, count, values, accumulate);
  }
  PT2_OP_CHECK(out->dtype == self->dtype, "out is %s, expected %s",
               pt2__dtype_torch_name(out->dtype),
               pt2__dtype_torch_name(self->dtype));
  PT2_OP_CHECK(out->rank == self->rank, "out has %d dimensions, expected %d",
               (int)out->rank, (int)self->rank);
  for (int32_t d = 0; d < self->rank; ++d) {
    PT2_OP_CHECK(out->sizes[d] == self->sizes[d],
                 "out dim %d: expected %lld, got %lld", (int)d,
                 (long long)self->sizes[d], (long long)out->sizes[d]);
  }
  // Into a copy first, so that |out| is untouched by what fails.
  pt2_tensor_t* copy;
  PT2_TRY(pt2__tensor_empty_like(self, self->dtype, &copy));
  pt2_status_t status = pt2__tensor_copy(copy, self);
  if (status == PT2_STATUS_OK) {
    status = put(copy, indices, count, values, accumulate);
  }
  if (status == PT2_STATUS_OK) {
    status = pt2__tensor_copy(out, copy);
  }
  pt2__tensor_release(copy);
  return status;
}

static pt2_status_t put_new(const pt2_tensor_t* self,
                            const AtenTensorHandle** handles, int64_t count,
                            const pt2_tensor_t* values, bool accumulate,
                            AtenTensorHandle* ret0) {
  PT2_OP_CHECK_TENSOR(self, "self");
  PT2_OP_CHECK(count >= 0 && count <= PT2__MAX_RANK,
               "too many indices for tensor of dimension %d (got %lld)",
               (int)self->rank, (long long)count);
  const pt2_tensor_t* indices[PT2__MAX_RANK];
  for (int64_t i = 0; i < count; ++i) {
    indices[i] = handles[i] != NULL ? *handles[i] : NULL;
  }
  pt2_tensor_t* result;
  PT2_TRY(pt2__tensor_empty_like(self, self->dtype, &result));
  pt2_status_t status = pt2__tensor_copy(result, self);
  if (status == PT2_STATUS_OK) {
    status = put(result, indices, count, values, accumulate);
  }
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(result);
    return status;
  }
  *ret0 = result;
  return PT2_STATUS_OK;
}

AOTITorchError aoti_torch_index_put_out(AtenTensorHandle out,
                                        AtenTensorHandle self,
                                        const AtenTensorHandle* indices,
                                        const uint32_t num_indices,
                                        const AtenTensorHandle values,
                                        bool accumulate) {
  PT2_OP_RETURN("aten::index_put.out",
                put_out(out, self, (const pt2_tensor_t* const*)indices,
                        num_indices, values, accumulate));
}

AOTITorchError aoti_torch_cpu_index_put(AtenTensorHandle self,
                                        const AtenTensorHandle** indices,
                                        int64_t indices_len,
                                        AtenTensorHandle values,
                                        int32_t accumulate,
                                        AtenTensorHandle* ret0) {
  PT2_OP_RETURN("aten::index_put", put_new(self, indices, indices_len, values,
                                           accumulate != 0, ret0));
}

// ---- By name, which models do for complex tensors --------------------------

// (Tensor(a!) self, Tensor?[] indices, Tensor values, bool accumulate) ->
// Tensor(a!)
static pt2_status_t put_in_place(const pt2__boxed_t* boxed,
                                 pt2_tensor_t** out_result) {
  pt2_tensor_t *self, *values, *result;
  pt2_tensor_t* const* found;
  int64_t count;
  bool accumulate = false;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &self));
  PT2_TRY(pt2__boxed_tensors(boxed, 1, "indices", &found, &count));
  PT2_TRY(pt2__boxed_tensor(boxed, 2, "values", &values));
  PT2_TRY(pt2__boxed_bool(boxed, 3, "accumulate", &accumulate));
  PT2_TRY(pt2__tensor_alias(self, &result));
  pt2_status_t status =
      put(self, (const pt2_tensor_t* const*)found, count, values, accumulate);
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(result);
    return status;
  }
  *out_result = result;
  return PT2_STATUS_OK;
}

PT2_BOXED_OP(index_put_, 1, put_in_place)
