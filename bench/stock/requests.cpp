// SPDX-License-Identifier: Apache-2.0
//
// The counterpart of "pt2 bench --concurrency" on stock PyTorch: threads that
// call one AOTIModelPackageLoader for some seconds. Built by
// bench/stock/build.py; the project itself never links libtorch.
//
//   requests PACKAGE.pt2 RUNNERS THREADS SECONDS SHAPE...
//
// A shape is 8x16, with the dtype before it where it is not f32: i64:1x10.
#include <torch/csrc/inductor/aoti_package/model_package_loader.h>
#include <torch/torch.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <thread>
#include <vector>

static at::Tensor zeros(std::string text) {
  static const std::map<std::string, at::ScalarType> dtypes = {
      {"f32", at::kFloat}, {"f64", at::kDouble}, {"bf16", at::kBFloat16},
      {"i64", at::kLong},  {"i32", at::kInt},    {"bool", at::kBool},
      {"f16", at::kHalf},  {"u8", at::kByte}};
  at::ScalarType dtype = at::kFloat;
  if (size_t colon = text.find(':'); colon != std::string::npos) {
    dtype = dtypes.at(text.substr(0, colon));
    text.erase(0, colon + 1);
  }
  std::vector<int64_t> sizes;
  for (size_t at = 0; at < text.size();) {
    size_t end = text.find('x', at);
    end = end == std::string::npos ? text.size() : end;
    sizes.push_back(std::stoll(text.substr(at, end - at)));
    at = end + 1;
  }
  return torch::zeros(sizes, dtype);
}

int main(int argc, char** argv) {
  if (argc < 5) {
    std::fprintf(stderr,
                 "usage: %s PACKAGE.pt2 RUNNERS THREADS SECONDS SHAPE...\n",
                 argv[0]);
    return 2;
  }
  at::set_num_threads(1);
  torch::inductor::AOTIModelPackageLoader loader(
      argv[1], "model", false, static_cast<size_t>(std::atoi(argv[2])));
  std::vector<at::Tensor> inputs;
  for (int i = 5; i < argc; ++i) {
    inputs.push_back(zeros(argv[i]));
  }
  {
    c10::InferenceMode inference;
    for (int turn = 0; turn < 20; ++turn) {
      loader.run(inputs);
    }
  }
  std::atomic<long> calls{0};
  const auto start = std::chrono::steady_clock::now();
  const auto end =
      start + std::chrono::duration_cast<std::chrono::nanoseconds>(
                  std::chrono::duration<double>(std::atof(argv[4])));
  std::vector<std::thread> threads;
  for (int i = 0; i < std::atoi(argv[3]); ++i) {
    threads.emplace_back([&] {
      c10::InferenceMode inference;
      long mine = 0;
      // The clock is read as often as "pt2 bench" reads it: at every call.
      while (std::chrono::steady_clock::now() < end) {
        auto outputs = loader.run(inputs);
        ++mine;
      }
      calls += mine;
    });
  }
  for (auto& thread : threads) {
    thread.join();
  }
  const std::chrono::duration<double> took =
      std::chrono::steady_clock::now() - start;
  std::printf("{\"requests_per_second\": %.1f}\n",
              static_cast<double>(calls) / took.count());
  return 0;
}
