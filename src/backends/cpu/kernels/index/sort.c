// SPDX-License-Identifier: Apache-2.0
//
// Elements become unsigned keys in the same order, so that one sort does for
// all dtypes: keys of up to 32 bits are packed with their place into 64, wider
// ones make a pair.
#include "backends/cpu/kernels/index/sort.h"

#include <omp.h>
#include <string.h>

#include "backends/cpu/kernels/index/sort_key.h"

typedef struct {
  uint64_t key;
  uint64_t place;
} pair_t;

#define ITEM uint64_t
#define KEY(x) ((x) >> 32)
#define LESS(a, b) ((a) < (b))
#define NAME(x) x##_packed
#include "backends/cpu/kernels/index/sort.inc"

static inline bool pair_less(pair_t a, pair_t b) {
#ifdef __SIZEOF_INT128__
  // As one number each: one subtraction, where what stands below is eight
  // instructions.
  __extension__ typedef unsigned __int128 whole_t;
  return ((whole_t)a.key << 64 | a.place) < ((whole_t)b.key << 64 | b.place);
#else
  return (a.key < b.key) | ((a.key == b.key) & (a.place < b.place));
#endif
}

#define ITEM pair_t
#define KEY(x) ((x).key)
#define LESS(a, b) pair_less(a, b)
#define NAME(x) x##_pair
#include "backends/cpu/kernels/index/sort.inc"

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

// What descends is sorted by the complement of its keys.
static uint64_t flip_of(const sort_t* sort) {
  return sort->descending ? UINT64_MAX >> (64 - sort->bits) : 0;
}

// Runs the statement for |key|, the key of element |i|, from |first| to |last|.
// Elements that lie side by side have a loop of their own, which becomes
// vectors.
#define EACH_KEY(type, key_of, first, last, statement)        \
  if (stride == (int64_t)sizeof(type)) {                      \
    const type* dense = (const type*)(const void*)row;        \
    for (int64_t i = first; i < (last); ++i) {                \
      type key = (type)(key_of(dense[i]) ^ (type)flip);       \
      statement;                                              \
    }                                                         \
  } else {                                                    \
    for (int64_t i = first; i < (last); ++i) {                \
      type x = *(const type*)(const void*)(row + i * stride); \
      type key = (type)(key_of(x) ^ (type)flip);              \
      statement;                                              \
    }                                                         \
  }

static void load_packed(const sort_t* sort, const char* row, int64_t stride,
                        int64_t count, uint64_t* items) {
  const uint64_t flip = flip_of(sort);
#define LOAD(type, key_of) \
  EACH_KEY(type, key_of, 0, count, items[i] = (uint64_t)key << 32 | (uint64_t)i)
  PT2__KEY_DISPATCH(sort->self->dtype, LOAD)
#undef LOAD
}

// The |count| first of the order, in any order: a heap of the best so far,
// whose top is what a new one must beat. Of equal keys the first to come is the
// first.
static void load_few_packed(const sort_t* sort, const char* row, int64_t stride,
                            int64_t count, uint64_t* items) {
  const uint64_t flip = flip_of(sort);
  load_packed(sort, row, stride, count, items);
  make_heap_packed(items, count);
  uint64_t worst = items[0] >> 32;
#define LOAD(type, key_of)                                               \
  EACH_KEY(                                                              \
      type, key_of, count, sort->length, if (key < worst) {              \
        sift_packed(items, count, 0, (uint64_t)key << 32 | (uint64_t)i); \
        worst = items[0] >> 32;                                          \
      })
  PT2__KEY_DISPATCH(sort->self->dtype, LOAD)
#undef LOAD
}

static void load_pair(const sort_t* sort, const char* row, int64_t stride,
                      int64_t count, pair_t* items) {
  const uint64_t flip = flip_of(sort);
#define LOAD(type, key_of) \
  EACH_KEY(type, key_of, 0, count, items[i] = ((pair_t){key, (uint64_t)i}))
  PT2__KEY_DISPATCH(sort->self->dtype, LOAD)
#undef LOAD
}

// The elements whose key is at most |most|; returns how many that are.
static int64_t load_below_pair(const sort_t* sort, const char* row,
                               int64_t stride, uint64_t most, pair_t* items) {
  const uint64_t flip = flip_of(sort);
  int64_t kept = 0;
#define LOAD(type, key_of)                             \
  EACH_KEY(type, key_of, 0, sort->length,              \
           items[kept] = ((pair_t){key, (uint64_t)i}); \
           kept += key <= most)
  PT2__KEY_DISPATCH(sort->self->dtype, LOAD)
#undef LOAD
  return kept;
}

static void load_few_pair(const sort_t* sort, const char* row, int64_t stride,
                          int64_t count, pair_t* items) {
  const uint64_t flip = flip_of(sort);
  load_pair(sort, row, stride, count, items);
  make_heap_pair(items, count);
  uint64_t worst = items[0].key;
#define LOAD(type, key_of)                                        \
  EACH_KEY(                                                       \
      type, key_of, count, sort->length, if (key < worst) {       \
        sift_pair(items, count, 0, ((pair_t){key, (uint64_t)i})); \
        worst = items[0].key;                                     \
      })
  PT2__KEY_DISPATCH(sort->self->dtype, LOAD)
#undef LOAD
}

// Puts |item|, which comes after all of |count - 1| sorted ones, among them.
static inline void insert_pair(pair_t* items, int64_t count, pair_t item) {
  int64_t at = count - 1;
  for (; at > 0 && item.key < items[at - 1].key; --at) {
    items[at] = items[at - 1];
  }
  items[at] = item;
}

// The same in order: in a short row, shifts cost less than a heap or a
// selection and the sort that follows.
static void insert_few_pair(const sort_t* sort, const char* row, int64_t stride,
                            int64_t count, pair_t* items) {
  const uint64_t flip = flip_of(sort);
  load_pair(sort, row, stride, count, items);
  for (int64_t i = 1; i < count; ++i) {
    insert_pair(items, i + 1, items[i]);
  }
  uint64_t worst = items[count - 1].key;
#define LOAD(type, key_of)                                       \
  EACH_KEY(                                                      \
      type, key_of, count, sort->length, if (key < worst) {      \
        insert_pair(items, count, ((pair_t){key, (uint64_t)i})); \
        worst = items[count - 1].key;                            \
      })
  PT2__KEY_DISPATCH(sort->self->dtype, LOAD)
#undef LOAD
}

// The |kept| first of |count| packed items, in order.
static void insert_few_packed(uint64_t* items, int64_t count, int64_t kept) {
  for (int64_t i = 1; i < count; ++i) {
    const uint64_t item = items[i];
    int64_t at = i < kept ? i : kept;
    if (at == kept) {
      if (item >= items[kept - 1]) {
        continue;
      }
      --at;
    }
    for (; at > 0 && item < items[at - 1]; --at) {
      items[at] = items[at - 1];
    }
    items[at] = item;
  }
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

// Where a heap is no longer small.
#define FEW 16
#define SHORT_ROW 64

// Elements of a sample, and how many of them are taken beyond the share that is
// wanted, so that nearly always enough come before the last of these.
#define SAMPLE 16
#define SPARE_SAMPLES 2

// Loads what may be among the first, all or more: where a small part is wanted,
// what a sample says is too late is left out. Returns how many it loaded.
static int64_t load_early_pair(const sort_t* sort, const char* row,
                               int64_t stride, pair_t* items) {
  int64_t length = sort->length, count = sort->count, kept = 0;
  if (length >= 16 * SAMPLE && count <= length / 4) {
    load_pair(sort, row, stride * (length / SAMPLE), SAMPLE, items);
    merge_sort_pair(items, items + SAMPLE, SAMPLE);
    uint64_t most = items[SAMPLE * count / length + SPARE_SAMPLES].key;
    kept = load_below_pair(sort, row, stride, most, items);
  }
  if (kept < count) {
    load_pair(sort, row, stride, length, items);
    kept = length;
  }
  return kept;
}

// Packed items are partitioned as fast.
static int64_t load_early_packed(const sort_t* sort, const char* row,
                                 int64_t stride, uint64_t* items) {
  load_packed(sort, row, stride, sort->length, items);
  return sort->length;
}

// Makes |items| begin with the wanted elements in order. To find what is wanted
// and to sort that is cheaper than a sort of all unless nearly all are; a few
// are collected in a heap.
#define DEFINE_SORT(suffix, item_t)                                       \
  static void sort_elements_##suffix(const sort_t* sort, const char* row, \
                                     int64_t stride, item_t* items) {     \
    int64_t length = sort->length, count = sort->count;                   \
    item_t* spare = items + length;                                       \
    if (count <= length / (count < FEW ? 8 : 64)) {                       \
      load_few_##suffix(sort, row, stride, count, items);                 \
      length = count;                                                     \
    } else {                                                              \
      length = load_early_##suffix(sort, row, stride, items);             \
      if (count < length - length / 4) {                                  \
        select_##suffix(items, spare, length, count);                     \
        length = count;                                                   \
      }                                                                   \
    }                                                                     \
    sort_##suffix(items, spare, length, sort->bits);                      \
  }
DEFINE_SORT(packed, uint64_t)
DEFINE_SORT(pair, pair_t)

static void sort_row(const sort_t* sort, const char* row, char* values,
                     int64_t* indices, void* scratch) {
  int64_t stride =
      sort->self->rank > 0 ? sort->self->strides[sort->dim] * sort->bytes : 0;
  if (is_packed(sort)) {
    uint64_t* items = scratch;
    if (sort->count > 0 && (sort->length <= FEW ||
                            (sort->count < FEW && sort->length <= SHORT_ROW))) {
      load_packed(sort, row, stride, sort->length, items);
      insert_few_packed(items, sort->length, sort->count);
    } else {
      sort_elements_packed(sort, row, stride, items);
    }
    store(sort, row, stride, items, 1, UINT32_MAX, values, indices);
  } else {
    pair_t* items = scratch;
    if (sort->count < FEW && sort->length <= SHORT_ROW) {
      insert_few_pair(sort, row, stride, sort->count, items);
    } else {
      sort_elements_pair(sort, row, stride, items);
    }
    store(sort, row, stride, &items[0].place, 2, UINT64_MAX, values, indices);
  }
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
