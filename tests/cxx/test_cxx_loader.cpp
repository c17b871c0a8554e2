// SPDX-License-Identifier: Apache-2.0
//
// pt2::AOTIModelPackageLoader and pt2::Package on golden packages.
#include <algorithm>
#include <fstream>
#include <iterator>

#include "check.h"

using pt2::Tensor;

static void answers(const std::string& release) {
  pt2::AOTIModelPackageLoader loader(golden("mlp", release));
  Tensor expected = read_tensors("mlp.expected").at("0");
  std::vector<Tensor> inputs = read_inputs("mlp");
  std::vector<Tensor> outputs = loader.run(inputs);
  CHECK(outputs.size() == 1 && distance(outputs[0], expected) < 1e-5);
  CHECK(inputs[0].defined());
  outputs = loader.boxed_run(std::move(inputs));
  CHECK(distance(outputs.at(0), expected) < 1e-5);
  CHECK(inputs.empty());  // NOLINT: it is told
  CHECK(loader.get_metadata().at("AOTI_DEVICE_KEY") == "cpu");
}

static void two_models() {
  pt2::AOTIModelPackageLoader second(golden("two"), "model2", false, 2);
  CHECK(distance(second.run(read_inputs("two")).at(0),
                 read_tensors("two.model2").at("0")) < 1e-5);
  CHECK(second.get_constant_fqns().empty());
  CHECK_THROWS(pt2::AOTIModelPackageLoader(golden("two"), "model3"),
               PT2_STATUS_NOT_FOUND, "model3");
  CHECK(pt2::AOTIModelPackageLoader::load_metadata_from_package(golden("two"),
                                                                "model2")
            .at("AOTI_PLATFORM") == "linux");
}

static void outputs_of_all_kinds() {
  pt2::AOTIModelPackageLoader loader(golden("kwargs"));
  std::vector<Tensor> outputs = loader.run(read_inputs("kwargs"));
  pt2::TensorMap expected = read_tensors("kwargs.expected");
  CHECK(outputs.size() == 3 && !outputs[1].defined());
  CHECK(distance(outputs[0], expected.at("0")) < 1e-5);
  CHECK(distance(outputs[2], expected.at("2")) < 1e-5);
  std::vector<std::string> spec = loader.get_call_spec();
  CHECK(spec.size() == 2 && spec[0].find("offset") != std::string::npos);
  pt2::AOTIModelPackageLoader dtypes(golden("dtypes"));
  expected = read_tensors("dtypes.expected");
  outputs = dtypes.run(read_inputs("dtypes"));
  CHECK(outputs.size() == expected.size());
  for (size_t i = 0; i < outputs.size(); ++i) {
    CHECK(distance(outputs[i], expected.at(std::to_string(i))) < 1e-2);
  }
}

static void refusals() {
  CHECK_THROWS(pt2::AOTIModelPackageLoader("no-such.pt2"), PT2_STATUS_NOT_FOUND,
               "no-such.pt2");
  CHECK_THROWS(pt2::AOTIModelPackageLoader(golden("cpponly")),
               PT2_STATUS_UNSUPPORTED, "sources");
  CHECK_THROWS(pt2::AOTIModelPackageLoader(golden("mlp"), "model", true, 2),
               PT2_STATUS_INVALID_ARGUMENT, "single-threaded");
  CHECK_THROWS(pt2::AOTIModelPackageLoader(golden("mlp"), "model", false, 1, 3),
               PT2_STATUS_INVALID_ARGUMENT, "device index 3");
  CHECK_THROWS(
      pt2::AOTIModelPackageLoader(golden("mlp"), "model", false, 1, -1, true),
      PT2_STATUS_UNSUPPORTED, "stream");
  pt2::AOTIModelPackageLoader loader(golden("mlp"), "model", true);
  CHECK_THROWS(loader.run({pt2::zeros({8, 15})}), PT2_STATUS_INVALID_ARGUMENT,
               "input 0 (ARGS[0]) dim 1: expected 16, got 15");
  CHECK_THROWS(loader.run({}), PT2_STATUS_INVALID_ARGUMENT, "1 inputs, got 0");
  CHECK_THROWS(loader.run({Tensor()}), PT2_STATUS_INVALID_ARGUMENT, "NULL");
  int deleted = 0;
  float data = 0;
  std::vector<Tensor> wrong;
  wrong.push_back(pt2::from_blob(&data, {1}, [&](void*) { ++deleted; }));
  CHECK_THROWS(loader.boxed_run(std::move(wrong)), PT2_STATUS_INVALID_ARGUMENT,
               "ARGS[0]");
  CHECK(deleted == 1);
  int stream = 0;
  CHECK_THROWS(loader.run({pt2::zeros({8, 16})}, &stream),
               PT2_STATUS_INVALID_ARGUMENT, "stream");
}

static void what_packages_tell() {
  pt2::Package package(golden("mlpdyn"), true);
  CHECK(package.path() == golden("mlpdyn"));
  CHECK(package.model_names() == std::vector<std::string>{"model"});
  CHECK(package.device() == "cpu");
  std::vector<pt2::ValueInfo> inputs = package.inputs("model");
  CHECK(inputs.size() == 1 && inputs[0].name == "ARGS[0]");
  CHECK(inputs[0].dtype == pt2::kFloat && inputs[0].has_rank);
  CHECK(inputs[0].dims[0].min == 2 && inputs[0].dims[0].max == 1024);
  CHECK(inputs[0].dims[0].symbol == "s77" && inputs[0].dims[1].max == 16);
  CHECK(package.outputs()[0].dims[1].min == 4);
  CHECK(std::none_of(package.preflight().begin(), package.preflight().end(),
                     [](const pt2::Finding& finding) {
                       return finding.severity == PT2_FINDING_ERROR;
                     }));
  // The package of a custom operator that nobody registered.
  bool named = false;
  for (const pt2::Finding& finding :
       pt2::Package(golden("customop")).preflight()) {
    named = named || (finding.severity == PT2_FINDING_ERROR &&
                      finding.subject == "pt2test::scale_add");
  }
  CHECK(named);
}

// A loader keeps what it needs of its package, and moves.
static void lives_and_moves() {
  std::ifstream file(golden("mlp"), std::ios::binary);
  std::vector<char> bytes{std::istreambuf_iterator<char>(file), {}};
  std::unique_ptr<pt2::AOTIModelPackageLoader> loader;
  {
    pt2::Package package =
        pt2::Package::from_memory(bytes.data(), bytes.size());
    CHECK(pt2::Package::retain(package.get()).path() == "<memory>");
    loader = std::make_unique<pt2::AOTIModelPackageLoader>(package);
  }
  pt2::AOTIModelPackageLoader moved(std::move(*loader));
  loader.reset();
  Tensor kept = moved.run(read_inputs("mlp")).at(0);
  { pt2::AOTIModelPackageLoader ended(std::move(moved)); }
  CHECK(distance(kept, read_tensors("mlp.expected").at("0")) < 1e-5);
  static_assert(!std::is_copy_constructible_v<pt2::AOTIModelPackageLoader>);
  static_assert(
      !std::is_move_constructible_v<pt2::AOTIModelContainerRunnerCpu>);
}

int main() {
  for (const char* release : {"2.6.0", "2.10.0", "2.15.0"}) {
    answers(release);
  }
  two_models();
  outputs_of_all_kinds();
  refusals();
  what_packages_tell();
  lives_and_moves();
  std::cout << "loader: all hold\n";
}
