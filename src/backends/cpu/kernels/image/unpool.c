// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/kernels/image/unpool.h"

#include <omp.h>
#include <string.h>

#include "backends/cpu/kernels/index/lay_out.h"
#include "ops/op.h"

// Channels side by side that one thread takes together.
#define CHANNELS 16

// Elements of a piece: |count| places of |width| channels, of which |step| lie
// side by side.
typedef struct {
  int64_t count;
  int64_t width;
  int64_t step;
  int64_t out_plane;
  const int64_t* indices;
  const void* input;
  void* output;
} piece_t;

// Returns false if an index lies outside of the plane.
#define SCATTER(name, type)                                  \
  static bool name(const piece_t* piece) {                   \
    const type* from = piece->input;                         \
    type* to = piece->output;                                \
    int64_t step = piece->step;                              \
    bool good = true;                                        \
    for (int64_t i = 0; i < piece->count; ++i) {             \
      for (int64_t c = 0; c < piece->width; ++c) {           \
        int64_t index = piece->indices[i * step + c];        \
        if ((uint64_t)index >= (uint64_t)piece->out_plane) { \
          good = false;                                      \
        } else {                                             \
          to[index * step + c] = from[i * step + c];         \
        }                                                    \
      }                                                      \
    }                                                        \
    return good;                                             \
  }
SCATTER(scatter_16, uint16_t)
SCATTER(scatter_32, uint32_t)
SCATTER(scatter_64, uint64_t)

static bool scatter(size_t bytes, const piece_t* piece) {
  return bytes == 2   ? scatter_16(piece)
         : bytes == 4 ? scatter_32(piece)
                      : scatter_64(piece);
}

static pt2_status_t name_index(const pt2__unpool_t* unpool,
                               const pt2_tensor_t* indices) {
  const int64_t* values = indices->data;
  int64_t at = 0;
  while ((uint64_t)values[at] < (uint64_t)unpool->out_plane) {
    ++at;
  }
  char text[128];
  int lead = unpool->rank - unpool->spatial;
  return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                  "Found an invalid max index: %lld (output volumes are of "
                  "size %s)",
                  (long long)values[at],
                  pt2__sizes_format(unpool->spatial, unpool->out_sizes + lead,
                                    text, sizeof(text)));
}

// All tensors are dense, in the same layout.
static pt2_status_t run(const pt2__unpool_t* unpool, const pt2_tensor_t* input,
                        const pt2_tensor_t* indices, pt2_tensor_t* output) {
  size_t bytes = pt2_dtype_size_bytes(input->dtype);
  memset(output->data, 0, bytes * (size_t)output->numel);
  int64_t step = unpool->channels_last ? unpool->channels : 1;
  int64_t planes = unpool->batch * (unpool->channels / step);
  int64_t parts = (step + CHANNELS - 1) / CHANNELS;
  int threads = pt2__op_threads(input->numel);
  int good = 1;
#pragma omp parallel for schedule(static) num_threads(threads) \
    reduction(min                                              \
              : good) if (threads > 1)
  for (int64_t i = 0; i < planes * parts; ++i) {
    int64_t plane = i / parts, first = i % parts * CHANNELS;
    int64_t from = plane * unpool->in_plane * step + first;
    int64_t to = plane * unpool->out_plane * step + first;
    const piece_t piece = {
        .count = unpool->in_plane,
        .width = step - first < CHANNELS ? step - first : CHANNELS,
        .step = step,
        .out_plane = unpool->out_plane,
        .indices = (const int64_t*)indices->data + from,
        .input = (const char*)input->data + from * (int64_t)bytes,
        .output = (char*)output->data + to * (int64_t)bytes};
    good = scatter(bytes, &piece) ? good : 0;
  }
  return good ? PT2_STATUS_OK : name_index(unpool, indices);
}

static pt2_status_t unpool_into(const pt2__unpool_t* unpool,
                                const pt2_tensor_t* self,
                                const pt2_tensor_t* indices,
                                pt2_tensor_t* result) {
  pt2_tensor_t* input = NULL;
  pt2_tensor_t* places = NULL;
  pt2_status_t status =
      pt2__lay_out(self, self->dtype, unpool->channels_last, &input);
  if (status == PT2_STATUS_OK) {
    status =
        pt2__lay_out(indices, PT2_DTYPE_I64, unpool->channels_last, &places);
  }
  if (status == PT2_STATUS_OK) {
    status = run(unpool, input, places, result);
  }
  pt2__tensor_release(input);
  pt2__tensor_release(places);
  return status;
}

pt2_status_t pt2__unpool(const pt2_tensor_t* self, const pt2_tensor_t* indices,
                         const pt2__unpool_args_t* args,
                         pt2_tensor_t** out_result) {
  pt2__unpool_t unpool;
  PT2_TRY(pt2__unpool_resolve(self, indices, args, &unpool));
  pt2_tensor_t* result = NULL;
  PT2_TRY(pt2__tensor_empty(self->dtype, unpool.rank, unpool.out_sizes,
                            unpool.out_strides, &result));
  pt2_status_t status = result->numel > 0
                            ? unpool_into(&unpool, self, indices, result)
                            : PT2_STATUS_OK;
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(result);
    return status;
  }
  *out_result = result;
  return PT2_STATUS_OK;
}
