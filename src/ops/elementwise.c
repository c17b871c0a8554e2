// SPDX-License-Identifier: Apache-2.0
//
// The rules are those of torch's TensorIterator.
#include "ops/elementwise.h"

#include <math.h>
#include <string.h>

// ---- Promotion --------------------------------------------------------------

static bool is_float8(int32_t dtype) {
  return pt2__dtype_is_floating(dtype) && pt2_dtype_size_bytes(dtype) == 1;
}

// Undefined gives way to the other.
static pt2_status_t promote(int32_t left, int32_t right, int32_t* out_dtype) {
  if (left == PT2_DTYPE_UNDEFINED || right == PT2_DTYPE_UNDEFINED) {
    *out_dtype = left == PT2_DTYPE_UNDEFINED ? right : left;
    return PT2_STATUS_OK;
  }
  *out_dtype = pt2__dtype_promote(left, right);
  PT2_OP_CHECK(
      *out_dtype != PT2_DTYPE_UNDEFINED,
      "Promotion for %s is not supported, attempted to promote %s and %s",
      is_float8(left) || is_float8(right) ? "Float8 Types"
                                          : "uint16, uint32, uint64 types",
      pt2__dtype_torch_name(left), pt2__dtype_torch_name(right));
  return PT2_STATUS_OK;
}

pt2_status_t pt2__promotion_add(pt2__promotion_t* promotion,
                                const pt2_tensor_t* tensor) {
  int32_t* category =
      tensor->rank > 0 ? &promotion->dimensioned : &promotion->zero_dim;
  return promote(*category, tensor->dtype, category);
}

pt2_status_t pt2__promotion_add_number(pt2__promotion_t* promotion,
                                       int32_t dtype) {
  if (pt2__dtype_is_complex(dtype)) {
    dtype = PT2_DTYPE_COMPLEX64;
  } else if (pt2__dtype_is_floating(dtype)) {
    dtype = PT2_DTYPE_F32;
  }
  return promote(promotion->number, dtype, &promotion->number);
}

static pt2_status_t combine(int32_t higher, int32_t lower, int32_t* out_dtype) {
  bool lower_is_complex = pt2__dtype_is_complex(lower);
  if (pt2__dtype_is_complex(higher)) {
    *out_dtype = higher;
    return PT2_STATUS_OK;
  }
  if (pt2__dtype_is_floating(higher)) {
    if (lower_is_complex) {
      // A complex dtype of torch's that no element-wise operator implements.
      PT2_OP_CHECK(higher != PT2_DTYPE_BF16,
                   "not implemented for 'BComplex32', which BFloat16 and a %s "
                   "number are promoted to",
                   pt2__dtype_torch_name(lower));
      return promote(higher, PT2_DTYPE_COMPLEX32, out_dtype);
    }
    *out_dtype = higher;
    return PT2_STATUS_OK;
  }
  if (higher == PT2_DTYPE_BOOL || pt2__dtype_is_floating(lower) ||
      lower_is_complex) {
    return promote(higher, lower, out_dtype);
  }
  *out_dtype = higher != PT2_DTYPE_UNDEFINED ? higher : lower;
  return PT2_STATUS_OK;
}

pt2_status_t pt2__promotion_result(const pt2__promotion_t* promotion,
                                   int32_t* out_dtype) {
  int32_t lower;
  PT2_TRY(combine(promotion->zero_dim, promotion->number, &lower));
  return combine(promotion->dimensioned, lower, out_dtype);
}

pt2_status_t pt2__elementwise_promote(const pt2_tensor_t* const* inputs,
                                      int count, int32_t* out_dtype) {
  pt2__promotion_t promotion = PT2__PROMOTION_NONE;
  for (int i = 0; i < count; ++i) {
    PT2_TRY(pt2__promotion_add(&promotion, inputs[i]));
  }
  return pt2__promotion_result(&promotion, out_dtype);
}

pt2_status_t pt2__elementwise_number(double value, pt2_tensor_t** out_tensor) {
  pt2_tensor_t* tensor = NULL;
  PT2_TRY(pt2__tensor_empty(PT2_DTYPE_F64, 0, NULL, NULL, &tensor));
  memcpy(tensor->data, &value, sizeof(value));
  *out_tensor = tensor;
  return PT2_STATUS_OK;
}

// Numbers beyond these are not |dtype|'s; integers end below |*out_high|,
// floats at it. False if every number is.
static bool range_of(int32_t dtype, double* out_low, double* out_high) {
  double high;
  switch (dtype) {
    case PT2_DTYPE_F16:
      high = 65504.0;
      break;
    case PT2_DTYPE_BF16:
      high = 0x1.fep127;
      break;
    case PT2_DTYPE_F32:
    case PT2_DTYPE_COMPLEX32:  // by way of complex64
    case PT2_DTYPE_COMPLEX64:
      high = 0x1.fffffep127;
      break;
    case PT2_DTYPE_F8E5M2:
    case PT2_DTYPE_F8E5M2FNUZ:
      high = 57344.0;
      break;
    case PT2_DTYPE_F8E4M3FN:
      high = 448.0;
      break;
    case PT2_DTYPE_F8E4M3FNUZ:
      high = 240.0;
      break;
    case PT2_DTYPE_F8E8M0FNU:
      *out_low = 0x1p-127;
      *out_high = 0x1p127;
      return true;
    default:
      return false;
  }
  *out_low = -high;
  *out_high = high;
  return true;
}

static bool has_infinity(int32_t dtype) {
  return dtype != PT2_DTYPE_F8E5M2FNUZ && dtype != PT2_DTYPE_F8E4M3FN &&
         dtype != PT2_DTYPE_F8E4M3FNUZ && dtype != PT2_DTYPE_F8E8M0FNU;
}

static bool is_unsigned(int32_t dtype) {
  return dtype == PT2_DTYPE_U8 || dtype == PT2_DTYPE_U16 ||
         dtype == PT2_DTYPE_U32 || dtype == PT2_DTYPE_U64;
}

pt2_status_t pt2__elementwise_check_number(double value, int32_t dtype) {
  bool fits = true;
  double low, high;
  if (pt2__dtype_is_integral(dtype, false)) {
    int bits = 8 * (int)pt2_dtype_size_bytes(dtype);
    bool natural = is_unsigned(dtype);
    high = ldexp(1.0, natural ? bits : bits - 1);
    // False for a NaN.
    fits = value >= (natural ? 0.0 : -high) && value < high;
  } else if (range_of(dtype, &low, &high) && !isnan(value)) {
    fits = (isinf(value) && has_infinity(dtype)) ||
           (value >= low && value <= high);
  }
  PT2_OP_CHECK(fits, "value %g cannot be converted to type %s without overflow",
               value, pt2__dtype_torch_name(dtype));
  return PT2_STATUS_OK;
}

pt2_status_t pt2__elementwise_check_integer(int64_t value, int32_t dtype) {
  if (value >= 0 || !is_unsigned(dtype)) {
    return dtype == PT2_DTYPE_I64
               ? PT2_STATUS_OK
               : pt2__elementwise_check_number((double)value, dtype);
  }
  PT2_OP_CHECK(
      -(double)value < ldexp(1.0, 8 * (int)pt2_dtype_size_bytes(dtype)),
      "value %lld cannot be converted to type %s without overflow",
      (long long)value, pt2__dtype_torch_name(dtype));
  return PT2_STATUS_OK;
}

// ---- Geometry ---------------------------------------------------------------

pt2_status_t pt2__elementwise_broadcast(int64_t rank, const int64_t* sizes,
                                        pt2__elementwise_shape_t* shape) {
  int64_t wider = rank > shape->rank ? rank : shape->rank;
  int64_t merged[PT2__MAX_RANK];
  for (int64_t i = wider - 1; i >= 0; --i) {
    int64_t a_dim = i - (wider - shape->rank);
    int64_t b_dim = i - (wider - rank);
    int64_t a = a_dim >= 0 ? shape->sizes[a_dim] : 1;
    int64_t b = b_dim >= 0 ? sizes[b_dim] : 1;
    PT2_OP_CHECK(a == b || a == 1 || b == 1,
                 "The size of tensor a (%lld) must match the size of tensor b "
                 "(%lld) at non-singleton dimension %lld",
                 (long long)a, (long long)b, (long long)i);
    merged[i] = a == 1 ? b : a;
  }
  shape->rank = (int32_t)wider;
  if (wider > 0) {
    memcpy(shape->sizes, merged, (size_t)wider * sizeof(int64_t));
  }
  return PT2_STATUS_OK;
}

// An input as it lies once it has been promoted: its elements' distances in the
// result's dimensions (bytes; 0 where it is repeated).
typedef struct {
  int64_t strides[PT2__MAX_RANK];
} operand_t;

static bool same_sizes(const pt2_tensor_t* a, const pt2_tensor_t* b) {
  return a->rank == b->rank &&
         (a->rank == 0 ||
          memcmp(a->sizes, b->sizes, (size_t)a->rank * sizeof(int64_t)) == 0);
}

// What holds for an input holds for its converted copy, but for one with gaps
// or overlaps: the copy has neither.
static void promoted_strides(const pt2_tensor_t* input, int32_t dtype,
                             int64_t* out_strides) {
  if (input->dtype != dtype) {
    pt2__tensor_dense_strides(input, out_strides);
  } else if (input->rank > 0) {
    memcpy(out_strides, input->strides, (size_t)input->rank * sizeof(int64_t));
  }
}

// torch's short way for inputs of the same sizes that are all row-major, all
// channels-last or all dense with the same strides. False if there is none.
static bool common_strides(const pt2_tensor_t* const* inputs, int count,
                           int32_t dtype, pt2__elementwise_shape_t* shape) {
  bool contiguous = true;
  bool channels_last = true;
  bool same = true;
  int64_t last[PT2__MAX_RANK];
  for (int i = count - 1; i >= 0; --i) {
    if (!same_sizes(inputs[i], inputs[0])) {
      return false;
    }
    int64_t strides[PT2__MAX_RANK];
    promoted_strides(inputs[i], dtype, strides);
    const pt2_tensor_t view = {.rank = inputs[i]->rank,
                               .numel = inputs[i]->numel,
                               .sizes = inputs[i]->sizes,
                               .strides = strides};
    contiguous = contiguous && pt2__tensor_is_contiguous(&view);
    channels_last =
        channels_last && view.rank == 4 && pt2__tensor_is_channels_last(&view);
    size_t bytes = (size_t)view.rank * sizeof(int64_t);
    if (i == count - 1) {
      memcpy(last, strides, bytes);
    }
    same = same && pt2__tensor_is_non_overlapping_and_dense(&view) &&
           memcmp(last, strides, bytes) == 0;
  }
  if (contiguous) {
    pt2__sizes_contiguous_strides(shape->rank, shape->sizes, shape->strides);
  } else if (channels_last) {
    pt2__sizes_channels_last_strides(shape->rank, shape->sizes, shape->strides);
  } else if (same) {
    memcpy(shape->strides, last, (size_t)shape->rank * sizeof(int64_t));
  }
  return contiguous || channels_last || same;
}

// > 0 if dimension |a| belongs outside of |b|, < 0 if inside; 0 if no input can
// tell.
static int compare_dims(const operand_t* operands, int count,
                        const int64_t* sizes, int a, int b) {
  for (int i = 0; i < count; ++i) {
    int64_t left = operands[i].strides[a];
    int64_t right = operands[i].strides[b];
    if (left == 0 || right == 0) {
      continue;
    }
    if (left != right) {
      return left < right ? -1 : 1;
    }
    if (sizes[a] > sizes[b]) {
      return 1;
    }
  }
  return 0;
}

// Orders dimensions by the inputs' strides, the innermost first; where that
// cannot be told they stay as they are, the last one innermost.
static void order_dims(const operand_t* operands, int count,
                       const pt2__elementwise_shape_t* shape, int* order) {
  for (int i = 0; i < shape->rank; ++i) {
    order[i] = shape->rank - 1 - i;
  }
  for (int i = 1; i < shape->rank; ++i) {
    int at = i;
    for (int other = i - 1; other >= 0; --other) {
      int comparison =
          compare_dims(operands, count, shape->sizes, order[other], order[at]);
      if (comparison < 0) {
        break;
      }
      if (comparison > 0) {
        int dim = order[other];
        order[other] = order[at];
        order[at] = dim;
        at = other;
      }
    }
  }
}

pt2_status_t pt2__elementwise_shape(const pt2_tensor_t* const* inputs,
                                    int count, int32_t dtype,
                                    pt2__elementwise_shape_t* out_shape) {
  pt2__elementwise_shape_t* shape = out_shape;
  shape->rank = 0;
  for (int i = 0; i < count; ++i) {
    PT2_TRY(
        pt2__elementwise_broadcast(inputs[i]->rank, inputs[i]->sizes, shape));
  }
  if (common_strides(inputs, count, dtype, shape)) {
    return PT2_STATUS_OK;
  }
  operand_t operands[PT2__ELEMENTWISE_INPUTS];
  for (int i = 0; i < count; ++i) {
    int64_t strides[PT2__MAX_RANK];
    promoted_strides(inputs[i], dtype, strides);
    int lead = shape->rank - inputs[i]->rank;
    for (int d = 0; d < shape->rank; ++d) {
      bool repeated =
          d < lead || (inputs[i]->sizes[d - lead] == 1 && shape->sizes[d] != 1);
      operands[i].strides[d] = repeated ? 0 : strides[d - lead];
    }
  }
  int order[PT2__MAX_RANK];
  order_dims(operands, count, shape, order);
  int64_t next = 1;
  for (int i = 0; i < shape->rank; ++i) {
    shape->strides[order[i]] = next;
    // Overflow is caught where the result is made.
    next = (int64_t)((uint64_t)next * (uint64_t)shape->sizes[order[i]]);
  }
  return PT2_STATUS_OK;
}

// ---- Loops ------------------------------------------------------------------

// Inserts a dimension so that the result's strides rise; among equal ones the
// inputs' decide.
static void insert_dim(pt2__elementwise_plan_t* plan, int64_t size,
                       const int64_t* strides) {
  int at = plan->rank++;
  while (at > 0) {
    int decided = 0;
    for (int k = 0; k < plan->operands && decided == 0; ++k) {
      int64_t other = plan->strides[k][at - 1];
      decided = other == strides[k] ? 0 : other > strides[k] ? 1 : -1;
    }
    if (decided < 0) {
      break;
    }
    plan->sizes[at] = plan->sizes[at - 1];
    for (int k = 0; k < plan->operands; ++k) {
      plan->strides[k][at] = plan->strides[k][at - 1];
    }
    --at;
  }
  plan->sizes[at] = size;
  for (int k = 0; k < plan->operands; ++k) {
    plan->strides[k][at] = strides[k];
  }
}

// Merges neighbours that are one dimension in every operand.
static void collapse_dims(pt2__elementwise_plan_t* plan) {
  int kept = 0;
  for (int i = 1; i < plan->rank; ++i) {
    bool merged = true;
    for (int k = 0; k < plan->operands && merged; ++k) {
      merged =
          plan->strides[k][i] == plan->strides[k][kept] * plan->sizes[kept];
    }
    if (merged) {
      plan->sizes[kept] *= plan->sizes[i];
      continue;
    }
    ++kept;
    plan->sizes[kept] = plan->sizes[i];
    for (int k = 0; k < plan->operands; ++k) {
      plan->strides[k][kept] = plan->strides[k][i];
    }
  }
  plan->rank = kept + 1;
}

void pt2__elementwise_plan(const pt2_tensor_t* result,
                           const pt2_tensor_t* const* inputs, int count,
                           pt2__elementwise_plan_t* out_plan) {
  pt2__elementwise_plan_t* plan = out_plan;
  plan->rank = 0;
  plan->operands = 1 + count;
  plan->numel = result->numel;
  int64_t bytes[PT2__ELEMENTWISE_OPERANDS];
  for (int k = 0; k <= count; ++k) {
    const pt2_tensor_t* operand = k == 0 ? result : inputs[k - 1];
    plan->data[k] = operand->data;
    bytes[k] = (int64_t)pt2_dtype_size_bytes(operand->dtype);
  }
  for (int d = 0; d < result->rank; ++d) {
    if (result->sizes[d] == 1) {
      continue;
    }
    int64_t strides[PT2__ELEMENTWISE_OPERANDS];
    strides[0] = result->strides[d] * bytes[0];
    for (int k = 1; k <= count; ++k) {
      int at = d - (result->rank - inputs[k - 1]->rank);
      bool repeated = at < 0 || inputs[k - 1]->sizes[at] == 1;
      strides[k] = repeated ? 0 : inputs[k - 1]->strides[at] * bytes[k];
    }
    insert_dim(plan, result->sizes[d], strides);
  }
  if (plan->rank == 0) {
    // A single element.
    plan->rank = 1;
    plan->sizes[0] = 1;
    for (int k = 0; k <= count; ++k) {
      plan->strides[k][0] = bytes[k];
    }
  }
  collapse_dims(plan);
}
