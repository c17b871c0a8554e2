// SPDX-License-Identifier: Apache-2.0
//
// glibc 2.35 gave hypot and hypotf a second version, which differs in what it
// does not do: call SVID's error handler. Of all that is used here they alone
// would keep a library that was linked there from running with glibc 2.34 (RHEL
// 9 and its like). The linker's --wrap sends the calls here;
// scripts/check_exports.sh sees to it that nothing newer creeps in.
#include <math.h>

double __wrap_hypot(double x, double y);
float __wrap_hypotf(float x, float y);

#if defined(__GLIBC__) && defined(__x86_64__)
double pt2__hypot_first(double x, double y);
float pt2__hypotf_first(float x, float y);
__asm__(".symver pt2__hypot_first,hypot@GLIBC_2.2.5");
__asm__(".symver pt2__hypotf_first,hypotf@GLIBC_2.2.5");

double __wrap_hypot(double x, double y) { return pt2__hypot_first(x, y); }
float __wrap_hypotf(float x, float y) { return pt2__hypotf_first(x, y); }
#else
double __real_hypot(double x, double y);
float __real_hypotf(float x, float y);

double __wrap_hypot(double x, double y) { return __real_hypot(x, y); }
float __wrap_hypotf(float x, float y) { return __real_hypotf(x, y); }
#endif
