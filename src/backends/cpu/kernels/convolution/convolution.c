// SPDX-License-Identifier: Apache-2.0
//
// Brings a convolution's tensors into the form that the kernels take, and keeps
// the packed form of weights that are constants.
#include "backends/cpu/kernels/convolution/convolution.h"

#include <omp.h>
#include <string.h>
#if defined(__x86_64__)
#include <cpuid.h>
#endif

#include "backends/cpu/kernels/convolution/conv_planes.h"
#include "ops/op.h"

#if defined(__x86_64__)
// Bit |bit| of EDX of CPUID's leaf 7: features whose names not every compiler
// knows.
static bool has_feature(unsigned subleaf, int bit) {
  unsigned a, b, c, d;
  return __get_cpuid_count(7, subleaf, &a, &b, &c, &d) != 0 && (d >> bit & 1);
}
#endif

pt2__conv_host_t pt2__conv_host(int32_t dtype) {
  pt2__conv_host_t host = {.threads = true};
#if defined(__x86_64__)
  // The CPUs on which PyTorch gives oneDNN these types.
  bool wide = __builtin_cpu_supports("avx512bw") &&
              __builtin_cpu_supports("avx512vl") &&
              __builtin_cpu_supports("avx512dq");
  if (dtype == PT2_DTYPE_BF16) {
    host.always_onednn = wide || has_feature(1, 5);  // AVX-NE-CONVERT
  } else if (dtype == PT2_DTYPE_F16) {
    // AVX512-FP16
    host.always_onednn = (wide && has_feature(0, 23)) || has_feature(1, 5);
  }
#else
  (void)dtype;
#endif
  return host;
}

static int32_t compute_dtype(int32_t dtype) {
  switch (dtype) {
    case PT2_DTYPE_F32:
    case PT2_DTYPE_F16:
    case PT2_DTYPE_BF16:
      return PT2_DTYPE_F32;
    case PT2_DTYPE_F64:
      return PT2_DTYPE_F64;
    default:
      return PT2_DTYPE_I64;
  }
}

// Strides of batch, channel, depth, height, width.
static void spread_strides(const pt2_tensor_t* tensor, int64_t* strides) {
  strides[0] = tensor->strides[0];
  strides[1] = tensor->strides[1];
  for (int i = 2; i < 5; ++i) {
    int from = i - 5 + tensor->rank;
    strides[i] = from >= 2 ? tensor->strides[from] : 0;
  }
}

// |source| in |dtype|: itself, or a copy with the same order of dimensions.
static pt2_status_t convert(const pt2_tensor_t* source, int32_t dtype,
                            pt2_tensor_t** out_tensor) {
  if (source->dtype == dtype) {
    return pt2__tensor_alias(source, out_tensor);
  }
  pt2_tensor_t* copy = NULL;
  PT2_TRY(pt2__tensor_empty_like(source, dtype, &copy));
  pt2_status_t status = pt2__tensor_copy(copy, source);
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(copy);
    return status;
  }
  *out_tensor = copy;
  return PT2_STATUS_OK;
}

// ---- Packed weights --------------------------------------------------------

typedef struct {
  pt2__packed_t base;
  void* data;
  size_t bytes;
} packed_weight_t;

static const char packed_kind;

static void destroy_packed(pt2__packed_t* packed) {
  packed_weight_t* mine = (packed_weight_t*)packed;
  pt2__pool_free(mine->data, mine->bytes);
  pt2__free(mine);
}

// Packs a constant |weight| once; |*out_data| stays NULL if it is none.
static pt2_status_t find_packed(const pt2__conv_t* conv,
                                const pt2_tensor_t* weight,
                                const void** out_data) {
  if (!pt2__packed_allowed(weight)) {
    return PT2_STATUS_OK;
  }
  const int64_t extra[4] = {conv->groups, conv->transposed, 0, 0};
  pt2__packed_t* found = pt2__packed_find(weight, &packed_kind, extra);
  if (found != NULL) {
    *out_data = ((packed_weight_t*)found)->data;
    return PT2_STATUS_OK;
  }
  pt2_tensor_t* converted = NULL;
  PT2_TRY(convert(weight, PT2_DTYPE_F32, &converted));
  packed_weight_t* made = pt2__calloc(1, sizeof(*made));
  size_t bytes = pt2__conv_packed_bytes_f32(conv);
  void* data = made == NULL ? NULL : pt2__pool_alloc(bytes);
  if (data == NULL) {
    pt2__free(made);
    pt2__tensor_release(converted);
    return PT2_OUT_OF_MEMORY(bytes);
  }
  pt2__conv_direct_t call = {.conv = conv, .weight = converted->data};
  spread_strides(converted, call.weight_strides);
  pt2__conv_pack_f32(&call, data);
  pt2__tensor_release(converted);
  made->data = data;
  made->bytes = bytes;
  made->base.destroy = destroy_packed;
  made->base.bytes = bytes;
  found = pt2__packed_insert(weight, &packed_kind, extra, &made->base);
  *out_data = ((packed_weight_t*)found)->data;
  return PT2_STATUS_OK;
}

// ---- The call --------------------------------------------------------------

// Tensors in the dtype that is computed with; those that are missing stay NULL.
typedef struct {
  pt2_tensor_t* input;
  pt2_tensor_t* weight;
  pt2_tensor_t* bias;
  pt2_tensor_t* output;
} operands_t;

static void release_operands(operands_t* operands) {
  pt2__tensor_release(operands->input);
  pt2__tensor_release(operands->weight);
  pt2__tensor_release(operands->bias);
  pt2__tensor_release(operands->output);
}

// Planes at most, and taps of all of them at least: fewer make short sums.
#define MOST_PLANES 4
#define LEAST_PLANE_TAPS 16
// Columns further apart are not side by side at once when they are copied.
#define MOST_PLANE_STRIDE 2

static int64_t depth_of(const pt2__conv_t* conv) {
  return conv->channels_in * conv->kernel[1] * conv->kernel[2];
}

// Planes of few channels, which are read as they lie.
static bool runs_dense_planes(const pt2__conv_t* conv,
                              const pt2_tensor_t* input, int32_t dtype) {
  return dtype == PT2_DTYPE_F32 && !conv->channels_last &&
         conv->channels_in <= MOST_PLANES &&
         conv->stride[2] <= MOST_PLANE_STRIDE &&
         pt2__conv_planes_dense_fit(conv) &&
         depth_of(conv) >= LEAST_PLANE_TAPS &&
         (input->strides[input->rank - 1] == 1 || conv->input[2] == 1);
}

// The weight as [output channel][input channel][tap].
static void copy_dense_weight(const pt2__conv_direct_t* call, float* to) {
  const pt2__conv_t* conv = call->conv;
  const int64_t* strides = call->weight_strides;
  for (int64_t o = 0; o < conv->channels_out; ++o) {
    for (int64_t c = 0; c < conv->channels_in; ++c) {
      const float* from =
          (const float*)call->weight + o * strides[0] + c * strides[1];
      for (int64_t i = 0; i < conv->kernel[1]; ++i) {
        for (int64_t j = 0; j < conv->kernel[2]; ++j) {
          *to++ = from[i * strides[3] + j * strides[4]];
        }
      }
    }
  }
}

static pt2_status_t run_dense_planes(const pt2__conv_direct_t* call) {
  const pt2__conv_t* conv = call->conv;
  const size_t bytes =
      sizeof(float) * (size_t)(conv->channels_out * depth_of(conv));
  float* weight = pt2__pool_alloc(bytes);
  if (weight == NULL) {
    return PT2_OUT_OF_MEMORY(bytes);
  }
  copy_dense_weight(call, weight);
  const pt2__conv_planes_t planes = {
      .conv = conv,
      .input = call->input,
      .strides = {call->input_strides[0], call->input_strides[1],
                  call->input_strides[3]},
      .weight = weight,
      .bias = call->bias,
      .output = call->output,
      .epilogue = call->epilogue,
      .epilogue_context = call->epilogue_context};
  const pt2_status_t status = pt2__conv_dense_planes()(&planes);
  pt2__pool_free(weight, bytes);
  return status;
}

static pt2_status_t run(const pt2__conv_t* conv, const pt2_tensor_t* input,
                        const pt2_tensor_t* weight, const pt2_tensor_t* bias,
                        const pt2__conv_finish_t* finish, pt2_tensor_t* output,
                        operands_t* operands) {
  int32_t dtype = compute_dtype(input->dtype);
  pt2__conv_direct_t call = {.conv = conv};
  const bool planes = runs_dense_planes(conv, input, dtype);
  if (dtype == PT2_DTYPE_F32 && !planes) {
    PT2_TRY(find_packed(conv, weight, &call.packed));
  }
  PT2_TRY(convert(input, dtype, &operands->input));
  call.input = operands->input->data;
  spread_strides(operands->input, call.input_strides);
  if (call.packed == NULL) {
    PT2_TRY(convert(weight, dtype, &operands->weight));
    call.weight = operands->weight->data;
    spread_strides(operands->weight, call.weight_strides);
  }
  if (bias != NULL) {
    PT2_TRY(pt2__tensor_to_contiguous(bias, dtype, &operands->bias));
    call.bias = operands->bias->data;
  }
  if (output->dtype == dtype) {
    PT2_TRY(pt2__tensor_alias(output, &operands->output));
  } else {
    PT2_TRY(pt2__tensor_empty(dtype, conv->rank, conv->out_sizes,
                              conv->out_strides, &operands->output));
  }
  call.output = operands->output->data;
  if (finish != NULL) {
    call.epilogue = finish->apply;
    call.epilogue_context = finish->context;
  }
  PT2_TRY(planes                   ? run_dense_planes(&call)
          : dtype == PT2_DTYPE_F32 ? pt2__conv_direct_f32(&call)
          : dtype == PT2_DTYPE_F64 ? pt2__conv_direct_f64(&call)
                                   : pt2__conv_direct_i64(&call));
  return output->dtype == dtype ? PT2_STATUS_OK
                                : pt2__tensor_copy(output, operands->output);
}

pt2_status_t pt2__conv_forward(const pt2__conv_t* conv,
                               const pt2_tensor_t* input,
                               const pt2_tensor_t* weight,
                               const pt2_tensor_t* bias,
                               const pt2__conv_finish_t* finish,
                               pt2_tensor_t* output) {
  if (output->numel == 0) {
    return PT2_STATUS_OK;
  }
  operands_t operands = {0};
  pt2_status_t status =
      run(conv, input, weight, bias, finish, output, &operands);
  release_operands(&operands);
  return status;
}
