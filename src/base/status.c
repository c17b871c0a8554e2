// SPDX-License-Identifier: Apache-2.0
//
// The error record: one per thread, because failures cross the model's C++
// code, which passes on only a 0 or a 1.
#include "base/status.h"

#include <stdio.h>
#include <string.h>

typedef struct {
  pt2_status_t status;
  char message[PT2__MESSAGE_BYTES];
} error_record_t;

static _Thread_local error_record_t record;
static _Thread_local uint64_t count;

const char* pt2_status_name(pt2_status_t status) {
  static const char* const names[] = {"OK",
                                      "INVALID_ARGUMENT",
                                      "NOT_FOUND",
                                      "OUT_OF_MEMORY",
                                      "IO",
                                      "CORRUPT",
                                      "UNSUPPORTED",
                                      "INCOMPATIBLE",
                                      "FAILED_PRECONDITION",
                                      "MODEL_ERROR",
                                      "INTERNAL",
                                      "TIMEOUT",
                                      "CANCELLED"};
  if (status < 0 || (size_t)status >= sizeof(names) / sizeof(names[0])) {
    return "UNKNOWN";
  }
  return names[status];
}

const char* pt2_error_message(void) { return record.message; }

pt2_status_t pt2_error_status(void) { return record.status; }

void pt2_error_clear(void) {
  record.status = PT2_STATUS_OK;
  record.message[0] = '\0';
}

void pt2__error_begin(void) { pt2_error_clear(); }

bool pt2__error_pending(void) { return record.status != PT2_STATUS_OK; }

uint64_t pt2__error_count(void) { return count; }

pt2_status_t pt2__fail_v(pt2_status_t status, const char* format,
                         va_list args) {
  ++count;
  if (record.status == PT2_STATUS_OK) {
    record.status = status;
    vsnprintf(record.message, sizeof(record.message), format, args);
  }
  return status;
}

pt2_status_t pt2__fail(pt2_status_t status, const char* format, ...) {
  va_list args;
  va_start(args, format);
  pt2__fail_v(status, format, args);
  va_end(args);
  return status;
}

void pt2__error_prefix(const char* format, ...) {
  if (record.status == PT2_STATUS_OK) {
    return;
  }
  char text[PT2__MESSAGE_BYTES];
  va_list args;
  va_start(args, format);
  int length = vsnprintf(text, sizeof(text), format, args);
  va_end(args);
  if (length < 0 || (size_t)length + 3 >= sizeof(text)) {
    return;
  }
  size_t at = (size_t)length;
  text[at++] = ':';
  text[at++] = ' ';
  size_t rest = strlen(record.message);
  if (rest > sizeof(text) - 1 - at) {
    rest = sizeof(text) - 1 - at;
  }
  memcpy(text + at, record.message, rest);
  text[at + rest] = '\0';
  memcpy(record.message, text, at + rest + 1);
}
