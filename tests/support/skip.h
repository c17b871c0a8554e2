// SPDX-License-Identifier: Apache-2.0
//
// Skips that say why. Include it after cmocka.h.
#ifndef PT2_TESTS_SUPPORT_SKIP_H_
#define PT2_TESTS_SUPPORT_SKIP_H_

// Ends the running test as skipped; |reason| is what is missing here.
#define SKIP(reason)                        \
  do {                                      \
    print_message("skipped: %s\n", reason); \
    skip();                                 \
  } while (0)

// For tests that run golden packages, which are compiled for AVX2.
#if defined(__x86_64__)
#define SKIP_WITHOUT_AVX2()                \
  do {                                     \
    if (!__builtin_cpu_supports("avx2")) { \
      SKIP("this CPU has no AVX2");        \
    }                                      \
  } while (0)
#else
#define SKIP_WITHOUT_AVX2() SKIP("this CPU has no AVX2")
#endif

#endif  // PT2_TESTS_SUPPORT_SKIP_H_
