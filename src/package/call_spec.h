// SPDX-License-Identifier: Apache-2.0
#ifndef PT2_SRC_PACKAGE_CALL_SPEC_H_
#define PT2_SRC_PACKAGE_CALL_SPEC_H_

#include <stdbool.h>

#include "package/arena.h"
#include "pt2/call_spec.h"

struct pt2_call_spec_t {
  pt2__arena_t arena;  // the texts
  bool is_inputs;
  pt2_spec_node_t* nodes;
  size_t node_count;
  size_t* leaves;  // their nodes
  size_t leaf_count;
};

// pt2_call_spec_parse inside a call that has begun already.
PT2_MUST_USE pt2_status_t pt2__call_spec_parse(const char* json, int32_t what,
                                               pt2_call_spec_t** out_spec);

bool pt2__spec_kind_is_dict(int32_t kind);

#endif  // PT2_SRC_PACKAGE_CALL_SPEC_H_
