// SPDX-License-Identifier: Apache-2.0
//
// aten::_embedding_bag and aten::_embedding_bag_forward_only: sums, means or
// maxima of rows of a table.
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "backends/cpu/kernels/index/bag_sum.h"
#include "ops/op.h"

enum { MODE_SUM = 0, MODE_MEAN = 1, MODE_MAX = 2 };

typedef struct {
  int64_t mode;
  int64_t padding;  // the row that does not count, -1: none
  int64_t bags;
  int64_t width;
  int64_t count;  // indices
  const pt2_tensor_t* weight;
  const int64_t* indices;
  const int64_t* offsets;
  const pt2_tensor_t* scale;  // per sample, NULL: none
  pt2_tensor_t* output;
  pt2_tensor_t* offset2bag;
  pt2_tensor_t* bag_size;
  pt2_tensor_t* max_indices;
} bags_t;

static int64_t bag_end(const bags_t* b, int64_t bag, int64_t offset_count) {
  return bag + 1 < offset_count ? b->offsets[bag + 1] : b->count;
}

static void widen_row(const pt2_tensor_t* weight, int64_t row, double* target) {
  int64_t bytes = (int64_t)pt2_dtype_size_bytes(weight->dtype);
  const char* at = (const char*)weight->data + row * weight->strides[0] * bytes;
  int64_t step = weight->strides[1] * bytes;
  for (int64_t i = 0; i < weight->sizes[1]; ++i) {
    target[i] = pt2__element_get_f64(weight->dtype, at + i * step);
  }
}

// sum += row * factor in f32, without a detour where the row is f32.
static void add_row_f32(const pt2_tensor_t* weight, int64_t row, float factor,
                        float* sum) {
  int64_t width = weight->sizes[1], step = weight->strides[1];
  if (weight->dtype == PT2_DTYPE_F32) {
    const float* from = (const float*)weight->data + row * weight->strides[0];
    if (step == 1) {
      for (int64_t i = 0; i < width; ++i) {
        sum[i] += from[i] * factor;
      }
    } else {
      for (int64_t i = 0; i < width; ++i) {
        sum[i] += from[i * step] * factor;
      }
    }
    return;
  }
  const uint16_t* from =
      (const uint16_t*)weight->data + row * weight->strides[0];
  bool brain = weight->dtype == PT2_DTYPE_BF16;
  for (int64_t i = 0; i < width; ++i) {
    uint16_t bits = from[i * step];
    sum[i] += (brain ? pt2__bf16_to_f32(bits) : pt2__f16_to_f32(bits)) * factor;
  }
}

static float scale_at(const bags_t* b, int64_t i) {
  if (b->scale == NULL) {
    return 1.0f;
  }
  int64_t bytes = (int64_t)pt2_dtype_size_bytes(b->scale->dtype);
  return (float)pt2__element_get_f64(
      b->scale->dtype,
      (const char*)b->scale->data + i * b->scale->strides[0] * bytes);
}

// The same for a whole bag of rows that are f32 and side by side.
static int64_t sum_rows(const bags_t* b, int64_t first, int64_t last,
                        float* sum) {
  const pt2__bag_sum_t bag = {
      .table = b->weight->data,
      .stride = b->weight->strides[0],
      .width = b->width,
      .rows = b->indices,
      .row_count = b->count,
      .skipped = b->padding,
      .factors = b->scale != NULL ? b->scale->data : NULL,
      .factor_stride = b->scale != NULL ? b->scale->strides[0] : 0};
  return pt2__bag_sum(&bag, first, last, sum);
}

// One bag's sum or mean; |sum| is scratch of |width|.
static void sum_bag(const bags_t* b, int64_t bag, int64_t first, int64_t last,
                    float* sum) {
  int64_t size = 0;
  char* out = (char*)b->output->data +
              bag * b->width * (int64_t)pt2_dtype_size_bytes(b->output->dtype);
  bool wide = b->weight->dtype == PT2_DTYPE_F64;
  double* total = (double*)(void*)sum;
  double* row = total + b->width;
  if (b->weight->dtype == PT2_DTYPE_F32 && b->weight->strides[1] == 1) {
    size = sum_rows(b, first, last, sum);
    first = last;
  } else {
    memset(sum, 0, (wide ? sizeof(double) : sizeof(float)) * (size_t)b->width);
  }
  for (int64_t i = first; i < last; ++i) {
    if (b->indices[i] == b->padding) {
      continue;
    }
    ++size;
    if (!wide) {
      add_row_f32(b->weight, b->indices[i], scale_at(b, i), sum);
      continue;
    }
    double factor =
        b->scale != NULL
            ? ((const double*)b->scale->data)[i * b->scale->strides[0]]
            : 1.0;
    widen_row(b->weight, b->indices[i], row);
    for (int64_t j = 0; j < b->width; ++j) {
      total[j] += row[j] * factor;
    }
  }
  ((int64_t*)b->bag_size->data)[bag] = b->mode == MODE_MEAN ? size : 0;
  double divisor = b->mode == MODE_MEAN && size > 0 ? (double)size : 1.0;
  if (b->weight->dtype == PT2_DTYPE_F32 && divisor == 1 && b->width > 0) {
    memcpy(out, sum, sizeof(float) * (size_t)b->width);
    return;
  }
  for (int64_t j = 0; j < b->width; ++j) {
    if (wide) {
      ((double*)out)[j] = total[j] / divisor;
    } else if (b->weight->dtype == PT2_DTYPE_F32) {
      ((float*)out)[j] = sum[j] / (float)divisor;
    } else {
      pt2__element_set_f64(b->weight->dtype, out + 2 * j,
                           (double)(sum[j] / (float)divisor));
    }
  }
}

static void max_bag(const bags_t* b, int64_t bag, int64_t first, int64_t last,
                    double* row) {
  int64_t bytes = (int64_t)pt2_dtype_size_bytes(b->output->dtype);
  char* out = (char*)b->output->data + bag * b->width * bytes;
  int64_t* places = (int64_t*)b->max_indices->data + bag * b->width;
  double* best = row + b->width;
  int64_t size = 0;
  for (int64_t j = 0; j < b->width; ++j) {
    best[j] = 0;
    places[j] = 0;
  }
  for (int64_t i = first; i < last; ++i) {
    if (b->indices[i] == b->padding) {
      continue;
    }
    widen_row(b->weight, b->indices[i], row);
    for (int64_t j = 0; j < b->width; ++j) {
      if (size == 0 || row[j] > best[j]) {
        best[j] = row[j];
        places[j] = b->indices[i];
      }
    }
    ++size;
  }
  for (int64_t j = 0; j < b->width; ++j) {
    pt2__element_set_f64(b->output->dtype, out + j * bytes, best[j]);
  }
  ((int64_t*)b->bag_size->data)[bag] = size;
}

static pt2_status_t fill(const bags_t* b, int64_t offset_count) {
  int64_t* to_bag = b->offset2bag->numel > 0 ? b->offset2bag->data : NULL;
  size_t sizes_bytes = sizeof(int64_t) * (size_t)b->bag_size->numel;
  if (sizes_bytes > 0) {
    memset(b->bag_size->data, 0, sizes_bytes);
  }
  size_t bytes = sizeof(double) * 2 * (size_t)(b->width > 0 ? b->width : 1);
  void* scratch = pt2__pool_alloc(bytes);
  if (scratch == NULL) {
    return PT2_OUT_OF_MEMORY(bytes);
  }
  for (int64_t bag = 0; bag < b->bags; ++bag) {
    int64_t first = b->offsets[bag], last = bag_end(b, bag, offset_count);
    if (b->mode == MODE_MAX) {
      max_bag(b, bag, first, last, scratch);
    } else {
      sum_bag(b, bag, first, last, scratch);
    }
    for (int64_t i = first; to_bag != NULL && i < last; ++i) {
      to_bag[i] = bag;
    }
  }
  pt2__pool_free(scratch, bytes);
  if (b->mode != MODE_MAX && sizes_bytes > 0) {
    memcpy(b->max_indices->data, b->bag_size->data, sizes_bytes);
  }
  return PT2_STATUS_OK;
}

static pt2_status_t check_values(const bags_t* b, int64_t offset_count) {
  int64_t rows = b->weight->sizes[0];
  for (int64_t i = 0; i < b->count; ++i) {
    PT2_OP_CHECK(b->indices[i] >= 0 && b->indices[i] < rows,
                 "Index %" PRId64 " of input takes value %" PRId64
                 " which is not in the valid range [0, %" PRId64 ")",
                 i, b->indices[i], rows);
  }
  PT2_OP_CHECK(offset_count == 0 || b->offsets[0] == 0,
               "offsets[0] has to be 0, i.e., the first sequence in the "
               "mini-batch has to start from position 0. However, got "
               "%" PRId64,
               b->offsets[0]);
  for (int64_t i = 1; i < offset_count; ++i) {
    PT2_OP_CHECK(b->offsets[i] >= b->offsets[i - 1],
                 "offsets[%" PRId64 "] is %" PRId64 ", less than the %" PRId64
                 " before it",
                 i, b->offsets[i], b->offsets[i - 1]);
  }
  PT2_OP_CHECK(offset_count == 0 || b->offsets[offset_count - 1] <= b->count,
               "offsets[-1] can not be greater than input's length %" PRId64
               " but got offsets[-1] of %" PRId64,
               b->count, b->offsets[offset_count - 1]);
  return PT2_STATUS_OK;
}

static bool is_index(const pt2_tensor_t* tensor) {
  return tensor->rank == 1 &&
         (tensor->dtype == PT2_DTYPE_I64 || tensor->dtype == PT2_DTYPE_I32);
}

static pt2_status_t check(const pt2_tensor_t* weight,
                          const pt2_tensor_t* indices,
                          const pt2_tensor_t* offsets, int64_t mode,
                          const pt2_tensor_t* scale, bool include_last) {
  PT2_OP_CHECK_TENSOR(weight, "weight");
  PT2_OP_CHECK_TENSOR(indices, "indices");
  PT2_OP_CHECK_TENSOR(offsets, "offsets");
  int32_t dtype = weight->dtype;
  PT2_OP_CHECK(weight->rank == 2, "weight has %d dimensions, expected 2",
               (int)weight->rank);
  PT2_OP_CHECK(dtype == PT2_DTYPE_F32 || dtype == PT2_DTYPE_F64 ||
                   dtype == PT2_DTYPE_F16 || dtype == PT2_DTYPE_BF16,
               "Expected weight of a floating dtype, got %s",
               pt2__dtype_torch_name(dtype));
  PT2_OP_CHECK(is_index(indices), "indices must be a vector of Int or Long");
  PT2_OP_CHECK(is_index(offsets), "offsets must be a vector of Int or Long");
  PT2_OP_CHECK(mode >= MODE_SUM && mode <= MODE_MAX,
               "`mode` must be sum, mean, or max.");
  PT2_OP_CHECK(!include_last || offsets->numel >= 1,
               "include_last_offset: number of offsets should be at least 1");
  if (scale == NULL) {
    return PT2_STATUS_OK;
  }
  PT2_OP_CHECK_TENSOR(scale, "per_sample_weights");
  PT2_OP_CHECK(mode == MODE_SUM,
               "per_sample_weights only supported with mode='sum'");
  PT2_OP_CHECK(scale->dtype == dtype,
               "per_sample_weights is %s, expected %s as weight is",
               pt2__dtype_torch_name(scale->dtype),
               pt2__dtype_torch_name(dtype));
  PT2_OP_CHECK(scale->rank == 1 && scale->numel == indices->numel,
               "expected per_sample_weights of the same size as indices");
  return PT2_STATUS_OK;
}

// Where torch sums with a kernel of its own, it leaves offset2bag empty.
static bool leaves_offset2bag(const bags_t* b) {
  return b->mode == MODE_SUM && b->weight->dtype != PT2_DTYPE_F64 &&
         b->padding < 0 && b->weight->strides[1] == 1 &&
         (b->scale == NULL || b->scale->strides[0] == 1);
}

static pt2_status_t make_results(bags_t* b, int64_t offset_count,
                                 bool forward_only) {
  const int64_t output[2] = {b->bags, b->width};
  int64_t to_bag = leaves_offset2bag(b) ? 0 : b->count;
  // torch counts one bag more there than there is.
  int64_t sized = forward_only && b->mode == MODE_SUM ? offset_count : b->bags;
  PT2_TRY(pt2__tensor_empty(b->weight->dtype, 2, output, NULL, &b->output));
  PT2_TRY(pt2__tensor_empty(PT2_DTYPE_I64, 1, &to_bag, NULL, &b->offset2bag));
  PT2_TRY(pt2__tensor_empty(PT2_DTYPE_I64, 1, &sized, NULL, &b->bag_size));
  return b->mode == MODE_MAX ? pt2__tensor_empty(PT2_DTYPE_I64, 2, output, NULL,
                                                 &b->max_indices)
                             : pt2__tensor_empty(PT2_DTYPE_I64, 1, &sized, NULL,
                                                 &b->max_indices);
}

// torch's results other than the output have the dtype of the indices.
static pt2_status_t narrow_results(bags_t* b) {
  pt2_tensor_t** results[] = {&b->offset2bag, &b->bag_size, &b->max_indices};
  for (int i = 0; i < 3; ++i) {
    pt2_tensor_t* narrow;
    PT2_TRY(pt2__tensor_to_contiguous(*results[i], PT2_DTYPE_I32, &narrow));
    pt2__tensor_release(*results[i]);
    *results[i] = narrow;
  }
  return PT2_STATUS_OK;
}

static pt2_status_t embedding_bag(const pt2_tensor_t* weight,
                                  const pt2_tensor_t* indices,
                                  const pt2_tensor_t* offsets, int64_t mode,
                                  const pt2_tensor_t* scale, bool include_last,
                                  int64_t padding, bool forward_only,
                                  AtenTensorHandle* results[4]) {
  PT2_TRY(check(weight, indices, offsets, mode, scale, include_last));
  pt2_tensor_t *wide_indices = NULL, *wide_offsets = NULL;
  PT2_TRY(pt2__tensor_to_contiguous(indices, PT2_DTYPE_I64, &wide_indices));
  pt2_status_t status =
      pt2__tensor_to_contiguous(offsets, PT2_DTYPE_I64, &wide_offsets);
  bags_t b = {0};
  if (status == PT2_STATUS_OK) {
    b = (bags_t){.mode = mode,
                 .padding = padding,
                 .bags = offsets->numel - include_last,
                 .width = weight->sizes[1],
                 .count = indices->numel,
                 .weight = weight,
                 .indices = wide_indices->data,
                 .offsets = wide_offsets->data,
                 .scale = scale};
    status = check_values(&b, offsets->numel);
  }
  if (status == PT2_STATUS_OK) {
    status = make_results(&b, offsets->numel, forward_only);
  }
  if (status == PT2_STATUS_OK) {
    status = fill(&b, offsets->numel);
  }
  pt2__tensor_release(wide_indices);
  pt2__tensor_release(wide_offsets);
  if (status == PT2_STATUS_OK && indices->dtype == PT2_DTYPE_I32 &&
      offsets->dtype == PT2_DTYPE_I32) {
    status = narrow_results(&b);
  }
  pt2_tensor_t* made[4] = {b.output, b.offset2bag, b.bag_size, b.max_indices};
  for (int i = 0; i < 4; ++i) {
    if (status == PT2_STATUS_OK && results[i] != NULL) {
      *results[i] = made[i];
    } else {
      pt2__tensor_release(made[i]);
    }
  }
  return status;
}

// scale_grad_by_freq and sparse are about gradients.
AOTITorchError aoti_torch_cpu__embedding_bag(
    AtenTensorHandle weight, AtenTensorHandle indices, AtenTensorHandle offsets,
    int32_t scale_grad_by_freq, int64_t mode, int32_t sparse,
    AtenTensorHandle* per_sample_weights, int32_t include_last_offset,
    int64_t padding_idx, AtenTensorHandle* ret0, AtenTensorHandle* ret1,
    AtenTensorHandle* ret2, AtenTensorHandle* ret3) {
  (void)scale_grad_by_freq, (void)sparse;
  AtenTensorHandle* results[4] = {ret0, ret1, ret2, ret3};
  PT2_OP_RETURN(
      "aten::_embedding_bag",
      embedding_bag(weight, indices, offsets, mode,
                    per_sample_weights != NULL ? *per_sample_weights : NULL,
                    include_last_offset != 0, padding_idx, false, results));
}

AOTITorchError aoti_torch_cpu__embedding_bag_forward_only(
    AtenTensorHandle weight, AtenTensorHandle indices, AtenTensorHandle offsets,
    int32_t scale_grad_by_freq, int64_t mode, int32_t sparse,
    AtenTensorHandle* per_sample_weights, int32_t include_last_offset,
    int64_t padding_idx, AtenTensorHandle* ret0, AtenTensorHandle* ret1,
    AtenTensorHandle* ret2, AtenTensorHandle* ret3) {
  (void)scale_grad_by_freq, (void)sparse;
  AtenTensorHandle* results[4] = {ret0, ret1, ret2, ret3};
  PT2_OP_RETURN(
      "aten::_embedding_bag_forward_only",
      embedding_bag(weight, indices, offsets, mode,
                    per_sample_weights != NULL ? *per_sample_weights : NULL,
                    include_last_offset != 0, padding_idx, true, results));
}

// The older name takes the weights of samples without a pointer between.
AOTITorchError aoti_torch__embedding_bag(
    AtenTensorHandle weight, AtenTensorHandle indices, AtenTensorHandle offsets,
    int32_t scale_grad_by_freq, int32_t mode, int32_t sparse,
    AtenTensorHandle per_sample_weights, int32_t include_last_offset,
    int32_t padding_idx, AtenTensorHandle* ret0, AtenTensorHandle* ret1,
    AtenTensorHandle* ret2, AtenTensorHandle* ret3) {
  (void)scale_grad_by_freq, (void)sparse;
  AtenTensorHandle* results[4] = {ret0, ret1, ret2, ret3};
  PT2_OP_RETURN(
      "aten::_embedding_bag",
      embedding_bag(weight, indices, offsets, mode, per_sample_weights,
                    include_last_offset != 0, padding_idx, false, results));
}
