// SPDX-License-Identifier: Apache-2.0
//
// .safetensors files: 8 bytes of header length, a JSON header that tells each
// tensor's dtype, shape and byte range, then the bytes.
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "tooling/files.h"

// The format's own limit for a header.
#define HEADER_LIMIT 100000000u

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

static const char* name_of(pt2_dtype_t dtype) {
  for (size_t i = 0; i < NAME_COUNT; ++i) {
    if (kNames[i].dtype == dtype) {
      return kNames[i].name;
    }
  }
  return NULL;
}

bool pt2__safetensors_holds(pt2_dtype_t dtype) {
  return name_of(dtype) != NULL;
}

// ---- Reading ---------------------------------------------------------------

// One entry of the header, checked.
typedef struct {
  const char* key;
  pt2_dtype_t dtype;
  size_t rank;
  int64_t sizes[PT2__TOOL_MAX_RANK];
  uint64_t begin;
  uint64_t end;
} entry_t;

static int bad_entry(const char* name, const char* key, const char* what) {
  return pt2__tool_fail(PT2__EXIT_FAILED, "%s: tensor '%s': %s", name, key,
                        what);
}

static int parse_shape(const char* name, json_t* shape, entry_t* entry) {
  if (!json_is_array(shape)) {
    return bad_entry(name, entry->key, "no shape");
  }
  entry->rank = json_array_size(shape);
  if (entry->rank > PT2__TOOL_MAX_RANK) {
    return bad_entry(name, entry->key, "more than 64 dimensions");
  }
  for (size_t i = 0; i < entry->rank; ++i) {
    json_t* size = json_array_get(shape, i);
    if (!json_is_integer(size) || json_integer_value(size) < 0) {
      return bad_entry(name, entry->key, "its shape holds what is no size");
    }
    entry->sizes[i] = json_integer_value(size);
  }
  return PT2__EXIT_OK;
}

static int parse_entry(const char* name, const char* key, json_t* value,
                       uint64_t data_bytes, entry_t* entry) {
  entry->key = key;
  const char* dtype = json_string_value(json_object_get(value, "dtype"));
  if (dtype == NULL) {
    return bad_entry(name, key, "no dtype");
  }
  entry->dtype = PT2_DTYPE_UNDEFINED;
  for (size_t i = 0; i < NAME_COUNT; ++i) {
    if (strcmp(dtype, kNames[i].name) == 0) {
      entry->dtype = kNames[i].dtype;
    }
  }
  if (entry->dtype == PT2_DTYPE_UNDEFINED) {
    return pt2__tool_fail(PT2__EXIT_FAILED,
                          "%s: tensor '%s': dtype '%s' is not known", name, key,
                          dtype);
  }
  PT2__TOOL_TRY(parse_shape(name, json_object_get(value, "shape"), entry));
  json_t* range = json_object_get(value, "data_offsets");
  json_t* begin = json_array_get(range, 0);
  json_t* end = json_array_get(range, 1);
  if (json_array_size(range) != 2 || !json_is_integer(begin) ||
      !json_is_integer(end) || json_integer_value(begin) < 0 ||
      json_integer_value(end) < json_integer_value(begin)) {
    return bad_entry(name, key, "its data_offsets are no byte range");
  }
  entry->begin = (uint64_t)json_integer_value(begin);
  entry->end = (uint64_t)json_integer_value(end);
  if (entry->end > data_bytes) {
    return pt2__tool_fail(
        PT2__EXIT_FAILED,
        "%s: tensor '%s': bytes %llu to %llu lie outside the file's %llu bytes "
        "of data",
        name, key, (unsigned long long)entry->begin,
        (unsigned long long)entry->end, (unsigned long long)data_bytes);
  }
  int64_t numel = 0;
  uint64_t wanted = 0;
  if (!pt2__sizes_bytes(entry->dtype, entry->rank, entry->sizes, &numel,
                        &wanted) ||
      wanted != entry->end - entry->begin) {
    return bad_entry(name, key, "its shape and its byte range disagree");
  }
  return PT2__EXIT_OK;
}

static int compare_begins(const void* left, const void* right) {
  const entry_t* a = left;
  const entry_t* b = right;
  if (a->begin != b->begin) {
    return a->begin < b->begin ? -1 : 1;
  }
  return (a->end > b->end) - (a->end < b->end);
}

// The ranges must cover the data without gap or overlap.
static int check_ranges(const char* name, entry_t* entries, size_t count,
                        uint64_t data_bytes) {
  if (count > 0) {
    qsort(entries, count, sizeof(*entries), compare_begins);
  }
  uint64_t at = 0;
  for (size_t i = 0; i < count; ++i) {
    if (entries[i].begin < at) {
      return bad_entry(name, entries[i].key, "its bytes overlap another's");
    }
    if (entries[i].begin > at) {
      return bad_entry(name, entries[i].key, "a gap lies before its bytes");
    }
    at = entries[i].end;
  }
  if (at != data_bytes) {
    return pt2__tool_fail(PT2__EXIT_FAILED,
                          "%s: %llu bytes belong to no tensor", name,
                          (unsigned long long)(data_bytes - at));
  }
  return PT2__EXIT_OK;
}

// Reads all entries of |header| to |*out_entries|, which the caller frees on
// failure too. The array grows with what is sound: a header of a million empty
// entries is refused at the first.
static int parse_entries(const char* name, json_t* header, uint64_t data_bytes,
                         entry_t** out_entries, size_t* out_count) {
  size_t capacity = 0;
  const char* key = NULL;
  json_t* value = NULL;
  json_object_foreach(header, key, value) {
    if (strcmp(key, "__metadata__") == 0) {
      continue;
    }
    if (*out_count == capacity) {
      capacity = capacity * 2 + 16;
      *out_entries =
          pt2__tool_realloc(*out_entries, capacity * sizeof(**out_entries));
    }
    PT2__TOOL_TRY(
        parse_entry(name, key, value, data_bytes, &(*out_entries)[*out_count]));
    ++*out_count;
  }
  return check_ranges(name, *out_entries, *out_count, data_bytes);
}

static int load_entries(const char* name, const uint8_t* data,
                        const entry_t* entries, size_t count,
                        pt2__tensor_list_t* list) {
  for (size_t i = 0; i < count; ++i) {
    const entry_t* entry = &entries[i];
    pt2_tensor_t* tensor = NULL;
    PT2__TOOL_TRY(pt2__tensor_from_bytes(
        name, entry->dtype, entry->rank, entry->sizes, data + entry->begin,
        (size_t)(entry->end - entry->begin), &tensor));
    pt2__tensor_list_add(list, tensor, entry->key);
  }
  return PT2__EXIT_OK;
}

int pt2__safetensors_parse(const char* name, const void* data, size_t bytes,
                           pt2__tensor_list_t* list) {
  const uint8_t* file = data;
  if (bytes < 8) {
    return pt2__tool_fail(PT2__EXIT_FAILED, "%s is no .safetensors file", name);
  }
  uint64_t length = 0;
  for (int i = 7; i >= 0; --i) {
    length = length << 8 | file[i];
  }
  if (length > HEADER_LIMIT || length > bytes - 8) {
    return pt2__tool_fail(PT2__EXIT_FAILED,
                          "%s: damaged .safetensors file: a header of %llu "
                          "bytes in a file of %zu",
                          name, (unsigned long long)length, bytes);
  }
  json_error_t error;
  json_t* header = json_loadb((const char*)file + 8, (size_t)length,
                              JSON_REJECT_DUPLICATES, &error);
  if (!json_is_object(header)) {
    json_decref(header);
    return pt2__tool_fail(PT2__EXIT_FAILED,
                          "%s: damaged .safetensors header: %s", name,
                          header == NULL ? error.text : "it is no object");
  }
  entry_t* entries = NULL;
  size_t count = 0;
  int result =
      parse_entries(name, header, bytes - 8 - length, &entries, &count);
  if (result == PT2__EXIT_OK) {
    result = load_entries(name, file + 8 + length, entries, count, list);
  }
  free(entries);
  json_decref(header);
  return result;
}

// ---- Writing ---------------------------------------------------------------

// Where each tensor goes: wide elements first, as the reference writer does,
// so that every tensor is aligned to its element.
typedef struct {
  size_t index;
  size_t element_bytes;
} slot_t;

static int compare_slots(const void* left, const void* right) {
  const slot_t* a = left;
  const slot_t* b = right;
  if (a->element_bytes != b->element_bytes) {
    return a->element_bytes > b->element_bytes ? -1 : 1;
  }
  return a->index < b->index ? -1 : 1;
}

static int add_entry(const char* path, const char* key,
                     const pt2_tensor_t* tensor, uint64_t* offset,
                     json_t* header) {
  pt2_dtype_t dtype = pt2_tensor_dtype(tensor);
  if (name_of(dtype) == NULL) {
    return pt2__tool_fail(PT2__EXIT_FAILED,
                          "%s: a .safetensors file cannot hold %s", path,
                          pt2_dtype_name(dtype));
  }
  json_t* shape = json_array();
  for (size_t i = 0; i < pt2_tensor_rank(tensor); ++i) {
    json_array_append_new(shape,
                          json_integer(pt2_tensor_peek_sizes(tensor)[i]));
  }
  uint64_t end = *offset + pt2__tensor_bytes(tensor);
  json_t* entry =
      json_pack("{s:s, s:o, s:[I, I]}", "dtype", name_of(dtype), "shape", shape,
                "data_offsets", (json_int_t)*offset, (json_int_t)end);
  *offset = end;
  if (entry == NULL || json_object_set_new(header, key, entry) != 0) {
    return pt2__tool_fail(PT2__EXIT_FAILED, "cannot write %s: out of memory",
                          path);
  }
  return PT2__EXIT_OK;
}

static int write_file(const char* path, const json_t* header,
                      pt2_tensor_t* const* tensors, size_t count) {
  char* json = json_dumps(header, JSON_COMPACT);
  if (json == NULL) {
    return pt2__tool_fail(PT2__EXIT_FAILED, "cannot write %s: out of memory",
                          path);
  }
  pt2__text_t head = {0};
  pt2__text_append(&head, "\0\0\0\0\0\0\0\0", 8);
  pt2__text_append(&head, json, strlen(json));
  free(json);
  while (head.length % 8 != 0) {
    pt2__text_append(&head, " ", 1);
  }
  for (int i = 0; i < 8; ++i) {
    head.data[i] = (char)((uint64_t)(head.length - 8) >> (8 * i) & 255);
  }
  pt2__piece_t* pieces = pt2__tool_alloc((count + 1) * sizeof(*pieces));
  pieces[0] = (pt2__piece_t){head.data, head.length};
  for (size_t i = 0; i < count; ++i) {
    pieces[i + 1] = (pt2__piece_t){pt2_tensor_peek_data(tensors[i]),
                                   pt2__tensor_bytes(tensors[i])};
  }
  int result = pt2__file_write(path, pieces, count + 1);
  free(pieces);
  pt2__text_free(&head);
  return result;
}

int pt2__safetensors_save(const char* path, const pt2__tensor_list_t* list) {
  slot_t* slots = pt2__tool_alloc(list->count * sizeof(*slots));
  pt2_tensor_t** tensors = pt2__tool_alloc(list->count * sizeof(*tensors));
  size_t count = 0;
  for (size_t i = 0; i < list->count; ++i) {
    if (list->items[i] != NULL) {
      slots[count++] =
          (slot_t){i, pt2_dtype_size_bytes(pt2_tensor_dtype(list->items[i]))};
    }
  }
  qsort(slots, count, sizeof(*slots), compare_slots);
  json_t* header = json_object();
  uint64_t offset = 0;
  int result = PT2__EXIT_OK;
  for (size_t i = 0; i < count && result == PT2__EXIT_OK; ++i) {
    size_t index = slots[i].index;
    result = pt2__tensor_row_major(list->items[index], &tensors[i]);
    if (result == PT2__EXIT_OK) {
      result = add_entry(path, list->keys[index], tensors[i], &offset, header);
    }
  }
  if (result == PT2__EXIT_OK) {
    result = write_file(path, header, tensors, count);
  }
  for (size_t i = 0; i < count; ++i) {
    pt2_tensor_release(tensors[i]);
  }
  json_decref(header);
  free(tensors);
  free(slots);
  return result;
}
