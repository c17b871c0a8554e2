// SPDX-License-Identifier: Apache-2.0
#include "shim/op_need.h"

#include <stddef.h>
#include <string.h>

// Written by constructors only, which run one after the other.
static pt2__op_need_t* needs;

void pt2__op_need_register(pt2__op_need_t* need) {
  need->next = needs;
  needs = need;
}

const char* pt2__op_need_missing(const char* op) {
  for (const pt2__op_need_t* need = needs; need != NULL; need = need->next) {
    size_t length = strlen(need->op);
    if (strncmp(op, need->op, length) == 0 &&
        (op[length] == '\0' || strcmp(op + length, ".default") == 0)) {
      return need->missing();
    }
  }
  return NULL;
}
