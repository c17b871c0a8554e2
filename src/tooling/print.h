// SPDX-License-Identifier: Apache-2.0
//
// What a person reads: tensors, shapes, sizes, tables, colours, progress.
#ifndef PT2_SRC_TOOLING_PRINT_H_
#define PT2_SRC_TOOLING_PRINT_H_

#include <stdio.h>

#include "pt2/package.h"
#include "tooling/values.h"

// Escape sequences, "" unless stdout is a terminal that wants colours.
typedef struct {
  const char* bold;
  const char* dim;
  const char* red;
  const char* yellow;
  const char* green;
  const char* reset;
} pt2__colours_t;
pt2__colours_t pt2__colours(void);

// "1.2 MB", "340 bytes".
void pt2__text_size(pt2__text_t* text, uint64_t bytes);

// "[b:1..64, 256]" of an input or output; |show_range| false leaves the ranges
// out. "[?]" if the rank is unknown.
void pt2__text_value_shape(pt2__text_t* text, const pt2_value_info_t* info,
                           bool show_range);

// Text from a file or package for a terminal: control characters become '?'.
void pt2__text_clean(pt2__text_t* text, const char* source);

// Statistics of a tensor. Those of complex tensors are of the magnitudes.
typedef struct {
  int64_t numel;
  int64_t nan_count;
  int64_t inf_count;
  // Over the finite elements; all 0 if there are none.
  int64_t finite_count;
  double min;
  double max;
  double mean;
} pt2__statistics_t;
// |tensor| must be row-major.
void pt2__tensor_statistics(const pt2__reader_t* reader,
                            const pt2_tensor_t* tensor,
                            pt2__statistics_t* out_statistics);

// Tensors of at most this many elements are shown whole.
#define PT2__SMALL_NUMEL 64

// Appends the elements as numpy prints them, each line indented by |indent|
// blanks; unless |full|, tensors of more than PT2__SMALL_NUMEL elements show
// three at each end of a dimension and "...". Ends with a newline.
void pt2__text_elements(pt2__text_t* text, const pt2__reader_t* reader,
                        const pt2_tensor_t* tensor, size_t indent, bool full);

// A table whose columns are aligned. Cells are copied.
typedef struct {
  char** cells;
  size_t count;
  size_t columns;
} pt2__table_t;
void pt2__table_add(pt2__table_t* table, const char* cell);
void pt2__table_printf(pt2__table_t* table, const char* format, ...)
    PT2_PRINTF(2, 3);
// Appends the rows, each after |indent|, two blanks between columns.
void pt2__table_format(const pt2__table_t* table, const char* indent,
                       pt2__text_t* text);
void pt2__table_free(pt2__table_t* table);

// A line on stderr that is overwritten, on a terminal only; NULL clears it.
void pt2__progress(const char* format, ...) PT2_PRINTF(1, 2);
void pt2__progress_clear(void);

#endif  // PT2_SRC_TOOLING_PRINT_H_
