// SPDX-License-Identifier: Apache-2.0
//
// Fills tensors from a generator, taking numbers in the order in which torch
// takes them. The caller holds the generator's lock and has checked arguments
// and dtype (tensors of random numbers: ops/random.h).
#ifndef PT2_SRC_BACKENDS_CPU_RANDOM_FILL_H_
#define PT2_SRC_BACKENDS_CPU_RANDOM_FILL_H_

#include "backends/cpu/random/generator.h"
#include "tensor/tensor.h"

// f16, bf16, f32, f64.
void pt2__fill_uniform(pt2__generator_t* generator, const pt2_tensor_t* tensor,
                       double from, double to);
void pt2__fill_normal(pt2__generator_t* generator, const pt2_tensor_t* tensor,
                      double mean, double std);
void pt2__fill_exponential(pt2__generator_t* generator,
                           const pt2_tensor_t* tensor, double lambda);
void pt2__fill_cauchy(pt2__generator_t* generator, const pt2_tensor_t* tensor,
                      double median, double sigma);
// exp of a normal number.
void pt2__fill_log_normal(pt2__generator_t* generator,
                          const pt2_tensor_t* tensor, double mean, double std);

// Any real dtype: the trials up to the first success, of probability |p|.
void pt2__fill_geometric(pt2__generator_t* generator,
                         const pt2_tensor_t* tensor, double p);
// Any real dtype and bool: base + (number modulo range).
void pt2__fill_integers(pt2__generator_t* generator, const pt2_tensor_t* tensor,
                        uint64_t range, int64_t base);
// number modulo |range|, where the dtype, not the range, says how many words
// make a number: random_ without bounds.
void pt2__fill_any_integers(pt2__generator_t* generator,
                            const pt2_tensor_t* tensor, uint64_t range);
// 1 with probability |p|.
void pt2__fill_bernoulli(pt2__generator_t* generator,
                         const pt2_tensor_t* tensor, double p);
// The same with each element's own probability; |p| has |tensor|'s sizes and
// strides of |p_strides|.
void pt2__fill_bernoulli_each(pt2__generator_t* generator,
                              const pt2_tensor_t* tensor, const pt2_tensor_t* p,
                              const int64_t* p_strides);

// Turns pairs of uniform numbers into normal ones: blocks of 16 floats, the
// first eight of each are radii and the others angles.
void pt2__normal_blocks(float* data, int64_t block_count, float mean,
                        float std);
#if defined(__x86_64__)
void pt2__normal_blocks_avx2(float* data, int64_t block_count, float mean,
                             float std);
#endif

#endif  // PT2_SRC_BACKENDS_CPU_RANDOM_FILL_H_
