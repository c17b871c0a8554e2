// SPDX-License-Identifier: Apache-2.0
//
// Maps of constants for models of torch 2.6, which was built for the old
// std::string.
#define _GLIBCXX_USE_CXX11_ABI 0
#define PT2_CONSTANT_MAP pt2__constant_map_old
#include "loader/constant_map.inc"
