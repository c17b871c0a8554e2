// SPDX-License-Identifier: Apache-2.0
#ifndef PT2_SRC_RUNNER_PREFLIGHT_H_
#define PT2_SRC_RUNNER_PREFLIGHT_H_

#include <stdbool.h>

#include "pt2/package.h"

// OK if |model| of |package| can run here; otherwise the status of the first
// error that preflight finds and a message that names all that is missing.
// |constants_later|: missing weights are no error.
PT2_MUST_USE pt2_status_t pt2__preflight_require(pt2_package_t* package,
                                                 size_t model,
                                                 bool constants_later);

#endif  // PT2_SRC_RUNNER_PREFLIGHT_H_
