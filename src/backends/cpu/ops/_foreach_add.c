// SPDX-License-Identifier: Apache-2.0
//
// aten::_foreach_add, _sub, _mul, _div and _pow, by name: of two lists, of a
// list and a number, of a list and a 0-d tensor. Models call them for lists
// with complex tensors, and real ones may be among these.
#include <math.h>

#include "backends/cpu/kernels/complex/complex_loops.h"
#include "backends/cpu/kernels/elementwise/arithmetic.h"
#include "backends/cpu/kernels/elementwise/foreach.h"
#include "backends/cpu/kernels/elementwise/power.h"

typedef enum { ADD, SUB, MUL, DIV, POW } operation_t;

typedef struct {
  operation_t operation;
  pt2__foreach_number_t alpha;
  pt2__foreach_number_t number;
  const pt2_tensor_t* other;  // 0-d; NULL if it is a list
} binary_t;

#define LOOP_OF_TWO(name, type, declaration, expression)                    \
  static void name(const void* context, char* const* data,                  \
                   const int64_t* strides, int64_t count) {                 \
    (void)context;                                                          \
    declaration;                                                            \
    for (int64_t i = 0; i < count; ++i) {                                   \
      const type x = *(const type*)(const void*)(data[1] + i * strides[1]); \
      const type y = *(const type*)(const void*)(data[2] + i * strides[2]); \
      *(type*)(void*)(data[0] + i * strides[0]) = (expression);             \
    }                                                                       \
  }
#define NOTHING (void)0
// Integers wrap around.
LOOP_OF_TWO(add_i64, uint64_t, const uint64_t alpha = *(const uint64_t*)context,
            x + alpha * y)
LOOP_OF_TWO(div_f32, float, NOTHING, x / y)
LOOP_OF_TWO(div_f64, double, NOTHING, x / y)

// ---- Sums and quotients -----------------------------------------------------

static pt2_status_t check_alpha(const pt2__foreach_number_t* alpha,
                                int32_t dtype) {
  const bool integral = pt2__dtype_is_integral(dtype, true);
  PT2_OP_CHECK(alpha->dtype != PT2_DTYPE_BOOL || dtype == PT2_DTYPE_BOOL,
               "Boolean alpha only supported for Boolean results, not for %s",
               pt2__dtype_torch_name(dtype));
  PT2_OP_CHECK(!integral || pt2__dtype_is_integral(alpha->dtype, true),
               "For integral input tensors, argument alpha must not be a "
               "floating point number, but got %g for %s",
               alpha->parts[0], pt2__dtype_torch_name(dtype));
  PT2_OP_CHECK(alpha->dtype != PT2_DTYPE_COMPLEX64,
               "alpha: expected a real number, got a complex one");
  return pt2__foreach_check_number(alpha, dtype);
}

static pt2_status_t add(const binary_t* binary, const pt2__pair_t* pair,
                        pt2_tensor_t** out_result) {
  const bool subtracts = binary->operation == SUB;
  const bool first = pair->inputs[0]->dtype == PT2_DTYPE_BOOL;
  const bool second = pair->inputs[1]->dtype == PT2_DTYPE_BOOL;
  PT2_OP_CHECK(!subtracts || (!first && !second),
               "Subtraction, the `-` operator, with %s is not supported.",
               first && second ? "two bool tensors" : "a bool tensor");
  PT2_TRY(check_alpha(&binary->alpha, pair->dtype));
  double real = binary->alpha.parts[0];
  uint64_t alpha = (uint64_t)binary->alpha.integer;
  real = subtracts ? -real : real;
  alpha = subtracts ? 0 - alpha : alpha;
  if (!pt2__dtype_is_integral(pair->dtype, true)) {
    return pt2__arithmetic_sum(pair, real, out_result);
  }
  alpha = pair->dtype == PT2_DTYPE_BOOL ? alpha != 0 : alpha;
  PT2_OP_CHECK(pt2__foreach_real_dtype(pair->dtype) == PT2_DTYPE_I64,
               "\"add_stub\" not implemented for '%s'",
               pt2__dtype_torch_name(pair->dtype));
  const pt2__elementwise_kernel_t kernel = {
      .loop = add_i64,
      .context = &alpha,
      .input_dtype = PT2_DTYPE_I64,
      .result_dtype = PT2_DTYPE_I64,
      .work = 4,
  };
  return pt2__elementwise_new(&kernel, pair->inputs, 2, pair->dtype,
                              pair->dtype, out_result);
}

// Quotients of integers are floats. As torch does, a single divisor is not
// rounded to f16 or bf16.
static pt2_status_t divide(const pt2__pair_t* pair, pt2_tensor_t** out_result) {
  const int32_t dtype =
      pt2__dtype_is_integral(pair->dtype, true) ? PT2_DTYPE_F32 : pair->dtype;
  const int32_t computed =
      pt2__dtype_is_complex(dtype) ? dtype : pt2__foreach_real_dtype(dtype);
  PT2_OP_CHECK(
      computed != PT2_DTYPE_UNDEFINED && computed != PT2_DTYPE_COMPLEX32,
      "\"div_cpu\" not implemented for '%s'", pt2__dtype_torch_name(dtype));
  const pt2__complex_loops_t* loops = pt2__complex_loops(PT2__COMPLEX_DIV);
  const pt2__elementwise_kernel_t kernel = {
      .loop = computed == PT2_DTYPE_COMPLEX128  ? loops->wide
              : computed == PT2_DTYPE_COMPLEX64 ? loops->narrow
              : computed == PT2_DTYPE_F64       ? div_f64
                                                : div_f32,
      .input_dtype = computed,
      .result_dtype = computed,
      .work = loops->work,
  };
  pt2__elementwise_shape_t shape;
  PT2_TRY(pt2__elementwise_shape(pair->inputs, 2, dtype, &shape));
  pt2_tensor_t* result = NULL;
  PT2_TRY(pt2__tensor_empty(dtype, shape.rank, shape.sizes, shape.strides,
                            &result));
  const bool as_it_is =
      pair->inputs[1]->numel == 1 && pair->inputs[0]->dtype == dtype;
  pt2__elementwise_run(&kernel, pair->inputs, 2, as_it_is ? computed : dtype,
                       result);
  *out_result = result;
  return PT2_STATUS_OK;
}

static pt2_status_t combine(const binary_t* binary, const pt2__pair_t* pair,
                            pt2_tensor_t** out_result) {
  switch (binary->operation) {
    case MUL:
      return pt2__arithmetic_product(pair, out_result);
    case DIV:
      return divide(pair, out_result);
    case POW:
      return pt2__power(pair, out_result);
    default:
      return add(binary, pair, out_result);
  }
}

// ---- Pairs ------------------------------------------------------------------

static pt2_status_t with_tensor(const void* context,
                                const pt2_tensor_t* const* tensors,
                                pt2_tensor_t** out_result) {
  const binary_t* binary = context;
  const pt2_tensor_t* other =
      binary->other != NULL ? binary->other : tensors[1];
  pt2__pair_t pair;
  PT2_TRY(pt2__pair_of_tensors(tensors[0], "self", other, "other", &pair));
  return combine(binary, &pair, out_result);
}

// The number as a 0-d tensor, exactly.
static pt2_status_t tensor_of(const pt2__foreach_number_t* number,
                              pt2_tensor_t** out_tensor) {
  if (!pt2__dtype_is_integral(number->dtype, true)) {
    const bool is_complex = number->dtype == PT2_DTYPE_COMPLEX64;
    PT2_TRY(pt2__tensor_empty(is_complex ? PT2_DTYPE_COMPLEX128 : PT2_DTYPE_F64,
                              0, NULL, NULL, out_tensor));
    double* parts = (*out_tensor)->data;
    parts[0] = number->parts[0];
    if (is_complex) {
      parts[1] = number->parts[1];
    }
    return PT2_STATUS_OK;
  }
  PT2_TRY(pt2__tensor_empty(number->dtype, 0, NULL, NULL, out_tensor));
  if (number->dtype == PT2_DTYPE_BOOL) {
    *(bool*)(*out_tensor)->data = number->integer != 0;
  } else {
    *(int64_t*)(*out_tensor)->data = number->integer;
  }
  return PT2_STATUS_OK;
}

// The pair of |tensor| and |number|, whose number the caller releases.
static pt2_status_t pair_with(const pt2__foreach_number_t* number,
                              const pt2_tensor_t* tensor, bool number_first,
                              pt2__pair_t* out_pair) {
  pt2__promotion_t promotion = PT2__PROMOTION_NONE;
  PT2_TRY(pt2__promotion_add(&promotion, tensor));
  PT2_TRY(pt2__promotion_add_number(&promotion, number->dtype));
  PT2_TRY(pt2__promotion_result(&promotion, &out_pair->dtype));
  PT2_TRY(tensor_of(number, &out_pair->number));
  out_pair->inputs[0] = number_first ? out_pair->number : tensor;
  out_pair->inputs[1] = number_first ? tensor : out_pair->number;
  return PT2_STATUS_OK;
}

static pt2_status_t with_number(const void* context,
                                const pt2_tensor_t* const* tensors,
                                pt2_tensor_t** out_result) {
  const binary_t* binary = context;
  pt2__pair_t pair;
  PT2_TRY(pair_with(&binary->number, tensors[0], false, &pair));
  pt2_status_t status = combine(binary, &pair, out_result);
  pt2__pair_release(&pair);
  return status;
}

// ---- Operators --------------------------------------------------------------

static const pt2__foreach_number_t one = {PT2_DTYPE_I64, {1, 0}, 1};
static const pt2__foreach_number_t no_number = {PT2_DTYPE_UNDEFINED, {0}, 0};

static bool has_alpha(operation_t operation) {
  return operation == ADD || operation == SUB;
}

// (Tensor[] self, Tensor[] other, *, Scalar alpha) -> Tensor[]
static pt2_status_t of_lists(const pt2__boxed_t* boxed, operation_t operation,
                             pt2_tensor_t** results) {
  const char* const names[] = {"self", operation == POW ? "exponent" : "other"};
  binary_t binary = {.operation = operation, .alpha = one};
  if (has_alpha(operation)) {
    PT2_TRY(pt2__foreach_number(boxed, 2, "alpha", &binary.alpha));
  }
  return pt2__foreach(boxed, names, 2, with_tensor, &binary, results);
}

// (Tensor[] self, Tensor other, *, Scalar alpha) -> Tensor[]
static pt2_status_t of_tensor(const pt2__boxed_t* boxed, operation_t operation,
                              pt2_tensor_t** results) {
  static const char* const names[] = {"self"};
  binary_t binary = {.operation = operation, .alpha = one};
  pt2_tensor_t* other;
  PT2_TRY(pt2__boxed_tensor(boxed, 1, "other", &other));
  PT2_OP_CHECK(other->rank == 0,
               "scalar tensor expected to be 0 dim but it has %d dimensions "
               "and %lld elements.",
               other->rank, (long long)other->numel);
  binary.other = other;
  if (has_alpha(operation)) {
    PT2_TRY(pt2__foreach_number(boxed, 2, "alpha", &binary.alpha));
  }
  return pt2__foreach(boxed, names, 1, with_tensor, &binary, results);
}

// (Tensor[] self, Scalar scalar) -> Tensor[]
static pt2_status_t of_number(const pt2__boxed_t* boxed, operation_t operation,
                              pt2_tensor_t** results) {
  static const char* const names[] = {"self"};
  binary_t binary = {.operation = operation, .alpha = one, .number = no_number};
  PT2_TRY(pt2__foreach_number(boxed, 1, "scalar", &binary.number));
  return pt2__foreach(boxed, names, 1, with_number, &binary, results);
}

#define OVERLOAD(name, function, operation)           \
  static pt2_status_t name(const pt2__boxed_t* boxed, \
                           pt2_tensor_t** results) {  \
    return function(boxed, operation, results);       \
  }
OVERLOAD(add_list, of_lists, ADD)
PT2_BOXED_OVERLOAD(_foreach_add_List, "aten::_foreach_add.List",
                   PT2__BOXED_LIST, add_list)
OVERLOAD(sub_list, of_lists, SUB)
PT2_BOXED_OVERLOAD(_foreach_sub_List, "aten::_foreach_sub.List",
                   PT2__BOXED_LIST, sub_list)
OVERLOAD(mul_list, of_lists, MUL)
PT2_BOXED_OVERLOAD(_foreach_mul_List, "aten::_foreach_mul.List",
                   PT2__BOXED_LIST, mul_list)
OVERLOAD(div_list, of_lists, DIV)
PT2_BOXED_OVERLOAD(_foreach_div_List, "aten::_foreach_div.List",
                   PT2__BOXED_LIST, div_list)
OVERLOAD(pow_list, of_lists, POW)
PT2_BOXED_OVERLOAD(_foreach_pow_List, "aten::_foreach_pow.List",
                   PT2__BOXED_LIST, pow_list)
OVERLOAD(add_tensor, of_tensor, ADD)
PT2_BOXED_OVERLOAD(_foreach_add_Tensor, "aten::_foreach_add.Tensor",
                   PT2__BOXED_LIST, add_tensor)
OVERLOAD(mul_tensor, of_tensor, MUL)
PT2_BOXED_OVERLOAD(_foreach_mul_Tensor, "aten::_foreach_mul.Tensor",
                   PT2__BOXED_LIST, mul_tensor)
OVERLOAD(div_tensor, of_tensor, DIV)
PT2_BOXED_OVERLOAD(_foreach_div_Tensor, "aten::_foreach_div.Tensor",
                   PT2__BOXED_LIST, div_tensor)
OVERLOAD(add_scalar, of_number, ADD)
PT2_BOXED_OVERLOAD(_foreach_add_Scalar, "aten::_foreach_add.Scalar",
                   PT2__BOXED_LIST, add_scalar)
OVERLOAD(sub_scalar, of_number, SUB)
PT2_BOXED_OVERLOAD(_foreach_sub_Scalar, "aten::_foreach_sub.Scalar",
                   PT2__BOXED_LIST, sub_scalar)
OVERLOAD(mul_scalar, of_number, MUL)
PT2_BOXED_OVERLOAD(_foreach_mul_Scalar, "aten::_foreach_mul.Scalar",
                   PT2__BOXED_LIST, mul_scalar)
OVERLOAD(div_scalar, of_number, DIV)
PT2_BOXED_OVERLOAD(_foreach_div_Scalar, "aten::_foreach_div.Scalar",
                   PT2__BOXED_LIST, div_scalar)

// ---- Powers of and to a number ----------------------------------------------

static pt2_status_t to_number(const void* context,
                              const pt2_tensor_t* const* tensors,
                              pt2_tensor_t** out_result) {
  const pt2__foreach_number_t* exponent = context;
  PT2_OP_CHECK(!pt2__dtype_is_integral(tensors[0]->dtype, true) ||
                   !pt2__dtype_is_integral(exponent->dtype, true) ||
                   exponent->integer >= 0,
               "Integers to negative integer powers are not allowed.");
  pt2__pair_t pair;
  PT2_TRY(pair_with(exponent, tensors[0], false, &pair));
  pt2_status_t status =
      exponent->parts[1] != 0
          ? pt2__power(&pair, out_result)
          : pt2__power_to_number(&pair, exponent->parts[0], out_result);
  pt2__pair_release(&pair);
  return status;
}

// (Tensor[] self, Scalar exponent) -> Tensor[]
static pt2_status_t pow_scalar(const pt2__boxed_t* boxed,
                               pt2_tensor_t** results) {
  static const char* const names[] = {"self"};
  pt2__foreach_number_t exponent = no_number;
  PT2_TRY(pt2__foreach_number(boxed, 1, "exponent", &exponent));
  return pt2__foreach(boxed, names, 1, to_number, &exponent, results);
}

PT2_BOXED_OVERLOAD(_foreach_pow_Scalar, "aten::_foreach_pow.Scalar",
                   PT2__BOXED_LIST, pow_scalar)

static pt2_status_t of_base(const void* context,
                            const pt2_tensor_t* const* tensors,
                            pt2_tensor_t** out_result) {
  const pt2__foreach_number_t* base = context;
  pt2__pair_t pair;
  PT2_TRY(pair_with(base, tensors[0], true, &pair));
  pt2_status_t status = pt2__power_of_number(
      base->parts[1] != 0 ? NAN : base->parts[0], &pair, out_result);
  pt2__pair_release(&pair);
  return status;
}

// (Scalar self, Tensor[] exponent) -> Tensor[]
static pt2_status_t pow_of_scalar(const pt2__boxed_t* boxed,
                                  pt2_tensor_t** results) {
  static const char* const names[] = {"exponent"};
  pt2__foreach_number_t base = no_number;
  PT2_TRY(pt2__foreach_number(boxed, 0, "self", &base));
  // The list is the first argument of the others.
  pt2__boxed_t rest = *boxed;
  if (rest.count > 0 &&
      (rest.values[0].name == NULL || rest.values[0].name[0] == '\0')) {
    ++rest.values;
    --rest.count;
  }
  return pt2__foreach(&rest, names, 1, of_base, &base, results);
}

PT2_BOXED_OVERLOAD(_foreach_pow_ScalarAndTensor,
                   "aten::_foreach_pow.ScalarAndTensor", PT2__BOXED_LIST,
                   pow_of_scalar)
