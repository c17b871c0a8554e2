// SPDX-License-Identifier: Apache-2.0
//
// Tensors as text: elements in numpy's manner, and their statistics.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tooling/print.h"

// Columns of a line of elements.
#define LINE_WIDTH 80
// Elements at each end of a shortened dimension.
#define EDGE 3

void pt2__tensor_statistics(const pt2__reader_t* reader,
                            const pt2_tensor_t* tensor,
                            pt2__statistics_t* out_statistics) {
  pt2__statistics_t statistics = {.numel = pt2_tensor_numel(tensor)};
  const uint8_t* data = pt2_tensor_peek_data(tensor);
  double mean = 0;
  for (int64_t i = 0; i < statistics.numel; ++i) {
    const uint8_t* address = data + (size_t)i * reader->element_bytes;
    double value = 0;
    if (reader->element_class == PT2__CLASS_COMPLEX) {
      double parts[2];
      pt2__read_complex(reader, address, parts);
      value = hypot(parts[0], parts[1]);
    } else {
      value = pt2__read_f64(reader, address);
    }
    if (!isfinite(value)) {
      statistics.nan_count += isnan(value) != 0;
      statistics.inf_count += isinf(value) != 0;
      continue;
    }
    bool first = statistics.finite_count++ == 0;
    statistics.min = first || value < statistics.min ? value : statistics.min;
    statistics.max = first || value > statistics.max ? value : statistics.max;
    // A running mean does not overflow where a sum would.
    mean += (value - mean) / (double)statistics.finite_count;
  }
  statistics.mean = mean;
  *out_statistics = statistics;
}

// ---- Elements --------------------------------------------------------------

typedef struct {
  pt2__text_t* text;
  const pt2__reader_t* reader;
  const uint8_t* data;
  size_t rank;
  const int64_t* sizes;
  size_t indent;
  bool shortened;
  int width;  // of an element; 0 while it is being measured
} printer_t;

static int format_real(const pt2__reader_t* reader, double value, char* text,
                       size_t bytes) {
  int digits = reader->element_bytes <= 2              ? 4
               : reader->dtype == PT2_DTYPE_F64        ? 8
               : reader->dtype == PT2_DTYPE_COMPLEX128 ? 8
               : reader->dtype == PT2_DTYPE_COMPLEX32  ? 4
                                                       : 6;
  if (isnan(value)) {
    return snprintf(text, bytes, "nan");
  }
  return snprintf(text, bytes, "%.*g", digits, value);
}

// Writes one element to |text|.
static void format_element(const pt2__reader_t* reader, const void* address,
                           char* text, size_t bytes) {
  switch (reader->element_class) {
    case PT2__CLASS_BOOL:
      snprintf(text, bytes, "%s",
               pt2__read_i64(reader, address) != 0 ? "True" : "False");
      return;
    case PT2__CLASS_INT:
      snprintf(text, bytes, "%lld", (long long)pt2__read_i64(reader, address));
      return;
    case PT2__CLASS_UINT:
      snprintf(text, bytes, "%llu",
               (unsigned long long)pt2__read_u64(reader, address));
      return;
    case PT2__CLASS_COMPLEX: {
      double parts[2];
      char imaginary[40];
      pt2__read_complex(reader, address, parts);
      int used = format_real(reader, parts[0], text, bytes);
      format_real(reader, parts[1], imaginary, sizeof(imaginary));
      snprintf(text + used, bytes - (size_t)used, "%s%sj",
               imaginary[0] == '-' ? "" : "+", imaginary);
      return;
    }
    default:
      format_real(reader, pt2__read_f64(reader, address), text, bytes);
  }
}

static void print_element(printer_t* printer, int64_t flat) {
  char element[96];
  format_element(printer->reader,
                 printer->data + (size_t)flat * printer->reader->element_bytes,
                 element, sizeof(element));
  int width = (int)strlen(element);
  if (printer->text == NULL) {
    printer->width = width > printer->width ? width : printer->width;
    return;
  }
  pt2__text_printf(printer->text, "%*s", printer->width, element);
}

static void print_indent(const printer_t* printer, size_t depth) {
  if (printer->text != NULL) {
    pt2__text_printf(printer->text, "\n%*s", (int)(printer->indent + depth),
                     "");
  }
}

static void print_text(const printer_t* printer, const char* text) {
  if (printer->text != NULL) {
    pt2__text_printf(printer->text, "%s", text);
  }
}

// The innermost dimension: elements in lines of LINE_WIDTH columns.
static void print_row(printer_t* printer, size_t depth, int64_t offset) {
  int64_t size = printer->sizes[depth];
  bool cut = printer->shortened && size > 2 * EDGE;
  size_t column = 0;
  for (int64_t i = 0; i < size; ++i) {
    size_t wanted = (size_t)printer->width + 1;
    if (i > 0 && printer->indent + depth + 1 + column + wanted > LINE_WIDTH) {
      print_indent(printer, depth + 1);
      column = 0;
    } else if (i > 0) {
      print_text(printer, " ");
    }
    if (cut && i == EDGE) {
      print_text(printer, "...");
      column += 4;
      i = size - EDGE - 1;
      continue;
    }
    print_element(printer, offset + i);
    column += wanted;
  }
}

static void print_dimension(printer_t* printer, size_t depth, int64_t offset) {
  if (depth == printer->rank) {
    print_element(printer, offset);
    return;
  }
  print_text(printer, "[");
  if (depth + 1 == printer->rank) {
    print_row(printer, depth, offset);
    print_text(printer, "]");
    return;
  }
  int64_t inner = 1;
  for (size_t d = depth + 1; d < printer->rank; ++d) {
    inner *= printer->sizes[d];
  }
  int64_t size = printer->sizes[depth];
  for (int64_t i = 0; i < size; ++i) {
    if (i > 0) {
      print_indent(printer, depth + 1);
    }
    if (printer->shortened && size > 2 * EDGE && i == EDGE) {
      print_text(printer, "...");
      i = size - EDGE - 1;
      continue;
    }
    print_dimension(printer, depth + 1, offset + i * inner);
  }
  print_text(printer, "]");
}

void pt2__text_elements(pt2__text_t* text, const pt2__reader_t* reader,
                        const pt2_tensor_t* tensor, size_t indent, bool full) {
  pt2__text_printf(text, "%*s", (int)indent, "");
  if (pt2_tensor_numel(tensor) == 0) {
    pt2__text_printf(text, "[]\n");
    return;
  }
  printer_t printer = {
      .reader = reader,
      .data = pt2_tensor_peek_data(tensor),
      .rank = pt2_tensor_rank(tensor),
      .sizes = pt2_tensor_peek_sizes(tensor),
      .indent = indent,
      .shortened = !full && pt2_tensor_numel(tensor) > PT2__SMALL_NUMEL};
  // Once without text, to learn how wide the widest element is.
  print_dimension(&printer, 0, 0);
  printer.text = text;
  print_dimension(&printer, 0, 0);
  pt2__text_printf(text, "\n");
}
