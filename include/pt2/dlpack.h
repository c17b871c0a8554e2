// SPDX-License-Identifier: Apache-2.0
//
// Tensors from and to other libraries without a copy, by DLPack
// (https://dmlc.github.io/dlpack): NumPy, PyTorch, JAX, TVM and others speak
// it. The structs are DLPack's own; <dlpack/dlpack.h> defines them for those
// who look inside.
//
// Dtypes: bool, integers of 8 to 64 bits, f16, bf16, f32, f64, complex of 32 to
// 128 bits, and float8 as e4m3fn, e4m3fnuz, e5m2, e5m2fnuz, e8m0fnu. Elements
// of several lanes and of less than a byte are refused by name, as are other
// devices than the host.
#ifndef PT2_DLPACK_H_
#define PT2_DLPACK_H_

#include "pt2/status.h"
#include "pt2/tensor.h"

#if defined(__cplusplus)
extern "C" {
#endif

struct DLManagedTensor;           // before DLPack 1.0
struct DLManagedTensorVersioned;  // DLPack 1.x

// Makes a tensor over the memory of |managed|. What the producer marked
// read-only stays so (pt2_tensor_is_read_only).
//
// Missing strides mean row-major; an offset in bytes is added to the address,
// which must then be a multiple of the element's alignment.
//
// Ownership: on success |managed| belongs to the library, which calls its
//            deleter (if it has one) exactly once, when the last tensor over
//            the memory is gone, on whichever thread that happens. On failure
//            it stays the caller's and its deleter is not called: a Python
//            capsule keeps its name then.
//            The caller owns |*out_tensor| (pt2_tensor_release).
// Errors:    INVALID_ARGUMENT  NULL, a negative size, an address that is NULL
//                              or not aligned
//            UNSUPPORTED       another major version, device or dtype; negative
//                              strides; more than 64 dimensions
//            OUT_OF_MEMORY
// Threads:   any.
PT2_API PT2_MUST_USE pt2_status_t pt2_tensor_from_dlpack(
    struct DLManagedTensorVersioned* managed, pt2_tensor_t** out_tensor);

// The same for the struct without a version, which cannot say read-only.
PT2_API PT2_MUST_USE pt2_status_t pt2_tensor_from_dlpack_legacy(
    struct DLManagedTensor* managed, pt2_tensor_t** out_tensor);

// Lends |tensor|'s memory as DLPack 1.1: flags say read-only where
// pt2_tensor_is_read_only does. Float8 needs a consumer of DLPack 1.1.
//
// Ownership: the caller owns |*out_managed| and hands it to a consumer, who
//            calls its deleter once. Until then the memory stays, also when
//            |tensor| and the runner it came from were released.
// Errors:    INVALID_ARGUMENT  NULL, an undefined tensor
//            UNSUPPORTED       f4e2m1fnx2, another device
//            OUT_OF_MEMORY
// Threads:   any; the deleter too.
PT2_API PT2_MUST_USE pt2_status_t pt2_tensor_to_dlpack(
    const pt2_tensor_t* tensor, struct DLManagedTensorVersioned** out_managed);

// The same as the struct without a version, for consumers that know no other.
//
// Errors: FAILED_PRECONDITION  |tensor| is read-only, which the struct cannot
//                              say: clone it
PT2_API PT2_MUST_USE pt2_status_t pt2_tensor_to_dlpack_legacy(
    const pt2_tensor_t* tensor, struct DLManagedTensor** out_managed);

// Gives |managed| back unread: calls its deleter, if it has one. For programs
// without DLPack's own header. NULL is allowed.
PT2_API void pt2_dlpack_destroy(struct DLManagedTensorVersioned* managed);
PT2_API void pt2_dlpack_destroy_legacy(struct DLManagedTensor* managed);

#if defined(__cplusplus)
}
#endif

#endif  // PT2_DLPACK_H_
