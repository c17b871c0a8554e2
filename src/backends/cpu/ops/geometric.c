// SPDX-License-Identifier: Apache-2.0
//
// aten::geometric, by name.
#include "backends/cpu/random/fill.h"
#include "ops/boxed.h"
#include "ops/random.h"

static bool is_counted(int32_t dtype) {
  switch (dtype) {
    case PT2_DTYPE_U8:
    case PT2_DTYPE_I8:
    case PT2_DTYPE_I16:
    case PT2_DTYPE_I32:
    case PT2_DTYPE_I64:
      return true;
    default:
      return false;
  }
}

// (Tensor self, float p, *, Generator? generator=None)
static pt2_status_t geometric(const pt2__boxed_t* boxed,
                              pt2_tensor_t** results) {
  pt2_tensor_t* self;
  double p = 0;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &self));
  PT2_TRY(pt2__boxed_number(boxed, 1, "p", &p, NULL));
  PT2_OP_CHECK(p > 0 && p < 1,
               "geometric_ expects p to be in (0, 1), but got p=%g", p);
  if (!is_counted(self->dtype)) {
    PT2_TRY(pt2__random_check_floating(self, "geometric_cpu", false));
  }
  PT2_TRY(pt2__tensor_empty_like(self, self->dtype, &results[0]));
  pt2__generator_t* generator = pt2__generator_acquire(NULL);
  pt2__fill_geometric(generator, results[0], p);
  pt2__generator_release(generator);
  return PT2_STATUS_OK;
}

PT2_BOXED_OP(geometric, 1, geometric)
