// SPDX-License-Identifier: Apache-2.0
//
// Writes on from a prompt, letter by letter: one package reads the prompt,
// another one adds a letter. What the model remembers, the keys and values of
// all letters so far, is a tensor of this program that both write to; their
// weights are the same memory.
//
//   textgen build/textgen "The GNU "
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <string>

#include "pt2/pt2.hpp"

namespace {

using pt2::Tensor;

// Reads letters and remembers them.
class Writer {
 public:
  explicit Writer(const std::string& folder)
      : prefill_(folder + "/prefill.pt2"), step_(folder + "/step.pt2") {
    shared_ = step_.get_runner()->share_constants(*prefill_.get_runner());
    // The cache has the sizes that the model tells: layers, keys and values,
    // heads, places, width.
    std::vector<int64_t> sizes;
    for (const auto& dim : step_.get_runner()->input_info(2).dims) {
      sizes.push_back(dim.max);
    }
    cache_ = pt2::zeros(sizes);
    capacity_ = sizes.at(3);
    scores_ = pt2::empty({step_.get_runner()->output_info(0).dims.at(0).max});
  }

  int64_t capacity() const { return capacity_; }
  int64_t length() const { return length_; }
  size_t shared_constants() const { return shared_; }

  // Reads the prompt's first letters at once (the package takes two or more),
  // the rest of short ones by steps.
  void read(const std::string& prompt) {
    std::vector<int64_t> letters(prompt.begin(), prompt.end());
    int64_t count = static_cast<int64_t>(letters.size());
    if (count == 0 || count > capacity_) {
      throw pt2::Error(PT2_STATUS_INVALID_ARGUMENT,
                       "the prompt has " + std::to_string(count) +
                           " letters, expected 1 to " +
                           std::to_string(capacity_));
    }
    for (int64_t letter : letters) {
      if (letter < 0 || letter >= scores_.numel()) {
        throw pt2::Error(PT2_STATUS_INVALID_ARGUMENT,
                         "the prompt has a letter that is not ASCII");
      }
    }
    if (count == 1) {
      return add(letters[0]);
    }
    std::vector<int64_t> places(letters.size());
    for (int64_t i = 0; i < count; ++i) places[static_cast<size_t>(i)] = i;
    const Tensor inputs[] = {
        pt2::from_blob(letters.data(), {count}, pt2::kLong),
        pt2::from_blob(places.data(), {count}, pt2::kLong), cache_};
    prefill_.get_runner()->run_into({inputs, 3}, {&scores_, 1});
    length_ = count;
  }

  // Adds one letter; nothing is allocated for it.
  void add(int64_t letter) {
    letter_.data<int64_t>()[0] = letter;
    place_.data<int64_t>()[0] = length_;
    const Tensor inputs[] = {letter_, place_, cache_};
    step_.get_runner()->run_into({inputs, 3}, {&scores_, 1});
    ++length_;
  }

  // The letter that the model thinks comes next.
  int64_t best() const {
    pt2::Span<const float> scores = scores_.span<const float>();
    return std::max_element(scores.begin(), scores.end()) - scores.begin();
  }

 private:
  pt2::AOTIModelPackageLoader prefill_, step_;
  Tensor cache_, scores_;
  Tensor letter_ = pt2::empty({1}, pt2::kLong);
  Tensor place_ = pt2::empty({1}, pt2::kLong);
  int64_t capacity_ = 0, length_ = 0;
  size_t shared_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3 || argc > 4) {
    std::cerr << "usage: " << argv[0] << " FOLDER PROMPT [LETTERS]\n";
    return 2;
  }
  try {
    // A letter is too little work for several threads.
    pt2::check(pt2_set_num_threads(1));
    Writer writer(argv[1]);
    std::string prompt = argv[2];
    writer.read(prompt);
    std::cout << prompt << std::flush;
    int64_t more = argc == 4 ? std::atoll(argv[3]) : writer.capacity();
    int64_t count = 0;
    auto start = std::chrono::steady_clock::now();
    // The last place holds a letter that is written but not read any more.
    while (count < more) {
      int64_t letter = writer.best();
      std::cout << static_cast<char>(letter) << std::flush;
      ++count;
      if (writer.length() + 1 >= writer.capacity() || count == more) break;
      writer.add(letter);
    }
    std::chrono::duration<double, std::micro> took =
        std::chrono::steady_clock::now() - start;
    std::cout << "\n";
    std::cerr << count << " letters, "
              << static_cast<int64_t>(
                     took.count() / static_cast<double>(count > 0 ? count : 1))
              << " us each; " << writer.shared_constants()
              << " constants shared\n";
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
}
