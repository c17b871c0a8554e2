// SPDX-License-Identifier: Apache-2.0
//
// What every file of the tool uses: exit codes, the tool's error text, memory
// that never comes back NULL, growing text and whole files.
#ifndef PT2_SRC_TOOLING_COMMON_H_
#define PT2_SRC_TOOLING_COMMON_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pt2/pt2.h"

// Exit codes of the tool; its functions return them too.
enum {
  PT2__EXIT_OK = 0,
  // The run failed, a file cannot be read or written, outputs differ.
  PT2__EXIT_FAILED = 1,
  // The command line is wrong.
  PT2__EXIT_USAGE = 2,
  // The package cannot run on this machine or with this library.
  PT2__EXIT_CANNOT_RUN = 3,
};

// Records why, printf-style, and returns |exit_code|. The first record wins
// until pt2__tool_error_clear.
int pt2__tool_fail(int exit_code, const char* format, ...) PT2_PRINTF(2, 3);

// The same for a call of the library: its message behind the formatted prefix
// ("" for none) and the exit code that belongs to |status|.
int pt2__tool_fail_status(pt2_status_t status, const char* format, ...)
    PT2_PRINTF(2, 3);

// What was recorded: one line without control characters, "" if nothing was;
// and the status that came with it.
const char* pt2__tool_error(void);
pt2_status_t pt2__tool_error_status(void);
void pt2__tool_error_clear(void);

// Puts "prefix: " before what was recorded.
void pt2__tool_error_prefix(const char* format, ...) PT2_PRINTF(1, 2);

// Propagates a failure.
#define PT2__TOOL_TRY(expr)               \
  do {                                    \
    int pt2_tool_exit_ = (expr);          \
    if (pt2_tool_exit_ != PT2__EXIT_OK) { \
      return pt2_tool_exit_;              \
    }                                     \
  } while (0)

// Memory. Running out ends the program with a message: a tool that shows a
// tensor has nothing better to do.
void* pt2__tool_alloc(size_t bytes);
void* pt2__tool_realloc(void* block, size_t bytes);
char* pt2__tool_strdup(const char* text);
char* pt2__tool_strndup(const char* text, size_t bytes);
// printf into new memory.
char* pt2__tool_sprintf(const char* format, ...) PT2_PRINTF(1, 2);

// Growing text (or bytes); |data| is NUL-terminated once something was
// written. Begin with zeros, end with pt2__text_free.
typedef struct {
  char* data;
  size_t length;
  size_t capacity;
} pt2__text_t;

void pt2__text_append(pt2__text_t* text, const void* bytes, size_t count);
void pt2__text_printf(pt2__text_t* text, const char* format, ...)
    PT2_PRINTF(2, 3);
void pt2__text_free(pt2__text_t* text);
// The text, "" if nothing was written.
const char* pt2__text_peek(const pt2__text_t* text);

// Reads all of |path|; |out_file| must be empty. Works on pipes too.
int pt2__file_read(const char* path, pt2__text_t* out_file);

// Writes |count| pieces one after another to |path|; a file that could not be
// written whole is removed.
typedef struct {
  const void* data;
  size_t bytes;
} pt2__piece_t;
int pt2__file_write(const char* path, const pt2__piece_t* pieces, size_t count);

// True if |text| ends with |suffix|, letters of any case.
bool pt2__text_ends_with(const char* text, const char* suffix);

// The one of |count| names that |text| most likely meant, NULL if none is
// near.
const char* pt2__nearest_name(const char* text, const char* const* names,
                              size_t count);

// Whole-string numbers; false if |text| is none or does not fit.
bool pt2__parse_i64(const char* text, int64_t* out_value);
bool pt2__parse_f64(const char* text, double* out_value);

// Seconds of a clock that never goes back.
double pt2__clock_seconds(void);
uint64_t pt2__clock_ns(void);

#endif  // PT2_SRC_TOOLING_COMMON_H_
