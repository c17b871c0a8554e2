// SPDX-License-Identifier: Apache-2.0
//
// Maps of constants for models of torch 2.7 and later.
#define _GLIBCXX_USE_CXX11_ABI 1
#define PT2_CONSTANT_MAP pt2__constant_map_cxx11
#include "loader/constant_map.inc"
