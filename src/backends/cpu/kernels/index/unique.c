// SPDX-License-Identifier: Apache-2.0
//
// Elements become unsigned keys in the same order (sort_key.h).
#include "backends/cpu/kernels/index/unique.h"

#include <string.h>

#include "backends/cpu/kernels/index/sort.h"
#include "backends/cpu/kernels/index/sort_key.h"

static void release(pt2__unique_t* unique) {
  pt2__tensor_release(unique->values);
  pt2__tensor_release(unique->inverse);
  pt2__tensor_release(unique->counts);
}

static pt2_status_t check_dtype(const pt2_tensor_t* self, const char* name) {
  PT2_OP_CHECK(pt2__key_bits(self->dtype) != 0,
               "\"%s\" not implemented for '%s'", name,
               pt2__dtype_torch_name(self->dtype));
  return PT2_STATUS_OK;
}

// ---- Elements --------------------------------------------------------------

// Where elements differ from the one before.
typedef struct {
  const void* data;
  int64_t numel;
  void* values;
  int64_t* firsts;   // NULL: not wanted
  int64_t* inverse;  // of the row; NULL: not wanted
  int64_t count;     // of what differs: the result
} runs_t;

typedef void (*runs_fn)(runs_t* runs);

// The loop for each choice of what is wanted.
#define RUNS(name, type, DIFFER)                                           \
  static inline int64_t name##_loop(                                       \
      const type* restrict from, int64_t numel, type* restrict to,         \
      int64_t* restrict firsts, int64_t* restrict inverse) {               \
    type before = from[0];                                                 \
    int64_t count = 1;                                                     \
    to[0] = before;                                                        \
    if (firsts != NULL) {                                                  \
      firsts[0] = 0;                                                       \
    }                                                                      \
    if (inverse != NULL) {                                                 \
      inverse[0] = 0;                                                      \
    }                                                                      \
    for (int64_t i = 1; i < numel; ++i) {                                  \
      type here = from[i];                                                 \
      if (DIFFER(here, before)) {                                          \
        if (firsts != NULL) {                                              \
          firsts[count] = i;                                               \
        }                                                                  \
        to[count++] = here;                                                \
        before = here;                                                     \
      }                                                                    \
      if (inverse != NULL) {                                               \
        inverse[i] = count - 1;                                            \
      }                                                                    \
    }                                                                      \
    return count;                                                          \
  }                                                                        \
  static void name(runs_t* runs) {                                         \
    const type* from = runs->data;                                         \
    int64_t n = runs->numel;                                               \
    if (runs->firsts == NULL && runs->inverse == NULL) {                   \
      runs->count = name##_loop(from, n, runs->values, NULL, NULL);        \
    } else {                                                               \
      runs->count =                                                        \
          name##_loop(from, n, runs->values, runs->firsts, runs->inverse); \
    }                                                                      \
  }

// NaN differs from itself.
#define DIFFER(a, b) ((a) != (b))
#define DIFFER_F16(a, b)                       \
  ((int)(pt2__key_f16(a) != pt2__key_f16(b)) | \
   (int)(pt2__key_f16(a) == UINT16_MAX))
#define DIFFER_BF16(a, b)                        \
  ((int)(pt2__key_bf16(a) != pt2__key_bf16(b)) | \
   (int)(pt2__key_bf16(a) == UINT16_MAX))

RUNS(runs_8, uint8_t, DIFFER)
RUNS(runs_16, uint16_t, DIFFER)
RUNS(runs_32, uint32_t, DIFFER)
RUNS(runs_64, uint64_t, DIFFER)
RUNS(runs_f16, uint16_t, DIFFER_F16)
RUNS(runs_bf16, uint16_t, DIFFER_BF16)
RUNS(runs_f32, float, DIFFER)
RUNS(runs_f64, double, DIFFER)

static runs_fn choose(int32_t dtype) {
  switch (dtype) {
    case PT2_DTYPE_F16:
      return runs_f16;
    case PT2_DTYPE_BF16:
      return runs_bf16;
    case PT2_DTYPE_F32:
      return runs_f32;
    case PT2_DTYPE_F64:
      return runs_f64;
    default:
      break;
  }
  int bits = pt2__key_bits(dtype);
  return bits == 8    ? runs_8
         : bits == 16 ? runs_16
         : bits == 32 ? runs_32
                      : runs_64;
}

// The results before it is known how many there are: |numel| elements each.
static pt2_status_t make_room(const pt2_tensor_t* self, bool inverse,
                              bool counts, pt2__unique_t* unique) {
  const int64_t none = 0;
  PT2_TRY(
      pt2__tensor_empty(self->dtype, 1, &self->numel, NULL, &unique->values));
  PT2_TRY(pt2__tensor_empty(PT2_DTYPE_I64, 1, counts ? &self->numel : &none,
                            NULL, &unique->counts));
  return pt2__tensor_empty(PT2_DTYPE_I64, inverse ? self->rank : 1,
                           inverse ? self->sizes : &none, NULL,
                           &unique->inverse);
}

// Keeps |count| of |*tensor|'s elements.
static pt2_status_t shorten(int64_t count, pt2_tensor_t** tensor) {
  const int64_t stride = 1;
  pt2_tensor_t* shorter;
  PT2_TRY(pt2__tensor_view(*tensor, 1, &count, &stride, 0, &shorter));
  pt2__tensor_release(*tensor);
  *tensor = shorter;
  return PT2_STATUS_OK;
}

// |row| is looked at as it is; |order| tells where its elements come from,
// NULL: from where they are. |spare| is where its own inverse goes if |order|
// is there.
static pt2_status_t find(const pt2_tensor_t* row, const int64_t* order,
                         int64_t* spare, pt2__unique_t* unique) {
  int64_t* inverse = unique->inverse->numel > 0 ? unique->inverse->data : NULL;
  int64_t* counts = unique->counts->numel > 0 ? unique->counts->data : NULL;
  bool by_order = inverse != NULL && order != NULL;
  runs_t runs = {.data = row->data,
                 .numel = row->numel,
                 .values = unique->values->data,
                 .firsts = counts,
                 .inverse = by_order ? spare : inverse};
  choose(row->dtype)(&runs);
  for (int64_t i = 0; by_order && i < row->numel; ++i) {
    inverse[order[i]] = spare[i];
  }
  for (int64_t i = 0; i < runs.count && counts != NULL; ++i) {
    counts[i] = (i + 1 < runs.count ? counts[i + 1] : row->numel) - counts[i];
  }
  PT2_TRY(shorten(runs.count, &unique->values));
  return counts != NULL ? shorten(runs.count, &unique->counts) : PT2_STATUS_OK;
}

static pt2_status_t find_in_order(const pt2_tensor_t* row,
                                  const pt2_tensor_t* values,
                                  const pt2_tensor_t* order,
                                  pt2__unique_t* unique) {
  size_t bytes = sizeof(int64_t) * (size_t)row->numel;
  int64_t* spare = pt2__pool_alloc(bytes);
  if (spare == NULL) {
    return PT2_OUT_OF_MEMORY(bytes);
  }
  pt2_status_t status = find(values, order->data, spare, unique);
  pt2__pool_free(spare, bytes);
  return status;
}

static pt2_status_t find_sorted(const pt2_tensor_t* row,
                                pt2__unique_t* unique) {
  pt2_tensor_t *values, *order;
  PT2_TRY(pt2__tensor_empty(row->dtype, 1, row->sizes, NULL, &values));
  pt2_status_t status =
      pt2__tensor_empty(PT2_DTYPE_I64, 1, row->sizes, NULL, &order);
  if (status == PT2_STATUS_OK) {
    status = pt2__sort(row, 0, row->numel, false, values, order);
    if (status == PT2_STATUS_OK) {
      status = find_in_order(row, values, order, unique);
    }
    pt2__tensor_release(order);
  }
  pt2__tensor_release(values);
  return status;
}

static pt2_status_t some_elements(const pt2_tensor_t* self, bool sorted,
                                  pt2__unique_t* unique) {
  pt2_tensor_t *dense, *row;
  PT2_TRY(pt2__tensor_contiguous(self, &dense));
  const int64_t stride = 1;
  pt2_status_t status = pt2__tensor_view(dense, 1, &self->numel, &stride,
                                         dense->storage_offset, &row);
  if (status == PT2_STATUS_OK) {
    status = sorted ? find_sorted(row, unique) : find(row, NULL, NULL, unique);
    pt2__tensor_release(row);
  }
  pt2__tensor_release(dense);
  return status;
}

pt2_status_t pt2__unique_elements(const pt2_tensor_t* self, bool sorted,
                                  bool inverse, bool counts,
                                  pt2__unique_t* out_unique) {
  PT2_OP_CHECK_TENSOR(self, "self");
  PT2_TRY(check_dtype(self, "unique"));
  pt2__unique_t unique = {0};
  pt2_status_t status = make_room(self, inverse, counts, &unique);
  if (status == PT2_STATUS_OK && self->numel > 0) {
    status = some_elements(self, sorted, &unique);
  }
  if (status == PT2_STATUS_OK) {
    *out_unique = unique;
  } else {
    release(&unique);
  }
  return status;
}

// ---- Slices ----------------------------------------------------------------

static void load_keys(const pt2_tensor_t* dense, uint64_t* keys) {
#define LOAD(type, key_of)                           \
  for (int64_t i = 0; i < dense->numel; ++i) {       \
    keys[i] = key_of(((const type*)dense->data)[i]); \
  }
  PT2__KEY_DISPATCH(dense->dtype, LOAD)
#undef LOAD
}

typedef struct {
  const uint64_t* keys;  // [slices, width]
  int64_t slices;
  int64_t width;
  bool has_nan;
  uint64_t nan;
} slices_t;

// The order of the first elements that have one.
static bool is_before(const slices_t* slices, int64_t a, int64_t b) {
  const uint64_t* first = slices->keys + a * slices->width;
  const uint64_t* second = slices->keys + b * slices->width;
  for (int64_t i = 0; i < slices->width; ++i) {
    bool ordered = !slices->has_nan ||
                   (first[i] != slices->nan && second[i] != slices->nan);
    if (ordered && first[i] != second[i]) {
      return first[i] < second[i];
    }
  }
  return false;
}

static bool is_same(const slices_t* slices, int64_t a, int64_t b) {
  const uint64_t* first = slices->keys + a * slices->width;
  const uint64_t* second = slices->keys + b * slices->width;
  for (int64_t i = 0; i < slices->width; ++i) {
    if (first[i] != second[i] || (slices->has_nan && first[i] == slices->nan)) {
      return false;
    }
  }
  return true;
}

// A stable merge sort; the result is in |order|.
static void sort_slices(const slices_t* slices, int64_t* order,
                        int64_t* spare) {
  int64_t *from = order, *to = spare, count = slices->slices;
  for (int64_t width = 1; width < count; width *= 2) {
    for (int64_t first = 0; first < count; first += 2 * width) {
      int64_t middle = first + width < count ? first + width : count;
      int64_t last = middle + width < count ? middle + width : count;
      int64_t left = first, right = middle;
      for (int64_t out = first; out < last; ++out) {
        bool take_right =
            left == middle ||
            (right < last && is_before(slices, from[right], from[left]));
        to[out] = take_right ? from[right++] : from[left++];
      }
    }
    int64_t* kept = from;
    from = to;
    to = kept;
  }
  if (from != order) {
    memcpy(order, from, sizeof(int64_t) * (size_t)count);
  }
}

// Numbers the slices in |order|; |firsts| gets the first of each that is new.
static int64_t number_slices(const slices_t* slices, const int64_t* order,
                             int64_t* firsts, int64_t* inverse,
                             int64_t* counts) {
  int64_t found = 0;
  for (int64_t i = 0; i < slices->slices; ++i) {
    if (i == 0 || !is_same(slices, order[i], firsts[found - 1])) {
      firsts[found] = order[i];
      counts[found++] = 0;
    }
    ++counts[found - 1];
    inverse[order[i]] = found - 1;
  }
  return found;
}

// |dim| first, the others behind it.
static void moved(const pt2_tensor_t* self, int64_t dim, int64_t* sizes,
                  int64_t* strides) {
  sizes[0] = self->sizes[dim];
  strides[0] = self->strides[dim];
  for (int64_t d = 0, to = 1; d < self->rank; ++d) {
    if (d != dim) {
      sizes[to] = self->sizes[d];
      strides[to++] = self->strides[d];
    }
  }
}

// The slices |firsts| of |dense|, which has |dim| first; the result is laid out
// like that too.
static pt2_status_t gather(const pt2_tensor_t* self, int64_t dim,
                           const pt2_tensor_t* dense, const int64_t* firsts,
                           int64_t found, pt2_tensor_t** out_values) {
  int64_t sizes[PT2__MAX_RANK], strides[PT2__MAX_RANK];
  int64_t width = dense->numel / dense->sizes[0], next = width;
  for (int64_t d = 0; d < self->rank; ++d) {
    sizes[d] = d == dim ? found : self->sizes[d];
    next /= d == dim ? 1 : self->sizes[d];
    strides[d] = d == dim ? width : next;
  }
  PT2_TRY(
      pt2__tensor_empty(self->dtype, self->rank, sizes, strides, out_values));
  size_t bytes = pt2_dtype_size_bytes(self->dtype) * (size_t)width;
  for (int64_t i = 0; i < found; ++i) {
    memcpy((char*)(*out_values)->data + (size_t)i * bytes,
           (const char*)dense->data + (size_t)firsts[i] * bytes, bytes);
  }
  return PT2_STATUS_OK;
}

// |work| has room for three numbers of each slice.
static pt2_status_t find_slices(const pt2_tensor_t* self, int64_t dim,
                                const pt2_tensor_t* dense,
                                const slices_t* slices, bool sorted,
                                int64_t* work, pt2__unique_t* unique) {
  int64_t *order = work, *firsts = work + slices->slices;
  int64_t* counts = firsts + slices->slices;
  for (int64_t i = 0; i < slices->slices; ++i) {
    order[i] = i;
  }
  if (sorted) {
    sort_slices(slices, order, firsts);
  }
  PT2_TRY(pt2__tensor_empty(PT2_DTYPE_I64, 1, &slices->slices, NULL,
                            &unique->inverse));
  int64_t found =
      number_slices(slices, order, firsts, unique->inverse->data, counts);
  PT2_TRY(pt2__tensor_empty(PT2_DTYPE_I64, 1, &found, NULL, &unique->counts));
  memcpy(unique->counts->data, counts, sizeof(int64_t) * (size_t)found);
  return gather(self, dim, dense, firsts, found, &unique->values);
}

static pt2_status_t with_keys(const pt2_tensor_t* self, int64_t dim,
                              const pt2_tensor_t* dense, bool sorted,
                              pt2__unique_t* unique) {
  slices_t slices = {.slices = dense->sizes[0],
                     .width = dense->numel / dense->sizes[0]};
  slices.nan = pt2__key_of_nan(self->dtype);
  slices.has_nan = slices.nan != 0;
  size_t elements = (size_t)dense->numel, numbers = 3 * (size_t)slices.slices;
  size_t bytes = elements * sizeof(uint64_t) + numbers * sizeof(int64_t);
  uint64_t* keys = pt2__pool_alloc(bytes);
  if (keys == NULL) {
    return PT2_OUT_OF_MEMORY(bytes);
  }
  load_keys(dense, keys);
  slices.keys = keys;
  pt2_status_t status = find_slices(self, dim, dense, &slices, sorted,
                                    (int64_t*)(keys + elements), unique);
  pt2__pool_free(keys, bytes);
  return status;
}

static pt2_status_t no_slices(const pt2_tensor_t* self, pt2__unique_t* unique) {
  const int64_t none = 0;
  PT2_TRY(pt2__tensor_empty(self->dtype, self->rank, self->sizes, NULL,
                            &unique->values));
  PT2_TRY(pt2__tensor_empty(PT2_DTYPE_I64, 1, &none, NULL, &unique->inverse));
  return pt2__tensor_empty(PT2_DTYPE_I64, 1, &none, NULL, &unique->counts);
}

static pt2_status_t check_sizes(const pt2_tensor_t* self, int64_t dim) {
  int64_t zeros = 0;
  for (int32_t d = 0; d < self->rank; ++d) {
    zeros += self->sizes[d] == 0;
  }
  PT2_OP_CHECK(self->sizes[dim] != 0 || zeros == 1,
               "Number of zero sized dimensions is more than one, so unique "
               "cannot be applied");
  PT2_OP_CHECK(self->sizes[dim] == 0 || zeros == 0,
               "There are 0 sized dimensions, and they aren't selected, so "
               "unique cannot be applied");
  return PT2_STATUS_OK;
}

static pt2_status_t some_slices(const pt2_tensor_t* self, int64_t dim,
                                bool sorted, pt2__unique_t* unique) {
  int64_t sizes[PT2__MAX_RANK], strides[PT2__MAX_RANK];
  moved(self, dim, sizes, strides);
  pt2_tensor_t *view, *dense;
  PT2_TRY(pt2__tensor_view(self, self->rank, sizes, strides,
                           self->storage_offset, &view));
  pt2_status_t status = pt2__tensor_contiguous(view, &dense);
  if (status == PT2_STATUS_OK) {
    status = with_keys(self, dim, dense, sorted, unique);
    pt2__tensor_release(dense);
  }
  pt2__tensor_release(view);
  return status;
}

pt2_status_t pt2__unique_slices(const pt2_tensor_t* self, int64_t dim,
                                bool sorted, pt2__unique_t* out_unique) {
  PT2_OP_CHECK_TENSOR(self, "self");
  PT2_OP_CHECK(self->rank > 0,
               "Dimension specified as %lld but tensor has no dimensions",
               (long long)dim);
  PT2_TRY(pt2__op_wrap_dim(dim, self->rank, &dim));
  PT2_TRY(check_dtype(self, "unique_dim"));
  PT2_TRY(check_sizes(self, dim));
  pt2__unique_t unique = {0};
  pt2_status_t status = self->numel == 0
                            ? no_slices(self, &unique)
                            : some_slices(self, dim, sorted, &unique);
  if (status == PT2_STATUS_OK) {
    *out_unique = unique;
  } else {
    release(&unique);
  }
  return status;
}

pt2_status_t pt2__unique_slices_by_name(const pt2__boxed_t* boxed, bool sorted,
                                        pt2_tensor_t** results) {
  pt2_tensor_t* self;
  int64_t dim;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &self));
  PT2_TRY(pt2__boxed_int(boxed, 1, "dim", &dim));
  pt2__unique_t found;
  PT2_TRY(pt2__unique_slices(self, dim, sorted, &found));
  results[0] = found.values;
  results[1] = found.inverse;
  results[2] = found.counts;
  return PT2_STATUS_OK;
}
