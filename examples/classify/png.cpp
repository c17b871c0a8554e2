// SPDX-License-Identifier: Apache-2.0
//
// PNG: an IHDR chunk with the sizes, IDAT chunks with the zlib stream of rows,
// each led by the number of the filter that was applied to it.
#include <zlib.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "picture.h"

namespace {

uint32_t number(const std::string& bytes, size_t at) {
  uint32_t value = 0;
  for (size_t i = 0; i < 4; ++i) {
    value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  }
  return value;
}

// The pixel bytes of the file, still filtered.
std::vector<uint8_t> inflate_png(const std::string& path,
                                 const std::string& bytes, size_t size) {
  std::string packed;
  for (size_t at = 8; at + 12 <= bytes.size();) {
    size_t length = number(bytes, at);
    if (length > bytes.size() - at - 12) refuse(path, "the PNG ends too early");
    if (bytes.compare(at + 4, 4, "IDAT") == 0) {
      packed += bytes.substr(at + 8, length);
    }
    at += length + 12;
  }
  std::vector<uint8_t> plain(size);
  uLongf got = static_cast<uLongf>(size);
  if (uncompress(plain.data(), &got,
                 reinterpret_cast<const Bytef*>(packed.data()),
                 static_cast<uLong>(packed.size())) != Z_OK ||
      got != size) {
    refuse(path, "the PNG's pixels cannot be unpacked");
  }
  return plain;
}

// What a filter of PNG adds to a byte, from its neighbours.
int predicted(int filter, int left, int up, int corner) {
  int guess = left + up - corner;
  int to_left = std::abs(guess - left), to_up = std::abs(guess - up);
  int to_corner = std::abs(guess - corner);
  switch (filter) {
    case 0:
      return 0;
    case 1:
      return left;
    case 2:
      return up;
    case 3:
      return (left + up) / 2;
    default:
      return to_left <= to_up && to_left <= to_corner ? left
             : to_up <= to_corner                     ? up
                                                      : corner;
  }
}

}  // namespace

Picture read_png(const std::string& path, const std::string& bytes) {
  if (bytes.size() < 33 || bytes.compare(12, 4, "IHDR") != 0) {
    refuse(path, "the PNG ends too early");
  }
  int64_t width = number(bytes, 16), height = number(bytes, 20);
  check_sizes(path, width, height);
  // Grey, colours, grey with alpha, colours with alpha.
  size_t channels = bytes[25] == 0   ? 1
                    : bytes[25] == 2 ? 3
                    : bytes[25] == 4 ? 2
                    : bytes[25] == 6 ? 4
                                     : 0;
  if (bytes[24] != 8 || channels == 0 || bytes[28] != 0) {
    refuse(path, "a PNG of 8 bits in grey or colours, not interlaced, is read");
  }
  size_t row = static_cast<size_t>(width) * channels;
  std::vector<uint8_t> plain =
      inflate_png(path, bytes, (row + 1) * static_cast<size_t>(height));
  Picture picture{static_cast<int>(width), static_cast<int>(height), {}};
  std::vector<uint8_t> above(row), line(row);
  for (size_t y = 0; y < static_cast<size_t>(height); ++y) {
    const uint8_t* from = &plain[y * (row + 1)];
    if (from[0] > 4) refuse(path, "the PNG has a filter that does not exist");
    for (size_t i = 0; i < row; ++i) {
      int left = i >= channels ? line[i - channels] : 0;
      int corner = i >= channels ? above[i - channels] : 0;
      line[i] = static_cast<uint8_t>(
          from[i + 1] + predicted(from[0], left, above[i], corner));
    }
    for (size_t x = 0; x < row; x += channels) {
      const uint8_t* p = &line[x];
      float grey =
          channels < 3 ? p[0] : 0.299f * p[0] + 0.587f * p[1] + 0.114f * p[2];
      float solid = channels % 2 == 0 ? p[channels - 1] / 255.0f : 1;
      picture.grey.push_back(grey / 255 * solid + 1 - solid);
    }
    std::swap(above, line);
  }
  return picture;
}
