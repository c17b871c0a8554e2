# SPDX-License-Identifier: Apache-2.0
"""DLPack against PyTorch and NumPy, both ways: the bytes are shared, each side
lets go exactly once, and what only one side can say is refused."""
import ctypes
import gc
import pathlib
import sys
import weakref

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))

import numpy
import torch
import torch.utils.dlpack

import pt2lib
from pt2lib import lib

P = ctypes.c_void_p
# Numbers of include/pt2/tensor.h.
CODES = {**pt2lib.CODES, torch.float8_e5m2fnuz: 25, torch.float8_e4m3fnuz: 26,
         torch.float8_e8m0fnu: 44}
VERSIONED, LEGACY = b"dltensor_versioned", b"dltensor"

for name, arguments in [("pt2_tensor_from_dlpack", [P, P]),
                        ("pt2_tensor_from_dlpack_legacy", [P, P]),
                        ("pt2_tensor_to_dlpack", [P, P]),
                        ("pt2_tensor_to_dlpack_legacy", [P, P])]:
    getattr(lib, name).restype = ctypes.c_int32
    getattr(lib, name).argtypes = arguments
lib.pt2_tensor_is_read_only.restype = ctypes.c_bool
lib.pt2_tensor_is_read_only.argtypes = [P]
lib.pt2_tensor_numel.restype = ctypes.c_int64
lib.pt2_tensor_numel.argtypes = [P]

DESTRUCTOR = ctypes.CFUNCTYPE(None, P)
capsule_new = ctypes.pythonapi.PyCapsule_New
capsule_new.restype = ctypes.py_object
capsule_new.argtypes = [P, ctypes.c_char_p, P]
capsule_pointer = ctypes.pythonapi.PyCapsule_GetPointer
capsule_pointer.restype = P
capsule_pointer.argtypes = [ctypes.py_object, ctypes.c_char_p]
capsule_is = ctypes.pythonapi.PyCapsule_IsValid
capsule_is.restype = ctypes.c_int
capsule_is.argtypes = [ctypes.py_object, ctypes.c_char_p]
capsule_rename = ctypes.pythonapi.PyCapsule_SetName
capsule_rename.restype = ctypes.c_int
capsule_rename.argtypes = [ctypes.py_object, ctypes.c_char_p]

# SetName keeps the address only.
USED_VERSIONED, USED_LEGACY = b"used_dltensor_versioned", b"used_dltensor"


def take(source, versioned=True):
    """Imports whatever has __dlpack__, as a consumer of the protocol does."""
    capsule = (source.__dlpack__(max_version=(1, 1)) if versioned
               else source.__dlpack__())
    versioned = bool(capsule_is(capsule, VERSIONED))
    handle = P()
    if versioned:
        pt2lib.check(lib.pt2_tensor_from_dlpack(
            capsule_pointer(capsule, VERSIONED), ctypes.byref(handle)))
        capsule_rename(capsule, USED_VERSIONED)
    else:
        pt2lib.check(lib.pt2_tensor_from_dlpack_legacy(
            capsule_pointer(capsule, LEGACY), ctypes.byref(handle)))
        capsule_rename(capsule, USED_LEGACY)
    return handle


class Lent:
    """A handle as a producer of the protocol."""

    def __init__(self, handle):
        self.handle = handle

    def __dlpack_device__(self):
        return (1, 0)

    def __dlpack__(self, *, max_version=None, **unused):
        managed = P()
        if max_version is not None and max_version[0] >= 1:
            pt2lib.check(lib.pt2_tensor_to_dlpack(self.handle,
                                                  ctypes.byref(managed)))
            return capsule_new(managed, VERSIONED, None)
        pt2lib.check(lib.pt2_tensor_to_dlpack_legacy(self.handle,
                                                     ctypes.byref(managed)))
        return capsule_new(managed, LEGACY, None)


def new_handle(dtype, sizes):
    """A tensor of the library's own with bytes of some pattern, and them."""
    tensor = torch.arange(64, dtype=torch.uint8)
    count = int(numpy.prod(sizes))
    source = P()
    code = CODES[dtype]
    array = (ctypes.c_int64 * max(len(sizes), 1))(*sizes)
    lib.pt2_tensor_create.restype = ctypes.c_int32
    lib.pt2_tensor_create.argtypes = [ctypes.c_int32, ctypes.c_size_t, P, P, P]
    pt2lib.check(lib.pt2_tensor_create(code, len(sizes), array, None,
                                       ctypes.byref(source)))
    bytes_ = (tensor.repeat(count)[:count * dtype.itemsize] % 2).numpy()
    if count:
        ctypes.memmove(lib.pt2_tensor_peek_data(source), bytes_.ctypes.data,
                       bytes_.nbytes)
    return source, bytes_


TORCH_DTYPES = [torch.bool, torch.uint8, torch.int8, torch.int16, torch.int32,
                torch.int64, torch.uint16, torch.uint32, torch.uint64,
                torch.float16, torch.bfloat16, torch.float32, torch.float64,
                torch.complex32, torch.complex64, torch.complex128,
                torch.float8_e5m2, torch.float8_e4m3fn, torch.float8_e5m2fnuz,
                torch.float8_e4m3fnuz, torch.float8_e8m0fnu]
NUMPY_DTYPES = [numpy.bool_, numpy.uint8, numpy.int8, numpy.int16, numpy.int32,
                numpy.int64, numpy.uint16, numpy.uint32, numpy.uint64,
                numpy.float16, numpy.float32, numpy.float64, numpy.complex64,
                numpy.complex128]


@pytest.mark.parametrize("versioned", [True, False])
@pytest.mark.parametrize("dtype", TORCH_DTYPES, ids=str)
def test_from_torch(dtype, versioned):
    tensor = torch.zeros(3, 4, dtype=torch.uint8).to(dtype)
    handle = take(tensor, versioned)
    assert lib.pt2_tensor_dtype(handle) == CODES[dtype]
    assert lib.pt2_tensor_peek_data(handle) == tensor.data_ptr()
    assert lib.pt2_tensor_peek_sizes(handle)[:2] == [3, 4]
    assert lib.pt2_tensor_peek_strides(handle)[:2] == [4, 1]
    assert not lib.pt2_tensor_is_read_only(handle)
    lib.pt2_tensor_release(handle)


@pytest.mark.parametrize("dtype", TORCH_DTYPES, ids=str)
def test_to_torch(dtype):
    handle, expected = new_handle(dtype, (3, 4))
    address = lib.pt2_tensor_peek_data(handle)
    tensor = torch.from_dlpack(Lent(handle))
    lib.pt2_tensor_release(handle)  # the consumer still has it
    assert tensor.dtype == dtype and tensor.shape == (3, 4)
    assert tensor.data_ptr() == address
    assert bytes(tensor.view(torch.uint8).numpy().tobytes()) == \
        expected.tobytes()


@pytest.mark.parametrize("dtype", NUMPY_DTYPES, ids=lambda d: d.__name__)
def test_numpy_both_ways(dtype):
    array = numpy.arange(12).reshape(3, 4).astype(dtype)
    handle = take(array)
    assert lib.pt2_tensor_peek_data(handle) == array.ctypes.data
    back = numpy.from_dlpack(Lent(handle))
    lib.pt2_tensor_release(handle)
    assert back.dtype == array.dtype
    numpy.testing.assert_array_equal(back, array)
    assert back.ctypes.data == array.ctypes.data


def test_views_keep_their_strides_and_offset():
    tensor = torch.arange(60, dtype=torch.float32).reshape(3, 4, 5)
    for view in [tensor[1:, ::2, 1], tensor.permute(2, 0, 1), tensor[2, 3, 4],
                 tensor[:, 1:1], torch.tensor(5.0).expand(3, 2)]:
        handle = take(view)
        torch.testing.assert_close(pt2lib.from_handle(handle), view,
                                   rtol=0, atol=0)
        back = torch.from_dlpack(Lent(handle))
        lib.pt2_tensor_release(handle)
        torch.testing.assert_close(back, view, rtol=0, atol=0)
        if view.numel():
            assert back.data_ptr() == view.data_ptr()


def test_the_producer_is_let_go_once():
    class Array(numpy.ndarray):
        pass

    array = numpy.zeros((2, 3), dtype=numpy.float32).view(Array)
    gone = weakref.ref(array)
    handle = take(array)
    del array
    gc.collect()
    assert gone() is not None  # the library holds it
    back = torch.from_dlpack(Lent(handle))
    lib.pt2_tensor_release(handle)
    gc.collect()
    assert gone() is not None  # torch holds it through the library
    del back
    gc.collect()
    assert gone() is None


def test_read_only_arrays_stay_so():
    array = numpy.arange(6, dtype=numpy.float32)
    array.flags.writeable = False
    handle = take(array)
    assert lib.pt2_tensor_is_read_only(handle)
    back = numpy.from_dlpack(Lent(handle))
    assert not back.flags.writeable
    numpy.testing.assert_array_equal(back, array)
    with pytest.raises(pt2lib.Error, match="may only be read"):
        torch.utils.dlpack.from_dlpack(Lent(handle).__dlpack__())
    lib.pt2_tensor_release(handle)


def test_what_is_refused_stays_the_producers():
    backwards = numpy.arange(6, dtype=numpy.float32)[::-1]
    with pytest.raises(pt2lib.Error, match="stride -1 of dimension 0"):
        take(backwards)
    raw = numpy.zeros(40, dtype=numpy.uint8)
    crooked = raw[1:33].view(numpy.float32)
    with pytest.raises(pt2lib.Error, match="no multiple of 4"):
        take(crooked)
    packed = torch.zeros(4, dtype=torch.uint8).view(torch.float4_e2m1fn_x2)
    with pytest.raises(pt2lib.Error, match="float4_e2m1fn"):
        take(packed)
    # Their capsules were not consumed: each deletes its own.
    gc.collect()


def test_the_models_inputs_and_outputs():
    golden = pt2lib.ROOT / "build/golden/avx2/2.15.0/mlp.pt2"
    if "avx2" not in pathlib.Path("/proc/cpuinfo").read_text():
        pytest.skip("the golden packages are compiled for AVX2")
    model = pt2lib.Model(golden)
    x = torch.randn(8, 16)
    expected = model.run([x])[0]
    handles = (P * 1)(take(x))
    outputs = model.run_handles(handles, 1)
    result = torch.from_dlpack(Lent(outputs[0]))
    lib.pt2_tensor_release(outputs[0])
    lib.pt2_tensor_release(handles[0])
    model.close()
    torch.testing.assert_close(result, expected, rtol=0, atol=0)
