// SPDX-License-Identifier: Apache-2.0
//
// What tests tell the plug-in, beside its back end: found with dlsym.
#ifndef PT2_TESTS_SOFTMETAL_CONTROL_H_
#define PT2_TESTS_SOFTMETAL_CONTROL_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// What can be made to fail.
enum {
  SOFTMETAL_FAIL_OPEN,
  SOFTMETAL_FAIL_BUFFER,
  SOFTMETAL_FAIL_LIBRARY,
  SOFTMETAL_FAIL_COMMANDS,
  SOFTMETAL_FAIL_FINISH,
  SOFTMETAL_FAIL_COUNT
};

typedef struct {
  // The order of threads and threadgroups from now on.
  void (*set_seed)(uint64_t seed);
  // The |nth| from now fails; 0: none; negative: that one and all after it.
  void (*set_fault)(int what, int nth);
  // Gives back all that the back end keeps and the device; returns how many
  // objects of it are left, -1 if memory beside a buffer was written to. Once
  // nothing of the back end is in use.
  long (*close)(void);
  // Dispatches, command buffers and waits so far.
  void (*counts)(uint64_t out_counts[3]);
  // Shader libraries compiled so far.
  uint64_t (*compiled)(void);
  // How the last library was compiled: MTLCompileOptions' languageVersion,
  // mathMode, mathFloatingPointFunctions and fastMathEnabled; -1: not set.
  void (*options)(long out_options[4]);
  // Whether the device has matrices of simdgroups: from the next time on that
  // it is opened. (It has, unless SOFTMETAL_NO_SIMDGROUP_MATRIX is set.)
  void (*set_simdgroup_matrix)(bool has);
  // How often kernels of that name were run.
  uint64_t (*kernel_runs)(const char* name);
  // How many freed bytes are kept; SIZE_MAX: as many as usually.
  void (*set_kept_most)(size_t bytes);
  // Faults, matrices and how much is kept as they were at first: at the end of
  // each test, however it ended.
  void (*reset)(void);
  // Whether the device knows when memory is used anew.
  bool (*poisons_what_is_reused)(void);
} softmetal_control_t;

typedef const softmetal_control_t* (*softmetal_control_fn)(void);

// The device's part: in the plug-in, or in the library that it opens.
typedef struct {
  void (*set_seed)(uint64_t seed);
  void (*set_fault)(int what, int nth);
  long (*live)(void);
  void (*options)(long out_options[4]);
  void (*set_simdgroup_matrix)(bool has);
  uint64_t (*kernel_runs)(const char* name);
  void (*reset)(void);
  bool poisons_what_is_reused;
} softmetal_device_t;
const softmetal_device_t* softmetal_find_device(void);

#endif  // PT2_TESTS_SOFTMETAL_CONTROL_H_
