// SPDX-License-Identifier: Apache-2.0
//
// Makes system calls of the library fail on purpose. Linked with --wrap (see
// tests/CMakeLists.txt), so that only the program's and the library's own calls
// are concerned, not those of libc and of the dynamic linker.
#ifndef PT2_TESTS_SUPPORT_FAILING_CALLS_H_
#define PT2_TESTS_SUPPORT_FAILING_CALLS_H_

#include <stdbool.h>

typedef enum {
  CALL_NONE,
  CALL_OPEN,
  CALL_CLOSE,
  CALL_FSTAT,
  CALL_STAT,
  CALL_LSTAT,
  CALL_MMAP,
  CALL_MUNMAP,
  CALL_MEMFD_CREATE,
  CALL_FTRUNCATE,
  CALL_PWRITE,
  CALL_FCNTL,
  CALL_OPENDIR,
  CALL_READDIR,
  CALL_DLOPEN,
  CALL_DLSYM,
  CALL_POSIX_MEMALIGN,
  CALL_KINDS,
} call_kind_t;

const char* call_name(call_kind_t kind);

// The |nth| call of |kind| from now fails with |error| (an errno), and all
// later ones too if |sticky|. Calls that give something back do so before they
// tell that they failed, as Linux does.
void fail_call(call_kind_t kind, int nth, bool sticky, int error);

// Ends it; the number of calls of that kind since.
int calls_end(void);

#endif  // PT2_TESTS_SUPPORT_FAILING_CALLS_H_
