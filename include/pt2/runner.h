// SPDX-License-Identifier: Apache-2.0
//
// Runners: load a package's model and run it. The counterpart of PyTorch's
// AOTIModelContainerRunner and AOTIModelPackageLoader.
#ifndef PT2_RUNNER_H_
#define PT2_RUNNER_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pt2/package.h"
#include "pt2/status.h"
#include "pt2/tensor.h"

#if defined(__cplusplus)
extern "C" {
#endif

// A loaded model with its instances.
//
// Threads: any number of threads may call run at once; up to num_runners runs
// execute, further callers wait for a free instance. A single-threaded runner
// may be called by one thread at a time.
typedef struct pt2_runner_t pt2_runner_t;

struct pt2_event_t;  // pt2/observer.h
struct pt2_trace_t;  // pt2/trace.h

// A tensor by name, as an update of constants takes it (pt2/constants.h). Both
// are borrowed.
typedef struct pt2_named_tensor_t {
  const char* name;
  pt2_tensor_t* tensor;
} pt2_named_tensor_t;

// How inputs are checked before they reach the model.
enum {
  // Count, dtype, device, rank, every dimension and its range, fixed strides.
  PT2_INPUT_CHECKS_FULL = 0,
  // Only the count. A wrong input then gives wrong results or reads out of
  // bounds, as with stock PyTorch.
  PT2_INPUT_CHECKS_OFF = 1,
};

// Options of pt2_runner_create; start from pt2_runner_options_init.
typedef struct pt2_runner_options_t {
  size_t struct_bytes;
  // Which model of the package; NULL: "model", or the only one.
  const char* model_name;
  // Number of instances, at least 1; 1 if single-threaded. (torch: num_models)
  size_t num_runners;
  // No locks: the caller promises one call at a time. Torch 2.7 and later.
  bool run_single_threaded;
  // Device index, -1 for the thread's current one. Only -1 and 0 exist on the
  // cpu.
  int32_t device_index;
  int32_t input_checks;  // PT2_INPUT_CHECKS_*
  // Keep the edited copy of the model's code as this file, for debuggers and
  // profilers; NULL: in anonymous memory.
  const char* debug_copy_path;
  // Folder for the code's copy where executable anonymous memory is forbidden
  // (vm.memfd_noexec); the file is unlinked at once. NULL: $TMPDIR or /tmp.
  const char* temp_folder;
  // Create the runner though weights are missing in the package; runs are
  // refused until they are all there (pt2/constants.h).
  bool constants_later;
  // The constants that the model is created with, instead of the package's: all
  // of them, user-managed where they fit (pt2_runner_load_constants says
  // where), else copied. Of weights that the package has nothing is read but
  // what the model copies by itself: small ones, and all of a model that
  // changes its weights. NULL: the package's.
  const pt2_named_tensor_t* constants;
  size_t constant_count;
  // Give each stream an instance of its own for as long as that is idle or the
  // stream's (torch: use_stream_affinity), so that its runs queue up behind one
  // another instead of spreading out. Models of torch 2.15 and later, on a
  // device with streams, not single-threaded.
  bool use_stream_affinity;
  // Records what this runner and its model do, on whichever threads
  // (pt2/trace.h); retained. NULL: nothing is recorded, nothing is paid.
  struct pt2_trace_t* trace;
  // Called with |observe_user| for this runner's load, runs and changes of
  // constants, as an observer of the process is (pt2/observer.h) and after
  // those; it cannot be removed, so |observe_user| must outlive the runner.
  // NULL: nobody.
  void (*observe)(void* observe_user, const struct pt2_event_t* event);
  void* observe_user;
} pt2_runner_options_t;

// Sets the options to their defaults. The second form takes the size of the
// caller's struct, for callers in other languages.
PT2_API void pt2_runner_options_init_sized(pt2_runner_options_t* options,
                                           size_t struct_bytes);
static inline void pt2_runner_options_init(pt2_runner_options_t* options) {
  pt2_runner_options_init_sized(options, sizeof(*options));
}

// Loads a model of |package| on the device that its metadata names, through
// the registry of runners. Preflight comes first: what cannot run here is
// refused by name before any of its code is executed.
//
// |options| may be NULL.
//
// Ownership: the caller owns |*out_runner| (pt2_runner_release); it retains
//            |package|.
// Errors:    NOT_FOUND            no such model
//            INVALID_ARGUMENT     zero runners, several when single-threaded
//            UNSUPPORTED          operators that are not here, by name
//            INCOMPATIBLE         another CPU, platform or device
//            FAILED_PRECONDITION  the weights are not in the package
//            NOT_FOUND, INVALID_ARGUMENT  options.constants, as
//                                 pt2_runner_update_constants
//            MODEL_ERROR          the model refused to be created
//            OUT_OF_MEMORY, IO, CORRUPT
//            On error |*out_runner| is untouched.
// Threads:   any.
PT2_API PT2_MUST_USE pt2_status_t
pt2_runner_create(pt2_package_t* package, const pt2_runner_options_t* options,
                  pt2_runner_t** out_runner);

// Adds and drops a reference, the last one unloads the model; NULL is allowed.
// Whoever runs a model holds a reference until the run is over. Its outputs
// stay.
//
// Threads: any.
PT2_API void pt2_runner_retain(pt2_runner_t* runner);
PT2_API void pt2_runner_release(pt2_runner_t* runner);

// Runs the model once.
//
// |inputs| holds |input_count| tensors in call order (tensors only: the leaves
// of the call spec). |outputs| has room for |output_count| entries, which must
// be the model's output count; an entry is NULL for an output that is None.
//
// Ownership: inputs are borrowed. The caller owns each entry of |outputs|
//            that is not NULL (pt2_tensor_release each, duplicates too: two
//            entries may share one storage, and an output may share an
//            input's).
// Errors:    INVALID_ARGUMENT  "input 0 (ARGS[0]) dim 1: expected 256, got 255"
//            MODEL_ERROR       an operator or the model's code failed
//            OUT_OF_MEMORY
//            On error |outputs| is untouched.
// Threads:   see pt2_runner_t.
PT2_API PT2_MUST_USE pt2_status_t pt2_runner_run(pt2_runner_t* runner,
                                                 pt2_tensor_t* const* inputs,
                                                 size_t input_count,
                                                 pt2_tensor_t** outputs,
                                                 size_t output_count);

// The same, but takes the inputs over: each is released as soon as the model
// needs it no more (torch: boxed_run), so that its memory can be used again.
//
// Ownership: every entry of |inputs| belongs to the runner and is set to NULL,
//            on failure too.
PT2_API PT2_MUST_USE pt2_status_t pt2_runner_run_boxed(pt2_runner_t* runner,
                                                       pt2_tensor_t** inputs,
                                                       size_t input_count,
                                                       pt2_tensor_t** outputs,
                                                       size_t output_count);

// ---- Waiting for an instance ------------------------------------------------

// Takes back calls that wait, from another thread. Once set it stays set.
//
// Threads: any. It must outlive the calls that it was given to.
typedef struct pt2_cancel_t pt2_cancel_t;

// Makes a cancel that is not set, sets it, frees it (NULL is allowed).
//
// Ownership: the caller owns |*out_cancel| (pt2_cancel_destroy).
// Errors:    OUT_OF_MEMORY
// Threads:   any; destroy it when no call uses it any more.
PT2_API PT2_MUST_USE pt2_status_t pt2_cancel_create(pt2_cancel_t** out_cancel);
PT2_API void pt2_cancel_set(pt2_cancel_t* cancel);
PT2_API void pt2_cancel_destroy(pt2_cancel_t* cancel);

// Options of one run; start from pt2_run_options_init.
typedef struct pt2_run_options_t {
  size_t struct_bytes;
  // How long to wait for a free instance, in nanoseconds; negative (the
  // default): as long as it takes, 0: not at all.
  int64_t timeout_ns;
  // Ends the waiting when it is set; NULL: nothing does. A run that has begun
  // goes on to its end: compiled code cannot be interrupted.
  pt2_cancel_t* cancel;
  // Inputs are taken over, as by pt2_runner_run_boxed.
  bool boxed;
  // An entry of |outputs| that is not NULL before the call is the tensor to
  // write that output to: it must have the output's dtype and sizes, any
  // strides. It is copied there, and stays the caller's.
  bool outputs_given;
  // The device's stream to run in, as its back end makes them (CUDA: a
  // CUstream); NULL: the thread's current one. The call does not wait for it.
  // INVALID_ARGUMENT where a device has none, as the cpu.
  void* stream;
} pt2_run_options_t;

// Sets the options to their defaults. The second form takes the size of the
// caller's struct, for callers in other languages.
PT2_API void pt2_run_options_init_sized(pt2_run_options_t* options,
                                        size_t struct_bytes);
static inline void pt2_run_options_init(pt2_run_options_t* options) {
  pt2_run_options_init_sized(options, sizeof(*options));
}

// pt2_runner_run with options; NULL: the defaults. Calls are let in in the
// order in which they came.
//
// Errors: TIMEOUT, CANCELLED  before the model was called
//         INVALID_ARGUMENT    an output given does not fit or may only be
//                             read; the model has run
//         and those of pt2_runner_run
PT2_API PT2_MUST_USE pt2_status_t
pt2_runner_run_with(pt2_runner_t* runner, pt2_tensor_t** inputs,
                    size_t input_count, pt2_tensor_t** outputs,
                    size_t output_count, const pt2_run_options_t* options);

// Calls that the model runs and calls that wait, at this moment.
PT2_API void pt2_runner_load(pt2_runner_t* runner, size_t* out_running_count,
                             size_t* out_waiting_count);

// What a runner holds, in bytes.
typedef struct pt2_runner_statistics_t {
  size_t struct_bytes;
  size_t instance_count;
  // The private copy of the model's code and tables.
  uint64_t code_bytes;
  // Constants that are used where the package maps them: pages of the file,
  // which the system shares among processes and can drop.
  uint64_t mapped_weight_bytes;
  // Constants in memory: those of the active buffer, and what the inactive one
  // holds besides. Memory that the user manages is among them; constants that
  // are folded, by the model itself, are not.
  uint64_t active_weight_bytes;
  uint64_t inactive_weight_bytes;
  // Copies of constants that kernels made in layouts of their own, so far. -1
  // for models before torch 2.8, whose constants cannot be reached.
  int64_t packed_weight_bytes;
} pt2_runner_statistics_t;

// Fills the fields that |statistics->struct_bytes| covers; the caller sets it
// to sizeof(pt2_runner_statistics_t).
//
// Errors:  INVALID_ARGUMENT  NULL, or struct_bytes is too small
//          OUT_OF_MEMORY
// Threads: any, also while others run the model; it waits for a change of the
//          constants.
PT2_API PT2_MUST_USE pt2_status_t pt2_runner_statistics(
    pt2_runner_t* runner, pt2_runner_statistics_t* statistics);

// The device of the model: its inputs must be there, its outputs are there.
PT2_API pt2_device_type_t pt2_runner_device_type(const pt2_runner_t* runner);
PT2_API int32_t pt2_runner_device_index(const pt2_runner_t* runner);

// How many tensors a run takes and gives.
PT2_API size_t pt2_runner_input_count(const pt2_runner_t* runner);
PT2_API size_t pt2_runner_output_count(const pt2_runner_t* runner);

// Facts of an input or output; see pt2_package_input_info.
PT2_API PT2_MUST_USE pt2_status_t pt2_runner_input_info(
    const pt2_runner_t* runner, size_t index, pt2_value_info_t* out_info);
PT2_API PT2_MUST_USE pt2_status_t pt2_runner_output_info(
    const pt2_runner_t* runner, size_t index, pt2_value_info_t* out_info);

// The model's call spec: pytree JSON of the arguments and of the result.
// Borrowed from the runner.
PT2_API PT2_MUST_USE pt2_status_t
pt2_runner_call_spec(const pt2_runner_t* runner, const char** out_in_spec,
                     const char** out_out_spec);

// The package the runner was made from. Borrowed.
PT2_API pt2_package_t* pt2_runner_peek_package(const pt2_runner_t* runner);

// ---- Registry of runners by device ----------------------------------------

// Creates a runner for |model| of |package|; what pt2_runner_create calls once
// it knows the device. Same contract as pt2_runner_create.
typedef pt2_status_t (*pt2_runner_create_fn)(
    pt2_package_t* package, size_t model, const pt2_runner_options_t* options,
    pt2_runner_t** out_runner);

// Registers |create| for packages whose metadata names |device| (torch:
// RegisterAOTIModelRunner). |device| is copied.
//
// Errors:  INVALID_ARGUMENT     NULL or empty name
//          FAILED_PRECONDITION  the name is taken
// Threads: any.
PT2_API PT2_MUST_USE pt2_status_t
pt2_runner_register(const char* device, pt2_runner_create_fn create);

// The registered names, back ends' (pt2/backend.h) included, in order of
// registration. peek returns NULL past the
// end; the string lives as long as the process.
PT2_API size_t pt2_runner_registry_count(void);
PT2_API const char* pt2_runner_registry_peek_device(size_t index);

// ---- PyTorch's constructors -----------------------------------------------

// The runner of a bare model .so on the cpu, with the arguments of
// AOTIModelContainerRunnerCpu(model_so_path, num_models, run_single_threaded).
// The same contract as pt2_package_open followed by pt2_runner_create.
PT2_API PT2_MUST_USE pt2_status_t
pt2_runner_create_cpu(const char* model_so_path, size_t num_models,
                      bool run_single_threaded, pt2_runner_t** out_runner);

// The runner of a bare model .so (or a package) on mps, with the arguments of
// create_aoti_runner_mps(model_so_path, num_models, device_str, cubin_dir,
// run_single_threaded), which AOTIModelContainerRunnerMps(model_so_path,
// num_models, run_single_threaded) calls with "mps" and "". |device_str| is
// exactly "mps", without an index; |cubin_dir| may be NULL or empty and is not
// looked at. There is a runner for mps on Apple systems, or where a back end
// for it was loaded.
//
// Errors: INVALID_ARGUMENT  another |device_str|; it is named
//         INCOMPATIBLE      no mps here; why
//         and those of pt2_package_open and pt2_runner_create
PT2_API PT2_MUST_USE pt2_status_t pt2_runner_create_mps(
    const char* model_so_path, size_t num_models, const char* device_str,
    const char* cubin_dir, bool run_single_threaded, pt2_runner_t** out_runner);

#if defined(__cplusplus)
}
#endif

#endif  // PT2_RUNNER_H_
