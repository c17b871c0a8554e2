// SPDX-License-Identifier: Apache-2.0
//
// Scales both operands as floats, as torch does, and multiplies those.
#include "backends/cpu/kernels/matmul/scaled_mm.h"

#include "backends/cpu/kernels/matmul/gemm.h"
#include "ops/matmul.h"

// A float8 matrix to be scaled: |rows| lines of |columns| elements.
typedef struct {
  const pt2_tensor_t* tensor;
  const pt2_tensor_t* scale;
  bool by_rows;     // a scale for each line
  int row, column;  // the tensor's dimensions
} lines_t;

// The float of each of the 256 codes, times |scale|.
static void fill_table(int32_t dtype, float scale, float* table) {
  for (int code = 0; code < 256; ++code) {
    uint8_t byte = (uint8_t)code;
    table[code] = (float)pt2__element_get_f64(dtype, &byte) * scale;
  }
}

static void scale_line(const uint8_t* from, int64_t stride, int64_t count,
                       const float* table, float scale, float* to) {
  if (stride == 1) {
    for (int64_t i = 0; i < count; ++i) {
      to[i] = table[from[i]] * scale;
    }
  } else {
    for (int64_t i = 0; i < count; ++i) {
      to[i] = table[from[i * stride]] * scale;
    }
  }
}

// Floats [rows][columns] in the pool; NULL when out of memory.
static float* scale_lines(const lines_t* lines, size_t bytes) {
  const pt2_tensor_t* tensor = lines->tensor;
  float* target = pt2__pool_alloc(bytes);
  if (target == NULL) {
    return NULL;
  }
  const float* scale = lines->scale->data;
  float table[256];
  fill_table(tensor->dtype, lines->by_rows ? 1 : *scale, table);
  int64_t rows = tensor->sizes[lines->row];
  int64_t columns = tensor->sizes[lines->column];
  int64_t row_stride = tensor->strides[lines->row];
  int64_t column_stride = tensor->strides[lines->column];
  int threads = pt2__op_threads(tensor->numel);
#pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1)
  for (int64_t i = 0; i < rows; ++i) {
    scale_line((const uint8_t*)tensor->data + i * row_stride, column_stride,
               columns, table, lines->by_rows ? scale[i] : 1,
               target + i * columns);
  }
  return target;
}

static void multiply_by(void* context, void* values, int64_t count,
                        int64_t batch, int64_t row, int64_t column) {
  (void)batch;
  (void)row;
  (void)column;
  float factor = *(const float*)context;
  for (int64_t i = 0; i < count; ++i) {
    ((float*)values)[i] *= factor;
  }
}

// The product of the scaled operands into floats.
static pt2_status_t multiply(const pt2__scaled_mm_t* mm, const float* a,
                             const float* b, const pt2_tensor_t* bias,
                             pt2_tensor_t* target) {
  pt2__matmul_operand_t source = {NULL, 0, 0, 0};
  if (bias != NULL) {
    PT2_TRY(pt2__matmul_expand(bias, mm->m, mm->n, &source));
  }
  float factor = mm->factor;
  pt2__gemm_t gemm = {
      .dtype = PT2_DTYPE_F32,
      .batch = 1,
      .m = mm->m,
      .n = mm->n,
      .k = mm->k,
      .alpha = 1,
      .beta = 1,
      .a = {a, 0, mm->k, 1},
      .b = {b, 0, 1, mm->k},
      .source = {bias == NULL ? NULL : bias->data, 0, source.rs, source.cs},
      .c = target->data,
      .c_rs = target->strides[0],
      .c_cs = target->strides[1],
      .finish = factor == 1 ? NULL : multiply_by,
      .finish_context = &factor};
  return pt2__gemm(&gemm);
}

// Products of row-major B's would need it transposed, which its conversion
// does: both operands become lines along K.
static pt2_status_t run(const pt2__scaled_mm_t* mm, const pt2_tensor_t* bias,
                        pt2_tensor_t* target) {
  const lines_t a_lines = {mm->a, mm->scale_a, mm->by_rows, 0, 1};
  const lines_t b_lines = {mm->b, mm->scale_b, mm->by_rows, 1, 0};
  size_t a_bytes = 0;
  size_t b_bytes = 0;
  PT2_OP_CHECK(
      !__builtin_mul_overflow((size_t)mm->a->numel, sizeof(float), &a_bytes) &&
          !__builtin_mul_overflow((size_t)mm->b->numel, sizeof(float),
                                  &b_bytes),
      "operands are too large: %lldx%lld and %lldx%lld", (long long)mm->m,
      (long long)mm->k, (long long)mm->k, (long long)mm->n);
  float* a = NULL;
  float* b = NULL;
  if (a_bytes > 0) {  // both have K; one may be empty without it
    a = scale_lines(&a_lines, a_bytes);
  }
  if (b_bytes > 0) {
    b = scale_lines(&b_lines, b_bytes);
  }
  bool missing = (a == NULL && a_bytes > 0) || (b == NULL && b_bytes > 0);
  pt2_status_t status = missing ? PT2_OUT_OF_MEMORY(a_bytes + b_bytes)
                                : multiply(mm, a, b, bias, target);
  pt2__pool_free(b, b_bytes);
  pt2__pool_free(a, a_bytes);
  return status;
}

pt2_status_t pt2__scaled_mm(const pt2__scaled_mm_t* mm, pt2_tensor_t* out) {
  pt2_tensor_t* bias = NULL;
  pt2_tensor_t* target = NULL;
  pt2_status_t status = PT2_STATUS_OK;
  if (mm->bias != NULL) {
    status = pt2__tensor_to_contiguous(mm->bias, PT2_DTYPE_F32, &bias);
  }
  if (status == PT2_STATUS_OK) {
    status = pt2__tensor_empty(PT2_DTYPE_F32, 2, (int64_t[]){mm->m, mm->n},
                               NULL, &target);
  }
  if (status == PT2_STATUS_OK) {
    status = run(mm, bias, target);
  }
  if (status == PT2_STATUS_OK) {
    status = pt2__tensor_copy(out, target);
  }
  pt2__tensor_release(target);
  pt2__tensor_release(bias);
  return status;
}

pt2_status_t pt2__scaled_mm_new(const pt2_tensor_t* a, const pt2_tensor_t* b,
                                const pt2_tensor_t* scale_a,
                                const pt2_tensor_t* scale_b,
                                const pt2_tensor_t* bias,
                                const pt2_tensor_t* scale_result,
                                const int32_t* out_dtype,
                                pt2_tensor_t** out_result) {
  pt2__scaled_mm_t mm;
  PT2_TRY(pt2__scaled_mm_check(a, b, scale_a, scale_b, bias, scale_result,
                               out_dtype, &mm));
  pt2_tensor_t* result;
  PT2_TRY(pt2__tensor_empty(mm.out_dtype, 2, (int64_t[]){mm.m, mm.n}, NULL,
                            &result));
  pt2_status_t status = pt2__scaled_mm(&mm, result);
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(result);
    return status;
  }
  *out_result = result;
  return PT2_STATUS_OK;
}
