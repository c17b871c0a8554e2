// SPDX-License-Identifier: Apache-2.0
//
// A software Metal device: Metal source is compiled as C++ by g++ and its grids
// run on the CPU, threads of a threadgroup as fibers in simdgroups of 32.
//
// Stricter than a GPU: the order of threads and threadgroups is shuffled by a
// seed, memory of a threadgroup and fresh buffers are poisoned, what lies
// beside a buffer is watched, a threadgroup has 32 KB, barriers that not all
// threads reach are errors.
#ifndef PT2_TESTS_SOFTMETAL_SOFT_H_
#define PT2_TESTS_SOFTMETAL_SOFT_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SOFT_ARGUMENT_COUNT 31

typedef struct soft_library_t soft_library_t;
typedef struct soft_kernel_t soft_kernel_t;

// Both return NULL and fill in |error|.
soft_library_t* soft_library_create(const char* source, char* error,
                                    size_t error_bytes);
soft_kernel_t* soft_library_kernel(soft_library_t* library, const char* name,
                                   char* error, size_t error_bytes);
// Its kernels go with it.
void soft_library_destroy(soft_library_t* library);

const char* soft_kernel_name(const soft_kernel_t* kernel);
size_t soft_kernel_max_threads(const soft_kernel_t* kernel);

// Whether shaders may use matrices of simdgroups; others do not compile.
bool soft_has_simdgroup_matrix(void);
void soft_set_simdgroup_matrix(bool has);

// control.h's set_fault, and whether this time is the one.
void soft_set_fault(int what, int nth);
bool soft_is_to_fail(int what);

// No faults, matrices as at first.
void soft_reset(void);

// How many grids of kernels of that name were run.
uint64_t soft_kernel_runs(const char* name);

// The order of everything that follows; 0: as it comes.
void soft_set_seed(uint64_t seed);

// Runs a grid. False, with |error|, if it cannot be.
bool soft_dispatch(soft_kernel_t* kernel,
                   void* const arguments[SOFT_ARGUMENT_COUNT],
                   const size_t threads[3], const size_t group[3], char* error,
                   size_t error_bytes);

// Memory of a device: filled with NaNs, with watched bytes on both sides.
void* soft_memory_create(size_t bytes);
// The memory, made with |capacity| and in use with |bytes| so far, is used anew
// with |fresh_bytes|; false if somebody wrote beside it.
bool soft_memory_renew(void* memory, size_t capacity, size_t bytes,
                       size_t fresh_bytes);
// False if somebody wrote beside it.
bool soft_memory_intact(const void* memory, size_t bytes);
// Poisoned before it goes.
void soft_memory_destroy(void* memory, size_t bytes);

// ---- Between the files of the device ----------------------------------------

struct soft_place_t;
typedef void (*soft_entry_t)(void* const* arguments,
                             const struct soft_place_t* place);

#define SOFT_VARIABLE_COUNT 32

struct soft_kernel_t {
  char name[128];
  soft_entry_t entry;
  size_t max_threads;
  unsigned argument_count;
  uint32_t argument_mask;  // which of them the kernel has
  bool in_step;            // its threads wait for one another
  struct {
    void* data;
    size_t bytes;
  } variables[SOFT_VARIABLE_COUNT];  // of its threadgroups
  size_t variable_count;
  size_t variable_bytes;
};

extern const struct soft_runtime_t soft_runtime;

#endif  // PT2_TESTS_SOFTMETAL_SOFT_H_
