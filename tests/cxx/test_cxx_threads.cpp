// SPDX-License-Identifier: Apache-2.0
//
// One runner used by many threads: runs, weights that change meanwhile, waiting
// that ends.
#include <atomic>
#include <thread>

#include "check.h"

using pt2::Tensor;

static void runs() {
  pt2::AOTIModelContainerRunnerCpu runner(golden("mlp"), 2);
  Tensor expected = read_tensors("mlp.expected").at("0");
  std::vector<Tensor> inputs = read_inputs("mlp");
  std::vector<std::thread> all;
  std::atomic<int> right{0};
  for (int i = 0; i < 4; ++i) {
    all.emplace_back([&] {
      for (int k = 0; k < 50; ++k) {
        right += distance(runner.run(inputs).at(0), expected) < 1e-5;
      }
    });
  }
  for (std::thread& thread : all) {
    thread.join();
  }
  CHECK(right == 200);
}

// While others run, the weights change between two versions; every answer is
// that of one of them.
static void weights_change() {
  pt2::AOTIModelContainerRunnerCpu runner(golden("mlp"), 2);
  std::vector<Tensor> inputs = read_inputs("mlp");
  pt2::TensorMap first = read_mlp_weights(), second;
  for (auto& [name, tensor] : first) {
    second.emplace(name, tensor.clone());
    second.at(name).copy_(pt2::full({}, 0.125));
  }
  Tensor old = runner.run(inputs).at(0);
  runner.update_constant_buffer(second, true, true);
  runner.swap_constant_buffer();
  Tensor now = runner.run(inputs).at(0);
  CHECK(distance(old, now) > 1e-3);
  std::atomic<bool> over{false};
  std::atomic<int> right{0}, wrong{0};
  std::vector<std::thread> all;
  for (int i = 0; i < 2; ++i) {
    all.emplace_back([&] {
      do {
        Tensor seen = runner.run(inputs).at(0);
        bool fits = distance(seen, old) < 1e-5 || distance(seen, now) < 1e-5;
        ++(fits ? right : wrong);
      } while (!over);
    });
  }
  for (int i = 0; i < 20; ++i) {
    runner.update_constant_buffer(i % 2 == 0 ? first : second, true, true);
    runner.swap_constant_buffer();
  }
  over = true;
  for (std::thread& thread : all) {
    thread.join();
  }
  CHECK(wrong == 0 && right >= 2);
}

static void waiting_ends() {
  pt2::AOTIModelContainerRunnerCpu runner(golden("mlp"));
  Tensor expected = read_tensors("mlp.expected").at("0");
  std::vector<Tensor> inputs = read_inputs("mlp");
  pt2::Cancel cancel;
  cancel.set();
  pt2::RunOptions options;
  options.cancel = &cancel;
  options.timeout = std::chrono::seconds(1);
  Tensor output;
  CHECK_THROWS(runner.run_into({&inputs[0], 1}, {&output, 1}, options),
               PT2_STATUS_CANCELLED, "cancelled");
  options.cancel = nullptr;
  runner.run_into({&inputs[0], 1}, {&output, 1}, options);
  CHECK(distance(output, expected) < 1e-5);
}

int main() {
  runs();
  weights_change();
  waiting_ends();
  std::cout << "threads: all hold\n";
}
