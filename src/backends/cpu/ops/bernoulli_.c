// SPDX-License-Identifier: Apache-2.0
//
// aten::bernoulli_ with one probability or one for each element, of which
// models call the form that makes a new tensor by name.
#include "backends/cpu/random/fill.h"
#include "ops/boxed.h"
#include "ops/random.h"

// Fails unless |self| can be written without one element meeting another.
static pt2_status_t check_self(const pt2_tensor_t* self) {
  PT2_OP_CHECK_TENSOR(self, "self");
  PT2_OP_CHECK(!pt2__dtype_is_complex(self->dtype),
               "\"bernoulli_scalar_cpu_\" not implemented for '%s'",
               pt2__dtype_torch_name(self->dtype));
  PT2_OP_CHECK(!pt2__tensor_has_internal_overlap(self),
               "unsupported operation: more than one element of the written-to "
               "tensor refers to a single memory location");
  return PT2_STATUS_OK;
}

static pt2_status_t bernoulli(const pt2_tensor_t* self, double p,
                              AtenGeneratorHandle* given) {
  PT2_TRY(check_self(self));
  PT2_TRY(pt2__random_check_probability("bernoulli_", p));
  pt2__generator_t* generator = pt2__generator_acquire(given);
  pt2__fill_bernoulli(generator, self, p);
  pt2__generator_release(generator);
  return PT2_STATUS_OK;
}

AOTITorchError aoti_torch_cpu_bernoulli__float(AtenTensorHandle self, double p,
                                               AtenGeneratorHandle* generator) {
  PT2_OP_RETURN("aten::bernoulli_.float", bernoulli(self, p, generator));
}

// Every probability in [0, 1]; also refuses NaN.
static pt2_status_t check_probabilities(const pt2_tensor_t* p) {
  pt2_tensor_t* dense;
  PT2_TRY(pt2__tensor_to_contiguous(p, PT2_DTYPE_F64, &dense));
  const double* values = dense->data;
  pt2_status_t status = PT2_STATUS_OK;
  bool good = true;
  for (int64_t i = 0; i < dense->numel; ++i) {
    good &= (values[i] >= 0) & (values[i] <= 1);
  }
  for (int64_t i = 0; !good && status == PT2_STATUS_OK; ++i) {
    status = pt2__random_check_probability("bernoulli_", values[i]);
  }
  pt2__tensor_release(dense);
  return status;
}

static pt2_status_t bernoulli_each(const pt2_tensor_t* self,
                                   const pt2_tensor_t* p,
                                   AtenGeneratorHandle* given) {
  PT2_TRY(check_self(self));
  PT2_OP_CHECK_TENSOR(p, "p");
  PT2_TRY(pt2__random_check_floating(p, "bernoulli_tensor_cpu_p_", false));
  PT2_OP_CHECK(p->rank <= self->rank, "p has %d dimensions, self only %d",
               (int)p->rank, (int)self->rank);
  int64_t strides[PT2__MAX_RANK] = {0};
  for (int32_t d = 0; d < p->rank; ++d) {
    int32_t at = d + self->rank - p->rank;
    PT2_OP_CHECK(p->sizes[d] == 1 || p->sizes[d] == self->sizes[at],
                 "The expanded size of the tensor (%lld) must match the "
                 "existing size (%lld) at non-singleton dimension %d",
                 (long long)self->sizes[at], (long long)p->sizes[d], (int)at);
    strides[at] = p->sizes[d] == 1 ? 0 : p->strides[d];
  }
  PT2_TRY(check_probabilities(p));
  pt2__generator_t* generator = pt2__generator_acquire(given);
  pt2__fill_bernoulli_each(generator, self, p, strides);
  pt2__generator_release(generator);
  return PT2_STATUS_OK;
}

AOTITorchError aoti_torch_cpu_bernoulli__Tensor(
    AtenTensorHandle self, AtenTensorHandle p, AtenGeneratorHandle* generator) {
  PT2_OP_RETURN("aten::bernoulli_.Tensor", bernoulli_each(self, p, generator));
}

// (Tensor self, Tensor p, *, Generator? generator=None)
static pt2_status_t new_bernoulli(const pt2__boxed_t* boxed,
                                  pt2_tensor_t** results) {
  pt2_tensor_t *self, *p, *result;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &self));
  PT2_TRY(pt2__boxed_tensor(boxed, 1, "p", &p));
  PT2_TRY(pt2__tensor_empty_like(self, self->dtype, &result));
  pt2_status_t status = bernoulli_each(result, p, NULL);
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(result);
    return status;
  }
  results[0] = result;
  return PT2_STATUS_OK;
}

PT2_BOXED_OVERLOAD(bernoulli_tensor, "aten::bernoulli.Tensor", 1, new_bernoulli)
