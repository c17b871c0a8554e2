// SPDX-License-Identifier: Apache-2.0
//
// A runner's constants by torch's names: told, read, replaced, swapped, shared.
#include "check.h"

using pt2::Tensor;

static pt2::TensorMap scaled(const pt2::TensorMap& from, float factor) {
  pt2::TensorMap to;
  for (const auto& [name, tensor] : from) {
    Tensor copy = tensor.clone();
    for (float& value : copy.span<float>()) {
      value *= factor;
    }
    to.emplace(name, copy);
  }
  return to;
}

static void told_and_read() {
  pt2::AOTIModelPackageLoader loader(golden("mlp"));
  pt2::AOTIModelContainerRunner* runner = loader.get_runner();
  pt2::TensorMap weights = read_mlp_weights();
  auto names = runner->getConstantNamesToOriginalFQNs();
  CHECK(names.size() == weights.size());
  for (const auto& [name, fqn] : names) {
    CHECK(weights.count(fqn) == 1);
    CHECK(runner->getConstantNamesToDtypes().at(name) == PT2_DTYPE_F32);
  }
  CHECK(loader.get_constant_fqns().size() == weights.size());
  pt2::TensorMap extracted = runner->extract_constants_map(false);
  CHECK(extracted.size() == weights.size());
  for (const auto& [fqn, tensor] : extracted) {
    CHECK(distance(tensor, weights.at(fqn)) == 0 && tensor.is_read_only());
  }
  CHECK(runner->extract_constants_map(true).empty());
}

static void replaced_and_swapped() {
  pt2::AOTIModelContainerRunnerCpu runner(golden("mlp"));
  std::vector<Tensor> inputs = read_inputs("mlp");
  Tensor first = runner.run(inputs).at(0);
  pt2::TensorMap weights = read_mlp_weights();
  pt2::TensorMap twice = scaled(weights, 2);
  // Whole, into the inactive buffer, by pointers; then in force.
  pt2::TensorConstantMap pointers;
  for (auto& [name, tensor] : twice) {
    pointers.emplace(name, &tensor);
  }
  CHECK_THROWS(runner.swap_constant_buffer(), PT2_STATUS_FAILED_PRECONDITION,
               "weight");
  runner.update_inactive_constant_buffer(pointers);
  CHECK(distance(runner.run(inputs).at(0), first) == 0);
  runner.run_const_fold(true);
  runner.swap_constant_buffer();
  Tensor second = runner.run(inputs).at(0);
  CHECK(distance(second, first) > 1e-3);
  runner.swap_constant_buffer();
  CHECK(distance(runner.run(inputs).at(0), first) == 0);
  runner.free_inactive_constant_buffer();
  // Tensors of the program's, without a copy: kept as long as they are needed.
  runner.update_constant_buffer(twice, false, true, true);
  const void* theirs = twice.begin()->second.const_data_ptr();
  std::string name = twice.begin()->first;
  twice.clear();
  CHECK(distance(runner.run(inputs).at(0), second) < 1e-5);
  CHECK(runner.extract_constants_map(false).at(name).const_data_ptr() ==
        theirs);
  runner.update_constant_buffer_from_cpu(weights, false, true);
  CHECK(distance(runner.run(inputs).at(0), first) < 1e-5);
  runner.update_constant_buffer(pt2::TensorConstantMap{}, false, false);
}

static void refused() {
  pt2::AOTIModelPackageLoader loader(golden("mlp"));
  pt2::TensorMap weights = read_mlp_weights();
  weights.erase(weights.begin());
  CHECK_THROWS(loader.load_constants(weights, false, true),
               PT2_STATUS_INVALID_ARGUMENT, "weight");
  CHECK_THROWS(
      loader.load_constants({{"nobody", pt2::ones({1})}}, false, false),
      PT2_STATUS_NOT_FOUND, "nobody");
  CHECK_THROWS(loader.load_constants({}, false, false, true, true),
               PT2_STATUS_INVALID_ARGUMENT, "exclude");
  CHECK_THROWS(loader.update_constant_buffer(
                   {{loader.get_constant_fqns()[0], Tensor()}}, false, false),
               PT2_STATUS_INVALID_ARGUMENT, "");
  pt2::AOTIModelContainerRunner* runner = loader.get_runner();
  CHECK_THROWS(runner->load_constants("none.safetensors"), PT2_STATUS_NOT_FOUND,
               "none.safetensors");
  CHECK_THROWS(runner->update_constant_buffer_from_blob("none.blob"),
               PT2_STATUS_NOT_FOUND, "none.blob");
  CHECK_THROWS(runner->share_constants(*runner), PT2_STATUS_INVALID_ARGUMENT,
               "");
}

static void files_and_sharing() {
  pt2::RunnerOptions later;
  later.constants_later = true;
  pt2::AOTIModelPackageLoader loader(pt2::Package(golden("mlpnow")), later);
  std::vector<Tensor> inputs = read_inputs("mlpnow");
  Tensor expected = read_tensors("mlpnow.expected").at("0");
  CHECK_THROWS(loader.run(inputs), PT2_STATUS_FAILED_PRECONDITION, "weight");
  std::string file =
      std::string(PT2_TEST_GOLDEN) + "/avx2/mlp.weights.safetensors";
  CHECK_THROWS(loader.get_runner()->load_constants(file), PT2_STATUS_NOT_FOUND,
               "the model has no constant");
  loader.get_runner()->load_constants(file, false, true, true);
  CHECK(distance(loader.run(inputs).at(0), expected) < 1e-5);
  pt2::AOTIModelPackageLoader other(pt2::Package(golden("mlpnow")), later);
  CHECK(other.get_runner()->share_constants(*loader.get_runner(), true) == 3);
  auto shared = other.get_runner()->extract_constants_map(false);
  for (auto& [fqn, tensor] :
       loader.get_runner()->extract_constants_map(false)) {
    CHECK(shared.at(fqn).const_data_ptr() == tensor.const_data_ptr());
  }
  other.load_constants(read_mlp_weights(), false, true, false, true);
  CHECK(distance(other.run(inputs).at(0), expected) < 1e-5);
}

int main() {
  told_and_read();
  replaced_and_swapped();
  refused();
  files_and_sharing();
  std::cout << "constants: all hold\n";
}
