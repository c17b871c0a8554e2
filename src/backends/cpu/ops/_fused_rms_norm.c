// SPDX-License-Identifier: Apache-2.0
//
// aten::_fused_rms_norm.
#include <complex.h>
#include <math.h>
#include <omp.h>

#include "backends/cpu/kernels/matmul/gemm.h"
#include "ops/rms_norm.h"

// Sums that are taken side by side.
#define LANES 16

// All row-major. |weight| has the compute dtype and one row (stride 0) or as
// many as |input|; NULL: none.
typedef struct {
  const pt2__rms_norm_t* norm;
  int32_t dtype;
  const void* input;
  const void* weight;
  int64_t weight_stride;
  void* output;
  void* statistic;  // of the compute dtype, one for each row
} rows_t;

#define DEFINE_REAL_ROW(name, type, root)                                      \
  static type name(const type* x, const type* weight, int64_t width, type eps, \
                   type* y) {                                                  \
    type lanes[LANES] = {0};                                                   \
    int64_t i = 0;                                                             \
    for (; i + LANES <= width; i += LANES) {                                   \
      for (int j = 0; j < LANES; ++j) {                                        \
        lanes[j] += x[i + j] * x[i + j];                                       \
      }                                                                        \
    }                                                                          \
    for (int j = 0; i < width; ++i, ++j) {                                     \
      lanes[j] += x[i] * x[i];                                                 \
    }                                                                          \
    for (int half = LANES / 2; half > 0; half /= 2) {                          \
      for (int j = 0; j < half; ++j) {                                         \
        lanes[j] += lanes[j + half];                                           \
      }                                                                        \
    }                                                                          \
    type factor = 1 / root(lanes[0] / (type)width + eps);                      \
    if (weight != NULL) {                                                      \
      for (i = 0; i < width; ++i) {                                            \
        y[i] = x[i] * factor * weight[i];                                      \
      }                                                                        \
    } else {                                                                   \
      for (i = 0; i < width; ++i) {                                            \
        y[i] = x[i] * factor;                                                  \
      }                                                                        \
    }                                                                          \
    return factor;                                                             \
  }
DEFINE_REAL_ROW(row_f32, float, sqrtf)
DEFINE_REAL_ROW(row_f64, double, sqrt)
#undef DEFINE_REAL_ROW

#define DEFINE_COMPLEX_ROW(name, type)                                        \
  static type complex name(const type complex* x, const type complex* weight, \
                           int64_t width, type eps, type complex* y) {        \
    double complex sum = 0;                                                   \
    for (int64_t i = 0; i < width; ++i) {                                     \
      sum += (double complex)x[i] * (double complex)x[i];                     \
    }                                                                         \
    type complex factor =                                                     \
        (type complex)(1 / csqrt(sum / (double)width + (double)eps));         \
    for (int64_t i = 0; i < width; ++i) {                                     \
      y[i] = x[i] * factor;                                                   \
      if (weight != NULL) {                                                   \
        y[i] *= weight[i];                                                    \
      }                                                                       \
    }                                                                         \
    return factor;                                                            \
  }
DEFINE_COMPLEX_ROW(row_complex64, float)
DEFINE_COMPLEX_ROW(row_complex128, double)
#undef DEFINE_COMPLEX_ROW

// A row of 16-bit floats by way of |wide|, |width| floats.
static float row_16(const rows_t* r, int64_t row, const float* weight,
                    float* wide) {
  int64_t width = r->norm->width;
  const pt2__gemm_variant_t* variant = pt2__gemm_variant();
  pt2__gemm_type_t type =
      r->dtype == PT2_DTYPE_BF16 ? PT2__GEMM_BF16 : PT2__GEMM_F16;
  variant->widen[type]((const uint16_t*)r->input + row * width, wide, width);
  float factor = row_f32(wide, weight, width, (float)r->norm->eps, wide);
  variant->narrow[type](wide, (uint16_t*)r->output + row * width, width);
  return factor;
}

#define RUN_ROW(type, name, eps_type)                                      \
  ((type*)r->statistic)[row] = name(                                       \
      (const type*)r->input + row * width,                                 \
      r->weight == NULL ? NULL                                             \
                        : (const type*)r->weight + row * r->weight_stride, \
      width, (eps_type)r->norm->eps, (type*)r->output + row * width)

static void run_row(const rows_t* r, int64_t row, float* wide) {
  int64_t width = r->norm->width;
  switch (r->dtype) {
    case PT2_DTYPE_F32:
      RUN_ROW(float, row_f32, float);
      return;
    case PT2_DTYPE_F64:
      RUN_ROW(double, row_f64, double);
      return;
    case PT2_DTYPE_COMPLEX64:
      RUN_ROW(float complex, row_complex64, float);
      return;
    case PT2_DTYPE_COMPLEX128:
      RUN_ROW(double complex, row_complex128, double);
      return;
    default:
      ((float*)r->statistic)[row] = row_16(
          r, row,
          r->weight == NULL ? NULL
                            : (const float*)r->weight + row * r->weight_stride,
          wide);
      return;
  }
}
#undef RUN_ROW

static pt2_status_t run_rows(const rows_t* r) {
  int64_t width = r->norm->width;
  int threads = pt2__op_threads(r->norm->rows * (width + 1));
  bool narrow = r->dtype == PT2_DTYPE_F16 || r->dtype == PT2_DTYPE_BF16;
  // Whole lines, so that threads do not share one.
  size_t line = ((size_t)width * sizeof(float) + 63) / 64 * 64;
  size_t bytes = narrow && width > 0 ? line * (size_t)threads : 0;
  char* work = NULL;
  if (bytes > 0) {
    work = pt2__pool_alloc(bytes);
    if (work == NULL) {
      return PT2_OUT_OF_MEMORY(bytes);
    }
  }
#pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1)
  for (int64_t row = 0; row < r->norm->rows; ++row) {
    run_row(r, row,
            work == NULL
                ? NULL
                : (float*)(work + line * (size_t)omp_get_thread_num()));
  }
  pt2__pool_free(work, bytes);
  return PT2_STATUS_OK;
}

// The weight as the rows read it.
static pt2_status_t expand_weight(const pt2__rms_norm_t* norm,
                                  const pt2_tensor_t* input,
                                  const pt2_tensor_t* weight,
                                  pt2_tensor_t** out_weight,
                                  int64_t* out_stride) {
  int32_t rank = norm->row_rank;
  *out_stride = 0;
  if (weight->rank > rank) {
    rank = input->rank;
    *out_stride = norm->width;
  }
  pt2_tensor_t* expanded;
  PT2_TRY(pt2__tensor_empty(norm->compute_dtype, rank,
                            input->sizes + (input->rank - rank), NULL,
                            &expanded));
  pt2_status_t status = pt2__tensor_copy(expanded, weight);
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(expanded);
    return status;
  }
  *out_weight = expanded;
  return PT2_STATUS_OK;
}

static pt2_status_t run(const pt2__rms_norm_t* norm, const pt2_tensor_t* input,
                        const pt2_tensor_t* weight, pt2_tensor_t* output,
                        pt2_tensor_t* statistic) {
  pt2_tensor_t* dense = NULL;
  pt2_tensor_t* target = NULL;
  rows_t rows = {norm, input->dtype, NULL, NULL, 0, NULL, statistic->data};
  pt2_status_t status = pt2__tensor_contiguous(input, &dense);
  if (status == PT2_STATUS_OK) {
    status = pt2__tensor_is_contiguous(output)
                 ? pt2__tensor_alias(output, &target)
                 : pt2__tensor_empty(output->dtype, output->rank, output->sizes,
                                     NULL, &target);
  }
  pt2_tensor_t* expanded = NULL;
  if (status == PT2_STATUS_OK && weight != NULL) {
    status = expand_weight(norm, input, weight, &expanded, &rows.weight_stride);
  }
  if (status == PT2_STATUS_OK) {
    rows.input = dense->data;
    rows.output = target->data;
    rows.weight = expanded == NULL ? NULL : expanded->data;
    status = run_rows(&rows);
  }
  if (status == PT2_STATUS_OK) {
    status = pt2__tensor_copy(output, target);
  }
  pt2__tensor_release(expanded);
  pt2__tensor_release(target);
  pt2__tensor_release(dense);
  return status;
}

static pt2_status_t fused_rms_norm(const pt2_tensor_t* input,
                                   const int64_t* normalized_shape,
                                   int64_t normalized_rank,
                                   pt2_tensor_t* const* weight_handle,
                                   const double* eps, pt2_tensor_t** ret0,
                                   pt2_tensor_t** ret1) {
  const pt2_tensor_t* weight = weight_handle == NULL ? NULL : *weight_handle;
  pt2__rms_norm_t norm;
  PT2_TRY(pt2__rms_norm_check(input, normalized_shape, normalized_rank, weight,
                              eps, &norm));
  pt2_tensor_t* output = NULL;
  pt2_tensor_t* statistic = NULL;
  pt2_status_t status =
      norm.keep_strides ? pt2__tensor_empty_like(input, input->dtype, &output)
                        : pt2__tensor_empty(input->dtype, input->rank,
                                            input->sizes, NULL, &output);
  if (status == PT2_STATUS_OK) {
    status = pt2__tensor_empty(norm.compute_dtype, input->rank,
                               norm.statistic_sizes, NULL, &statistic);
  }
  if (status == PT2_STATUS_OK) {
    status = run(&norm, input, weight, output, statistic);
  }
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(statistic);
    pt2__tensor_release(output);
    return status;
  }
  *ret0 = output;
  *ret1 = statistic;
  return PT2_STATUS_OK;
}

AOTITorchError aoti_torch_cpu__fused_rms_norm(
    AtenTensorHandle input, const int64_t* normalized_shape,
    int64_t normalized_shape_len_, AtenTensorHandle* weight, double* eps,
    AtenTensorHandle* ret0, AtenTensorHandle* ret1) {
  PT2_OP_RETURN("aten::_fused_rms_norm",
                fused_rms_norm(input, normalized_shape, normalized_shape_len_,
                               weight, eps, ret0, ret1));
}
