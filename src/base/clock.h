// SPDX-License-Identifier: Apache-2.0
#ifndef PT2_SRC_BASE_CLOCK_H_
#define PT2_SRC_BASE_CLOCK_H_

#include <stdint.h>

// Nanoseconds of CLOCK_MONOTONIC.
int64_t pt2__clock_now_ns(void);

#endif  // PT2_SRC_BASE_CLOCK_H_
