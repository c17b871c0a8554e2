// SPDX-License-Identifier: Apache-2.0
//
// The elementwise half of an LSTM step, in one variant for each instruction
// set.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_SEQUENCE_LSTM_CELL_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_SEQUENCE_LSTM_CELL_H_

#include <stdint.h>

// One row: |gates| holds the sums of input, forget, cell and output gate,
// |hidden| values each. |cell| is updated in place and the new hidden state is
// written to |out_hidden|.
typedef void (*pt2__lstm_cell_fn)(const float* gates, int64_t hidden,
                                  float* cell, float* out_hidden);

void pt2__lstm_cell_portable(const float* gates, int64_t hidden, float* cell,
                             float* out_hidden);
void pt2__lstm_cell_avx2(const float* gates, int64_t hidden, float* cell,
                         float* out_hidden);
void pt2__lstm_cell_avx512(const float* gates, int64_t hidden, float* cell,
                           float* out_hidden);

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_SEQUENCE_LSTM_CELL_H_
