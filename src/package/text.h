// SPDX-License-Identifier: Apache-2.0
//
// Scanning of C++ text that may be cut or changed anywhere. A span is not
// NUL-terminated; every take_* function moves past what it took and leaves the
// span alone if it returns false.
#ifndef PT2_SRC_PACKAGE_TEXT_H_
#define PT2_SRC_PACKAGE_TEXT_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "package/arena.h"

typedef struct {
  const char* begin;
  const char* end;
} pt2__span_t;

static inline size_t pt2__span_length(pt2__span_t span) {
  return (size_t)(span.end - span.begin);
}

bool pt2__span_equals(pt2__span_t span, const char* text);
bool pt2__span_same(pt2__span_t left, pt2__span_t right);

// The position of |text| in |span|, NULL if it is not there.
const char* pt2__span_find(pt2__span_t span, const char* text);

void pt2__skip_spaces(pt2__span_t* span);
pt2__span_t pt2__span_trim(pt2__span_t span);

// Takes the next line, without its end and the spaces around it.
bool pt2__take_line(pt2__span_t* span, pt2__span_t* out_line);

// Takes |text| itself; spaces before it are skipped.
bool pt2__take(pt2__span_t* span, const char* text);

// Takes a C identifier, or a decimal integer with an optional L, LL or ULL.
bool pt2__take_word(pt2__span_t* span, pt2__span_t* out_word);
bool pt2__take_integer(pt2__span_t* span, int64_t* out_value);

// Takes everything up to |stop| at the outermost level of (), {} and []
// outside string literals, and |stop| itself.
bool pt2__take_until(pt2__span_t* span, char stop, pt2__span_t* out_taken);

// Takes one statement of a function's body, up to its ';' (not included).
// Returns false at a '}' and at the end of the text.
bool pt2__take_statement(pt2__span_t* span, pt2__span_t* out_statement);

// Reads one or more adjacent string literals, plain or raw; |*out_text| is NULL
// if they are malformed. Errors: OUT_OF_MEMORY.
PT2_MUST_USE pt2_status_t pt2__read_strings(pt2__span_t span,
                                            pt2__arena_t* arena,
                                            const char** out_text);

// Reads "{1, 2L, 3}" into an array; false if it is anything else or longer
// than |capacity|.
bool pt2__read_integers(pt2__span_t span, size_t capacity, int64_t* out_values,
                        size_t* out_count);

// c10's number of "float32", of PyTorch's device "cpu"; -1 if unknown.
int32_t pt2__torch_dtype(pt2__span_t name);
int32_t pt2__torch_device(pt2__span_t name);

#endif  // PT2_SRC_PACKAGE_TEXT_H_
