// SPDX-License-Identifier: Apache-2.0
//
// The registry of custom operators (pt2/op.h).
#ifndef PT2_SRC_SHIM_OP_REGISTRY_H_
#define PT2_SRC_SHIM_OP_REGISTRY_H_

#include <stdbool.h>

#include "pt2/op.h"

// Finds an operator by its qualified name; "ns::op" and "ns::op.default" are
// the same. False if there is none. Any thread.
bool pt2__op_lookup(const char* qualified_name, pt2_op_fn* out_function,
                    void** out_user);

// The function alone, NULL if there is no such operator: for who only asks.
pt2_op_fn pt2__op_find(const char* qualified_name);

#endif  // PT2_SRC_SHIM_OP_REGISTRY_H_
