// SPDX-License-Identifier: Apache-2.0
//
// The table of imports: generated rows refer to each function weakly, so that
// writing an operator's file is all it takes to have it.
#include "shim/bind.h"

#include <stdlib.h>
#include <string.h>

#include "gen/shim.h"
#include "pt2/pt2.h"
#include "shim/sleef.h"

// What is not defined anywhere is NULL here.
#define PT2_SHIM_ROW(symbol, op) \
  extern __typeof__(symbol) symbol __attribute__((weak));
#include "gen/shim_rows.inc"
#undef PT2_SHIM_ROW

typedef struct {
  const char* symbol;
  const char* op;
  void* address;
} row_t;

// Whether an import is a tensor function or an operator is all that differs
// between devices here; a device's own rows come with its back end.
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

void* pt2__shim_resolve(const char* device, const char* symbol) {
  if (device == NULL || strcmp(device, "cpu") != 0) {
    return NULL;
  }
  if (strncmp(symbol, "Sleef_", 6) == 0) {
    return pt2__sleef_resolve(symbol);
  }
  const row_t* row = find(symbol);
  return row != NULL ? row->address : NULL;
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
