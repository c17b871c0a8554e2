// SPDX-License-Identifier: Apache-2.0
#include "ops/padding.h"

#include <math.h>
#include <string.h>

#include "ops/op.h"

static pt2_status_t parse_mode(const char* text, pt2__pad_mode_t* out_mode) {
  static const char* const names[] = {"constant", "reflect", "replicate",
                                      "circular"};
  PT2_OP_CHECK(text != NULL, "padding mode is a NULL string");
  for (int i = 0; i < 4; ++i) {
    if (strcmp(text, names[i]) == 0) {
      *out_mode = (pt2__pad_mode_t)i;
      return PT2_STATUS_OK;
    }
  }
  return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT, "Unrecognised padding mode %s",
                  text);
}

// Sets |before|, |after| and |out_sizes| of every dimension.
static pt2_status_t take_pads(const pt2_tensor_t* self, pt2__int_list_t list,
                              pt2__pad_t* pad) {
  pad->rank = self->rank;
  for (int d = 0; d < self->rank; ++d) {
    int64_t pair = self->rank - 1 - d;
    bool padded = pair < list.count / 2;
    int64_t before = padded ? list.values[2 * pair] : 0;
    int64_t after = padded ? list.values[2 * pair + 1] : 0;
    int64_t size = self->sizes[d];
    // Then no sum of a size and two pads overflows.
    PT2_OP_CHECK(before < INT64_MAX / 4 && before > -INT64_MAX / 4 &&
                     after < INT64_MAX / 4 && after > -INT64_MAX / 4 &&
                     size < INT64_MAX / 4,
                 "padding (%lld, %lld) at dimension %d of size %lld is too "
                 "large",
                 (long long)before, (long long)after, d, (long long)size);
    pad->before[d] = before;
    pad->after[d] = after;
    pad->in_sizes[d] = size;
    pad->out_sizes[d] = size + before + after;
  }
  return PT2_STATUS_OK;
}

// ---- Constant --------------------------------------------------------------

// What is left of dimension |d| when negative pads have been taken away must
// not be less than nothing after either of them.
static pt2_status_t check_trimmed(const pt2__pad_t* pad, int d) {
  int64_t left = pad->in_sizes[d];
  const int64_t pads[2] = {pad->before[d], pad->after[d]};
  for (int i = 0; i < 2; ++i) {
    if (pads[i] < 0) {
      left += pads[i];
    }
    PT2_OP_CHECK(left >= 0,
                 "the input size %lld of dimension %d is less than the "
                 "negative padding %lld and %lld takes away",
                 (long long)pad->in_sizes[d], d, (long long)pad->before[d],
                 (long long)pad->after[d]);
  }
  return PT2_STATUS_OK;
}

static bool fits(double value, double lowest, double highest) {
  return value >= lowest && value <= highest;
}

// torch refuses a value that the dtype cannot hold. Integers drop a fraction.
static pt2_status_t check_value(int32_t dtype, double value) {
  bool held = true;
  bool finite = isfinite(value);
  switch (dtype) {
    case PT2_DTYPE_U8:
      held = fits(value, 0, UINT8_MAX);
      break;
    case PT2_DTYPE_I8:
      held = fits(value, INT8_MIN, INT8_MAX);
      break;
    case PT2_DTYPE_I16:
      held = fits(value, INT16_MIN, INT16_MAX);
      break;
    case PT2_DTYPE_U16:
      held = fits(value, 0, UINT16_MAX);
      break;
    case PT2_DTYPE_I32:
      held = fits(value, INT32_MIN, INT32_MAX);
      break;
    case PT2_DTYPE_U32:
      held = fits(value, 0, UINT32_MAX);
      break;
    case PT2_DTYPE_I64:  // the doubles next to the bounds
      held = fits(value, -0x1p63, 0x1.fffffffffffffp62);
      break;
    case PT2_DTYPE_U64:
      held = fits(value, 0, 0x1.fffffffffffffp63);
      break;
    case PT2_DTYPE_F16:
    case PT2_DTYPE_COMPLEX32:
      held = !finite || fits(value, -65504, 65504);
      break;
    case PT2_DTYPE_BF16:
      held = !finite || fits(value, -0x1.fep127, 0x1.fep127);
      break;
    // Of the 8-bit floats only E5M2 has infinities.
    case PT2_DTYPE_F8E5M2:
      held = !finite || fits(value, -57344, 57344);
      break;
    case PT2_DTYPE_F8E5M2FNUZ:
      held = isnan(value) || fits(value, -57344, 57344);
      break;
    case PT2_DTYPE_F8E4M3FN:
      held = isnan(value) || fits(value, -448, 448);
      break;
    case PT2_DTYPE_F8E4M3FNUZ:
      held = isnan(value) || fits(value, -240, 240);
      break;
    case PT2_DTYPE_F8E8M0FNU:
      held = isnan(value) || fits(value, 0x1p-127, 0x1p127);
      break;
    case PT2_DTYPE_F32:
    case PT2_DTYPE_COMPLEX64:
      held = !finite || fits(value, -0x1.fffffep127, 0x1.fffffep127);
      break;
    default:
      break;
  }
  PT2_OP_CHECK(held, "value %g cannot be converted to type %s without overflow",
               value, pt2__dtype_torch_name(dtype));
  return PT2_STATUS_OK;
}

static void set_value(int32_t dtype, double value, char* element) {
  const double parts[2] = {value, 0};
  if (pt2__dtype_is_complex(dtype)) {
    pt2__element_set_complex(dtype, element, parts);
  } else if (pt2__dtype_is_integral(dtype, false)) {
    // Beyond 2^63 there are only values of uint64.
    pt2__element_set_i64(
        dtype, element,
        value < 0x1p63 ? (int64_t)value : (int64_t)(uint64_t)value);
  } else {
    pt2__element_set_f64(dtype, element, value);
  }
}

static pt2_status_t resolve_constant(const pt2_tensor_t* self,
                                     pt2__pad_t* pad) {
  pad->trims = true;
  for (int d = 0; d < self->rank; ++d) {
    PT2_TRY(check_trimmed(pad, d));
    pad->trims = pad->trims && pad->before[d] <= 0 && pad->after[d] <= 0;
    PT2_OP_CHECK(pad->out_sizes[d] >= 0,
                 "The input size %lld, plus negative padding %lld and %lld "
                 "resulted in a negative output size, which is invalid. Check "
                 "dimension %d of your input.",
                 (long long)pad->in_sizes[d], (long long)pad->before[d],
                 (long long)pad->after[d], d);
  }
  if (pad->trims) {
    return PT2_STATUS_OK;
  }
  if (self->dtype == PT2_DTYPE_F4E2M1FNX2) {
    return PT2_FAIL(PT2_STATUS_UNSUPPORTED,
                    "\"fill_cpu\" not implemented for '%s'",
                    pt2__dtype_torch_name(self->dtype));
  }
  if (pt2__tensor_suggest_memory_format(self) != PT2_MEMORY_FORMAT_CONTIGUOUS) {
    pt2__sizes_channels_last_strides(self->rank, pad->out_sizes,
                                     pad->out_strides);
  } else {
    pt2__sizes_contiguous_strides(self->rank, pad->out_sizes, pad->out_strides);
  }
  return PT2_STATUS_OK;
}

// ---- Reflection, replication, circular -------------------------------------

static const char* mode_name(pt2__pad_mode_t mode) {
  static const char* const names[] = {"constant", "reflect", "replicate",
                                      "circular"};
  return names[mode];
}

static bool is_float_or_complex(int32_t dtype) {
  return dtype == PT2_DTYPE_F32 || dtype == PT2_DTYPE_F64 ||
         dtype == PT2_DTYPE_F16 || dtype == PT2_DTYPE_BF16 ||
         dtype == PT2_DTYPE_COMPLEX64 || dtype == PT2_DTYPE_COMPLEX128;
}

static bool is_integer(int32_t dtype) {
  return dtype == PT2_DTYPE_U8 || dtype == PT2_DTYPE_I8 ||
         dtype == PT2_DTYPE_I16 || dtype == PT2_DTYPE_I32 ||
         dtype == PT2_DTYPE_I64;
}

// Only the batch may be empty.
static pt2_status_t check_input(const pt2_tensor_t* self, int spatial) {
  int batch_rank = spatial + 2;
  bool valid = self->rank == batch_rank || self->rank == spatial + 1;
  for (int d = self->rank == batch_rank ? 1 : 0; d < self->rank; ++d) {
    valid = valid && self->sizes[d] != 0;
  }
  char text[256];
  PT2_OP_CHECK(valid,
               "Expected %dD or %dD (batch mode) tensor with possibly 0 batch "
               "size and other non-zero dimensions for input, but got: %s",
               spatial + 1, batch_rank,
               pt2__sizes_format(self->rank, self->sizes, text, sizeof(text)));
  return PT2_STATUS_OK;
}

static pt2_status_t check_edge(const pt2_tensor_t* self, const pt2__pad_t* pad,
                               int spatial) {
  char text[256];
  for (int i = 0; i < spatial; ++i) {
    int d = pad->rank - 1 - i;
    if (pad->mode == PT2__PAD_REFLECT) {
      PT2_OP_CHECK(
          pad->before[d] < pad->in_sizes[d] && pad->after[d] < pad->in_sizes[d],
          "Argument #%d: Padding size should be less than the corresponding "
          "input dimension, but got: padding (%lld, %lld) at dimension %d of "
          "input %s",
          4 + 2 * i, (long long)pad->before[d], (long long)pad->after[d], d,
          pt2__sizes_format(self->rank, self->sizes, text, sizeof(text)));
    }
  }
  for (int d = pad->rank - spatial; d < pad->rank; ++d) {
    PT2_OP_CHECK(
        pad->out_sizes[d] >= 1,
        "the calculated output size %lld of dimension %d must be >= 1 "
        "in every dimension (input %s): it is too small",
        (long long)pad->out_sizes[d], d,
        pt2__sizes_format(self->rank, self->sizes, text, sizeof(text)));
  }
  return PT2_STATUS_OK;
}

static pt2_status_t resolve_edge(const pt2_tensor_t* self, int spatial,
                                 pt2__pad_t* pad) {
  PT2_TRY(check_input(self, spatial));
  PT2_TRY(check_edge(self, pad, spatial));
  if (!is_float_or_complex(self->dtype) && !is_integer(self->dtype)) {
    return PT2_FAIL(
        PT2_STATUS_UNSUPPORTED, "\"%s_pad%dd\" not implemented for '%s'",
        pad->mode == PT2__PAD_REFLECT ? "reflection" : "replication", spatial,
        pt2__dtype_torch_name(self->dtype));
  }
  if (pt2__tensor_suggest_memory_format(self) != PT2_MEMORY_FORMAT_CONTIGUOUS) {
    pt2__sizes_channels_last_strides(self->rank, pad->out_sizes,
                                     pad->out_strides);
  } else {
    pt2__sizes_contiguous_strides(self->rank, pad->out_sizes, pad->out_strides);
  }
  return PT2_STATUS_OK;
}

static pt2_status_t resolve_circular(const pt2_tensor_t* self, int spatial,
                                     pt2__pad_t* pad) {
  for (int d = self->rank - spatial; d < self->rank; ++d) {
    PT2_OP_CHECK(
        pad->before[d] <= pad->in_sizes[d] && pad->after[d] <= pad->in_sizes[d],
        "Padding value causes wrapping around more than once. (padding (%lld, "
        "%lld) at dimension %d of size %lld)",
        (long long)pad->before[d], (long long)pad->after[d], d,
        (long long)pad->in_sizes[d]);
    int64_t first, end;
    pt2__pad_middle(pad, d, &first, &end);
    // torch leaves results unset if there is nothing to repeat.
    PT2_OP_CHECK(
        pad->out_sizes[d] >= 0 && (end > first || pad->out_sizes[d] == 0),
        "Negative padding value is resulting in an empty dimension (padding "
        "(%lld, %lld) at dimension %d of size %lld)",
        (long long)pad->before[d], (long long)pad->after[d], d,
        (long long)pad->in_sizes[d]);
  }
  pt2__sizes_contiguous_strides(self->rank, pad->out_sizes, pad->out_strides);
  return PT2_STATUS_OK;
}

// What every mode needs.
static pt2_status_t check_list(const pt2_tensor_t* self, pt2__int_list_t list) {
  PT2_OP_CHECK(list.count == 0 || list.values != NULL, "pad is a NULL list");
  PT2_OP_CHECK(list.count >= 0 && list.count % 2 == 0,
               "Padding length must be divisible by 2, got %lld",
               (long long)list.count);
  PT2_OP_CHECK(list.count <= 2 * (int64_t)self->rank,
               "Padding length should be less than or equal to two times the "
               "input dimension but got padding length %lld and input of "
               "dimension %d",
               (long long)list.count, self->rank);
  return PT2_STATUS_OK;
}

pt2_status_t pt2__pad_resolve_constant(const pt2_tensor_t* self,
                                       pt2__int_list_t list,
                                       pt2__pad_t* out_pad) {
  PT2_OP_CHECK_TENSOR(self, "self");
  pt2__pad_t pad = {.mode = PT2__PAD_CONSTANT};
  PT2_TRY(check_list(self, list));
  PT2_TRY(take_pads(self, list, &pad));
  PT2_TRY(resolve_constant(self, &pad));
  *out_pad = pad;
  return PT2_STATUS_OK;
}

pt2_status_t pt2__pad_resolve(const pt2_tensor_t* self, pt2__int_list_t list,
                              const char* mode, const double* value,
                              pt2__pad_t* out_pad) {
  PT2_OP_CHECK_TENSOR(self, "self");
  pt2__pad_t pad = {0};
  PT2_TRY(parse_mode(mode, &pad.mode));
  if (pad.mode == PT2__PAD_CONSTANT) {
    const double number = value != NULL ? *value : 0;
    PT2_TRY(pt2__pad_resolve_constant(self, list, &pad));
    if (!pad.trims) {
      PT2_TRY(check_value(self->dtype, number));
      set_value(self->dtype, number, pad.value);
    }
    *out_pad = pad;
    return PT2_STATUS_OK;
  }
  PT2_TRY(check_list(self, list));
  PT2_TRY(take_pads(self, list, &pad));
  PT2_OP_CHECK(value == NULL,
               "Padding mode \"%s\" doesn't take in value argument",
               mode_name(pad.mode));
  int spatial = (int)(list.count / 2);
  PT2_OP_CHECK(spatial >= 1 && spatial <= 3 &&
                   (self->rank == spatial + 1 || self->rank == spatial + 2),
               "Padding size %lld is not supported for %dD input tensor.",
               (long long)list.count, self->rank);
  if (pad.mode == PT2__PAD_CIRCULAR) {
    PT2_TRY(resolve_circular(self, spatial, &pad));
  } else {
    PT2_TRY(resolve_edge(self, spatial, &pad));
  }
  *out_pad = pad;
  return PT2_STATUS_OK;
}

// ---- Gradient --------------------------------------------------------------

static pt2_status_t check_gradient_sizes(const pt2_tensor_t* grad_output,
                                         const pt2__pad_t* pad, int spatial) {
  static const char* const names[] = {"width", "height", "depth"};
  PT2_OP_CHECK(grad_output->rank == pad->rank,
               "grad_output should have %d dimensions, got %d", pad->rank,
               grad_output->rank);
  int channel = pad->rank - spatial - 1;
  PT2_OP_CHECK(grad_output->sizes[channel] == pad->out_sizes[channel],
               "grad_output channel unexpected. Expected: %lld, Got: %lld",
               (long long)pad->out_sizes[channel],
               (long long)grad_output->sizes[channel]);
  for (int i = 0; i < spatial; ++i) {
    int d = pad->rank - 1 - i;
    PT2_OP_CHECK(grad_output->sizes[d] == pad->out_sizes[d],
                 "grad_output %s unexpected. Expected: %lld, Got: %lld",
                 names[i], (long long)pad->out_sizes[d],
                 (long long)grad_output->sizes[d]);
  }
  PT2_OP_CHECK(channel == 0 || grad_output->sizes[0] == pad->out_sizes[0],
               "grad_output batch unexpected. Expected: %lld, Got: %lld",
               (long long)pad->out_sizes[0], (long long)grad_output->sizes[0]);
  return PT2_STATUS_OK;
}

pt2_status_t pt2__pad_resolve_replicate_backward(
    const pt2_tensor_t* grad_output, const pt2_tensor_t* self,
    pt2__int_list_t list, int spatial, pt2__pad_t* out_pad) {
  PT2_OP_CHECK_TENSOR(grad_output, "grad_output");
  PT2_OP_CHECK_TENSOR(self, "self");
  PT2_OP_CHECK(list.count == 2 * spatial,
               "padding size is expected to be %d, but got: %lld", 2 * spatial,
               (long long)list.count);
  if (spatial >= 2) {
    PT2_TRY(check_input(self, spatial));
  }
  PT2_OP_CHECK(self->rank == spatial + 1 || self->rank == spatial + 2,
               "Expected %dD or %dD (batch mode) tensor for input, but got %d "
               "dimensions",
               spatial + 1, spatial + 2, self->rank);
  pt2__pad_t pad = {.mode = PT2__PAD_REPLICATE};
  PT2_TRY(take_pads(self, list, &pad));
  PT2_TRY(check_gradient_sizes(grad_output, &pad, spatial));
  PT2_OP_CHECK(grad_output->dtype == self->dtype,
               "expected grad_output to have dtype %s as the input, got %s",
               pt2__dtype_torch_name(self->dtype),
               pt2__dtype_torch_name(grad_output->dtype));
  if (!is_float_or_complex(self->dtype)) {
    return PT2_FAIL(PT2_STATUS_UNSUPPORTED,
                    "\"replication_pad%dd_backward\" not implemented for '%s'",
                    spatial, pt2__dtype_torch_name(self->dtype));
  }
  bool channels_last =
      spatial >= 2 && self->rank >= 4 &&
      pt2__tensor_suggest_memory_format(self) != PT2_MEMORY_FORMAT_CONTIGUOUS;
  if (channels_last) {
    pt2__sizes_channels_last_strides(self->rank, pad.in_sizes, pad.out_strides);
  } else {
    pt2__sizes_contiguous_strides(self->rank, pad.in_sizes, pad.out_strides);
  }
  *out_pad = pad;
  return PT2_STATUS_OK;
}

// ---- Places ----------------------------------------------------------------

void pt2__pad_middle(const pt2__pad_t* pad, int d, int64_t* out_first,
                     int64_t* out_end) {
  int64_t before = pad->before[d], out = pad->out_sizes[d];
  int64_t first = before > 0 ? before : 0;
  first = first < out ? first : out;
  int64_t end = pad->in_sizes[d] + before;
  end = end < out ? end : out;
  *out_first = first;
  *out_end = end > first ? end : first;
}

int64_t pt2__pad_source(const pt2__pad_t* pad, int d, int64_t at) {
  int64_t size = pad->in_sizes[d];
  int64_t in = at - pad->before[d];
  if (pad->mode == PT2__PAD_CIRCULAR) {
    // What is repeated is what negative pads leave.
    int64_t first, end;
    pt2__pad_middle(pad, d, &first, &end);
    int64_t length = end - first, turn = (at - first) % length;
    return first - pad->before[d] + (turn < 0 ? turn + length : turn);
  }
  if (in >= 0 && in < size) {
    return in;
  }
  switch (pad->mode) {
    case PT2__PAD_REFLECT:
      return in < 0 ? -in : 2 * (size - 1) - in;
    case PT2__PAD_REPLICATE:
      return in < 0 ? 0 : size - 1;
    default:
      return -1;
  }
}
