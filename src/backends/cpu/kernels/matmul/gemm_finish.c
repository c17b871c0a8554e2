// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/kernels/matmul/gemm_finish.h"

#include "backends/cpu/kernels/matmul/gemm_pack.h"

// Elements of 16 bits that are gathered or spread at a time.
enum { PART = 64 };

// Adds beta times |count| elements of 16 bits from |from| on, |stride| apart.
static void add_narrow(void (*widen)(const uint16_t*, float*, int64_t),
                       float beta, const uint16_t* from, int64_t stride,
                       int64_t count, float* values) {
  uint16_t gathered[PART];
  float wide[PART];
  for (int64_t j = 0; j < count; j += PART) {
    int64_t part = count - j < PART ? count - j : PART;
    const uint16_t* line = from + j * stride;
    if (stride != 1) {
      for (int64_t i = 0; i < part; ++i) {
        gathered[i] = line[i * stride];
      }
      line = gathered;
    }
    widen(line, wide, part);
    for (int64_t i = 0; i < part; ++i) {
      values[j + i] += beta * wide[i];
    }
  }
}

static void add_source(const pt2__gemm_t* g, const pt2__gemm_variant_t* variant,
                       pt2__gemm_type_t type, int64_t at, int64_t count,
                       void* values) {
  const pt2__gemm_operand_t* s = &g->source;
  if (type == PT2__GEMM_F64) {
    const double* from = (const double*)s->data + at;
    for (int64_t j = 0; j < count; ++j) {
      ((double*)values)[j] += g->beta * from[j * s->cs];
    }
    return;
  }
  float beta = (float)g->beta;
  if (type != PT2__GEMM_F32) {
    add_narrow(variant->widen[type], beta, (const uint16_t*)s->data + at, s->cs,
               count, values);
    return;
  }
  const float* from = (const float*)s->data + at;
  for (int64_t j = 0; j < count; ++j) {
    ((float*)values)[j] += beta * from[j * s->cs];
  }
}

// Rounds |count| values and spreads them |stride| apart.
static void store_narrow(void (*narrow)(const float*, uint16_t*, int64_t),
                         const float* values, int64_t count, uint16_t* to,
                         int64_t stride) {
  if (stride == 1) {
    narrow(values, to, count);
    return;
  }
  uint16_t rounded[PART];
  for (int64_t j = 0; j < count; j += PART) {
    int64_t part = count - j < PART ? count - j : PART;
    narrow(values + j, rounded, part);
    for (int64_t i = 0; i < part; ++i) {
      to[(j + i) * stride] = rounded[i];
    }
  }
}

static void store(const pt2__gemm_t* g, const pt2__gemm_variant_t* variant,
                  pt2__gemm_type_t type, const void* values, int64_t count,
                  int64_t at) {
  int64_t stride = g->c_cs;
  if (type == PT2__GEMM_F64) {
    double* to = (double*)g->c + at;
    for (int64_t j = 0; j < count; ++j) {
      to[j * stride] = ((const double*)values)[j];
    }
  } else if (type == PT2__GEMM_F32) {
    float* to = (float*)g->c + at;
    for (int64_t j = 0; j < count; ++j) {
      to[j * stride] = ((const float*)values)[j];
    }
  } else {
    store_narrow(variant->narrow[type], values, count, (uint16_t*)g->c + at,
                 stride);
  }
}

void pt2__gemm_finish_row(const pt2__gemm_t* g,
                          const pt2__gemm_variant_t* variant, int64_t batch,
                          int64_t row, int64_t column, int64_t count,
                          void* values) {
  pt2__gemm_type_t type = PT2__GEMM_F32;
  (void)pt2__gemm_type_of(g->dtype, &type);
  const pt2__gemm_operand_t* s = &g->source;
  if (s->data != NULL) {
    add_source(g, variant, type, batch * s->bs + row * s->rs + column * s->cs,
               count, values);
  }
  if (g->finish != NULL) {
    g->finish(g->finish_context, values, count, batch, row, column);
  }
  store(g, variant, type, values, count,
        batch * g->c_bs + row * g->c_rs + column * g->c_cs);
}
