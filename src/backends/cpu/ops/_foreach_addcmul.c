// SPDX-License-Identifier: Apache-2.0
//
// aten::_foreach_addcmul and aten::_foreach_addcdiv, by name: self + value *
// tensor1 * tensor2, or / tensor2. Models call them for lists with complex
// tensors, and real ones may be among these.
#include "backends/cpu/kernels/complex/complex_divide.h"
#include "backends/cpu/kernels/complex/complex_loops.h"
#include "backends/cpu/kernels/elementwise/foreach.h"

#define LOOP_OF_THREE(name, type, declaration, expression)                  \
  static void name(const void* context, char* const* data,                  \
                   const int64_t* strides, int64_t count) {                 \
    declaration;                                                            \
    for (int64_t i = 0; i < count; ++i) {                                   \
      const type x = *(const type*)(const void*)(data[1] + i * strides[1]); \
      const type y = *(const type*)(const void*)(data[2] + i * strides[2]); \
      const type w = *(const type*)(const void*)(data[3] + i * strides[3]); \
      *(type*)(void*)(data[0] + i * strides[0]) = (expression);             \
    }                                                                       \
  }
#define FLOAT_VALUE const float value = (float)*(const double*)context
#define DOUBLE_VALUE const double value = *(const double*)context
LOOP_OF_THREE(addcmul_f32, float, FLOAT_VALUE, x + value * y * w)
LOOP_OF_THREE(addcmul_f64, double, DOUBLE_VALUE, x + value * y * w)
LOOP_OF_THREE(addcdiv_f32, float, FLOAT_VALUE, x + value * y / w)
LOOP_OF_THREE(addcdiv_f64, double, DOUBLE_VALUE, x + value * y / w)
// Integers wrap around.
LOOP_OF_THREE(addcmul_i64, uint64_t,
              const uint64_t value = *(const uint64_t*)context,
              x + value * y * w)

// complex32 in complex64, each product and the sum rounded as torch does.
static float rounded(float value) {
  return pt2__f16_to_f32(pt2__f32_to_f16(value));
}

static pt2__c64_t product(pt2__c64_t x, pt2__c64_t y) {
  return (pt2__c64_t){rounded(x.re * y.re - x.im * y.im),
                      rounded(x.re * y.im + x.im * y.re)};
}

static pt2__c64_t addcmul(pt2__c64_t value, pt2__c64_t x, pt2__c64_t y,
                          pt2__c64_t w) {
  const pt2__c64_t z = product(product(value, y), w);
  return (pt2__c64_t){x.re + z.re, x.im + z.im};
}

#define HALF_VALUE               \
  const double* parts = context; \
  const pt2__c64_t value = {rounded((float)parts[0]), rounded((float)parts[1])}
LOOP_OF_THREE(addcmul_c32, pt2__c64_t, HALF_VALUE, addcmul(value, x, y, w))

static pt2_status_t check(const pt2_tensor_t* const* tensors, bool divides,
                          const pt2__foreach_number_t* value, int32_t dtype) {
  PT2_OP_CHECK(!divides || !pt2__dtype_is_integral(tensors[1]->dtype, true) ||
                   !pt2__dtype_is_integral(tensors[2]->dtype, true),
               "Integer division with addcdiv is no longer supported: tensor1 "
               "is %s and tensor2 is %s",
               pt2__dtype_torch_name(tensors[1]->dtype),
               pt2__dtype_torch_name(tensors[2]->dtype));
  bool known = pt2__dtype_is_complex(dtype)
                   ? !divides || dtype != PT2_DTYPE_COMPLEX32
                   : pt2__foreach_real_dtype(dtype) != PT2_DTYPE_UNDEFINED &&
                         dtype != PT2_DTYPE_BOOL;
  PT2_OP_CHECK(known, "\"%s_cpu_out\" not implemented for '%s'",
               divides ? "addcdiv" : "addcmul", pt2__dtype_torch_name(dtype));
  return pt2__foreach_check_number(value, dtype);
}

static pt2__elementwise_loop_fn loop_of(bool divides, int32_t dtype) {
  const pt2__complex_loops_t* loops =
      pt2__complex_loops(divides ? PT2__COMPLEX_ADDCDIV : PT2__COMPLEX_ADDCMUL);
  switch (dtype) {
    case PT2_DTYPE_COMPLEX128:
      return loops->wide;
    case PT2_DTYPE_COMPLEX64:
      return loops->narrow;
    case PT2_DTYPE_COMPLEX32:
      return addcmul_c32;
    case PT2_DTYPE_F64:
      return divides ? addcdiv_f64 : addcmul_f64;
    case PT2_DTYPE_F32:
      return divides ? addcdiv_f32 : addcmul_f32;
    default:
      return addcmul_i64;
  }
}

static pt2_status_t one_result(const pt2_tensor_t* const* tensors, bool divides,
                               const pt2__foreach_number_t* value,
                               pt2_tensor_t** out_result) {
  int32_t dtype;
  PT2_TRY(pt2__elementwise_promote(tensors, 3, &dtype));
  PT2_TRY(check(tensors, divides, value, dtype));
  const bool is_complex = pt2__dtype_is_complex(dtype);
  const int32_t computed = is_complex ? pt2__elementwise_compute_dtype(dtype)
                                      : pt2__foreach_real_dtype(dtype);
  const bool fraction = !pt2__dtype_is_integral(value->dtype, true);
  int64_t integer = value->integer;
  if (computed == PT2_DTYPE_I64 && fraction) {
    integer = (int64_t)value->parts[0];
  }
  const pt2__elementwise_kernel_t kernel = {
      .loop = loop_of(divides, is_complex ? dtype : computed),
      .context = computed == PT2_DTYPE_I64 ? (const void*)&integer
                                           : (const void*)value->parts,
      .input_dtype = computed,
      .result_dtype = computed,
      .work = 6,
  };
  return pt2__elementwise_new(&kernel, tensors, 3, dtype, dtype, out_result);
}

// ---- One number -------------------------------------------------------------

typedef struct {
  bool divides;
  pt2__foreach_number_t value;
} ternary_t;

static pt2_status_t with_number(const void* context,
                                const pt2_tensor_t* const* tensors,
                                pt2_tensor_t** out_result) {
  const ternary_t* ternary = context;
  return one_result(tensors, ternary->divides, &ternary->value, out_result);
}

static const char* const names[] = {"self", "tensor1", "tensor2"};

// (Tensor[] self, Tensor[] tensor1, Tensor[] tensor2, Scalar value) -> Tensor[]
static pt2_status_t of_number(const pt2__boxed_t* boxed, bool divides,
                              pt2_tensor_t** results) {
  ternary_t ternary = {divides, {PT2_DTYPE_I64, {1, 0}, 1}};
  PT2_TRY(pt2__foreach_number(boxed, 3, "value", &ternary.value));
  return pt2__foreach(boxed, names, 3, with_number, &ternary, results);
}

// ---- A tensor of numbers ----------------------------------------------------

typedef struct {
  bool divides;
  const pt2_tensor_t* numbers;
  int64_t* next;
} packed_t;

static pt2_status_t with_next(const void* context,
                              const pt2_tensor_t* const* tensors,
                              pt2_tensor_t** out_result) {
  const packed_t* packed = context;
  const int32_t dtype = packed->numbers->dtype;
  const char* from = (const char*)packed->numbers->data +
                     *packed->next * (int64_t)pt2_dtype_size_bytes(dtype);
  ++*packed->next;
  pt2__foreach_number_t value = {.dtype = PT2_DTYPE_F32};
  if (pt2__dtype_is_complex(dtype)) {
    value.dtype = PT2_DTYPE_COMPLEX64;
    pt2__element_get_complex(dtype, from, value.parts);
  } else {
    value.parts[0] = pt2__element_get_f64(dtype, from);
  }
  if (pt2__dtype_is_integral(dtype, true)) {
    value.dtype = PT2_DTYPE_I64;
    value.integer = pt2__element_get_i64(dtype, from);
  }
  return one_result(tensors, packed->divides, &value, out_result);
}

static pt2_status_t check_numbers(const pt2_tensor_t* numbers, int64_t length) {
  PT2_OP_CHECK(pt2__tensor_is_contiguous(numbers),
               "Expected scalars to be contiguous.");
  PT2_OP_CHECK(numbers->rank == 1,
               "Expected packed scalar Tensor to be of dimension 1. Got %d "
               "instead.",
               numbers->rank);
  PT2_OP_CHECK(numbers->numel == length,
               "Expected length of scalars to match input of length %lld but "
               "got %lld instead.",
               (long long)length, (long long)numbers->numel);
  PT2_OP_CHECK(
      pt2__dtype_is_complex(numbers->dtype) ||
          pt2__foreach_real_dtype(numbers->dtype) != PT2_DTYPE_UNDEFINED,
      "\"convert_tensor_to_scalar_list\" not implemented for '%s'",
      pt2__dtype_torch_name(numbers->dtype));
  return PT2_STATUS_OK;
}

// (Tensor[] self, Tensor[] tensor1, Tensor[] tensor2, Tensor scalars) ->
// Tensor[]
static pt2_status_t of_numbers(const pt2__boxed_t* boxed, bool divides,
                               pt2_tensor_t** results) {
  pt2_tensor_t* const* self;
  pt2_tensor_t* numbers;
  int64_t length, next = 0;
  PT2_TRY(pt2__boxed_tensors(boxed, 0, "self", &self, &length));
  PT2_TRY(pt2__boxed_tensor(boxed, 3, "scalars", &numbers));
  PT2_TRY(check_numbers(numbers, length));
  const packed_t packed = {divides, numbers, &next};
  return pt2__foreach(boxed, names, 3, with_next, &packed, results);
}

#define OVERLOAD(name, function, operation)           \
  static pt2_status_t name(const pt2__boxed_t* boxed, \
                           pt2_tensor_t** results) {  \
    return function(boxed, operation, results);       \
  }
OVERLOAD(addcmul_scalar, of_number, false)
PT2_BOXED_OVERLOAD(_foreach_addcmul_Scalar, "aten::_foreach_addcmul.Scalar",
                   PT2__BOXED_LIST, addcmul_scalar)
OVERLOAD(addcdiv_scalar, of_number, true)
PT2_BOXED_OVERLOAD(_foreach_addcdiv_Scalar, "aten::_foreach_addcdiv.Scalar",
                   PT2__BOXED_LIST, addcdiv_scalar)
OVERLOAD(addcmul_tensor, of_numbers, false)
PT2_BOXED_OVERLOAD(_foreach_addcmul_Tensor, "aten::_foreach_addcmul.Tensor",
                   PT2__BOXED_LIST, addcmul_tensor)
OVERLOAD(addcdiv_tensor, of_numbers, true)
PT2_BOXED_OVERLOAD(_foreach_addcdiv_Tensor, "aten::_foreach_addcdiv.Tensor",
                   PT2__BOXED_LIST, addcdiv_tensor)
