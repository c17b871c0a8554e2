// SPDX-License-Identifier: Apache-2.0
//
// The check that throws.
#include "loader/model_cxx.h"
#include "shim/shim.h"

// The one shim that throws: the model's code relies on not coming back, and its
// entry points catch.
void aoti_torch_check(bool cond, const char* func, const char* file,
                      uint32_t line, const char* msg) {
  if (!cond) {
    const char* text = msg != NULL ? msg : "a check failed";
    (void)pt2__fail(PT2_STATUS_MODEL_ERROR, "%s (%s, %s:%u)", text,
                    func != NULL ? func : "?", file != NULL ? file : "?", line);
    pt2__throw_runtime_error(text);
  }
}
