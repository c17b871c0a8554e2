// SPDX-License-Identifier: Apache-2.0
//
// Traces: when which operator of a model ran and how long it took, to look at
// (Chrome's trace format, which Perfetto and chrome://tracing read) and as
// counters. A runner is traced if its options name a trace
// (pt2_runner_options_t, pt2/runner.h); one that is not pays nothing.
#ifndef PT2_TRACE_H_
#define PT2_TRACE_H_

#include <stddef.h>
#include <stdint.h>

#include "pt2/status.h"

#if defined(__cplusplus)
extern "C" {
#endif

// What a record is of.
enum {
  PT2_TRACE_LOAD = 0,
  PT2_TRACE_RUN = 1,     // with its checks and its wait for an instance
  PT2_TRACE_UPDATE = 2,  // of constants, as PT2_EVENT_UPDATE_BEGIN
  PT2_TRACE_SWAP = 3,
  PT2_TRACE_FOLD = 4,
  // What the model calls: ATen's operators ("aten::addmm_out"), custom ones,
  // copies of whole tensors.
  PT2_TRACE_OPERATOR = 5,
  // What the model itself reports, if it was compiled with
  // torch._inductor.config.cpp.enable_kernel_profile (tried with torch 2.15).
  // In other models its kernels are the gaps between operators.
  PT2_TRACE_KERNEL = 6,
};
#define PT2_TRACE_KIND_COUNT 7

// "load", "run", …: the category of a record's kind. Static; NULL if there is
// no such kind.
PT2_API const char* pt2_trace_kind_name(int32_t kind);

// Records of the runners that were created with it.
//
// Threads: any, also while its runners are used. Reading is not held up by
//          runs, nor runs by reading.
typedef struct pt2_trace_t pt2_trace_t;

// Options of a trace; start from pt2_trace_options_init.
typedef struct pt2_trace_options_t {
  size_t struct_bytes;
  // The most memory for records, at least 65536. A record takes 56 bytes, 8 + 8
  // * rank for each tensor and up to 256 for an error. The first ones are kept,
  // those that come when it is full are dropped and counted. Default: 64 MiB.
  // Names with their counters come on top, some 600 bytes each.
  size_t limit_bytes;
} pt2_trace_options_t;

// Sets the options to their defaults. The second form takes the size of the
// caller's struct, for callers in other languages.
PT2_API void pt2_trace_options_init_sized(pt2_trace_options_t* options,
                                          size_t struct_bytes);
static inline void pt2_trace_options_init(pt2_trace_options_t* options) {
  pt2_trace_options_init_sized(options, sizeof(*options));
}

// Creates an empty trace. |options| may be NULL.
//
// Ownership: the caller's (pt2_trace_release); runners that write to it retain
//            it.
// Errors:    INVALID_ARGUMENT  NULL, limit_bytes is too small
//            OUT_OF_MEMORY
PT2_API PT2_MUST_USE pt2_status_t
pt2_trace_create(const pt2_trace_options_t* options, pt2_trace_t** out_trace);

// One more owner of |trace|. NULL is allowed.
//
// Threads: any.
PT2_API void pt2_trace_retain(pt2_trace_t* trace);
// One owner less; the last one frees it with its records. NULL is allowed.
//
// Threads: any.
PT2_API void pt2_trace_release(pt2_trace_t* trace);

// What a trace holds.
typedef struct pt2_trace_statistics_t {
  size_t struct_bytes;  // sizeof(pt2_trace_statistics_t)
  uint64_t record_count;
  // Records that found no memory. Counters count them all the same, unless what
  // was missing was the memory for their name.
  uint64_t dropped_count;
  size_t held_bytes;  // by records and names
} pt2_trace_statistics_t;

// Fills the fields that |statistics->struct_bytes| covers; the caller sets it.
//
// Errors: INVALID_ARGUMENT  NULL, or struct_bytes is too small
PT2_API PT2_MUST_USE pt2_status_t
pt2_trace_statistics(pt2_trace_t* trace, pt2_trace_statistics_t* statistics);

// Drops all records and forgets how many were dropped; counters stay. Waits
// for pt2_trace_write.
PT2_API void pt2_trace_clear(pt2_trace_t* trace);

// ---- Counters ---------------------------------------------------------------

// All calls of one name, of all runners and threads, since the trace was
// created or its counters were reset.
typedef struct pt2_trace_counter_t {
  size_t struct_bytes;
  const char* name;  // the trace's, as long as that lives
  int32_t kind;      // PT2_TRACE_*
  uint64_t calls;
  uint64_t failures;  // of these
  int64_t total_ns;
  // Without what is recorded inside of them. For runs: the model's own kernels
  // and its checks, without the wait for an instance.
  int64_t self_ns;
  int64_t largest_ns;
} pt2_trace_counter_t;

// The names seen so far, in the order of their coming, and the counter of one.
// A runner's operators have theirs from its creation on. Names stay; of calls
// that end meanwhile some fields may be counted and others not yet.
//
// Errors: INVALID_ARGUMENT  NULL, index is too large, struct_bytes is too small
PT2_API size_t pt2_trace_counter_count(pt2_trace_t* trace);
PT2_API PT2_MUST_USE pt2_status_t pt2_trace_counter(
    pt2_trace_t* trace, size_t index, pt2_trace_counter_t* counter);
PT2_API void pt2_trace_reset_counters(pt2_trace_t* trace);

// ---- Output -----------------------------------------------------------------

// Takes the next |size_bytes| of the text. A status other than OK ends it.
typedef pt2_status_t (*pt2_trace_write_fn)(void* user, const char* data,
                                           size_t size_bytes);

// Writes what is recorded by now as JSON: an object with "traceEvents", one
// complete event ("ph": "X") for each record, in no order. |ts| and |dur| are
// in microseconds, of CLOCK_MONOTONIC; |tid| is the system's. |args| has
// |runner| (a number by which the trace tells its runners apart), |tensors|
// (dtypes and sizes of arguments, then of results, "f32 [8, 16]"), |status| and
// |error| of what failed, and |waited_us| of a run.
//
// |write| may use the library, also run models that are traced here; not write
// or clear this trace.
//
// Errors: INVALID_ARGUMENT (NULL), that of |write|
PT2_API PT2_MUST_USE pt2_status_t pt2_trace_write(pt2_trace_t* trace,
                                                  pt2_trace_write_fn write,
                                                  void* user);

// The same to a file. What was there is replaced; after a failure the file is
// not whole.
//
// Errors: INVALID_ARGUMENT (NULL), IO
PT2_API PT2_MUST_USE pt2_status_t pt2_trace_save(pt2_trace_t* trace,
                                                 const char* path);

#if defined(__cplusplus)
}
#endif

#endif  // PT2_TRACE_H_
