// SPDX-License-Identifier: Apache-2.0
//
// aten::random and its overload with a bound, by name. That with two bounds
// cannot be exported: its name, from, is a word of Python.
#include "ops/random.h"
#include "backends/cpu/random/fill.h"
#include "ops/boxed.h"

// How many numbers there are from 0 to the largest one, or to the first integer
// behind which a floating dtype has gaps; 0: the dtype is not filled.
static uint64_t range_of(int32_t dtype) {
  switch (dtype) {
    case PT2_DTYPE_BOOL:
      return 2;
    case PT2_DTYPE_U8:
      return UINT64_C(1) << 8;
    case PT2_DTYPE_I8:
      return UINT64_C(1) << 7;
    case PT2_DTYPE_I16:
      return UINT64_C(1) << 15;
    case PT2_DTYPE_I32:
      return UINT64_C(1) << 31;
    case PT2_DTYPE_I64:
      return UINT64_C(1) << 63;
    case PT2_DTYPE_F16:
      return (UINT64_C(1) << 11) + 1;
    case PT2_DTYPE_BF16:
      return (UINT64_C(1) << 8) + 1;
    case PT2_DTYPE_F32:
      return (UINT64_C(1) << 24) + 1;
    case PT2_DTYPE_F64:
      return (UINT64_C(1) << 53) + 1;
    default:
      return 0;
  }
}

// (Tensor self, *, Generator? generator=None)
static pt2_status_t without_bounds(const pt2__boxed_t* boxed,
                                   pt2_tensor_t** results) {
  pt2_tensor_t* self;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &self));
  uint64_t range = range_of(self->dtype);
  PT2_OP_CHECK(range != 0, "\"random_kernel_cpu\" not implemented for '%s'",
               pt2__dtype_torch_name(self->dtype));
  PT2_TRY(pt2__tensor_empty_like(self, self->dtype, &results[0]));
  pt2__generator_t* generator = pt2__generator_acquire(NULL);
  pt2__fill_any_integers(generator, results[0], range);
  pt2__generator_release(generator);
  return PT2_STATUS_OK;
}

PT2_BOXED_OP(random, 1, without_bounds)

// (Tensor self, int to, *, Generator? generator=None)
static pt2_status_t below(const pt2__boxed_t* boxed, pt2_tensor_t** results) {
  pt2_tensor_t* self;
  int64_t from = 0, to;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &self));
  PT2_TRY(pt2__boxed_int(boxed, 1, "to", &to));
  PT2_TRY(pt2__random_check_integers(self->dtype, &from, &to));
  PT2_TRY(pt2__tensor_empty_like(self, self->dtype, &results[0]));
  pt2__generator_t* generator = pt2__generator_acquire(NULL);
  pt2__fill_integers(generator, results[0], (uint64_t)to - (uint64_t)from,
                     from);
  pt2__generator_release(generator);
  return PT2_STATUS_OK;
}

PT2_BOXED_OVERLOAD(random_to, "aten::random.to", 1, below)
