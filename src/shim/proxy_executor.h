// SPDX-License-Identifier: Apache-2.0
//
// The proxy executor: runs the nodes of a model that are no function of the C
// ABI. The JSON file beside the model's .so says what each node is.
#ifndef PT2_SRC_SHIM_PROXY_EXECUTOR_H_
#define PT2_SRC_SHIM_PROXY_EXECUTOR_H_

#include <stddef.h>

#include "pt2/status.h"

typedef struct pt2__proxy_executor_t pt2__proxy_executor_t;

// Parses the extern nodes and looks their operators up. A node that cannot be
// run (an unknown operator, a kind of argument that only C++ has) is no error
// here but when it is called.
//
// Errors: CORRUPT, OUT_OF_MEMORY
PT2_MUST_USE pt2_status_t
pt2__proxy_executor_create(const char* extern_nodes_json, size_t bytes,
                           pt2__proxy_executor_t** out_executor);

// NULL is allowed. Not while a call runs.
void pt2__proxy_executor_destroy(pt2__proxy_executor_t* executor);

// For preflight: what the nodes are, and why one cannot be run (NULL if it
// can). |node| must be in range; strings live as long as the executor.
size_t pt2__proxy_executor_node_count(const pt2__proxy_executor_t* executor);
const char* pt2__proxy_executor_peek_target(
    const pt2__proxy_executor_t* executor, size_t node);
const char* pt2__proxy_executor_peek_problem(
    const pt2__proxy_executor_t* executor, size_t node);

#endif  // PT2_SRC_SHIM_PROXY_EXECUTOR_H_
