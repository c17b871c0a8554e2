// SPDX-License-Identifier: Apache-2.0
//
// Managed tensors of DLPack that nobody took.
#include "pt2/dlpack.h"
#include "tensor/dlpack_abi.h"

void pt2_dlpack_destroy(struct DLManagedTensorVersioned* managed) {
  if (managed != NULL && managed->deleter != NULL) {
    managed->deleter(managed);
  }
}

void pt2_dlpack_destroy_legacy(struct DLManagedTensor* managed) {
  if (managed != NULL && managed->deleter != NULL) {
    managed->deleter(managed);
  }
}
