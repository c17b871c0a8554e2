// SPDX-License-Identifier: Apache-2.0
//
// libFuzzer target over package files; scripts/fuzz.sh builds and runs it. The
// first byte chooses what the rest is: a package as it is, or the source text
// inside a package whose CRC is right, which random changes of an archive would
// hardly ever reach.
#include <stdint.h>

#include "fuzz/exercise_package.h"
#include "support/zip_writer.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) {
    return 0;
  }
  if (data[0] != 'T') {
    exercise_package(data, size, (size & 1) != 0);
    return 0;
  }
  const zip_item_t items[] = {
      {.name = "data/aotinductor/model/x.wrapper.so", .data = "not read"},
      {.name = "data/aotinductor/model/x.wrapper.cpp",
       .data = data + 1,
       .size = size - 1},
  };
  zip_bytes_t bytes = zip_make(items, 2, (zip_options_t){0});
  exercise_package(bytes.data, bytes.size, false);
  free(bytes.data);
  return 0;
}
