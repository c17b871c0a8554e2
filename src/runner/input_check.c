// SPDX-License-Identifier: Apache-2.0
#include "runner/input_check.h"

#include <inttypes.h>
#include <string.h>

// At most this many symbols are compared between inputs; a model with more
// than that many dynamic sizes has the rest checked by range only.
#define MAX_SYMBOLS 64

typedef struct {
  int64_t min;
  int64_t max;
  int64_t stride;  // PT2_STRIDE_ANY if not fixed
  int32_t symbol;  // index of a size that other dimensions share, or -1
} dim_check_t;

typedef struct {
  int32_t rank;  // -1: unknown, unchecked
  int32_t dtype;
  uint32_t first_dim;
} input_check_t;

struct pt2__input_checks_t {
  const pt2_value_info_t* infos;
  size_t count;
  int32_t device_type;
  int32_t symbol_count;
  input_check_t* inputs;
  dim_check_t* dims;
};

// The index of |symbol|, which is new if no dimension before had it.
static int32_t symbol_index(pt2__input_checks_t* checks, const char** symbols,
                            const char* symbol) {
  if (symbol == NULL) {
    return -1;
  }
  for (int32_t i = 0; i < checks->symbol_count; ++i) {
    if (strcmp(symbols[i], symbol) == 0) {
      return i;
    }
  }
  if (checks->symbol_count == MAX_SYMBOLS) {
    return -1;
  }
  symbols[checks->symbol_count] = symbol;
  return checks->symbol_count++;
}

static void fill(pt2__input_checks_t* checks, bool* out_complete) {
  const char* symbols[MAX_SYMBOLS];
  uint32_t next = 0;
  *out_complete = true;
  for (size_t i = 0; i < checks->count; ++i) {
    const pt2_value_info_t* info = &checks->infos[i];
    input_check_t* input = &checks->inputs[i];
    input->rank = info->rank;
    input->dtype = info->dtype;
    input->first_dim = next;
    if (info->rank < 0) {
      *out_complete = false;
      continue;
    }
    for (int32_t d = 0; d < info->rank; ++d) {
      dim_check_t* dim = &checks->dims[next++];
      dim->min = info->dims[d].min;
      dim->max = info->dims[d].max;
      dim->stride = info->dims[d].stride;
      dim->symbol = symbol_index(checks, symbols, info->dims[d].symbol);
    }
  }
}

pt2_status_t pt2__input_checks_create(const pt2_value_info_t* infos,
                                      size_t count, int32_t device_type,
                                      pt2__input_checks_t** out_checks,
                                      bool* out_complete) {
  size_t dim_count = 0;
  for (size_t i = 0; i < count; ++i) {
    dim_count += infos[i].rank > 0 ? (size_t)infos[i].rank : 0;
  }
  pt2__input_checks_t* checks = pt2__calloc(1, sizeof(*checks));
  if (checks == NULL) {
    return PT2_OUT_OF_MEMORY(sizeof(*checks));
  }
  checks->infos = infos;
  checks->count = count;
  checks->device_type = device_type;
  checks->inputs = pt2__calloc(count, sizeof(*checks->inputs));
  checks->dims = pt2__calloc(dim_count, sizeof(*checks->dims));
  if (checks->inputs == NULL || checks->dims == NULL) {
    pt2__input_checks_destroy(checks);
    return PT2_OUT_OF_MEMORY(dim_count * sizeof(dim_check_t));
  }
  fill(checks, out_complete);
  *out_checks = checks;
  return PT2_STATUS_OK;
}

void pt2__input_checks_destroy(pt2__input_checks_t* checks) {
  if (checks != NULL) {
    pt2__free(checks->inputs);
    pt2__free(checks->dims);
    pt2__free(checks);
  }
}

#define BAD_INPUT(format, ...)                                           \
  pt2__fail(PT2_STATUS_INVALID_ARGUMENT, "input %zu (%s)" format, index, \
            checks->infos[index].name, __VA_ARGS__)

static pt2_status_t bad_size(const pt2__input_checks_t* checks, size_t index,
                             int32_t d, const dim_check_t* dim, int64_t size) {
  if (dim->min == dim->max) {
    return BAD_INPUT(" dim %d: expected %" PRId64 ", got %" PRId64, d, dim->min,
                     size);
  }
  if (dim->max == INT64_MAX) {
    return BAD_INPUT(" dim %d: expected at least %" PRId64 ", got %" PRId64, d,
                     dim->min, size);
  }
  return BAD_INPUT(" dim %d: expected %" PRId64 " to %" PRId64 ", got %" PRId64,
                   d, dim->min, dim->max, size);
}

static pt2_status_t check_dims(const pt2__input_checks_t* checks, size_t index,
                               const pt2_tensor_t* tensor,
                               int64_t* symbol_sizes) {
  const dim_check_t* dims = checks->dims + checks->inputs[index].first_dim;
  for (int32_t d = 0; d < tensor->rank; ++d) {
    const dim_check_t* dim = &dims[d];
    int64_t size = tensor->sizes[d];
    if (size < dim->min || size > dim->max) {
      return bad_size(checks, index, d, dim, size);
    }
    if (dim->symbol >= 0) {
      int64_t* known = &symbol_sizes[dim->symbol];
      if (*known >= 0 && *known != size) {
        return BAD_INPUT(" dim %d: expected %" PRId64
                         " (%s, as in another input), got %" PRId64,
                         d, *known, checks->infos[index].dims[d].symbol, size);
      }
      *known = size;
    }
  }
  // Strides second: a wrong size changes those of the dimensions before it.
  for (int32_t d = 0; d < tensor->rank; ++d) {
    // The stride of a dimension of size 1 reaches nothing.
    if (dims[d].stride != PT2_STRIDE_ANY &&
        tensor->strides[d] != dims[d].stride && tensor->sizes[d] > 1 &&
        tensor->numel > 0) {
      return BAD_INPUT(" stride of dim %d: expected %" PRId64 ", got %" PRId64,
                       d, dims[d].stride, tensor->strides[d]);
    }
  }
  return PT2_STATUS_OK;
}

pt2_status_t pt2__input_checks_run(const pt2__input_checks_t* checks,
                                   pt2_tensor_t* const* inputs) {
  int64_t symbol_sizes[MAX_SYMBOLS];
  for (int32_t i = 0; i < checks->symbol_count; ++i) {
    symbol_sizes[i] = -1;
  }
  for (size_t index = 0; index < checks->count; ++index) {
    const pt2_tensor_t* tensor = inputs[index];
    const input_check_t* input = &checks->inputs[index];
    if (tensor->device_type != checks->device_type) {
      return BAD_INPUT(": expected device %s, got %s",
                       pt2_device_type_name(checks->device_type),
                       pt2_device_type_name(tensor->device_type));
    }
    if (input->dtype != PT2_DTYPE_UNDEFINED && tensor->dtype != input->dtype) {
      return BAD_INPUT(": expected dtype %s, got %s",
                       pt2_dtype_name(input->dtype),
                       pt2_dtype_name(tensor->dtype));
    }
    if (input->rank < 0) {
      continue;
    }
    if (tensor->rank != input->rank) {
      return BAD_INPUT(": expected rank %d, got %d", input->rank, tensor->rank);
    }
    PT2_TRY(check_dims(checks, index, tensor, symbol_sizes));
  }
  return PT2_STATUS_OK;
}
