// SPDX-License-Identifier: Apache-2.0
//
// aten::ormqr.
#include "backends/cpu/kernels/linalg/factor.h"

// Whether the batch of |tensor|, whose last |own| sizes are not of it, is
// |input|'s.
static bool same_batch(const pt2_tensor_t* input, const pt2_tensor_t* tensor,
                       int32_t own) {
  bool same = tensor->rank - own == input->rank - 2;
  for (int32_t d = 0; same && d < input->rank - 2; ++d) {
    same = tensor->sizes[d] == input->sizes[d];
  }
  return same;
}

static pt2_status_t check(const pt2_tensor_t* input, const pt2_tensor_t* tau,
                          const pt2_tensor_t* other, bool left) {
  static const char name[] = "torch.ormqr";
  PT2_TRY(pt2__linalg_check_matrix(input, name, "input"));
  PT2_OP_CHECK_TENSOR(tau, "tau");
  PT2_TRY(pt2__linalg_check_matrix(other, name, "other"));
  PT2_OP_CHECK(tau->rank == input->rank - 1,
               "%s: Expected tau to have one dimension less than input, but "
               "got %d and %d dimensions",
               name, (int)tau->rank, (int)input->rank);
  PT2_OP_CHECK(input->rank == other->rank,
               "%s: Expected other to have the same number of dimensions as "
               "input, but got %d and %d",
               name, (int)other->rank, (int)input->rank);
  PT2_OP_CHECK(same_batch(input, tau, 1),
               "%s: Expected batch dimensions of tau to be those of input",
               name);
  PT2_OP_CHECK(same_batch(input, other, 2),
               "%s: Expected batch dimensions of other to be those of input",
               name);
  int64_t size = left ? pt2__linalg_rows(other) : pt2__linalg_columns(other);
  int64_t count = tau->sizes[tau->rank - 1];
  PT2_OP_CHECK(size == pt2__linalg_rows(input),
               "%s: other.shape[%d] (%lld) must be equal to input.shape[-2] "
               "(%lld)",
               name, left ? -2 : -1, (long long)size,
               (long long)pt2__linalg_rows(input));
  int64_t columns = pt2__linalg_columns(input);
  PT2_OP_CHECK(count == (size < columns ? size : columns),
               "%s: tau.shape[-1] (%lld) must be equal to "
               "min(other.shape[%d], input.shape[-1]) (%lld and %lld)",
               name, (long long)count, left ? -2 : -1, (long long)size,
               (long long)columns);
  PT2_OP_CHECK(tau->dtype == input->dtype && other->dtype == input->dtype,
               "%s: Expected input, tau and other to have the same dtype, but "
               "got %s, %s and %s",
               name, pt2__dtype_torch_name(input->dtype),
               pt2__dtype_torch_name(tau->dtype),
               pt2__dtype_torch_name(other->dtype));
  return pt2__linalg_check_dtype(input, "ormqr_cpu");
}

static pt2_status_t ormqr(const pt2_tensor_t* input, const pt2_tensor_t* tau,
                          const pt2_tensor_t* other, bool left, bool transpose,
                          pt2_tensor_t** out_result) {
  PT2_TRY(check(input, tau, other, left));
  pt2__batch_t batch;
  pt2__linalg_batch(input, &batch);
  pt2_tensor_t *reflections = NULL, *factors = NULL, *result = NULL;
  pt2_status_t status = pt2__linalg_clone(input, &batch, &reflections);
  if (status == PT2_STATUS_OK) {
    status = pt2__tensor_contiguous(tau, &factors);
  }
  if (status == PT2_STATUS_OK) {
    status = pt2__linalg_clone(other, &batch, &result);
  }
  if (status == PT2_STATUS_OK) {
    status = pt2__factor_apply_q(reflections, factors, left, transpose, result);
    if (status == PT2_STATUS_OK) {
      *out_result = result;
    } else {
      pt2__tensor_release(result);
    }
  }
  pt2__tensor_release(reflections);
  pt2__tensor_release(factors);
  return status;
}

AOTITorchError aoti_torch_cpu_ormqr(AtenTensorHandle self,
                                    AtenTensorHandle input2,
                                    AtenTensorHandle input3, int32_t left,
                                    int32_t transpose, AtenTensorHandle* ret0) {
  PT2_OP_RETURN("aten::ormqr",
                ormqr(self, input2, input3, left != 0, transpose != 0, ret0));
}
