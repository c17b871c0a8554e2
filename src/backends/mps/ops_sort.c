// SPDX-License-Identifier: Apache-2.0
//
// sort, sort.stable and topk, all stable and in order. What the kernels do not
// do (other dtypes, wrong dimensions, topk of bool) is the cpu's, and so are
// its complaints.
#include "backends/mps/mps.h"

// The kernels' structs of the same names (kernels/sort.metal).
typedef struct {
  int32_t length;
  int32_t wanted;
  int32_t block;
  int32_t run;
  int32_t pitch;
  int32_t descending;
  int64_t steps[3];
  pt2__mps_rows_t rows;
} sort_t;
typedef struct {
  int32_t run, last, runs, pitch;
  int32_t merged_run, merged_pitch;
} merge_t;

// The kernel's own.
#define BLOCK_MAX 1024
#define BLOCK_MIN 16

typedef struct {
  AtenTensorHandle self, values, indices;
  pt2__mps_view_t view;  // of self
  int64_t rows;
  sort_t sort;
} call_t;

// Runs: keys and places, twice, to merge from one to the other.
typedef struct {
  AtenTensorHandle keys[2], places[2];
} scratch_t;

static int32_t least(int32_t a, int32_t b) { return a < b ? a : b; }

static pt2_status_t find_kernel(const call_t* call, const char* name,
                                pt2__mps_kernel_t** out_kernel) {
  return pt2__mps_own_kernel(pt2__mps_sort_source, call->view.dtype, name,
                             out_kernel);
}

static pt2_status_t encode_locked(pt2__mps_kernel_t* kernel,
                                  const AtenTensorHandle* tensors,
                                  unsigned count, const void* bytes,
                                  size_t byte_count, const uint64_t* threads,
                                  const uint64_t* group) {
  PT2__MPS_TRY(pt2__mps_encode_begin(kernel));
  for (unsigned i = 0; i < count; ++i) {
    PT2__MPS_TRY(pt2__mps_encode_tensor(i, tensors[i]));
  }
  PT2__MPS_TRY(pt2__mps_encode_bytes(count, bytes, byte_count));
  return pt2__mps_encode_dispatch(kernel, threads, 2, group, 2);
}

// |tensors| are the first arguments, |bytes| the one behind them.
static pt2_status_t encode(pt2__mps_kernel_t* kernel,
                           const AtenTensorHandle* tensors, unsigned count,
                           const void* bytes, size_t byte_count,
                           const uint64_t* threads, const uint64_t* group) {
  pt2__mps_lock();
  pt2_status_t status =
      encode_locked(kernel, tensors, count, bytes, byte_count, threads, group);
  pt2__mps_unlock();
  return status;
}

static pt2_status_t sort_short_rows(const call_t* call) {
  pt2__mps_kernel_t* kernel;
  PT2__MPS_TRY(find_kernel(call, "sort_rows", &kernel));
  const AtenTensorHandle tensors[] = {call->values, call->indices, call->self};
  uint64_t group[2] = {(uint64_t)call->sort.block / 2, 1};
  uint64_t threads[2] = {group[0], (uint64_t)call->rows};
  return encode(kernel, tensors, 3, &call->sort, sizeof(call->sort), threads,
                group);
}

static pt2_status_t sort_blocks(const call_t* call, const scratch_t* scratch,
                                int32_t blocks) {
  pt2__mps_kernel_t* kernel;
  PT2__MPS_TRY(find_kernel(call, "sort_blocks", &kernel));
  const AtenTensorHandle tensors[] = {scratch->keys[0], scratch->places[0],
                                      call->self};
  uint64_t group[2] = {(uint64_t)call->sort.block / 2, 1};
  uint64_t threads[2] = {group[0] * (uint64_t)blocks, (uint64_t)call->rows};
  return encode(kernel, tensors, 3, &call->sort, sizeof(call->sort), threads,
                group);
}

// Merges pairs of runs from one side of |scratch| to the other until one run is
// left, on |*out_side|.
static pt2_status_t merge_runs(const call_t* call, const scratch_t* scratch,
                               merge_t runs, int* out_side) {
  pt2__mps_kernel_t* kernel;
  PT2__MPS_TRY(find_kernel(call, "sort_merge", &kernel));
  int side = 0;
  for (; runs.runs > 1; side = 1 - side) {
    int32_t merged_runs = (runs.runs + 1) / 2;
    int32_t last = runs.runs % 2 == 1
                       ? runs.last
                       : least(call->sort.wanted, runs.run + runs.last);
    runs.merged_run = least(call->sort.wanted, 2 * runs.run);
    runs.merged_pitch = (merged_runs - 1) * runs.merged_run + last;
    const AtenTensorHandle tensors[] = {
        scratch->keys[1 - side], scratch->places[1 - side], scratch->keys[side],
        scratch->places[side]};
    uint64_t threads[2] = {(uint64_t)runs.pitch, (uint64_t)call->rows};
    uint64_t group[2] = {kernel->max_threads, 1};
    PT2__MPS_TRY(
        encode(kernel, tensors, 4, &runs, sizeof(runs), threads, group));
    runs = (merge_t){.run = runs.merged_run,
                     .last = last,
                     .runs = merged_runs,
                     .pitch = runs.merged_pitch};
  }
  *out_side = side;
  return PT2_STATUS_OK;
}

static pt2_status_t finish(const call_t* call, AtenTensorHandle places) {
  pt2__mps_kernel_t* kernel;
  PT2__MPS_TRY(find_kernel(call, "sort_finish", &kernel));
  const AtenTensorHandle tensors[] = {call->values, call->indices, call->self,
                                      places};
  uint64_t threads[2] = {(uint64_t)call->sort.wanted, (uint64_t)call->rows};
  uint64_t group[2] = {kernel->max_threads, 1};
  return encode(kernel, tensors, 4, &call->sort, sizeof(call->sort), threads,
                group);
}

static pt2_status_t sort_with(call_t* call, scratch_t* scratch, merge_t runs) {
  int64_t size = call->rows * runs.pitch;
  int32_t key = pt2__mps_host.dtype_element_size(call->view.dtype) == 8
                    ? PT2_DTYPE_I64
                    : PT2_DTYPE_I32;
  for (int i = 0; i < 2; ++i) {
    PT2__MPS_TRY(pt2__mps_make(1, &size, key, NULL, &scratch->keys[i]));
    PT2__MPS_TRY(
        pt2__mps_make(1, &size, PT2_DTYPE_I32, NULL, &scratch->places[i]));
  }
  int side;
  PT2__MPS_TRY(sort_blocks(call, scratch, runs.runs));
  PT2__MPS_TRY(merge_runs(call, scratch, runs, &side));
  return finish(call, scratch->places[side]);
}

static pt2_status_t sort_long_rows(call_t* call) {
  sort_t* sort = &call->sort;
  int32_t blocks = (int32_t)pt2__mps_divide_up(sort->length, BLOCK_MAX);
  sort->run = least(BLOCK_MAX, sort->wanted);
  int32_t last = least(sort->run, sort->length - (blocks - 1) * BLOCK_MAX);
  sort->pitch = (blocks - 1) * sort->run + last;
  merge_t runs = {
      .run = sort->run, .last = last, .runs = blocks, .pitch = sort->pitch};
  scratch_t scratch = {0};
  pt2_status_t status = sort_with(call, &scratch, runs);
  // Commands keep what they use.
  for (int i = 0; i < 2; ++i) {
    pt2__mps_delete(scratch.keys[i]);
    pt2__mps_delete(scratch.places[i]);
  }
  return status;
}

// Fills in what the kernels are told; false if they cannot do it.
static bool describe(call_t* call, int64_t dim, int64_t wanted) {
  pt2__mps_view_t values, indices;
  pt2__mps_view(call->values, &values);
  pt2__mps_view(call->indices, &indices);
  const pt2__mps_view_t* views[] = {&call->view, &values, &indices};
  sort_t* sort = &call->sort;
  sort->length = (int32_t)pt2__mps_size_at(&call->view, dim);
  sort->wanted = (int32_t)wanted;
  sort->block = BLOCK_MIN;
  while (sort->block < BLOCK_MAX && sort->block < sort->length) {
    sort->block *= 2;
  }
  for (int i = 0; i < 3; ++i) {
    sort->steps[i] = pt2__mps_stride_at(views[i], dim);
  }
  call->rows = values.numel > 0 ? values.numel / wanted : 0;
  return pt2__mps_rows(views, 3, dim, &sort->rows);
}

static void drop(call_t* call) {
  pt2__mps_delete(call->values);
  pt2__mps_delete(call->indices);
}

static pt2_status_t run(call_t* call, AtenTensorHandle* ret0,
                        AtenTensorHandle* ret1) {
  pt2_status_t status = PT2_STATUS_OK;
  if (call->rows > 0) {
    status = call->sort.length <= BLOCK_MAX ? sort_short_rows(call)
                                            : sort_long_rows(call);
  }
  if (status == PT2_STATUS_OK) {
    *ret0 = call->values;
    *ret1 = call->indices;
  } else {
    drop(call);
  }
  return status;
}

static pt2_status_t check_out(const char* who, AtenTensorHandle* ret0,
                              AtenTensorHandle* ret1) {
  PT2__MPS_TRY(pt2__mps_check_out(who, ret0));
  return pt2__mps_check_out(who, ret1);
}

// The |wanted| first, all if that is NULL; false (nothing was done) if the
// kernels cannot do it.
static bool sort(AtenTensorHandle self, const int64_t* wanted, int64_t dim,
                 bool descending, AtenTensorHandle* ret0,
                 AtenTensorHandle* ret1, pt2_status_t* out_status) {
  call_t call = {.self = self, .sort.descending = descending};
  const pt2__mps_view_t* view = &call.view;
  *out_status =
      check_out(wanted != NULL ? "aten::topk" : "aten::sort", ret0, ret1);
  if (*out_status != PT2_STATUS_OK) {
    return true;
  }
  if (!pt2__mps_view(self, &call.view) || !pt2__mps_wrap_dim(view, &dim) ||
      !pt2__mps_has_type(view->dtype) || view->numel > INT32_MAX / 2 ||
      view->rank > PT2__MPS_RANK_MAX) {
    return false;
  }
  int64_t length = pt2__mps_size_at(view, dim);
  int64_t count = wanted != NULL && view->rank > 0 ? *wanted : length;
  if (wanted != NULL && (*wanted < 0 || *wanted > length)) {
    return false;
  }
  int64_t sizes[PT2__MPS_RANK_MAX];
  for (int64_t d = 0; d < view->rank; ++d) {
    sizes[d] = d == dim ? count : view->sizes[d];
  }
  const pt2__mps_view_t* like = wanted == NULL ? view : NULL;
  *out_status =
      pt2__mps_make(view->rank, sizes, view->dtype, like, &call.values);
  if (*out_status == PT2_STATUS_OK) {
    *out_status =
        pt2__mps_make(view->rank, sizes, PT2_DTYPE_I64, like, &call.indices);
  }
  if (*out_status != PT2_STATUS_OK) {
    drop(&call);
    return true;
  }
  if (!describe(&call, dim, count)) {
    drop(&call);
    return false;
  }
  *out_status = run(&call, ret0, ret1);
  return true;
}

AOTITorchError aoti_torch_mps_sort(AtenTensorHandle self, int64_t dim,
                                   int32_t descending, AtenTensorHandle* ret0,
                                   AtenTensorHandle* ret1) {
  pt2_status_t status;
  if (!sort(self, NULL, dim, descending != 0, ret0, ret1, &status)) {
    return pt2__mps_host.cpu_sort(self, dim, descending, ret0, ret1);
  }
  PT2__MPS_RETURN(status);
}

AOTITorchError aoti_torch_mps_sort_stable(AtenTensorHandle self,
                                          int32_t* stable, int64_t dim,
                                          int32_t descending,
                                          AtenTensorHandle* ret0,
                                          AtenTensorHandle* ret1) {
  pt2_status_t status;
  if (!sort(self, NULL, dim, descending != 0, ret0, ret1, &status)) {
    return pt2__mps_host.cpu_sort_stable(self, stable, dim, descending, ret0,
                                         ret1);
  }
  PT2__MPS_RETURN(status);
}

// In order whether |sorted| or not; of equal ones the first come first.
AOTITorchError aoti_torch_mps_topk(AtenTensorHandle self, int64_t k,
                                   int64_t dim, int32_t largest, int32_t sorted,
                                   AtenTensorHandle* ret0,
                                   AtenTensorHandle* ret1) {
  pt2_status_t status;
  pt2__mps_view_t view;
  if (!pt2__mps_view(self, &view) || view.dtype == PT2_DTYPE_BOOL ||
      !sort(self, &k, dim, largest != 0, ret0, ret1, &status)) {
    return pt2__mps_host.cpu_topk(self, k, dim, largest, sorted, ret0, ret1);
  }
  PT2__MPS_RETURN(status);
}
