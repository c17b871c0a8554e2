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
#include "pt2/weights.h"

#if defined(__cplusplus)
extern "C" {
#endif

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
//         UNSUPPORTED       a model older than torch 2.8: the first filling of
//         one
//                           that came without weights goes to the active buffer
//                           only, with all of them, copied; and one that has
//                           folded constants cannot have others later, since
//                           its container computes those once
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
// Errors: MODEL_ERROR, OUT_OF_MEMORY
PT2_API PT2_MUST_USE pt2_status_t
pt2_runner_free_inactive_constants(pt2_runner_t* runner);

// The tensor of one constant in a buffer, without a copy: what lies in the
// container's own memory (small constants that the package came with) moves to
// memory of the library first, for which runs are waited for.
//
// Ownership: the caller owns |*out_tensor|, which keeps the constant's memory
//            as it is, also when the runner is gone: a later update puts
//            another tensor in its place. It may not be written to.
// Errors:    NOT_FOUND            no such name
//            FAILED_PRECONDITION  the buffer does not hold it
//            UNSUPPORTED          a model older than torch 2.8 whose constants
//                                 cannot be told (see update)
PT2_API PT2_MUST_USE pt2_status_t
pt2_runner_extract_constant(pt2_runner_t* runner, const char* name,
                            bool use_inactive, pt2_tensor_t** out_tensor);

// ---- Files of weights ------------------------------------------------------

// What a file of weights is.
enum {
  // Told by the file: torch.save's by its first bytes, .safetensors by its name
  // or first bytes, a blob by its name (.blob, .bin).
  PT2_WEIGHTS_FORMAT_AUTO = 0,
  PT2_WEIGHTS_FORMAT_SAFETENSORS = 1,
  PT2_WEIGHTS_FORMAT_TORCH = 2,
  // What package_constants_on_disk_format="binary_blob" writes beside a model:
  // the storage of each constant in the model's order, without names, each
  // padded to 64 bytes.
  PT2_WEIGHTS_FORMAT_BLOB = 3,
};

// Options of loading a file; start from pt2_load_options_init.
typedef struct pt2_load_options_t {
  size_t struct_bytes;
  int32_t format;  // PT2_WEIGHTS_FORMAT_*
  // As in pt2_constants_options_t.
  bool use_inactive;
  bool check_full_update;
  // Copy all tensors; the file may change afterwards.
  bool copy;
  // Leave out what the model does not have. Otherwise it is refused: a tensor
  // that the compiler wrote into the code (small ones it does) would seem to be
  // loaded and change nothing.
  bool ignore_unknown;
} pt2_load_options_t;

// Sets the options to their defaults. The second form takes the size of the
// caller's struct, for callers in other languages.
PT2_API void pt2_load_options_init_sized(pt2_load_options_t* options,
                                         size_t struct_bytes);
static inline void pt2_load_options_init(pt2_load_options_t* options) {
  pt2_load_options_init_sized(options, sizeof(*options));
}

// Loads constants by FQN from a file. Tensors are used where they lie in the
// mapped file, so that processes share them and none is read before it is used,
// if they lie as the model's code wants them (its strides, whole elements) and
// the model writes to none of its constants; the others are copied. The file
// must not change while the buffer holds them.
//
// |options| may be NULL.
//
// Errors: those of pt2_weights_open and pt2_runner_update_constants; a blob
//         whose size is not that of the model's constants is CORRUPT. The old
//         constants stay in force.
PT2_API PT2_MUST_USE pt2_status_t pt2_runner_load_constants(
    pt2_runner_t* runner, const char* path, const pt2_load_options_t* options);

// The same from an open file; options->format is not looked at.
PT2_API PT2_MUST_USE pt2_status_t
pt2_runner_load_weights(pt2_runner_t* runner, const pt2_weights_t* weights,
                        const pt2_load_options_t* options);

// ---- Sharing ---------------------------------------------------------------

// Told once for each constant of the second runner that is not shared. Both
// texts are borrowed for the call.
typedef void (*pt2_not_shared_fn)(void* user, const char* fqn,
                                  const char* reason);

// Options of sharing; start from pt2_share_options_init.
typedef struct pt2_share_options_t {
  size_t struct_bytes;
  bool use_inactive;  // of |to|; |from|'s active buffer is always meant
  // Fail, naming them, unless all constants of |to| are shared.
  bool require_all;
  pt2_not_shared_fn not_shared;  // may be NULL
  void* user;
} pt2_share_options_t;

// Sets the options to their defaults. The second form takes the size of the
// caller's struct, for callers in other languages.
PT2_API void pt2_share_options_init_sized(pt2_share_options_t* options,
                                          size_t struct_bytes);
static inline void pt2_share_options_init(pt2_share_options_t* options) {
  pt2_share_options_init_sized(options, sizeof(*options));
}

// Makes |to| use the constants of |from|, in the same memory and with the same
// packed forms: two models of one network, as prefill and decode. Shared are
// those whose FQN, dtype, sizes and strides are the same. A later update of
// either changes that one only. The memory lives until both let go of it; the
// runners do not keep each other.
//
// |out_shared_count| may be NULL. |options| may be NULL.
//
// Errors: FAILED_PRECONDITION  require_all, and some are not shared
//         INVALID_ARGUMENT     |to| is |from|
//         UNSUPPORTED, MODEL_ERROR, OUT_OF_MEMORY; |to| is as it was
PT2_API PT2_MUST_USE pt2_status_t pt2_runner_share_constants(
    pt2_runner_t* to, pt2_runner_t* from, const pt2_share_options_t* options,
    size_t* out_shared_count);

#if defined(__cplusplus)
}
#endif

#endif  // PT2_CONSTANTS_H_
