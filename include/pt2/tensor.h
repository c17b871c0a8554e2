// SPDX-License-Identifier: Apache-2.0
//
// Tensors: what goes into a model and what comes out of it.
#ifndef PT2_TENSOR_H_
#define PT2_TENSOR_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pt2/status.h"

#if defined(__cplusplus)
extern "C" {
#endif

// Element types; the numbers are PyTorch's (c10::ScalarType), since compiled
// models carry them as literals.
enum {
  PT2_DTYPE_U8 = 0,
  PT2_DTYPE_I8 = 1,
  PT2_DTYPE_I16 = 2,
  PT2_DTYPE_I32 = 3,
  PT2_DTYPE_I64 = 4,
  PT2_DTYPE_F16 = 5,
  PT2_DTYPE_F32 = 6,
  PT2_DTYPE_F64 = 7,
  PT2_DTYPE_COMPLEX32 = 8,
  PT2_DTYPE_COMPLEX64 = 9,
  PT2_DTYPE_COMPLEX128 = 10,
  PT2_DTYPE_BOOL = 11,
  PT2_DTYPE_BF16 = 15,
  PT2_DTYPE_F8E5M2 = 23,
  PT2_DTYPE_F8E4M3FN = 24,
  PT2_DTYPE_F8E5M2FNUZ = 25,
  PT2_DTYPE_F8E4M3FNUZ = 26,
  PT2_DTYPE_U16 = 27,
  PT2_DTYPE_U32 = 28,
  PT2_DTYPE_U64 = 29,
  PT2_DTYPE_F8E8M0FNU = 44,
  PT2_DTYPE_F4E2M1FNX2 = 45,
  PT2_DTYPE_UNDEFINED = -1,
};
typedef int32_t pt2_dtype_t;

// Device types; the numbers are PyTorch's (c10::DeviceType).
enum {
  PT2_DEVICE_CPU = 0,
  PT2_DEVICE_CUDA = 1,
  PT2_DEVICE_XPU = 12,
  PT2_DEVICE_MPS = 13,
  PT2_DEVICE_META = 14,
  PT2_DEVICE_PRIVATEUSE1 = 20,
};
typedef int32_t pt2_device_type_t;

// A tensor: sizes and strides over a reference-counted storage.
//
// Threads: a tensor may be read by any number of threads at once; changing it
// (or its data) while another thread reads it is a race. retain and release
// are atomic.
typedef struct pt2_tensor_t pt2_tensor_t;

// Called once when the last tensor that shares a blob's storage is released.
typedef void (*pt2_tensor_deleter_fn)(void* user, void* data);

// Returns the bytes of one element, 0 for a value that is no dtype.
PT2_API size_t pt2_dtype_size_bytes(pt2_dtype_t dtype);

// Returns a short static name ("f32", "bf16", "i64", "bool"), "?" if unknown.
PT2_API const char* pt2_dtype_name(pt2_dtype_t dtype);

// Parses such a name; also torch's ("float32", "torch.float32") and numpy's.
// Returns PT2_DTYPE_UNDEFINED if |name| names none.
PT2_API pt2_dtype_t pt2_dtype_parse(const char* name);

// Returns "cpu", "cuda", "xpu", "mps", "meta", "privateuse1" or "?"; of a
// device with a back end, the back end's name.
PT2_API const char* pt2_device_type_name(pt2_device_type_t device_type);

// Makes a tensor of uninitialised elements in host memory.
//
// |sizes| has |rank| entries (NULL when |rank| is 0), each >= 0. |strides| are
// in elements, NULL for row-major.
//
// Ownership: the caller owns |*out_tensor| (pt2_tensor_release).
// Errors:    INVALID_ARGUMENT  negative size, overflow, unknown dtype
//            OUT_OF_MEMORY
// Threads:   any.
PT2_API PT2_MUST_USE pt2_status_t pt2_tensor_create(pt2_dtype_t dtype,
                                                    size_t rank,
                                                    const int64_t* sizes,
                                                    const int64_t* strides,
                                                    pt2_tensor_t** out_tensor);

// Makes a tensor over the caller's host memory; nothing is copied.
//
// |data| is the address of the first element. |deleter| may be NULL; otherwise
// it is called with |user| and |data| when the last tensor over this memory is
// gone, on whichever thread that happens. It is not called on failure.
//
// Ownership: the caller owns |*out_tensor|; |data| must live until the deleter
//            is called, and without a deleter longer than every tensor over it.
// Errors:    INVALID_ARGUMENT  as pt2_tensor_create; |data| NULL though the
//                              tensor has elements
//            OUT_OF_MEMORY
// Threads:   any.
PT2_API PT2_MUST_USE pt2_status_t pt2_tensor_from_blob(
    void* data, pt2_dtype_t dtype, size_t rank, const int64_t* sizes,
    const int64_t* strides, pt2_tensor_deleter_fn deleter, void* user,
    pt2_tensor_t** out_tensor);

// Copies |source| into new row-major memory of its device.
//
// Ownership: the caller owns |*out_tensor|.
// Errors:    INVALID_ARGUMENT, OUT_OF_MEMORY
// Threads:   any.
PT2_API PT2_MUST_USE pt2_status_t pt2_tensor_clone(const pt2_tensor_t* source,
                                                   pt2_tensor_t** out_tensor);

// Copies |source|'s elements into |target|, converting the dtype and
// broadcasting as torch's copy_ does, from any device to any.
//
// Errors:    INVALID_ARGUMENT  the sizes do not broadcast, |target| may only be
//                              read
// Threads:   any; |target| may not be used meanwhile.
PT2_API PT2_MUST_USE pt2_status_t pt2_tensor_copy(pt2_tensor_t* target,
                                                  const pt2_tensor_t* source);

// Adds a reference; NULL is allowed.
PT2_API void pt2_tensor_retain(pt2_tensor_t* tensor);

// Drops a reference, the last one frees the tensor; NULL is allowed.
PT2_API void pt2_tensor_release(pt2_tensor_t* tensor);

// Properties. |tensor| may not be NULL. Pointers are borrowed and live as long
// as the tensor; sizes and strides have rank entries, strides are in elements.
PT2_API pt2_dtype_t pt2_tensor_dtype(const pt2_tensor_t* tensor);
PT2_API pt2_device_type_t pt2_tensor_device_type(const pt2_tensor_t* tensor);
PT2_API int32_t pt2_tensor_device_index(const pt2_tensor_t* tensor);
PT2_API size_t pt2_tensor_rank(const pt2_tensor_t* tensor);
PT2_API const int64_t* pt2_tensor_peek_sizes(const pt2_tensor_t* tensor);
PT2_API const int64_t* pt2_tensor_peek_strides(const pt2_tensor_t* tensor);
PT2_API int64_t pt2_tensor_numel(const pt2_tensor_t* tensor);
PT2_API bool pt2_tensor_is_contiguous(const pt2_tensor_t* tensor);
// True for what may be read only: a model's constants, memory that came through
// DLPack as such. pt2_tensor_copy and outputs given to a run refuse it; a model
// that writes to its inputs cannot be kept from it.
PT2_API bool pt2_tensor_is_read_only(const pt2_tensor_t* tensor);
// Address of the first element (the storage offset is included); NULL for a
// tensor without elements. Of a tensor on a device only if the host may use the
// device's memory, after a wait for the device; otherwise NULL, and
// pt2_error_message() says so (pt2_tensor_to copies it to the host).
PT2_API void* pt2_tensor_peek_data(const pt2_tensor_t* tensor);

#if defined(__cplusplus)
}
#endif

#endif  // PT2_TENSOR_H_
