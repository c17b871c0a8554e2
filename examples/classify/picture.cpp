// SPDX-License-Identifier: Apache-2.0
#include "picture.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>

namespace {

// The next number of a header, whose comments run from # to the end of a line.
int64_t header_number(std::istream& text) {
  int64_t value = 0;
  while (text >> std::ws && text.peek() == '#') {
    text.ignore(1 << 20, '\n');
  }
  text >> value;
  return value;
}

Picture read_pgm(const std::string& path, const std::string& bytes) {
  std::istringstream text(bytes.substr(2));
  int64_t width = header_number(text), height = header_number(text);
  int64_t white = header_number(text);
  if (!text || white < 1 || white > 255) refuse(path, "not a PGM of 8 bits");
  check_sizes(path, width, height);
  Picture picture{static_cast<int>(width), static_cast<int>(height), {}};
  bool raw = bytes[1] == '5';
  text.get();
  for (int64_t i = 0; i < width * height; ++i) {
    int grey = 0;
    if (raw) {
      grey = text.get();
    } else {
      text >> grey;
    }
    if (!text || grey < 0) refuse(path, "the PGM ends too early");
    picture.grey.push_back(static_cast<float>(std::min<int64_t>(grey, white)) /
                           static_cast<float>(white));
  }
  return picture;
}

}  // namespace

void refuse(const std::string& path, const char* why) {
  throw std::runtime_error(path + ": " + why);
}

void check_sizes(const std::string& path, int64_t width, int64_t height) {
  constexpr int64_t kMaxPixels = 1 << 26;
  if (width < 1 || height < 1 || width > kMaxPixels ||
      height > kMaxPixels / width) {
    refuse(path, "no picture of a size that is read here");
  }
}

Picture read_picture(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(file), {}};
  if (!file.is_open() || bytes.empty()) refuse(path, "cannot be read");
  if (bytes.compare(0, 2, "P2") == 0 || bytes.compare(0, 2, "P5") == 0) {
    return read_pgm(path, bytes);
  }
  if (bytes.compare(0, 4, "\x89PNG") == 0) return read_png(path, bytes);
  refuse(path, "neither PGM nor PNG");
}

Picture resized(const Picture& picture, int width, int height) {
  Picture to{width, height, {}};
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      double top = double(y) * picture.height / height;
      double bottom = double(y + 1) * picture.height / height;
      double left = double(x) * picture.width / width;
      double right = double(x + 1) * picture.width / width;
      double sum = 0, area = 0;
      for (int v = int(top);
           v < std::min(picture.height, int(std::ceil(bottom))); ++v) {
        for (int u = int(left);
             u < std::min(picture.width, int(std::ceil(right))); ++u) {
          double part = (std::min(bottom, v + 1.0) - std::max(top, double(v))) *
                        (std::min(right, u + 1.0) - std::max(left, double(u)));
          sum += part *
                 picture.grey[size_t(v) * size_t(picture.width) + size_t(u)];
          area += part;
        }
      }
      to.grey.push_back(static_cast<float>(sum / area));
    }
  }
  return to;
}
