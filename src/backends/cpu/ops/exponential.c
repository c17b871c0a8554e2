// SPDX-License-Identifier: Apache-2.0
//
// aten::exponential.
#include "backends/cpu/random/fill.h"
#include "ops/random.h"

static pt2_status_t sample(const pt2_tensor_t* self, double lambd,
                           AtenGeneratorHandle* given, AtenTensorHandle* ret0) {
  PT2_OP_CHECK_TENSOR(self, "self");
  PT2_TRY(pt2__random_check_floating(self, "exponential_cpu", false));
  PT2_OP_CHECK(lambd > 0.0,
               "exponential_ expects lambda > 0.0, but found lambda=%g", lambd);
  pt2_tensor_t* result;
  PT2_TRY(pt2__tensor_empty_like(self, self->dtype, &result));
  pt2__generator_t* generator = pt2__generator_acquire(given);
  pt2__fill_exponential(generator, result, lambd);
  pt2__generator_release(generator);
  *ret0 = result;
  return PT2_STATUS_OK;
}

AOTITorchError aoti_torch_cpu_exponential(AtenTensorHandle self, double lambd,
                                          AtenGeneratorHandle* generator,
                                          AtenTensorHandle* ret0) {
  PT2_OP_RETURN("aten::exponential", sample(self, lambd, generator, ret0));
}
