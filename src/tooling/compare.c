// SPDX-License-Identifier: Apache-2.0
//
// Comparison of an output with what was expected: see compare.h.
#include "tooling/compare.h"

#include <math.h>
#include <string.h>

pt2__tolerance_t pt2__tolerance_default(pt2_dtype_t dtype) {
  switch (dtype) {
    case PT2_DTYPE_F16:
    case PT2_DTYPE_COMPLEX32:
      return (pt2__tolerance_t){1e-3, 1e-5};
    case PT2_DTYPE_BF16:
      return (pt2__tolerance_t){1.6e-2, 1e-5};
    case PT2_DTYPE_F32:
    case PT2_DTYPE_COMPLEX64:
      return (pt2__tolerance_t){1.3e-6, 1e-5};
    case PT2_DTYPE_F64:
    case PT2_DTYPE_COMPLEX128:
      return (pt2__tolerance_t){1e-7, 1e-7};
    default:
      return (pt2__tolerance_t){0, 0};
  }
}

// One element of each and how far they are apart.
typedef struct {
  double got;
  double expected;
  double abs;
  double rel;
  bool nan_differs;
  bool good;
} pair_t;

static void judge(pair_t* pair, pt2__tolerance_t tolerance) {
  double magnitude = fabs(pair->expected);
  pair->rel = pair->abs == 0    ? 0
              : magnitude > 0.0 ? pair->abs / magnitude
                                : INFINITY;
  // An infinite expectation would make any difference tolerable.
  pair->good = pair->abs == 0 ||
               (isfinite(magnitude) &&
                pair->abs <= tolerance.atol + tolerance.rtol * magnitude);
}

// A difference between two reals: 0 for equal infinities and two NaN.
static double real_difference(double got, double expected, bool* nan_differs) {
  if (isnan(got) || isnan(expected)) {
    if (isnan(got) && isnan(expected)) {
      return 0;
    }
    *nan_differs = true;
    return INFINITY;
  }
  return got == expected ? 0 : fabs(got - expected);
}

static void compare_reals(const pt2__reader_t* reader, const void* got,
                          const void* expected, pair_t* pair) {
  pair->got = pt2__read_f64(reader, got);
  pair->expected = pt2__read_f64(reader, expected);
  pair->abs = real_difference(pair->got, pair->expected, &pair->nan_differs);
}

// Beyond 2^53 neighbours are the same double: integers differ as integers.
static void compare_integers(const pt2__reader_t* reader, const void* got,
                             const void* expected, pair_t* pair) {
  uint64_t a = pt2__read_u64(reader, got);
  uint64_t b = pt2__read_u64(reader, expected);
  bool less = reader->element_class == PT2__CLASS_UINT
                  ? a < b
                  : (int64_t)a < (int64_t)b;
  pair->got = pt2__read_f64(reader, got);
  pair->expected = pt2__read_f64(reader, expected);
  pair->abs = (double)(less ? b - a : a - b);
}

static void compare_complex(const pt2__reader_t* reader, const void* got,
                            const void* expected, pair_t* pair) {
  double a[2];
  double b[2];
  pt2__read_complex(reader, got, a);
  pt2__read_complex(reader, expected, b);
  pair->got = hypot(a[0], a[1]);
  pair->expected = hypot(b[0], b[1]);
  pair->abs = hypot(real_difference(a[0], b[0], &pair->nan_differs),
                    real_difference(a[1], b[1], &pair->nan_differs));
}

static void compare_elements(const pt2__reader_t* reader, const uint8_t* got,
                             const uint8_t* expected,
                             pt2__comparison_t* comparison) {
  for (int64_t i = 0; i < comparison->numel; ++i) {
    const uint8_t* a = got + (size_t)i * reader->element_bytes;
    const uint8_t* b = expected + (size_t)i * reader->element_bytes;
    if (memcmp(a, b, reader->element_bytes) == 0) {
      continue;
    }
    pair_t pair = {0};
    if (reader->element_class == PT2__CLASS_COMPLEX) {
      compare_complex(reader, a, b, &pair);
    } else if (reader->element_class == PT2__CLASS_FLOAT) {
      compare_reals(reader, a, b, &pair);
    } else {
      compare_integers(reader, a, b, &pair);
    }
    judge(&pair, comparison->tolerance);
    comparison->differing += !pair.good;
    comparison->nan_differs += pair.nan_differs;
    if (pair.abs > 0 &&
        (comparison->worst < 0 || pair.abs > comparison->worst_abs)) {
      comparison->worst = i;
      comparison->worst_got = pair.got;
      comparison->worst_expected = pair.expected;
      comparison->worst_abs = pair.abs;
      comparison->worst_rel = pair.rel;
    }
  }
}

static bool same_sizes(const pt2_tensor_t* left, const pt2_tensor_t* right) {
  size_t rank = pt2_tensor_rank(left);
  return rank == pt2_tensor_rank(right) &&
         (rank == 0 ||
          memcmp(pt2_tensor_peek_sizes(left), pt2_tensor_peek_sizes(right),
                 rank * sizeof(int64_t)) == 0);
}

int pt2__compare(pt2_tensor_t* got, pt2_tensor_t* expected,
                 pt2__tolerance_t tolerance,
                 pt2__comparison_t* out_comparison) {
  pt2__comparison_t comparison = {
      .tolerance = tolerance, .numel = pt2_tensor_numel(got), .worst = -1};
  if (pt2_tensor_dtype(got) != pt2_tensor_dtype(expected)) {
    comparison.outcome = PT2__COMPARE_DTYPE;
    *out_comparison = comparison;
    return PT2__EXIT_OK;
  }
  if (!same_sizes(got, expected)) {
    comparison.outcome = PT2__COMPARE_SHAPE;
    *out_comparison = comparison;
    return PT2__EXIT_OK;
  }
  pt2__reader_t reader;
  PT2__TOOL_TRY(pt2__reader_init(pt2_tensor_dtype(got), &reader));
  pt2_tensor_t* left = NULL;
  pt2_tensor_t* right = NULL;
  int result = pt2__tensor_row_major(got, &left);
  if (result == PT2__EXIT_OK) {
    result = pt2__tensor_row_major(expected, &right);
  }
  if (result == PT2__EXIT_OK) {
    compare_elements(&reader, pt2_tensor_peek_data(left),
                     pt2_tensor_peek_data(right), &comparison);
    comparison.outcome =
        comparison.differing > 0 ? PT2__COMPARE_VALUES : PT2__COMPARE_EQUAL;
    *out_comparison = comparison;
  }
  pt2_tensor_release(right);
  pt2_tensor_release(left);
  return result;
}

void pt2__unflatten(const pt2_tensor_t* tensor, int64_t flat,
                    int64_t* out_index) {
  const int64_t* sizes = pt2_tensor_peek_sizes(tensor);
  for (size_t d = pt2_tensor_rank(tensor); d-- > 0;) {
    out_index[d] = flat % sizes[d];
    flat /= sizes[d];
  }
}

static void describe_worst(const pt2__comparison_t* comparison,
                           const pt2_tensor_t* got, pt2__text_t* text) {
  int64_t index[PT2__TOOL_MAX_RANK];
  pt2__unflatten(got, comparison->worst, index);
  pt2__text_printf(text, "largest difference at ");
  pt2__text_sizes(text, pt2_tensor_rank(got), index);
  pt2__text_printf(text, ": got %.9g, expected %.9g, abs %.3g, rel %.3g",
                   comparison->worst_got, comparison->worst_expected,
                   comparison->worst_abs, comparison->worst_rel);
}

void pt2__comparison_describe(const pt2__comparison_t* comparison,
                              const pt2_tensor_t* got,
                              const pt2_tensor_t* expected, pt2__text_t* text) {
  switch (comparison->outcome) {
    case PT2__COMPARE_MISSING:
      pt2__text_printf(text, "no tensor is expected for it");
      return;
    case PT2__COMPARE_UNEXPECTED:
      pt2__text_printf(text, "it is None, a tensor is expected");
      return;
    case PT2__COMPARE_DTYPE:
      pt2__text_printf(text, "dtype %s, expected %s",
                       pt2_dtype_name(pt2_tensor_dtype(got)),
                       pt2_dtype_name(pt2_tensor_dtype(expected)));
      return;
    case PT2__COMPARE_SHAPE:
      pt2__text_printf(text, "shape ");
      pt2__text_sizes(text, pt2_tensor_rank(got), pt2_tensor_peek_sizes(got));
      pt2__text_printf(text, ", expected ");
      pt2__text_sizes(text, pt2_tensor_rank(expected),
                      pt2_tensor_peek_sizes(expected));
      return;
    default:
      break;
  }
  if (comparison->outcome == PT2__COMPARE_EQUAL) {
    pt2__text_printf(
        text, comparison->worst < 0 ? "equal" : "equal within tolerance; ");
  } else {
    pt2__text_printf(
        text, "%lld of %lld elements differ (%.3g%%)",
        (long long)comparison->differing, (long long)comparison->numel,
        100.0 * (double)comparison->differing / (double)comparison->numel);
    if (comparison->nan_differs > 0) {
      pt2__text_printf(text, ", %lld of them NaN in one only",
                       (long long)comparison->nan_differs);
    }
    pt2__text_printf(text, "; ");
  }
  if (comparison->worst >= 0) {
    describe_worst(comparison, got, text);
  }
  pt2__text_printf(text, " (rtol %g, atol %g)", comparison->tolerance.rtol,
                   comparison->tolerance.atol);
}
