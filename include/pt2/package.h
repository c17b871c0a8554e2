// SPDX-License-Identifier: Apache-2.0
//
// Packages: a .pt2 archive, an unpacked one, or a bare model.so.
//
// A package is native code: whoever can write one can run code in the process
// that loads it. Opening and inspecting a package runs none of that code;
// creating a runner (pt2/runner.h) does.
#ifndef PT2_PACKAGE_H_
#define PT2_PACKAGE_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pt2/status.h"
#include "pt2/tensor.h"

#if defined(__cplusplus)
extern "C" {
#endif

// An opened package: its bytes mapped, its directory read. Immutable.
//
// Threads: any number of threads may use one package at once.
typedef struct pt2_package_t pt2_package_t;

// Options of the open functions; start from pt2_package_options_init.
typedef struct pt2_package_options_t {
  size_t struct_bytes;
  // Verify the CRC-32 of every entry of the archive, weights included. Without
  // it the entries that open reads are verified up to 16 MiB each: the
  // metadata, the source, and the .so unless it carries more weights than that.
  // Costs about 0.3 ms for each MiB where the file is in the page cache.
  bool verify;
} pt2_package_options_t;

// Sets the options to their defaults. The second form takes the size of the
// caller's struct, for callers in other languages.
PT2_API void pt2_package_options_init_sized(pt2_package_options_t* options,
                                            size_t struct_bytes);
static inline void pt2_package_options_init(pt2_package_options_t* options) {
  pt2_package_options_init_sized(options, sizeof(*options));
}

// Opens the package at |path|: a .pt2 file, a folder that one was unpacked to,
// or a model .so whose side files (<stem>.json, <stem>_metadata.json, .cpp,
// _weights.blob) lie beside it.
//
// |options| may be NULL. No file is written and nothing is left behind; stored
// entries are mapped, deflated ones are inflated to memory.
//
// Ownership: the caller owns |*out_package| (pt2_package_release).
// Errors:    NOT_FOUND, IO     the file cannot be opened or mapped
//            CORRUPT           damaged archive, wrong CRC, "..", absolute name
//            UNSUPPORTED       no model inside, sources only (package_cpp_only)
//            OUT_OF_MEMORY
//            On error |*out_package| is untouched.
// Threads:   any.
// Cost:      O(entries); weights beyond 16 MiB are mapped, not read.
PT2_API PT2_MUST_USE pt2_status_t
pt2_package_open(const char* path, const pt2_package_options_t* options,
                 pt2_package_t** out_package);

// The same from an open file descriptor of a .pt2 or a .so, which is
// duplicated: the caller may close |fd| as soon as the call returns.
PT2_API PT2_MUST_USE pt2_status_t pt2_package_open_fd(
    int fd, const pt2_package_options_t* options, pt2_package_t** out_package);

// The same from |size_bytes| bytes in memory.
//
// Ownership: |data| is borrowed and must stay unchanged until the package and
//            every runner made from it are gone.
PT2_API PT2_MUST_USE pt2_status_t pt2_package_open_memory(
    const void* data, size_t size_bytes, const pt2_package_options_t* options,
    pt2_package_t** out_package);

// Adds and drops a reference, the last one closes the package; NULL is
// allowed. Runners keep the package that they were made from.
//
// Threads: any.
PT2_API void pt2_package_retain(pt2_package_t* package);
PT2_API void pt2_package_release(pt2_package_t* package);

// The path given to pt2_package_open, "<fd>" or "<memory>" otherwise.
PT2_API const char* pt2_package_peek_path(const pt2_package_t* package);

// Number of models inside, at least 1, and the name of each ("model" unless
// the packager chose another). The name is borrowed from the package; NULL if
// |model| is out of range.
PT2_API size_t pt2_package_model_count(const pt2_package_t* package);
PT2_API const char* pt2_package_peek_model_name(const pt2_package_t* package,
                                                size_t model);

// Finds a model by name. NULL means "model", or the only one there is.
//
// Errors: NOT_FOUND  the message lists the names that exist
PT2_API PT2_MUST_USE pt2_status_t pt2_package_find_model(
    const pt2_package_t* package, const char* name, size_t* out_model);

// The model's metadata: a flat map of strings (AOTI_DEVICE_KEY, AOTI_CPU_ISA,
// … and whatever the packager added). peek returns NULL if |key| is absent;
// strings are borrowed from the package.
PT2_API size_t pt2_package_metadata_count(const pt2_package_t* package,
                                          size_t model);
PT2_API PT2_MUST_USE pt2_status_t pt2_package_metadata_at(
    const pt2_package_t* package, size_t model, size_t index,
    const char** out_key, const char** out_value);
PT2_API const char* pt2_package_peek_metadata(const pt2_package_t* package,
                                              size_t model, const char* key);

// One dimension: size in [min, max]. A fixed one has min == max and no symbol.
typedef struct pt2_dim_info_t {
  int64_t min;
  int64_t max;         // INT64_MAX: unbounded
  const char* symbol;  // "s77", or an expression of such; NULL if fixed (or
                       // dynamic and not named by the source)
  int64_t stride;      // in elements; PT2_STRIDE_ANY if not fixed
} pt2_dim_info_t;

// A stride that the model does not fix.
#define PT2_STRIDE_ANY INT64_MIN

// What is known of an input or output without running the model.
typedef struct pt2_value_info_t {
  const char* name;           // the user's: "ARGS[0]", "KWARGS[mask]", "RESULT"
  const char* internal_name;  // the model's: "arg5_1", "output0"
  pt2_dtype_t dtype;          // PT2_DTYPE_UNDEFINED if unknown
  pt2_device_type_t device_type;
  int32_t rank;                // -1 if unknown
  const pt2_dim_info_t* dims;  // |rank| entries, NULL if rank is unknown or 0
} pt2_value_info_t;

// Inputs and outputs as the model's own source tells them (stock packages
// carry it); 0 of them if it is not there or contradicts itself. An input whose
// facts are not in the package (torch 2.6) has rank -1.
//
// Ownership: everything in |*out_info| is borrowed from the package.
// Errors:    INVALID_ARGUMENT  |index| out of range
PT2_API size_t pt2_package_input_count(const pt2_package_t* package,
                                       size_t model);
PT2_API PT2_MUST_USE pt2_status_t
pt2_package_input_info(const pt2_package_t* package, size_t model, size_t index,
                       pt2_value_info_t* out_info);
PT2_API size_t pt2_package_output_count(const pt2_package_t* package,
                                        size_t model);
PT2_API PT2_MUST_USE pt2_status_t
pt2_package_output_info(const pt2_package_t* package, size_t model,
                        size_t index, pt2_value_info_t* out_info);

// One constant (parameter or buffer) as the model's source tells it.
typedef struct pt2_constant_info_t {
  const char* name;  // internal: "a_weight"
  const char* fqn;   // as in the state dict: "a.weight"
  pt2_dtype_t dtype;
  int32_t rank;
  const int64_t* sizes;
  const int64_t* strides;
  int64_t size_bytes;  // in the weights: padded to 64 on the CPU; -1 unknown
  int32_t kind;  // 0 unknown 1 parameter 2 buffer 3 tensor constant 4 folded
} pt2_constant_info_t;

// The constants in the model's own order; 0 of them if the source does not
// tell.
//
// Ownership: everything in |*out_info| is borrowed from the package.
// Errors:    INVALID_ARGUMENT  |index| out of range
PT2_API size_t pt2_package_constant_count(const pt2_package_t* package,
                                          size_t model);
PT2_API PT2_MUST_USE pt2_status_t
pt2_package_constant_info(const pt2_package_t* package, size_t model,
                          size_t index, pt2_constant_info_t* out_info);

// Where the weights are and how many bytes they take.
enum {
  PT2_WEIGHTS_NONE = 0,      // the model has none
  PT2_WEIGHTS_IN_SO = 1,     // a section of the .so
  PT2_WEIGHTS_APPENDED = 2,  // behind the .so (force_mmap_weights)
  PT2_WEIGHTS_BLOB = 3,      // a .blob beside it
  PT2_WEIGHTS_PICKLES = 4,   // one torch.save file for each (torch >= 2.8)
  PT2_WEIGHTS_MISSING = 5,   // not in the package: they must be given
};
PT2_API int32_t pt2_package_weights_kind(const pt2_package_t* package,
                                         size_t model);
PT2_API uint64_t pt2_package_weights_bytes(const pt2_package_t* package,
                                           size_t model);

// The releases of PyTorch that can have written the package ("2.8 or 2.9"),
// told by its features, since no field says it. Borrowed.
PT2_API const char* pt2_package_peek_torch_release(const pt2_package_t* package,
                                                   size_t model);

// ---- Preflight: will it run here? -----------------------------------------

// How much a finding matters.
enum {
  PT2_FINDING_INFO = 0,
  PT2_FINDING_WARNING = 1,  // it runs, but something is worth knowing
  PT2_FINDING_ERROR = 2,    // it does not run here
};

// One thing that preflight found. Strings are borrowed from the report.
typedef struct pt2_finding_t {
  int32_t severity;
  pt2_status_t status;  // the status pt2_runner_create would return
  const char* kind;     // "operator", "custom-op", "cpu-isa", "device", …
  const char* subject;  // "aten::_cdist_forward", "AVX512_VNNI", …
  const char* message;  // a whole sentence
} pt2_finding_t;

// What preflight found for one model.
//
// Threads: immutable; any number of threads may use one at once.
typedef struct pt2_preflight_t pt2_preflight_t;

// Tells, without running any of the package's code, what the model needs and
// whether it is here: operators by ATen name, custom operators, CPU features,
// architecture, platform, device, C++ imports of libtorch, packed weights,
// versions of libstdc++ and libgomp.
//
// A model that cannot run is no error of this call: it returns OK and the
// report says so (pt2_preflight_runs).
//
// Ownership: the caller owns |*out_report| (pt2_preflight_destroy).
// Errors:    INVALID_ARGUMENT, OUT_OF_MEMORY, CORRUPT (the .so is damaged)
// Threads:   any.
PT2_API PT2_MUST_USE pt2_status_t pt2_package_preflight(
    pt2_package_t* package, size_t model, pt2_preflight_t** out_report);
PT2_API void pt2_preflight_destroy(pt2_preflight_t* report);

// True if no finding is an error.
PT2_API bool pt2_preflight_runs(const pt2_preflight_t* report);
PT2_API size_t pt2_preflight_finding_count(const pt2_preflight_t* report);
PT2_API PT2_MUST_USE pt2_status_t pt2_preflight_finding_at(
    const pt2_preflight_t* report, size_t index, pt2_finding_t* out_finding);
// How many PyTorch functions the model imports and how many of them are here.
PT2_API size_t pt2_preflight_import_count(const pt2_preflight_t* report);
PT2_API size_t pt2_preflight_bound_count(const pt2_preflight_t* report);

// One operator that the model calls. Strings are borrowed from the report.
typedef struct pt2_operator_info_t {
  const char* name;    // "aten::addmm", "mylib::op"
  const char* symbol;  // the import that stands for it; NULL if it is called
                       // by name (torch: proxy executor)
  bool is_here;        // this library, or who registered it, has it
} pt2_operator_info_t;

// The operators, each once, in alphabetic order. 0 if the model is for another
// platform, whose imports are not read.
//
// Errors: INVALID_ARGUMENT  |index| out of range
PT2_API size_t pt2_preflight_operator_count(const pt2_preflight_t* report);
PT2_API PT2_MUST_USE pt2_status_t
pt2_preflight_operator_at(const pt2_preflight_t* report, size_t index,
                          pt2_operator_info_t* out_operator);

#if defined(__cplusplus)
}
#endif

#endif  // PT2_PACKAGE_H_
