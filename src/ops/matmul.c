// SPDX-License-Identifier: Apache-2.0
#include "ops/matmul.h"

#include <math.h>

// Sizes as messages name them.
#define SIZES_BYTES 256

// The C++ type of a dtype, which is what torch names in some messages.
static const char* cpp_name(int32_t dtype) {
  switch (dtype) {
    case PT2_DTYPE_F32:
      return "float";
    case PT2_DTYPE_F64:
      return "double";
    case PT2_DTYPE_F16:
      return "c10::Half";
    case PT2_DTYPE_BF16:
      return "c10::BFloat16";
    case PT2_DTYPE_I32:
      return "int";
    case PT2_DTYPE_I64:
      return "long";
    default:
      return pt2_dtype_name(dtype);
  }
}

static pt2__matmul_operand_t matrix_operand(const pt2_tensor_t* tensor) {
  int last = tensor->rank - 1;
  return (pt2__matmul_operand_t){tensor, last == 2 ? tensor->strides[0] : 0,
                                 tensor->strides[last - 1],
                                 tensor->strides[last]};
}

// What |out| must be for |sizes|, and where the product goes.
static pt2_status_t check_out(pt2_tensor_t* out, int32_t dtype, int rank,
                              const int64_t* sizes, pt2__matmul_t* matmul) {
  PT2_OP_CHECK(out->dtype == dtype,
               "Expected out tensor to have dtype %s, but got %s instead",
               cpp_name(dtype), cpp_name(out->dtype));
  bool same = out->rank == rank;
  for (int i = 0; same && i < rank; ++i) {
    same = out->sizes[i] == sizes[i];
  }
  if (!same) {
    char have[SIZES_BYTES];
    char want[SIZES_BYTES];
    return PT2_FAIL(
        PT2_STATUS_INVALID_ARGUMENT, "out has sizes %s, expected %s",
        pt2__sizes_format(out->rank, out->sizes, have, sizeof(have)),
        pt2__sizes_format(rank, sizes, want, sizeof(want)));
  }
  for (int i = 0; i < rank; ++i) {
    PT2_OP_CHECK(out->strides[i] != 0 || out->sizes[i] <= 1,
                 "unsupported operation: more than one element of the "
                 "written-to tensor refers to a single memory location. "
                 "Please clone() the tensor before performing the operation.");
  }
  pt2__matmul_operand_t form = matrix_operand(out);
  matmul->out = out;
  matmul->out_bs = form.bs;
  matmul->out_rs = form.rs;
  matmul->out_cs = form.cs;
  return PT2_STATUS_OK;
}

// Lays |self| over |rank| dimensions of |sizes|, as expand does.
static pt2_status_t broadcast_self(const pt2_tensor_t* self, int rank,
                                   const int64_t* sizes,
                                   pt2__matmul_operand_t* operand) {
  char have[SIZES_BYTES];
  char want[SIZES_BYTES];
  if (self->rank > rank) {
    return PT2_FAIL(
        PT2_STATUS_INVALID_ARGUMENT,
        "expand(torch.%sTensor{%s}, size=%s): the number of sizes provided "
        "(%d) must be greater or equal to the number of dimensions in the "
        "tensor (%d)",
        pt2__dtype_torch_name(self->dtype),
        pt2__sizes_format(self->rank, self->sizes, have, sizeof(have)),
        pt2__sizes_format(rank, sizes, want, sizeof(want)), rank, self->rank);
  }
  int64_t strides[3] = {0, 0, 0};
  for (int i = 0; i < self->rank; ++i) {
    int at = rank - self->rank + i;
    if (self->sizes[i] == sizes[at]) {
      strides[at] = self->strides[i];
    } else if (self->sizes[i] != 1) {
      return PT2_FAIL(
          PT2_STATUS_INVALID_ARGUMENT,
          "The expanded size of the tensor (%lld) must match the existing size "
          "(%lld) at non-singleton dimension %d.  Target sizes: %s.  Tensor "
          "sizes: %s",
          (long long)sizes[at], (long long)self->sizes[i], at,
          pt2__sizes_format(rank, sizes, want, sizeof(want)),
          pt2__sizes_format(self->rank, self->sizes, have, sizeof(have)));
    }
  }
  *operand = (pt2__matmul_operand_t){self, rank == 3 ? strides[0] : 0,
                                     strides[rank - 2], strides[rank - 1]};
  return PT2_STATUS_OK;
}

pt2_status_t pt2__matmul_expand(const pt2_tensor_t* tensor, int64_t rows,
                                int64_t columns,
                                pt2__matmul_operand_t* operand) {
  return broadcast_self(tensor, 2, (int64_t[]){rows, columns}, operand);
}

static pt2_status_t check_scalar(int32_t dtype, const char* name,
                                 double value) {
  // Beyond this a conversion to int64_t is undefined.
  PT2_OP_CHECK(!pt2__dtype_is_integral(dtype, true) ||
                   (value >= -0x1p63 && value < 0x1p63),
               "%s (%g) cannot be converted to type int64_t without overflow",
               name, value);
  return PT2_STATUS_OK;
}

static pt2_status_t set_scalars(int32_t dtype, double beta, double alpha,
                                pt2__matmul_t* matmul) {
  PT2_TRY(check_scalar(dtype, "alpha", alpha));
  PT2_TRY(check_scalar(dtype, "beta", beta));
  matmul->alpha = alpha;
  matmul->beta = beta;
  return PT2_STATUS_OK;
}

static pt2_status_t check_matrices(const char* op, const char* first,
                                   const pt2_tensor_t* mat1,
                                   const pt2_tensor_t* mat2,
                                   pt2__matmul_t* matmul) {
  PT2_OP_CHECK(mat1->rank == 2, "%s: %s must be a matrix, got %d-D tensor", op,
               first, mat1->rank);
  PT2_OP_CHECK(mat2->rank == 2, "%s: mat2 must be a matrix, got %d-D tensor",
               op, mat2->rank);
  PT2_OP_CHECK(mat1->sizes[1] == mat2->sizes[0],
               "%s: mat1 and mat2 shapes cannot be multiplied (%lldx%lld and "
               "%lldx%lld)",
               op, (long long)mat1->sizes[0], (long long)mat1->sizes[1],
               (long long)mat2->sizes[0], (long long)mat2->sizes[1]);
  *matmul = (pt2__matmul_t){.batch = 1,
                            .m = mat1->sizes[0],
                            .n = mat2->sizes[1],
                            .k = mat1->sizes[1],
                            .alpha = 1,
                            .a = matrix_operand(mat1),
                            .b = matrix_operand(mat2)};
  return PT2_STATUS_OK;
}

pt2_status_t pt2__matmul_mm(pt2_tensor_t* out, const pt2_tensor_t* mat1,
                            const pt2_tensor_t* mat2,
                            pt2__matmul_supported_fn supported,
                            pt2__matmul_t* matmul) {
  PT2_OP_CHECK_TENSOR(out, "out");
  PT2_OP_CHECK_TENSOR(mat1, "self");
  PT2_OP_CHECK_TENSOR(mat2, "mat2");
  PT2_TRY(check_matrices("mm", "self", mat1, mat2, matmul));
  PT2_OP_CHECK(mat1->dtype == mat2->dtype,
               "expected m1 and m2 to have the same dtype, but got: %s != %s",
               cpp_name(mat1->dtype), cpp_name(mat2->dtype));
  PT2_OP_CHECK(supported(mat1->dtype),
               "\"addmm_impl_cpu_\" not implemented for '%s'",
               pt2__dtype_torch_name(mat1->dtype));
  return check_out(out, mat1->dtype, 2, (int64_t[]){matmul->m, matmul->n},
                   matmul);
}

// All of addmm but its output.
static pt2_status_t check_addmm(const char* op, const pt2_tensor_t* self,
                                const pt2_tensor_t* mat1,
                                const pt2_tensor_t* mat2, double beta,
                                double alpha,
                                pt2__matmul_supported_fn supported,
                                pt2__matmul_t* matmul) {
  PT2_OP_CHECK_TENSOR(self, "self");
  PT2_OP_CHECK_TENSOR(mat1, "mat1");
  PT2_OP_CHECK_TENSOR(mat2, "mat2");
  // torch's message speaks of self here, though mat1 is meant.
  PT2_TRY(check_matrices(op, "self", mat1, mat2, matmul));
  PT2_OP_CHECK(mat1->dtype == mat2->dtype,
               "mat1 and mat2 must have the same dtype, but got %s and %s",
               pt2__dtype_torch_name(mat1->dtype),
               pt2__dtype_torch_name(mat2->dtype));
  PT2_TRY(pt2__matmul_expand(self, matmul->m, matmul->n, &matmul->self));
  PT2_OP_CHECK(self->dtype == mat2->dtype,
               "self and mat2 must have the same dtype, but got %s and %s",
               pt2__dtype_torch_name(self->dtype),
               pt2__dtype_torch_name(mat2->dtype));
  PT2_OP_CHECK(supported(mat1->dtype),
               "\"addmm_impl_cpu_\" not implemented for '%s'",
               pt2__dtype_torch_name(mat1->dtype));
  PT2_TRY(set_scalars(mat1->dtype, beta, alpha, matmul));
  if (beta == 0) {
    matmul->self.tensor = NULL;
  }
  return PT2_STATUS_OK;
}

pt2_status_t pt2__matmul_addmm(pt2_tensor_t* out, const pt2_tensor_t* self,
                               const pt2_tensor_t* mat1,
                               const pt2_tensor_t* mat2, double beta,
                               double alpha, pt2__matmul_supported_fn supported,
                               pt2__matmul_t* matmul) {
  PT2_OP_CHECK_TENSOR(out, "out");
  PT2_TRY(
      check_addmm("addmm", self, mat1, mat2, beta, alpha, supported, matmul));
  return check_out(out, mat1->dtype, 2, (int64_t[]){matmul->m, matmul->n},
                   matmul);
}

// Makes the result of |matmul|: a matrix, or a vector if |rank| is 1.
static pt2_status_t make_result(int32_t dtype, int rank, pt2__matmul_t* matmul,
                                pt2_tensor_t** out_result) {
  const int64_t sizes[2] = {matmul->m, matmul->n};
  PT2_TRY(pt2__tensor_empty(dtype, rank, sizes, NULL, out_result));
  matmul->out = *out_result;
  matmul->out_bs = 0;
  matmul->out_rs = matmul->n;
  matmul->out_cs = 1;
  return PT2_STATUS_OK;
}

pt2_status_t pt2__matmul_new_addmm_activation(
    const pt2_tensor_t* self, const pt2_tensor_t* mat1,
    const pt2_tensor_t* mat2, double beta, double alpha, bool use_gelu,
    pt2__matmul_supported_fn supported, pt2__matmul_t* matmul,
    pt2_tensor_t** out_result) {
  PT2_TRY(
      check_addmm("addmm", self, mat1, mat2, beta, alpha, supported, matmul));
  int32_t dtype = mat1->dtype;
  PT2_OP_CHECK(!use_gelu || pt2__dtype_is_floating(dtype),
               "\"GeluKernelImpl\" not implemented for '%s'",
               pt2__dtype_torch_name(dtype));
  PT2_OP_CHECK(!pt2__dtype_is_complex(dtype),
               "clamp is not supported for complex types, got %s",
               pt2__dtype_torch_name(dtype));
  return make_result(dtype, 2, matmul, out_result);
}

pt2_status_t pt2__matmul_new_addbmm(const pt2_tensor_t* self,
                                    const pt2_tensor_t* batch1,
                                    const pt2_tensor_t* batch2, double beta,
                                    double alpha,
                                    pt2__matmul_supported_fn supported,
                                    pt2__matmul_t* matmul,
                                    pt2_tensor_t** out_result) {
  PT2_OP_CHECK_TENSOR(self, "self");
  PT2_OP_CHECK_TENSOR(batch1, "batch1");
  PT2_OP_CHECK_TENSOR(batch2, "batch2");
  PT2_OP_CHECK(batch1->rank == 3, "batch1 must be a 3D tensor");
  PT2_OP_CHECK(batch2->rank == 3, "batch2 must be a 3D tensor");
  PT2_OP_CHECK(batch1->sizes[0] == batch2->sizes[0],
               "batch1 and batch2 must have same number of batches, got %lld "
               "and %lld",
               (long long)batch1->sizes[0], (long long)batch2->sizes[0]);
  PT2_OP_CHECK(batch1->sizes[2] == batch2->sizes[1],
               "Incompatible matrix sizes for bmm (%lldx%lld and %lldx%lld)",
               (long long)batch1->sizes[1], (long long)batch1->sizes[2],
               (long long)batch2->sizes[1], (long long)batch2->sizes[2]);
  PT2_OP_CHECK(batch1->dtype == batch2->dtype,
               "mat1 and mat2 must have the same dtype, but got %s and %s",
               pt2__dtype_torch_name(batch1->dtype),
               pt2__dtype_torch_name(batch2->dtype));
  PT2_OP_CHECK(self->dtype == batch2->dtype,
               "self and mat2 must have the same dtype, but got %s and %s",
               pt2__dtype_torch_name(self->dtype),
               pt2__dtype_torch_name(batch2->dtype));
  PT2_OP_CHECK(supported(self->dtype),
               "\"addmm_impl_cpu_\" not implemented for '%s'",
               pt2__dtype_torch_name(self->dtype));
  *matmul = (pt2__matmul_t){.batch = batch1->sizes[0],
                            .m = batch1->sizes[1],
                            .n = batch2->sizes[2],
                            .k = batch1->sizes[2],
                            .a = matrix_operand(batch1),
                            .b = matrix_operand(batch2)};
  PT2_TRY(pt2__matmul_expand(self, matmul->m, matmul->n, &matmul->self));
  PT2_TRY(set_scalars(self->dtype, beta, alpha, matmul));
  if (beta == 0) {
    matmul->self.tensor = NULL;
  }
  return make_result(self->dtype, 2, matmul, out_result);
}

// A scalar as addmv takes it: in the dtype itself. |*value| is rounded to it.
static pt2_status_t narrow_scalar(int32_t dtype, const char* name,
                                  double* value) {
  double bound = 0x1p63;
  double least = -0x1p63;
  switch (dtype) {
    case PT2_DTYPE_F16:
      *value = (double)pt2__f16_to_f32(pt2__f32_to_f16((float)*value));
      return PT2_STATUS_OK;
    case PT2_DTYPE_BF16:
      *value = (double)pt2__bf16_to_f32(pt2__f32_to_bf16((float)*value));
      return PT2_STATUS_OK;
    case PT2_DTYPE_U8:
      bound = 0x1p8;
      least = 0;
      break;
    case PT2_DTYPE_I8:
      bound = 0x1p7;
      least = -0x1p7;
      break;
    case PT2_DTYPE_I16:
      bound = 0x1p15;
      least = -0x1p15;
      break;
    case PT2_DTYPE_I32:
      bound = 0x1p31;
      least = -0x1p31;
      break;
    case PT2_DTYPE_I64:
      break;
    default:
      return PT2_STATUS_OK;
  }
  PT2_OP_CHECK(*value >= least && *value < bound,
               "%s (%g) cannot be converted to type %s without overflow", name,
               *value, cpp_name(dtype));
  return PT2_STATUS_OK;
}

pt2_status_t pt2__matmul_new_addmv(
    const pt2_tensor_t* self, const pt2_tensor_t* mat, const pt2_tensor_t* vec,
    double beta, double alpha, pt2__matmul_supported_fn supported,
    pt2__matmul_t* matmul, pt2_tensor_t** out_result) {
  PT2_OP_CHECK_TENSOR(self, "self");
  PT2_OP_CHECK_TENSOR(mat, "mat");
  PT2_OP_CHECK_TENSOR(vec, "vec");
  PT2_OP_CHECK(mat->rank == 2 && vec->rank == 1 && self->rank <= 1,
               "vector + matrix @ vector expected, got %d, %d, %d", self->rank,
               mat->rank, vec->rank);
  PT2_OP_CHECK(mat->sizes[1] == vec->sizes[0] &&
                   (self->numel == mat->sizes[0] || self->numel == 1),
               "size mismatch, got input (%lld), mat (%lldx%lld), vec (%lld)",
               (long long)self->numel, (long long)mat->sizes[0],
               (long long)mat->sizes[1], (long long)vec->sizes[0]);
  PT2_OP_CHECK(
      self->dtype == mat->dtype && mat->dtype == vec->dtype,
      "addmv input tensors must have the same dtype, but got %s, %s, and %s",
      pt2__dtype_torch_name(self->dtype), pt2__dtype_torch_name(mat->dtype),
      pt2__dtype_torch_name(vec->dtype));
  PT2_OP_CHECK(supported(mat->dtype),
               "\"addmv_impl_cpu\" not implemented for '%s'",
               pt2__dtype_torch_name(mat->dtype));
  PT2_TRY(narrow_scalar(mat->dtype, "alpha", &alpha));
  PT2_TRY(narrow_scalar(mat->dtype, "beta", &beta));
  *matmul = (pt2__matmul_t){.batch = 1,
                            .m = mat->sizes[0],
                            .n = 1,
                            .k = mat->sizes[1],
                            .alpha = alpha,
                            .beta = beta,
                            .a = matrix_operand(mat),
                            .b = {vec, 0, vec->strides[0], 0}};
  if (beta != 0) {
    matmul->self = (pt2__matmul_operand_t){
        self, 0, self->numel > 1 ? self->strides[0] : 0, 0};
  }
  return make_result(mat->dtype, 1, matmul, out_result);
}

pt2_status_t pt2__matmul_int_mm(pt2_tensor_t* out, const pt2_tensor_t* self,
                                const pt2_tensor_t* mat2,
                                pt2__matmul_t* matmul) {
  PT2_OP_CHECK_TENSOR(out, "out");
  PT2_OP_CHECK_TENSOR(self, "self");
  PT2_OP_CHECK_TENSOR(mat2, "mat2");
  PT2_OP_CHECK(self->rank == 2,
               "int_mm_out_cpu: Expected self to be of dimension 2 but got %d",
               self->rank);
  PT2_OP_CHECK(mat2->rank == 2,
               "int_mm_out_cpu: Expected mat2 to be of dimension 2 but got %d",
               mat2->rank);
  PT2_OP_CHECK(self->sizes[1] == mat2->sizes[0],
               "int_mm_out_cpu: self.size(1) needs to match mat2.size(0) but "
               "got %lld and %lld",
               (long long)self->sizes[1], (long long)mat2->sizes[0]);
  PT2_OP_CHECK(self->dtype == PT2_DTYPE_I8 || self->dtype == PT2_DTYPE_U8,
               "int_mm_out_cpu: Expected self dtype to be int8 or uint8 but "
               "got %s",
               cpp_name(self->dtype));
  PT2_OP_CHECK(mat2->dtype == PT2_DTYPE_I8,
               "int_mm_out_cpu: Expected mat2 dtype to be of type int8 but got "
               "%s",
               cpp_name(mat2->dtype));
  PT2_OP_CHECK(out->dtype == PT2_DTYPE_I32,
               "int_mm_out_cpu: Expected result dtype to be of type kInt but "
               "got %s",
               cpp_name(out->dtype));
  *matmul = (pt2__matmul_t){.batch = 1,
                            .m = self->sizes[0],
                            .n = mat2->sizes[1],
                            .k = self->sizes[1],
                            .alpha = 1,
                            .a = matrix_operand(self),
                            .b = matrix_operand(mat2)};
  PT2_TRY(check_out(out, PT2_DTYPE_I32, 2, (int64_t[]){matmul->m, matmul->n},
                    matmul));
  PT2_OP_CHECK(pt2__tensor_is_contiguous(out),
               "int_mm_out_cpu: Expected result to be contiguous.");
  matmul->out_rs = matmul->n;
  matmul->out_cs = 1;
  return PT2_STATUS_OK;
}

static pt2_status_t check_batches(const char* op, const pt2_tensor_t* batch1,
                                  const pt2_tensor_t* batch2,
                                  pt2__matmul_supported_fn supported,
                                  pt2__matmul_t* matmul) {
  PT2_OP_CHECK(batch1->rank == 3, "batch1 must be a 3D tensor");
  PT2_OP_CHECK(batch2->rank == 3, "batch2 must be a 3D tensor");
  PT2_OP_CHECK(batch1->sizes[0] == batch2->sizes[0] &&
                   batch1->sizes[2] == batch2->sizes[1],
               "Expected size for first two dimensions of batch2 tensor to be: "
               "[%lld, %lld] but got: [%lld, %lld].",
               (long long)batch1->sizes[0], (long long)batch1->sizes[2],
               (long long)batch2->sizes[0], (long long)batch2->sizes[1]);
  PT2_OP_CHECK(batch1->dtype == batch2->dtype,
               "expected scalar type %s but found %s",
               pt2__dtype_torch_name(batch1->dtype),
               pt2__dtype_torch_name(batch2->dtype));
  PT2_OP_CHECK(supported(batch1->dtype), "\"%s\" not implemented for '%s'", op,
               pt2__dtype_torch_name(batch1->dtype));
  *matmul = (pt2__matmul_t){.batch = batch1->sizes[0],
                            .m = batch1->sizes[1],
                            .n = batch2->sizes[2],
                            .k = batch1->sizes[2],
                            .alpha = 1,
                            .a = matrix_operand(batch1),
                            .b = matrix_operand(batch2)};
  return PT2_STATUS_OK;
}

pt2_status_t pt2__matmul_bmm(pt2_tensor_t* out, const pt2_tensor_t* batch1,
                             const pt2_tensor_t* batch2,
                             pt2__matmul_supported_fn supported,
                             pt2__matmul_t* matmul) {
  PT2_OP_CHECK_TENSOR(out, "out");
  PT2_OP_CHECK_TENSOR(batch1, "self");
  PT2_OP_CHECK_TENSOR(batch2, "mat2");
  PT2_TRY(check_batches("bmm", batch1, batch2, supported, matmul));
  return check_out(out, batch1->dtype, 3,
                   (int64_t[]){matmul->batch, matmul->m, matmul->n}, matmul);
}

pt2_status_t pt2__matmul_baddbmm(pt2_tensor_t* out, const pt2_tensor_t* self,
                                 const pt2_tensor_t* batch1,
                                 const pt2_tensor_t* batch2, double beta,
                                 double alpha,
                                 pt2__matmul_supported_fn supported,
                                 pt2__matmul_t* matmul) {
  PT2_OP_CHECK_TENSOR(out, "out");
  PT2_OP_CHECK_TENSOR(self, "self");
  PT2_OP_CHECK_TENSOR(batch1, "batch1");
  PT2_OP_CHECK_TENSOR(batch2, "batch2");
  PT2_TRY(check_batches("baddbmm", batch1, batch2, supported, matmul));
  const int64_t sizes[3] = {matmul->batch, matmul->m, matmul->n};
  PT2_TRY(broadcast_self(self, 3, sizes, &matmul->self));
  PT2_OP_CHECK(self->dtype == batch1->dtype,
               "Input dtypes must be the same, got: input %s, batch1: %s, "
               "batch2: %s",
               cpp_name(self->dtype), cpp_name(batch1->dtype),
               cpp_name(batch2->dtype));
  PT2_TRY(set_scalars(batch1->dtype, beta, alpha, matmul));
  if (beta == 0) {
    matmul->self.tensor = NULL;
  }
  return check_out(out, batch1->dtype, 3, sizes, matmul);
}

bool pt2__matmul_memory_meets(const pt2_tensor_t* tensor,
                              const pt2_tensor_t* other) {
  if (tensor->numel == 0 || other->numel == 0) {
    return false;
  }
  // Mostly their storages lie apart already.
  uintptr_t first = (uintptr_t)tensor->storage->data;
  uintptr_t second = (uintptr_t)other->storage->data;
  if (first + tensor->storage->bytes <= second ||
      second + other->storage->bytes <= first) {
    return false;
  }
  const pt2_tensor_t* both[2] = {tensor, other};
  uintptr_t from[2];
  uintptr_t until[2];
  for (int i = 0; i < 2; ++i) {
    size_t element = pt2__dtype_bytes(both[i]->dtype);
    size_t bytes = element;
    for (int d = 0; d < both[i]->rank; ++d) {
      bytes +=
          (size_t)((both[i]->sizes[d] - 1) * both[i]->strides[d]) * element;
    }
    from[i] = (uintptr_t)both[i]->data;
    until[i] = from[i] + bytes;
  }
  return from[0] < until[1] && from[1] < until[0];
}
