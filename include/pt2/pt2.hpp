// SPDX-License-Identifier: Apache-2.0
//
// C++17 over the C interface, header only, with PyTorch's names: a program
// written for torch::inductor::AOTIModelPackageLoader changes its include, its
// namespace and its link line. docs/porting-cpp.md shows both side by side.
//
//   #include "pt2/pt2.hpp"
//
//   pt2::AOTIModelPackageLoader loader("mlp.pt2");
//   std::vector<float> data(8 * 16);
//   std::vector<pt2::Tensor> outputs =
//       loader.run({pt2::from_blob(data.data(), {8, 16})});
//   for (float y : outputs[0].span<const float>()) …
//
// Rules:
//  - Errors are pt2::Error, which has the status and the text of the C call
//    ("input 0 (ARGS[0]) dim 1: expected 16, got 15"). What a function says of
//    its errors is said once, at the C function that it calls.
//  - Ownership. Tensors and packages are handles: a copy shares. Runners and
//    loaders have one owner. Everything gives back what it holds by itself.
//  - Threads. A runner may be run by many threads at once (pt2/runner.h);
//    loading constants while others run is safe. A single handle object is like
//    a shared_ptr: do not change it in one thread while another uses it.
//  - Cost. A call here is the C call, without an allocation but the vector that
//    is returned; run_into has not even that.
//
// Needs exceptions; RTTI is not used.
#ifndef PT2_PT2_HPP_
#define PT2_PT2_HPP_

#include <chrono>
#include <complex>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <memory>
#include <ostream>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>
#if __cplusplus >= 202002L
#include <ranges>
#endif

#include "pt2/pt2.h"

namespace pt2 {

// ---- Errors -----------------------------------------------------------------

// What a call of the library failed with.
class Error : public std::runtime_error {
 public:
  Error(pt2_status_t status, const std::string& message)
      : std::runtime_error(message), status_(status) {}

  // PT2_STATUS_*: what to do about it.
  pt2_status_t status() const noexcept { return status_; }
  // "INVALID_ARGUMENT"
  const char* status_name() const noexcept { return pt2_status_name(status_); }

 private:
  pt2_status_t status_;
};

// Throws what the thread's error record says unless |status| is OK.
inline void check(pt2_status_t status) {
  if (status != PT2_STATUS_OK) {
    throw Error(status, pt2_error_message());
  }
}

namespace detail {

[[noreturn]] inline void refuse(const std::string& message) {
  throw Error(PT2_STATUS_INVALID_ARGUMENT, message);
}

}  // namespace detail

// ---- Spans ------------------------------------------------------------------

// Elements one after another that somebody else owns. (C++20: converts to
// std::span.)
template <typename T>
class Span {
 public:
  using element_type = T;
  using value_type = std::remove_cv_t<T>;
  using iterator = T*;

  constexpr Span() noexcept = default;
  constexpr Span(T* data, size_t size) noexcept : data_(data), size_(size) {}
  // A vector, an array, another span.
  template <typename C, typename = std::enable_if_t<std::is_convertible_v<
                            decltype(std::declval<C&>().data()), T*>>>
  constexpr Span(C& container) noexcept
      : data_(container.data()), size_(container.size()) {}
  template <typename C, typename = std::enable_if_t<std::is_convertible_v<
                            decltype(std::declval<const C&>().data()), T*>>>
  constexpr Span(const C& container) noexcept
      : data_(container.data()), size_(container.size()) {}

  constexpr T* data() const noexcept { return data_; }
  constexpr size_t size() const noexcept { return size_; }
  constexpr bool empty() const noexcept { return size_ == 0; }
  constexpr T* begin() const noexcept { return data_; }
  constexpr T* end() const noexcept { return data_ + size_; }
  constexpr T& operator[](size_t index) const noexcept { return data_[index]; }
  std::vector<value_type> vec() const { return {begin(), end()}; }

 private:
  T* data_ = nullptr;
  size_t size_ = 0;
};

// Sizes or strides as an argument: {8, 16}, a vector, a span. Borrowed for the
// call. (torch: c10::IntArrayRef)
class IntArrayRef : public Span<const int64_t> {
 public:
  using Span<const int64_t>::Span;
  IntArrayRef(Span<const int64_t> span) noexcept : Span<const int64_t>(span) {}
  IntArrayRef(std::initializer_list<int64_t> list) noexcept
      : Span<const int64_t>(list.begin(), list.size()) {}
};

inline bool operator==(Span<const int64_t> left, Span<const int64_t> right) {
  return left.size() == right.size() &&
         (left.empty() || std::memcmp(left.data(), right.data(),
                                      left.size() * sizeof(int64_t)) == 0);
}
inline bool operator!=(Span<const int64_t> left, Span<const int64_t> right) {
  return !(left == right);
}

// ---- Dtypes and devices -----------------------------------------------------

// Element types by torch's names; the numbers are PT2_DTYPE_*.
// (torch: c10::ScalarType)
enum class ScalarType : int32_t {
  Byte = PT2_DTYPE_U8,
  Char = PT2_DTYPE_I8,
  Short = PT2_DTYPE_I16,
  Int = PT2_DTYPE_I32,
  Long = PT2_DTYPE_I64,
  Half = PT2_DTYPE_F16,
  Float = PT2_DTYPE_F32,
  Double = PT2_DTYPE_F64,
  ComplexHalf = PT2_DTYPE_COMPLEX32,
  ComplexFloat = PT2_DTYPE_COMPLEX64,
  ComplexDouble = PT2_DTYPE_COMPLEX128,
  Bool = PT2_DTYPE_BOOL,
  BFloat16 = PT2_DTYPE_BF16,
  Float8_e5m2 = PT2_DTYPE_F8E5M2,
  Float8_e4m3fn = PT2_DTYPE_F8E4M3FN,
  Float8_e5m2fnuz = PT2_DTYPE_F8E5M2FNUZ,
  Float8_e4m3fnuz = PT2_DTYPE_F8E4M3FNUZ,
  UInt16 = PT2_DTYPE_U16,
  UInt32 = PT2_DTYPE_U32,
  UInt64 = PT2_DTYPE_U64,
  Float8_e8m0fnu = PT2_DTYPE_F8E8M0FNU,
  Float4_e2m1fn_x2 = PT2_DTYPE_F4E2M1FNX2,
  Undefined = PT2_DTYPE_UNDEFINED,
};

inline constexpr ScalarType kByte = ScalarType::Byte;
inline constexpr ScalarType kChar = ScalarType::Char;
inline constexpr ScalarType kShort = ScalarType::Short;
inline constexpr ScalarType kInt = ScalarType::Int;
inline constexpr ScalarType kLong = ScalarType::Long;
inline constexpr ScalarType kHalf = ScalarType::Half;
inline constexpr ScalarType kFloat = ScalarType::Float;
inline constexpr ScalarType kDouble = ScalarType::Double;
inline constexpr ScalarType kComplexFloat = ScalarType::ComplexFloat;
inline constexpr ScalarType kComplexDouble = ScalarType::ComplexDouble;
inline constexpr ScalarType kBool = ScalarType::Bool;
inline constexpr ScalarType kBFloat16 = ScalarType::BFloat16;
inline constexpr ScalarType kUInt8 = ScalarType::Byte;
inline constexpr ScalarType kInt8 = ScalarType::Char;
inline constexpr ScalarType kInt16 = ScalarType::Short;
inline constexpr ScalarType kInt32 = ScalarType::Int;
inline constexpr ScalarType kInt64 = ScalarType::Long;
inline constexpr ScalarType kFloat16 = ScalarType::Half;
inline constexpr ScalarType kFloat32 = ScalarType::Float;
inline constexpr ScalarType kFloat64 = ScalarType::Double;

// "f32"
inline const char* name(ScalarType dtype) noexcept {
  return pt2_dtype_name(static_cast<pt2_dtype_t>(dtype));
}
inline size_t element_size(ScalarType dtype) noexcept {
  return pt2_dtype_size_bytes(static_cast<pt2_dtype_t>(dtype));
}

// The element type that T stands for. A program's own half and bfloat16 types
// are made known by a specialisation with the same |value|.
template <typename T, typename = void>
struct ScalarTypeOf;
template <>
struct ScalarTypeOf<bool> {
  static constexpr ScalarType value = ScalarType::Bool;
};
template <>
struct ScalarTypeOf<float> {
  static constexpr ScalarType value = ScalarType::Float;
};
template <>
struct ScalarTypeOf<double> {
  static constexpr ScalarType value = ScalarType::Double;
};
template <>
struct ScalarTypeOf<std::complex<float>> {
  static constexpr ScalarType value = ScalarType::ComplexFloat;
};
template <>
struct ScalarTypeOf<std::complex<double>> {
  static constexpr ScalarType value = ScalarType::ComplexDouble;
};
// By width, so that long and long long are both 64 bits.
template <typename T>
struct ScalarTypeOf<
    T, std::enable_if_t<std::is_integral_v<T> && !std::is_same_v<T, bool>>> {
  static constexpr ScalarType value =
      std::is_signed_v<T> ? (sizeof(T) == 1   ? ScalarType::Char
                             : sizeof(T) == 2 ? ScalarType::Short
                             : sizeof(T) == 4 ? ScalarType::Int
                                              : ScalarType::Long)
                          : (sizeof(T) == 1   ? ScalarType::Byte
                             : sizeof(T) == 2 ? ScalarType::UInt16
                             : sizeof(T) == 4 ? ScalarType::UInt32
                                              : ScalarType::UInt64);
};

// (torch: c10::DeviceType)
enum class DeviceType : int32_t {
  CPU = PT2_DEVICE_CPU,
  CUDA = PT2_DEVICE_CUDA,
  XPU = PT2_DEVICE_XPU,
  MPS = PT2_DEVICE_MPS,
  Meta = PT2_DEVICE_META,
  PrivateUse1 = PT2_DEVICE_PRIVATEUSE1,
};

inline constexpr DeviceType kCPU = DeviceType::CPU;
inline constexpr DeviceType kCUDA = DeviceType::CUDA;
inline constexpr DeviceType kXPU = DeviceType::XPU;
inline constexpr DeviceType kMPS = DeviceType::MPS;

// A device; index -1 is the thread's current one, and the only one of the cpu.
// (torch: c10::Device)
struct Device {
  DeviceType type = DeviceType::CPU;
  int32_t index = -1;

  Device() = default;
  Device(DeviceType device_type, int32_t device_index = -1)
      : type(device_type),
        index(device_type == DeviceType::CPU ? -1 : device_index) {}
  bool is_cpu() const noexcept { return type == DeviceType::CPU; }
  std::string str() const {
    std::string text =
        pt2_device_type_name(static_cast<pt2_device_type_t>(type));
    return index < 0 ? text : text + ":" + std::to_string(index);
  }
};

inline bool operator==(const Device& left, const Device& right) {
  return left.type == right.type && left.index == right.index;
}
inline bool operator!=(const Device& left, const Device& right) {
  return !(left == right);
}

// What a new tensor is to be: a dtype, a device, or
// TensorOptions().dtype(kLong).device(kCUDA). (torch: at::TensorOptions)
class TensorOptions {
 public:
  TensorOptions() = default;
  TensorOptions(ScalarType dtype) : dtype_(dtype) {}
  TensorOptions(Device device) : device_(device) {}
  TensorOptions(DeviceType device) : device_(device) {}

  TensorOptions dtype(ScalarType dtype) const {
    TensorOptions changed = *this;
    changed.dtype_ = dtype;
    return changed;
  }
  TensorOptions device(Device device) const {
    TensorOptions changed = *this;
    changed.device_ = device;
    return changed;
  }
  ScalarType dtype() const noexcept { return dtype_; }
  Device device() const noexcept { return device_; }

 private:
  ScalarType dtype_ = ScalarType::Float;
  Device device_;
};

// ---- Tensors ----------------------------------------------------------------

struct DLPackDeleter {
  void operator()(DLManagedTensorVersioned* managed) const noexcept {
    pt2_dlpack_destroy(managed);
  }
};
// A tensor lent by DLPack; release() hands it to a consumer.
using DLPackPtr = std::unique_ptr<DLManagedTensorVersioned, DLPackDeleter>;

// A handle of a tensor; a copy is another handle of the same one. Without a
// tensor it is undefined: an output that is None, say. All functions but
// defined(), get() and assignment need a defined one.
class Tensor {
 public:
  Tensor() noexcept = default;
  // Takes a reference over that the caller owns.
  static Tensor adopt(pt2_tensor_t* owned) noexcept { return Tensor(owned); }
  // Adds a reference of its own.
  static Tensor retain(pt2_tensor_t* borrowed) noexcept {
    pt2_tensor_retain(borrowed);
    return Tensor(borrowed);
  }
  Tensor(const Tensor& other) noexcept : tensor_(other.tensor_) {
    pt2_tensor_retain(tensor_);
  }
  Tensor(Tensor&& other) noexcept : tensor_(other.release()) {}
  Tensor& operator=(Tensor other) noexcept {
    std::swap(tensor_, other.tensor_);
    return *this;
  }
  ~Tensor() {
    if (tensor_ != nullptr) {
      pt2_tensor_release(tensor_);
    }
  }

  bool defined() const noexcept { return tensor_ != nullptr; }
  explicit operator bool() const noexcept { return defined(); }
  // Borrowed, for calls of the C interface.
  pt2_tensor_t* get() const noexcept { return tensor_; }
  // Hands the reference over; the handle is undefined then.
  pt2_tensor_t* release() noexcept { return std::exchange(tensor_, nullptr); }
  void reset() noexcept { *this = Tensor(); }
  bool is_same(const Tensor& other) const noexcept {
    return tensor_ == other.tensor_;
  }

  ScalarType scalar_type() const {
    return static_cast<ScalarType>(pt2_tensor_dtype(required()));
  }
  ScalarType dtype() const { return scalar_type(); }
  Device device() const {
    return {static_cast<DeviceType>(pt2_tensor_device_type(required())),
            pt2_tensor_device_index(tensor_)};
  }
  int64_t dim() const {
    return static_cast<int64_t>(pt2_tensor_rank(required()));
  }
  // Borrowed from the tensor.
  Span<const int64_t> sizes() const {
    return {pt2_tensor_peek_sizes(required()), pt2_tensor_rank(tensor_)};
  }
  Span<const int64_t> strides() const {
    return {pt2_tensor_peek_strides(required()), pt2_tensor_rank(tensor_)};
  }
  // A negative dimension counts from the last.
  int64_t size(int64_t dim) const { return sizes()[dimension(dim)]; }
  int64_t stride(int64_t dim) const { return strides()[dimension(dim)]; }
  int64_t numel() const { return pt2_tensor_numel(required()); }
  size_t element_size() const { return pt2::element_size(dtype()); }
  size_t nbytes() const {
    return static_cast<size_t>(numel()) * element_size();
  }
  bool is_contiguous() const { return pt2_tensor_is_contiguous(required()); }
  bool is_read_only() const { return pt2_tensor_is_read_only(required()); }

  // The first element; the address of memory on a device that the host does not
  // see is refused, as is writing to memory that may only be read.
  void* data_ptr() const {
    require_writable();
    return address();
  }
  const void* const_data_ptr() const { return address(); }
  // The same for elements of T, which must be the dtype; T may be const.
  template <typename T>
  T* data() const {
    using Element = std::remove_const_t<T>;
    require_dtype(ScalarTypeOf<Element>::value);
    if (!std::is_const_v<T>) {
      require_writable();
    }
    return static_cast<T*>(address());
  }
  template <typename T>
  T* data_ptr() const {
    return data<T>();
  }
  template <typename T>
  const T* const_data_ptr() const {
    return data<const T>();
  }
  // All elements in order; of a tensor without gaps (is_contiguous).
  template <typename T>
  Span<T> span() const {
    if (!is_contiguous()) {
      throw Error(PT2_STATUS_FAILED_PRECONDITION,
                  "a span needs a contiguous tensor: " + description());
    }
    return {data<T>(), static_cast<size_t>(numel())};
  }
  // The value of a tensor of one element, converted to T.
  template <typename T>
  T item() const {
    if (numel() != 1) {
      detail::refuse("item() needs one element: " + description());
    }
    T value{};
    const int64_t* none = nullptr;
    pt2_tensor_t* target = nullptr;
    check(pt2_tensor_from_blob(&value,
                               static_cast<pt2_dtype_t>(ScalarTypeOf<T>::value),
                               0, none, none, nullptr, nullptr, &target));
    Tensor(target).copy_(view({}));
    return value;
  }

  // Views share the tensor's memory.
  Tensor as_strided(IntArrayRef sizes, IntArrayRef strides,
                    int64_t offset_from_here = 0) const {
    if (sizes.size() != strides.size()) {
      detail::refuse("as_strided: as many strides as sizes are needed");
    }
    return view_of(sizes, strides.data(), offset_from_here);
  }
  // Other sizes for the same elements in the same order; one may be -1. Fails
  // where that cannot be without a copy.
  Tensor view(IntArrayRef sizes) const;
  Tensor flatten() const { return view({-1}); }
  // |length| places of a dimension, from |start| on.
  Tensor narrow(int64_t dim, int64_t start, int64_t length) const {
    size_t at = dimension(dim);
    int64_t here = sizes()[at];
    if (start < 0 || length < 0 || start > here || length > here - start) {
      detail::refuse("narrow: " + std::to_string(start) + " and " +
                     std::to_string(length) + " leave dimension " +
                     std::to_string(at) + " of " + description());
    }
    std::vector<int64_t> to = sizes().vec();
    to[at] = length;
    return view_of(to, strides().data(),
                   length > 0 ? start * strides()[at] : 0);
  }
  // One place of a dimension, which is then gone.
  Tensor select(int64_t dim, int64_t index) const {
    size_t at = dimension(dim);
    int64_t here = sizes()[at];
    if (index < -here || index >= here) {
      detail::refuse("select: " + std::to_string(index) + " leaves dimension " +
                     std::to_string(at) + " of " + description());
    }
    std::vector<int64_t> to = sizes().vec(), by = strides().vec();
    int64_t offset = (index < 0 ? index + here : index) * by[at];
    to.erase(to.begin() + static_cast<std::ptrdiff_t>(at));
    by.erase(by.begin() + static_cast<std::ptrdiff_t>(at));
    return view_of(to, by.data(), offset);
  }
  Tensor operator[](int64_t index) const { return select(0, index); }
  Tensor transpose(int64_t dim0, int64_t dim1) const {
    std::vector<int64_t> to = sizes().vec(), by = strides().vec();
    size_t first = dimension(dim0), second = dimension(dim1);
    std::swap(to[first], to[second]);
    std::swap(by[first], by[second]);
    return view_of(to, by.data(), 0);
  }
  Tensor unsqueeze(int64_t dim) const {
    std::vector<int64_t> to = sizes().vec(), by = strides().vec();
    size_t at = dimension(dim, to.size() + 1);
    int64_t step = at < by.size() ? by[at] * to[at] : 1;
    to.insert(to.begin() + static_cast<std::ptrdiff_t>(at), 1);
    by.insert(by.begin() + static_cast<std::ptrdiff_t>(at), step);
    return view_of(to, by.data(), 0);
  }

  // A row-major copy of its own.
  Tensor clone() const {
    pt2_tensor_t* copy = nullptr;
    check(pt2_tensor_clone(required(), &copy));
    return Tensor(copy);
  }
  // The tensor itself if it is row-major, else a copy.
  Tensor contiguous() const { return is_contiguous() ? *this : clone(); }
  // The tensor itself if it is there or of that dtype, else a copy.
  Tensor to(Device device) const;
  Tensor to(ScalarType dtype) const;
  Tensor cpu() const { return to(kCPU); }
  // Takes |source|'s elements over, converted and broadcast.
  const Tensor& copy_(const Tensor& source) const {
    check(pt2_tensor_copy(required(), source.required()));
    return *this;
  }

  // Lends the memory, which stays until the consumer is done with it.
  DLPackPtr to_dlpack() const {
    DLManagedTensorVersioned* managed = nullptr;
    check(pt2_tensor_to_dlpack(required(), &managed));
    return DLPackPtr(managed);
  }
  // Takes |managed| over; it stays with the caller if this throws.
  static Tensor from_dlpack(DLPackPtr&& managed) {
    pt2_tensor_t* tensor = nullptr;
    check(pt2_tensor_from_dlpack(managed.get(), &tensor));
    managed.release();  // NOLINT: the tensor has it
    return Tensor(tensor);
  }

  // "f32[8, 16]"
  std::string description() const {
    std::string text = std::string(name(dtype())) + "[";
    for (size_t i = 0; i < sizes().size(); ++i) {
      text += (i == 0 ? "" : ", ") + std::to_string(sizes()[i]);
    }
    return text + "]";
  }

 private:
  explicit Tensor(pt2_tensor_t* owned) noexcept : tensor_(owned) {}

  pt2_tensor_t* required() const {
    if (tensor_ == nullptr) {
      throw Error(PT2_STATUS_INVALID_ARGUMENT, "the tensor is undefined");
    }
    return tensor_;
  }
  void require_dtype(ScalarType wanted) const {
    if (dtype() != wanted) {
      detail::refuse(std::string("elements of ") + name(wanted) +
                     " were asked for, the tensor is " + description());
    }
  }
  void require_writable() const {
    if (is_read_only()) {
      throw Error(PT2_STATUS_FAILED_PRECONDITION,
                  "the tensor may only be read: " + description());
    }
  }
  void* address() const {
    void* first = pt2_tensor_peek_data(required());
    if (first == nullptr && numel() > 0) {
      throw Error(PT2_STATUS_FAILED_PRECONDITION, pt2_error_message());
    }
    return first;
  }
  size_t dimension(int64_t dim) const {
    return dimension(dim, static_cast<size_t>(this->dim()));
  }
  size_t dimension(int64_t dim, size_t rank) const {
    int64_t count = static_cast<int64_t>(rank);
    if (dim < -count || dim >= count) {
      detail::refuse("there is no dimension " + std::to_string(dim) + " of " +
                     description());
    }
    return static_cast<size_t>(dim < 0 ? dim + count : dim);
  }
  Tensor view_of(Span<const int64_t> sizes, const int64_t* strides,
                 int64_t offset) const {
    pt2_tensor_t* made = nullptr;
    check(pt2_tensor_view(required(), sizes.size(), sizes.data(), strides,
                          offset, &made));
    return Tensor(made);
  }

  pt2_tensor_t* tensor_ = nullptr;
};

namespace detail {

// |wanted| with its -1 filled in; throws if it does not make |numel|.
inline std::vector<int64_t> view_sizes(const Tensor& tensor,
                                       IntArrayRef wanted) {
  std::vector<int64_t> sizes = wanted.vec();
  int64_t product = 1, numel = tensor.numel();
  size_t open = sizes.size();
  bool fits = true;
  for (size_t i = 0; i < sizes.size(); ++i) {
    if (sizes[i] == -1 && open == sizes.size()) {
      open = i;
    } else if (sizes[i] < 0 ||
               (sizes[i] > 0 && product > INT64_MAX / sizes[i])) {
      fits = false;
    } else {
      product *= sizes[i];
    }
  }
  if (fits && open < sizes.size()) {
    fits = product > 0 && numel % product == 0;
    sizes[open] = fits ? numel / product : 0;
  } else if (fits) {
    fits = product == numel;
  }
  if (!fits) {
    refuse("view: the sizes do not make the elements of " +
           tensor.description());
  }
  return sizes;
}

// Strides under which |sizes| walk the elements of |tensor| in its order; false
// if there are none. Dimensions of the tensor that lie one behind another form
// a block, which some dimensions of the view must fill.
inline bool view_strides(const Tensor& tensor,
                         const std::vector<int64_t>& sizes,
                         std::vector<int64_t>* out_strides) {
  Span<const int64_t> from = tensor.sizes(), by = tensor.strides();
  out_strides->assign(sizes.size(), 1);
  if (tensor.numel() == 0) {
    return true;
  }
  size_t at = sizes.size();
  for (size_t i = from.size(); i > 0;) {
    int64_t step = by[i - 1], block = from[--i];
    while (i > 0 && (from[i - 1] == 1 || by[i - 1] == block * step)) {
      block *= from[--i];
    }
    int64_t filled = 1;
    while (at > 0 && (filled < block || sizes[at - 1] == 1)) {
      (*out_strides)[--at] = filled * step;
      filled *= sizes[at];
    }
    if (filled != block) {
      return false;
    }
  }
  return true;
}

}  // namespace detail

inline Tensor Tensor::view(IntArrayRef wanted) const {
  std::vector<int64_t> to = detail::view_sizes(*this, wanted);
  std::vector<int64_t> by;
  if (!detail::view_strides(*this, to, &by)) {
    detail::refuse("view: the elements of " + description() +
                   " do not lie in such an order; contiguous() copies them");
  }
  return view_of(to, by.data(), 0);
}

// New memory, uninitialised.
inline Tensor empty_strided(IntArrayRef sizes, IntArrayRef strides,
                            TensorOptions options = {}) {
  if (sizes.size() != strides.size()) {
    detail::refuse("empty_strided: as many strides as sizes are needed");
  }
  pt2_tensor_t* made = nullptr;
  check(pt2_tensor_create_on(
      static_cast<pt2_device_type_t>(options.device().type),
      options.device().index, static_cast<pt2_dtype_t>(options.dtype()),
      sizes.size(), sizes.data(), strides.data(), &made));
  return Tensor::adopt(made);
}
inline Tensor empty(IntArrayRef sizes, TensorOptions options = {}) {
  pt2_tensor_t* made = nullptr;
  check(pt2_tensor_create_on(
      static_cast<pt2_device_type_t>(options.device().type),
      options.device().index, static_cast<pt2_dtype_t>(options.dtype()),
      sizes.size(), sizes.data(), nullptr, &made));
  return Tensor::adopt(made);
}
inline Tensor empty_like(const Tensor& like) {
  return empty(like.sizes(), TensorOptions(like.dtype()).device(like.device()));
}
// New memory, filled.
inline Tensor full(IntArrayRef sizes, double value,
                   TensorOptions options = {}) {
  pt2_tensor_t* scalar = nullptr;
  check(pt2_tensor_from_blob(&value, PT2_DTYPE_F64, 0, nullptr, nullptr,
                             nullptr, nullptr, &scalar));
  Tensor from = Tensor::adopt(scalar);
  Tensor made = empty(sizes, options);
  made.copy_(from);
  return made;
}
inline Tensor zeros(IntArrayRef sizes, TensorOptions options = {}) {
  return full(sizes, 0, options);
}
inline Tensor ones(IntArrayRef sizes, TensorOptions options = {}) {
  return full(sizes, 1, options);
}

inline Tensor Tensor::to(Device device) const {
  if (this->device().type == device.type &&
      (device.index < 0 || device.index == this->device().index)) {
    return *this;
  }
  pt2_tensor_t* made = nullptr;
  check(pt2_tensor_to(required(), static_cast<pt2_device_type_t>(device.type),
                      device.index, &made));
  return Tensor(made);
}

inline Tensor Tensor::to(ScalarType dtype) const {
  if (this->dtype() == dtype) {
    return *this;
  }
  Tensor made = empty(sizes(), TensorOptions(dtype).device(device()));
  made.copy_(*this);
  return made;
}

namespace detail {

// The dtype of a blob, which is the host's memory.
inline pt2_dtype_t blob_dtype(const TensorOptions& options) {
  if (!options.device().is_cpu()) {
    throw Error(
        PT2_STATUS_UNSUPPORTED,
        "from_blob takes memory of the host, not of " + options.device().str());
  }
  return static_cast<pt2_dtype_t>(options.dtype());
}

}  // namespace detail

// Tensors over the caller's memory, which must outlive them; nothing is copied.
// The dtype is float unless given, whatever the pointer's type, as in torch.
// Const memory makes a tensor that may only be read.
inline Tensor from_blob(void* data, IntArrayRef sizes,
                        TensorOptions options = {}) {
  pt2_tensor_t* made = nullptr;
  check(pt2_tensor_from_blob(data, detail::blob_dtype(options), sizes.size(),
                             sizes.data(), nullptr, nullptr, nullptr, &made));
  return Tensor::adopt(made);
}
inline Tensor from_blob(const void* data, IntArrayRef sizes,
                        TensorOptions options = {}) {
  pt2_tensor_t* made = nullptr;
  check(pt2_tensor_from_const_blob(data, detail::blob_dtype(options),
                                   sizes.size(), sizes.data(), nullptr, nullptr,
                                   nullptr, &made));
  return Tensor::adopt(made);
}
inline Tensor from_blob(void* data, IntArrayRef sizes, IntArrayRef strides,
                        TensorOptions options = {}) {
  if (sizes.size() != strides.size()) {
    detail::refuse("from_blob: as many strides as sizes are needed");
  }
  pt2_tensor_t* made = nullptr;
  check(pt2_tensor_from_blob(data, detail::blob_dtype(options), sizes.size(),
                             sizes.data(), strides.data(), nullptr, nullptr,
                             &made));
  return Tensor::adopt(made);
}
// |deleter| is called once with |data| when the last tensor over it is gone, by
// whichever thread that is; not if this throws. It may not throw.
template <typename Deleter,
          typename = std::enable_if_t<std::is_invocable_v<Deleter&, void*>>>
Tensor from_blob(void* data, IntArrayRef sizes, Deleter deleter,
                 TensorOptions options = {}) {
  auto kept = std::make_unique<Deleter>(std::move(deleter));
  pt2_tensor_t* made = nullptr;
  check(pt2_tensor_from_blob(
      data, detail::blob_dtype(options), sizes.size(), sizes.data(), nullptr,
      [](void* user, void* blob) noexcept {
        std::unique_ptr<Deleter> called(static_cast<Deleter*>(user));
        (*called)(blob);
      },
      kept.get(), &made));
  kept.release();  // NOLINT: the tensor has it
  return Tensor::adopt(made);
}

// A tensor that owns |data|, which makes up |sizes|.
template <typename T>
Tensor from_vector(std::vector<T> data, IntArrayRef sizes) {
  static_assert(!std::is_same_v<T, bool>, "vector<bool> has no elements");
  auto kept = std::make_unique<std::vector<T>>(std::move(data));
  uint64_t count = 1;
  for (int64_t size : sizes) {
    count *= static_cast<uint64_t>(size);
  }
  if (count != kept->size()) {
    detail::refuse("from_vector: the sizes do not make its " +
                   std::to_string(kept->size()) + " elements");
  }
  void* first = kept->data();
  return from_blob(
      first, sizes,
      [owner = std::shared_ptr<std::vector<T>>(std::move(kept))](void*) {},
      ScalarTypeOf<T>::value);
}

// (torch: at::toDLPackVersioned and the others) The structs are DLPack's; a
// consumer owns what is returned, and fromDLPack takes its argument over unless
// it throws.
inline DLManagedTensorVersioned* toDLPackVersioned(const Tensor& tensor) {
  return tensor.to_dlpack().release();
}
inline Tensor fromDLPackVersioned(DLManagedTensorVersioned* managed) {
  pt2_tensor_t* made = nullptr;
  check(pt2_tensor_from_dlpack(managed, &made));
  return Tensor::adopt(made);
}
inline DLManagedTensor* toDLPack(const Tensor& tensor) {
  DLManagedTensor* managed = nullptr;
  check(pt2_tensor_to_dlpack_legacy(tensor.get(), &managed));
  return managed;
}
inline Tensor fromDLPack(DLManagedTensor* managed) {
  pt2_tensor_t* made = nullptr;
  check(pt2_tensor_from_dlpack_legacy(managed, &made));
  return Tensor::adopt(made);
}

// Dtype and sizes, then the elements as rows of the last dimension; of large
// tensors the first 1000.
inline std::ostream& operator<<(std::ostream& stream, const Tensor& tensor) {
  if (!tensor.defined()) {
    return stream << "undefined";
  }
  stream << tensor.description();
  if (tensor.numel() == 0) {
    return stream;
  }
  bool complex = tensor.dtype() == ScalarType::ComplexFloat ||
                 tensor.dtype() == ScalarType::ComplexDouble ||
                 tensor.dtype() == ScalarType::ComplexHalf;
  Tensor all = tensor.cpu().to(complex ? kComplexDouble : kDouble).contiguous();
  int64_t row = all.dim() > 0 ? all.size(-1) : 1;
  int64_t shown = all.numel() < 1000 ? all.numel() : 1000;
  for (int64_t i = 0; i < shown; ++i) {
    stream << (i % row == 0 ? "\n" : " ");
    if (complex) {
      stream << all.data<const std::complex<double>>()[i];
    } else {
      stream << all.data<const double>()[i];
    }
  }
  return shown < all.numel() ? stream << " …" : stream;
}

// ---- Packages ---------------------------------------------------------------

// What is known of an input or output without running the model.
struct ValueInfo {
  std::string name;           // "ARGS[0]"
  std::string internal_name;  // "arg5_1"
  ScalarType dtype = ScalarType::Undefined;
  bool has_rank = false;
  struct Dim {
    int64_t min = 0, max = 0;  // equal where it is fixed
    std::string symbol;        // "s77"; empty where it is fixed
  };
  std::vector<Dim> dims;

  explicit ValueInfo(const pt2_value_info_t& info)
      : name(info.name),
        internal_name(info.internal_name),
        dtype(static_cast<ScalarType>(info.dtype)),
        has_rank(info.rank >= 0) {
    for (int32_t i = 0; i < info.rank; ++i) {
      const pt2_dim_info_t& dim = info.dims[i];
      dims.push_back(
          {dim.min, dim.max, dim.symbol != nullptr ? dim.symbol : ""});
    }
  }
};

// What stands against running a model here, or is worth knowing.
struct Finding {
  int32_t severity;     // PT2_FINDING_*
  pt2_status_t status;  // what creating a runner would fail with
  std::string kind, subject, message;
};

// An opened package (pt2/package.h); none of its code is run. A copy shares.
class Package {
 public:
  // A .pt2, an unpacked one, or a model's .so. |verify| reads all of it.
  explicit Package(const std::string& path, bool verify = false) {
    pt2_package_options_t options;
    pt2_package_options_init(&options);
    options.verify = verify;
    pt2_package_t* opened = nullptr;
    check(pt2_package_open(path.c_str(), &options, &opened));
    package_.reset(opened, pt2_package_release);
  }
  // From memory, which must stay as it is until all that was made from it is
  // gone.
  static Package from_memory(const void* data, size_t size_bytes) {
    pt2_package_t* opened = nullptr;
    check(pt2_package_open_memory(data, size_bytes, nullptr, &opened));
    return Package(opened);
  }
  static Package retain(pt2_package_t* borrowed) {
    pt2_package_retain(borrowed);
    return Package(borrowed);
  }

  pt2_package_t* get() const noexcept { return package_.get(); }
  std::string path() const { return pt2_package_peek_path(get()); }

  std::vector<std::string> model_names() const {
    std::vector<std::string> names;
    for (size_t i = 0; i < pt2_package_model_count(get()); ++i) {
      names.emplace_back(pt2_package_peek_model_name(get(), i));
    }
    return names;
  }
  // The number of a model; no name means "model", or the only one.
  size_t model(const std::string& name = "") const {
    size_t model = 0;
    check(pt2_package_find_model(get(), name.empty() ? nullptr : name.c_str(),
                                 &model));
    return model;
  }
  std::unordered_map<std::string, std::string> metadata(
      const std::string& name = "") const {
    std::unordered_map<std::string, std::string> all;
    size_t model = this->model(name);
    for (size_t i = 0; i < pt2_package_metadata_count(get(), model); ++i) {
      const char *key = nullptr, *value = nullptr;
      check(pt2_package_metadata_at(get(), model, i, &key, &value));
      all.emplace(key, value);
    }
    return all;
  }
  // The device that the model was compiled for; a .so that does not tell is for
  // the cpu.
  std::string device(const std::string& name = "") const {
    const char* device =
        pt2_package_peek_metadata(get(), model(name), "AOTI_DEVICE_KEY");
    return device != nullptr ? device : "cpu";
  }
  std::vector<ValueInfo> inputs(const std::string& name = "") const {
    return values(model(name), pt2_package_input_count, pt2_package_input_info);
  }
  std::vector<ValueInfo> outputs(const std::string& name = "") const {
    return values(model(name), pt2_package_output_count,
                  pt2_package_output_info);
  }
  // Will it run here? Empty, or without an error: yes.
  std::vector<Finding> preflight(const std::string& name = "") const {
    pt2_preflight_t* made = nullptr;
    check(pt2_package_preflight(get(), model(name), &made));
    std::unique_ptr<pt2_preflight_t, void (*)(pt2_preflight_t*)> report(
        made, pt2_preflight_destroy);
    std::vector<Finding> all;
    for (size_t i = 0; i < pt2_preflight_finding_count(made); ++i) {
      pt2_finding_t one;
      check(pt2_preflight_finding_at(made, i, &one));
      all.push_back(
          {one.severity, one.status, one.kind, one.subject, one.message});
    }
    return all;
  }

 private:
  explicit Package(pt2_package_t* owned)
      : package_(owned, pt2_package_release) {}

  template <typename Count, typename Info>
  std::vector<ValueInfo> values(size_t model, Count count, Info info) const {
    std::vector<ValueInfo> all;
    for (size_t i = 0; i < count(get(), model); ++i) {
      pt2_value_info_t one;
      check(info(get(), model, i, &one));
      all.emplace_back(one);
    }
    return all;
  }

  std::shared_ptr<pt2_package_t> package_;
};

// ---- Runners ----------------------------------------------------------------

using TensorMap = std::unordered_map<std::string, Tensor>;
// (torch: torch::inductor::TensorConstantMap)
using TensorConstantMap = std::unordered_map<std::string, Tensor*>;

// How a runner is made; the fields are those of pt2_runner_options_t.
struct RunnerOptions {
  std::string model_name;  // empty: "model", or the only one
  size_t num_runners = 1;
  bool run_single_threaded = false;
  int32_t device_index = -1;
  bool use_stream_affinity = false;
  bool check_inputs = true;
  bool constants_later = false;
  // The constants to start with instead of the package's; may be null.
  const TensorMap* constants = nullptr;
};

// Takes back calls that wait, from another thread. (pt2_cancel_t)
class Cancel {
 public:
  Cancel() {
    pt2_cancel_t* made = nullptr;
    check(pt2_cancel_create(&made));
    cancel_.reset(made);
  }
  void set() noexcept { pt2_cancel_set(cancel_.get()); }
  pt2_cancel_t* get() const noexcept { return cancel_.get(); }

 private:
  struct Destroy {
    void operator()(pt2_cancel_t* cancel) const { pt2_cancel_destroy(cancel); }
  };
  std::unique_ptr<pt2_cancel_t, Destroy> cancel_;
};

// How one run is made; see pt2_run_options_t.
struct RunOptions {
  // How long to wait for a free instance; negative: as long as it takes.
  std::chrono::nanoseconds timeout{-1};
  const Cancel* cancel = nullptr;
  void* stream = nullptr;
};

namespace detail {

// Handles for one call, on the stack unless there are many.
class Handles {
 public:
  explicit Handles(size_t count)
      : many_(count > kFew ? new pt2_tensor_t*[count]() : nullptr),
        count_(count) {}
  pt2_tensor_t** data() noexcept { return many_ ? many_.get() : few_; }
  size_t size() const noexcept { return count_; }

 private:
  static constexpr size_t kFew = 16;
  pt2_tensor_t* few_[kFew] = {};
  std::unique_ptr<pt2_tensor_t*[]> many_;
  size_t count_;
};

// Handles that belong to the call until the library takes them.
class OwnedHandles : public Handles {
 public:
  explicit OwnedHandles(Span<Tensor> from) : Handles(from.size()) {
    for (size_t i = 0; i < from.size(); ++i) {
      data()[i] = from[i].release();
    }
  }
  OwnedHandles(const OwnedHandles&) = delete;
  OwnedHandles& operator=(const OwnedHandles&) = delete;
  ~OwnedHandles() {
    for (size_t i = 0; i < size(); ++i) {
      pt2_tensor_release(data()[i]);
    }
  }
};

// Tensors by name as the C interface takes them, borrowed from |map|.
inline std::vector<pt2_named_tensor_t> named(const TensorMap& map) {
  std::vector<pt2_named_tensor_t> all;
  all.reserve(map.size());
  for (const auto& [name, tensor] : map) {
    all.push_back({name.c_str(), tensor.get()});
  }
  return all;
}
inline std::vector<pt2_named_tensor_t> named(const TensorConstantMap& map) {
  std::vector<pt2_named_tensor_t> all;
  all.reserve(map.size());
  for (const auto& [name, tensor] : map) {
    all.push_back({name.c_str(), tensor != nullptr ? tensor->get() : nullptr});
  }
  return all;
}

}  // namespace detail

// A loaded model. (torch: torch::inductor::AOTIModelContainerRunner) Made by
// one of the classes below, by a loader or by make_runner.
class AOTIModelContainerRunner {
 public:
  AOTIModelContainerRunner(const AOTIModelContainerRunner&) = delete;
  AOTIModelContainerRunner(AOTIModelContainerRunner&&) = delete;
  AOTIModelContainerRunner& operator=(const AOTIModelContainerRunner&) = delete;
  AOTIModelContainerRunner& operator=(AOTIModelContainerRunner&&) = delete;
  virtual ~AOTIModelContainerRunner() { pt2_runner_release(runner_); }

  // Borrowed, for calls of the C interface; null for a runner of another make.
  pt2_runner_t* get() const noexcept { return runner_; }

  // Runs the model once. |stream_handle| is the device's stream, null for the
  // thread's current one. An output that is None is an undefined tensor.
  std::vector<Tensor> run(const std::vector<Tensor>& inputs,
                          void* stream_handle = nullptr) {
    detail::Handles handles(inputs.size());
    for (size_t i = 0; i < inputs.size(); ++i) {
      handles.data()[i] = inputs[i].get();
    }
    return run_impl({handles.data(), handles.size()}, false, stream_handle);
  }
  // The same, but the inputs are handed over: the memory of each can be used
  // again as soon as the model needs it no more. They are gone if it throws.
  std::vector<Tensor> boxed_run(std::vector<Tensor>&& inputs,
                                void* stream_handle = nullptr) {
    detail::OwnedHandles handles{Span<Tensor>(inputs)};
    inputs.clear();
    return run_impl({handles.data(), handles.size()}, true, stream_handle);
  }
  // Runs without allocating anything here. An entry of |outputs| that is
  // defined is written to and must fit; the others become new tensors. On
  // failure they stay as they are.
  void run_into(Span<const Tensor> inputs, Span<Tensor> outputs,
                const RunOptions& options = {});

  // Inputs and outputs in order.
  size_t num_inputs() const { return pt2_runner_input_count(required()); }
  size_t num_outputs() const { return pt2_runner_output_count(required()); }
  ValueInfo input_info(size_t index) const {
    pt2_value_info_t info;
    check(pt2_runner_input_info(required(), index, &info));
    return ValueInfo(info);
  }
  ValueInfo output_info(size_t index) const {
    pt2_value_info_t info;
    check(pt2_runner_output_info(required(), index, &info));
    return ValueInfo(info);
  }
  Device device() const {
    return {static_cast<DeviceType>(pt2_runner_device_type(required())),
            pt2_runner_device_index(runner_)};
  }
  // The pytree specs of arguments and result.
  std::vector<std::string> get_call_spec() {
    const char *in = nullptr, *out = nullptr;
    check(pt2_runner_call_spec(required(), &in, &out));
    return {in, out};
  }

  // ---- Constants (pt2/constants.h)
  std::unordered_map<std::string, std::string> getConstantNamesToOriginalFQNs()
      const {
    std::unordered_map<std::string, std::string> all;
    for_each_constant([&](const pt2_constant_info_t& info) {
      all.emplace(info.name, info.fqn);
    });
    return all;
  }
  std::unordered_map<std::string, int32_t> getConstantNamesToDtypes() const {
    std::unordered_map<std::string, int32_t> all;
    for_each_constant([&](const pt2_constant_info_t& info) {
      all.emplace(info.name, info.dtype);
    });
    return all;
  }
  // By FQN; those that the buffer holds, without a copy. They may only be read.
  TensorMap extract_constants_map(bool use_inactive) const;
  // The whole inactive buffer.
  void update_inactive_constant_buffer(const TensorConstantMap& const_map) {
    update(detail::named(const_map), true, true, false);
  }
  // Keys are FQNs or internal names. |user_managed|: the tensors are used as
  // they are, and kept as long as needed; their memory must not change.
  void update_constant_buffer(const TensorMap& tensor_map, bool use_inactive,
                              bool validate_full_updates,
                              bool user_managed = false) {
    update(detail::named(tensor_map), use_inactive, validate_full_updates,
           user_managed);
  }
  void update_constant_buffer(const TensorConstantMap& const_map,
                              bool use_inactive, bool validate_full_updates,
                              bool user_managed = false) {
    update(detail::named(const_map), use_inactive, validate_full_updates,
           user_managed);
  }
  // From tensors of the host for a model on any device.
  void update_constant_buffer_from_cpu(const TensorMap& tensor_map,
                                       bool use_inactive,
                                       bool validate_full_updates) {
    TensorMap there;
    for (const auto& [name, tensor] : tensor_map) {
      there.emplace(name, tensor.defined() ? tensor.to(device()) : tensor);
    }
    update(detail::named(there), use_inactive, validate_full_updates, false);
  }
  // From the blob that a package keeps beside its model.
  void update_constant_buffer_from_blob(const std::string& weights_path) {
    load_file(weights_path, PT2_WEIGHTS_FORMAT_BLOB, false, false, false);
  }
  // By FQN from a .safetensors file or one of torch.save, used where it lies.
  void load_constants(const std::string& path, bool use_inactive = false,
                      bool check_full_update = false,
                      bool ignore_unknown = false) {
    load_file(path, PT2_WEIGHTS_FORMAT_AUTO, use_inactive, check_full_update,
              ignore_unknown);
  }
  // Uses |from|'s constants in the same memory; how many are shared.
  size_t share_constants(AOTIModelContainerRunner& from,
                         bool require_all = false, bool use_inactive = false) {
    pt2_share_options_t options;
    pt2_share_options_init(&options);
    options.require_all = require_all;
    options.use_inactive = use_inactive;
    size_t shared = 0;
    check(pt2_runner_share_constants(required(), from.required(), &options,
                                     &shared));
    return shared;
  }
  void run_const_fold(bool use_inactive) {
    check(pt2_runner_fold_constants(required(), use_inactive));
  }
  void swap_constant_buffer() { check(pt2_runner_swap_constants(required())); }
  void free_inactive_constant_buffer() {
    check(pt2_runner_free_inactive_constants(required()));
  }
  pt2_runner_statistics_t statistics() const {
    pt2_runner_statistics_t all = {};
    all.struct_bytes = sizeof(all);
    check(pt2_runner_statistics(required(), &all));
    return all;
  }

 protected:
  // Loads a model of |package|. |device| is the one that the class is for and
  // must be the package's; null for whichever that is.
  AOTIModelContainerRunner(const Package& package, const RunnerOptions& options,
                           const char* device);
  // The same with torch's arguments: "cuda:1", and where the kernels lie, which
  // is known here and can only be the model's own folder.
  AOTIModelContainerRunner(const std::string& model_so_path,
                           const RunnerOptions& options, const char* device,
                           const std::string& device_str,
                           const std::string& bin_dir);
  // For runners of another make, which override run_impl.
  AOTIModelContainerRunner() = default;

  // One run. |inputs| are borrowed, or taken over if |boxed|: then each entry
  // is set to null once it is.
  virtual std::vector<Tensor> run_impl(Span<pt2_tensor_t*> inputs, bool boxed,
                                       void* stream_handle);

 private:
  pt2_runner_t* required() const {
    if (runner_ == nullptr) {
      throw Error(PT2_STATUS_FAILED_PRECONDITION,
                  "this runner has no model of the library");
    }
    return runner_;
  }
  void create(const Package& package, const RunnerOptions& options,
              const char* device);
  void update(const std::vector<pt2_named_tensor_t>& constants,
              bool use_inactive, bool full, bool user_managed) {
    pt2_constants_options_t options;
    pt2_constants_options_init(&options);
    options.use_inactive = use_inactive;
    options.check_full_update = full;
    options.user_managed = user_managed;
    check(pt2_runner_update_constants(required(), constants.data(),
                                      constants.size(), &options));
  }
  void load_file(const std::string& path, int32_t format, bool use_inactive,
                 bool full, bool ignore_unknown) {
    pt2_load_options_t options;
    pt2_load_options_init(&options);
    options.format = format;
    options.use_inactive = use_inactive;
    options.check_full_update = full;
    options.ignore_unknown = ignore_unknown;
    check(pt2_runner_load_constants(required(), path.c_str(), &options));
  }
  template <typename Visit>
  void for_each_constant(Visit visit) const {
    for (size_t i = 0; i < pt2_runner_constant_count(required()); ++i) {
      pt2_constant_info_t info;
      check(pt2_runner_constant_info(runner_, i, &info));
      visit(info);
    }
  }

  pt2_runner_t* runner_ = nullptr;
};

inline AOTIModelContainerRunner::AOTIModelContainerRunner(
    const Package& package, const RunnerOptions& options, const char* device) {
  create(package, options, device);
}

inline AOTIModelContainerRunner::AOTIModelContainerRunner(
    const std::string& model_so_path, const RunnerOptions& options,
    const char* device, const std::string& device_str,
    const std::string& bin_dir) {
  RunnerOptions here = options;
  size_t name_bytes = std::strlen(device);
  bool fits = device_str.compare(0, name_bytes, device) == 0;
  std::string index = fits ? device_str.substr(name_bytes) : "";
  if (index.size() > 1 && index.size() < 5 && index[0] == ':' &&
      index.find_first_not_of("0123456789", 1) == std::string::npos) {
    here.device_index = std::stoi(index.substr(1));
  } else if (!fits || !index.empty()) {
    detail::refuse("device \"" + device_str + "\": expected " + device +
                   " or " + device + ":INDEX");
  }
  size_t slash = model_so_path.rfind('/');
  if (!bin_dir.empty() &&
      bin_dir !=
          model_so_path.substr(0, slash == std::string::npos ? 0 : slash)) {
    throw Error(PT2_STATUS_UNSUPPORTED,
                bin_dir +
                    ": kernels are taken from the package or from the "
                    "folder of the model, " +
                    model_so_path);
  }
  create(Package(model_so_path), here, device);
}

inline void AOTIModelContainerRunner::create(const Package& package,
                                             const RunnerOptions& from,
                                             const char* device) {
  if (device != nullptr) {
    check(pt2_backend_require(device));
    std::string has = package.device(from.model_name);
    if (has != device) {
      throw Error(PT2_STATUS_INCOMPATIBLE,
                  package.path() + ": the model is for device \"" + has +
                      "\", not \"" + device + "\"");
    }
  }
  pt2_runner_options_t options;
  pt2_runner_options_init(&options);
  options.model_name =
      from.model_name.empty() ? nullptr : from.model_name.c_str();
  options.num_runners = from.num_runners;
  options.run_single_threaded = from.run_single_threaded;
  options.device_index = from.device_index;
  options.use_stream_affinity = from.use_stream_affinity;
  options.constants_later = from.constants_later;
  options.input_checks =
      from.check_inputs ? PT2_INPUT_CHECKS_FULL : PT2_INPUT_CHECKS_OFF;
  std::vector<pt2_named_tensor_t> constants;
  pt2_named_tensor_t none = {nullptr, nullptr};
  if (from.constants != nullptr) {
    constants = detail::named(*from.constants);
    options.constants = constants.empty() ? &none : constants.data();
    options.constant_count = constants.size();
  }
  check(pt2_runner_create(package.get(), &options, &runner_));
}

inline std::vector<Tensor> AOTIModelContainerRunner::run_impl(
    Span<pt2_tensor_t*> inputs, bool boxed, void* stream_handle) {
  detail::Handles handles(num_outputs());
  std::vector<Tensor> outputs;
  outputs.reserve(handles.size());
  if (stream_handle != nullptr) {
    pt2_run_options_t options;
    pt2_run_options_init(&options);
    options.boxed = boxed;
    options.stream = stream_handle;
    check(pt2_runner_run_with(runner_, inputs.data(), inputs.size(),
                              handles.data(), handles.size(), &options));
  } else {
    check((boxed ? pt2_runner_run_boxed(runner_, inputs.data(), inputs.size(),
                                        handles.data(), handles.size())
                 : pt2_runner_run(runner_, inputs.data(), inputs.size(),
                                  handles.data(), handles.size())));
  }
  for (size_t i = 0; i < handles.size(); ++i) {
    outputs.push_back(Tensor::adopt(handles.data()[i]));
  }
  return outputs;
}

inline void AOTIModelContainerRunner::run_into(Span<const Tensor> inputs,
                                               Span<Tensor> outputs,
                                               const RunOptions& options) {
  detail::Handles from(inputs.size()), to(outputs.size());
  for (size_t i = 0; i < inputs.size(); ++i) {
    from.data()[i] = inputs[i].get();
  }
  pt2_run_options_t all;
  pt2_run_options_init(&all);
  all.timeout_ns = options.timeout.count();
  all.cancel = options.cancel != nullptr ? options.cancel->get() : nullptr;
  all.stream = options.stream;
  for (size_t i = 0; i < outputs.size(); ++i) {
    to.data()[i] = outputs[i].get();
    all.outputs_given = all.outputs_given || outputs[i].defined();
  }
  check(pt2_runner_run_with(required(), from.data(), from.size(), to.data(),
                            to.size(), &all));
  for (size_t i = 0; i < outputs.size(); ++i) {
    if (!outputs[i].defined()) {
      outputs[i] = Tensor::adopt(to.data()[i]);
    }
  }
}

inline TensorMap AOTIModelContainerRunner::extract_constants_map(
    bool use_inactive) const {
  TensorMap all;
  for_each_constant([&](const pt2_constant_info_t& info) {
    pt2_tensor_t* tensor = nullptr;
    pt2_status_t status =
        pt2_runner_extract_constant(runner_, info.fqn, use_inactive, &tensor);
    if (status != PT2_STATUS_FAILED_PRECONDITION) {  // not in this buffer
      check(status);
      all.emplace(info.fqn, Tensor::adopt(tensor));
    }
  });
  return all;
}

// ---- Runners of a device, with torch's arguments ----------------------------

// Where torch takes the path of a model's .so, a package's is taken too.
class AOTIModelContainerRunnerCpu : public AOTIModelContainerRunner {
 public:
  explicit AOTIModelContainerRunnerCpu(const std::string& model_so_path,
                                       size_t num_models = 1,
                                       bool run_single_threaded = false)
      : AOTIModelContainerRunnerCpu(
            Package(model_so_path),
            RunnerOptions{"", num_models, run_single_threaded}) {}
  // With constants instead of the package's, used as they are.
  AOTIModelContainerRunnerCpu(const std::string& model_so_path,
                              size_t num_models, const TensorMap& constants)
      : AOTIModelContainerRunnerCpu(
            Package(model_so_path),
            RunnerOptions{"", num_models, false, -1, false, true, false,
                          &constants}) {}
  explicit AOTIModelContainerRunnerCpu(const Package& package,
                                       const RunnerOptions& options = {})
      : AOTIModelContainerRunner(package, options, "cpu") {}
};

// |device_str| is "cuda" or "cuda:1".
class AOTIModelContainerRunnerCuda : public AOTIModelContainerRunner {
 public:
  explicit AOTIModelContainerRunnerCuda(const std::string& model_so_path,
                                        size_t num_models = 1,
                                        const std::string& device_str = "cuda",
                                        const std::string& cubin_dir = "",
                                        bool run_single_threaded = false)
      : AOTIModelContainerRunner(
            model_so_path, RunnerOptions{"", num_models, run_single_threaded},
            "cuda", device_str, cubin_dir) {}
  AOTIModelContainerRunnerCuda(const std::string& model_so_path,
                               size_t num_models, const std::string& device_str,
                               const std::string& cubin_dir,
                               const TensorMap& constants)
      : AOTIModelContainerRunner(model_so_path,
                                 RunnerOptions{"", num_models, false, -1, false,
                                               true, false, &constants},
                                 "cuda", device_str, cubin_dir) {}
  explicit AOTIModelContainerRunnerCuda(const Package& package,
                                        const RunnerOptions& options = {})
      : AOTIModelContainerRunner(package, options, "cuda") {}

  // |cuda_stream| is a cudaStream_t.
  std::vector<Tensor> run_with_cuda_stream(const std::vector<Tensor>& inputs,
                                           void* cuda_stream) {
    return run(inputs, cuda_stream);
  }
};

// |device_str| is "xpu" or "xpu:1".
class AOTIModelContainerRunnerXpu : public AOTIModelContainerRunner {
 public:
  explicit AOTIModelContainerRunnerXpu(const std::string& model_so_path,
                                       size_t num_models = 1,
                                       const std::string& device_str = "xpu",
                                       const std::string& kernel_bin_dir = "",
                                       bool run_single_threaded = false)
      : AOTIModelContainerRunner(
            model_so_path, RunnerOptions{"", num_models, run_single_threaded},
            "xpu", device_str, kernel_bin_dir) {}
  AOTIModelContainerRunnerXpu(const std::string& model_so_path,
                              size_t num_models, const std::string& device_str,
                              const std::string& kernel_bin_dir,
                              const TensorMap& constants)
      : AOTIModelContainerRunner(model_so_path,
                                 RunnerOptions{"", num_models, false, -1, false,
                                               true, false, &constants},
                                 "xpu", device_str, kernel_bin_dir) {}
  explicit AOTIModelContainerRunnerXpu(const Package& package,
                                       const RunnerOptions& options = {})
      : AOTIModelContainerRunner(package, options, "xpu") {}

  // |xpu_stream| is a sycl::queue*.
  std::vector<Tensor> run_with_xpu_stream(const std::vector<Tensor>& inputs,
                                          void* xpu_stream) {
    return run(inputs, xpu_stream);
  }
};

class AOTIModelContainerRunnerMps : public AOTIModelContainerRunner {
 public:
  explicit AOTIModelContainerRunnerMps(const std::string& model_so_path,
                                       size_t num_models = 1,
                                       bool run_single_threaded = false)
      : AOTIModelContainerRunnerMps(
            Package(model_so_path),
            RunnerOptions{"", num_models, run_single_threaded}) {}
  explicit AOTIModelContainerRunnerMps(const Package& package,
                                       const RunnerOptions& options = {})
      : AOTIModelContainerRunner(package, options, "mps") {}
};

// ---- Registry by device -----------------------------------------------------

// Makes the runner of |options.model_name| in |package|, which was compiled for
// |device_str|. torch hands a path over here; a package need not have one.
using CreateAOTIModelRunnerFunc = std::unique_ptr<AOTIModelContainerRunner> (*)(
    const Package& package, const RunnerOptions& options,
    const std::string& device_str);

namespace detail {

template <typename Runner>
std::unique_ptr<AOTIModelContainerRunner> create_runner(
    const Package& package, const RunnerOptions& options, const std::string&) {
  return std::make_unique<Runner>(package, options);
}

// A runner of whichever device the library has a back end for.
class AnyRunner : public AOTIModelContainerRunner {
 public:
  AnyRunner(const Package& package, const RunnerOptions& options)
      : AOTIModelContainerRunner(package, options, nullptr) {}
};

}  // namespace detail

// What makes the runners of each device in this program. Devices that only the
// library knows (pt2_backend_register, pt2_runner_register) need no entry.
// Change it before threads use it.
inline std::unordered_map<std::string, CreateAOTIModelRunnerFunc>&
getAOTIModelRunnerRegistry() {
  static std::unordered_map<std::string, CreateAOTIModelRunnerFunc> registry = {
      {"cpu", detail::create_runner<AOTIModelContainerRunnerCpu>},
      {"cuda", detail::create_runner<AOTIModelContainerRunnerCuda>},
      {"xpu", detail::create_runner<AOTIModelContainerRunnerXpu>},
      {"mps", detail::create_runner<AOTIModelContainerRunnerMps>},
  };
  return registry;
}

// An object of this at namespace scope registers a device's runners.
struct RegisterAOTIModelRunner {
  RegisterAOTIModelRunner(const std::string& name,
                          CreateAOTIModelRunnerFunc create) {
    getAOTIModelRunnerRegistry()[name] = create;
  }
};

// The runner of a model for the device that its package names.
inline std::unique_ptr<AOTIModelContainerRunner> make_runner(
    const Package& package, const RunnerOptions& options = {}) {
  std::string device = package.device(options.model_name);
  const auto& registry = getAOTIModelRunnerRegistry();
  auto found = registry.find(device);
  if (found == registry.end()) {
    return std::make_unique<detail::AnyRunner>(package, options);
  }
  return found->second(package, options, device);
}

// ---- Loader -----------------------------------------------------------------

// A package's model, loaded. (torch: torch::inductor::AOTIModelPackageLoader)
class AOTIModelPackageLoader {
 public:
  explicit AOTIModelPackageLoader(const std::string& model_package_path,
                                  const std::string& model_name = "model",
                                  bool run_single_threaded = false,
                                  size_t num_runners = 1,
                                  int32_t device_index = -1,
                                  bool use_stream_affinity = false)
      : AOTIModelPackageLoader(
            Package(model_package_path),
            RunnerOptions{model_name, num_runners, run_single_threaded,
                          device_index, use_stream_affinity}) {}
  explicit AOTIModelPackageLoader(const Package& package,
                                  const RunnerOptions& options = {})
      : metadata_(package.metadata(options.model_name)),
        runner_(make_runner(package, options)) {}

  AOTIModelContainerRunner* get_runner() const { return runner_.get(); }
  std::unordered_map<std::string, std::string> get_metadata() const {
    return metadata_;
  }
  std::vector<Tensor> run(const std::vector<Tensor>& inputs,
                          void* stream_handle = nullptr) {
    return runner_->run(inputs, stream_handle);
  }
  std::vector<Tensor> boxed_run(std::vector<Tensor>&& inputs,
                                void* stream_handle = nullptr) {
    return runner_->boxed_run(std::move(inputs), stream_handle);
  }
  std::vector<std::string> get_call_spec() { return runner_->get_call_spec(); }
  std::vector<std::string> get_constant_fqns() const {
    std::vector<std::string> all;
    for (auto& [name, fqn] : runner_->getConstantNamesToOriginalFQNs()) {
      all.push_back(fqn);
    }
    return all;
  }
  // |allow_h2d_copy|: tensors of the host are copied to the model's device.
  void load_constants(const TensorMap& constants_map, bool use_inactive,
                      bool check_full_update, bool user_managed = false,
                      bool allow_h2d_copy = false) {
    if (!allow_h2d_copy) {
      runner_->update_constant_buffer(constants_map, use_inactive,
                                      check_full_update, user_managed);
    } else if (user_managed) {
      detail::refuse("user_managed and allow_h2d_copy exclude each other");
    } else {
      runner_->update_constant_buffer_from_cpu(constants_map, use_inactive,
                                               check_full_update);
    }
  }
  void update_constant_buffer(const TensorMap& tensor_map, bool use_inactive,
                              bool validate_full_updates,
                              bool user_managed = false) {
    runner_->update_constant_buffer(tensor_map, use_inactive,
                                    validate_full_updates, user_managed);
  }
  // Without loading the model.
  static std::unordered_map<std::string, std::string>
  load_metadata_from_package(const std::string& model_package_path,
                             const std::string& model_name) {
    return Package(model_package_path).metadata(model_name);
  }

 private:
  std::unordered_map<std::string, std::string> metadata_;
  std::unique_ptr<AOTIModelContainerRunner> runner_;
};

}  // namespace pt2

#if __cplusplus >= 202002L && defined(__cpp_lib_ranges)
template <typename T>
inline constexpr bool std::ranges::enable_borrowed_range<pt2::Span<T>> = true;
#endif

#endif  // PT2_PT2_HPP_
