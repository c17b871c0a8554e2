// SPDX-License-Identifier: Apache-2.0
//
// Moves elements between a tensor that is indexed and the other side of it.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_INDEX_INDEX_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_INDEX_INDEX_H_

#include "ops/index.h"

typedef enum {
  PT2__INDEX_GET,  // other = self[...]
  PT2__INDEX_PUT,  // self[...] = other
  PT2__INDEX_ADD,  // self[...] += other
} pt2__index_mode_t;

// Runs |plan| over |self|'s data and |other|, whose strides are in bytes and
// follow the plan's sizes. Both have |dtype|. Places that come twice are
// written in row-major order of the indices, so that the last one stays.
void pt2__index_run(pt2__index_mode_t mode, const pt2__index_plan_t* plan,
                    int32_t dtype, char* self, char* other,
                    const int64_t* other_strides);

// target[i] += source[i] for |count| elements of |dtype|, strides in bytes;
// bools are or-ed.
void pt2__add_row(int32_t dtype, char* target, int64_t target_stride,
                  const char* source, int64_t source_stride, int64_t count);

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_INDEX_INDEX_H_
