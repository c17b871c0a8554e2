// SPDX-License-Identifier: Apache-2.0
//
// Tensors as rows along one dimension.
#include "backends/mps/mps.h"

bool pt2__mps_wrap_dim(const pt2__mps_view_t* view, int64_t* dim) {
  int64_t range = view->rank > 0 ? view->rank : 1;
  if (*dim < -range || *dim >= range) {
    return false;
  }
  *dim += *dim < 0 ? range : 0;
  return true;
}

// Whether the last of |rows|' dimensions and dimension |d| of |views|, which is
// further in, are as good as one.
static bool goes_on(const pt2__mps_rows_t* rows,
                    const pt2__mps_view_t* const* views, int count, int64_t d) {
  bool same = rows->rank > 0;
  for (int i = 0; same && i < count; ++i) {
    same = rows->strides[i][rows->rank - 1] ==
           views[i]->strides[d] * views[0]->sizes[d];
  }
  return same;
}

bool pt2__mps_rows(const pt2__mps_view_t* const* views, int count, int64_t dim,
                   pt2__mps_rows_t* out_rows) {
  pt2__mps_rows_t* rows = out_rows;
  *rows = (pt2__mps_rows_t){0};
  for (int64_t d = 0; d < views[0]->rank; ++d) {
    int64_t size = views[0]->sizes[d];
    if (d == dim || size == 1) {
      continue;
    }
    if (goes_on(rows, views, count, d)) {
      rows->sizes[rows->rank - 1] *= size;
    } else if (rows->rank == PT2__MPS_ROW_DIMS) {
      return false;
    } else {
      rows->sizes[rows->rank++] = size;
    }
    for (int i = 0; i < count; ++i) {
      rows->strides[i][rows->rank - 1] = views[i]->strides[d];
    }
  }
  return true;
}

// ---- Results ----------------------------------------------------------------

// As PyTorch's empty_like: > 0 if dimension |a| belongs outside of |b|, 0 if
// that cannot be told.
static int compare(const pt2__mps_view_t* like, int a, int b) {
  int64_t left = like->strides[a], right = like->strides[b];
  if (left == 0 || right == 0) {
    return 0;
  }
  if (left != right) {
    return left < right ? -1 : 1;
  }
  return like->sizes[a] > like->sizes[b] ? 1 : 0;
}

// Dimensions by stride, the innermost first; what cannot be told stays.
static void order_dims(const pt2__mps_view_t* like, int* order) {
  for (int i = 0; i < like->rank; ++i) {
    order[i] = (int)like->rank - 1 - i;
  }
  for (int i = 1; i < like->rank; ++i) {
    int at = i;
    for (int other = i - 1; other >= 0; --other) {
      int found = compare(like, order[other], order[at]);
      if (found < 0) {
        break;
      }
      if (found > 0) {
        int dim = order[other];
        order[other] = order[at];
        order[at] = dim;
        at = other;
      }
    }
  }
}

bool pt2__mps_is_dense(const pt2__mps_view_t* like) {
  int64_t next = 1;
  for (int found = 0; found < like->rank && next < like->numel; ++found) {
    for (int d = 0; d < like->rank; ++d) {
      if (like->sizes[d] > 1 && like->strides[d] == next) {
        next *= like->sizes[d];
        break;
      }
    }
  }
  return next >= like->numel;
}

bool pt2__mps_is_contiguous(const pt2__mps_view_t* view) {
  int64_t stride = 1;
  for (int64_t d = view->rank; d-- > 0;) {
    if (view->sizes[d] != 1 && view->strides[d] != stride) {
      return false;
    }
    stride *= view->sizes[d];
  }
  return true;
}

void pt2__mps_delete(AtenTensorHandle tensor) {
  if (tensor != NULL) {
    pt2__mps_host.delete_tensor_object(tensor);
  }
}

pt2_status_t pt2__mps_make_strided(int64_t rank, const int64_t* sizes,
                                   const int64_t* strides, int32_t dtype,
                                   AtenTensorHandle* out) {
  return pt2__mps_host.empty_strided(rank, sizes, strides, dtype,
                                     PT2_DEVICE_MPS, 0, out) == 0
             ? PT2_STATUS_OK
             : PT2_STATUS_OUT_OF_MEMORY;  // the library has said why
}

pt2_status_t pt2__mps_make(int64_t rank, const int64_t* sizes, int32_t dtype,
                           const pt2__mps_view_t* like, AtenTensorHandle* out) {
  int64_t strides[PT2__MPS_RANK_MAX];
  int order[PT2__MPS_RANK_MAX];
  if (rank > PT2__MPS_RANK_MAX) {
    return PT2__MPS_FAIL(PT2_STATUS_UNSUPPORTED,
                         "mps: a tensor of more than %d dimensions",
                         PT2__MPS_RANK_MAX);
  }
  for (int i = 0; i < rank; ++i) {
    order[i] = (int)rank - 1 - i;
  }
  if (like != NULL) {
    order_dims(like, order);
  }
  bool same = like != NULL && pt2__mps_is_dense(like);
  int64_t next = 1;
  for (int i = 0; i < rank; ++i) {
    int d = order[i];
    strides[d] = same ? like->strides[d] : next;
    next *= sizes[d] > 1 ? sizes[d] : 1;
  }
  return pt2__mps_make_strided(rank, sizes, strides, dtype, out);
}
