// SPDX-License-Identifier: Apache-2.0
//
// aten::fractional_max_pool2d_backward.
#include "backends/cpu/kernels/image/fractional_pool.h"
#include "ops/op.h"

// The kernel's size says nothing that the indices do not.
AOTITorchError aoti_torch_cpu_fractional_max_pool2d_backward(
    AtenTensorHandle grad_output, AtenTensorHandle self,
    const int64_t* kernel_size, int64_t kernel_size_count,
    const int64_t* output_size, int64_t output_size_count,
    AtenTensorHandle indices, AtenTensorHandle* ret0) {
  const pt2__int_list_t output = {output_size, output_size_count};
  (void)kernel_size;
  (void)kernel_size_count;
  PT2_OP_RETURN("aten::fractional_max_pool2d_backward",
                pt2__fractional_pool_backward(grad_output, self, 2, output,
                                              indices, ret0));
}
