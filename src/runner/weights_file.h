// SPDX-License-Identifier: Apache-2.0
//
// Files of weights as tensors (pt2/weights.h).
#ifndef PT2_SRC_RUNNER_WEIGHTS_FILE_H_
#define PT2_SRC_RUNNER_WEIGHTS_FILE_H_

#include "package/mapping.h"
#include "package/weight_set.h"
#include "pt2/package.h"
#include "pt2/weights.h"

// Makes tensors of |set|, whose bytes lie in |mapping| or in |package| (NULL:
// none), which is retained while one of them lives. Takes |mapping| and |set|
// over, on failure too.
PT2_MUST_USE pt2_status_t pt2__weights_create(pt2__mapping_t mapping,
                                              pt2_package_t* package,
                                              pt2__weight_set_t* set,
                                              pt2_weights_t** out_weights);

// Reads a .safetensors file or one of torch.save; takes |mapping| over, on
// failure too.
PT2_MUST_USE pt2_status_t pt2__weights_read(const char* name,
                                            pt2__mapping_t mapping,
                                            pt2_weights_t** out_weights);

#endif  // PT2_SRC_RUNNER_WEIGHTS_FILE_H_
