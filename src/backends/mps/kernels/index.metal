// SPDX-License-Identifier: Apache-2.0
//
// Writing where index tensors say: scatter, scatter_reduce and index_put; any
// strides. The library writes "typedef … T;" above this.
//
// A thread has all that may come to the same elements and takes it in order, so
// that results do not depend on which thread comes first. An index that is out
// of range is reported; nothing is written for it.
#include <metal_stdlib>
using namespace metal;

// The host's structs of the same names (mps.h, ops_index.c), field by field.
struct Rows {
  int rank;
  int padding;
  long sizes[8];
  long strides[3][8];  // first index, result, source
};
struct Put {
  int kind;  // 0 set, 1 sum, 2 product, 3 maximum, 4 minimum
  int from_value;  // the source is the value
  int starts;      // elements that are written to begin as the value
  int wraps;       // negative indices count from the end
  int count;       // places that a thread takes
  int index_count;
  int walk_rank;
  float number;  // the value of a T with a fraction, and of others
  long whole;
  int wide[4];  // indices of 64 bits
  long sizes[4];  // of the dimensions that are indexed
  long steps[4];
  long walk_sizes[8];
  long walk_strides[5][8];  // source, indices
  Rows rows;
};
struct Report {
  atomic_uint hits;
  uint which;
  long index;
};

// Integers wrap around.
template <class X>
struct Math {
  static X value(constant Put& g) { return X(g.whole); }
  static X sum(X a, X b) { return X(ulong(long(a)) + ulong(long(b))); }
  static X product(X a, X b) { return X(ulong(long(a)) * ulong(long(b))); }
  static bool is_nan(X) { return false; }
  static bool less(X a, X b) { return a < b; }
};
template <>
struct Math<bool> {
  static bool value(constant Put& g) { return g.whole != 0; }
  static bool sum(bool a, bool b) { return a || b; }
  static bool product(bool a, bool b) { return a && b; }
  static bool is_nan(bool) { return false; }
  static bool less(bool a, bool b) { return !a && b; }
};
template <class X>
struct MathFloat {
  static X value(constant Put& g) { return X(g.number); }
  static X sum(X a, X b) { return X(float(a) + float(b)); }
  static X product(X a, X b) { return X(float(a) * float(b)); }
  static bool is_nan(X a) { return isnan(float(a)); }
  static bool less(X a, X b) { return float(a) < float(b); }
};
template <>
struct Math<float> : MathFloat<float> {};
template <>
struct Math<half> : MathFloat<half> {};
template <>
struct Math<bfloat> : MathFloat<bfloat> {};

inline T combine(int kind, T a, T b) {
  switch (kind) {
    case 1:
      return Math<T>::sum(a, b);
    case 2:
      return Math<T>::product(a, b);
    case 3:
      return Math<T>::is_nan(b) || Math<T>::less(a, b) ? b : a;
    case 4:
      return Math<T>::is_nan(b) || Math<T>::less(b, a) ? b : a;
    default:
      return b;
  }
}

inline long row_offset(constant Rows& rows, int which, long row) {
  long offset = 0;
  for (int d = rows.rank - 1; d >= 0; --d) {
    offset += row % rows.sizes[d] * rows.strides[which][d];
    row /= rows.sizes[d];
  }
  return offset;
}

inline long walk_offset(constant Put& g, int which, int place) {
  long offset = 0;
  for (int d = g.walk_rank - 1; d >= 0; --d) {
    offset += long(place) % g.walk_sizes[d] * g.walk_strides[which][d];
    place = int(long(place) / g.walk_sizes[d]);
  }
  return offset;
}

// The index as the dimension counts it; reports what is out of range.
inline bool read_index(
    device const int* indices, constant Put& g, device Report* report,
    int which, long at, thread long& to) {
  const long given = g.wide[which] != 0
                         ? ((device const long*)indices)[at]
                         : long(indices[at]);
  const long size = g.sizes[which];
  const long index = given < 0 && g.wraps != 0 ? given + size : given;
  if (index < 0 || index >= size) {
    if (atomic_fetch_add_explicit(&report->hits, 1u, memory_order_relaxed) ==
        0) {
      report->which = uint(which);
      report->index = given;
    }
    return false;
  }
  to += index * g.steps[which];
  return true;
}

kernel void put(
    device T* result [[buffer(0)]],
    device const T* source [[buffer(1)]],
    device const int* index_0 [[buffer(2)]],
    device const int* index_1 [[buffer(3)]],
    device const int* index_2 [[buffer(4)]],
    device const int* index_3 [[buffer(5)]],
    constant Put& g [[buffer(6)]],
    device Report* report [[buffer(7)]],
    uint row [[thread_position_in_grid]]) {
  const long at_index = row_offset(g.rows, 0, long(row));
  const long at_result = row_offset(g.rows, 1, long(row));
  const long at_source = row_offset(g.rows, 2, long(row));
  for (int pass = g.starts != 0 ? 0 : 1; pass < 2; ++pass) {
    for (int i = 0; i < g.count; ++i) {
      long to = at_result;
      bool fine = true;
      for (int k = 0; fine && k < g.index_count; ++k) {
        device const int* indices = k == 0   ? index_0
                                    : k == 1 ? index_1
                                    : k == 2 ? index_2
                                             : index_3;
        fine = read_index(indices, g, report, k,
                          at_index + walk_offset(g, 1 + k, i), to);
      }
      if (!fine) {
        continue;
      }
      if (pass == 0) {
        result[to] = Math<T>::value(g);
      } else {
        T x = Math<T>::value(g);
        if (g.from_value == 0) {
          x = source[at_source + walk_offset(g, 0, i)];
        }
        result[to] = combine(g.kind, result[to], x);
      }
    }
  }
}
