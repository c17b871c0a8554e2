// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/kernels/elementwise/mask.h"

#include <string.h>

int64_t pt2__mask_count(const uint8_t* mask, int64_t count) {
  int64_t total = 0;
  while (count > 0) {
    // As many as a byte can count.
    int64_t block = count < 255 * 64 ? count : 255 * 64;
    uint8_t sums[64] = {0};
    int64_t i = 0;
    for (; i + 64 <= block; i += 64) {
      for (int j = 0; j < 64; ++j) {
        sums[j] = (uint8_t)(sums[j] + (mask[i + j] != 0));
      }
    }
    for (; i < block; ++i) {
      total += mask[i] != 0;
    }
    for (int j = 0; j < 64; ++j) {
      total += sums[j];
    }
    mask += block;
    count -= block;
  }
  return total;
}

// Without a branch for each element: every one is copied, and the next one
// takes its place unless it was chosen.
#define GATHER(type)                       \
  {                                        \
    const type* from = source;             \
    type* to = target;                     \
    for (int64_t n = 0; n < chosen; ++i) { \
      to[n] = from[i];                     \
      n += mask[i] != 0;                   \
    }                                      \
    return;                                \
  }

void pt2__mask_gather(const uint8_t* mask, int64_t chosen, int64_t bytes,
                      const void* source, void* target) {
  int64_t i = 0;
  switch (bytes) {
    case 1:
      GATHER(uint8_t)
    case 2:
      GATHER(uint16_t)
    case 4:
      GATHER(uint32_t)
    case 8:
      GATHER(uint64_t)
    default:
      break;
  }
  char* to = target;
  for (int64_t n = 0; n < chosen; ++i) {
    memcpy(to + n * bytes, (const char*)source + i * bytes, (size_t)bytes);
    n += mask[i] != 0;
  }
}

#define SCATTER(type)                         \
  {                                           \
    const type* from = source;                \
    type* to = target;                        \
    for (int64_t n = 0; n < chosen; ++i) {    \
      to[i] = mask[i] != 0 ? from[n] : to[i]; \
      n += mask[i] != 0;                      \
    }                                         \
    return;                                   \
  }

void pt2__mask_scatter(const uint8_t* mask, int64_t chosen, int64_t bytes,
                       const void* source, void* target) {
  int64_t i = 0;
  switch (bytes) {
    case 1:
      SCATTER(uint8_t)
    case 2:
      SCATTER(uint16_t)
    case 4:
      SCATTER(uint32_t)
    case 8:
      SCATTER(uint64_t)
    default:
      break;
  }
  const char* from = source;
  for (int64_t n = 0; n < chosen; ++i) {
    if (mask[i] != 0) {
      memcpy((char*)target + i * bytes, from + n++ * bytes, (size_t)bytes);
    }
  }
}

static pt2_status_t select_dense(const pt2_tensor_t* self,
                                 const pt2_tensor_t* mask, int64_t at_least,
                                 int64_t* out_chosen,
                                 pt2_tensor_t** out_result) {
  pt2_tensor_t* result;
  int64_t chosen = pt2__mask_count(mask->data, mask->numel);
  int64_t size = chosen > at_least ? chosen : at_least;
  PT2_TRY(pt2__tensor_empty(self->dtype, 1, &size, NULL, &result));
  int64_t bytes = (int64_t)pt2_dtype_size_bytes(self->dtype);
  pt2__mask_gather(mask->data, chosen, bytes, self->data, result->data);
  if (size > chosen) {
    memset((char*)result->data + chosen * bytes, 0,
           (size_t)((size - chosen) * bytes));
  }
  *out_chosen = chosen;
  *out_result = result;
  return PT2_STATUS_OK;
}

static bool is_selectable(int32_t dtype) {
  return dtype != PT2_DTYPE_U16 && dtype != PT2_DTYPE_U32 &&
         dtype != PT2_DTYPE_U64;
}

pt2_status_t pt2__mask_select(const char* name, const pt2_tensor_t* self,
                              const pt2_tensor_t* mask, int64_t at_least,
                              int64_t* out_chosen, pt2_tensor_t** out_result) {
  pt2_tensor_t *wide_self, *wide_mask;
  PT2_OP_CHECK_TENSOR(self, "self");
  PT2_OP_CHECK(is_selectable(self->dtype),
               "\"masked_select\" not implemented for '%s'",
               pt2__dtype_torch_name(self->dtype));
  PT2_TRY(pt2__mask_expand(name, self, mask, &wide_self, &wide_mask));
  pt2_tensor_t *dense_self = NULL, *dense_mask = NULL;
  pt2_status_t status = pt2__tensor_contiguous(wide_self, &dense_self);
  if (status == PT2_STATUS_OK) {
    status = pt2__tensor_contiguous(wide_mask, &dense_mask);
  }
  if (status == PT2_STATUS_OK) {
    status =
        select_dense(dense_self, dense_mask, at_least, out_chosen, out_result);
  }
  pt2__tensor_release(dense_mask);
  pt2__tensor_release(dense_self);
  pt2__tensor_release(wide_mask);
  pt2__tensor_release(wide_self);
  return status;
}
