# SPDX-License-Identifier: Apache-2.0
"""Weights that oneDNN packed, as frozen models hand them over."""
import ctypes

import pytest
import torch

from harness import CODES, delete, from_handle, i64_array, library

ONEDNN, MKLDNN = torch.ops.onednn, torch.ops.mkldnn


def metadata_of(packed):
    return bytearray(MKLDNN._get_mkldnn_serialized_md(packed).tolist())


def load(packed, sizes=None, dtype=None, metadata=None):
    """The library's tensor for PyTorch's packed one."""
    metadata = metadata_of(packed) if metadata is None else metadata
    sizes = list(packed.shape) if sizes is None else sizes
    raw = (ctypes.c_uint8 * max(len(metadata), 1)).from_buffer_copy(
        metadata or b"\0")
    handle = ctypes.c_void_p()
    library().check("aoti_torch_create_tensor_from_blob_v2",
                    MKLDNN.data_ptr(packed), len(sizes), i64_array(sizes),
                    i64_array([0] * len(sizes)), 0,
                    CODES[dtype or packed.dtype], 0, 0, ctypes.byref(handle), 3,
                    ctypes.addressof(raw), len(metadata))
    tensor = from_handle(handle)
    delete(handle)
    return tensor


def int8(*sizes):
    return torch.randint(-128, 128, sizes, dtype=torch.int8)


def where(dims, groups=1):
    return [1] * dims, [1] * dims, [1] * dims, groups


@pytest.mark.parametrize("n, k", [(1, 1), (12, 40), (70, 33)])
def test_linear(n, k):
    weight = int8(n, k)
    for sizes in (None, [5, k]):
        assert torch.equal(load(ONEDNN.qlinear_prepack(weight, sizes)),
                           weight.t())
    for dtype in (torch.float32, torch.bfloat16):
        weight = torch.randn(n, k).to(dtype)
        try:
            packed = MKLDNN._reorder_linear_weight(weight, 16)
        except RuntimeError:  # bfloat16 needs AVX-512
            continue
        assert torch.equal(load(packed), weight)


@pytest.mark.parametrize("sizes, groups", [
    ((20, 6, 3, 3), 1), ((32, 8, 3, 3), 4), ((32, 1, 3, 3), 32),
    ((7, 5, 1, 1), 1), ((64, 64, 3, 3), 1), ((20, 6, 3, 2, 3), 1),
    ((20, 3, 2, 2, 2), 2)])
def test_convolution(sizes, groups):
    dims = len(sizes) - 2
    image = [1, sizes[1] * groups, *[9] * dims]
    weight = int8(*sizes)
    for zero_point in (0, 7):
        packed = ONEDNN.qconv_prepack(weight, torch.rand(sizes[0]), 0.05,
                                      zero_point, *where(dims, groups), image)
        assert torch.equal(load(packed), weight)
    weight = torch.randn(sizes)
    padding, stride, dilation, groups = where(dims, groups)
    packed = MKLDNN._reorder_convolution_weight(weight, padding, stride,
                                                dilation, groups, image)
    assert torch.equal(load(packed), weight)


def test_what_is_not_known():
    # Of more channels than any CPU's blocks have, so that strides count.
    packed = ONEDNN.qconv_prepack(int8(200, 6, 3, 3), torch.rand(200), 0.05, 7,
                                  *where(2), [1, 6, 9, 9])
    good = metadata_of(packed)

    def refused(match, at=None, value=0, **options):
        metadata = bytearray(good)
        if at is not None:
            metadata[at:at + 8] = value.to_bytes(8, "little", signed=True)
        with pytest.raises(RuntimeError, match=match):
            load(packed, metadata=metadata, **options)

    with pytest.raises(RuntimeError, match="version of oneDNN"):
        load(packed, metadata=good[:-1])
    with pytest.raises(RuntimeError, match="version of oneDNN"):
        load(packed, metadata=b"")
    refused("does not fit its sizes", sizes=[200, 6, 9])
    refused("does not fit its sizes", sizes=[200, 6, 3, 4])
    refused("in a way that is not known", dtype=torch.float32)
    refused("does not fit its sizes", at=8, value=21)
    refused("in a way that is not known", at=312, value=3)  # kind
    refused("in a way that is not known", at=640, value=2)  # scaled numbers
    refused("in a way that is not known", at=416, value=13)  # blocks
    refused("blocks that are not known", at=424, value=0)
    refused("blocks that are not known", at=424, value=1 << 40)
    refused("blocks that are not known", at=520, value=4)
    refused("blocks that are not known", at=520, value=-1)
    refused("strides that are not known", at=320, value=-1)
    refused("strides that are not known", at=320, value=1 << 62)
    refused("strides that are not known", at=112, value=19)
    refused("strides that are not known", at=208, value=1)
    refused("strides that are not known", at=304, value=-1)
