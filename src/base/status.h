// SPDX-License-Identifier: Apache-2.0
//
// The error record of a thread, as the library itself writes it.
#ifndef PT2_SRC_BASE_STATUS_H_
#define PT2_SRC_BASE_STATUS_H_

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

#include "pt2/status.h"

// Longest message kept, terminator included; longer ones are cut.
#define PT2__MESSAGE_BYTES 1024

// Records a failure and returns |status|. The first failure after
// pt2__error_begin wins: what follows it is its echo on the way out.
pt2_status_t pt2__fail(pt2_status_t status, const char* format, ...)
    PT2_PRINTF(2, 3);
pt2_status_t pt2__fail_v(pt2_status_t status, const char* format, va_list args)
    PT2_PRINTF(2, 0);
#define PT2_FAIL(status, ...) pt2__fail((status), __VA_ARGS__)

// Puts "context: " before the recorded message; for callers that know the name
// of the thing that failed.
void pt2__error_prefix(const char* format, ...) PT2_PRINTF(1, 2);

// Called by public entries that return a status: forgets what an earlier call
// left.
void pt2__error_begin(void);

// True if a failure was recorded since pt2__error_begin.
bool pt2__error_pending(void);

// Failures of this thread so far, recorded or echoes. For callers of code that
// may drop what a callee told it.
uint64_t pt2__error_count(void);

// Propagates a failure.
#define PT2_TRY(expr)                       \
  do {                                      \
    pt2_status_t pt2_try_status_ = (expr);  \
    if (pt2_try_status_ != PT2_STATUS_OK) { \
      return pt2_try_status_;               \
    }                                       \
  } while (0)

#endif  // PT2_SRC_BASE_STATUS_H_
