// SPDX-License-Identifier: Apache-2.0
//
// aten::mkldnn_rnn_layer: one direction of one LSTM layer, which inductor
// leaves uncompiled. As ATen (native/mkldnn/RNN.cpp): |input| is [T, N, I]
// row-major whatever |batch_first| says, the states are [1, N, H], gates lie in
// torch's order (input, forget, cell, output), and only LSTM comes this way.
#include <string.h>

#include "backends/cpu/cpu_features.h"
#include "backends/cpu/kernels/matmul/gemm.h"
#include "backends/cpu/kernels/sequence/lstm_cell.h"
#include "ops/op.h"

// torch's number for LSTM among the kinds of RNN.
enum { MODE_LSTM = 2, GATES = 4 };

typedef struct {
  int64_t steps, batch, inputs, hidden;
  bool reverse;
  int32_t dtype;
  // All in float and row-major.
  pt2_tensor_t* x;
  pt2_tensor_t* weight_ih;
  pt2_tensor_t* weight_hh;
  pt2_tensor_t* bias;   // [4H]: the sum of both, zeros without
  pt2_tensor_t* h;      // [N, H], of the step before
  pt2_tensor_t* c;      // [N, H], in place
  pt2_tensor_t* gates;  // [T, N, 4H]
  pt2_tensor_t* y;      // [T, N, H]
} lstm_t;

static pt2__lstm_cell_fn cell_kernel(void) {
#if defined(__x86_64__)
  if (pt2__cpu_level() >= PT2__CPU_AVX512) {
    return pt2__lstm_cell_avx512;
  }
  if (pt2__cpu_level() >= PT2__CPU_AVX2) {
    return pt2__lstm_cell_avx2;
  }
#endif
  return pt2__lstm_cell_portable;
}

static pt2_status_t check_sizes(const pt2_tensor_t* tensor, const char* name,
                                int rank, const int64_t* sizes) {
  if (tensor->rank != rank ||
      memcmp(tensor->sizes, sizes, (size_t)rank * sizeof(*sizes)) != 0) {
    char wanted[128];
    char got[128];
    return PT2_FAIL(
        PT2_STATUS_INVALID_ARGUMENT, "%s has sizes %s, expected %s", name,
        pt2__sizes_format(tensor->rank, tensor->sizes, got, sizeof(got)),
        pt2__sizes_format(rank, sizes, wanted, sizeof(wanted)));
  }
  return PT2_STATUS_OK;
}

static pt2_status_t check(pt2_tensor_t* const* tensors, int64_t hidden,
                          bool has_biases, lstm_t* lstm) {
  static const char* const names[] = {
      "input", "weight_ih", "weight_hh", "bias_ih", "bias_hh", "hx", "cx"};
  for (int i = 0; i < 7; ++i) {
    if (has_biases || (i != 3 && i != 4)) {
      PT2_OP_CHECK_TENSOR(tensors[i], names[i]);
      PT2_OP_CHECK(tensors[i]->dtype == tensors[0]->dtype,
                   "%s has dtype %s, input has %s", names[i],
                   pt2__dtype_torch_name(tensors[i]->dtype),
                   pt2__dtype_torch_name(tensors[0]->dtype));
    }
  }
  const pt2_tensor_t* x = tensors[0];
  PT2_OP_CHECK(x->dtype == PT2_DTYPE_F32 || x->dtype == PT2_DTYPE_BF16 ||
                   x->dtype == PT2_DTYPE_F16,
               "expected float or bfloat16 or half, got %s",
               pt2__dtype_torch_name(x->dtype));
  PT2_OP_CHECK(x->rank == 3, "input has %d dimensions, expected 3", x->rank);
  PT2_OP_CHECK(hidden > 0 && hidden <= INT32_MAX, "hidden_size is %lld",
               (long long)hidden);
  lstm->dtype = x->dtype;
  lstm->steps = x->sizes[0];
  lstm->batch = x->sizes[1];
  lstm->inputs = x->sizes[2];
  lstm->hidden = hidden;
  const int64_t ih[] = {GATES * hidden, lstm->inputs};
  const int64_t hh[] = {GATES * hidden, hidden};
  PT2_TRY(check_sizes(tensors[1], names[1], 2, ih));
  PT2_TRY(check_sizes(tensors[2], names[2], 2, hh));
  if (has_biases) {
    PT2_TRY(check_sizes(tensors[3], names[3], 1, ih));
    PT2_TRY(check_sizes(tensors[4], names[4], 1, ih));
  }
  const int64_t state = lstm->batch * hidden;
  PT2_OP_CHECK(tensors[5]->numel == state && tensors[6]->numel == state,
               "hx and cx have %lld and %lld elements, expected %lld",
               (long long)tensors[5]->numel, (long long)tensors[6]->numel,
               (long long)state);
  return PT2_STATUS_OK;
}

// The sum of both biases, as ATen takes it in their own dtype.
static pt2_status_t sum_biases(pt2_tensor_t* const* tensors, bool has_biases,
                               lstm_t* lstm) {
  const int64_t sizes[] = {GATES * lstm->hidden};
  PT2_TRY(pt2__tensor_empty(PT2_DTYPE_F32, 1, sizes, NULL, &lstm->bias));
  float* sum = lstm->bias->data;
  if (!has_biases) {
    memset(sum, 0, (size_t)sizes[0] * sizeof(*sum));
    return PT2_STATUS_OK;
  }
  pt2_tensor_t* other = NULL;
  PT2_TRY(pt2__tensor_copy(lstm->bias, tensors[3]));
  PT2_TRY(pt2__tensor_to_contiguous(tensors[4], PT2_DTYPE_F32, &other));
  const float* more = other->data;
  for (int64_t i = 0; i < sizes[0]; ++i) {
    sum[i] += more[i];
    if (lstm->dtype == PT2_DTYPE_BF16) {
      sum[i] = pt2__bf16_to_f32(pt2__f32_to_bf16(sum[i]));
    } else if (lstm->dtype == PT2_DTYPE_F16) {
      sum[i] = pt2__f16_to_f32(pt2__f32_to_f16(sum[i]));
    }
  }
  pt2__tensor_release(other);
  return PT2_STATUS_OK;
}

// A copy of a state that may be written.
static pt2_status_t copy_state(const pt2_tensor_t* state, lstm_t* lstm,
                               pt2_tensor_t** out_copy) {
  const int64_t sizes[] = {1, lstm->batch, lstm->hidden};
  PT2_TRY(pt2__tensor_empty(PT2_DTYPE_F32, 3, sizes, NULL, out_copy));
  return pt2__tensor_copy(*out_copy, state);
}

static pt2_status_t prepare(pt2_tensor_t* const* tensors, bool has_biases,
                            lstm_t* lstm) {
  PT2_TRY(pt2__tensor_to_contiguous(tensors[0], PT2_DTYPE_F32, &lstm->x));
  PT2_TRY(
      pt2__tensor_to_contiguous(tensors[1], PT2_DTYPE_F32, &lstm->weight_ih));
  PT2_TRY(
      pt2__tensor_to_contiguous(tensors[2], PT2_DTYPE_F32, &lstm->weight_hh));
  PT2_TRY(sum_biases(tensors, has_biases, lstm));
  PT2_TRY(copy_state(tensors[5], lstm, &lstm->h));
  PT2_TRY(copy_state(tensors[6], lstm, &lstm->c));
  const int64_t gates[] = {lstm->steps, lstm->batch, GATES * lstm->hidden};
  const int64_t y[] = {lstm->steps, lstm->batch, lstm->hidden};
  PT2_TRY(pt2__tensor_empty(PT2_DTYPE_F32, 3, gates, NULL, &lstm->gates));
  return pt2__tensor_empty(PT2_DTYPE_F32, 3, y, NULL, &lstm->y);
}

static void release(lstm_t* lstm) {
  pt2_tensor_t* const all[] = {lstm->x,     lstm->weight_ih, lstm->weight_hh,
                               lstm->bias,  lstm->h,         lstm->c,
                               lstm->gates, lstm->y};
  for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); ++i) {
    pt2__tensor_release(all[i]);
  }
}

// gates = rows @ weight^T + source, |rows| of |k| values each.
static pt2_status_t multiply(const lstm_t* lstm, const float* rows,
                             int64_t row_count, int64_t k,
                             const pt2_tensor_t* weight, const float* source,
                             int64_t source_stride, float* gates) {
  const int64_t n = GATES * lstm->hidden;
  const pt2__gemm_t gemm = {
      .dtype = PT2_DTYPE_F32,
      .batch = 1,
      .m = row_count,
      .n = n,
      .k = k,
      .alpha = 1,
      .beta = 1,
      .a = {.data = rows, .rs = k, .cs = 1},
      .b = {.data = weight->data, .rs = 1, .cs = k},
      .source = {.data = source, .rs = source_stride, .cs = 1},
      .c = gates,
      .c_rs = n,
      .c_cs = 1,
      .panels = pt2__gemm_pack(weight, true, row_count),
  };
  return pt2__gemm(&gemm);
}

static pt2_status_t compute(lstm_t* lstm) {
  const int64_t n = GATES * lstm->hidden;
  const int64_t state = lstm->batch * lstm->hidden;
  pt2__lstm_cell_fn cell = cell_kernel();
  float* gates = lstm->gates->data;
  float* y = lstm->y->data;
  if (lstm->steps == 0 || lstm->batch == 0) {
    return PT2_STATUS_OK;
  }
  // The inputs' share of all steps in one product.
  PT2_TRY(multiply(lstm, lstm->x->data, lstm->steps * lstm->batch, lstm->inputs,
                   lstm->weight_ih, lstm->bias->data, 0, gates));
  const float* h = lstm->h->data;
  for (int64_t turn = 0; turn < lstm->steps; ++turn) {
    int64_t t = lstm->reverse ? lstm->steps - 1 - turn : turn;
    float* now = gates + t * lstm->batch * n;
    float* out = y + t * state;
    PT2_TRY(multiply(lstm, h, lstm->batch, lstm->hidden, lstm->weight_hh, now,
                     n, now));
    for (int64_t row = 0; row < lstm->batch; ++row) {
      cell(now + row * n, lstm->hidden,
           (float*)lstm->c->data + row * lstm->hidden,
           out + row * lstm->hidden);
    }
    h = out;
  }
  memcpy(lstm->h->data, h, (size_t)state * sizeof(float));
  return PT2_STATUS_OK;
}

// Results in the dtype that came in; the states with the sizes that came in.
static pt2_status_t results(const lstm_t* lstm, pt2_tensor_t* const* tensors,
                            pt2_tensor_t** out) {
  const pt2_tensor_t* computed[] = {lstm->y, lstm->h, lstm->c};
  const pt2_tensor_t* shapes[] = {lstm->y, tensors[5], tensors[6]};
  for (int i = 0; i < 3; ++i) {
    PT2_TRY(pt2__tensor_empty(lstm->dtype, shapes[i]->rank, shapes[i]->sizes,
                              NULL, &out[i]));
    pt2_tensor_t* flat = NULL;
    PT2_TRY(pt2__tensor_view(computed[i], shapes[i]->rank, shapes[i]->sizes,
                             out[i]->strides, 0, &flat));
    pt2_status_t status = pt2__tensor_copy(out[i], flat);
    pt2__tensor_release(flat);
    PT2_TRY(status);
  }
  // The training workspace: undefined, as in inference.
  return pt2__tensor_undefined(&out[3]);
}

static pt2_status_t rnn_layer(pt2_tensor_t* const* tensors, bool reverse,
                              int64_t batch_sizes_count, int64_t mode,
                              int64_t hidden, bool has_biases, bool train,
                              AtenTensorHandle** outs) {
  PT2_OP_CHECK(mode == MODE_LSTM,
               "mode %lld is not LSTM (2), the only kind that comes this way",
               (long long)mode);
  PT2_OP_CHECK(batch_sizes_count == 0, "packed sequences are not supported");
  PT2_OP_CHECK(!train, "training is not supported");
  lstm_t lstm = {.reverse = reverse};
  PT2_TRY(check(tensors, hidden, has_biases, &lstm));
  pt2_tensor_t* out[4] = {NULL};
  pt2_status_t status = prepare(tensors, has_biases, &lstm);
  if (status == PT2_STATUS_OK) {
    status = compute(&lstm);
  }
  if (status == PT2_STATUS_OK) {
    status = results(&lstm, tensors, out);
  }
  release(&lstm);
  for (int i = 0; i < 4; ++i) {
    if (status == PT2_STATUS_OK) {
      *outs[i] = out[i];
    } else {
      pt2__tensor_release(out[i]);
    }
  }
  return status;
}

AOTITorchError aoti_torch_cpu_mkldnn_rnn_layer(
    AtenTensorHandle input, AtenTensorHandle weight0, AtenTensorHandle weight1,
    AtenTensorHandle weight2, AtenTensorHandle weight3, AtenTensorHandle hx,
    AtenTensorHandle cx, int32_t reverse, const int64_t* batch_sizes,
    int64_t batch_sizes_count, int64_t mode, int64_t hidden_size,
    int64_t num_layers, int32_t has_biases, int32_t bidirectional,
    int32_t batch_first, int32_t train, AtenTensorHandle* ret0,
    AtenTensorHandle* ret1, AtenTensorHandle* ret2, AtenTensorHandle* ret3) {
  // One call is one layer and one direction; these describe the whole module.
  (void)batch_sizes, (void)num_layers, (void)bidirectional, (void)batch_first;
  pt2_tensor_t* const tensors[] = {input,   weight0, weight1, weight2,
                                   weight3, hx,      cx};
  AtenTensorHandle* outs[] = {ret0, ret1, ret2, ret3};
  PT2_OP_RETURN("aten::mkldnn_rnn_layer",
                rnn_layer(tensors, reverse != 0, batch_sizes_count, mode,
                          hidden_size, has_biases != 0, train != 0, outs));
}
