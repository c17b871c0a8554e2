// SPDX-License-Identifier: Apache-2.0
//
// Back ends: what the library needs to know of a device to keep tensors on it
// and to run models that were compiled for it. docs/writing-a-backend.md leads
// through it; src/backends/null is one to copy.
#ifndef PT2_BACKEND_H_
#define PT2_BACKEND_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pt2/runner.h"
#include "pt2/status.h"
#include "pt2/tensor.h"

#if defined(__cplusplus)
extern "C" {
#endif

// Changes when something below changes its meaning. Fields that are appended to
// a struct do not change it: struct_bytes tells them.
#define PT2_BACKEND_ABI_VERSION 1

// A function that models of the device may import, and its address. The
// signatures are PyTorch's (torch/csrc/inductor/aoti_torch).
typedef struct pt2_backend_symbol_t {
  const char* name;  // "aoti_torch_cuda_addmm_out"
  void* address;
} pt2_backend_symbol_t;

// Between which memories a copy goes.
enum {
  PT2_COPY_TO_DEVICE = 0,    // from the host
  PT2_COPY_FROM_DEVICE = 1,  // to the host
  PT2_COPY_WITHIN = 2,       // on one device, or from one to another
};

// What a back end counts, so that a leak shows. Live numbers return to what
// they were once everything is released.
typedef struct pt2_backend_statistics_t {
  size_t struct_bytes;
  uint64_t live_bytes;  // in blocks handed out
  uint64_t live_blocks;
  uint64_t live_streams;
  uint64_t allocation_count;
  uint64_t copy_count[3];  // by PT2_COPY_*
  uint64_t copy_bytes[3];
  uint64_t fill_count;
  uint64_t synchronize_count;
  uint64_t kept_bytes;  // freed, and kept for reuse
  uint64_t kept_blocks;
  uint64_t reuse_count;  // allocations that were served from those kept
} pt2_backend_statistics_t;

// A back end. Fields marked (opt) may be NULL or 0.
//
// Errors:  a function that fails says why with pt2_backend_host_t::set_error
//          (or pt2_op_set_error) and returns a status other than OK; if it says
//          nothing the library writes "DEVICE: WHAT failed". It never throws,
//          prints, or ends the process.
// Threads: all functions may be called by any threads at once.
// Indices: 0 <= index < device_count; the library has turned -1 into one.
typedef struct pt2_backend_t {
  size_t struct_bytes;
  uint32_t abi_version;  // PT2_BACKEND_ABI_VERSION

  // The device's name in a package's metadata (AOTI_DEVICE_KEY), in messages,
  // and in the names of its operators (aoti_torch_<device>_<op>).
  const char* device;
  // PyTorch's number; each can be taken once in a process.
  pt2_device_type_t device_type;
  // (opt) What a model's container is told instead of |device|: PyTorch's
  // containers know "cpu", "cuda", "xpu" and "mps" alone. Its models then have
  // device index 0 only.
  const char* container_device;
  // The host may use the device's addresses once synchronize has returned. Then
  // operators that the back end lacks are this library's own, run on the host
  // in the device's memory: after a wait, results in new memory of the device.
  bool host_visible;

  // Passed to every function below.
  void* user;

  // (opt) Extra functions for this device's models; they go before the
  // library's own of the same name.
  const pt2_backend_symbol_t* symbols;
  size_t symbol_count;

  // (opt) Why there is no such device here ("no NVIDIA driver: libcuda.so.1 is
  // not installed"), NULL if there is one. The text lives as long as the
  // process. Called before anything else, at each creation of a runner.
  const char* (*why_unavailable)(void* user);

  // ---- Devices and streams ----
  // (opt, all or none) A back end without them has one device, index 0. The
  // current device belongs to the calling thread.
  pt2_status_t (*device_count)(void* user, int32_t* out_count);
  pt2_status_t (*get_device)(void* user, int32_t* out_index);
  pt2_status_t (*set_device)(void* user, int32_t index);

  // (opt, all or none) Streams: handles are what models of the device get
  // (CUDA: CUstream); NULL is the device's default stream. The current stream
  // of a device belongs to the calling thread.
  pt2_status_t (*create_stream)(void* user, int32_t index, void** out_stream);
  void (*destroy_stream)(void* user, int32_t index, void* stream);
  pt2_status_t (*get_stream)(void* user, int32_t index, void** out_stream);
  pt2_status_t (*set_stream)(void* user, int32_t index, void* stream);

  // Waits for all work of the device that was given before.
  pt2_status_t (*synchronize)(void* user, int32_t index);

  // ---- Memory ----
  // |bytes| > 0, aligned to 64. Uninitialised.
  pt2_status_t (*allocate)(void* user, int32_t index, size_t bytes,
                           void** out_data);
  // Work given before may still use it: to take it back only then is up to the
  // back end. |bytes| as it was asked for. Never called with NULL.
  void (*free)(void* user, int32_t index, void* data, size_t bytes);
  // Copies |bytes| > 0, which do not overlap, after all work given before on
  // the current stream. Copies to and from the host are over on return. The
  // host's side has no index (0).
  pt2_status_t (*copy)(void* user, int32_t kind, int32_t target_index,
                       void* target, int32_t source_index, const void* source,
                       size_t bytes);
  // Sets |bytes| > 0 to |value|, in the order of the current stream.
  pt2_status_t (*fill)(void* user, int32_t index, void* data, uint8_t value,
                       size_t bytes);

  // (opt) Creates runners; NULL: the base runner, which loads the model, tells
  // its container the device and calls it with the current device and stream
  // set.
  pt2_runner_create_fn create_runner;

  // (opt) Fills in what it counts; |out_statistics| is zeroed, with
  // struct_bytes set.
  void (*statistics)(void* user, pt2_backend_statistics_t* out_statistics);

  // (opt) Called in the thread, and with the current device, of a model's code
  // that has just returned (a run, the making of its container, the folding of
  // constants), whether it failed or not: time to hand over work that was
  // collected, and to tell of failures that the code did not look at. A status
  // other than OK fails the call.
  pt2_status_t (*end_run)(void* user, int32_t index);

  // (opt, both or none) The oldest release of PyTorch whose models of this
  // device run, as the minor number of 2.x, and why older ones do not ("their
  // code calls C++ classes of libtorch"). Older models are refused with it.
  int32_t oldest_torch_minor;
  const char* oldest_torch_reason;
  // (opt) Gives back memory that is freed and kept for reuse: pt2_memory_trim.
  void (*trim)(void* user);
} pt2_backend_t;

// Registers a back end: its device then has tensors and runners. The struct is
// copied; the strings and tables it points to must live as long as the process,
// since a back end is never taken away.
//
// Errors:  INVALID_ARGUMENT     a field that may not be is NULL, no such device
//                               type, several fields of which only some are
//                               set; the message names them
//          INCOMPATIBLE         another ABI version
//          FAILED_PRECONDITION  the name or the device type is taken
// Threads: any.
PT2_API PT2_MUST_USE pt2_status_t
pt2_backend_register(const pt2_backend_t* backend);

// The registered back end of |device|, the cpu's included; NULL if there is
// none. Lives as long as the process.
PT2_API const pt2_backend_t* pt2_backend_find(const char* device);

// The devices that this library has heard of: those with runners, in order of
// registration, then those that it only knows by name. NULL past the end.
PT2_API const char* pt2_backend_peek_device(size_t index);

// OK if models for |device| can run here.
//
// Errors: INCOMPATIBLE  why not
PT2_API PT2_MUST_USE pt2_status_t pt2_backend_require(const char* device);

// ---- Plug-ins ---------------------------------------------------------------

// What the library gives to a plug-in, which so need not be linked with it.
typedef struct pt2_backend_host_t {
  size_t struct_bytes;
  // pt2_op_set_error: records what went wrong in the calling thread.
  void (*set_error)(pt2_status_t status, const char* format, ...)
      PT2_PRINTF(2, 3);
  // pt2_shim_symbol: the library's own functions, to build on; tensors are read
  // with them too (aoti_torch_get_sizes, aoti_torch_get_data_ptr …).
  void* (*shim_symbol)(const char* device, const char* symbol);
} pt2_backend_host_t;

// The one function that a plug-in exports, as "pt2_backend_query": returns its
// back end, or NULL if it does not know |abi_version|. |host| lives as long as
// the process.
typedef const pt2_backend_t* (*pt2_backend_query_fn)(
    uint32_t abi_version, const pt2_backend_host_t* host);

// Loads a shared library that holds a back end and registers it. It is native
// code and runs with the rights of the process. Once registered it is never
// unloaded; on failure it is closed again.
//
// |out_device| (may be NULL) is the name of its device.
//
// Errors:  NOT_FOUND            no such file; no pt2_backend_query in it
//          INCOMPATIBLE         the dynamic linker refused it, in its words;
//                               another ABI version
//          and those of pt2_backend_register
// Threads: any.
PT2_API PT2_MUST_USE pt2_status_t pt2_backend_load(const char* path,
                                                   const char** out_device);

// ---- Tensors on a device ----------------------------------------------------

// pt2_tensor_create on a device; index -1: the thread's current one.
//
// Errors: INCOMPATIBLE      there is no back end for |device_type|
//         INVALID_ARGUMENT  no such index, and as pt2_tensor_create
//         OUT_OF_MEMORY, and those of the back end
PT2_API PT2_MUST_USE pt2_status_t
pt2_tensor_create_on(pt2_device_type_t device_type, int32_t device_index,
                     pt2_dtype_t dtype, size_t rank, const int64_t* sizes,
                     const int64_t* strides, pt2_tensor_t** out_tensor);

// Copies |source| to a device (or to the host, PT2_DEVICE_CPU): new memory of
// the same sizes and, where |source| has no gaps, strides. (torch: Tensor.to)
//
// Ownership: the caller owns |*out_tensor|.
// Errors:    as pt2_tensor_create_on
PT2_API PT2_MUST_USE pt2_status_t pt2_tensor_to(const pt2_tensor_t* source,
                                                pt2_device_type_t device_type,
                                                int32_t device_index,
                                                pt2_tensor_t** out_tensor);

#if defined(__cplusplus)
}
#endif

#endif  // PT2_BACKEND_H_
