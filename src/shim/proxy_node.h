// SPDX-License-Identifier: Apache-2.0
//
// A node of the proxy executor, between the file that parses it and the one
// that runs it.
#ifndef PT2_SRC_SHIM_PROXY_NODE_H_
#define PT2_SRC_SHIM_PROXY_NODE_H_

#include <jansson.h>
#include <stdbool.h>

#include "pt2/op.h"

// Where an argument's value comes from at a call.
typedef enum {
  PT2__FROM_NODE,          // from the JSON: |value| is complete
  PT2__FROM_TENSOR,        // the next tensor
  PT2__FROM_TENSORS,       // the next |value.count| tensors
  PT2__FROM_SOME_TENSORS,  // the same, but None where |present| says so
  PT2__FROM_INT,           // the next integer
  PT2__FROM_INTS,          // the next |value.count| integers
} pt2__proxy_source_t;

typedef struct {
  pt2__proxy_source_t source;
  pt2_value_t value;
  bool* present;  // of PT2__FROM_SOME_TENSORS
  void* owned;    // what |value| points to
} pt2__proxy_argument_t;

typedef struct {
  const char* target;  // "ns::op.overload"
  char* problem;       // why it cannot be run, NULL if it can
  pt2_op_fn function;  // NULL: not registered
  void* user;
  pt2__proxy_argument_t* arguments;
  size_t argument_count;
  size_t input_tensors;  // how many the call hands over
  size_t input_ints;
  size_t listed_tensors;  // entries of all PT2__FROM_SOME_TENSORS
  size_t output_tensors;
  size_t output_ints;
} pt2__proxy_node_t;

// Parses {"target", "inputs", "outputs", …}; strings are borrowed from |json|.
// |out_node| must be zero. Whatever was allocated before a failure is freed by
// pt2__proxy_node_free.
//
// Errors: CORRUPT, OUT_OF_MEMORY
PT2_MUST_USE pt2_status_t pt2__proxy_node_parse(const json_t* json,
                                                pt2__proxy_node_t* out_node);
void pt2__proxy_node_free(pt2__proxy_node_t* node);

#endif  // PT2_SRC_SHIM_PROXY_NODE_H_
