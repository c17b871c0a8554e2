// SPDX-License-Identifier: Apache-2.0
//
// What every file of the tool uses: see common.h.
#include "tooling/common.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

// ---- Errors ----------------------------------------------------------------

#define ERROR_BYTES 1400

static char error_text[ERROR_BYTES];
static pt2_status_t error_status = PT2_STATUS_OK;

// A message is one line on a terminal: what a file wrote into its names may
// not move the cursor.
static void make_one_line(char* text) {
  for (; *text != '\0'; ++text) {
    if (iscntrl((unsigned char)*text)) {
      *text = ' ';
    }
  }
}

static void record(pt2_status_t status, const char* text) {
  if (error_text[0] != '\0') {
    return;
  }
  snprintf(error_text, sizeof(error_text), "%s", text);
  make_one_line(error_text);
  error_status = status;
}

int pt2__tool_fail(int exit_code, const char* format, ...) {
  char text[ERROR_BYTES];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof(text), format, args);
  va_end(args);
  record(exit_code == PT2__EXIT_CANNOT_RUN ? PT2_STATUS_UNSUPPORTED
                                           : PT2_STATUS_INVALID_ARGUMENT,
         text);
  return exit_code;
}

int pt2__tool_fail_status(pt2_status_t status, const char* format, ...) {
  char text[ERROR_BYTES];
  va_list args;
  va_start(args, format);
  int length = vsnprintf(text, sizeof(text), format, args);
  va_end(args);
  const char* detail = pt2_error_message();
  if (detail[0] == '\0') {
    detail = pt2_status_name(status);
  }
  size_t used = length < 0 ? 0 : (size_t)length;
  if (used < sizeof(text)) {
    snprintf(text + used, sizeof(text) - used, "%s%s", used > 0 ? ": " : "",
             detail);
  }
  record(status, text);
  bool cannot_run = status == PT2_STATUS_UNSUPPORTED ||
                    status == PT2_STATUS_INCOMPATIBLE ||
                    status == PT2_STATUS_FAILED_PRECONDITION;
  return cannot_run ? PT2__EXIT_CANNOT_RUN : PT2__EXIT_FAILED;
}

const char* pt2__tool_error(void) { return error_text; }

pt2_status_t pt2__tool_error_status(void) { return error_status; }

void pt2__tool_error_clear(void) {
  error_text[0] = '\0';
  error_status = PT2_STATUS_OK;
}

void pt2__tool_error_prefix(const char* format, ...) {
  char text[2 * ERROR_BYTES];
  va_list args;
  va_start(args, format);
  int length = vsnprintf(text, ERROR_BYTES, format, args);
  va_end(args);
  size_t used = length < 0 ? 0 : strlen(text);
  snprintf(text + used, sizeof(text) - used, ": %s", error_text);
  snprintf(error_text, sizeof(error_text), "%.*s", ERROR_BYTES - 1, text);
  make_one_line(error_text);
}

// ---- Memory ----------------------------------------------------------------

static void out_of_memory(size_t bytes) {
  fprintf(stderr, "pt2: error: out of memory: %zu bytes wanted\n", bytes);
  exit(PT2__EXIT_FAILED);
}

void* pt2__tool_realloc(void* block, size_t bytes) {
  void* result = realloc(block, bytes > 0 ? bytes : 1);
  if (result == NULL) {
    out_of_memory(bytes);
  }
  return result;
}

void* pt2__tool_alloc(size_t bytes) {
  void* result = pt2__tool_realloc(NULL, bytes);
  memset(result, 0, bytes);
  return result;
}

char* pt2__tool_strndup(const char* text, size_t bytes) {
  char* result = pt2__tool_realloc(NULL, bytes + 1);
  memcpy(result, text, bytes);
  result[bytes] = '\0';
  return result;
}

char* pt2__tool_strdup(const char* text) {
  return pt2__tool_strndup(text, strlen(text));
}

static void text_vprintf(pt2__text_t* text, const char* format, va_list args) {
  char* piece = NULL;
  int length = vasprintf(&piece, format, args);
  if (length < 0) {
    out_of_memory(strlen(format));
  }
  pt2__text_append(text, piece, (size_t)length);
  free(piece);
}

char* pt2__tool_sprintf(const char* format, ...) {
  pt2__text_t text = {0};
  va_list args;
  va_start(args, format);
  text_vprintf(&text, format, args);
  va_end(args);
  return text.data != NULL ? text.data : pt2__tool_strdup("");
}

// ---- Text ------------------------------------------------------------------

void pt2__text_append(pt2__text_t* text, const void* bytes, size_t count) {
  if (text->capacity - text->length < count + 1) {
    size_t capacity = text->capacity * 2 + count + 64;
    text->data = pt2__tool_realloc(text->data, capacity);
    text->capacity = capacity;
  }
  if (count > 0) {
    memcpy(text->data + text->length, bytes, count);
  }
  text->length += count;
  text->data[text->length] = '\0';
}

void pt2__text_printf(pt2__text_t* text, const char* format, ...) {
  va_list args;
  va_start(args, format);
  text_vprintf(text, format, args);
  va_end(args);
}

void pt2__text_free(pt2__text_t* text) {
  free(text->data);
  memset(text, 0, sizeof(*text));
}

const char* pt2__text_peek(const pt2__text_t* text) {
  return text->data != NULL ? text->data : "";
}

bool pt2__text_ends_with(const char* text, const char* suffix) {
  size_t length = strlen(text);
  size_t wanted = strlen(suffix);
  return length >= wanted && strcasecmp(text + length - wanted, suffix) == 0;
}

// ---- Files -----------------------------------------------------------------

static int read_stream(FILE* stream, const char* path, pt2__text_t* out_file) {
  char chunk[65536];
  for (;;) {
    size_t count = fread(chunk, 1, sizeof(chunk), stream);
    pt2__text_append(out_file, chunk, count);
    if (count < sizeof(chunk)) {
      break;
    }
  }
  if (ferror(stream)) {
    return pt2__tool_fail(PT2__EXIT_FAILED, "cannot read %s: %s", path,
                          strerror(errno));
  }
  return PT2__EXIT_OK;
}

int pt2__file_read(const char* path, pt2__text_t* out_file) {
  FILE* stream = fopen(path, "rb");
  if (stream == NULL) {
    return pt2__tool_fail(PT2__EXIT_FAILED, "cannot open %s: %s", path,
                          strerror(errno));
  }
  // The size is a hint that saves growing; a pipe has none.
  struct stat facts;
  if (fstat(fileno(stream), &facts) == 0 && S_ISREG(facts.st_mode) &&
      facts.st_size > 0) {
    out_file->capacity = (size_t)facts.st_size + 1;
    out_file->data = pt2__tool_realloc(NULL, out_file->capacity);
    out_file->data[0] = '\0';
  }
  int result = read_stream(stream, path, out_file);
  fclose(stream);
  if (result != PT2__EXIT_OK) {
    pt2__text_free(out_file);
  }
  return result;
}

int pt2__file_write(const char* path, const pt2__piece_t* pieces,
                    size_t count) {
  FILE* stream = fopen(path, "wb");
  if (stream == NULL) {
    return pt2__tool_fail(PT2__EXIT_FAILED, "cannot create %s: %s", path,
                          strerror(errno));
  }
  bool good = true;
  for (size_t i = 0; i < count && good; ++i) {
    good = pieces[i].bytes == 0 || fwrite(pieces[i].data, 1, pieces[i].bytes,
                                          stream) == pieces[i].bytes;
  }
  int cause = errno;
  struct stat facts;
  bool regular = fstat(fileno(stream), &facts) == 0 && S_ISREG(facts.st_mode);
  if (fclose(stream) != 0 && good) {
    cause = errno;
    good = false;
  }
  if (good) {
    return PT2__EXIT_OK;
  }
  if (regular) {
    unlink(path);
  }
  return pt2__tool_fail(PT2__EXIT_FAILED, "cannot write %s: %s", path,
                        strerror(cause));
}

// ---- Names and numbers -----------------------------------------------------

// Edits (insert, delete, replace, swap of neighbours) between two short names.
static size_t edit_distance(const char* left, const char* right) {
  enum { LIMIT = 40 };
  size_t rows = strlen(left);
  size_t columns = strlen(right);
  if (rows > LIMIT || columns > LIMIT) {
    return LIMIT;
  }
  size_t table[LIMIT + 1][LIMIT + 1];
  for (size_t i = 0; i <= rows; ++i) {
    for (size_t j = 0; j <= columns; ++j) {
      if (i == 0 || j == 0) {
        table[i][j] = i + j;
        continue;
      }
      size_t best = table[i - 1][j - 1] + (left[i - 1] != right[j - 1]);
      size_t other = table[i - 1][j] + 1;
      best = other < best ? other : best;
      other = table[i][j - 1] + 1;
      best = other < best ? other : best;
      if (i > 1 && j > 1 && left[i - 1] == right[j - 2] &&
          left[i - 2] == right[j - 1] && table[i - 2][j - 2] + 1 < best) {
        best = table[i - 2][j - 2] + 1;
      }
      table[i][j] = best;
    }
  }
  return table[rows][columns];
}

const char* pt2__nearest_name(const char* text, const char* const* names,
                              size_t count) {
  const char* nearest = NULL;
  // A third of the letters may be wrong; more is another word.
  size_t best = strlen(text) / 3 + 2;
  for (size_t i = 0; i < count; ++i) {
    size_t distance = edit_distance(text, names[i]);
    // "out" means "output".
    if (strlen(text) >= 3 && strncmp(names[i], text, strlen(text)) == 0) {
      distance = 1;
    }
    if (distance < best && distance < strlen(names[i])) {
      best = distance;
      nearest = names[i];
    }
  }
  return nearest;
}

bool pt2__parse_i64(const char* text, int64_t* out_value) {
  if (text[0] == '\0' || isspace((unsigned char)text[0])) {
    return false;
  }
  char* end = NULL;
  errno = 0;
  long long value = strtoll(text, &end, 10);
  if (errno != 0 || *end != '\0') {
    return false;
  }
  *out_value = value;
  return true;
}

bool pt2__parse_f64(const char* text, double* out_value) {
  if (text[0] == '\0' || isspace((unsigned char)text[0])) {
    return false;
  }
  char* end = NULL;
  double value = strtod(text, &end);
  // "inf" is meant, 1e999 is a slip.
  bool overflows = isinf(value) && strpbrk(text, "0123456789") != NULL;
  if (*end != '\0' || overflows) {
    return false;
  }
  *out_value = value;
  return true;
}

uint64_t pt2__clock_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

double pt2__clock_seconds(void) { return (double)pt2__clock_ns() * 1e-9; }
