// SPDX-License-Identifier: Apache-2.0
//
// What a runner holds.
#include "base/status.h"
#include "base/struct_bytes.h"
#include "runner/constants.h"
#include "runner/runner_state.h"

pt2_status_t pt2_runner_statistics(pt2_runner_t* runner,
                                   pt2_runner_statistics_t* statistics) {
  pt2__error_begin();
  if (runner == NULL) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT, "runner is NULL");
  }
  pt2_runner_statistics_t all = {
      .struct_bytes = sizeof(all),
      .instance_count = runner->instance_count,
      .code_bytes = pt2__library_code_bytes(runner->library),
  };
  PT2_TRY(pt2__constants_measure(runner->constants, &all));
  return pt2__struct_fill(statistics, &all, sizeof(all),
                          "pt2_runner_statistics_t");
}
