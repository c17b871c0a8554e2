# SPDX-License-Identifier: Apache-2.0
"""Quantised operators, for run.py."""
import ctypes
import pathlib


def constant(harness, tensor):
    """|tensor| as a constant of a model: packed by the first call."""
    library = pathlib.Path(harness.library().dll._name).resolve()
    mark = ctypes.CDLL(str(library.parent / "bench/libconstant.so"))

    class Constant(harness.Made):
        def handle(self):
            made = harness.to_handle(tensor)
            mark.bench_make_constant(made)
            return made

    return Constant("constant", (tensor,), None)


def cases(torch, harness):
    """(name, symbol, arguments in C order, the same in torch as a callable,
    number of results)"""
    yield from weight_only(torch)
    yield from linear(torch, harness)
    yield from convolutions(torch, harness)
    yield from packed(torch, harness)
    yield from others(torch)


def weight_only(torch):
    aten, cpu = torch.ops.aten, "aoti_torch_cpu_"
    for m in (1, 4, 128):
        for dtype in (torch.bfloat16, torch.float32):
            x = torch.randn(m, 1024, dtype=dtype)
            w = torch.randint(-128, 128, (1024, 1024), dtype=torch.int8)
            s = torch.rand(1024, dtype=dtype)
            name = f"{m}x1024x1024 {str(dtype)[6:]}"
            yield (f"int8pack_mm {name}", cpu + "_weight_int8pack_mm",
                   (x, w, s),
                   lambda x=x, w=w, s=s: aten._weight_int8pack_mm(x, w, s), 1)
            w = aten._convert_weight_to_int4pack_for_cpu(
                torch.randint(0, 16, (1024, 1024), dtype=torch.int32), 1)
            s = torch.randn(1024 // 64, 1024, 2, dtype=dtype)
            yield (f"int4pack_mm {name}", cpu + "_weight_int4pack_mm_cpu_tensor",
                   (x, w, torch.tensor(64), s),
                   lambda x=x, w=w, s=s: aten._weight_int4pack_mm_for_cpu(
                       x, w, 64, s), 1)


def scales(torch, n):
    return (torch.rand(n) * 0.01, torch.zeros(n, dtype=torch.int32))


def linear(torch, harness):
    onednn = torch.ops.onednn
    s, z = torch.tensor(0.02), torch.tensor(7, dtype=torch.int32)
    for m, out in [(1, torch.float32), (32, torch.uint8),
                   (128, torch.float32)]:
        x = torch.randint(0, 256, (m, 1024), dtype=torch.uint8)
        w = torch.randint(-64, 64, (1024, 1024), dtype=torch.int8)
        ws, wz = scales(torch, 1024)
        rest = (torch.randn(1024), 1.0 if out == torch.float32 else 0.1, 0, out,
                "relu", [], "")
        p = onednn.qlinear_prepack(w.t().contiguous(), [m, 1024])
        yield (f"qlinear {m}x1024x1024 {str(out)[6:]}",
               "aoti_torch_cpu__qlinear_pointwise_tensor",
               (x, s, z, constant(harness, w), ws, wz, *rest),
               lambda x=x, p=p, ws=ws, wz=wz, rest=rest:
               onednn.qlinear_pointwise.tensor(x, s, z, p, ws, wz, *rest), 1)


def convolutions(torch, harness):
    onednn = torch.ops.onednn
    s, z = torch.tensor(0.02), torch.tensor(7, dtype=torch.int32)
    for name, sizes, channels, k, stride, groups in [
            ("3x3 64", (1, 64, 56, 56), 64, 3, 1, 1),
            ("1x1 256", (1, 256, 28, 28), 256, 1, 1, 1),
            ("7x7 first", (1, 3, 224, 224), 64, 7, 2, 1),
            ("depthwise", (1, 128, 56, 56), 128, 3, 1, 128)]:
        x = torch.randint(0, 256, sizes, dtype=torch.uint8).contiguous(
            memory_format=torch.channels_last)
        w = torch.randint(-64, 64, (channels, sizes[1] // groups, k, k),
                          dtype=torch.int8)
        ws, wz = scales(torch, channels)
        where = ([stride] * 2, [k // 2] * 2, [1, 1], groups)
        rest = (torch.randn(channels), *where, 0.1, 0, torch.uint8, "relu", [],
                None)
        p = onednn.qconv_prepack(w, ws, 0.02, 7, *where, list(sizes))
        yield (f"qconv {name}", "aoti_torch_cpu__qconv_pointwise_tensor",
               (x, s, z, constant(harness, w), ws, wz, *rest),
               lambda x=x, p=p, ws=ws, wz=wz, rest=rest:
               onednn.qconv_pointwise.tensor(x, s, z, p, ws, wz, *rest), 1)


def packed(torch, harness):
    quantized, aten = torch.ops._quantized, torch.ops.aten
    w, b = torch.rand(1024, 1024) * 2 - 1, torch.randn(1024)
    pack16 = quantized.wrapped_fbgemm_pack_gemm_matrix_fp16
    of_weight = (w, torch.tensor(0.02), torch.tensor(3), b)
    scale = (torch.tensor(0.03), torch.tensor(110))
    out = (torch.tensor(0.1), torch.tensor(120), 1024)
    p16, p8 = pack16(w.clone()), aten._wrapped_linear_prepack(*of_weight)
    for m in (1, 16, 64):
        x = torch.randn(m, 1024)
        made = harness.Made(
            "aoti_torch_cpu_wrapped_fbgemm_pack_gemm_matrix_fp16", (w,), pack16)
        yield (f"fbgemm fp16 {m}x1024x1024",
               "aoti_torch_cpu_wrapped_fbgemm_linear_fp16_weight",
               (x, made, b, 1024),
               lambda x=x: quantized.wrapped_fbgemm_linear_fp16_weight(
                   x, p16, b, 1024), 1)
        made = harness.Made("aoti_torch_cpu__wrapped_linear_prepack", of_weight,
                            aten._wrapped_linear_prepack)
        yield (f"wrapped quantized linear {m}x1024x1024",
               "aoti_torch_cpu__wrapped_quantized_linear_prepacked",
               (x, *scale, made, *out),
               lambda x=x: aten._wrapped_quantized_linear_prepacked(
                   x, *scale, p8, *out), 1)


def others(torch):
    aten = torch.ops.aten
    x, on = torch.randn(256, 1024), torch.tensor([1])
    state = (torch.tensor([-3.0]), torch.tensor([3.0]), torch.ones(1),
             torch.zeros(1, dtype=torch.int32), 0.01, 0, 255, -1, False, False)
    yield ("fused_moving_avg_obs_fq 256x1024",
           "aoti_torch_cpu__fused_moving_avg_obs_fq_helper", (x, on, on, *state),
           lambda: aten._fused_moving_avg_obs_fq_helper(x, on, on, *state), 2)
    k = n = 512
    weight = torch.randint(0, 256, (n, k // 2), dtype=torch.uint8)
    for group in (k, 64):
        p = aten._dyn_quant_pack_4bit_weight(weight, torch.rand(n, k // group),
                                             None, group, k, n)
        x = torch.randn(4, k)
        yield (f"dyn_quant_matmul_4bit 4x{k}x{n} group {group}",
               "aoti_torch_cpu__dyn_quant_matmul_4bit", (x, p, group, k, n),
               lambda x=x, p=p, group=group: aten._dyn_quant_matmul_4bit(
                   x, p, group, k, n), 1)
