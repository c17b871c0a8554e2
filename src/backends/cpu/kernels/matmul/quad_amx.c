// SPDX-License-Identifier: Apache-2.0
//
// Two by two tiles of sums (0 to 3), two of A (4, 5), two of B (6, 7). The
// tiles are set up and given back in each call: they are this thread's, and
// switching between threads saves them while they are in use.
#if defined(__x86_64__)
#include <immintrin.h>
#include <stdbool.h>
#include <string.h>

#include "backends/cpu/kernels/matmul/quad.h"

#define ALWAYS_INLINE inline __attribute__((always_inline))
#define TILE_ROWS 16
#define TILE_BYTES 64  // of a row
#define TILE_QUADS 16
// So few rows leave most of a tile empty.
#define FEW_ROWS 4

// What the instruction LDTILECFG reads.
typedef struct {
  uint8_t palette, start_row;
  uint8_t reserved[14];
  uint16_t row_bytes[16];
  uint8_t rows[16];
} tile_config_t;

// GCC does not see that the instructions on tiles read memory: it might leave
// out, or move across them, what is written to |at|. Not across this.
static ALWAYS_INLINE void settle(const void* at) {
  __asm__ volatile("" : : "r"(at) : "memory");
}

static void configure(int rows) {
  _Alignas(64) tile_config_t config = {.palette = 1};
  uint8_t upper = (uint8_t)(rows < TILE_ROWS ? rows : TILE_ROWS);
  // A tile of no rows may not be named; one that is not needed has one.
  uint8_t lower = (uint8_t)(rows > TILE_ROWS ? rows - TILE_ROWS : 1);
  const uint8_t of[8] = {upper, upper, lower, lower, upper, lower, 16, 16};
  for (int i = 0; i < 8; ++i) {
    config.rows[i] = of[i];
    config.row_bytes[i] = TILE_BYTES;
  }
  settle(&config);
  _tile_loadconfig(&config);
  settle(&config);
}

// What is left of A's rows behind the last whole tile, zeros behind it.
typedef struct {
  int quads;
  _Alignas(64) uint8_t a[2 * TILE_ROWS * TILE_BYTES];
} tail_t;

static void take_tail(const pt2__quad_block_t* block, tail_t* tail) {
  tail->quads = (int)(block->quads % TILE_QUADS);
  if (tail->quads == 0) {
    return;
  }
  size_t bytes = (size_t)tail->quads * 4;
  memset(tail->a, 0, sizeof(tail->a));
  const uint8_t* from = block->a + (block->quads - tail->quads) * 4;
  for (int r = 0; r < block->rows; ++r) {
    memcpy(tail->a + r * TILE_BYTES, from + r * block->a_rs, bytes);
  }
  settle(tail->a);
}

#define NAME pt2__quad_amx_u8
#define NAME_OF(part) u8_##part
#define TIMES(sum, a, b) _tile_dpbusd(sum, a, b)
#define FEW(block) pt2__quad_vnni_u8(block)
#include "backends/cpu/kernels/matmul/quad_amx.inc"

#define NAME pt2__quad_amx_s8
#define NAME_OF(part) s8_##part
#define TIMES(sum, a, b) _tile_dpbssd(sum, a, b)
#define FEW(block) pt2__quad_vnni_s8(block)
#include "backends/cpu/kernels/matmul/quad_amx.inc"

#define NAME pt2__quad_amx_bf16
#define NAME_OF(part) bf16_##part
#define TIMES(sum, a, b) _tile_dpbf16ps(sum, a, b)
#define FEW(block) pt2__quad_bf16(block)
#include "backends/cpu/kernels/matmul/quad_amx.inc"
#endif
