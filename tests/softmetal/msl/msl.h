// SPDX-License-Identifier: Apache-2.0
//
// Enough of the Metal Shading Language, as C++17 for g++, to compile what
// AOTInductor writes for mps (its kernels and the headers of PyTorch that it
// puts in front of them) and the kernels of this library. Included before the
// shader, whose own #include <metal_…> are empty. Wants
// -fsingle-precision-constant: 1.0 is a float in Metal.
#pragma once
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>
#include <utility>

#include "runtime.h"
extern "C" {
extern struct soft_runtime_t soft_rt;
}
static_assert(sizeof(1.0) == sizeof(float), "-fsingle-precision-constant");

typedef unsigned char uchar;
typedef unsigned short ushort;
typedef unsigned int uint;
typedef unsigned long ulong;
typedef _Float16 half;

// A place for 16 bits: it computes as float.
struct bfloat {
  uint16_t bits;
  bfloat() = default;
  template <class T, class = std::enable_if_t<std::is_arithmetic_v<T> ||
                                              std::is_same_v<T, half>>>
  constexpr bfloat(T value) : bits(round(static_cast<float>(value))) {}
  constexpr operator float() const {
    return __builtin_bit_cast(float, uint32_t(bits) << 16);
  }
  bfloat& operator+=(float b) { return *this = *this + b; }
  bfloat& operator-=(float b) { return *this = *this - b; }
  bfloat& operator*=(float b) { return *this = *this * b; }
  bfloat& operator/=(float b) { return *this = *this / b; }
  // To the nearest, ties to even.
  static constexpr uint16_t round(float value) {
    uint32_t u = __builtin_bit_cast(uint32_t, value);
    return (u & 0x7fffffff) > 0x7f800000
               ? uint16_t(0x7fc0)
               : uint16_t((u + 0x7fff + ((u >> 16) & 1)) >> 16);
  }
};

namespace metal {

// ---- Vectors ----------------------------------------------------------------

template <class T, int N>
struct vec;
template <class T>
struct alignas(2 * sizeof(T)) vec<T, 2> {
  T x, y;
  vec() = default;
  constexpr vec(T s) : x(s), y(s) {}
  constexpr vec(T a, T b) : x(a), y(b) {}
  template <class U>
  explicit constexpr vec(vec<U, 2> v) : x(T(v.x)), y(T(v.y)) {}
  T& operator[](int i) { return (&x)[i]; }
  T operator[](int i) const { return (&x)[i]; }
};
template <class T>
struct alignas(4 * sizeof(T)) vec<T, 3> {
  T x, y, z;
  vec() = default;
  constexpr vec(T s) : x(s), y(s), z(s) {}
  constexpr vec(T a, T b, T c) : x(a), y(b), z(c) {}
  template <class U>
  explicit constexpr vec(vec<U, 3> v) : x(T(v.x)), y(T(v.y)), z(T(v.z)) {}
  T& operator[](int i) { return (&x)[i]; }
  T operator[](int i) const { return (&x)[i]; }
};
template <class T>
struct alignas(4 * sizeof(T)) vec<T, 4> {
  union {
    struct {
      T x, y, z, w;
    };
    struct {
      vec<T, 2> xy, zw;
    };
  };
  vec() = default;
  constexpr vec(T s) : x(s), y(s), z(s), w(s) {}
  constexpr vec(T a, T b, T c, T d) : x(a), y(b), z(c), w(d) {}
  template <class U>
  explicit constexpr vec(vec<U, 4> v)
      : x(T(v.x)), y(T(v.y)), z(T(v.z)), w(T(v.w)) {}
  T& operator[](int i) { return (&x)[i]; }
  T operator[](int i) const { return (&x)[i]; }
};

template <class S, class T>
using if_scalar =
    std::enable_if_t<std::is_convertible_v<S, T> &&
                     (!std::is_class_v<S> || std::is_same_v<S, bfloat>)>;
#define SOFT_VECTOR_OPERATOR(op)                                         \
  template <class T>                                                     \
  constexpr vec<T, 2> operator op(vec<T, 2> a, vec<T, 2> b) {            \
    return {T(a.x op b.x), T(a.y op b.y)};                               \
  }                                                                      \
  template <class T>                                                     \
  constexpr vec<T, 3> operator op(vec<T, 3> a, vec<T, 3> b) {            \
    return {T(a.x op b.x), T(a.y op b.y), T(a.z op b.z)};                \
  }                                                                      \
  template <class T>                                                     \
  constexpr vec<T, 4> operator op(vec<T, 4> a, vec<T, 4> b) {            \
    return {T(a.x op b.x), T(a.y op b.y), T(a.z op b.z), T(a.w op b.w)}; \
  }                                                                      \
  template <class T, int N, class S, class = if_scalar<S, T>>            \
  constexpr vec<T, N> operator op(vec<T, N> a, S b) {                    \
    return a op vec<T, N>(T(b));                                         \
  }                                                                      \
  template <class T, int N, class S, class = if_scalar<S, T>>            \
  constexpr vec<T, N> operator op(S a, vec<T, N> b) {                    \
    return vec<T, N>(T(a)) op b;                                         \
  }                                                                      \
  template <class T, int N, class S>                                     \
  constexpr vec<T, N>& operator op##=(vec<T, N>& a, S b) {               \
    return a = a op b;                                                   \
  }
SOFT_VECTOR_OPERATOR(+)
SOFT_VECTOR_OPERATOR(-)
SOFT_VECTOR_OPERATOR(*)
SOFT_VECTOR_OPERATOR(/)
SOFT_VECTOR_OPERATOR(%)
SOFT_VECTOR_OPERATOR(&)
SOFT_VECTOR_OPERATOR(|)
SOFT_VECTOR_OPERATOR(^)
SOFT_VECTOR_OPERATOR(<<)
SOFT_VECTOR_OPERATOR(>>)
template <class T>
constexpr vec<T, 2> operator-(vec<T, 2> a) {
  return {-a.x, -a.y};
}
template <class T>
constexpr bool operator==(vec<T, 2> a, vec<T, 2> b) {
  return a.x == b.x && a.y == b.y;
}
template <class T>
constexpr bool operator!=(vec<T, 2> a, vec<T, 2> b) {
  return !(a == b);
}

// ---- Types ------------------------------------------------------------------

using std::conditional_t;
using std::decay_t;
using std::declval;
using std::enable_if;
using std::enable_if_t;
using std::false_type;
using std::integral_constant;
using std::is_same;
using std::is_same_v;
using std::is_signed_v;
using std::remove_reference_t;
using std::true_type;
template <class F>
struct result_of;
template <class F, class... A>
struct result_of<F(A...)> {
  using type = std::invoke_result_t<F, A...>;
};
template <class T>
using result_of_t = typename result_of<T>::type;
template <class T>
constexpr bool is_floating_point_v =
    std::is_same_v<std::remove_cv_t<T>, float> ||
    std::is_same_v<std::remove_cv_t<T>, half> ||
    std::is_same_v<std::remove_cv_t<T>, bfloat>;
template <class T>
constexpr bool is_integral_v = std::is_integral_v<T>;
template <class T>
constexpr bool is_scalar_v = is_floating_point_v<T> || std::is_integral_v<T>;
template <class T>
constexpr bool is_arithmetic_v = is_scalar_v<T>;
template <class T>
struct make_scalar {
  using type = T;
};
template <class T, int N>
struct make_scalar<vec<T, N>> {
  using type = T;
};
template <class T>
using make_scalar_t = typename make_scalar<T>::type;

template <class T>
struct numeric_limits : std::numeric_limits<T> {};
#define SOFT_LIMITS(T, most)                                         \
  template <>                                                        \
  struct numeric_limits<T> {                                         \
    static constexpr T infinity() { return T(__builtin_inff()); }    \
    static constexpr T quiet_NaN() { return T(__builtin_nanf("")); } \
    static constexpr T max() { return T(most); }                     \
    static constexpr T lowest() { return T(-most); }                 \
  };
SOFT_LIMITS(half, 65504)
SOFT_LIMITS(bfloat, 3.3895e38f)

template <class T, size_t N>
struct array {
  T v[N];
  T& operator[](size_t i) { return v[i]; }
  const T& operator[](size_t i) const { return v[i]; }
  constexpr size_t size() const { return N; }
};

// ---- Mathematics ------------------------------------------------------------

#define SOFT_UNARY(name, builtin)                                          \
  inline float name(float x) { return __builtin_##builtin(x); }            \
  template <class T, class = std::enable_if_t<std::is_integral_v<T>>>      \
  float name(T x) {                                                        \
    return __builtin_##builtin(float(x));                                  \
  }                                                                        \
  inline half name(half x) { return half(__builtin_##builtin(float(x))); } \
  inline bfloat name(bfloat x) { return bfloat(__builtin_##builtin(float(x))); }
#define SOFT_MATH                                                         \
  SOFT_UNARY(exp, expf)                                                   \
  SOFT_UNARY(exp2, exp2f)                                                 \
  SOFT_UNARY(log, logf)                                                   \
  SOFT_UNARY(log2, log2f)                                                 \
  SOFT_UNARY(log10, log10f)                                               \
  SOFT_UNARY(sin, sinf)                                                   \
  SOFT_UNARY(cos, cosf)                                                   \
  SOFT_UNARY(tan, tanf)                                                   \
  SOFT_UNARY(asin, asinf)                                                 \
  SOFT_UNARY(acos, acosf)                                                 \
  SOFT_UNARY(atan, atanf)                                                 \
  SOFT_UNARY(sinh, sinhf)                                                 \
  SOFT_UNARY(cosh, coshf)                                                 \
  SOFT_UNARY(tanh, tanhf)                                                 \
  SOFT_UNARY(asinh, asinhf)                                               \
  SOFT_UNARY(acosh, acoshf)                                               \
  SOFT_UNARY(atanh, atanhf)                                               \
  SOFT_UNARY(sqrt, sqrtf)                                                 \
  SOFT_UNARY(floor, floorf)                                               \
  SOFT_UNARY(ceil, ceilf)                                                 \
  SOFT_UNARY(trunc, truncf)                                               \
  SOFT_UNARY(rint, rintf)                                                 \
  SOFT_UNARY(round, roundf)                                               \
  SOFT_UNARY(fabs, fabsf)                                                 \
  inline float rsqrt(float x) { return 1 / __builtin_sqrtf(x); }          \
  inline float sinpi(float x) { return __builtin_sinf(3.14159274f * x); } \
  inline float cospi(float x) { return __builtin_cosf(3.14159274f * x); } \
  inline float pow(float a, float b) { return __builtin_powf(a, b); }     \
  inline float atan2(float a, float b) { return __builtin_atan2f(a, b); } \
  inline float fmod(float a, float b) { return __builtin_fmodf(a, b); }   \
  inline float divide(float a, float b) { return a / b; }                 \
  inline float sincos(float x, float& c) {                                \
    c = __builtin_cosf(x);                                                \
    return __builtin_sinf(x);                                             \
  }
SOFT_MATH
namespace precise {
SOFT_MATH
}
namespace fast {
SOFT_MATH
}
inline float fma(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
inline half fma(half a, half b, half c) {
  return half(__builtin_fmaf(float(a), float(b), float(c)));
}
inline bfloat fma(bfloat a, bfloat b, bfloat c) {
  return bfloat(__builtin_fmaf(a, b, c));
}
inline float ldexp(float x, int e) { return __builtin_ldexpf(x, e); }
inline float frexp(float x, int& e) { return __builtin_frexpf(x, &e); }
inline float copysign(float a, float b) { return __builtin_copysignf(a, b); }
inline float fract(float x) { return x - __builtin_floorf(x); }
template <class T>
T sign(T x) {
  return x > T(0) ? T(1) : x < T(0) ? T(-1) : T(0);
}
template <class T>
bool isnan(T x) {
  return float(x) != float(x);
}
template <class T>
bool isinf(T x) {
  return __builtin_isinf(float(x));
}
template <class T>
bool isfinite(T x) {
  return __builtin_isfinite(float(x));
}
template <class T>
bool signbit(T x) {
  return __builtin_signbit(float(x));
}
inline bool isunordered(float a, float b) { return a != a || b != b; }
template <class T>
T abs(T x) {
  return x < T(0) ? T(-x) : x;
}
inline float abs(float x) { return __builtin_fabsf(x); }
template <class T>
T max(T a, T b) {
  if constexpr (is_floating_point_v<T>) {
    return T(__builtin_fmaxf(float(a), float(b)));
  } else {
    return a < b ? b : a;
  }
}
template <class T>
T min(T a, T b) {
  if constexpr (is_floating_point_v<T>) {
    return T(__builtin_fminf(float(a), float(b)));
  } else {
    return b < a ? b : a;
  }
}
template <class T>
T clamp(T x, T a, T b) {
  return min(max(x, a), b);
}
template <class T>
T select(T a, T b, bool c) {
  return c ? b : a;
}
template <class T>
T clz(T x) {
  constexpr int bits = sizeof(T) * 8;
  return x == 0 ? T(bits)
                : T(sizeof(T) == 8 ? __builtin_clzl(x)
                                   : __builtin_clz(uint(x)) - (32 - bits));
}
template <class T>
T ctz(T x) {
  return x == 0 ? T(sizeof(T) * 8) : T(__builtin_ctzl(ulong(x)));
}
template <class T>
T popcount(T x) {
  return T(__builtin_popcountl(ulong(x)));
}
template <class T>
T mulhi(T a, T b) {
  return T((unsigned __int128)(a)*b >> (8 * sizeof(T)));
}

// ---- Threads together -------------------------------------------------------

enum class mem_flags {
  mem_none = 0,
  mem_device = 1,
  mem_threadgroup = 2,
  mem_texture = 4
};
inline void threadgroup_barrier(mem_flags) { soft_rt.barrier(); }
inline void simdgroup_barrier(mem_flags) {
  const char* all;
  int lane;
  soft_rt.exchange("", 1, &all, &lane);
}

// One exchange among the active lanes gives all the functions below. There may
// be only one in each: a second shows the first one's slots no more.
template <class T>
struct lanes {
  uint32_t mask;
  const char* all;
  int lane;
  explicit lanes(T value) {
    static_assert(sizeof(T) <= SOFT_LANE_BYTES);
    mask = soft_rt.exchange(&value, sizeof(value), &all, &lane);
  }
  T at(int i) const {
    T result;
    memcpy((void*)&result, all + SOFT_LANE_BYTES * i, sizeof(result));
    return result;
  }
  bool active(int i) const {
    return i >= 0 && i < SOFT_LANES && (mask >> i & 1);
  }
  // What an inactive lane would have said is undefined in Metal.
  T at_or_undefined(int i) const {
    if (active(i)) {
      return at(i);
    }
    T result;
    memset((void*)&result, soft_rt.inactive_byte, sizeof(result));
    return result;
  }
  template <class F>
  T fold(F f) const {
    int i = __builtin_ctz(mask);
    T result = at(i);
    for (++i; i < SOFT_LANES; ++i) {
      if (active(i)) {
        result = f(result, at(i));
      }
    }
    return result;
  }
};
template <class T>
T simd_sum(T v) {
  return lanes<T>(v).fold([](T a, T b) { return T(a + b); });
}
template <class T>
T simd_product(T v) {
  return lanes<T>(v).fold([](T a, T b) { return T(a * b); });
}
template <class T>
T simd_max(T v) {
  return lanes<T>(v).fold([](T a, T b) { return metal::max(a, b); });
}
template <class T>
T simd_min(T v) {
  return lanes<T>(v).fold([](T a, T b) { return metal::min(a, b); });
}
template <class T>
T simd_broadcast(T v, ushort lane) {
  return lanes<T>(v).at_or_undefined(lane);
}
template <class T>
T simd_shuffle(T v, ushort lane) {
  return lanes<T>(v).at_or_undefined(lane);
}
template <class T>
T simd_shuffle_down(T v, ushort by) {
  lanes<T> l(v);
  return l.at_or_undefined(l.lane + by);
}
template <class T>
T simd_shuffle_up(T v, ushort by) {
  lanes<T> l(v);
  return l.at_or_undefined(l.lane - by);
}
template <class T>
T simd_shuffle_xor(T v, ushort with) {
  lanes<T> l(v);
  return l.at_or_undefined(l.lane ^ with);
}
template <class T>
T simd_shuffle_and_fill_down(T v, T fill, ushort by) {
  struct both_t {
    T v, fill;
  };
  lanes<both_t> l({v, fill});
  int from = l.lane + by;
  return from >= SOFT_LANES ? l.at(from - SOFT_LANES).fill
                            : l.at_or_undefined(from).v;
}
struct simd_vote {
  uint64_t v;
  explicit operator ulong() const { return v; }
  bool any() const { return v != 0; }
};
inline simd_vote simd_ballot(bool b) {
  lanes<int> l(b);
  uint64_t votes = 0;
  for (int i = 0; i < SOFT_LANES; ++i) {
    if (l.active(i) && l.at(i)) {
      votes |= uint64_t(1) << i;
    }
  }
  return {votes};
}
inline bool simd_any(bool b) { return ulong(simd_ballot(b)) != 0; }
inline bool simd_all(bool b) { return !simd_any(!b); }

// ---- Atomics ----------------------------------------------------------------
// Fibers change at exchanges and barriers only: nothing comes in between.

enum memory_order { memory_order_relaxed };
template <class T>
struct atomic {
  T v;
};
template <class T>
T atomic_load_explicit(const atomic<T>* a, memory_order) {
  return a->v;
}
template <class T>
void atomic_store_explicit(atomic<T>* a, T x, memory_order) {
  a->v = x;
}
template <class T>
bool atomic_compare_exchange_weak_explicit(atomic<T>* a, T* expected, T desired,
                                           memory_order, memory_order) {
  if (memcmp(&a->v, expected, sizeof(T)) == 0) {
    a->v = desired;
    return true;
  }
  *expected = a->v;
  return false;
}
template <class T, class U>
T atomic_fetch_add_explicit(atomic<T>* a, U x, memory_order) {
  T before = a->v;
  a->v = T(before + x);
  return before;
}

}  // namespace metal

using metal::atomic;
typedef metal::atomic<uint> atomic_uint;
typedef metal::atomic<int> atomic_int;
typedef metal::atomic<float> atomic_float;

template <class T, class U>
inline T as_type(U u) {
  static_assert(sizeof(T) == sizeof(U));
  T result;
  memcpy((void*)&result, &u, sizeof(result));
  return result;
}

#define SOFT_VECTOR_TYPES(t)     \
  typedef metal::vec<t, 2> t##2; \
  typedef metal::vec<t, 3> t##3; \
  typedef metal::vec<t, 4> t##4;
SOFT_VECTOR_TYPES(bool)
SOFT_VECTOR_TYPES(char)
SOFT_VECTOR_TYPES(uchar)
SOFT_VECTOR_TYPES(short)
SOFT_VECTOR_TYPES(ushort)
SOFT_VECTOR_TYPES(int)
SOFT_VECTOR_TYPES(uint)
SOFT_VECTOR_TYPES(long)
SOFT_VECTOR_TYPES(ulong)
SOFT_VECTOR_TYPES(float)
SOFT_VECTOR_TYPES(half)
SOFT_VECTOR_TYPES(bfloat)
#include "matrix.h"

#define INFINITY __builtin_inff()
#define HUGE_VALF __builtin_inff()
#define NAN __builtin_nanf("")
#define M_PI_F 3.14159274f
#define M_SQRT2_F 1.41421354f
#define M_SQRT1_2_F 0.70710677f
#define M_E_F 2.71828174f
#define M_LN2_F 0.69314718f
#define M_LOG2E_F 1.44269502f
#define M_1_PI_F 0.31830987f
#define M_PI_2_F 1.57079637f

// Address spaces mean nothing here; "threadgroup" on a variable was rewritten.
#define device
#define constant
#define thread
#define threadgroup
#define kernel static

// ---- What entry functions hand over -----------------------------------------

struct soft_ptr {
  void* p;
  template <class T>
  operator T*() const {
    return static_cast<T*>(p);
  }
};
struct soft_ref {
  void* p;
  template <class T>
  operator T&() const {
    return *static_cast<T*>(p);
  }
};
template <class T>
struct soft_in {
  static T of(const unsigned* v) { return T(v[0]); }
};
template <class T>
struct soft_in<metal::vec<T, 2>> {
  static metal::vec<T, 2> of(const unsigned* v) { return {T(v[0]), T(v[1])}; }
};
template <class T>
struct soft_in<metal::vec<T, 3>> {
  static metal::vec<T, 3> of(const unsigned* v) {
    return {T(v[0]), T(v[1]), T(v[2])};
  }
};
