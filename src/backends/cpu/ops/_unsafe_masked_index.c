// SPDX-License-Identifier: Apache-2.0
//
// aten::_unsafe_masked_index and aten::_unsafe_masked_index_put_accumulate, by
// name: models call them for complex tensors. Where the mask is false an index
// may be anything: it is brought into its dimension.
#include "backends/cpu/kernels/index/index.h"
#include "ops/boxed.h"
#include "ops/mask.h"
#include "ops/view.h"

typedef struct {
  pt2_tensor_t *self, *mask;
  const pt2_tensor_t* indices[PT2__MAX_RANK];
  pt2_tensor_t* clamped[PT2__MAX_RANK];  // owned
  int64_t count;
} masked_t;

static void forget(masked_t* masked) {
  for (int64_t i = 0; i < masked->count; ++i) {
    pt2__tensor_release(masked->clamped[i]);
  }
}

static pt2_status_t clamp(const pt2_tensor_t* index, int64_t size,
                          pt2_tensor_t** out_clamped) {
  pt2_tensor_t* clamped;
  PT2_OP_CHECK(index->dtype == PT2_DTYPE_I64 || index->dtype == PT2_DTYPE_I32,
               "tensors used as indices must be long or int tensors, got %s",
               pt2__dtype_torch_name(index->dtype));
  PT2_TRY(pt2__tensor_empty(PT2_DTYPE_I64, index->rank, index->sizes, NULL,
                            &clamped));
  pt2_status_t status = pt2__tensor_copy(clamped, index);
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(clamped);
    return status;
  }
  int64_t* at = clamped->data;
  for (int64_t i = 0; i < clamped->numel; ++i) {
    at[i] = at[i] < -size ? -size : at[i] >= size ? size - 1 : at[i];
  }
  *out_clamped = clamped;
  return PT2_STATUS_OK;
}

// The first three arguments.
static pt2_status_t take(const pt2__boxed_t* boxed, masked_t* masked) {
  pt2_tensor_t* const* indices;
  int64_t count;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &masked->self));
  PT2_TRY(pt2__boxed_tensor(boxed, 1, "mask", &masked->mask));
  PT2_TRY(pt2__boxed_tensors(boxed, 2, "indices", &indices, &count));
  PT2_OP_CHECK(masked->mask->dtype == PT2_DTYPE_BOOL,
               "mask: expected a Bool tensor, got %s",
               pt2__dtype_torch_name(masked->mask->dtype));
  PT2_OP_CHECK(count <= masked->self->rank,
               "too many indices for tensor of dimension %d (got %lld)",
               (int)masked->self->rank, (long long)count);
  PT2_OP_CHECK(masked->self->numel > 0,
               "masked indexing of a tensor without elements");
  for (masked->count = 0; masked->count < count; ++masked->count) {
    int64_t i = masked->count;
    masked->clamped[i] = NULL;
    pt2_status_t status =
        indices[i] == NULL
            ? PT2_STATUS_OK
            : clamp(indices[i], masked->self->sizes[i], &masked->clamped[i]);
    if (status != PT2_STATUS_OK) {
      forget(masked);
      return status;
    }
    masked->indices[i] = masked->clamped[i];
  }
  return PT2_STATUS_OK;
}

static void set_strides(const pt2_tensor_t* tensor, int64_t* out_strides) {
  const int64_t bytes = (int64_t)pt2_dtype_size_bytes(tensor->dtype);
  for (int32_t d = 0; d < tensor->rank; ++d) {
    out_strides[d] = tensor->strides[d] * bytes;
  }
}

// Puts the number into |values| where |mask| is false.
static pt2_status_t fill_unmasked(pt2_tensor_t* values,
                                  const pt2_tensor_t* mask,
                                  const double* number) {
  pt2_tensor_t* spread;
  const size_t bytes = pt2_dtype_size_bytes(values->dtype);
  int64_t index[PT2__MAX_RANK] = {0}, place = 0;
  PT2_TRY(pt2__tensor_empty(PT2_DTYPE_BOOL, values->rank, values->sizes, NULL,
                            &spread));
  pt2_status_t status = pt2__view_copy_into(spread, mask);
  const bool* keep = spread->data;
  for (int64_t i = 0; status == PT2_STATUS_OK && i < values->numel; ++i) {
    if (!keep[i]) {
      pt2__element_set_complex(
          values->dtype, (char*)values->data + place * (int64_t)bytes, number);
    }
    for (int32_t d = values->rank - 1; d >= 0; --d) {
      place += values->strides[d];
      if (++index[d] < values->sizes[d]) {
        break;
      }
      place -= values->strides[d] * index[d];
      index[d] = 0;
    }
  }
  pt2__tensor_release(spread);
  return status;
}

// |values| where |mask| is true, of the sizes that both broadcast to; torch's
// is row-major.
static pt2_status_t choose(const pt2_tensor_t* values, const pt2_tensor_t* mask,
                           const double* number, pt2_tensor_t** out_result) {
  pt2_tensor_t *wide, *wide_mask, *result;
  PT2_TRY(pt2__mask_expand("mask", values, mask, &wide, &wide_mask));
  pt2_status_t status =
      pt2__tensor_empty(wide->dtype, wide->rank, wide->sizes, NULL, &result);
  if (status == PT2_STATUS_OK) {
    status = pt2__tensor_copy(result, wide);
    if (status == PT2_STATUS_OK) {
      status = fill_unmasked(result, wide_mask, number);
    }
    if (status != PT2_STATUS_OK) {
      pt2__tensor_release(result);
    } else {
      *out_result = result;
    }
  }
  pt2__tensor_release(wide);
  pt2__tensor_release(wide_mask);
  return status;
}

static pt2_status_t get(const masked_t* masked, const double* number,
                        pt2_tensor_t** out_result) {
  pt2__index_plan_t plan;
  pt2_tensor_t* result;
  int64_t strides[PT2__MAX_RANK];
  PT2_TRY(pt2__index_plan(masked->self, masked->indices, masked->count, &plan));
  pt2_status_t status = pt2__tensor_empty(
      masked->self->dtype, plan.rank, plan.sizes, plan.result_strides, &result);
  if (status == PT2_STATUS_OK) {
    set_strides(result, strides);
    pt2__index_run(PT2__INDEX_GET, &plan, result->dtype, masked->self->data,
                   result->data, strides);
    status = choose(result, masked->mask, number, out_result);
    pt2__tensor_release(result);
  }
  pt2__index_plan_free(&plan);
  return status;
}

// (Tensor self, Tensor mask, Tensor?[] indices, Scalar fill)
static pt2_status_t masked_index(const pt2__boxed_t* boxed,
                                 pt2_tensor_t** out_result) {
  masked_t masked;
  double number[2] = {0, 0};
  int32_t kind = PT2_DTYPE_UNDEFINED;
  PT2_TRY(pt2__boxed_scalar(boxed, 3, "fill", number, &kind));
  PT2_OP_CHECK(kind != PT2_DTYPE_UNDEFINED,
               "argument fill: expected a number, got nothing");
  PT2_TRY(take(boxed, &masked));
  pt2_status_t status = get(&masked, number, out_result);
  forget(&masked);
  return status;
}

PT2_BOXED_OP(_unsafe_masked_index, 1, masked_index)

// Adds |values|, row-major and with zeros where the mask is false.
static pt2_status_t add_dense(const masked_t* masked,
                              const pt2_tensor_t* values,
                              pt2_tensor_t* result) {
  pt2__index_plan_t plan;
  int64_t strides[PT2__MAX_RANK];
  PT2_TRY(pt2__index_plan(result, masked->indices, masked->count, &plan));
  pt2_status_t status = pt2__index_value_strides(&plan, values, strides);
  if (status == PT2_STATUS_OK) {
    pt2__index_run(PT2__INDEX_ADD, &plan, result->dtype, result->data,
                   values->data, strides);
  }
  pt2__index_plan_free(&plan);
  return status;
}

static pt2_status_t add(const masked_t* masked, const pt2_tensor_t* values,
                        pt2_tensor_t** out_result) {
  static const double zero[2] = {0, 0};
  pt2_tensor_t *dense, *result;
  PT2_OP_CHECK(values->dtype == masked->self->dtype,
               "Index put requires the source and destination dtypes match, "
               "got %s for the destination and %s for the source",
               pt2__dtype_torch_name(masked->self->dtype),
               pt2__dtype_torch_name(values->dtype));
  PT2_TRY(pt2__tensor_empty(values->dtype, values->rank, values->sizes, NULL,
                            &dense));
  pt2_status_t status = pt2__tensor_copy(dense, values);
  if (status == PT2_STATUS_OK) {
    status = fill_unmasked(dense, masked->mask, zero);
  }
  if (status == PT2_STATUS_OK) {
    status = pt2__tensor_empty_like(masked->self, values->dtype, &result);
  }
  if (status == PT2_STATUS_OK) {
    status = pt2__tensor_copy(result, masked->self);
    if (status == PT2_STATUS_OK) {
      status = add_dense(masked, dense, result);
    }
    if (status == PT2_STATUS_OK) {
      *out_result = result;
    } else {
      pt2__tensor_release(result);
    }
  }
  pt2__tensor_release(dense);
  return status;
}

// (Tensor self, Tensor mask, Tensor?[] indices, Tensor values)
static pt2_status_t masked_put(const pt2__boxed_t* boxed,
                               pt2_tensor_t** out_result) {
  masked_t masked;
  pt2_tensor_t* values;
  PT2_TRY(pt2__boxed_tensor(boxed, 3, "values", &values));
  PT2_TRY(take(boxed, &masked));
  pt2_status_t status = add(&masked, values, out_result);
  forget(&masked);
  return status;
}

PT2_BOXED_OP(_unsafe_masked_index_put_accumulate, 1, masked_put)
