// SPDX-License-Identifier: Apache-2.0
//
// Picks one element of a row by its rank.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_INDEX_PICK_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_INDEX_PICK_H_

#include "ops/reduce_dim.h"

typedef enum {
  PT2__PICK_KTH,
  PT2__PICK_MODE,
  PT2__PICK_MEDIAN,      // the first NaN if there is one
  PT2__PICK_NAN_MEDIAN,  // of what is not NaN
} pt2__pick_t;

// Picks an element of each row of |self| along |dim| (wrapped): the one of rank
// |k| (from 0, for KTH), the one that comes most often (the smallest of those),
// or the lower median. NaN is larger than any number; it is equal to itself but
// for MODE. Of equal elements KTH gives the one that torch's partitioning
// leaves there, the medians the one that a stable sort would (the first of
// nothing but NaNs), MODE the last. |self| has no row without elements; the
// results are row-major.
//
// Errors: OUT_OF_MEMORY
PT2_MUST_USE pt2_status_t pt2__pick(pt2__pick_t kind, const pt2_tensor_t* self,
                                    int64_t dim, int64_t k,
                                    pt2_tensor_t* values, pt2_tensor_t* places);

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_INDEX_PICK_H_
