// SPDX-License-Identifier: Apache-2.0
//
// What a person reads: shapes, sizes, tables, colours, progress. Tensors are
// in print_tensor.c.
#include "tooling/print.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

pt2__colours_t pt2__colours(void) {
  const char* no_color = getenv("NO_COLOR");
  const char* terminal = getenv("TERM");
  if (!isatty(STDOUT_FILENO) || (no_color != NULL && no_color[0] != '\0') ||
      terminal == NULL || strcmp(terminal, "dumb") == 0) {
    return (pt2__colours_t){"", "", "", "", "", ""};
  }
  return (pt2__colours_t){"\033[1m",  "\033[2m",  "\033[31m",
                          "\033[33m", "\033[32m", "\033[0m"};
}

void pt2__text_size(pt2__text_t* text, uint64_t bytes) {
  if (bytes < 10000) {
    pt2__text_printf(text, "%llu bytes", (unsigned long long)bytes);
  } else if (bytes < 10000000) {
    pt2__text_printf(text, "%.2f MB", (double)bytes / 1e6);
  } else {
    pt2__text_printf(text, "%.1f MB", (double)bytes / 1e6);
  }
}

void pt2__text_value_shape(pt2__text_t* text, const pt2_value_info_t* info,
                           bool show_range) {
  if (info->rank < 0) {
    pt2__text_printf(text, "[?]");
    return;
  }
  pt2__text_printf(text, "[");
  for (int32_t d = 0; d < info->rank; ++d) {
    const pt2_dim_info_t* dim = &info->dims[d];
    pt2__text_printf(text, "%s", d > 0 ? ", " : "");
    if (dim->symbol == NULL && dim->min == dim->max) {
      pt2__text_printf(text, "%lld", (long long)dim->min);
      continue;
    }
    pt2__text_clean(text, dim->symbol != NULL ? dim->symbol : "?");
    if (!show_range) {
      continue;
    }
    pt2__text_printf(text, ":%lld..", (long long)dim->min);
    if (dim->max != INT64_MAX) {
      pt2__text_printf(text, "%lld", (long long)dim->max);
    }
  }
  pt2__text_printf(text, "]");
}

void pt2__text_clean(pt2__text_t* text, const char* source) {
  for (; *source != '\0'; ++source) {
    char letter = iscntrl((unsigned char)*source) ? '?' : *source;
    pt2__text_append(text, &letter, 1);
  }
}

// ---- Tables ----------------------------------------------------------------

void pt2__table_add(pt2__table_t* table, const char* cell) {
  table->cells = pt2__tool_realloc(table->cells,
                                   (table->count + 1) * sizeof(*table->cells));
  pt2__text_t clean = {0};
  pt2__text_clean(&clean, cell);
  table->cells[table->count++] =
      clean.data != NULL ? clean.data : pt2__tool_strdup("");
}

void pt2__table_printf(pt2__table_t* table, const char* format, ...) {
  char cell[512];
  va_list args;
  va_start(args, format);
  vsnprintf(cell, sizeof(cell), format, args);
  va_end(args);
  pt2__table_add(table, cell);
}

// Columns on a terminal: continuation bytes of UTF-8 take none.
static size_t width_of(const char* text) {
  size_t width = 0;
  for (; *text != '\0'; ++text) {
    width += ((unsigned char)*text & 0xc0) != 0x80;
  }
  return width;
}

void pt2__table_format(const pt2__table_t* table, const char* indent,
                       pt2__text_t* text) {
  size_t columns = table->columns;
  size_t* widths = pt2__tool_alloc(columns * sizeof(*widths));
  for (size_t i = 0; i < table->count; ++i) {
    size_t width = width_of(table->cells[i]);
    if (width > widths[i % columns]) {
      widths[i % columns] = width;
    }
  }
  for (size_t i = 0; i < table->count; ++i) {
    size_t column = i % columns;
    if (column == 0) {
      pt2__text_printf(text, "%s", indent);
    }
    pt2__text_printf(text, "%s", table->cells[i]);
    if (column + 1 < columns) {
      size_t gap = widths[column] - width_of(table->cells[i]) + 2;
      pt2__text_printf(text, "%*s", (int)gap, "");
      continue;
    }
    while (text->length > 0 && text->data[text->length - 1] == ' ') {
      text->data[--text->length] = '\0';
    }
    pt2__text_printf(text, "\n");
  }
  free(widths);
}

void pt2__table_free(pt2__table_t* table) {
  for (size_t i = 0; i < table->count; ++i) {
    free(table->cells[i]);
  }
  free(table->cells);
  memset(table, 0, sizeof(*table));
}

// ---- Progress --------------------------------------------------------------

static bool progress_shown;

void pt2__progress(const char* format, ...) {
  if (!isatty(STDERR_FILENO)) {
    return;
  }
  char line[256];
  va_list args;
  va_start(args, format);
  vsnprintf(line, sizeof(line), format, args);
  va_end(args);
  fprintf(stderr, "\r\033[K%.78s", line);
  fflush(stderr);
  progress_shown = true;
}

void pt2__progress_clear(void) {
  if (progress_shown) {
    fprintf(stderr, "\r\033[K");
    fflush(stderr);
    progress_shown = false;
  }
}
