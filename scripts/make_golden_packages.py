# SPDX-License-Identifier: Apache-2.0
"""Makes the golden packages of the torch release that runs this script.

usage: make_golden_packages.py FOLDER [NAME...]

Writes FOLDER/RELEASE/NAME.pt2, and FOLDER/NAME.inputs.safetensors and
NAME.expected.safetensors (keys are indices in call order; an output that is
None has no key). The inputs and answers are the same for every release: the
first to run writes them, the others are compared with them. Weights come from
numpy's generator, which does not change between releases of torch.

The code is for plain AVX2 (x86-64-v3): make_golden_packages.sh sees to the
compiler, and every package is disassembled here to make sure of it.
"""

import os
import pathlib
import sys

# Read when torch is imported.
os.environ["TORCHINDUCTOR_CPP_MARCH"] = "x86-64-v3"

import numpy as np
import torch
import torch._inductor.config
from safetensors.torch import load_file, save_file
from torch import nn

import package_isa

RELEASE = torch.__version__.split("+")[0]
VERSION = tuple(int(part) for part in RELEASE.split(".")[:2])
CONFIG = torch._inductor.config


def fixed(seed: int, *shape: int) -> torch.Tensor:
    """Normal deviates that are the same in every release."""
    values = np.random.RandomState(seed).standard_normal(shape)
    return torch.from_numpy(values.astype(np.float32))


class Add(nn.Module):
    def forward(self, x):
        return torch.relu(x + 1)


class Math(nn.Module):
    def forward(self, x):
        a = x.abs()
        y = x.tanh() + x.erf() + torch.log(a + 1) + x.sin() + a.pow(1.3)
        y = y + torch.lgamma(a) + x.exp() + x.sigmoid()
        return y + nn.functional.gelu(x)


class Mlp(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(16, 32)
        self.b = nn.Linear(32, 4)
        self.register_buffer("c", torch.ones(4))
        with torch.no_grad():
            for i, p in enumerate(self.parameters()):
                p.copy_(fixed(100 + i, *p.shape) / 4)

    def forward(self, x):
        return self.b(torch.relu(self.a(x))) + self.c


class Outputs(nn.Module):
    """None, one tensor twice, a view of an input, and an input changed."""

    def forward(self, x, y):
        z = x * 2
        y.add_(1)
        return z, None, z, x.view(4, 8), y + x


class Inputs(nn.Module):
    """Keyword and nested arguments, a dict with a None as the result."""

    def forward(self, x, pair, *, scale, offset):
        return {"sum": x + pair[0] * pair[1], "none": None, "y": x * scale + offset}


class Dtypes(nn.Module):
    """int64, bool, float64, bfloat16, uint8, int32 and float16 in and out."""

    def forward(self, i64, b, f64, bf16, u8, i32, f16):
        return (
            i64 * 3 - i32,
            b & (i64 > 2),
            torch.where(b, f64, -f64).cumsum(0),
            bf16 * 2 + 1,
            u8 + 200,
            (i32 + u8).to(torch.float32),
            f16.float().sin().half(),
            f64.sum(),
        )


class ZeroDim(nn.Module):
    """A 0-d input, an empty one, a transposed one; 0-d and empty outputs."""

    def forward(self, scalar, empty, transposed):
        return scalar * 2, empty + 1, transposed * scalar, transposed.sum()


class ScaleAdd(nn.Module):
    def forward(self, x):
        y = torch.ops.pt2test.scale_add(x + 1, 2.5, 3)
        return torch.relu(y)


@torch.library.custom_op("pt2test::scale_add", mutates_args=())
def scale_add(x: torch.Tensor, a: float, b: int) -> torch.Tensor:
    return x * a + b


@scale_add.register_fake
def _(x, a, b):
    return torch.empty_like(x)


def dtype_inputs() -> tuple:
    rng = np.random.RandomState(7)
    i64 = torch.from_numpy(rng.randint(-9, 9, 24))
    b = torch.from_numpy(rng.randint(0, 2, 24).astype(bool))
    f64 = torch.from_numpy(rng.standard_normal(24))
    bf16 = fixed(8, 24).to(torch.bfloat16)
    u8 = torch.from_numpy(rng.randint(0, 256, 24).astype(np.uint8))
    i32 = torch.from_numpy(rng.randint(-99, 99, 24).astype(np.int32))
    return i64, b, f64, bf16, u8, i32, fixed(9, 24).half()


X = fixed(1, 8, 16)
IN_SO = "aot_inductor.package_constants_in_so"
ON_DISK = "aot_inductor.package_constants_on_disk_format"
MMAP = "aot_inductor.force_mmap_weights"
CPP_ONLY = "aot_inductor.package_cpp_only"
NO_LIBTORCH = {"aot_inductor.link_libtorch": False}
PICKLES = {IN_SO: False, ON_DISK: "pickle_weights"}
if not hasattr(CONFIG.aot_inductor, "package_constants_on_disk_format"):
    # Its name in 2.8 and 2.9, where it is a switch.
    PICKLES = {IN_SO: False, "aot_inductor.package_constants_on_disk": True}

# name: first release, model, arguments, options, how it is loaded here.
# The last is "plain", "weights" (given after loading) or "none": stock torch
# cannot load it.
PACKAGES = {
    "add": ((2, 6), Add, (X,), {}, "plain"),
    "math": ((2, 6), Math, (X,), {}, "plain"),
    "mlp": ((2, 6), Mlp, (X,), {}, "plain"),
    "mlpmmap": ((2, 6), Mlp, (X,), {MMAP: True}, "plain"),
    "mlpdyn": ((2, 6), Mlp, (X,), {}, "plain"),
    "mlpnow": ((2, 6), Mlp, (X,), {IN_SO: False}, "weights"),
    "mlpfreeze": ((2, 8), Mlp, (X,), {"freezing": True}, "plain"),
    "mlpblob2": ((2, 10), Mlp, (X,), {ON_DISK: "binary_blob"}, "plain"),
    "nolibtorch": ((2, 10), Mlp, (X,), NO_LIBTORCH, "none"),
    "mlppickle": ((2, 8), Mlp, (X,), PICKLES, "weights"),
    "two": ((2, 15), Mlp, (X,), {}, "plain"),
    "cpponly": ((2, 15), Mlp, (X,), {CPP_ONLY: True}, "none"),
    "customop": ((2, 15), ScaleAdd, (X,), {}, "plain"),
    "outputs": ((2, 15), Outputs, (fixed(2, 2, 16), fixed(3, 2, 16)), {}, "plain"),
    "kwargs": ((2, 15), Inputs, (X, (fixed(4, 16), fixed(5, 8, 1))), {}, "plain"),
    "dtypes": ((2, 15), Dtypes, dtype_inputs(), {}, "plain"),
    "zerodim": (
        (2, 15),
        ZeroDim,
        (torch.tensor(1.5), torch.empty(0, 3), fixed(6, 3, 4).t()),
        {},
        "plain",
    ),
}
KWARGS = {"kwargs": {"scale": torch.tensor(0.5), "offset": fixed(10, 16)}}
# Oldest and newest of their kind, as making all of them would show no more.
ONLY_IN = {
    "mlpnow": {(2, 6), (2, 8), (2, 14), (2, 15)},
    "mlpfreeze": {(2, 8), (2, 14), (2, 15)},
    "mlppickle": {(2, 8), (2, 9), (2, 10), (2, 15)},
}


def options_of(name: str) -> dict:
    options = {"cpp.simdlen": 256, "cpp.threads": 1, **PACKAGES[name][3]}
    # 2.13 and later write line tables, which quadruple a package: one name
    # keeps them, as users' packages have them.
    if name != "add" and hasattr(CONFIG.aot_inductor, "enable_line_tables"):
        options["aot_inductor.enable_line_tables"] = False
    return options


def copies(value):
    return torch.utils._pytree.tree_map(
        lambda t: t.clone() if isinstance(t, torch.Tensor) else t, value
    )


def tensors_by_index(value) -> dict:
    leaves = torch.utils._pytree.tree_leaves(value)
    tensors = {str(i): t for i, t in enumerate(leaves) if t is not None}
    return {i: t.detach().contiguous().clone() for i, t in tensors.items()}


def write_or_compare(path: pathlib.Path, tensors: dict, exact: bool) -> None:
    if not path.exists():
        save_file(tensors, path)
        return
    before = load_file(path)
    if before.keys() != tensors.keys():
        sys.exit(f"{path}: keys {list(before)}, now {list(tensors)}")
    tolerance = 0.0 if exact else 2e-6
    for key, tensor in tensors.items():
        torch.testing.assert_close(
            tensor, before[key], rtol=tolerance, atol=tolerance, equal_nan=True
        )


def export(model: nn.Module, name: str, args: tuple):
    dynamic = None
    if name == "mlpdyn":
        dynamic = ({0: torch.export.Dim("batch", min=2, max=1024)},)
    return torch.export.export(
        model, args, KWARGS.get(name), dynamic_shapes=dynamic
    )


def write_two_models(path: pathlib.Path) -> None:
    """"model" and "model2": one name is the beginning of the other."""
    files = {}
    for name, model in (("model", Mlp()), ("model2", Math())):
        program = export(model.eval(), "two", (X,))
        files[name] = torch._inductor.aot_compile(
            program.module(),
            (X,),
            options={**options_of("two"), "aot_inductor.package": True},
        )
    from torch._inductor.package import load_package, package_aoti

    package_aoti(str(path), files)
    expected = tensors_by_index(Math()(X))
    second = tensors_by_index(load_package(str(path), "model2")(X))
    torch.testing.assert_close(second, expected, rtol=1e-5, atol=1e-5)
    write_or_compare(path.parent.parent / "two.model2.safetensors", expected, False)


KEPT = []


def run_loaded(path: pathlib.Path, how: str, model: nn.Module, args, kwargs):
    loaded = torch._inductor.aoti_load_package(str(path))
    if how == "weights":
        # Small ones (b.bias, c) are literals in the code: no names of its.
        state = model.state_dict()
        state = {n: state[n] for n in loaded.get_constant_fqns()}
        loaded.load_constants(state, check_full_update=True)
        # Torch may hold bare pointers to them, pickled weights it even frees
        # itself before the first run; and 2.6 crashes when such a model is
        # destroyed. So neither goes away.
        KEPT.append((loaded, state))
    return loaded(*args, **kwargs)


def make(folder: pathlib.Path, name: str) -> None:
    _, kind, args, _, how = PACKAGES[name]
    kwargs = KWARGS.get(name, {})
    model = kind().eval()
    path = folder / RELEASE / f"{name}.pt2"
    path.parent.mkdir(parents=True, exist_ok=True)
    with torch.no_grad():
        used = copies((args, kwargs))
        expected = tensors_by_index(model(*used[0], **used[1]))
        write_or_compare(
            folder / f"{name}.inputs.safetensors", tensors_by_index((args, kwargs)), True
        )
        write_or_compare(folder / f"{name}.expected.safetensors", expected, False)
        if name == "outputs":
            write_or_compare(
                folder / f"{name}.mutated.safetensors", tensors_by_index(used), False
            )
        if name == "two":
            write_two_models(path)
        else:
            torch._inductor.aoti_compile_and_package(
                export(model, name, copies(args)),
                package_path=str(path),
                inductor_configs=options_of(name),
            )
        if how != "none":
            used = copies((args, kwargs))
            got = run_loaded(path, how, model, *used)
            torch.testing.assert_close(
                tensors_by_index(got), expected, rtol=1e-5, atol=1e-5
            )
    if name == "mlp":
        weights = {k: v.contiguous() for k, v in model.state_dict().items()}
        write_or_compare(folder / "mlp.weights.safetensors", weights, True)
    beyond = [] if name == "cpponly" else package_isa.check_package(str(path))
    if beyond:
        sys.exit(f"{path}: not plain AVX2: {beyond[0]}")
    print(f"{RELEASE} {name}: {path.stat().st_size} bytes", flush=True)


def main() -> None:
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    folder = pathlib.Path(sys.argv[1])
    torch.set_num_threads(1)
    for name in sys.argv[2:] or PACKAGES:
        if VERSION < PACKAGES[name][0]:
            continue
        if sys.argv[2:] or VERSION in ONLY_IN.get(name, {VERSION}):
            make(folder, name)
    # No destructors: see KEPT.
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
