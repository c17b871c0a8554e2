// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/kernels/quantized/qlinear.h"

#include <string.h>

#include "backends/cpu/kernels/matmul/gemm.h"
#include "backends/cpu/kernels/quantized/qgemm.h"
#include "backends/cpu/kernels/quantized/qscales.h"
#include "backends/cpu/kernels/quantized/requantize.h"

typedef struct {
  const pt2__quantized_args_t* args;
  pt2__quantized_t q;
  int64_t m, n, k;
  pt2__requantize_t finish;
  pt2__qscales_t scales;
  pt2_tensor_t* out;    // row-major [m, n]
  pt2_tensor_t* other;  // row-major [m, n], of float; NULL: none
} layer_t;

// ---- Integers --------------------------------------------------------------

static pt2_status_t multiply_integers(layer_t* layer) {
  const pt2_tensor_t* input = layer->args->input;
  const pt2__qgemm_weight_t* weight = NULL;
  pt2__qgemm_weight_t* owned = NULL;
  PT2_TRY(pt2__qgemm_weight_get(layer->args->weight, 0, &weight, &owned));
  pt2_tensor_t* x = NULL;
  pt2_status_t status = pt2__tensor_contiguous(input, &x);
  if (status == PT2_STATUS_OK) {
    layer->finish.weight_sums = weight->sums;
    const pt2__qgemm_t product = {
        .m = layer->m,
        .n = layer->n,
        .k = layer->k,
        .type = input->dtype == PT2_DTYPE_I8 ? PT2__QUAD_S8 : PT2__QUAD_U8,
        .a = x->data,
        .a_rs = layer->k,
        .panels = weight->panels,
        .reach = weight->reach,
        .column_sums = weight->sums,
        .finish_rows = pt2__requantize_sums,
        .finish_context = &layer->finish};
    status = pt2__qgemm(&product);
    pt2__tensor_release(x);
  }
  pt2__qgemm_weight_release(owned);
  return status;
}

// ---- Floating point of 8 bits ----------------------------------------------

typedef struct {
  pt2_tensor_t* x;
  pt2_tensor_t* weight;  // [n, k]
  pt2_tensor_t* y;
} f8_work_t;

static pt2_status_t widen_weight(const layer_t* layer, pt2_tensor_t** out) {
  const pt2_tensor_t* weight = layer->args->weight;
  pt2_tensor_t* view = NULL;
  const int64_t sizes[2] = {layer->n, layer->k};
  const int64_t strides[2] = {weight->strides[1], weight->strides[0]};
  PT2_TRY(pt2__tensor_view(weight, 2, sizes, strides, weight->storage_offset,
                           &view));
  pt2_status_t status = pt2__tensor_empty(PT2_DTYPE_F32, 2, sizes, NULL, out);
  if (status == PT2_STATUS_OK) {
    status = pt2__tensor_copy(*out, view);
  }
  pt2__tensor_release(view);
  return status;
}

static pt2_status_t multiply_f8(layer_t* layer, f8_work_t* work) {
  const int64_t sizes[2] = {layer->m, layer->n};
  PT2_TRY(pt2__tensor_empty_like(layer->args->input, PT2_DTYPE_F32, &work->x));
  PT2_TRY(pt2__tensor_copy(work->x, layer->args->input));
  pt2_tensor_t* dense = NULL;
  PT2_TRY(pt2__tensor_contiguous(work->x, &dense));
  pt2__tensor_release(work->x);
  work->x = dense;
  PT2_TRY(widen_weight(layer, &work->weight));
  PT2_TRY(pt2__tensor_empty(PT2_DTYPE_F32, 2, sizes, NULL, &work->y));
  pt2__qscales_apply(work->x->data, 1, layer->m * layer->k,
                     &layer->q.input_scale, 1);
  pt2__qscales_apply(work->weight->data, layer->n, layer->k,
                     layer->scales.weight, layer->n);
  const pt2__gemm_t gemm = {.dtype = PT2_DTYPE_F32,
                            .batch = 1,
                            .m = layer->m,
                            .n = layer->n,
                            .k = layer->k,
                            .alpha = 1,
                            .beta = 1,
                            .a = {work->x->data, 0, layer->k, 1},
                            .b = {work->weight->data, 0, 1, layer->k},
                            .source = {layer->scales.bias, 0, 0, 1},
                            .c = work->y->data,
                            .c_rs = layer->n,
                            .c_cs = 1};
  PT2_TRY(pt2__gemm(&gemm));
  int threads = pt2__op_threads(layer->m * layer->n * 4);
#pragma omp parallel for num_threads(threads) if (threads > 1)
  for (int64_t row = 0; row < layer->m; ++row) {
    pt2__requantize_values(&layer->finish,
                           (float*)work->y->data + row * layer->n, layer->n,
                           row, 0);
  }
  return PT2_STATUS_OK;
}

// ---- The call --------------------------------------------------------------

// |other| as the second operand of a matrix [m, n].
static pt2_status_t prepare_other(layer_t* layer) {
  const pt2_tensor_t* other = layer->args->other;
  int64_t columns = other->rank == 0 ? 1 : other->sizes[other->rank - 1];
  int64_t rows = columns == 0 ? 0 : other->numel / columns;
  PT2_OP_CHECK(
      (rows == layer->m || rows == 1) && (columns == layer->n || columns == 1),
      "the extra input is %lld x %lld, expected %lld x %lld", (long long)rows,
      (long long)columns, (long long)layer->m, (long long)layer->n);
  pt2_tensor_t* dense = NULL;
  PT2_TRY(pt2__tensor_to_contiguous(other, PT2_DTYPE_F32, &dense));
  const int64_t from[2] = {rows, columns};
  const int64_t sizes[2] = {layer->m, layer->n};
  pt2_tensor_t* matrix = NULL;
  pt2_status_t status =
      pt2__tensor_view(dense, 2, from, NULL, dense->storage_offset, &matrix);
  pt2__tensor_release(dense);
  PT2_TRY(status);
  if (rows == layer->m && columns == layer->n) {
    layer->other = matrix;
    return PT2_STATUS_OK;
  }
  status = pt2__tensor_empty(PT2_DTYPE_F32, 2, sizes, NULL, &layer->other);
  if (status == PT2_STATUS_OK) {
    status = pt2__tensor_copy(layer->other, matrix);
  }
  pt2__tensor_release(matrix);
  return status;
}

static pt2_status_t compute(layer_t* layer) {
  const pt2__quantized_args_t* args = layer->args;
  const pt2__quantized_t* q = &layer->q;
  PT2_TRY(pt2__qscales_make(args->weight_scales, args->bias, layer->n,
                            q->is_f8 ? 1 : q->input_scale, &layer->scales));
  pt2__requantize_t* finish = &layer->finish;
  finish->input_zero_point = q->input_zero_point;
  finish->scales = layer->scales.weight;
  finish->bias = layer->scales.bias;
  finish->scale = q->output_scale;
  finish->zero_point = q->output_zero_point;
  finish->dtype = q->dtype;
  finish->plain = q->is_f8;
  finish->out = layer->out->data;
  finish->row_stride = layer->n;
  finish->other_scale = 1;
  if (q->binary == PT2__QUANTIZED_SUM) {
    finish->other = finish->out;
    finish->other_dtype = q->dtype;
    finish->other_scale = q->other_scale;
    finish->other_zero_point = q->is_f8 ? 0 : (float)q->other_zero_point;
  } else if (q->binary == PT2__QUANTIZED_ADD) {
    // oneDNN adds the numbers as they are.
    PT2_TRY(prepare_other(layer));
    finish->other = layer->other->data;
    finish->other_dtype = PT2_DTYPE_F32;
    finish->other_scale = q->is_f8 ? q->other_scale : 1;
  }
  if (!q->is_f8) {
    return multiply_integers(layer);
  }
  f8_work_t work = {0};
  pt2_status_t status = multiply_f8(layer, &work);
  pt2__tensor_release(work.x);
  pt2__tensor_release(work.weight);
  pt2__tensor_release(work.y);
  return status;
}

static pt2_status_t check_sum(const layer_t* layer, int64_t rank,
                              const int64_t* sizes) {
  const pt2_tensor_t* other = layer->args->other;
  const int64_t flat[2] = {layer->m, layer->n};
  bool whole = other->rank == rank &&
               memcmp(other->sizes, sizes, sizeof(*sizes) * (size_t)rank) == 0;
  bool matrix =
      other->rank == 2 && memcmp(other->sizes, flat, sizeof(flat)) == 0;
  char have[128], want[128];
  PT2_OP_CHECK(whole || matrix, "the extra input has sizes %s, expected %s",
               pt2__sizes_format(other->rank, other->sizes, have, sizeof(have)),
               pt2__sizes_format(rank, sizes, want, sizeof(want)));
  PT2_OP_CHECK(!pt2__tensor_has_internal_overlap(other),
               "the extra input refers to an element more than once");
  return PT2_STATUS_OK;
}

// Where "sum" writes to: |other|'s memory, or a copy if that is not row-major.
static pt2_status_t run_sum(layer_t* layer, int64_t rank, const int64_t* sizes,
                            pt2_tensor_t** out_result) {
  pt2_tensor_t* other = layer->args->other;
  PT2_TRY(check_sum(layer, rank, sizes));
  PT2_TRY(pt2__tensor_contiguous(other, &layer->out));
  PT2_TRY(compute(layer));
  pt2_tensor_t* result = NULL;
  PT2_TRY(pt2__tensor_alias(other, &result));
  if (layer->out->data != other->data) {
    pt2_status_t status = pt2__tensor_copy(other, layer->out);
    if (status != PT2_STATUS_OK) {
      pt2__tensor_release(result);
      return status;
    }
  }
  *out_result = result;
  return PT2_STATUS_OK;
}

static pt2_status_t run(layer_t* layer, pt2_tensor_t** out_result) {
  const pt2_tensor_t* input = layer->args->input;
  int64_t sizes[PT2__MAX_RANK];
  memcpy(sizes, input->sizes, sizeof(*sizes) * (size_t)input->rank);
  sizes[input->rank - 1] = layer->n;
  if (layer->q.binary == PT2__QUANTIZED_SUM) {
    return run_sum(layer, input->rank, sizes, out_result);
  }
  const int64_t flat[2] = {layer->m, layer->n};
  // PyTorch leaves a result without elements a matrix.
  bool matrix = layer->m * layer->n == 0 && !layer->q.is_f8;
  PT2_TRY(pt2__tensor_empty(layer->q.dtype, matrix ? 2 : input->rank,
                            matrix ? flat : sizes, NULL, &layer->out));
  if (layer->m * layer->n > 0) {
    PT2_TRY(compute(layer));
  }
  *out_result = layer->out;
  layer->out = NULL;
  return PT2_STATUS_OK;
}

pt2_status_t pt2__qlinear(const pt2__quantized_args_t* args,
                          pt2_tensor_t** out_result) {
  layer_t layer = {.args = args};
  PT2_TRY(pt2__quantized_linear(args, &layer.q));
  PT2_TRY(pt2__pointwise_parse_unary(args->unary, args->scalars,
                                     args->scalar_count, args->algorithm,
                                     &layer.finish.pointwise));
  layer.k = args->weight->sizes[0];
  layer.n = args->weight->sizes[1];
  layer.m = args->input->numel / layer.k;
  pt2_status_t status = run(&layer, out_result);
  pt2__qscales_release(&layer.scales);
  pt2__tensor_release(layer.out);
  pt2__tensor_release(layer.other);
  return status;
}
