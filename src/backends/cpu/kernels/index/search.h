// SPDX-License-Identifier: Apache-2.0
//
// Binary search in sorted rows.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_INDEX_SEARCH_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_INDEX_SEARCH_H_

#include "ops/search.h"

// aten::searchsorted: for each value the first place in its row of boundaries
// that is not less than it (greater than it, for the right side).
PT2_MUST_USE pt2_status_t pt2__searchsorted(const pt2__search_args_t* args,
                                            pt2_tensor_t** out_result);

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_INDEX_SEARCH_H_
