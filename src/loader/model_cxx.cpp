// SPDX-License-Identifier: Apache-2.0
#include "loader/model_cxx.h"

#include <cxxabi.h>

#include <new>
#include <ostream>
#include <stdexcept>
#include <streambuf>
#include <typeinfo>

extern "C" void pt2__library_note_exception(const char* text);

namespace {

// Takes everything and keeps nothing, so that the stream never turns bad.
class Silence : public std::streambuf {
 protected:
  int_type overflow(int_type c) override { return traits_type::not_eof(c); }
  std::streamsize xsputn(const char*, std::streamsize count) override {
    return count;
  }
};

// Never destroyed: a model may write to it while the process ends.
struct SilentStream {
  Silence buffer;
  std::ostream stream{&buffer};
};

[[noreturn]] void note_and_throw(void* exception, std::type_info* type,
                                 void (*destroy)(void*)) {
#if defined(__GLIBCXX__)
  // The object as a std::exception, wherever that base lies in it.
  void* base = exception;
  if (typeid(std::exception).__do_catch(type, &base, 1)) {
    pt2__library_note_exception(
        static_cast<const std::exception*>(base)->what());
  }
#endif
  abi::__cxa_throw(exception, type, destroy);
}

}  // namespace

extern "C" void pt2__throw_runtime_error(const char* text) {
  throw std::runtime_error(text);
}

extern "C" void* pt2__model_cerr(void) {
  alignas(SilentStream) static unsigned char storage[sizeof(SilentStream)];
  static SilentStream* const silent = new (storage) SilentStream;
  return static_cast<std::ostream*>(&silent->stream);
}

extern "C" void* pt2__model_throw(void) {
  return reinterpret_cast<void*>(&note_and_throw);
}

extern "C" char* pt2__demangle(const char* symbol) {
  int status = 0;
  return abi::__cxa_demangle(symbol, nullptr, nullptr, &status);
}
