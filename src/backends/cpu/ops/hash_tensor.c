// SPDX-License-Identifier: Apache-2.0
//
// aten::hash_tensor, by name: the exclusive or of the elements' bits, of floats
// as doubles.
#include <string.h>

#include "ops/boxed.h"
#include "ops/reduce_dim.h"

static uint64_t bits_of(int32_t dtype, const void* element) {
  if (pt2__dtype_is_floating(dtype)) {
    const double value = pt2__element_get_f64(dtype, element);
    uint64_t bits;
    memcpy(&bits, &value, sizeof(bits));
    return bits;
  }
  return (uint64_t)pt2__element_get_i64(dtype, element);
}

static void hash(const pt2_tensor_t* dense, const pt2__reduce_dims_t* shape,
                 uint64_t* to) {
  const size_t bytes = pt2_dtype_size_bytes(dense->dtype);
  int64_t index[PT2__MAX_RANK] = {0}, place = 0;
  for (int64_t i = 0; i < dense->numel; ++i) {
    to[place] ^=
        bits_of(dense->dtype, (const char*)dense->data + (size_t)i * bytes);
    pt2__reduce_dims_next(dense, shape, index, &place);
  }
}

static bool is_known(int32_t dtype) {
  return pt2__dtype_is_integral(dtype, true)
             ? dtype < PT2_DTYPE_U16 || dtype > PT2_DTYPE_U64
             : pt2__dtype_is_floating(dtype) && pt2_dtype_size_bytes(dtype) > 1;
}

// (Tensor self, int[1] dim, *, bool keepdim, int mode)
static pt2_status_t hash_tensor(const pt2__boxed_t* boxed,
                                pt2_tensor_t** out_result) {
  pt2_tensor_t *self, *dense, *result;
  const int64_t* dims;
  int64_t count, mode = 0;
  bool keep = false;
  pt2__reduce_dims_t shape;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &self));
  PT2_TRY(pt2__boxed_optional_ints(boxed, 1, "dim", &dims, &count));
  PT2_TRY(pt2__boxed_bool(boxed, 2, "keepdim", &keep));
  PT2_TRY(pt2__boxed_optional_int(boxed, 3, "mode", &mode, NULL));
  PT2_OP_CHECK(mode == 0, "Unknown hash_tensor mode: %lld", (long long)mode);
  PT2_OP_CHECK(is_known(self->dtype),
               "\"xor_sum_cpu\" not implemented for '%s'",
               pt2__dtype_torch_name(self->dtype));
  PT2_TRY(pt2__reduce_dims(self, dims, count, true, keep, &shape));
  PT2_OP_CHECK(self->numel > 0 || count > 0,
               "hash_tensor: Expected reduction dim to be specified for "
               "input.numel() == 0");
  for (int32_t d = 0; d < self->rank; ++d) {
    PT2_OP_CHECK(!shape.reduced[d] || self->sizes[d] > 0,
                 "hash_tensor: Expected reduction dim %d to have non-zero size",
                 (int)d);
  }
  PT2_TRY(pt2__tensor_contiguous(self, &dense));
  pt2_status_t status =
      pt2__tensor_empty(PT2_DTYPE_U64, shape.rank, shape.sizes, NULL, &result);
  if (status == PT2_STATUS_OK) {
    if (result->numel > 0) {
      memset(result->data, 0, (size_t)result->numel * sizeof(uint64_t));
    }
    hash(dense, &shape, result->data);
    *out_result = result;
  }
  pt2__tensor_release(dense);
  return status;
}

PT2_BOXED_OP(hash_tensor, 1, hash_tensor)
