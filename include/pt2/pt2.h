// SPDX-License-Identifier: Apache-2.0
//
// libpt2: loads and runs the packages (.pt2) that PyTorch's ahead-of-time
// compiler, AOTInductor, writes; without libtorch and without Python.
//
// Rules that hold for every function here:
//  - Ownership. create, open: the caller owns the result and gives it back with
//    the matching destroy or release. retain / release: shared objects, atomic.
//    peek: borrowed from the object. Outputs are the last parameters, named
//    out_, and untouched on failure. destroy and release take NULL.
//  - Errors. Functions that can fail return a pt2_status_t; what happened is in
//    pt2_error_message() of the same thread. The library never prints, aborts
//    or exits.
//  - Threads. Objects may be used by one thread at a time unless their comment
//    says more. Runners may be run by many.
//  - Strings are UTF-8 and NUL-terminated. Sizes end in _bytes or _count. Dims
//    and strides are int64_t; strides are in elements.
//  - Option structs begin with struct_bytes, the size that the program was
//  built
//    with, and are set up by their _init function: a program runs with a later
//    library, and with an earlier one as long as it sets no field that this one
//    does not know (UNSUPPORTED). Structs that are filled in have their
//    struct_bytes set by the caller.
#ifndef PT2_PT2_H_
#define PT2_PT2_H_

#include "pt2/backend.h"
#include "pt2/call_spec.h"
#include "pt2/constants.h"
#include "pt2/dlpack.h"
#include "pt2/log.h"
#include "pt2/memory.h"
#include "pt2/observer.h"
#include "pt2/op.h"
#include "pt2/package.h"
#include "pt2/runner.h"
#include "pt2/status.h"
#include "pt2/tensor.h"
#include "pt2/trace.h"
#include "pt2/view.h"
#include "pt2/weights.h"

// The version of these headers; pt2_version tells that of the library.
#define PT2_VERSION_MAJOR 0
#define PT2_VERSION_MINOR 1
#define PT2_VERSION_PATCH 0

#if defined(__cplusplus)
extern "C" {
#endif

// The version of the library that is loaded, as "0.1.0". Static.
PT2_API const char* pt2_version(void);

// The number of threads that operators use at most (OpenMP's; the kernels
// inside a model carry the number they were compiled for). At least 1. An
// operator gives the same bits with any number.
PT2_API int32_t pt2_num_threads(void);
PT2_API PT2_MUST_USE pt2_status_t pt2_set_num_threads(int32_t count);

// Seeds the random number generator that rand, randn and dropout use, as
// torch.manual_seed does. Any thread; models that run meanwhile see either.
PT2_API void pt2_manual_seed(uint64_t seed);

// The address of the function that this library binds to a model's import
// |symbol| ("aoti_torch_cpu_addmm_out") on |device| ("cpu"), NULL if it has
// none. For tests, tracers and tools; the signatures are PyTorch's
// (torch/csrc/inductor/aoti_torch).
PT2_API void* pt2_shim_symbol(const char* device, const char* symbol);

#if defined(__cplusplus)
}
#endif

#endif  // PT2_PT2_H_
