# SPDX-License-Identifier: Apache-2.0
"""Handles, properties, views and factories against torch."""
import ctypes
import gc

import pytest
import torch

from harness import (CODES, DTYPES, Make, delete, from_handle, get, i64_array,
                     library, storage_bytes, to_handle)

I64, I32, P, B = (ctypes.c_int64, ctypes.c_int32, ctypes.c_void_p,
                  ctypes.c_bool)
LAYOUTS = [layout for layout in Make.LAYOUTS]


def call(name, *args):
    """A shim with one new handle as its last argument."""
    handle = P()
    library().check(name, *args, ctypes.byref(handle))
    return handle


def fails(name, *args, match):
    """Must return 1 and say why, and leave its output alone."""
    slot = P(0x5a)
    with pytest.raises(RuntimeError, match=match) as caught:
        library().check(name, *args, ctypes.byref(slot))
    assert name in str(caught.value)
    assert slot.value == 0x5a


def undefined():
    return call("aoti_torch_new_uninitialized_tensor")


@pytest.mark.parametrize("layout", LAYOUTS)
def test_properties(layout):
    make = Make(torch.float32, 1)
    for dtype in CODES:
        t = make(2, 3, 4, 5, dtype=dtype, layout=layout)
        h = to_handle(t)
        assert get(h, "get_data_ptr", P) == t.data_ptr()
        assert get(h, "get_dim", I64) == 4
        assert get(h, "get_numel", I64) == t.numel()
        assert get(h, "get_dtype", I32) == CODES[t.dtype]
        assert get(h, "get_device_type", I32) == 0
        assert get(h, "get_device_index", I32) == -1
        assert get(h, "get_layout", I32) == 0
        assert get(h, "get_storage_offset", I64) == t.storage_offset()
        assert get(h, "is_contiguous", B) == t.is_contiguous()
        assert get(h, "is_defined", B) is True
        sizes = (I64 * 4).from_address(get(h, "get_sizes", P))
        strides = (I64 * 4).from_address(get(h, "get_strides", P))
        assert tuple(sizes) == tuple(t.shape)
        assert tuple(strides) == t.stride()
        reach = 1 + t.storage_offset() + sum(
            (n - 1) * s for n, s in zip(t.shape, t.stride()))
        assert get(h, "get_storage_size", I64) == reach * dtype.itemsize
        assert get(h, "get_storage_numel", I64) == reach
        for d in range(-4, 4):
            value = I64()
            library().check("aoti_torch_get_size", h, d, ctypes.byref(value))
            assert value.value == t.size(d)
            library().check("aoti_torch_get_stride", h, d, ctypes.byref(value))
            assert value.value == t.stride(d)
        delete(h)


GETTERS = ["get_data_ptr", "get_dim", "get_numel", "get_sizes", "get_strides",
           "get_dtype", "get_device_type", "get_device_index", "get_layout",
           "get_storage_offset", "get_storage_size", "get_storage_numel",
           "is_contiguous"]


@pytest.mark.parametrize("name", GETTERS)
def test_getters_refuse(name):
    t = torch.zeros(2)
    h, none = to_handle(t), undefined()
    fails(f"aoti_torch_{name}", None, match="NULL handle")
    fails(f"aoti_torch_{name}", none, match="undefined tensor")
    with pytest.raises(RuntimeError, match="result is NULL"):
        library().check(f"aoti_torch_{name}", h, None)
    delete(h)
    delete(none)


@pytest.mark.parametrize("name", ["get_size", "get_stride"])
def test_one_dimension_refuses(name):
    t, s = torch.zeros(2, 3), torch.zeros(())
    h, scalar = to_handle(t), to_handle(s)
    fails(f"aoti_torch_{name}", h, 2, match=r"range of \[-2, 1\], but got 2")
    fails(f"aoti_torch_{name}", h, -3, match="got -3")
    fails(f"aoti_torch_{name}", scalar, 0, match="no dimensions")
    fails(f"aoti_torch_{name}", None, 0, match="NULL handle")
    for tensor, dim in ((t, 2), (s, 0)):
        with pytest.raises(IndexError):
            tensor.size(dim)
    delete(h)
    delete(scalar)


def test_storage_numel_of_odd_bytes():
    t = torch.zeros(5, dtype=torch.uint8)
    h = to_handle(t)
    odd = call("aoti_torch__alloc_from_pool", h, 0, CODES[torch.int16], 1,
               i64_array([2]), i64_array([1]))
    fails("aoti_torch_get_storage_numel", odd, match="5 bytes")
    delete(h)
    delete(odd)


def test_undefined_tensors():
    none = undefined()
    assert get(none, "is_defined", B) is False
    shared = call("aoti_torch_new_tensor_handle", none)
    assert get(shared, "is_defined", B) is False
    t = torch.arange(6.0).reshape(2, 3)
    h = to_handle(t)
    library().check("aoti_torch_assign_tensors", h, none)
    assert torch.equal(from_handle(none), t)
    for handle in (none, shared, h):
        delete(handle)
    fails("aoti_torch_is_defined", None, match="NULL handle")
    with pytest.raises(RuntimeError, match="NULL"):
        library().check("aoti_torch_new_uninitialized_tensor", None)


@pytest.mark.parametrize("rank", [0, 1, 3, 6, 7, 12])
def test_sharing_and_assignment(rank):
    t = Make(torch.float32, 2)(*[2] * rank)
    h = to_handle(t)
    shared = call("aoti_torch_new_tensor_handle", h)
    out = call("aoti_torch_assign_tensors_out", h)
    other = torch.zeros(5)
    target = to_handle(other)
    library().check("aoti_torch_assign_tensors", h, target)
    library().check("aoti_torch_assign_tensors", h, h)
    delete(h)
    for handle in (shared, out, target):
        assert get(handle, "get_data_ptr", P) == t.data_ptr()
        assert torch.equal(from_handle(handle), t)
        delete(handle)
    assert torch.equal(other, torch.zeros(5))


def test_assignment_refuses():
    h = undefined()
    # Models of torch 2.8 to 2.14 do not look whether these failed: they must not
    # take what lay in their variable for a handle.
    for name in ("aoti_torch_new_tensor_handle", "aoti_torch_assign_tensors_out"):
        slot = P(0x5a)
        with pytest.raises(RuntimeError, match="NULL handle"):
            library().check(name, None, ctypes.byref(slot))
        assert slot.value is None
    for pair in ((None, h), (h, None)):
        with pytest.raises(RuntimeError, match="NULL handle"):
            library().check("aoti_torch_assign_tensors", *pair)
    with pytest.raises(RuntimeError, match="result is NULL"):
        library().check("aoti_torch_new_tensor_handle", h, None)
    delete(h)
    library().check("aoti_torch_delete_tensor_object", None)


# ---- Factories ---------------------------------------------------------------


@pytest.mark.parametrize("sizes,strides", [
    ((), ()), ((3,), (1,)), ((3, 4), (4, 1)), ((3, 4), (1, 3)),
    ((3, 4), (9, 2)), ((0, 4), (4, 1)), ((3, 4), (0, 1)),
    ((2,) * 9, (256, 128, 64, 32, 16, 8, 4, 2, 1))])
def test_empty_strided(sizes, strides):
    for code, dtype in DTYPES.items():
        t = torch.empty_strided(sizes, strides, dtype=dtype)
        h = call("aoti_torch_empty_strided", len(sizes), i64_array(sizes),
                 i64_array(strides), code, 0, 0)
        assert get(h, "get_storage_size", I64) == t.untyped_storage().nbytes()
        assert get(h, "get_numel", I64) == t.numel()
        address = get(h, "get_data_ptr", P)
        assert (address is None) == (t.numel() == 0)
        assert (address or 0) % 64 == 0
        read = from_handle(h)
        assert (read.shape, read.stride(), read.dtype) == (
            t.shape, t.stride(), dtype)
        delete(h)


@pytest.mark.parametrize("args,match", [
    ((1, [-1], [1], 6, 0, 0), "size -1 of dimension 0 is negative"),
    ((2, [2, 2], [1, -1], 6, 0, 0), "stride -1 of dimension 1 is negative"),
    ((-1, [], [], 6, 0, 0), "not -1"),
    ((65, [1] * 65, [1] * 65, 6, 0, 0), "not 65"),
    ((1, [2], [1], 99, 0, 0), "99 is no dtype"),
    ((1, [2], [1], -1, 0, 0), "-1 is no dtype"),
    ((1, [2], [1], 6, 1, 0), "device cuda:0"),
    ((1, [2], [1], 6, 13, 2), "device mps:2"),
    ((2, [2**40, 2**40], [2**40, 1], 6, 0, 0), "too large"),
    ((1, [2**62], [1], 7, 0, 0), "outside of what can be addressed"),
    ((1, [2**50], [1], 6, 0, 0), "out of memory"),
    ((1, None, None, 6, 0, 0), "NULL for 1 dimensions")])
def test_empty_strided_refuses(args, match):
    args = [i64_array(a) if isinstance(a, list) else a for a in args]
    fails("aoti_torch_empty_strided", *args, match=match)


def test_from_blob():
    base = torch.arange(24.0)
    h = call("aoti_torch_create_tensor_from_blob", base.data_ptr(), 2,
             i64_array([2, 3]), i64_array([8, 2]), 5, CODES[base.dtype], 0, 0)
    assert get(h, "get_data_ptr", P) == base.data_ptr() + 5 * 4
    assert get(h, "get_storage_offset", I64) == 5
    assert torch.equal(from_handle(h), base.as_strided([2, 3], [8, 2], 5))
    delete(h)
    assert torch.equal(base, torch.arange(24.0))  # not ours to free


def blob_v2(data, sizes, strides, layout=0):
    handle = P()
    library().check("aoti_torch_create_tensor_from_blob_v2", data, len(sizes),
                    i64_array(sizes), i64_array(strides), 0, 6, 0, 0,
                    ctypes.byref(handle), layout, None, 0)
    return handle


def test_from_blob_v2():
    base = torch.arange(6.0)
    h = blob_v2(base.data_ptr(), [2, 3], [3, 1])
    assert torch.equal(from_handle(h), base.reshape(2, 3))
    delete(h)
    with pytest.raises(RuntimeError, match="version of oneDNN that is not"):
        blob_v2(base.data_ptr(), [2, 3], [3, 1], layout=3)
    with pytest.raises(RuntimeError, match="layout 2 is not supported"):
        blob_v2(base.data_ptr(), [2, 3], [3, 1], layout=2)


def test_from_blob_without_data():
    for sizes in ([0], [3]):  # torch makes new memory for the latter
        h = call("aoti_torch_create_tensor_from_blob", None, 1,
                 i64_array(sizes), i64_array([1]), 7, 6, 0, 0)
        assert get(h, "get_numel", I64) == sizes[0]
        assert get(h, "get_storage_offset", I64) == 0
        delete(h)


@pytest.mark.parametrize("args,match", [
    ((2, [2, -3], [3, 1], 0, 6, 0, 0), "size -3"),
    ((2, [2, 3], [3, 1], -1, 6, 0, 0), "offset -1"),
    ((1, [2], [2**62], 0, 6, 0, 0), "addressed"),
    ((1, [2], [1], 0, 77, 0, 0), "77 is no dtype"),
    ((1, [2], [1], 0, 6, 12, 0), "device xpu:0")])
def test_from_blob_refuses(args, match):
    base = torch.zeros(6)
    args = [i64_array(a) if isinstance(a, list) else a for a in args]
    fails("aoti_torch_create_tensor_from_blob", base.data_ptr(), *args,
          match=match)


# ---- Views -------------------------------------------------------------------


def test_reinterpret_adds_to_the_offset():
    base = torch.arange(40.0)
    t = base[10:30]
    h = to_handle(t)
    v = call("aoti_torch__reinterpret_tensor", h, 2, i64_array([2, 3]),
             i64_array([4, 1]), 5)
    assert torch.equal(from_handle(v), base.as_strided([2, 3], [4, 1], 15))
    back = call("aoti_torch__reinterpret_tensor", h, 1, i64_array([5]),
                i64_array([1]), -10)
    assert torch.equal(from_handle(back), base[:5])
    delete(h)
    assert torch.equal(from_handle(v), base.as_strided([2, 3], [4, 1], 15))
    delete(v)
    delete(back)


def test_storage_outlives_the_handle_it_came_from():
    h = call("aoti_torch_empty_strided", 1, i64_array([8]), i64_array([1]), 6,
             0, 0)
    library().check("aoti_torch_zero_", h)
    v = call("aoti_torch__reinterpret_tensor", h, 1, i64_array([4]),
             i64_array([1]), 4)
    delete(h)
    gc.collect()
    assert torch.equal(from_handle(v), torch.zeros(4))
    delete(v)


@pytest.mark.parametrize("args,match", [
    ((1, [7], [1], 0), "needs 28 bytes, its storage has 24"),
    ((1, [1], [1], 6), "needs 28 bytes"),
    ((1, [1], [1], -1), "offset -1"),
    ((1, [1], [1], 2**63 - 1), "."),
    ((2, [2, 2], [5, 1], 0), "needs 28 bytes"),
    ((1, [-2], [1], 0), "negative")])
def test_reinterpret_refuses(args, match):
    t = torch.zeros(6)
    h = to_handle(t)
    args = [i64_array(a) if isinstance(a, list) else a for a in args]
    fails("aoti_torch__reinterpret_tensor", h, *args, match=match)
    delete(h)


def test_as_strided():
    base = torch.arange(40.0)
    t = base[8:32].reshape(4, 6)
    h = to_handle(t)
    v = call("aoti_torch_as_strided", h, i64_array([3, 2]), i64_array([1, 7]))
    assert torch.equal(from_handle(v), t.as_strided([3, 2], [1, 7]))
    fails("aoti_torch_as_strided", h, i64_array([30, 30]), i64_array([1, 7]),
          match="storage has")
    fails("aoti_torch_as_strided", None, i64_array([3, 2]), i64_array([1, 7]),
          match="NULL handle")
    with pytest.raises(RuntimeError):
        t.as_strided([30, 30], [1, 7])
    delete(h)
    delete(v)


def test_alloc_from_pool():
    pool = torch.zeros(64, dtype=torch.uint8)
    h = to_handle(pool)
    v = call("aoti_torch__alloc_from_pool", h, 16, 6, 2, i64_array([2, 3]),
             i64_array([3, 1]))
    ones = torch.ones(2, 3)
    source = to_handle(ones)
    library().check("aoti_torch_copy_", v, source, 0)
    assert torch.equal(pool[16:40].view(torch.float32), torch.ones(6))
    assert pool[:16].sum() == 0 and pool[40:].sum() == 0
    for args, match in [
            ((15, 6, 1, i64_array([1]), i64_array([1])), "15 bytes"),
            ((64, 6, 1, i64_array([1]), i64_array([1])), "needs 68 bytes"),
            ((-4, 6, 1, i64_array([1]), i64_array([1])), "-4 bytes"),
            ((0, 98, 1, i64_array([1]), i64_array([1])), "no dtype")]:
        fails("aoti_torch__alloc_from_pool", h, *args, match=match)
    shifted = to_handle(pool[4:])
    fails("aoti_torch__alloc_from_pool", shifted, 0, 6, 1, i64_array([1]),
          i64_array([1]), match="offset is 4")
    for handle in (h, v, source, shifted):
        delete(handle)


# ---- clone, zero_ ------------------------------------------------------------


@pytest.mark.parametrize("layout", LAYOUTS)
def test_clone_preserve_strides(layout):
    for dtype in (torch.float32, torch.uint8, torch.complex128):
        t = Make(dtype, 3)(2, 3, 4, 5, layout=layout)
        h = to_handle(t)
        c = call("aoti_torch_clone_preserve_strides", h)
        read = from_handle(c)
        assert read.stride() == t.stride() and torch.equal(read, t)
        assert get(c, "get_data_ptr", P) != t.data_ptr()
        assert get(c, "get_storage_offset", I64) == 0
        delete(h)
        delete(c)
    fails("aoti_torch_clone_preserve_strides", None, match="NULL handle")
    none = undefined()
    fails("aoti_torch_clone_preserve_strides", none, match="undefined")
    fails("aoti_torch_clone", none, match="undefined")
    delete(none)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_zero(layout):
    make = Make(torch.float32, 4)
    for dtype in CODES:
        t = make(2, 3, 4, 5, dtype=dtype, layout=layout)
        if dtype == torch.float4_e2m1fn_x2 and not t.is_contiguous():
            continue  # torch cannot
        other = t.clone(memory_format=torch.preserve_format)
        before = storage_bytes(t)
        h = to_handle(t)
        library().check("aoti_torch_zero_", h)
        delete(h)
        other.zero_()
        raw = other.contiguous().view(torch.uint8)
        assert torch.equal(t.contiguous().view(torch.uint8), raw), dtype
        assert len(before) == len(storage_bytes(t))
    none = undefined()
    for handle, match in ((None, "NULL handle"), (none, "undefined")):
        with pytest.raises(RuntimeError, match=match):
            library().check("aoti_torch_zero_", handle)
    delete(none)


def test_zero_of_gaps_and_of_nothing():
    wide = torch.ones(4, 9)
    h = to_handle(wide[:, 1::2])
    library().check("aoti_torch_zero_", h)
    expected = torch.ones(4, 9)
    expected[:, 1::2] = 0
    assert torch.equal(wide, expected)
    delete(h)
    empty = torch.ones(0, 3)
    h = to_handle(empty)
    library().check("aoti_torch_zero_", h)
    delete(h)
    for repeated in (torch.ones(1).expand(5), torch.ones(3, 1).expand(3, 5),
                     torch.ones(2, 1, 8)[:, :, ::2].expand(2, 3, 4)):
        h = to_handle(repeated)
        library().check("aoti_torch_zero_", h)
        assert repeated.abs().sum() == 0
        delete(h)
