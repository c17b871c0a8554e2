// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/kernels/linalg/lapack.h"

#include <dlfcn.h>
#include <pthread.h>
#include <string.h>

#include "pt2/tensor.h"

static const char* const usual_names[] = {"libopenblas.so.0", "liblapack.so.3",
                                          NULL};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static const char* const* names = usual_names;
static enum { UNTRIED, OPEN, MISSING } state;
static bool ours;
static pt2__lapack_t tables[4];  // f32, f64, complex64, complex128

static bool fill(void* handle) {
  bool complete = true;
#define X(name, s, d, c, z, arguments)                      \
  {                                                         \
    static const char* const symbols[4] = {#s, #d, #c, #z}; \
    for (int i = 0; i < 4; ++i) {                           \
      void* address = NULL;                                 \
      if (strcmp(symbols[i], "none") != 0) {                \
        address = dlsym(handle, symbols[i]);                \
        complete = complete && address != NULL;             \
      }                                                     \
      *(void**)(void*)&tables[i].name = address;            \
    }                                                       \
  }
  PT2__LAPACK_FUNCTIONS(X)
#undef X
  return complete;
}

// One thread for what is called from our own threads; only if nobody else in
// the process had the library before, whose setting it would be.
static void use_one_thread(void* handle) {
  void (*set)(int);
  *(void**)(void*)&set = dlsym(handle, "openblas_set_num_threads");
  if (set != NULL) {
    set(1);
  }
}

// Under the lock.
static void open_library(void) {
  state = MISSING;
  for (int i = 0; names[i] != NULL && state == MISSING; ++i) {
    void* before = dlopen(names[i], RTLD_LAZY | RTLD_NOLOAD);
    void* handle = dlopen(names[i], RTLD_LAZY | RTLD_LOCAL);
    if (handle != NULL && fill(handle)) {
      state = OPEN;
      ours = before == NULL;
      if (ours) {
        use_one_thread(handle);
      }
    }
  }
}

static bool is_open(void) {
  pthread_mutex_lock(&lock);
  if (state == UNTRIED) {
    open_library();
  }
  bool open = state == OPEN;
  pthread_mutex_unlock(&lock);
  return open;
}

const char* pt2__lapack_missing(void) {
  return is_open() ? NULL
                   : "needs OpenBLAS, which is not installed: apt install "
                     "libopenblas0";
}

pt2_status_t pt2__lapack_get(int32_t dtype, const pt2__lapack_t** out_lapack) {
  if (!is_open()) {
    return PT2_FAIL(PT2_STATUS_UNSUPPORTED, "%s", pt2__lapack_missing());
  }
  *out_lapack = &tables[dtype == PT2_DTYPE_F32         ? 0
                        : dtype == PT2_DTYPE_F64       ? 1
                        : dtype == PT2_DTYPE_COMPLEX64 ? 2
                                                       : 3];
  return PT2_STATUS_OK;
}

bool pt2__lapack_is_ours(void) { return is_open() && ours; }

void pt2__lapack_override(const char* const* other) {
  pthread_mutex_lock(&lock);
  names = other != NULL ? other : usual_names;
  state = UNTRIED;
  pthread_mutex_unlock(&lock);
}

pt2_status_t pt2__lapack_int(int64_t value, int* out_value) {
  if (value > INT32_MAX) {
    return PT2_FAIL(PT2_STATUS_UNSUPPORTED,
                    "%lld: LAPACK's integers have 32 bits", (long long)value);
  }
  *out_value = (int)value;
  return PT2_STATUS_OK;
}
