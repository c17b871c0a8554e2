// SPDX-License-Identifier: Apache-2.0
//
// Elements become unsigned keys in the same order, so that one sort does for
// all dtypes: keys of up to 32 bits are packed with their place into 64, wider
// ones make a pair.
#include "backends/cpu/kernels/sort.h"

#include <omp.h>
#include <string.h>

#include "backends/cpu/kernels/sort_key.h"

typedef struct {
  uint64_t key;
  uint64_t place;
} pair_t;

#define ITEM uint64_t
#define KEY(x) ((x) >> 32)
#define LESS(a, b) ((a) < (b))
#define NAME(x) x##_packed
#include "backends/cpu/kernels/sort.inc"

#define ITEM pair_t
#define KEY(x) ((x).key)
#define LESS(a, b) \
  ((a).key < (b).key || ((a).key == (b).key && (a).place < (b).place))
#define NAME(x) x##_pair
#include "backends/cpu/kernels/sort.inc"

typedef struct {
  const pt2_tensor_t* self;
  pt2_tensor_t* values;
  pt2_tensor_t* indices;
  int64_t dim;
  int64_t length;
  int64_t count;
  bool descending;
  int bits;
  int64_t bytes;
} sort_t;

static bool is_packed(const sort_t* sort) {
  return sort->bits <= 32 && sort->length <= INT64_C(1) << 32;
}

static void load_packed(const sort_t* sort, const char* row, int64_t stride,
                        uint64_t* items) {
  // What descends is sorted by the complement of its keys.
  uint64_t flip = sort->descending ? (UINT64_C(1) << sort->bits) - 1 : 0;
#define LOAD(type, key_of)                                          \
  for (int64_t i = 0; i < sort->length; ++i) {                      \
    uint64_t key = key_of(*(const type*)(row + i * stride)) ^ flip; \
    items[i] = key << 32 | (uint64_t)i;                             \
  }
  PT2__KEY_DISPATCH(sort->self->dtype, LOAD)
#undef LOAD
}

static void load_pairs(const sort_t* sort, const char* row, int64_t stride,
                       pair_t* items) {
  uint64_t flip =
      sort->descending ? UINT64_MAX >> (64 - sort->bits) : UINT64_C(0);
#define LOAD(type, key_of)                                          \
  for (int64_t i = 0; i < sort->length; ++i) {                      \
    items[i].key = key_of(*(const type*)(row + i * stride)) ^ flip; \
    items[i].place = (uint64_t)i;                                   \
  }
  PT2__KEY_DISPATCH(sort->self->dtype, LOAD)
#undef LOAD
}

// Where few are wanted, a heap of them is cheaper than a sort of all.
static bool selects(const sort_t* sort) {
  return sort->count * 16 <= sort->length;
}

static void store(const sort_t* sort, const char* row, int64_t stride,
                  const uint64_t* places, int64_t step, uint64_t mask,
                  char* values, int64_t* indices) {
  int64_t value_stride = sort->values->rank > 0
                             ? sort->values->strides[sort->dim] * sort->bytes
                             : 0;
  int64_t index_stride =
      sort->indices->rank > 0 ? sort->indices->strides[sort->dim] : 0;
#define STORE(type)                                     \
  for (int64_t i = 0; i < sort->count; ++i) {           \
    int64_t place = (int64_t)(places[i * step] & mask); \
    *(type*)(values + i * value_stride) =               \
        *(const type*)(row + place * stride);           \
    indices[i * index_stride] = place;                  \
  }                                                     \
  break
  switch (sort->bytes) {
    case 1:
      STORE(uint8_t);
    case 2:
      STORE(uint16_t);
    case 4:
      STORE(uint32_t);
    default:
      STORE(uint64_t);
  }
#undef STORE
}

static void sort_row(const sort_t* sort, const char* row, char* values,
                     int64_t* indices, void* scratch) {
  int64_t stride =
      sort->self->rank > 0 ? sort->self->strides[sort->dim] * sort->bytes : 0;
  int64_t length = sort->length;
  if (is_packed(sort)) {
    uint64_t* items = scratch;
    load_packed(sort, row, stride, items);
    if (selects(sort)) {
      select_heap_packed(items, length, sort->count);
      length = sort->count;
    }
    sort_packed(items, items + sort->length, length, sort->bits);
    store(sort, row, stride, items, 1, UINT32_MAX, values, indices);
    return;
  }
  pair_t* items = scratch;
  load_pairs(sort, row, stride, items);
  if (selects(sort)) {
    select_heap_pair(items, length, sort->count);
    length = sort->count;
  }
  sort_pair(items, items + sort->length, length, sort->bits);
  store(sort, row, stride, &items[0].place, 2, UINT64_MAX, values, indices);
}

// The offsets of row |number| in elements, for all dimensions but |dim|.
static void row_offsets(const sort_t* sort, int64_t number, int64_t* self,
                        int64_t* values, int64_t* indices) {
  *self = *values = *indices = 0;
  for (int64_t d = sort->self->rank - 1; d >= 0; --d) {
    if (d == sort->dim) {
      continue;
    }
    int64_t at = number % sort->self->sizes[d];
    number /= sort->self->sizes[d];
    *self += at * sort->self->strides[d];
    *values += at * sort->values->strides[d];
    *indices += at * sort->indices->strides[d];
  }
}

static pt2_status_t sort_rows(const sort_t* sort, int64_t rows) {
  size_t item = is_packed(sort) ? sizeof(uint64_t) : sizeof(pair_t);
  size_t bytes = 2 * item * (size_t)sort->length;
  int64_t threads = pt2__op_threads(rows * sort->length * 8);
  threads = threads < rows ? threads : rows;
  char* scratch = pt2__pool_alloc(bytes * (size_t)threads);
  if (scratch == NULL) {
    return PT2_OUT_OF_MEMORY(bytes * (size_t)threads);
  }
#pragma omp parallel for num_threads((int)threads) if (threads > 1)
  for (int64_t i = 0; i < rows; ++i) {
    int64_t self, values, indices;
    row_offsets(sort, i, &self, &values, &indices);
    sort_row(sort, (const char*)sort->self->data + self * sort->bytes,
             (char*)sort->values->data + values * sort->bytes,
             (int64_t*)sort->indices->data + indices,
             scratch + bytes * (size_t)omp_get_thread_num());
  }
  pt2__pool_free(scratch, bytes * (size_t)threads);
  return PT2_STATUS_OK;
}

pt2_status_t pt2__sort(const pt2_tensor_t* self, int64_t dim, int64_t count,
                       bool descending, pt2_tensor_t* values,
                       pt2_tensor_t* indices) {
  sort_t sort = {.self = self,
                 .values = values,
                 .indices = indices,
                 .dim = dim,
                 .length = self->rank > 0 ? self->sizes[dim] : 1,
                 .count = count,
                 .descending = descending,
                 .bits = pt2__key_bits(self->dtype),
                 .bytes = (int64_t)pt2_dtype_size_bytes(self->dtype)};
  PT2_OP_CHECK(sort.bits != 0, "\"sort\" not implemented for '%s'",
               pt2__dtype_torch_name(self->dtype));
  if (values->numel == 0) {
    return PT2_STATUS_OK;
  }
  return sort_rows(&sort, self->numel / sort.length);
}
