// SPDX-License-Identifier: Apache-2.0
#include "ops/search.h"

#include <inttypes.h>
#include <limits.h>
#include <string.h>

static pt2_status_t check_side(const pt2__search_args_t* args,
                               bool* out_right) {
  *out_right = args->right;
  if (args->side == NULL) {
    return PT2_STATUS_OK;
  }
  bool is_right = strcmp(args->side, "right") == 0;
  PT2_OP_CHECK(is_right || strcmp(args->side, "left") == 0,
               "torch.searchsorted(): side can only be 'left' or 'right' but "
               "got %s",
               args->side);
  PT2_OP_CHECK(!args->right || is_right,
               "torch.searchsorted(): side and right can't be set to "
               "opposites, got side of %s while right was True",
               args->side);
  *out_right = is_right;
  return PT2_STATUS_OK;
}

static pt2_status_t check_places(const pt2_tensor_t* sorter, int64_t length) {
  pt2_tensor_t* dense;
  PT2_TRY(pt2__tensor_contiguous(sorter, &dense));
  const int64_t* places = dense->data;
  pt2_status_t status = PT2_STATUS_OK;
  for (int64_t i = 0; i < dense->numel && status == PT2_STATUS_OK; ++i) {
    if (places[i] < 0 || places[i] >= length) {
      status = PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                        "torch.searchsorted(): sorter index out of range "
                        "(%" PRId64 ", there are %" PRId64 ")",
                        places[i], length);
    }
  }
  pt2__tensor_release(dense);
  return status;
}

static pt2_status_t check_sorter(const pt2_tensor_t* sorter,
                                 const pt2_tensor_t* boundaries) {
  PT2_OP_CHECK_TENSOR(sorter, "sorter");
  bool same = sorter->rank == boundaries->rank;
  for (int32_t d = 0; same && d < sorter->rank; ++d) {
    same = sorter->sizes[d] == boundaries->sizes[d];
  }
  if (!same) {
    char first[128], second[128];
    return PT2_FAIL(
        PT2_STATUS_INVALID_ARGUMENT,
        "torch.searchsorted(): boundary and sorter must have the "
        "same size, but got boundary tensor %s and sorter tensor "
        "%s",
        pt2__sizes_format(boundaries->rank, boundaries->sizes, first,
                          sizeof(first)),
        pt2__sizes_format(sorter->rank, sorter->sizes, second, sizeof(second)));
  }
  PT2_OP_CHECK(sorter->dtype == PT2_DTYPE_I64,
               "torch.searchsorted(): sorter must be a tensor of long dtype "
               "but got dtype %s",
               pt2__dtype_torch_name(sorter->dtype));
  if (sorter->numel == 0 || sorter->rank == 0) {
    return PT2_STATUS_OK;
  }
  return check_places(sorter, sorter->sizes[sorter->rank - 1]);
}

static pt2_status_t check_sizes(const pt2_tensor_t* boundaries,
                                const pt2_tensor_t* values) {
  PT2_OP_CHECK(values->rank > 0 || boundaries->rank == 1,
               "torch.searchsorted(): input value can be a scalar only when "
               "boundaries tensor dimension is 1, but we got boundaries "
               "tensor dim(%d)",
               (int)boundaries->rank);
  PT2_OP_CHECK(boundaries->rank != 0,
               "torch.searchsorted(): boundaries tensor should have positive "
               "dimension, but got 0 dimension");
  bool match = boundaries->rank == 1 || boundaries->rank == values->rank;
  for (int32_t d = 0; match && d + 1 < boundaries->rank; ++d) {
    match = boundaries->sizes[d] == values->sizes[d];
  }
  if (!match) {
    char first[128], second[128];
    return PT2_FAIL(
        PT2_STATUS_INVALID_ARGUMENT,
        "torch.searchsorted(): boundaries tensor should be 1 dimension or the "
        "first N-1 dimensions of boundaries tensor and input value tensor must "
        "match, but we got boundaries tensor %s and input value tensor %s",
        pt2__sizes_format(boundaries->rank, boundaries->sizes, first,
                          sizeof(first)),
        pt2__sizes_format(values->rank, values->sizes, second, sizeof(second)));
  }
  return PT2_STATUS_OK;
}

// torch's result_type: a number, or a tensor of rank 0, only decides where the
// boundaries are of a lower kind.
static int32_t common_dtype(const pt2__search_args_t* args) {
  int32_t first = args->boundaries->dtype, second = args->values->dtype;
  if (args->is_number && pt2__dtype_is_floating(second)) {
    second = PT2_DTYPE_F32;
  }
  if (args->values->rank > 0 || first == PT2_DTYPE_BOOL) {
    return pt2__dtype_promote(first, second);
  }
  bool higher = pt2__dtype_is_integral(first, true) &&
                !pt2__dtype_is_integral(second, true);
  return higher ? pt2__dtype_promote(first, second) : first;
}

pt2_status_t pt2__search_check(const pt2__search_args_t* args, bool* out_right,
                               int32_t* out_dtype) {
  PT2_OP_CHECK_TENSOR(args->boundaries, "sorted_sequence");
  PT2_OP_CHECK_TENSOR(args->values, "self");
  PT2_TRY(check_side(args, out_right));
  if (args->sorter != NULL) {
    PT2_TRY(check_sorter(args->sorter, args->boundaries));
  }
  PT2_TRY(check_sizes(args->boundaries, args->values));
  int64_t length = args->boundaries->sizes[args->boundaries->rank - 1];
  PT2_OP_CHECK(!args->out_int32 || length < INT_MAX,
               "torch.searchsorted(): the size of boundaries' last dimension "
               "should be less than %d, but we got %" PRId64,
               INT_MAX, length);
  *out_dtype = common_dtype(args);
  return PT2_STATUS_OK;
}
