// SPDX-License-Identifier: Apache-2.0
//
// aten::uniform.
#include "backends/cpu/random/fill.h"
#include "ops/random.h"

static pt2_status_t sample(const pt2_tensor_t* self, double from, double to,
                           AtenGeneratorHandle* given, AtenTensorHandle* ret0) {
  PT2_OP_CHECK_TENSOR(self, "self");
  PT2_TRY(pt2__random_check_floating(self, "check_uniform_bounds", false));
  PT2_TRY(pt2__random_check_uniform(self->dtype, from, to));
  pt2_tensor_t* result;
  PT2_TRY(pt2__tensor_empty_like(self, self->dtype, &result));
  pt2__generator_t* generator = pt2__generator_acquire(given);
  pt2__fill_uniform(generator, result, from, to);
  pt2__generator_release(generator);
  *ret0 = result;
  return PT2_STATUS_OK;
}

AOTITorchError aoti_torch_cpu_uniform(AtenTensorHandle self, double from,
                                      double to, AtenGeneratorHandle* generator,
                                      AtenTensorHandle* ret0) {
  PT2_OP_RETURN("aten::uniform", sample(self, from, to, generator, ret0));
}
