// SPDX-License-Identifier: Apache-2.0
//
// aten::segment_reduce. f16 and bf16 are rounded at each step, as in torch.
#include <math.h>
#include <string.h>

#include "ops/boxed.h"
#include "ops/segment.h"

// One segment: the rows [first, last) of |inner| elements become one.
typedef struct {
  pt2__scatter_t kind;
  const void* data;
  int64_t first;
  int64_t last;
  int64_t inner;
  double start;
  bool has_initial;  // |start| is the caller's
  void* result;
} segment_t;

typedef void (*segment_fn)(const segment_t* segment);

#define SAME(x) (x)
// NaN is unequal to itself; once it is there, it stays.
#define ADDED(a, b) ((a) + (b))
#define MULTIPLIED(a, b) ((a) * (b))
#define LARGER(a, b) ((((a) < (b)) | ((b) != (b))) ? (b) : (a))
#define SMALLER(a, b) ((((b) < (a)) | ((b) != (b))) ? (b) : (a))

#define COMBINE(type, real, LOAD, STORE, RESULT)              \
  for (int64_t r = segment->first; r < segment->last; ++r) {  \
    const type* row = (const type*)segment->data + r * inner; \
    for (int64_t j = 0; j < inner; ++j) {                     \
      real a = LOAD(to[j]), b = LOAD(row[j]);                 \
      to[j] = STORE(RESULT(a, b));                            \
    }                                                         \
  }                                                           \
  break

#define SEGMENT(name, type, real, LOAD, STORE)                             \
  static void name(const segment_t* segment) {                             \
    int64_t inner = segment->inner;                                        \
    int64_t count = segment->last - segment->first;                        \
    type* restrict to = segment->result;                                   \
    for (int64_t j = 0; j < inner; ++j) {                                  \
      to[j] = STORE((real)segment->start);                                 \
    }                                                                      \
    switch (segment->kind) {                                               \
      case PT2__SCATTER_PRODUCT:                                           \
        COMBINE(type, real, LOAD, STORE, MULTIPLIED);                      \
      case PT2__SCATTER_MAX:                                               \
        COMBINE(type, real, LOAD, STORE, LARGER);                          \
      case PT2__SCATTER_MIN:                                               \
        COMBINE(type, real, LOAD, STORE, SMALLER);                         \
      default:                                                             \
        COMBINE(type, real, LOAD, STORE, ADDED);                           \
    }                                                                      \
    if (segment->kind != PT2__SCATTER_MEAN) {                              \
      return;                                                              \
    }                                                                      \
    real divisor = LOAD(STORE((real)count));                               \
    for (int64_t j = 0; j < inner && (count > 0 || !segment->has_initial); \
         ++j) {                                                            \
      to[j] = STORE(count > 0 ? LOAD(to[j]) / divisor : (real)NAN);        \
    }                                                                      \
  }

SEGMENT(segment_f32, float, float, SAME, SAME)
SEGMENT(segment_f64, double, double, SAME, SAME)
SEGMENT(segment_f16, uint16_t, float, pt2__f16_to_f32, pt2__f32_to_f16)
SEGMENT(segment_bf16, uint16_t, float, pt2__bf16_to_f32, pt2__f32_to_bf16)

static segment_fn choose(int32_t dtype) {
  switch (dtype) {
    case PT2_DTYPE_F16:
      return segment_f16;
    case PT2_DTYPE_BF16:
      return segment_bf16;
    case PT2_DTYPE_F32:
      return segment_f32;
    case PT2_DTYPE_F64:
      return segment_f64;
    default:
      return NULL;
  }
}

static double start_of(pt2__scatter_t kind, const double* initial) {
  return initial != NULL                ? *initial
         : kind == PT2__SCATTER_MAX     ? -INFINITY
         : kind == PT2__SCATTER_MIN     ? INFINITY
         : kind == PT2__SCATTER_PRODUCT ? 1
                                        : 0;
}

static void run(segment_fn function, const pt2__segments_t* segments,
                const pt2_tensor_t* dense, const double* initial,
                pt2_tensor_t* result) {
  int64_t bytes = (int64_t)pt2_dtype_size_bytes(dense->dtype);
  int64_t row = segments->inner * bytes;
  int64_t tasks = segments->outer * segments->segments;
  int threads = pt2__op_threads(dense->numel);
#pragma omp parallel for num_threads(threads) if (threads > 1)
  for (int64_t i = 0; i < tasks; ++i) {
    int64_t o = i / segments->segments, s = i % segments->segments;
    const int64_t* offsets =
        segments->offsets + o * (segments->segments + 1) + s;
    const segment_t segment = {
        .kind = segments->kind,
        .data = (const char*)dense->data + o * segments->length * row,
        .first = offsets[0],
        .last = offsets[1],
        .inner = segments->inner,
        .start = start_of(segments->kind, initial),
        .has_initial = initial != NULL,
        .result = (char*)result->data + i * row};
    function(&segment);
  }
}

// Extremes need no rounding: those of f16 and bf16 are found in f32.
static int32_t dtype_of_run(pt2__scatter_t kind, int32_t dtype) {
  bool low = dtype == PT2_DTYPE_F16 || dtype == PT2_DTYPE_BF16;
  bool extreme = kind == PT2__SCATTER_MAX || kind == PT2__SCATTER_MIN;
  return low && extreme ? PT2_DTYPE_F32 : dtype;
}

static pt2_status_t reduce(const pt2__segments_t* segments,
                           const pt2_tensor_t* data, const double* initial,
                           pt2_tensor_t** out_result) {
  int64_t sizes[PT2__MAX_RANK];
  memcpy(sizes, data->sizes, sizeof(int64_t) * (size_t)data->rank);
  sizes[segments->axis] = segments->segments;
  int32_t dtype = dtype_of_run(segments->kind, data->dtype);
  double rounded = 0;
  if (initial != NULL) {
    char element[16];
    pt2__element_set_f64(data->dtype, element, *initial);
    rounded = pt2__element_get_f64(data->dtype, element);
  }
  pt2_tensor_t *dense, *result;
  PT2_TRY(pt2__tensor_to_contiguous(data, dtype, &dense));
  pt2_status_t status =
      pt2__tensor_empty(dtype, data->rank, sizes, NULL, &result);
  if (status == PT2_STATUS_OK) {
    if (result->numel > 0) {
      run(choose(dtype), segments, dense, initial != NULL ? &rounded : NULL,
          result);
    }
    status = pt2__tensor_to_contiguous(result, data->dtype, out_result);
    pt2__tensor_release(result);
  }
  pt2__tensor_release(dense);
  return status;
}

static pt2_status_t segment_reduce(const pt2__segment_args_t* args,
                                   const AtenTensorHandle* indices,
                                   const double* initial,
                                   AtenTensorHandle* ret0) {
  PT2_OP_CHECK_TENSOR(args->data, "data");
  PT2_OP_CHECK(indices == NULL || *indices == NULL,
               "segment_reduce(): indices based reduction is not supported "
               "yet.");
  PT2_OP_CHECK(choose(args->data->dtype) != NULL,
               "\"_segment_reduce_cpu\" not implemented for '%s'",
               pt2__dtype_torch_name(args->data->dtype));
  pt2__segments_t segments;
  PT2_TRY(pt2__segments_resolve(args, &segments));
  pt2_status_t status = reduce(&segments, args->data, initial, ret0);
  pt2__segments_free(&segments);
  return status;
}

AOTITorchError aoti_torch_cpu_segment_reduce(
    AtenTensorHandle data, const char* reduce, AtenTensorHandle* lengths,
    AtenTensorHandle* indices, AtenTensorHandle* offsets, int64_t axis,
    int32_t unsafe, double* initial, AtenTensorHandle* ret0) {
  const pt2__segment_args_t args = {
      .data = data,
      .reduce = reduce,
      .lengths = lengths != NULL ? *lengths : NULL,
      .offsets = offsets != NULL ? *offsets : NULL,
      .axis = axis,
      .unsafe = unsafe != 0};
  PT2_OP_RETURN("aten::segment_reduce",
                segment_reduce(&args, indices, initial, ret0));
}

// By name, which models do for an |initial| that is no float.
static pt2_status_t by_name(const pt2__boxed_t* boxed,
                            pt2_tensor_t** out_result) {
  pt2_tensor_t *data, *lengths, *indices, *offsets;
  pt2__segment_args_t args = {.reduce = NULL};
  double initial = 0;
  bool given;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "data", &data));
  PT2_TRY(pt2__boxed_string(boxed, 1, "reduce", &args.reduce));
  PT2_TRY(pt2__boxed_optional_tensor(boxed, 2, "lengths", &lengths));
  PT2_TRY(pt2__boxed_optional_tensor(boxed, 3, "indices", &indices));
  PT2_TRY(pt2__boxed_optional_tensor(boxed, 4, "offsets", &offsets));
  PT2_TRY(pt2__boxed_optional_int(boxed, 5, "axis", &args.axis, NULL));
  PT2_TRY(pt2__boxed_bool(boxed, 6, "unsafe", &args.unsafe));
  PT2_TRY(pt2__boxed_number(boxed, 7, "initial", &initial, &given));
  args.data = data;
  args.lengths = lengths;
  args.offsets = offsets;
  return segment_reduce(&args, &indices, given ? &initial : NULL, out_result);
}

PT2_BOXED_OP(segment_reduce, 1, by_name)
