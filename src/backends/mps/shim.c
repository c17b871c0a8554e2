// SPDX-License-Identifier: Apache-2.0
//
// The aoti_torch_mps_* that are not operators (torch: shim_mps.h).
#include <string.h>

#include "backends/mps/mps.h"

// ---- Shader libraries and kernels -------------------------------------------

static pt2_status_t create_library(const char* source,
                                   AOTIMetalShaderLibraryHandle* out) {
  PT2__MPS_TRY(pt2__mps_check_out("mps", out));
  if (source == NULL) {
    return PT2__MPS_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                         "mps: the shader's source is NULL");
  }
  return pt2__mps_library_take("a shader of the model", source, out);
}

AOTITorchError aoti_torch_mps_create_shader_library(
    const char* metal_shader_source,
    AOTIMetalShaderLibraryHandle* library_handle) {
  PT2__MPS_RETURN(create_library(metal_shader_source, library_handle));
}

// A model's static destructors call this, some at the end of the process.
AOTITorchError aoti_torch_mps_delete_shader_library(
    AOTIMetalShaderLibraryHandle library_handle) {
  if (library_handle != NULL) {
    pt2__mps_library_give_back(library_handle);
  }
  return PT2__MPS_OK;
}

static pt2_status_t get_kernel(AOTIMetalShaderLibraryHandle library,
                               const char* name,
                               AOTIMetalKernelFunctionHandle* out) {
  PT2__MPS_TRY(pt2__mps_check_out("mps", out));
  if (library == NULL || name == NULL) {
    return PT2__MPS_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                         "mps: the shader library or the kernel's name is "
                         "NULL");
  }
  return pt2__mps_library_kernel(library, name, out);
}

AOTITorchError aoti_torch_mps_get_kernel_function(
    AOTIMetalShaderLibraryHandle library_handle, const char* kernel_name,
    AOTIMetalKernelFunctionHandle* function_handle) {
  PT2__MPS_RETURN(get_kernel(library_handle, kernel_name, function_handle));
}

// ---- Kernel calls -----------------------------------------------------------

// The lock is held for the whole block: a kernel's handle is shared by all
// threads, and so is the encoder.
static pt2_status_t run_block(AOTIMetalKernelFunctionHandle func,
                              aoti_torch_mps_command_block_callback_t callback,
                              void* user_data) {
  if (callback == NULL) {
    return PT2__MPS_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                         "mps: the command block's function is NULL");
  }
  pt2__mps_lock();
  callback(func, user_data);
  pt2__mps_unlock();
  return PT2_STATUS_OK;
}

AOTITorchError aoti_torch_mps_run_command_block(
    AOTIMetalKernelFunctionHandle func,
    aoti_torch_mps_command_block_callback_t callback, void* user_data) {
  PT2__MPS_RETURN(run_block(func, callback, user_data));
}

// |expr| under the lock.
#define LOCKED(expr)             \
  do {                           \
    pt2__mps_lock();             \
    pt2_status_t status_ = expr; \
    pt2__mps_unlock();           \
    PT2__MPS_RETURN(status_);    \
  } while (0)

AOTITorchError aoti_torch_mps_start_encoding(
    AOTIMetalKernelFunctionHandle func) {
  LOCKED(pt2__mps_encode_begin(func));
}

AOTITorchError aoti_torch_mps_set_arg_tensor(AOTIMetalKernelFunctionHandle func,
                                             unsigned idx,
                                             AtenTensorHandle tensor) {
  (void)func;
  LOCKED(pt2__mps_encode_tensor(idx, tensor));
}

AOTITorchError aoti_torch_mps_set_arg_int(AOTIMetalKernelFunctionHandle func,
                                          unsigned idx, int64_t val) {
  (void)func;
  LOCKED(pt2__mps_encode_bytes(idx, &val, sizeof(val)));
}

static pt2_status_t dispatch(AOTIMetalKernelFunctionHandle func,
                             const uint64_t* threads, size_t dimension_count,
                             const uint64_t* group,
                             size_t group_dimension_count) {
  if (func == NULL || threads == NULL) {
    return PT2__MPS_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                         "mps: the kernel or its grid is NULL");
  }
  return pt2__mps_encode_dispatch(func, threads, dimension_count, group,
                                  group_dimension_count);
}

AOTITorchError aoti_torch_mps_dispatch_single(
    AOTIMetalKernelFunctionHandle func, uint64_t length) {
  LOCKED(dispatch(func, &length, 1, NULL, 0));
}

AOTITorchError aoti_torch_mps_dispatch_single_with_group_size(
    AOTIMetalKernelFunctionHandle func, uint64_t length, uint64_t group_size) {
  LOCKED(dispatch(func, &length, 1, &group_size, 1));
}

AOTITorchError aoti_torch_mps_dispatch_array(AOTIMetalKernelFunctionHandle func,
                                             const uint64_t* length,
                                             size_t length_size) {
  LOCKED(dispatch(func, length, length_size, NULL, 0));
}

AOTITorchError aoti_torch_mps_dispatch_array_with_group_size(
    AOTIMetalKernelFunctionHandle func, const uint64_t* length,
    size_t length_size, const uint64_t* group_size, size_t group_size_size) {
  LOCKED(dispatch(func, length, length_size, group_size, group_size_size));
}

// ---- Memory -----------------------------------------------------------------

static pt2_status_t allocate(void** out, size_t bytes) {
  PT2__MPS_TRY(pt2__mps_check_out("mps", out));
  *out = NULL;
  return bytes == 0 ? PT2_STATUS_OK : pt2__mps_memory_allocate(bytes, out);
}

AOTITorchError aoti_torch_mps_malloc(void** buffer, size_t num_bytes) {
  PT2__MPS_RETURN(allocate(buffer, num_bytes));
}

static pt2_status_t release(void* data) {
  return data == NULL || pt2__mps_memory_free_checked(data)
             ? PT2_STATUS_OK
             : PT2__MPS_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                             "mps: what is freed is not memory of the device");
}

AOTITorchError aoti_torch_mps_free(void* ptr) { PT2__MPS_RETURN(release(ptr)); }

// Fails unless |bytes| bytes |offset| after |data| are the device's.
static pt2_status_t check_range(const void* data, size_t offset, size_t bytes,
                                const char* what) {
  pt2__mps_lock();
  bool inside =
      offset <= SIZE_MAX - bytes && pt2__mps_memory_has(data, offset + bytes);
  pt2__mps_unlock();
  return inside ? PT2_STATUS_OK
                : PT2__MPS_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                                "mps: the %s of a copy of %zu bytes leaves the "
                                "device's memory",
                                what, bytes);
}

// Constants: from the model's own bytes to its one block.
static pt2_status_t copy_constant(void* buffer, size_t offset, size_t start,
                                  size_t bytes, const uint8_t* constants) {
  if (bytes == 0) {
    return PT2_STATUS_OK;
  }
  PT2__MPS_TRY(check_range(buffer, offset, bytes, "target"));
  return pt2__mps_memory_copy(PT2_COPY_TO_DEVICE, (char*)buffer + offset,
                              constants + start, bytes);
}

AOTITorchError aoti_torch_mps_memcpy(void* buffer, size_t constant_offset,
                                     size_t bytes_read, size_t data_size,
                                     uint8_t* constants_start) {
  PT2__MPS_RETURN(copy_constant(buffer, constant_offset, bytes_read, data_size,
                                constants_start));
}

// |src_buffer| is the address of the tensor's first element. Containers pass
// its storage offset beside it, in elements; it is in the address already.
static pt2_status_t copy_tensor(const void* src_buffer, void* dst_buffer,
                                size_t bytes, size_t dst_offset) {
  if (bytes == 0) {
    return PT2_STATUS_OK;
  }
  PT2__MPS_TRY(check_range(src_buffer, 0, bytes, "source"));
  PT2__MPS_TRY(check_range(dst_buffer, dst_offset, bytes, "target"));
  return pt2__mps_memory_copy(PT2_COPY_WITHIN, (char*)dst_buffer + dst_offset,
                              src_buffer, bytes);
}

AOTITorchError aoti_torch_mps_copy_buffer(void* src_buffer, void* dst_buffer,
                                          size_t data_size, size_t src_offset,
                                          size_t dst_offset) {
  (void)src_offset;
  PT2__MPS_RETURN(copy_tensor(src_buffer, dst_buffer, data_size, dst_offset));
}

// ---- The table --------------------------------------------------------------

#define SYMBOL(name) \
  { #name, (void*)name }
const pt2_backend_symbol_t pt2__mps_symbols[] = {
    SYMBOL(aoti_torch_mps_create_shader_library),
    SYMBOL(aoti_torch_mps_delete_shader_library),
    SYMBOL(aoti_torch_mps_get_kernel_function),
    SYMBOL(aoti_torch_mps_run_command_block),
    SYMBOL(aoti_torch_mps_shared_callback),
    SYMBOL(aoti_torch_mps_start_encoding),
    SYMBOL(aoti_torch_mps_set_arg_tensor),
    SYMBOL(aoti_torch_mps_set_arg_int),
    SYMBOL(aoti_torch_mps_dispatch_single),
    SYMBOL(aoti_torch_mps_dispatch_single_with_group_size),
    SYMBOL(aoti_torch_mps_dispatch_array),
    SYMBOL(aoti_torch_mps_dispatch_array_with_group_size),
    SYMBOL(aoti_torch_mps_malloc),
    SYMBOL(aoti_torch_mps_free),
    SYMBOL(aoti_torch_mps_memcpy),
    SYMBOL(aoti_torch_mps_copy_buffer),
    // Operators with kernels of ours.
    SYMBOL(aoti_torch_mps_mm_out),
    SYMBOL(aoti_torch_mps_bmm_out),
    SYMBOL(aoti_torch_mps_addmm_out),
    SYMBOL(aoti_torch_mps_baddbmm_out),
    SYMBOL(aoti_torch_mps__scaled_dot_product_attention_math_for_mps),
    SYMBOL(aoti_torch_mps__scaled_dot_product_attention_math_for_mps_v2),
    SYMBOL(aoti_torch_mps__weight_int4pack_mm),
    SYMBOL(aoti_torch_mps_cumsum),
    SYMBOL(aoti_torch_mps_cumprod),
    SYMBOL(aoti_torch_mps_logcumsumexp),
    SYMBOL(aoti_torch_mps_cummax),
    SYMBOL(aoti_torch_mps_cummin),
    SYMBOL(aoti_torch_mps_sort),
    SYMBOL(aoti_torch_mps_sort_stable),
    SYMBOL(aoti_torch_mps_topk),
    SYMBOL(aoti_torch_mps_scatter_src_out),
    SYMBOL(aoti_torch_mps_scatter_value_out),
    SYMBOL(aoti_torch_mps_scatter_reduce_two_out),
    {"aoti_torch_index_put_out", (void*)pt2__mps_index_put_out},
    SYMBOL(aoti_torch_mps_convolution),
    // The cpu's, with results laid out as PyTorch lays them out here.
    SYMBOL(aoti_torch_mps_convolution_backward),
};
const size_t pt2__mps_symbol_count =
    sizeof(pt2__mps_symbols) / sizeof(pt2__mps_symbols[0]);
