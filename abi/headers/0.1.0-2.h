// SPDX-License-Identifier: Apache-2.0
// clang-format off
// The public headers of 0.1.0-2, without comments: kept by
// scripts/check_abi.py, never edited. Symbol version: PT2_0.1
#ifndef PT2_PT2_H_
#define PT2_PT2_H_
#ifndef PT2_BACKEND_H_
#define PT2_BACKEND_H_
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
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
PT2_API bool pt2_tensor_is_read_only(const pt2_tensor_t* tensor);
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
typedef struct pt2_operator_info_t {
  const char* name;
  const char* symbol;
  bool is_here;
} pt2_operator_info_t;
PT2_API size_t pt2_preflight_operator_count(const pt2_preflight_t* report);
PT2_API PT2_MUST_USE pt2_status_t
pt2_preflight_operator_at(const pt2_preflight_t* report, size_t index,
                          pt2_operator_info_t* out_operator);
#if defined(__cplusplus)
}
#endif
#endif
#if defined(__cplusplus)
extern "C" {
#endif
typedef struct pt2_runner_t pt2_runner_t;
typedef struct pt2_named_tensor_t {
  const char* name;
  pt2_tensor_t* tensor;
} pt2_named_tensor_t;
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
  const pt2_named_tensor_t* constants;
  size_t constant_count;
  bool use_stream_affinity;
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
  void* stream;
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
typedef struct pt2_runner_statistics_t {
  size_t struct_bytes;
  size_t instance_count;
  uint64_t code_bytes;
  uint64_t mapped_weight_bytes;
  uint64_t active_weight_bytes;
  uint64_t inactive_weight_bytes;
  int64_t packed_weight_bytes;
} pt2_runner_statistics_t;
PT2_API PT2_MUST_USE pt2_status_t pt2_runner_statistics(
    pt2_runner_t* runner, pt2_runner_statistics_t* statistics);
PT2_API pt2_device_type_t pt2_runner_device_type(const pt2_runner_t* runner);
PT2_API int32_t pt2_runner_device_index(const pt2_runner_t* runner);
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
#define PT2_BACKEND_ABI_VERSION 1
typedef struct pt2_backend_symbol_t {
  const char* name;
  void* address;
} pt2_backend_symbol_t;
enum {
  PT2_COPY_TO_DEVICE = 0,
  PT2_COPY_FROM_DEVICE = 1,
  PT2_COPY_WITHIN = 2,
};
typedef struct pt2_backend_statistics_t {
  size_t struct_bytes;
  uint64_t live_bytes;
  uint64_t live_blocks;
  uint64_t live_streams;
  uint64_t allocation_count;
  uint64_t copy_count[3];
  uint64_t copy_bytes[3];
  uint64_t fill_count;
  uint64_t synchronize_count;
} pt2_backend_statistics_t;
typedef struct pt2_backend_t {
  size_t struct_bytes;
  uint32_t abi_version;
  const char* device;
  pt2_device_type_t device_type;
  const char* container_device;
  bool host_visible;
  void* user;
  const pt2_backend_symbol_t* symbols;
  size_t symbol_count;
  const char* (*why_unavailable)(void* user);
  pt2_status_t (*device_count)(void* user, int32_t* out_count);
  pt2_status_t (*get_device)(void* user, int32_t* out_index);
  pt2_status_t (*set_device)(void* user, int32_t index);
  pt2_status_t (*create_stream)(void* user, int32_t index, void** out_stream);
  void (*destroy_stream)(void* user, int32_t index, void* stream);
  pt2_status_t (*get_stream)(void* user, int32_t index, void** out_stream);
  pt2_status_t (*set_stream)(void* user, int32_t index, void* stream);
  pt2_status_t (*synchronize)(void* user, int32_t index);
  pt2_status_t (*allocate)(void* user, int32_t index, size_t bytes,
                           void** out_data);
  void (*free)(void* user, int32_t index, void* data, size_t bytes);
  pt2_status_t (*copy)(void* user, int32_t kind, int32_t target_index,
                       void* target, int32_t source_index, const void* source,
                       size_t bytes);
  pt2_status_t (*fill)(void* user, int32_t index, void* data, uint8_t value,
                       size_t bytes);
  pt2_runner_create_fn create_runner;
  void (*statistics)(void* user, pt2_backend_statistics_t* out_statistics);
} pt2_backend_t;
PT2_API PT2_MUST_USE pt2_status_t
pt2_backend_register(const pt2_backend_t* backend);
PT2_API const pt2_backend_t* pt2_backend_find(const char* device);
PT2_API const char* pt2_backend_peek_device(size_t index);
PT2_API PT2_MUST_USE pt2_status_t pt2_backend_require(const char* device);
typedef struct pt2_backend_host_t {
  size_t struct_bytes;
  void (*set_error)(pt2_status_t status, const char* format, ...)
      PT2_PRINTF(2, 3);
  void* (*shim_symbol)(const char* device, const char* symbol);
} pt2_backend_host_t;
typedef const pt2_backend_t* (*pt2_backend_query_fn)(
    uint32_t abi_version, const pt2_backend_host_t* host);
PT2_API PT2_MUST_USE pt2_status_t pt2_backend_load(const char* path,
                                                   const char** out_device);
PT2_API PT2_MUST_USE pt2_status_t
pt2_tensor_create_on(pt2_device_type_t device_type, int32_t device_index,
                     pt2_dtype_t dtype, size_t rank, const int64_t* sizes,
                     const int64_t* strides, pt2_tensor_t** out_tensor);
PT2_API PT2_MUST_USE pt2_status_t pt2_tensor_to(const pt2_tensor_t* source,
                                                pt2_device_type_t device_type,
                                                int32_t device_index,
                                                pt2_tensor_t** out_tensor);
#if defined(__cplusplus)
}
#endif
#endif
#ifndef PT2_CALL_SPEC_H_
#define PT2_CALL_SPEC_H_
#include <stddef.h>
#include <stdint.h>
#if defined(__cplusplus)
extern "C" {
#endif
typedef struct pt2_call_spec_t pt2_call_spec_t;
enum {
  PT2_CALL_SPEC_INPUTS = 0,
  PT2_CALL_SPEC_RESULT = 1,
};
enum {
  PT2_SPEC_ANY = -1,
  PT2_SPEC_LEAF = 0,
  PT2_SPEC_TUPLE = 1,
  PT2_SPEC_LIST = 2,
  PT2_SPEC_DICT = 3,
  PT2_SPEC_ORDERED_DICT = 4,
  PT2_SPEC_DEFAULTDICT = 5,
  PT2_SPEC_NAMEDTUPLE = 6,
  PT2_SPEC_DEQUE = 7,
  PT2_SPEC_CUSTOM = 8,
};
enum {
  PT2_KEY_POSITION = 0,
  PT2_KEY_STRING = 1,
  PT2_KEY_INT = 2,
  PT2_KEY_FLOAT = 3,
  PT2_KEY_BOOL = 4,
  PT2_KEY_NONE = 5,
  PT2_KEY_ENUM = 6,
  PT2_KEY_OTHER = 7,
};
typedef struct pt2_spec_key_t {
  int32_t kind;
  const char* text;
} pt2_spec_key_t;
typedef struct pt2_spec_node_t {
  int32_t kind;
  const char* type_name;
  const char* context;
  const char* name;
  pt2_spec_key_t key;
  size_t position;
  size_t parent;
  size_t child_count;
  size_t next;
  size_t first_leaf;
  size_t leaf_count;
} pt2_spec_node_t;
PT2_API const char* pt2_package_peek_in_spec(const pt2_package_t* package,
                                             size_t model);
PT2_API const char* pt2_package_peek_out_spec(const pt2_package_t* package,
                                              size_t model);
PT2_API PT2_MUST_USE pt2_status_t
pt2_call_spec_parse(const char* json, int32_t what, pt2_call_spec_t** out_spec);
PT2_API void pt2_call_spec_destroy(pt2_call_spec_t* spec);
PT2_API size_t pt2_call_spec_node_count(const pt2_call_spec_t* spec);
PT2_API size_t pt2_call_spec_leaf_count(const pt2_call_spec_t* spec);
PT2_API const pt2_spec_node_t* pt2_call_spec_peek_node(
    const pt2_call_spec_t* spec, size_t node);
PT2_API const pt2_spec_node_t* pt2_call_spec_peek_leaf(
    const pt2_call_spec_t* spec, size_t leaf);
PT2_API PT2_MUST_USE pt2_status_t pt2_call_spec_find_leaf(
    const pt2_call_spec_t* spec, const char* name, size_t* out_leaf);
PT2_API PT2_MUST_USE pt2_status_t
pt2_call_spec_check(const pt2_call_spec_t* spec, size_t node, int32_t kind,
                    const char* type_name, size_t child_count,
                    const pt2_spec_key_t* keys, size_t* out_order);
PT2_API PT2_MUST_USE pt2_status_t
pt2_call_spec_match(const pt2_call_spec_t* spec, const pt2_call_spec_t* given,
                    size_t* out_leaves);
#if defined(__cplusplus)
}
#endif
#endif
#ifndef PT2_CONSTANTS_H_
#define PT2_CONSTANTS_H_
#include <stdbool.h>
#include <stddef.h>
#ifndef PT2_WEIGHTS_H_
#define PT2_WEIGHTS_H_
#include <stddef.h>
#if defined(__cplusplus)
extern "C" {
#endif
typedef struct pt2_weights_t pt2_weights_t;
PT2_API PT2_MUST_USE pt2_status_t pt2_weights_open(const char* path,
                                                   pt2_weights_t** out_weights);
PT2_API PT2_MUST_USE pt2_status_t
pt2_weights_open_memory(const char* name, const void* data, size_t size_bytes,
                        pt2_weights_t** out_weights);
PT2_API void pt2_weights_retain(pt2_weights_t* weights);
PT2_API void pt2_weights_release(pt2_weights_t* weights);
PT2_API size_t pt2_weights_count(const pt2_weights_t* weights);
PT2_API const char* pt2_weights_peek_name(const pt2_weights_t* weights,
                                          size_t index);
PT2_API pt2_tensor_t* pt2_weights_peek_tensor(const pt2_weights_t* weights,
                                              size_t index);
#if defined(__cplusplus)
}
#endif
#endif
#if defined(__cplusplus)
extern "C" {
#endif
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
enum {
  PT2_WEIGHTS_FORMAT_AUTO = 0,
  PT2_WEIGHTS_FORMAT_SAFETENSORS = 1,
  PT2_WEIGHTS_FORMAT_TORCH = 2,
  PT2_WEIGHTS_FORMAT_BLOB = 3,
};
typedef struct pt2_load_options_t {
  size_t struct_bytes;
  int32_t format;
  bool use_inactive;
  bool check_full_update;
  bool copy;
  bool ignore_unknown;
} pt2_load_options_t;
PT2_API void pt2_load_options_init_sized(pt2_load_options_t* options,
                                         size_t struct_bytes);
static inline void pt2_load_options_init(pt2_load_options_t* options) {
  pt2_load_options_init_sized(options, sizeof(*options));
}
PT2_API PT2_MUST_USE pt2_status_t pt2_runner_load_constants(
    pt2_runner_t* runner, const char* path, const pt2_load_options_t* options);
PT2_API PT2_MUST_USE pt2_status_t
pt2_runner_load_weights(pt2_runner_t* runner, const pt2_weights_t* weights,
                        const pt2_load_options_t* options);
typedef void (*pt2_not_shared_fn)(void* user, const char* fqn,
                                  const char* reason);
typedef struct pt2_share_options_t {
  size_t struct_bytes;
  bool use_inactive;
  bool require_all;
  pt2_not_shared_fn not_shared;
  void* user;
} pt2_share_options_t;
PT2_API void pt2_share_options_init_sized(pt2_share_options_t* options,
                                          size_t struct_bytes);
static inline void pt2_share_options_init(pt2_share_options_t* options) {
  pt2_share_options_init_sized(options, sizeof(*options));
}
PT2_API PT2_MUST_USE pt2_status_t pt2_runner_share_constants(
    pt2_runner_t* to, pt2_runner_t* from, const pt2_share_options_t* options,
    size_t* out_shared_count);
#if defined(__cplusplus)
}
#endif
#endif
#ifndef PT2_DLPACK_H_
#define PT2_DLPACK_H_
#if defined(__cplusplus)
extern "C" {
#endif
struct DLManagedTensor;
struct DLManagedTensorVersioned;
PT2_API PT2_MUST_USE pt2_status_t pt2_tensor_from_dlpack(
    struct DLManagedTensorVersioned* managed, pt2_tensor_t** out_tensor);
PT2_API PT2_MUST_USE pt2_status_t pt2_tensor_from_dlpack_legacy(
    struct DLManagedTensor* managed, pt2_tensor_t** out_tensor);
PT2_API PT2_MUST_USE pt2_status_t pt2_tensor_to_dlpack(
    const pt2_tensor_t* tensor, struct DLManagedTensorVersioned** out_managed);
PT2_API PT2_MUST_USE pt2_status_t pt2_tensor_to_dlpack_legacy(
    const pt2_tensor_t* tensor, struct DLManagedTensor** out_managed);
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
#ifndef PT2_OBSERVER_H_
#define PT2_OBSERVER_H_
#include <stddef.h>
#include <stdint.h>
#if defined(__cplusplus)
extern "C" {
#endif
enum {
  PT2_EVENT_LOAD_BEGIN = 0,
  PT2_EVENT_LOAD_END = 1,
  PT2_EVENT_RUN_BEGIN = 2,
  PT2_EVENT_RUN_END = 3,
  PT2_EVENT_UPDATE_BEGIN = 4,
  PT2_EVENT_UPDATE_END = 5,
  PT2_EVENT_SWAP_BEGIN = 6,
  PT2_EVENT_SWAP_END = 7,
};
typedef struct pt2_event_t {
  size_t struct_bytes;
  int32_t kind;
  pt2_status_t status;
  uint64_t id;
  int64_t time_ns;
  int64_t duration_ns;
  int64_t waited_ns;
  const pt2_package_t* package;
  size_t model;
  pt2_runner_t* runner;
} pt2_event_t;
typedef void (*pt2_observe_fn)(void* user, const pt2_event_t* event);
typedef struct pt2_observer_t pt2_observer_t;
PT2_API PT2_MUST_USE pt2_status_t pt2_observer_add(
    pt2_observe_fn observe, void* user, pt2_observer_t** out_observer);
PT2_API void pt2_observer_remove(pt2_observer_t* observer);
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
