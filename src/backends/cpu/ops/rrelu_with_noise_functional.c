// SPDX-License-Identifier: Apache-2.0
//
// aten::rrelu_with_noise_functional. PyTorch has no C function for it: a model
// calls it by name through the proxy executor.
#include <string.h>

#include "backends/cpu/random/generator.h"
#include "ops/boxed.h"
#include "ops/random.h"

typedef struct {
  const pt2_tensor_t* self;
  const pt2_tensor_t* noise;
  double lower, upper;
  bool training;
} call_t;

static pt2_status_t check(const call_t* c) {
  char of_self[256], of_noise[256];
  bool same = c->self->rank == c->noise->rank &&
              memcmp(c->self->sizes, c->noise->sizes,
                     sizeof(*c->self->sizes) * (size_t)c->self->rank) == 0;
  PT2_OP_CHECK(same,
               "noise tensor shape must match self tensor shape. Got "
               "self.shape = %s noise.shape = %s",
               pt2__sizes_format(c->self->rank, c->self->sizes, of_self,
                                 sizeof(of_self)),
               pt2__sizes_format(c->noise->rank, c->noise->sizes, of_noise,
                                 sizeof(of_noise)));
  int32_t dtype = c->self->dtype;
  PT2_OP_CHECK(dtype == PT2_DTYPE_F32 || dtype == PT2_DTYPE_F64 ||
                   dtype == PT2_DTYPE_BF16 ||
                   (dtype == PT2_DTYPE_F16 && !c->training),
               "\"%s\" not implemented for '%s'",
               c->training ? "rrelu_with_noise_out_cpu" : "leaky_relu_cpu",
               pt2__dtype_torch_name(dtype));
  if (!c->training) {
    return PT2_STATUS_OK;
  }
  PT2_OP_CHECK(
      c->noise->dtype == dtype, "noise: expected scalar type %s but found %s",
      pt2__dtype_torch_name(dtype), pt2__dtype_torch_name(c->noise->dtype));
  return pt2__random_check_uniform(PT2_DTYPE_F64, c->lower, c->upper);
}

// RRELU: row-major x and where it is not positive x * r. torch's limits have
// the type that it computes with.
#define RRELU(suffix, real)                                                 \
  static void train_##suffix(const call_t* c, const real* x, real* out,     \
                             real* noise) {                                 \
    double lower = (double)(real)c->lower, upper = (double)(real)c->upper;  \
    pt2__generator_t* generator = pt2__generator_acquire(NULL);             \
    for (int64_t i = 0; i < c->self->numel; ++i) {                          \
      out[i] = x[i];                                                        \
      noise[i] = 1;                                                         \
      if (x[i] <= 0) {                                                      \
        double r = pt2__generator_f64(generator) * (upper - lower) + lower; \
        noise[i] = (real)(r == upper ? lower : r);                          \
        out[i] *= noise[i];                                                 \
      }                                                                     \
    }                                                                       \
    pt2__generator_release(generator);                                      \
  }                                                                         \
  static void scale_##suffix(const call_t* c, const real* x, real* out) {   \
    real slope = (real)((c->lower + c->upper) / 2);                         \
    for (int64_t i = 0; i < c->self->numel; ++i) {                          \
      real value = x[i];                                                    \
      out[i] = value * (value > 0 ? 1 : slope);                             \
    }                                                                       \
  }

RRELU(f32, float)
RRELU(f64, double)

// Row-major memory in the type that is computed with.
typedef struct {
  pt2_tensor_t *x, *out, *noise, *narrow_noise;
} buffers_t;

static pt2_status_t fill(const call_t* c, buffers_t* b,
                         pt2_tensor_t** results) {
  bool in_double = b->x->dtype == PT2_DTYPE_F64;
  if (!c->training) {
    if (in_double) {
      scale_f64(c, b->x->data, b->out->data);
    } else {
      scale_f32(c, b->x->data, b->out->data);
    }
  } else if (b->x->numel > 0) {
    if (in_double) {
      train_f64(c, b->x->data, b->out->data, b->noise->data);
    } else {
      train_f32(c, b->x->data, b->out->data, b->noise->data);
    }
    PT2_TRY(
        pt2__tensor_to_contiguous(b->noise, c->noise->dtype, &b->narrow_noise));
    // torch fills the noise in the order of its memory.
    memcpy(results[1]->data, b->narrow_noise->data,
           (size_t)b->x->numel * pt2_dtype_size_bytes(c->noise->dtype));
  }
  return pt2__tensor_copy(results[0], b->out);
}

static pt2_status_t compute(const call_t* c, pt2_tensor_t** results) {
  PT2_TRY(pt2__tensor_copy(results[1], c->noise));
  int32_t dtype =
      c->self->dtype == PT2_DTYPE_F64 ? PT2_DTYPE_F64 : PT2_DTYPE_F32;
  int32_t rank = c->self->rank;
  buffers_t b = {0};
  pt2_status_t status = pt2__tensor_to_contiguous(c->self, dtype, &b.x);
  if (status == PT2_STATUS_OK) {
    status = pt2__tensor_empty(dtype, rank, c->self->sizes, NULL, &b.out);
  }
  if (status == PT2_STATUS_OK && c->training) {
    status = pt2__tensor_empty(dtype, rank, c->self->sizes, NULL, &b.noise);
  }
  if (status == PT2_STATUS_OK) {
    status = fill(c, &b, results);
  }
  pt2__tensor_release(b.x);
  pt2__tensor_release(b.out);
  pt2__tensor_release(b.noise);
  pt2__tensor_release(b.narrow_noise);
  return status;
}

// (Tensor self, Tensor noise, Scalar lower=0.125, Scalar upper=1/3,
//  bool training=False, Generator? generator=None) -> (Tensor, Tensor)
static pt2_status_t rrelu(const pt2__boxed_t* boxed, pt2_tensor_t** results) {
  pt2_tensor_t *self, *noise;
  call_t call = {.lower = 0.125, .upper = 1.0 / 3};
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &self));
  PT2_TRY(pt2__boxed_tensor(boxed, 1, "noise", &noise));
  PT2_TRY(pt2__boxed_number(boxed, 2, "lower", &call.lower, NULL));
  PT2_TRY(pt2__boxed_number(boxed, 3, "upper", &call.upper, NULL));
  PT2_TRY(pt2__boxed_bool(boxed, 4, "training", &call.training));
  call.self = self;
  call.noise = noise;
  PT2_TRY(check(&call));
  pt2_tensor_t* made[2] = {NULL, NULL};
  PT2_TRY(pt2__tensor_empty_like(self, self->dtype, &made[0]));
  pt2_status_t status = pt2__tensor_empty_like(noise, noise->dtype, &made[1]);
  if (status == PT2_STATUS_OK) {
    status = compute(&call, made);
  }
  for (int i = 0; i < 2; ++i) {
    if (status == PT2_STATUS_OK) {
      results[i] = made[i];
    } else {
      pt2__tensor_release(made[i]);
    }
  }
  return status;
}

PT2_BOXED_OP(rrelu_with_noise_functional, 2, rrelu)
