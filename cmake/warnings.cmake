# SPDX-License-Identifier: Apache-2.0
# One set of warnings for everything that is compiled here.
add_library(pt2_warnings INTERFACE)
target_compile_options(
  pt2_warnings
  INTERFACE -Wall -Wextra
            $<$<COMPILE_LANGUAGE:C>:-Wmissing-prototypes>
            $<$<COMPILE_LANGUAGE:C>:-Wstrict-prototypes>
            # A loop that "omp simd" asks for and that stays as it is.
            $<$<C_COMPILER_ID:Clang>:-Wno-pass-failed>
            $<$<BOOL:${PT2_WERROR}>:-Werror>)
