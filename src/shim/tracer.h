// SPDX-License-Identifier: Apache-2.0
//
// Traced runners: their models are bound to functions that note what goes on
// around the real ones.
#ifndef PT2_SRC_SHIM_TRACER_H_
#define PT2_SRC_SHIM_TRACER_H_

#include "shim/proxy_executor.h"
#include "trace/trace.h"

// A runner as its trace sees it. The loader hands it to the functions below
// (pt2__library_options_t, |tracer|).
typedef struct pt2__tracer_t pt2__tracer_t;

// |device| must outlive it, |trace| is retained.
//
// Errors: OUT_OF_MEMORY
PT2_MUST_USE pt2_status_t pt2__tracer_create(pt2_trace_t* trace,
                                             const char* device,
                                             pt2__tracer_t** out_tracer);
// NULL is allowed.
void pt2__tracer_destroy(pt2__tracer_t* tracer);

// As pt2__shim_resolve, but an operator's address is that of a function that
// traces it.
void* pt2__tracer_resolve(pt2__tracer_t* tracer, const char* symbol);
// Fails if one of the addresses had no memory for its name.
//
// Errors: OUT_OF_MEMORY
PT2_MUST_USE pt2_status_t pt2__tracer_check(const pt2__tracer_t* tracer);

pt2_trace_t* pt2__tracer_peek_trace(const pt2__tracer_t* tracer);
// The number of the runner in its trace.
uint32_t pt2__tracer_runner(const pt2__tracer_t* tracer);
// That of the model whose code runs on this thread; NULL if it is not traced.
pt2__tracer_t* pt2__tracer_current(void);

#endif  // PT2_SRC_SHIM_TRACER_H_
