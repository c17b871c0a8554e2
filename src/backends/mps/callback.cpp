// SPDX-License-Identifier: Apache-2.0
//
// The one call that hands over an object of C++: models pass a std::function by
// address, and its layout is the C++ library's affair.
#include <functional>

#include "gen/shim_mps.h"

extern "C" void aoti_torch_mps_shared_callback(
    AOTIMetalKernelFunctionHandle func, void* user_data) {
  using function_t = std::function<void(AOTIMetalKernelFunctionHandle)>;
  (*static_cast<function_t*>(user_data))(func);
}
