// SPDX-License-Identifier: Apache-2.0
//
// Tensors as the tool handles them: see values.h.
#include "tooling/values.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

// ---- Lists -----------------------------------------------------------------

void pt2__tensor_list_add(pt2__tensor_list_t* list, pt2_tensor_t* tensor,
                          const char* key) {
  if (list->count == list->capacity) {
    list->capacity = list->capacity * 2 + 8;
    list->items =
        pt2__tool_realloc(list->items, list->capacity * sizeof(*list->items));
    list->keys =
        pt2__tool_realloc(list->keys, list->capacity * sizeof(*list->keys));
  }
  list->items[list->count] = tensor;
  list->keys[list->count] = key != NULL ? pt2__tool_strdup(key) : NULL;
  ++list->count;
}

void pt2__tensor_list_free(pt2__tensor_list_t* list) {
  for (size_t i = 0; i < list->count; ++i) {
    pt2_tensor_release(list->items[i]);
    free(list->keys[i]);
  }
  free(list->items);
  free(list->keys);
  memset(list, 0, sizeof(*list));
}

bool pt2__key_index(const char* key, size_t* out_index) {
  size_t length = strspn(key, "0123456789");
  if (length == 0 || length > 9 || key[length] != '\0' ||
      (key[0] == '0' && length > 1)) {
    return false;
  }
  *out_index = (size_t)strtoul(key, NULL, 10);
  return true;
}

static bool is_number(const char* key) {
  return key[0] != '\0' && key[strspn(key, "0123456789")] == '\0';
}

// Compares runs of digits by value without turning them into integers, so
// that no key is too long.
static int compare_digit_runs(const char** left, const char** right) {
  const char* a = *left + strspn(*left, "0");
  const char* b = *right + strspn(*right, "0");
  size_t a_length = strspn(a, "0123456789");
  size_t b_length = strspn(b, "0123456789");
  *left = a + a_length;
  *right = b + b_length;
  if (a_length != b_length) {
    return a_length < b_length ? -1 : 1;
  }
  return strncmp(a, b, a_length);
}

static int compare_keys(const char* left, const char* right) {
  const char* a = left;
  const char* b = right;
  if (is_number(a) != is_number(b)) {
    return is_number(a) ? -1 : 1;
  }
  while (*a != '\0' && *b != '\0') {
    if (isdigit((unsigned char)*a) && isdigit((unsigned char)*b)) {
      int order = compare_digit_runs(&a, &b);
      if (order != 0) {
        return order;
      }
      continue;
    }
    if (*a != *b) {
      return (unsigned char)*a < (unsigned char)*b ? -1 : 1;
    }
    ++a;
    ++b;
  }
  int tail = (*a != '\0') - (*b != '\0');
  return tail != 0 ? tail : strcmp(left, right);
}

typedef struct {
  pt2_tensor_t* item;
  char* key;
} entry_t;

static int compare_entries(const void* left, const void* right) {
  const char* a = ((const entry_t*)left)->key;
  const char* b = ((const entry_t*)right)->key;
  return compare_keys(a != NULL ? a : "", b != NULL ? b : "");
}

void pt2__tensor_list_sort(pt2__tensor_list_t* list) {
  entry_t* entries = pt2__tool_alloc(list->count * sizeof(*entries));
  for (size_t i = 0; i < list->count; ++i) {
    entries[i] = (entry_t){list->items[i], list->keys[i]};
  }
  qsort(entries, list->count, sizeof(*entries), compare_entries);
  for (size_t i = 0; i < list->count; ++i) {
    list->items[i] = entries[i].item;
    list->keys[i] = entries[i].key;
  }
  free(entries);
}

// ---- Elements --------------------------------------------------------------

int pt2__dtype_class(pt2_dtype_t dtype) {
  switch (dtype) {
    case PT2_DTYPE_BOOL:
      return PT2__CLASS_BOOL;
    case PT2_DTYPE_I8:
    case PT2_DTYPE_I16:
    case PT2_DTYPE_I32:
    case PT2_DTYPE_I64:
      return PT2__CLASS_INT;
    case PT2_DTYPE_U8:
    case PT2_DTYPE_U16:
    case PT2_DTYPE_U32:
    case PT2_DTYPE_U64:
      return PT2__CLASS_UINT;
    case PT2_DTYPE_F16:
    case PT2_DTYPE_BF16:
    case PT2_DTYPE_F32:
    case PT2_DTYPE_F64:
    case PT2_DTYPE_F8E5M2:
    case PT2_DTYPE_F8E4M3FN:
    case PT2_DTYPE_F8E5M2FNUZ:
    case PT2_DTYPE_F8E4M3FNUZ:
    case PT2_DTYPE_F8E8M0FNU:
      return PT2__CLASS_FLOAT;
    case PT2_DTYPE_COMPLEX32:
    case PT2_DTYPE_COMPLEX64:
    case PT2_DTYPE_COMPLEX128:
      return PT2__CLASS_COMPLEX;
    default:
      return PT2__CLASS_NONE;
  }
}

// Values of every bit pattern, by dtype; the tool has one thread when it reads
// tensors, so nothing guards them.
#define TABLE_COUNT 64
static double* tables[TABLE_COUNT];

static int fill_table(pt2_dtype_t dtype, size_t patterns, double* table) {
  uint16_t wide[65536];
  uint8_t narrow[256];
  for (size_t i = 0; i < patterns; ++i) {
    wide[i] = (uint16_t)i;
    narrow[i & 255] = (uint8_t)i;
  }
  int64_t sizes[1] = {(int64_t)patterns};
  pt2_tensor_t* source = NULL;
  pt2_tensor_t* target = NULL;
  pt2_status_t status =
      pt2_tensor_from_blob(patterns == 256 ? (void*)narrow : (void*)wide, dtype,
                           1, sizes, NULL, NULL, NULL, &source);
  if (status == PT2_STATUS_OK) {
    status = pt2_tensor_from_blob(table, PT2_DTYPE_F64, 1, sizes, NULL, NULL,
                                  NULL, &target);
  }
  if (status == PT2_STATUS_OK) {
    status = pt2_tensor_copy(target, source);
  }
  int result =
      status == PT2_STATUS_OK
          ? PT2__EXIT_OK
          : pt2__tool_fail_status(status, "reading %s", pt2_dtype_name(dtype));
  pt2_tensor_release(target);
  pt2_tensor_release(source);
  return result;
}

int pt2__reader_init(pt2_dtype_t dtype, pt2__reader_t* out_reader) {
  pt2__reader_t reader = {.dtype = dtype,
                          .element_class = pt2__dtype_class(dtype),
                          .element_bytes = pt2_dtype_size_bytes(dtype)};
  if (reader.element_class == PT2__CLASS_NONE) {
    return pt2__tool_fail(PT2__EXIT_FAILED,
                          "elements of dtype %s cannot be shown or compared",
                          pt2_dtype_name(dtype));
  }
  bool small_float =
      reader.element_class == PT2__CLASS_FLOAT && reader.element_bytes <= 2;
  if (small_float || dtype == PT2_DTYPE_COMPLEX32) {
    pt2_dtype_t part = small_float ? dtype : PT2_DTYPE_F16;
    size_t patterns = pt2_dtype_size_bytes(part) == 1 ? 256 : 65536;
    if (tables[part] == NULL) {
      double* table = pt2__tool_alloc(patterns * sizeof(double));
      int result = fill_table(part, patterns, table);
      if (result != PT2__EXIT_OK) {
        free(table);
        return result;
      }
      tables[part] = table;
    }
    reader.table = tables[part];
  }
  *out_reader = reader;
  return PT2__EXIT_OK;
}

void pt2__reader_free_tables(void) {
  for (size_t i = 0; i < TABLE_COUNT; ++i) {
    free(tables[i]);
    tables[i] = NULL;
  }
}

#define READ_AS(type, address, variable) \
  type variable;                         \
  memcpy(&variable, (address), sizeof(variable))

int64_t pt2__read_i64(const pt2__reader_t* reader, const void* address) {
  switch (reader->dtype) {
    case PT2_DTYPE_BOOL:
      return *(const uint8_t*)address != 0;
    case PT2_DTYPE_I8:
      return *(const int8_t*)address;
    case PT2_DTYPE_I16: {
      READ_AS(int16_t, address, value);
      return value;
    }
    case PT2_DTYPE_I32: {
      READ_AS(int32_t, address, value);
      return value;
    }
    case PT2_DTYPE_I64: {
      READ_AS(int64_t, address, value);
      return value;
    }
    default:
      return (int64_t)pt2__read_u64(reader, address);
  }
}

uint64_t pt2__read_u64(const pt2__reader_t* reader, const void* address) {
  switch (reader->dtype) {
    case PT2_DTYPE_U8:
      return *(const uint8_t*)address;
    case PT2_DTYPE_U16: {
      READ_AS(uint16_t, address, value);
      return value;
    }
    case PT2_DTYPE_U32: {
      READ_AS(uint32_t, address, value);
      return value;
    }
    case PT2_DTYPE_U64: {
      READ_AS(uint64_t, address, value);
      return value;
    }
    default:
      return (uint64_t)pt2__read_i64(reader, address);
  }
}

double pt2__read_f64(const pt2__reader_t* reader, const void* address) {
  switch (reader->element_class) {
    case PT2__CLASS_BOOL:
    case PT2__CLASS_INT:
      return (double)pt2__read_i64(reader, address);
    case PT2__CLASS_UINT:
      return (double)pt2__read_u64(reader, address);
    default:
      break;
  }
  if (reader->dtype == PT2_DTYPE_F64) {
    READ_AS(double, address, value);
    return value;
  }
  if (reader->dtype == PT2_DTYPE_F32) {
    READ_AS(float, address, value);
    return (double)value;
  }
  if (reader->element_bytes == 1) {
    return reader->table[*(const uint8_t*)address];
  }
  READ_AS(uint16_t, address, bits);
  return reader->table[bits];
}

void pt2__read_complex(const pt2__reader_t* reader, const void* address,
                       double* out_parts) {
  const uint8_t* parts = address;
  for (size_t i = 0; i < 2; ++i) {
    if (reader->dtype == PT2_DTYPE_COMPLEX128) {
      READ_AS(double, parts + 8 * i, value);
      out_parts[i] = value;
    } else if (reader->dtype == PT2_DTYPE_COMPLEX64) {
      READ_AS(float, parts + 4 * i, value);
      out_parts[i] = (double)value;
    } else {
      READ_AS(uint16_t, parts + 2 * i, bits);
      out_parts[i] = reader->table[bits];
    }
  }
}

// ---- Tensors ---------------------------------------------------------------

int pt2__tensor_row_major(pt2_tensor_t* tensor, pt2_tensor_t** out_tensor) {
  if (pt2_tensor_is_contiguous(tensor)) {
    pt2_tensor_retain(tensor);
    *out_tensor = tensor;
    return PT2__EXIT_OK;
  }
  pt2_status_t status = pt2_tensor_clone(tensor, out_tensor);
  if (status != PT2_STATUS_OK) {
    return pt2__tool_fail_status(status, "copying a tensor");
  }
  return PT2__EXIT_OK;
}

size_t pt2__tensor_bytes(const pt2_tensor_t* tensor) {
  return (size_t)pt2_tensor_numel(tensor) *
         pt2_dtype_size_bytes(pt2_tensor_dtype(tensor));
}

bool pt2__sizes_bytes(pt2_dtype_t dtype, size_t rank, const int64_t* sizes,
                      int64_t* out_numel, uint64_t* out_bytes) {
  // The product of the sizes that are not 0 must fit too: strides are made of
  // it.
  int64_t numel = 1;
  bool empty = false;
  for (size_t i = 0; i < rank; ++i) {
    if (sizes[i] < 0) {
      return false;
    }
    if (sizes[i] == 0) {
      empty = true;
    } else if (__builtin_mul_overflow(numel, sizes[i], &numel)) {
      return false;
    }
  }
  int64_t bytes = 0;
  if (__builtin_mul_overflow(numel, (int64_t)pt2_dtype_size_bytes(dtype),
                             &bytes)) {
    return false;
  }
  *out_numel = empty ? 0 : numel;
  *out_bytes = empty ? 0 : (uint64_t)bytes;
  return true;
}

int pt2__tensor_new(const char* what, pt2_dtype_t dtype, size_t rank,
                    const int64_t* sizes, pt2_tensor_t** out_tensor) {
  pt2_status_t status =
      pt2_tensor_create(dtype, rank, rank > 0 ? sizes : NULL, NULL, out_tensor);
  if (status != PT2_STATUS_OK) {
    return pt2__tool_fail_status(status, "%s", what);
  }
  return PT2__EXIT_OK;
}

int pt2__tensor_from_bytes(const char* what, pt2_dtype_t dtype, size_t rank,
                           const int64_t* sizes, const void* data, size_t bytes,
                           pt2_tensor_t** out_tensor) {
  int64_t numel = 0;
  uint64_t wanted = 0;
  if (!pt2__sizes_bytes(dtype, rank, sizes, &numel, &wanted)) {
    return pt2__tool_fail(PT2__EXIT_FAILED, "%s: the shape is too large", what);
  }
  if (wanted != bytes) {
    pt2__text_t shape = {0};
    pt2__text_sizes(&shape, rank, sizes);
    int result = pt2__tool_fail(
        PT2__EXIT_FAILED, "%s: %s%s takes %llu bytes, %zu are there", what,
        pt2_dtype_name(dtype), pt2__text_peek(&shape),
        (unsigned long long)wanted, bytes);
    pt2__text_free(&shape);
    return result;
  }
  pt2_tensor_t* tensor = NULL;
  PT2__TOOL_TRY(pt2__tensor_new(what, dtype, rank, sizes, &tensor));
  uint8_t* target = pt2_tensor_peek_data(tensor);
  if (bytes > 0) {
    memcpy(target, data, bytes);
  }
  if (dtype == PT2_DTYPE_BOOL) {
    for (size_t i = 0; i < bytes; ++i) {
      target[i] = target[i] != 0;
    }
  }
  *out_tensor = tensor;
  return PT2__EXIT_OK;
}

void pt2__text_sizes(pt2__text_t* text, size_t rank, const int64_t* sizes) {
  pt2__text_append(text, "[", 1);
  for (size_t i = 0; i < rank; ++i) {
    pt2__text_printf(text, "%s%lld", i > 0 ? ", " : "", (long long)sizes[i]);
  }
  pt2__text_append(text, "]", 1);
}
