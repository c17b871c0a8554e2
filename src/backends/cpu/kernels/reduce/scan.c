// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/kernels/reduce/scan.h"

#include <complex.h>

// Neighbouring rows whose accumulators are kept at once.
#define WIDTH 64

// Slices of single elements that are taken side by side: a sum waits for the
// one before it.
#define SIDE_BY_SIDE 4

// |slices| of |outer| slices: |length| rows of |inner| elements. One, or up to
// SIDE_BY_SIDE if |inner| is 1.
typedef void (*slice_fn)(const void* source, void* target, int64_t slices,
                         int64_t length, int64_t inner);

#define SLICE(name, type, wide, start, LOAD, STORE, COMBINE)         \
  static void name(const void* source, void* target, int64_t slices, \
                   int64_t length, int64_t inner) {                  \
    const type* from = source;                                       \
    type* to = target;                                               \
    if (inner == 1 && slices == SIDE_BY_SIDE) {                      \
      wide sums[SIDE_BY_SIDE] = {start, start, start, start};        \
      for (int64_t i = 0; i < length; ++i) {                         \
        for (int j = 0; j < SIDE_BY_SIDE; ++j) {                     \
          sums[j] = COMBINE(sums[j], LOAD(from[j * length + i]));    \
          to[j * length + i] = STORE(sums[j]);                       \
        }                                                            \
      }                                                              \
      return;                                                        \
    }                                                                \
    if (inner == 1) {                                                \
      for (int64_t j = 0; j < slices; ++j) {                         \
        wide sum = start;                                            \
        for (int64_t i = j * length; i < (j + 1) * length; ++i) {    \
          sum = COMBINE(sum, LOAD(from[i]));                         \
          to[i] = STORE(sum);                                        \
        }                                                            \
      }                                                              \
      return;                                                        \
    }                                                                \
    for (int64_t first = 0; first < inner; first += WIDTH) {         \
      int64_t count = inner - first < WIDTH ? inner - first : WIDTH; \
      wide sums[WIDTH];                                              \
      for (int64_t j = 0; j < count; ++j) {                          \
        sums[j] = start;                                             \
      }                                                              \
      for (int64_t i = 0; i < length; ++i) {                         \
        const type* row = from + i * inner + first;                  \
        type* out = to + i * inner + first;                          \
        for (int64_t j = 0; j < count; ++j) {                        \
          sums[j] = COMBINE(sums[j], LOAD(row[j]));                  \
          out[j] = STORE(sums[j]);                                   \
        }                                                            \
      }                                                              \
    }                                                                \
  }

#define SAME(x) (x)
#define TO_F32(x) ((float)(x))
#define SUM(a, b) ((a) + (b))
#define PRODUCT(a, b) ((a) * (b))

// Integers wrap around, which only unsigned ones may do in C.
#define BOTH(name, type, wide, LOAD, STORE)          \
  SLICE(sum_##name, type, wide, 0, LOAD, STORE, SUM) \
  SLICE(product_##name, type, wide, 1, LOAD, STORE, PRODUCT)
BOTH(u8, uint8_t, uint8_t, SAME, (uint8_t))
BOTH(i16, uint16_t, uint16_t, (uint32_t), (uint16_t))
BOTH(i32, uint32_t, uint32_t, SAME, SAME)
BOTH(i64, uint64_t, uint64_t, SAME, SAME)
BOTH(f32, float, double, SAME, TO_F32)
BOTH(f64, double, double, SAME, SAME)
BOTH(f16, uint16_t, float, pt2__f16_to_f32, pt2__f32_to_f16)
BOTH(bf16, uint16_t, float, pt2__bf16_to_f32, pt2__f32_to_bf16)
BOTH(c64, float complex, double complex, SAME, (float complex))
BOTH(c128, double complex, double complex, SAME, SAME)

static slice_fn choose(pt2__scan_t kind, int32_t dtype) {
  bool sum = kind == PT2__SCAN_SUM;
  switch (dtype) {
    case PT2_DTYPE_U8:
    case PT2_DTYPE_I8:
      return sum ? sum_u8 : product_u8;
    case PT2_DTYPE_I16:
      return sum ? sum_i16 : product_i16;
    case PT2_DTYPE_I32:
      return sum ? sum_i32 : product_i32;
    case PT2_DTYPE_I64:
      return sum ? sum_i64 : product_i64;
    case PT2_DTYPE_F16:
      return sum ? sum_f16 : product_f16;
    case PT2_DTYPE_BF16:
      return sum ? sum_bf16 : product_bf16;
    case PT2_DTYPE_F32:
      return sum ? sum_f32 : product_f32;
    case PT2_DTYPE_F64:
      return sum ? sum_f64 : product_f64;
    case PT2_DTYPE_COMPLEX64:
      return sum ? sum_c64 : product_c64;
    case PT2_DTYPE_COMPLEX128:
      return sum ? sum_c128 : product_c128;
    default:
      return NULL;
  }
}

// |dense| and |result| are row-major and of the same dtype.
static void scan_dense(slice_fn slice, const pt2_tensor_t* dense, int64_t dim,
                       pt2_tensor_t* result) {
  int64_t outer = 1, inner = 1, length = 1;
  for (int64_t d = 0; d < dense->rank; ++d) {
    if (d < dim) {
      outer *= dense->sizes[d];
    } else if (d == dim) {
      length = dense->sizes[d];
    } else {
      inner *= dense->sizes[d];
    }
  }
  int64_t bytes = (int64_t)pt2_dtype_size_bytes(dense->dtype) * length * inner;
  int threads = pt2__op_threads(dense->numel);
  int64_t step = inner == 1 ? SIDE_BY_SIDE : 1;
#pragma omp parallel for num_threads(threads) if (threads > 1)
  for (int64_t i = 0; i < outer; i += step) {
    slice((const char*)dense->data + i * bytes, (char*)result->data + i * bytes,
          outer - i < step ? outer - i : step, length, inner);
  }
}

pt2_status_t pt2__scan(pt2__scan_t kind, const pt2_tensor_t* self, int64_t dim,
                       const int32_t* dtype, pt2_tensor_t** out_result) {
  PT2_OP_CHECK_TENSOR(self, "self");
  PT2_TRY(pt2__op_wrap_dim(dim, self->rank, &dim));
  int32_t wanted = dtype != NULL                               ? *dtype
                   : pt2__dtype_is_integral(self->dtype, true) ? PT2_DTYPE_I64
                                                               : self->dtype;
  slice_fn slice = choose(kind, wanted);
  PT2_OP_CHECK(slice != NULL, "\"%s\" not implemented for '%s'",
               kind == PT2__SCAN_SUM ? "cumsum_out_cpu" : "cumprod_out_cpu",
               pt2__dtype_torch_name(wanted));
  pt2_tensor_t *dense, *result;
  PT2_TRY(pt2__tensor_to_contiguous(self, wanted, &dense));
  pt2_status_t status =
      pt2__tensor_empty(wanted, self->rank, self->sizes, NULL, &result);
  if (status == PT2_STATUS_OK) {
    if (result->numel > 0) {
      scan_dense(slice, dense, dim, result);
    }
    *out_result = result;
  }
  pt2__tensor_release(dense);
  return status;
}
