// SPDX-License-Identifier: Apache-2.0
//
// A model's constants: its parameters, buffers and other tensors that it
// carries. They can be read, replaced one by one or all together, and replaced
// under traffic: a runner has two constant buffers, the active one that runs
// use and an inactive one that is filled meanwhile; a swap exchanges them.
//
// Names are those of the state dict (FQN, "a.weight"); the model's internal
// names ("a_weight") are taken too.
//
// Threads: every function here may be called while other threads run the model.
// What changes the active buffer waits until the runs that have begun are over
// and lets none begin meanwhile, so that each run sees one version of all
// constants. One change at a time: further callers wait. A single-threaded
// runner has no such protection.
#ifndef PT2_CONSTANTS_H_
#define PT2_CONSTANTS_H_

#include <stdbool.h>
#include <stddef.h>

#include "pt2/runner.h"

#if defined(__cplusplus)
extern "C" {
#endif

// One constant to be set. Both are borrowed.
typedef struct pt2_named_tensor_t {
  const char* name;
  pt2_tensor_t* tensor;
} pt2_named_tensor_t;

// Options of an update; start from pt2_constants_options_init.
typedef struct pt2_constants_options_t {
  size_t struct_bytes;
  // The inactive buffer; false: the active one.
  bool use_inactive;
  // Refuse an update that leaves out a parameter. Buffers and tensors that
  // tracing made may be left out: in the inactive buffer they are then those
  // of the active one.
  bool check_full_update;
  // Use the caller's memory, without a copy. It must not change or go while the
  // buffer holds it; the tensors are retained until they are replaced.
  bool user_managed;
} pt2_constants_options_t;

// Sets the options to their defaults. The second form takes the size of the
// caller's struct, for callers in other languages.
PT2_API void pt2_constants_options_init_sized(pt2_constants_options_t* options,
                                              size_t struct_bytes);
static inline void pt2_constants_options_init(
    pt2_constants_options_t* options) {
  pt2_constants_options_init_sized(options, sizeof(*options));
}

// The model's constants in its own order. An index that constants are folded
// into (computed at load) has kind 4.
//
// Ownership: strings and sizes in |*out_info| are borrowed from the runner;
//            |sizes| is NULL and |rank| -1 where the package does not tell.
PT2_API size_t pt2_runner_constant_count(const pt2_runner_t* runner);
PT2_API PT2_MUST_USE pt2_status_t pt2_runner_constant_info(
    const pt2_runner_t* runner, size_t index, pt2_constant_info_t* out_info);

// Replaces constants (torch: load_constants, update_constant_buffer,
// update_inactive_constant_buffer). All are checked before anything is touched:
// a failed update leaves the old constants in force. Folded constants are
// computed anew at the next run, or by pt2_runner_fold_constants.
//
// |options| may be NULL.
//
// Errors: NOT_FOUND         a name that the model does not have
//         INVALID_ARGUMENT  a name twice, a wrong dtype, shape, device or (user
//                           managed) strides; a parameter left out
//         UNSUPPORTED       a model older than torch 2.8 that has its constants
//                           already: they can be given once
//         MODEL_ERROR, OUT_OF_MEMORY
PT2_API PT2_MUST_USE pt2_status_t pt2_runner_update_constants(
    pt2_runner_t* runner, const pt2_named_tensor_t* constants, size_t count,
    const pt2_constants_options_t* options);

// Exchanges the active and the inactive buffer, between two runs.
//
// Errors: FAILED_PRECONDITION  the inactive buffer lacks a constant, by name
PT2_API PT2_MUST_USE pt2_status_t
pt2_runner_swap_constants(pt2_runner_t* runner);

// Computes the folded constants of a buffer now instead of at the next run.
//
// Errors: FAILED_PRECONDITION  the buffer lacks a constant, by name
//         MODEL_ERROR
PT2_API PT2_MUST_USE pt2_status_t
pt2_runner_fold_constants(pt2_runner_t* runner, bool use_inactive);

// Gives the memory of the inactive buffer back; it must be filled anew before
// the next swap.
//
// Errors: UNSUPPORTED  a model older than torch 2.8
PT2_API PT2_MUST_USE pt2_status_t
pt2_runner_free_inactive_constants(pt2_runner_t* runner);

// The tensor of one constant in a buffer, without a copy.
//
// Ownership: the caller owns |*out_tensor|, which keeps the constant's memory
//            as it is, and the runner if the memory is the model's or the
//            package's; a later update puts another tensor in its place. It may
//            not be written to.
// Errors:    NOT_FOUND            no such name
//            FAILED_PRECONDITION  the buffer does not hold it
//            UNSUPPORTED          a model older than torch 2.8 whose constant
//                                 was not set by an update
PT2_API PT2_MUST_USE pt2_status_t
pt2_runner_extract_constant(pt2_runner_t* runner, const char* name,
                            bool use_inactive, pt2_tensor_t** out_tensor);

#if defined(__cplusplus)
}
#endif

#endif  // PT2_CONSTANTS_H_
