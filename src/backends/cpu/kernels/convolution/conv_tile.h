// SPDX-License-Identifier: Apache-2.0
//
// The innermost loops of direct convolution, one set for each instruction set
// and element type.
//
// A tile is a few pixels of the result by a panel of output channels. For each
// tap of the kernel (a position inside it) a pixel has the address of the input
// channels that it reads; where it reads padding, that of zeros. So one loop
// serves strides, dilation, padding, groups and transposed convolution alike.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_CONVOLUTION_CONV_TILE_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_CONVOLUTION_CONV_TILE_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Most pixels that one call takes, over all instruction sets.
#define PT2__CONV_MAX_ROWS 8
// Widest panel, in elements of any type.
#define PT2__CONV_MAX_PANEL 32

#define PT2__CONV_TILE_TYPES(suffix, real)                                     \
  typedef struct {                                                             \
    /* Input of pixel r at tap t: pixels[t * pixel_stride + r]. */             \
    const real* const* pixels;                                                 \
    int64_t pixel_stride;                                                      \
    const int32_t* taps; /* which of the weight's taps each is */              \
    int64_t tap_count;                                                         \
    int64_t channels; /* input channels read at each tap */                    \
    const real* weight;                                                        \
    int64_t weight_stride; /* dot: elements between output channels */         \
    /* One for each output channel of the panel; NULL adds to what lies in     \
       |out| (not for groups side by side). */                                 \
    const real* bias;                                                          \
    real* out; /* rows of out_stride elements */                               \
    int64_t out_stride;                                                        \
  } pt2__conv_tile_##suffix##_t;                                               \
                                                                               \
  /* Neighbouring results of a depthwise convolution. Result r reads at tap t  \
     of each row what lies in column + r * move + t * tap_move, if that is one \
     of |width| columns. */                                                    \
  typedef struct {                                                             \
    const real* const* rows;    /* of the input: their columns 0 */            \
    const real* const* weights; /* of their first taps */                      \
    int64_t row_count;                                                         \
    int64_t pixel; /* elements from column to column */                        \
    int64_t width;                                                             \
    int64_t column;                                                            \
    int64_t move;                                                              \
    int64_t taps;                                                              \
    int64_t tap_move;                                                          \
    int64_t weight_step; /* elements from tap to tap */                        \
    int64_t channels;                                                          \
    const real* bias;                                                          \
    real* out;                                                                 \
    int64_t out_stride;                                                        \
  } pt2__conv_line_##suffix##_t;                                               \
                                                                               \
  typedef struct {                                                             \
    int rows;  /* most pixels of a call */                                     \
    int lanes; /* elements of a vector */                                      \
    /* |rows| pixels by 2 * lanes output channels; the weight is packed as     \
       [tap][channel][output channel]. */                                      \
    void (*wide)(int rows, const pt2__conv_tile_##suffix##_t* tile);           \
    /* The same with lanes output channels. */                                 \
    void (*narrow)(int rows, const pt2__conv_tile_##suffix##_t* tile);         \
    /* Up to dot_rows pixels by dot_columns output channels, whose weights     \
       need no packing: [output channel][tap][channel]; channels is a multiple \
       of lanes. */                                                            \
    void (*dot)(int rows, int columns,                                         \
                const pt2__conv_tile_##suffix##_t* tile);                      \
    int dot_rows;                                                              \
    int dot_columns;                                                           \
    /* |count| results; the channels lie side by side everywhere. |whole|: all \
       that they read lies inside. */                                          \
    void (*depthwise)(int64_t count, bool whole,                               \
                      const pt2__conv_line_##suffix##_t* line);                \
    /* Several groups at once, each of |channels| input and as many output     \
       channels, together lanes: the weight is [tap][channel][output channel]. \
       Takes groups of 2 up to grouped_most (0: none), powers of two. */       \
    void (*grouped)(int rows, const pt2__conv_tile_##suffix##_t* tile);        \
    int grouped_most;                                                          \
    /* to[c * to_stride + r] = from[r * from_stride + c] */                    \
    void (*transpose)(const real* from, int64_t from_stride, real* to,         \
                      int64_t to_stride, int64_t rows, int64_t columns);       \
  } pt2__conv_tiles_##suffix##_t;

PT2__CONV_TILE_TYPES(f32, float)
PT2__CONV_TILE_TYPES(f64, double)
PT2__CONV_TILE_TYPES(i64, uint64_t)

extern const pt2__conv_tiles_f32_t pt2__conv_tiles_f32_generic;
extern const pt2__conv_tiles_f64_t pt2__conv_tiles_f64_generic;
extern const pt2__conv_tiles_i64_t pt2__conv_tiles_i64_generic;
#if defined(__x86_64__)
extern const pt2__conv_tiles_f32_t pt2__conv_tiles_f32_avx2;
extern const pt2__conv_tiles_f64_t pt2__conv_tiles_f64_avx2;
extern const pt2__conv_tiles_f32_t pt2__conv_tiles_f32_avx512;
extern const pt2__conv_tiles_f64_t pt2__conv_tiles_f64_avx512;
#endif

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_CONVOLUTION_CONV_TILE_H_
