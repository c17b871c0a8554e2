// SPDX-License-Identifier: Apache-2.0
//
// Attention with its weights: softmax(scale * q @ k^T + mask), then @ v. The
// library says what T is (float, half, bfloat) above this.
#include <metal_stdlib>
using namespace metal;

// The host's struct of the same name (ops_attention.c), field by field.
// Strides are in elements: batch, head, row, column.
struct Attention {
  int heads, rows, keys, depth, depth_v;
  int q_per_k, q_per_v;  // heads of q that share one of k or v
  int causal;
  int mask_kind;  // 0 none, 1 bool, 2 added
  float scale;
  long q[4];
  long k[4];
  long v[4];
  long mask[4];
};

// A threadgroup of 32 makes one row of weights. They are divided in float.
[[max_total_threads_per_threadgroup(32)]]
kernel void attention_weights(
    device T* weights [[buffer(0)]],
    device const T* q [[buffer(1)]],
    device const T* k [[buffer(2)]],
    device const uchar* mask_bool [[buffer(3)]],
    device const T* mask_added [[buffer(4)]],
    constant Attention& g [[buffer(5)]],
    device float* scores [[buffer(6)]],
    uint3 group [[threadgroup_position_in_grid]],
    uint lane [[thread_index_in_simdgroup]]) {
  const int row = int(group.x);
  const int head = int(group.y);
  const long batch = long(group.z);
  const long line = ((batch * g.heads + head) * g.rows + row) * g.keys;
  const long at_q = batch * g.q[0] + head * g.q[1] + row * g.q[2];
  const long at_k = batch * g.k[0] + (head / g.q_per_k) * g.k[1];
  const long at_mask =
      batch * g.mask[0] + head * g.mask[1] + row * g.mask[2];
  float most = -INFINITY;
  for (int j = int(lane); j < g.keys; j += 32) {
    float score = 0.0f;
    for (int i = 0; i < g.depth; ++i) {
      score += float(q[at_q + i * g.q[3]]) *
               float(k[at_k + j * g.k[2] + i * g.k[3]]);
    }
    score *= g.scale;
    if (g.causal != 0 && j > row) {
      score = -INFINITY;
    }
    if (g.mask_kind == 1 && mask_bool[at_mask + j * g.mask[3]] == 0) {
      score = -INFINITY;
    }
    if (g.mask_kind == 2) {
      score += float(mask_added[at_mask + j * g.mask[3]]);
    }
    scores[line + j] = score;
    most = max(most, score);
  }
  most = simd_max(most);
  float sum = 0.0f;
  for (int j = int(lane); j < g.keys; j += 32) {
    // Where everything is masked nothing is looked at.
    const float e =
        most == -INFINITY ? 0.0f : precise::exp(scores[line + j] - most);
    scores[line + j] = e;
    sum += e;
  }
  sum = simd_sum(sum);
  for (int j = int(lane); j < g.keys; j += 32) {
    weights[line + j] = T(sum > 0.0f ? scores[line + j] / sum : sum);
  }
}

// One thread makes one number.
[[max_total_threads_per_threadgroup(32)]]
kernel void attention_values(
    device T* result [[buffer(0)]],
    device const float* scores [[buffer(1)]],
    device const T* v [[buffer(2)]],
    constant Attention& g [[buffer(3)]],
    uint3 at [[thread_position_in_grid]]) {
  const int column = int(at.x);
  const int row = int(at.y);
  const long head = long(at.z) % g.heads;
  const long batch = long(at.z) / g.heads;
  const long line = ((batch * g.heads + head) * g.rows + row) * g.keys;
  const long at_v =
      batch * g.v[0] + (head / g.q_per_v) * g.v[1] + column * g.v[3];
  float sum = 0.0f;
  float total = 0.0f;
  for (int j = 0; j < g.keys; ++j) {
    const float e = scores[line + j];
    sum += e * float(v[at_v + j * g.v[2]]);
    total += e;
  }
  result[((batch * g.heads + head) * g.rows + row) * g.depth_v + column] =
      T(total == 0.0f ? 0.0f : sum / total);
}
