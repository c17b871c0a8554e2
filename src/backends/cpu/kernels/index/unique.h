// SPDX-License-Identifier: Apache-2.0
//
// Different elements or slices of a tensor, in order or as they follow.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_INDEX_UNIQUE_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_INDEX_UNIQUE_H_

#include "ops/boxed.h"

// What is found: the values, for each element or slice of the input which of
// them it is, and how often each comes. NaN is never the same as another.
typedef struct {
  pt2_tensor_t* values;
  pt2_tensor_t* inverse;
  pt2_tensor_t* counts;
} pt2__unique_t;

// Elements, sorted or only where they differ from the one before. Without
// |inverse| or |counts| these have no elements.
PT2_MUST_USE pt2_status_t pt2__unique_elements(const pt2_tensor_t* self,
                                               bool sorted, bool inverse,
                                               bool counts,
                                               pt2__unique_t* out_unique);

// Slices along |dim|, sorted by their elements in row-major order or only where
// they differ from the one before.
PT2_MUST_USE pt2_status_t pt2__unique_slices(const pt2_tensor_t* self,
                                             int64_t dim, bool sorted,
                                             pt2__unique_t* out_unique);

// The operator of (Tensor self, int dim, …), whose three results are all there,
// whatever is asked for, as in torch.
PT2_MUST_USE pt2_status_t pt2__unique_slices_by_name(const pt2__boxed_t* boxed,
                                                     bool sorted,
                                                     pt2_tensor_t** results);

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_INDEX_UNIQUE_H_
