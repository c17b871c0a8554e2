// SPDX-License-Identifier: Apache-2.0
//
// Tensors from and to DLPack (pt2/dlpack.h).
#include "pt2/dlpack.h"

#include "tensor/dlpack_abi.h"
#include "tensor/tensor.h"

// ---- Dtypes ----------------------------------------------------------------

static const struct {
  int8_t dtype;
  uint8_t code;
  uint8_t bits;
} dtypes[] = {
    {PT2_DTYPE_U8, PT2__DL_UINT, 8},
    {PT2_DTYPE_U16, PT2__DL_UINT, 16},
    {PT2_DTYPE_U32, PT2__DL_UINT, 32},
    {PT2_DTYPE_U64, PT2__DL_UINT, 64},
    {PT2_DTYPE_I8, PT2__DL_INT, 8},
    {PT2_DTYPE_I16, PT2__DL_INT, 16},
    {PT2_DTYPE_I32, PT2__DL_INT, 32},
    {PT2_DTYPE_I64, PT2__DL_INT, 64},
    {PT2_DTYPE_F16, PT2__DL_FLOAT, 16},
    {PT2_DTYPE_F32, PT2__DL_FLOAT, 32},
    {PT2_DTYPE_F64, PT2__DL_FLOAT, 64},
    {PT2_DTYPE_BF16, PT2__DL_BFLOAT, 16},
    {PT2_DTYPE_COMPLEX32, PT2__DL_COMPLEX, 32},
    {PT2_DTYPE_COMPLEX64, PT2__DL_COMPLEX, 64},
    {PT2_DTYPE_COMPLEX128, PT2__DL_COMPLEX, 128},
    {PT2_DTYPE_BOOL, PT2__DL_BOOL, 8},
    {PT2_DTYPE_F8E4M3FN, PT2__DL_F8E4M3FN, 8},
    {PT2_DTYPE_F8E4M3FNUZ, PT2__DL_F8E4M3FNUZ, 8},
    {PT2_DTYPE_F8E5M2, PT2__DL_F8E5M2, 8},
    {PT2_DTYPE_F8E5M2FNUZ, PT2__DL_F8E5M2FNUZ, 8},
    {PT2_DTYPE_F8E8M0FNU, PT2__DL_F8E8M0FNU, 8},
};
#define DTYPE_COUNT (sizeof(dtypes) / sizeof(dtypes[0]))

// What DLPack calls a type of elements.
static const char* code_name(int code) {
  static const char* const names[] = {"int",
                                      "uint",
                                      "float",
                                      "opaque handle",
                                      "bfloat",
                                      "complex",
                                      "bool",
                                      "float8_e3m4",
                                      "float8_e4m3",
                                      "float8_e4m3b11fnuz",
                                      "float8_e4m3fn",
                                      "float8_e4m3fnuz",
                                      "float8_e5m2",
                                      "float8_e5m2fnuz",
                                      "float8_e8m0fnu",
                                      "float6_e2m3fn",
                                      "float6_e3m2fn",
                                      "float4_e2m1fn"};
  return (size_t)code < sizeof(names) / sizeof(names[0]) ? names[code]
                                                         : "unknown";
}

static pt2_status_t find_dtype(pt2__dl_dtype_t from, int32_t* out_dtype) {
  if (from.lanes != 1) {
    return PT2_FAIL(PT2_STATUS_UNSUPPORTED,
                    "DLPack: elements of %d lanes (%s, %d bits each) are not "
                    "supported",
                    from.lanes, code_name(from.code), from.bits);
  }
  for (size_t i = 0; i < DTYPE_COUNT; ++i) {
    if (dtypes[i].code == from.code && dtypes[i].bits == from.bits) {
      *out_dtype = dtypes[i].dtype;
      return PT2_STATUS_OK;
    }
  }
  return PT2_FAIL(PT2_STATUS_UNSUPPORTED,
                  "DLPack: dtype %s (code %d) of %d bits is not supported",
                  code_name(from.code), from.code, from.bits);
}

static pt2_status_t find_dl_dtype(int32_t dtype, pt2__dl_dtype_t* out_dtype) {
  for (size_t i = 0; i < DTYPE_COUNT; ++i) {
    if (dtypes[i].dtype == dtype) {
      *out_dtype = (pt2__dl_dtype_t){
          .code = dtypes[i].code, .bits = dtypes[i].bits, .lanes = 1};
      return PT2_STATUS_OK;
    }
  }
  return PT2_FAIL(PT2_STATUS_UNSUPPORTED, "DLPack has no dtype for %s",
                  pt2_dtype_name(dtype));
}

// ---- Import ----------------------------------------------------------------

static const char* device_name(int32_t type) {
  switch (type) {
    case 2:
      return "cuda";
    case 3:
      return "cuda pinned memory";
    case 8:
      return "metal";
    case 10:
      return "rocm";
    case 11:
      return "rocm pinned memory";
    case 13:
      return "cuda managed memory";
    case 14:
      return "oneapi";
    default:
      return "another device";
  }
}

static pt2_status_t check_shape(const pt2__dl_tensor_t* from) {
  if (from->device.type != PT2__DL_CPU) {
    return PT2_FAIL(PT2_STATUS_UNSUPPORTED,
                    "DLPack: the tensor is on %s (device type %d), expected "
                    "the cpu",
                    device_name(from->device.type), from->device.type);
  }
  if (from->ndim < 0 || from->ndim > PT2__MAX_RANK) {
    return PT2_FAIL(PT2_STATUS_UNSUPPORTED,
                    "DLPack: a tensor has 0 to %d dimensions, not %d",
                    PT2__MAX_RANK, from->ndim);
  }
  if (from->ndim > 0 && from->shape == NULL) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                    "DLPack: shape is NULL for %d dimensions", from->ndim);
  }
  return PT2_STATUS_OK;
}

// Copies the strides; those that no element depends on become harmless.
static pt2_status_t read_strides(const pt2__dl_tensor_t* from, int64_t numel,
                                 int64_t* strides) {
  pt2__sizes_contiguous_strides(from->ndim, from->shape, strides);
  for (int32_t i = 0; from->strides != NULL && numel > 0 && i < from->ndim;
       ++i) {
    if (from->shape[i] > 1 && from->strides[i] < 0) {
      return PT2_FAIL(PT2_STATUS_UNSUPPORTED,
                      "DLPack: stride %lld of dimension %d is negative; copy "
                      "the tensor first",
                      (long long)from->strides[i], i);
    }
    if (from->shape[i] > 1 || from->strides[i] > 0) {
      strides[i] = from->strides[i];
    }
  }
  return PT2_STATUS_OK;
}

static pt2_status_t check_address(const pt2__dl_tensor_t* from, int32_t dtype,
                                  int64_t numel, void** out_data) {
  *out_data = NULL;
  if (numel == 0) {
    return PT2_STATUS_OK;
  }
  if (from->data == NULL) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                    "DLPack: data is NULL for a tensor of %lld elements",
                    (long long)numel);
  }
  // A complex number is aligned as its parts are.
  size_t alignment = pt2__dtype_bytes(dtype);
  if (pt2__dtype_is_complex(dtype)) {
    alignment /= 2;
  }
  uintptr_t address = (uintptr_t)from->data + (uintptr_t)from->byte_offset;
  if (address % alignment != 0) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                    "DLPack: the data lies at an address that is no multiple "
                    "of %zu, as %s wants it (byte_offset %llu)",
                    alignment, pt2_dtype_name(dtype),
                    (unsigned long long)from->byte_offset);
  }
  *out_data = (char*)from->data + from->byte_offset;
  return PT2_STATUS_OK;
}

// A tensor over |from|'s memory; |out_storage| is its storage, borrowed, for
// the deleter that the caller sets.
static pt2_status_t import(const pt2__dl_tensor_t* from,
                           pt2_tensor_t** out_tensor) {
  int32_t dtype = PT2_DTYPE_UNDEFINED;
  PT2_TRY(check_shape(from));
  PT2_TRY(find_dtype(from->dtype, &dtype));
  int64_t numel;
  size_t bytes = 0;
  char text[256];
  if (!pt2__sizes_numel(from->ndim, from->shape, &numel)) {
    return PT2_FAIL(
        PT2_STATUS_INVALID_ARGUMENT,
        "DLPack: sizes %s are negative or too large",
        pt2__sizes_format(from->ndim, from->shape, text, sizeof(text)));
  }
  int64_t strides[PT2__MAX_RANK];
  PT2_TRY(read_strides(from, numel, strides));
  if (!pt2__sizes_storage_bytes(from->ndim, from->shape, strides, 0,
                                pt2__dtype_bytes(dtype), &bytes)) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                    "DLPack: strides %s reach outside of what can be addressed",
                    pt2__sizes_format(from->ndim, strides, text, sizeof(text)));
  }
  void* data;
  PT2_TRY(check_address(from, dtype, numel, &data));
  pt2__storage_t* storage = NULL;
  PT2_TRY(pt2__storage_from_blob(data, bytes, PT2_DEVICE_CPU, 0, NULL, NULL,
                                 &storage));
  pt2_status_t status = pt2__tensor_over(storage, dtype, from->ndim,
                                         from->shape, strides, 0, out_tensor);
  pt2__storage_release(storage);
  return status;
}

static pt2_status_t check_arguments(const void* managed,
                                    pt2_tensor_t** out_tensor) {
  if (managed == NULL || out_tensor == NULL) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                    "managed and out_tensor may not be NULL");
  }
  return PT2_STATUS_OK;
}

static void delete_versioned(void* user, void* data) {
  (void)data;
  struct DLManagedTensorVersioned* managed = user;
  if (managed->deleter != NULL) {
    managed->deleter(managed);
  }
}

static void delete_legacy(void* user, void* data) {
  (void)data;
  struct DLManagedTensor* managed = user;
  if (managed->deleter != NULL) {
    managed->deleter(managed);
  }
}

pt2_status_t pt2_tensor_from_dlpack(struct DLManagedTensorVersioned* managed,
                                    pt2_tensor_t** out_tensor) {
  pt2__error_begin();
  PT2_TRY(check_arguments(managed, out_tensor));
  if (managed->version.major != PT2__DL_MAJOR) {
    return PT2_FAIL(PT2_STATUS_UNSUPPORTED,
                    "DLPack: the tensor is of version %u.%u, expected 1.x",
                    managed->version.major, managed->version.minor);
  }
  PT2_TRY(import(&managed->tensor, out_tensor));
  pt2__storage_t* storage = (*out_tensor)->storage;
  storage->read_only = (managed->flags & PT2__DL_READ_ONLY) != 0;
  storage->deleter = delete_versioned;
  storage->user = managed;
  return PT2_STATUS_OK;
}

pt2_status_t pt2_tensor_from_dlpack_legacy(struct DLManagedTensor* managed,
                                           pt2_tensor_t** out_tensor) {
  pt2__error_begin();
  PT2_TRY(check_arguments(managed, out_tensor));
  PT2_TRY(import(&managed->tensor, out_tensor));
  (*out_tensor)->storage->deleter = delete_legacy;
  (*out_tensor)->storage->user = managed;
  return PT2_STATUS_OK;
}

// ---- Export ----------------------------------------------------------------

// One block: what the consumer sees, and a tensor of our own that keeps the
// memory, the sizes and the strides.
typedef struct {
  struct DLManagedTensorVersioned managed;
  pt2_tensor_t* tensor;
} export_t;

typedef struct {
  struct DLManagedTensor managed;
  pt2_tensor_t* tensor;
} legacy_export_t;

static void end_export(struct DLManagedTensorVersioned* managed) {
  if (managed != NULL) {
    export_t* block = managed->context;
    pt2__tensor_release(block->tensor);
    pt2__free(block);
  }
}

static void end_legacy_export(struct DLManagedTensor* managed) {
  if (managed != NULL) {
    legacy_export_t* block = managed->context;
    pt2__tensor_release(block->tensor);
    pt2__free(block);
  }
}

// Describes |tensor|, and makes the alias whose memory |to| points at.
static pt2_status_t export(const pt2_tensor_t* tensor, pt2__dl_tensor_t* to,
                           pt2_tensor_t** out_alias) {
  if (tensor->device_type != PT2_DEVICE_CPU ||
      tensor->layout != PT2_LAYOUT_STRIDED) {
    return PT2_FAIL(PT2_STATUS_UNSUPPORTED,
                    "DLPack: a strided tensor on the cpu is expected");
  }
  *to = (pt2__dl_tensor_t){
      .data = tensor->data,
      .device = {.type = PT2__DL_CPU},
      .ndim = tensor->rank,
  };
  PT2_TRY(find_dl_dtype(tensor->dtype, &to->dtype));
  PT2_TRY(pt2__tensor_alias(tensor, out_alias));
  to->shape = (*out_alias)->sizes;
  to->strides = (*out_alias)->strides;
  return PT2_STATUS_OK;
}

static pt2_status_t check_export(const pt2_tensor_t* tensor,
                                 const void* out_managed) {
  if (!pt2__tensor_is_defined(tensor) || out_managed == NULL) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                    "tensor and out_managed may not be NULL");
  }
  return PT2_STATUS_OK;
}

pt2_status_t pt2_tensor_to_dlpack(
    const pt2_tensor_t* tensor, struct DLManagedTensorVersioned** out_managed) {
  pt2__error_begin();
  PT2_TRY(check_export(tensor, out_managed));
  export_t* block = pt2__calloc(1, sizeof(*block));
  if (block == NULL) {
    return PT2_OUT_OF_MEMORY(sizeof(*block));
  }
  pt2_status_t status = export(tensor, &block->managed.tensor, &block->tensor);
  if (status != PT2_STATUS_OK) {
    pt2__free(block);
    return status;
  }
  block->managed.version.major = PT2__DL_MAJOR;
  block->managed.version.minor = PT2__DL_MINOR;
  block->managed.context = block;
  block->managed.deleter = end_export;
  block->managed.flags =
      pt2_tensor_is_read_only(tensor) ? PT2__DL_READ_ONLY : 0;
  *out_managed = &block->managed;
  return PT2_STATUS_OK;
}

pt2_status_t pt2_tensor_to_dlpack_legacy(const pt2_tensor_t* tensor,
                                         struct DLManagedTensor** out_managed) {
  pt2__error_begin();
  PT2_TRY(check_export(tensor, out_managed));
  if (pt2_tensor_is_read_only(tensor)) {
    return PT2_FAIL(PT2_STATUS_FAILED_PRECONDITION,
                    "DLPack: the tensor may only be read, which only the "
                    "struct with a version can say; clone it");
  }
  legacy_export_t* block = pt2__calloc(1, sizeof(*block));
  if (block == NULL) {
    return PT2_OUT_OF_MEMORY(sizeof(*block));
  }
  pt2_status_t status = export(tensor, &block->managed.tensor, &block->tensor);
  if (status != PT2_STATUS_OK) {
    pt2__free(block);
    return status;
  }
  block->managed.context = block;
  block->managed.deleter = end_legacy_export;
  *out_managed = &block->managed;
  return PT2_STATUS_OK;
}
