// SPDX-License-Identifier: Apache-2.0
//
// cumsum, cumprod, logcumsumexp, cummax and cummin. What the kernels do not do
// (other dtypes, numbers with a fraction as integers, wrong dimensions) is the
// cpu's, and so are its complaints.
#include "backends/mps/mps.h"

// The kernel's struct of the same name (kernels/scan.metal).
typedef struct {
  int32_t kind;
  int32_t length;
  int64_t source_step, result_step;
  pt2__mps_rows_t rows;
} scan_t;

enum { SUM, PRODUCT, LOG_SUM_EXP, MAXIMUM, MINIMUM };

// The kernels' own.
#define GROUP_MAX 256
#define EACH 4

typedef struct {
  int32_t kind;
  AtenTensorHandle self;
  int64_t dim;
  const int32_t* dtype;
  AtenTensorHandle *ret0, *ret1;  // ret1: of extremes
} call_t;

static bool is_extreme(const call_t* call) { return call->kind >= MAXIMUM; }

// The result's dtype; false if the kernels do not have it.
static bool find_dtype(const call_t* call, int32_t source, int32_t* out_dtype) {
  if (is_extreme(call)) {
    *out_dtype = source;
    return pt2__mps_has_type(source);
  }
  *out_dtype = call->dtype != NULL         ? *call->dtype
               : pt2__mps_is_float(source) ? source
                                           : PT2_DTYPE_I64;
  if (!pt2__mps_has_type(source) || !pt2__mps_has_type(*out_dtype) ||
      *out_dtype == PT2_DTYPE_BOOL) {
    return false;
  }
  return call->kind == LOG_SUM_EXP
             ? pt2__mps_is_float(source)
             : pt2__mps_is_float(*out_dtype) || !pt2__mps_is_float(source);
}

// Threads for one row.
static uint64_t group_for(int64_t length) {
  uint64_t threads = 32;
  while (threads < GROUP_MAX && (int64_t)threads * EACH < length) {
    threads *= 2;
  }
  return threads;
}

// The results: values, and places of extremes.
typedef struct {
  AtenTensorHandle values, places;
} results_t;

static const char* kernel_name(const call_t* call, bool columns) {
  if (is_extreme(call)) {
    return columns ? "extreme_columns" : "extreme_rows";
  }
  return columns ? "scan_columns" : "scan_rows";
}

static pt2_status_t encode_call(const call_t* call, const scan_t* scan,
                                const results_t* out, int64_t rows,
                                bool columns, pt2__mps_kernel_t* kernel) {
  PT2__MPS_TRY(pt2__mps_encode_begin(kernel));
  PT2__MPS_TRY(pt2__mps_encode_tensor(0, out->values));
  PT2__MPS_TRY(pt2__mps_encode_tensor(1, call->self));
  PT2__MPS_TRY(pt2__mps_encode_bytes(2, scan, sizeof(*scan)));
  if (is_extreme(call)) {
    PT2__MPS_TRY(pt2__mps_encode_tensor(3, out->places));
  }
  uint64_t group[2] = {group_for(scan->length), 1};
  uint64_t threads[2] = {columns ? (uint64_t)rows : group[0], (uint64_t)rows};
  return pt2__mps_encode_dispatch(kernel, threads, columns ? 1 : 2,
                                  columns ? NULL : group, 2);
}

static pt2_status_t encode(const call_t* call, const pt2__mps_view_t* self,
                           int32_t dtype, const scan_t* scan,
                           const results_t* out) {
  int64_t rows = self->numel / scan->length;
  int last = scan->rows.rank - 1;
  // Threads side by side read side by side, if there are enough of them.
  bool columns =
      scan->length <= EACH * 8 ||
      (rows >= GROUP_MAX && scan->rows.strides[0][last] < scan->source_step);
  pt2__mps_kernel_t* kernel;
  PT2__MPS_TRY(pt2__mps_own_kernel_of_two(pt2__mps_scan_source, dtype,
                                          self->dtype,
                                          kernel_name(call, columns), &kernel));
  pt2__mps_lock();
  pt2_status_t status = encode_call(call, scan, out, rows, columns, kernel);
  pt2__mps_unlock();
  return status;
}

static pt2_status_t make_results(const call_t* call,
                                 const pt2__mps_view_t* self, int32_t dtype,
                                 results_t* out) {
  PT2__MPS_TRY(
      pt2__mps_make(self->rank, self->sizes, dtype, NULL, &out->values));
  return is_extreme(call) ? pt2__mps_make(self->rank, self->sizes,
                                          PT2_DTYPE_I64, NULL, &out->places)
                          : PT2_STATUS_OK;
}

static pt2_status_t check_out(const call_t* call) {
  static const char* const names[] = {[SUM] = "aten::cumsum",
                                      [PRODUCT] = "aten::cumprod",
                                      [LOG_SUM_EXP] = "aten::logcumsumexp",
                                      [MAXIMUM] = "aten::cummax",
                                      [MINIMUM] = "aten::cummin"};
  PT2__MPS_TRY(pt2__mps_check_out(names[call->kind], call->ret0));
  return is_extreme(call) ? pt2__mps_check_out(names[call->kind], call->ret1)
                          : PT2_STATUS_OK;
}

static void drop(const results_t* out) {
  pt2__mps_delete(out->values);
  pt2__mps_delete(out->places);
}

// Gives |call| its results, or drops them.
static pt2_status_t finish(const call_t* call, pt2_status_t status,
                           const results_t* out) {
  if (status != PT2_STATUS_OK) {
    drop(out);
    return status;
  }
  *call->ret0 = out->values;
  if (is_extreme(call)) {
    *call->ret1 = out->places;
  }
  return PT2_STATUS_OK;
}

// False (nothing was done) if the kernels cannot do it.
static bool scan(const call_t* call, pt2_status_t* out_status) {
  pt2__mps_view_t self, result;
  int64_t dim = call->dim;
  int32_t dtype;
  results_t out = {NULL, NULL};
  *out_status = check_out(call);
  if (*out_status != PT2_STATUS_OK) {
    return true;
  }
  if (!pt2__mps_view(call->self, &self) || !pt2__mps_wrap_dim(&self, &dim) ||
      !find_dtype(call, self.dtype, &dtype) || self.numel > INT32_MAX) {
    return false;
  }
  *out_status = make_results(call, &self, dtype, &out);
  if (*out_status != PT2_STATUS_OK) {
    drop(&out);
    return true;
  }
  pt2__mps_view(out.values, &result);
  const pt2__mps_view_t* views[] = {&self, &result};
  scan_t args = {.kind = call->kind,
                 .length = (int32_t)pt2__mps_size_at(&self, dim),
                 .source_step = pt2__mps_stride_at(&self, dim),
                 .result_step = pt2__mps_stride_at(&result, dim)};
  if (!pt2__mps_rows(views, 2, dim, &args.rows)) {
    drop(&out);
    return false;
  }
  if (self.numel > 0) {
    *out_status = encode(call, &self, dtype, &args, &out);
  }
  *out_status = finish(call, *out_status, &out);
  return true;
}

AOTITorchError aoti_torch_mps_cumsum(AtenTensorHandle self, int64_t dim,
                                     int32_t* dtype, AtenTensorHandle* ret0) {
  call_t call = {SUM, self, dim, dtype, ret0, NULL};
  pt2_status_t status;
  if (!scan(&call, &status)) {
    return pt2__mps_host.cpu_cumsum(self, dim, dtype, ret0);
  }
  PT2__MPS_RETURN(status);
}

AOTITorchError aoti_torch_mps_cumprod(AtenTensorHandle self, int64_t dim,
                                      int32_t* dtype, AtenTensorHandle* ret0) {
  call_t call = {PRODUCT, self, dim, dtype, ret0, NULL};
  pt2_status_t status;
  if (!scan(&call, &status)) {
    return pt2__mps_host.cpu_cumprod(self, dim, dtype, ret0);
  }
  PT2__MPS_RETURN(status);
}

AOTITorchError aoti_torch_mps_logcumsumexp(AtenTensorHandle self, int64_t dim,
                                           AtenTensorHandle* ret0) {
  call_t call = {LOG_SUM_EXP, self, dim, NULL, ret0, NULL};
  pt2_status_t status;
  if (!scan(&call, &status)) {
    return pt2__mps_host.cpu_logcumsumexp(self, dim, ret0);
  }
  PT2__MPS_RETURN(status);
}

AOTITorchError aoti_torch_mps_cummax(AtenTensorHandle self, int64_t dim,
                                     AtenTensorHandle* ret0,
                                     AtenTensorHandle* ret1) {
  call_t call = {MAXIMUM, self, dim, NULL, ret0, ret1};
  pt2_status_t status;
  if (!scan(&call, &status)) {
    return pt2__mps_host.cpu_cummax(self, dim, ret0, ret1);
  }
  PT2__MPS_RETURN(status);
}

AOTITorchError aoti_torch_mps_cummin(AtenTensorHandle self, int64_t dim,
                                     AtenTensorHandle* ret0,
                                     AtenTensorHandle* ret1) {
  call_t call = {MINIMUM, self, dim, NULL, ret0, ret1};
  pt2_status_t status;
  if (!scan(&call, &status)) {
    return pt2__mps_host.cpu_cummin(self, dim, ret0, ret1);
  }
  PT2__MPS_RETURN(status);
}
