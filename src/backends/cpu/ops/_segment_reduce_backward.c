// SPDX-License-Identifier: Apache-2.0
//
// aten::_segment_reduce_backward. f16 and bf16 are rounded at each step, as in
// torch.
#include <math.h>
#include <string.h>

#include "ops/segment.h"

#define INLINE static inline __attribute__((always_inline))

// Columns of a segment that are gone through together for its extremes.
#define COLUMNS 16

// One column of a segment: |count| elements |step| apart; |width| of them for
// an extreme. Of a sum or mean, whose rows are all the same, only the first
// element is written.
typedef struct {
  pt2__scatter_t kind;
  const void* data;
  void* grad_data;  // zeros
  int64_t count;
  int64_t step;
  int64_t width;
  double initial;
  const void* grad;    // an element of each column
  const void* output;  // likewise
} column_t;

// Several side by side at a time.
static bool takes_columns(pt2__scatter_t kind) {
  return kind == PT2__SCATTER_MAX || kind == PT2__SCATTER_MIN;
}

typedef void (*column_fn)(const column_t* column);

#define SAME(x) (x)

// The gradient goes to what is the extreme, in equal shares if several are; as
// in torch, a gradient that is not positive is not shared. |mask_t| is as wide
// as |real|.
#define EXTREME(name, type, real, mask_t, LOAD, STORE)                      \
  static void share_##name(const column_t* column, int64_t at) {            \
    const type* data = (const type*)column->data + at;                      \
    type* to = (type*)column->grad_data + at;                               \
    const real extreme = LOAD(((const type*)column->output)[at]);           \
    int64_t shares = 0;                                                     \
    for (int64_t i = 0; i < column->count; ++i) {                           \
      real here = LOAD(data[i * column->step]);                             \
      shares += (here != here) | (here == extreme);                         \
    }                                                                       \
    for (int64_t i = 0; i < column->count; ++i) {                           \
      real here = LOAD(to[i * column->step]);                               \
      if (here > 0) {                                                       \
        to[i * column->step] = STORE(here / LOAD(STORE((real)shares)));     \
      }                                                                     \
    }                                                                       \
  }                                                                         \
  INLINE void columns_##name(const column_t* column, const int64_t width) { \
    mask_t shares[COLUMNS] = {0};                                           \
    real extreme[COLUMNS];                                                  \
    type grads[COLUMNS];                                                    \
    for (int64_t j = 0; j < width; ++j) {                                   \
      extreme[j] = LOAD(((const type*)column->output)[j]);                  \
      grads[j] = ((const type*)column->grad)[j];                            \
    }                                                                       \
    for (int64_t i = 0; i < column->count; ++i) {                           \
      const type* restrict from =                                           \
          (const type*)column->data + i * column->step;                     \
      type* restrict to = (type*)column->grad_data + i * column->step;      \
      _Pragma("omp simd") for (int64_t j = 0; j < width; ++j) {             \
        const real here = LOAD(from[j]);                                    \
        const mask_t is_it = (here != here) | (here == extreme[j]);         \
        to[j] = is_it ? grads[j] : 0;                                       \
        shares[j] += is_it;                                                 \
      }                                                                     \
    }                                                                       \
    for (int64_t j = 0; j < width; ++j) {                                   \
      if (shares[j] > 1 || column->count > INT32_MAX) {                     \
        share_##name(column, j);                                            \
      }                                                                     \
    }                                                                       \
  }                                                                         \
  static void name(const column_t* column) {                                \
    if (column->width == 1) {                                               \
      columns_##name(column, 1);                                            \
    } else if (column->width == COLUMNS) {                                  \
      columns_##name(column, COLUMNS);                                      \
    } else {                                                                \
      columns_##name(column, column->width);                                \
    }                                                                       \
  }

// Where an element is 0 or NaN the others' product is taken.
#define PRODUCT(name, type, real, LOAD, STORE)                                 \
  static void name(const column_t* column) {                                   \
    const type* data = column->data;                                           \
    type* to = column->grad_data;                                              \
    int64_t step = column->step;                                               \
    real grad = LOAD(*(const type*)column->grad);                              \
    real all = LOAD(STORE(grad * LOAD(*(const type*)column->output)));         \
    for (int64_t i = 0; i < column->count; ++i) {                              \
      real here = LOAD(data[i * step]);                                        \
      if (here == here && here != 0) {                                         \
        to[i * step] = STORE(all / here);                                      \
        continue;                                                              \
      }                                                                        \
      real others = LOAD(STORE((real)column->initial));                        \
      for (int64_t k = 0; k < column->count; ++k) {                            \
        others = k == i ? others : LOAD(STORE(others * LOAD(data[k * step]))); \
      }                                                                        \
      to[i * step] = STORE(grad * others);                                     \
    }                                                                          \
  }

#define COLUMN(suffix, type, real, mask_t, LOAD, STORE)              \
  EXTREME(extreme_##suffix, type, real, mask_t, LOAD, STORE)         \
  PRODUCT(product_##suffix, type, real, LOAD, STORE)                 \
  static void column_##suffix(const column_t* column) {              \
    if (column->kind == PT2__SCATTER_PRODUCT) {                      \
      product_##suffix(column);                                      \
      return;                                                        \
    }                                                                \
    if (takes_columns(column->kind)) {                               \
      extreme_##suffix(column);                                      \
      return;                                                        \
    }                                                                \
    type share = *(const type*)column->grad;                         \
    if (column->kind == PT2__SCATTER_MEAN) {                         \
      share = STORE(LOAD(share) / LOAD(STORE((real)column->count))); \
    }                                                                \
    int64_t written = column->step > 1 ? 1 : column->count;          \
    for (int64_t i = 0; i < written; ++i) {                          \
      ((type*)column->grad_data)[i] = share;                         \
    }                                                                \
  }

COLUMN(f32, float, float, int32_t, SAME, SAME)
COLUMN(f64, double, double, int64_t, SAME, SAME)
COLUMN(f16, uint16_t, float, int32_t, pt2__f16_to_f32, pt2__f32_to_f16)
COLUMN(bf16, uint16_t, float, int32_t, pt2__bf16_to_f32, pt2__f32_to_bf16)

static column_fn choose(int32_t dtype) {
  switch (dtype) {
    case PT2_DTYPE_F16:
      return column_f16;
    case PT2_DTYPE_BF16:
      return column_bf16;
    case PT2_DTYPE_F32:
      return column_f32;
    case PT2_DTYPE_F64:
      return column_f64;
    default:
      return NULL;
  }
}

typedef struct {
  const pt2__segments_t* segments;
  column_fn function;
  int64_t bytes;
  double initial;
} run_t;

// |grad|, |output| and |data| are row-major, |result| is all zeros.
static void run(const run_t* run, const char* grad, const char* output,
                const char* data, char* result, int threads) {
  const pt2__segments_t* segments = run->segments;
  int64_t inner = segments->inner, bytes = run->bytes;
  int64_t tasks = segments->outer * segments->segments;
  const int64_t most = takes_columns(segments->kind) ? COLUMNS : 1;
#pragma omp parallel for num_threads(threads) if (threads > 1)
  for (int64_t t = 0; t < tasks; ++t) {
    int64_t o = t / segments->segments, s = t % segments->segments;
    const int64_t* offsets =
        segments->offsets + o * (segments->segments + 1) + s;
    int64_t first = (o * segments->length + offsets[0]) * inner;
    for (int64_t j = 0; j < inner && offsets[0] < offsets[1]; j += most) {
      const column_t column = {.kind = segments->kind,
                               .data = data + (first + j) * bytes,
                               .grad_data = result + (first + j) * bytes,
                               .count = offsets[1] - offsets[0],
                               .step = inner,
                               .width = inner - j < most ? inner - j : most,
                               .initial = run->initial,
                               .grad = grad + (t * inner + j) * bytes,
                               .output = output + (t * inner + j) * bytes};
      run->function(&column);
    }
    if (inner > 1 && (segments->kind == PT2__SCATTER_SUM ||
                      segments->kind == PT2__SCATTER_MEAN)) {
      const char* row = result + first * bytes;
      for (int64_t r = offsets[0] + 1; r < offsets[1]; ++r) {
        memcpy(result + (o * segments->length + r) * inner * bytes, row,
               (size_t)(inner * bytes));
      }
    }
  }
}

// What has the sizes of the forward result.
static pt2_status_t check_result(const pt2_tensor_t* tensor, const char* name,
                                 const pt2_tensor_t* data,
                                 const pt2__segments_t* segments) {
  PT2_OP_CHECK_TENSOR(tensor, name);
  PT2_OP_CHECK(tensor->dtype == data->dtype,
               "expected scalar type %s for %s but found %s",
               pt2__dtype_torch_name(data->dtype), name,
               pt2__dtype_torch_name(tensor->dtype));
  bool match = tensor->rank == data->rank;
  for (int32_t d = 0; match && d < data->rank; ++d) {
    int64_t size = d == segments->axis ? segments->segments : data->sizes[d];
    match = tensor->sizes[d] == size;
  }
  char text[128];
  PT2_OP_CHECK(
      match,
      "%s has sizes %s, which are not those of data with %lld "
      "segments in dimension %lld",
      name, pt2__sizes_format(tensor->rank, tensor->sizes, text, sizeof(text)),
      (long long)segments->segments, (long long)segments->axis);
  return PT2_STATUS_OK;
}

static pt2_status_t with_data(const run_t* task, const pt2_tensor_t* grad,
                              const pt2_tensor_t* output,
                              const pt2_tensor_t* data, pt2_tensor_t* result) {
  memset(result->data, 0, (size_t)(result->numel * task->bytes));
  if (grad->numel == 0) {
    return PT2_STATUS_OK;
  }
  pt2_tensor_t *dense_grad, *dense_output = NULL, *dense_data = NULL;
  PT2_TRY(pt2__tensor_contiguous(grad, &dense_grad));
  pt2_status_t status = pt2__tensor_contiguous(output, &dense_output);
  if (status == PT2_STATUS_OK) {
    status = pt2__tensor_contiguous(data, &dense_data);
  }
  if (status == PT2_STATUS_OK) {
    run(task, dense_grad->data, dense_output->data, dense_data->data,
        result->data, pt2__op_threads(data->numel * 2));
  }
  pt2__tensor_release(dense_data);
  pt2__tensor_release(dense_output);
  pt2__tensor_release(dense_grad);
  return status;
}

static pt2_status_t with_segments(const pt2__segments_t* segments,
                                  const pt2_tensor_t* grad,
                                  const pt2_tensor_t* output,
                                  const pt2_tensor_t* data,
                                  const double* initial,
                                  AtenTensorHandle* ret0) {
  PT2_TRY(check_result(grad, "grad", data, segments));
  PT2_TRY(check_result(output, "output", data, segments));
  const run_t task = {.segments = segments,
                      .function = choose(data->dtype),
                      .bytes = (int64_t)pt2_dtype_size_bytes(data->dtype),
                      .initial = initial != NULL ? *initial : 1};
  PT2_OP_CHECK(task.function != NULL,
               "\"_segment_reduce_cpu\" not implemented for '%s'",
               pt2__dtype_torch_name(data->dtype));
  pt2_tensor_t* result;
  PT2_TRY(
      pt2__tensor_empty(data->dtype, data->rank, data->sizes, NULL, &result));
  pt2_status_t status = PT2_STATUS_OK;
  if (result->numel > 0) {
    status = with_data(&task, grad, output, data, result);
  }
  if (status == PT2_STATUS_OK) {
    *ret0 = result;
  } else {
    pt2__tensor_release(result);
  }
  return status;
}

static pt2_status_t backward(const pt2__segment_args_t* args,
                             const pt2_tensor_t* grad,
                             const pt2_tensor_t* output, const double* initial,
                             AtenTensorHandle* ret0) {
  pt2__segments_t segments;
  PT2_TRY(pt2__segments_resolve(args, &segments));
  pt2_status_t status =
      with_segments(&segments, grad, output, args->data, initial, ret0);
  pt2__segments_free(&segments);
  return status;
}

AOTITorchError aoti_torch_cpu__segment_reduce_backward(
    AtenTensorHandle grad, AtenTensorHandle output, AtenTensorHandle data,
    const char* reduce, AtenTensorHandle* lengths, AtenTensorHandle* offsets,
    int64_t axis, double* initial, AtenTensorHandle* ret0) {
  const pt2__segment_args_t args = {
      .data = data,
      .reduce = reduce,
      .lengths = lengths != NULL ? *lengths : NULL,
      .offsets = offsets != NULL ? *offsets : NULL,
      .axis = axis,
      .any_axis = true,
      .unsafe = true};
  PT2_OP_RETURN("aten::_segment_reduce_backward",
                backward(&args, grad, output, initial, ret0));
}
