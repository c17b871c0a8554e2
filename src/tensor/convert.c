// SPDX-License-Identifier: Apache-2.0
//
// Element conversion. Every dtype belongs to one of six classes (i64, u64, f32,
// f64, pairs of f32, pairs of f64). A run is converted block by block: load
// widens to the source's class, then class to class, then store narrows. So 21
// dtypes need 21 loads and stores, not 441 loops.
#include "tensor/convert.h"

#include <math.h>
#include <string.h>

#include "tensor/tensor.h"

// ---- 16-bit floats ---------------------------------------------------------

static uint32_t f32_bits(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof(bits));
  return bits;
}

static float bits_f32(uint32_t bits) {
  float value;
  memcpy(&value, &bits, sizeof(value));
  return value;
}

float pt2__f16_to_f32(uint16_t bits) {
  uint32_t sign = (uint32_t)(bits & 0x8000) << 16;
  uint32_t rest = (uint32_t)(bits & 0x7fff) << 13;
  // Multiplying by 2^112 moves the exponent's bias, and makes subnormal
  // numbers normal; infinities and NaNs keep all exponent bits.
  uint32_t scaled = f32_bits(bits_f32(rest) * 0x1p112f);
  uint32_t special = rest | 0x7f800000;
  return bits_f32(sign | (rest >= 0x0f800000 ? special : scaled));
}

uint16_t pt2__f32_to_f16(float value) {
  uint32_t bits = f32_bits(value);
  uint32_t sign = bits >> 16 & 0x8000;
  bits &= 0x7fffffff;
  uint32_t result;
  if (bits >= 0x47800000) {  // 65536 and more, infinity, NaN
    result = bits > 0x7f800000 ? 0x7e00 : 0x7c00;
  } else if (bits < 0x38800000) {  // below 2^-14: subnormal
    // Adding 0.5 leaves the rounded number in the lowest bits.
    result = f32_bits(bits_f32(bits) + 0.5f) - 0x3f000000;
  } else {
    result = (bits - 0x38000000 + 0xfff + (bits >> 13 & 1)) >> 13;
  }
  return (uint16_t)(sign | result);
}

uint16_t pt2__f32_to_bf16(float value) {
  uint32_t bits = f32_bits(value);
  uint32_t rounded = (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
  return (uint16_t)((bits & 0x7fffffff) > 0x7f800000 ? 0x7fc0 : rounded);
}

// ---- 8-bit floats ----------------------------------------------------------

// An 8-bit float with a sign: mantissa bits, bias, and the f32 bits from which
// on a number is out of range whatever it is rounded to.
typedef struct {
  int mantissa_bits;
  int bias;
  uint32_t overflow_bits;
  bool has_infinity;
  bool unsigned_zero;  // 0x80 is the NaN
} float8_t;

static const float8_t f8e5m2 = {2, 15, 0x47800000, true, false};
static const float8_t f8e4m3fn = {3, 7, 0x43f00000, false, false};
static const float8_t f8e5m2fnuz = {2, 16, 0x47800000, false, true};
static const float8_t f8e4m3fnuz = {3, 8, 0x43800000, false, true};

// Rounds to nearest, ties to even. What is out of range becomes infinity, if
// there is one; else 0x80, if that is the NaN; else (e4m3fn) the largest
// number, which is what torch 2.15 does where earlier releases made it NaN.
static uint8_t f32_to_f8(float value, const float8_t* format) {
  uint32_t bits = f32_bits(value);
  uint32_t sign = bits >> 24 & 0x80;
  bits &= 0x7fffffff;
  if (bits >= format->overflow_bits) {
    if (format->unsigned_zero) {
      return 0x80;
    }
    uint32_t most = format->has_infinity ? 0x7c : 0x7e;
    return (uint8_t)(sign | (bits <= 0x7f800000 ? most : 0x7f));
  }
  int drop = 23 - format->mantissa_bits;
  uint32_t rebias = (uint32_t)(127 - format->bias) << 23;
  uint32_t result;
  if (bits < rebias + (1u << 23)) {
    // Subnormal: adding this power of two leaves the rounded number in the
    // lowest bits of the sum.
    uint32_t magic = rebias + ((uint32_t)(drop + 1) << 23);
    result = f32_bits(bits_f32(bits) + bits_f32(magic)) - magic;
    if (result == 0 && format->unsigned_zero) {
      return 0;
    }
  } else {
    uint32_t half = (1u << (drop - 1)) - 1;
    result = (bits - rebias + half + (bits >> drop & 1)) >> drop;
    if (result == 0x7f && format == &f8e4m3fn) {
      result = 0x7e;  // rounded up to the NaN
    }
  }
  return (uint8_t)(sign | result);
}

static float f8_to_f32(uint8_t bits, const float8_t* format) {
  uint32_t rest = bits & 0x7f;
  bool nan = format->unsigned_zero  ? bits == 0x80
             : format->has_infinity ? rest > 0x7c
                                    : rest == 0x7f;
  if (nan) {
    return NAN;
  }
  uint32_t sign = (uint32_t)(bits & 0x80) << 24;
  if (format->has_infinity && rest == 0x7c) {
    return bits_f32(sign | 0x7f800000);
  }
  uint32_t mantissa = rest & ((1u << format->mantissa_bits) - 1);
  uint32_t exponent = rest >> format->mantissa_bits;
  float magnitude;
  if (exponent == 0) {
    magnitude =
        ldexpf((float)mantissa, 1 - format->bias - format->mantissa_bits);
  } else {
    magnitude = bits_f32((exponent + 127 - (uint32_t)format->bias) << 23 |
                         mantissa << (23 - format->mantissa_bits));
  }
  return bits_f32(sign | f32_bits(magnitude));
}

// Only an exponent: 2^(bits - 127), 255 is NaN. The sign is dropped.
static float e8m0_to_f32(uint8_t bits) {
  if (bits == 0xff) {
    return NAN;
  }
  return bits_f32(bits == 0 ? 0x00400000 : (uint32_t)bits << 23);
}

static uint8_t f32_to_e8m0(float value) {
  uint32_t bits = f32_bits(value) & 0x7fffffff;
  uint32_t exponent = bits >> 23;
  if (exponent == 0xff) {
    return 0xff;
  }
  // A tie goes to the even number, which is the upper one of a normal number
  // (its hidden bit is the last bit kept) and the lower one of a subnormal.
  uint32_t rest = bits & 0x7fffff;
  bool up = rest > 0x400000 || (rest == 0x400000 && exponent > 0);
  return (uint8_t)(exponent + (up ? 1 : 0));
}

// ---- Floats to integers ----------------------------------------------------
// torch leaves what is out of range to the processor; these are x86's answers,
// on every machine: the smallest number of the register's width, then cut.

static int32_t f64_to_i32(double value) {
  return value > -2147483649.0 && value < 2147483648.0 ? (int32_t)value
                                                       : INT32_MIN;
}

static int64_t f64_to_i64(double value) {
  return value >= -0x1p63 && value < 0x1p63 ? (int64_t)value : INT64_MIN;
}

static uint64_t f64_to_u64(double value) {
  if (!(value >= 0x1p63)) {  // NaN too
    return (uint64_t)f64_to_i64(value);
  }
  // The compiler subtracts 2^63 and flips the highest bit back.
  return (uint64_t)f64_to_i64(value - 0x1p63) ^ 0x8000000000000000u;
}

// ---- Blocks ----------------------------------------------------------------

#define BLOCK 256

typedef enum {
  CLASS_I64,
  CLASS_U64,
  CLASS_F32,
  CLASS_F64,
  CLASS_C64,
  CLASS_C128,
  CLASS_COUNT
} class_t;

typedef union {
  int64_t i64[BLOCK];
  uint64_t u64[BLOCK];
  float f32[2 * BLOCK];
  double f64[2 * BLOCK];
} block_t;

static class_t class_of(int32_t dtype) {
  switch (dtype) {
    case PT2_DTYPE_U64:
      return CLASS_U64;
    case PT2_DTYPE_F64:
      return CLASS_F64;
    case PT2_DTYPE_COMPLEX32:
    case PT2_DTYPE_COMPLEX64:
      return CLASS_C64;
    case PT2_DTYPE_COMPLEX128:
      return CLASS_C128;
    default:
      return pt2__dtype_is_floating(dtype) ? CLASS_F32 : CLASS_I64;
  }
}

// Reads |count| elements of |type| into |field|, one |expression| of |x| each;
// the second loop is what the compiler vectorises.
#define LOAD(type, field, expression)                           \
  do {                                                          \
    if (stride == (int64_t)sizeof(type)) {                      \
      for (int i = 0; i < count; ++i) {                         \
        type x;                                                 \
        memcpy(&x, from + (size_t)i * sizeof(type), sizeof(x)); \
        block->field[i] = expression;                           \
      }                                                         \
    } else {                                                    \
      for (int i = 0; i < count; ++i) {                         \
        type x;                                                 \
        memcpy(&x, from + i * stride, sizeof(x));               \
        block->field[i] = expression;                           \
      }                                                         \
    }                                                           \
  } while (0)

static void load_complex(int32_t dtype, const char* from, int64_t stride,
                         int count, block_t* block) {
  for (int i = 0; i < count; ++i) {
    const char* at = from + i * stride;
    if (dtype == PT2_DTYPE_COMPLEX32) {
      uint16_t parts[2];
      memcpy(parts, at, sizeof(parts));
      block->f32[2 * i] = pt2__f16_to_f32(parts[0]);
      block->f32[2 * i + 1] = pt2__f16_to_f32(parts[1]);
    } else if (dtype == PT2_DTYPE_COMPLEX64) {
      memcpy(block->f32 + 2 * i, at, 2 * sizeof(float));
    } else {
      memcpy(block->f64 + 2 * i, at, 2 * sizeof(double));
    }
  }
}

static void load(int32_t dtype, const char* from, int64_t stride, int count,
                 block_t* block) {
  switch (dtype) {
    case PT2_DTYPE_U8:
      LOAD(uint8_t, i64, x);
      break;
    case PT2_DTYPE_BOOL:
      LOAD(uint8_t, i64, x != 0);
      break;
    case PT2_DTYPE_I8:
      LOAD(int8_t, i64, x);
      break;
    case PT2_DTYPE_I16:
      LOAD(int16_t, i64, x);
      break;
    case PT2_DTYPE_U16:
      LOAD(uint16_t, i64, x);
      break;
    case PT2_DTYPE_I32:
      LOAD(int32_t, i64, x);
      break;
    case PT2_DTYPE_U32:
      LOAD(uint32_t, i64, x);
      break;
    case PT2_DTYPE_I64:
      LOAD(int64_t, i64, x);
      break;
    case PT2_DTYPE_U64:
      LOAD(uint64_t, u64, x);
      break;
    case PT2_DTYPE_F16:
      LOAD(uint16_t, f32, pt2__f16_to_f32(x));
      break;
    case PT2_DTYPE_BF16:
      LOAD(uint16_t, f32, pt2__bf16_to_f32(x));
      break;
    case PT2_DTYPE_F32:
      LOAD(float, f32, x);
      break;
    case PT2_DTYPE_F64:
      LOAD(double, f64, x);
      break;
    case PT2_DTYPE_F8E5M2:
      LOAD(uint8_t, f32, f8_to_f32(x, &f8e5m2));
      break;
    case PT2_DTYPE_F8E4M3FN:
      LOAD(uint8_t, f32, f8_to_f32(x, &f8e4m3fn));
      break;
    case PT2_DTYPE_F8E5M2FNUZ:
      LOAD(uint8_t, f32, f8_to_f32(x, &f8e5m2fnuz));
      break;
    case PT2_DTYPE_F8E4M3FNUZ:
      LOAD(uint8_t, f32, f8_to_f32(x, &f8e4m3fnuz));
      break;
    case PT2_DTYPE_F8E8M0FNU:
      LOAD(uint8_t, f32, e8m0_to_f32(x));
      break;
    default:
      load_complex(dtype, from, stride, count, block);
      break;
  }
}

#define STORE(type, field, expression)                        \
  do {                                                        \
    if (stride == (int64_t)sizeof(type)) {                    \
      for (int i = 0; i < count; ++i) {                       \
        type x = (type)(expression);                          \
        memcpy(to + (size_t)i * sizeof(type), &x, sizeof(x)); \
      }                                                       \
    } else {                                                  \
      for (int i = 0; i < count; ++i) {                       \
        type x = (type)(expression);                          \
        memcpy(to + i * stride, &x, sizeof(x));               \
      }                                                       \
    }                                                         \
  } while (0)

static void store_complex(int32_t dtype, char* to, int64_t stride, int count,
                          const block_t* block) {
  for (int i = 0; i < count; ++i) {
    char* at = to + i * stride;
    if (dtype == PT2_DTYPE_COMPLEX32) {
      uint16_t parts[2] = {pt2__f32_to_f16(block->f32[2 * i]),
                           pt2__f32_to_f16(block->f32[2 * i + 1])};
      memcpy(at, parts, sizeof(parts));
    } else if (dtype == PT2_DTYPE_COMPLEX64) {
      memcpy(at, block->f32 + 2 * i, 2 * sizeof(float));
    } else {
      memcpy(at, block->f64 + 2 * i, 2 * sizeof(double));
    }
  }
}

static void store(int32_t dtype, char* to, int64_t stride, int count,
                  const block_t* block) {
  switch (dtype) {
    case PT2_DTYPE_U8:
    case PT2_DTYPE_I8:
    case PT2_DTYPE_BOOL:
      STORE(uint8_t, i64, block->i64[i]);
      break;
    case PT2_DTYPE_I16:
    case PT2_DTYPE_U16:
      STORE(uint16_t, i64, block->i64[i]);
      break;
    case PT2_DTYPE_I32:
    case PT2_DTYPE_U32:
      STORE(uint32_t, i64, block->i64[i]);
      break;
    case PT2_DTYPE_I64:
    case PT2_DTYPE_U64:
      STORE(int64_t, i64, block->i64[i]);
      break;
    case PT2_DTYPE_F16:
      STORE(uint16_t, f32, pt2__f32_to_f16(block->f32[i]));
      break;
    case PT2_DTYPE_BF16:
      STORE(uint16_t, f32, pt2__f32_to_bf16(block->f32[i]));
      break;
    case PT2_DTYPE_F32:
      STORE(float, f32, block->f32[i]);
      break;
    case PT2_DTYPE_F64:
      STORE(double, f64, block->f64[i]);
      break;
    case PT2_DTYPE_F8E5M2:
      STORE(uint8_t, f32, f32_to_f8(block->f32[i], &f8e5m2));
      break;
    case PT2_DTYPE_F8E4M3FN:
      STORE(uint8_t, f32, f32_to_f8(block->f32[i], &f8e4m3fn));
      break;
    case PT2_DTYPE_F8E5M2FNUZ:
      STORE(uint8_t, f32, f32_to_f8(block->f32[i], &f8e5m2fnuz));
      break;
    case PT2_DTYPE_F8E4M3FNUZ:
      STORE(uint8_t, f32, f32_to_f8(block->f32[i], &f8e4m3fnuz));
      break;
    case PT2_DTYPE_F8E8M0FNU:
      STORE(uint8_t, f32, f32_to_e8m0(block->f32[i]));
      break;
    default:
      store_complex(dtype, to, stride, count, block);
      break;
  }
}

// ---- Class to class --------------------------------------------------------

#define EACH(statement)                        \
  do {                                         \
    for (int i = 0; i < count; ++i) statement; \
  } while (0)

// To what bool stores. A NaN is true.
static void to_bool(class_t from, const block_t* in, block_t* out, int count) {
  switch (from) {
    case CLASS_I64:
    case CLASS_U64:
      EACH({ out->i64[i] = in->i64[i] != 0; });
      break;
    case CLASS_F32:
      EACH({ out->i64[i] = in->f32[i] != 0; });
      break;
    case CLASS_F64:
      EACH({ out->i64[i] = in->f64[i] != 0; });
      break;
    case CLASS_C64:
      EACH({ out->i64[i] = in->f32[2 * i] != 0 || in->f32[2 * i + 1] != 0; });
      break;
    default:
      EACH({ out->i64[i] = in->f64[2 * i] != 0 || in->f64[2 * i + 1] != 0; });
      break;
  }
}

// Real numbers |in| (f32 if |single|) to what the integer |dtype| stores.
static void to_integer(int32_t dtype, bool single, const block_t* in,
                       block_t* out, int count) {
#define AT(i) (single ? (double)in->f32[i] : in->f64[i])
  switch (dtype) {
    case PT2_DTYPE_I8:
    case PT2_DTYPE_I16:
    case PT2_DTYPE_U16:
    case PT2_DTYPE_I32:
      EACH({ out->i64[i] = f64_to_i32(AT(i)); });
      break;
    case PT2_DTYPE_U64:
      EACH({ out->u64[i] = f64_to_u64(AT(i)); });
      break;
    default:
      EACH({ out->i64[i] = f64_to_i64(AT(i)); });
      break;
  }
#undef AT
}

static void to_f32(class_t from, const block_t* in, block_t* out, int count) {
  switch (from) {
    case CLASS_I64:
      EACH({ out->f32[i] = (float)in->i64[i]; });
      break;
    case CLASS_U64:
      EACH({ out->f32[i] = (float)in->u64[i]; });
      break;
    case CLASS_F32:
      EACH({ out->f32[i] = in->f32[i]; });
      break;
    default:
      EACH({ out->f32[i] = (float)in->f64[i]; });
      break;
  }
}

static void to_f64(class_t from, const block_t* in, block_t* out, int count) {
  switch (from) {
    case CLASS_I64:
      EACH({ out->f64[i] = (double)in->i64[i]; });
      break;
    case CLASS_U64:
      EACH({ out->f64[i] = (double)in->u64[i]; });
      break;
    case CLASS_F32:
      EACH({ out->f64[i] = (double)in->f32[i]; });
      break;
    default:
      EACH({ out->f64[i] = in->f64[i]; });
      break;
  }
}

static void to_complex(class_t from, class_t to, const block_t* in,
                       block_t* out, int count) {
  if (from == CLASS_C64 || from == CLASS_C128) {
    // Parts are converted like twice as many real numbers.
    if (to == CLASS_C64) {
      to_f32(from == CLASS_C64 ? CLASS_F32 : CLASS_F64, in, out, 2 * count);
    } else {
      to_f64(from == CLASS_C64 ? CLASS_F32 : CLASS_F64, in, out, 2 * count);
    }
    return;
  }
  block_t real;
  if (to == CLASS_C64) {
    to_f32(from, in, &real, count);
    EACH({
      out->f32[2 * i] = real.f32[i];
      out->f32[2 * i + 1] = 0;
    });
  } else {
    to_f64(from, in, &real, count);
    EACH({
      out->f64[2 * i] = real.f64[i];
      out->f64[2 * i + 1] = 0;
    });
  }
}

// Converts a block of class |from| to what |dtype| stores. Returns the block
// that has it: |in| itself where nothing is to do.
static const block_t* convert_block(class_t from, const block_t* in,
                                    int32_t dtype, block_t* out, int count) {
  class_t to = class_of(dtype);
  if (dtype == PT2_DTYPE_BOOL) {
    to_bool(from, in, out, count);
    return out;
  }
  if (from == to || (from <= CLASS_U64 && to <= CLASS_U64)) {
    return in;
  }
  if (to >= CLASS_C64) {
    to_complex(from, to, in, out, count);
    return out;
  }
  block_t real;
  if (from == CLASS_C64) {
    EACH({ real.f32[i] = in->f32[2 * i]; });
    from = CLASS_F32;
    in = &real;
  } else if (from == CLASS_C128) {
    EACH({ real.f64[i] = in->f64[2 * i]; });
    from = CLASS_F64;
    in = &real;
  }
  if (to == CLASS_F32) {
    to_f32(from, in, out, count);
  } else if (to == CLASS_F64) {
    to_f64(from, in, out, count);
  } else {
    to_integer(dtype, from == CLASS_F32, in, out, count);
  }
  return out;
}

void pt2__convert_run(int32_t target_dtype, void* target, int64_t target_stride,
                      int32_t source_dtype, const void* source,
                      int64_t source_stride, int64_t count) {
  char* to = target;
  const char* from = source;
  class_t from_class = class_of(source_dtype);
  block_t wide;
  block_t converted;
  while (count > 0) {
    int some = count < BLOCK ? (int)count : BLOCK;
    load(source_dtype, from, source_stride, some, &wide);
    const block_t* result =
        convert_block(from_class, &wide, target_dtype, &converted, some);
    store(target_dtype, to, target_stride, some, result);
    from += some * source_stride;
    to += some * target_stride;
    count -= some;
  }
}

// ---- Single elements -------------------------------------------------------

double pt2__element_get_f64(int32_t dtype, const void* address) {
  double value = 0;
  pt2__convert_run(PT2_DTYPE_F64, &value, sizeof(value), dtype, address, 0, 1);
  return value;
}

int64_t pt2__element_get_i64(int32_t dtype, const void* address) {
  int64_t value = 0;
  pt2__convert_run(PT2_DTYPE_I64, &value, sizeof(value), dtype, address, 0, 1);
  return value;
}

void pt2__element_get_complex(int32_t dtype, const void* address,
                              double* out_parts) {
  pt2__convert_run(PT2_DTYPE_COMPLEX128, out_parts, 2 * sizeof(double), dtype,
                   address, 0, 1);
}

void pt2__element_set_f64(int32_t dtype, void* address, double value) {
  pt2__convert_run(dtype, address, 0, PT2_DTYPE_F64, &value, 0, 1);
}

void pt2__element_set_i64(int32_t dtype, void* address, int64_t value) {
  pt2__convert_run(dtype, address, 0, PT2_DTYPE_I64, &value, 0, 1);
}

void pt2__element_set_complex(int32_t dtype, void* address,
                              const double* parts) {
  pt2__convert_run(dtype, address, 0, PT2_DTYPE_COMPLEX128, parts, 0, 1);
}
