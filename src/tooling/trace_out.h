// SPDX-License-Identifier: Apache-2.0
//
// --trace and --operators: what the runs consisted of.
#ifndef PT2_SRC_TOOLING_TRACE_OUT_H_
#define PT2_SRC_TOOLING_TRACE_OUT_H_

#include <jansson.h>

#include "tooling/cli.h"
#include "tooling/print.h"

#define PT2__OPTION_TRACE                                  \
  {                                                        \
    "trace", 0, "FILE",                                    \
        "write what ran when to FILE, for Perfetto\n"      \
        "(ui.perfetto.dev) or chrome://tracing; tracing\n" \
        "makes each operator some 0.1 us slower"           \
  }

// The trace that --trace or --operators asks for; NULL without them.
int pt2__trace_make(const pt2__args_t* args, pt2_trace_t** out_trace);
// Writes the file of --trace, and a note if records were dropped.
int pt2__trace_finish(const pt2__args_t* args, pt2_trace_t* trace);

// What the runs of a trace were spent on, by name, the largest part first.
typedef struct {
  pt2_trace_counter_t* rows;
  size_t count;
  uint64_t runs;
  int64_t all_ns;  // the sum of |self_ns|
} pt2__operators_t;
int pt2__operators_read(pt2_trace_t* trace, pt2__operators_t* out_operators);
void pt2__operators_free(pt2__operators_t* operators);

// Seven columns: those after the first are numbers.
void pt2__operators_table(const pt2__operators_t* operators,
                          pt2__table_t* table);
json_t* pt2__operators_json(const pt2__operators_t* operators);

#endif  // PT2_SRC_TOOLING_TRACE_OUT_H_
