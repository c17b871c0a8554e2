// SPDX-License-Identifier: Apache-2.0
//
// The weights of an element are products of one weight for each dimension, so
// that the dimensions are gone through one after another: depth and height add
// up whole rows, and only as many rows as the input has are left for the width.
#include "backends/cpu/kernels/image/upsample_backward.h"

#include <omp.h>
#include <string.h>

#include "backends/cpu/kernels/index/lay_out.h"
#include "ops/op.h"

// Which results along a dimension hold how much of each element of the input:
// entries [start[i], start[i + 1]) belong to element i, in ascending order.
typedef struct {
  int64_t* start;
  int64_t* from;
  void* weight;  // float or double
} shares_t;

typedef struct {
  const pt2__upsample_t* up;
  bool in_double;
  int64_t in[3], out[3];  // depth, height, width
  int64_t inner;          // elements side by side: channels, or one
  shares_t shares[3];
  void* block;  // of all shares
  size_t block_bytes;
} plan_t;

// Most elements that a result along dimension |d| is made of; -1: one that the
// tensors lack.
static int64_t tap_count(const pt2__upsample_t* up, int d) {
  if (d < 0 || up->filter >= PT2__UPSAMPLE_NEAREST) {
    return 1;
  }
  if (up->antialias) {
    return pt2__upsample_antialias_taps(up, d);
  }
  return up->filter == PT2__UPSAMPLE_CUBIC ? 4 : 2;
}

// What result |at| is made of: returns how many of |taps|, for which there is
// room, and for their weights.
static int64_t find_taps(const plan_t* plan, int d, int64_t at,
                         pt2__upsample_tap_t* taps, double* weights) {
  if (d < 0) {
    taps[0] = (pt2__upsample_tap_t){0, 1};
    return 1;
  }
  if (!plan->up->antialias) {
    return pt2__upsample_taps(plan->up, d, at, plan->in_double, taps);
  }
  int64_t first;
  int64_t count = pt2__upsample_antialias(plan->up, d, at, plan->in_double,
                                          &first, weights);
  for (int64_t i = 0; i < count; ++i) {
    taps[i] = (pt2__upsample_tap_t){first + i, weights[i]};
  }
  return count;
}

// Fills in the entries of spatial dimension |d| of |up|.
static void fill_shares(const plan_t* plan, int d, shares_t* shares,
                        pt2__upsample_tap_t* taps, double* weights) {
  const pt2__upsample_t* up = plan->up;
  int64_t in = d < 0 ? 1 : up->input[d], out = d < 0 ? 1 : up->output[d];
  memset(shares->start, 0, sizeof(int64_t) * (size_t)(in + 1));
  // Once to count, then, from the ends, to place.
  for (int64_t at = 0; at < out; ++at) {
    int64_t count = find_taps(plan, d, at, taps, weights);
    for (int64_t i = 0; i < count; ++i) {
      shares->start[taps[i].at + 1]++;
    }
  }
  for (int64_t i = 0; i < in; ++i) {
    shares->start[i + 1] += shares->start[i];
  }
  const int64_t total = shares->start[in];
  for (int64_t at = out - 1; at >= 0; --at) {
    int64_t count = find_taps(plan, d, at, taps, weights);
    for (int64_t i = count - 1; i >= 0; --i) {
      int64_t place = --shares->start[taps[i].at + 1];
      shares->from[place] = at;
      if (plan->in_double) {
        ((double*)shares->weight)[place] = taps[i].weight;
      } else {
        ((float*)shares->weight)[place] = (float)taps[i].weight;
      }
    }
  }
  // Each end has come down to its beginning, one place too far to the right.
  memmove(shares->start, shares->start + 1, sizeof(int64_t) * (size_t)in);
  shares->start[in] = total;
}

// Words of 8 bytes for the entries of dimension |i|.
static size_t count_words(const plan_t* plan, int i, int64_t taps) {
  return (size_t)(plan->in[i] + 1 + 2 * taps * plan->out[i]);
}

static pt2_status_t make_plan(const pt2__upsample_t* up, bool in_double,
                              plan_t* plan) {
  plan->up = up;
  plan->in_double = in_double;
  plan->inner = up->channels_last ? up->channels : 1;
  int64_t taps[3], most = 4;
  size_t total = 0;
  for (int i = 0; i < 3; ++i) {
    int d = i - (3 - up->spatial);
    plan->in[i] = d < 0 ? 1 : up->input[d];
    plan->out[i] = d < 0 ? 1 : up->output[d];
    taps[i] = tap_count(up, d);
    most = taps[i] > most ? taps[i] : most;
    total += count_words(plan, i, taps[i]);
  }
  const size_t tap_words = sizeof(pt2__upsample_tap_t) / sizeof(int64_t) + 1;
  plan->block_bytes = sizeof(int64_t) * (total + tap_words * (size_t)most);
  plan->block = pt2__pool_alloc(plan->block_bytes);
  if (plan->block == NULL) {
    return PT2_OUT_OF_MEMORY(plan->block_bytes);
  }
  int64_t* next = plan->block;
  double* weights = (double*)(next + total);
  pt2__upsample_tap_t* found = (pt2__upsample_tap_t*)(weights + most);
  for (int i = 0; i < 3; ++i) {
    shares_t* shares = &plan->shares[i];
    shares->start = next;
    shares->from = next + plan->in[i] + 1;
    shares->weight = shares->from + taps[i] * plan->out[i];
    fill_shares(plan, i - (3 - up->spatial), shares, found, weights);
    next += count_words(plan, i, taps[i]);
  }
  return PT2_STATUS_OK;
}

// The results [*first, *last) that the elements [y0, y1) have a share in.
static void find_rows(const shares_t* shares, int64_t y0, int64_t y1,
                      int64_t* first, int64_t* last) {
  const int64_t from = shares->start[y0], end = shares->start[y1];
  *first = 0;
  *last = 0;
  for (int64_t i = from; i < end; ++i) {
    const int64_t row = shares->from[i];
    *first = i == from || row < *first ? row : *first;
    *last = row + 1 > *last ? row + 1 : *last;
  }
}

// Bytes of added up depths that a piece of a volume should have at most.
#define PIECE_BYTES (96 << 10)

// Element rows of a piece of work: as many as keep what they need of a volume
// small, one of an image, all of a line.
static int64_t rows_of_piece(const plan_t* plan) {
  if (plan->up->spatial < 3) {
    return plan->up->spatial == 2 ? 1 : plan->in[1];
  }
  const int64_t item = plan->in_double ? sizeof(double) : sizeof(float);
  const int64_t each = (plan->out[1] + plan->in[1] - 1) / plan->in[1] *
                       plan->out[2] * plan->inner * item;
  const int64_t rows = PIECE_BYTES / (each > 0 ? each : 1);
  return rows < 1 ? 1 : rows < plan->in[1] ? rows : plan->in[1];
}

// Whether each result is one element of the input, and pixels lie side by side:
// what they add up is then read once, from where it is.
static bool adds_pixels(const plan_t* plan) {
  return plan->up->filter >= PT2__UPSAMPLE_NEAREST && plan->inner > 1;
}

// PIXELS: the element rows [y0, y1) of plane |z| if adds_pixels.
// ROWS: to = the sum of |width| wide pieces of the rows of |from|, |stride|
// apart, that element |at| has a share in. COLUMNS: the same for the last
// dimension. SLAB: the element rows [y0, y1) of plane |z|; of the depths only
// the rows that those need are added up, which a cache then holds.
#define KERNELS(suffix, real)                                                  \
  static void add_pixels_##suffix(const shares_t* shares, const real* from,    \
                                  int64_t count, int64_t inner, real* to) {    \
    for (int64_t x = 0; x < count; ++x) {                                      \
      real* restrict sums = to + x * inner;                                    \
      for (int64_t i = shares->start[x]; i < shares->start[x + 1]; ++i) {      \
        const real* restrict pixel = from + shares->from[i] * inner;           \
        for (int64_t c = 0; c < inner; ++c) {                                  \
          sums[c] += pixel[c];                                                 \
        }                                                                      \
      }                                                                        \
    }                                                                          \
  }                                                                            \
  static void pixels_##suffix(const plan_t* plan, const real* plane,           \
                              int64_t z, int64_t y0, int64_t y1, real* to) {   \
    const int64_t inner = plan->inner, row = plan->in[2] * inner;              \
    const shares_t *depth = &plan->shares[0], *height = &plan->shares[1];      \
    for (int64_t y = y0; y < y1; ++y) {                                        \
      memset(to + y * row, 0, sizeof(real) * (size_t)row);                     \
      for (int64_t i = depth->start[z]; i < depth->start[z + 1]; ++i) {        \
        for (int64_t j = height->start[y]; j < height->start[y + 1]; ++j) {    \
          add_pixels_##suffix(                                                 \
              &plan->shares[2],                                                \
              plane + (depth->from[i] * plan->out[1] + height->from[j]) *      \
                          plan->out[2] * inner,                                \
              plan->in[2], inner, to + y * row);                               \
        }                                                                      \
      }                                                                        \
    }                                                                          \
  }                                                                            \
  static void rows_##suffix(const shares_t* shares, int64_t at,                \
                            const real* from, int64_t skip, int64_t stride,    \
                            int64_t width, real* to) {                         \
    int64_t i = shares->start[at], end = shares->start[at + 1];                \
    const real* weights = shares->weight;                                      \
    if (i == end) {                                                            \
      memset(to, 0, sizeof(real) * (size_t)width);                             \
      return;                                                                  \
    }                                                                          \
    const real* row = from + (shares->from[i] - skip) * stride;                \
    real weight = weights[i];                                                  \
    for (int64_t x = 0; x < width; ++x) {                                      \
      to[x] = weight * row[x];                                                 \
    }                                                                          \
    for (++i; i < end; ++i) {                                                  \
      row = from + (shares->from[i] - skip) * stride;                          \
      weight = weights[i];                                                     \
      for (int64_t x = 0; x < width; ++x) {                                    \
        to[x] += weight * row[x];                                              \
      }                                                                        \
    }                                                                          \
  }                                                                            \
  static void columns_##suffix(const shares_t* shares, const real* from,       \
                               int64_t count, int64_t inner, real* to) {       \
    if (inner > 1) {                                                           \
      for (int64_t x = 0; x < count; ++x) {                                    \
        rows_##suffix(shares, x, from, 0, inner, inner, to + x * inner);       \
      }                                                                        \
      return;                                                                  \
    }                                                                          \
    const real* weights = shares->weight;                                      \
    int64_t i = 0;                                                             \
    for (int64_t x = 0; x < count; ++x) {                                      \
      real sum = 0;                                                            \
      for (int64_t end = shares->start[x + 1]; i < end; ++i) {                 \
        sum += weights[i] * from[shares->from[i]];                             \
      }                                                                        \
      to[x] = sum;                                                             \
    }                                                                          \
  }                                                                            \
  static void slab_##suffix(const plan_t* plan, const real* plane, int64_t z,  \
                            int64_t y0, int64_t y1, real* scratch, real* to) { \
    if (adds_pixels(plan)) {                                                   \
      pixels_##suffix(plan, plane, z, y0, y1, to);                             \
      return;                                                                  \
    }                                                                          \
    const int64_t row = plan->out[2] * plan->inner;                            \
    const real* from = plane;                                                  \
    int64_t first = 0, last;                                                   \
    real* line = scratch;                                                      \
    if (plan->up->spatial == 3) {                                              \
      find_rows(&plan->shares[1], y0, y1, &first, &last);                      \
      rows_##suffix(&plan->shares[0], z, plane + first * row, 0,               \
                    plan->out[1] * row, (last - first) * row, scratch);        \
      from = scratch;                                                          \
      line = scratch + (last - first) * row;                                   \
    }                                                                          \
    for (int64_t y = y0; y < y1; ++y) {                                        \
      const real* columns = from;                                              \
      if (plan->up->spatial > 1) {                                             \
        rows_##suffix(&plan->shares[1], y, from, first, row, row, line);       \
        columns = line;                                                        \
      }                                                                        \
      columns_##suffix(&plan->shares[2], columns, plan->in[2], plan->inner,    \
                       to + y * plan->in[2] * plan->inner);                    \
    }                                                                          \
  }
KERNELS(f32, float)
KERNELS(f64, double)

static void run_slab(const plan_t* plan, const void* from, int64_t plane,
                     int64_t z, int64_t y0, int64_t y1, void* scratch,
                     void* to) {
  int64_t image = plan->out[0] * plan->out[1] * plan->out[2] * plan->inner;
  int64_t slab = plan->in[1] * plan->in[2] * plan->inner;
  int64_t result = (plane * plan->in[0] + z) * slab;
  if (plan->in_double) {
    slab_f64(plan, (const double*)from + plane * image, z, y0, y1, scratch,
             (double*)to + result);
  } else {
    slab_f32(plan, (const float*)from + plane * image, z, y0, y1, scratch,
             (float*)to + result);
  }
}

// Both tensors are dense, in the dtype that is computed with.
static pt2_status_t run(const plan_t* plan, const pt2_tensor_t* from,
                        pt2_tensor_t* to) {
  const pt2__upsample_t* up = plan->up;
  int64_t planes = up->batch * (up->channels_last ? 1 : up->channels);
  int64_t row = plan->out[2] * plan->inner;
  int64_t scratch = up->spatial == 3 ? (plan->out[1] + 1) * row : row;
  int threads = pt2__op_threads((from->numel + to->numel) *
                                tap_count(up, up->spatial - 1));
  size_t item = plan->in_double ? sizeof(double) : sizeof(float);
  size_t bytes = item * (size_t)scratch * (size_t)threads;
  char* block = pt2__pool_alloc(bytes);
  if (block == NULL) {
    return PT2_OUT_OF_MEMORY(bytes);
  }
  const int64_t rows = rows_of_piece(plan);
  const int64_t parts = (plan->in[1] + rows - 1) / rows;
  int64_t pieces = planes * plan->in[0] * parts;
#pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1)
  for (int64_t piece = 0; piece < pieces; ++piece) {
    int64_t part = piece % parts, z = piece / parts % plan->in[0];
    char* mine = block + item * (size_t)scratch * (size_t)omp_get_thread_num();
    const int64_t end = part * rows + rows;
    run_slab(plan, from->data, piece / parts / plan->in[0], z, part * rows,
             end < plan->in[1] ? end : plan->in[1], mine, to->data);
  }
  pt2__pool_free(block, bytes);
  return PT2_STATUS_OK;
}

static pt2_status_t backward_into(const pt2__upsample_t* up,
                                  const pt2_tensor_t* grad_output,
                                  pt2_tensor_t* result, plan_t* plan,
                                  pt2_tensor_t** input,
                                  pt2_tensor_t** computed) {
  int32_t dtype =
      grad_output->dtype == PT2_DTYPE_F64 ? PT2_DTYPE_F64 : PT2_DTYPE_F32;
  // A gradient whose pixels lie side by side is added up as it lies, whatever
  // the result's layout: of the two it has more elements to move.
  pt2__upsample_t lies = *up;
  lies.channels_last =
      up->channels_last ||
      (up->channels > 1 && pt2__tensor_is_channels_last(grad_output));
  PT2_TRY(pt2__lay_out(grad_output, dtype, lies.channels_last, input));
  PT2_TRY(make_plan(&lies, dtype == PT2_DTYPE_F64, plan));
  if (dtype == result->dtype && lies.channels_last == up->channels_last) {
    return run(plan, *input, result);
  }
  PT2_TRY(pt2__lay_out_empty(dtype, up->spatial + 2, up->out_sizes,
                             lies.channels_last, computed));
  PT2_TRY(run(plan, *input, *computed));
  return pt2__tensor_copy(result, *computed);
}

pt2_status_t pt2__upsample_backward(const pt2_tensor_t* grad_output,
                                    const pt2__upsample_backward_args_t* args,
                                    pt2_tensor_t** out_result) {
  pt2__upsample_t up;
  PT2_TRY(pt2__upsample_resolve_backward(grad_output, args, &up));
  pt2_tensor_t* result = NULL;
  PT2_TRY(pt2__lay_out_empty(grad_output->dtype, up.spatial + 2, up.out_sizes,
                             up.channels_last, &result));
  pt2_status_t status = PT2_STATUS_OK;
  if (result->numel > 0) {
    plan_t plan = {0};
    pt2_tensor_t* input = NULL;
    pt2_tensor_t* computed = NULL;
    bool same = up.filter == PT2__UPSAMPLE_CUBIC && !up.antialias &&
                memcmp(up.input, up.output, sizeof(up.input)) == 0;
    status = same ? pt2__tensor_copy(result, grad_output)
                  : backward_into(&up, grad_output, result, &plan, &input,
                                  &computed);
    pt2__pool_free(plan.block, plan.block_bytes);
    pt2__tensor_release(input);
    pt2__tensor_release(computed);
  }
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(result);
    return status;
  }
  *out_result = result;
  return PT2_STATUS_OK;
}

pt2_status_t pt2__upsample_backward_boxed(const pt2__boxed_t* boxed,
                                          const pt2__upsample_kind_t* kind,
                                          pt2_tensor_t** out_result) {
  static const char* const names[4] = {"scales_d", "scales_h", "scales_w",
                                       "scales"};
  pt2_tensor_t* grad_output;
  pt2__upsample_backward_args_t args = {.spatial = kind->spatial,
                                        .filter = kind->filter,
                                        .antialias = kind->antialias};
  double scales[3] = {0, 0, 0};
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "grad_output", &grad_output));
  PT2_TRY(pt2__boxed_ints(boxed, 1, "output_size", &args.output_size.values,
                          &args.output_size.count));
  PT2_TRY(pt2__boxed_ints(boxed, 2, "input_size", &args.input_size.values,
                          &args.input_size.count));
  size_t at = 3;
  if (kind->filter < PT2__UPSAMPLE_NEAREST) {
    PT2_TRY(pt2__boxed_bool(boxed, at++, "align_corners", &args.align_corners));
  }
  const int first = kind->spatial == 1 ? 3 : 3 - kind->spatial;
  for (int d = 0; d < kind->spatial; ++d) {
    PT2_TRY(pt2__boxed_number(boxed, at++, names[first + d], &scales[d], NULL));
    args.scales[d] = &scales[d];
  }
  return pt2__upsample_backward(grad_output, &args, out_result);
}
