// SPDX-License-Identifier: Apache-2.0
//
// One-element tensors to numbers and numbers to 0-d tensors.
#include <complex.h>
#include <math.h>
#include <string.h>

#include "ops/op.h"
#include "shim/shim.h"
#include "tensor/device.h"

// ---- item ------------------------------------------------------------------

// A number as torch's Scalar keeps it.
typedef struct {
  enum { SCALAR_BOOL, SCALAR_I64, SCALAR_U64, SCALAR_F64, SCALAR_COMPLEX } kind;
  int64_t integer;  // of bool too
  double parts[2];
} scalar_t;

static pt2_status_t read_scalar(AtenTensorHandle tensor, scalar_t* out) {
  PT2_SHIM_CHECK(tensor->numel == 1,
                 "a Tensor with %lld elements cannot be converted to Scalar",
                 (long long)tensor->numel);
  int32_t dtype = tensor->dtype;
  if (dtype == PT2_DTYPE_F4E2M1FNX2) {
    return PT2_FAIL(PT2_STATUS_UNSUPPORTED, "\"item\" not implemented for '%s'",
                    pt2__dtype_torch_name(dtype));
  }
  memset(out, 0, sizeof(*out));
  if (pt2__dtype_is_integral(dtype, true)) {
    out->integer = pt2__element_get_i64(dtype, tensor->data);
    out->kind = dtype == PT2_DTYPE_BOOL                      ? SCALAR_BOOL
                : dtype == PT2_DTYPE_U64 && out->integer < 0 ? SCALAR_U64
                                                             : SCALAR_I64;
  } else {
    out->kind = pt2__dtype_is_complex(dtype) ? SCALAR_COMPLEX : SCALAR_F64;
    pt2__element_get_complex(dtype, tensor->data, out->parts);
  }
  return PT2_STATUS_OK;
}

static pt2_status_t overflow(int32_t dtype) {
  return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                  "value cannot be converted to type %s without overflow",
                  pt2_dtype_name(dtype));
}

// The largest number of a dtype, the smallest is its negative for floats.
static double largest(int32_t dtype) {
  switch (dtype) {
    case PT2_DTYPE_F16:
      return 65504.0;
    case PT2_DTYPE_BF16:
      return 0x1.fep127;
    case PT2_DTYPE_F32:
    case PT2_DTYPE_COMPLEX64:
      return 0x1.fffffep127;
    default:
      return INFINITY;
  }
}

// Number of value bits and sign of an integer dtype.
static void integer_range(int32_t dtype, int* out_bits, bool* out_signed) {
  *out_signed = dtype >= PT2_DTYPE_I8 && dtype <= PT2_DTYPE_I64;
  *out_bits = 8 * (int)pt2_dtype_size_bytes(dtype) - (*out_signed ? 1 : 0);
}

// torch lets negative numbers wrap around in unsigned dtypes as far as their
// magnitude fits.
static bool integer_fits(const scalar_t* scalar, int32_t dtype) {
  int bits;
  bool is_signed;
  integer_range(dtype, &bits, &is_signed);
  uint64_t most = UINT64_MAX >> (64 - bits);
  if (scalar->kind == SCALAR_U64) {
    return (uint64_t)scalar->integer <= most;
  }
  if (scalar->integer >= 0) {
    return (uint64_t)scalar->integer <= most;
  }
  uint64_t magnitude = -(uint64_t)scalar->integer;
  return magnitude <= most + (is_signed ? 1 : 0);
}

static bool real_fits_integer(double value, int32_t dtype) {
  int bits;
  bool is_signed;
  integer_range(dtype, &bits, &is_signed);
  double end = ldexp(1.0, bits);
  return value < end && value >= (is_signed ? -end : 0.0);
}

// Fails where torch's Scalar::to does: what |dtype| cannot hold.
static pt2_status_t check_fits(const scalar_t* scalar, int32_t dtype) {
  if (dtype == PT2_DTYPE_BOOL || scalar->kind == SCALAR_BOOL) {
    return PT2_STATUS_OK;
  }
  bool to_integer = pt2__dtype_is_integral(dtype, false);
  if (scalar->kind == SCALAR_I64 || scalar->kind == SCALAR_U64) {
    double magnitude = scalar->kind == SCALAR_U64
                           ? (double)(uint64_t)scalar->integer
                           : fabs((double)scalar->integer);
    bool fits =
        to_integer ? integer_fits(scalar, dtype) : magnitude <= largest(dtype);
    return fits ? PT2_STATUS_OK : overflow(dtype);
  }
  if (scalar->kind == SCALAR_COMPLEX && !pt2__dtype_is_complex(dtype) &&
      scalar->parts[1] != 0) {
    return overflow(dtype);
  }
  for (int i = 0; i < (scalar->kind == SCALAR_COMPLEX ? 2 : 1); ++i) {
    double part = scalar->parts[i];
    bool fits = to_integer ? real_fits_integer(part, dtype)
                           : !isfinite(part) || fabs(part) <= largest(dtype);
    if (!fits) {
      return overflow(dtype);
    }
  }
  return PT2_STATUS_OK;
}

// The same of a tensor on any device.
static pt2_status_t read_scalar_from(AtenTensorHandle tensor, scalar_t* out) {
  PT2_TRY(pt2__shim_check_tensor(tensor, "tensor"));
  if (tensor->device_type == PT2_DEVICE_CPU || tensor->numel != 1) {
    return read_scalar(tensor, out);
  }
  pt2_tensor_t* copy = NULL;
  PT2_TRY(pt2__tensor_to(tensor, (pt2__place_t){NULL, 0}, &copy));
  pt2_status_t status = read_scalar(copy, out);
  pt2__tensor_release(copy);
  return status;
}

static pt2_status_t item(AtenTensorHandle tensor, int32_t dtype, void* out) {
  PT2_TRY(pt2__shim_check_out(out));
  scalar_t scalar;
  PT2_TRY(read_scalar_from(tensor, &scalar));
  PT2_TRY(check_fits(&scalar, dtype));
  if (scalar.kind == SCALAR_COMPLEX || scalar.kind == SCALAR_F64) {
    pt2__element_set_complex(dtype, out, scalar.parts);
  } else if (scalar.kind == SCALAR_U64 &&
             !pt2__dtype_is_integral(dtype, false)) {
    double parts[2] = {(double)(uint64_t)scalar.integer, 0};
    pt2__element_set_complex(dtype, out, parts);
  } else {
    pt2__element_set_i64(dtype, out, scalar.integer);
  }
  return PT2_STATUS_OK;
}

#define ITEM(name, dtype, type)                                  \
  AOTITorchError aoti_torch_item_##name(AtenTensorHandle tensor, \
                                        type* ret_value) {       \
    PT2_SHIM_RETURN(item(tensor, PT2_DTYPE_##dtype, ret_value)); \
  }

ITEM(bfloat16, BF16, uint16_t)
ITEM(bool, BOOL, bool)
ITEM(complex64, COMPLEX64, float _Complex)
ITEM(float16, F16, uint16_t)
ITEM(float32, F32, float)
ITEM(float64, F64, double)
ITEM(int8, I8, int8_t)
ITEM(int16, I16, int16_t)
ITEM(int32, I32, int32_t)
ITEM(int64, I64, int64_t)
ITEM(uint8, U8, uint8_t)
ITEM(uint16, U16, uint16_t)
ITEM(uint32, U32, uint32_t)
ITEM(uint64, U64, uint64_t)

// ---- scalar_to_tensor ------------------------------------------------------

static pt2_status_t scalar_tensor(int32_t dtype, const void* value,
                                  AtenTensorHandle* out) {
  PT2_TRY(pt2__shim_check_out(out));
  PT2_TRY(pt2__tensor_empty(dtype, 0, NULL, NULL, out));
  memcpy((*out)->data, value, pt2_dtype_size_bytes(dtype));
  return PT2_STATUS_OK;
}

#define SCALAR_TO_TENSOR(name, dtype, type)                                    \
  AOTITorchError aoti_torch_scalar_to_tensor_##name(                           \
      type value, AtenTensorHandle* ret_new_tensor) {                          \
    PT2_SHIM_RETURN(scalar_tensor(PT2_DTYPE_##dtype, &value, ret_new_tensor)); \
  }

SCALAR_TO_TENSOR(bool, BOOL, bool)
SCALAR_TO_TENSOR(complex64, COMPLEX64, float _Complex)
SCALAR_TO_TENSOR(complex128, COMPLEX128, double _Complex)
SCALAR_TO_TENSOR(float32, F32, float)
SCALAR_TO_TENSOR(float64, F64, double)
SCALAR_TO_TENSOR(int8, I8, int8_t)
SCALAR_TO_TENSOR(int16, I16, int16_t)
SCALAR_TO_TENSOR(int32, I32, int32_t)
SCALAR_TO_TENSOR(int64, I64, int64_t)
SCALAR_TO_TENSOR(uint8, U8, uint8_t)
SCALAR_TO_TENSOR(uint16, U16, uint16_t)
SCALAR_TO_TENSOR(uint32, U32, uint32_t)
SCALAR_TO_TENSOR(uint64, U64, uint64_t)
