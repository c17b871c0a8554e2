// SPDX-License-Identifier: Apache-2.0
//
// Normal numbers on any machine.
#define NORMAL_BLOCKS pt2__normal_blocks
#include "backends/cpu/random/normal_blocks.inc"
