// SPDX-License-Identifier: Apache-2.0
//
// The header's calls with each allocation of the library failing once: an
// exception, nothing else, and no memory of tensors left in use. Linked with
// libpt2_testing.
#include "check.h"

extern "C" {
uint64_t pt2_testing_fault_set(uint64_t nth);
size_t pt2_testing_used_bytes(void);
}

using pt2::Tensor;

// What a program does, once; how far apart its three answers are.
static double program() {
  pt2::RunnerOptions options;
  options.num_runners = 2;
  pt2::AOTIModelPackageLoader loader(pt2::Package(golden("mlp")), options);
  Tensor input = pt2::full({8, 16}, 0.5).transpose(0, 1).view({16, 2, 4});
  input = input.transpose(0, 2).transpose(0, 1).contiguous().view({8, 16});
  Tensor first = loader.run({input}).at(0);
  pt2::TensorMap constants;
  for (auto& [fqn, tensor] :
       loader.get_runner()->extract_constants_map(false)) {
    constants.emplace(fqn, tensor.clone());
  }
  loader.load_constants(constants, true, true);
  loader.get_runner()->swap_constant_buffer();
  loader.load_constants(constants, false, true, true);
  std::vector<Tensor> boxed = {pt2::Tensor::from_dlpack(input.to_dlpack())};
  boxed[0] = pt2::from_vector(boxed[0].span<float>().vec(), {8, 16});
  Tensor second = loader.boxed_run(std::move(boxed)).at(0);
  Tensor third = pt2::empty({8, 4});
  loader.get_runner()->run_into({&input, 1}, {&third, 1});
  return distance(first, second) + distance(first, third);
}

int main() {
  CHECK(program() < 1e-5);
  size_t used = pt2_testing_used_bytes();
  uint64_t failed = 0;
  for (uint64_t nth = 1;; ++nth) {
    pt2_testing_fault_set(nth);
    bool thrown = false;
    double apart = 0;
    try {
      apart = program();
    } catch (const pt2::Error& error) {
      thrown = true;
      CHECK(error.status() == PT2_STATUS_OUT_OF_MEMORY ||
            error.status() == PT2_STATUS_MODEL_ERROR);
      CHECK(error.what()[0] != '\0');
    }
    uint64_t seen = pt2_testing_fault_set(0);
    CHECK(pt2_testing_used_bytes() == used);
    CHECK(apart < 1e-5);
    failed += thrown;
    if (seen < nth) {  // none of them failed
      CHECK(!thrown);
      break;
    }
  }
  CHECK(failed > 100);
  std::cout << "faults: " << failed << " of them, all told\n";
}
