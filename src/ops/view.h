// SPDX-License-Identifier: Apache-2.0
//
// Views: other sizes and strides over the same storage. Each makes a new tensor
// that shares |self|'s memory, or fails as torch does.
#ifndef PT2_SRC_OPS_VIEW_H_
#define PT2_SRC_OPS_VIEW_H_

#include "ops/op.h"

PT2_MUST_USE pt2_status_t pt2__view_permute(const pt2_tensor_t* self,
                                            const int64_t* dims, int64_t count,
                                            pt2_tensor_t** out_view);
// |start| and |end| NULL: the whole dimension.
PT2_MUST_USE pt2_status_t pt2__view_slice(const pt2_tensor_t* self, int64_t dim,
                                          const int64_t* start,
                                          const int64_t* end, int64_t step,
                                          pt2_tensor_t** out_view);
PT2_MUST_USE pt2_status_t pt2__view_narrow(const pt2_tensor_t* self,
                                           int64_t dim, int64_t start,
                                           int64_t length,
                                           pt2_tensor_t** out_view);
// Drops |dim| if its size is 1.
PT2_MUST_USE pt2_status_t pt2__view_squeeze(const pt2_tensor_t* self,
                                            int64_t dim,
                                            pt2_tensor_t** out_view);
// One place of a dimension, which goes.
PT2_MUST_USE pt2_status_t pt2__view_select(const pt2_tensor_t* self,
                                           int64_t dim, int64_t index,
                                           pt2_tensor_t** out_view);
// The |offset|-th diagonal of two dimensions, as the last dimension.
PT2_MUST_USE pt2_status_t pt2__view_diagonal(const pt2_tensor_t* self,
                                             int64_t offset, int64_t dim1,
                                             int64_t dim2,
                                             pt2_tensor_t** out_view);
// Windows of |size| places of a dimension, |step| apart; the places within a
// window are the last dimension.
PT2_MUST_USE pt2_status_t pt2__view_unfold(const pt2_tensor_t* self,
                                           int64_t dim, int64_t size,
                                           int64_t step,
                                           pt2_tensor_t** out_view);
// |count| parts of a dimension one after the other, of |sizes| places. All
// views are NULL after a failure.
PT2_MUST_USE pt2_status_t pt2__view_split(const pt2_tensor_t* self, int64_t dim,
                                          const int64_t* sizes, int64_t count,
                                          pt2_tensor_t** out_views);
// Complex numbers as pairs of real ones, in one more dimension, and back.
PT2_MUST_USE pt2_status_t pt2__view_as_real(const pt2_tensor_t* self,
                                            pt2_tensor_t** out_view);
PT2_MUST_USE pt2_status_t pt2__view_as_complex(const pt2_tensor_t* self,
                                               pt2_tensor_t** out_view);
// The same bytes as elements of |dtype|.
PT2_MUST_USE pt2_status_t pt2__view_dtype(const pt2_tensor_t* self,
                                          int32_t dtype,
                                          pt2_tensor_t** out_view);

// Fills |target|, to whose sizes |src| must broadcast, also where the two share
// memory. Refuses a target of which two elements are one.
PT2_MUST_USE pt2_status_t pt2__view_copy_into(pt2_tensor_t* target,
                                              const pt2_tensor_t* src);
// A new tensor of |self|'s sizes and strides, gaps included; dense if elements
// of |self| share memory.
PT2_MUST_USE pt2_status_t pt2__view_empty_like(const pt2_tensor_t* self,
                                               pt2_tensor_t** out_tensor);
// Fails unless |src| has the sizes of |view|.
PT2_MUST_USE pt2_status_t pt2__view_check_same_sizes(const pt2_tensor_t* view,
                                                     const pt2_tensor_t* src);

// Replaces a size of -1 in |wanted| by what |numel| elements leave for it.
PT2_MUST_USE pt2_status_t pt2__view_infer_sizes(const int64_t* wanted,
                                                int64_t rank, int64_t numel,
                                                int64_t* out_sizes);
// Strides of a view of |self| with other sizes, of the same number of elements.
// False if there is none.
bool pt2__view_strides(const pt2_tensor_t* self, int64_t rank,
                       const int64_t* sizes, int64_t* out_strides);

#endif  // PT2_SRC_OPS_VIEW_H_
