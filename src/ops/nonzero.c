// SPDX-License-Identifier: Apache-2.0
#include "base/memory.h"
#include "ops/index.h"

// Elements that are looked at together.
#define CHUNK 1024

// Whether each of |count| elements from |first| on is not zero; |room| has
// CHUNK bytes for it.
static const uint8_t* find_set(const pt2_tensor_t* dense, int64_t first,
                               int64_t count, uint8_t* room) {
#define FIND(type, IS_SET)                                              \
  {                                                                     \
    const type* values = (const type*)(const void*)dense->data + first; \
    for (int64_t i = 0; i < count; ++i) {                               \
      const type value = values[i];                                     \
      room[i] = (IS_SET);                                               \
    }                                                                   \
    return room;                                                        \
  }
  const size_t bytes = pt2_dtype_size_bytes(dense->dtype);
  switch (dense->dtype) {
    case PT2_DTYPE_F16:
    case PT2_DTYPE_BF16:
      // Both zeros, without the sign.
      FIND(uint16_t, (value & 0x7fff) != 0)
    case PT2_DTYPE_F32:
      FIND(float, value != 0)
    case PT2_DTYPE_F64:
      FIND(double, value != 0)
    case PT2_DTYPE_I16:
      FIND(int16_t, value != 0)
    case PT2_DTYPE_I32:
      FIND(int32_t, value != 0)
    case PT2_DTYPE_I64:
      FIND(int64_t, value != 0)
    default:
      break;
  }
#undef FIND
  const char* data = (const char*)dense->data + (size_t)first * bytes;
  if (bytes == 1) {
    return (const uint8_t*)data;
  }
  for (int64_t i = 0; i < count; ++i) {
    double parts[2];
    pt2__element_get_complex(dense->dtype, data + (size_t)i * bytes, parts);
    room[i] = parts[0] != 0 || parts[1] != 0;
  }
  return room;
}

// A part of the elements, one thread's.
typedef struct {
  int64_t begin;
  int64_t end;
  int64_t count;   // that are not zero
  int64_t before;  // of the parts before
} part_t;

static void count_part(const pt2_tensor_t* dense, part_t* part) {
  uint8_t room[CHUNK];
  int64_t count = 0;
  for (int64_t first = part->begin; first < part->end; first += CHUNK) {
    const int64_t left = part->end - first, some = left < CHUNK ? left : CHUNK;
    const uint8_t* set = find_set(dense, first, some, room);
    for (int64_t i = 0; i < some; ++i) {
      count += set[i] != 0;
    }
  }
  part->count = count;
}

// Brings what is too much in the last dimension into those before.
static void carry(const pt2_tensor_t* dense, int64_t* position) {
  for (int64_t d = dense->rank - 1; d > 0 && position[d] >= dense->sizes[d];
       --d) {
    position[d - 1] += position[d] / dense->sizes[d];
    position[d] %= dense->sizes[d];
  }
}

// Writes the places of a part to columns of |total|. Which elements are set
// cannot be foreseen: their offsets are collected without a branch.
static void write_part(const pt2_tensor_t* dense, const part_t* part,
                       int64_t total, int64_t* places) {
  uint8_t room[CHUNK];
  int32_t offsets[CHUNK];
  const int64_t last = dense->rank - 1;
  int64_t position[PT2__MAX_RANK] = {0};
  int64_t at = part->begin, done = 0;
  position[last] = at;
  carry(dense, position);
  places += part->before;
  for (int64_t first = part->begin; first < part->end; first += CHUNK) {
    const int64_t left = part->end - first, some = left < CHUNK ? left : CHUNK;
    const uint8_t* set = find_set(dense, first, some, room);
    int64_t kept = 0;
    for (int32_t i = 0; i < some; ++i) {
      offsets[kept] = i;
      kept += set[i] != 0;
    }
    for (int64_t i = 0; i < kept && done < part->count; ++i, ++done) {
      position[last] += first + offsets[i] - at;
      at = first + offsets[i];
      if (position[last] >= dense->sizes[last]) {
        carry(dense, position);
      }
      for (int64_t d = 0; d <= last; ++d) {
        places[d * total + done] = position[d];
      }
    }
  }
}

// Counts what is set in each of |threads| parts, makes the result and fills it.
static pt2_status_t find_places(const pt2_tensor_t* dense, int threads,
                                part_t* parts, pt2_tensor_t** out_places) {
  int64_t total = 0;
#pragma omp parallel for num_threads(threads) if (threads > 1)
  for (int t = 0; t < threads; ++t) {
    parts[t].begin = dense->numel * t / threads;
    parts[t].end = dense->numel * (t + 1) / threads;
    count_part(dense, &parts[t]);
  }
  for (int t = 0; t < threads; ++t) {
    parts[t].before = total;
    total += parts[t].count;
  }
  const int64_t sizes[2] = {total, dense->rank};
  // Column after column, as torch lays them out.
  const int64_t strides[2] = {1, total};
  pt2_tensor_t* places;
  PT2_TRY(pt2__tensor_empty(PT2_DTYPE_I64, 2, sizes, strides, &places));
  if (total > 0 && dense->rank > 0) {
#pragma omp parallel for num_threads(threads) if (threads > 1)
    for (int t = 0; t < threads; ++t) {
      write_part(dense, &parts[t], total, places->data);
    }
  }
  *out_places = places;
  return PT2_STATUS_OK;
}

pt2_status_t pt2__op_nonzero(const pt2_tensor_t* tensor,
                             pt2_tensor_t** out_places) {
  pt2_tensor_t* dense;
  PT2_TRY(pt2__tensor_contiguous(tensor, &dense));
  const int threads = pt2__op_threads(dense->numel);
  const size_t bytes = (size_t)threads * sizeof(part_t);
  part_t one, *parts = threads > 1 ? pt2__malloc(bytes) : &one;
  pt2_status_t status = parts == NULL
                            ? PT2_OUT_OF_MEMORY(bytes)
                            : find_places(dense, threads, parts, out_places);
  if (parts != &one) {
    pt2__free(parts);
  }
  pt2__tensor_release(dense);
  return status;
}
