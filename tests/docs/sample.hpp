// SPDX-License-Identifier: Apache-2.0
//
// A header for the test of scripts/cpp_reference.py; nobody includes it.
//
//   pt2::Thing thing;
//
//   thing.size();
//
// Rules:
//  - One thing
//    at a time.
//  - No more.
#ifndef PT2_SAMPLE_HPP_
#define PT2_SAMPLE_HPP_
namespace pt2 {

// ---- Things -----------------------------------------------------------------

// A thing; "{" in a comment or '}' is none.
class Thing : public Base {
 public:
  explicit Thing(int size = 1) : Base("{;}"), size_(size) {
    if (size_) {
      grow();
    }
  }
  // Its size: at least 1.
  int size() const noexcept { return size_; }
  std::vector<int> all(Options options = {}) const;
  int limit{3};

 private:
  void grow();
  int size_;
};

namespace detail {
// Not for readers.
inline void hidden() {}
}  // namespace detail

inline std::vector<int> Thing::all(Options options) const { return {1, 2}; }

// Makes one.
template <typename T>
inline Thing make(T value) {
  return Thing(value);
}
inline constexpr int kMost = 7;

enum class Kind : int { A = 1, B };

}  // namespace pt2
#endif  // PT2_SAMPLE_HPP_
