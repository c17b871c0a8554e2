// SPDX-License-Identifier: Apache-2.0
//
// Functions that stand for what this library does not have. A model is bound to
// them only if it is loaded in spite of preflight; each fails with its name.
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "loader/library.h"

typedef struct {
  char* name;
  unsigned holders;
} slot_t;

static slot_t slots[PT2__MISSING_SLOTS];
static pthread_mutex_t slots_lock = PTHREAD_MUTEX_INITIALIZER;

static int32_t fail_of(unsigned index) {
  pt2__fail(PT2_STATUS_UNSUPPORTED, "%s is not implemented", slots[index].name);
  return 1;
}

static int32_t fail_unnamed(void) {
  pt2__fail(PT2_STATUS_UNSUPPORTED,
            "a function that the model needs is not implemented");
  return 1;
}

// A C function has no room for a name, so each slot has a function.
// clang-format off
#define STUB(row, column)                      \
  static int32_t stub_##row##_##column(void) { \
    return fail_of((row) * 8 + (column));      \
  }
#define STUBS(row)                                    \
  STUB(row, 0) STUB(row, 1) STUB(row, 2) STUB(row, 3) \
  STUB(row, 4) STUB(row, 5) STUB(row, 6) STUB(row, 7)
STUBS(0) STUBS(1) STUBS(2) STUBS(3) STUBS(4) STUBS(5) STUBS(6) STUBS(7)
STUBS(8) STUBS(9) STUBS(10) STUBS(11) STUBS(12) STUBS(13) STUBS(14) STUBS(15)
// clang-format on

#define NAMES(row)                                                \
  stub_##row##_0, stub_##row##_1, stub_##row##_2, stub_##row##_3, \
      stub_##row##_4, stub_##row##_5, stub_##row##_6, stub_##row##_7

        static int32_t (*const stubs[PT2__MISSING_SLOTS])(void) = {
            NAMES(0),  NAMES(1),  NAMES(2),  NAMES(3), NAMES(4),  NAMES(5),
            NAMES(6),  NAMES(7),  NAMES(8),  NAMES(9), NAMES(10), NAMES(11),
            NAMES(12), NAMES(13), NAMES(14), NAMES(15)};

// "aten::cumsum" for aoti_torch_cpu_cumsum; other names as they are.
static char* operator_name(const char* symbol) {
  static const char* const prefixes[] = {"aoti_torch_cpu_", "aoti_torch_cuda_",
                                         "aoti_torch_xpu_", "aoti_torch_mps_",
                                         "aoti_torch_aten_"};
  for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); ++i) {
    size_t length = strlen(prefixes[i]);
    if (strncmp(symbol, prefixes[i], length) == 0) {
      char name[256];
      snprintf(name, sizeof(name), "aten::%s", symbol + length);
      return pt2__strdup(name);
    }
  }
  return pt2__strdup(symbol);
}

void* pt2__missing_stub(pt2__library_t* library, const char* symbol) {
  void* address = (void*)fail_unnamed;
  char* name = operator_name(symbol);
  if (name == NULL) {
    return address;
  }
  pthread_mutex_lock(&slots_lock);
  unsigned found = PT2__MISSING_SLOTS;
  for (unsigned i = 0; i < PT2__MISSING_SLOTS; ++i) {
    if (slots[i].holders == 0) {
      found = found == PT2__MISSING_SLOTS ? i : found;
    } else if (strcmp(slots[i].name, name) == 0) {
      found = i;
      break;
    }
  }
  if (found < PT2__MISSING_SLOTS) {
    uint64_t bit = (uint64_t)1 << (found % 64);
    if (slots[found].holders == 0) {
      slots[found].name = name;
      name = NULL;
    }
    if ((library->missing[found / 64] & bit) == 0) {
      library->missing[found / 64] |= bit;
      ++slots[found].holders;
    }
    address = (void*)stubs[found];
  }
  pthread_mutex_unlock(&slots_lock);
  pt2__free(name);
  return address;
}

void pt2__missing_release(pt2__library_t* library) {
  pthread_mutex_lock(&slots_lock);
  for (unsigned i = 0; i < PT2__MISSING_SLOTS; ++i) {
    uint64_t bit = (uint64_t)1 << (i % 64);
    if ((library->missing[i / 64] & bit) != 0 && --slots[i].holders == 0) {
      pt2__free(slots[i].name);
      slots[i].name = NULL;
    }
  }
  memset(library->missing, 0, sizeof(library->missing));
  pthread_mutex_unlock(&slots_lock);
}
