// SPDX-License-Identifier: Apache-2.0
//
// Reads what a trace writes, for tests.
#ifndef PT2_TESTS_SUPPORT_TRACE_READER_H_
#define PT2_TESTS_SUPPORT_TRACE_READER_H_

#include <jansson.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "pt2/pt2.h"

// One event, times in nanoseconds.
typedef struct {
  const char* category;
  const char* name;
  long long thread;
  long long begin;
  long long end;
  json_t* arguments;
} event_t;

typedef struct {
  json_t* root;
  event_t* events;
  size_t count;
} events_t;

typedef struct {
  char* data;
  size_t bytes;
} trace_text_t;

static pt2_status_t collect_text(void* user, const char* data, size_t bytes) {
  trace_text_t* text = user;
  text->data = realloc(text->data, text->bytes + bytes);
  assert_non_null(text->data);
  memcpy(text->data + text->bytes, data, bytes);
  text->bytes += bytes;
  return PT2_STATUS_OK;
}

static long long nanoseconds(const json_t* event, const char* key) {
  const json_t* value = json_object_get(event, key);
  assert_true(json_is_number(value));
  return llround(1e3 * json_number_value(value));
}

static event_t read_event(json_t* entry) {
  event_t event = {.category = json_string_value(json_object_get(entry, "cat")),
                   .name = json_string_value(json_object_get(entry, "name")),
                   .thread = json_integer_value(json_object_get(entry, "tid")),
                   .begin = nanoseconds(entry, "ts"),
                   .arguments = json_object_get(entry, "args")};
  event.end = event.begin + nanoseconds(entry, "dur");
  assert_non_null(event.category);
  assert_non_null(event.name);
  assert_true(event.thread > 0);
  assert_true(json_is_object(event.arguments));
  assert_true(event.end >= event.begin);
  assert_true(json_integer_value(json_object_get(entry, "pid")) > 0);
  return event;
}

// What |trace| writes, which must be JSON in Chrome's form.
static events_t read_events(pt2_trace_t* trace) {
  trace_text_t text = {0};
  assert_int_equal(pt2_trace_write(trace, collect_text, &text), PT2_STATUS_OK);
  json_error_t error;
  events_t events = {.root = json_loadb(text.data, text.bytes,
                                        JSON_REJECT_DUPLICATES, &error)};
  if (events.root == NULL) {
    fail_msg("line %d: %s", error.line, error.text);
  }
  free(text.data);
  json_t* list = json_object_get(events.root, "traceEvents");
  assert_true(json_is_array(list));
  events.events = calloc(json_array_size(list) + 1, sizeof(event_t));
  for (size_t i = 0; i < json_array_size(list); ++i) {
    json_t* entry = json_array_get(list, i);
    const char* phase = json_string_value(json_object_get(entry, "ph"));
    assert_non_null(phase);
    if (strcmp(phase, "X") == 0) {
      events.events[events.count++] = read_event(entry);
    } else {
      assert_string_equal(phase, "M");
    }
  }
  return events;
}

static void free_events(events_t* events) {
  free(events->events);
  json_decref(events->root);
}

static size_t count_events(const events_t* events, const char* category,
                           const char* name) {
  size_t count = 0;
  for (size_t i = 0; i < events->count; ++i) {
    count += strcmp(events->events[i].category, category) == 0 &&
             (name == NULL || strcmp(events->events[i].name, name) == 0);
  }
  return count;
}

// The only event of a category and name.
static inline const event_t* only_event(const events_t* events,
                                        const char* category,
                                        const char* name) {
  assert_int_equal(count_events(events, category, name), 1);
  const event_t* event = events->events;
  while (strcmp(event->category, category) != 0 ||
         strcmp(event->name, name) != 0) {
    ++event;
  }
  return event;
}

static bool lies_in(const event_t* inner, const event_t* outer) {
  return inner->thread == outer->thread && inner->begin >= outer->begin &&
         inner->end <= outer->end;
}

// Events of a thread are apart or one in the other; and, if no call is going
// on, each operator and kernel lies in one.
static void check_nesting(const events_t* events, bool complete) {
  for (size_t i = 0; i < events->count; ++i) {
    const event_t* one = &events->events[i];
    bool is_part = strcmp(one->category, "operator") == 0 ||
                   strcmp(one->category, "kernel") == 0;
    bool in_call = false;
    for (size_t j = 0; j < events->count; ++j) {
      const event_t* other = &events->events[j];
      if (i == j || other->thread != one->thread) {
        continue;
      }
      assert_true(other->end <= one->begin || other->begin >= one->end ||
                  lies_in(one, other) || lies_in(other, one));
      in_call = in_call || (lies_in(one, other) &&
                            strcmp(other->category, "operator") != 0 &&
                            strcmp(other->category, "kernel") != 0);
    }
    assert_true(in_call || !is_part || !complete);
  }
}

// The counter of |name|; fails if there is none.
static pt2_trace_counter_t read_counter(pt2_trace_t* trace, int32_t kind,
                                        const char* name) {
  for (size_t i = 0; i < pt2_trace_counter_count(trace); ++i) {
    pt2_trace_counter_t counter = {.struct_bytes = sizeof(counter)};
    assert_int_equal(pt2_trace_counter(trace, i, &counter), PT2_STATUS_OK);
    if (counter.kind == kind && strcmp(counter.name, name) == 0) {
      return counter;
    }
  }
  fail_msg("there is no counter of %s", name);
  return (pt2_trace_counter_t){0};
}

#endif  // PT2_TESTS_SUPPORT_TRACE_READER_H_
