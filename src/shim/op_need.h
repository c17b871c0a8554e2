// SPDX-License-Identifier: Apache-2.0
//
// Operators that need a library which may not be installed: preflight asks
// here, so that a model is refused by the operator's name before it runs.
#ifndef PT2_SRC_SHIM_OP_NEED_H_
#define PT2_SRC_SHIM_OP_NEED_H_

// One operator's need; static, registered before main.
typedef struct pt2__op_need_t {
  const char* op;  // "aten::geqrf"
  // NULL if what it needs is here, otherwise a sentence's end: "needs OpenBLAS,
  // which is not installed …". Any thread.
  const char* (*missing)(void);
  struct pt2__op_need_t* next;
} pt2__op_need_t;

void pt2__op_need_register(pt2__op_need_t* need);

// What the operator |op| ("aten::geqrf", with or without ".default") lacks, or
// NULL.
const char* pt2__op_need_missing(const char* op);

#endif  // PT2_SRC_SHIM_OP_NEED_H_
