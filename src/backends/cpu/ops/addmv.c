// SPDX-License-Identifier: Apache-2.0
//
// aten::addmv.
#include "backends/cpu/kernels/matmul/gemm.h"
#include "ops/matmul.h"

// The vector as one row against the transpose of the matrix: the kernels for
// one row read the matrix once, along whichever dimension is contiguous.
static pt2__gemm_t by_row(const pt2__matmul_t* m) {
  return (pt2__gemm_t){
      .dtype = m->out->dtype,
      .batch = 1,
      .m = 1,
      .n = m->m,
      .k = m->k,
      .alpha = m->alpha,
      .beta = m->beta,
      .a = {m->b.tensor->data, 0, 0, m->b.rs},
      .b = {m->a.tensor->data, 0, m->a.cs, m->a.rs},
      .source = {m->self.tensor == NULL ? NULL : m->self.tensor->data, 0, 0,
                 m->self.rs},
      .c = m->out->data,
      .c_rs = m->m,
      .c_cs = 1};
}

// ---- Integers and complex numbers ------------------------------------------

// Rows whose sums are taken together where the matrix lies by columns.
#define ROWS 64
// Partial sums of complex numbers.
#define LANES 4

// sums[count] = the rows from |row| on times the vector: |along| one row,
// |across| several whose elements lie side by side.
typedef void (*rows_fn)(const pt2__matmul_t* m, int64_t row, int64_t count,
                        void* sums);

#define IN_VECTORS(wide, a, b, k, sum)               \
  for (int64_t i = 0; i < (k); ++i) {                \
    sum = (wide)(sum + (wide)(a)[i] * (wide)(b)[i]); \
  }

// Few vectors multiply 64 bits: such loops are faster on single numbers, which
// this keeps a compiler to. Two at a time: a loop of one takes as long as its
// jump where it lies badly.
#define KEEP(x) __asm__("" : "+r"(x))
#define SINGLY(wide, a, b, k, sum)                     \
  wide other = 0;                                      \
  int64_t i = 0;                                       \
  for (; i + 2 <= (k); i += 2) {                       \
    wide first = (wide)(a)[i] * (wide)(b)[i];          \
    wide second = (wide)(a)[i + 1] * (wide)(b)[i + 1]; \
    KEEP(first);                                       \
    KEEP(second);                                      \
    sum += first;                                      \
    other += second;                                   \
  }                                                    \
  sum += other + (i < (k) ? (wide)(a)[i] * (wide)(b)[i] : 0);

// What overflows wraps as it does in torch, whatever the width: only the low
// bits of a sum matter.
#define DEFINE_INTEGER(bits, type, wide, DOT)                                  \
  static void along_##bits(const pt2__matmul_t* m, int64_t row, int64_t count, \
                           void* sums) {                                       \
    const type* b = m->b.tensor->data;                                         \
    for (int64_t r = 0; r < count; ++r) {                                      \
      const type* a = (const type*)m->a.tensor->data + (row + r) * m->a.rs;    \
      wide sum = 0;                                                            \
      if (m->a.cs == 1 && m->b.rs == 1) {                                      \
        DOT(wide, a, b, m->k, sum)                                             \
      } else {                                                                 \
        for (int64_t i = 0; i < m->k; ++i) {                                   \
          sum = (wide)(sum + (wide)a[i * m->a.cs] * (wide)b[i * m->b.rs]);     \
        }                                                                      \
      }                                                                        \
      ((uint64_t*)sums)[r] = sum;                                              \
    }                                                                          \
  }                                                                            \
  static void across_##bits(const pt2__matmul_t* m, int64_t row,               \
                            int64_t count, void* sums) {                       \
    wide parts[ROWS] = {0};                                                    \
    for (int64_t i = 0; i < m->k; ++i) {                                       \
      const type* a = (const type*)m->a.tensor->data + row + i * m->a.cs;      \
      wide factor = ((const type*)m->b.tensor->data)[i * m->b.rs];             \
      for (int64_t r = 0; r < count; ++r) {                                    \
        parts[r] = (wide)(parts[r] + factor * (wide)a[r]);                     \
      }                                                                        \
    }                                                                          \
    for (int64_t r = 0; r < count; ++r) {                                      \
      ((uint64_t*)sums)[r] = parts[r];                                         \
    }                                                                          \
  }                                                                            \
  static void finish_##bits(const pt2__matmul_t* m, int64_t row,               \
                            int64_t count, void* sums) {                       \
    uint64_t alpha = (uint64_t)(int64_t)m->alpha;                              \
    uint64_t beta = (uint64_t)(int64_t)m->beta;                                \
    const pt2_tensor_t* self = m->self.tensor;                                 \
    for (int64_t r = 0; r < count; ++r) {                                      \
      uint64_t sum = alpha * ((const uint64_t*)sums)[r];                       \
      if (self != NULL) {                                                      \
        sum += beta *                                                          \
               (uint64_t)((const type*)self->data)[(row + r) * m->self.rs];    \
      }                                                                        \
      ((type*)m->out->data)[row + r] = (type)sum;                              \
    }                                                                          \
  }
// 16 bits are promoted to int: uint32_t keeps their products in range.
DEFINE_INTEGER(8, uint8_t, uint16_t, IN_VECTORS)
DEFINE_INTEGER(16, uint16_t, uint32_t, IN_VECTORS)
DEFINE_INTEGER(32, uint32_t, uint32_t, IN_VECTORS)
DEFINE_INTEGER(64, uint64_t, uint64_t, SINGLY)
#undef DEFINE_INTEGER
#undef SINGLY
#undef IN_VECTORS

// Real and imaginary parts in turn.
#define DEFINE_COMPLEX(name, part)                                             \
  static void along_##name(const pt2__matmul_t* m, int64_t row, int64_t count, \
                           void* sums) {                                       \
    const part* b = m->b.tensor->data;                                         \
    int64_t a_cs = 2 * m->a.cs;                                                \
    int64_t b_rs = 2 * m->b.rs;                                                \
    for (int64_t r = 0; r < count; ++r) {                                      \
      const part* a =                                                          \
          (const part*)m->a.tensor->data + 2 * (row + r) * m->a.rs;            \
      part real[LANES] = {0};                                                  \
      part imaginary[LANES] = {0};                                             \
      int64_t i = 0;                                                           \
      for (; i + LANES <= m->k; i += LANES) {                                  \
        for (int j = 0; j < LANES; ++j) {                                      \
          const part* x = a + (i + j) * a_cs;                                  \
          const part* y = b + (i + j) * b_rs;                                  \
          real[j] += x[0] * y[0] - x[1] * y[1];                                \
          imaginary[j] += x[0] * y[1] + x[1] * y[0];                           \
        }                                                                      \
      }                                                                        \
      for (; i < m->k; ++i) {                                                  \
        const part* x = a + i * a_cs;                                          \
        const part* y = b + i * b_rs;                                          \
        real[0] += x[0] * y[0] - x[1] * y[1];                                  \
        imaginary[0] += x[0] * y[1] + x[1] * y[0];                             \
      }                                                                        \
      ((part*)sums)[2 * r] = real[0] + real[1] + (real[2] + real[3]);          \
      ((part*)sums)[2 * r + 1] =                                               \
          imaginary[0] + imaginary[1] + (imaginary[2] + imaginary[3]);         \
    }                                                                          \
  }                                                                            \
  static void across_##name(const pt2__matmul_t* m, int64_t row,               \
                            int64_t count, void* sums) {                       \
    part real[2 * ROWS] = {0};                                                 \
    part imaginary[2 * ROWS] = {0};                                            \
    for (int64_t i = 0; i < m->k; ++i) {                                       \
      const part* a =                                                          \
          (const part*)m->a.tensor->data + 2 * (row + i * m->a.cs);            \
      const part* b = (const part*)m->b.tensor->data + 2 * i * m->b.rs;        \
      for (int64_t r = 0; r < 2 * count; ++r) {                                \
        real[r] += a[r] * b[0];                                                \
        imaginary[r] += a[r] * b[1];                                           \
      }                                                                        \
    }                                                                          \
    for (int64_t r = 0; r < count; ++r) {                                      \
      ((part*)sums)[2 * r] = real[2 * r] - imaginary[2 * r + 1];               \
      ((part*)sums)[2 * r + 1] = real[2 * r + 1] + imaginary[2 * r];           \
    }                                                                          \
  }                                                                            \
  static void finish_##name(const pt2__matmul_t* m, int64_t row,               \
                            int64_t count, void* sums) {                       \
    const pt2_tensor_t* self = m->self.tensor;                                 \
    part* out = (part*)m->out->data + 2 * row;                                 \
    for (int64_t r = 0; r < 2 * count; ++r) {                                  \
      out[r] = (part)m->alpha * ((const part*)sums)[r];                        \
      if (self != NULL) {                                                      \
        out[r] +=                                                              \
            (part)m->beta *                                                    \
            ((const part*)self->data)[2 * (row + r / 2) * m->self.rs + r % 2]; \
      }                                                                        \
    }                                                                          \
  }
DEFINE_COMPLEX(complex64, float)
DEFINE_COMPLEX(complex128, double)
#undef DEFINE_COMPLEX

typedef struct {
  rows_fn along, across, finish;
} kernels_t;

#define KERNELS(name) \
  { along_##name, across_##name, finish_##name }

static kernels_t kernels_of(int32_t dtype) {
  if (pt2__dtype_is_complex(dtype)) {
    return dtype == PT2_DTYPE_COMPLEX64 ? (kernels_t)KERNELS(complex64)
                                        : (kernels_t)KERNELS(complex128);
  }
  switch (pt2_dtype_size_bytes(dtype)) {
    case 1:
      return (kernels_t)KERNELS(8);
    case 2:
      return (kernels_t)KERNELS(16);
    case 4:
      return (kernels_t)KERNELS(32);
    default:
      return (kernels_t)KERNELS(64);
  }
}
#undef KERNELS

static void run_rows(const pt2__matmul_t* m) {
  kernels_t kernels = kernels_of(m->out->dtype);
  rows_fn sum = m->a.rs == 1 && m->m > 1 ? kernels.across : kernels.along;
  int64_t groups = (m->m + ROWS - 1) / ROWS;
  int threads = pt2__op_threads(m->m * (m->k / 4 + 1));
#pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1)
  for (int64_t group = 0; group < groups; ++group) {
    // Room for complex numbers of double.
    _Alignas(16) char sums[2 * ROWS * sizeof(double)];
    int64_t row = group * ROWS;
    int64_t count = m->m - row < ROWS ? m->m - row : ROWS;
    sum(m, row, count, sums);
    kernels.finish(m, row, count, sums);
  }
}

// ---- The operator ----------------------------------------------------------

static pt2_status_t addmv(const pt2_tensor_t* self, const pt2_tensor_t* mat,
                          const pt2_tensor_t* vec, double beta, double alpha,
                          pt2_tensor_t** ret0) {
  pt2__matmul_t matmul;
  pt2_tensor_t* result;
  PT2_TRY(pt2__matmul_new_addmv(self, mat, vec, beta, alpha,
                                pt2__gemm_dtype_supported, &matmul, &result));
  pt2_status_t status = PT2_STATUS_OK;
  if (pt2__dtype_is_floating(mat->dtype)) {
    pt2__gemm_t gemm = by_row(&matmul);
    status = pt2__gemm(&gemm);
  } else {
    run_rows(&matmul);
  }
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(result);
    return status;
  }
  *ret0 = result;
  return PT2_STATUS_OK;
}

AOTITorchError aoti_torch_cpu_addmv(AtenTensorHandle self, AtenTensorHandle mat,
                                    AtenTensorHandle vec, double beta,
                                    double alpha, AtenTensorHandle* ret0) {
  PT2_OP_RETURN("aten::addmv", addmv(self, mat, vec, beta, alpha, ret0));
}
