// SPDX-License-Identifier: Apache-2.0
//
// What the files of a runner's constants share.
#ifndef PT2_SRC_RUNNER_CONSTANTS_STATE_H_
#define PT2_SRC_RUNNER_CONSTANTS_STATE_H_

#include <pthread.h>

#include "device/device.h"
#include "runner/constants.h"

typedef struct {
  pt2_constant_info_t info;
  int64_t offset;  // of the first element in its storage; -1 unknown
  bool folded;
  bool optional;  // an update may leave it out (torch's own rule)
  // What this library put into the two buffers; containers before torch 2.15
  // do not retain it.
  pt2_tensor_t* held[2];
  bool present[2];
  // That is only another handle of memory of the container's.
  bool foreign[2];
  // From torch 2.8 on: the handle that the container made of what it holds; a
  // reference of it is ours, and one the container's, should it ever delete it.
  pt2_tensor_t* made[2];
  // Before torch 2.8: the container's own handle, borrowed; NULL if unknown.
  pt2_tensor_t* handle;
} pt2__constant_t;

struct pt2__constants_t {
  pt2_runner_t* runner;
  pthread_mutex_t lock;  // one change at a time
  size_t count;
  pt2__constant_t* items;
  bool has_folded;
  int active;          // index of the active buffer
  atomic_bool usable;  // the active buffer holds all
  // What a buffer holds in place of memory that was given back.
  pt2_tensor_t* nothing;
  // Handles that the container made in updates that failed.
  pt2_tensor_t** stray;
  size_t stray_count;
};

// ---- constants.c -----------------------------------------------------------

// True if the buffer lacks nothing but folded constants.
bool pt2__constants_hold_all(const pt2__constants_t* constants, int buffer);

// The same of the active buffer, outside of a turn.
bool pt2__constants_are_filled(pt2__constants_t* constants);

// The index of the constant with this FQN or internal name.
//
// Errors: NOT_FOUND, INVALID_ARGUMENT (NULL)
PT2_MUST_USE pt2_status_t pt2__constants_find(const pt2__constants_t* constants,
                                              const char* name,
                                              size_t* out_index);

bool pt2__constants_have(const pt2__constants_t* constants, const char* name);

// A change of the constants: alone among changes, and where it touches the
// active buffer alone among runs too. The model's code runs inside.
typedef struct {
  bool alone;
  pt2__device_scope_t device;
  void* stream;
  pt2__library_scope_t scope;
} pt2__turn_t;

PT2_MUST_USE pt2_status_t pt2__turn_begin(pt2__constants_t* constants,
                                          bool alone, pt2__turn_t* out_turn);
void pt2__turn_end(pt2__constants_t* constants, const pt2__turn_t* turn);

// ---- constants_buffer.c: inside a turn -------------------------------------

// Tensors by constant; NULL for those that are not meant.
typedef struct {
  pt2_tensor_t** tensors;
  size_t count;
} pt2__plan_t;

PT2_MUST_USE pt2_status_t pt2__plan_make(size_t count, pt2__plan_t* out_plan);
void pt2__plan_free(pt2__plan_t* plan);

// The container takes tensors as they are (torch 2.8 and later).
bool pt2__container_takes_tensors(const pt2_runner_t* runner);

// Ends the life of a handle that the container made and uses no more.
void pt2__made_release(pt2_tensor_t* made);

// Fails, with the reason, if what the active buffer holds cannot be exchanged
// (torch 2.6 and 2.7 only).
PT2_MUST_USE pt2_status_t
pt2__constants_require_exchange(const pt2__constants_t* constants);

// Learns which handles of a container before torch 2.8 stand for which
// constants: those that it has made since notes were last dropped.
void pt2__constants_learn_handles(pt2__constants_t* constants,
                                  const pt2__plan_t* plan);

// Adds to |plan| aliases of what a buffer holds of the constants for which
// |wanted| is true.
PT2_MUST_USE pt2_status_t pt2__buffer_current(pt2__constants_t* constants,
                                              const bool* wanted,
                                              bool use_inactive,
                                              pt2__plan_t* plan);

// Puts |plan| into a buffer and remembers what it holds; |plan| then has what
// was there before.
PT2_MUST_USE pt2_status_t pt2__buffer_apply(pt2__constants_t* constants,
                                            pt2__plan_t* plan,
                                            bool use_inactive);

// The same after a change that failed half-way, with what pt2__buffer_current
// gave before it.
PT2_MUST_USE pt2_status_t pt2__buffer_restore(pt2__constants_t* constants,
                                              pt2__plan_t* before,
                                              bool use_inactive);

// After a failure that could not be undone: what the buffer holds of the plan's
// constants is not known.
void pt2__constants_give_up(pt2__constants_t* constants, bool use_inactive,
                            const pt2__plan_t* plan);

// True if the buffer holds the constant in memory of the container's.
bool pt2__buffer_is_foreign(const pt2__constants_t* constants, size_t index,
                            bool use_inactive);

// Gives the constants for which |wanted| is true a memory that lives as long as
// it is used by anyone, where it was the container's: in the package as it
// lies, else a copy. Needs a turn alone for the active buffer.
PT2_MUST_USE pt2_status_t pt2__buffer_adopt(pt2__constants_t* constants,
                                            const bool* wanted,
                                            bool use_inactive);

// Exchanges the two buffers; the inactive one holds all.
PT2_MUST_USE pt2_status_t pt2__buffer_swap(pt2__constants_t* constants);

// ---- constants_update.c ----------------------------------------------------

// Whose memory a buffer holds after an update.
enum {
  PT2__MEMORY_COPY = 0,  // a copy that lies as the model's code wants it
  PT2__MEMORY_GIVEN,     // the caller's; refused if it does not fit
  PT2__MEMORY_FITTING,   // the caller's where it fits, else a copy
};

typedef struct {
  bool use_inactive;
  bool check_full_update;
  int memory;
} pt2__update_t;

PT2_MUST_USE pt2_status_t pt2__constants_update(pt2__constants_t* constants,
                                                const pt2_named_tensor_t* given,
                                                size_t count,
                                                const pt2__update_t* update);

// Checks dtype, device, shape and, with |as_it_lies|, strides and that it is on
// the model's device; otherwise it may be on the host too.
PT2_MUST_USE pt2_status_t pt2__constant_check(const pt2_runner_t* runner,
                                              const pt2__constant_t* item,
                                              const pt2_tensor_t* tensor,
                                              bool as_it_lies);

#endif  // PT2_SRC_RUNNER_CONSTANTS_STATE_H_
