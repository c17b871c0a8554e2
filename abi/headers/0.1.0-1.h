// SPDX-License-Identifier: Apache-2.0
// clang-format off
// The public headers of 0.1.0-1, without comments: kept by
// scripts/check_abi.py, never edited. Symbol version: PT2_0.1
#ifndef PT2_PT2_H_
#define PT2_PT2_H_
#ifndef PT2_CONSTANTS_H_
#define PT2_CONSTANTS_H_
#include <stdbool.h>
#include <stddef.h>
#ifndef PT2_RUNNER_H_
#define PT2_RUNNER_H_
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#ifndef PT2_PACKAGE_H_
#define PT2_PACKAGE_H_
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#ifndef PT2_STATUS_H_
#define PT2_STATUS_H_
#include <stddef.h>
#include <stdint.h>
#if defined(__cplusplus)
extern "C" {
#endif
#if defined(_WIN32)
#define PT2_API
#else
#define PT2_API __attribute__((visibility("default")))
#endif
#if defined(__GNUC__)
#define PT2_MUST_USE __attribute__((warn_unused_result))
#define PT2_PRINTF(format_index, first_index) \
  __attribute__((format(printf, format_index, first_index)))
#else
#define PT2_MUST_USE
#define PT2_PRINTF(format_index, first_index)
#endif
enum {
  PT2_STATUS_OK = 0,
  PT2_STATUS_INVALID_ARGUMENT = 1,
  PT2_STATUS_NOT_FOUND = 2,
  PT2_STATUS_OUT_OF_MEMORY = 3,
  PT2_STATUS_IO = 4,
  PT2_STATUS_CORRUPT = 5,
  PT2_STATUS_UNSUPPORTED = 6,
  PT2_STATUS_INCOMPATIBLE = 7,
  PT2_STATUS_FAILED_PRECONDITION = 8,
  PT2_STATUS_MODEL_ERROR = 9,
  PT2_STATUS_INTERNAL = 10,
  PT2_STATUS_TIMEOUT = 11,
  PT2_STATUS_CANCELLED = 12,
};
typedef int32_t pt2_status_t;
PT2_API const char* pt2_status_name(pt2_status_t status);
PT2_API const char* pt2_error_message(void);
PT2_API pt2_status_t pt2_error_status(void);
PT2_API void pt2_error_clear(void);
#if defined(__cplusplus)
}
#endif
#endif
#ifndef PT2_TENSOR_H_
#define PT2_TENSOR_H_
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#if defined(__cplusplus)
extern "C" {
#endif
enum {
  PT2_DTYPE_U8 = 0,
  PT2_DTYPE_I8 = 1,
  PT2_DTYPE_I16 = 2,
  PT2_DTYPE_I32 = 3,
  PT2_DTYPE_I64 = 4,
  PT2_DTYPE_F16 = 5,
  PT2_DTYPE_F32 = 6,
  PT2_DTYPE_F64 = 7,
  PT2_DTYPE_COMPLEX32 = 8,
  PT2_DTYPE_COMPLEX64 = 9,
  PT2_DTYPE_COMPLEX128 = 10,
  PT2_DTYPE_BOOL = 11,
  PT2_DTYPE_BF16 = 15,
  PT2_DTYPE_F8E5M2 = 23,
  PT2_DTYPE_F8E4M3FN = 24,
  PT2_DTYPE_F8E5M2FNUZ = 25,
  PT2_DTYPE_F8E4M3FNUZ = 26,
  PT2_DTYPE_U16 = 27,
  PT2_DTYPE_U32 = 28,
  PT2_DTYPE_U64 = 29,
  PT2_DTYPE_F8E8M0FNU = 44,
  PT2_DTYPE_F4E2M1FNX2 = 45,
  PT2_DTYPE_UNDEFINED = -1,
};
typedef int32_t pt2_dtype_t;
enum {
  PT2_DEVICE_CPU = 0,
  PT2_DEVICE_CUDA = 1,
  PT2_DEVICE_XPU = 12,
  PT2_DEVICE_MPS = 13,
  PT2_DEVICE_META = 14,
  PT2_DEVICE_PRIVATEUSE1 = 20,
};
typedef int32_t pt2_device_type_t;
typedef struct pt2_tensor_t pt2_tensor_t;
typedef void (*pt2_tensor_deleter_fn)(void* user, void* data);
PT2_API size_t pt2_dtype_size_bytes(pt2_dtype_t dtype);
PT2_API const char* pt2_dtype_name(pt2_dtype_t dtype);
PT2_API pt2_dtype_t pt2_dtype_parse(const char* name);
PT2_API const char* pt2_device_type_name(pt2_device_type_t device_type);
PT2_API PT2_MUST_USE pt2_status_t pt2_tensor_create(pt2_dtype_t dtype,
                                                    size_t rank,
                                                    const int64_t* sizes,
                                                    const int64_t* strides,
                                                    pt2_tensor_t** out_tensor);
PT2_API PT2_MUST_USE pt2_status_t pt2_tensor_from_blob(
    void* data, pt2_dtype_t dtype, size_t rank, const int64_t* sizes,
    const int64_t* strides, pt2_tensor_deleter_fn deleter, void* user,
    pt2_tensor_t** out_tensor);
PT2_API PT2_MUST_USE pt2_status_t pt2_tensor_clone(const pt2_tensor_t* source,
                                                   pt2_tensor_t** out_tensor);
PT2_API PT2_MUST_USE pt2_status_t pt2_tensor_copy(pt2_tensor_t* target,
                                                  const pt2_tensor_t* source);
PT2_API void pt2_tensor_retain(pt2_tensor_t* tensor);
PT2_API void pt2_tensor_release(pt2_tensor_t* tensor);
PT2_API pt2_dtype_t pt2_tensor_dtype(const pt2_tensor_t* tensor);
PT2_API pt2_device_type_t pt2_tensor_device_type(const pt2_tensor_t* tensor);
PT2_API int32_t pt2_tensor_device_index(const pt2_tensor_t* tensor);
PT2_API size_t pt2_tensor_rank(const pt2_tensor_t* tensor);
PT2_API const int64_t* pt2_tensor_peek_sizes(const pt2_tensor_t* tensor);
PT2_API const int64_t* pt2_tensor_peek_strides(const pt2_tensor_t* tensor);
PT2_API int64_t pt2_tensor_numel(const pt2_tensor_t* tensor);
PT2_API bool pt2_tensor_is_contiguous(const pt2_tensor_t* tensor);
PT2_API void* pt2_tensor_peek_data(const pt2_tensor_t* tensor);
#if defined(__cplusplus)
}
#endif
#endif
#if defined(__cplusplus)
extern "C" {
#endif
typedef struct pt2_package_t pt2_package_t;
typedef struct pt2_package_options_t {
  size_t struct_bytes;
  bool verify;
} pt2_package_options_t;
PT2_API void pt2_package_options_init_sized(pt2_package_options_t* options,
                                            size_t struct_bytes);
static inline void pt2_package_options_init(pt2_package_options_t* options) {
  pt2_package_options_init_sized(options, sizeof(*options));
}
PT2_API PT2_MUST_USE pt2_status_t
pt2_package_open(const char* path, const pt2_package_options_t* options,
                 pt2_package_t** out_package);
PT2_API PT2_MUST_USE pt2_status_t pt2_package_open_fd(
    int fd, const pt2_package_options_t* options, pt2_package_t** out_package);
PT2_API PT2_MUST_USE pt2_status_t pt2_package_open_memory(
    const void* data, size_t size_bytes, const pt2_package_options_t* options,
    pt2_package_t** out_package);
PT2_API void pt2_package_retain(pt2_package_t* package);
PT2_API void pt2_package_release(pt2_package_t* package);
PT2_API const char* pt2_package_peek_path(const pt2_package_t* package);
PT2_API size_t pt2_package_model_count(const pt2_package_t* package);
PT2_API const char* pt2_package_peek_model_name(const pt2_package_t* package,
                                                size_t model);
PT2_API PT2_MUST_USE pt2_status_t pt2_package_find_model(
    const pt2_package_t* package, const char* name, size_t* out_model);
PT2_API size_t pt2_package_metadata_count(const pt2_package_t* package,
                                          size_t model);
PT2_API PT2_MUST_USE pt2_status_t pt2_package_metadata_at(
    const pt2_package_t* package, size_t model, size_t index,
    const char** out_key, const char** out_value);
PT2_API const char* pt2_package_peek_metadata(const pt2_package_t* package,
                                              size_t model, const char* key);
typedef struct pt2_dim_info_t {
  int64_t min;
  int64_t max;
  const char* symbol;
  int64_t stride;
} pt2_dim_info_t;
#define PT2_STRIDE_ANY INT64_MIN
typedef struct pt2_value_info_t {
  const char* name;
  const char* internal_name;
  pt2_dtype_t dtype;
  pt2_device_type_t device_type;
  int32_t rank;
  const pt2_dim_info_t* dims;
} pt2_value_info_t;
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
typedef struct pt2_constant_info_t {
  const char* name;
  const char* fqn;
  pt2_dtype_t dtype;
  int32_t rank;
  const int64_t* sizes;
  const int64_t* strides;
  int64_t size_bytes;
  int32_t kind;
} pt2_constant_info_t;
PT2_API size_t pt2_package_constant_count(const pt2_package_t* package,
                                          size_t model);
PT2_API PT2_MUST_USE pt2_status_t
pt2_package_constant_info(const pt2_package_t* package, size_t model,
                          size_t index, pt2_constant_info_t* out_info);
enum {
  PT2_WEIGHTS_NONE = 0,
  PT2_WEIGHTS_IN_SO = 1,
  PT2_WEIGHTS_APPENDED = 2,
  PT2_WEIGHTS_BLOB = 3,
  PT2_WEIGHTS_PICKLES = 4,
  PT2_WEIGHTS_MISSING = 5,
};
PT2_API int32_t pt2_package_weights_kind(const pt2_package_t* package,
                                         size_t model);
PT2_API uint64_t pt2_package_weights_bytes(const pt2_package_t* package,
                                           size_t model);
PT2_API const char* pt2_package_peek_torch_release(const pt2_package_t* package,
                                                   size_t model);
enum {
  PT2_FINDING_INFO = 0,
  PT2_FINDING_WARNING = 1,
  PT2_FINDING_ERROR = 2,
};
typedef struct pt2_finding_t {
  int32_t severity;
  pt2_status_t status;
  const char* kind;
  const char* subject;
  const char* message;
} pt2_finding_t;
typedef struct pt2_preflight_t pt2_preflight_t;
PT2_API PT2_MUST_USE pt2_status_t pt2_package_preflight(
    pt2_package_t* package, size_t model, pt2_preflight_t** out_report);
PT2_API void pt2_preflight_destroy(pt2_preflight_t* report);
PT2_API bool pt2_preflight_runs(const pt2_preflight_t* report);
PT2_API size_t pt2_preflight_finding_count(const pt2_preflight_t* report);
PT2_API PT2_MUST_USE pt2_status_t pt2_preflight_finding_at(
    const pt2_preflight_t* report, size_t index, pt2_finding_t* out_finding);
PT2_API size_t pt2_preflight_import_count(const pt2_preflight_t* report);
PT2_API size_t pt2_preflight_bound_count(const pt2_preflight_t* report);
#if defined(__cplusplus)
}
#endif
#endif
#if defined(__cplusplus)
extern "C" {
#endif
typedef struct pt2_runner_t pt2_runner_t;
enum {
  PT2_INPUT_CHECKS_FULL = 0,
  PT2_INPUT_CHECKS_OFF = 1,
};
typedef struct pt2_runner_options_t {
  size_t struct_bytes;
  const char* model_name;
  size_t num_runners;
  bool run_single_threaded;
  int32_t device_index;
  int32_t input_checks;
  const char* debug_copy_path;
  const char* temp_folder;
  bool constants_later;
} pt2_runner_options_t;
PT2_API void pt2_runner_options_init_sized(pt2_runner_options_t* options,
                                           size_t struct_bytes);
static inline void pt2_runner_options_init(pt2_runner_options_t* options) {
  pt2_runner_options_init_sized(options, sizeof(*options));
}
PT2_API PT2_MUST_USE pt2_status_t
pt2_runner_create(pt2_package_t* package, const pt2_runner_options_t* options,
                  pt2_runner_t** out_runner);
PT2_API void pt2_runner_retain(pt2_runner_t* runner);
PT2_API void pt2_runner_release(pt2_runner_t* runner);
PT2_API PT2_MUST_USE pt2_status_t pt2_runner_run(pt2_runner_t* runner,
                                                 pt2_tensor_t* const* inputs,
                                                 size_t input_count,
                                                 pt2_tensor_t** outputs,
                                                 size_t output_count);
PT2_API PT2_MUST_USE pt2_status_t pt2_runner_run_boxed(pt2_runner_t* runner,
                                                       pt2_tensor_t** inputs,
                                                       size_t input_count,
                                                       pt2_tensor_t** outputs,
                                                       size_t output_count);
typedef struct pt2_cancel_t pt2_cancel_t;
PT2_API PT2_MUST_USE pt2_status_t pt2_cancel_create(pt2_cancel_t** out_cancel);
PT2_API void pt2_cancel_set(pt2_cancel_t* cancel);
PT2_API void pt2_cancel_destroy(pt2_cancel_t* cancel);
typedef struct pt2_run_options_t {
  size_t struct_bytes;
  int64_t timeout_ns;
  pt2_cancel_t* cancel;
  bool boxed;
  bool outputs_given;
} pt2_run_options_t;
PT2_API void pt2_run_options_init_sized(pt2_run_options_t* options,
                                        size_t struct_bytes);
static inline void pt2_run_options_init(pt2_run_options_t* options) {
  pt2_run_options_init_sized(options, sizeof(*options));
}
PT2_API PT2_MUST_USE pt2_status_t
pt2_runner_run_with(pt2_runner_t* runner, pt2_tensor_t** inputs,
                    size_t input_count, pt2_tensor_t** outputs,
                    size_t output_count, const pt2_run_options_t* options);
PT2_API void pt2_runner_load(pt2_runner_t* runner, size_t* out_running_count,
                             size_t* out_waiting_count);
PT2_API size_t pt2_runner_input_count(const pt2_runner_t* runner);
PT2_API size_t pt2_runner_output_count(const pt2_runner_t* runner);
PT2_API PT2_MUST_USE pt2_status_t pt2_runner_input_info(
    const pt2_runner_t* runner, size_t index, pt2_value_info_t* out_info);
PT2_API PT2_MUST_USE pt2_status_t pt2_runner_output_info(
    const pt2_runner_t* runner, size_t index, pt2_value_info_t* out_info);
PT2_API PT2_MUST_USE pt2_status_t
pt2_runner_call_spec(const pt2_runner_t* runner, const char** out_in_spec,
                     const char** out_out_spec);
PT2_API pt2_package_t* pt2_runner_peek_package(const pt2_runner_t* runner);
typedef pt2_status_t (*pt2_runner_create_fn)(
    pt2_package_t* package, size_t model, const pt2_runner_options_t* options,
    pt2_runner_t** out_runner);
PT2_API PT2_MUST_USE pt2_status_t
pt2_runner_register(const char* device, pt2_runner_create_fn create);
PT2_API size_t pt2_runner_registry_count(void);
PT2_API const char* pt2_runner_registry_peek_device(size_t index);
PT2_API PT2_MUST_USE pt2_status_t
pt2_runner_create_cpu(const char* model_so_path, size_t num_models,
                      bool run_single_threaded, pt2_runner_t** out_runner);
#if defined(__cplusplus)
}
#endif
#endif
#if defined(__cplusplus)
extern "C" {
#endif
typedef struct pt2_named_tensor_t {
  const char* name;
  pt2_tensor_t* tensor;
} pt2_named_tensor_t;
typedef struct pt2_constants_options_t {
  size_t struct_bytes;
  bool use_inactive;
  bool check_full_update;
  bool user_managed;
} pt2_constants_options_t;
PT2_API void pt2_constants_options_init_sized(pt2_constants_options_t* options,
                                              size_t struct_bytes);
static inline void pt2_constants_options_init(
    pt2_constants_options_t* options) {
  pt2_constants_options_init_sized(options, sizeof(*options));
}
PT2_API size_t pt2_runner_constant_count(const pt2_runner_t* runner);
PT2_API PT2_MUST_USE pt2_status_t pt2_runner_constant_info(
    const pt2_runner_t* runner, size_t index, pt2_constant_info_t* out_info);
PT2_API PT2_MUST_USE pt2_status_t pt2_runner_update_constants(
    pt2_runner_t* runner, const pt2_named_tensor_t* constants, size_t count,
    const pt2_constants_options_t* options);
PT2_API PT2_MUST_USE pt2_status_t
pt2_runner_swap_constants(pt2_runner_t* runner);
PT2_API PT2_MUST_USE pt2_status_t
pt2_runner_fold_constants(pt2_runner_t* runner, bool use_inactive);
PT2_API PT2_MUST_USE pt2_status_t
pt2_runner_free_inactive_constants(pt2_runner_t* runner);
PT2_API PT2_MUST_USE pt2_status_t
pt2_runner_extract_constant(pt2_runner_t* runner, const char* name,
                            bool use_inactive, pt2_tensor_t** out_tensor);
#if defined(__cplusplus)
}
#endif
#endif
#ifndef PT2_LOG_H_
#define PT2_LOG_H_
#if defined(__cplusplus)
extern "C" {
#endif
enum {
  PT2_LOG_DEBUG = 0,
  PT2_LOG_INFO = 1,
  PT2_LOG_WARNING = 2,
};
typedef void (*pt2_log_fn)(void* user, int32_t level, const char* text);
PT2_API void pt2_log_set_callback(pt2_log_fn callback, void* user);
#if defined(__cplusplus)
}
#endif
#endif
#ifndef PT2_MEMORY_H_
#define PT2_MEMORY_H_
#include <stddef.h>
#if defined(__cplusplus)
extern "C" {
#endif
typedef struct pt2_allocator_t {
  size_t struct_bytes;
  void* (*alloc)(size_t size_bytes, size_t alignment, void* context);
  void (*free)(void* block, size_t size_bytes, void* context);
  void* context;
} pt2_allocator_t;
PT2_API PT2_MUST_USE pt2_status_t
pt2_set_allocator(const pt2_allocator_t* allocator);
PT2_API void pt2_memory_trim(void);
typedef struct pt2_memory_statistics_t {
  size_t struct_bytes;
  size_t in_use_bytes;
  size_t kept_bytes;
  size_t peak_bytes;
} pt2_memory_statistics_t;
PT2_API PT2_MUST_USE pt2_status_t
pt2_memory_statistics(pt2_memory_statistics_t* statistics);
#if defined(__cplusplus)
}
#endif
#endif
#ifndef PT2_OP_H_
#define PT2_OP_H_
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#if defined(__cplusplus)
extern "C" {
#endif
enum {
  PT2_VALUE_NONE = 0,
  PT2_VALUE_TENSOR = 1,
  PT2_VALUE_INT = 2,
  PT2_VALUE_FLOAT = 3,
  PT2_VALUE_BOOL = 4,
  PT2_VALUE_STRING = 5,
  PT2_VALUE_COMPLEX = 6,
  PT2_VALUE_DTYPE = 7,
  PT2_VALUE_LAYOUT = 8,
  PT2_VALUE_MEMORY_FORMAT = 9,
  PT2_VALUE_DEVICE = 10,
  PT2_VALUE_TENSOR_LIST = 11,
  PT2_VALUE_INT_LIST = 12,
  PT2_VALUE_FLOAT_LIST = 13,
  PT2_VALUE_BOOL_LIST = 14,
  PT2_VALUE_STRING_LIST = 15,
};
typedef struct pt2_value_t {
  const char* name;
  int32_t kind;
  int32_t index;
  union {
    pt2_tensor_t* tensor;
    int64_t integer;
    double number;
    bool boolean;
    const char* string;
    double complex_parts[2];
    pt2_tensor_t* const* tensors;
    const int64_t* integers;
    const double* numbers;
    const bool* booleans;
    const char* const* strings;
  } as;
  size_t count;
} pt2_value_t;
typedef pt2_status_t (*pt2_op_fn)(void* user, const pt2_value_t* arguments,
                                  size_t argument_count, pt2_tensor_t** results,
                                  size_t result_count);
PT2_API PT2_MUST_USE pt2_status_t pt2_op_register(const char* qualified_name,
                                                  pt2_op_fn function,
                                                  void* user);
PT2_API PT2_MUST_USE pt2_status_t pt2_op_unregister(const char* qualified_name);
PT2_API void pt2_op_set_error(pt2_status_t status, const char* format, ...)
    PT2_PRINTF(2, 3);
#if defined(__cplusplus)
}
#endif
#endif
#define PT2_VERSION_MAJOR 0
#define PT2_VERSION_MINOR 1
#define PT2_VERSION_PATCH 0
#if defined(__cplusplus)
extern "C" {
#endif
PT2_API const char* pt2_version(void);
PT2_API int32_t pt2_num_threads(void);
PT2_API PT2_MUST_USE pt2_status_t pt2_set_num_threads(int32_t count);
PT2_API void pt2_manual_seed(uint64_t seed);
PT2_API void* pt2_shim_symbol(const char* device, const char* symbol);
#if defined(__cplusplus)
}
#endif
#endif
