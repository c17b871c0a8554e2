// SPDX-License-Identifier: Apache-2.0
//
// SLEEF's vector functions, which vectorised models import (torch carries them
// inside libtorch_cpu).
#ifndef PT2_SRC_SHIM_SLEEF_H_
#define PT2_SRC_SHIM_SLEEF_H_

// The address of |symbol| ("Sleef_expf8_u10"), NULL if there is none. Looked up
// in libsleef.so.3 where it is installed, otherwise one of our own.
void* pt2__sleef_resolve(const char* symbol);

// Only our own: the functions that torch's vectors import, with SLEEF's names
// and vector ABI, one element after another through libm. Those of floats are
// computed in double, so within 0.51 ulp; those of doubles are as good as libm.
// An order of magnitude slower than SLEEF.
void* pt2__sleef_portable(const char* symbol);

#endif  // PT2_SRC_SHIM_SLEEF_H_
