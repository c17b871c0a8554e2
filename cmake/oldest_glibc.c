// SPDX-License-Identifier: Apache-2.0
//
// glibc 2.35 gave hypot a second version, which differs in what it does not do:
// call SVID's error handler. Of all that is used here it alone would keep a
// library that was linked there from running with glibc 2.34 (RHEL 9 and its
// like). The linker's --wrap sends the calls here.
#include <math.h>

double __wrap_hypot(double x, double y);

#if defined(__GLIBC__) && defined(__x86_64__)
double pt2__hypot_first(double x, double y);
__asm__(".symver pt2__hypot_first,hypot@GLIBC_2.2.5");

double __wrap_hypot(double x, double y) { return pt2__hypot_first(x, y); }
#else
double __real_hypot(double x, double y);

double __wrap_hypot(double x, double y) { return __real_hypot(x, y); }
#endif
