// SPDX-License-Identifier: Apache-2.0
//
// Where warnings and printed tensors go. The library itself prints nothing.
#ifndef PT2_LOG_H_
#define PT2_LOG_H_

#include "pt2/status.h"

#if defined(__cplusplus)
extern "C" {
#endif

// How much a message matters.
enum {
  PT2_LOG_DEBUG = 0,
  PT2_LOG_INFO = 1,
  PT2_LOG_WARNING = 2,
};

// Receives one message, which may have several lines; |text| is borrowed for
// the call.
//
// Threads: called by whichever thread has something to say, several at once.
typedef void (*pt2_log_fn)(void* user, int32_t level, const char* text);

// Sets who receives messages, NULL for nobody, which is how it starts. Models
// warn (aoti_torch_warn) and those compiled with the debug printer print their
// tensors.
//
// Ownership: |user| must live until another callback is set and the calls of
//            this one have returned.
// Threads:   any, but not while a model runs that may warn.
PT2_API void pt2_log_set_callback(pt2_log_fn callback, void* user);

#if defined(__cplusplus)
}
#endif

#endif  // PT2_LOG_H_
