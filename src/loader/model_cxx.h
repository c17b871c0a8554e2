// SPDX-License-Identifier: Apache-2.0
//
// The few things that a model's C++ code needs C++ for.
#ifndef PT2_SRC_LOADER_MODEL_CXX_H_
#define PT2_SRC_LOADER_MODEL_CXX_H_

#if defined(__cplusplus)
extern "C" {
#endif

// Throws std::runtime_error(|text|). For the checks of PyTorch's ABI that
// throw; the C frames between need unwind tables, which x86-64 and aarch64
// compilers write by default.
__attribute__((noreturn)) void pt2__throw_runtime_error(const char* text);

// The model's std::cerr: a stream that says nothing.
void* pt2__model_cerr(void);

// The model's __cxa_throw: notes why (pt2__library_note_exception), then
// throws.
void* pt2__model_throw(void);

// The readable form of a mangled C++ name, NULL if it is none or memory is out.
// Freed with free().
char* pt2__demangle(const char* symbol);

#if defined(__cplusplus)
}
#endif

#endif  // PT2_SRC_LOADER_MODEL_CXX_H_
