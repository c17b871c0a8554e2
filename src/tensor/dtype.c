// SPDX-License-Identifier: Apache-2.0
//
// Dtypes: sizes, names, kinds, promotion; names of devices.
#include <string.h>

#include "tensor/device.h"
#include "tensor/tensor.h"

enum { KIND_INTEGER, KIND_BOOL, KIND_FLOAT, KIND_COMPLEX };

// What follows a number in these names is how NumPy and torch call it.
typedef struct {
  int8_t dtype;
  uint8_t kind;
  const char* name;
  const char* torch_name;
  const char* long_name;
  const char* other_name;  // torch's alias, NULL if it has none
} dtype_row_t;

static const dtype_row_t rows[] = {
    {PT2_DTYPE_U8, KIND_INTEGER, "u8", "Byte", "uint8", NULL},
    {PT2_DTYPE_I8, KIND_INTEGER, "i8", "Char", "int8", NULL},
    {PT2_DTYPE_I16, KIND_INTEGER, "i16", "Short", "int16", "short"},
    {PT2_DTYPE_I32, KIND_INTEGER, "i32", "Int", "int32", "int"},
    {PT2_DTYPE_I64, KIND_INTEGER, "i64", "Long", "int64", "long"},
    {PT2_DTYPE_F16, KIND_FLOAT, "f16", "Half", "float16", "half"},
    {PT2_DTYPE_F32, KIND_FLOAT, "f32", "Float", "float32", "float"},
    {PT2_DTYPE_F64, KIND_FLOAT, "f64", "Double", "float64", "double"},
    {PT2_DTYPE_COMPLEX32, KIND_COMPLEX, "c32", "ComplexHalf", "complex32",
     "chalf"},
    {PT2_DTYPE_COMPLEX64, KIND_COMPLEX, "c64", "ComplexFloat", "complex64",
     "cfloat"},
    {PT2_DTYPE_COMPLEX128, KIND_COMPLEX, "c128", "ComplexDouble", "complex128",
     "cdouble"},
    {PT2_DTYPE_BOOL, KIND_BOOL, "bool", "Bool", "bool", NULL},
    {PT2_DTYPE_BF16, KIND_FLOAT, "bf16", "BFloat16", "bfloat16", NULL},
    {PT2_DTYPE_F8E5M2, KIND_FLOAT, "f8e5m2", "Float8_e5m2", "float8_e5m2",
     NULL},
    {PT2_DTYPE_F8E4M3FN, KIND_FLOAT, "f8e4m3fn", "Float8_e4m3fn",
     "float8_e4m3fn", NULL},
    {PT2_DTYPE_F8E5M2FNUZ, KIND_FLOAT, "f8e5m2fnuz", "Float8_e5m2fnuz",
     "float8_e5m2fnuz", NULL},
    {PT2_DTYPE_F8E4M3FNUZ, KIND_FLOAT, "f8e4m3fnuz", "Float8_e4m3fnuz",
     "float8_e4m3fnuz", NULL},
    {PT2_DTYPE_U16, KIND_INTEGER, "u16", "UInt16", "uint16", NULL},
    {PT2_DTYPE_U32, KIND_INTEGER, "u32", "UInt32", "uint32", NULL},
    {PT2_DTYPE_U64, KIND_INTEGER, "u64", "UInt64", "uint64", NULL},
    {PT2_DTYPE_F8E8M0FNU, KIND_FLOAT, "f8e8m0fnu", "Float8_e8m0fnu",
     "float8_e8m0fnu", NULL},
    {PT2_DTYPE_F4E2M1FNX2, KIND_FLOAT, "f4e2m1fnx2", "Float4_e2m1fn_x2",
     "float4_e2m1fn_x2", NULL},
};
#define ROW_COUNT (sizeof(rows) / sizeof(rows[0]))

// Models ask for sizes and kinds all the time: the row by number, plus 1.
static const uint8_t row_of[] = {
    [PT2_DTYPE_U8] = 1,          [PT2_DTYPE_I8] = 2,
    [PT2_DTYPE_I16] = 3,         [PT2_DTYPE_I32] = 4,
    [PT2_DTYPE_I64] = 5,         [PT2_DTYPE_F16] = 6,
    [PT2_DTYPE_F32] = 7,         [PT2_DTYPE_F64] = 8,
    [PT2_DTYPE_COMPLEX32] = 9,   [PT2_DTYPE_COMPLEX64] = 10,
    [PT2_DTYPE_COMPLEX128] = 11, [PT2_DTYPE_BOOL] = 12,
    [PT2_DTYPE_BF16] = 13,       [PT2_DTYPE_F8E5M2] = 14,
    [PT2_DTYPE_F8E4M3FN] = 15,   [PT2_DTYPE_F8E5M2FNUZ] = 16,
    [PT2_DTYPE_F8E4M3FNUZ] = 17, [PT2_DTYPE_U16] = 18,
    [PT2_DTYPE_U32] = 19,        [PT2_DTYPE_U64] = 20,
    [PT2_DTYPE_F8E8M0FNU] = 21,  [PT2_DTYPE_F4E2M1FNX2] = 22,
};

const uint8_t pt2__dtype_bytes_table[PT2__DTYPE_COUNT] = {
    [PT2_DTYPE_U8] = 1,          [PT2_DTYPE_I8] = 1,
    [PT2_DTYPE_I16] = 2,         [PT2_DTYPE_I32] = 4,
    [PT2_DTYPE_I64] = 8,         [PT2_DTYPE_F16] = 2,
    [PT2_DTYPE_F32] = 4,         [PT2_DTYPE_F64] = 8,
    [PT2_DTYPE_COMPLEX32] = 4,   [PT2_DTYPE_COMPLEX64] = 8,
    [PT2_DTYPE_COMPLEX128] = 16, [PT2_DTYPE_BOOL] = 1,
    [PT2_DTYPE_BF16] = 2,        [PT2_DTYPE_F8E5M2] = 1,
    [PT2_DTYPE_F8E4M3FN] = 1,    [PT2_DTYPE_F8E5M2FNUZ] = 1,
    [PT2_DTYPE_F8E4M3FNUZ] = 1,  [PT2_DTYPE_U16] = 2,
    [PT2_DTYPE_U32] = 4,         [PT2_DTYPE_U64] = 8,
    [PT2_DTYPE_F8E8M0FNU] = 1,   [PT2_DTYPE_F4E2M1FNX2] = 1,
};

static const dtype_row_t* find_row(int32_t dtype) {
  if (dtype < 0 || (size_t)dtype >= sizeof(row_of) || row_of[dtype] == 0) {
    return NULL;
  }
  return &rows[row_of[dtype] - 1];
}

size_t pt2_dtype_size_bytes(pt2_dtype_t dtype) {
  return pt2__dtype_bytes(dtype);
}

const char* pt2_dtype_name(pt2_dtype_t dtype) {
  const dtype_row_t* row = find_row(dtype);
  return row != NULL ? row->name : "?";
}

const char* pt2__dtype_torch_name(int32_t dtype) {
  const dtype_row_t* row = find_row(dtype);
  return row != NULL ? row->torch_name : "Undefined";
}

pt2_dtype_t pt2_dtype_parse(const char* name) {
  if (name == NULL) {
    return PT2_DTYPE_UNDEFINED;
  }
  if (strncmp(name, "torch.", 6) == 0) {
    name += 6;
  }
  for (size_t i = 0; i < ROW_COUNT; ++i) {
    if (strcmp(name, rows[i].name) == 0 ||
        strcmp(name, rows[i].long_name) == 0 ||
        (rows[i].other_name != NULL && strcmp(name, rows[i].other_name) == 0)) {
      return rows[i].dtype;
    }
  }
  return PT2_DTYPE_UNDEFINED;
}

const char* pt2_device_type_name(pt2_device_type_t device_type) {
  const pt2_backend_t* backend = pt2__device_find(device_type);
  if (backend != NULL) {
    return backend->device;
  }
  switch (device_type) {
    case PT2_DEVICE_CPU:
      return "cpu";
    case PT2_DEVICE_CUDA:
      return "cuda";
    case PT2_DEVICE_XPU:
      return "xpu";
    case PT2_DEVICE_MPS:
      return "mps";
    case PT2_DEVICE_META:
      return "meta";
    case PT2_DEVICE_PRIVATEUSE1:
      return "privateuse1";
    default:
      return "?";
  }
}

bool pt2__dtype_is_floating(int32_t dtype) {
  const dtype_row_t* row = find_row(dtype);
  return row != NULL && row->kind == KIND_FLOAT;
}

bool pt2__dtype_is_complex(int32_t dtype) {
  const dtype_row_t* row = find_row(dtype);
  return row != NULL && row->kind == KIND_COMPLEX;
}

int32_t pt2__dtype_real(int32_t dtype) {
  return dtype == PT2_DTYPE_COMPLEX32    ? PT2_DTYPE_F16
         : dtype == PT2_DTYPE_COMPLEX64  ? PT2_DTYPE_F32
         : dtype == PT2_DTYPE_COMPLEX128 ? PT2_DTYPE_F64
                                         : dtype;
}

bool pt2__dtype_is_integral(int32_t dtype, bool include_bool) {
  const dtype_row_t* row = find_row(dtype);
  return row != NULL && (row->kind == KIND_INTEGER ||
                         (include_bool && row->kind == KIND_BOOL));
}

// ---- Promotion -------------------------------------------------------------

static bool is_float8(int32_t dtype) {
  return (dtype >= PT2_DTYPE_F8E5M2 && dtype <= PT2_DTYPE_F8E4M3FNUZ) ||
         dtype == PT2_DTYPE_F8E8M0FNU;
}

static bool is_wide_unsigned(int32_t dtype) {
  return dtype >= PT2_DTYPE_U16 && dtype <= PT2_DTYPE_U64;
}

// The complex dtype whose parts hold |dtype|.
static int32_t complex_for(int32_t dtype) {
  switch (dtype) {
    case PT2_DTYPE_F32:
    case PT2_DTYPE_BF16:
      return PT2_DTYPE_COMPLEX64;
    case PT2_DTYPE_F64:
      return PT2_DTYPE_COMPLEX128;
    default:
      return pt2__dtype_is_complex(dtype) ? dtype : PT2_DTYPE_COMPLEX32;
  }
}

// torch's rules: complex over float over integer over bool; within a kind the
// wider one, except that f16 with bf16 is f32 and u8 with i8 is i16. What torch
// refuses to promote (8-bit floats, u16 to u64 with other integers) is
// PT2_DTYPE_UNDEFINED.
int32_t pt2__dtype_promote(int32_t left, int32_t right) {
  const dtype_row_t* a = find_row(left);
  const dtype_row_t* b = find_row(right);
  if (a == NULL || b == NULL) {
    return PT2_DTYPE_UNDEFINED;
  }
  if (left == right) {
    return left;
  }
  if (is_float8(left) || is_float8(right)) {
    return PT2_DTYPE_UNDEFINED;
  }
  if (is_wide_unsigned(left) || is_wide_unsigned(right)) {
    int32_t other = is_wide_unsigned(left) ? right : left;
    return pt2__dtype_is_floating(other) ? other : PT2_DTYPE_UNDEFINED;
  }
  if (left == PT2_DTYPE_F4E2M1FNX2 || right == PT2_DTYPE_F4E2M1FNX2) {
    return PT2_DTYPE_UNDEFINED;
  }
  if (a->kind == KIND_COMPLEX || b->kind == KIND_COMPLEX) {
    int32_t x = complex_for(left);
    int32_t y = complex_for(right);
    return x > y ? x : y;
  }
  if (a->kind != b->kind) {
    // Kinds are numbered by rank, but for bool, which gives way to all.
    int rank_a = a->kind == KIND_BOOL ? -1 : a->kind;
    int rank_b = b->kind == KIND_BOOL ? -1 : b->kind;
    return rank_a > rank_b ? left : right;
  }
  if (pt2__dtype_bytes(a->dtype) != pt2__dtype_bytes(b->dtype)) {
    return pt2__dtype_bytes(a->dtype) > pt2__dtype_bytes(b->dtype) ? left
                                                                   : right;
  }
  return a->kind == KIND_FLOAT ? PT2_DTYPE_F32 : PT2_DTYPE_I16;
}
