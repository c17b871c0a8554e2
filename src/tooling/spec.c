// SPDX-License-Identifier: Apache-2.0
//
// The grammar of --input: see spec.h.
#include "tooling/spec.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "tooling/files.h"

// ---- Types -----------------------------------------------------------------

typedef struct {
  const char* spec;  // for messages
  pt2_dtype_t dtype;
  size_t rank;
  int64_t sizes[PT2__TOOL_MAX_RANK];
} type_t;

// Takes one "12x" (or "12" at the end when |last| may be a size).
static bool take_size(const char** at, bool last, int64_t* out_size) {
  const char* text = *at;
  int64_t size = 0;
  size_t digits = strspn(text, "0123456789");
  if (digits == 0) {
    return false;
  }
  for (size_t i = 0; i < digits; ++i) {
    if (__builtin_mul_overflow(size, 10, &size) ||
        __builtin_add_overflow(size, text[i] - '0', &size)) {
      return false;
    }
  }
  text += digits;
  if (*text == 'x') {
    ++text;
  } else if (!last || *text != '\0') {
    return false;
  }
  *at = text;
  *out_size = size;
  return true;
}

bool pt2__spec_parse_sizes(const char* text, size_t capacity,
                           int64_t* out_sizes, size_t* out_rank) {
  size_t rank = 0;
  size_t length = strlen(text);
  if (length > 0 && text[length - 1] == 'x') {
    return false;
  }
  while (*text != '\0') {
    if (rank == capacity || !take_size(&text, true, &out_sizes[rank])) {
      return false;
    }
    ++rank;
  }
  *out_rank = rank;
  return true;
}

static int parse_type(const char* spec, size_t length, type_t* out_type) {
  char* text = pt2__tool_strndup(spec, length);
  const char* at = text;
  out_type->spec = spec;
  out_type->rank = 0;
  bool good = true;
  while (isdigit((unsigned char)*at) && good) {
    good = out_type->rank < PT2__TOOL_MAX_RANK &&
           take_size(&at, false, &out_type->sizes[out_type->rank]);
    out_type->rank += good;
  }
  int result = PT2__EXIT_OK;
  out_type->dtype = good ? pt2_dtype_parse(at) : PT2_DTYPE_UNDEFINED;
  int64_t numel = 0;
  uint64_t bytes = 0;
  if (!good) {
    result = pt2__tool_fail(PT2__EXIT_USAGE,
                            "input '%s': a type is written as 2x3xf32", spec);
  } else if (out_type->dtype == PT2_DTYPE_UNDEFINED) {
    result = pt2__tool_fail(
        PT2__EXIT_USAGE,
        "input '%s': '%s' is no dtype; a type is written as 2x3xf32", spec, at);
  } else if (!pt2__sizes_bytes(out_type->dtype, out_type->rank, out_type->sizes,
                               &numel, &bytes)) {
    result = pt2__tool_fail(PT2__EXIT_USAGE,
                            "input '%s': the shape is too large", spec);
  }
  free(text);
  return result;
}

// ---- Values ----------------------------------------------------------------

// Writes |value| to |address| through the library's own conversion.
static bool store_value(pt2_dtype_t dtype, pt2_dtype_t from, const void* value,
                        void* address) {
  pt2_tensor_t* source = NULL;
  pt2_tensor_t* target = NULL;
  bool good = pt2_tensor_from_blob((void*)(uintptr_t)value, from, 0, NULL, NULL,
                                   NULL, NULL, &source) == PT2_STATUS_OK &&
              pt2_tensor_from_blob(address, dtype, 0, NULL, NULL, NULL, NULL,
                                   &target) == PT2_STATUS_OK &&
              pt2_tensor_copy(target, source) == PT2_STATUS_OK;
  pt2_tensor_release(target);
  pt2_tensor_release(source);
  return good;
}

static bool parse_bool(const char* text, void* address) {
  bool value = strcmp(text, "1") == 0 || strcasecmp(text, "true") == 0;
  if (!value && strcmp(text, "0") != 0 && strcasecmp(text, "false") != 0) {
    return false;
  }
  *(uint8_t*)address = value;
  return true;
}

// Decimal, or hexadecimal with 0x.
static bool parse_integer(const char* text, pt2_dtype_t dtype, void* address) {
  const char* digits = text + (*text == '-' || *text == '+');
  int base = strncasecmp(digits, "0x", 2) == 0 ? 16 : 10;
  if (!isdigit((unsigned char)*digits)) {
    return false;
  }
  size_t bytes = pt2_dtype_size_bytes(dtype);
  unsigned bits = (unsigned)(8 * bytes);
  char* end = NULL;
  errno = 0;
  uint64_t pattern = 0;
  if (pt2__dtype_class(dtype) == PT2__CLASS_UINT) {
    pattern = strtoull(text, &end, base);
    if (errno != 0 || *end != '\0' || (*text == '-' && pattern != 0) ||
        (bits < 64 && pattern >> bits != 0)) {
      return false;
    }
  } else {
    int64_t value = strtoll(text, &end, base);
    int64_t limit = bits < 64 ? (int64_t)1 << (bits - 1) : 0;
    if (errno != 0 || *end != '\0' ||
        (limit != 0 && (value < -limit || value >= limit))) {
      return false;
    }
    pattern = (uint64_t)value;
  }
  uint8_t u8 = (uint8_t)pattern;
  uint16_t u16 = (uint16_t)pattern;
  uint32_t u32 = (uint32_t)pattern;
  memcpy(address,
         bytes == 1   ? (const void*)&u8
         : bytes == 2 ? (const void*)&u16
         : bytes == 4 ? (const void*)&u32
                      : (const void*)&pattern,
         bytes);
  return true;
}

static bool parse_float(const char* text, pt2_dtype_t dtype, void* address) {
  double value = 0;
  if (!pt2__parse_f64(text, &value) ||
      !store_value(dtype, PT2_DTYPE_F64, &value, address)) {
    return false;
  }
  // A number that only fits as infinity or NaN is a slip.
  pt2__reader_t reader;
  return pt2__reader_init(dtype, &reader) == PT2__EXIT_OK &&
         (!isfinite(value) || isfinite(pt2__read_f64(&reader, address)));
}

// "1", "2j", "1+2j", "(1-2j)".
static bool parse_complex(const char* text, pt2_dtype_t dtype, void* address) {
  double parts[2] = {0, 0};
  char* end = NULL;
  double first = strtod(text, &end);
  if (end == text) {
    return false;
  }
  if (*end == 'j' && end[1] == '\0') {
    parts[1] = first;
  } else {
    parts[0] = first;
    if (*end == '+' || *end == '-') {
      char* rest = end;
      parts[1] = strtod(rest, &end);
      if (end == rest || *end != 'j' || end[1] != '\0') {
        return false;
      }
    } else if (*end != '\0') {
      return false;
    }
  }
  return store_value(dtype, PT2_DTYPE_COMPLEX128, parts, address);
}

bool pt2__spec_parse_value(const char* text, pt2_dtype_t dtype, void* address) {
  switch (pt2__dtype_class(dtype)) {
    case PT2__CLASS_BOOL:
      return parse_bool(text, address);
    case PT2__CLASS_INT:
    case PT2__CLASS_UINT:
      return parse_integer(text, dtype, address);
    case PT2__CLASS_FLOAT:
      return parse_float(text, dtype, address);
    case PT2__CLASS_COMPLEX:
      return parse_complex(text, dtype, address);
    default:
      return false;
  }
}

// Takes the next value of |*at| to |token|; false at the end.
static bool next_token(const char** at, char* token, size_t token_bytes) {
  static const char kSeparators[] = " \t\r\n,[]{}()";
  const char* start = *at + strspn(*at, kSeparators);
  size_t length = strcspn(start, kSeparators);
  *at = start + length;
  if (length < token_bytes) {
    memcpy(token, start, length);
    token[length] = '\0';
  } else {
    // Too long for a number: cut so that it is none.
    snprintf(token, token_bytes, "%.20s...", start);
  }
  return length > 0;
}

static void fill_with_first(uint8_t* data, size_t element_bytes,
                            int64_t numel) {
  for (int64_t i = 1; i < numel; ++i) {
    memcpy(data + (size_t)i * element_bytes, data, element_bytes);
  }
}

static int parse_values(const type_t* type, const char* values,
                        pt2_tensor_t* tensor) {
  uint8_t* data = pt2_tensor_peek_data(tensor);
  int64_t numel = pt2_tensor_numel(tensor);
  size_t element_bytes = pt2_dtype_size_bytes(type->dtype);
  int64_t count = 0;
  char token[128];
  // Elements may be wider than the place a surplus value is parsed to.
  uint64_t surplus[2];
  while (next_token(&values, token, sizeof(token))) {
    void* address =
        count < numel ? data + (size_t)count * element_bytes : (void*)surplus;
    if (!pt2__spec_parse_value(token, type->dtype, address)) {
      return pt2__tool_fail(PT2__EXIT_USAGE,
                            "input '%.60s': '%s' is no value of %s", type->spec,
                            token, pt2_dtype_name(type->dtype));
    }
    ++count;
  }
  if (count == 1 && numel > 0) {
    fill_with_first(data, element_bytes, numel);
  } else if (count != numel && !(count == 1 && numel == 0)) {
    return pt2__tool_fail(
        PT2__EXIT_USAGE,
        "input '%.60s': %lld values for %lld elements (one value fills all)",
        type->spec, (long long)count, (long long)numel);
  }
  return PT2__EXIT_OK;
}

static int load_raw(const type_t* type, const char* path,
                    pt2_tensor_t** out_tensor) {
  pt2__text_t file = {0};
  PT2__TOOL_TRY(pt2__file_read(path, &file));
  int result =
      pt2__tensor_from_bytes(path, type->dtype, type->rank, type->sizes,
                             pt2__text_peek(&file), file.length, out_tensor);
  pt2__text_free(&file);
  return result;
}

static int load_typed(const char* spec, pt2_tensor_t** out_tensor) {
  const char* equals = strchr(spec, '=');
  size_t type_length = equals != NULL ? (size_t)(equals - spec) : strlen(spec);
  type_t type;
  PT2__TOOL_TRY(parse_type(spec, type_length, &type));
  if (equals != NULL && equals[1] == '@') {
    return load_raw(&type, equals + 2, out_tensor);
  }
  pt2_tensor_t* tensor = NULL;
  PT2__TOOL_TRY(
      pt2__tensor_new(spec, type.dtype, type.rank, type.sizes, &tensor));
  int result = PT2__EXIT_OK;
  if (equals != NULL) {
    result = parse_values(&type, equals + 1, tensor);
  } else if (pt2__tensor_bytes(tensor) > 0) {
    memset(pt2_tensor_peek_data(tensor), 0, pt2__tensor_bytes(tensor));
  }
  if (result != PT2__EXIT_OK) {
    pt2_tensor_release(tensor);
    return result;
  }
  *out_tensor = tensor;
  return PT2__EXIT_OK;
}

int pt2__spec_load(const char* spec, pt2__tensor_list_t* list) {
  if (spec[0] == '@') {
    return pt2__file_load(spec + 1, list);
  }
  pt2_tensor_t* tensor = NULL;
  PT2__TOOL_TRY(load_typed(spec, &tensor));
  pt2__tensor_list_add(list, tensor, NULL);
  return PT2__EXIT_OK;
}
