// SPDX-License-Identifier: Apache-2.0
//
// Two products of pairs for each slice of the unrolled dimension, as torch
// rounds them. A pair is a batch of matrix products: dimensions that are summed
// make K, those of one operand M or N, those of both the batch.
#include "backends/cpu/kernels/matmul/trilinear.h"

#include <complex.h>
#include <string.h>

#include "backends/cpu/kernels/matmul/gemm.h"

// Partial sums of a dot product.
#define LANES 16

// ---- Lines of elements -----------------------------------------------------

// A dimension of up to three tensors; strides in elements.
typedef struct {
  int64_t count;
  int64_t out, a, b;
} line_t;

typedef struct {
  // out = a * b and out += a, element by element.
  void (*multiply)(const line_t* line, void* out, const void* a, const void* b);
  void (*add)(const line_t* line, void* out, const void* a);
  // *out = the sum of a * b.
  void (*dot)(const line_t* line, void* out, const void* a, const void* b);
} lines_t;

#define SAME(x) (x)
#define DEFINE_LINES(name, type, wide, LOAD, STORE)                         \
  static void multiply_##name(const line_t* line, void* out_data,           \
                              const void* a_data, const void* b_data) {     \
    const type* a = a_data;                                                 \
    const type* b = b_data;                                                 \
    type* out = out_data;                                                   \
    if (line->out == 1 && line->a == 1 && line->b == 1) {                   \
      for (int64_t i = 0; i < line->count; ++i) {                           \
        out[i] = STORE((wide)LOAD(a[i]) * (wide)LOAD(b[i]));                \
      }                                                                     \
    } else if (line->out == 1 && line->a == 0 && line->b == 1) {            \
      wide left = (wide)LOAD(*a);                                           \
      for (int64_t i = 0; i < line->count; ++i) {                           \
        out[i] = STORE(left * (wide)LOAD(b[i]));                            \
      }                                                                     \
    } else {                                                                \
      for (int64_t i = 0; i < line->count; ++i) {                           \
        out[i * line->out] =                                                \
            STORE((wide)LOAD(a[i * line->a]) * (wide)LOAD(b[i * line->b])); \
      }                                                                     \
    }                                                                       \
  }                                                                         \
  static void add_##name(const line_t* line, void* out_data,                \
                         const void* a_data) {                              \
    const type* a = a_data;                                                 \
    type* out = out_data;                                                   \
    if (line->out == 1 && line->a == 1) {                                   \
      for (int64_t i = 0; i < line->count; ++i) {                           \
        out[i] = STORE((wide)LOAD(out[i]) + (wide)LOAD(a[i]));              \
      }                                                                     \
    } else {                                                                \
      for (int64_t i = 0; i < line->count; ++i) {                           \
        out[i * line->out] = STORE((wide)LOAD(out[i * line->out]) +         \
                                   (wide)LOAD(a[i * line->a]));             \
      }                                                                     \
    }                                                                       \
  }                                                                         \
  static void dot_##name(const line_t* line, void* out, const void* a_data, \
                         const void* b_data) {                              \
    const type* a = a_data;                                                 \
    const type* b = b_data;                                                 \
    wide sums[LANES] = {0};                                                 \
    int64_t i = 0;                                                          \
    if (line->a == 1 && line->b == 1) {                                     \
      for (; i + LANES <= line->count; i += LANES) {                        \
        for (int j = 0; j < LANES; ++j) {                                   \
          sums[j] += (wide)LOAD(a[i + j]) * (wide)LOAD(b[i + j]);           \
        }                                                                   \
      }                                                                     \
    }                                                                       \
    for (; i < line->count; ++i) {                                          \
      sums[0] += (wide)LOAD(a[i * line->a]) * (wide)LOAD(b[i * line->b]);   \
    }                                                                       \
    for (int half = LANES / 2; half > 0; half /= 2) {                       \
      for (int j = 0; j < half; ++j) {                                      \
        sums[j] += sums[j + half];                                          \
      }                                                                     \
    }                                                                       \
    *(type*)out = STORE(sums[0]);                                           \
  }                                                                         \
  static const lines_t lines_##name = {multiply_##name, add_##name, dot_##name};

// Integers wrap around, which only unsigned ones may do in C.
DEFINE_LINES(8, uint8_t, uint32_t, SAME, (uint8_t))
DEFINE_LINES(16, uint16_t, uint32_t, SAME, (uint16_t))
DEFINE_LINES(32, uint32_t, uint32_t, SAME, SAME)
DEFINE_LINES(64, uint64_t, uint64_t, SAME, SAME)
DEFINE_LINES(f32, float, float, SAME, SAME)
DEFINE_LINES(f64, double, double, SAME, SAME)
DEFINE_LINES(f16, uint16_t, float, pt2__f16_to_f32, pt2__f32_to_f16)
DEFINE_LINES(bf16, uint16_t, float, pt2__bf16_to_f32, pt2__f32_to_bf16)
DEFINE_LINES(complex64, float complex, float complex, SAME, SAME)
DEFINE_LINES(complex128, double complex, double complex, SAME, SAME)
#undef DEFINE_LINES

static const lines_t* lines_of(int32_t dtype) {
  switch (dtype) {
    case PT2_DTYPE_U8:
    case PT2_DTYPE_I8:
      return &lines_8;
    case PT2_DTYPE_I16:
      return &lines_16;
    case PT2_DTYPE_I32:
      return &lines_32;
    case PT2_DTYPE_F32:
      return &lines_f32;
    case PT2_DTYPE_F64:
      return &lines_f64;
    case PT2_DTYPE_F16:
      return &lines_f16;
    case PT2_DTYPE_BF16:
      return &lines_bf16;
    case PT2_DTYPE_COMPLEX64:
      return &lines_complex64;
    case PT2_DTYPE_COMPLEX128:
      return &lines_complex128;
    default:
      return &lines_64;
  }
}

// ---- Views -----------------------------------------------------------------

// A tensor laid over all dimensions; size 1 where it has none, stride 0 there.
typedef struct {
  const pt2_tensor_t* tensor;
  int64_t at;  // of the first element
  int64_t sizes[PT2__MAX_RANK];
  int64_t strides[PT2__MAX_RANK];
} view_t;

static char* data_of(const view_t* view) {
  return (char*)view->tensor->data +
         view->at * (int64_t)pt2_dtype_size_bytes(view->tensor->dtype);
}

// Dimensions that a matrix product takes as one.
typedef struct {
  int32_t count;
  int32_t dims[PT2__MAX_RANK];
  int64_t size;
} group_t;

static void append(group_t* group, int32_t dim, int64_t size) {
  group->dims[group->count++] = dim;
  group->size *= size;
}

typedef struct {
  int32_t rank;
  group_t batch, m, n, k;
  int64_t k_sizes[PT2__MAX_RANK];  // by dimension
} pair_t;

static pair_t sort_dims(int32_t rank, const view_t* left, const view_t* right,
                        const bool* sum) {
  pair_t pair = {.rank = rank,
                 .batch = {.size = 1},
                 .m = {.size = 1},
                 .n = {.size = 1},
                 .k = {.size = 1}};
  for (int32_t i = 0; i < rank; ++i) {
    int64_t l = left->sizes[i];
    int64_t r = right->sizes[i];
    pair.k_sizes[i] = l > r ? l : r;
    if (l == 1 && r == 1) {
      continue;
    }
    if (sum[i]) {
      append(&pair.k, i, pair.k_sizes[i]);
    } else if (l > 1 && r > 1) {
      append(&pair.batch, i, l);
    } else if (l > 1) {
      append(&pair.m, i, l);
    } else {
      append(&pair.n, i, r);
    }
  }
  return pair;
}

// The one stride of a group's elements, in their order; false if there is none.
static bool group_stride(const pair_t* pair, const group_t* group,
                         const int64_t* strides, int64_t* out_stride) {
  *out_stride = 0;
  for (int32_t i = group->count - 1; i >= 0; --i) {
    int32_t dim = group->dims[i];
    if (i == group->count - 1) {
      *out_stride = strides[dim];
      continue;
    }
    int32_t inner = group->dims[i + 1];
    if (strides[dim] != strides[inner] * pair->k_sizes[inner]) {
      return false;
    }
  }
  return true;
}

// |view| as a batch of matrices, copied to |*copy| where its strides make none.
static pt2_status_t as_matrices(const pair_t* pair, const view_t* view,
                                const group_t* rows, const group_t* columns,
                                pt2__gemm_operand_t* operand,
                                pt2_tensor_t** copy) {
  operand->data = data_of(view);
  if (group_stride(pair, &pair->batch, view->strides, &operand->bs) &&
      group_stride(pair, rows, view->strides, &operand->rs) &&
      group_stride(pair, columns, view->strides, &operand->cs)) {
    return PT2_STATUS_OK;
  }
  int64_t sizes[PT2__MAX_RANK];
  int64_t strides[PT2__MAX_RANK];
  int32_t rank = 0;
  const group_t* groups[3] = {&pair->batch, rows, columns};
  for (int g = 0; g < 3; ++g) {
    for (int32_t i = 0; i < groups[g]->count; ++i) {
      sizes[rank] = pair->k_sizes[groups[g]->dims[i]];
      strides[rank++] = view->strides[groups[g]->dims[i]];
    }
  }
  pt2_tensor_t* permuted;
  PT2_TRY(pt2__tensor_view(view->tensor, rank, sizes, strides,
                           view->tensor->storage_offset + view->at, &permuted));
  pt2_status_t status = pt2__tensor_contiguous(permuted, copy);
  pt2__tensor_release(permuted);
  PT2_TRY(status);
  *operand = (pt2__gemm_operand_t){(*copy)->data, rows->size * columns->size,
                                   columns->size, 1};
  return PT2_STATUS_OK;
}

// Makes |result| a new tensor [batch, m, n] and lays it over all dimensions.
static pt2_status_t make_result(const pair_t* pair, int32_t dtype,
                                pt2_tensor_t** owner, view_t* result) {
  PT2_TRY(pt2__tensor_empty(
      dtype, 3, (int64_t[]){pair->batch.size, pair->m.size, pair->n.size}, NULL,
      owner));
  *result = (view_t){.tensor = *owner};
  for (int32_t i = 0; i < pair->rank; ++i) {
    result->sizes[i] = 1;
  }
  int64_t stride = 1;
  const group_t* groups[3] = {&pair->n, &pair->m, &pair->batch};
  for (int g = 0; g < 3; ++g) {
    for (int32_t i = groups[g]->count - 1; i >= 0; --i) {
      int32_t dim = groups[g]->dims[i];
      result->sizes[dim] = pair->k_sizes[dim];
      result->strides[dim] = stride;
      stride *= pair->k_sizes[dim];
    }
  }
  return PT2_STATUS_OK;
}

// ---- Elements --------------------------------------------------------------

static bool continues(const view_t* view, int32_t dim, int32_t inner,
                      const line_t* line) {
  return view->strides[dim] == view->strides[inner] * line->count;
}

// The innermost dimensions that one line takes; returns the first of them.
static int32_t inner_line(int32_t rank, const view_t* out, const view_t* a,
                          const view_t* b, line_t* line) {
  int32_t inner = rank - 1;
  while (inner > 0 && out->sizes[inner] == 1) {
    --inner;
  }
  *line = (line_t){out->sizes[inner], out->strides[inner], a->strides[inner],
                   b == NULL ? 0 : b->strides[inner]};
  int32_t first = inner;
  while (first > 0 && (out->sizes[first - 1] == 1 ||
                       (continues(out, first - 1, inner, line) &&
                        continues(a, first - 1, inner, line) &&
                        (b == NULL || continues(b, first - 1, inner, line))))) {
    --first;
    line->count *= out->sizes[first];
  }
  return first;
}

// out = a * b, or out += a where |b| is NULL, over |out|'s sizes.
static void run_elements(int32_t rank, const view_t* out, const view_t* a,
                         const view_t* b) {
  int32_t dtype = out->tensor->dtype;
  const lines_t* lines = lines_of(dtype);
  int64_t bytes = (int64_t)pt2_dtype_size_bytes(dtype);
  line_t line;
  int32_t inner = inner_line(rank, out, a, b, &line);
  int64_t index[PT2__MAX_RANK] = {0};
  for (;;) {
    int64_t out_at = 0, a_at = 0, b_at = 0;
    for (int32_t i = 0; i < inner; ++i) {
      out_at += index[i] * out->strides[i];
      a_at += index[i] * a->strides[i];
      b_at += b == NULL ? 0 : index[i] * b->strides[i];
    }
    char* target = data_of(out) + out_at * bytes;
    const char* left = data_of(a) + a_at * bytes;
    if (b == NULL) {
      lines->add(&line, target, left);
    } else {
      lines->multiply(&line, target, left, data_of(b) + b_at * bytes);
    }
    int32_t dim = inner - 1;
    while (dim >= 0 && ++index[dim] == out->sizes[dim]) {
      index[dim--] = 0;
    }
    if (dim < 0) {
      return;
    }
  }
}

static void run_dots(const pair_t* pair, const pt2__gemm_t* gemm) {
  const lines_t* lines = lines_of(gemm->dtype);
  int64_t bytes = (int64_t)pt2_dtype_size_bytes(gemm->dtype);
  line_t line = {pair->k.size, 0, gemm->a.cs, gemm->b.rs};
  int threads = pt2__op_threads(gemm->batch * (gemm->k / 4 + 1));
#pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1)
  for (int64_t i = 0; i < gemm->batch; ++i) {
    lines->dot(&line, (char*)gemm->c + i * bytes,
               (const char*)gemm->a.data + i * gemm->a.bs * bytes,
               (const char*)gemm->b.data + i * gemm->b.bs * bytes);
  }
}

// ---- Pairs -----------------------------------------------------------------

static pt2_status_t run_products(const pair_t* pair, const view_t* left,
                                 const view_t* right, const view_t* result) {
  pt2__gemm_t gemm = {.dtype = result->tensor->dtype,
                      .batch = pair->batch.size,
                      .m = pair->m.size,
                      .n = pair->n.size,
                      .k = pair->k.size,
                      .alpha = 1,
                      .c = result->tensor->data,
                      .c_bs = pair->m.size * pair->n.size,
                      .c_rs = pair->n.size,
                      .c_cs = 1};
  pt2_tensor_t* left_copy = NULL;
  pt2_tensor_t* right_copy = NULL;
  pt2_status_t status =
      as_matrices(pair, left, &pair->m, &pair->k, &gemm.a, &left_copy);
  if (status == PT2_STATUS_OK) {
    status = as_matrices(pair, right, &pair->k, &pair->n, &gemm.b, &right_copy);
  }
  if (status == PT2_STATUS_OK) {
    if (gemm.m == 1 && gemm.n == 1) {
      run_dots(pair, &gemm);
    } else {
      status = pt2__gemm(&gemm);
    }
  }
  pt2__tensor_release(right_copy);
  pt2__tensor_release(left_copy);
  return status;
}

// |*result| = the sums of left * right, in a tensor that the caller releases.
static pt2_status_t multiply_pair(int32_t rank, const view_t* left,
                                  const view_t* right, const bool* sum,
                                  view_t* result, pt2_tensor_t** owner) {
  pair_t pair = sort_dims(rank, left, right, sum);
  PT2_TRY(make_result(&pair, left->tensor->dtype, owner, result));
  pt2_status_t status = PT2_STATUS_OK;
  if (pair.k.size == 1 && pair.k.count == 0) {
    run_elements(rank, result, left, right);
  } else {
    status = run_products(&pair, left, right, result);
  }
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(*owner);
  }
  return status;
}

// Operand number |which|, slice |k| of the unrolled dimension.
static view_t slice(const pt2__trilinear_t* t, int which, int64_t k) {
  view_t view = {.tensor = t->operands[which]};
  memcpy(view.sizes, t->sizes[which], sizeof(view.sizes));
  memcpy(view.strides, t->strides[which], sizeof(view.strides));
  view.at = k * view.strides[t->unroll];
  view.sizes[t->unroll] = 1;
  view.strides[t->unroll] = 0;
  return view;
}

static pt2_status_t run_slice(const pt2__trilinear_t* t, int64_t k,
                              const view_t* out) {
  bool sum12[PT2__MAX_RANK] = {false};
  bool sum23[PT2__MAX_RANK] = {false};
  for (int32_t i = 0; i < t->rank; ++i) {
    bool sum = t->sum[i] && i != t->unroll;
    sum12[i] = sum && !t->third[i];
    sum23[i] = sum && t->third[i];
  }
  view_t operands[3] = {slice(t, 0, k), slice(t, 1, k), slice(t, 2, k)};
  view_t first, second;
  pt2_tensor_t *first_owner, *second_owner;
  PT2_TRY(multiply_pair(t->rank, &operands[0], &operands[1], sum12, &first,
                        &first_owner));
  pt2_status_t status = multiply_pair(t->rank, &first, &operands[2], sum23,
                                      &second, &second_owner);
  pt2__tensor_release(first_owner);
  PT2_TRY(status);
  view_t target = *out;
  if (!t->sum[t->unroll]) {
    target.at = k * out->strides[t->unroll];
    target.sizes[t->unroll] = 1;
  }
  run_elements(t->rank, &target, &second, NULL);
  pt2__tensor_release(second_owner);
  return PT2_STATUS_OK;
}

pt2_status_t pt2__trilinear(const pt2__trilinear_t* trilinear,
                            pt2_tensor_t* out) {
  view_t target = {.tensor = out};
  memcpy(target.sizes, trilinear->result, sizeof(target.sizes));
  pt2__sizes_contiguous_strides(trilinear->rank, target.sizes, target.strides);
  for (int64_t k = 0; k < trilinear->unroll_size; ++k) {
    PT2_TRY(run_slice(trilinear, k, &target));
  }
  return PT2_STATUS_OK;
}
