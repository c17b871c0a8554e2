// SPDX-License-Identifier: Apache-2.0
//
// aten::_embedding_bag_per_sample_weights_backward: for each index the product
// of its row of the table with its bag's gradient.
#include "backends/cpu/kernels/reduce/rows.h"
#include "ops/embedding.h"

typedef struct {
  const pt2_tensor_t* gradient;
  const pt2_tensor_t* weight;
  const int64_t* indices;
  const int64_t* bags;
  int64_t count;
  int64_t padding;
} call_t;

// Rows of the table that are fetched before they are wanted, and their bytes at
// most: they lie anywhere, and the CPU finds what follows by itself.
#define AHEAD 8
#define FETCHED_BYTES 1024
#define LINE_BYTES 64

static void fetch_ahead(const call_t* c, int64_t i, int64_t row_bytes) {
  if (i + AHEAD < c->count) {
    const char* row =
        (const char*)c->weight->data + c->indices[i + AHEAD] * row_bytes;
    for (int64_t at = 0; at < row_bytes && at < FETCHED_BYTES;
         at += LINE_BYTES) {
      __builtin_prefetch(row + at);
    }
  }
}

static void dot_rows(const call_t* c, int32_t dtype, void* out) {
  int64_t width = c->weight->sizes[1];
  int threads = pt2__op_threads(c->count * width);
  const pt2__rows_t* rows = pt2__rows();
  int64_t row_bytes = width * (int64_t)pt2_dtype_size_bytes(dtype);
#pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1)
  for (int64_t i = 0; i < c->count; ++i) {
    fetch_ahead(c, i, row_bytes);
    bool skipped = c->indices[i] == c->padding;
    int64_t a = c->bags[i] * width, b = c->indices[i] * width;
    if (dtype == PT2_DTYPE_F64) {
      ((double*)out)[i] =
          skipped ? 0
                  : rows->dot_f64((const double*)c->gradient->data + a,
                                  (const double*)c->weight->data + b, width);
    } else {
      ((float*)out)[i] =
          skipped ? 0
                  : rows->dot_f32((const float*)c->gradient->data + a,
                                  (const float*)c->weight->data + b, width);
    }
  }
}

// What a call reads as row-major copies, floats for the 16-bit types.
typedef struct {
  pt2_tensor_t *gradient, *weight, *indices, *bags, *computed;
} reads_t;

static pt2_status_t run(const pt2_tensor_t* gradient,
                        const pt2_tensor_t* weight, const pt2_tensor_t* indices,
                        const pt2_tensor_t* offsets, const pt2_tensor_t* bags,
                        int64_t padding, reads_t* r, pt2_tensor_t* result) {
  int32_t dtype =
      gradient->dtype == PT2_DTYPE_F64 ? PT2_DTYPE_F64 : PT2_DTYPE_F32;
  PT2_TRY(pt2__embedding_read_indices(indices, "indices", weight->sizes[0],
                                      &r->indices));
  if (bags->numel == 0) {
    PT2_TRY(pt2__embedding_find_bags(offsets, indices->numel, &r->bags));
    pt2_tensor_t* found = r->bags;
    r->bags = NULL;
    pt2_status_t status = pt2__embedding_read_indices(
        found, "offsets", gradient->sizes[0], &r->bags);
    pt2__tensor_release(found);
    PT2_TRY(status);
  } else {
    PT2_TRY(pt2__embedding_read_indices(bags, "offset2bag", gradient->sizes[0],
                                        &r->bags));
  }
  PT2_TRY(pt2__tensor_to_contiguous(gradient, dtype, &r->gradient));
  PT2_TRY(pt2__tensor_to_contiguous(weight, dtype, &r->weight));
  PT2_TRY(pt2__tensor_empty(dtype, 1, result->sizes, NULL, &r->computed));
  const call_t call = {.gradient = r->gradient,
                       .weight = r->weight,
                       .indices = r->indices->data,
                       .bags = r->bags->data,
                       .count = result->numel,
                       .padding = padding};
  dot_rows(&call, dtype, r->computed->data);
  return pt2__tensor_copy(result, r->computed);
}

static pt2_status_t check(const pt2_tensor_t* gradient,
                          const pt2_tensor_t* weight,
                          const pt2_tensor_t* indices,
                          const pt2_tensor_t* offsets, const pt2_tensor_t* bags,
                          int64_t mode) {
  PT2_TRY(pt2__embedding_check_matrix(gradient, "grad"));
  PT2_TRY(pt2__embedding_check_matrix(weight, "weight"));
  PT2_TRY(pt2__embedding_check_indices(indices, "indices"));
  PT2_TRY(pt2__embedding_check_indices(offsets, "offsets"));
  PT2_TRY(pt2__embedding_check_indices(bags, "offset2bag"));
  PT2_OP_CHECK(mode == PT2__BAG_SUM,
               "per_sample_weights only supported for mode='sum'");
  PT2_OP_CHECK(weight->dtype == gradient->dtype,
               "weight is %s, expected %s as grad is",
               pt2__dtype_torch_name(weight->dtype),
               pt2__dtype_torch_name(gradient->dtype));
  PT2_OP_CHECK(weight->sizes[1] == gradient->sizes[1],
               "weight dim 1: expected %lld as grad has, got %lld",
               (long long)gradient->sizes[1], (long long)weight->sizes[1]);
  PT2_OP_CHECK(bags->numel == 0 || bags->numel == indices->numel,
               "offset2bag has %lld values, expected %lld as indices has",
               (long long)bags->numel, (long long)indices->numel);
  return PT2_STATUS_OK;
}

static pt2_status_t backward(const pt2_tensor_t* gradient,
                             const pt2_tensor_t* weight,
                             const pt2_tensor_t* indices,
                             const pt2_tensor_t* offsets,
                             const pt2_tensor_t* bags, int64_t mode,
                             int64_t padding, pt2_tensor_t** out_result) {
  PT2_TRY(check(gradient, weight, indices, offsets, bags, mode));
  pt2_tensor_t* result = NULL;
  PT2_TRY(pt2__tensor_empty(gradient->dtype, 1, indices->sizes, NULL, &result));
  reads_t r = {0};
  pt2_status_t status =
      run(gradient, weight, indices, offsets, bags, padding, &r, result);
  pt2__tensor_release(r.gradient);
  pt2__tensor_release(r.weight);
  pt2__tensor_release(r.indices);
  pt2__tensor_release(r.bags);
  pt2__tensor_release(r.computed);
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(result);
    return status;
  }
  *out_result = result;
  return PT2_STATUS_OK;
}

AOTITorchError aoti_torch_cpu__embedding_bag_per_sample_weights_backward(
    AtenTensorHandle grad, AtenTensorHandle weight, AtenTensorHandle indices,
    AtenTensorHandle offsets, AtenTensorHandle offset2bag, int64_t mode,
    int64_t padding_idx, AtenTensorHandle* ret0) {
  PT2_OP_RETURN("aten::_embedding_bag_per_sample_weights_backward",
                backward(grad, weight, indices, offsets, offset2bag, mode,
                         padding_idx, ret0));
}
