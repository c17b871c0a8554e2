// SPDX-License-Identifier: Apache-2.0
//
// DLPack's structs and numbers, as its standard lays them out; written here
// since the library must build where no dlpack.h is.
#ifndef PT2_SRC_TENSOR_DLPACK_ABI_H_
#define PT2_SRC_TENSOR_DLPACK_ABI_H_

#include <stddef.h>
#include <stdint.h>

enum { PT2__DL_MAJOR = 1, PT2__DL_MINOR = 1 };

enum { PT2__DL_CPU = 1 };

enum {
  PT2__DL_INT = 0,
  PT2__DL_UINT = 1,
  PT2__DL_FLOAT = 2,
  PT2__DL_OPAQUE = 3,
  PT2__DL_BFLOAT = 4,
  PT2__DL_COMPLEX = 5,
  PT2__DL_BOOL = 6,
  PT2__DL_F8E3M4 = 7,
  PT2__DL_F8E4M3 = 8,
  PT2__DL_F8E4M3B11FNUZ = 9,
  PT2__DL_F8E4M3FN = 10,
  PT2__DL_F8E4M3FNUZ = 11,
  PT2__DL_F8E5M2 = 12,
  PT2__DL_F8E5M2FNUZ = 13,
  PT2__DL_F8E8M0FNU = 14,
  PT2__DL_F6E2M3FN = 15,
  PT2__DL_F6E3M2FN = 16,
  PT2__DL_F4E2M1FN = 17,
};

enum { PT2__DL_READ_ONLY = 1 };

typedef struct {
  uint8_t code;
  uint8_t bits;
  uint16_t lanes;
} pt2__dl_dtype_t;

typedef struct {
  void* data;
  struct {
    int32_t type;
    int32_t id;
  } device;
  int32_t ndim;
  pt2__dl_dtype_t dtype;
  int64_t* shape;
  int64_t* strides;
  uint64_t byte_offset;
} pt2__dl_tensor_t;

struct DLManagedTensor {
  pt2__dl_tensor_t tensor;
  void* context;
  void (*deleter)(struct DLManagedTensor* self);
};

struct DLManagedTensorVersioned {
  struct {
    uint32_t major;
    uint32_t minor;
  } version;
  void* context;
  void (*deleter)(struct DLManagedTensorVersioned* self);
  uint64_t flags;
  pt2__dl_tensor_t tensor;
};

#if UINTPTR_MAX == UINT64_MAX
_Static_assert(sizeof(pt2__dl_tensor_t) == 48, "DLTensor");
_Static_assert(offsetof(pt2__dl_tensor_t, dtype) == 20, "DLTensor.dtype");
_Static_assert(offsetof(pt2__dl_tensor_t, byte_offset) == 40,
               "DLTensor.byte_offset");
_Static_assert(sizeof(struct DLManagedTensor) == 64, "DLManagedTensor");
_Static_assert(offsetof(struct DLManagedTensorVersioned, flags) == 24,
               "DLManagedTensorVersioned.flags");
_Static_assert(sizeof(struct DLManagedTensorVersioned) == 80,
               "DLManagedTensorVersioned");
#endif

#endif  // PT2_SRC_TENSOR_DLPACK_ABI_H_
