// SPDX-License-Identifier: Apache-2.0
//
// aten::fractional_max_pool2d.
#include "backends/cpu/kernels/image/fractional_pool.h"
#include "ops/op.h"

AOTITorchError aoti_torch_cpu_fractional_max_pool2d(
    AtenTensorHandle self, const int64_t* kernel_size,
    int64_t kernel_size_count, const int64_t* output_size,
    int64_t output_size_count, AtenTensorHandle random_samples,
    AtenTensorHandle* ret0, AtenTensorHandle* ret1) {
  const pt2__int_list_t kernel = {kernel_size, kernel_size_count};
  const pt2__int_list_t output = {output_size, output_size_count};
  PT2_OP_RETURN("aten::fractional_max_pool2d",
                pt2__fractional_pool(self, 2, kernel, output, random_samples,
                                     ret0, ret1));
}
