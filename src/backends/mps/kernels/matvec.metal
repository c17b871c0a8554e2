// SPDX-License-Identifier: Apache-2.0
//
// A matrix times a vector, for each of a batch: what mm and the like come to
// when one side has a single row or column. The library says what T is above
// this.
#include <metal_stdlib>
using namespace metal;

// The host's struct of the same name (ops_matmul.c), field by field.
struct Matvec {
  int count;  // of results
  int k;      // terms of each
  int use_c;
  long m_result, m_k, m_batch;
  long v_k, v_batch;
  long c_result, c_batch;
  long d_result, d_batch;
  float alpha, beta;
};

inline void finish(device T* d, device const T* c, constant Matvec& g,
                   long batch, int at, float sum) {
  float result = g.alpha * sum;
  if (g.use_c != 0) {
    result += g.beta * float(c[batch * g.c_batch + at * g.c_result]);
  }
  d[batch * g.d_batch + at * g.d_result] = T(result);
}

constant constexpr int EACH = 4;     // results of a simdgroup at once
constant constexpr int IN_GROUP = 16;  // of a threadgroup

// The terms of a result lie side by side: the lanes of a simdgroup walk along
// them, whatever number of lanes it has.
[[max_total_threads_per_threadgroup(128)]]
kernel void matvec_along(
    device T* d [[buffer(0)]],
    device const T* m [[buffer(1)]],
    device const T* v [[buffer(2)]],
    device const T* c [[buffer(3)]],
    constant Matvec& g [[buffer(4)]],
    uint3 group [[threadgroup_position_in_grid]],
    uint lane [[thread_index_in_simdgroup]],
    uint lanes [[threads_per_simdgroup]],
    uint simdgroup [[simdgroup_index_in_threadgroup]],
    uint simdgroups [[simdgroups_per_threadgroup]]) {
  const long batch = long(group.z);
  device const T* from_m = m + batch * g.m_batch;
  device const T* from_v = v + batch * g.v_batch;
  for (int part = int(simdgroup) * EACH; part < IN_GROUP;
       part += int(simdgroups) * EACH) {
    const int first = int(group.x) * IN_GROUP + part;
    if (first >= g.count) {
      break;
    }
    float sum[EACH] = {0.0f, 0.0f, 0.0f, 0.0f};
    for (int i = int(lane); i < g.k; i += int(lanes)) {
      const float x = float(from_v[i * g.v_k]);
      for (int j = 0; j < EACH; ++j) {
        const int at = min(first + j, g.count - 1);
        sum[j] += x * float(from_m[at * g.m_result + i * g.m_k]);
      }
    }
    for (int j = 0; j < EACH; ++j) {
      const float total = simd_sum(sum[j]);
      if (lane == 0 && first + j < g.count) {
        finish(d, c, g, batch, first + j, total);
      }
    }
  }
}

constant constexpr int ACROSS = 32;
constant constexpr int SLICES = 8;

// The results' terms lie side by side: neighbours make neighbours, and SLICES
// threads share the terms of each.
[[max_total_threads_per_threadgroup(256)]]
kernel void matvec_across(
    device T* d [[buffer(0)]],
    device const T* m [[buffer(1)]],
    device const T* v [[buffer(2)]],
    device const T* c [[buffer(3)]],
    constant Matvec& g [[buffer(4)]],
    uint3 local [[thread_position_in_threadgroup]],
    uint3 group [[threadgroup_position_in_grid]]) {
  threadgroup float parts[SLICES * ACROSS];
  const int x = int(local.x);
  const int slice = int(local.y);
  const int at = int(group.x) * ACROSS + x;
  const long batch = long(group.z);
  device const T* from_v = v + batch * g.v_batch;
  float sum = 0.0f;
  if (at < g.count) {
    device const T* from_m = m + batch * g.m_batch + at * g.m_result;
    for (int i = slice; i < g.k; i += SLICES) {
      sum += float(from_v[i * g.v_k]) * float(from_m[i * g.m_k]);
    }
  }
  parts[slice * ACROSS + x] = sum;
  threadgroup_barrier(mem_flags::mem_threadgroup);
  if (slice == 0 && at < g.count) {
    for (int i = 1; i < SLICES; ++i) {
      sum += parts[i * ACROSS + x];
    }
    finish(d, c, g, batch, at, sum);
  }
}
