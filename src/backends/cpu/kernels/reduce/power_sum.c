// SPDX-License-Identifier: Apache-2.0
#define FLOAT_NORMS pt2__float_norms_generic
#include "backends/cpu/kernels/reduce/power_sum.inc"

#include "backends/cpu/cpu_features.h"
#include "backends/cpu/kernels/elementwise/power.h"
#include "tensor/convert.h"

// Elements whose absolute values are found at once.
#define BLOCK 256

static void absolutes(int32_t dtype, const char* from, int64_t count,
                      double* values) {
  const int64_t bytes = (int64_t)pt2_dtype_size_bytes(dtype);
  if (!pt2__dtype_is_complex(dtype)) {
    pt2__convert_run(PT2_DTYPE_F64, values, sizeof(double), dtype, from, bytes,
                     count);
    for (int64_t i = 0; i < count; ++i) {
      values[i] = fabs(values[i]);
    }
    return;
  }
  for (int64_t i = 0; i < count; ++i) {
    double parts[2] = {0, 0};
    pt2__element_get_complex(dtype, from + i * bytes, parts);
    values[i] = hypot(parts[0], parts[1]);
  }
}

static const pt2__float_norms_t* float_norms(void) {
#if defined(__x86_64__)
  if (pt2__cpu_level() >= PT2__CPU_AVX2) {
    return &pt2__float_norms_avx2;
  }
#endif
  return &pt2__float_norms_generic;
}

static double power(double value, double order) {
  return order == 1   ? value
         : order == 2 ? value * value
         : order == 3 ? value * value * value
                      : pow(value, order);
}

// Other powers of numbers that torch computes with as floats.
static double add_up_powers(int32_t dtype, const char* from, int64_t count,
                            double order) {
  const int64_t bytes = (int64_t)pt2_dtype_size_bytes(dtype);
  const int64_t strides[] = {sizeof(float), sizeof(float), 0};
  float exponent = (float)order, values[BLOCK], powers[BLOCK];
  char* const data[] = {(char*)powers, (char*)values, (char*)&exponent};
  double sums[4] = {0};
  for (int64_t first = 0; first < count; first += BLOCK) {
    const int64_t rest = count - first, some = rest < BLOCK ? rest : BLOCK;
    pt2__convert_run(PT2_DTYPE_F32, values, sizeof(float), dtype,
                     from + first * bytes, bytes, some);
    for (int64_t i = 0; i < some; ++i) {
      values[i] = fabsf(values[i]);
    }
    pt2__power_loop(PT2_DTYPE_F32)(NULL, data, strides, some);
    for (int64_t i = 0; i < some; ++i) {
      sums[i % 4] += (double)powers[i];
    }
  }
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

double pt2__power_sum(int32_t dtype, const void* from, int64_t count,
                      double order) {
  if (dtype == PT2_DTYPE_F32 && (order == 1 || order == 2)) {
    return float_norms()->sum(from, count, order == 2);
  }
  if (dtype == PT2_DTYPE_COMPLEX64 && order == 2) {
    return float_norms()->sum(from, 2 * count, true);
  }
  const bool simple = order == 0 || order == 1 || order == 2 || order == 3;
  if (!simple && (dtype == PT2_DTYPE_F32 || dtype == PT2_DTYPE_F16 ||
                  dtype == PT2_DTYPE_BF16)) {
    return add_up_powers(dtype, from, count, order);
  }
  const int64_t bytes = (int64_t)pt2_dtype_size_bytes(dtype);
  double sum = 0, values[BLOCK];
  for (int64_t first = 0; first < count; first += BLOCK) {
    const int64_t rest = count - first, some = rest < BLOCK ? rest : BLOCK;
    absolutes(dtype, (const char*)from + first * bytes, some, values);
    for (int64_t i = 0; i < some; ++i) {
      sum += power(values[i], order);
    }
  }
  return sum;
}

double pt2__count_of_others_than_zero(int32_t dtype, const void* from,
                                      int64_t count) {
  const int64_t bytes = (int64_t)pt2_dtype_size_bytes(dtype);
  double found = 0, values[BLOCK];
  for (int64_t first = 0; first < count; first += BLOCK) {
    const int64_t rest = count - first, some = rest < BLOCK ? rest : BLOCK;
    absolutes(dtype, (const char*)from + first * bytes, some, values);
    for (int64_t i = 0; i < some; ++i) {
      found += values[i] != 0;
    }
  }
  return found;
}

double pt2__absolute_extreme(int32_t dtype, const void* from, int64_t count,
                             bool largest) {
  if (dtype == PT2_DTYPE_F32) {
    return float_norms()->extreme(from, count, largest);
  }
  const int64_t bytes = (int64_t)pt2_dtype_size_bytes(dtype);
  const double sign = largest ? 1 : -1;
  double most = largest ? 0 : INFINITY, values[BLOCK];
  for (int64_t first = 0; first < count; first += BLOCK) {
    const int64_t rest = count - first, some = rest < BLOCK ? rest : BLOCK;
    absolutes(dtype, (const char*)from + first * bytes, some, values);
    for (int64_t i = 0; i < some; ++i) {
      if (isnan(values[i])) {
        return NAN;
      }
      most = sign * values[i] > sign * most ? values[i] : most;
    }
  }
  return most;
}
