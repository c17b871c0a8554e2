// SPDX-License-Identifier: Apache-2.0
//
// Two ways: rows of the kernel by fours, woven into each other for a chunk of
// channels once, so that each position serves all taps of a row; or, without
// the instructions for it, the taps of a pixel in pairs.
#include "backends/cpu/kernels/quantized/qdepthwise.h"

#include <string.h>

#include "backends/cpu/cpu_features.h"
#include "backends/cpu/kernels/quantized/qlayer.h"
#include "ops/op.h"

#define CHANNELS PT2__QDEPTHWISE_CHANNELS
#define BYTES PT2__QDEPTHWISE_BYTES
// Bytes of woven positions that stay in the first-level cache, beside as much
// of sums.
#define WOVEN_BYTES (12 * 1024)
// Positions that a row of the kernel may span before weaving them does not pay.
#define MOST_REACH 32
// Woven pixels at a time at least, and others at most.
#define LEAST_PIXELS 4
#define PAIRED_PIXELS 32

_Static_assert(CHANNELS == PT2__QLAYER_COLUMNS, "a chunk is finished at once");

static int64_t min64(int64_t a, int64_t b) { return a < b ? a : b; }
static int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }
static size_t align_up(size_t bytes) { return (bytes + 63) & ~(size_t)63; }

// ---- Weights ---------------------------------------------------------------

// One of the two forms, and the sums of each channel.
typedef struct {
  pt2__packed_t base;
  size_t bytes;
  int32_t* sums;
  void* taps;
} weight_t;

static const char woven_kind, paired_kind;

static void release_weight(weight_t* weight) {
  if (weight != NULL) {
    pt2__pool_free(weight->sums, weight->bytes);
    pt2__free(weight);
  }
}

static void destroy_weight(pt2__packed_t* packed) {
  release_weight((weight_t*)packed);
}

static pt2_status_t new_weight(int64_t channels, size_t taps_bytes,
                               weight_t** out_weight) {
  weight_t* made = pt2__calloc(1, sizeof(*made));
  if (made == NULL) {
    return PT2_OUT_OF_MEMORY(sizeof(*made));
  }
  size_t sums_bytes = align_up((size_t)channels * sizeof(*made->sums));
  made->bytes = sums_bytes + taps_bytes;
  made->sums = pt2__pool_alloc(made->bytes);
  if (made->sums == NULL) {
    size_t bytes = made->bytes;
    pt2__free(made);
    return PT2_OUT_OF_MEMORY(bytes);
  }
  memset(made->sums, 0, made->bytes);
  made->taps = (char*)made->sums + sums_bytes;
  made->base.destroy = destroy_weight;
  made->base.bytes = made->bytes;
  *out_weight = made;
  return PT2_STATUS_OK;
}

// The channels of tap |t|, their stride being the tensor's first.
static const int8_t* tap_of(const pt2_tensor_t* weight, const pt2__conv_t* conv,
                            int64_t t) {
  const int64_t* strides = weight->strides + weight->rank;
  int64_t line = t / conv->kernel[2];
  int64_t depth = line / conv->kernel[1];
  return (const int8_t*)weight->data + (depth == 0 ? 0 : depth * strides[-3]) +
         line % conv->kernel[1] * strides[-2] +
         t % conv->kernel[2] * strides[-1];
}

static int64_t lines_of(const pt2__conv_t* conv) {
  return conv->kernel[0] * conv->kernel[1];
}

// The taps as [chunks][quads][width][CHANNELS][4] bytes.
static pt2_status_t weave_weight(const pt2_tensor_t* weight,
                                 const pt2__conv_t* conv, weight_t** out) {
  int64_t lines = lines_of(conv), width = conv->kernel[2];
  int64_t chunk = ceil_div(lines, 4) * width * BYTES;
  PT2_TRY(new_weight(conv->channels_out,
                     (size_t)(ceil_div(conv->channels_out, CHANNELS) * chunk),
                     out));
  for (int64_t t = 0; t < lines * width; ++t) {
    const int8_t* from = tap_of(weight, conv, t);
    int64_t line = t / width;
    int8_t* to = (int8_t*)(*out)->taps +
                 (line / 4 * width + t % width) * BYTES + line % 4;
    for (int64_t c = 0; c < conv->channels_out; ++c) {
      int8_t value = from[c * weight->strides[0]];
      to[c / CHANNELS * chunk + c % CHANNELS * 4] = value;
      (*out)->sums[c] += value;
    }
  }
  return PT2_STATUS_OK;
}

// The taps as numbers of 16 bits, for each chunk [taps / 2][its channels][2].
static pt2_status_t pair_weight(const pt2_tensor_t* weight,
                                const pt2__conv_t* conv, weight_t** out) {
  int64_t taps = lines_of(conv) * conv->kernel[2];
  int64_t pairs = ceil_div(taps, 2), channels = conv->channels_out;
  PT2_TRY(new_weight(channels, (size_t)(pairs * 2 * channels) * sizeof(int16_t),
                     out));
  for (int64_t t = 0; t < taps; ++t) {
    const int8_t* from = tap_of(weight, conv, t);
    for (int64_t c = 0; c < channels; ++c) {
      int64_t first = c / CHANNELS * CHANNELS;
      int64_t pitch = min64(CHANNELS, channels - first);
      int8_t value = from[c * weight->strides[0]];
      ((int16_t*)(*out)->taps)[first * pairs * 2 +
                               (t / 2 * pitch + c - first) * 2 + t % 2] = value;
      (*out)->sums[c] += value;
    }
  }
  return PT2_STATUS_OK;
}

// ---- The call --------------------------------------------------------------

typedef struct {
  const pt2__qimage_t* image;
  const weight_t* weight;
  pt2__requantize_t finish;
  bool woven;
  int64_t lines;      // of the kernel
  int64_t pixels;     // at a time
  int64_t positions;  // woven: below them
  size_t work_bytes;  // of a thread
} call_t;

static int64_t positions_of(const pt2__conv_t* conv, int64_t pixels) {
  return (pixels - 1) * conv->stride[2] +
         (conv->kernel[2] - 1) * conv->dilation[2] + 1;
}

static bool can_weave(const pt2__conv_t* conv) {
  return pt2__cpu_level() >= PT2__CPU_VNNI &&
         positions_of(conv, 1) <= MOST_REACH && conv->stride[2] <= 4;
}

static void plan(call_t* call) {
  const pt2__conv_t* conv = call->image->conv;
  if (!call->woven) {
    int64_t taps = ceil_div(call->lines * conv->kernel[2], 2) * 2;
    call->pixels = min64(PAIRED_PIXELS, conv->output[2]);
    call->work_bytes = (size_t)(call->pixels * BYTES) +
                       align_up((size_t)(call->lines + taps) * sizeof(void*));
    return;
  }
  int64_t quads = ceil_div(call->lines, 4);
  int64_t room = WOVEN_BYTES / (quads * BYTES) - positions_of(conv, 1);
  int64_t most = room < 0 ? 1 : room / conv->stride[2] + 1;
  most = most < LEAST_PIXELS ? LEAST_PIXELS : most;
  // As many in each piece of a line.
  call->pixels = ceil_div(conv->output[2], ceil_div(conv->output[2], most));
  call->positions = positions_of(conv, call->pixels);
  call->work_bytes =
      (size_t)(quads * call->positions * BYTES + call->pixels * BYTES) +
      align_up((size_t)(quads * 4) * sizeof(void*));
}

#if defined(__x86_64__)
// Weaves channels |channel| to |channel| + |channels| of the positions from
// |x| on below pixels of a line of results.
static void weave(const call_t* call, const uint8_t* const* lines, int64_t x,
                  int64_t count, int64_t channel, int channels, uint8_t* to) {
  const pt2__conv_t* conv = call->image->conv;
  int64_t before = x < 0 ? min64(-x, count) : 0;
  int64_t inside = min64(conv->input[2] - x, count) - before;
  inside = inside < 0 ? 0 : inside;
  const uint8_t* from[4];
  for (int64_t q = 0; q < ceil_div(call->lines, 4); ++q) {
    for (int j = 0; j < 4; ++j) {
      from[j] = lines[4 * q + j] + (x + before) * conv->channels_in + channel;
    }
    memset(to, *call->image->padding, (size_t)(before * BYTES));
    pt2__qdepthwise_weave_vnni(from, conv->channels_in, inside, channels,
                               to + before * BYTES);
    memset(to + (before + inside) * BYTES, *call->image->padding,
           (size_t)((count - before - inside) * BYTES));
    to += call->positions * BYTES;
  }
}

// The results of line |line|.
static void woven_line(const call_t* call, int64_t line, char* work) {
  const pt2__conv_t* conv = call->image->conv;
  int64_t quads = ceil_div(call->lines, 4);
  uint8_t* columns = (uint8_t*)work;
  int32_t* sums = (int32_t*)(columns + quads * call->positions * BYTES);
  const uint8_t** lines = (const uint8_t**)(sums + call->pixels * CHANNELS);
  int64_t at[4];
  pt2__qimage_locate(conv, line * conv->output[2], at);
  for (int64_t i = 0; i < 4 * quads; ++i) {
    // Weights of lines that there are not are zeros.
    lines[i] =
        i < call->lines ? pt2__qimage_line(call->image, at, i) : lines[0];
  }
  for (int64_t c = 0; c < conv->channels_out; c += CHANNELS) {
    int channels = (int)min64(CHANNELS, conv->channels_out - c);
    for (int64_t w = 0; w < conv->output[2]; w += call->pixels) {
      int64_t pixels = min64(call->pixels, conv->output[2] - w);
      weave(call, lines, w * conv->stride[2] - conv->padding[2],
            positions_of(conv, pixels), c, channels, columns);
      const pt2__qdepthwise_sums_t all = {
          .quads = quads,
          .width = conv->kernel[2],
          .pixels = pixels,
          .stride = conv->stride[2],
          .dilation = conv->dilation[2],
          .positions = call->positions,
          .channels = channels,
          .columns = columns,
          .weight = (const int8_t*)call->weight->taps +
                    c * quads * conv->kernel[2] * 4,
          .sums = sums};
      pt2__qdepthwise_sums_vnni(&all);
      pt2__requantize_sums(&call->finish, sums, pixels, channels,
                           line * conv->output[2] + w, c);
    }
  }
}
#endif

// Points |taps| at channel |channel| of those of pixel |w|.
static void find_taps(const call_t* call, const uint8_t* const* lines,
                      int64_t w, int64_t channel, const uint8_t** taps) {
  const pt2__conv_t* conv = call->image->conv;
  for (int64_t i = 0; i < call->lines; ++i) {
    int64_t x = w * conv->stride[2] - conv->padding[2];
    for (int64_t j = 0; j < conv->kernel[2]; ++j, x += conv->dilation[2]) {
      *taps++ = x >= 0 && x < conv->input[2]
                    ? lines[i] + x * conv->channels_in + channel
                    : call->image->padding;
    }
  }
}

static void paired_line(const call_t* call, int64_t line, char* work) {
  const pt2__conv_t* conv = call->image->conv;
  const pt2__qlayer_kernels_t* kernels = pt2__qlayer_kernels();
  int64_t pairs = ceil_div(call->lines * conv->kernel[2], 2);
  int32_t* sums = (int32_t*)work;
  const uint8_t** lines = (const uint8_t**)(sums + call->pixels * CHANNELS);
  const uint8_t** taps = lines + call->lines;
  int64_t at[4];
  pt2__qimage_locate(conv, line * conv->output[2], at);
  for (int64_t i = 0; i < call->lines; ++i) {
    lines[i] = pt2__qimage_line(call->image, at, i);
  }
  taps[2 * pairs - 1] = call->image->padding;
  for (int64_t c = 0; c < conv->channels_out; c += CHANNELS) {
    int64_t channels = min64(CHANNELS, conv->channels_out - c);
    const int16_t* weight = (const int16_t*)call->weight->taps + c * pairs * 2;
    for (int64_t w = 0; w < conv->output[2]; w += call->pixels) {
      int64_t pixels = min64(call->pixels, conv->output[2] - w);
      for (int64_t i = 0; i < pixels; ++i) {
        find_taps(call, lines, w + i, c, taps);
        kernels->depthwise(pairs, taps, weight, channels, sums + i * CHANNELS);
      }
      pt2__requantize_sums(&call->finish, sums, pixels, channels,
                           line * conv->output[2] + w, c);
    }
  }
}

static pt2_status_t run(call_t* call) {
  const pt2__conv_t* conv = call->image->conv;
  int64_t count = conv->batch * conv->output[0] * conv->output[1];
  int threads = pt2__op_threads(count * conv->output[2] * conv->channels_out *
                                (call->lines * conv->kernel[2] / 8 + 1));
  plan(call);
  size_t bytes = call->work_bytes * (size_t)threads;
  char* work = pt2__pool_alloc(bytes);
  if (work == NULL) {
    return PT2_OUT_OF_MEMORY(bytes);
  }
#pragma omp parallel for num_threads(threads) if (threads > 1) schedule(static)
  for (int i = 0; i < threads; ++i) {
    char* mine = work + call->work_bytes * (size_t)i;
    for (int64_t line = count * i / threads; line < count * (i + 1) / threads;
         ++line) {
#if defined(__x86_64__)
      if (call->woven) {
        woven_line(call, line, mine);
        continue;
      }
#endif
      paired_line(call, line, mine);
    }
  }
  pt2__pool_free(work, bytes);
  return PT2_STATUS_OK;
}

pt2_status_t pt2__qdepthwise(const pt2__qimage_t* image,
                             const pt2_tensor_t* weight,
                             const pt2__requantize_t* finish) {
  call_t call = {.image = image,
                 .finish = *finish,
                 .woven = can_weave(image->conv),
                 .lines = lines_of(image->conv)};
  const void* kind = call.woven ? &woven_kind : &paired_kind;
  const int64_t extra[4] = {0};
  bool keep = pt2__packed_allowed(weight);
  weight_t* owned = NULL;
  if (keep) {
    call.weight = (const weight_t*)pt2__packed_find(weight, kind, extra);
  }
  if (call.weight == NULL) {
    PT2_TRY(
        (call.woven ? weave_weight : pair_weight)(weight, image->conv, &owned));
    call.weight = owned;
    if (keep) {
      call.weight = (const weight_t*)pt2__packed_insert(weight, kind, extra,
                                                        &owned->base);
      owned = NULL;
    }
  }
  call.finish.weight_sums = call.weight->sums;
  pt2_status_t status = run(&call);
  release_weight(owned);
  return status;
}
