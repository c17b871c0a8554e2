// SPDX-License-Identifier: Apache-2.0
//
// aten::histc.
#include "backends/cpu/kernels/reduce/histogram.h"

static pt2_status_t count(const pt2_tensor_t* dense, int64_t bins, double low,
                          double high, pt2_tensor_t* result) {
  size_t bytes = pt2_dtype_size_bytes(dense->dtype) * ((size_t)bins + 1);
  void* edges = pt2__pool_alloc(bytes);
  if (edges == NULL) {
    return PT2_OUT_OF_MEMORY(bytes);
  }
  pt2__histogram_edges(dense->dtype, low, high, bins, edges);
  const void* const all_edges[1] = {edges};
  const pt2__histogram_t histogram = {.dtype = dense->dtype,
                                      .points = dense->numel,
                                      .dims = 1,
                                      .bins = &bins,
                                      .edges = all_edges};
  pt2_status_t status =
      pt2__histogram_run(&histogram, dense->data, result->data);
  pt2__pool_free(edges, bytes);
  return status;
}

static pt2_status_t count_into(const pt2_tensor_t* self, int64_t bins,
                               double low, double high, pt2_tensor_t* result) {
  pt2_tensor_t* dense;
  PT2_TRY(pt2__tensor_contiguous(self, &dense));
  if (low == high && self->numel > 0) {
    pt2__histogram_extremes(self->dtype, dense->data, self->numel, 1, &low,
                            &high);
  }
  pt2_status_t status = pt2__histogram_check_range(0, 1.0, &low, &high);
  if (status == PT2_STATUS_OK) {
    status = count(dense, bins, low, high, result);
  }
  pt2__tensor_release(dense);
  return status;
}

static pt2_status_t histc(const pt2_tensor_t* self, int64_t bins, double low,
                          double high, AtenTensorHandle* ret0) {
  PT2_OP_CHECK_TENSOR(self, "self");
  PT2_TRY(pt2__histogram_check(self, self->numel, 1, &bins, NULL));
  pt2_tensor_t* result;
  PT2_TRY(pt2__tensor_empty(self->dtype, 1, &bins, NULL, &result));
  pt2_status_t status = count_into(self, bins, low, high, result);
  if (status == PT2_STATUS_OK) {
    *ret0 = result;
  } else {
    pt2__tensor_release(result);
  }
  return status;
}

AOTITorchError aoti_torch_cpu_histc(AtenTensorHandle self, int64_t bins,
                                    double min, double max,
                                    AtenTensorHandle* ret0) {
  PT2_OP_RETURN("aten::histc", histc(self, bins, min, max, ret0));
}
