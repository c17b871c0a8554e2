// SPDX-License-Identifier: Apache-2.0
//
// aten::native_dropout: the input scaled where a mask of Bernoulli trials is
// one.
#include <string.h>

#include "backends/cpu/random/fill.h"
#include "ops/random.h"

// out = self * mask * scale, rounded to the dtype after each product as torch
// does. All three have the same strides.
static void apply(const pt2_tensor_t* self, const bool* mask, double scale,
                  pt2_tensor_t* out) {
  int64_t count = self->numel;
  if (self->dtype == PT2_DTYPE_F32) {
    const float* in = self->data;
    float* to = out->data;
    float factor = (float)scale;
    for (int64_t i = 0; i < count; ++i) {
      to[i] = in[i] * (float)mask[i] * factor;
    }
  } else if (self->dtype == PT2_DTYPE_F64) {
    const double* in = self->data;
    double* to = out->data;
    for (int64_t i = 0; i < count; ++i) {
      to[i] = in[i] * (double)mask[i] * scale;
    }
  } else {
    // torch rounds the scale to the dtype first.
    char rounded[2];
    pt2__element_set_f64(self->dtype, rounded, scale);
    float factor = (float)pt2__element_get_f64(self->dtype, rounded);
    const char* in = self->data;
    char* to = out->data;
    for (int64_t i = 0; i < count; ++i) {
      float value = (float)pt2__element_get_f64(self->dtype, in + 2 * i);
      pt2__element_set_f64(self->dtype, to + 2 * i,
                           (double)(value * (float)mask[i] * factor));
    }
  }
}

static pt2_status_t fill_dropout(const pt2_tensor_t* self, double p, bool train,
                                 pt2_tensor_t* out, pt2_tensor_t* mask) {
  if (p == 0 || !train) {
    if (mask->numel > 0) {
      memset(mask->data, 1, (size_t)mask->numel);
    }
    return pt2__tensor_copy(out, self);
  }
  pt2_tensor_t* dense;
  // The copy's layout is the result's: a dense tensor of self's order.
  PT2_TRY(pt2__tensor_empty_like(self, self->dtype, &dense));
  pt2_status_t status = pt2__tensor_copy(dense, self);
  if (status == PT2_STATUS_OK) {
    pt2__generator_t* generator = pt2__generator_acquire(NULL);
    pt2__fill_bernoulli(generator, mask, 1.0 - p);
    pt2__generator_release(generator);
    apply(dense, mask->data, p == 1 ? 0.0 : 1.0 / (1.0 - p), out);
  }
  pt2__tensor_release(dense);
  return status;
}

static pt2_status_t dropout(const pt2_tensor_t* self, double p,
                            const int32_t* train, AtenTensorHandle* ret0,
                            AtenTensorHandle* ret1) {
  PT2_OP_CHECK_TENSOR(self, "input");
  PT2_TRY(pt2__random_check_floating(self, "native_dropout", false));
  PT2_OP_CHECK(p >= 0.0 && p <= 1.0,
               "dropout probability has to be between 0 and 1, but got %g", p);
  pt2_tensor_t *out, *mask;
  PT2_TRY(pt2__tensor_empty_like(self, self->dtype, &out));
  // torch's mask of nothing has the input's dtype.
  pt2_status_t status = pt2__tensor_empty_like(
      self, self->numel == 0 ? self->dtype : PT2_DTYPE_BOOL, &mask);
  if (status == PT2_STATUS_OK) {
    status = fill_dropout(self, p, train == NULL || *train != 0, out, mask);
    if (status != PT2_STATUS_OK) {
      pt2__tensor_release(mask);
    }
  }
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(out);
    return status;
  }
  // A model passes NULL for what it does not use.
  if (ret0 != NULL) {
    *ret0 = out;
  } else {
    pt2__tensor_release(out);
  }
  if (ret1 != NULL) {
    *ret1 = mask;
  } else {
    pt2__tensor_release(mask);
  }
  return PT2_STATUS_OK;
}

AOTITorchError aoti_torch_cpu_native_dropout(AtenTensorHandle input, double p,
                                             int32_t* train,
                                             AtenTensorHandle* ret0,
                                             AtenTensorHandle* ret1) {
  PT2_OP_RETURN("aten::native_dropout", dropout(input, p, train, ret0, ret1));
}
