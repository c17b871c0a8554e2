// SPDX-License-Identifier: Apache-2.0
//
// For tests of operators of mps that have kernels of their own: tensors of many
// layouts, alike on host and device, and what the host's operator makes of
// them.
#ifndef PT2_TESTS_MPS_OPERATORS_H_
#define PT2_TESTS_MPS_OPERATORS_H_

#include "mps/device.h"

// ---- Numbers ----------------------------------------------------------------

static uint64_t random_state = 1;

static inline uint64_t random_below(uint64_t limit) {
  random_state ^= random_state << 13;
  random_state ^= random_state >> 7;
  random_state ^= random_state << 17;
  return (random_state >> 11) % limit;
}

static inline void start_with(uint64_t seed) {
  random_state = seed * UINT64_C(0x9e3779b97f4a7c15);
  control->set_seed(seed);
}

// ---- Tensors ----------------------------------------------------------------

static const pt2_dtype_t dtypes[] = {
    PT2_DTYPE_F32, PT2_DTYPE_F16, PT2_DTYPE_BF16, PT2_DTYPE_I64, PT2_DTYPE_I32,
    PT2_DTYPE_I16, PT2_DTYPE_I8,  PT2_DTYPE_U8,   PT2_DTYPE_BOOL};
#define DTYPE_COUNT (sizeof(dtypes) / sizeof(*dtypes))

static inline bool is_float(pt2_dtype_t dtype) {
  return dtype == PT2_DTYPE_F32 || dtype == PT2_DTYPE_F16 ||
         dtype == PT2_DTYPE_BF16;
}

// The same elements at the same places of both.
typedef struct {
  pt2_tensor_t* host;
  pt2_tensor_t* device;
} pair_t;

typedef struct {
  pt2_dtype_t dtype;
  int64_t rank;
  int64_t sizes[8];
  int64_t strides[8];
  int64_t offset;
} layout_t;

static inline int64_t numel_of(const layout_t* layout) {
  int64_t numel = 1;
  for (int64_t d = 0; d < layout->rank; ++d) {
    numel *= layout->sizes[d];
  }
  return numel;
}

// Gives dimensions a random order in memory, with gaps or repetitions now and
// then.
static inline void lay_out(layout_t* layout) {
  int64_t order[8] = {0};
  for (int64_t d = 0; d < layout->rank; ++d) {
    int64_t at = (int64_t)random_below((uint64_t)d + 1);
    order[d] = order[at];
    order[at] = d;
  }
  if (random_below(2) == 0) {
    for (int64_t d = 0; d < layout->rank; ++d) {
      order[d] = layout->rank - 1 - d;
    }
  }
  int64_t next = random_below(4) == 0 ? 2 : 1;
  for (int64_t i = 0; i < layout->rank; ++i) {
    int64_t d = order[i];
    layout->strides[d] = next;
    next *= layout->sizes[d] > 1 ? layout->sizes[d] : 1;
    next += random_below(6) == 0 ? 3 : 0;
  }
  if (layout->rank > 0 && random_below(8) == 0) {
    layout->strides[random_below((uint64_t)layout->rank)] = 0;
  }
  layout->offset = (int64_t)random_below(4);
}

// The same without gaps or repetitions.
static inline void lay_out_dense(layout_t* layout) {
  lay_out(layout);
  int64_t next = 1;
  for (int64_t d = layout->rank - 1; d >= 0; --d) {
    layout->strides[d] = next;
    next *= layout->sizes[d];
  }
  int64_t last = layout->rank - 1;
  if (layout->rank > 1 && random_below(2) == 0) {
    layout->strides[last] = layout->sizes[last - 1];
    layout->strides[last - 1] = 1;
  }
}

static inline int64_t span_of(const layout_t* layout) {
  int64_t span = layout->offset + 1;
  for (int64_t d = 0; d < layout->rank; ++d) {
    span +=
        layout->sizes[d] > 0 ? (layout->sizes[d] - 1) * layout->strides[d] : 0;
  }
  return span;
}

// |span_of| elements of |bytes| become a pair.
static inline pair_t make_pair(const layout_t* layout, const void* bytes) {
  pair_t pair = {0};
  int64_t span = span_of(layout);
  for (int i = 0; i < 2; ++i) {
    pt2_tensor_t* base = NULL;
    OK(pt2_tensor_create_on(i == 0 ? PT2_DEVICE_CPU : PT2_DEVICE_MPS, 0,
                            layout->dtype, 1, &span, NULL, &base));
    memcpy(pt2_tensor_peek_data(base), bytes,
           (size_t)span * pt2_dtype_size_bytes(layout->dtype));
    AtenTensorHandle view = view_of(base, layout->rank, layout->sizes,
                                    layout->strides, layout->offset);
    pt2_tensor_release(base);
    *(i == 0 ? &pair.host : &pair.device) = view;
  }
  return pair;
}

static inline void release_pair(pair_t* pair) {
  pt2_tensor_release(pair->host);
  pt2_tensor_release(pair->device);
}

// To the nearest, to an even one of two; not all compilers have the type.
static inline uint16_t half_of(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof(bits));
  uint32_t sign = bits >> 16 & 0x8000u;
  uint32_t size = bits & 0x7fffffffu;
  if (size > 0x7f800000u) {
    return (uint16_t)(sign | 0x7e00u);  // not a number
  }
  if (size >= 0x47800000u) {
    return (uint16_t)(sign | 0x7c00u);  // 65536 and more: infinity
  }
  if (size < 0x38800000u) {  // below the least normal one
    return (uint16_t)(sign | (uint32_t)lrintf(fabsf(value) * 0x1p24f));
  }
  size += 0xfffu + (size >> 13 & 1u);
  return (uint16_t)(sign | (size - 0x38000000u) >> 13);
}

static inline void set_element(pt2_dtype_t dtype, void* data, int64_t at,
                               double value) {
  float narrow = (float)value;
  uint32_t bits;
  memcpy(&bits, &narrow, sizeof(bits));
  switch (dtype) {
    case PT2_DTYPE_F32:
      ((float*)data)[at] = narrow;
      break;
    case PT2_DTYPE_F16:
      ((uint16_t*)data)[at] = half_of(narrow);
      break;
    case PT2_DTYPE_BF16:
      ((uint16_t*)data)[at] = (uint16_t)(bits >> 16);
      break;
    case PT2_DTYPE_I64:
      ((int64_t*)data)[at] = (int64_t)value;
      break;
    case PT2_DTYPE_I32:
      ((int32_t*)data)[at] = (int32_t)value;
      break;
    case PT2_DTYPE_I16:
      ((int16_t*)data)[at] = (int16_t)value;
      break;
    case PT2_DTYPE_BOOL:
      ((uint8_t*)data)[at] = value != 0;
      break;
    default:
      ((uint8_t*)data)[at] = (uint8_t)(int64_t)value;
      break;
  }
}

// Numbers by |next|.
static inline pair_t make_numbers(const layout_t* layout,
                                  double (*next)(pt2_dtype_t dtype)) {
  int64_t span = span_of(layout);
  void* bytes = calloc((size_t)span, 8);
  assert_non_null(bytes);
  for (int64_t i = 0; i < span; ++i) {
    set_element(layout->dtype, bytes, i, next(layout->dtype));
  }
  pair_t pair = make_pair(layout, bytes);
  free(bytes);
  return pair;
}

// The place of element |number| (in row-major order) of |tensor|.
static inline int64_t place_of(const pt2_tensor_t* tensor, int64_t number) {
  int64_t place = 0;
  for (size_t d = pt2_tensor_rank(tensor); d-- > 0;) {
    int64_t size = pt2_tensor_peek_sizes(tensor)[d];
    place += number % size * pt2_tensor_peek_strides(tensor)[d];
    number /= size;
  }
  return place;
}

// dtype, sizes, strides.
static inline void assert_alike(const char* what, const pt2_tensor_t* got,
                                const pt2_tensor_t* wanted) {
  assert_int_equal(pt2_tensor_device_type(got), PT2_DEVICE_MPS);
  assert_int_equal(pt2_tensor_dtype(got), pt2_tensor_dtype(wanted));
  assert_int_equal(pt2_tensor_rank(got), pt2_tensor_rank(wanted));
  for (size_t d = 0; d < pt2_tensor_rank(wanted); ++d) {
    if (pt2_tensor_peek_sizes(got)[d] != pt2_tensor_peek_sizes(wanted)[d] ||
        pt2_tensor_peek_strides(got)[d] != pt2_tensor_peek_strides(wanted)[d]) {
      fail_msg("%s: dimension %zu is %lld by %lld, expected %lld by %lld", what,
               d, (long long)pt2_tensor_peek_sizes(got)[d],
               (long long)pt2_tensor_peek_strides(got)[d],
               (long long)pt2_tensor_peek_sizes(wanted)[d],
               (long long)pt2_tensor_peek_strides(wanted)[d]);
    }
  }
}

// The same bytes everywhere, however laid out.
static inline void assert_elements(const char* what, const pt2_tensor_t* got,
                                   const pt2_tensor_t* wanted) {
  size_t bytes = pt2_dtype_size_bytes(pt2_tensor_dtype(wanted));
  const char* a = pt2_tensor_peek_data(got);
  const char* b = pt2_tensor_peek_data(wanted);
  for (int64_t i = 0; i < pt2_tensor_numel(wanted); ++i) {
    int64_t at = place_of(got, i), at_wanted = place_of(wanted, i);
    if (memcmp(a + (size_t)at * bytes, b + (size_t)at_wanted * bytes, bytes) !=
        0) {
      fail_msg("%s: element %lld is %.9g, expected %.9g", what, (long long)i,
               element(got, at), element(wanted, at_wanted));
    }
  }
}

static inline void assert_same(const char* what, const pt2_tensor_t* got,
                               const pt2_tensor_t* wanted) {
  assert_alike(what, got, wanted);
  assert_elements(what, got, wanted);
}

// ---- What ran ---------------------------------------------------------------

typedef struct {
  uint64_t counts[3];
} moment_t;

static inline moment_t now(void) {
  moment_t moment;
  control->counts(moment.counts);
  return moment;
}
static inline int kernels_since(const moment_t* before) {
  return (int)(now().counts[0] - before->counts[0]);
}
static inline int waits_since(const moment_t* before) {
  return (int)(now().counts[2] - before->counts[2]);
}

#endif  // PT2_TESTS_MPS_OPERATORS_H_
