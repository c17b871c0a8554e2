// SPDX-License-Identifier: Apache-2.0
//
// aten::normal_functional.
#include "backends/cpu/random/fill.h"
#include "ops/random.h"

static pt2_status_t sample(const pt2_tensor_t* self, double mean, double std,
                           AtenGeneratorHandle* given, AtenTensorHandle* ret0) {
  PT2_OP_CHECK_TENSOR(self, "self");
  PT2_TRY(pt2__random_check_floating(self, "normal_kernel_cpu", false));
  PT2_TRY(pt2__random_check_normal(std));
  pt2_tensor_t* result;
  PT2_TRY(pt2__tensor_empty_like(self, self->dtype, &result));
  pt2__generator_t* generator = pt2__generator_acquire(given);
  pt2__fill_normal(generator, result, mean, std);
  pt2__generator_release(generator);
  *ret0 = result;
  return PT2_STATUS_OK;
}

AOTITorchError aoti_torch_cpu_normal_functional(AtenTensorHandle self,
                                                double mean, double std,
                                                AtenGeneratorHandle* generator,
                                                AtenTensorHandle* ret0) {
  PT2_OP_RETURN("aten::normal_functional",
                sample(self, mean, std, generator, ret0));
}
