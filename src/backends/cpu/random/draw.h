// SPDX-License-Identifier: Apache-2.0
//
// Single samples of distributions whose parameters are tensors.
#ifndef PT2_SRC_BACKENDS_CPU_RANDOM_DRAW_H_
#define PT2_SRC_BACKENDS_CPU_RANDOM_DRAW_H_

#include "backends/cpu/random/generator.h"

// |rate| >= 0.
double pt2__draw_poisson(pt2__generator_t* generator, double rate);

// Successes in |count| trials; |count| is no NaN. Computed as torch does of the
// type, which is partly in it and partly in double.
float pt2__draw_binomial_f32(pt2__generator_t* generator, float count,
                             float probability);
double pt2__draw_binomial_f64(pt2__generator_t* generator, double count,
                              double probability);

// |shape| > -2/3: others have no end.
float pt2__draw_gamma_f32(pt2__generator_t* generator, float shape);
double pt2__draw_gamma_f64(pt2__generator_t* generator, double shape);

#endif  // PT2_SRC_BACKENDS_CPU_RANDOM_DRAW_H_
