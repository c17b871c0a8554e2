// SPDX-License-Identifier: Apache-2.0
//
// What the C++ tests share: checks that say what they saw, and where the
// packages are.
#ifndef PT2_TESTS_CXX_CHECK_H_
#define PT2_TESTS_CXX_CHECK_H_

#include <cmath>
#include <cstdlib>
#include <iostream>
#include <string>

#include "pt2/pt2.hpp"

#define CHECK(condition)                                             \
  do {                                                               \
    if (!(condition)) {                                              \
      std::cerr << __FILE__ << ":" << __LINE__ << ": " << #condition \
                << " does not hold\n";                               \
      std::exit(1);                                                  \
    }                                                                \
  } while (0)

// |call| throws pt2::Error with |status| and |text| in its message.
#define CHECK_THROWS(call, wanted_status, text)                           \
  do {                                                                    \
    bool thrown = false;                                                  \
    try {                                                                 \
      (void)(call);                                                       \
    } catch (const pt2::Error& error) {                                   \
      thrown = error.status() == (wanted_status) &&                       \
               std::string(error.what()).find(text) != std::string::npos; \
      if (!thrown) {                                                      \
        std::cerr << error.status_name() << ": " << error.what() << "\n"; \
      }                                                                   \
    }                                                                     \
    CHECK(thrown&& #call);                                                \
  } while (0)

inline std::string golden(const std::string& name,
                          const std::string& release = "2.15.0") {
  return std::string(PT2_TEST_GOLDEN) + "/avx2/" + release + "/" + name +
         ".pt2";
}

// The tensors of a golden file by name ("0", "1" …).
inline pt2::TensorMap read_tensors(const std::string& file) {
  pt2_weights_t* weights = nullptr;
  std::string path =
      std::string(PT2_TEST_GOLDEN) + "/avx2/" + file + ".safetensors";
  pt2::check(pt2_weights_open(path.c_str(), &weights));
  pt2::TensorMap all;
  for (size_t i = 0; i < pt2_weights_count(weights); ++i) {
    all.emplace(pt2_weights_peek_name(weights, i),
                pt2::Tensor::retain(pt2_weights_peek_tensor(weights, i)));
  }
  pt2_weights_release(weights);
  return all;
}

inline std::vector<pt2::Tensor> read_inputs(const std::string& name) {
  pt2::TensorMap all = read_tensors(name + ".inputs");
  std::vector<pt2::Tensor> inputs;
  for (size_t i = 0; i < all.size(); ++i) {
    inputs.push_back(all.at(std::to_string(i)));
  }
  return inputs;
}

// The constants of the packages "mlp" and "mlpnow"; the file has two more,
// which the compiler wrote into their code.
inline pt2::TensorMap read_mlp_weights() {
  pt2::TensorMap all = read_tensors("mlp.weights");
  CHECK(all.erase("b.bias") == 1 && all.erase("c") == 1);
  return all;
}

// The largest difference of two tensors of the same sizes.
inline double distance(const pt2::Tensor& left, const pt2::Tensor& right) {
  CHECK(left.sizes() == right.sizes());
  CHECK(left.dtype() == right.dtype());
  pt2::Tensor a = left.to(pt2::kDouble).contiguous();
  pt2::Tensor b = right.to(pt2::kDouble).contiguous();
  double most = 0;
  for (int64_t i = 0; i < a.numel(); ++i) {
    double here = std::fabs(a.data<double>()[i] - b.data<const double>()[i]);
    CHECK(!std::isnan(here));
    most = std::fmax(most, here);
  }
  return most;
}

#endif  // PT2_TESTS_CXX_CHECK_H_
