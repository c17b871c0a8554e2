// SPDX-License-Identifier: Apache-2.0
#define LSTM_CELL pt2__lstm_cell_portable
#include "backends/cpu/kernels/sequence/lstm_cell.inc"
