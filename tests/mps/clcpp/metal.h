// SPDX-License-Identifier: Apache-2.0
//
// Declarations of the Metal Shading Language for clang's C++ for OpenCL, which
// knows address spaces: enough to check this library's kernels for pointers
// that point elsewhere (check_shaders.py). Nothing here is ever run.
#pragma once
#pragma OPENCL EXTENSION cl_khr_fp16 : enable
#pragma OPENCL EXTENSION cl_khr_fp64 : enable
#pragma OPENCL EXTENSION cl_khr_int64_base_atomics : enable

#define device __global
#define threadgroup __local
#define thread __private
// "constant" and "kernel" are words of OpenCL's too; these are its alone.
#define local local_
#define global global_
#define private private_
#define atomic_uint metal_atomic_uint
#define atomic_int metal_atomic_int
#define atomic_float metal_atomic_float
#define INFINITY (__builtin_inff())
#define NAN (__builtin_nanf(""))
#define HUGE_VALF (__builtin_inff())
#define M_PI_F 3.14159274f
#define M_SQRT2_F 1.41421354f
#define M_SQRT1_2_F 0.70710677f
#define M_E_F 2.71828174f
#define M_LN2_F 0.69314718f
#define M_LOG2E_F 1.44269502f
#define M_1_PI_F 0.31830987f

typedef unsigned char uchar;
typedef unsigned short ushort;
typedef unsigned int uint;
typedef unsigned long ulong;
typedef ulong size_t;
typedef long ptrdiff_t;
typedef signed char int8_t;
typedef uchar uint8_t;
typedef short int16_t;
typedef ushort uint16_t;
typedef int int32_t;
typedef uint uint32_t;
typedef long int64_t;
typedef ulong uint64_t;
// A floating-point type of its own, which Metal has no other use for.
typedef double bfloat;
#define VECTORS(t)                                    \
  typedef t t##2 __attribute__((ext_vector_type(2))); \
  typedef t t##3 __attribute__((ext_vector_type(3))); \
  typedef t t##4 __attribute__((ext_vector_type(4)));
VECTORS(char)
VECTORS(uchar)
VECTORS(short)
VECTORS(ushort)
VECTORS(int)
VECTORS(uint)
VECTORS(long)
VECTORS(ulong)
VECTORS(float)
VECTORS(half)
VECTORS(bfloat)
#undef VECTORS
// uint3(1, 2, 3) is written (uint3)(1, 2, 3) in OpenCL.
#define char2(...) ((char2)(__VA_ARGS__))
#define char3(...) ((char3)(__VA_ARGS__))
#define char4(...) ((char4)(__VA_ARGS__))
#define uchar2(...) ((uchar2)(__VA_ARGS__))
#define uchar3(...) ((uchar3)(__VA_ARGS__))
#define uchar4(...) ((uchar4)(__VA_ARGS__))
#define short2(...) ((short2)(__VA_ARGS__))
#define short3(...) ((short3)(__VA_ARGS__))
#define short4(...) ((short4)(__VA_ARGS__))
#define ushort2(...) ((ushort2)(__VA_ARGS__))
#define ushort3(...) ((ushort3)(__VA_ARGS__))
#define ushort4(...) ((ushort4)(__VA_ARGS__))
#define int2(...) ((int2)(__VA_ARGS__))
#define int3(...) ((int3)(__VA_ARGS__))
#define int4(...) ((int4)(__VA_ARGS__))
#define uint2(...) ((uint2)(__VA_ARGS__))
#define uint3(...) ((uint3)(__VA_ARGS__))
#define uint4(...) ((uint4)(__VA_ARGS__))
#define long2(...) ((long2)(__VA_ARGS__))
#define long3(...) ((long3)(__VA_ARGS__))
#define long4(...) ((long4)(__VA_ARGS__))
#define ulong2(...) ((ulong2)(__VA_ARGS__))
#define ulong3(...) ((ulong3)(__VA_ARGS__))
#define ulong4(...) ((ulong4)(__VA_ARGS__))
#define float2(...) ((float2)(__VA_ARGS__))
#define float3(...) ((float3)(__VA_ARGS__))
#define float4(...) ((float4)(__VA_ARGS__))
#define half2(...) ((half2)(__VA_ARGS__))
#define half3(...) ((half3)(__VA_ARGS__))
#define half4(...) ((half4)(__VA_ARGS__))

namespace metal {

template <class A, class B>
struct is_same {
  static constexpr bool value = false;
};
template <class A>
struct is_same<A, A> {
  static constexpr bool value = true;
};
template <class A, class B>
constexpr bool is_same_v = is_same<A, B>::value;
template <bool, class A, class>
struct conditional {
  typedef A type;
};
template <class A, class B>
struct conditional<false, A, B> {
  typedef B type;
};
template <bool c, class A, class B>
using conditional_t = typename conditional<c, A, B>::type;
template <bool, class T = void>
struct enable_if {};
template <class T>
struct enable_if<true, T> {
  typedef T type;
};
template <bool c, class T = void>
using enable_if_t = typename enable_if<c, T>::type;
template <class T>
constexpr bool is_floating_point_v =
    is_same_v<T, float> || is_same_v<T, half> || is_same_v<T, bfloat>;
template <class T>
constexpr bool is_integral_v = !is_floating_point_v<T>;
template <class T>
constexpr bool is_signed_v = T(-1) < T(0);

template <class T>
struct numeric_limits {
  static constexpr T infinity() { return T(__builtin_inff()); }
  static constexpr T quiet_NaN() { return T(__builtin_nanf("")); }
  static constexpr T max() { return T(0); }
  static constexpr T min() { return T(0); }
  static constexpr T lowest() { return T(0); }
};

// clang-format off
#define UNARY(name) template <class T> T name(T x);
#define BINARY(name) template <class T> T name(T a, T b);
#define MATH                                                               \
  UNARY(exp) UNARY(exp2) UNARY(exp10) UNARY(log) UNARY(log2) UNARY(log10)  \
  UNARY(sin) UNARY(cos) UNARY(tan) UNARY(asin) UNARY(acos) UNARY(atan)     \
  UNARY(sinh) UNARY(cosh) UNARY(tanh) UNARY(sqrt) UNARY(rsqrt)             \
  UNARY(floor) UNARY(ceil) UNARY(trunc) UNARY(rint) UNARY(round)           \
  UNARY(fabs) UNARY(abs) UNARY(sign) UNARY(fract)                          \
  BINARY(pow) BINARY(fmod) BINARY(divide)
MATH
namespace precise { MATH }
namespace fast { MATH }
// clang-format on
UNARY(clz)
UNARY(ctz)
UNARY(popcount)
template <class T>
T max(T a, T b);
template <class T>
T min(T a, T b);
template <class T>
T clamp(T x, T a, T b);
template <class T>
T fma(T a, T b, T c);
template <class T>
T mix(T a, T b, T c);
template <class T>
T select(T a, T b, bool c);
template <class T>
T copysign(T a, T b);
template <class T>
T mulhi(T a, T b);
template <class T>
float dot(T a, T b);
template <class T>
bool isnan(T x);
template <class T>
bool isinf(T x);
template <class T>
bool isfinite(T x);

enum class mem_flags {
  mem_none = 0,
  mem_device = 1,
  mem_threadgroup = 2,
  mem_texture = 4,
  mem_threadgroup_imageblock = 8
};
constexpr mem_flags operator|(mem_flags a, mem_flags b) {
  return mem_flags(int(a) | int(b));
}
void threadgroup_barrier(mem_flags flags);
void simdgroup_barrier(mem_flags flags);

UNARY(simd_sum)
UNARY(simd_product)
UNARY(simd_max)
UNARY(simd_min)
UNARY(simd_and)
UNARY(simd_or)
UNARY(simd_xor)
UNARY(simd_broadcast_first)
UNARY(simd_prefix_inclusive_sum)
UNARY(simd_prefix_exclusive_sum)
UNARY(simd_prefix_inclusive_product)
UNARY(simd_prefix_exclusive_product)
#undef UNARY
#undef MATH
#define WITH_LANE(name) \
  template <class T>    \
  T name(T x, ushort lane);
WITH_LANE(simd_broadcast)
WITH_LANE(simd_shuffle)
WITH_LANE(simd_shuffle_down)
WITH_LANE(simd_shuffle_up)
WITH_LANE(simd_shuffle_xor)
WITH_LANE(simd_shuffle_rotate_down)
WITH_LANE(simd_shuffle_rotate_up)
#undef WITH_LANE
template <class T>
T simd_shuffle_and_fill_down(T x, T fill, ushort by);
template <class T>
T simd_shuffle_and_fill_up(T x, T fill, ushort by);
struct simd_vote {
  explicit operator ulong() const;
  bool any() const;
  bool all() const;
};
simd_vote simd_ballot(bool b);
bool simd_any(bool b);
bool simd_all(bool b);
bool simd_is_first();

// ---- Matrices of a simdgroup: loaded from and stored to either memory ----

template <class T, int R, int C>
struct simdgroup_matrix {
  simdgroup_matrix() = default;
  explicit simdgroup_matrix(T diagonal);
};
typedef simdgroup_matrix<float, 8, 8> simdgroup_float8x8;
typedef simdgroup_matrix<half, 8, 8> simdgroup_half8x8;
typedef simdgroup_matrix<bfloat, 8, 8> simdgroup_bfloat8x8;
template <class T, int R, int C>
simdgroup_matrix<T, R, C> make_filled_simdgroup_matrix(T value);
#define MOVES(space)                                                 \
  template <class T, int R, int C>                                   \
  void simdgroup_load(thread simdgroup_matrix<T, R, C>& m,           \
                      const space T* source, ulong pitch = C,        \
                      ulong2 origin = 0, bool transposed = false);   \
  template <class T, int R, int C>                                   \
  void simdgroup_store(simdgroup_matrix<T, R, C> m, space T* target, \
                       ulong pitch = C, ulong2 origin = 0,           \
                       bool transposed = false);
MOVES(device)
MOVES(threadgroup)
#undef MOVES
template <class D, class A, class B, class S, int R, int K, int C>
void simdgroup_multiply_accumulate(thread simdgroup_matrix<D, R, C>& d,
                                   thread simdgroup_matrix<A, R, K>& a,
                                   thread simdgroup_matrix<B, K, C>& b,
                                   thread simdgroup_matrix<S, R, C>& c);
template <class D, class A, class B, int R, int K, int C>
void simdgroup_multiply(thread simdgroup_matrix<D, R, C>& d,
                        thread simdgroup_matrix<A, R, K>& a,
                        thread simdgroup_matrix<B, K, C>& b);

// ---- Atomics: of either memory, never of a thread's own ----

enum memory_order { memory_order_relaxed };
template <class T>
struct atomic {
  T value;
};
#define ATOMICS(space)                                                         \
  template <class T>                                                           \
  T atomic_load_explicit(const volatile space atomic<T>* a, memory_order);     \
  template <class T, class U>                                                  \
  void atomic_store_explicit(volatile space atomic<T>* a, U x, memory_order);  \
  template <class T, class U>                                                  \
  T atomic_exchange_explicit(volatile space atomic<T>* a, U x, memory_order);  \
  template <class T, class U>                                                  \
  T atomic_fetch_add_explicit(volatile space atomic<T>* a, U x, memory_order); \
  template <class T, class U>                                                  \
  T atomic_fetch_sub_explicit(volatile space atomic<T>* a, U x, memory_order); \
  template <class T, class U>                                                  \
  T atomic_fetch_max_explicit(volatile space atomic<T>* a, U x, memory_order); \
  template <class T, class U>                                                  \
  T atomic_fetch_min_explicit(volatile space atomic<T>* a, U x, memory_order); \
  template <class T, class U>                                                  \
  T atomic_fetch_or_explicit(volatile space atomic<T>* a, U x, memory_order);  \
  template <class T>                                                           \
  bool atomic_compare_exchange_weak_explicit(volatile space atomic<T>* a,      \
                                             thread T* expected, T desired,    \
                                             memory_order, memory_order);
ATOMICS(device)
ATOMICS(threadgroup)
#undef ATOMICS
}  // namespace metal

using metal::atomic;
typedef metal::atomic<uint> atomic_uint;
typedef metal::atomic<int> atomic_int;
typedef metal::atomic<float> atomic_float;

template <class T, class U>
T as_type(U x);
