// SPDX-License-Identifier: Apache-2.0
//
// Functions of the table of imports that this library does not define: see
// bind.h.
#include <stddef.h>

#include "shim/bind.h"

#if defined(__APPLE__)

// Never called, and data, since linkers put all code together. A definition
// elsewhere in the library takes their place.
#define PT2_SHIM_ROW(symbol, op) \
  extern char symbol;            \
  __attribute__((weak, used, section("__DATA,__pt2_absent"))) char symbol = 1;
#include "gen/shim_rows.inc"
#undef PT2_SHIM_ROW

extern const char begin[] __asm("section$start$__DATA$__pt2_absent");
extern const char end[] __asm("section$end$__DATA$__pt2_absent");

void* pt2__shim_present(void* address) {
  const char* at = address;
  return at >= begin && at < end ? NULL : address;
}

#else

void* pt2__shim_present(void* address) { return address; }

#endif
