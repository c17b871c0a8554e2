// SPDX-License-Identifier: Apache-2.0
//
// Packing of B: for one call into a work space, for constants once and for all.
#include "backends/cpu/kernels/matmul/gemm_pack.h"

#include <string.h>

#include "backends/cpu/kernels/matmul/gemm_bf16.h"
#include "ops/op.h"

bool pt2__gemm_type_of(int32_t dtype, pt2__gemm_type_t* out_type) {
  switch (dtype) {
    case PT2_DTYPE_F32:
      *out_type = PT2__GEMM_F32;
      return true;
    case PT2_DTYPE_F64:
      *out_type = PT2__GEMM_F64;
      return true;
    case PT2_DTYPE_BF16:
      *out_type = PT2__GEMM_BF16;
      return true;
    case PT2_DTYPE_F16:
      *out_type = PT2__GEMM_F16;
      return true;
    default:
      return false;
  }
}

// ---- One panel -------------------------------------------------------------

// Rows of a whole panel, of a size the compiler knows.
#define COPY_ROWS(bytes)                                        \
  case bytes:                                                   \
    for (int64_t i = 0; i < k; ++i) {                           \
      memcpy(to + i * (bytes), from + i * from_bytes, (bytes)); \
    }                                                           \
    return;

static void copy_rows(const char* from, int64_t from_bytes, char* to,
                      int64_t to_bytes, int64_t k, int64_t bytes) {
  if (bytes == to_bytes) {
    switch (bytes) {
      COPY_ROWS(16)
      COPY_ROWS(32)
      COPY_ROWS(64)
      COPY_ROWS(128)
      default:
        break;
    }
  }
  for (int64_t i = 0; i < k; ++i) {
    memcpy(to + i * to_bytes, from + i * from_bytes, (size_t)bytes);
  }
}
#undef COPY_ROWS

// Rows packed before the next column: as many as share the lines of a column.
#define ROWS_TOGETHER 16

#define DEFINE_GATHER(name, type)                                          \
  static void name(const type* b, int64_t b_rs, int64_t b_cs, int64_t k,   \
                   int64_t columns, int nr, type* to) {                    \
    for (int64_t from = 0; from < k; from += ROWS_TOGETHER) {              \
      int64_t until = from + ROWS_TOGETHER < k ? from + ROWS_TOGETHER : k; \
      for (int64_t j = 0; j < columns; ++j) {                              \
        for (int64_t i = from; i < until; ++i) {                           \
          to[i * nr + j] = b[i * b_rs + j * b_cs];                         \
        }                                                                  \
      }                                                                    \
    }                                                                      \
  }
DEFINE_GATHER(gather_2, uint16_t)
DEFINE_GATHER(gather_4, uint32_t)
DEFINE_GATHER(gather_8, uint64_t)
#undef DEFINE_GATHER

static void pack_panel(const pt2__gemm_variant_t* variant, const void* b,
                       int64_t b_rs, int64_t b_cs, int64_t k, int64_t columns,
                       int nr, size_t element, void* to) {
  if (columns < nr) {
    memset(to, 0, (size_t)k * (size_t)nr * element);
  }
  if (b_cs == 1) {
    copy_rows(b, b_rs * (int64_t)element, to, nr * (int64_t)element, k,
              columns * (int64_t)element);
  } else if (element == 4 && b_rs == 1) {
    variant->transpose4(b, b_cs, to, nr, columns, k);
  } else if (element == 2) {
    gather_2(b, b_rs, b_cs, k, columns, nr, to);
  } else if (element == 4) {
    gather_4(b, b_rs, b_cs, k, columns, nr, to);
  } else {
    gather_8(b, b_rs, b_cs, k, columns, nr, to);
  }
}

void pt2__gemm_pack_panels(const pt2__gemm_variant_t* variant, const void* b,
                           int64_t b_rs, int64_t b_cs, int64_t k,
                           int64_t columns, int nr, size_t element,
                           void* panels) {
  const char* from = b;
  char* to = panels;
  for (int64_t j = 0; j < columns; j += nr) {
    int64_t left = columns - j < nr ? columns - j : nr;
    pack_panel(variant, from + j * b_cs * (int64_t)element, b_rs, b_cs, k, left,
               nr, element, to + j * k * (int64_t)element);
  }
}

// ---- Constants -------------------------------------------------------------

// With fewer rows than this a constant is read in its own layout, which takes
// no second copy of it; unless it is so small that the copy does not count.
#define PACK_ROWS 9
#define PACK_SMALL_ELEMENTS 65536

static const char panels_kind;

void pt2__gemm_panels_release(pt2__gemm_panels_t* panels) {
  if (panels != NULL) {
    pt2__pool_free(panels->data, panels->bytes);
    pt2__free(panels);
  }
}

static void destroy_panels(pt2__packed_t* packed) {
  pt2__gemm_panels_release((pt2__gemm_panels_t*)packed);
}

static pt2__gemm_panels_t* make_panels(const pt2__gemm_variant_t* variant,
                                       pt2__gemm_type_t type,
                                       const pt2_tensor_t* tensor,
                                       bool transposed, bool pairs) {
  int64_t k = tensor->sizes[transposed ? 1 : 0];
  int64_t n = tensor->sizes[transposed ? 0 : 1];
  int64_t b_rs = tensor->strides[transposed ? 1 : 0];
  int64_t b_cs = tensor->strides[transposed ? 0 : 1];
  int nr = variant->nr[type];
  size_t element = pt2__gemm_type_bytes(type);
  int64_t count = (n + nr - 1) / nr;
  size_t panel_bytes = (size_t)k * (size_t)nr * element;
  pt2__gemm_panels_t* panels = pt2__calloc(1, sizeof(*panels));
  if (panels == NULL) {
    return NULL;
  }
  panels->variant = variant;
  panels->type = type;
  panels->pairs = pairs;
  panels->bytes =
      pairs ? pt2__gemm_bf16_panel_bytes(k, n) : (size_t)count * panel_bytes;
  panels->base.destroy = destroy_panels;
  panels->base.bytes = panels->bytes;
  panels->data = pt2__pool_alloc(panels->bytes);
  if (panels->data == NULL && panels->bytes > 0) {
    pt2__free(panels);
    return NULL;
  }
  if (pairs) {
    pt2__gemm_bf16_pack(tensor->data, b_rs, b_cs, k, n, panels->data);
    return panels;
  }
  int threads = pt2__op_threads(k * n);
#pragma omp parallel for num_threads(threads) if (threads > 1)
  for (int64_t p = 0; p < count; ++p) {
    int64_t j = p * nr;
    pack_panel(variant, (const char*)tensor->data + j * b_cs * (int64_t)element,
               b_rs, b_cs, k, n - j < nr ? n - j : nr, nr, element,
               (char*)panels->data + (size_t)p * panel_bytes);
  }
  return panels;
}

const pt2__gemm_panels_t* pt2__gemm_pack(const pt2_tensor_t* tensor,
                                         bool transposed, int64_t m) {
  pt2__gemm_type_t type;
  if (m < 2 || tensor->rank != 2 || tensor->numel == 0 ||
      (m < PACK_ROWS && tensor->numel > PACK_SMALL_ELEMENTS) ||
      !pt2__packed_allowed(tensor) ||
      !pt2__gemm_type_of(tensor->dtype, &type)) {
    return NULL;
  }
  const pt2__gemm_variant_t* variant = pt2__gemm_variant();
  // The table stands for its tile sizes: tests switch between them.
  const int64_t extra[4] = {transposed, (int64_t)(intptr_t)variant, 0, 0};
  pt2__packed_t* found = pt2__packed_find(tensor, &panels_kind, extra);
  if (found == NULL) {
    pt2__gemm_panels_t* made =
        make_panels(variant, type, tensor, transposed,
                    type == PT2__GEMM_BF16 && pt2__gemm_bf16_available());
    if (made == NULL) {
      return NULL;
    }
    found = pt2__packed_insert(tensor, &panels_kind, extra, &made->base);
  }
  return (const pt2__gemm_panels_t*)found;
}

pt2_status_t pt2__gemm_panels_new(const pt2_tensor_t* tensor, bool transposed,
                                  pt2__gemm_panels_t** out_panels) {
  pt2__gemm_type_t type;
  if (!pt2__gemm_type_of(tensor->dtype, &type)) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT, "no panels of %s",
                    pt2__dtype_torch_name(tensor->dtype));
  }
  *out_panels =
      make_panels(pt2__gemm_variant(), type, tensor, transposed, false);
  return *out_panels != NULL
             ? PT2_STATUS_OK
             : PT2_OUT_OF_MEMORY(pt2__dtype_bytes(tensor->dtype) *
                                 (size_t)tensor->numel);
}
