// SPDX-License-Identifier: Apache-2.0
//
// Barriers, which macOS's threads lack.
#ifndef PT2_TESTS_SUPPORT_BARRIER_H_
#define PT2_TESTS_SUPPORT_BARRIER_H_

#include <pthread.h>

#if defined(__APPLE__)

typedef struct {
  pthread_mutex_t lock;
  pthread_cond_t full;
  unsigned wanted;
  unsigned here;
  unsigned turn;
} pthread_barrier_t;

static inline int pthread_barrier_init(pthread_barrier_t* barrier,
                                       const void* attributes, unsigned count) {
  (void)attributes;
  *barrier = (pthread_barrier_t){.wanted = count};
  pthread_mutex_init(&barrier->lock, NULL);
  return pthread_cond_init(&barrier->full, NULL);
}

static inline int pthread_barrier_wait(pthread_barrier_t* barrier) {
  pthread_mutex_lock(&barrier->lock);
  unsigned turn = barrier->turn;
  if (++barrier->here == barrier->wanted) {
    barrier->here = 0;
    ++barrier->turn;
    pthread_cond_broadcast(&barrier->full);
  }
  while (turn == barrier->turn) {
    pthread_cond_wait(&barrier->full, &barrier->lock);
  }
  pthread_mutex_unlock(&barrier->lock);
  return 0;
}

static inline int pthread_barrier_destroy(pthread_barrier_t* barrier) {
  pthread_mutex_destroy(&barrier->lock);
  return pthread_cond_destroy(&barrier->full);
}

#endif

#endif  // PT2_TESTS_SUPPORT_BARRIER_H_
