// SPDX-License-Identifier: Apache-2.0
//
// Tensors over memory that there is already: other sizes and strides over a
// tensor's storage, and the caller's memory that may only be read.
#ifndef PT2_VIEW_H_
#define PT2_VIEW_H_

#include <stddef.h>
#include <stdint.h>

#include "pt2/status.h"
#include "pt2/tensor.h"

#if defined(__cplusplus)
extern "C" {
#endif

// Makes a tensor of |sizes| and |strides| (in elements, NULL for row-major)
// over the storage of |source|; nothing is copied. (torch: as_strided)
//
// |offset| is where its first element lies, in elements from the first one of
// |source|. It may be negative, as long as every element of the view lies in
// the storage.
//
// Ownership: the caller owns |*out_view| (pt2_tensor_release), which keeps the
//            storage. It may be written to if |source| may.
// Errors:    INVALID_ARGUMENT  NULL, a negative size or stride, an element
//                              outside of the storage
//            OUT_OF_MEMORY
// Threads:   any.
PT2_API PT2_MUST_USE pt2_status_t pt2_tensor_view(
    const pt2_tensor_t* source, size_t rank, const int64_t* sizes,
    const int64_t* strides, int64_t offset, pt2_tensor_t** out_view);

// pt2_tensor_from_blob for memory that the library may only read
// (pt2_tensor_is_read_only). The deleter gets |data| without its const.
PT2_API PT2_MUST_USE pt2_status_t pt2_tensor_from_const_blob(
    const void* data, pt2_dtype_t dtype, size_t rank, const int64_t* sizes,
    const int64_t* strides, pt2_tensor_deleter_fn deleter, void* user,
    pt2_tensor_t** out_tensor);

#if defined(__cplusplus)
}
#endif

#endif  // PT2_VIEW_H_
