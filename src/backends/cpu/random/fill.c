// SPDX-License-Identifier: Apache-2.0
//
// The distributions. What is not contiguous is filled in the order of its
// strides, the smallest innermost, because torch's iterator goes that way.
#include "backends/cpu/random/fill.h"

#include <math.h>
#include <string.h>

// A walk over a tensor's elements, dimension 0 innermost.
typedef struct {
  int64_t rank;
  int64_t sizes[PT2__MAX_RANK];
  int64_t strides[PT2__MAX_RANK];  // bytes
  int64_t p_strides[PT2__MAX_RANK];
} walk_t;

// Orders the dimensions by stride; a stable sort of the reversed dimensions,
// so that of two equal strides the last dimension is the inner one.
static void walk_begin(walk_t* walk, const pt2_tensor_t* tensor,
                       const int64_t* p_strides, int64_t p_bytes) {
  int64_t bytes = (int64_t)pt2_dtype_size_bytes(tensor->dtype);
  int64_t rank = 0;
  for (int64_t d = tensor->rank - 1; d >= 0; --d) {
    if (tensor->sizes[d] == 1) {
      continue;
    }
    int64_t stride = tensor->strides[d] * bytes;
    int64_t place = rank++;
    while (place > 0 && stride != 0 && walk->strides[place - 1] > stride) {
      walk->sizes[place] = walk->sizes[place - 1];
      walk->strides[place] = walk->strides[place - 1];
      walk->p_strides[place] = walk->p_strides[place - 1];
      --place;
    }
    walk->sizes[place] = tensor->sizes[d];
    walk->strides[place] = stride;
    walk->p_strides[place] = p_strides != NULL ? p_strides[d] * p_bytes : 0;
  }
  if (rank == 0) {
    walk->sizes[0] = 1;
    walk->strides[0] = bytes;
    walk->p_strides[0] = 0;
    rank = 1;
  }
  // Joins dimensions that follow each other without a gap.
  int64_t last = 0;
  for (int64_t d = 1; d < rank; ++d) {
    if (walk->strides[d] == walk->strides[last] * walk->sizes[last] &&
        walk->p_strides[d] == walk->p_strides[last] * walk->sizes[last]) {
      walk->sizes[last] *= walk->sizes[d];
    } else {
      ++last;
      walk->sizes[last] = walk->sizes[d];
      walk->strides[last] = walk->strides[d];
      walk->p_strides[last] = walk->p_strides[d];
    }
  }
  walk->rank = last + 1;
}

typedef struct {
  pt2__generator_t* generator;
  int32_t dtype;
  int32_t p_dtype;
  double a;  // from, mean, lambda, p
  double b;  // to, std
  uint64_t range;
  int64_t base;
  bool wide;  // an integer is made of two words
} fill_t;

// Fills |count| elements |stride| bytes apart.
typedef void (*row_fn)(const fill_t* fill, char* row, int64_t count,
                       int64_t stride, const char* p_row, int64_t p_stride);

static void walk_rows(const fill_t* fill, const pt2_tensor_t* tensor,
                      const pt2_tensor_t* p, const int64_t* p_strides,
                      row_fn row) {
  if (tensor->numel == 0) {
    return;
  }
  walk_t walk;
  walk_begin(&walk, tensor, p_strides,
             p != NULL ? (int64_t)pt2_dtype_size_bytes(p->dtype) : 0);
  int64_t position[PT2__MAX_RANK] = {0};
  char* data = tensor->data;
  const char* p_data = p != NULL ? p->data : NULL;
  for (;;) {
    row(fill, data, walk.sizes[0], walk.strides[0], p_data, walk.p_strides[0]);
    int64_t d = 1;
    for (; d < walk.rank; ++d) {
      data += walk.strides[d];
      p_data = p_data != NULL ? p_data + walk.p_strides[d] : NULL;
      if (++position[d] < walk.sizes[d]) {
        break;
      }
      data -= walk.strides[d] * walk.sizes[d];
      p_data =
          p_data != NULL ? p_data - walk.p_strides[d] * walk.sizes[d] : NULL;
      position[d] = 0;
    }
    if (d == walk.rank) {
      return;
    }
  }
}

static void uniform_f32(const fill_t* fill, float* data, int64_t count) {
  pt2__generator_t* generator = fill->generator;
  float from = (float)fill->a, to = (float)fill->b;
  while (count > 0) {
    if (generator->next == PT2__GENERATOR_WORDS) {
      pt2__generator_refill(generator);
    }
    int64_t ready = PT2__GENERATOR_WORDS - (int64_t)generator->next;
    int64_t taken = count < ready ? count : ready;
    const uint32_t* words = generator->words + generator->next;
    if (from == 0.0f && to == 1.0f) {
      for (int64_t i = 0; i < taken; ++i) {
        data[i] = (float)(int32_t)(words[i] & 0xffffff) * 0x1p-24f;
      }
    } else {
      for (int64_t i = 0; i < taken; ++i) {
        float value = fmaf((float)(int32_t)(words[i] & 0xffffff) * 0x1p-24f,
                           to - from, from);
        data[i] = value == to ? from : value;
      }
    }
    generator->next += (uint32_t)taken;
    data += taken;
    count -= taken;
  }
}

static void uniform_row(const fill_t* fill, char* row, int64_t count,
                        int64_t stride, const char* p_row, int64_t p_stride) {
  (void)p_row, (void)p_stride;
  pt2__generator_t* generator = fill->generator;
  if (fill->dtype == PT2_DTYPE_F32 && stride == 4) {
    uniform_f32(fill, (float*)row, count);
    return;
  }
  // A number that rounding lifted to the open end becomes the closed one.
  if (fill->dtype == PT2_DTYPE_F64) {
    for (int64_t i = 0; i < count; ++i, row += stride) {
      double value =
          fma(pt2__generator_f64(generator), fill->b - fill->a, fill->a);
      *(double*)row = value == fill->b ? fill->a : value;
    }
    return;
  }
  float from = (float)fill->a, to = (float)fill->b;
  char end[8], start[8];
  pt2__element_set_f64(fill->dtype, end, fill->b);
  pt2__element_set_f64(fill->dtype, start, fill->a);
  size_t bytes = pt2_dtype_size_bytes(fill->dtype);
  for (int64_t i = 0; i < count; ++i, row += stride) {
    float value = fmaf(pt2__generator_f32(generator), to - from, from);
    pt2__element_set_f64(fill->dtype, row, (double)value);
    if (memcmp(row, end, bytes) == 0) {
      memcpy(row, start, bytes);
    }
  }
}

void pt2__fill_uniform(pt2__generator_t* generator, const pt2_tensor_t* tensor,
                       double from, double to) {
  fill_t fill = {
      .generator = generator, .dtype = tensor->dtype, .a = from, .b = to};
  walk_rows(&fill, tensor, NULL, NULL, uniform_row);
}

static void normal_blocks(float* data, int64_t block_count, float mean,
                          float std) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    pt2__normal_blocks_avx2(data, block_count, mean, std);
    return;
  }
#endif
  pt2__normal_blocks(data, block_count, mean, std);
}

static void normal_f32(const fill_t* fill, float* data, int64_t count) {
  fill_t uniform = {.generator = fill->generator, .a = 0, .b = 1};
  float mean = (float)fill->a, std = (float)fill->b;
  uniform_f32(&uniform, data, count);
  normal_blocks(data, count / 16, mean, std);
  if (count % 16 != 0) {
    // torch makes the last 16 anew.
    data += count - 16;
    uniform_f32(&uniform, data, 16);
    normal_blocks(data, 1, mean, std);
  }
}

static void normal_block_f64(double* data, double mean, double std) {
  for (int i = 0; i < 8; ++i) {
    double radius = sqrt(-2 * log(1 - data[i]));
    double angle = 6.283185307179586 * data[i + 8];
    data[i] = fma(radius * cos(angle), std, mean);
    data[i + 8] = fma(radius * sin(angle), std, mean);
  }
}

static void normal_f64(const fill_t* fill, double* data, int64_t count) {
  for (int64_t i = 0; i < count; ++i) {
    data[i] = pt2__generator_f64(fill->generator);
  }
  for (int64_t i = 0; i + 16 <= count; i += 16) {
    normal_block_f64(data + i, fill->a, fill->b);
  }
  if (count % 16 != 0) {
    data += count - 16;
    for (int i = 0; i < 16; ++i) {
      data[i] = pt2__generator_f64(fill->generator);
    }
    normal_block_f64(data, fill->a, fill->b);
  }
}

static void normal_f16(const fill_t* fill, char* data, int64_t count) {
  fill_t uniform = {.generator = fill->generator, .a = 0, .b = 1};
  for (int64_t i = 0; i < count; i += 16) {
    float block[16];
    int64_t at = i + 16 <= count ? i : count - 16;
    uniform_f32(&uniform, block, 16);
    normal_blocks(block, 1, (float)fill->a, (float)fill->b);
    for (int j = 0; j < 16; ++j) {
      pt2__element_set_f64(fill->dtype, data + 2 * (at + j), (double)block[j]);
    }
  }
}

static void normal_row(const fill_t* fill, char* row, int64_t count,
                       int64_t stride, const char* p_row, int64_t p_stride) {
  (void)p_row, (void)p_stride;
  for (int64_t i = 0; i < count; ++i, row += stride) {
    double value =
        fma(pt2__generator_normal(fill->generator), fill->b, fill->a);
    pt2__element_set_f64(fill->dtype, row, value);
  }
}

void pt2__fill_normal(pt2__generator_t* generator, const pt2_tensor_t* tensor,
                      double mean, double std) {
  fill_t fill = {
      .generator = generator, .dtype = tensor->dtype, .a = mean, .b = std};
  if (tensor->numel < 16 || !pt2__tensor_is_contiguous(tensor)) {
    walk_rows(&fill, tensor, NULL, NULL, normal_row);
  } else if (tensor->dtype == PT2_DTYPE_F32) {
    normal_f32(&fill, tensor->data, tensor->numel);
  } else if (tensor->dtype == PT2_DTYPE_F64) {
    normal_f64(&fill, tensor->data, tensor->numel);
  } else {
    normal_f16(&fill, tensor->data, tensor->numel);
  }
}

static void exponential_row(const fill_t* fill, char* row, int64_t count,
                            int64_t stride, const char* p_row,
                            int64_t p_stride) {
  (void)p_row, (void)p_stride;
  double scale = -1.0 / fill->a;
  for (int64_t i = 0; i < count; ++i, row += stride) {
    double value = scale * log1p(-pt2__generator_f64(fill->generator));
    if (fill->dtype == PT2_DTYPE_F32) {
      *(float*)row = (float)value;
    } else {
      pt2__element_set_f64(fill->dtype, row, value);
    }
  }
}

void pt2__fill_exponential(pt2__generator_t* generator,
                           const pt2_tensor_t* tensor, double lambda) {
  fill_t fill = {.generator = generator, .dtype = tensor->dtype, .a = lambda};
  walk_rows(&fill, tensor, NULL, NULL, exponential_row);
}

static inline void store(int32_t dtype, char* to, double value) {
  if (dtype == PT2_DTYPE_F32) {
    *(float*)to = (float)value;
  } else {
    pt2__element_set_f64(dtype, to, value);
  }
}

// CONTINUOUS: fills with |expression| of the fill_t |fill|, made in double.
#define CONTINUOUS(name, expression)                                      \
  static void name##_row(const fill_t* fill, char* row, int64_t count,    \
                         int64_t stride, const char* p_row,               \
                         int64_t p_stride) {                              \
    (void)p_row, (void)p_stride;                                          \
    for (int64_t i = 0; i < count; ++i, row += stride) {                  \
      store(fill->dtype, row, expression);                                \
    }                                                                     \
  }                                                                       \
  void pt2__fill_##name(pt2__generator_t* generator,                      \
                        const pt2_tensor_t* tensor, double a, double b) { \
    fill_t fill = {                                                       \
        .generator = generator, .dtype = tensor->dtype, .a = a, .b = b};  \
    walk_rows(&fill, tensor, NULL, NULL, name##_row);                     \
  }

CONTINUOUS(cauchy, fma(fill->b,
                       tan(3.141592653589793 *
                           (pt2__generator_f64(fill->generator) - 0.5)),
                       fill->a))
CONTINUOUS(log_normal,
           exp(fma(pt2__generator_normal(fill->generator), fill->b, fill->a)))

static void geometric_row(const fill_t* fill, char* row, int64_t count,
                          int64_t stride, const char* p_row, int64_t p_stride) {
  (void)p_row, (void)p_stride;
  bool floating = pt2__dtype_is_floating(fill->dtype);
  double scale = log1p(-fill->a);
  for (int64_t i = 0; i < count; ++i, row += stride) {
    double value = ceil(log(pt2__generator_f64(fill->generator)) / scale);
    if (floating) {
      store(fill->dtype, row, value);
    } else {
      // What does not fit is what x86 makes of it.
      int64_t whole = value < 0x1p63 ? (int64_t)value : INT64_MIN;
      pt2__element_set_i64(fill->dtype, row, whole);
    }
  }
}

void pt2__fill_geometric(pt2__generator_t* generator,
                         const pt2_tensor_t* tensor, double p) {
  fill_t fill = {.generator = generator, .dtype = tensor->dtype, .a = p};
  walk_rows(&fill, tensor, NULL, NULL, geometric_row);
}

static void integer_row(const fill_t* fill, char* row, int64_t count,
                        int64_t stride, const char* p_row, int64_t p_stride) {
  (void)p_row, (void)p_stride;
  bool wide = fill->wide;
  uint32_t range = (uint32_t)fill->range;
  for (int64_t i = 0; i < count; ++i, row += stride) {
    uint64_t number = wide ? pt2__generator_u64(fill->generator) % fill->range
                           : pt2__generator_u32(fill->generator) % range;
    int64_t value = (int64_t)(number + (uint64_t)fill->base);
    switch (fill->dtype) {
      case PT2_DTYPE_I64:
        *(int64_t*)row = value;
        break;
      case PT2_DTYPE_F32:
        *(float*)row = (float)value;
        break;
      case PT2_DTYPE_I32:
        *(int32_t*)row = (int32_t)value;
        break;
      default:
        pt2__element_set_i64(fill->dtype, row, value);
        break;
    }
  }
}

void pt2__fill_integers(pt2__generator_t* generator, const pt2_tensor_t* tensor,
                        uint64_t range, int64_t base) {
  fill_t fill = {.generator = generator,
                 .dtype = tensor->dtype,
                 .range = range,
                 .base = base,
                 .wide = range >= UINT64_C(1) << 28};
  walk_rows(&fill, tensor, NULL, NULL, integer_row);
}

void pt2__fill_any_integers(pt2__generator_t* generator,
                            const pt2_tensor_t* tensor, uint64_t range) {
  fill_t fill = {
      .generator = generator,
      .dtype = tensor->dtype,
      .range = range,
      .wide = tensor->dtype == PT2_DTYPE_I64 || tensor->dtype == PT2_DTYPE_F64};
  walk_rows(&fill, tensor, NULL, NULL, integer_row);
}

static void bernoulli_row(const fill_t* fill, char* row, int64_t count,
                          int64_t stride, const char* p_row, int64_t p_stride) {
  if (p_row == NULL && pt2_dtype_size_bytes(fill->dtype) == 1 &&
      pt2__dtype_is_integral(fill->dtype, true)) {
    for (int64_t i = 0; i < count; ++i, row += stride) {
      *row = pt2__generator_f64(fill->generator) < fill->a;
    }
    return;
  }
  if (p_row != NULL && fill->p_dtype == PT2_DTYPE_F32 &&
      fill->dtype == PT2_DTYPE_F32) {
    for (int64_t i = 0; i < count; ++i, row += stride, p_row += p_stride) {
      *(float*)row = pt2__generator_f32(fill->generator) < *(const float*)p_row;
    }
    return;
  }
  for (int64_t i = 0; i < count; ++i, row += stride) {
    bool success;
    if (p_row == NULL) {
      success = pt2__generator_f64(fill->generator) < fill->a;
    } else {
      double p = pt2__element_get_f64(fill->p_dtype, p_row + i * p_stride);
      success = fill->p_dtype == PT2_DTYPE_F64
                    ? pt2__generator_f64(fill->generator) < p
                    : (double)pt2__generator_f32(fill->generator) < p;
    }
    pt2__element_set_i64(fill->dtype, row, success);
  }
}

void pt2__fill_bernoulli(pt2__generator_t* generator,
                         const pt2_tensor_t* tensor, double p) {
  fill_t fill = {.generator = generator, .dtype = tensor->dtype, .a = p};
  walk_rows(&fill, tensor, NULL, NULL, bernoulli_row);
}

void pt2__fill_bernoulli_each(pt2__generator_t* generator,
                              const pt2_tensor_t* tensor, const pt2_tensor_t* p,
                              const int64_t* p_strides) {
  fill_t fill = {
      .generator = generator, .dtype = tensor->dtype, .p_dtype = p->dtype};
  walk_rows(&fill, tensor, p, p_strides, bernoulli_row);
}
