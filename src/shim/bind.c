// SPDX-License-Identifier: Apache-2.0
//
// The table of imports: generated rows refer to each function weakly, so that
// writing an operator's file is all it takes to have it.
#include "shim/bind.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gen/shim.h"
#include "pt2/backend.h"
#include "pt2/pt2.h"
#include "shim/sleef.h"

// What is not defined anywhere is NULL here, or told by pt2__shim_present.
#if !defined(__APPLE__)
#define PT2_SHIM_ROW(symbol, op) \
  extern __typeof__(symbol) symbol __attribute__((weak));
#include "gen/shim_rows.inc"
#undef PT2_SHIM_ROW
#endif

typedef struct {
  const char* symbol;
  const char* op;
  void* address;
} row_t;

static const row_t* rows(size_t* out_count) {
#define PT2_SHIM_ROW(symbol, op) {#symbol, op, (void*)symbol},
  static const row_t table[] = {
#include "gen/shim_rows.inc"
  };
#undef PT2_SHIM_ROW
  *out_count = sizeof(table) / sizeof(table[0]);
  return table;
}

static int compare(const void* key, const void* row) {
  return strcmp(key, ((const row_t*)row)->symbol);
}

static const row_t* find(const char* symbol) {
  size_t count;
  const row_t* table = rows(&count);
  return bsearch(symbol, table, count, sizeof(*table), compare);
}

// aoti_torch_<device>_<op>: the host's operator of that name.
static void* find_host_operator(const char* device, const char* symbol) {
  char prefix[64];
  int length = snprintf(prefix, sizeof(prefix), "aoti_torch_%s_", device);
  char name[256];
  if (length >= (int)sizeof(prefix) ||
      strncmp(symbol, prefix, (size_t)length) != 0 ||
      snprintf(name, sizeof(name), "aoti_torch_cpu_%s", symbol + length) >=
          (int)sizeof(name)) {
    return NULL;
  }
  const row_t* row = find(name);
  return row != NULL ? pt2__shim_present(row->address) : NULL;
}

// What the device's back end has itself, or has the host do for it.
static void* find_in_backend(const pt2_backend_t* backend, const char* symbol) {
  for (size_t i = 0; i < backend->symbol_count; ++i) {
    if (strcmp(backend->symbols[i].name, symbol) == 0) {
      return backend->symbols[i].address;
    }
  }
  return backend->host_visible ? find_host_operator(backend->device, symbol)
                               : NULL;
}

// Tensor functions, and operators for tensors of the host, are the same for
// all devices.
void* pt2__shim_resolve(const char* device, const char* symbol) {
  const pt2_backend_t* backend =
      device != NULL ? pt2_backend_find(device) : NULL;
  if (backend == NULL) {
    return NULL;
  }
  void* address = find_in_backend(backend, symbol);
  if (address != NULL) {
    return address;
  }
  if (strncmp(symbol, "Sleef_", 6) == 0) {
    return pt2__sleef_resolve(symbol);
  }
  const row_t* row = find(symbol);
  return row != NULL ? pt2__shim_present(row->address) : NULL;
}

bool pt2__shim_is_torch(const char* symbol, const char** out_operator) {
  *out_operator = NULL;
  const row_t* row = find(symbol);
  if (row != NULL) {
    *out_operator = row->op;
    return true;
  }
  return strncmp(symbol, "aoti_", 5) == 0 || strncmp(symbol, "torch_", 6) == 0;
}

void* pt2_shim_symbol(const char* device, const char* symbol) {
  return symbol != NULL ? pt2__shim_resolve(device, symbol) : NULL;
}
