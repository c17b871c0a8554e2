# SPDX-License-Identifier: Apache-2.0
"""Quantised operators whose weights are plain tensors, or packed by the model."""
import torch

ATEN, QUANTIZED = torch.ops.aten, torch.ops._quantized


class Batch(torch.nn.Module):
    def __init__(self):
        super().__init__()

        def keep(name, tensor):
            self.register_buffer(name, tensor)

        keep("int8", torch.randint(-128, 128, (48, 64), dtype=torch.int8))
        keep("int8_scale", torch.rand(48) * 0.02)
        keep("int8_scale16", self.int8_scale.bfloat16())
        keep("int4", ATEN._convert_weight_to_int4pack_for_cpu(
            torch.randint(0, 16, (48, 64), dtype=torch.int32), 1))
        keep("int4_scale", torch.randn(2, 48, 2) * 0.02)
        keep("int4_scale16", self.int4_scale.bfloat16())
        keep("weight", torch.rand(48, 64) * 2 - 1)
        keep("bias", torch.randn(48))
        keep("scales", torch.tensor([0.02, 0.03, 0.1]))
        keep("zero_points", torch.tensor([3, 110, 120]))
        keep("bytes", torch.randint(0, 256, (48, 32), dtype=torch.uint8))
        keep("byte_scale", torch.rand(48, 1))
        keep("on", torch.tensor([1]))
        keep("least", torch.tensor([-1.0]))
        keep("most", torch.tensor([1.0]))
        keep("scale", torch.ones(1))
        keep("zero_point", torch.zeros(1, dtype=torch.int32))

    def forward(self, x):
        s, z = self.scales, self.zero_points
        packed16 = QUANTIZED.wrapped_fbgemm_pack_gemm_matrix_fp16(self.weight)
        packed8 = QUANTIZED._wrapped_linear_prepack(self.weight, s[0], z[0],
                                                    self.bias)
        packed4 = ATEN._dyn_quant_pack_4bit_weight(self.bytes, self.byte_scale,
                                                   None, 64, 64, 48)
        half = x.bfloat16()
        observed = ATEN._fused_moving_avg_obs_fq_helper_functional(
            x, self.on, self.on, self.least, self.most, self.scale,
            self.zero_point, 0.01, 0, 255, -1, False, False)
        return (
            ATEN._weight_int8pack_mm(x, self.int8, self.int8_scale),
            ATEN._weight_int8pack_mm(half, self.int8, self.int8_scale16),
            ATEN._weight_int4pack_mm_for_cpu(x, self.int4, 32, self.int4_scale),
            ATEN._weight_int4pack_mm_for_cpu(half, self.int4, 32,
                                             self.int4_scale16),
            QUANTIZED.wrapped_fbgemm_linear_fp16_weight(x, packed16, self.bias,
                                                        48),
            QUANTIZED._wrapped_quantized_linear_prepacked(x, s[1], z[1], packed8,
                                                          s[2], z[2], 48),
            ATEN._dyn_quant_matmul_4bit(x, packed4, 64, 64, 48),
            *observed,
        )


def inputs():
    return (torch.randn(5, 64),)


OPERATORS = [
    "aoti_torch_cpu__weight_int8pack_mm",
    "aoti_torch_cpu__weight_int4pack_mm_cpu_tensor",
    "aoti_torch_cpu_wrapped_fbgemm_pack_gemm_matrix_fp16",
    "aoti_torch_cpu_wrapped_fbgemm_linear_fp16_weight",
    "aoti_torch_cpu__wrapped_linear_prepack",
    "aoti_torch_cpu__wrapped_quantized_linear_prepacked",
    "aoti_torch_cpu__dyn_quant_pack_4bit_weight",
    "aoti_torch_cpu__dyn_quant_matmul_4bit",
    "aoti_torch_cpu__fused_moving_avg_obs_fq_helper_functional",
]
