// SPDX-License-Identifier: Apache-2.0
//
// The log hook.
#include "base/log.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>

static _Atomic(pt2_log_fn) log_callback;
static _Atomic(void*) log_user;

void pt2_log_set_callback(pt2_log_fn callback, void* user) {
  // Nobody may be called with the other's |user|.
  atomic_store(&log_callback, NULL);
  atomic_store(&log_user, user);
  atomic_store(&log_callback, callback);
}

bool pt2__log_enabled(void) { return atomic_load(&log_callback) != NULL; }

void pt2__log_text(int32_t level, const char* text) {
  pt2_log_fn callback = atomic_load(&log_callback);
  if (callback != NULL) {
    callback(atomic_load(&log_user), level, text);
  }
}

void pt2__log(int32_t level, const char* format, ...) {
  if (!pt2__log_enabled()) {
    return;
  }
  char text[1024];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof(text), format, args);
  va_end(args);
  pt2__log_text(level, text);
}
