// SPDX-License-Identifier: Apache-2.0
//
// Between the software device and the kernels that it compiles: a table handed
// over when a kernel's library is loaded, and the place of one thread.
#ifndef PT2_TESTS_SOFTMETAL_MSL_RUNTIME_H_
#define PT2_TESTS_SOFTMETAL_MSL_RUNTIME_H_

#include <stddef.h>
#include <stdint.h>

#define SOFT_LANES 32       // of a simdgroup
#define SOFT_LANE_BYTES 16  // that one lane hands to the others at once

struct soft_runtime_t {
  // threadgroup_barrier.
  void (*barrier)(void);
  // Every active lane of the simdgroup hands in |bytes| bytes. Returns which
  // lanes did; |*out_all| is SOFT_LANES slots of SOFT_LANE_BYTES.
  uint32_t (*exchange)(const void* value, size_t bytes, const char** out_all,
                       int* out_lane);
  // Notes a variable of the threadgroup, once, and poisons it.
  void (*threadgroup_variable)(void* data, size_t bytes);
  // The byte that reading an inactive lane gives.
  int inactive_byte;
  // The calling thread's lane of its simdgroup.
  int (*lane)(void);
  // The grid ends with |problem|, a literal.
  void (*complain)(const char* problem);
};

// What a kernel may ask for with [[attributes]].
struct soft_place_t {
  unsigned thread_position_in_grid[3];
  unsigned thread_position_in_threadgroup[3];
  unsigned threadgroup_position_in_grid[3];
  unsigned threads_per_grid[3];
  unsigned threads_per_threadgroup[3];
  unsigned threadgroups_per_grid[3];
  unsigned thread_index_in_simdgroup;
  unsigned simdgroup_index_in_threadgroup;
  unsigned thread_index_in_threadgroup;
  unsigned simdgroups_per_threadgroup;
  unsigned threads_per_simdgroup;
};

#endif  // PT2_TESTS_SOFTMETAL_MSL_RUNTIME_H_
