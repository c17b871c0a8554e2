// SPDX-License-Identifier: Apache-2.0
//
// _scaled_dot_product_attention_math_for_mps: 3 to 5 dimensions, masks (bool or
// added), heads that share keys and values. Gives the weights too.
#include <math.h>

#include "backends/mps/mps.h"

// A threadgroup of the first kernel.
#define LANES 32

// The kernels' struct of the same name (kernels/attention.metal).
typedef struct {
  int32_t heads, rows, keys, depth, depth_v;
  int32_t q_per_k, q_per_v;
  int32_t causal;
  int32_t mask_kind;
  float scale;
  int64_t q[4];
  int64_t k[4];
  int64_t v[4];
  int64_t mask[4];
} attention_t;

enum { MASK_NONE, MASK_BOOL, MASK_ADDED };

typedef struct {
  AtenTensorHandle q, k, v, mask;
  bool causal;
  const double* scale;
} call_t;

// What the call comes to; dimensions in front of the batch are a loop.
typedef struct {
  pt2__mps_view_t q, k, v, mask;
  int64_t outer;
  int64_t outer_strides[4];  // q, k, v, mask
  int64_t batch;
  attention_t kernel;
} plan_t;

#define OPERATOR "aten::_scaled_dot_product_attention_math_for_mps"
#define CHECK(condition, ...)                           \
  do {                                                  \
    if (!(condition)) {                                 \
      return PT2__MPS_FAIL(PT2_STATUS_INVALID_ARGUMENT, \
                           OPERATOR ": " __VA_ARGS__);  \
    }                                                   \
  } while (0)

// Size and stride of dimension |i| of the last four, 1 and 0 if there is none.
static int64_t size_at(const pt2__mps_view_t* view, int i) {
  int64_t at = view->rank - 4 + i;
  return at < 0 ? 1 : view->sizes[at];
}

static int64_t stride_at(const pt2__mps_view_t* view, int i) {
  int64_t at = view->rank - 4 + i;
  return at < 0 || view->sizes[at] == 1 ? 0 : view->strides[at];
}

static int64_t outer_stride(const pt2__mps_view_t* view) {
  return view->rank < 5 || view->sizes[0] == 1 ? 0 : view->strides[0];
}

static pt2_status_t check_shapes(const plan_t* p) {
  const pt2__mps_view_t *q = &p->q, *k = &p->k, *v = &p->v;
  CHECK(
      q->rank >= 3 && q->rank <= 5 && k->rank == q->rank && v->rank == q->rank,
      "query, key and value have 3 to 5 dimensions, not %lld, %lld and %lld",
      (long long)q->rank, (long long)k->rank, (long long)v->rank);
  CHECK(pt2__mps_is_float(q->dtype),
        "the query's dtype is %s, expected float32, float16 or bfloat16",
        pt2__mps_dtype_text(q->dtype));
  CHECK(k->dtype == q->dtype && v->dtype == q->dtype,
        "query, key and value differ in dtype");
  for (int i = 0; i < 4; ++i) {
    CHECK(size_at(q, i) <= INT32_MAX && size_at(k, i) <= INT32_MAX &&
              size_at(v, i) <= INT32_MAX,
          "a dimension is too large");
  }
  CHECK((q->rank < 5 ||
         (k->sizes[0] == q->sizes[0] && v->sizes[0] == q->sizes[0])) &&
            size_at(k, 0) == size_at(q, 0) && size_at(v, 0) == size_at(q, 0),
        "query, key and value differ in their batch dimensions");
  CHECK(size_at(k, 3) == size_at(q, 3), "a query has %lld numbers, a key %lld",
        (long long)size_at(q, 3), (long long)size_at(k, 3));
  CHECK(size_at(k, 2) == size_at(v, 2), "there are %lld keys and %lld values",
        (long long)size_at(k, 2), (long long)size_at(v, 2));
  CHECK(size_at(k, 1) > 0 && size_at(q, 1) % size_at(k, 1) == 0 &&
            size_at(v, 1) > 0 && size_at(q, 1) % size_at(v, 1) == 0,
        "%lld heads cannot share %lld of keys and %lld of values",
        (long long)size_at(q, 1), (long long)size_at(k, 1),
        (long long)size_at(v, 1));
  return PT2_STATUS_OK;
}

static pt2_status_t plan_mask(AtenTensorHandle mask, plan_t* p) {
  attention_t* g = &p->kernel;
  if (mask == NULL) {
    return PT2_STATUS_OK;
  }
  CHECK(pt2__mps_view(mask, &p->mask), "the mask is not a tensor of mps");
  CHECK(g->causal == 0, "a mask and is_causal exclude each other");
  CHECK(p->mask.dtype == PT2_DTYPE_BOOL || p->mask.dtype == p->q.dtype,
        "the mask's dtype is %s, expected bool or the query's",
        pt2__mps_dtype_text(p->mask.dtype));
  CHECK(p->mask.rank <= p->q.rank, "the mask has too many dimensions");
  const int64_t wanted[4] = {p->batch, g->heads, g->rows, g->keys};
  for (int i = 0; i < 4; ++i) {
    int64_t size = size_at(&p->mask, i);
    CHECK(size == 1 || size == wanted[i],
          "dimension %d of the mask is %lld, expected %lld or 1", i - 4,
          (long long)size, (long long)wanted[i]);
    g->mask[i] = stride_at(&p->mask, i);
  }
  CHECK(
      p->mask.rank < 5 || p->mask.sizes[0] == 1 || p->mask.sizes[0] == p->outer,
      "dimension -5 of the mask does not fit");
  p->outer_strides[3] = outer_stride(&p->mask);
  g->mask_kind = p->mask.dtype == PT2_DTYPE_BOOL ? MASK_BOOL : MASK_ADDED;
  return PT2_STATUS_OK;
}

static pt2_status_t make_plan(const call_t* call, plan_t* p) {
  *p = (plan_t){0};
  CHECK(pt2__mps_view(call->q, &p->q) && pt2__mps_view(call->k, &p->k) &&
            pt2__mps_view(call->v, &p->v),
        "query, key and value have to be tensors of mps");
  PT2__MPS_TRY(check_shapes(p));
  attention_t* g = &p->kernel;
  p->outer = p->q.rank == 5 ? p->q.sizes[0] : 1;
  p->batch = size_at(&p->q, 0);
  g->heads = (int32_t)size_at(&p->q, 1);
  g->rows = (int32_t)size_at(&p->q, 2);
  g->keys = (int32_t)size_at(&p->k, 2);
  g->depth = (int32_t)size_at(&p->q, 3);
  g->depth_v = (int32_t)size_at(&p->v, 3);
  g->q_per_k = g->heads / (int32_t)size_at(&p->k, 1);
  g->q_per_v = g->heads / (int32_t)size_at(&p->v, 1);
  g->causal = call->causal;
  g->scale =
      (float)(call->scale != NULL ? *call->scale : 1 / sqrt((double)g->depth));
  for (int i = 0; i < 4; ++i) {
    g->q[i] = stride_at(&p->q, i);
    g->k[i] = stride_at(&p->k, i);
    g->v[i] = stride_at(&p->v, i);
  }
  p->outer_strides[0] = outer_stride(&p->q);
  p->outer_strides[1] = outer_stride(&p->k);
  p->outer_strides[2] = outer_stride(&p->v);
  return plan_mask(call->mask, p);
}

// A contiguous tensor like the query with another last dimension.
static pt2_status_t make_like(const plan_t* p, int64_t last, int32_t dtype,
                              AtenTensorHandle* out) {
  int64_t sizes[5];
  for (int64_t i = 0; i < p->q.rank; ++i) {
    sizes[i] = i == p->q.rank - 1 ? last : p->q.sizes[i];
  }
  return pt2__mps_make(p->q.rank, sizes, dtype, NULL, out);
}

static pt2_status_t encode_weights(const call_t* call, const plan_t* p,
                                   int64_t outer, int64_t line,
                                   AtenTensorHandle weights,
                                   AtenTensorHandle scores,
                                   pt2__mps_kernel_t* kernel) {
  const attention_t* g = &p->kernel;
  AtenTensorHandle mask = g->mask_kind != MASK_NONE ? call->mask : call->q;
  int64_t mask_at = outer * p->outer_strides[g->mask_kind != MASK_NONE ? 3 : 0];
  PT2__MPS_TRY(pt2__mps_encode_begin(kernel));
  PT2__MPS_TRY(pt2__mps_encode_part(0, weights, line * g->keys));
  PT2__MPS_TRY(pt2__mps_encode_part(1, call->q, outer * p->outer_strides[0]));
  PT2__MPS_TRY(pt2__mps_encode_part(2, call->k, outer * p->outer_strides[1]));
  PT2__MPS_TRY(pt2__mps_encode_part(3, mask, mask_at));
  PT2__MPS_TRY(pt2__mps_encode_part(4, mask, mask_at));
  PT2__MPS_TRY(pt2__mps_encode_bytes(5, g, sizeof(*g)));
  PT2__MPS_TRY(pt2__mps_encode_part(6, scores, line * g->keys));
  uint64_t threads[3] = {(uint64_t)g->rows * LANES, (uint64_t)g->heads,
                         (uint64_t)p->batch};
  uint64_t group[3] = {LANES, 1, 1};
  return pt2__mps_encode_dispatch(kernel, threads, 3, group, 3);
}

static pt2_status_t encode_values(const call_t* call, const plan_t* p,
                                  int64_t outer, int64_t line,
                                  AtenTensorHandle result,
                                  AtenTensorHandle scores,
                                  pt2__mps_kernel_t* kernel) {
  const attention_t* g = &p->kernel;
  PT2__MPS_TRY(pt2__mps_encode_begin(kernel));
  PT2__MPS_TRY(pt2__mps_encode_part(0, result, line * g->depth_v));
  PT2__MPS_TRY(pt2__mps_encode_part(1, scores, line * g->keys));
  PT2__MPS_TRY(pt2__mps_encode_part(2, call->v, outer * p->outer_strides[2]));
  PT2__MPS_TRY(pt2__mps_encode_bytes(3, g, sizeof(*g)));
  uint64_t threads[3] = {(uint64_t)g->depth_v, (uint64_t)g->rows,
                         (uint64_t)(p->batch * g->heads)};
  uint64_t group[3] = {LANES, 1, 1};
  return pt2__mps_encode_dispatch(kernel, threads, 3, group, 3);
}

static pt2_status_t encode(const call_t* call, const plan_t* p,
                           AtenTensorHandle result, AtenTensorHandle weights,
                           AtenTensorHandle scores) {
  pt2__mps_kernel_t *first, *second;
  PT2__MPS_TRY(pt2__mps_own_kernel(pt2__mps_attention_source, p->q.dtype,
                                   "attention_weights", &first));
  PT2__MPS_TRY(pt2__mps_own_kernel(pt2__mps_attention_source, p->q.dtype,
                                   "attention_values", &second));
  const attention_t* g = &p->kernel;
  pt2_status_t status = PT2_STATUS_OK;
  pt2__mps_lock();
  for (int64_t i = 0; status == PT2_STATUS_OK && i < p->outer; ++i) {
    int64_t line = i * p->batch * g->heads * g->rows;
    status = encode_weights(call, p, i, line, weights, scores, first);
    if (status == PT2_STATUS_OK) {
      status = encode_values(call, p, i, line, result, scores, second);
    }
  }
  pt2__mps_unlock();
  return status;
}

static pt2_status_t run(const call_t* call, AtenTensorHandle* out_result,
                        AtenTensorHandle* out_weights) {
  plan_t p;
  PT2__MPS_TRY(pt2__mps_check_out(OPERATOR, out_result));
  PT2__MPS_TRY(pt2__mps_check_out(OPERATOR, out_weights));
  PT2__MPS_TRY(make_plan(call, &p));
  AtenTensorHandle result = NULL, weights = NULL, scores = NULL;
  pt2_status_t status = make_like(&p, p.kernel.depth_v, p.q.dtype, &result);
  if (status == PT2_STATUS_OK) {
    status = make_like(&p, p.kernel.keys, p.q.dtype, &weights);
  }
  if (status == PT2_STATUS_OK) {
    status = make_like(&p, p.kernel.keys, PT2_DTYPE_F32, &scores);
  }
  // Without keys there is nothing to look at, and the result is 0.
  bool empty = p.q.numel == 0 || p.kernel.keys == 0 || p.kernel.depth_v == 0;
  if (status == PT2_STATUS_OK && empty) {
    status =
        pt2__mps_host.zero_(result) == 0 ? PT2_STATUS_OK : PT2_STATUS_INTERNAL;
  } else if (status == PT2_STATUS_OK) {
    status = encode(call, &p, result, weights, scores);
  }
  // The commands keep the memory.
  pt2__mps_delete(scores);
  if (status == PT2_STATUS_OK) {
    *out_result = result;
    *out_weights = weights;
    return PT2_STATUS_OK;
  }
  pt2__mps_delete(result);
  pt2__mps_delete(weights);
  return status;
}

static pt2_status_t attention(AtenTensorHandle query, AtenTensorHandle key,
                              AtenTensorHandle value,
                              AtenTensorHandle* attn_mask, double dropout_p,
                              int32_t is_causal, const double* scale,
                              AtenTensorHandle* ret0, AtenTensorHandle* ret1) {
  CHECK(dropout_p == 0, "dropout is not supported");
  call_t call = {.q = query,
                 .k = key,
                 .v = value,
                 .mask = attn_mask != NULL ? *attn_mask : NULL,
                 .causal = is_causal != 0,
                 .scale = scale};
  return run(&call, ret0, ret1);
}

AOTITorchError aoti_torch_mps__scaled_dot_product_attention_math_for_mps(
    AtenTensorHandle query, AtenTensorHandle key, AtenTensorHandle value,
    AtenTensorHandle* attn_mask, double dropout_p, int32_t is_causal,
    AtenTensorHandle* dropout_mask, double* scale, AtenTensorHandle* ret0,
    AtenTensorHandle* ret1) {
  (void)dropout_mask;  // only read together with dropout_p
  PT2__MPS_RETURN(attention(query, key, value, attn_mask, dropout_p, is_causal,
                            scale, ret0, ret1));
}

AOTITorchError aoti_torch_mps__scaled_dot_product_attention_math_for_mps_v2(
    AtenTensorHandle query, AtenTensorHandle key, AtenTensorHandle value,
    AtenTensorHandle* attn_mask, double dropout_p, int32_t is_causal,
    AtenTensorHandle* dropout_mask, double* scale, int32_t enable_gqa,
    AtenTensorHandle* ret0, AtenTensorHandle* ret1) {
  (void)dropout_mask;
  (void)enable_gqa;  // the sizes tell
  PT2__MPS_RETURN(attention(query, key, value, attn_mask, dropout_p, is_causal,
                            scale, ret0, ret1));
}
