// SPDX-License-Identifier: Apache-2.0
//
// Which function answers to which import of a model.
#ifndef PT2_SRC_SHIM_BIND_H_
#define PT2_SRC_SHIM_BIND_H_

#include <stdbool.h>
#include <stddef.h>

// The address bound to |symbol| for models of |device| ("cpu"), NULL if this
// library does not have it. Knows PyTorch's names and Sleef's.
void* pt2__shim_resolve(const char* device, const char* symbol);

// True if |symbol| is PyTorch's (in abi/symbols.tsv, or by its prefix);
// |*out_operator| is then its ATen name ("aten::cumsum") if it is an operator,
// otherwise NULL. The string is static.
bool pt2__shim_is_torch(const char* symbol, const char** out_operator);

// |address| of a function of the table of imports, NULL if it is not defined in
// this library: on Mach-O a reference that may stay undefined does not link, so
// that there each has a weak definition in a section of its own (absent.c).
void* pt2__shim_present(void* address);

#endif  // PT2_SRC_SHIM_BIND_H_
