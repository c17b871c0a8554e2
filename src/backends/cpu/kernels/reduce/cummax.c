// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/kernels/reduce/cummax.h"

// Neighbouring rows whose extremes are kept at once.
#define WIDTH 64

// One of |outer| slices: |length| rows of |inner| elements.
typedef void (*slice_fn)(const void* source, void* target, int64_t* places,
                         int64_t length, int64_t inner);

// |real| is what elements are compared as; BEATS(a, b) tells whether a takes
// the place of b.
#define SLICE(name, type, real, LOAD, BEATS)                          \
  static void name(const void* source, void* target, int64_t* places, \
                   int64_t length, int64_t inner) {                   \
    const type* from = source;                                        \
    type* to = target;                                                \
    if (inner == 1) {                                                 \
      type kept = from[0];                                            \
      real best = LOAD(kept);                                         \
      int64_t place = 0;                                              \
      for (int64_t i = 0; i < length; ++i) {                          \
        real here = LOAD(from[i]);                                    \
        if (BEATS(here, best)) {                                      \
          kept = from[i];                                             \
          best = here;                                                \
          place = i;                                                  \
        }                                                             \
        to[i] = kept;                                                 \
        places[i] = place;                                            \
      }                                                               \
      return;                                                         \
    }                                                                 \
    for (int64_t first = 0; first < inner; first += WIDTH) {          \
      int64_t count = inner - first < WIDTH ? inner - first : WIDTH;  \
      type kept[WIDTH];                                               \
      int64_t place[WIDTH] = {0};                                     \
      for (int64_t j = 0; j < count; ++j) {                           \
        kept[j] = from[first + j];                                    \
      }                                                               \
      for (int64_t i = 0; i < length; ++i) {                          \
        int64_t at = i * inner + first;                               \
        for (int64_t j = 0; j < count; ++j) {                         \
          real here = LOAD(from[at + j]), best = LOAD(kept[j]);       \
          bool beats = BEATS(here, best);                             \
          kept[j] = beats ? from[at + j] : kept[j];                   \
          place[j] = beats ? i : place[j];                            \
          to[at + j] = kept[j];                                       \
          places[at + j] = place[j];                                  \
        }                                                             \
      }                                                               \
    }                                                                 \
  }

#define SAME(x) (x)
// NaN is unequal to itself; neither comparison holds for it.
#define MORE(a, b) ((a) >= (b))
#define LESS(a, b) ((a) <= (b))
#define FLOAT_MORE(a, b) (((a) >= (b)) | ((a) != (a)))
#define FLOAT_LESS(a, b) (((a) <= (b)) | ((a) != (a)))

#define BOTH(suffix, type, real, LOAD, IS_MORE, IS_LESS) \
  SLICE(max_##suffix, type, real, LOAD, IS_MORE)         \
  SLICE(min_##suffix, type, real, LOAD, IS_LESS)
BOTH(u8, uint8_t, uint8_t, SAME, MORE, LESS)
BOTH(i8, int8_t, int8_t, SAME, MORE, LESS)
BOTH(i16, int16_t, int16_t, SAME, MORE, LESS)
BOTH(i32, int32_t, int32_t, SAME, MORE, LESS)
BOTH(i64, int64_t, int64_t, SAME, MORE, LESS)
BOTH(f32, float, float, SAME, FLOAT_MORE, FLOAT_LESS)
BOTH(f64, double, double, SAME, FLOAT_MORE, FLOAT_LESS)
BOTH(f16, uint16_t, float, pt2__f16_to_f32, FLOAT_MORE, FLOAT_LESS)
BOTH(bf16, uint16_t, float, pt2__bf16_to_f32, FLOAT_MORE, FLOAT_LESS)

static slice_fn choose(bool largest, int32_t dtype) {
  switch (dtype) {
    case PT2_DTYPE_BOOL:
    case PT2_DTYPE_U8:
      return largest ? max_u8 : min_u8;
    case PT2_DTYPE_I8:
      return largest ? max_i8 : min_i8;
    case PT2_DTYPE_I16:
      return largest ? max_i16 : min_i16;
    case PT2_DTYPE_I32:
      return largest ? max_i32 : min_i32;
    case PT2_DTYPE_I64:
      return largest ? max_i64 : min_i64;
    case PT2_DTYPE_F16:
      return largest ? max_f16 : min_f16;
    case PT2_DTYPE_BF16:
      return largest ? max_bf16 : min_bf16;
    case PT2_DTYPE_F32:
      return largest ? max_f32 : min_f32;
    case PT2_DTYPE_F64:
      return largest ? max_f64 : min_f64;
    default:
      return NULL;
  }
}

static void run(slice_fn slice, const pt2_tensor_t* dense, int64_t dim,
                pt2_tensor_t* values, pt2_tensor_t* indices) {
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
  int64_t step = length * inner;
  int64_t bytes = (int64_t)pt2_dtype_size_bytes(dense->dtype) * step;
  int threads = pt2__op_threads(dense->numel);
#pragma omp parallel for num_threads(threads) if (threads > 1)
  for (int64_t i = 0; i < outer; ++i) {
    slice((const char*)dense->data + i * bytes, (char*)values->data + i * bytes,
          (int64_t*)indices->data + i * step, length, inner);
  }
}

static pt2_status_t make(slice_fn slice, const pt2_tensor_t* self, int64_t dim,
                         pt2_tensor_t* values, AtenTensorHandle* out_indices) {
  pt2_tensor_t *dense, *indices;
  PT2_TRY(pt2__tensor_contiguous(self, &dense));
  pt2_status_t status =
      pt2__tensor_empty(PT2_DTYPE_I64, self->rank, self->sizes, NULL, &indices);
  if (status == PT2_STATUS_OK) {
    if (self->numel > 0) {
      run(slice, dense, dim, values, indices);
    }
    *out_indices = indices;
  }
  pt2__tensor_release(dense);
  return status;
}

pt2_status_t pt2__cummax(bool largest, const pt2_tensor_t* self, int64_t dim,
                         AtenTensorHandle* out_values,
                         AtenTensorHandle* out_indices) {
  PT2_OP_CHECK_TENSOR(self, "self");
  PT2_TRY(pt2__op_wrap_dim(dim, self->rank, &dim));
  slice_fn slice = choose(largest, self->dtype);
  PT2_OP_CHECK(slice != NULL, "\"%s\" not implemented for '%s'",
               largest ? "cummax_cpu" : "cummin_cpu",
               pt2__dtype_torch_name(self->dtype));
  pt2_tensor_t* values;
  PT2_TRY(
      pt2__tensor_empty(self->dtype, self->rank, self->sizes, NULL, &values));
  pt2_status_t status = make(slice, self, dim, values, out_indices);
  if (status == PT2_STATUS_OK) {
    *out_values = values;
  } else {
    pt2__tensor_release(values);
  }
  return status;
}
