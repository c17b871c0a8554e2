// SPDX-License-Identifier: Apache-2.0
//
// The runner classes: torch's constructors, runs without allocation, devices
// that are not here, the registry.
#include <atomic>
#include <cstdlib>
#include <new>

#include "check.h"

using pt2::Tensor;

static std::atomic<long> allocations{0};

// Not inlined: the compiler would see malloc beside delete and warn.
__attribute__((noinline)) void* operator new(size_t bytes) {
  ++allocations;
  void* block = std::malloc(bytes > 0 ? bytes : 1);
  if (block == nullptr) {
    throw std::bad_alloc();
  }
  return block;
}
void* operator new(size_t bytes, const std::nothrow_t&) noexcept {
  ++allocations;
  return std::malloc(bytes > 0 ? bytes : 1);
}
__attribute__((noinline)) void operator delete(void* block) noexcept {
  std::free(block);
}
__attribute__((noinline)) void operator delete(void* block, size_t) noexcept {
  std::free(block);
}

static void constructors() {
  Tensor expected = read_tensors("mlp.expected").at("0");
  pt2::AOTIModelContainerRunnerCpu runner(golden("mlp"), 2);
  CHECK(distance(runner.run(read_inputs("mlp")).at(0), expected) < 1e-5);
  CHECK(runner.num_inputs() == 1 && runner.num_outputs() == 1);
  CHECK(runner.input_info(0).name == "ARGS[0]");
  CHECK(runner.output_info(0).dims[1].max == 4);
  CHECK(runner.device().is_cpu());
  CHECK(runner.statistics().instance_count == 2);
  CHECK_THROWS(runner.input_info(1), PT2_STATUS_INVALID_ARGUMENT, "1");
  pt2::AOTIModelContainerRunnerCpu single(golden("mlp"), 1, true);
  CHECK(distance(single.run(read_inputs("mlp")).at(0), expected) < 1e-5);
  // With weights of the program's.
  pt2::TensorMap weights = read_mlp_weights();
  pt2::AOTIModelContainerRunnerCpu given(golden("mlpnow"), 1, weights);
  CHECK(distance(given.run(read_inputs("mlpnow")).at(0),
                 read_tensors("mlpnow.expected").at("0")) < 1e-5);
  pt2::TensorMap none;
  CHECK_THROWS(pt2::AOTIModelContainerRunnerCpu(golden("mlpnow"), 1, none),
               PT2_STATUS_INVALID_ARGUMENT, "weight");
}

static void other_devices() {
  CHECK_THROWS(pt2::AOTIModelContainerRunnerXpu(golden("mlp")),
               PT2_STATUS_INCOMPATIBLE, "xpu");
  CHECK_THROWS(pt2::AOTIModelContainerRunnerMps(golden("mlp")),
               PT2_STATUS_INCOMPATIBLE, "mps");
  CHECK_THROWS(pt2::AOTIModelContainerRunnerCuda(golden("mlp"), 1, "cuda:0"),
               PT2_STATUS_INCOMPATIBLE, "cuda");
  for (const char* text : {"cpu", "cuda:", "cuda:x", "cuda1", "cuda:-1"}) {
    CHECK_THROWS(pt2::AOTIModelContainerRunnerCuda(golden("mlp"), 1, text),
                 PT2_STATUS_INVALID_ARGUMENT, text);
  }
  CHECK_THROWS(pt2::AOTIModelContainerRunnerXpu(golden("mlp"), 1, "xpu", "/x"),
               PT2_STATUS_UNSUPPORTED, "/x");
}

// The allocations of a call, those of the model's own C++ included.
template <typename Call>
static long count(Call call) {
  long before = allocations;
  call();
  return allocations - before;
}

// After warming up a call allocates what the C call does, and |run| its vector.
static void no_allocation() {
  pt2::AOTIModelContainerRunnerCpu runner(golden("mlp"));
  std::vector<Tensor> inputs = read_inputs("mlp"), outputs;
  const Tensor& input = inputs[0];
  Tensor expected = read_tensors("mlp.expected").at("0");
  Tensor given = pt2::zeros({8, 4}), made;
  outputs = runner.run(inputs);
  pt2_tensor_t* raw = input.get();
  pt2_tensor_t* output = nullptr;
  long least = count(
      [&] { pt2::check(pt2_runner_run(runner.get(), &raw, 1, &output, 1)); });
  CHECK(distance(Tensor::adopt(output), outputs[0]) == 0);
  CHECK(count([&] { runner.run_into({&input, 1}, {&given, 1}); }) == least);
  CHECK(count([&] { runner.run_into({&input, 1}, {&made, 1}); }) == least);
  CHECK(count([&] { outputs = runner.run(inputs); }) == least + 1);
  CHECK(distance(given, expected) < 1e-5 && distance(made, expected) < 1e-5);
  Tensor wrong = pt2::zeros({8, 5});
  CHECK_THROWS(runner.run_into({&input, 1}, {&wrong, 1}),
               PT2_STATUS_INVALID_ARGUMENT, "output 0");
  Tensor unset;
  CHECK_THROWS(runner.run_into({&wrong, 1}, {&unset, 1}),
               PT2_STATUS_INVALID_ARGUMENT, "ARGS[0]");
  CHECK(!unset.defined());
}

// A runner without a model of the library.
class Doubler : public pt2::AOTIModelContainerRunner {
 protected:
  std::vector<Tensor> run_impl(pt2::Span<pt2_tensor_t*> inputs, bool,
                               void*) override {
    std::vector<Tensor> outputs;
    for (pt2_tensor_t* input : inputs) {
      Tensor twice = Tensor::retain(input).clone();
      for (float& value : twice.span<float>()) {
        value *= 2;
      }
      outputs.push_back(std::move(twice));
    }
    return outputs;
  }
};

static std::unique_ptr<pt2::AOTIModelContainerRunner> make_doubler(
    const pt2::Package&, const pt2::RunnerOptions& options,
    const std::string& device) {
  CHECK(options.num_runners == 3 && device == "doubler");
  return std::make_unique<Doubler>();
}

static pt2::RegisterAOTIModelRunner registered("doubler", make_doubler);

static void registry() {
  auto& all = pt2::getAOTIModelRunnerRegistry();
  CHECK(all.count("cpu") && all.count("cuda") && all.count("doubler"));
  pt2::RunnerOptions options;
  options.num_runners = 3;
  auto doubler =
      all.at("doubler")(pt2::Package(golden("mlp")), options, "doubler");
  CHECK(doubler->run({pt2::ones({2})}).at(0).span<float>()[1] == 2);
  std::vector<Tensor> boxed = {pt2::ones({2})};
  CHECK(doubler->boxed_run(std::move(boxed)).at(0).span<float>()[0] == 2);
  CHECK(doubler->get() == nullptr);
  CHECK_THROWS(doubler->num_inputs(), PT2_STATUS_FAILED_PRECONDITION, "model");
  // What is registered for a device makes its packages' runners.
  options.num_runners = 1;
  auto before = all.at("cpu");
  all["cpu"] =
      [](const pt2::Package&, const pt2::RunnerOptions&,
         const std::string&) -> std::unique_ptr<pt2::AOTIModelContainerRunner> {
    return std::make_unique<Doubler>();
  };
  pt2::AOTIModelPackageLoader loader(golden("mlp"));
  CHECK(loader.run({pt2::full({1}, 4)}).at(0).item<int>() == 8);
  all["cpu"] = before;
  CHECK(pt2::make_runner(pt2::Package(golden("mlp")))->num_outputs() == 1);
  all.erase("cpu");  // the library knows the device by itself
  CHECK(pt2::make_runner(pt2::Package(golden("mlp")))->num_outputs() == 1);
  all["cpu"] = before;
}

int main() {
  constructors();
  other_devices();
  no_allocation();
  registry();
  std::cout << "runners: all hold\n";
}
