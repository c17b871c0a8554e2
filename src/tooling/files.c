// SPDX-License-Identifier: Apache-2.0
//
// Files that hold tensors, by the kind that their names tell.
#include "tooling/files.h"

#include <stdlib.h>
#include <string.h>

int pt2__file_kind(const char* path) {
  static const struct {
    const char* suffix;
    int kind;
  } kSuffixes[] = {{".npy", PT2__FILE_NPY},
                   {".npz", PT2__FILE_NPZ},
                   {".safetensors", PT2__FILE_SAFETENSORS},
                   {".bin", PT2__FILE_RAW}};
  for (size_t i = 0; i < sizeof(kSuffixes) / sizeof(kSuffixes[0]); ++i) {
    if (pt2__text_ends_with(path, kSuffixes[i].suffix)) {
      return kSuffixes[i].kind;
    }
  }
  return PT2__FILE_UNKNOWN;
}

bool pt2__file_kind_has_keys(int kind) {
  return kind == PT2__FILE_NPZ || kind == PT2__FILE_SAFETENSORS;
}

bool pt2__file_kind_holds(int kind, pt2_dtype_t dtype) {
  switch (kind) {
    case PT2__FILE_NPY:
    case PT2__FILE_NPZ:
      return pt2__npy_holds(dtype);
    case PT2__FILE_SAFETENSORS:
      return pt2__safetensors_holds(dtype);
    default:
      return true;
  }
}

static int load_npy(const char* path, pt2__tensor_list_t* list) {
  pt2__text_t file = {0};
  PT2__TOOL_TRY(pt2__file_read(path, &file));
  pt2_tensor_t* tensor = NULL;
  int result =
      pt2__npy_parse(path, pt2__text_peek(&file), file.length, &tensor);
  if (result == PT2__EXIT_OK) {
    pt2__tensor_list_add(list, tensor, NULL);
  }
  pt2__text_free(&file);
  return result;
}

static int load_safetensors(const char* path, pt2__tensor_list_t* list) {
  pt2__text_t file = {0};
  PT2__TOOL_TRY(pt2__file_read(path, &file));
  int result =
      pt2__safetensors_parse(path, pt2__text_peek(&file), file.length, list);
  pt2__text_free(&file);
  return result;
}

int pt2__file_load(const char* path, pt2__tensor_list_t* list) {
  pt2__tensor_list_t loaded = {0};
  int result = PT2__EXIT_OK;
  switch (pt2__file_kind(path)) {
    case PT2__FILE_NPY:
      result = load_npy(path, &loaded);
      break;
    case PT2__FILE_NPZ:
      result = pt2__npz_load(path, &loaded);
      break;
    case PT2__FILE_SAFETENSORS:
      result = load_safetensors(path, &loaded);
      break;
    case PT2__FILE_RAW:
      result = pt2__tool_fail(
          PT2__EXIT_USAGE,
          "%s: raw bytes want a type in front, as in 2x3xf32=@%s", path, path);
      break;
    default:
      result = pt2__tool_fail(PT2__EXIT_USAGE,
                              "%s: the name ends in none of .npy .npz "
                              ".safetensors .bin",
                              path);
  }
  if (result == PT2__EXIT_OK) {
    pt2__tensor_list_sort(&loaded);
    for (size_t i = 0; i < loaded.count; ++i) {
      pt2__tensor_list_add(list, loaded.items[i], loaded.keys[i]);
      loaded.items[i] = NULL;
    }
  }
  pt2__tensor_list_free(&loaded);
  return result;
}

// One tensor as .npy or as its bytes.
static int save_one(const char* path, int kind, pt2_tensor_t* source) {
  pt2_tensor_t* tensor = NULL;
  PT2__TOOL_TRY(pt2__tensor_row_major(source, &tensor));
  pt2__text_t header = {0};
  int result = PT2__EXIT_OK;
  if (kind == PT2__FILE_NPY) {
    result = pt2__npy_format_header(path, tensor, &header);
  }
  if (result == PT2__EXIT_OK) {
    pt2__piece_t pieces[2] = {
        {header.data, header.length},
        {pt2_tensor_peek_data(tensor), pt2__tensor_bytes(tensor)}};
    result = pt2__file_write(path, pieces, 2);
  }
  pt2__text_free(&header);
  pt2_tensor_release(tensor);
  return result;
}

int pt2__file_save(const char* path, const pt2__tensor_list_t* list) {
  int kind = pt2__file_kind(path);
  switch (kind) {
    case PT2__FILE_NPZ:
      return pt2__npz_save(path, list);
    case PT2__FILE_SAFETENSORS:
      return pt2__safetensors_save(path, list);
    case PT2__FILE_NPY:
    case PT2__FILE_RAW:
      return save_one(path, kind, list->items[0]);
    default:
      return pt2__tool_fail(PT2__EXIT_USAGE,
                            "%s: the name ends in none of .npy .npz "
                            ".safetensors .bin",
                            path);
  }
}
