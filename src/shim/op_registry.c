// SPDX-License-Identifier: Apache-2.0
//
// Custom operators by name. Models look them up once, when they are loaded, so
// a list under a lock is fast enough.
#include "shim/op_registry.h"

#include <pthread.h>
#include <stdarg.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"

typedef struct entry_t {
  struct entry_t* next;
  pt2_op_fn function;
  void* user;
  size_t length;
  char name[];  // without ".default"
} entry_t;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static entry_t* entries;

// Length of |name| without the overload that every operator has.
static size_t name_length(const char* name) {
  static const char suffix[] = ".default";
  size_t length = strlen(name);
  size_t suffix_length = sizeof(suffix) - 1;
  if (length > suffix_length &&
      strcmp(name + length - suffix_length, suffix) == 0) {
    length -= suffix_length;
  }
  return length;
}

// The link that points to the entry, or the one at the end. Under the lock.
static entry_t** find_link(const char* name, size_t length) {
  entry_t** link = &entries;
  while (*link != NULL && ((*link)->length != length ||
                           memcmp((*link)->name, name, length) != 0)) {
    link = &(*link)->next;
  }
  return link;
}

// "ns::op": both parts not empty.
static bool is_qualified(const char* name) {
  const char* colons = strstr(name, "::");
  return colons != NULL && colons != name && colons[2] != '\0' &&
         colons[2] != '.';
}

static entry_t* new_entry(const char* name, size_t length, pt2_op_fn function,
                          void* user) {
  entry_t* entry = pt2__calloc(1, sizeof(*entry) + length + 1);
  if (entry != NULL) {
    memcpy(entry->name, name, length);
    entry->length = length;
    entry->function = function;
    entry->user = user;
  }
  return entry;
}

pt2_status_t pt2_op_register(const char* qualified_name, pt2_op_fn function,
                             void* user) {
  pt2__error_begin();
  if (qualified_name == NULL || function == NULL) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                    "qualified_name and function may not be NULL");
  }
  if (!is_qualified(qualified_name)) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                    "operator \"%s\" is not of the form ns::op",
                    qualified_name);
  }
  size_t length = name_length(qualified_name);
  entry_t* entry = new_entry(qualified_name, length, function, user);
  if (entry == NULL) {
    return PT2_OUT_OF_MEMORY(sizeof(*entry) + length + 1);
  }
  pthread_mutex_lock(&lock);
  entry_t** link = find_link(qualified_name, length);
  bool taken = *link != NULL;
  if (!taken) {
    *link = entry;
  }
  pthread_mutex_unlock(&lock);
  if (taken) {
    pt2__free(entry);
    return PT2_FAIL(PT2_STATUS_FAILED_PRECONDITION,
                    "operator \"%s\" is registered already", qualified_name);
  }
  return PT2_STATUS_OK;
}

pt2_status_t pt2_op_unregister(const char* qualified_name) {
  pt2__error_begin();
  if (qualified_name == NULL) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                    "qualified_name may not be NULL");
  }
  pthread_mutex_lock(&lock);
  entry_t** link = find_link(qualified_name, name_length(qualified_name));
  entry_t* entry = *link;
  if (entry != NULL) {
    *link = entry->next;
  }
  pthread_mutex_unlock(&lock);
  if (entry == NULL) {
    return PT2_FAIL(PT2_STATUS_NOT_FOUND, "operator \"%s\" is not registered",
                    qualified_name);
  }
  pt2__free(entry);
  return PT2_STATUS_OK;
}

bool pt2__op_lookup(const char* qualified_name, pt2_op_fn* out_function,
                    void** out_user) {
  pthread_mutex_lock(&lock);
  const entry_t* entry =
      *find_link(qualified_name, name_length(qualified_name));
  if (entry != NULL) {
    *out_function = entry->function;
    *out_user = entry->user;
  }
  pthread_mutex_unlock(&lock);
  return entry != NULL;
}

pt2_op_fn pt2__op_find(const char* qualified_name) {
  pt2_op_fn function = NULL;
  void* user;
  (void)pt2__op_lookup(qualified_name, &function, &user);
  return function;
}

void pt2_op_set_error(pt2_status_t status, const char* format, ...) {
  va_list args;
  va_start(args, format);
  (void)pt2__fail_v(status != PT2_STATUS_OK ? status : PT2_STATUS_INTERNAL,
                    format, args);
  va_end(args);
}
