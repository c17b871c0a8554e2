// SPDX-License-Identifier: Apache-2.0
//
// Pictures in grey: PGM and PNG files, made smaller or larger.
#ifndef PT2_EXAMPLES_CLASSIFY_PICTURE_H_
#define PT2_EXAMPLES_CLASSIFY_PICTURE_H_

#include <cstdint>
#include <string>
#include <vector>

struct Picture {
  int width = 0, height = 0;
  std::vector<float> grey;  // row by row, 0 (black) to 1 (white)
};

// Reads a PGM (plain or raw) or a PNG of 8 bits that is not interlaced; colours
// become grey, what is transparent white. Throws std::runtime_error.
Picture read_picture(const std::string& path);

// |picture| as |width| x |height|: each new pixel is the mean of the area that
// it covers.
Picture resized(const Picture& picture, int width, int height);

// What both formats need.
[[noreturn]] void refuse(const std::string& path, const char* why);
void check_sizes(const std::string& path, int64_t width, int64_t height);
Picture read_png(const std::string& path, const std::string& bytes);

#endif  // PT2_EXAMPLES_CLASSIFY_PICTURE_H_
