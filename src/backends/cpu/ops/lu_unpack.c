// SPDX-License-Identifier: Apache-2.0
//
// aten::lu_unpack.
#include "backends/cpu/kernels/linalg/solve.h"

static pt2_status_t lu_unpack(const pt2_tensor_t* data,
                              const pt2_tensor_t* pivots, bool unpack_data,
                              bool permute, pt2_tensor_t** out_p,
                              pt2_tensor_t** out_l, pt2_tensor_t** out_u) {
  pt2_tensor_t* results[3];
  PT2_TRY(pt2__lu_unpack(data, pivots, unpack_data, permute, results));
  *out_p = results[0];
  *out_l = results[1];
  *out_u = results[2];
  return PT2_STATUS_OK;
}

AOTITorchError aoti_torch_cpu_lu_unpack(
    AtenTensorHandle LU_data, AtenTensorHandle LU_pivots, int32_t unpack_data,
    int32_t unpack_pivots, AtenTensorHandle* ret0, AtenTensorHandle* ret1,
    AtenTensorHandle* ret2) {
  PT2_OP_RETURN("aten::lu_unpack",
                lu_unpack(LU_data, LU_pivots, unpack_data != 0,
                          unpack_pivots != 0, ret0, ret1, ret2));
}
