// SPDX-License-Identifier: Apache-2.0
//
// Kernels of this library's own, by dtype, and how tensors look to them.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backends/mps/mps.h"

typedef struct {
  const char* source;
  int32_t dtype;
  int32_t second;
  struct pt2__mps_library_t* library;
} own_library_t;

// Under the lock. One for each source and its dtypes.
static own_library_t* own;
static size_t own_count;
static size_t own_capacity;

bool pt2__mps_is_float(int32_t dtype) {
  return dtype == PT2_DTYPE_F32 || dtype == PT2_DTYPE_F16 ||
         dtype == PT2_DTYPE_BF16;
}

const char* pt2__mps_dtype_text(int32_t dtype) {
  static const char* const names[] = {[PT2_DTYPE_U8] = "uint8",
                                      [PT2_DTYPE_I8] = "int8",
                                      [PT2_DTYPE_I16] = "int16",
                                      [PT2_DTYPE_I32] = "int32",
                                      [PT2_DTYPE_I64] = "int64",
                                      [PT2_DTYPE_F16] = "float16",
                                      [PT2_DTYPE_F32] = "float32",
                                      [PT2_DTYPE_F64] = "float64",
                                      [PT2_DTYPE_COMPLEX64] = "complex64",
                                      [PT2_DTYPE_BOOL] = "bool",
                                      [PT2_DTYPE_BF16] = "bfloat16"};
  const char* name =
      dtype >= 0 && (size_t)dtype < sizeof(names) / sizeof(*names)
          ? names[dtype]
          : NULL;
  return name != NULL ? name : "another dtype";
}

// As Metal calls it; NULL for what it has no type for.
static const char* type_name(int32_t dtype) {
  static const char* const names[] = {
      [PT2_DTYPE_U8] = "uchar",   [PT2_DTYPE_I8] = "char",
      [PT2_DTYPE_I16] = "short",  [PT2_DTYPE_I32] = "int",
      [PT2_DTYPE_I64] = "long",   [PT2_DTYPE_F16] = "half",
      [PT2_DTYPE_F32] = "float",  [PT2_DTYPE_BOOL] = "bool",
      [PT2_DTYPE_BF16] = "bfloat"};
  return dtype >= 0 && (size_t)dtype < sizeof(names) / sizeof(*names)
             ? names[dtype]
             : NULL;
}

bool pt2__mps_has_type(int32_t dtype) { return type_name(dtype) != NULL; }

bool pt2__mps_view(AtenTensorHandle tensor, pt2__mps_view_t* out_view) {
  int32_t device_type = -1;
  int64_t* sizes = NULL;
  int64_t* strides = NULL;
  if (tensor == NULL ||
      pt2__mps_host.get_device_type(tensor, &device_type) != 0 ||
      device_type != PT2_DEVICE_MPS ||
      pt2__mps_host.get_sizes(tensor, &sizes) != 0 ||
      pt2__mps_host.get_strides(tensor, &strides) != 0 ||
      pt2__mps_host.get_dim(tensor, &out_view->rank) != 0 ||
      pt2__mps_host.get_numel(tensor, &out_view->numel) != 0 ||
      pt2__mps_host.get_dtype(tensor, &out_view->dtype) != 0) {
    return false;
  }
  out_view->sizes = sizes;
  out_view->strides = strides;
  return true;
}

static pt2_status_t make_room(void) {
  if (own_count < own_capacity) {
    return PT2_STATUS_OK;
  }
  size_t capacity = own_capacity == 0 ? 8 : own_capacity * 2;
  own_library_t* grown = realloc(own, capacity * sizeof(*own));
  if (grown == NULL) {
    return PT2__MPS_FAIL(PT2_STATUS_OUT_OF_MEMORY,
                         "mps: out of memory for %zu kernels", capacity);
  }
  own = grown;
  own_capacity = capacity;
  return PT2_STATUS_OK;
}

static pt2_status_t add(const char* source, int32_t dtype, int32_t second,
                        const char* name,
                        struct pt2__mps_library_t** out_library) {
  const char* types[2] = {type_name(dtype), type_name(second)};
  if (types[0] == NULL || (types[1] == NULL && second != PT2_DTYPE_UNDEFINED)) {
    return PT2__MPS_FAIL(PT2_STATUS_UNSUPPORTED, "mps: no kernel %s of %s",
                         name, pt2__mps_dtype_text(dtype));
  }
  PT2__MPS_TRY(make_room());
  size_t bytes = strlen(source) + 96;
  char* text = malloc(bytes);
  if (text == NULL) {
    return PT2__MPS_FAIL(PT2_STATUS_OUT_OF_MEMORY,
                         "mps: out of memory: %zu bytes wanted", bytes);
  }
  // Behind Apple's own header, in which a macro of that name would be seen.
  int length = snprintf(text, bytes, "#include <metal_stdlib>\ntypedef %s T;\n",
                        types[0]);
  if (types[1] != NULL) {
    length += snprintf(text + length, bytes - (size_t)length, "typedef %s S;\n",
                       types[1]);
  }
  strcpy(text + length, source);
  char what[96];
  snprintf(what, sizeof(what), "kernel %s of %s", name,
           pt2__mps_dtype_text(dtype));
  pt2_status_t status = pt2__mps_library_take(what, text, out_library);
  free(text);
  if (status == PT2_STATUS_OK) {
    own[own_count++] = (own_library_t){source, dtype, second, *out_library};
  }
  return status;
}

static pt2_status_t find(const char* source, int32_t dtype, int32_t second,
                         const char* name,
                         struct pt2__mps_library_t** out_library) {
  for (size_t i = 0; i < own_count; ++i) {
    if (own[i].source == source && own[i].dtype == dtype &&
        own[i].second == second) {
      *out_library = own[i].library;
      return PT2_STATUS_OK;
    }
  }
  return add(source, dtype, second, name, out_library);
}

pt2_status_t pt2__mps_own_kernel_of_two(const char* template_source,
                                        int32_t dtype, int32_t second,
                                        const char* name,
                                        pt2__mps_kernel_t** out_kernel) {
  pt2__mps_lock();
  struct pt2__mps_library_t* library = NULL;
  pt2_status_t status = find(template_source, dtype, second, name, &library);
  if (status == PT2_STATUS_OK) {
    status = pt2__mps_library_kernel(library, name, out_kernel);
  }
  pt2__mps_unlock();
  return status;
}

pt2_status_t pt2__mps_own_kernel(const char* template_source, int32_t dtype,
                                 const char* name,
                                 pt2__mps_kernel_t** out_kernel) {
  return pt2__mps_own_kernel_of_two(template_source, dtype, PT2_DTYPE_UNDEFINED,
                                    name, out_kernel);
}

void pt2__mps_own_kernels_release(void) {
  pt2__mps_lock();
  while (own_count > 0) {
    pt2__mps_library_give_back(own[--own_count].library);
  }
  free(own);
  own = NULL;
  own_capacity = 0;
  pt2__mps_unlock();
}
