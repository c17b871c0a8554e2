# SPDX-License-Identifier: Apache-2.0
"""Every dtype through every file format, against numpy and safetensors."""
import io
import itertools
import zipfile

import numpy
import pytest
import safetensors.numpy
import safetensors.torch
import torch

NUMPY_DTYPES = ["?", "u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f2",
                "f4", "f8", "c8", "c16"]
SHAPES = [(), (0,), (5,), (2, 3), (3, 0, 2), (2, 3, 4), (1, 2, 1, 3, 2)]


def sample(dtype, shape, order="C"):
    count = int(numpy.prod(shape))
    values = (numpy.arange(count) * 7 - 11).reshape(shape)
    if dtype.endswith("?"):
        values = values % 2 == 0
    elif dtype.lstrip("<>")[0] == "c":
        values = values + 0.5j * values
    elif dtype.lstrip("<>")[0] == "f":
        values = values / 4
    return numpy.asarray(values.astype(dtype), order=order)


def assert_same(left, right):
    assert left.dtype.newbyteorder("=") == right.dtype.newbyteorder("=")
    assert left.shape == right.shape
    assert numpy.array_equal(left, right)


@pytest.mark.parametrize("dtype", NUMPY_DTYPES)
def test_npy(convert, tmp_path, dtype):
    orders = [o for o in "<>" if dtype not in ("?", "u1", "i1")] or [""]
    for order, shape, layout in itertools.product(orders, SHAPES, "CF"):
        array = sample(order + dtype, shape, layout)
        numpy.save(tmp_path / "in.npy", array)
        result = convert(f"@{tmp_path}/in.npy", tmp_path / "out.npy")
        assert result.code == 0, result.err
        assert_same(numpy.load(tmp_path / "out.npy"), array)


@pytest.mark.parametrize("version", [(1, 0), (2, 0), (3, 0)])
def test_npy_versions(convert, tmp_path, version):
    array = sample("f4", (2, 3))
    with open(tmp_path / "in.npy", "wb") as file:
        numpy.lib.format.write_array(file, array, version=version)
    assert convert(f"@{tmp_path}/in.npy", tmp_path / "out.npy").code == 0
    assert_same(numpy.load(tmp_path / "out.npy"), array)


@pytest.mark.parametrize("save", [numpy.savez, numpy.savez_compressed])
def test_npz(convert, tmp_path, save):
    arrays = {str(i): sample(d, SHAPES[i % len(SHAPES)])
              for i, d in enumerate(NUMPY_DTYPES)}
    save(tmp_path / "in.npz", **arrays)
    result = convert(f"@{tmp_path}/in.npz", tmp_path / "out.npz")
    assert result.code == 0, result.err
    again = numpy.load(tmp_path / "out.npz")
    # Keys in the order of their numbers.
    assert list(again) == list(arrays)
    for key, array in arrays.items():
        assert_same(again[key], array)


def test_npz_positional(convert, tmp_path):
    arrays = [numpy.full(2, i, "i4") for i in range(12)]
    numpy.savez(tmp_path / "in.npz", *arrays)
    assert convert(f"@{tmp_path}/in.npz", tmp_path / "out.npz").code == 0
    again = numpy.load(tmp_path / "out.npz")
    assert list(again) == [f"arr_{i}" for i in range(12)]


def test_npz_large(convert, tmp_path):
    """Larger than the reader's and zlib's buffers."""
    array = numpy.arange(3_000_000, dtype="f4")
    numpy.savez_compressed(tmp_path / "in.npz", array)
    assert convert(f"@{tmp_path}/in.npz", tmp_path / "out.npy").code == 0
    assert_same(numpy.load(tmp_path / "out.npy"), array)


def test_npz_members(convert, tmp_path):
    def write(*names, **options):
        with zipfile.ZipFile(tmp_path / "in.npz", "w", **options) as archive:
            for name in names:
                archive.writestr(name, payload.getvalue())
        return convert(f"@{tmp_path}/in.npz", tmp_path / "out.npz")

    payload = io.BytesIO()
    numpy.save(payload, numpy.arange(5))
    assert write("0.npy").code == 0
    assert write("0.npy", compression=zipfile.ZIP_DEFLATED).code == 0
    for name, message in (("0.txt", "member '0.txt' is no .npy"),
                          ("0", "member '0' is no .npy")):
        result = write(name)
        assert result.code == 1 and message in result.err
    result = write("0.npy", compression=zipfile.ZIP_BZIP2)
    assert result.code == 1 and "neither stored nor deflated" in result.err
    with pytest.warns(UserWarning):
        result = write("0.npy", "0.npy")
    assert result.code == 1 and "'0.npy' is there twice" in result.err
    (tmp_path / "in.npz").write_bytes(b"PK")
    result = convert(f"@{tmp_path}/in.npz", tmp_path / "out.npz")
    assert result.code == 1 and "is no .npz file" in result.err


def test_npz_with_wide_fields(convert, tmp_path):
    """64-bit sizes, as numpy writes them to a stream that cannot seek."""
    class Pipe(io.RawIOBase):
        written = b""

        def writable(self):
            return True

        def write(self, data):
            self.written += bytes(data)
            return len(data)

    pipe = Pipe()
    array = sample("f4", (3, 4))
    payload = io.BytesIO()
    numpy.save(payload, array)
    with zipfile.ZipFile(pipe, "w") as archive:
        with archive.open("0.npy", "w", force_zip64=True) as member:
            member.write(payload.getvalue())
    (tmp_path / "in.npz").write_bytes(pipe.written)
    result = convert(f"@{tmp_path}/in.npz", tmp_path / "out.npy")
    assert result.code == 0, result.err
    assert_same(numpy.load(tmp_path / "out.npy"), array)


TORCH_DTYPES = [
    torch.bool, torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64,
    torch.uint16, torch.uint32, torch.uint64, torch.float16, torch.bfloat16,
    torch.float32, torch.float64, torch.complex64, torch.float8_e5m2,
    torch.float8_e4m3fn, torch.float8_e5m2fnuz, torch.float8_e4m3fnuz]


def test_safetensors(convert, tmp_path):
    tensors = {}
    for i, dtype in enumerate(TORCH_DTYPES):
        for j, shape in enumerate(SHAPES):
            count = int(numpy.prod(shape))
            data = (torch.arange(count) % 5).reshape(shape).to(torch.float32)
            tensors[str(i * len(SHAPES) + j)] = data.to(dtype)
    safetensors.torch.save_file(tensors, tmp_path / "in.safetensors",
                                metadata={"format": "pt"})
    result = convert(f"@{tmp_path}/in.safetensors",
                     tmp_path / "out.safetensors")
    assert result.code == 0, result.err
    again = safetensors.torch.load_file(tmp_path / "out.safetensors")
    assert again.keys() == tensors.keys()
    for key, tensor in tensors.items():
        assert again[key].dtype == tensor.dtype
        assert again[key].shape == tensor.shape
        assert torch.equal(again[key].view(torch.uint8) if tensor.dim()
                           else again[key].reshape(1).view(torch.uint8),
                           tensor.view(torch.uint8) if tensor.dim()
                           else tensor.reshape(1).view(torch.uint8))


@pytest.mark.parametrize("dtype", NUMPY_DTYPES)
def test_between_formats(convert, tmp_path, dtype):
    """npy to npz to safetensors and back; complex128 has no safetensors."""
    array = sample(dtype, (2, 3))
    numpy.save(tmp_path / "a.npy", array)
    assert convert(f"@{tmp_path}/a.npy", tmp_path / "b.npz").code == 0
    middle = convert(f"@{tmp_path}/b.npz", tmp_path / "c.safetensors")
    if dtype == "c16":
        assert middle.code == 1
        assert "a .safetensors file cannot hold c128" in middle.err
        assert not (tmp_path / "c.safetensors").exists()
        return
    assert middle.code == 0, middle.err
    assert_same(safetensors.numpy.load_file(tmp_path / "c.safetensors")["0"],
                array)
    assert convert(f"@{tmp_path}/c.safetensors", tmp_path / "d.npy").code == 0
    assert_same(numpy.load(tmp_path / "d.npy"), array)


@pytest.mark.parametrize("dtype", NUMPY_DTYPES)
def test_raw(convert, tmp_path, dtype):
    array = sample(dtype, (2, 3))
    array.tofile(tmp_path / "in.bin")
    name = numpy.dtype(dtype).name
    result = convert(f"2x3x{name}=@{tmp_path}/in.bin", tmp_path / "out.npy")
    assert result.code == 0, result.err
    assert_same(numpy.load(tmp_path / "out.npy"), array)
    assert convert(f"@{tmp_path}/out.npy", tmp_path / "out.bin").code == 0
    assert (tmp_path / "out.bin").read_bytes() == array.tobytes()
    short = convert(f"2x4x{name}=@{tmp_path}/in.bin", tmp_path / "no.npy")
    assert short.code == 1 and "bytes" in short.err


@pytest.mark.parametrize("array, message", [
    (numpy.array(["a"]), "is no dtype of a tensor"),
    (numpy.array([1], "f16"), "is no dtype of a tensor"),
    (numpy.array(["2026-01-01"], "M8[D]"), "is no dtype of a tensor"),
    (numpy.zeros(2, [("a", "f4"), ("b", "i4")]), "a structured array"),
    (numpy.zeros(2, "V2"), "use a .safetensors file"),
])
def test_arrays_that_are_no_tensors(convert, tmp_path, array, message):
    numpy.save(tmp_path / "in.npy", array)
    result = convert(f"@{tmp_path}/in.npy", tmp_path / "out.npy")
    assert result.code == 1
    assert message in result.err


def test_bf16_is_not_for_numpy(convert, tmp_path):
    for name in ("x.npy", "x.npz"):
        result = convert("2xbf16=1", tmp_path / name)
        assert result.code == 1
        assert "numpy has no bf16: write a .safetensors file" in result.err
        assert not (tmp_path / name).exists()
