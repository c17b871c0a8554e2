// SPDX-License-Identifier: Apache-2.0
//
// .safetensors files: 8 bytes of header length, a JSON header that tells each
// tensor's dtype, shape and byte range, then the bytes.
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "package/weight_set.h"
#include "pt2/tensor.h"

// The format's own limit for a header.
#define HEADER_LIMIT 100000000u
// No sound entry is shorter: {"dtype":"U8","shape":[],"data_offsets":[0,1]}
#define ENTRY_MIN_BYTES 40
#define LENGTH_BYTES 8
#define MAX_RANK 64

static const struct {
  const char* name;
  pt2_dtype_t dtype;
} kNames[] = {
    {"BOOL", PT2_DTYPE_BOOL},
    {"U8", PT2_DTYPE_U8},
    {"I8", PT2_DTYPE_I8},
    {"U16", PT2_DTYPE_U16},
    {"I16", PT2_DTYPE_I16},
    {"U32", PT2_DTYPE_U32},
    {"I32", PT2_DTYPE_I32},
    {"U64", PT2_DTYPE_U64},
    {"I64", PT2_DTYPE_I64},
    {"F16", PT2_DTYPE_F16},
    {"BF16", PT2_DTYPE_BF16},
    {"F32", PT2_DTYPE_F32},
    {"F64", PT2_DTYPE_F64},
    {"C64", PT2_DTYPE_COMPLEX64},
    {"F8_E5M2", PT2_DTYPE_F8E5M2},
    {"F8_E4M3", PT2_DTYPE_F8E4M3FN},
    {"F8_E5M2FNUZ", PT2_DTYPE_F8E5M2FNUZ},
    {"F8_E4M3FNUZ", PT2_DTYPE_F8E4M3FNUZ},
    {"F8_E8M0", PT2_DTYPE_F8E8M0FNU},
};
#define NAME_COUNT (sizeof(kNames) / sizeof(kNames[0]))

// What is read, and into what.
typedef struct {
  const char* name;
  const uint8_t* data;  // behind the header
  uint64_t data_bytes;
  uint64_t header_bytes;
  pt2__weight_set_t* set;
} file_t;

static pt2_status_t bad(const file_t* file, const char* key, const char* what) {
  return PT2_FAIL(PT2_STATUS_CORRUPT, "%s: tensor '%s': %s", file->name, key,
                  what);
}

static pt2_status_t parse_dtype(const file_t* file, const char* key,
                                const char* text, pt2__weight_t* weight) {
  if (text == NULL) {
    return bad(file, key, "no dtype");
  }
  for (size_t i = 0; i < NAME_COUNT; ++i) {
    if (strcmp(text, kNames[i].name) == 0) {
      weight->dtype = kNames[i].dtype;
      return PT2_STATUS_OK;
    }
  }
  return PT2_FAIL(PT2_STATUS_UNSUPPORTED,
                  "%s: tensor '%s': dtype '%s' is not known", file->name, key,
                  text);
}

// Sizes and row-major strides, and the bytes that they ask for.
static pt2_status_t parse_shape(const file_t* file, const char* key,
                                json_t* shape, pt2__weight_t* weight,
                                uint64_t* out_bytes) {
  if (!json_is_array(shape)) {
    return bad(file, key, "no shape");
  }
  size_t rank = json_array_size(shape);
  if (rank > MAX_RANK) {
    return bad(file, key, "more than 64 dimensions");
  }
  int64_t* sizes;
  PT2_TRY(
      pt2__arena_array(&file->set->arena, 2 * rank, sizeof(*sizes), &sizes));
  int64_t* strides = sizes + rank;
  uint64_t bytes = pt2_dtype_size_bytes(weight->dtype);
  int64_t step = 1;
  bool fits = true;
  for (size_t i = rank; i-- > 0;) {
    json_t* size = json_array_get(shape, i);
    if (!json_is_integer(size) || json_integer_value(size) < 0) {
      return bad(file, key, "its shape holds what is no size");
    }
    sizes[i] = json_integer_value(size);
    strides[i] = step;
    fits = !__builtin_mul_overflow(bytes, (uint64_t)sizes[i], &bytes) &&
           !__builtin_mul_overflow(step, sizes[i] > 1 ? sizes[i] : 1, &step) &&
           fits;
  }
  if (!fits) {
    return bad(file, key, "its shape and its byte range disagree");
  }
  weight->rank = (int32_t)rank;
  weight->sizes = sizes;
  weight->strides = strides;
  *out_bytes = bytes;
  return PT2_STATUS_OK;
}

static pt2_status_t parse_range(const file_t* file, const char* key,
                                json_t* range, uint64_t wanted,
                                pt2__weight_t* weight) {
  json_t* begin = json_array_get(range, 0);
  json_t* end = json_array_get(range, 1);
  if (json_array_size(range) != 2 || !json_is_integer(begin) ||
      !json_is_integer(end) || json_integer_value(begin) < 0 ||
      json_integer_value(end) < json_integer_value(begin)) {
    return bad(file, key, "its data_offsets are no byte range");
  }
  uint64_t from = (uint64_t)json_integer_value(begin);
  uint64_t to = (uint64_t)json_integer_value(end);
  if (to > file->data_bytes) {
    return PT2_FAIL(
        PT2_STATUS_CORRUPT,
        "%s: tensor '%s': bytes %llu to %llu lie outside the file's %llu bytes "
        "of data",
        file->name, key, (unsigned long long)from, (unsigned long long)to,
        (unsigned long long)file->data_bytes);
  }
  if (wanted != to - from) {
    return bad(file, key, "its shape and its byte range disagree");
  }
  weight->storage = file->data + from;
  weight->storage_bytes = to - from;
  return PT2_STATUS_OK;
}

static pt2_status_t parse_entry(const file_t* file, const char* key,
                                json_t* value, pt2__weight_t* weight) {
  uint64_t wanted = 0;
  PT2_TRY(parse_dtype(
      file, key, json_string_value(json_object_get(value, "dtype")), weight));
  PT2_TRY(
      parse_shape(file, key, json_object_get(value, "shape"), weight, &wanted));
  PT2_TRY(parse_range(file, key, json_object_get(value, "data_offsets"), wanted,
                      weight));
  return pt2__arena_text(&file->set->arena, key, strlen(key), &weight->name);
}

static int compare_ranges(const void* left, const void* right) {
  const pt2__weight_t* a = left;
  const pt2__weight_t* b = right;
  if (a->storage != b->storage) {
    return a->storage < b->storage ? -1 : 1;
  }
  return (a->storage_bytes > b->storage_bytes) -
         (a->storage_bytes < b->storage_bytes);
}

// The ranges must cover the data without gap or overlap.
static pt2_status_t check_ranges(const file_t* file) {
  pt2__weight_set_t* set = file->set;
  if (set->count > 0) {
    qsort(set->items, set->count, sizeof(*set->items), compare_ranges);
  }
  const uint8_t* at = file->data;
  for (size_t i = 0; i < set->count; ++i) {
    const pt2__weight_t* weight = &set->items[i];
    if (weight->storage < at) {
      return bad(file, weight->name, "its bytes overlap another's");
    }
    if (weight->storage > at) {
      return bad(file, weight->name, "a gap lies before its bytes");
    }
    at = weight->storage + weight->storage_bytes;
  }
  uint64_t left = file->data_bytes - (uint64_t)(at - file->data);
  if (left > 0) {
    return PT2_FAIL(PT2_STATUS_CORRUPT, "%s: %llu bytes belong to no tensor",
                    file->name, (unsigned long long)left);
  }
  return PT2_STATUS_OK;
}

static pt2_status_t parse_entries(const file_t* file, json_t* header) {
  pt2__weight_set_t* set = file->set;
  // As many as can be sound: a header of a million empty entries is refused at
  // the first of them and takes no room for the others.
  size_t capacity = json_object_size(header);
  if (capacity > file->header_bytes / ENTRY_MIN_BYTES) {
    capacity = (size_t)(file->header_bytes / ENTRY_MIN_BYTES) + 1;
  }
  PT2_TRY(pt2__arena_array(&set->arena, capacity, sizeof(*set->items),
                           &set->items));
  const char* key = NULL;
  json_t* value = NULL;
  json_object_foreach(header, key, value) {
    if (strcmp(key, "__metadata__") != 0) {
      if (set->count == capacity) {
        return bad(file, key, "the header is too short for its entries");
      }
      PT2_TRY(parse_entry(file, key, value, &set->items[set->count]));
      ++set->count;
    }
  }
  return check_ranges(file);
}

static uint64_t header_length(pt2__bytes_t bytes) {
  uint64_t length = 0;
  for (int i = LENGTH_BYTES - 1; i >= 0; --i) {
    length = length << 8 | bytes.data[i];
  }
  return length;
}

bool pt2__is_safetensors(pt2__bytes_t bytes) {
  return bytes.size_bytes > LENGTH_BYTES &&
         header_length(bytes) <= HEADER_LIMIT &&
         bytes.data[LENGTH_BYTES] == '{';
}

pt2_status_t pt2__safetensors_read(const char* name, pt2__bytes_t bytes,
                                   pt2__weight_set_t* set) {
  if (bytes.size_bytes < LENGTH_BYTES) {
    return PT2_FAIL(PT2_STATUS_CORRUPT, "%s is no .safetensors file", name);
  }
  uint64_t length = header_length(bytes);
  if (length > HEADER_LIMIT || length > bytes.size_bytes - LENGTH_BYTES) {
    return PT2_FAIL(PT2_STATUS_CORRUPT,
                    "%s: damaged .safetensors file: a header of %llu bytes in "
                    "a file of %zu",
                    name, (unsigned long long)length, bytes.size_bytes);
  }
  json_error_t error;
  json_t* header = json_loadb((const char*)bytes.data + LENGTH_BYTES,
                              (size_t)length, JSON_REJECT_DUPLICATES, &error);
  if (!json_is_object(header)) {
    json_decref(header);
    return PT2_FAIL(PT2_STATUS_CORRUPT, "%s: damaged .safetensors header: %s",
                    name, header == NULL ? error.text : "it is no object");
  }
  file_t file = {.name = name,
                 .data = bytes.data + LENGTH_BYTES + length,
                 .data_bytes = bytes.size_bytes - LENGTH_BYTES - length,
                 .header_bytes = length,
                 .set = set};
  pt2_status_t status = parse_entries(&file, header);
  json_decref(header);
  return status;
}
