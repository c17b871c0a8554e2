// SPDX-License-Identifier: Apache-2.0
//
// What of DLPack is looked into here: the version and the deleter of a managed
// tensor, and the table of C functions that a type offers for its tensors
// (DLPack 1.3). Written here since the module must build where no dlpack.h is.
#ifndef PT2_PYTHON_DLPACK_ABI_H_
#define PT2_PYTHON_DLPACK_ABI_H_

#include <stdint.h>

enum { DL_MAJOR = 1, DL_CPU = 1 };

typedef struct {
  void* data;
  int32_t device_type;
  int32_t device_id;
  int32_t ndim;
  uint8_t code;
  uint8_t bits;
  uint16_t lanes;
  int64_t* shape;
  int64_t* strides;
  uint64_t byte_offset;
} dl_tensor_t;

struct DLManagedTensor {
  dl_tensor_t tensor;
  void* context;
  void (*deleter)(struct DLManagedTensor* self);
};

struct DLManagedTensorVersioned {
  uint32_t major;
  uint32_t minor;
  void* context;
  void (*deleter)(struct DLManagedTensorVersioned* self);
  uint64_t flags;
  dl_tensor_t tensor;
};

// Functions return 0, or -1 with a Python exception set.
typedef struct dl_exchange_t {
  uint32_t major;
  uint32_t minor;
  struct dl_exchange_t* previous;  // of an older major version
  void* allocator;
  int (*from_object)(void* object, struct DLManagedTensorVersioned** out);
  int (*to_object)(struct DLManagedTensorVersioned* managed, void** out);
  void* view_from_object;
  void* current_stream;
} dl_exchange_t;

#if UINTPTR_MAX == UINT64_MAX
_Static_assert(sizeof(dl_tensor_t) == 48, "DLTensor");
_Static_assert(sizeof(struct DLManagedTensor) == 64, "DLManagedTensor");
_Static_assert(sizeof(struct DLManagedTensorVersioned) == 80,
               "DLManagedTensorVersioned");
_Static_assert(sizeof(dl_exchange_t) == 56, "DLPackExchangeAPI");
#endif

#endif  // PT2_PYTHON_DLPACK_ABI_H_
