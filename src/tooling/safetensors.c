// SPDX-License-Identifier: Apache-2.0
//
// .safetensors files: 8 bytes of header length, a JSON header that tells each
// tensor's dtype, shape and byte range, then the bytes. The library reads them.
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "tooling/files.h"

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

int pt2__safetensors_parse(const char* name, const void* data, size_t bytes,
                           pt2__tensor_list_t* list) {
  pt2_weights_t* weights = NULL;
  pt2_status_t status =
      pt2_weights_open_memory(name, data != NULL ? data : "", bytes, &weights);
  if (status != PT2_STATUS_OK) {
    return pt2__tool_fail(PT2__EXIT_FAILED, "%s", pt2_error_message());
  }
  int result = PT2__EXIT_OK;
  for (size_t i = 0; result == PT2__EXIT_OK && i < pt2_weights_count(weights);
       ++i) {
    // Copied: the file's bytes go, and a bool may be any byte there.
    const pt2_tensor_t* there = pt2_weights_peek_tensor(weights, i);
    const void* elements = pt2_tensor_peek_data(there);
    pt2_tensor_t* tensor = NULL;
    result = pt2__tensor_from_bytes(
        name, pt2_tensor_dtype(there), pt2_tensor_rank(there),
        pt2_tensor_peek_sizes(there), elements != NULL ? elements : "",
        pt2__tensor_bytes(there), &tensor);
    if (result == PT2__EXIT_OK) {
      pt2__tensor_list_add(list, tensor, pt2_weights_peek_name(weights, i));
    }
  }
  pt2_weights_release(weights);
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
