// SPDX-License-Identifier: Apache-2.0
//
// A trace as JSON, in Chrome's trace format. Written piece by piece: a trace
// may be larger as text than what memory it was given.
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/status.h"
#include "trace/records.h"

typedef struct {
  pt2_trace_write_fn write;
  void* user;
  pt2_status_t status;  // once it is not OK, nothing more is written
  size_t used;
  char text[16384];
} writer_t;

static void flush(writer_t* writer) {
  if (writer->status == PT2_STATUS_OK && writer->used > 0) {
    writer->status = writer->write(writer->user, writer->text, writer->used);
  }
  writer->used = 0;
}

static void put_bytes(writer_t* writer, const char* data, size_t bytes) {
  if (bytes > sizeof(writer->text) - writer->used) {
    flush(writer);
  }
  memcpy(writer->text + writer->used, data, bytes);
  writer->used += bytes;
}

// At most 255 bytes.
static PT2_PRINTF(2, 3) void put(writer_t* writer, const char* format, ...) {
  char text[256];
  va_list arguments;
  va_start(arguments, format);
  int length = vsnprintf(text, sizeof(text), format, arguments);
  va_end(arguments);
  put_bytes(writer, text, (size_t)length);
}

// Bytes of the UTF-8 character at |text|, of which |bytes| are left; 0 if it is
// none.
static size_t character_bytes(const unsigned char* text, size_t bytes) {
  size_t length = text[0] < 0x80                      ? 1
                  : text[0] >= 0xc2 && text[0] < 0xe0 ? 2
                  : text[0] >= 0xe0 && text[0] < 0xf0 ? 3
                  : text[0] >= 0xf0 && text[0] < 0xf5 ? 4
                                                      : 0;
  if (length > bytes) {
    return 0;
  }
  for (size_t i = 1; i < length; ++i) {
    if ((text[i] & 0xc0) != 0x80) {
      return 0;
    }
  }
  // Longer than need be, a surrogate, or beyond the last one.
  if ((text[0] == 0xe0 && text[1] < 0xa0) ||
      (text[0] == 0xed && text[1] > 0x9f) ||
      (text[0] == 0xf0 && text[1] < 0x90) ||
      (text[0] == 0xf4 && text[1] > 0x8f)) {
    return 0;
  }
  return length;
}

// A string; names come from packages and may hold anything.
static void put_string(writer_t* writer, const char* text, size_t bytes) {
  put_bytes(writer, "\"", 1);
  for (size_t i = 0; i < bytes;) {
    const unsigned char* at = (const unsigned char*)text + i;
    size_t length = character_bytes(at, bytes - i);
    if (length == 0) {
      put_bytes(writer, "\\ufffd", 6);
    } else if (*at < 0x20) {
      put(writer, "\\u%04x", *at);
    } else {
      put_bytes(writer, "\\", *at == '"' || *at == '\\');
      put_bytes(writer, text + i, length);
    }
    i += length > 0 ? length : 1;
  }
  put_bytes(writer, "\"", 1);
}

static void put_text(writer_t* writer, const char* text) {
  put_string(writer, text, strlen(text));
}

static void put_microseconds(writer_t* writer, const char* key, int64_t ns) {
  put(writer, "\"%s\":%s%lld.%03lld", key, ns < 0 ? "-" : "",
      (long long)(ns < 0 ? -ns : ns) / 1000,
      (long long)(ns < 0 ? -ns : ns) % 1000);
}

// "f32 [8, 16]"
static const int64_t* put_tensor(writer_t* writer, const int64_t* words) {
  int64_t rank = *words & 0xff;
  put(writer, "\"%s [", pt2_dtype_name((pt2_dtype_t)(*words >> 8)));
  for (int64_t i = 0; i < rank; ++i) {
    put(writer, "%s%lld", i == 0 ? "" : ", ", (long long)words[1 + i]);
  }
  put(writer, "]\"");
  return words + 1 + rank;
}

static void put_arguments(writer_t* writer, const pt2__trace_record_t* record) {
  put(writer, "\"args\":{\"runner\":%u", record->runner);
  const int64_t* words = (const int64_t*)(record + 1);
  const char* error = (const char*)(words + record->word_count);
  if (record->name->kind == PT2_TRACE_RUN) {
    put(writer, ",");
    put_microseconds(writer, "waited_us", record->waited_ns);
  }
  for (uint16_t i = 0; i < record->tensor_count; ++i) {
    put(writer, "%s", i == 0 ? ",\"tensors\":[" : ",");
    words = put_tensor(writer, words);
  }
  put(writer, "%s", record->tensor_count > 0 ? "]" : "");
  if (record->tensors_left_out > 0) {
    put(writer, ",\"more_tensors\":%u", record->tensors_left_out);
  }
  if (record->status != PT2_STATUS_OK) {
    put(writer,
        ",\"status\":\"%s\",\"error\":", pt2_status_name(record->status));
    put_string(writer, error, record->error_bytes);
  }
  put(writer, "}");
}

static void put_record(writer_t* writer, const pt2__trace_record_t* record,
                       long process) {
  put(writer, ",\n{\"ph\":\"X\",\"cat\":\"%s\",\"name\":",
      pt2_trace_kind_name(record->name->kind));
  put_text(writer, record->name->text);
  put(writer, ",\"pid\":%ld,\"tid\":%u,", process, record->thread);
  put_microseconds(writer, "ts", record->begin_ns);
  put(writer, ",");
  put_microseconds(writer, "dur", record->duration_ns);
  put(writer, ",");
  put_arguments(writer, record);
  put(writer, "}");
}

// What is there now; later records go to later places.
static void put_stripe(writer_t* writer, pt2__trace_stripe_t* stripe,
                       long process) {
  pthread_mutex_lock(&stripe->lock);
  const pt2__trace_chunk_t* chunk = stripe->first;
  const pt2__trace_chunk_t* last = stripe->last;
  size_t used_of_last = last != NULL ? last->used : 0;
  pthread_mutex_unlock(&stripe->lock);
  while (chunk != NULL && writer->status == PT2_STATUS_OK) {
    size_t used = chunk == last ? used_of_last : chunk->used;
    for (size_t at = 0; at < used;) {
      const pt2__trace_record_t* record =
          (const pt2__trace_record_t*)(const void*)(chunk->bytes + at);
      put_record(writer, record, process);
      at += record->bytes;
    }
    chunk = chunk == last ? NULL : chunk->next;
  }
}

static void put_trace(writer_t* writer, pt2_trace_t* trace) {
  long process = (long)getpid();
  put(writer,
      "{\"displayTimeUnit\":\"ns\",\"otherData\":{\"clock\":"
      "\"CLOCK_MONOTONIC\",\"dropped\":%llu},\n",
      (unsigned long long)atomic_load(&trace->dropped_count));
  put(writer,
      "\"traceEvents\":[\n{\"ph\":\"M\",\"name\":\"process_name\",\"pid\":%ld,"
      "\"args\":{\"name\":\"pt2\"}}",
      process);
  for (size_t i = 0; i < PT2__TRACE_STRIPES; ++i) {
    put_stripe(writer, &trace->stripes[i], process);
  }
  put(writer, "\n]}\n");
  flush(writer);
}

pt2_status_t pt2_trace_write(pt2_trace_t* trace, pt2_trace_write_fn write,
                             void* user) {
  pt2__error_begin();
  if (trace == NULL || write == NULL) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                    "trace and write may not be NULL");
  }
  writer_t writer = {.write = write, .user = user};
  pthread_mutex_lock(&trace->reading);
  put_trace(&writer, trace);
  pthread_mutex_unlock(&trace->reading);
  return writer.status == PT2_STATUS_OK
             ? PT2_STATUS_OK
             : PT2_FAIL(writer.status, "writing the trace was ended with %s",
                        pt2_status_name(writer.status));
}

static pt2_status_t write_to_file(void* user, const char* data,
                                  size_t size_bytes) {
  return fwrite(data, 1, size_bytes, user) == size_bytes ? PT2_STATUS_OK
                                                         : PT2_STATUS_IO;
}

pt2_status_t pt2_trace_save(pt2_trace_t* trace, const char* path) {
  pt2__error_begin();
  if (trace == NULL || path == NULL) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                    "trace and path may not be NULL");
  }
  FILE* file = fopen(path, "wbe");
  if (file == NULL) {
    return PT2_FAIL(PT2_STATUS_IO, "%s: cannot be written: %s", path,
                    strerror(errno));
  }
  errno = 0;
  pt2_status_t status = pt2_trace_write(trace, write_to_file, file);
  int problem = errno;
  if (fclose(file) != 0 && status == PT2_STATUS_OK) {
    problem = errno;
    status = PT2_STATUS_IO;
  }
  if (status == PT2_STATUS_OK) {
    return PT2_STATUS_OK;
  }
  pt2__error_begin();
  return PT2_FAIL(PT2_STATUS_IO, "%s: cannot be written: %s", path,
                  strerror(problem));
}
