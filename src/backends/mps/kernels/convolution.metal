// SPDX-License-Identifier: Apache-2.0
//
// Convolutions of one to three dimensions, of any strides; those that lack
// dimensions count one there. The library writes "typedef float T;" (half,
// bfloat) above this.
//
// A transposed convolution is, for the results whose position leaves the same
// remainder by the stride, one that is not transposed: each of its taps meets a
// whole input. Such a set of results is a phase; others have one phase only.
#include <metal_stdlib>
using namespace metal;

// The host's struct of the same name (ops_convolution.c), field by field. Of
// three numbers the first is the depth's, the last the width's.
struct Convolution {
  int transposed;
  int x_by_channel;  // neighbours in memory are: channels, or pixels
  int y_by_channel;
  int use_bias;
  int batch, groups;
  int channels_in, channels_out;  // of a group
  int input[3];
  int kernel_size[3];
  int output[3];
  int stride[3];
  int padding[3];
  int dilation[3];
  int phases[3];
  // Of a transposed one: the greatest divisor of stride and dilation, how far
  // taps of a phase are apart, and what dilation / divisor times it is 1 more
  // than a multiple of that.
  int divisor[3];
  int period[3];
  int inverse[3];
  // Strides in elements: batch (w: output channel), channel, space.
  long x[5];
  long w[5];
  long y[5];
  long w_group;
  long bias;
};

// One dimension of one phase: result number i is at y + i * y_step; its tap
// number j is weight w + j * w_tap times input x + i * x_step + j * x_tap.
struct Window {
  int count, taps;
  int x, x_step, x_tap;
  int w, w_tap;
  int y, y_step;
};

inline Window window_of(constant Convolution& g, int axis, int phase) {
  Window v;
  const int stride = g.stride[axis];
  if (g.transposed == 0) {
    v.count = g.output[axis];
    v.taps = g.kernel_size[axis];
    v.x = -g.padding[axis];
    v.x_step = stride;
    v.x_tap = g.dilation[axis];
    v.w = 0;
    v.w_tap = 1;
    v.y = 0;
    v.y_step = 1;
    return v;
  }
  const int divisor = g.divisor[axis];
  const int period = g.period[axis];
  const int at = phase + g.padding[axis];
  // The first tap whose input is whole, if any.
  const long turns = long(at / divisor % period) * g.inverse[axis];
  const int first = int(turns % period);
  const bool some = at % divisor == 0 && first < g.kernel_size[axis];
  v.count = (g.output[axis] - 1 - phase) / stride + 1;
  v.taps = some ? (g.kernel_size[axis] - 1 - first) / period + 1 : 0;
  v.x = some ? (at - first * g.dilation[axis]) / stride : 0;
  v.x_step = 1;
  v.x_tap = -(g.dilation[axis] / divisor);
  v.w = first;
  v.w_tap = period;
  v.y = phase;
  v.y_step = stride;
  return v;
}

struct Windows {
  Window z, y, x;
};

inline Windows windows_of(constant Convolution& g, int phase) {
  Windows v;
  v.x = window_of(g, 2, phase % g.phases[2]);
  phase /= g.phases[2];
  v.y = window_of(g, 1, phase % g.phases[1]);
  v.z = window_of(g, 0, phase / g.phases[1]);
  return v;
}

// One of the products that make up a result: its channel and its tap.
struct Term {
  int channel, z, y, x;
};

inline Term term_of(constant Convolution& g, Windows v, int number) {
  Term term;
  term.channel = 0;
  if (g.x_by_channel != 0) {
    term.channel = number % g.channels_in;
    number /= g.channels_in;
  }
  term.x = number % max(v.x.taps, 1);
  number /= max(v.x.taps, 1);
  term.y = number % max(v.y.taps, 1);
  number /= max(v.y.taps, 1);
  term.z = number;
  if (g.x_by_channel == 0) {
    term.z = number % max(v.z.taps, 1);
    term.channel = number / max(v.z.taps, 1);
  }
  return term;
}

// The term |by| further on.
inline Term advance(constant Convolution& g, Windows v, Term term, Term by) {
  int carry = 0;
  term.channel += by.channel;
  if (g.x_by_channel != 0 && term.channel >= g.channels_in) {
    term.channel -= g.channels_in;
    carry = 1;
  }
  term.x += by.x + carry;
  carry = term.x >= v.x.taps ? 1 : 0;
  term.x -= carry * v.x.taps;
  term.y += by.y + carry;
  carry = term.y >= v.y.taps ? 1 : 0;
  term.y -= carry * v.y.taps;
  term.z += by.z + carry;
  if (g.x_by_channel == 0 && term.z >= v.z.taps) {
    term.z -= v.z.taps;
    term.channel += 1;
  }
  return term;
}

inline long weight_at(constant Convolution& g, Windows v, Term term) {
  return term.channel * g.w[1] + (v.z.w + term.z * v.z.w_tap) * g.w[2] +
         (v.y.w + term.y * v.y.w_tap) * g.w[3] +
         (v.x.w + term.x * v.x.w_tap) * g.w[4];
}

// A result's place in the tensors, without channels.
struct Column {
  long at_x, at_y;
  int z, y, x;  // input of its tap 0; it may lie outside
};

inline Column column_of(constant Convolution& g, Windows v, int number) {
  Column column;
  const int x = number % v.x.count;
  number /= v.x.count;
  const int y = number % v.y.count;
  number /= v.y.count;
  const int z = number % v.z.count;
  const long batch = number / v.z.count;
  column.z = v.z.x + z * v.z.x_step;
  column.y = v.y.x + y * v.y.x_step;
  column.x = v.x.x + x * v.x.x_step;
  column.at_x = batch * g.x[0] + column.z * g.x[2] + column.y * g.x[3] +
                column.x * g.x[4];
  column.at_y = batch * g.y[0] + (v.z.y + z * v.z.y_step) * g.y[2] +
                (v.y.y + y * v.y.y_step) * g.y[3] +
                (v.x.y + x * v.x.y_step) * g.y[4];
  return column;
}

// A matrix product: rows are the output channels of a group, columns its
// results, and what is summed over are terms. A threadgroup is SIDE x SIDE.
constant constexpr int SIDE = 16;
// Added to a column that is none: no tap leads back into an input.
constant constexpr int OUTSIDE = -0x40000000;

// A tile of ROWS * SIDE by COLUMNS * SIDE; a thread makes ROWS * COLUMNS of it.
template <int ROWS, int COLUMNS>
inline void multiply(device T* y, device const T* x, device const T* w,
                     device const T* bias, constant Convolution& g,
                     threadgroup float* tile_w, threadgroup float* tile_x,
                     threadgroup long* at_x, threadgroup long* at_y,
                     threadgroup int* first, uint3 place, uint3 group) {
  // A row of a tile begins in another bank than the one before.
  const int pitch_w = ROWS * SIDE + 1;
  const int pitch_x = COLUMNS * SIDE + 1;
  const int width = COLUMNS * SIDE;
  const int lane = int(place.x);
  const int line = int(place.y);
  const int phases = g.phases[0] * g.phases[1] * g.phases[2];
  const int of_group = int(group.z) / phases;
  const Windows v = windows_of(g, int(group.z) % phases);
  const int columns = g.batch * v.z.count * v.y.count * v.x.count;
  const int terms = g.channels_in * v.z.taps * v.y.taps * v.x.taps;
  const int first_column = int(group.x) * width;
  const int first_row = int(group.y) * ROWS * SIDE;
  if (first_column >= columns) {
    return;  // the whole threadgroup: a phase may have less than others
  }
  const int thread_index = line * SIDE + lane;
  if (thread_index < width) {
    const int number = first_column + thread_index;
    const bool there = number < columns;
    const Column column = column_of(g, v, there ? number : 0);
    at_x[thread_index] =
        column.at_x + long(of_group) * g.channels_in * g.x[1];
    at_y[thread_index] = column.at_y;
    first[thread_index] = there ? column.z : OUTSIDE;
    first[width + thread_index] = column.y;
    first[2 * width + thread_index] = column.x;
  }
  threadgroup_barrier(mem_flags::mem_threadgroup);

  const int term_in_x = g.x_by_channel != 0 ? lane : line;
  const int column_in_x = g.x_by_channel != 0 ? line : lane;
  const int row_in_y = g.y_by_channel != 0 ? lane : line;
  const int column_in_y = g.y_by_channel != 0 ? line : lane;
  Term of_w = term_of(g, v, lane);
  Term of_x = term_of(g, v, term_in_x);
  const Term step = term_of(g, v, SIDE);
  float sum[ROWS][COLUMNS];
#pragma unroll
  for (int i = 0; i < ROWS; ++i) {
#pragma unroll
    for (int j = 0; j < COLUMNS; ++j) {
      sum[i][j] = 0.0f;
    }
  }
  for (int start = 0; start < terms; start += SIDE) {
    const long tap_w = long(of_group) * g.w_group + weight_at(g, v, of_w);
#pragma unroll
    for (int i = 0; i < ROWS; ++i) {
      const int row = line + i * SIDE;
      float value = 0.0f;
      if (start + lane < terms && first_row + row < g.channels_out) {
        value = float(w[tap_w + (first_row + row) * g.w[0]]);
      }
      tile_w[lane * pitch_w + row] = value;
    }
    const int z = of_x.z * v.z.x_tap;
    const int y_ = of_x.y * v.y.x_tap;
    const int x_ = of_x.x * v.x.x_tap;
    const long tap_x =
        of_x.channel * g.x[1] + z * g.x[2] + y_ * g.x[3] + x_ * g.x[4];
#pragma unroll
    for (int j = 0; j < COLUMNS; ++j) {
      const int column = column_in_x + j * SIDE;
      const int in_z = first[column] + z;
      const int in_y = first[width + column] + y_;
      const int in_x = first[2 * width + column] + x_;
      float value = 0.0f;
      if (start + term_in_x < terms && in_z >= 0 && in_z < g.input[0] &&
          in_y >= 0 && in_y < g.input[1] && in_x >= 0 && in_x < g.input[2]) {
        value = float(x[at_x[column] + tap_x]);
      }
      tile_x[term_in_x * pitch_x + column] = value;
    }
    threadgroup_barrier(mem_flags::mem_threadgroup);
    for (int k = 0; k < SIDE; ++k) {
      float a[ROWS];
      float b[COLUMNS];
#pragma unroll
      for (int i = 0; i < ROWS; ++i) {
        a[i] = tile_w[k * pitch_w + row_in_y + i * SIDE];
      }
#pragma unroll
      for (int j = 0; j < COLUMNS; ++j) {
        b[j] = tile_x[k * pitch_x + column_in_y + j * SIDE];
      }
#pragma unroll
      for (int i = 0; i < ROWS; ++i) {
#pragma unroll
        for (int j = 0; j < COLUMNS; ++j) {
          sum[i][j] = fma(a[i], b[j], sum[i][j]);
        }
      }
    }
    threadgroup_barrier(mem_flags::mem_threadgroup);
    of_w = advance(g, v, of_w, step);
    of_x = advance(g, v, of_x, step);
  }
#pragma unroll
  for (int i = 0; i < ROWS; ++i) {
    const int row = first_row + row_in_y + i * SIDE;
    const long channel = long(of_group) * g.channels_out + row;
#pragma unroll
    for (int j = 0; j < COLUMNS; ++j) {
      const int column = column_in_y + j * SIDE;
      if (row < g.channels_out && first_column + column < columns) {
        const float plus =
            g.use_bias != 0 ? float(bias[channel * g.bias]) : 0.0f;
        y[at_y[column] + channel * g.y[1]] = T(sum[i][j] + plus);
      }
    }
  }
}

// Many channels.
[[max_total_threads_per_threadgroup(256)]]
kernel void convolution_square(
    device T* y [[buffer(0)]],
    device const T* x [[buffer(1)]],
    device const T* w [[buffer(2)]],
    device const T* bias [[buffer(3)]],
    constant Convolution& g [[buffer(4)]],
    uint3 place [[thread_position_in_threadgroup]],
    uint3 group [[threadgroup_position_in_grid]]) {
  threadgroup float tile_w[16 * 65];
  threadgroup float tile_x[16 * 65];
  threadgroup long at_x[64];
  threadgroup long at_y[64];
  threadgroup int first[3 * 64];
  multiply<4, 4>(y, x, w, bias, g, tile_w, tile_x, at_x, at_y, first, place,
                 group);
}

// Few channels, many pixels.
[[max_total_threads_per_threadgroup(256)]]
kernel void convolution_wide(
    device T* y [[buffer(0)]],
    device const T* x [[buffer(1)]],
    device const T* w [[buffer(2)]],
    device const T* bias [[buffer(3)]],
    constant Convolution& g [[buffer(4)]],
    uint3 place [[thread_position_in_threadgroup]],
    uint3 group [[threadgroup_position_in_grid]]) {
  threadgroup float tile_w[16 * 33];
  threadgroup float tile_x[16 * 129];
  threadgroup long at_x[128];
  threadgroup long at_y[128];
  threadgroup int first[3 * 128];
  multiply<2, 8>(y, x, w, bias, g, tile_w, tile_x, at_x, at_y, first, place,
                 group);
}

// So little of both that larger tiles would leave most of a GPU idle.
[[max_total_threads_per_threadgroup(256)]]
kernel void convolution_small(
    device T* y [[buffer(0)]],
    device const T* x [[buffer(1)]],
    device const T* w [[buffer(2)]],
    device const T* bias [[buffer(3)]],
    constant Convolution& g [[buffer(4)]],
    uint3 place [[thread_position_in_threadgroup]],
    uint3 group [[threadgroup_position_in_grid]]) {
  threadgroup float tile_w[16 * 33];
  threadgroup float tile_x[16 * 33];
  threadgroup long at_x[32];
  threadgroup long at_y[32];
  threadgroup int first[3 * 32];
  multiply<2, 2>(y, x, w, bias, g, tile_w, tile_x, at_x, at_y, first, place,
                 group);
}

// One thread makes one number: for groups of so few output channels (depthwise:
// one) that a tile would be mostly empty.
[[max_total_threads_per_threadgroup(256)]]
kernel void convolution_direct(
    device T* y [[buffer(0)]],
    device const T* x [[buffer(1)]],
    device const T* w [[buffer(2)]],
    device const T* bias [[buffer(3)]],
    constant Convolution& g [[buffer(4)]],
    uint3 at [[thread_position_in_grid]]) {
  const Windows v = windows_of(g, int(at.z));
  const int number = int(g.y_by_channel != 0 ? at.y : at.x);
  const long channel = long(g.y_by_channel != 0 ? at.x : at.y);
  if (number >= g.batch * v.z.count * v.y.count * v.x.count) {
    return;  // a phase may have less than others
  }
  const Column column = column_of(g, v, number);
  const long of_group = channel / g.channels_out;
  const long from_x = column.at_x + of_group * g.channels_in * g.x[1];
  const long from_w = of_group * g.w_group +
                      (channel - of_group * g.channels_out) * g.w[0];
  float sum = 0.0f;
  Term term;
  term.channel = 0;
  for (term.z = 0; term.z < v.z.taps; ++term.z) {
    const int z = term.z * v.z.x_tap;
    if (column.z + z < 0 || column.z + z >= g.input[0]) {
      continue;
    }
    for (term.y = 0; term.y < v.y.taps; ++term.y) {
      const int y_ = term.y * v.y.x_tap;
      if (column.y + y_ < 0 || column.y + y_ >= g.input[1]) {
        continue;
      }
      for (term.x = 0; term.x < v.x.taps; ++term.x) {
        const int x_ = term.x * v.x.x_tap;
        if (column.x + x_ < 0 || column.x + x_ >= g.input[2]) {
          continue;
        }
        long in_x = from_x + z * g.x[2] + y_ * g.x[3] + x_ * g.x[4];
        long in_w = from_w + weight_at(g, v, term);
        for (int c = 0; c < g.channels_in; ++c) {
          sum = fma(float(x[in_x]), float(w[in_w]), sum);
          in_x += g.x[1];
          in_w += g.w[1];
        }
      }
    }
  }
  const float plus = g.use_bias != 0 ? float(bias[channel * g.bias]) : 0.0f;
  y[column.at_y + channel * g.y[1]] = T(sum + plus);
}
