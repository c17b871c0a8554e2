// SPDX-License-Identifier: Apache-2.0
#include "ops/index_reduce.h"

#include <inttypes.h>
#include <string.h>

pt2_status_t pt2__index_reduce_parse(const char* reduce,
                                     pt2__scatter_t* out_kind) {
  bool known = reduce != NULL &&
               (strcmp(reduce, "prod") == 0 || strcmp(reduce, "mean") == 0 ||
                strcmp(reduce, "amax") == 0 || strcmp(reduce, "amin") == 0);
  PT2_OP_CHECK(known,
               "index_reduce(): Expected reduce to be one of prod, mean, amax "
               "or amin but got %s.",
               reduce != NULL ? reduce : "NULL");
  return pt2__scatter_parse(reduce, out_kind);
}

static pt2_status_t check_sizes(const pt2_tensor_t* self, int64_t dim,
                                const pt2_tensor_t* index,
                                const pt2_tensor_t* source) {
  bool match = self->rank == source->rank;
  for (int32_t d = 0; match && d < self->rank; ++d) {
    match = d == dim || self->sizes[d] == source->sizes[d];
  }
  if (!match) {
    char first[128], second[128];
    return PT2_FAIL(
        PT2_STATUS_INVALID_ARGUMENT,
        "source tensor shape must match self tensor shape, excluding the "
        "specified dimension. Got self.shape = %s source.shape = %s",
        pt2__sizes_format(self->rank, self->sizes, first, sizeof(first)),
        pt2__sizes_format(source->rank, source->sizes, second, sizeof(second)));
  }
  int64_t wanted = source->rank > 0 ? source->sizes[dim] : 1;
  PT2_OP_CHECK(index->numel == wanted,
               "index_reduce_(): Number of indices (%" PRId64
               ") should be equal to source.size(dim): (%" PRId64
               "), for dim: %" PRId64,
               index->numel, wanted, dim);
  return PT2_STATUS_OK;
}

static pt2_status_t check_places(const pt2_tensor_t* index, int64_t size) {
  pt2_tensor_t* dense;
  PT2_TRY(pt2__tensor_to_contiguous(index, PT2_DTYPE_I64, &dense));
  const int64_t* places = dense->data;
  pt2_status_t status = PT2_STATUS_OK;
  for (int64_t i = 0; i < dense->numel && status == PT2_STATUS_OK; ++i) {
    if (places[i] < 0 || places[i] >= size) {
      status = PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                        "index out of range in self (%" PRId64
                        ", the size is %" PRId64 ")",
                        places[i], size);
    }
  }
  pt2__tensor_release(dense);
  return status;
}

pt2_status_t pt2__index_reduce_check(const pt2_tensor_t* self, int64_t* dim,
                                     const pt2_tensor_t* index,
                                     const pt2_tensor_t* source) {
  PT2_OP_CHECK_TENSOR(self, "self");
  PT2_OP_CHECK_TENSOR(index, "index");
  PT2_OP_CHECK_TENSOR(source, "source");
  PT2_TRY(pt2__op_wrap_dim(*dim, self->rank, dim));
  PT2_OP_CHECK(index->rank <= 1,
               "index_reduce_(): Index is supposed to be a vector, but got "
               "dim: %d",
               (int)index->rank);
  PT2_OP_CHECK(index->dtype == PT2_DTYPE_I64 || index->dtype == PT2_DTYPE_I32,
               "index_reduce_(): Expected dtype int32/int64 for index but got: "
               "%s",
               pt2__dtype_torch_name(index->dtype));
  PT2_OP_CHECK(self->dtype == source->dtype,
               "index_reduce_(): self (%s) and source (%s) must have the same "
               "scalar type",
               pt2__dtype_torch_name(self->dtype),
               pt2__dtype_torch_name(source->dtype));
  PT2_TRY(check_sizes(self, *dim, index, source));
  return check_places(index, self->rank > 0 ? self->sizes[*dim] : 1);
}
