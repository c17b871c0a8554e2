// SPDX-License-Identifier: Apache-2.0
//
// numpy's .npy files. The header is a Python literal; this reads the subset
// that numpy writes: a dict of 'descr', 'fortran_order' and 'shape'.
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "tooling/files.h"

// numpy's letters, without the byte order.
static const struct {
  const char* code;
  pt2_dtype_t dtype;
} kCodes[] = {
    {"b1", PT2_DTYPE_BOOL},      {"u1", PT2_DTYPE_U8},
    {"u2", PT2_DTYPE_U16},       {"u4", PT2_DTYPE_U32},
    {"u8", PT2_DTYPE_U64},       {"i1", PT2_DTYPE_I8},
    {"i2", PT2_DTYPE_I16},       {"i4", PT2_DTYPE_I32},
    {"i8", PT2_DTYPE_I64},       {"f2", PT2_DTYPE_F16},
    {"f4", PT2_DTYPE_F32},       {"f8", PT2_DTYPE_F64},
    {"c8", PT2_DTYPE_COMPLEX64}, {"c16", PT2_DTYPE_COMPLEX128},
};
#define CODE_COUNT (sizeof(kCodes) / sizeof(kCodes[0]))

static bool host_is_little_endian(void) {
  const uint16_t probe = 1;
  return *(const uint8_t*)&probe == 1;
}

bool pt2__npy_holds(pt2_dtype_t dtype) {
  for (size_t i = 0; i < CODE_COUNT; ++i) {
    if (kCodes[i].dtype == dtype) {
      return true;
    }
  }
  return false;
}

// ---- Header ----------------------------------------------------------------

typedef struct {
  pt2_dtype_t dtype;
  bool swapped;  // bytes are in the other order than this machine's
  bool fortran_order;
  size_t rank;
  int64_t sizes[PT2__TOOL_MAX_RANK];
  bool has_descr;
  bool has_order;
  bool has_shape;
} header_t;

// What is left of the header's text.
typedef struct {
  const char* name;
  const char* at;
  const char* end;
} cursor_t;

static int bad_header(const cursor_t* cursor, const char* what) {
  return pt2__tool_fail(PT2__EXIT_FAILED, "%s: damaged .npy header: %s",
                        cursor->name, what);
}

static void skip_space(cursor_t* cursor) {
  while (cursor->at < cursor->end && isspace((unsigned char)*cursor->at)) {
    ++cursor->at;
  }
}

// Skips white space and takes |letter| if it is next.
static bool take(cursor_t* cursor, char letter) {
  skip_space(cursor);
  if (cursor->at < cursor->end && *cursor->at == letter) {
    ++cursor->at;
    return true;
  }
  return false;
}

// Takes a quoted string without escapes.
static bool take_string(cursor_t* cursor, char* text, size_t text_bytes) {
  char quote = '\'';
  if (!take(cursor, '\'')) {
    quote = '"';
    if (!take(cursor, '"')) {
      return false;
    }
  }
  size_t length = 0;
  while (cursor->at < cursor->end && *cursor->at != quote) {
    if (length + 1 >= text_bytes || *cursor->at == '\\') {
      return false;
    }
    text[length++] = *cursor->at++;
  }
  text[length] = '\0';
  return take(cursor, quote);
}

static bool take_word(cursor_t* cursor, const char* word) {
  skip_space(cursor);
  size_t length = strlen(word);
  if ((size_t)(cursor->end - cursor->at) < length ||
      memcmp(cursor->at, word, length) != 0) {
    return false;
  }
  cursor->at += length;
  return true;
}

static int parse_descr(cursor_t* cursor, header_t* header) {
  skip_space(cursor);
  if (cursor->at < cursor->end && *cursor->at == '[') {
    return pt2__tool_fail(PT2__EXIT_FAILED,
                          "%s: a structured array is no tensor", cursor->name);
  }
  char descr[64];
  if (!take_string(cursor, descr, sizeof(descr))) {
    return bad_header(cursor, "'descr' is no string");
  }
  const char* code = descr;
  char order = '=';
  if (*code != '\0' && strchr("<>|=", *code) != NULL) {
    order = *code++;
  }
  for (size_t i = 0; i < CODE_COUNT; ++i) {
    if (strcmp(code, kCodes[i].code) == 0) {
      header->dtype = kCodes[i].dtype;
      header->swapped = (order == '<' && !host_is_little_endian()) ||
                        (order == '>' && host_is_little_endian());
      return PT2__EXIT_OK;
    }
  }
  if (strcmp(code, "V2") == 0 || strcmp(code, "V1") == 0) {
    return pt2__tool_fail(PT2__EXIT_FAILED,
                          "%s: '%s' names no number type (numpy has no bf16 or "
                          "f8): use a .safetensors file",
                          cursor->name, descr);
  }
  return pt2__tool_fail(PT2__EXIT_FAILED,
                        "%s: numpy type '%s' is no dtype of a tensor",
                        cursor->name, descr);
}

static int parse_shape(cursor_t* cursor, header_t* header) {
  if (!take(cursor, '(')) {
    return bad_header(cursor, "'shape' is no tuple");
  }
  header->rank = 0;
  while (!take(cursor, ')')) {
    skip_space(cursor);
    int64_t size = 0;
    size_t digits = 0;
    while (cursor->at < cursor->end && isdigit((unsigned char)*cursor->at)) {
      if (__builtin_mul_overflow(size, 10, &size) ||
          __builtin_add_overflow(size, *cursor->at - '0', &size)) {
        return bad_header(cursor, "a size in 'shape' is too large");
      }
      ++cursor->at;
      ++digits;
    }
    // Python 2 wrote 3L.
    take(cursor, 'L');
    if (digits == 0) {
      return bad_header(cursor, "'shape' holds something that is no size");
    }
    if (header->rank == PT2__TOOL_MAX_RANK) {
      return bad_header(cursor, "more than 64 dimensions");
    }
    header->sizes[header->rank++] = size;
    if (!take(cursor, ',')) {
      if (!take(cursor, ')')) {
        return bad_header(cursor, "'shape' does not end");
      }
      break;
    }
  }
  return PT2__EXIT_OK;
}

static int parse_entry(cursor_t* cursor, header_t* header) {
  char key[32];
  if (!take_string(cursor, key, sizeof(key)) || !take(cursor, ':')) {
    return bad_header(cursor, "a key is expected");
  }
  bool* seen = strcmp(key, "descr") == 0           ? &header->has_descr
               : strcmp(key, "fortran_order") == 0 ? &header->has_order
               : strcmp(key, "shape") == 0         ? &header->has_shape
                                                   : NULL;
  if (seen == NULL || *seen) {
    return bad_header(
        cursor, seen == NULL ? "it has an unknown key" : "it has a key twice");
  }
  *seen = true;
  if (seen == &header->has_descr) {
    return parse_descr(cursor, header);
  }
  if (seen == &header->has_shape) {
    return parse_shape(cursor, header);
  }
  header->fortran_order = take_word(cursor, "True");
  if (!header->fortran_order && !take_word(cursor, "False")) {
    return bad_header(cursor, "'fortran_order' is neither True nor False");
  }
  return PT2__EXIT_OK;
}

static int parse_header(cursor_t* cursor, header_t* header) {
  if (!take(cursor, '{')) {
    return bad_header(cursor, "it is no dict");
  }
  while (!take(cursor, '}')) {
    PT2__TOOL_TRY(parse_entry(cursor, header));
    if (!take(cursor, ',')) {
      if (!take(cursor, '}')) {
        return bad_header(cursor, "the dict does not end");
      }
      break;
    }
  }
  skip_space(cursor);
  if (cursor->at != cursor->end) {
    return bad_header(cursor, "something follows the dict");
  }
  if (!header->has_descr || !header->has_order || !header->has_shape) {
    return bad_header(cursor, "'descr', 'fortran_order' or 'shape' is missing");
  }
  return PT2__EXIT_OK;
}

// ---- Data ------------------------------------------------------------------

static void swap_bytes(uint8_t* data, size_t bytes, size_t unit) {
  for (size_t at = 0; at + unit <= bytes; at += unit) {
    for (size_t i = 0; i < unit / 2; ++i) {
      uint8_t byte = data[at + i];
      data[at + i] = data[at + unit - 1 - i];
      data[at + unit - 1 - i] = byte;
    }
  }
}

// |*tensor| holds the elements in column-major order: makes them row-major.
static int reorder(const char* name, const header_t* header,
                   pt2_tensor_t** tensor) {
  int64_t strides[PT2__TOOL_MAX_RANK];
  int64_t stride = 1;
  for (size_t i = 0; i < header->rank; ++i) {
    strides[i] = stride;
    stride *= header->sizes[i] > 0 ? header->sizes[i] : 1;
  }
  pt2_tensor_t* view = NULL;
  pt2_tensor_t* copy = NULL;
  pt2_status_t status = pt2_tensor_from_blob(
      pt2_tensor_peek_data(*tensor), header->dtype, header->rank, header->sizes,
      strides, NULL, NULL, &view);
  if (status == PT2_STATUS_OK) {
    status = pt2_tensor_clone(view, &copy);
  }
  pt2_tensor_release(view);
  if (status != PT2_STATUS_OK) {
    return pt2__tool_fail_status(status, "%s", name);
  }
  pt2_tensor_release(*tensor);
  *tensor = copy;
  return PT2__EXIT_OK;
}

// Finds the header's text and the data behind it.
static int split_file(const char* name, const uint8_t* data, size_t bytes,
                      cursor_t* out_cursor, size_t* out_data_offset) {
  if (bytes < 10 || memcmp(data, "\x93NUMPY", 6) != 0) {
    return pt2__tool_fail(PT2__EXIT_FAILED, "%s is no .npy file", name);
  }
  int version = data[6];
  if (version < 1 || version > 3) {
    return pt2__tool_fail(PT2__EXIT_FAILED,
                          "%s: .npy version %d.%d is not known", name, version,
                          data[7]);
  }
  size_t prefix = version == 1 ? 10 : 12;
  if (bytes < prefix) {
    return pt2__tool_fail(PT2__EXIT_FAILED, "%s: the .npy header is cut short",
                          name);
  }
  size_t length = (size_t)data[8] | (size_t)data[9] << 8;
  if (version > 1) {
    length |= (size_t)data[10] << 16 | (size_t)data[11] << 24;
  }
  if (length > bytes - prefix) {
    return pt2__tool_fail(PT2__EXIT_FAILED,
                          "%s: the .npy header is cut short: %zu bytes wanted, "
                          "%zu are there",
                          name, length, bytes - prefix);
  }
  const char* text = (const char*)data + prefix;
  *out_cursor = (cursor_t){name, text, text + length};
  *out_data_offset = prefix + length;
  return PT2__EXIT_OK;
}

int pt2__npy_parse(const char* name, const void* data, size_t bytes,
                   pt2_tensor_t** out_tensor) {
  cursor_t cursor = {name, NULL, NULL};
  size_t offset = 0;
  PT2__TOOL_TRY(split_file(name, data, bytes, &cursor, &offset));
  header_t header;
  memset(&header, 0, sizeof(header));
  PT2__TOOL_TRY(parse_header(&cursor, &header));
  pt2_tensor_t* tensor = NULL;
  PT2__TOOL_TRY(pt2__tensor_from_bytes(
      name, header.dtype, header.rank, header.sizes,
      (const uint8_t*)data + offset, bytes - offset, &tensor));
  if (header.swapped) {
    size_t unit = pt2_dtype_size_bytes(header.dtype);
    if (pt2__dtype_class(header.dtype) == PT2__CLASS_COMPLEX) {
      unit /= 2;
    }
    swap_bytes(pt2_tensor_peek_data(tensor), bytes - offset, unit);
  }
  if (header.fortran_order && header.rank > 1 && pt2_tensor_numel(tensor) > 0) {
    int result = reorder(name, &header, &tensor);
    if (result != PT2__EXIT_OK) {
      pt2_tensor_release(tensor);
      return result;
    }
  }
  *out_tensor = tensor;
  return PT2__EXIT_OK;
}

int pt2__npy_format_header(const char* name, const pt2_tensor_t* tensor,
                           pt2__text_t* text) {
  pt2_dtype_t dtype = pt2_tensor_dtype(tensor);
  const char* code = NULL;
  for (size_t i = 0; i < CODE_COUNT; ++i) {
    if (kCodes[i].dtype == dtype) {
      code = kCodes[i].code;
    }
  }
  if (code == NULL) {
    return pt2__tool_fail(PT2__EXIT_FAILED,
                          "%s: numpy has no %s: write a .safetensors file",
                          name, pt2_dtype_name(dtype));
  }
  char order = '|';
  if (pt2_dtype_size_bytes(dtype) > 1) {
    order = host_is_little_endian() ? '<' : '>';
  }
  pt2__text_t dict = {0};
  pt2__text_printf(&dict, "{'descr': '%c%s', 'fortran_order': False, ", order,
                   code);
  pt2__text_printf(&dict, "'shape': (");
  size_t rank = pt2_tensor_rank(tensor);
  const int64_t* sizes = pt2_tensor_peek_sizes(tensor);
  for (size_t i = 0; i < rank; ++i) {
    pt2__text_printf(&dict, "%s%lld", i > 0 ? ", " : "", (long long)sizes[i]);
  }
  pt2__text_printf(&dict, "%s), }", rank == 1 ? "," : "");
  // The data begin at a multiple of 64 bytes; a newline ends the header.
  while ((10 + dict.length + 1) % 64 != 0) {
    pt2__text_append(&dict, " ", 1);
  }
  pt2__text_append(&dict, "\n", 1);
  uint8_t prefix[10] = {0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0};
  prefix[8] = (uint8_t)(dict.length & 255);
  prefix[9] = (uint8_t)(dict.length >> 8);
  pt2__text_append(text, prefix, sizeof(prefix));
  pt2__text_append(text, dict.data, dict.length);
  pt2__text_free(&dict);
  return PT2__EXIT_OK;
}
