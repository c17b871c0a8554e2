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
  struct pt2__mps_library_t* library;
} own_library_t;

// Under the lock. One for each source and dtype.
static own_library_t own[32];
static size_t own_count;

const char* pt2__mps_float_name(int32_t dtype) {
  switch (dtype) {
    case PT2_DTYPE_F32:
      return "float";
    case PT2_DTYPE_F16:
      return "half";
    case PT2_DTYPE_BF16:
      return "bfloat";
    default:
      return NULL;
  }
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

static pt2_status_t add(const char* source, int32_t dtype,
                        struct pt2__mps_library_t** out_library) {
  const char* type = pt2__mps_float_name(dtype);
  size_t bytes = strlen(source) + 64;
  char* text = malloc(bytes);
  if (text == NULL) {
    return PT2__MPS_FAIL(PT2_STATUS_OUT_OF_MEMORY,
                         "mps: out of memory: %zu bytes wanted", bytes);
  }
  // A macro of that name would be seen by Metal's own headers.
  snprintf(text, bytes, "#include <metal_stdlib>\ntypedef %s T;\n%s", type,
           source);
  pt2_status_t status = pt2__mps_library_take(text, out_library);
  free(text);
  if (status == PT2_STATUS_OK) {
    own[own_count++] = (own_library_t){source, dtype, *out_library};
  }
  return status;
}

static pt2_status_t find(const char* source, int32_t dtype,
                         struct pt2__mps_library_t** out_library) {
  for (size_t i = 0; i < own_count; ++i) {
    if (own[i].source == source && own[i].dtype == dtype) {
      *out_library = own[i].library;
      return PT2_STATUS_OK;
    }
  }
  return add(source, dtype, out_library);
}

pt2_status_t pt2__mps_own_kernel(const char* template_source, int32_t dtype,
                                 const char* name,
                                 pt2__mps_kernel_t** out_kernel) {
  pt2__mps_lock();
  struct pt2__mps_library_t* library = NULL;
  pt2_status_t status = find(template_source, dtype, &library);
  if (status == PT2_STATUS_OK) {
    status = pt2__mps_library_kernel(library, name, out_kernel);
  }
  pt2__mps_unlock();
  return status;
}

void pt2__mps_own_kernels_release(void) {
  pt2__mps_lock();
  while (own_count > 0) {
    pt2__mps_library_give_back(own[--own_count].library);
  }
  pt2__mps_unlock();
}
