// SPDX-License-Identifier: Apache-2.0
//
// Files that hold tensors: .npy, .npz, .safetensors and raw bytes.
#ifndef PT2_SRC_TOOLING_FILES_H_
#define PT2_SRC_TOOLING_FILES_H_

#include <stddef.h>

#include "tooling/values.h"

// Kinds of files, told by their names.
enum {
  PT2__FILE_UNKNOWN = 0,
  PT2__FILE_NPY,          // one tensor
  PT2__FILE_NPZ,          // tensors by key
  PT2__FILE_SAFETENSORS,  // tensors by key
  PT2__FILE_RAW,          // .bin: the bytes of one tensor
};
int pt2__file_kind(const char* path);
// True if the kind holds several tensors by key.
bool pt2__file_kind_has_keys(int kind);

// Appends all tensors of |path| to |list|, in the order of their keys; a .npy
// file's tensor has no key.
//
// Errors: a name that tells no kind; what the readers below say.
int pt2__file_load(const char* path, pt2__tensor_list_t* list);

// Writes one tensor to a .npy or .bin file, or the tensors of |list| that are
// not NULL to a .npz or .safetensors file under their keys.
int pt2__file_save(const char* path, const pt2__tensor_list_t* list);

// True if a file of |kind| can hold |dtype|. Asked before a model is run, so
// that nobody waits for outputs that cannot be saved.
bool pt2__file_kind_holds(int kind, pt2_dtype_t dtype);

// ---- The formats, in memory; |name| is for messages ------------------------

// Reads a .npy file (versions 1 to 3) into a row-major tensor.
int pt2__npy_parse(const char* name, const void* data, size_t bytes,
                   pt2_tensor_t** out_tensor);
// Appends |tensor|, which must be row-major, as the header of a .npy file
// (version 1) whose data are the tensor's bytes.
int pt2__npy_format_header(const char* name, const pt2_tensor_t* tensor,
                           pt2__text_t* text);
bool pt2__npy_holds(pt2_dtype_t dtype);

int pt2__npz_load(const char* path, pt2__tensor_list_t* list);
int pt2__npz_save(const char* path, const pt2__tensor_list_t* list);

int pt2__safetensors_parse(const char* name, const void* data, size_t bytes,
                           pt2__tensor_list_t* list);
int pt2__safetensors_save(const char* path, const pt2__tensor_list_t* list);
bool pt2__safetensors_holds(pt2_dtype_t dtype);

#endif  // PT2_SRC_TOOLING_FILES_H_
