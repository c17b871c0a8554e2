// SPDX-License-Identifier: Apache-2.0
//
// d = beta * c + alpha * a @ b for each matrix of a batch; any strides. The
// library says what T is (float, half, bfloat) above this.
#include <metal_stdlib>
using namespace metal;

// The host's struct of the same name (ops_matmul.c), field by field.
struct Matmul {
  int m, n, k;
  int use_c;
  long a_row, a_column, a_batch;
  long b_row, b_column, b_batch;
  long c_row, c_column, c_batch;
  long d_row, d_column, d_batch;
  float alpha, beta;
};

constant constexpr int TILE = 16;
// A row of a tile begins in another bank than the one before.
constant constexpr int PITCH = 17;

// A threadgroup of TILE x TILE makes one tile of d, in float.
[[max_total_threads_per_threadgroup(256)]]
kernel void matmul(
    device T* d [[buffer(0)]],
    device const T* a [[buffer(1)]],
    device const T* b [[buffer(2)]],
    device const T* c [[buffer(3)]],
    constant Matmul& g [[buffer(4)]],
    uint3 local [[thread_position_in_threadgroup]],
    uint3 group [[threadgroup_position_in_grid]]) {
  threadgroup float tile_a[TILE * PITCH];
  threadgroup float tile_b[TILE * PITCH];
  const int x = int(local.x);
  const int y = int(local.y);
  const int row = int(group.y) * TILE + y;
  const int column = int(group.x) * TILE + x;
  const long batch = long(group.z);
  float sum = 0.0f;
  for (int start = 0; start < g.k; start += TILE) {
    float in_a = 0.0f;
    float in_b = 0.0f;
    if (row < g.m && start + x < g.k) {
      in_a = float(a[batch * g.a_batch + row * g.a_row +
                     (start + x) * g.a_column]);
    }
    if (column < g.n && start + y < g.k) {
      in_b = float(b[batch * g.b_batch + (start + y) * g.b_row +
                     column * g.b_column]);
    }
    tile_a[y * PITCH + x] = in_a;
    tile_b[y * PITCH + x] = in_b;
    threadgroup_barrier(mem_flags::mem_threadgroup);
    for (int i = 0; i < TILE; ++i) {
      sum += tile_a[y * PITCH + i] * tile_b[i * PITCH + x];
    }
    threadgroup_barrier(mem_flags::mem_threadgroup);
  }
  if (row < g.m && column < g.n) {
    float result = g.alpha * sum;
    if (g.use_c != 0) {
      result += g.beta * float(c[batch * g.c_batch + row * g.c_row +
                                 column * g.c_column]);
    }
    d[batch * g.d_batch + row * g.d_row + column * g.d_column] = T(result);
  }
}
