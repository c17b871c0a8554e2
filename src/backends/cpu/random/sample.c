// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/random/sample.h"

#include "backends/cpu/random/fill.h"
#include "ops/random.h"

// |*out_parts|: |made| as real numbers.
static pt2_status_t check(pt2_tensor_t* made, const char* kernel,
                          pt2_tensor_t** out_parts) {
  PT2_TRY(pt2__random_check_floating(made, kernel, true));
  return pt2__random_real_view(made, out_parts);
}

pt2_status_t pt2__sample_uniform(pt2_tensor_t* made, AtenGeneratorHandle* given,
                                 AtenTensorHandle* ret0) {
  pt2_tensor_t* parts;
  pt2_status_t status = check(made, "check_uniform_bounds", &parts);
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(made);
    return status;
  }
  pt2__generator_t* generator = pt2__generator_acquire(given);
  pt2__fill_uniform(generator, parts, 0.0, 1.0);
  pt2__generator_release(generator);
  pt2__tensor_release(parts);
  *ret0 = made;
  return PT2_STATUS_OK;
}

pt2_status_t pt2__sample_normal(pt2_tensor_t* made, AtenGeneratorHandle* given,
                                AtenTensorHandle* ret0) {
  pt2_tensor_t* parts;
  pt2_status_t status = check(made, "normal_kernel_cpu", &parts);
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(made);
    return status;
  }
  const double std =
      pt2__dtype_is_complex(made->dtype) ? 0.7071067811865475 : 1.0;
  pt2__generator_t* generator = pt2__generator_acquire(given);
  pt2__fill_normal(generator, parts, 0.0, std);
  pt2__generator_release(generator);
  pt2__tensor_release(parts);
  *ret0 = made;
  return PT2_STATUS_OK;
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
