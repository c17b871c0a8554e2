// SPDX-License-Identifier: Apache-2.0
//
// aten::linalg_householder_product, by name: Q from the reflections of geqrf.
#include "backends/cpu/kernels/linalg/factor.h"
#include "ops/boxed.h"

static pt2_status_t check(const pt2_tensor_t* input, const pt2_tensor_t* tau) {
  static const char name[] = "torch.linalg.householder_product";
  PT2_TRY(pt2__linalg_check_matrix(input, name, "input"));
  int64_t m = pt2__linalg_rows(input), n = pt2__linalg_columns(input);
  PT2_OP_CHECK(m >= n,
               "%s: input.shape[-2] (%lld) must be greater than or equal to "
               "input.shape[-1] (%lld)",
               name, (long long)m, (long long)n);
  PT2_OP_CHECK(tau->rank == input->rank - 1,
               "%s: Expected tau to have one dimension less than input, but "
               "got %d and %d dimensions",
               name, (int)tau->rank, (int)input->rank);
  int64_t count = tau->sizes[tau->rank - 1];
  PT2_OP_CHECK(n >= count,
               "%s: input.shape[-1] (%lld) must be greater than or equal to "
               "tau.shape[-1] (%lld)",
               name, (long long)n, (long long)count);
  for (int32_t d = 0; d < input->rank - 2; ++d) {
    PT2_OP_CHECK(tau->sizes[d] == input->sizes[d],
                 "%s: Expected batch dimensions of tau to be those of input",
                 name);
  }
  PT2_OP_CHECK(tau->dtype == input->dtype,
               "%s: tau dtype %s does not match input dtype %s", name,
               pt2__dtype_torch_name(tau->dtype),
               pt2__dtype_torch_name(input->dtype));
  return pt2__linalg_check_dtype(input, "orgqr_cpu");
}

// (Tensor input, Tensor tau)
static pt2_status_t householder_product(const pt2__boxed_t* boxed,
                                        pt2_tensor_t** results) {
  pt2_tensor_t *input, *tau, *q, *factors;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "input", &input));
  PT2_TRY(pt2__boxed_tensor(boxed, 1, "tau", &tau));
  PT2_TRY(check(input, tau));
  pt2__batch_t batch;
  pt2__linalg_batch(input, &batch);
  PT2_TRY(pt2__linalg_clone(input, &batch, &q));
  pt2_status_t status = pt2__tensor_contiguous(tau, &factors);
  if (status == PT2_STATUS_OK) {
    status = pt2__factor_q(q, factors);
    pt2__tensor_release(factors);
  }
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(q);
    return status;
  }
  results[0] = q;
  return PT2_STATUS_OK;
}

PT2_BOXED_OP(linalg_householder_product, 1, householder_product)
