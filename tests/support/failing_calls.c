// SPDX-License-Identifier: Apache-2.0
#include "support/failing_calls.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/types.h>

static atomic_int wanted_kind;
static atomic_int wanted_nth;
static atomic_int wanted_error;
static atomic_bool wanted_sticky;
static atomic_int seen;

const char* call_name(call_kind_t kind) {
  static const char* const kNames[CALL_KINDS] = {
      "none",   "open",          "close",   "fstat",        "stat",
      "lstat",  "mmap",          "munmap",  "memfd_create", "ftruncate",
      "pwrite", "fcntl",         "opendir", "readdir",      "dlopen",
      "dlsym",  "posix_memalign"};
  return kNames[kind];
}

void fail_call(call_kind_t kind, int nth, bool sticky, int error) {
  atomic_store(&seen, 0);
  atomic_store(&wanted_nth, nth);
  atomic_store(&wanted_error, error);
  atomic_store(&wanted_sticky, sticky);
  atomic_store(&wanted_kind, (int)kind);
}

int calls_end(void) {
  atomic_store(&wanted_kind, CALL_NONE);
  return atomic_load(&seen);
}

static bool must_fail(call_kind_t kind) {
  if (atomic_load(&wanted_kind) != (int)kind) {
    return false;
  }
  int now = atomic_fetch_add(&seen, 1) + 1;
  int nth = atomic_load(&wanted_nth);
  if (now == nth || (now > nth && atomic_load(&wanted_sticky))) {
    errno = atomic_load(&wanted_error);
    return true;
  }
  return false;
}

// Declares the real function, and defines what is called in its stead.
#define WRAP(result, name, ...)      \
  result __real_##name(__VA_ARGS__); \
  result __wrap_##name(__VA_ARGS__); \
  result __wrap_##name(__VA_ARGS__)

int __real_open(const char* path, int flags, mode_t mode);
int __wrap_open(const char* path, int flags, ...);
int __wrap_open(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  mode_t mode = (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE
                    ? va_arg(arguments, mode_t)
                    : 0;
  va_end(arguments);
  return must_fail(CALL_OPEN) ? -1 : __real_open(path, flags, mode);
}

int __real_fcntl(int fd, int command, long argument);
int __wrap_fcntl(int fd, int command, ...);
int __wrap_fcntl(int fd, int command, ...) {
  va_list arguments;
  va_start(arguments, command);
  long argument = va_arg(arguments, long);
  va_end(arguments);
  return must_fail(CALL_FCNTL) ? -1 : __real_fcntl(fd, command, argument);
}

WRAP(int, close, int fd) {
  int result = __real_close(fd);
  return must_fail(CALL_CLOSE) ? -1 : result;
}

WRAP(int, munmap, void* address, size_t bytes) {
  int result = __real_munmap(address, bytes);
  return must_fail(CALL_MUNMAP) ? -1 : result;
}

WRAP(int, fstat, int fd, struct stat* out) {
  return must_fail(CALL_FSTAT) ? -1 : __real_fstat(fd, out);
}

WRAP(int, stat, const char* path, struct stat* out) {
  return must_fail(CALL_STAT) ? -1 : __real_stat(path, out);
}

WRAP(int, lstat, const char* path, struct stat* out) {
  return must_fail(CALL_LSTAT) ? -1 : __real_lstat(path, out);
}

WRAP(void*, mmap, void* address, size_t bytes, int protection, int flags,
     int fd, off_t offset) {
  return must_fail(CALL_MMAP)
             ? MAP_FAILED
             : __real_mmap(address, bytes, protection, flags, fd, offset);
}

WRAP(int, memfd_create, const char* name, unsigned flags) {
  return must_fail(CALL_MEMFD_CREATE) ? -1 : __real_memfd_create(name, flags);
}

WRAP(int, ftruncate, int fd, off_t bytes) {
  return must_fail(CALL_FTRUNCATE) ? -1 : __real_ftruncate(fd, bytes);
}

WRAP(ssize_t, pwrite, int fd, const void* data, size_t bytes, off_t offset) {
  return must_fail(CALL_PWRITE) ? -1 : __real_pwrite(fd, data, bytes, offset);
}

WRAP(DIR*, opendir, const char* path) {
  return must_fail(CALL_OPENDIR) ? NULL : __real_opendir(path);
}

WRAP(struct dirent*, readdir, DIR* folder) {
  return must_fail(CALL_READDIR) ? NULL : __real_readdir(folder);
}

WRAP(void*, dlopen, const char* path, int flags) {
  return must_fail(CALL_DLOPEN) ? NULL : __real_dlopen(path, flags);
}

WRAP(void*, dlsym, void* handle, const char* name) {
  return must_fail(CALL_DLSYM) ? NULL : __real_dlsym(handle, name);
}

WRAP(int, posix_memalign, void** out, size_t alignment, size_t bytes) {
  return must_fail(CALL_POSIX_MEMALIGN)
             ? ENOMEM
             : __real_posix_memalign(out, alignment, bytes);
}
