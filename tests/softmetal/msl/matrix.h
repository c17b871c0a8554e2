// SPDX-License-Identifier: Apache-2.0
//
// Matrices of a simdgroup, a part of msl.h: their elements are spread over the
// lanes, two for each, in an order that is nobody's business. A lane reads and
// writes its own elements alone, when it comes by: who forgets a barrier sees
// what was there before. Products need all 32 lanes.
#pragma once

namespace metal {

// Which of the 64 elements, row by row, is number |i| of |lane|.
inline int soft_element(int lane, int i) { return (lane * 2 + i) * 27 % 64; }
inline int soft_lane(int element) { return element * 19 % 64 / 2; }
inline int soft_slot(int element) { return element * 19 % 64 % 2; }

template <class T, int Cols, int Rows>
struct simdgroup_matrix {
  static_assert(Cols == 8 && Rows == 8, "8 x 8 is all that there is");
  T own[2];
  // Not what anybody should compute with.
  simdgroup_matrix() : own{T(__builtin_nanf("")), T(__builtin_nanf(""))} {}
  // A diagonal of it.
  explicit simdgroup_matrix(T value) {
    int lane = soft_rt.lane();
    for (int i = 0; i < 2; ++i) {
      own[i] = soft_element(lane, i) % 9 == 0 ? value : T(0);
    }
  }
};
typedef simdgroup_matrix<float, 8, 8> simdgroup_float8x8;
typedef simdgroup_matrix<half, 8, 8> simdgroup_half8x8;
typedef simdgroup_matrix<bfloat, 8, 8> simdgroup_bfloat8x8;

template <class T, int Cols, int Rows>
simdgroup_matrix<T, Cols, Rows> make_filled_simdgroup_matrix(T value) {
  simdgroup_matrix<T, Cols, Rows> m;
  m.own[0] = m.own[1] = value;
  return m;
}

// The place of an element in memory.
inline size_t soft_matrix_at(int element, ulong elements_per_row, ulong2 origin,
                             bool transposed) {
  ulong row = ulong(element / 8), column = ulong(element % 8);
  if (transposed) {
    std::swap(row, column);
  }
  return (origin.y + row) * elements_per_row + origin.x + column;
}

template <class T>
void simdgroup_load(simdgroup_matrix<T, 8, 8>& m, const T* source,
                    ulong elements_per_row = 8, ulong2 origin = ulong2(0),
                    bool transposed = false) {
  int lane = soft_rt.lane();
  for (int i = 0; i < 2; ++i) {
    m.own[i] = source[soft_matrix_at(soft_element(lane, i), elements_per_row,
                                     origin, transposed)];
  }
}

template <class T>
void simdgroup_store(const simdgroup_matrix<T, 8, 8>& m, T* target,
                     ulong elements_per_row = 8, ulong2 origin = ulong2(0),
                     bool transposed = false) {
  int lane = soft_rt.lane();
  for (int i = 0; i < 2; ++i) {
    target[soft_matrix_at(soft_element(lane, i), elements_per_row, origin,
                          transposed)] = m.own[i];
  }
}

// d = a * b + c, added up in c's type.
template <class D, class A, class B, class C>
void simdgroup_multiply_accumulate(simdgroup_matrix<D, 8, 8>& d,
                                   const simdgroup_matrix<A, 8, 8>& a,
                                   const simdgroup_matrix<B, 8, 8>& b,
                                   const simdgroup_matrix<C, 8, 8>& c) {
  struct operands_t {
    float a[2], b[2];
  };
  lanes<operands_t> l(
      {{float(a.own[0]), float(a.own[1])}, {float(b.own[0]), float(b.own[1])}});
  if (l.mask != 0xffffffff) {
    soft_rt.complain("a product of matrices without all lanes of a simdgroup");
    return;
  }
  for (int i = 0; i < 2; ++i) {
    int element = soft_element(l.lane, i);
    int row = element / 8, column = element % 8;
    float sum = float(c.own[i]);
    for (int k = 0; k < 8; ++k) {
      int in_a = row * 8 + k, in_b = k * 8 + column;
      sum += l.at(soft_lane(in_a)).a[soft_slot(in_a)] *
             l.at(soft_lane(in_b)).b[soft_slot(in_b)];
    }
    d.own[i] = D(sum);
  }
}
template <class D, class A, class B>
void simdgroup_multiply(simdgroup_matrix<D, 8, 8>& d,
                        const simdgroup_matrix<A, 8, 8>& a,
                        const simdgroup_matrix<B, 8, 8>& b) {
  simdgroup_multiply_accumulate(d, a, b, simdgroup_matrix<D, 8, 8>(D(0)));
}

}  // namespace metal

using metal::simdgroup_bfloat8x8;
using metal::simdgroup_float8x8;
using metal::simdgroup_half8x8;
