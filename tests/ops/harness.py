# SPDX-License-Identifier: Apache-2.0
"""Operators of the library against eager PyTorch.

A samples file tests/ops/<aten_name>.py says which function it is about, which
ATen operator it must agree with, and what to call it with:

    from harness import FLOATS, op

    op("aoti_torch_cpu_cumsum", aten=torch.ops.aten.cumsum.default, dtypes=FLOATS)

    def samples(make):
        for x in make.layouts(3, 4):
            yield x, 1, None                 # the C function's own order

    def bad(make):
        yield (make(3, 4), 2, None), "Dimension out of range"

Everything else comes from the C signature in abi/symbols.tsv. A sample gives one
Python value for each of PyTorch's arguments: a pointer with its length is one
list, an optional is the value or None, outputs are left out. See
docs/adding-an-op.md. An operator that models call by name is registered as
"aten::name"; its samples are in the schema's order.
"""
import ctypes
import importlib.util
import pathlib
import random
import sys

import torch

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

import shim_call
from shim_call import (CPU, NO_DEVICE, ROOT, Floats, delete, get, i64_array,
                       library, signature)

# ---- Dtypes ------------------------------------------------------------------

CODES = {
    torch.uint8: 0, torch.int8: 1, torch.int16: 2, torch.int32: 3,
    torch.int64: 4, torch.float16: 5, torch.float32: 6, torch.float64: 7,
    torch.complex32: 8, torch.complex64: 9, torch.complex128: 10,
    torch.bool: 11, torch.bfloat16: 15, torch.float8_e5m2: 23,
    torch.float8_e4m3fn: 24, torch.float8_e5m2fnuz: 25,
    torch.float8_e4m3fnuz: 26, torch.uint16: 27, torch.uint32: 28,
    torch.uint64: 29, torch.float8_e8m0fnu: 44, torch.float4_e2m1fn_x2: 45,
}
DTYPES = {code: dtype for dtype, code in CODES.items()}
FLOATS = (torch.float32, torch.float64)
LOW_FLOATS = (torch.float16, torch.bfloat16)
INTEGERS = (torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64)
UNSIGNED = (torch.uint16, torch.uint32, torch.uint64)
COMPLEX = (torch.complex64, torch.complex128)
ALL_COMPLEX = COMPLEX + (torch.complex32,)
FLOAT8 = (torch.float8_e5m2, torch.float8_e4m3fn, torch.float8_e5m2fnuz,
          torch.float8_e4m3fnuz, torch.float8_e8m0fnu)
BOOL = (torch.bool,)


# ---- Tensors -----------------------------------------------------------------


def to_handle(tensor):
    """A handle over |tensor|'s own memory, which must outlive it."""
    return shim_call.handle_over(tensor.untyped_storage().data_ptr() or None,
                                 CODES[tensor.dtype], tensor.shape,
                                 tensor.stride(), tensor.storage_offset())


def from_handle(handle):
    """A torch tensor with the handle's dtype, sizes, strides and a copy of its
    values; None for an undefined one."""
    found = shim_call.contents(handle)
    if found is None:
        return None
    code, sizes, strides, raw = found
    dtype = DTYPES[code]
    if not raw:
        return torch.empty_strided(sizes, strides, dtype=dtype)
    flat = torch.frombuffer(bytearray(raw), dtype=torch.uint8).view(dtype)
    copy = flat.as_strided(sizes, strides)
    copy.address = get(handle, "get_data_ptr", ctypes.c_void_p)
    return copy


# ---- Making tensors ----------------------------------------------------------


class Make:
    """make(3, 4) is a random tensor of the dtype under test; |layout| says how
    it lies in memory. The same samples come out at each run."""

    LAYOUTS = ("contiguous", "transposed", "sliced", "offset", "expanded",
               "channels_last", "permuted")

    def __init__(self, dtype, seed=0):
        self.dtype = dtype
        self.random = random.Random(seed)
        self.generator = torch.Generator().manual_seed(seed)

    def __call__(self, *sizes, dtype=None, layout="contiguous", low=None,
                 high=None):
        if sizes and isinstance(sizes[0], (list, tuple)):
            sizes = sizes[0]
        return self._place(list(sizes), dtype or self.dtype, layout, low, high)

    def _values(self, sizes, dtype, low, high):
        if dtype == torch.bool:
            return torch.randint(0, 2, sizes, generator=self.generator).bool()
        if dtype.is_complex:
            parts = torch.randn(*sizes, 2, generator=self.generator,
                                dtype=torch.float64)
            return torch.view_as_complex(parts).to(dtype)
        if dtype == torch.float4_e2m1fn_x2:
            return torch.randint(0, 256, sizes, generator=self.generator,
                                 dtype=torch.uint8).view(dtype)
        if dtype.is_floating_point:
            if low is None and high is None:
                values = torch.randn(sizes, generator=self.generator,
                                     dtype=torch.float64)
            else:
                low, high = low or 0.0, 1.0 if high is None else high
                values = low + (high - low) * torch.rand(
                    sizes, generator=self.generator, dtype=torch.float64)
            return values.to(dtype)
        least = 0 if dtype in UNSIGNED or dtype == torch.uint8 else -9
        return torch.randint(least if low is None else low,
                             10 if high is None else high, sizes,
                             generator=self.generator).to(dtype)

    def _place(self, sizes, dtype, layout, low, high):
        def values(shape):
            return self._values(list(shape), dtype, low, high)

        if layout == "contiguous":
            return values(sizes)
        if layout == "transposed":
            swapped = sizes[:-2] + [sizes[-1], sizes[-2]]
            return values(swapped).transpose(-1, -2)
        if layout == "sliced":
            wide = sizes[:-1] + [2 * sizes[-1] + 1]
            return values(wide)[..., 1::2]
        if layout == "offset":
            return values([sizes[0] + 2] + sizes[1:])[1:-1]
        if layout == "expanded":
            return values([1] + sizes[1:]).expand(sizes)
        if layout == "channels_last":
            order = [0] + list(range(2, len(sizes))) + [1]
            back = [0, len(sizes) - 1] + list(range(1, len(sizes) - 1))
            return values([sizes[i] for i in order]).permute(back)
        if layout == "permuted":
            order = list(range(len(sizes)))[::-1]
            return values([sizes[i] for i in order]).permute(order)
        raise ValueError(f"no layout {layout}")

    def layouts(self, *sizes, **options):
        """The same sizes in each layout that there is for their number."""
        rank = len(sizes)
        for layout in self.LAYOUTS:
            if layout in ("sliced", "offset", "expanded") and rank < 1:
                continue
            if layout == "transposed" and rank < 2:
                continue
            if layout == "permuted" and rank < 3:
                continue
            if layout == "channels_last" and rank not in (4, 5):
                continue
            yield self(*sizes, layout=layout, **options)

    def index(self, *sizes, below, dtype=torch.int64, layout="contiguous"):
        """Indices in [0, below)."""
        return self(*sizes, dtype=dtype, layout=layout, low=0, high=below)

    def order(self, count):
        """A random order of 0 … count - 1."""
        return torch.randperm(count, generator=self.generator)


class Made:
    """An argument that another function of the library makes for the call (a
    packed weight): Made(symbol, args, reference) is what |symbol| returns for
    |args|; torch gets reference(*args)."""

    def __init__(self, symbol, args, reference):
        self.symbol, self.args, self.reference = symbol, args, reference

    def __repr__(self):
        return f"{self.symbol}{describe(self.args)}"

    def handle(self):
        _, types = signature(self.symbol)
        arguments = Arguments(types[:-1], self.args)
        made = ctypes.c_void_p()
        try:
            library().check(self.symbol, *arguments.c,
                            ctypes.addressof(made))
        finally:
            arguments.release()
        return made


# ---- Registration ------------------------------------------------------------


class Sample:
    """A sample with options: Sample(args, rtol=…, atol=…)."""

    def __init__(self, args, rtol=None, atol=None, exact=None):
        self.args = tuple(args)
        self.rtol, self.atol, self.exact = rtol, atol, exact


class Bad:
    """A call that must fail with |message| in its text. |torch_refuses| is
    False where torch has no such check; say why in a comment."""

    def __init__(self, args, message, torch_refuses=True):
        self.args, self.message = tuple(args), message
        self.torch_refuses = torch_refuses


class Op:
    def __init__(self, **fields):
        self.__dict__.update(fields)

    def results(self):
        """The kinds of the outputs, which are the last C arguments."""
        if self.outputs is not None:
            return list(self.outputs)
        if self.aten is None:
            return ["Tensor"]
        return ["int" if str(r.type) in ("int", "SymInt") else "Tensor"
                for r in self.aten._schema.returns
                if r.alias_info is None or not r.alias_info.is_write]

    def torch(self, args):
        """Runs the reference on |args|, which are in the C function's order."""
        args = [a.name if isinstance(a, shim_call.Device) else a for a in args]
        args = [a.reference(*a.args) if isinstance(a, Made) else a
                for a in args]
        if self.reference is not None:
            return self.reference(*args)
        schema = self.aten._schema.arguments
        outs = [a for a in schema if a.kwarg_only and a.alias_info is not None
                and a.alias_info.is_write]
        # PyTorch's C functions take what they write to first.
        names = outs + [a for a in schema if a not in outs]
        positional, keywords = [], {}
        for declared, value in zip(names, args):
            if declared.kwarg_only:
                keywords[declared.name] = value
            else:
                positional.append(value)
        return self.aten(*positional, **keywords)


_registered = []


def op(symbol, aten=None, reference=None, dtypes=FLOATS, samples=None, bad=None,
       rtol=None, atol=None, exact=False, compare=None, outputs=None,
       changes=(), seed=None, recorded=True, left_open=()):
    """Registers a function for the test run; a file may register several.

    aten       the overload it must agree with (torch.ops.aten.cumsum.default).
    reference  a function of the same arguments instead, where the C function's
               order is not that of the schema, or ATen has no such operator.
    samples    default: the file's samples(make), called once for each dtype.
    bad        default: the file's bad(make), if it has one; False: none.
    exact      values must be equal; otherwise torch.testing's tolerances for
               the dtype, or rtol and atol.
    compare    a function (actual, expected, args) that checks the values
               itself (random numbers, bases of spaces); dtypes, sizes and
               strides are compared all the same.
    outputs    kinds of the outputs ("Tensor", "int"); default: the schema's,
               one tensor without a schema. () for what writes to its arguments.
    changes    which tensor arguments change in dtype, sizes, strides or memory:
               they are compared after the call, as further results.
    seed       both random number generators are set to it before each sample.
    recorded   False where the samples are right on this kind of CPU only, so
               that they are no answers for others (scripts/make_op_vectors.py).
               Where |compare| checks values that are determined all the same:
               the tolerance for each dtype, relative to the largest number
               (without one values are equal).
    left_open  which outputs' values PyTorch leaves open (places of equal
               elements, bases); of recorded answers they do not count.
    """
    _registered.append(Op(symbol=symbol, aten=aten, reference=reference,
                          dtypes=tuple(dtypes), samples=samples, bad=bad,
                          rtol=rtol, atol=atol, exact=exact, compare=compare,
                          outputs=outputs, changes=tuple(changes), seed=seed,
                          recorded=recorded, left_open=tuple(left_open)))


def is_samples_file(path):
    return (path.suffix == ".py"
            and path.stem not in ("harness", "conftest", "__init__")
            and not path.stem.startswith("test_"))


def entries_of(path):
    """What a samples file registers, complete."""
    _registered.clear()
    spec = importlib.util.spec_from_file_location(f"ops_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    for entry in _registered:
        entry.samples = entry.samples or getattr(module, "samples", None)
        if entry.bad is None:
            entry.bad = getattr(module, "bad", None)
        if entry.samples is None:
            raise ValueError(f"{path.name}: {entry.symbol} has no samples")
    return list(_registered)


def all_entries():
    """The entries of all samples files, by file."""
    for path in sorted((ROOT / "tests/ops").glob("*.py")):
        if is_samples_file(path):
            yield from entries_of(path)


# ---- Arguments ---------------------------------------------------------------


_NUMBERS = {torch.strided: 0, torch.contiguous_format: 0,
            torch.preserve_format: 1, torch.channels_last: 2,
            torch.channels_last_3d: 3, **CODES}


def number_of(value):
    """The C number of a dtype, layout or memory format; others as they are."""
    named = (torch.dtype, torch.layout, torch.memory_format)
    return _NUMBERS[value] if isinstance(value, named) else value


def handle_of(value):
    return value.handle() if isinstance(value, Made) else to_handle(value)


def Arguments(types, values):
    """A sample's values as C arguments; see shim_call."""
    return shim_call.Arguments(types, values, handle_of, number_of)


# ---- Operators by name ---------------------------------------------------------


def boxed_value(value):
    """What torch's own kinds of values are for the proxy executor."""
    if isinstance(value, torch.dtype):
        return shim_call.Enum(shim_call.DTYPE, CODES[value])
    if isinstance(value, torch.layout):
        return shim_call.Enum(shim_call.LAYOUT, _NUMBERS[value])
    if isinstance(value, torch.memory_format):
        return shim_call.Enum(shim_call.MEMORY_FORMAT, _NUMBERS[value])
    return CPU if isinstance(value, torch.device) else value


def BoxedArguments(values):
    """A sample's values as the proxy executor hands them over."""
    return shim_call.BoxedArguments(
        [boxed_value(v) for v in values], handle_of,
        lambda value: isinstance(value, (torch.Tensor, Made)))


is_boxed = shim_call.is_boxed
boxed_function = shim_call.boxed_function
call_boxed = shim_call.call_boxed


# ---- Running -----------------------------------------------------------------


def storage_bytes(tensor):
    size = len(tensor.untyped_storage())
    if size == 0:
        return b""
    return ctypes.string_at(tensor.untyped_storage().data_ptr(), size)


def twin(value):
    """The same value in other memory: a tensor's whole storage is copied."""
    if isinstance(value, torch.Tensor):
        raw = storage_bytes(value)
        if not raw:
            return torch.empty_strided(value.shape, value.stride(),
                                       dtype=value.dtype)
        copy = torch.frombuffer(bytearray(raw), dtype=torch.uint8).clone()
        copy = copy[:len(raw) // value.dtype.itemsize * value.dtype.itemsize]
        return copy.view(value.dtype).as_strided(
            value.shape, value.stride(), value.storage_offset())
    if isinstance(value, (list, tuple)):
        return type(value)(twin(v) for v in value)
    return value


def tensors_in(values):
    for value in values:
        if isinstance(value, torch.Tensor):
            yield value
        elif isinstance(value, (list, tuple)):
            yield from tensors_in(value)


def describe(values):
    def one(value):
        if isinstance(value, torch.Tensor):
            return (f"{str(value.dtype)[6:]}{list(value.shape)}"
                    f"/{list(value.stride())}")
        if isinstance(value, (list, tuple)):
            return "[" + ", ".join(one(v) for v in value) + "]"
        return repr(value)
    return "(" + ", ".join(one(v) for v in values) + ")"


UNTOUCHED = 0x5a5a5a5a5a5a5a50


def arguments_of(entry, args):
    """The inputs of a call; its outputs come last."""
    if is_boxed(entry.symbol):
        return BoxedArguments(args)
    _, types = signature(entry.symbol)
    return Arguments(types[:len(types) - len(entry.results())], args)


def call(entry, arguments, slots, unused=None):
    """The C function's code; |slots| receive the outputs, but for the one that
    is |unused|: NULL in its place."""
    if is_boxed(entry.symbol):
        return call_boxed(entry.symbol, arguments, slots)
    return library().call(entry.symbol, *arguments.c,
                          *[None if i == unused else ctypes.addressof(slot)
                            for i, slot in enumerate(slots)])


def invoke(entry, args, unused=None):
    """Calls the library: (0, results, False) or (code, message, whether the
    outputs were left alone). An |unused| output is None."""
    kinds = entry.results()
    slots = [(ctypes.c_int64 if kind == "int" else ctypes.c_void_p)(UNTOUCHED)
             for kind in kinds]
    arguments = arguments_of(entry, args)
    try:
        code = call(entry, arguments, slots, unused)
        if code != 0:
            left = all(slot.value == UNTOUCHED for slot in slots)
            return code, library().message(), left
        results = []
        for i, (kind, slot) in enumerate(zip(kinds, slots)):
            if i == unused:
                results.append(None)
                continue
            if kind == "int":
                results.append(slot.value)
                continue
            assert slot.value != UNTOUCHED, "an output was not written"
            results.append(from_handle(slot))
            delete(slot)
        results += [from_handle(arguments.handles[i]) for i in entry.changes]
        return code, results, False
    finally:
        arguments.release()


def comparable(tensor):
    """For torch.testing, which does not know every dtype."""
    if tensor.dtype in FLOAT8:
        return tensor.float()
    if tensor.dtype == torch.float4_e2m1fn_x2:
        return tensor.contiguous().view(torch.uint8)
    if tensor.dtype == torch.complex32:
        return tensor.to(torch.complex64)
    return tensor


def check_tensor(what, actual, expected, rtol=None, atol=None, exact=False,
                 values=True):
    if expected is None or actual is None:
        assert actual is None and expected is None, (
            f"{what}: {'defined' if actual is not None else 'undefined'}, "
            f"expected {'a tensor' if expected is not None else 'none'}")
        return
    assert actual.dtype == expected.dtype, (
        f"{what}: dtype {actual.dtype}, expected {expected.dtype}")
    assert actual.shape == expected.shape, (
        f"{what}: sizes {list(actual.shape)}, expected {list(expected.shape)}")
    if expected.numel() > 0:
        # A size of 1 may have any stride: torch itself is not consistent.
        mine, other = [[s for n, s in zip(t.shape, t.stride()) if n != 1]
                       for t in (actual, expected)]
        assert mine == other, (
            f"{what}: strides {list(actual.stride())}, expected "
            f"{list(expected.stride())} for sizes {list(expected.shape)}")
    if not values:
        return
    options = dict(equal_nan=True, check_stride=False)
    if exact:
        options.update(rtol=0, atol=0)
    elif rtol is not None or atol is not None:
        options.update(rtol=rtol or 0.0, atol=atol or 0.0)
    elif actual.dtype == torch.complex32:
        options.update(rtol=1e-3, atol=1e-3)
    torch.testing.assert_close(comparable(actual), comparable(expected),
                               msg=lambda text: f"{what}: {text}", **options)


def _gap_mask(tensor):
    """True for the bytes of the storage that are no elements of |tensor|."""
    item = tensor.dtype.itemsize
    size = len(tensor.untyped_storage())
    mask = torch.ones(size, dtype=torch.bool)
    index = torch.arange(size // item).as_strided(
        tensor.shape, tensor.stride(), tensor.storage_offset()).reshape(-1)
    for byte in range(item):
        mask[index * item + byte] = False
    return mask


def check_argument(what, mine, other, **options):
    """What the call wrote to an argument, and that it wrote nowhere else."""
    if storage_bytes(mine) == storage_bytes(other):
        return
    check_tensor(what, mine, other, **options)
    gaps = _gap_mask(mine)
    bytes_of = [torch.frombuffer(bytearray(storage_bytes(t)),
                                 dtype=torch.uint8)[gaps]
                for t in (mine, other)]
    assert torch.equal(*bytes_of), (
        f"{what}: memory between its elements was written")


def check_memory(what, actual, expected, mine, theirs):
    """A view shares the memory of the argument that torch's shares; a new
    tensor has its own."""
    address = getattr(actual, "address", None)
    if address is None or expected is None or expected.numel() == 0:
        return
    for at, (arg, other) in enumerate(zip(mine, theirs)):
        begin = arg.untyped_storage().data_ptr()
        offset = address - begin
        inside = 0 <= offset < max(len(arg.untyped_storage()), 1)
        shared = (expected.untyped_storage().data_ptr()
                  == other.untyped_storage().data_ptr())
        assert inside or not shared, (
            f"{what}: does not share the memory of tensor argument {at}")
        assert shared or not inside, (
            f"{what}: shares the memory of tensor argument {at}")
        assert not shared or offset == (expected.data_ptr()
                                        - other.untyped_storage().data_ptr()), (
            f"{what}: begins at byte {offset} of tensor argument {at}")
        if shared:
            return


def check_sample(entry, sample):
    args = sample.args
    theirs = twin(args)
    if entry.seed is not None:
        torch.manual_seed(entry.seed)
        library().dll.pt2_manual_seed(ctypes.c_uint64(entry.seed))
    expected = entry.torch(theirs)
    if not isinstance(expected, (list, tuple)):
        expected = [] if expected is None else [expected]
    code, results, _ = invoke(entry, args)
    assert code == 0, f"failed: {results}"
    count = len(entry.results())
    changed = [list(tensors_in(theirs))[i] for i in entry.changes]
    expected = list(expected[:count]) + changed
    options = dict(
        rtol=sample.rtol if sample.rtol is not None else entry.rtol,
        atol=sample.atol if sample.atol is not None else entry.atol,
        exact=sample.exact if sample.exact is not None else entry.exact,
        values=entry.compare is None)
    for i, actual in enumerate(results):
        want = expected[i] if i < len(expected) else None
        if isinstance(actual, int):
            assert actual == want, f"output {i}: {actual}, expected {want}"
        else:
            check_tensor(f"output {i}", actual, want, **options)
            if i < count:
                check_memory(f"output {i}", actual, want,
                             list(tensors_in(args)), list(tensors_in(theirs)))
    if entry.compare is not None:
        one = len(results) == 1
        entry.compare(results[0] if one else results,
                      expected[0] if one else expected, args)
    for i, (mine, other) in enumerate(zip(tensors_in(args),
                                          tensors_in(theirs))):
        if i not in entry.changes:
            check_argument(f"tensor argument {i}", mine, other, **options)


# Operators whose outputs may each be NULL, for a model that does not use it:
# those that torchgen's gen_aoti_c_shim.py lists. Of the others PyTorch's shim
# writes every output, and its models never pass NULL.
OUTPUT_MAY_BE_NULL = ("convolution_backward", "grid_sampler_2d_backward",
                      "grid_sampler_3d_backward",
                      "_scaled_dot_product_flash_attention")


def check_unused(entry, args):
    """With one output NULL the others are what they are without."""
    if not any(name in entry.symbol for name in OUTPUT_MAY_BE_NULL):
        return
    _, whole, _ = invoke(entry, args)
    for unused in range(len(entry.results())):
        code, results, _ = invoke(entry, args, unused)
        assert code == 0, f"output {unused} is NULL: {results}"
        for i, (actual, want) in enumerate(zip(results, whole)):
            if i != unused:
                check_tensor(f"output {i} without output {unused}", actual,
                             want, exact=True)


def check_bad(entry, bad):
    assert bad.message, "no text is expected in the message"
    code, message, left_alone = invoke(entry, bad.args)
    assert code == 1, f"returned {code}, expected to fail with {bad.message!r}"
    assert bad.message in message, (
        f"says {message!r}, expected {bad.message!r} in it")
    assert left_alone, "an output was written though the call failed"
    if bad.torch_refuses:
        try:
            entry.torch(twin(bad.args))
        except Exception:  # whatever torch raises
            return
        raise AssertionError("torch accepts this call")


# Samples of a dtype that are also called without each of their outputs.
UNUSED_SAMPLES = 8


def run_samples(entry, dtype):
    """Checks every sample of a dtype; returns what failed."""
    failures, count = [], 0
    make = Make(dtype, seed=len(entry.symbol))
    for count, sample in enumerate(entry.samples(make), 1):
        if not isinstance(sample, Sample):
            sample = Sample(sample)
        text = describe(sample.args)  # before the call: it may write to them
        try:
            check_sample(entry, sample)
            if count <= UNUSED_SAMPLES:
                check_unused(entry, sample.args)
        except Exception as error:
            failures.append(f"sample {count} {text}\n"
                            f"  {type(error).__name__}: {error}")
    assert count > 0, f"no samples for {dtype}"
    return failures


def run_bad(entry):
    failures, count = [], 0
    make = Make(entry.dtypes[0], seed=len(entry.symbol))
    for count, bad in enumerate(entry.bad(make), 1):
        if not isinstance(bad, Bad):
            bad = Bad(*bad)
        try:
            check_bad(entry, bad)
        except Exception as error:
            failures.append(f"bad {count} {describe(bad.args)}\n"
                            f"  {type(error).__name__}: {error}")
    assert count > 0, "no bad samples"
    return failures
