// SPDX-License-Identifier: Apache-2.0
//
// Gradients of attention by blocks of queries and keys, after Dao et al.,
// "FlashAttention": the weights are restored from the logarithms of their sums.
#include <string.h>

#include "backends/cpu/kernels/matmul/gemm.h"
#include "backends/cpu/kernels/sequence/attention.h"
#include "base/memory.h"
#include "base/status.h"
#include "ops/op.h"

// Queries and keys of a block.
#define ROWS 64
#define KEYS 512

// A matrix [length, head size] of one head.
typedef struct {
  char* data;
  int64_t stride;
} matrix_t;

// What one thread works in. Matrices of the head at hand come first.
typedef struct {
  matrix_t q, k, v, gradient;
  matrix_t results[3];
  char* scores;    // [row][key]
  char* products;  // [row][key]
  char* mask;      // [key]
  char* row;       // [element]
  double* dots;    // [row]
} scratch_t;

typedef struct {
  const pt2__attention_gradient_t* g;
  const pt2__attention_t* a;
  const pt2__attention_kernel_t* kernel;
  int32_t dtype;    // that is computed with
  int64_t element;  // bytes of it
  int64_t bytes;    // of an element of the tensors
} plan_t;

static bool in_place(const plan_t* p, const pt2__attention_operand_t* operand) {
  return p->a->dtype == p->dtype && operand->strides[3] == 1;
}

// A piece of the memory at |base| (NULL: only counted).
static char* take(char* base, int64_t* used, int64_t bytes) {
  char* at = base == NULL ? NULL : base + *used;
  *used += (bytes + 63) / 64 * 64;
  return at;
}

static void take_matrix(const plan_t* p, bool wanted, int64_t length,
                        char* base, int64_t* used, matrix_t* matrix) {
  if (wanted) {
    matrix->data = take(base, used, length * p->a->head_size * p->element);
    matrix->stride = p->a->head_size;
  }
}

// Lays |scratch| out from |base| on and returns how many bytes that takes.
static int64_t lay_out(const plan_t* p, char* base, scratch_t* scratch) {
  const pt2__attention_t* a = p->a;
  bool low = a->dtype != p->dtype;
  int64_t used = 0;
  take_matrix(p, !in_place(p, &a->q), a->query_length, base, &used,
              &scratch->q);
  take_matrix(p, !in_place(p, &a->k), a->key_length, base, &used, &scratch->k);
  take_matrix(p, !in_place(p, &a->v), a->key_length, base, &used, &scratch->v);
  take_matrix(p, !in_place(p, &p->g->gradient), a->query_length, base, &used,
              &scratch->gradient);
  take_matrix(p, low, a->query_length, base, &used, &scratch->results[0]);
  take_matrix(p, low, a->key_length, base, &used, &scratch->results[1]);
  take_matrix(p, low, a->key_length, base, &used, &scratch->results[2]);
  scratch->scores = take(base, &used, ROWS * KEYS * p->element);
  scratch->products = take(base, &used, ROWS * KEYS * p->element);
  scratch->mask = take(base, &used, KEYS * p->element);
  scratch->row = take(base, &used, a->head_size * p->element);
  scratch->dots =
      (double*)(void*)take(base, &used, ROWS * (int64_t)sizeof(double));
  return used;
}

static const char* head_of(const plan_t* p,
                           const pt2__attention_operand_t* operand,
                           int64_t batch, int64_t head) {
  return (const char*)operand->data +
         p->bytes * (batch * operand->strides[0] + head * operand->strides[1]);
}

// One head of |operand|, where it lies or widened.
static void load(const plan_t* p, const pt2__attention_operand_t* operand,
                 int64_t batch, int64_t head, int64_t length,
                 matrix_t* matrix) {
  const char* from = head_of(p, operand, batch, head);
  if (in_place(p, operand)) {
    matrix->data = (char*)from;
    matrix->stride = operand->strides[2];
    return;
  }
  for (int64_t i = 0; i < length; ++i) {
    p->kernel->widen(p->a->dtype, from + i * operand->strides[2] * p->bytes,
                     operand->strides[3], p->a->head_size,
                     matrix->data + i * matrix->stride * p->element);
  }
}

static char* result_head(const plan_t* p, int which, int64_t batch,
                         int64_t head) {
  const int64_t* strides = p->g->result_strides[which];
  return (char*)p->g->results[which] +
         p->bytes * (batch * strides[0] + head * strides[1]);
}

static int64_t result_length(const plan_t* p, int which) {
  return which == 0 ? p->a->query_length : p->a->key_length;
}

// Points results |first| up to |last| at their head, or at zeros.
static void begin_results(const plan_t* p, int first, int last, int64_t batch,
                          int64_t head, scratch_t* s) {
  for (int i = first; i < last; ++i) {
    if (p->a->dtype == p->dtype) {
      s->results[i].data = result_head(p, i, batch, head);
      s->results[i].stride = p->g->result_strides[i][2];
    } else {
      memset(s->results[i].data, 0,
             (size_t)(result_length(p, i) * p->a->head_size * p->element));
    }
  }
}

static void end_results(const plan_t* p, int first, int last, int64_t batch,
                        int64_t head, const scratch_t* s) {
  if (p->a->dtype == p->dtype) {
    return;
  }
  for (int i = first; i < last; ++i) {
    char* to = result_head(p, i, batch, head);
    for (int64_t r = 0; r < result_length(p, i); ++r) {
      p->kernel->narrow(
          p->a->dtype,
          s->results[i].data + r * s->results[i].stride * p->element,
          p->a->head_size, to + r * p->g->result_strides[i][2] * p->bytes);
    }
  }
}

// dots[r] = gradient . out of the rows from |first| on.
static void find_dots(const plan_t* p, int64_t batch, int64_t head,
                      int64_t first, int64_t rows, const scratch_t* s) {
  const pt2__attention_t* a = p->a;
  const char* out =
      (const char*)a->out +
      p->bytes * (batch * a->out_strides[0] + head * a->out_strides[1]);
  for (int64_t r = 0; r < rows; ++r) {
    p->kernel->widen(a->dtype, out + (first + r) * a->out_strides[2] * p->bytes,
                     1, a->head_size, s->row);
    s->dots[r] = p->kernel->dot(
        s->gradient.data + (first + r) * s->gradient.stride * p->element,
        s->row, a->head_size);
  }
}

// [rows, keys] = alpha * left[rows, head size] @ right[keys, head size]^T
static pt2_status_t multiply_heads(const plan_t* p, double alpha,
                                   const matrix_t* left, int64_t first,
                                   int64_t rows, const matrix_t* right,
                                   int64_t first_key, int64_t keys, char* out) {
  const pt2__gemm_t gemm = {
      .dtype = p->dtype,
      .batch = 1,
      .m = rows,
      .n = keys,
      .k = p->a->head_size,
      .alpha = alpha,
      .a = {left->data + first * left->stride * p->element, 0, left->stride, 1},
      .b = {right->data + first_key * right->stride * p->element, 0, 1,
            right->stride},
      .c = out,
      .c_rs = KEYS,
      .c_cs = 1};
  return pt2__gemm(&gemm);
}

// result[first ...] += alpha * left[m, k] @ right[first_right ..., head size]
static pt2_status_t add_product(const plan_t* p, double alpha,
                                pt2__gemm_operand_t left, int64_t m, int64_t k,
                                const matrix_t* right, int64_t first_right,
                                const matrix_t* result, int64_t first) {
  char* out = result->data + first * result->stride * p->element;
  const pt2__gemm_t gemm = {
      .dtype = p->dtype,
      .batch = 1,
      .m = m,
      .n = p->a->head_size,
      .k = k,
      .alpha = alpha,
      .beta = 1,
      .a = left,
      .b = {right->data + first_right * right->stride * p->element, 0,
            right->stride, 1},
      .source = {out, 0, result->stride, 1},
      .c = out,
      .c_rs = result->stride,
      .c_cs = 1};
  return pt2__gemm(&gemm);
}

static pt2_status_t run_block(const plan_t* p, int64_t batch, int64_t head,
                              int64_t first, int64_t rows, int64_t first_key,
                              int64_t keys, const scratch_t* s) {
  double scale = p->a->scale;
  PT2_TRY(multiply_heads(p, scale, &s->q, first, rows, &s->k, first_key, keys,
                         s->scores));
  for (int64_t r = 0; r < rows; ++r) {
    p->kernel->weights(p->a, batch, head, first + r, first_key, keys, s->mask,
                       s->scores + r * KEYS * p->element);
  }
  const pt2__gemm_operand_t weights_by_key = {s->scores, 0, 1, KEYS};
  PT2_TRY(add_product(p, 1, weights_by_key, keys, rows, &s->gradient, first,
                      &s->results[2], first_key));
  PT2_TRY(multiply_heads(p, 1, &s->gradient, first, rows, &s->v, first_key,
                         keys, s->products));
  for (int64_t r = 0; r < rows; ++r) {
    p->kernel->differentiate(s->scores + r * KEYS * p->element, s->dots[r],
                             keys, s->products + r * KEYS * p->element);
  }
  const pt2__gemm_operand_t by_row = {s->products, 0, KEYS, 1};
  const pt2__gemm_operand_t by_key = {s->products, 0, 1, KEYS};
  PT2_TRY(add_product(p, scale, by_row, rows, keys, &s->k, first_key,
                      &s->results[0], first));
  return add_product(p, scale, by_key, keys, rows, &s->q, first, &s->results[1],
                     first_key);
}

// A head of q, whose keys and values are loaded.
static pt2_status_t run_head(const plan_t* p, int64_t batch, int64_t head,
                             scratch_t* s) {
  const pt2__attention_t* a = p->a;
  load(p, &a->q, batch, head, a->query_length, &s->q);
  load(p, &p->g->gradient, batch, head, a->query_length, &s->gradient);
  begin_results(p, 0, 1, batch, head, s);
  for (int64_t first = 0; first < a->query_length; first += ROWS) {
    int64_t rows = a->query_length - first;
    rows = rows < ROWS ? rows : ROWS;
    find_dots(p, batch, head, first, rows, s);
    int64_t limit = a->key_length;
    if (a->causal && first + rows < limit) {
      limit = first + rows;
    }
    for (int64_t key = 0; key < limit; key += KEYS) {
      int64_t keys = limit - key < KEYS ? limit - key : KEYS;
      PT2_TRY(run_block(p, batch, head, first, rows, key, keys, s));
    }
  }
  end_results(p, 0, 1, batch, head, s);
  return PT2_STATUS_OK;
}

// The heads of q that share head |group| of k and v.
static pt2_status_t run_group(const plan_t* p, int64_t batch, int64_t group,
                              scratch_t* s) {
  const pt2__attention_t* a = p->a;
  load(p, &a->k, batch, group, a->key_length, &s->k);
  load(p, &a->v, batch, group, a->key_length, &s->v);
  begin_results(p, 1, 3, batch, group, s);
  for (int64_t i = 0; i < a->group; ++i) {
    PT2_TRY(run_head(p, batch, group * a->group + i, s));
  }
  end_results(p, 1, 3, batch, group, s);
  return PT2_STATUS_OK;
}

pt2_status_t pt2__attention_gradient_run(const pt2__attention_gradient_t* g) {
  const pt2__attention_t* a = &g->forward;
  int64_t groups = a->heads / a->group;
  int64_t units = a->batch * groups;
  if (units == 0 || a->query_length == 0 || a->key_length == 0 ||
      a->head_size == 0) {
    return PT2_STATUS_OK;
  }
  plan_t plan = {
      .g = g,
      .a = a,
      .kernel = pt2__attention_kernel(a->dtype),
      .dtype = a->dtype == PT2_DTYPE_F64 ? PT2_DTYPE_F64 : PT2_DTYPE_F32};
  plan.element = (int64_t)pt2_dtype_size_bytes(plan.dtype);
  plan.bytes = (int64_t)pt2_dtype_size_bytes(a->dtype);
  double work = (double)(units * a->group) * (double)a->query_length *
                (double)a->key_length * (double)a->head_size;
  int64_t threads = pt2__op_threads(work < 1e15 ? (int64_t)work : INT64_MAX);
  threads = threads < units ? threads : units;
  scratch_t scratch = {0};
  int64_t bytes = lay_out(&plan, NULL, &scratch);
  size_t total = (size_t)bytes * (size_t)threads;
  char* memory = pt2__pool_alloc(total);
  if (memory == NULL) {
    return PT2_OUT_OF_MEMORY(total);
  }
  pt2_status_t status = PT2_STATUS_OK;
#pragma omp parallel for schedule(static) \
    num_threads((int)threads) if (threads > 1)
  for (int64_t part = 0; part < threads; ++part) {
    scratch_t mine = {0};
    lay_out(&plan, memory + part * bytes, &mine);
    int64_t last = units * (part + 1) / threads;
    pt2_status_t result = PT2_STATUS_OK;
    for (int64_t unit = units * part / threads;
         unit < last && result == PT2_STATUS_OK; ++unit) {
      result = run_group(&plan, unit / groups, unit % groups, &mine);
    }
    if (result != PT2_STATUS_OK) {
#pragma omp atomic write
      status = result;
    }
  }
  pt2__pool_free(memory, total);
  // The record of what went wrong is another thread's.
  return status == PT2_STATUS_OK ? status : PT2_OUT_OF_MEMORY(total);
}
