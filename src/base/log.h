// SPDX-License-Identifier: Apache-2.0
//
// Messages to the callback of pt2_log_set_callback.
#ifndef PT2_SRC_BASE_LOG_H_
#define PT2_SRC_BASE_LOG_H_

#include <stdbool.h>

#include "pt2/log.h"

// False if nobody listens; for callers whose message is work to make.
bool pt2__log_enabled(void);

// Sends |text| as it is.
void pt2__log_text(int32_t level, const char* text);

// Sends a printf-style message, cut at 1024 bytes.
void pt2__log(int32_t level, const char* format, ...) PT2_PRINTF(2, 3);

#endif  // PT2_SRC_BASE_LOG_H_
