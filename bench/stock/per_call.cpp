// SPDX-License-Identifier: Apache-2.0
//
// The counterpart of bench/per_call.c on stock PyTorch: a C++ program with
// libtorch that loads a package and runs it N times on zeros. Built by
// bench/stock/build.py; the project itself never links libtorch.
//
//   per_call PACKAGE.pt2 N 8x16 [SHAPE ...]
#include <torch/csrc/inductor/aoti_package/model_package_loader.h>
#include <torch/torch.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

static at::Tensor zeros(const std::string& shape) {
  std::vector<int64_t> sizes;
  for (size_t at = 0; at < shape.size();) {
    size_t end = shape.find('x', at);
    end = end == std::string::npos ? shape.size() : end;
    sizes.push_back(std::stoll(shape.substr(at, end - at)));
    at = end + 1;
  }
  return torch::zeros(sizes);
}

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: %s PACKAGE.pt2 N SHAPE...\n", argv[0]);
    return 2;
  }
  c10::InferenceMode inference;
  torch::inductor::AOTIModelPackageLoader loader(argv[1]);
  std::vector<at::Tensor> inputs;
  for (int i = 3; i < argc; ++i) {
    inputs.push_back(zeros(argv[i]));
  }
  const long count = std::atol(argv[2]);
  const auto start = std::chrono::steady_clock::now();
  for (long turn = 0; turn < count; ++turn) {
    auto outputs = loader.run(inputs);
  }
  const std::chrono::duration<double, std::micro> took =
      std::chrono::steady_clock::now() - start;
  std::printf("%.3f us per run\n", took.count() / static_cast<double>(count));
  return 0;
}
