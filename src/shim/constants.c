// SPDX-License-Identifier: Apache-2.0
//
// PyTorch's numbers: dtypes, devices, layouts, memory formats, ABI version.
// Models call these while their static initialisers run.
#include "shim/shim.h"

#define DTYPE(name, value) \
  int32_t aoti_torch_dtype_##name(void) { return PT2_DTYPE_##value; }
DTYPE(uint8, U8)
DTYPE(int8, I8)
DTYPE(int16, I16)
DTYPE(int32, I32)
DTYPE(int64, I64)
DTYPE(float16, F16)
DTYPE(float32, F32)
DTYPE(float64, F64)
DTYPE(complex32, COMPLEX32)
DTYPE(complex64, COMPLEX64)
DTYPE(complex128, COMPLEX128)
DTYPE(bool, BOOL)
DTYPE(bfloat16, BF16)
DTYPE(float8_e5m2, F8E5M2)
DTYPE(float8_e4m3fn, F8E4M3FN)
DTYPE(float8_e5m2fnuz, F8E5M2FNUZ)
DTYPE(float8_e4m3fnuz, F8E4M3FNUZ)
DTYPE(uint16, U16)
DTYPE(uint32, U32)
DTYPE(uint64, U64)
DTYPE(float8_e8m0fnu, F8E8M0FNU)
DTYPE(float4_e2m1fn_x2, F4E2M1FNX2)

#define DEVICE(name, value) \
  int32_t aoti_torch_device_type_##name(void) { return PT2_DEVICE_##value; }
DEVICE(cpu, CPU)
DEVICE(cuda, CUDA)
DEVICE(xpu, XPU)
DEVICE(mps, MPS)
DEVICE(meta, META)
DEVICE(privateuse1, PRIVATEUSE1)

#define LAYOUT(name, value) \
  int32_t aoti_torch_layout_##name(void) { return value; }
LAYOUT(strided, PT2_LAYOUT_STRIDED)
LAYOUT(sparse_coo, 1)
LAYOUT(sparse_csr, 2)
LAYOUT(_mkldnn, 3)
LAYOUT(sparse_csc, 4)
LAYOUT(sparse_bsr, 5)
LAYOUT(sparse_bsc, 6)
LAYOUT(jagged, 7)

#define MEMORY_FORMAT(name, value) \
  int32_t aoti_torch_memory_format_##name(void) { return value; }
MEMORY_FORMAT(contiguous_format, PT2_MEMORY_FORMAT_CONTIGUOUS)
MEMORY_FORMAT(preserve_format, PT2_MEMORY_FORMAT_PRESERVE)
MEMORY_FORMAT(channels_last, PT2_MEMORY_FORMAT_CHANNELS_LAST)
MEMORY_FORMAT(channels_last_3d, PT2_MEMORY_FORMAT_CHANNELS_LAST_3D)

size_t aoti_torch_dtype_element_size(int32_t dtype) {
  return pt2_dtype_size_bytes(dtype);
}

// The newest release whose ABI this library was checked against, in torch's
// packing: major, minor, patch in the three highest bytes.
uint64_t aoti_torch_abi_version(void) {
  return (uint64_t)2 << 56 | (uint64_t)15 << 48;
}
