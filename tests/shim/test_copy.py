# SPDX-License-Identifier: Apache-2.0
"""Copies between all dtypes and layouts, bit for bit as torch's copy_ does it."""
import itertools

import pytest
import torch

from harness import (CODES, FLOAT8, Make, delete, library, storage_bytes,
                     to_handle, twin)

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")

F4 = torch.float4_e2m1fn_x2
CONVERTIBLE = [dtype for dtype in CODES if dtype != F4]
INTEGERS = {
    torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64,
    torch.uint16, torch.uint32, torch.uint64, torch.bool,
}


def copy(target, source):
    handles = [to_handle(target), to_handle(source)]
    library().check("aoti_torch_copy_", *handles, 0)
    for handle in handles:
        delete(handle)


def special_values(dtype):
    """Every number of an 8- or 16-bit dtype; of others the edges of all
    narrower ones and of the integers, and random bits."""
    if dtype == torch.bool:
        return torch.tensor([False, True])
    if dtype.is_complex:
        parts = special_values({torch.complex32: torch.float16,
                                torch.complex64: torch.float32,
                                torch.complex128: torch.float64}[dtype])
        other = parts[torch.randperm(
            len(parts), generator=torch.Generator().manual_seed(1))]
        return torch.view_as_complex(torch.stack([parts, other], -1))
    if dtype.itemsize == 1:
        return torch.arange(256, dtype=torch.uint8).view(dtype)
    if dtype.itemsize == 2:
        return torch.arange(65536, dtype=torch.int32).to(torch.uint16).view(
            dtype)
    generator = torch.Generator().manual_seed(2)
    bits = torch.randint(-2**63, 2**63 - 1, (20000,), generator=generator,
                         dtype=torch.int64)
    if dtype in INTEGERS:
        edges = [0, 1, -1, 127, 128, 255, 256, 32767, 32768, 65535, 2**24 + 1,
                 2**31 - 1, 2**31, 2**32 - 1, 2**53 + 1, 2**62, -2**63]
        bits = torch.cat([torch.tensor(edges), bits, bits >> 40])
        return bits.to(torch.int32).view(dtype) if dtype.itemsize == 4 else (
            bits.view(dtype))
    near = torch.tensor([0.0, 0.5, 1, 1.5, 2.5, 127.9, 128, 255.5, 256, 448,
                         464, 480, 57344, 61440, 65504, 65520, 65536, 240, 248,
                         2.0**31, 2.0**32, 2.0**63, 2.0**64, 3.3e38, 1e39,
                         float("inf"), float("nan"), 2.0**-133, 2.0**-149, 1e-45,
                         2.0**-14, 2.0**-24, 2.0**-25, 6e-8],
                        dtype=torch.float64)
    # Every exponent with the mantissas that tie in the narrow formats.
    steps = torch.arange(0, 2**12, dtype=torch.int64) << 20
    ties = (steps.to(torch.int32).view(torch.float32).double())
    floats = torch.cat([near, -near, ties, -ties,
                        torch.randn(5000, generator=generator,
                                    dtype=torch.float64) * 300])
    if dtype == torch.float64:
        return torch.cat([floats, bits.view(torch.float64)])
    half = torch.arange(0, 2**16, dtype=torch.int64) << 16  # all of bf16
    more = torch.cat([half + 0x8000, half + 0x8001, half + 0x7fff])
    return torch.cat([floats.float(), bits.to(torch.int32).view(torch.float32),
                      more.to(torch.int32).view(torch.float32)])


def canonical(tensor):
    """Bits, with one NaN: torch itself has several, by processor and length."""
    if tensor.dtype.is_complex:
        tensor = torch.view_as_real(tensor)
    raw = tensor.contiguous().view(
        {1: torch.uint8, 2: torch.int16, 4: torch.int32,
         8: torch.int64}[tensor.dtype.itemsize]).clone()
    if tensor.dtype.is_floating_point:
        wide = tensor.float() if tensor.dtype in FLOAT8 else tensor
        raw[wide.isnan()] = 0x7f
    return raw


def out_of_range(source, target_dtype):
    """Numbers that C cannot convert to this integer dtype; NaN too."""
    real = source.real if source.dtype.is_complex else source
    if not real.dtype.is_floating_point or target_dtype not in INTEGERS:
        return torch.zeros(source.shape, dtype=torch.bool)
    real = real.double()
    if target_dtype == torch.bool:
        return torch.zeros(source.shape, dtype=torch.bool)
    info = torch.iinfo(target_dtype)
    least = float(info.min)
    return ~((real > least - 1) & (real < float(info.max) + 1)
             | (real == least))


@pytest.mark.parametrize("source_dtype", CONVERTIBLE, ids=lambda d: str(d)[6:])
@pytest.mark.parametrize("target_dtype", CONVERTIBLE, ids=lambda d: str(d)[6:])
def test_every_pair(target_dtype, source_dtype):
    source = special_values(source_dtype)
    mine = torch.zeros(source.shape, dtype=target_dtype)
    theirs = torch.zeros(source.shape, dtype=target_dtype)
    copy(mine, source)
    theirs.copy_(source)
    differs = canonical(mine) != canonical(theirs)
    if target_dtype.is_complex:
        differs = differs.any(-1)
    # What no integer can hold is the processor's affair; see the next test.
    differs &= ~out_of_range(source, target_dtype)
    assert not differs.any(), (
        f"{int(differs.sum())} of {len(source)} differ, first: "
        f"{source[differs][:4]} -> {mine[differs][:4]}, expected "
        f"{theirs[differs][:4]}")


@pytest.mark.parametrize("source_dtype", [torch.float32, torch.float64,
                                          torch.bfloat16, torch.complex64],
                         ids=lambda d: str(d)[6:])
@pytest.mark.parametrize("target_dtype", sorted(INTEGERS, key=str),
                         ids=lambda d: str(d)[6:])
def test_out_of_range_as_x86_does(target_dtype, source_dtype):
    """Element by element: torch's vectorised loops may differ from its own
    scalar code, whose answer is x86's."""
    values = [float("nan"), float("inf"), -float("inf"), 3e9, -3e9, 1e19, -1e19,
              1e30, 300.0, -1.0, -129.0, 70000.0, 2.0**63, 2.0**31, 2.0**32]
    for value in values:
        source = torch.tensor([value], dtype=torch.float64).to(source_dtype)
        mine = torch.zeros(1, dtype=target_dtype)
        theirs = torch.zeros(1, dtype=target_dtype)
        copy(mine, source)
        theirs.copy_(source)
        assert mine.item() == theirs.item(), (value, mine, theirs)


LAYOUTS = Make.LAYOUTS
SIZES = [(7,), (3, 5), (2, 3, 4), (2, 3, 4, 5), (2, 1, 3, 1, 4), (1, 1), (33, 65)]


def layouts_for(sizes):
    rank = len(sizes)
    for layout in LAYOUTS:
        if layout == "transposed" and rank < 2:
            continue
        if layout == "permuted" and rank < 3:
            continue
        if layout == "channels_last" and rank not in (4, 5):
            continue
        yield layout


def check(target, source):
    theirs = twin(target)
    theirs.copy_(twin(source))
    copy(target, source)
    assert storage_bytes(target) == storage_bytes(theirs), (
        f"{target.dtype}{list(target.shape)}/{target.stride()} from "
        f"{source.dtype}{list(source.shape)}/{source.stride()}")


@pytest.mark.parametrize("dtypes", [
    (torch.float32, torch.float32), (torch.uint8, torch.uint8),
    (torch.int16, torch.int16), (torch.int64, torch.int64),
    (torch.complex128, torch.complex128), (torch.float32, torch.bfloat16),
    (torch.float16, torch.float32), (torch.int32, torch.int64),
    (torch.bool, torch.float32), (torch.complex64, torch.float64)],
    ids=lambda d: "-".join(str(x)[6:] for x in d))
def test_layouts(dtypes):
    make = Make(torch.float32, 3)
    for sizes in SIZES:
        for to, source in itertools.product(layouts_for(sizes), repeat=2):
            if to == "expanded":
                continue  # torch does not write to these either
            check(make(sizes, dtype=dtypes[0], layout=to),
                  make(sizes, dtype=dtypes[1], layout=source))


@pytest.mark.parametrize("sizes", [((4, 5), (5,)), ((4, 5), (1,)),
                                   ((4, 5), (4, 1)), ((2, 3, 4), (3, 1)),
                                   ((2, 3, 4), ()), ((0, 3), (3,)),
                                   ((3, 0), (1, 0)), ((), ())], ids=str)
def test_broadcast(sizes):
    make = Make(torch.float32, 4)
    for dtype in (torch.float32, torch.float64, torch.uint8):
        check(make(sizes[0]), make(sizes[1], dtype=dtype))


def test_float4_pairs_are_bytes():
    make = Make(F4, 5)
    check(make(4, 6), make(4, 6))
    mine = make(6, 4)
    copy(mine, make(4, 6).t())


def test_large_copies_run_in_threads():
    make = Make(torch.float32, 6)
    for layout in ("contiguous", "transposed", "sliced", "permuted"):
        check(make(40, 70, 301), make(40, 70, 301, layout=layout))
        check(make(40, 70, 301, layout=layout), make(40, 70, 301))
        check(make(40, 70, 301), make(40, 70, 301, dtype=torch.bfloat16,
                                      layout=layout))
    check(make(1, 900000), make(1, 900000))
    check(make(900000), make(1))


def test_overlapping_memory_reads_before_it_writes():
    base = torch.arange(20.0)
    expected = base.clone()
    expected[2:12] = base[0:10].clone()
    copy(base[2:12], base[0:10])
    assert torch.equal(base, expected)
    square = torch.arange(16.0).reshape(4, 4)
    expected = square.t().clone()
    copy(square, square.t())
    assert torch.equal(square, expected)
    halves = torch.arange(8, dtype=torch.int32)
    expected = halves[:4].to(torch.int16)
    target = halves.view(torch.int16)[2:6]
    copy(target, halves[:4])
    assert torch.equal(target, expected)


@pytest.mark.parametrize("target,source,message", [
    ((3,), (4,), "expected 3"),
    ((3,), (1, 3), "doesn't match the broadcast shape"),
    ((2, 3), (3, 3), "expected 2")])
def test_sizes_that_do_not_broadcast(target, source, message):
    a, b = torch.zeros(target), torch.ones(source)
    with pytest.raises(RuntimeError, match=message):
        copy(a, b)
    assert torch.equal(a, torch.zeros(target))
    with pytest.raises(RuntimeError):
        a.copy_(b)


def test_refuses_what_torch_refuses():
    with pytest.raises(RuntimeError, match="single memory location"):
        copy(torch.zeros(1).expand(3), torch.ones(3))
    with pytest.raises(RuntimeError, match="Float4_e2m1fn_x2"):
        copy(torch.zeros(3), torch.zeros(3, dtype=torch.uint8).view(F4))
    with pytest.raises(RuntimeError, match="Float4_e2m1fn_x2"):
        copy(torch.zeros(3, dtype=torch.uint8).view(F4), torch.zeros(3))


def test_tensor_copy_takes_the_source_first():
    a, b = torch.zeros(3), torch.ones(3)
    handles = [to_handle(b), to_handle(a)]
    library().check("aoti_torch_tensor_copy_", *handles)
    assert torch.equal(a, b)
    for handle in handles:
        delete(handle)
