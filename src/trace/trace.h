// SPDX-License-Identifier: Apache-2.0
//
// What writes to a trace. Nothing here fails: what finds no memory is dropped
// and counted, and the thread's error record is left alone.
#ifndef PT2_SRC_TRACE_TRACE_H_
#define PT2_SRC_TRACE_TRACE_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pt2/tensor.h"
#include "pt2/trace.h"

// A name with its counters; lives as long as its trace.
typedef struct pt2__trace_name_t pt2__trace_name_t;

// The entry of |name| (copied), made if need be; NULL without memory for it.
pt2__trace_name_t* pt2__trace_name(pt2_trace_t* trace, int32_t kind,
                                   const char* name);

// A number that tells one runner of |trace| from others, from 1.
uint32_t pt2__trace_number_runner(pt2_trace_t* trace);

// ---- Tensors of a record ---------------------------------------------------

// Dtypes and sizes. What does not fit is only counted.
enum { PT2__TRACE_WORDS = 96 };
typedef struct {
  uint32_t count;
  uint32_t left_out;
  size_t word_count;
  int64_t words[PT2__TRACE_WORDS];
} pt2__trace_tensors_t;

// Appends |tensor|; NULL and undefined ones are passed over.
void pt2__trace_add_tensor(pt2__trace_tensors_t* tensors,
                           const pt2_tensor_t* tensor);

// ---- Records ---------------------------------------------------------------

// Something that goes on. Spans of a thread end in the reverse order of their
// beginnings, whichever traces they belong to; one that does not spoils only
// |self_ns|.
typedef struct {
  int64_t begin_ns;
  size_t depth;
} pt2__trace_span_t;

// What is known at the end.
typedef struct {
  uint32_t runner;
  pt2_status_t status;
  const char* error;  // NULL: none
  int64_t waited_ns;
  const pt2__trace_tensors_t* tensors;  // NULL: none
} pt2__trace_details_t;

void pt2__trace_begin(pt2__trace_span_t* span);

// |name| may be NULL, for which there was no memory.
void pt2__trace_end(pt2_trace_t* trace, const pt2__trace_span_t* span,
                    pt2__trace_name_t* name,
                    const pt2__trace_details_t* details);

// Counts something that could not even begin.
void pt2__trace_drop(pt2_trace_t* trace);

#endif  // PT2_SRC_TRACE_TRACE_H_
