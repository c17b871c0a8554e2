// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/kernels/image/upsample_antialias.h"

#include <omp.h>
#include <string.h>

#include "backends/cpu/kernels/image/upsample_u8.h"
#include "backends/cpu/kernels/index/lay_out.h"

// Lines that are resampled side by side where a row of elements is too narrow
// for the loops, and the widest such row.
enum { LINES = 8, NARROW = 8 };

// The results along one dimension: where the elements of each begin, how many
// there are, and |most| places for their weights.
typedef struct {
  int64_t count, most;
  int bits;  // of integer weights, behind the point
  int64_t* firsts;
  int64_t* lengths;
  double* weights;
  int16_t* whole;  // the weights of 8-bit images instead
  void* block;
  size_t bytes;
} taps_t;

static int round_weights(taps_t* taps);

static pt2_status_t make_taps(const pt2__upsample_t* up, int d, int32_t dtype,
                              taps_t* out_taps) {
  taps_t taps = {.count = up->output[d],
                 .most = pt2__upsample_antialias_taps(up, d)};
  int64_t row, all;
  bool fits = !__builtin_mul_overflow(2 * taps.most + 2,
                                      (int64_t)sizeof(double), &row) &&
              !__builtin_mul_overflow(row, taps.count, &all);
  taps.bytes = fits ? (size_t)all : SIZE_MAX;
  taps.block = fits ? pt2__pool_alloc(taps.bytes) : NULL;
  if (taps.block == NULL) {
    return PT2_OUT_OF_MEMORY(taps.bytes);
  }
  taps.firsts = taps.block;
  taps.lengths = taps.firsts + taps.count;
  taps.weights = (double*)(taps.lengths + taps.count);
  taps.whole = (int16_t*)(taps.weights + taps.count * taps.most);
  for (int64_t at = 0; at < taps.count; ++at) {
    taps.lengths[at] = pt2__upsample_antialias(
        up, d, at, dtype != PT2_DTYPE_F32, &taps.firsts[at],
        taps.weights + at * taps.most);
  }
  if (dtype == PT2_DTYPE_U8) {
    taps.bits = round_weights(&taps);
  }
  *out_taps = taps;
  return PT2_STATUS_OK;
}

// RESAMPLE: |to| is row |at| of |width| elements, made of rows of |from|.
#define RESAMPLE(suffix, real)                                         \
  static void resample_##suffix(const real* from, const taps_t* taps,  \
                                int64_t at, int64_t width, real* to) { \
    const double* weights = taps->weights + at * taps->most;           \
    from += taps->firsts[at] * width;                                  \
    if (width == 1) {                                                  \
      real sum = 0;                                                    \
      for (int64_t t = 0; t < taps->lengths[at]; ++t) {                \
        sum += (real)weights[t] * from[t];                             \
      }                                                                \
      *to = sum;                                                       \
      return;                                                          \
    }                                                                  \
    for (int64_t i = 0; i < width; ++i) {                              \
      to[i] = 0;                                                       \
    }                                                                  \
    for (int64_t t = 0; t < taps->lengths[at]; ++t, from += width) {   \
      real weight = (real)weights[t];                                  \
      for (int64_t i = 0; i < width; ++i) {                            \
        to[i] += weight * from[i];                                     \
      }                                                                \
    }                                                                  \
  }
RESAMPLE(f32, float)
RESAMPLE(f64, double)

// RESAMPLE_LINES: the same for whole lines, |lines| of them, of |length| rows;
// side by side in |room|, so that a vector takes one element of each line.
#define RESAMPLE_LINES(suffix, real)                                         \
  static void resample_lines_##suffix(const real* from, const taps_t* taps,  \
                                      int64_t length, int64_t width,         \
                                      int64_t lines, real* room, real* to) { \
    const int64_t each = length * width;                                     \
    const real* line[LINES];                                                 \
    for (int l = 0; l < LINES; ++l) {                                        \
      line[l] = from + (l < lines ? l : 0) * each;                           \
    }                                                                        \
    for (int64_t i = 0; i < each; ++i) {                                     \
      for (int l = 0; l < LINES; ++l) {                                      \
        room[i * LINES + l] = line[l][i];                                    \
      }                                                                      \
    }                                                                        \
    real* weights = room + each * LINES;                                     \
    for (int64_t at = 0; at < taps->count; ++at) {                           \
      const int64_t count = taps->lengths[at];                               \
      for (int64_t t = 0; t < count; ++t) {                                  \
        weights[t] = (real)taps->weights[at * taps->most + t];               \
      }                                                                      \
      for (int64_t c = 0; c < width; ++c) {                                  \
        const real* source = room + (taps->firsts[at] * width + c) * LINES;  \
        real sums[LINES] = {0};                                              \
        for (int64_t t = 0; t < count; ++t, source += width * LINES) {       \
          for (int l = 0; l < LINES; ++l) {                                  \
            sums[l] += weights[t] * source[l];                               \
          }                                                                  \
        }                                                                    \
        for (int64_t l = 0; l < lines; ++l) {                                \
          to[(l * taps->count + at) * width + c] = sums[l];                  \
        }                                                                    \
      }                                                                      \
    }                                                                        \
  }
RESAMPLE_LINES(f32, float)
RESAMPLE_LINES(f64, double)

// ---- 8-bit images ----------------------------------------------------------

// Sets the integer weights, of as many bits behind the point as the largest one
// allows; returns how many.
static int round_weights(taps_t* taps) {
  double most = 0;
  for (int64_t at = 0; at < taps->count; ++at) {
    const double* weights = taps->weights + at * taps->most;
    for (int64_t t = 0; t < taps->lengths[at]; ++t) {
      most = weights[t] > most ? weights[t] : most;
    }
  }
  int bits = 0;
  while (bits < 22 && 0.5 + most * (double)(1 << (bits + 1)) < 1 << 15) {
    ++bits;
  }
  for (int64_t at = 0; at < taps->count; ++at) {
    const double* weights = taps->weights + at * taps->most;
    int16_t* whole = taps->whole + at * taps->most;
    for (int64_t t = 0; t < taps->lengths[at]; ++t) {
      double scaled = weights[t] * (double)(1 << bits);
      whole[t] = (int16_t)(scaled < 0 ? scaled - 0.5 : scaled + 0.5);
    }
  }
  return bits;
}

// Result |at| of one of |outer|.
static void resample_row(const taps_t* taps, int32_t dtype, int64_t begin,
                         int64_t row, int64_t at, int64_t width,
                         const void* from, void* to) {
  if (dtype == PT2_DTYPE_F64) {
    resample_f64((const double*)from + begin, taps, at, width,
                 (double*)to + row * width);
  } else {
    resample_f32((const float*)from + begin, taps, at, width,
                 (float*)to + row * width);
  }
}

// Lines of narrow rows, LINES at a time.
static pt2_status_t resample_lines(const taps_t* taps, int32_t dtype,
                                   int64_t outer, int64_t length, int64_t width,
                                   const void* from, void* to) {
  const int64_t blocks = (outer + LINES - 1) / LINES;
  const int64_t from_line = length * width, to_line = taps->count * width;
  const int64_t room = from_line * LINES + taps->most;
  const int threads = pt2__op_threads(outer * to_line * taps->most);
  const size_t bytes =
      (size_t)threads * (size_t)room * pt2_dtype_size_bytes(dtype);
  void* rooms = pt2__pool_alloc(bytes);
  if (rooms == NULL) {
    return PT2_OUT_OF_MEMORY(bytes);
  }
#pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1)
  for (int64_t i = 0; i < blocks; ++i) {
    const int64_t first = i * LINES, mine = room * omp_get_thread_num();
    const int64_t lines = outer - first < LINES ? outer - first : LINES;
    if (dtype == PT2_DTYPE_F64) {
      resample_lines_f64((const double*)from + first * from_line, taps, length,
                         width, lines, (double*)rooms + mine,
                         (double*)to + first * to_line);
    } else {
      resample_lines_f32((const float*)from + first * from_line, taps, length,
                         width, lines, (float*)rooms + mine,
                         (float*)to + first * to_line);
    }
  }
  pt2__pool_free(rooms, bytes);
  return PT2_STATUS_OK;
}

// From [outer, length, width] to [outer, taps->count, width]. Single elements
// are shared by whole lines: finding the place of each would take longer than
// the element itself.
static void resample(const taps_t* taps, int32_t dtype, int64_t outer,
                     int64_t length, int64_t width, const void* from,
                     void* to) {
  const int64_t block = width == 1 ? taps->count : 1;
  const int64_t blocks = outer * (taps->count / block);
  int threads = pt2__op_threads(outer * taps->count * width * taps->most);
#pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1)
  for (int64_t i = 0; i < blocks; ++i) {
    const int64_t first = i * block;
    const int64_t line = first / taps->count, at = first % taps->count;
    for (int64_t j = 0; j < block; ++j) {
      resample_row(taps, dtype, line * length * width, first + j, at + j, width,
                   from, to);
    }
  }
}

// Whether a dimension stays as it is, whatever the scale.
static bool is_kept(const pt2__upsample_t* up, int d) {
  return up->input[d] == up->output[d];
}

// Along dimension |d|, of |outer| images' rows.
static pt2_status_t compute_along(const pt2__upsample_t* up, int d,
                                  int32_t dtype, int64_t outer, int64_t width,
                                  const void* from, void* to) {
  if (is_kept(up, d)) {
    memcpy(
        to, from,
        (size_t)(outer * up->input[d] * width) * pt2_dtype_size_bytes(dtype));
    return PT2_STATUS_OK;
  }
  taps_t taps;
  pt2_status_t status = PT2_STATUS_OK;
  PT2_TRY(make_taps(up, d, dtype, &taps));
  if (dtype == PT2_DTYPE_U8) {
    const pt2__upsample_u8_t whole = {.count = taps.count,
                                      .most = taps.most,
                                      .bits = taps.bits,
                                      .firsts = taps.firsts,
                                      .lengths = taps.lengths,
                                      .weights = taps.whole};
    status = pt2__upsample_u8(&whole, outer, up->input[d], width, from, to);
  } else if (width <= NARROW && outer >= LINES) {
    status = resample_lines(&taps, dtype, outer, up->input[d], width, from, to);
  } else {
    resample(&taps, dtype, outer, up->input[d], width, from, to);
  }
  pt2__pool_free(taps.block, taps.bytes);
  return status;
}

// The width first, as PyTorch does it.
static pt2_status_t compute(const pt2__upsample_t* up,
                            const pt2_tensor_t* input, pt2_tensor_t* between,
                            pt2_tensor_t* result) {
  const int64_t planes =
      up->channels_last ? up->batch : up->batch * up->channels;
  const int64_t pixel = up->channels_last ? up->channels : 1;
  PT2_TRY(compute_along(up, 1, input->dtype, planes * up->input[0], pixel,
                        input->data, between->data));
  return compute_along(up, 0, input->dtype, planes, up->output[1] * pixel,
                       between->data, result->data);
}

static pt2_status_t fill(const pt2__upsample_t* up, const pt2_tensor_t* self,
                         pt2_tensor_t* result) {
  if (result->numel == 0) {
    return PT2_STATUS_OK;
  }
  // In the order of the result's dimensions.
  const int64_t sizes[4] = {up->batch, up->channels, up->input[0],
                            up->output[1]};
  pt2_tensor_t *input, *between;
  PT2_TRY(pt2__lay_out(self, self->dtype, up->channels_last, &input));
  pt2_status_t status =
      pt2__lay_out_empty(self->dtype, 4, sizes, up->channels_last, &between);
  if (status == PT2_STATUS_OK) {
    status = compute(up, input, between, result);
    pt2__tensor_release(between);
  }
  pt2__tensor_release(input);
  return status;
}

pt2_status_t pt2__upsample_antialias_boxed(const pt2__boxed_t* boxed,
                                           pt2__upsample_filter_t filter,
                                           pt2_tensor_t** out_result) {
  pt2_tensor_t* self;
  const int64_t* output_size;
  int64_t count;
  bool align_corners = false;
  double scales[2] = {0, 0};
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &self));
  PT2_TRY(pt2__boxed_ints(boxed, 1, "output_size", &output_size, &count));
  PT2_TRY(pt2__boxed_bool(boxed, 2, "align_corners", &align_corners));
  PT2_TRY(pt2__boxed_number(boxed, 3, "scales_h", &scales[0], NULL));
  PT2_TRY(pt2__boxed_number(boxed, 4, "scales_w", &scales[1], NULL));
  pt2__upsample_t up;
  PT2_TRY(pt2__upsample_resolve(self, 2, output_size, (size_t)count,
                                align_corners, scales, &up));
  up.filter = filter;
  if (self->dtype != PT2_DTYPE_F32 && self->dtype != PT2_DTYPE_F64 &&
      self->dtype != PT2_DTYPE_U8) {
    return PT2_FAIL(PT2_STATUS_UNSUPPORTED,
                    "\"compute_index_ranges_weights\" not implemented for '%s'",
                    pt2__dtype_torch_name(self->dtype));
  }
  pt2_tensor_t* result;
  PT2_TRY(
      pt2__tensor_empty(self->dtype, 4, up.out_sizes, up.out_strides, &result));
  pt2_status_t status = fill(&up, self, result);
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(result);
    return status;
  }
  *out_result = result;
  return PT2_STATUS_OK;
}
