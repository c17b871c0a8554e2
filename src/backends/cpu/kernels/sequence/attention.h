// SPDX-License-Identifier: Apache-2.0
//
// Scaled dot product attention: softmax(scale * q k^T + mask) v, block by block
// with a running maximum and sum, so that the matrix of scores never exists.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_SEQUENCE_ATTENTION_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_SEQUENCE_ATTENTION_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pt2/status.h"

// A tensor [batch, heads, length, element] (the mask: [batch, heads, query,
// key]); strides in elements, 0 where it is broadcast.
typedef struct {
  const void* data;
  int64_t strides[4];
} pt2__attention_operand_t;

typedef struct {
  int32_t dtype;       // of q, k, v and out: f32, f64, f16 or bf16
  int32_t mask_dtype;  // bool, |dtype| or f32; PT2_DTYPE_UNDEFINED: no mask
  bool causal;         // query i sees keys 0 to i
  int64_t batch;
  int64_t heads;  // of q, mask and out
  int64_t group;  // heads that one of k and v stands for
  int64_t query_length;
  int64_t key_length;
  int64_t head_size;
  double scale;
  pt2__attention_operand_t q, k, v, mask;
  void* out;  // elements of a head lie side by side
  int64_t out_strides[3];
  void* logsumexp;  // f64 for f64, else f32
  int64_t logsumexp_strides[3];
} pt2__attention_t;

// Computes |*attention| with every thread that is worth it.
//
// Errors: OUT_OF_MEMORY
PT2_MUST_USE pt2_status_t pt2__attention_run(const pt2__attention_t* attention);

// Gradients of attention. |forward|'s out and logsumexp are what it gave.
typedef struct {
  pt2__attention_t forward;
  pt2__attention_operand_t gradient;  // of out
  // Of q, k and v: zeros at first; elements of a head lie side by side.
  void* results[3];
  int64_t result_strides[3][3];
} pt2__attention_gradient_t;

// Errors: OUT_OF_MEMORY
PT2_MUST_USE pt2_status_t
pt2__attention_gradient_run(const pt2__attention_gradient_t* gradient);

// Rows of queries that are computed together.
#define PT2__ATTENTION_ROWS 64

// One instruction set's kernel: all that one block of rows of one head needs.
// The scratch memory's first 8 bytes are -1 before the first block.
typedef struct {
  size_t (*scratch_bytes)(const pt2__attention_t* attention);
  void (*block)(const pt2__attention_t* attention, int64_t batch, int64_t head,
                int64_t first_row, void* scratch);
  // What gradients need of rows that are not products. The element type is
  // float or double.
  //
  // Elements of |dtype| that lie |stride| apart, and the way back.
  void (*widen)(int32_t dtype, const void* source, int64_t stride,
                int64_t count, void* target);
  void (*narrow)(int32_t dtype, const void* source, int64_t count,
                 void* target);
  double (*dot)(const void* a, const void* b, int64_t count);
  // Turns a row of scores, scaled products of query |row| and the keys from
  // |first_key| on, into weights. |mask| has room for a row.
  void (*weights)(const pt2__attention_t* attention, int64_t batch,
                  int64_t head, int64_t row, int64_t first_key, int64_t count,
                  void* mask, void* scores);
  // products = weights * (products - dot)
  void (*differentiate)(const void* weights, double dot, int64_t count,
                        void* products);
} pt2__attention_kernel_t;

// The best one for this CPU.
const pt2__attention_kernel_t* pt2__attention_kernel(int32_t dtype);

extern const pt2__attention_kernel_t pt2__attention_f32;
extern const pt2__attention_kernel_t pt2__attention_f64;
#if defined(__x86_64__)
extern const pt2__attention_kernel_t pt2__attention_f32_avx2;
extern const pt2__attention_kernel_t pt2__attention_f64_avx2;
extern const pt2__attention_kernel_t pt2__attention_f32_avx512;
extern const pt2__attention_kernel_t pt2__attention_f64_avx512;
#endif

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_SEQUENCE_ATTENTION_H_
