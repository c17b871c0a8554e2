// SPDX-License-Identifier: Apache-2.0
//
// Writes or reduces elements to places along one dimension.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_INDEX_SCATTER_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_INDEX_SCATTER_H_

#include "ops/scatter.h"

// out = self, then out[.. index[i] ..] = or op= src[i] (SET: the last of
// several stays). |src| NULL: |value|, an element of |out|'s dtype, for all.
// Without |include_self| the places that are written start from nothing.
//
// Everything is checked before |out| changes; src that shares |out|'s memory is
// read first.
PT2_MUST_USE pt2_status_t pt2__scatter(pt2__scatter_t kind, pt2_tensor_t* out,
                                       const pt2_tensor_t* self, int64_t dim,
                                       const pt2_tensor_t* index,
                                       const pt2_tensor_t* src,
                                       const void* value, bool include_self);

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_INDEX_SCATTER_H_
