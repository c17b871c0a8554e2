// SPDX-License-Identifier: Apache-2.0
#include "package/text.h"

#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/status.h"
#include "pt2/tensor.h"

bool pt2__span_equals(pt2__span_t span, const char* text) {
  size_t length = strlen(text);
  return pt2__span_length(span) == length &&
         memcmp(span.begin, text, length) == 0;
}

bool pt2__span_same(pt2__span_t left, pt2__span_t right) {
  size_t length = pt2__span_length(left);
  return length == pt2__span_length(right) &&
         memcmp(left.begin, right.begin, length) == 0;
}

const char* pt2__span_find(pt2__span_t span, const char* text) {
  if (span.begin >= span.end) {
    return NULL;
  }
  return memmem(span.begin, pt2__span_length(span), text, strlen(text));
}

static bool is_space(char c) {
  return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) ||
         c == '_';
}

void pt2__skip_spaces(pt2__span_t* span) {
  while (span->begin < span->end && is_space(*span->begin)) {
    ++span->begin;
  }
}

pt2__span_t pt2__span_trim(pt2__span_t span) {
  pt2__skip_spaces(&span);
  while (span.end > span.begin && is_space(span.end[-1])) {
    --span.end;
  }
  return span;
}

bool pt2__take_line(pt2__span_t* span, pt2__span_t* out_line) {
  if (span->begin >= span->end) {
    return false;
  }
  const char* newline = memchr(span->begin, '\n', pt2__span_length(*span));
  pt2__span_t line = {span->begin, newline != NULL ? newline : span->end};
  span->begin = newline != NULL ? newline + 1 : span->end;
  *out_line = pt2__span_trim(line);
  return true;
}

bool pt2__take(pt2__span_t* span, const char* text) {
  pt2__span_t rest = *span;
  pt2__skip_spaces(&rest);
  size_t length = strlen(text);
  if (pt2__span_length(rest) < length ||
      memcmp(rest.begin, text, length) != 0) {
    return false;
  }
  span->begin = rest.begin + length;
  return true;
}

bool pt2__take_word(pt2__span_t* span, pt2__span_t* out_word) {
  pt2__span_t rest = *span;
  pt2__skip_spaces(&rest);
  const char* begin = rest.begin;
  if (begin >= rest.end || !is_word(*begin) || is_digit(*begin)) {
    return false;
  }
  while (rest.begin < rest.end && is_word(*rest.begin)) {
    ++rest.begin;
  }
  *out_word = (pt2__span_t){begin, rest.begin};
  span->begin = rest.begin;
  return true;
}

bool pt2__take_integer(pt2__span_t* span, int64_t* out_value) {
  pt2__span_t rest = *span;
  pt2__skip_spaces(&rest);
  bool negative = rest.begin < rest.end && *rest.begin == '-';
  rest.begin += negative;
  const char* first = rest.begin;
  uint64_t value = 0;
  while (rest.begin < rest.end && is_digit(*rest.begin)) {
    uint64_t digit = (uint64_t)(*rest.begin - '0');
    if (value > ((uint64_t)INT64_MAX - digit) / 10) {
      return false;
    }
    value = value * 10 + digit;
    ++rest.begin;
  }
  if (rest.begin == first) {
    return false;
  }
  while (rest.begin < rest.end && (*rest.begin == 'L' || *rest.begin == 'U' ||
                                   *rest.begin == 'l' || *rest.begin == 'u')) {
    ++rest.begin;
  }
  // "2x", "2.5": no integer.
  if (rest.begin < rest.end && (is_word(*rest.begin) || *rest.begin == '.')) {
    return false;
  }
  *out_value = negative ? -(int64_t)value : (int64_t)value;
  span->begin = rest.begin;
  return true;
}

// ---- String literals -------------------------------------------------------

// The raw literal R"delim(…)delim" at |span|; |*out_body| is what is inside.
static bool take_raw_string(pt2__span_t* span, pt2__span_t* out_body) {
  if (pt2__span_length(*span) < 5 || memcmp(span->begin, "R\"", 2) != 0) {
    return false;
  }
  const char* delimiter = span->begin + 2;
  size_t left = (size_t)(span->end - delimiter);
  const char* open = memchr(delimiter, '(', left < 17 ? left : 17);
  if (open == NULL) {
    return false;
  }
  char close[20] = ")";
  size_t length = (size_t)(open - delimiter);
  memcpy(close + 1, delimiter, length);
  close[1 + length] = '"';
  const char* end =
      memmem(open + 1, (size_t)(span->end - open - 1), close, length + 2);
  if (end == NULL) {
    return false;
  }
  *out_body = (pt2__span_t){open + 1, end};
  span->begin = end + length + 2;
  return true;
}

// The plain literal at |span|, its escapes still in it.
static bool take_plain_string(pt2__span_t* span, pt2__span_t* out_body) {
  if (span->begin >= span->end || *span->begin != '"') {
    return false;
  }
  for (const char* p = span->begin + 1; p < span->end; ++p) {
    if (*p == '\\') {
      ++p;
    } else if (*p == '"') {
      *out_body = (pt2__span_t){span->begin + 1, p};
      span->begin = p + 1;
      return true;
    } else if (*p == '\n') {
      return false;
    }
  }
  return false;
}

// Appends |body| with its escapes resolved; |*out_good| is false for an escape
// that PyTorch does not write.
static pt2_status_t append_unescaped(pt2__buffer_t* buffer, pt2__span_t body,
                                     bool* out_good) {
  for (const char* p = body.begin; p < body.end;) {
    const char* slash = memchr(p, '\\', (size_t)(body.end - p));
    const char* stop = slash != NULL ? slash : body.end;
    PT2_TRY(pt2__buffer_append(buffer, p, (size_t)(stop - p)));
    p = stop;
    if (slash == NULL) {
      break;
    }
    char c = slash + 1 < body.end ? slash[1] : '\0';
    char plain = c == 'n' ? '\n' : c == 't' ? '\t' : c;
    if (strchr("nt\"\\'", c) == NULL || c == '\0') {
      *out_good = false;
      return PT2_STATUS_OK;
    }
    PT2_TRY(pt2__buffer_append(buffer, &plain, 1));
    p = slash + 2;
  }
  return PT2_STATUS_OK;
}

static pt2_status_t append_literals(pt2__span_t span, pt2__buffer_t* buffer,
                                    bool* out_good) {
  *out_good = false;
  pt2__skip_spaces(&span);
  while (span.begin < span.end) {
    pt2__span_t body;
    if (take_raw_string(&span, &body)) {
      PT2_TRY(pt2__buffer_append(buffer, body.begin, pt2__span_length(body)));
      *out_good = true;
    } else if (take_plain_string(&span, &body)) {
      *out_good = true;
      PT2_TRY(append_unescaped(buffer, body, out_good));
    } else {
      *out_good = false;
    }
    if (!*out_good) {
      return PT2_STATUS_OK;
    }
    pt2__skip_spaces(&span);
  }
  return PT2_STATUS_OK;
}

pt2_status_t pt2__read_strings(pt2__span_t span, pt2__arena_t* arena,
                               const char** out_text) {
  *out_text = NULL;
  pt2__buffer_t buffer = {0};
  bool good;
  pt2_status_t status = append_literals(span, &buffer, &good);
  if (status == PT2_STATUS_OK && good &&
      (buffer.length == 0 ||
       memchr(buffer.data, '\0', buffer.length) == NULL)) {
    status = pt2__arena_text(arena, buffer.length > 0 ? buffer.data : "",
                             buffer.length, out_text);
  }
  pt2__buffer_free(&buffer);
  return status;
}

// ---- Structure -------------------------------------------------------------

bool pt2__take_until(pt2__span_t* span, char stop, pt2__span_t* out_taken) {
  pt2__span_t rest = *span;
  int depth = 0;
  while (rest.begin < rest.end) {
    pt2__span_t body;
    char c = *rest.begin;
    if (c == stop && depth == 0) {
      *out_taken = pt2__span_trim((pt2__span_t){span->begin, rest.begin});
      span->begin = rest.begin + 1;
      return true;
    }
    if ((c == 'R' && take_raw_string(&rest, &body)) ||
        (c == '"' && take_plain_string(&rest, &body))) {
      continue;
    }
    bool opens = c == '(' || c == '{' || c == '[';
    bool closes = c == ')' || c == '}' || c == ']';
    depth += opens ? 1 : closes ? -1 : 0;
    if (depth < 0) {
      return false;
    }
    ++rest.begin;
  }
  return false;
}

bool pt2__take_statement(pt2__span_t* span, pt2__span_t* out_statement) {
  pt2__skip_spaces(span);
  if (span->begin >= span->end || *span->begin == '}') {
    return false;
  }
  return pt2__take_until(span, ';', out_statement);
}

bool pt2__read_integers(pt2__span_t span, size_t capacity, int64_t* out_values,
                        size_t* out_count) {
  size_t count = 0;
  if (!pt2__take(&span, "{")) {
    return false;
  }
  while (!pt2__take(&span, "}")) {
    if (count == capacity || !pt2__take_integer(&span, &out_values[count])) {
      return false;
    }
    ++count;
    // A comma may stand behind the last one too.
    pt2__skip_spaces(&span);
    if (span.begin >= span.end || (*span.begin != ',' && *span.begin != '}')) {
      return false;
    }
    pt2__take(&span, ",");
  }
  *out_count = count;
  return true;
}

// ---- PyTorch's names -------------------------------------------------------

typedef struct {
  const char* name;
  int32_t value;
} named_value_t;

static int32_t look_up(const named_value_t* table, size_t count,
                       pt2__span_t name) {
  for (size_t i = 0; i < count; ++i) {
    if (pt2__span_equals(name, table[i].name)) {
      return table[i].value;
    }
  }
  return -1;
}

int32_t pt2__torch_dtype(pt2__span_t name) {
  static const named_value_t dtypes[] = {
      {"uint8", PT2_DTYPE_U8},
      {"int8", PT2_DTYPE_I8},
      {"int16", PT2_DTYPE_I16},
      {"int32", PT2_DTYPE_I32},
      {"int64", PT2_DTYPE_I64},
      {"float16", PT2_DTYPE_F16},
      {"float32", PT2_DTYPE_F32},
      {"float64", PT2_DTYPE_F64},
      {"complex32", PT2_DTYPE_COMPLEX32},
      {"complex64", PT2_DTYPE_COMPLEX64},
      {"complex128", PT2_DTYPE_COMPLEX128},
      {"bool", PT2_DTYPE_BOOL},
      {"bfloat16", PT2_DTYPE_BF16},
      {"float8_e5m2", PT2_DTYPE_F8E5M2},
      {"float8_e4m3fn", PT2_DTYPE_F8E4M3FN},
      {"float8_e5m2fnuz", PT2_DTYPE_F8E5M2FNUZ},
      {"float8_e4m3fnuz", PT2_DTYPE_F8E4M3FNUZ},
      {"uint16", PT2_DTYPE_U16},
      {"uint32", PT2_DTYPE_U32},
      {"uint64", PT2_DTYPE_U64},
      {"float8_e8m0fnu", PT2_DTYPE_F8E8M0FNU},
      {"float4_e2m1fn_x2", PT2_DTYPE_F4E2M1FNX2},
  };
  return look_up(dtypes, sizeof(dtypes) / sizeof(dtypes[0]), name);
}

int32_t pt2__torch_device(pt2__span_t name) {
  static const named_value_t devices[] = {
      {"cpu", PT2_DEVICE_CPU},   {"cuda", PT2_DEVICE_CUDA},
      {"xpu", PT2_DEVICE_XPU},   {"mps", PT2_DEVICE_MPS},
      {"meta", PT2_DEVICE_META}, {"privateuse1", PT2_DEVICE_PRIVATEUSE1},
  };
  return look_up(devices, sizeof(devices) / sizeof(devices[0]), name);
}
