// SPDX-License-Identifier: Apache-2.0
#include "ops/random.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static bool is_sampled(int32_t dtype) {
  return dtype == PT2_DTYPE_F16 || dtype == PT2_DTYPE_BF16 ||
         dtype == PT2_DTYPE_F32 || dtype == PT2_DTYPE_F64;
}

pt2_status_t pt2__random_check_floating(const pt2_tensor_t* tensor,
                                        const char* name, bool complex_too) {
  int32_t dtype = tensor->dtype;
  bool known =
      is_sampled(dtype) || (complex_too && pt2__dtype_is_complex(dtype));
  PT2_OP_CHECK(known, "\"%s\" not implemented for '%s'", name,
               pt2__dtype_torch_name(dtype));
  return PT2_STATUS_OK;
}

// Largest number of a floating dtype.
static double largest(int32_t dtype) {
  switch (dtype) {
    case PT2_DTYPE_F16:
      return 65504.0;
    case PT2_DTYPE_BF16:
      return 0x1.fep127;
    case PT2_DTYPE_F32:
      return 0x1.fffffep127;
    default:
      return 0x1.fffffffffffffp1023;
  }
}

pt2_status_t pt2__random_check_uniform(int32_t dtype, double from, double to) {
  double most = largest(dtype);
  PT2_OP_CHECK(from >= -most && from <= most, "from is out of bounds for %s",
               pt2__dtype_torch_name(dtype));
  PT2_OP_CHECK(to >= -most && to <= most, "to is out of bounds for %s",
               pt2__dtype_torch_name(dtype));
  PT2_OP_CHECK(from <= to,
               "uniform_ expects to return a [from, to) range, but found "
               "from=%g > to=%g",
               from, to);
  PT2_OP_CHECK(to - from <= most,
               "uniform_ expects to-from <= max of %s, but found to=%g and "
               "from=%g",
               pt2__dtype_torch_name(dtype), to, from);
  return PT2_STATUS_OK;
}

pt2_status_t pt2__random_check_normal(double std) {
  PT2_OP_CHECK(std >= 0.0, "normal expects std >= 0.0, but found std %g", std);
  return PT2_STATUS_OK;
}

pt2_status_t pt2__random_check_probability(const char* name, double p) {
  PT2_OP_CHECK(p >= 0.0 && p <= 1.0,
               "%s expects p to be in [0, 1], but got p=%g", name, p);
  return PT2_STATUS_OK;
}

pt2_status_t pt2__random_check_gamma(const pt2_tensor_t* shapes) {
  size_t bytes = pt2_dtype_size_bytes(shapes->dtype);
  const char* data = shapes->data;
  for (int64_t i = 0; i < shapes->numel; ++i, data += bytes) {
    double shape = pt2__element_get_f64(shapes->dtype, data);
    // torch tries for ever below and for NaN.
    PT2_OP_CHECK(shape > -0.666,
                 "the shape of a gamma distribution must not be negative, got "
                 "%g",
                 shape);
  }
  return PT2_STATUS_OK;
}

pt2_status_t pt2__random_result(const pt2_tensor_t* const* inputs, int count,
                                const char* name, pt2_tensor_t** out_result) {
  const pt2_tensor_t* first = inputs[0];
  int32_t dtype = first->dtype;
  PT2_OP_CHECK(dtype == PT2_DTYPE_F32 || dtype == PT2_DTYPE_F64,
               "\"%s\" not implemented for '%s'", name,
               pt2__dtype_torch_name(dtype));
  for (int i = 1; i < count; ++i) {
    PT2_OP_CHECK(inputs[i]->dtype == dtype, "Found dtype %s but expected %s",
                 pt2__dtype_torch_name(inputs[i]->dtype),
                 pt2__dtype_torch_name(dtype));
  }
  pt2__elementwise_shape_t shape;
  PT2_TRY(pt2__elementwise_shape(inputs, count, dtype, &shape));
  bool same = shape.rank == first->rank &&
              memcmp(shape.sizes, first->sizes,
                     sizeof(*shape.sizes) * (size_t)shape.rank) == 0;
  return pt2__tensor_empty(dtype, shape.rank, shape.sizes,
                           same ? NULL : shape.strides, out_result);
}

// Bits of the significand, the hidden one included; 0 for an exact dtype.
static int significand_bits(int32_t dtype) {
  switch (dtype) {
    case PT2_DTYPE_F16:
      return 11;
    case PT2_DTYPE_BF16:
      return 8;
    case PT2_DTYPE_F32:
      return 24;
    case PT2_DTYPE_F64:
      return 53;
    default:
      return 0;
  }
}

static int64_t floor_log2(int64_t value) {
  int64_t bits = 0;
  while (value >>= 1) {
    ++bits;
  }
  return bits;
}

static int64_t rounded(int32_t dtype, int64_t value) {
  char element[8];
  pt2__element_set_i64(dtype, element, value);
  double number = pt2__element_get_f64(dtype, element);
  if (!(number < 0x1p63)) {
    return INT64_MAX;
  }
  return number < -0x1p63 ? INT64_MIN : (int64_t)number;
}

static void integer_bounds(int32_t dtype, int64_t* out_least,
                           int64_t* out_most) {
  switch (dtype) {
    case PT2_DTYPE_BOOL:
      *out_least = 0, *out_most = 1;
      break;
    case PT2_DTYPE_U8:
      *out_least = 0, *out_most = UINT8_MAX;
      break;
    case PT2_DTYPE_I8:
      *out_least = INT8_MIN, *out_most = INT8_MAX;
      break;
    case PT2_DTYPE_I16:
      *out_least = INT16_MIN, *out_most = INT16_MAX;
      break;
    case PT2_DTYPE_U16:
      *out_least = 0, *out_most = UINT16_MAX;
      break;
    case PT2_DTYPE_I32:
      *out_least = INT32_MIN, *out_most = INT32_MAX;
      break;
    case PT2_DTYPE_U32:
      *out_least = 0, *out_most = UINT32_MAX;
      break;
    case PT2_DTYPE_U64:
      *out_least = 0, *out_most = INT64_MAX;
      break;
    case PT2_DTYPE_F16:
      *out_least = -65504, *out_most = 65504;
      break;
    default:
      *out_least = INT64_MIN, *out_most = INT64_MAX;
      break;
  }
}

pt2_status_t pt2__random_check_integers(int32_t dtype, int64_t* from,
                                        int64_t* to) {
  PT2_OP_CHECK(pt2__dtype_is_integral(dtype, true) || is_sampled(dtype),
               "\"random_from_to\" not implemented for '%s'",
               pt2__dtype_torch_name(dtype));
  PT2_OP_CHECK(*from < *to,
               "random_ expects 'from' to be less than 'to', but got "
               "from=%" PRId64 " >= to=%" PRId64,
               *from, *to);
  int bits = significand_bits(dtype);
  if (bits != 0) {
    // Neighbours of a large bound may round outside the range: step inwards by
    // one unit of the last place.
    int64_t above = rounded(dtype, *from + 1);
    if (above < *from) {
      *from = above + (INT64_C(1) << (floor_log2(llabs(*from + 1)) - bits + 1));
    }
    int64_t below = rounded(dtype, *to - 1);
    if (below >= *to) {
      *to = below - (INT64_C(1) << (floor_log2(llabs(*to - 1)) - bits + 1));
    }
    PT2_OP_CHECK(*from < *to,
                 "random_ expects 'from' casted to dtype to be less than 'to' "
                 "casted to dtype, but got from=%" PRId64 " >= to=%" PRId64,
                 *from, *to);
  }
  int64_t least, most;
  integer_bounds(dtype, &least, &most);
  PT2_OP_CHECK(*from >= least && *from <= most, "from is out of bounds for %s",
               pt2__dtype_torch_name(dtype));
  PT2_OP_CHECK(*to - 1 >= least && *to - 1 <= most,
               "to - 1 is out of bounds for %s", pt2__dtype_torch_name(dtype));
  return PT2_STATUS_OK;
}

pt2_status_t pt2__random_real_view(const pt2_tensor_t* tensor,
                                   pt2_tensor_t** out_view) {
  int32_t part;
  switch (tensor->dtype) {
    case PT2_DTYPE_COMPLEX32:
      part = PT2_DTYPE_F16;
      break;
    case PT2_DTYPE_COMPLEX64:
      part = PT2_DTYPE_F32;
      break;
    case PT2_DTYPE_COMPLEX128:
      part = PT2_DTYPE_F64;
      break;
    default:
      return pt2__tensor_alias(tensor, out_view);
  }
  PT2_OP_CHECK(tensor->rank < PT2__MAX_RANK, "a tensor of %d dimensions",
               (int)tensor->rank);
  int64_t sizes[PT2__MAX_RANK], strides[PT2__MAX_RANK];
  for (int32_t d = 0; d < tensor->rank; ++d) {
    sizes[d] = tensor->sizes[d];
    strides[d] = tensor->strides[d] * 2;
  }
  sizes[tensor->rank] = 2;
  strides[tensor->rank] = 1;
  return pt2__tensor_over(tensor->storage, part, tensor->rank + 1, sizes,
                          strides, tensor->storage_offset * 2, out_view);
}
