// SPDX-License-Identifier: Apache-2.0
//
// scatter, scatter_reduce and index_put, in place. What the kernel does not do
// is the cpu's, and so are its complaints: masks, the mean, sums and products
// of 16 bits (which scatter rounds once, at the end), results that are not
// dense or share memory with what is read, and long walks of few threads.
//
// A thread takes all that may come to the same elements, in order: the result
// is the cpu's to the last bit. Indices are checked by the kernel; one that is
// out of range fails the next wait.
#include <math.h>
#include <string.h>

#include "backends/mps/mps.h"

#define WALK_DIMS 8
// Places that one thread takes, unless there are as many threads.
#define WALK_SHORT 1024

// The kernel's struct of the same name (kernels/index.metal).
typedef struct {
  int32_t kind;
  int32_t from_value;
  int32_t starts;
  int32_t wraps;
  int32_t count;
  int32_t index_count;
  int32_t walk_rank;
  float number;
  int64_t whole;
  int32_t wide[PT2__MPS_INDEX_MAX];
  int64_t sizes[PT2__MPS_INDEX_MAX];
  int64_t steps[PT2__MPS_INDEX_MAX];
  int64_t walk_sizes[WALK_DIMS];
  int64_t walk_strides[1 + PT2__MPS_INDEX_MAX][WALK_DIMS];
  pt2__mps_rows_t rows;
} put_t;

enum { SET, SUM, PRODUCT, MAXIMUM, MINIMUM };

typedef struct {
  AtenTensorHandle out, source;  // source: NULL if there is a value
  AtenTensorHandle indices[PT2__MPS_INDEX_MAX];
  pt2__mps_view_t view;  // of out
  int64_t threads;
  pt2__mps_indexed_t indexed;
  put_t put;
} call_t;

// ---- What may be ------------------------------------------------------------

static const char* data_of(AtenTensorHandle tensor) {
  void* data = NULL;
  pt2__mps_host.get_data_ptr(tensor, &data);
  return data;
}

static bool same_tensor(AtenTensorHandle a, AtenTensorHandle b) {
  pt2__mps_view_t x, y;
  if (!pt2__mps_view(a, &x) || !pt2__mps_view(b, &y) || x.rank != y.rank ||
      x.dtype != y.dtype || data_of(a) != data_of(b)) {
    return false;
  }
  for (int64_t d = 0; d < x.rank; ++d) {
    if (x.sizes[d] != y.sizes[d] || x.strides[d] != y.strides[d]) {
      return false;
    }
  }
  return true;
}

// Bytes from the first element to behind the last; there are elements.
static size_t span_of(const pt2__mps_view_t* view) {
  int64_t last = 0;
  for (int64_t d = 0; d < view->rank; ++d) {
    last += (view->sizes[d] - 1) * view->strides[d];
  }
  return (size_t)(last + 1) * pt2__mps_host.dtype_element_size(view->dtype);
}

// Whether |tensor|, which has elements, may be read while |call|'s result is
// written.
static bool is_apart(const call_t* call, AtenTensorHandle tensor,
                     const pt2__mps_view_t* view) {
  uintptr_t a = (uintptr_t)data_of(tensor), b = (uintptr_t)data_of(call->out);
  return a >= b + span_of(&call->view) || b >= a + span_of(view);
}

static bool fits_call(const call_t* call) {
  const pt2__mps_view_t* out = &call->view;
  return pt2__mps_has_type(out->dtype) && out->rank > 0 &&
         out->rank <= PT2__MPS_RANK_MAX && out->numel > 0 &&
         out->numel <= INT32_MAX && pt2__mps_is_dense(out);
}

static bool add_index(call_t* call, AtenTensorHandle index, int64_t dim,
                      pt2__mps_view_t* out_view) {
  int32_t at = call->put.index_count;
  if (at == PT2__MPS_INDEX_MAX || !pt2__mps_view(index, out_view) ||
      (out_view->dtype != PT2_DTYPE_I64 && out_view->dtype != PT2_DTYPE_I32) ||
      out_view->numel == 0 || out_view->numel > INT32_MAX ||
      !is_apart(call, index, out_view)) {
    return false;
  }
  call->indices[at] = index;
  call->indexed.dims[at] = dim;
  call->indexed.sizes[at] = call->view.sizes[dim];
  call->put.wide[at] = out_view->dtype == PT2_DTYPE_I64;
  call->put.sizes[at] = call->view.sizes[dim];
  call->put.steps[at] = call->view.strides[dim];
  ++call->put.index_count;
  return true;
}

static bool add_source(call_t* call, AtenTensorHandle source,
                       pt2__mps_view_t* out_view) {
  call->source = source;
  return pt2__mps_view(source, out_view) &&
         out_view->dtype == call->view.dtype && out_view->numel > 0 &&
         is_apart(call, source, out_view);
}

// ---- The kernel -------------------------------------------------------------

static pt2_status_t encode(const call_t* call, pt2__mps_kernel_t* kernel) {
  const put_t* put = &call->put;
  PT2__MPS_TRY(pt2__mps_encode_begin(kernel));
  PT2__MPS_TRY(pt2__mps_encode_tensor(0, call->out));
  PT2__MPS_TRY(pt2__mps_encode_tensor(
      1, call->source != NULL ? call->source : call->out));
  for (int i = 0; i < PT2__MPS_INDEX_MAX; ++i) {
    PT2__MPS_TRY(pt2__mps_encode_tensor(
        2 + (unsigned)i, call->indices[i < put->index_count ? i : 0]));
  }
  PT2__MPS_TRY(pt2__mps_encode_bytes(6, put, sizeof(*put)));
  PT2__MPS_TRY(pt2__mps_encode_report(7, &call->indexed));
  uint64_t threads = (uint64_t)call->threads;
  return pt2__mps_encode_dispatch(kernel, &threads, 1, NULL, 0);
}

static pt2_status_t run(const call_t* call) {
  pt2__mps_kernel_t* kernel;
  PT2__MPS_TRY(pt2__mps_own_kernel(pt2__mps_index_source, call->view.dtype,
                                   "put", &kernel));
  pt2__mps_lock();
  pt2_status_t status = encode(call, kernel);
  pt2__mps_unlock();
  return status;
}

// Whether one thread takes more places than it should.
static bool walks_too_far(const call_t* call) {
  return call->put.count > WALK_SHORT && call->threads < call->put.count;
}

// ---- scatter ----------------------------------------------------------------

// A value as the kernel takes it; false if it is none of the dtype's.
static bool set_value(call_t* call, double value) {
  put_t* put = &call->put;
  put->number = (float)value;
  if (pt2__mps_is_float(call->view.dtype)) {
    return true;
  }
  if (call->view.dtype == PT2_DTYPE_BOOL) {
    put->whole = value != 0;
    return true;
  }
  put->whole = fabs(value) < 0x1p62 ? (int64_t)value : 0;
  return (double)put->whole == value;
}

static void set_neutral(call_t* call) {
  put_t* put = &call->put;
  bool high = put->kind == MINIMUM;
  int bits = 8 * (int)pt2__mps_host.dtype_element_size(call->view.dtype);
  int64_t most = (int64_t)(UINT64_MAX >> (65 - bits));
  if (put->kind == SUM || put->kind == PRODUCT) {
    put->number = put->kind == PRODUCT ? 1 : 0;
    put->whole = put->kind == PRODUCT;
    return;
  }
  put->number = high ? INFINITY : -INFINITY;
  if (call->view.dtype == PT2_DTYPE_BOOL) {
    put->whole = high;
  } else if (call->view.dtype == PT2_DTYPE_U8) {
    put->whole = high ? 255 : 0;
  } else {
    put->whole = high ? most : -most - 1;
  }
}

// No dimension of |index| but |dim| exceeds |out|'s, none |source|'s.
static bool sizes_fit(const pt2__mps_view_t* out, const pt2__mps_view_t* index,
                      const pt2__mps_view_t* source, int64_t dim) {
  for (int64_t d = 0; d < out->rank; ++d) {
    if ((d != dim && index->sizes[d] > out->sizes[d]) ||
        index->sizes[d] > source->sizes[d]) {
      return false;
    }
  }
  return true;
}

// |call| knows its kind and its value or source. False (nothing was done) if
// the kernel cannot do it.
static bool scatter(call_t* call, AtenTensorHandle self, int64_t dim,
                    AtenTensorHandle index, AtenTensorHandle source,
                    pt2_status_t* out_status) {
  pt2__mps_view_t places, from;
  put_t* put = &call->put;
  if (!same_tensor(call->out, self) || !fits_call(call) ||
      !pt2__mps_wrap_dim(&call->view, &dim) ||
      !add_index(call, index, dim, &places) ||
      (source != NULL && !add_source(call, source, &from))) {
    return false;
  }
  from = source != NULL ? from : places;
  if (places.rank != call->view.rank || from.rank != call->view.rank ||
      !sizes_fit(&call->view, &places, &from, dim)) {
    return false;
  }
  const pt2__mps_view_t* views[] = {&places, &call->view, &from};
  put->count = (int32_t)places.sizes[dim];
  put->walk_rank = 1;
  put->walk_sizes[0] = places.sizes[dim];
  put->walk_strides[0][0] = from.strides[dim];
  put->walk_strides[1][0] = places.strides[dim];
  call->threads = places.numel / places.sizes[dim];
  if (walks_too_far(call) || !pt2__mps_rows(views, 3, dim, &put->rows)) {
    return false;
  }
  *out_status = run(call);
  return true;
}

AOTITorchError aoti_torch_mps_scatter_src_out(AtenTensorHandle out,
                                              AtenTensorHandle self,
                                              int64_t dim,
                                              AtenTensorHandle index,
                                              AtenTensorHandle src) {
  call_t call = {
      .out = out, .indexed.op = "aten::scatter.src_out", .put = {.kind = SET}};
  pt2_status_t status;
  if (src == NULL || !pt2__mps_view(out, &call.view) ||
      !scatter(&call, self, dim, index, src, &status)) {
    return pt2__mps_host.cpu_scatter_src_out(out, self, dim, index, src);
  }
  PT2__MPS_RETURN(status);
}

AOTITorchError aoti_torch_mps_scatter_value_out(AtenTensorHandle out,
                                                AtenTensorHandle self,
                                                int64_t dim,
                                                AtenTensorHandle index,
                                                double value) {
  call_t call = {.out = out,
                 .indexed.op = "aten::scatter.value_out",
                 .put = {.kind = SET, .from_value = 1}};
  pt2_status_t status;
  if (!pt2__mps_view(out, &call.view) || !set_value(&call, value) ||
      !scatter(&call, self, dim, index, NULL, &status)) {
    return pt2__mps_host.cpu_scatter_value_out(out, self, dim, index, value);
  }
  PT2__MPS_RETURN(status);
}

// False for what the kernel does not reduce by.
static bool find_kind(const char* reduce, int32_t dtype, int32_t* out_kind) {
  static const char* const names[] = {[SUM] = "sum",
                                      [PRODUCT] = "prod",
                                      [MAXIMUM] = "amax",
                                      [MINIMUM] = "amin"};
  for (int kind = SUM; reduce != NULL && kind <= MINIMUM; ++kind) {
    if (strcmp(reduce, names[kind]) == 0) {
      *out_kind = kind;
      return kind > PRODUCT ||
             (dtype != PT2_DTYPE_F16 && dtype != PT2_DTYPE_BF16);
    }
  }
  return false;
}

AOTITorchError aoti_torch_mps_scatter_reduce_two_out(
    AtenTensorHandle out, AtenTensorHandle self, int64_t dim,
    AtenTensorHandle index, AtenTensorHandle src, const char* reduce,
    int32_t include_self) {
  call_t call = {.out = out,
                 .indexed.op = "aten::scatter_reduce.two_out",
                 .put = {.starts = include_self == 0}};
  pt2_status_t status;
  bool ours = src != NULL && pt2__mps_view(out, &call.view) &&
              find_kind(reduce, call.view.dtype, &call.put.kind);
  if (ours) {
    set_neutral(&call);
  }
  if (!ours || !scatter(&call, self, dim, index, src, &status)) {
    return pt2__mps_host.cpu_scatter_reduce_two_out(out, self, dim, index, src,
                                                    reduce, include_self);
  }
  PT2__MPS_RETURN(status);
}

// ---- index_put --------------------------------------------------------------

// self[indices]: dimensions before those indexed, what the indices broadcast
// to, and the rest.
typedef struct {
  int64_t rank;
  int64_t sizes[PT2__MPS_RANK_MAX];
  int64_t strides[PT2__MPS_RANK_MAX];  // of out; 0 in the broadcast
  int64_t before, across;
} shape_t;

// Adds an index to what they broadcast to, which is kept from the last
// dimension on; false if it does not fit.
static bool broadcast(const pt2__mps_view_t* index, int64_t* sizes,
                      int64_t* rank) {
  if (index->rank > WALK_DIMS) {
    return false;
  }
  for (; *rank < index->rank; ++*rank) {
    sizes[*rank] = 1;
  }
  for (int64_t i = 0; i < index->rank; ++i) {
    int64_t size = index->sizes[index->rank - 1 - i];
    if (size != 1 && sizes[i] != 1 && size != sizes[i]) {
      return false;
    }
    sizes[i] = sizes[i] == 1 ? size : sizes[i];
  }
  return true;
}

// Finds the indices and what they broadcast to.
static bool take_indices(call_t* call, const AtenTensorHandle* indices,
                         uint32_t count, pt2__mps_view_t* views,
                         shape_t* shape) {
  int64_t sizes[WALK_DIMS];
  int64_t rank = 0;
  if (count > call->view.rank) {
    return false;
  }
  for (uint32_t d = 0; d < count; ++d) {
    if (indices[d] == NULL) {
      continue;
    }
    pt2__mps_view_t* view = &views[call->put.index_count % PT2__MPS_INDEX_MAX];
    if (!add_index(call, indices[d], d, view) ||
        !broadcast(view, sizes, &rank)) {
      return false;
    }
  }
  shape->across = rank;
  call->put.walk_rank = (int32_t)rank;
  for (int64_t i = 0; i < rank; ++i) {
    call->put.walk_sizes[rank - 1 - i] = sizes[i];
  }
  return call->put.index_count > 0;
}

static bool is_indexed(const call_t* call, int64_t dim) {
  for (int i = 0; i < call->put.index_count; ++i) {
    if (call->indexed.dims[i] == dim) {
      return true;
    }
  }
  return false;
}

// Dimensions that are indexed and neighbours stay where they are, others come
// to the front.
static void lay_out(const call_t* call, shape_t* shape) {
  const put_t* put = &call->put;
  const int64_t* dims = call->indexed.dims;
  bool neighbours =
      dims[put->index_count - 1] - dims[0] + 1 == put->index_count;
  shape->before = neighbours ? dims[0] : 0;
  shape->rank = 0;
  for (int64_t d = 0; d <= call->view.rank; ++d) {
    if (d == shape->before) {
      for (int64_t i = 0; i < shape->across; ++i) {
        shape->sizes[shape->rank] = put->walk_sizes[i];
        shape->strides[shape->rank++] = 0;
      }
    }
    if (d < call->view.rank && !is_indexed(call, d)) {
      shape->sizes[shape->rank] = call->view.sizes[d];
      shape->strides[shape->rank++] = call->view.strides[d];
    }
  }
}

// The strides of |values| broadcast to |shape|; false if it does not fit.
static bool value_strides(const shape_t* shape, const pt2__mps_view_t* values,
                          int64_t* strides) {
  if (values->rank > shape->rank) {
    return false;
  }
  int64_t skipped = shape->rank - values->rank;
  for (int64_t d = 0; d < shape->rank; ++d) {
    int64_t size = d < skipped ? 1 : values->sizes[d - skipped];
    if (size != 1 && size != shape->sizes[d]) {
      return false;
    }
    strides[d] = size == 1 ? 0 : values->strides[d - skipped];
  }
  return true;
}

// Fills in the walk over the broadcast, and the rows over the other dimensions.
static bool plan_walk(call_t* call, const shape_t* shape,
                      const pt2__mps_view_t* views, const int64_t* strides) {
  put_t* put = &call->put;
  int64_t count = 1;
  for (int64_t i = 0; i < shape->across; ++i) {
    count *= put->walk_sizes[i];
    if (count > INT32_MAX) {
      return false;
    }
    put->walk_strides[0][i] = strides[shape->before + i];
    for (int k = 0; k < put->index_count; ++k) {
      int64_t d = i - (shape->across - views[k].rank);
      put->walk_strides[1 + k][i] =
          d < 0 || views[k].sizes[d] == 1 ? 0 : views[k].strides[d];
    }
  }
  put->count = (int32_t)count;
  int64_t sizes[PT2__MPS_RANK_MAX], own[PT2__MPS_RANK_MAX],
      theirs[PT2__MPS_RANK_MAX];
  const int64_t zeros[PT2__MPS_RANK_MAX] = {0};
  int64_t rank = 0;
  call->threads = 1;
  for (int64_t d = 0; d < shape->rank; ++d) {
    if (d < shape->before || d >= shape->before + shape->across) {
      sizes[rank] = shape->sizes[d];
      own[rank] = shape->strides[d];
      theirs[rank++] = strides[d];
      call->threads *= shape->sizes[d];
    }
  }
  const pt2__mps_view_t index = {rank, sizes, zeros, 0, 0};
  const pt2__mps_view_t out = {rank, sizes, own, 0, 0};
  const pt2__mps_view_t source = {rank, sizes, theirs, 0, 0};
  const pt2__mps_view_t* rows[] = {&index, &out, &source};
  return !walks_too_far(call) && pt2__mps_rows(rows, 3, -1, &put->rows);
}

// False (nothing was done) if the kernel cannot do it.
static bool index_put(call_t* call, AtenTensorHandle self,
                      const AtenTensorHandle* indices, uint32_t count,
                      AtenTensorHandle values, pt2_status_t* out_status) {
  pt2__mps_view_t from, views[PT2__MPS_INDEX_MAX];
  shape_t shape;
  int64_t strides[PT2__MPS_RANK_MAX];
  // A result has at most that many dimensions.
  if (call->view.rank > PT2__MPS_RANK_MAX - WALK_DIMS) {
    return false;
  }
  if (!same_tensor(call->out, self) || !fits_call(call) ||
      !add_source(call, values, &from) ||
      !take_indices(call, indices, count, views, &shape)) {
    return false;
  }
  lay_out(call, &shape);
  if (!value_strides(&shape, &from, strides) ||
      !plan_walk(call, &shape, views, strides)) {
    return false;
  }
  *out_status = run(call);
  return true;
}

AOTITorchError pt2__mps_index_put_out(AtenTensorHandle out,
                                      AtenTensorHandle self,
                                      const AtenTensorHandle* indices,
                                      const uint32_t num_indices,
                                      const AtenTensorHandle values,
                                      bool accumulate) {
  call_t call = {.out = out,
                 .indexed.op = "aten::index_put.out",
                 .put = {.kind = accumulate ? SUM : SET, .wraps = 1}};
  pt2_status_t status;
  if (indices == NULL || !pt2__mps_view(out, &call.view) ||
      !index_put(&call, self, indices, num_indices, values, &status)) {
    return pt2__mps_host.index_put_out(out, self, indices, num_indices, values,
                                       accumulate);
  }
  PT2__MPS_RETURN(status);
}
