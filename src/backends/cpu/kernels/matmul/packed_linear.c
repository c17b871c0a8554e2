// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/kernels/matmul/packed_linear.h"

#include <math.h>
#include <string.h>

#include "backends/cpu/cpu_features.h"
#include "backends/cpu/kernels/matmul/gemm.h"
#include "backends/cpu/kernels/quantized/qgemm.h"
#include "backends/cpu/kernels/quantized/qlayer.h"

// Elements of the tensor that stands for a packed weight.
static const int64_t visible_size = 8;

typedef struct {
  uint64_t visible;  // what the model could read
  int64_t n, k;
  struct pt2__gemm_panels_t* f16;
  pt2__qgemm_weight_t* int8;
  float scale;
  int32_t zero_point;
  bool has_bias;
  float* bias;  // [n]; may be NULL
} packed_t;

// Two of them, so that a storage tells by its deleter what it holds.
static void destroy(packed_t* packed) {
  pt2__gemm_panels_release(packed->f16);
  pt2__qgemm_weight_release(packed->int8);
  pt2__free(packed->bias);
  pt2__free(packed);
}

static void destroy_f16(void* user, void* data) {
  (void)data;
  destroy(user);
}

static void destroy_int8(void* user, void* data) {
  (void)data;
  destroy(user);
}

typedef void (*deleter_t)(void* user, void* data);

static const packed_t* unwrap(const pt2_tensor_t* tensor, deleter_t deleter) {
  return tensor->storage->deleter == deleter ? tensor->storage->user : NULL;
}

// A tensor that owns |packed|; on failure the caller still does.
static pt2_status_t wrap(packed_t* packed, deleter_t deleter,
                         pt2_tensor_t** out_tensor) {
  pt2__storage_t* storage = NULL;
  PT2_TRY(pt2__storage_from_blob(&packed->visible, sizeof(packed->visible),
                                 PT2_DEVICE_CPU, 0, NULL, NULL, &storage));
  pt2_status_t status = pt2__tensor_over(storage, PT2_DTYPE_U8, 1,
                                         &visible_size, NULL, 0, out_tensor);
  if (status == PT2_STATUS_OK) {
    storage->user = packed;
    storage->deleter = deleter;
  }
  pt2__storage_release(storage);
  return status;
}

// ---- Checks ----------------------------------------------------------------

static pt2_status_t check_weight(const pt2_tensor_t* weight,
                                 const char* wanted) {
  PT2_OP_CHECK_TENSOR(weight, "weight");
  PT2_OP_CHECK(weight->rank == 2,
               "fbgemm weight packing only packs matrices not vectors, but "
               "weight has %d dimensions",
               weight->rank);
  PT2_OP_CHECK(weight->dtype == PT2_DTYPE_F32, "%s %s", wanted,
               pt2__dtype_torch_name(weight->dtype));
  return PT2_STATUS_OK;
}

static pt2_status_t check_input(const pt2_tensor_t* input, int64_t k,
                                const char* wanted) {
  PT2_OP_CHECK(input->dtype == PT2_DTYPE_F32, "%s %s", wanted,
               pt2__dtype_torch_name(input->dtype));
  PT2_OP_CHECK(input->rank >= 2,
               "The dimension of input tensor should be larger than or equal "
               "to 2, but is %d",
               input->rank);
  PT2_OP_CHECK(input->sizes[input->rank - 1] == k,
               "the last dimension of input is %lld, the weight was packed for "
               "%lld",
               (long long)input->sizes[input->rank - 1], (long long)k);
  return PT2_STATUS_OK;
}

static pt2_status_t read_scale(const pt2_tensor_t* tensor, const char* name,
                               float* out_scale) {
  PT2_OP_CHECK_TENSOR(tensor, name);
  PT2_OP_CHECK(tensor->numel == 1,
               "%s: a Tensor with %lld elements cannot be converted to Scalar",
               name, (long long)tensor->numel);
  *out_scale = (float)pt2__element_get_f64(tensor->dtype, tensor->data);
  return PT2_STATUS_OK;
}

static pt2_status_t read_zero_point(const pt2_tensor_t* tensor,
                                    const char* name, int32_t low, int32_t high,
                                    int32_t* out_zero_point) {
  PT2_OP_CHECK_TENSOR(tensor, name);
  PT2_OP_CHECK(tensor->numel == 1,
               "%s: a Tensor with %lld elements cannot be converted to Scalar",
               name, (long long)tensor->numel);
  double value = pt2__element_get_f64(tensor->dtype, tensor->data);
  PT2_OP_CHECK(value <= high, "%s of %g is above upper bound.", name, value);
  PT2_OP_CHECK(value >= low, "%s of %g is below lower bound.", name, value);
  *out_zero_point = (int32_t)value;
  return PT2_STATUS_OK;
}

// A row-major result [..., n] for |input| [..., k].
static pt2_status_t make_result(const pt2_tensor_t* input, int64_t n,
                                pt2_tensor_t** out_result) {
  int64_t sizes[PT2__MAX_RANK];
  memcpy(sizes, input->sizes, sizeof(*sizes) * (size_t)input->rank);
  sizes[input->rank - 1] = n;
  return pt2__tensor_empty(PT2_DTYPE_F32, input->rank, sizes, NULL, out_result);
}

// Rows of |input|, of which the weight has |k| columns.
static int64_t rows_of(const pt2_tensor_t* input) {
  int64_t rows = 1;
  for (int i = 0; i + 1 < input->rank; ++i) {
    rows *= input->sizes[i];
  }
  return rows;
}

// ---- float16 ---------------------------------------------------------------

#define LARGEST_F16 65504.0f

static void round_f16(const float* from, int64_t count, uint16_t* to) {
  for (int64_t i = 0; i < count; ++i) {
    float value = from[i];
    value = value > LARGEST_F16    ? LARGEST_F16
            : value < -LARGEST_F16 ? -LARGEST_F16
                                   : value;
    to[i] = pt2__f32_to_f16(value);
  }
}

// A CPU that does not load halves as floats keeps floats, of the same values.
static int32_t panel_dtype(void) {
  return pt2__cpu_level() == PT2__CPU_PORTABLE ? PT2_DTYPE_F32 : PT2_DTYPE_F16;
}

static pt2_status_t fill_f16(const pt2_tensor_t* weight, packed_t* packed) {
  pt2_tensor_t *dense = NULL, *rounded = NULL, *kept = NULL;
  PT2_TRY(pt2__tensor_contiguous(weight, &dense));
  pt2_status_t status =
      pt2__tensor_empty(PT2_DTYPE_F16, 2, weight->sizes, NULL, &rounded);
  if (status == PT2_STATUS_OK) {
    round_f16(dense->data, dense->numel, rounded->data);
    status = pt2__tensor_to_contiguous(rounded, panel_dtype(), &kept);
  }
  if (status == PT2_STATUS_OK) {
    status = pt2__gemm_panels_new(kept, true, &packed->f16);
  }
  pt2__tensor_release(kept);
  pt2__tensor_release(rounded);
  pt2__tensor_release(dense);
  return status;
}

pt2_status_t pt2__packed_linear_pack_f16(const pt2_tensor_t* weight,
                                         pt2_tensor_t** out_packed) {
  PT2_TRY(check_weight(weight, "expected scalar type Float but found"));
  packed_t* packed = pt2__calloc(1, sizeof(*packed));
  if (packed == NULL) {
    return PT2_OUT_OF_MEMORY(sizeof(*packed));
  }
  packed->n = weight->sizes[0];
  packed->k = weight->sizes[1];
  pt2_status_t status = fill_f16(weight, packed);
  if (status == PT2_STATUS_OK) {
    status = wrap(packed, destroy_f16, out_packed);
  }
  if (status != PT2_STATUS_OK) {
    destroy(packed);
  }
  return status;
}

static pt2_status_t multiply_f16(const pt2_tensor_t* input,
                                 const packed_t* packed,
                                 const pt2_tensor_t* bias,
                                 pt2_tensor_t* result) {
  pt2_tensor_t *x = NULL, *added = NULL;
  PT2_TRY(pt2__tensor_contiguous(input, &x));
  pt2__gemm_t gemm = {.dtype = PT2_DTYPE_F32,
                      .batch = 1,
                      .m = rows_of(input),
                      .n = packed->n,
                      .k = packed->k,
                      .alpha = 1,
                      .beta = 1,
                      .a = {x->data, 0, packed->k, 1},
                      .c = result->data,
                      .c_rs = packed->n,
                      .c_cs = 1,
                      .panels = packed->f16};
  pt2_status_t status = PT2_STATUS_OK;
  if (bias != NULL) {
    status = pt2__tensor_to_contiguous(bias, PT2_DTYPE_F32, &added);
  }
  if (status == PT2_STATUS_OK) {
    if (added != NULL) {
      gemm.source =
          (pt2__gemm_operand_t){added->data, 0, 0, added->numel == 1 ? 0 : 1};
    }
    status = pt2__gemm(&gemm);
  }
  pt2__tensor_release(added);
  pt2__tensor_release(x);
  return status;
}

pt2_status_t pt2__packed_linear_f16(const pt2_tensor_t* input,
                                    const pt2_tensor_t* packed_weight,
                                    const pt2_tensor_t* bias,
                                    pt2_tensor_t** out_result) {
  PT2_OP_CHECK_TENSOR(input, "input");
  PT2_OP_CHECK_TENSOR(packed_weight, "the packed weight");
  const packed_t* packed = unwrap(packed_weight, destroy_f16);
  PT2_OP_CHECK(packed != NULL,
               "the weight was not packed by wrapped_fbgemm_pack_gemm_matrix_"
               "fp16");
  PT2_TRY(
      check_input(input, packed->k, "expected scalar type Float but found"));
  if (bias != NULL) {
    PT2_OP_CHECK_TENSOR(bias, "bias");
    PT2_OP_CHECK(
        bias->rank == 1 && (bias->sizes[0] == packed->n || bias->sizes[0] == 1),
        "bias must have %lld elements in one dimension", (long long)packed->n);
    PT2_OP_CHECK(!pt2__dtype_is_complex(bias->dtype),
                 "result type %s can't be cast to Float",
                 pt2__dtype_torch_name(bias->dtype));
  }
  pt2_tensor_t* result = NULL;
  PT2_TRY(make_result(input, packed->n, &result));
  pt2_status_t status = multiply_f16(input, packed, bias, result);
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(result);
    return status;
  }
  *out_result = result;
  return PT2_STATUS_OK;
}

// ---- int8 ------------------------------------------------------------------

static pt2_status_t fill_bias(const pt2_tensor_t* bias, packed_t* packed) {
  packed->has_bias = true;
  packed->bias = pt2__malloc((size_t)packed->n * sizeof(float) + 1);
  if (packed->bias == NULL) {
    return PT2_OUT_OF_MEMORY((size_t)packed->n * sizeof(float));
  }
  size_t bytes = pt2_dtype_size_bytes(bias->dtype);
  for (int64_t i = 0; i < packed->n; ++i) {
    packed->bias[i] = (float)pt2__element_get_f64(
        bias->dtype,
        (const char*)bias->data + i * bias->strides[0] * (int64_t)bytes);
  }
  return PT2_STATUS_OK;
}

static pt2_status_t fill_int8(const pt2_tensor_t* weight, packed_t* packed) {
  const int64_t sizes[2] = {packed->k, packed->n};
  const int64_t strides[2] = {1, packed->k};
  pt2_tensor_t* dense = NULL;
  pt2_tensor_t* rounded = NULL;
  const pt2__qgemm_weight_t* view = NULL;
  PT2_TRY(pt2__tensor_contiguous(weight, &dense));
  pt2_status_t status =
      pt2__tensor_empty(PT2_DTYPE_I8, 2, sizes, strides, &rounded);
  if (status == PT2_STATUS_OK) {
    const pt2__qlayer_rounding_t rounding = {1 / packed->scale,
                                             packed->zero_point, -128, 127};
    pt2__qlayer_kernels()->round(&rounding, dense->data, dense->numel,
                                 rounded->data);
    status = pt2__qgemm_weight_get(rounded, 0, &view, &packed->int8);
  }
  pt2__tensor_release(rounded);
  pt2__tensor_release(dense);
  return status;
}

pt2_status_t pt2__packed_linear_pack_int8(const pt2_tensor_t* weight,
                                          const pt2_tensor_t* scale,
                                          const pt2_tensor_t* zero_point,
                                          const pt2_tensor_t* bias,
                                          pt2_tensor_t** out_packed) {
  PT2_TRY(check_weight(weight, "Quantize only works on Float Tensor, got"));
  float factor = 0;
  int32_t zero = 0;
  PT2_TRY(read_scale(scale, "weight_scale", &factor));
  PT2_TRY(read_zero_point(zero_point, "weight_zero_point", -128, 127, &zero));
  if (bias != NULL) {
    PT2_OP_CHECK_TENSOR(bias, "bias");
    PT2_OP_CHECK(bias->rank == 1, "bias should be a vector (1D Tensor)");
    PT2_OP_CHECK(bias->sizes[0] == weight->sizes[0],
                 "bias should have N elements: %lld",
                 (long long)weight->sizes[0]);
    PT2_OP_CHECK(!pt2__dtype_is_complex(bias->dtype),
                 "bias should be of floating point");
  }
  packed_t* packed = pt2__calloc(1, sizeof(*packed));
  if (packed == NULL) {
    return PT2_OUT_OF_MEMORY(sizeof(*packed));
  }
  packed->n = weight->sizes[0];
  packed->k = weight->sizes[1];
  packed->scale = factor;
  packed->zero_point = zero;
  pt2_status_t status = fill_int8(weight, packed);
  if (status == PT2_STATUS_OK && bias != NULL) {
    status = fill_bias(bias, packed);
  }
  if (status == PT2_STATUS_OK) {
    status = wrap(packed, destroy_int8, out_packed);
  }
  if (status != PT2_STATUS_OK) {
    destroy(packed);
  }
  return status;
}

typedef struct {
  float scale;
  int32_t zero_point;
} quantization_t;

// One call, and what finishes its sums.
typedef struct {
  const packed_t* packed;
  quantization_t in, out;
  const int32_t* row_sums;  // what is to be subtracted
  const float* ones;
  const float* bias;  // in units of the sums; NULL: none
  float* y;
} finish_t;

static void finish(const void* context, const int32_t* sums, int64_t rows,
                   int64_t count, int64_t row, int64_t column) {
  const finish_t* p = context;
  const packed_t* packed = p->packed;
  const pt2__qlayer_finish_t last = {
      .sums = sums,
      .rows = rows,
      .count = count,
      .zero_point = p->in.zero_point,
      .weight_sums = packed->int8->sums + column,
      .row_sums = p->row_sums + row,
      .scales = p->ones + column,
      .bias = p->bias == NULL ? NULL : p->bias + column,
      .low = -INFINITY,
      .high = INFINITY,
      .result = PT2__QLAYER_STEPS,
      .factor = p->in.scale * packed->scale / p->out.scale,
      .least = (float)(0 - p->out.zero_point),
      .most = (float)(UINT8_MAX - p->out.zero_point),
      .step = p->out.scale,
      .out = p->y + row * packed->n + column,
      .out_rs = packed->n * (int64_t)sizeof(float)};
  pt2__qlayer_kernels()->finish(&last);
}

// |x| as uint8, and for each row what the weight's zero point makes of it.
static void round_input(const finish_t* p, const float* x, int64_t rows,
                        uint8_t* to, int32_t* sums) {
  const pt2__qlayer_rounding_t rounding = {1 / p->in.scale, p->in.zero_point, 0,
                                           UINT8_MAX};
  int64_t k = p->packed->k;
  // As unsigned numbers, which wrap.
  uint32_t zeros = (uint32_t)k * (uint32_t)p->in.zero_point;
  int threads = pt2__op_threads(rows * k);
#pragma omp parallel for num_threads(threads) if (threads > 1)
  for (int64_t i = 0; i < rows; ++i) {
    uint32_t sum =
        pt2__qlayer_kernels()->round(&rounding, x + i * k, k, to + i * k);
    sums[i] = (int32_t)((uint32_t)p->packed->zero_point * (sum - zeros));
  }
}

static void fill_columns(finish_t* p, float* ones, float* bias) {
  float product = p->in.scale * p->packed->scale;
  for (int64_t i = 0; i < p->packed->n; ++i) {
    ones[i] = 1;
  }
  p->ones = ones;
  if (p->packed->has_bias) {
    for (int64_t i = 0; i < p->packed->n; ++i) {
      bias[i] = p->packed->bias[i] / product;
    }
    p->bias = bias;
  }
}

static pt2_status_t multiply_int8(const pt2_tensor_t* input, finish_t* last) {
  int64_t rows = rows_of(input);
  int64_t k = last->packed->k, n = last->packed->n;
  pt2_tensor_t* x = NULL;
  PT2_TRY(pt2__tensor_contiguous(input, &x));
  size_t numbers = (size_t)(rows + 2 * n);
  size_t bytes = numbers * sizeof(float) + (size_t)(rows * k) + 1;
  char* work = pt2__pool_alloc(bytes);
  if (work == NULL) {
    pt2__tensor_release(x);
    return PT2_OUT_OF_MEMORY(bytes);
  }
  float* columns = (float*)work + rows;
  uint8_t* rounded = (uint8_t*)((float*)work + numbers);
  fill_columns(last, columns, columns + n);
  round_input(last, x->data, rows, rounded, (int32_t*)work);
  last->row_sums = (const int32_t*)work;
  const pt2__qgemm_t product = {.m = rows,
                                .n = n,
                                .k = k,
                                .a = rounded,
                                .a_rs = k,
                                .panels = last->packed->int8->panels,
                                .reach = last->packed->int8->reach,
                                .finish_rows = finish,
                                .finish_context = last};
  pt2_status_t status = pt2__qgemm(&product);
  pt2__pool_free(work, bytes);
  pt2__tensor_release(x);
  return status;
}

pt2_status_t pt2__packed_linear_int8(const pt2_tensor_t* input,
                                     const pt2_tensor_t* scale,
                                     const pt2_tensor_t* zero_point,
                                     const pt2_tensor_t* packed_weight,
                                     const pt2_tensor_t* out_scale,
                                     const pt2_tensor_t* out_zero_point,
                                     pt2_tensor_t** out_result) {
  PT2_OP_CHECK_TENSOR(input, "input");
  PT2_OP_CHECK_TENSOR(packed_weight, "the packed weight");
  finish_t last = {.packed = unwrap(packed_weight, destroy_int8)};
  PT2_OP_CHECK(last.packed != NULL,
               "the weight was not packed by _wrapped_linear_prepack");
  PT2_TRY(check_input(input, last.packed->k,
                      "Quantize only works on Float Tensor, got"));
  PT2_TRY(read_scale(scale, "input_scale", &last.in.scale));
  PT2_TRY(read_zero_point(zero_point, "input_zero_point", 0, 255,
                          &last.in.zero_point));
  PT2_TRY(read_scale(out_scale, "output_scale", &last.out.scale));
  PT2_TRY(read_zero_point(out_zero_point, "output_zero_point", 0, 255,
                          &last.out.zero_point));
  pt2_tensor_t* result = NULL;
  PT2_TRY(make_result(input, last.packed->n, &result));
  last.y = result->data;
  pt2_status_t status = multiply_int8(input, &last);
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(result);
    return status;
  }
  *out_result = result;
  return PT2_STATUS_OK;
}
