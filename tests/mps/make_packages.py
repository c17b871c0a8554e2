#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes packages for mps with stock PyTorch on Linux, and what the same models
give on the CPU.

    make_packages.py FOLDER [MODEL …]     writes MODEL.pt2, MODEL.io/*.npy
    make_packages.py --pack FOLDER        writes the archives beside this file
    make_packages.py --operators          writes operators.txt beside this file
    make_packages.py --check-operators    … compares it with what it would write

Each MODEL.io holds in0.npy … and out0.npy … (bfloat16 as its bits, uint16);
MODEL.io2 the same at another size, where a model has dynamic ones. The tests
need the archives only (test_mps_packages.c). operators.txt has each operator
of the exported graphs with the models that call it.

host_mps.cpp makes tensors of device "mps" possible. What a Mac would choose
otherwise is set below: attention and the layout of convolutions.
"""
import os
import pathlib
import subprocess
import sys

# Machine code for any x86-64-v3.
os.environ["TORCHINDUCTOR_CPP_MARCH"] = "x86-64-v3"
os.environ["ATEN_CPU_CAPABILITY"] = "avx2"

import numpy as np
import torch
import torch._dynamo
import torch._inductor
import torch.nn as nn
import torch.nn.functional as F

from models import all_models

HERE = pathlib.Path(__file__).resolve().parent
OPERATORS = HERE / "operators.txt"
SWEPT_LEAST = 150  # operators in sweeps
ARCHIVE_PACKAGES = 20  # so that no archive is above 4 MB
# The suite of all back ends compares it with the same model of the CPU.
FOR_CPU_TOO = ("linear_relu_softmax",)


def load_device(folder):
    """Compiles and loads host_mps.cpp."""
    library = folder / "host_mps.so"
    source = HERE / "host_mps.cpp"
    if not library.exists() or library.stat().st_mtime < source.stat().st_mtime:
        torch_folder = pathlib.Path(torch.__file__).parent
        subprocess.run(
            ["g++", "-O1", "-std=c++20", "-fPIC", "-shared", str(source), "-o",
             str(library), f"-I{torch_folder}/include",
             f"-I{torch_folder}/include/torch/csrc/api/include",
             f"-L{torch_folder}/lib", "-lc10", "-ltorch_cpu",
             f"-Wl,-rpath,{torch_folder}/lib"], check=True)
    torch.ops.load_library(str(library))
    # Set only now: importing torch._dynamo looks at the functions themselves.
    torch.backends.mps.is_available = lambda: True
    torch.backends.mps.get_core_count = lambda: 8
    torch.mps.synchronize = lambda: None


def choose_as_a_mac():
    """A build for Linux knows no mps in two of its choices."""
    select = torch._C._select_conv_backend
    of_mac = {False: torch._C._ConvBackend.Mps,
              True: getattr(torch._C._ConvBackend, "MpsTranspose,")}

    def select_conv_backend(input, *args, **kwargs):
        if input.device.type != "mps":
            return select(input, *args, **kwargs)
        transposed = (kwargs["transposed"] if "transposed" in kwargs else
                      args[5])
        return of_mac[bool(transposed)]

    torch._C._select_conv_backend = select_conv_backend
    attention = torch.ops.aten.scaled_dot_product_attention.default

    @attention.py_impl(torch._C.DispatchKey.CompositeImplicitAutograd)
    def choose_attention(query, key, value, attn_mask=None, dropout_p=0.0,
                         is_causal=False, *, scale=None, enable_gqa=False):
        if query.device.type != "mps" or dropout_p:
            return torch.ops.aten._scaled_dot_product_attention_math(
                query, key, value, attn_mask, dropout_p, is_causal, None,
                scale=scale, enable_gqa=enable_gqa)[0]
        extra = {"enable_gqa": True} if enable_gqa else {}
        return torch.ops.aten._scaled_dot_product_attention_math_for_mps(
            query, key, value, attn_mask, dropout_p, is_causal, None,
            scale=scale, **extra)[0]


def to_numpy(tensor):
    tensor = tensor.detach().cpu().contiguous()
    if tensor.dtype == torch.bfloat16:
        return tensor.view(torch.int16).numpy().view(np.uint16)
    return tensor.numpy()


def save(folder, inputs, outputs):
    folder.mkdir(exist_ok=True)
    for i, tensor in enumerate(inputs):
        np.save(folder / f"in{i}.npy", to_numpy(tensor))
    if not isinstance(outputs, (tuple, list)):
        outputs = [outputs]
    for i, tensor in enumerate(outputs):
        np.save(folder / f"out{i}.npy", to_numpy(tensor))


def make(name, entry, folder):
    torch.manual_seed(0)
    model, inputs, dynamic, others = entry()
    model.eval()
    with torch.no_grad():
        save(folder / f"{name}.io", inputs, model(*inputs))
        if others is not None:
            save(folder / f"{name}.io2", others, model(*others))
        devices = {"mps": ""}
        if name in FOR_CPU_TOO:
            devices = {"cpu": ".cpu", "mps": ""}
        for device, suffix in devices.items():
            exported = torch.export.export(
                model.to(device), tuple(t.to(device) for t in inputs),
                dynamic_shapes=dynamic)
            torch._inductor.aoti_compile_and_package(
                exported, package_path=str(folder / f"{name}{suffix}.pt2"),
                inductor_configs={"cpp.march": "x86-64-v3",
                                  "cpp.simdlen": 256,
                                  "aot_inductor.link_libtorch": False})


def operators():
    """What operators.txt is to say. Exported for the CPU, which gives the same
    graphs: a device is chosen only when they are compiled."""
    users = {}
    for name, entry in all_models().items():
        torch.manual_seed(0)
        model, inputs, dynamic, _ = entry()
        with torch.no_grad():
            graph = torch.export.export(model.eval(), inputs,
                                        dynamic_shapes=dynamic).graph
        for node in graph.nodes:
            if isinstance(node.target, torch._ops.OpOverload):
                namespace, operator = node.target.name().split("::")
                if namespace == "aten":
                    users.setdefault(operator.split(".")[0], set()).add(name)
    lines = [f"{operator}: {' '.join(sorted(names))}"
             for operator, names in sorted(users.items())]
    swept = sum(any(name.startswith("sweep_") for name in names)
                for names in users.values())
    return "\n".join([f"# {len(users)} operators, {swept} of them in sweeps; "
                      "made by make_packages.py --operators", *lines, ""])


def check_operators():
    """As many operators as promised, and those that are written down."""
    wanted, written = operators(), OPERATORS.read_text()
    for line in set(wanted.splitlines()) ^ set(written.splitlines()):
        print(("+ " if line in wanted else "- ") + line)
    swept = int(written.split()[3])
    fine = wanted == written and swept >= SWEPT_LEAST
    print(written.splitlines()[0])
    return 0 if fine else 1


def pack(folder):
    """Writes packages.N.tar.xz of the models that are in |folder|, sweeps.N of
    its sweeps; none above 4 MB."""
    names = sorted(p.name[:-len(".pt2")] for p in folder.glob("*.pt2"))
    for kind, swept in (("packages", False), ("sweeps", True)):
        chosen = [n for n in names if n.startswith("sweep_") == swept]
        groups = [chosen[i:i + ARCHIVE_PACKAGES]
                  for i in range(0, len(chosen), ARCHIVE_PACKAGES)]
        for old in HERE.glob(f"{kind}.*.tar.xz") if groups else ():
            old.unlink()
        for i, group in enumerate(groups):
            write_archive(folder, group, HERE / f"{kind}.{i}.tar.xz")


def write_archive(folder, names, target):
    members = []
    for name in names:
        members += [m for m in (f"{name}.pt2", f"{name}.io", f"{name}.io2")
                    if (folder / m).exists()]
    with open(target, "wb") as out:
        tar = subprocess.Popen(
            ["tar", "-C", str(folder), "--sort=name", "--owner=0",
             "--group=0", "--numeric-owner", "--mtime=@0", "-c", *members],
            stdout=subprocess.PIPE)
        subprocess.run(["xz", "-9e", "--lzma2=dict=96MiB", "-c"],
                       stdin=tar.stdout, stdout=out, check=True)
    print(target.name, target.stat().st_size)


def main():
    arguments = sys.argv[1:]
    if arguments[0] == "--pack":
        return pack(pathlib.Path(arguments[1]))
    if arguments[0] == "--operators":
        OPERATORS.write_text(operators())
        return 0
    if arguments[0] == "--check-operators":
        return check_operators()
    folder = pathlib.Path(arguments[0]).absolute()
    folder.mkdir(parents=True, exist_ok=True)
    load_device(folder)
    choose_as_a_mac()
    catalogue = all_models()
    for name in arguments[1:] or catalogue:
        make(name, catalogue[name], folder)
        print(name, flush=True)
    return 0


sys.exit(main())
