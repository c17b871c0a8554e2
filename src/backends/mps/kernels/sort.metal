// SPDX-License-Identifier: Apache-2.0
//
// Stable sorting along one dimension, and its first few; any strides. The
// library writes "typedef … T;" above this.
//
// Elements become unsigned keys in the same order. Blocks are sorted in a
// threadgroup's memory; sorted runs are merged until one is left, of which no
// more is kept than is wanted. Values come from where their places say.
#include <metal_stdlib>
using namespace metal;

// The host's structs of the same names (mps.h, ops_sort.c), field by field.
struct Rows {
  int rank;
  int padding;
  long sizes[8];
  long strides[3][8];  // source, values, indices
};
struct Sort {
  int length;
  int wanted;
  int block;  // 2^n
  int run;    // kept of each block
  int pitch;  // kept of each row
  int descending;
  long steps[3];
  Rows rows;
};
// Runs lie behind one another; the last may be shorter.
struct Merge {
  int run, last, runs, pitch;
  int merged_run, merged_pitch;
};

template <int bytes>
struct Key {
  typedef uint type;
};
template <>
struct Key<8> {
  typedef ulong type;
};
typedef Key<sizeof(T)>::type K;

// Zeros are one key, NaNs all the largest.
inline uint float_key(uint bits, uint sign, uint infinity) {
  const uint size = bits & (sign - 1);
  if (size > infinity) {
    return sign | (sign - 1);
  }
  if (size == 0) {
    return sign;
  }
  return (bits & sign) != 0 ? sign - size : sign + size;
}
inline uint key_of(float x) {
  return float_key(as_type<uint>(x), 0x80000000u, 0x7f800000u);
}
inline uint key_of(half x) {
  return float_key(uint(as_type<ushort>(x)), 0x8000u, 0x7c00u);
}
inline uint key_of(bfloat x) {
  return float_key(uint(as_type<ushort>(x)), 0x8000u, 0x7f80u);
}
inline ulong key_of(long x) { return ulong(x) ^ (ulong(1) << 63); }
inline uint key_of(int x) { return uint(x) ^ 0x80000000u; }
inline uint key_of(short x) { return key_of(int(x)); }
inline uint key_of(char x) { return key_of(int(x)); }
inline uint key_of(uchar x) { return uint(x); }
inline uint key_of(bool x) { return x ? 1 : 0; }

inline long row_offset(constant Rows& rows, int which, long row) {
  long offset = 0;
  for (int d = rows.rank - 1; d >= 0; --d) {
    offset += row % rows.sizes[d] * rows.strides[which][d];
    row /= rows.sizes[d];
  }
  return offset;
}

constant constexpr int BLOCK_MAX = 1024;

// Loads block |number| of |row| and sorts it. What is beyond the row comes
// last: its place is the largest.
inline void sort_block(
    threadgroup K* keys, threadgroup uint* places, device const T* source,
    constant Sort& g, long row, int number, int thread_number) {
  const long from = row_offset(g.rows, 0, row);
  const int threads = g.block / 2;
  const K flip = g.descending != 0 ? ~K(0) : K(0);
  for (int i = thread_number; i < g.block; i += threads) {
    const int place = number * g.block + i;
    const bool inside = place < g.length;
    keys[i] = inside ? key_of(source[from + place * g.steps[0]]) ^ flip : ~K(0);
    places[i] = inside ? uint(place) : 0xffffffffu;
  }
  for (int size = 2; size <= g.block; size *= 2) {
    for (int step = size / 2; step > 0; step /= 2) {
      threadgroup_barrier(mem_flags::mem_threadgroup);
      const int a = thread_number / step * 2 * step + thread_number % step;
      const int b = a + step;
      const K key_a = keys[a], key_b = keys[b];
      const uint place_a = places[a], place_b = places[b];
      const bool in_order =
          key_a < key_b || (key_a == key_b && place_a < place_b);
      if (in_order != ((a & size) == 0)) {
        keys[a] = key_b;
        keys[b] = key_a;
        places[a] = place_b;
        places[b] = place_a;
      }
    }
  }
  threadgroup_barrier(mem_flags::mem_threadgroup);
}

inline void write_result(
    device T* values, device long* indices, device const T* source,
    constant Sort& g, long row, int i, uint place) {
  indices[row_offset(g.rows, 2, row) + i * g.steps[2]] = long(place);
  values[row_offset(g.rows, 1, row) + i * g.steps[1]] =
      source[row_offset(g.rows, 0, row) + long(place) * g.steps[0]];
}

// Rows of one block.
[[max_total_threads_per_threadgroup(512)]]
kernel void sort_rows(
    device T* values [[buffer(0)]],
    device long* indices [[buffer(1)]],
    device const T* source [[buffer(2)]],
    constant Sort& g [[buffer(3)]],
    uint3 local [[thread_position_in_threadgroup]],
    uint3 group [[threadgroup_position_in_grid]]) {
  threadgroup K keys[BLOCK_MAX];
  threadgroup uint places[BLOCK_MAX];
  const long row = long(group.y);
  sort_block(keys, places, source, g, row, 0, int(local.x));
  for (int i = int(local.x); i < g.wanted; i += g.block / 2) {
    write_result(values, indices, source, g, row, i, places[i]);
  }
}

// Rows of more: each block becomes a run.
[[max_total_threads_per_threadgroup(512)]]
kernel void sort_blocks(
    device K* run_keys [[buffer(0)]],
    device uint* run_places [[buffer(1)]],
    device const T* source [[buffer(2)]],
    constant Sort& g [[buffer(3)]],
    uint3 local [[thread_position_in_threadgroup]],
    uint3 group [[threadgroup_position_in_grid]]) {
  threadgroup K keys[BLOCK_MAX];
  threadgroup uint places[BLOCK_MAX];
  const long row = long(group.y);
  const int number = int(group.x);
  sort_block(keys, places, source, g, row, number, int(local.x));
  const int kept = min(g.run, g.length - number * g.block);
  const long to = row * g.pitch + long(number) * g.run;
  for (int i = int(local.x); i < kept; i += g.block / 2) {
    run_keys[to + i] = keys[i];
    run_places[to + i] = places[i];
  }
}

// How many of |count| sorted keys come before |key|; with |equal|, those equal
// to it do too.
inline int count_before(
    device const K* keys, int count, K key, bool equal) {
  int low = 0;
  int high = count;
  while (low < high) {
    const int middle = (low + high) / 2;
    if (keys[middle] < key || (equal && keys[middle] == key)) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

// One thread moves one element of a run to where it is in the merged one. Of
// equal ones those of the first run come first.
kernel void sort_merge(
    device K* merged_keys [[buffer(0)]],
    device uint* merged_places [[buffer(1)]],
    device const K* keys [[buffer(2)]],
    device const uint* places [[buffer(3)]],
    constant Merge& g [[buffer(4)]],
    uint2 position [[thread_position_in_grid]]) {
  const int at = int(position.x);
  const long from = long(position.y) * g.pitch;
  const int number = at / g.run;
  const int other = number ^ 1;
  const int count =
      other >= g.runs ? 0 : other == g.runs - 1 ? g.last : g.run;
  const K key = keys[from + at];
  const int to = at % g.run + count_before(keys + from + long(other) * g.run,
                                           count, key, (number & 1) != 0);
  if (to < g.merged_run) {
    const long merged = long(position.y) * g.merged_pitch +
                        long(number / 2) * g.merged_run + to;
    merged_keys[merged] = key;
    merged_places[merged] = places[from + at];
  }
}

// The one run that is left becomes the result.
kernel void sort_finish(
    device T* values [[buffer(0)]],
    device long* indices [[buffer(1)]],
    device const T* source [[buffer(2)]],
    device const uint* places [[buffer(3)]],
    constant Sort& g [[buffer(4)]],
    uint2 position [[thread_position_in_grid]]) {
  const long row = long(position.y);
  const int i = int(position.x);
  write_result(values, indices, source, g, row, i,
               places[row * g.wanted + i]);
}
