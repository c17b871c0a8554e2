// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/kernels/elementwise/pointwise.h"

#include <math.h>
#include <string.h>

#include "ops/op.h"

typedef enum {
  UNARY_NONE,
  UNARY_RELU,
  UNARY_SIGMOID,
  UNARY_TANH,
  UNARY_SWISH,
  UNARY_HARDSWISH,
  UNARY_HARDSIGMOID,
  UNARY_LEAKY_RELU,
  UNARY_HARDTANH,
  UNARY_GELU_ERF,
  UNARY_GELU_TANH
} unary_t;

typedef enum {
  BINARY_NONE,
  BINARY_ADD,
  BINARY_SUB,
  BINARY_MUL,
  BINARY_DIV
} binary_t;

// ---- Names -----------------------------------------------------------------

static pt2_status_t parse_gelu(const char* algorithm, int32_t* out_unary) {
  PT2_OP_CHECK(algorithm != NULL, "gelu needs an algorithm");
  bool tanh_form = strcmp(algorithm, "tanh") == 0;
  PT2_OP_CHECK(tanh_form || strcmp(algorithm, "none") == 0,
               "Unsupported gelu algorithm: %s", algorithm);
  *out_unary = tanh_form ? UNARY_GELU_TANH : UNARY_GELU_ERF;
  return PT2_STATUS_OK;
}

static bool has_scalars(const double* const* scalars, int64_t have,
                        int64_t want) {
  if (have != want || scalars == NULL) {
    return false;
  }
  for (int64_t i = 0; i < want; ++i) {
    if (scalars[i] == NULL) {
      return false;
    }
  }
  return true;
}

pt2_status_t pt2__pointwise_parse_unary(const char* name,
                                        const double* const* scalars,
                                        int64_t scalar_count,
                                        const char* algorithm,
                                        pt2__pointwise_t* pointwise) {
  static const struct {
    const char* name;
    unary_t unary;
  } known[] = {{"none", UNARY_NONE},
               {"relu", UNARY_RELU},
               {"sigmoid", UNARY_SIGMOID},
               {"tanh", UNARY_TANH},
               {"swish", UNARY_SWISH},
               {"hardswish", UNARY_HARDSWISH},
               {"hardsigmoid", UNARY_HARDSIGMOID},
               {"leaky_relu", UNARY_LEAKY_RELU},
               {"hardtanh", UNARY_HARDTANH},
               {"gelu", UNARY_GELU_ERF}};
  if (name == NULL) {
    return PT2_STATUS_OK;
  }
  size_t i = 0;
  while (i < sizeof(known) / sizeof(*known) &&
         strcmp(known[i].name, name) != 0) {
    ++i;
  }
  PT2_OP_CHECK(i < sizeof(known) / sizeof(*known),
               "Fusion behavior undefined: \"%s\"", name);
  pointwise->unary = known[i].unary;
  if (pointwise->unary == UNARY_GELU_ERF) {
    return parse_gelu(algorithm, &pointwise->unary);
  }
  if (pointwise->unary == UNARY_LEAKY_RELU) {
    PT2_OP_CHECK(has_scalars(scalars, scalar_count, 1),
                 "leaky_relu is expected to have one scalar input: "
                 "negative_slope");
    pointwise->low = (float)*scalars[0];
  }
  if (pointwise->unary == UNARY_HARDTANH) {
    PT2_OP_CHECK(has_scalars(scalars, scalar_count, 2),
                 "hardtanh is expected to have two scalar input: min_val and "
                 "max_val");
    pointwise->low = (float)*scalars[0];
    pointwise->high = (float)*scalars[1];
  }
  return PT2_STATUS_OK;
}

pt2_status_t pt2__pointwise_parse_binary(const char* name,
                                         pt2__pointwise_t* pointwise) {
  static const char* const names[] = {"add", "sub", "mul", "div"};
  for (int i = 0; name != NULL && i < 4; ++i) {
    if (strcmp(names[i], name) == 0) {
      pointwise->binary = BINARY_ADD + i;
      return PT2_STATUS_OK;
    }
  }
  return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                  "Binary Fusion behavior undefined: \"%s\"",
                  name == NULL ? "" : name);
}

// ---- Elements --------------------------------------------------------------

static void apply_binary(int32_t binary, float* values, const float* other,
                         int64_t count) {
  switch (binary) {
    case BINARY_ADD:
      for (int64_t i = 0; i < count; ++i) {
        values[i] += other[i];
      }
      return;
    case BINARY_SUB:
      for (int64_t i = 0; i < count; ++i) {
        values[i] -= other[i];
      }
      return;
    case BINARY_MUL:
      for (int64_t i = 0; i < count; ++i) {
        values[i] *= other[i];
      }
      return;
    case BINARY_DIV:
      for (int64_t i = 0; i < count; ++i) {
        values[i] /= other[i];
      }
      return;
    default:
      return;
  }
}

static inline float clamp(float value, float low, float high) {
  return value < low ? low : value > high ? high : value;
}

static inline float sigmoid(float value) {
  return 1.0f / (1.0f + expf(-value));
}

static inline float apply_unary(const pt2__pointwise_t* pointwise, float x) {
  switch (pointwise->unary) {
    case UNARY_SIGMOID:
      return sigmoid(x);
    case UNARY_TANH:
      return tanhf(x);
    case UNARY_SWISH:
      return x * sigmoid(x);
    case UNARY_HARDSWISH:
      return x * clamp(x + 3.0f, 0.0f, 6.0f) / 6.0f;
    case UNARY_HARDSIGMOID:
      return clamp(x / 6.0f + 0.5f, 0.0f, 1.0f);
    case UNARY_LEAKY_RELU:
      return x < 0 ? x * pointwise->low : x;
    case UNARY_HARDTANH:
      return clamp(x, pointwise->low, pointwise->high);
    case UNARY_GELU_ERF:
      return 0.5f * x * (1.0f + erff(x * 0.70710678118654752f));
    case UNARY_GELU_TANH:
      return 0.5f * x *
             (1.0f + tanhf(0.79788456080286536f * (x + 0.044715f * x * x * x)));
    default:
      return x;
  }
}

bool pt2__pointwise_as_clamp(const pt2__pointwise_t* pointwise, float* out_low,
                             float* out_high) {
  bool hardtanh = pointwise->unary == UNARY_HARDTANH;
  *out_low = hardtanh                         ? pointwise->low
             : pointwise->unary == UNARY_RELU ? 0
                                              : -INFINITY;
  *out_high = hardtanh ? pointwise->high : INFINITY;
  return pointwise->binary == BINARY_NONE && *out_low <= *out_high &&
         (hardtanh || pointwise->unary == UNARY_RELU ||
          pointwise->unary == UNARY_NONE);
}

void pt2__pointwise_apply(const pt2__pointwise_t* pointwise, float* values,
                          const float* other, int64_t count) {
  if (pointwise->binary != BINARY_NONE) {
    apply_binary(pointwise->binary, values, other, count);
  }
  if (pointwise->unary == UNARY_RELU) {
    for (int64_t i = 0; i < count; ++i) {
      values[i] = values[i] < 0 ? 0 : values[i];
    }
  } else if (pointwise->unary != UNARY_NONE) {
    for (int64_t i = 0; i < count; ++i) {
      values[i] = apply_unary(pointwise, values[i]);
    }
  }
}
