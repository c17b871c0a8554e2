// SPDX-License-Identifier: Apache-2.0
//
// A padding goes through the result row by row. A row is a part in front, a
// middle that lies in the input as it does in the result, and a part behind;
// dimensions inside of the row that are not padded make up its unit.
#include "backends/cpu/kernels/index/pad.h"

#include <omp.h>
#include <string.h>

#include "backends/cpu/kernels/index/lay_out.h"
#include "ops/op.h"

// Instead of an offset: the constant.
#define NO_SOURCE INT64_MIN

typedef struct {
  int64_t size;
  int64_t first, end;     // results that follow one another in the input too
  int64_t in_step;        // bytes from element to element of the input
  const int64_t* offset;  // into the input, bytes, of each result; NO_SOURCE
} axis_t;

typedef struct {
  int axis_count;
  axis_t axes[PT2__MAX_RANK];  // outermost first, the last one is the row
  int64_t unit;                // bytes
  int64_t item;                // bytes of an element
  char value[16];              // the constant's element
  const char* input;
  char* output;
  int64_t* offsets;  // of all axes
  size_t offset_bytes;
} plan_t;

// Dimensions by stride of the result, the outermost first.
static void order_dims(const pt2__pad_t* pad, int* order) {
  for (int i = 0; i < pad->rank; ++i) {
    int at = i;
    for (; at > 0 && pad->out_strides[order[at - 1]] < pad->out_strides[i];
         --at) {
      order[at] = order[at - 1];
    }
    order[at] = i;
  }
}

static bool is_padded(const pt2__pad_t* pad, int d) {
  return pad->before[d] != 0 || pad->after[d] != 0;
}

// Takes dimensions that are whole and dense in both tensors into the unit;
// returns how many dimensions remain.
static int take_unit(const pt2__pad_t* pad, const pt2_tensor_t* input,
                     const int* order, plan_t* plan) {
  int64_t elements = 1;
  int count = pad->rank;
  for (; count > 1; --count) {
    int d = order[count - 1];
    if (is_padded(pad, d) ||
        (input->sizes[d] != 1 && input->strides[d] != elements)) {
      break;
    }
    elements *= input->sizes[d];
  }
  plan->unit = elements * plan->item;
  return count;
}

static pt2_status_t make_offsets(const pt2__pad_t* pad, const int* order,
                                 plan_t* plan) {
  size_t count = 0;
  for (int i = 0; i < plan->axis_count; ++i) {
    count += (size_t)plan->axes[i].size;
  }
  plan->offset_bytes = sizeof(int64_t) * count;
  plan->offsets = pt2__pool_alloc(plan->offset_bytes);
  if (plan->offsets == NULL) {
    return PT2_OUT_OF_MEMORY(plan->offset_bytes);
  }
  int64_t* next = plan->offsets;
  for (int i = 0; i < plan->axis_count; ++i) {
    axis_t* axis = &plan->axes[i];
    axis->offset = next;
    for (int64_t at = 0; at < axis->size; ++at) {
      int64_t from = pt2__pad_source(pad, order[i], at);
      *next++ = from < 0 ? NO_SOURCE : from * axis->in_step;
    }
  }
  return PT2_STATUS_OK;
}

static pt2_status_t make_plan(const pt2__pad_t* pad, const pt2_tensor_t* input,
                              pt2_tensor_t* output, plan_t* plan) {
  int order[PT2__MAX_RANK];
  order_dims(pad, order);
  plan->item = (int64_t)pt2_dtype_size_bytes(input->dtype);
  plan->input = input->data;
  plan->output = output->data;
  if (pad->mode == PT2__PAD_CONSTANT) {
    memcpy(plan->value, pad->value, sizeof(plan->value));
  }
  plan->axis_count = take_unit(pad, input, order, plan);
  for (int i = 0; i < plan->axis_count; ++i) {
    axis_t* axis = &plan->axes[i];
    int d = order[i];
    axis->size = pad->out_sizes[d];
    axis->in_step = input->strides[d] * plan->item;
    pt2__pad_middle(pad, d, &axis->first, &axis->end);
  }
  return make_offsets(pad, order, plan);
}

// ---- Rows ------------------------------------------------------------------

#define BY_ITEM(bytes, DO, otherwise) \
  switch (bytes) {                    \
    case 1:                           \
      DO(uint8_t);                    \
      break;                          \
    case 2:                           \
      DO(uint16_t);                   \
      break;                          \
    case 4:                           \
      DO(uint32_t);                   \
      break;                          \
    case 8:                           \
      DO(uint64_t);                   \
      break;                          \
    default:                          \
      otherwise;                      \
      break;                          \
  }

// |units| units of the constant.
static void fill(const plan_t* plan, int64_t units, char* to) {
  int64_t count = units * (plan->unit / plan->item);
#define FILL(type)                             \
  {                                            \
    type value;                                \
    memcpy(&value, plan->value, sizeof value); \
    type* at = (type*)to;                      \
    for (int64_t i = 0; i < count; ++i) {      \
      at[i] = value;                           \
    }                                          \
  }
  BY_ITEM(
      plan->item, FILL, for (int64_t i = 0; i < count; ++i) {
        memcpy(to + i * plan->item, plan->value, (size_t)plan->item);
      })
#undef FILL
}

// Rows [y0, y1) that belong together: |source| and |target| are those of the
// first dimension that |rows| says something about.
#define PAD_ROWS(type)                                                  \
  {                                                                     \
    type value = 0;                                                     \
    memcpy(&value, plan->value, sizeof value);                          \
    const int64_t* offset = axis->offset;                               \
    int64_t first = axis->first, end = axis->end, size = axis->size;    \
    int64_t step = axis->in_step;                                       \
    for (int64_t y = y0; y < y1; ++y) {                                 \
      type* to = (type*)target + (y - y0) * size;                       \
      if (rows != NULL && rows->offset[y] == NO_SOURCE) {               \
        fill(plan, size, (char*)to);                                    \
        continue;                                                       \
      }                                                                 \
      const char* from = source + (rows == NULL ? 0 : rows->offset[y]); \
      if (constant) {                                                   \
        for (int64_t x = 0; x < first; ++x) {                           \
          to[x] = value;                                                \
        }                                                               \
        for (int64_t x = end; x < size; ++x) {                          \
          to[x] = value;                                                \
        }                                                               \
      } else {                                                          \
        for (int64_t x = 0; x < first; ++x) {                           \
          to[x] = *(const type*)(from + offset[x]);                     \
        }                                                               \
        for (int64_t x = end; x < size; ++x) {                          \
          to[x] = *(const type*)(from + offset[x]);                     \
        }                                                               \
      }                                                                 \
      if (end > first && step == (int64_t)sizeof(type)) {               \
        memcpy(to + first, from + offset[first],                        \
               (size_t)(end - first) * sizeof(type));                   \
      } else if (end > first) {                                         \
        const char* middle = from + offset[first];                      \
        for (int64_t x = first; x < end; ++x) {                         \
          to[x] = *(const type*)(middle + (x - first) * step);          \
        }                                                               \
      }                                                                 \
    }                                                                   \
  }

// The same for units of other sizes.
static void pad_wide_rows(const plan_t* plan, const axis_t* rows, int64_t y0,
                          int64_t y1, const char* source, char* target) {
  const axis_t* axis = &plan->axes[plan->axis_count - 1];
  size_t unit = (size_t)plan->unit;
  for (int64_t y = y0; y < y1; ++y, target += axis->size * plan->unit) {
    if (rows != NULL && rows->offset[y] == NO_SOURCE) {
      fill(plan, axis->size, target);
      continue;
    }
    const char* from = source + (rows == NULL ? 0 : rows->offset[y]);
    for (int64_t x = 0; x < axis->size; ++x) {
      char* to = target + x * plan->unit;
      if (x == axis->first && axis->end > x && axis->in_step == plan->unit) {
        memcpy(to, from + axis->offset[x], (size_t)(axis->end - x) * unit);
        x = axis->end - 1;
      } else if (axis->offset[x] == NO_SOURCE) {
        fill(plan, 1, to);
      } else {
        memcpy(to, from + axis->offset[x], unit);
      }
    }
  }
}

static void pad_some_rows(const plan_t* plan, bool constant, const axis_t* rows,
                          int64_t y0, int64_t y1, const char* source,
                          char* target) {
  const axis_t* axis = &plan->axes[plan->axis_count - 1];
  if (source == NULL) {
    fill(plan, (y1 - y0) * axis->size, target);
    return;
  }
  // Units of several elements may lie across the bounds of larger types.
  BY_ITEM(plan->unit == plan->item ? plan->item : 0, PAD_ROWS,
          pad_wide_rows(plan, rows, y0, y1, source, target))
}

// Rows [from, to) of the result.
static void pad_rows(const plan_t* plan, bool constant, int64_t from,
                     int64_t to) {
  int outer = plan->axis_count - 2;  // dimensions around the rows' own
  const axis_t* rows = outer < 0 ? NULL : &plan->axes[outer];
  int64_t row_bytes = plan->axes[plan->axis_count - 1].size * plan->unit;
  int64_t length = rows == NULL ? 1 : rows->size;
  for (int64_t row = from; row < to;) {
    int64_t rest = row / length, y0 = row % length;
    int64_t y1 = y0 + to - row < length ? y0 + to - row : length;
    const char* source = plan->input;
    for (int i = outer - 1; i >= 0 && source != NULL; --i) {
      int64_t offset = plan->axes[i].offset[rest % plan->axes[i].size];
      rest /= plan->axes[i].size;
      source = offset == NO_SOURCE ? NULL : source + offset;
    }
    pad_some_rows(plan, constant, rows, y0, y1, source,
                  plan->output + row * row_bytes);
    row += y1 - y0;
  }
}

pt2_status_t pt2__pad_run(const pt2__pad_t* pad, const pt2_tensor_t* input,
                          pt2_tensor_t* output) {
  if (output->numel == 0) {
    return PT2_STATUS_OK;
  }
  plan_t plan = {0};
  PT2_TRY(make_plan(pad, input, output, &plan));
  bool constant = pad->mode == PT2__PAD_CONSTANT;
  int64_t rows = 1;
  for (int i = 0; i + 1 < plan.axis_count; ++i) {
    rows *= plan.axes[i].size;
  }
  int threads = pt2__op_threads(output->numel);
#pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1)
  for (int part = 0; part < threads; ++part) {
    pad_rows(&plan, constant, rows / threads * part,
             part + 1 == threads ? rows : rows / threads * (part + 1));
  }
  pt2__pool_free(plan.offsets, plan.offset_bytes);
  return PT2_STATUS_OK;
}

// ---- Gradient of a replication ---------------------------------------------

// Planes of rows of units, each of |inner| real numbers side by side.
typedef struct {
  int64_t in_width, out_width;
  int64_t inner;
  int64_t before;
  int64_t first, end;  // results in the middle
} row_t;

typedef void (*add_fn)(const row_t* row, bool fresh, const void* source,
                       void* target);

// Adds a row of the result's gradient to the row of the input that it was made
// from, in the order of its elements. A |fresh| row holds zeros.
#define ADD_ROW(suffix, type, ADD, COPY)                                    \
  static void add_run_##suffix(const type* from, int64_t count, type* to) { \
    for (int64_t i = 0; i < count; ++i) {                                   \
      to[i] = ADD(to[i], from[i]);                                          \
    }                                                                       \
  }                                                                         \
  static void add_row_##suffix(const row_t* row, bool fresh,                \
                               const void* source, void* target) {          \
    const type* from = source;                                              \
    int64_t inner = row->inner;                                             \
    type* head = target;                                                    \
    type* tail = head + (row->in_width - 1) * inner;                        \
    for (int64_t i = 0; i < row->first; ++i) {                              \
      add_run_##suffix(from + i * inner, inner, head);                      \
    }                                                                       \
    int64_t count = (row->end - row->first) * inner;                        \
    if (count > 0) {                                                        \
      const type* middle = from + row->first * inner;                       \
      type* to = head + (row->first - row->before) * inner;                 \
      /* Only the first unit of a fresh row can have got something yet. */  \
      int64_t added = !fresh ? count : to == head ? inner : 0;              \
      add_run_##suffix(middle, added, to);                                  \
      for (int64_t i = added; i < count; ++i) {                             \
        to[i] = COPY(middle[i]);                                            \
      }                                                                     \
    }                                                                       \
    for (int64_t i = row->end; i < row->out_width; ++i) {                   \
      add_run_##suffix(from + i * inner, inner, tail);                      \
    }                                                                       \
  }

#define SUM(a, b) ((a) + (b))
#define SUM_F16(a, b) pt2__f32_to_f16(pt2__f16_to_f32(a) + pt2__f16_to_f32(b))
#define SUM_BF16(a, b) \
  pt2__f32_to_bf16(pt2__bf16_to_f32(a) + pt2__bf16_to_f32(b))
// 0 + x, whose zero has no sign.
#define FROM_ZERO(x) (0 + (x))
#define FROM_ZERO_BITS(x) ((uint16_t)(((x)&0x7fff) != 0 ? (x) : 0))
ADD_ROW(f32, float, SUM, FROM_ZERO)
ADD_ROW(f64, double, SUM, FROM_ZERO)
ADD_ROW(f16, uint16_t, SUM_F16, FROM_ZERO_BITS)
ADD_ROW(bf16, uint16_t, SUM_BF16, FROM_ZERO_BITS)

// Real numbers that make up an element, and what adds them.
static add_fn choose_add(int32_t dtype, int* out_parts) {
  *out_parts = pt2__dtype_is_complex(dtype) ? 2 : 1;
  switch (dtype) {
    case PT2_DTYPE_F32:
    case PT2_DTYPE_COMPLEX64:
      return add_row_f32;
    case PT2_DTYPE_F64:
    case PT2_DTYPE_COMPLEX128:
      return add_row_f64;
    case PT2_DTYPE_F16:
      return add_row_f16;
    default:
      return add_row_bf16;
  }
}

static int64_t clamp(int64_t value, int64_t highest) {
  return value < 0 ? 0 : value > highest ? highest : value;
}

// One dimension that rows of the gradient are added along, or one that the
// tensors lack.
typedef struct {
  int64_t in, out, before;
} across_t;

static across_t across(const pt2__pad_t* pad, bool there, int d) {
  return there ? (across_t){pad->in_sizes[d], pad->out_sizes[d], pad->before[d]}
               : (across_t){1, 1, 0};
}

// Results [*out_first, *out_end) are made of element |at|.
static void results_of(const across_t* a, int64_t at, int64_t* out_first,
                       int64_t* out_end) {
  *out_first = at == 0 ? 0 : clamp(at + a->before, a->out);
  *out_end = at == a->in - 1 ? a->out : clamp(at + a->before + 1, a->out);
}

static void add_rows(const pt2__pad_t* pad, int spatial, bool channels_last,
                     const pt2_tensor_t* grad_output, pt2_tensor_t* result) {
  int parts;
  add_fn add = choose_add(result->dtype, &parts);
  int w = pad->rank - 1, c = pad->rank - spatial - 1;
  row_t row = {.in_width = pad->in_sizes[w],
               .out_width = pad->out_sizes[w],
               .inner = parts * (channels_last ? pad->in_sizes[c] : 1),
               .before = pad->before[w]};
  pt2__pad_middle(pad, w, &row.first, &row.end);
  const across_t height = across(pad, spatial >= 2, w - 1);
  const across_t depth = across(pad, spatial == 3, w - 2);
  int64_t in_row = row.in_width * row.inner;
  int64_t out_row = row.out_width * row.inner;
  int64_t bytes = (int64_t)pt2_dtype_size_bytes(result->dtype) / parts;
  int64_t lines = result->numel * parts / in_row;
  int threads = pt2__op_threads(grad_output->numel + result->numel);
#pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1)
  for (int64_t line = 0; line < lines; ++line) {
    int64_t z = line / height.in % depth.in;
    int64_t plane = line / height.in / depth.in * depth.out;
    char* to = (char*)result->data + line * in_row * bytes;
    memset(to, 0, (size_t)(in_row * bytes));
    int64_t top, bottom, front, back;
    results_of(&height, line % height.in, &top, &bottom);
    results_of(&depth, z, &front, &back);
    bool fresh = true;
    for (int64_t k = front; k < back; ++k) {
      for (int64_t i = top; i < bottom; ++i, fresh = false) {
        const char* source = (const char*)grad_output->data +
                             ((plane + k) * height.out + i) * out_row * bytes;
        add(&row, fresh, source, to);
      }
    }
  }
}

static pt2_status_t add_into(const pt2__pad_t* pad, int spatial,
                             const pt2_tensor_t* grad_output,
                             pt2_tensor_t* result) {
  // Whether the channels lie innermost; what PyTorch takes for channels of a
  // volume without a batch is its depth.
  bool channels_last = pad->rank == spatial + 2 && spatial >= 2 &&
                       pad->out_strides[1] == 1 &&
                       pt2__tensor_is_channels_last(result);
  pt2_tensor_t *source, *dense;
  PT2_TRY(
      pt2__lay_out(grad_output, grad_output->dtype, channels_last, &source));
  pt2_status_t status = PT2_STATUS_OK;
  if (channels_last || pt2__tensor_is_contiguous(result)) {
    add_rows(pad, spatial, channels_last, source, result);
  } else {
    status = pt2__tensor_empty(result->dtype, pad->rank, pad->in_sizes, NULL,
                               &dense);
    if (status == PT2_STATUS_OK) {
      add_rows(pad, spatial, false, source, dense);
      status = pt2__tensor_copy(result, dense);
      pt2__tensor_release(dense);
    }
  }
  pt2__tensor_release(source);
  return status;
}

pt2_status_t pt2__replication_pad_backward(const pt2_tensor_t* grad_output,
                                           const pt2_tensor_t* self,
                                           pt2__int_list_t padding, int spatial,
                                           pt2_tensor_t** out_result) {
  pt2__pad_t pad;
  PT2_TRY(pt2__pad_resolve_replicate_backward(grad_output, self, padding,
                                              spatial, &pad));
  pt2_tensor_t* result = NULL;
  PT2_TRY(pt2__tensor_empty(self->dtype, pad.rank, pad.in_sizes,
                            pad.out_strides, &result));
  pt2_status_t status = PT2_STATUS_OK;
  if (result->numel > 0) {
    status = add_into(&pad, spatial, grad_output, result);
  }
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(result);
    return status;
  }
  *out_result = result;
  return PT2_STATUS_OK;
}
