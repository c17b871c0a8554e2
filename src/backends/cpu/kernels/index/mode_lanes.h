// SPDX-License-Identifier: Apache-2.0
//
// What comes most often in short rows, several of them side by side.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_INDEX_MODE_LANES_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_INDEX_MODE_LANES_H_

#include <stdint.h>

#define PT2__MODE_LANES 8
#define PT2__MODE_MOST 32  // elements of a row

// |keys| are |count| times PT2__MODE_LANES: row i's are in lane i, and are
// sorted. |modes| are the keys that come most often, the smallest of those. A
// key |nan|, unless that is 0, is equal to no other one.
typedef void (*pt2__mode_lanes_fn)(uint64_t* keys, int64_t count, uint64_t nan,
                                   uint64_t* modes);

// One for each instruction set.
void pt2__mode_lanes_generic(uint64_t* keys, int64_t count, uint64_t nan,
                             uint64_t* modes);
void pt2__mode_lanes_avx2(uint64_t* keys, int64_t count, uint64_t nan,
                          uint64_t* modes);
void pt2__mode_lanes_avx512(uint64_t* keys, int64_t count, uint64_t nan,
                            uint64_t* modes);

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_INDEX_MODE_LANES_H_
