// SPDX-License-Identifier: Apache-2.0
//
// Running sums, products, sums of exponentials and extremes along one
// dimension; any strides. The library writes "typedef … T;" (the type of the
// result) and "typedef … S;" (that of the source) above this. Integers are summed
// in 64 bits, which wrap around as theirs do; the others in float.
#include <metal_stdlib>
using namespace metal;

// The host's structs of the same names (mps.h, ops_scan.c), field by field.
struct Rows {
  int rank;
  int padding;
  long sizes[8];
  long strides[3][8];
};
struct Scan {
  int kind;  // 0 sum, 1 product, 2 logarithm of a sum of exponentials; 3
             // maximum, 4 minimum
  int length;
  long source_step, result_step;
  Rows rows;
};

// What is summed, and an element as that: converted to T first.
template <class X>
struct Wide {
  typedef ulong type;
  static ulong of(S x) { return ulong(long(x)); }
};
struct WideFloat {
  typedef float type;
  static float of(S x) { return float(T(float(x))); }
};
template <>
struct Wide<float> : WideFloat {};
template <>
struct Wide<half> : WideFloat {};
template <>
struct Wide<bfloat> : WideFloat {};
typedef Wide<T>::type A;

// log(exp(a) + exp(b)). Of two infinities of one sign the difference is NaN.
inline float log_add(float a, float b) {
  const float low = a < b ? a : b;
  const float high = a < b ? b : a;
  if (low == high && abs(low) == INFINITY) {
    return low;
  }
  return high + precise::log(1.0f + precise::exp(low - high));
}
inline ulong log_add(ulong a, ulong) { return a; }
inline float log_zero(float) { return -INFINITY; }
inline ulong log_zero(ulong) { return 0; }

inline A combine(int kind, A a, A b) {
  return kind == 0 ? a + b : kind == 1 ? a * b : log_add(a, b);
}
inline A neutral(int kind) {
  return kind == 0 ? A(0) : kind == 1 ? A(1) : log_zero(A(0));
}

inline long row_offset(constant Rows& rows, int which, long row) {
  long offset = 0;
  for (int d = rows.rank - 1; d >= 0; --d) {
    offset += row % rows.sizes[d] * rows.strides[which][d];
    row /= rows.sizes[d];
  }
  return offset;
}

// One thread goes along one row.
kernel void scan_columns(
    device T* result [[buffer(0)]],
    device const S* source [[buffer(1)]],
    constant Scan& g [[buffer(2)]],
    uint row [[thread_position_in_grid]]) {
  long from = row_offset(g.rows, 0, long(row));
  long to = row_offset(g.rows, 1, long(row));
  A sum = neutral(g.kind);
  for (int i = 0; i < g.length; ++i) {
    sum = combine(g.kind, sum, Wide<T>::of(source[from]));
    result[to] = T(sum);
    from += g.source_step;
    to += g.result_step;
  }
}

constant constexpr int GROUP_MAX = 256;
// Neighbours that one thread takes.
constant constexpr int EACH = 4;

// A threadgroup (of 2^n threads) goes along one row, each of them taking EACH
// elements at a time.
[[max_total_threads_per_threadgroup(256)]]
kernel void scan_rows(
    device T* result [[buffer(0)]],
    device const S* source [[buffer(1)]],
    constant Scan& g [[buffer(2)]],
    uint3 local [[thread_position_in_threadgroup]],
    uint3 group [[threadgroup_position_in_grid]],
    uint3 group_size [[threads_per_threadgroup]]) {
  threadgroup A sums[GROUP_MAX];
  const long from = row_offset(g.rows, 0, long(group.y));
  const long to = row_offset(g.rows, 1, long(group.y));
  const int at = int(local.x);
  const int threads = int(group_size.x);
  A carry = neutral(g.kind);
  for (int start = 0; start < g.length; start += threads * EACH) {
    const int first = start + at * EACH;
    const int count = min(EACH, g.length - first);
    A own[EACH];
    A sum = neutral(g.kind);
    for (int i = 0; i < count; ++i) {
      const long place = from + (first + i) * g.source_step;
      sum = combine(g.kind, sum, Wide<T>::of(source[place]));
      own[i] = sum;
    }
    sums[at] = sum;
    threadgroup_barrier(mem_flags::mem_threadgroup);
    for (int step = 1; step < threads; step *= 2) {
      const A before = at >= step ? sums[at - step] : neutral(g.kind);
      threadgroup_barrier(mem_flags::mem_threadgroup);
      sums[at] = combine(g.kind, before, sums[at]);
      threadgroup_barrier(mem_flags::mem_threadgroup);
    }
    const A before =
        at > 0 ? combine(g.kind, carry, sums[at - 1]) : carry;
    for (int i = 0; i < count; ++i) {
      result[to + (first + i) * g.result_step] =
          T(combine(g.kind, before, own[i]));
    }
    carry = combine(g.kind, carry, sums[threads - 1]);
    // The next round writes the sums.
    threadgroup_barrier(mem_flags::mem_threadgroup);
  }
}

// ---- Extremes, with their places --------------------------------------------

// What elements are compared as.
template <class X>
struct Order {
  typedef long type;
};
template <>
struct Order<float> {
  typedef float type;
};
template <>
struct Order<half> {
  typedef float type;
};
template <>
struct Order<bfloat> {
  typedef float type;
};
typedef Order<T>::type O;
inline bool is_nan(long) { return false; }
inline bool is_nan(float x) { return isnan(x); }

struct Best {
  T value;
  int place;  // -1: none yet
};

// Of what is the same the last; NaN is better than all.
inline Best better(int kind, Best before, Best next) {
  const O a = O(before.value);
  const O b = O(next.value);
  const bool beats = is_nan(b) || (!is_nan(a) && (kind == 3 ? b >= a : b <= a));
  if (next.place < 0 || (before.place >= 0 && !beats)) {
    return before;
  }
  return next;
}

kernel void extreme_columns(
    device T* values [[buffer(0)]],
    device const T* source [[buffer(1)]],
    constant Scan& g [[buffer(2)]],
    device long* places [[buffer(3)]],
    uint row [[thread_position_in_grid]]) {
  long from = row_offset(g.rows, 0, long(row));
  long to = row_offset(g.rows, 1, long(row));
  Best best = {T(0.0f), -1};
  for (int i = 0; i < g.length; ++i) {
    const Best next = {source[from], i};
    best = better(g.kind, best, next);
    values[to] = best.value;
    places[to] = long(best.place);
    from += g.source_step;
    to += g.result_step;
  }
}

// As scan_rows.
[[max_total_threads_per_threadgroup(256)]]
kernel void extreme_rows(
    device T* values [[buffer(0)]],
    device const T* source [[buffer(1)]],
    constant Scan& g [[buffer(2)]],
    device long* places [[buffer(3)]],
    uint3 local [[thread_position_in_threadgroup]],
    uint3 group [[threadgroup_position_in_grid]],
    uint3 group_size [[threads_per_threadgroup]]) {
  threadgroup T best_values[GROUP_MAX];
  threadgroup int best_places[GROUP_MAX];
  const long from = row_offset(g.rows, 0, long(group.y));
  const long to = row_offset(g.rows, 1, long(group.y));
  const int at = int(local.x);
  const int threads = int(group_size.x);
  const Best none = {T(0.0f), -1};
  Best carry = none;
  for (int start = 0; start < g.length; start += threads * EACH) {
    const int first = start + at * EACH;
    const int count = min(EACH, g.length - first);
    Best own[EACH];
    Best best = none;
    for (int i = 0; i < count; ++i) {
      const Best next = {source[from + (first + i) * g.source_step], first + i};
      best = better(g.kind, best, next);
      own[i] = best;
    }
    best_values[at] = best.value;
    best_places[at] = best.place;
    threadgroup_barrier(mem_flags::mem_threadgroup);
    for (int step = 1; step < threads; step *= 2) {
      Best before = none;
      if (at >= step) {
        before.value = best_values[at - step];
        before.place = best_places[at - step];
      }
      threadgroup_barrier(mem_flags::mem_threadgroup);
      best = better(g.kind, before, best);
      best_values[at] = best.value;
      best_places[at] = best.place;
      threadgroup_barrier(mem_flags::mem_threadgroup);
    }
    Best before = carry;
    if (at > 0) {
      const Best left = {best_values[at - 1], best_places[at - 1]};
      before = better(g.kind, carry, left);
    }
    for (int i = 0; i < count; ++i) {
      const Best here = better(g.kind, before, own[i]);
      const long place = to + (first + i) * g.result_step;
      values[place] = here.value;
      places[place] = long(here.place);
    }
    const Best last = {best_values[threads - 1], best_places[threads - 1]};
    carry = better(g.kind, carry, last);
    // The next round writes what was read.
    threadgroup_barrier(mem_flags::mem_threadgroup);
  }
}
