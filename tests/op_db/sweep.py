# SPDX-License-Identifier: Apache-2.0
"""Drives the library's operators by PyTorch's own samples (op_db).

Each OpInfo is run in eager mode, forward and backward, below autograd. Whenever
it calls an ATen operator that the library has, the same call is made to the
library: dtypes, sizes, strides, values, what was written to arguments, and for
a call that PyTorch refuses, that the library refuses it too.
"""
import collections
import contextlib
import copy
import pathlib
import signal
import sys
import warnings

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "ops"))

import torch
from torch.testing._internal.common_methods_invocations import op_db
from torch.utils._python_dispatch import TorchDispatchMode

import harness

# Each line an OpInfo and the functions that it calls; test_op_db.py writes it.
NAMES = HERE / "names.txt"
DTYPES = [torch.float32, torch.float64, torch.float16, torch.bfloat16,
          torch.complex64, torch.int64, torch.uint8, torch.bool]
# Tensors of more elements than this say nothing new and cost time.
MOST_ELEMENTS = 20000


# Wider than torch.testing's: functions whose results are sums of many products,
# taken in another order than PyTorch's. The error of such a sum goes with its
# largest terms, so that the tolerance is relative to the largest result.
SUMS = ("convolution", "flash_attention", "addmm", "bmm", "mm_out", "addmv",
        "_trilinear", "_fft_", "cdist", "linear_pointwise", "mkl_linear")

# PyTorch rounds the product with alpha to 16 bits, or does not, by the place in
# the row: one step more.
ROUNDED = {torch.float16: 2e-3, torch.bfloat16: 3.2e-2}

# Sums that PyTorch rounds to 16 bits after each term, in an order that depends
# on its vectors; in f32 the cubic weights' slopes multiply a place's rounding.
STEPWISE = {torch.float16: (4e-3, 5e-3), torch.bfloat16: (1.6e-2, 4e-2),
            torch.float32: (1.3e-6, 1.5e-4)}

# PyTorch takes x * rstd - mean * rstd, of which nothing is left where all x are
# equal but the rounding times rstd (316 without variance).
CANCELLING = {torch.float16: (1e-3, 2e-3), torch.bfloat16: (1.6e-2, 2e-3)}


# What PyTorch computes is nonsense (it takes the bits of its factors, doubles, for
# numbers of these dtypes), and the library refuses it.
NONSENSE = {("aten::linalg_matrix_exp", torch.float16),
            ("aten::linalg_matrix_exp", torch.bfloat16)}


def tolerance(entry, expected_largest, dtype):
    """(rtol, atol) for a call, or None for the function's own."""
    if dtype in ROUNDED and entry.symbol.endswith(("_add_Tensor",
                                                   "_add_Scalar")):
        return ROUNDED[dtype], 1e-5
    if entry.symbol.endswith(("grid_sampler_2d_backward",
                              "_embedding_bag_backward")):
        return STEPWISE.get(dtype)
    if entry.symbol.endswith("native_layer_norm"):
        return CANCELLING.get(dtype)
    if not any(part in entry.symbol for part in SUMS):
        return None
    rtol = {torch.float16: 1e-3, torch.bfloat16: 1.6e-2, torch.float32: 1.3e-6,
            torch.complex64: 1.3e-6}.get(dtype, 1e-7)
    return 4 * rtol, max(1e-5 if rtol > 1e-7 else 1e-7,
                         4 * rtol * expected_largest)


def largest_of(result):
    tensors = [t for t in harness.tensors_in(
        result if isinstance(result, (list, tuple)) else [result])
        if t.numel() and (t.is_floating_point() or t.is_complex())]
    return max((t.abs().nan_to_num(0, 0, 0).max().item() for t in tensors),
               default=0.0)


class Tally:
    """What became of the calls of one function with one dtype."""

    def __init__(self):
        self.passed, self.refused, self.failures = 0, 0, []


def default_table():
    """Overload -> the registered function that must agree with it."""
    table = {}
    # C functions first: for mm.default that of mm.out stands, not the name's.
    for entry in sorted(harness.all_entries(),
                        key=lambda e: harness.is_boxed(e.symbol)):
        if entry.aten is None:
            continue
        table.setdefault(entry.aten, entry)
        functional = functional_of(entry.aten)
        if functional is not None:
            table.setdefault(functional, entry)
    return table


def out_arguments(overload):
    return [a for a in overload._schema.arguments
            if a.kwarg_only and a.alias_info is not None
            and a.alias_info.is_write]


def functional_of(overload):
    """mm.default for mm.out: eager models call the former."""
    if not out_arguments(overload):
        return None
    packet = overload.overloadpacket
    wanted = [(a.name, str(a.type)) for a in overload._schema.arguments
              if a not in out_arguments(overload)]
    for name in packet.overloads():
        other = getattr(packet, name)
        if [(a.name, str(a.type)) for a in other._schema.arguments] == wanted:
            return other
    return None


def names_that_reach(text=""):
    """The OpInfos that call a function with |text| in its name."""
    lines = [line.split() for line in NAMES.read_text().splitlines()]
    return {name for name, *symbols in lines if any(text in s for s in symbols)}


class TooLong(Exception):
    """An OpInfo took its time; its other samples are left out."""


class Unsupported(Exception):
    """A call that generated code cannot make."""


def convert(declared, value):
    """A value as the C function takes it."""
    kind = str(declared.type)
    if kind == "Tensor" and not isinstance(value, torch.Tensor):
        raise Unsupported("a number for a tensor")
    if kind in ("number", "Scalar", "Optional[number]", "Optional[Scalar]"):
        if isinstance(value, (complex, bool)):
            raise Unsupported("scalars that are no numbers")
        return None if value is None else float(value)
    if "Generator" in kind and value is not None:
        raise Unsupported("a generator")
    if kind == "Optional[List[float]]" and value is not None:
        return harness.Floats(value)
    if kind in ("Device", "Optional[Device]"):
        return harness.NO_DEVICE if value is None else harness.CPU
    return value


def arguments_of(entry, overload, args, kwargs, result):
    """|args| in the C function's order."""
    values = []
    for i, declared in enumerate(overload._schema.arguments):
        if i < len(args):
            value = args[i]
        elif declared.name in kwargs:
            value = kwargs[declared.name]
        elif declared.has_default_value():
            value = declared.default_value
        else:
            raise Unsupported(f"no value for {declared.name}")
        values.append((declared, convert(declared, value)))
    if entry.aten is overload:
        outs = out_arguments(overload)
        return ([v for d, v in values if d in outs]
                + [v for d, v in values if d not in outs])
    results = result if isinstance(result, (list, tuple)) else [result]
    empty = [torch.full_like(r, 0) for r in results]
    return empty + [v for _, v in values]


def refuses_doubles(entry, func, values):
    has_scalar = any(str(a.type) in ("number", "Scalar")
                     for a in func._schema.arguments)
    first = next(iter(harness.tensors_in(values)), None)
    if not has_scalar or first is None or first.dtype.is_floating_point:
        return False
    try:
        entry.torch(harness.twin(values))
    except Exception:
        return True
    return False


def usable(tensor):
    return (type(tensor) in (torch.Tensor, torch.nn.Parameter)
            and tensor.layout == torch.strided and tensor.device.type == "cpu"
            and not tensor.is_conj() and not tensor.is_neg()
            and tensor.dtype in harness.CODES
            and tensor.numel() <= MOST_ELEMENTS and tensor.dim() <= 64)


class Sweep(TorchDispatchMode):

    def __init__(self, table, per_function):
        super().__init__()
        self.table, self.per_function = table, per_function
        self.tallies = collections.defaultdict(Tally)
        self.seen = set()
        self.where = ""
        self.pending = []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        entry = self.table.get(func)
        if entry is None:
            return func(*args, **kwargs)
        before = harness.twin(list(args)), {k: harness.twin(v)
                                            for k, v in kwargs.items()}
        try:
            result = func(*args, **kwargs)
        except TooLong:
            raise
        except Exception as error:
            self.compare(entry, func, *before, None, error)
            raise
        self.compare(entry, func, *before, result, None)
        return result

    def compare(self, entry, func, args, kwargs, result, error):
        tensors = list(harness.tensors_in([*args, *kwargs.values()]))
        if not all(usable(t) for t in tensors):
            return
        try:
            values = arguments_of(entry, func, args, kwargs, result)
        except Unsupported:
            return
        first = next(iter(harness.tensors_in(values)), None)
        dtype = first.dtype if first is not None else torch.float32
        # PyTorch compiles these for real tensors: they do not come by name.
        if (harness.is_boxed(entry.symbol) and not dtype.is_complex
                and all(d.is_complex for d in entry.dtypes)):
            return
        if (entry.symbol, dtype) in NONSENSE:
            return
        if harness.is_boxed(entry.symbol) and isinstance(result, list):
            entry = copy.copy(entry)
            entry.outputs = ["Tensor"] * len(result)  # as many as it makes
        tally = self.tallies[entry.symbol, dtype]
        text = harness.describe(values)
        if (entry.symbol, text) in self.seen:
            return
        if len(tally.failures) + tally.passed >= self.per_function:
            return
        self.seen.add((entry.symbol, text))
        self.pending.append((self.where, text, entry, func, values, tally,
                             error is not None,
                             tolerance(entry, largest_of(result), dtype)))

    def drain(self):
        """Makes the library's calls. Not while the mode is on: there, torch
        does not see that a tensor is a conjugate."""
        for call in self.pending:
            self.check(*call)
        self.pending = []

    def check(self, where, text, entry, func, values, tally, refused, limits):
        try:
            if refused:
                self.check_refused(entry, values)
                tally.refused += 1
            elif refuses_doubles(entry, func, values):
                self.check_doubles(entry, values, tally)
            else:
                harness.check_sample(entry, harness.Sample(
                    values, *(limits or (None, None))))
                tally.passed += 1
        except Exception as failure:  # all are shown at the end
            tally.failures.append(f"{where}: {text}\n"
                                  f"    {type(failure).__name__}: {failure}")

    def check_doubles(self, entry, values, tally):
        """The C function's Scalars are doubles, with which PyTorch may refuse
        what it takes with an integer. The library may, or does as PyTorch does
        with the integer."""
        try:
            self.check_refused(entry, values)
            tally.refused += 1
        except AssertionError:
            twin = copy.copy(entry)
            twin.reference = lambda *args: entry.torch(
                [int(a) if isinstance(a, float) and a.is_integer() else a
                 for a in args])
            harness.check_sample(twin, harness.Sample(values))
            tally.passed += 1

    @staticmethod
    def check_refused(entry, values):
        code, message, left = harness.invoke(entry, values)
        assert code == 1, f"returned {code}, PyTorch refuses the call"
        assert message, "refused without a message"
        assert left, "an output was written though the call failed"


def sample_sets(info, dtype):
    """The samples of an OpInfo, and its calls that must fail."""
    grad = dtype.is_floating_point and info.supports_autograd
    if dtype in info.supported_dtypes("cpu"):
        yield from info.sample_inputs("cpu", dtype, requires_grad=grad)
    if info.error_inputs_func is not None and dtype == torch.float32:
        for bad in info.error_inputs("cpu"):
            yield bad.sample_input


def run_sample(info, sample):
    out = info(sample.input, *sample.args, **sample.kwargs)
    leaves = [t for t in torch.utils._pytree.tree_leaves(out)
              if isinstance(t, torch.Tensor) and t.requires_grad]
    if leaves:
        torch.autograd.backward(leaves, [torch.ones_like(t) for t in leaves])


@contextlib.contextmanager
def quiet():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _too_long(number, frame):
    raise TooLong()


def run(names=None, dtypes=None, samples=8, per_function=60, seconds=20,
        table=None):
    """Runs the OpInfos of |names| (all by default) and returns the Sweep."""
    sweep = Sweep(table if table is not None else default_table(),
                  per_function)
    signal.signal(signal.SIGALRM, _too_long)
    # Samples are small: more threads only wait for each other.
    torch.set_num_threads(1)
    with quiet():
        for info in op_db:
            if names is not None and info.name not in names:
                continue
            for dtype in dtypes or DTYPES:
                signal.alarm(seconds)
                try:
                    run_info(sweep, info, dtype, samples)
                except TooLong:
                    pass
                finally:
                    signal.alarm(0)
    return sweep


def run_info(sweep, info, dtype, samples):
    sweep.where = f"{info.formatted_name} {str(dtype)[6:]}"
    torch.manual_seed(0)
    try:
        found = list(sample_sets(info, dtype))
    except TooLong:
        raise
    except Exception:  # samples that this build of torch cannot make
        return
    step = max(1, len(found) // samples)
    for sample in found[::step]:
        try:
            with sweep:
                run_sample(info, sample)
        except TooLong:
            raise
        except Exception:
            # PyTorch refuses it, which the sweep compares.
            pass
        sweep.drain()
