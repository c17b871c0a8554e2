// SPDX-License-Identifier: Apache-2.0
//
// Calls aoti_torch_check as a model does: in C++ that catches.
#include <cstdint>
#include <cstring>
#include <exception>

extern "C" int catch_check(void (*check)(bool, const char*, const char*,
                                         uint32_t, const char*),
                           bool condition, const char* message, char* out_text,
                           size_t text_bytes) {
  try {
    check(condition, "forward", "model.cpp", 7, message);
  } catch (const std::exception& error) {
    std::strncpy(out_text, error.what(), text_bytes - 1);
    out_text[text_bytes - 1] = '\0';
    return 1;
  }
  return 0;
}
