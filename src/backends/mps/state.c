// SPDX-License-Identifier: Apache-2.0
//
// The lock, and how calls end.
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "backends/mps/mps.h"

static pthread_mutex_t lock;
static pthread_once_t lock_once = PTHREAD_ONCE_INIT;
static _Thread_local pt2_status_t failure;
static _Thread_local char failure_text[1024];
static _Thread_local char last_text[1024];

static void make_lock(void) {
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
  pthread_mutex_init(&lock, &attributes);
  pthread_mutexattr_destroy(&attributes);
}

void pt2__mps_lock(void) {
  pthread_once(&lock_once, make_lock);
  pthread_mutex_lock(&lock);
}

void pt2__mps_unlock(void) { pthread_mutex_unlock(&lock); }

pt2_status_t pt2__mps_fail(pt2_status_t status, const char* format, ...) {
  va_list args;
  va_start(args, format);
  vsnprintf(last_text, sizeof(last_text), format, args);
  va_end(args);
  pt2__mps_host.table->set_error(status, "%s", last_text);
  return status;
}

pt2_status_t pt2__mps_check_out(const char* who, const void* out) {
  return out != NULL
             ? PT2_STATUS_OK
             : PT2__MPS_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                             "%s: the pointer to a result is NULL", who);
}

AOTITorchError pt2__mps_shim_result(pt2_status_t status) {
  if (status == PT2_STATUS_OK) {
    return PT2__MPS_OK;
  }
  if (failure == PT2_STATUS_OK) {
    failure = status;
    memcpy(failure_text, last_text, sizeof(failure_text));
  }
  last_text[0] = '\0';
  return PT2__MPS_FAILED;
}

pt2_status_t pt2__mps_take_failure(void) {
  pt2_status_t status = failure;
  failure = PT2_STATUS_OK;
  if (status != PT2_STATUS_OK) {
    pt2__mps_host.table->set_error(
        status, "%s",
        failure_text[0] != '\0' ? failure_text : "mps: a call failed");
  }
  return status;
}
