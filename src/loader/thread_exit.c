// SPDX-License-Identifier: Apache-2.0
//
// Destructors of a model's thread-local objects. The C library would keep the
// model mapped until every thread that used it has ended; here they run when
// the thread ends or the model goes, whichever is first, and never twice.
#include <pthread.h>

#include "base/memory.h"
#include "loader/library.h"

typedef struct entry_t {
  struct entry_t* next;  // the one registered before
  void (*destroy)(void*);
  void* object;
  pt2__library_t* library;
  const void* thread;
} entry_t;

// Recursive, and held while a destructor runs: an unload on another thread must
// not unmap the code that runs here, and a destructor may register another.
static pthread_mutex_t lock;
static pthread_key_t thread_key;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static entry_t* entries;
static _Thread_local char thread_marker;

// Takes out, newest first, what belongs to |library| or, if that is NULL, to
// |thread|, and runs it if |run|.
static void take_entries(const pt2__library_t* library, const void* thread,
                         bool run) {
  pthread_mutex_lock(&lock);
  entry_t** at = &entries;
  while (*at != NULL) {
    entry_t* entry = *at;
    bool mine =
        library != NULL ? entry->library == library : entry->thread == thread;
    if (!mine) {
      at = &entry->next;
      continue;
    }
    *at = entry->next;
    if (run) {
      entry->destroy(entry->object);
    }
    pt2__free(entry);
    at = &entries;  // the destructor may have changed the list
  }
  pthread_mutex_unlock(&lock);
}

static void end_of_thread(void* marker) { take_entries(NULL, marker, true); }

static void init(void) {
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
  pthread_mutex_init(&lock, &attributes);
  pthread_mutexattr_destroy(&attributes);
  pthread_key_create(&thread_key, end_of_thread);
}

// Should this library itself be unloaded, no thread may call into it later.
__attribute__((destructor)) static void forget_threads(void) {
  pthread_once(&once, init);
  pthread_key_delete(thread_key);
}

int pt2__thread_exit_register(void (*destroy)(void*), void* object,
                              void* owner) {
  (void)owner;
  pt2__library_t* library = pt2__library_current();
  entry_t* entry = pt2__malloc(sizeof(*entry));
  if (entry == NULL || library == NULL) {
    // Not destroying it loses its memory; nothing can be reported here.
    pt2__free(entry);
    return -1;
  }
  pthread_once(&once, init);
  *entry = (entry_t){.destroy = destroy,
                     .object = object,
                     .library = library,
                     .thread = &thread_marker};
  pthread_mutex_lock(&lock);
  entry->next = entries;
  entries = entry;
  pthread_mutex_unlock(&lock);
  pthread_setspecific(thread_key, &thread_marker);
  return 0;
}

void pt2__thread_exit_run(pt2__library_t* library) {
  pthread_once(&once, init);
  take_entries(library, NULL, true);
}

void pt2__thread_exit_forget(const pt2__library_t* library) {
  pthread_once(&once, init);
  take_entries(library, NULL, false);
}
