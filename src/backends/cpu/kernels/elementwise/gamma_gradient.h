// SPDX-License-Identifier: Apache-2.0
//
// Derivatives of samples by the parameters of gamma and Dirichlet
// distributions.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_ELEMENTWISE_GAMMA_GRADIENT_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_ELEMENTWISE_GAMMA_GRADIENT_H_

// That of a sample |x| of the standard gamma distribution by its |shape|.
double pt2__gamma_gradient(double shape, double x);

// That of a sample |x| of a Dirichlet distribution by its own concentration,
// whose sum with all others is |total|, divided by 1 - x. Computed as torch
// does of the type, which is partly in it and partly in double.
float pt2__dirichlet_gradient_f32(float x, float concentration, float total);
double pt2__dirichlet_gradient_f64(double x, double concentration,
                                   double total);

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_ELEMENTWISE_GAMMA_GRADIENT_H_
