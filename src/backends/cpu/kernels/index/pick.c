// SPDX-License-Identifier: Apache-2.0
//
// Elements become unsigned keys in the same order (sort_key.h).
#include "backends/cpu/kernels/index/pick.h"

#include <omp.h>
#include <string.h>

#include "backends/cpu/cpu_features.h"
#include "backends/cpu/kernels/index/mode_lanes.h"
#include "backends/cpu/kernels/index/sort_key.h"

typedef struct {
  uint64_t key;
  int64_t place;
} item_t;

#define DIGIT_BITS 11
#define DIGITS (1 << DIGIT_BITS)
// Below this many elements counting digits costs more than partitioning.
#define FEW 1024

// Key i goes to |keys| + i |step|.
static inline void load_keys(int32_t dtype, const char* row, int64_t stride,
                             int64_t count, uint64_t* keys, int64_t step) {
#define LOAD(type, key_of)                                     \
  for (int64_t i = 0; i < count; ++i) {                        \
    keys[i * step] = key_of(*(const type*)(row + i * stride)); \
  }
  PT2__KEY_DISPATCH(dtype, LOAD)
#undef LOAD
}

static void load_items(int32_t dtype, const char* row, int64_t stride,
                       int64_t count, item_t* items) {
#define LOAD(type, key_of)                                   \
  for (int64_t i = 0; i < count; ++i) {                      \
    items[i].key = key_of(*(const type*)(row + i * stride)); \
    items[i].place = i;                                      \
  }
  PT2__KEY_DISPATCH(dtype, LOAD)
#undef LOAD
}

// ---- The k-th of items -----------------------------------------------------

static inline void exchange(item_t* items, int64_t a, int64_t b) {
  item_t kept = items[a];
  items[a] = items[b];
  items[b] = kept;
}

static inline void put_in_order(item_t* items, int64_t low, int64_t high) {
  if (items[low].key > items[high].key) {
    exchange(items, low, high);
  }
}

// Quickselect with the median of three as the pivot (Sedgewick, "Implementing
// Quicksort Programs", 1978), exchange for exchange as torch has it: which of
// several equal elements is the k-th depends on that.
static void select_item(item_t* items, int64_t count, int64_t k) {
  int64_t left = 0, right = count - 1;
  while (right > left + 1) {
    exchange(items, (left + right) >> 1, left + 1);
    put_in_order(items, left + 1, right);
    put_in_order(items, left, right);
    put_in_order(items, left + 1, left);
    uint64_t pivot = items[left].key;
    int64_t up = left + 1, down = right;
    for (;;) {
      do {
        ++up;
      } while (items[up].key < pivot);
      do {
        --down;
      } while (items[down].key > pivot);
      if (down < up) {
        break;
      }
      exchange(items, up, down);
    }
    exchange(items, left, down);
    left = down <= k ? up : left;
    right = down >= k ? down - 1 : right;
  }
  if (right == left + 1) {
    put_in_order(items, left, right);
  }
}

// ---- The k-th key ----------------------------------------------------------

static uint64_t middle_of(uint64_t a, uint64_t b, uint64_t c) {
  uint64_t low = a < b ? a : b, high = a < b ? b : a;
  return c < low ? low : c > high ? high : c;
}

static uint64_t select_few(uint64_t* keys, int64_t count, int64_t k) {
  int64_t left = 0, right = count - 1;
  while (left < right) {
    uint64_t pivot =
        middle_of(keys[left], keys[left + (right - left) / 2], keys[right]);
    int64_t up = left, down = right;
    while (up <= down) {
      while (keys[up] < pivot) {
        ++up;
      }
      while (keys[down] > pivot) {
        --down;
      }
      if (up <= down) {
        uint64_t kept = keys[up];
        keys[up++] = keys[down];
        keys[down--] = kept;
      }
    }
    if (k <= down) {
      right = down;
    } else if (k >= up) {
      left = up;
    } else {
      break;
    }
  }
  return keys[k];
}

// Counts the highest digit, keeps the keys that have the one wanted, goes on
// with the next. |spare| has room for |count|.
static uint64_t select_many(const uint64_t* keys, uint64_t* spare,
                            int64_t count, int64_t k, int bits) {
  uint64_t found = 0;
  for (int shift = bits; shift > 0;) {
    int width = shift < DIGIT_BITS ? shift : DIGIT_BITS;
    shift -= width;
    uint64_t mask = (UINT64_C(1) << width) - 1;
    int64_t counts[DIGITS] = {0};
    for (int64_t i = 0; i < count; ++i) {
      ++counts[keys[i] >> shift & mask];
    }
    uint64_t digit = 0;
    for (; k >= counts[digit]; ++digit) {
      k -= counts[digit];
    }
    found |= digit << shift;
    if (counts[digit] == count) {
      continue;
    }
    // |spare| may be |keys|: what is written has been read.
    int64_t kept = 0;
    for (int64_t i = 0; i < count; ++i) {
      uint64_t key = keys[i];
      spare[kept] = key;
      kept += (key >> shift & mask) == digit;
    }
    keys = spare;
    count = kept;
  }
  return found;
}

// ---- Rows ------------------------------------------------------------------

typedef struct {
  pt2__pick_t kind;
  const pt2_tensor_t* self;
  int64_t dim;
  int64_t length;
  int64_t stride;  // along |dim|, in bytes
  int64_t k;
  int64_t bytes;
  int bits;
} pick_t;

static int64_t pick_median(const pick_t* pick, const char* row,
                           uint64_t* scratch) {
  int64_t count = pick->length, nans = 0;
  uint64_t *keys = scratch, *spare = scratch + count;
  load_keys(pick->self->dtype, row, pick->stride, count, keys, 1);
  uint64_t nan = pt2__key_of_nan(pick->self->dtype);
  for (int64_t i = 0; i < count && nan != 0; ++i) {
    nans += keys[i] == nan;
  }
  int64_t k = (count - nans - 1) / 2;
  uint64_t key = nan;
  if (nans > 0 && pick->kind == PT2__PICK_MEDIAN) {
    k = count - nans;  // the first of them
  } else if (count < FEW) {
    memcpy(spare, keys, sizeof(uint64_t) * (size_t)count);
    key = select_few(spare, count, k);
  } else {
    key = select_many(keys, spare, count, k, pick->bits);
  }
  // Rank |k| in a stable sort.
  int64_t less = 0;
  for (int64_t i = 0; i < count; ++i) {
    less += keys[i] < key;
  }
  int64_t place = 0;
  for (int64_t equals = k - less;; ++place) {
    if (keys[place] == key && equals-- == 0) {
      return place;
    }
  }
}

// As few as torch sorts by insertion, NaNs amid them: no comparison holds for
// those, so that numbers stay on their side of them.
#define TORCH_INSERTS 16

static bool is_less(const item_t* a, const item_t* b, uint64_t nan) {
  return a->key < b->key && b->key != nan;
}

static void sort_around_nans(item_t* items, int64_t count, uint64_t nan) {
  for (int64_t i = 1; i < count; ++i) {
    item_t item = items[i];
    int64_t to = i;
    if (is_less(&item, &items[0], nan)) {
      to = 0;
    } else {
      while (is_less(&item, &items[to - 1], nan)) {
        --to;
      }
    }
    memmove(items + to + 1, items + to, sizeof(item_t) * (size_t)(i - to));
    items[to] = item;
  }
}

// The last of the longest run of equal keys, the first such run.
static int64_t mode_around_nans(const pick_t* pick, const char* row,
                                item_t* items, uint64_t nan) {
  int64_t count = pick->length;
  load_items(pick->self->dtype, row, pick->stride, count, items);
  sort_around_nans(items, count, nan);
  int64_t longest = 0, run = 0, place = 0;
  for (int64_t i = 0; i < count; ++i) {
    ++run;
    if (i == count - 1 || items[i].key != items[i + 1].key ||
        items[i].key == nan) {
      place = run > longest ? items[i].place : place;
      longest = run > longest ? run : longest;
      run = 0;
    }
  }
  return place;
}

static void insertion_sort(uint64_t* keys, int64_t count) {
  for (int64_t i = 1; i < count; ++i) {
    uint64_t key = keys[i];
    int64_t to = i;
    for (; to > 0 && key < keys[to - 1]; --to) {
      keys[to] = keys[to - 1];
    }
    keys[to] = key;
  }
}

// Sorts by the digits that are not the same in all keys, the lowest first.
static void radix_sort(uint64_t* keys, uint64_t* spare, int64_t count,
                       int bits) {
  uint64_t differing = 0;
  for (int64_t i = 1; i < count; ++i) {
    differing |= keys[i] ^ keys[0];
  }
  uint64_t *from = keys, *to = spare;
  for (int shift = 0; shift < bits; shift += DIGIT_BITS) {
    if ((differing >> shift & (DIGITS - 1)) == 0) {
      continue;
    }
    int64_t starts[DIGITS] = {0};
    for (int64_t i = 0; i < count; ++i) {
      ++starts[from[i] >> shift & (DIGITS - 1)];
    }
    int64_t start = 0;
    for (int i = 0; i < DIGITS; ++i) {
      int64_t here = starts[i];
      starts[i] = start;
      start += here;
    }
    for (int64_t i = 0; i < count; ++i) {
      to[starts[from[i] >> shift & (DIGITS - 1)]++] = from[i];
    }
    uint64_t* kept = from;
    from = to;
    to = kept;
  }
  if (from != keys) {
    memcpy(keys, from, sizeof(uint64_t) * (size_t)count);
  }
}

// Fewer are sorted by insertion.
#define MANY 64

static int64_t last_with_key(const pick_t* pick, const char* row,
                             uint64_t key) {
  int64_t i = pick->length - 1;
#define FIND(type, key_of)                                        \
  while (key_of(*(const type*)(row + i * pick->stride)) != key) { \
    --i;                                                          \
  }
  PT2__KEY_DISPATCH(pick->self->dtype, FIND)
#undef FIND
  return i;
}

static int64_t pick_mode(const pick_t* pick, const char* row, void* scratch) {
  int64_t count = pick->length;
  uint64_t* keys = scratch;
  load_keys(pick->self->dtype, row, pick->stride, count, keys, 1);
  uint64_t nan = pt2__key_of_nan(pick->self->dtype);
  if (count < MANY) {
    insertion_sort(keys, count);
  } else {
    radix_sort(keys, keys + count, count, pick->bits);
  }
  uint64_t mode = keys[0];
  int64_t longest = 0, run = 0;
  for (int64_t i = 0; i < count; ++i) {
    bool goes_on =
        i > 0 && keys[i] == keys[i - 1] && (nan == 0 || keys[i] != nan);
    run = goes_on ? run + 1 : 1;
    mode = run > longest ? keys[i] : mode;
    longest = run > longest ? run : longest;
  }
  return last_with_key(pick, row, mode);
}

static int64_t pick_of(const pick_t* pick, const char* row, void* scratch) {
  if (pick->kind == PT2__PICK_MODE) {
    return pick_mode(pick, row, scratch);
  }
  if (pick->kind != PT2__PICK_KTH) {
    return pick_median(pick, row, scratch);
  }
  item_t* items = scratch;
  load_items(pick->self->dtype, row, pick->stride, pick->length, items);
  select_item(items, pick->length, pick->k);
  return items[pick->k].place;
}

// Where row |number| begins, in elements.
static int64_t row_offset(const pt2_tensor_t* self, int64_t dim,
                          int64_t number) {
  int64_t offset = 0;
  for (int64_t d = self->rank - 1; d >= 0; --d) {
    if (d != dim) {
      offset += number % self->sizes[d] * self->strides[d];
      number /= self->sizes[d];
    }
  }
  return offset;
}

static void store(const pick_t* pick, const char* row, int64_t place,
                  int64_t number, pt2_tensor_t* values, pt2_tensor_t* places) {
  ((int64_t*)places->data)[number] = place;
  memcpy((char*)values->data + number * pick->bytes, row + place * pick->stride,
         (size_t)pick->bytes);
}

static pt2__mode_lanes_fn mode_lanes(void) {
#if defined(__x86_64__)
  if (pt2__cpu_level() >= PT2__CPU_AVX512) {
    return pt2__mode_lanes_avx512;
  }
  if (pt2__cpu_level() >= PT2__CPU_AVX2) {
    return pt2__mode_lanes_avx2;
  }
#endif
  return pt2__mode_lanes_generic;
}

static bool has_key(const uint64_t* keys, int64_t count, uint64_t key) {
  bool found = false;
  for (int64_t i = 0; i < count; ++i) {
    found |= keys[i * PT2__MODE_LANES] == key;
  }
  return found;
}

// The modes of |some| short rows from |first| on, side by side.
static void pick_short_modes(const pick_t* pick, pt2__mode_lanes_fn lanes_of,
                             int64_t first, int64_t some, pt2_tensor_t* values,
                             pt2_tensor_t* places) {
  const int32_t dtype = pick->self->dtype;
  const int64_t count = pick->length;
  const uint64_t nan = pt2__key_of_nan(dtype);
  _Alignas(64) uint64_t keys[PT2__MODE_MOST * PT2__MODE_LANES];
  uint64_t modes[PT2__MODE_LANES];
  const char* rows[PT2__MODE_LANES];
  bool around_nans[PT2__MODE_LANES];
  for (int64_t i = 0; i < PT2__MODE_LANES; ++i) {
    // Lanes without a row take the first one's.
    rows[i] = (const char*)pick->self->data +
              row_offset(pick->self, pick->dim, first + (i < some ? i : 0)) *
                  pick->bytes;
    load_keys(dtype, rows[i], pick->stride, count, keys + i, PT2__MODE_LANES);
    around_nans[i] =
        nan != 0 && count <= TORCH_INSERTS && has_key(keys + i, count, nan);
  }
  lanes_of(keys, count, nan, modes);
  for (int64_t i = 0; i < some; ++i) {
    item_t items[TORCH_INSERTS];
    store(pick, rows[i],
          around_nans[i] ? mode_around_nans(pick, rows[i], items, nan)
                         : last_with_key(pick, rows[i], modes[i]),
          first + i, values, places);
  }
}

static void pick_all_short_modes(const pick_t* pick, pt2_tensor_t* values,
                                 pt2_tensor_t* places) {
  const pt2__mode_lanes_fn lanes_of = mode_lanes();
  const int64_t rows = values->numel;
  const int threads = pt2__op_threads(rows * pick->length * 4);
#pragma omp parallel for num_threads(threads) if (threads > 1)
  for (int64_t first = 0; first < rows; first += PT2__MODE_LANES) {
    const int64_t left = rows - first;
    pick_short_modes(pick, lanes_of, first,
                     left < PT2__MODE_LANES ? left : PT2__MODE_LANES, values,
                     places);
  }
}

static pt2_status_t pick_rows(const pick_t* pick, pt2_tensor_t* values,
                              pt2_tensor_t* places) {
  int64_t rows = values->numel;
  // Two keys for each element, or an item.
  size_t bytes = sizeof(item_t) * (size_t)pick->length;
  int64_t threads = pt2__op_threads(rows * pick->length * 4);
  threads = threads < rows ? threads : rows;
  char* scratch = pt2__pool_alloc(bytes * (size_t)threads);
  if (scratch == NULL) {
    return PT2_OUT_OF_MEMORY(bytes * (size_t)threads);
  }
#pragma omp parallel for num_threads((int)threads) if (threads > 1)
  for (int64_t i = 0; i < rows; ++i) {
    const char* row = (const char*)pick->self->data +
                      row_offset(pick->self, pick->dim, i) * pick->bytes;
    int64_t place =
        pick_of(pick, row, scratch + bytes * (size_t)omp_get_thread_num());
    store(pick, row, place, i, values, places);
  }
  pt2__pool_free(scratch, bytes * (size_t)threads);
  return PT2_STATUS_OK;
}

pt2_status_t pt2__pick(pt2__pick_t kind, const pt2_tensor_t* self, int64_t dim,
                       int64_t k, pt2_tensor_t* values, pt2_tensor_t* places) {
  if (values->numel == 0) {
    return PT2_STATUS_OK;
  }
  int64_t bytes = (int64_t)pt2_dtype_size_bytes(self->dtype);
  const pick_t pick = {
      .kind = kind,
      .self = self,
      .dim = dim,
      .length = self->rank > 0 ? self->sizes[dim] : 1,
      .stride = self->rank > 0 ? self->strides[dim] * bytes : 0,
      .k = k,
      .bytes = bytes,
      .bits = pt2__key_bits(self->dtype)};
  if (kind == PT2__PICK_MODE && pick.length <= PT2__MODE_MOST) {
    pick_all_short_modes(&pick, values, places);
    return PT2_STATUS_OK;
  }
  return pick_rows(&pick, values, places);
}
