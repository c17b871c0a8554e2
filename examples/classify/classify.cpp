// SPDX-License-Identifier: Apache-2.0
//
// Says what is on a picture: reads PGM or PNG of any size, brings it to the
// size that the package asks for, runs the model and prints the most probable
// labels.
//
//   classify examples/digits/digits.pt2 examples/classify/digits.txt FILE.png
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <numeric>

#include "picture.h"
#include "pt2/pt2.hpp"

namespace {

std::vector<std::string> read_labels(const std::string& path) {
  std::ifstream file(path);
  std::vector<std::string> labels;
  for (std::string line; std::getline(file, line);) {
    labels.push_back(line);
  }
  if (labels.empty()) {
    throw std::runtime_error(path + ": no labels, one a line is expected");
  }
  return labels;
}

// The border of a picture is its background; dark ink on light paper is turned
// round, since the model was trained on bright digits.
bool on_paper(const Picture& picture) {
  double sum = 0;
  int count = 0;
  for (int y = 0; y < picture.height; ++y) {
    for (int x = 0; x < picture.width; ++x) {
      if (y == 0 || x == 0 || y == picture.height - 1 ||
          x == picture.width - 1) {
        sum += picture.grey[static_cast<size_t>(y) *
                                static_cast<size_t>(picture.width) +
                            static_cast<size_t>(x)];
        ++count;
      }
    }
  }
  return sum / count > 0.5;
}

// The model's input for |picture|: float32[1, 1, height, width], greys 0 to 16.
pt2::Tensor prepare(const Picture& picture, const pt2::ValueInfo& input) {
  constexpr float kWhite = 16;
  if (input.dims.size() != 4 || input.dims[1].max != 1) {
    throw std::runtime_error("the package does not take one picture in grey");
  }
  bool inverted = on_paper(picture);
  Picture small = resized(picture, static_cast<int>(input.dims[3].max),
                          static_cast<int>(input.dims[2].max));
  for (float& grey : small.grey) {
    grey = kWhite * (inverted ? 1 - grey : grey);
  }
  int64_t height = small.height, width = small.width;
  return pt2::from_vector(std::move(small.grey), {1, 1, height, width});
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) {
    std::cerr << "usage: " << argv[0] << " PACKAGE.pt2 LABELS.txt PICTURE...\n";
    return 2;
  }
  try {
    pt2::AOTIModelPackageLoader loader(argv[1]);
    pt2::ValueInfo input = loader.get_runner()->input_info(0);
    std::vector<std::string> labels = read_labels(argv[2]);
    for (int i = 3; i < argc; ++i) {
      pt2::Tensor output =
          loader.run({prepare(read_picture(argv[i]), input)}).at(0);
      pt2::Span<const float> probabilities = output.span<const float>();
      if (probabilities.size() != labels.size()) {
        throw std::runtime_error(
            std::string(argv[2]) + ": " + std::to_string(labels.size()) +
            " labels, the model knows " + std::to_string(probabilities.size()));
      }
      std::vector<size_t> order(labels.size());
      std::iota(order.begin(), order.end(), size_t{0});
      std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
        return probabilities[a] > probabilities[b];
      });
      std::printf("%s\n", argv[i]);
      for (size_t k = 0; k < std::min<size_t>(3, order.size()); ++k) {
        std::printf("  %6.2f %%  %s\n",
                    100.0 * static_cast<double>(probabilities[order[k]]),
                    labels[order[k]].c_str());
      }
    }
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
}
