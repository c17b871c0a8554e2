// SPDX-License-Identifier: Apache-2.0
//
// Direct convolution of integers; modulo 2^64, so that the low bytes are right
// for the narrower ones too.
#include <omp.h>
#include <string.h>

#include "backends/cpu/kernels/convolution/conv_direct.h"
#include "backends/cpu/kernels/convolution/conv_tile.h"
#include "ops/op.h"

#define SUFFIX i64
#define REAL uint64_t

static const pt2__conv_tiles_i64_t* select_tiles(void) {
  return &pt2__conv_tiles_i64_generic;
}

#include "backends/cpu/kernels/convolution/conv_direct.inc"
