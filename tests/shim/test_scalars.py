# SPDX-License-Identifier: Apache-2.0
"""item_* and scalar_to_tensor_* against torch, and PyTorch's constants."""
import ctypes

import pytest
import torch

from harness import CODES, delete, from_handle, i64_array, library, to_handle

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")

ITEMS = {
    "bfloat16": (ctypes.c_uint16, torch.bfloat16),
    "bool": (ctypes.c_bool, torch.bool),
    "float16": (ctypes.c_uint16, torch.float16),
    "float32": (ctypes.c_float, torch.float32),
    "float64": (ctypes.c_double, torch.float64),
    "int8": (ctypes.c_int8, torch.int8),
    "int16": (ctypes.c_int16, torch.int16),
    "int32": (ctypes.c_int32, torch.int32),
    "int64": (ctypes.c_int64, torch.int64),
    "uint8": (ctypes.c_uint8, torch.uint8),
    "uint16": (ctypes.c_uint16, torch.uint16),
    "uint32": (ctypes.c_uint32, torch.uint32),
    "uint64": (ctypes.c_uint64, torch.uint64),
    "complex64": (ctypes.c_float * 2, torch.complex64),
}


def item(name, tensor):
    """(code, value as a tensor of the target's dtype, message)."""
    ctype, dtype = ITEMS[name]
    value = ctype()
    h = to_handle(tensor)
    code = library().call(f"aoti_torch_item_{name}", h, ctypes.byref(value))
    message = library().message()
    delete(h)
    raw = bytearray(bytes(value))
    return code, torch.frombuffer(raw, dtype=torch.uint8).view(dtype), message


STOCK = ctypes.CDLL(torch.__path__[0] + "/lib/libtorch_cpu.so")


def stock_item(name, tensor):
    """The same of PyTorch's own function: the value, or None if it refuses."""
    ctype, dtype = ITEMS[name]
    handle, value = ctypes.c_void_p(), ctype()
    assert STOCK.aoti_torch_create_tensor_from_blob(
        ctypes.c_void_p(tensor.data_ptr()), ctypes.c_int64(tensor.dim()),
        i64_array(tensor.shape), i64_array(tensor.stride()), ctypes.c_int64(0),
        CODES[tensor.dtype], 0, 0, ctypes.byref(handle)) == 0
    code = getattr(STOCK, f"aoti_torch_item_{name}")(handle,
                                                     ctypes.byref(value))
    STOCK.aoti_torch_delete_tensor_object(handle)
    if code != 0:
        return None
    raw = bytearray(bytes(value))
    return torch.frombuffer(raw, dtype=torch.uint8).view(dtype)


def sources():
    for dtype in CODES:
        if dtype == torch.float4_e2m1fn_x2:
            continue
        for number in (0, 1, 100):
            yield torch.tensor(float(number)).to(dtype)
    for number in (-1, 127, 128, 255, 256, -129, 65535, 65536, 2**31, 2**32,
                   -2**31 - 1, 2**63 - 1, -2**63, -255, -256):
        yield torch.tensor(number)
    yield torch.tensor([2**64 - 1], dtype=torch.uint64)
    yield torch.tensor([2**63 + 5], dtype=torch.uint64)
    for number in (0.5, -1.5, 3e9, 1e30, 1e300, 65504.0, 65519.0, 65536.0,
                   3.38e38, 2.0**63, 2.0**64, -0.5, -1.0, float("inf"),
                   -float("inf"), float("nan")):
        yield torch.tensor(number, dtype=torch.float64)
    for number in (1 + 0j, 2.5 + 0j, 1 + 2j, 1e39 + 0j):
        yield torch.tensor(number, dtype=torch.complex128)


@pytest.mark.parametrize("name", ITEMS)
def test_item(name, capfd):
    for source in sources():
        want = stock_item(name, source)
        code, got, message = item(name, source)
        text = f"{name} of {source.dtype} {source}"
        if want is None:
            assert code == 1, text
            assert "without overflow" in message, text
        else:
            assert code == 0, f"{text}: {message}"
            same = (got == want) | (got.isnan() & want.isnan())
            assert same.all(), f"{text}: {got}, expected {want}"
    capfd.readouterr()  # stock prints what it refuses


def test_item_takes_any_shape_of_one_element():
    base = torch.arange(12.0).reshape(3, 4)
    code, got, _ = item("float32", base[1:2, 2:3])
    assert code == 0 and got == 6


@pytest.mark.parametrize("name", ITEMS)
def test_item_refuses(name):
    value = (ctypes.c_uint8 * 16)(*[7] * 16)

    def fails(handle, match, out=ctypes.byref(value)):
        with pytest.raises(RuntimeError, match=match):
            library().check(f"aoti_torch_item_{name}", handle, out)
        assert list(value) == [7] * 16

    for tensor, match in [
            (torch.zeros(2), "a Tensor with 2 elements"),
            (torch.zeros(0), "a Tensor with 0 elements"),
            (torch.zeros(1, dtype=torch.uint8).view(torch.float4_e2m1fn_x2),
             "not implemented for 'Float4_e2m1fn_x2'")]:
        with pytest.raises(RuntimeError):
            tensor.item()
        h = to_handle(tensor)
        fails(h, match)
        delete(h)
    fails(None, "NULL handle")
    one = torch.ones(1)
    h = to_handle(one)
    fails(h, "result is NULL", None)
    delete(h)


class C64(ctypes.Structure):
    _fields_ = [("real", ctypes.c_float), ("imag", ctypes.c_float)]


class C128(ctypes.Structure):
    _fields_ = [("real", ctypes.c_double), ("imag", ctypes.c_double)]


SCALARS = {
    "bool": (torch.bool, [True, False]),
    "float32": (torch.float32, [1.5, -0.0, 3.4e38, float("inf")]),
    "float64": (torch.float64, [1.5, 1e300, -float("inf")]),
    "int8": (torch.int8, [-128, 127]), "int16": (torch.int16, [-32768, 32767]),
    "int32": (torch.int32, [-2**31, 2**31 - 1]),
    "int64": (torch.int64, [-2**63, 2**63 - 1]),
    "uint8": (torch.uint8, [0, 255]), "uint16": (torch.uint16, [0, 65535]),
    "uint32": (torch.uint32, [0, 2**32 - 1]),
    "uint64": (torch.uint64, [0, 2**64 - 1]),
    "complex64": (torch.complex64, [1.5 - 2j]),
    "complex128": (torch.complex128, [1e300 + 2j]),
}


@pytest.mark.parametrize("name", SCALARS)
def test_scalar_to_tensor(name):
    dtype, values = SCALARS[name]
    for value in values:
        want = torch.tensor(value, dtype=dtype)
        argument = value
        if dtype.is_complex:
            argument = (C64 if name == "complex64" else C128)(value.real,
                                                              value.imag)
        handle = ctypes.c_void_p()
        # ctypes knows no _Complex; a struct of two has the same registers.
        function = library().address(f"aoti_torch_scalar_to_tensor_{name}")
        if dtype.is_complex:
            prototype = ctypes.CFUNCTYPE(ctypes.c_int32, type(argument),
                                         ctypes.c_void_p)
            assert prototype(function)(argument, ctypes.addressof(handle)) == 0
        else:
            library().check(f"aoti_torch_scalar_to_tensor_{name}", argument,
                            ctypes.byref(handle))
        got = from_handle(handle)
        delete(handle)
        assert got.dtype == dtype and got.shape == () and got == want


@pytest.mark.parametrize("name", [n for n in SCALARS if "complex" not in n])
def test_scalar_to_tensor_refuses(name):
    with pytest.raises(RuntimeError, match="result is NULL"):
        library().check(f"aoti_torch_scalar_to_tensor_{name}", 1, None)


# ---- Constants ---------------------------------------------------------------


@pytest.mark.parametrize("dtype", CODES, ids=lambda d: str(d)[6:])
def test_dtypes(dtype):
    name = str(dtype)[6:]
    assert library().call(f"aoti_torch_dtype_{name}") == CODES[dtype]
    assert library().call("aoti_torch_dtype_element_size",
                          CODES[dtype]) == dtype.itemsize


def test_element_size_of_no_dtype():
    for code in (-1, 12, 46, 1000):
        assert library().call("aoti_torch_dtype_element_size", code) == 0


@pytest.mark.parametrize("name,code", [
    ("device_type_cpu", 0), ("device_type_cuda", 1), ("device_type_xpu", 12),
    ("device_type_mps", 13), ("device_type_meta", 14),
    ("device_type_privateuse1", 20), ("layout_strided", 0),
    ("layout_sparse_coo", 1), ("layout_sparse_csr", 2), ("layout__mkldnn", 3),
    ("layout_sparse_csc", 4), ("layout_sparse_bsr", 5),
    ("layout_sparse_bsc", 6), ("layout_jagged", 7),
    ("memory_format_contiguous_format", 0), ("memory_format_preserve_format", 1),
    ("memory_format_channels_last", 2), ("memory_format_channels_last_3d", 3)])
def test_constants(name, code):
    assert library().call(f"aoti_torch_{name}") == code
    assert getattr(STOCK, f"aoti_torch_{name}")() == code


def test_abi_version():
    version = library().call("aoti_torch_abi_version")
    STOCK.aoti_torch_abi_version.restype = ctypes.c_uint64
    assert version <= STOCK.aoti_torch_abi_version()
    assert (version >> 56, version >> 48 & 255, version >> 40 & 255) == (2, 15,
                                                                         0)
