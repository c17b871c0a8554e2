// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/random/sample.h"

#include "backends/cpu/random/fill.h"
#include "ops/random.h"

typedef void (*fill_fn)(pt2__generator_t* generator, const pt2_tensor_t* tensor,
                        double a, double b);

// With the parameters |a| and |b|; |kernel| is PyTorch's, for messages.
static pt2_status_t sample(pt2_tensor_t* made, const char* kernel, fill_fn fill,
                           double a, double b, AtenGeneratorHandle* given,
                           AtenTensorHandle* ret0) {
  pt2_tensor_t* parts;
  pt2_status_t status = pt2__random_check_floating(made, kernel, true);
  if (status == PT2_STATUS_OK) {
    status = pt2__random_real_view(made, &parts);
  }
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(made);
    return status;
  }
  pt2__generator_t* generator = pt2__generator_acquire(given);
  fill(generator, parts, a, b);
  pt2__generator_release(generator);
  pt2__tensor_release(parts);
  *ret0 = made;
  return PT2_STATUS_OK;
}

pt2_status_t pt2__sample_uniform(pt2_tensor_t* made, AtenGeneratorHandle* given,
                                 AtenTensorHandle* ret0) {
  return sample(made, "check_uniform_bounds", pt2__fill_uniform, 0.0, 1.0,
                given, ret0);
}

pt2_status_t pt2__sample_normal(pt2_tensor_t* made, AtenGeneratorHandle* given,
                                AtenTensorHandle* ret0) {
  const double std =
      pt2__dtype_is_complex(made->dtype) ? 0.7071067811865475 : 1.0;
  return sample(made, "normal_kernel_cpu", pt2__fill_normal, 0.0, std, given,
                ret0);
}

pt2_status_t pt2__sample_integers(pt2_tensor_t* made, int64_t low, int64_t high,
                                  AtenGeneratorHandle* given,
                                  AtenTensorHandle* ret0) {
  pt2_status_t status = pt2__random_check_integers(made->dtype, &low, &high);
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(made);
    return status;
  }
  pt2__generator_t* generator = pt2__generator_acquire(given);
  pt2__fill_integers(generator, made, (uint64_t)high - (uint64_t)low, low);
  pt2__generator_release(generator);
  *ret0 = made;
  return PT2_STATUS_OK;
}
