// SPDX-License-Identifier: Apache-2.0
#include "ops/trilinear.h"

static const char* const names[3] = {"i1", "i2", "i3"};

// Sets |flags| of the dimensions in the list.
static pt2_status_t mark(pt2__trilinear_dims_t list, int32_t rank,
                         bool* flags) {
  PT2_OP_CHECK(list.count >= 0 && (list.dims != NULL || list.count == 0),
               "a list of %lld dimensions is NULL", (long long)list.count);
  for (int64_t i = 0; i < list.count; ++i) {
    int64_t dim;
    PT2_TRY(pt2__op_wrap_dim(list.dims[i], rank, &dim));
    PT2_OP_CHECK(!flags[dim],
                 "dim %lld appears multiple times in the list of dims",
                 (long long)dim);
    flags[dim] = true;
  }
  return PT2_STATUS_OK;
}

// Lays operand number |which| over all dimensions.
static pt2_status_t expand_operand(pt2__trilinear_t* t, int which,
                                   pt2__trilinear_dims_t expand,
                                   bool* expanded) {
  const pt2_tensor_t* operand = t->operands[which];
  PT2_TRY(mark(expand, t->rank, expanded));
  PT2_OP_CHECK(operand->rank + expand.count == t->rank,
               "number of dimensions must match: %s has %d and %lld more, "
               "expected %d",
               names[which], operand->rank, (long long)expand.count, t->rank);
  int32_t from = 0;
  for (int32_t i = 0; i < t->rank; ++i) {
    t->sizes[which][i] = expanded[i] ? 1 : operand->sizes[from];
    t->strides[which][i] = t->sizes[which][i] == 1 ? 0 : operand->strides[from];
    from += expanded[i] ? 0 : 1;
  }
  return PT2_STATUS_OK;
}

// The size of dimension |dim|, which is that of the last operand that has it.
static pt2_status_t match(pt2__trilinear_t* t, int32_t dim,
                          bool expanded[3][PT2__MAX_RANK]) {
  int64_t size = 0;
  int64_t largest = 1;
  for (int i = 0; i < 3; ++i) {
    int64_t own = t->sizes[i][dim];
    PT2_OP_CHECK(own == largest || own == 1 || largest == 1,
                 "non-broadcast dimensions must match, got %lld and %lld in "
                 "dimension %d",
                 (long long)own, (long long)largest, dim);
    largest = own == 1 ? largest : own;
    size = expanded[i][dim] ? size : own;
  }
  for (int i = 0; i < 3 && dim == t->unroll; ++i) {
    PT2_OP_CHECK(expanded[i][dim] || t->sizes[i][dim] == size,
                 "%s has size %lld in dimension %d, which is unrolled, "
                 "expected %lld",
                 names[i], (long long)t->sizes[i][dim], dim, (long long)size);
  }
  if (dim == t->unroll) {
    t->unroll_size = size;
  }
  t->result[dim] = t->sum[dim] ? 1 : size;
  PT2_OP_CHECK(t->sum[dim] || size == largest || size == 0,
               "output with size %lld in dimension %d doesn't match the "
               "broadcast size %lld",
               (long long)size, dim, (long long)largest);
  return PT2_STATUS_OK;
}

pt2_status_t pt2__trilinear_check(const pt2_tensor_t* const operands[3],
                                  const pt2__trilinear_dims_t expand[3],
                                  pt2__trilinear_dims_t sum, int64_t unroll,
                                  bool (*supported)(int32_t dtype),
                                  pt2__trilinear_t* t) {
  for (int i = 0; i < 3; ++i) {
    PT2_OP_CHECK_TENSOR(operands[i], names[i]);
  }
  int32_t dtype = operands[0]->dtype;
  PT2_OP_CHECK(expand[0].count >= 0 &&
                   expand[0].count <= PT2__MAX_RANK - operands[0]->rank,
               "only tensors with up to %d dims are supported", PT2__MAX_RANK);
  int32_t rank = operands[0]->rank + (int32_t)expand[0].count;
  PT2_OP_CHECK(unroll >= 0 && unroll < rank,
               "unroll_dim must be in [0,%d], got %lld", rank - 1,
               (long long)unroll);
  *t = (pt2__trilinear_t){.operands = {operands[0], operands[1], operands[2]},
                          .rank = rank,
                          .unroll = (int32_t)unroll};
  bool expanded[3][PT2__MAX_RANK] = {{false}};
  for (int i = 0; i < 3; ++i) {
    PT2_TRY(expand_operand(t, i, expand[i], expanded[i]));
  }
  PT2_TRY(mark(sum, rank, t->sum));
  for (int i = 1; i < 3; ++i) {
    PT2_OP_CHECK(operands[i]->dtype == dtype,
                 "expected scalar type %s but found %s of %s",
                 pt2__dtype_torch_name(dtype),
                 pt2__dtype_torch_name(operands[i]->dtype), names[i]);
  }
  PT2_OP_CHECK(supported(dtype), "\"bmm\" not implemented for '%s'",
               pt2__dtype_torch_name(dtype));
  for (int32_t i = 0; i < rank; ++i) {
    PT2_TRY(match(t, i, expanded));
    t->third[i] = !expanded[2][i];
  }
  t->empty = operands[0]->numel == 0 || operands[1]->numel == 0 ||
             operands[2]->numel == 0 || t->unroll_size == 0;
  return PT2_STATUS_OK;
}
