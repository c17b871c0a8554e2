// SPDX-License-Identifier: Apache-2.0
//
// Transposes matrices of any elements, a tile at a time.
#include "tensor/transpose.h"

#include <stdbool.h>
#include <string.h>

// Side of a transposed tile, in elements: both sides of a tile of the largest
// element stay in the first-level cache.
#define TILE 32

#define TRANSPOSE_TILE(type)                                       \
  do {                                                             \
    for (int64_t r = 0; r < rows; ++r) {                           \
      for (int64_t c = 0; c < columns; ++c) {                      \
        memcpy(to + r * to_stride + c * (int64_t)sizeof(type),     \
               from + c * from_stride + r * (int64_t)sizeof(type), \
               sizeof(type));                                      \
      }                                                            \
    }                                                              \
  } while (0)

#if defined(__x86_64__) && defined(__GNUC__)
// The part of a tile that is whole blocks, 8 x 8 of 4 bytes or 4 x 4 of 8; the
// rest element by element. False if the processor cannot.
static bool transpose_tile_avx2(char* to, int64_t to_stride, const char* from,
                                int64_t from_stride, int64_t bytes,
                                int64_t rows, int64_t columns) {
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma") ||
      !__builtin_cpu_supports("bmi2")) {
    return false;
  }
  const bool wide = bytes == 8;
  const int64_t side = wide ? 4 : 8;
  const int64_t whole_rows = rows - rows % side;
  const int64_t whole_columns = columns - columns % side;
  for (int64_t c = 0; c < whole_columns; c += side) {
    for (int64_t r = 0; r < whole_rows; r += side) {
      char* block = to + r * to_stride + c * bytes;
      const char* source = from + c * from_stride + r * bytes;
      if (wide) {
        pt2__transpose_4x4x8_avx2(block, to_stride, source, from_stride);
      } else {
        pt2__transpose_8x8x4_avx2(block, to_stride, source, from_stride);
      }
    }
  }
  for (int64_t r = 0; r < rows; ++r) {
    for (int64_t c = r < whole_rows ? whole_columns : 0; c < columns; ++c) {
      memcpy(to + r * to_stride + c * bytes, from + c * from_stride + r * bytes,
             wide ? 8 : 4);
    }
  }
  return true;
}
#else
static bool transpose_tile_avx2(char* to, int64_t to_stride, const char* from,
                                int64_t from_stride, int64_t bytes,
                                int64_t rows, int64_t columns) {
  (void)to;
  (void)to_stride;
  (void)from;
  (void)from_stride;
  (void)bytes;
  (void)rows;
  (void)columns;
  return false;
}
#endif

// |rows| of the target, |columns| elements each; the source has them the other
// way round.
static void transpose_tile(char* to, int64_t to_stride, const char* from,
                           int64_t from_stride, int64_t element_bytes,
                           int64_t rows, int64_t columns) {
  switch (element_bytes) {
    case 1:
      TRANSPOSE_TILE(uint8_t);
      break;
    case 2:
      TRANSPOSE_TILE(uint16_t);
      break;
    case 4:
      if (!transpose_tile_avx2(to, to_stride, from, from_stride, 4, rows,
                               columns)) {
        TRANSPOSE_TILE(uint32_t);
      }
      break;
    case 8:
      if (!transpose_tile_avx2(to, to_stride, from, from_stride, 8, rows,
                               columns)) {
        TRANSPOSE_TILE(uint64_t);
      }
      break;
    default:
      for (int64_t c = 0; c < columns; ++c) {
        for (int64_t r = 0; r < rows; ++r) {
          memcpy(to + r * to_stride + c * 16, from + c * from_stride + r * 16,
                 16);
        }
      }
      break;
  }
}

void pt2__transpose_run(char* to, int64_t to_stride, const char* from,
                        int64_t from_stride, int64_t element_bytes,
                        int64_t rows, int64_t columns) {
  for (int64_t c = 0; c < columns; c += TILE) {
    int64_t some_columns = columns - c < TILE ? columns - c : TILE;
    for (int64_t r = 0; r < rows; r += TILE) {
      int64_t some_rows = rows - r < TILE ? rows - r : TILE;
      transpose_tile(to + r * to_stride + c * element_bytes, to_stride,
                     from + c * from_stride + r * element_bytes, from_stride,
                     element_bytes, some_rows, some_columns);
    }
  }
}
