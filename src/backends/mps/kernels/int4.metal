// SPDX-License-Identifier: Apache-2.0
//
// a @ b^T for a b of 4 bits an element: each is (q - 8) * scale + zero, with
// scale and zero shared by a group of elements in a row. The library writes
// "typedef float T;" (half, bfloat) above this.
#include <metal_stdlib>
using namespace metal;

// The host's struct of the same name (ops_int4.c), field by field.
struct Int4 {
  int n, k;
  int group_size;
  int padding;
};

// A simdgroup makes one number. Two elements of b are in a byte, the first in
// its lower half, as PyTorch's mps packs them.
[[max_total_threads_per_threadgroup(32)]]
kernel void int4_matmul(
    device T* d [[buffer(0)]],
    device const T* a [[buffer(1)]],
    device const uchar* b [[buffer(2)]],
    device const T* scales_and_zeros [[buffer(3)]],
    constant Int4& g [[buffer(4)]],
    uint3 group [[threadgroup_position_in_grid]],
    uint lane [[thread_index_in_simdgroup]]) {
  const int column = int(group.y);
  const long row = long(group.z);
  float sum = 0.0f;
  for (int i = 2 * int(lane); i < g.k; i += 64) {
    const uchar two = b[(long(column) * g.k + i) / 2];
    const long at = (long(i / g.group_size) * g.n + column) * 2;
    const float scale = float(scales_and_zeros[at]);
    const float zero = float(scales_and_zeros[at + 1]);
    sum += float(a[row * g.k + i]) * (float(int(two & 15) - 8) * scale + zero);
    sum += float(a[row * g.k + i + 1]) *
           (float(int(two >> 4) - 8) * scale + zero);
  }
  sum = simd_sum(sum);
  if (lane == 0) {
    d[row * g.n + column] = T(sum);
  }
}
