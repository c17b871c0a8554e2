// SPDX-License-Identifier: Apache-2.0
//
// matmul.metal's sum by matrices of a simdgroup, for GPUs that have them. The
// library says what T is above this.
#include <metal_stdlib>
#include <metal_simdgroup_matrix>
using namespace metal;

// The host's struct of the same name (ops_matmul.c), field by field.
struct Matmul {
  int m, n, k;
  int use_c;
  long a_row, a_column, a_batch;
  long b_row, b_column, b_batch;
  long c_row, c_column, c_batch;
  long d_row, d_column, d_batch;
  float alpha, beta;
};

// What tiles are kept as. A bfloat is a float here, which holds it exactly:
// matrices of bfloat want a newer GPU than matrices do.
typedef conditional_t<is_same_v<T, half>, half, float> Staged;

constant constexpr int ROWS = 32;     // of a tile of d
constant constexpr int COLUMNS = 64;
constant constexpr int DEPTH = 16;    // of the tiles of a and b
constant constexpr int THREADS = 128;
constant constexpr int PAD = 16 / sizeof(Staged);  // other banks for each line
constant constexpr int RESULT_PITCH = COLUMNS + 4;
// Rows and columns of a simdgroup: there are 2 x 2 of them.
constant constexpr int GROUP_ROWS = 16;
constant constexpr int GROUP_COLUMNS = 32;

// Puts |lines| times |width| elements into a tile of LINES times WIDTH, and 0
// where there are none. Threads walk along a line.
template <int WIDTH, int LINES>
inline void stage(threadgroup Staged* tile, device const T* source, long step,
                  long line_step, int width, int lines, int index) {
  for (int i = index; i < WIDTH * LINES; i += THREADS) {
    const int x = i % WIDTH;
    const int y = i / WIDTH;
    Staged value = Staged(0.0f);
    if (x < width && y < lines) {
      value = Staged(source[x * step + y * line_step]);
    }
    tile[y * (WIDTH + PAD) + x] = value;
  }
}

// A threadgroup of THREADS makes one tile of d, in float. An operand that lies
// transposed is staged as it lies and loaded transposed.
[[max_total_threads_per_threadgroup(128)]]
kernel void matmul_simdgroup(
    device T* d [[buffer(0)]],
    device const T* a [[buffer(1)]],
    device const T* b [[buffer(2)]],
    device const T* c [[buffer(3)]],
    constant Matmul& g [[buffer(4)]],
    uint index [[thread_index_in_threadgroup]],
    uint simdgroup [[simdgroup_index_in_threadgroup]],
    uint3 group [[threadgroup_position_in_grid]]) {
  // Both tiles, then the result: 1280 floats are the most that a tile of b
  // takes, 640 of a.
  threadgroup float pool[ROWS * RESULT_PITCH];
  threadgroup Staged* tile_a = (threadgroup Staged*)pool;
  threadgroup Staged* tile_b = (threadgroup Staged*)(pool + 640);
  const int row = int(group.y) * ROWS;
  const int column = int(group.x) * COLUMNS;
  const long batch = long(group.z);
  const int rows = min(ROWS, g.m - row);
  const int columns = min(COLUMNS, g.n - column);
  const int own_row = int(simdgroup) / 2 * GROUP_ROWS;
  const int own_column = int(simdgroup) % 2 * GROUP_COLUMNS;
  const bool needed = own_row < rows && own_column < columns;
  const bool a_turned = g.a_row < g.a_column;
  const bool b_turned = g.b_row < g.b_column;
  device const T* from_a = a + batch * g.a_batch + row * g.a_row;
  device const T* from_b = b + batch * g.b_batch + column * g.b_column;

  simdgroup_float8x8 sum[2][4];
#pragma clang loop unroll(full)
  for (int i = 0; i < 2; ++i) {
#pragma clang loop unroll(full)
    for (int j = 0; j < 4; ++j) {
      sum[i][j] = make_filled_simdgroup_matrix<float, 8, 8>(0.0f);
    }
  }
  for (int start = 0; start < g.k; start += DEPTH) {
    const int depth = min(DEPTH, g.k - start);
    if (a_turned) {
      stage<ROWS, DEPTH>(tile_a, from_a + start * g.a_column, g.a_row,
                         g.a_column, rows, depth, int(index));
    } else {
      stage<DEPTH, ROWS>(tile_a, from_a + start * g.a_column, g.a_column,
                         g.a_row, depth, rows, int(index));
    }
    if (b_turned) {
      stage<DEPTH, COLUMNS>(tile_b, from_b + start * g.b_row, g.b_row,
                            g.b_column, depth, columns, int(index));
    } else {
      stage<COLUMNS, DEPTH>(tile_b, from_b + start * g.b_row, g.b_column,
                            g.b_row, columns, depth, int(index));
    }
    threadgroup_barrier(mem_flags::mem_threadgroup);
    if (needed) {
#pragma clang loop unroll(full)
      for (int at = 0; at < DEPTH; at += 8) {
        simdgroup_matrix<Staged, 8, 8> left[2];
        simdgroup_matrix<Staged, 8, 8> right[4];
#pragma clang loop unroll(full)
        for (int i = 0; i < 2; ++i) {
          const int y = own_row + i * 8;
          if (a_turned) {
            simdgroup_load(left[i], tile_a + at * (ROWS + PAD) + y, ROWS + PAD,
                           ulong2(0, 0), true);
          } else {
            simdgroup_load(left[i], tile_a + y * (DEPTH + PAD) + at,
                           DEPTH + PAD);
          }
        }
#pragma clang loop unroll(full)
        for (int j = 0; j < 4; ++j) {
          const int x = own_column + j * 8;
          if (b_turned) {
            simdgroup_load(right[j], tile_b + x * (DEPTH + PAD) + at,
                           DEPTH + PAD, ulong2(0, 0), true);
          } else {
            simdgroup_load(right[j], tile_b + at * (COLUMNS + PAD) + x,
                           COLUMNS + PAD);
          }
        }
#pragma clang loop unroll(full)
        for (int i = 0; i < 2; ++i) {
#pragma clang loop unroll(full)
          for (int j = 0; j < 4; ++j) {
            simdgroup_multiply_accumulate(sum[i][j], left[i], right[j],
                                          sum[i][j]);
          }
        }
      }
    }
    threadgroup_barrier(mem_flags::mem_threadgroup);
  }

  // Matrices are stored whole: the edges are cut here.
  if (needed) {
#pragma clang loop unroll(full)
    for (int i = 0; i < 2; ++i) {
#pragma clang loop unroll(full)
      for (int j = 0; j < 4; ++j) {
        simdgroup_store(sum[i][j],
                        pool + (own_row + i * 8) * RESULT_PITCH + own_column +
                            j * 8,
                        RESULT_PITCH);
      }
    }
  }
  threadgroup_barrier(mem_flags::mem_threadgroup);
  for (int i = int(index); i < ROWS * COLUMNS; i += THREADS) {
    const int x = i % COLUMNS;
    const int y = i / COLUMNS;
    if (x < columns && y < rows) {
      float result = g.alpha * pool[y * RESULT_PITCH + x];
      if (g.use_c != 0) {
        result += g.beta * float(c[batch * g.c_batch + (row + y) * g.c_row +
                                   (column + x) * g.c_column]);
      }
      d[batch * g.d_batch + (row + y) * g.d_row + (column + x) * g.d_column] =
          T(result);
    }
  }
}
