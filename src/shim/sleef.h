// SPDX-License-Identifier: Apache-2.0
//
// SLEEF's vector functions, which vectorised models import (torch carries them
// inside libtorch_cpu).
#ifndef PT2_SRC_SHIM_SLEEF_H_
#define PT2_SRC_SHIM_SLEEF_H_

// The address of |symbol| ("Sleef_expf8_u10"), NULL if there is none. Looked up
// in libsleef where it is installed.
void* pt2__sleef_resolve(const char* symbol);

#endif  // PT2_SRC_SHIM_SLEEF_H_
