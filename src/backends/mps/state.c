// SPDX-License-Identifier: Apache-2.0
//
// The lock, and how calls end.
#include <pthread.h>

#include "backends/mps/mps.h"

static pthread_mutex_t lock;
static pthread_once_t lock_once = PTHREAD_ONCE_INIT;
static _Thread_local pt2_status_t failure;

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

AOTITorchError pt2__mps_shim_result(pt2_status_t status) {
  if (status == PT2_STATUS_OK) {
    return PT2__MPS_OK;
  }
  if (failure == PT2_STATUS_OK) {
    failure = status;
  }
  return PT2__MPS_FAILED;
}

pt2_status_t pt2__mps_take_failure(void) {
  pt2_status_t status = failure;
  failure = PT2_STATUS_OK;
  return status;
}
