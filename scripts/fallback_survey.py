#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Finds which operators packages call by name, by compiling PyTorch's samples.

    fallback_survey.py [--only TEXT] [--samples N] [--part I/N] [--write]

Some samples of each OpInfo (also those of lists of tensors) and ModuleInfo go the
whole way of a package (torch.export, AOTInductor) up to the C++ compiler. What
the generated code calls by name, through the proxy executor, with the dtypes of
its tensors, is printed: "here", or "missing" where the library does not have it.
--write puts it into tests/support/fallbacks.txt, which tests/ops/test_gate.py
compares with the library. A whole run takes a quarter of an hour on two
processes with --part 0/2 and --part 1/2, which write one after the other: what is
in the file stays, unless the file is removed before. --verbose tells what became
of each sample.
"""
import argparse
import collections
import logging
import pathlib
import signal
import sys
import warnings

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests" / folder) for folder in ("ops", "support")]

import torch
from torch.utils import _pytree as pytree

import absent

DTYPES = (torch.float32, torch.complex64, torch.int64, torch.bool)
SECONDS = 60  # for one sample

FILE = ROOT / "tests/support/fallbacks.txt"


class Captured(BaseException):
    """The generated code is complete; the C++ compiler is not run."""


class TooLong(Exception):
    pass


def capture(found):
    """Makes AOTInductor stop before it compiles, and puts what it generated
    into |found|: (name, dtypes)."""
    from torch._inductor import codecache, ir

    def compile_stops(graph, wrapper_code, kernel_code, nodes, **options):
        raise Captured

    export_node = ir.FallbackKernel.export_extern_kernel_node

    def exports(self):
        dtypes = sorted({str(i.get_dtype())[6:] for i in self.inputs
                         if hasattr(i, "get_dtype")})
        found.append((self.op_overload.name(), "+".join(dtypes)))
        return export_node(self)

    codecache.AotCodeCompiler.compile = compile_stops
    ir.FallbackKernel.export_extern_kernel_node = exports


class Call(torch.nn.Module):
    """A function of tensors; its other arguments are constants."""

    def __init__(self, function, args, kwargs):
        super().__init__()
        self.function = function
        leaves, self.spec = pytree.tree_flatten((args, kwargs))
        self.inputs = tuple(x for x in leaves if isinstance(x, torch.Tensor))
        self.rest = [None if isinstance(x, torch.Tensor) else (x,)
                     for x in leaves]

    def forward(self, *tensors):
        left = iter(tensors)
        leaves = [next(left) if x is None else x[0] for x in self.rest]
        args, kwargs = pytree.tree_unflatten(leaves, self.spec)
        results = pytree.tree_leaves(self.function(*args, **kwargs))
        return tuple(r for r in results if isinstance(r, torch.Tensor))


def compile_sample(model, inputs):
    """Why it did not reach the end, or None."""
    try:
        exported = torch.export.export(model, inputs)
        torch._inductor.aot_compile(
            exported.module(), inputs,
            options={"aot_inductor.package": True})
        return "nothing to compile"
    except Captured:
        return None
    except TooLong:
        return "it took too long"
    except Exception as error:
        return f"{type(error).__name__}: {error}".split("\n")[0][:160]


# ---- Samples -------------------------------------------------------------------


def op_samples(only, count):
    from torch.testing._internal.common_methods_invocations import op_db
    for info in op_db:
        if only not in info.formatted_name:
            continue
        for dtype in DTYPES:
            if dtype not in info.supported_dtypes("cpu"):
                continue
            yield (f"{info.formatted_name} {str(dtype)[6:]}",
                   lambda i=info, d=dtype: op_models(i, d, count))


def op_models(info, dtype, count):
    torch.manual_seed(0)
    samples = []
    for sample in info.sample_inputs("cpu", dtype):
        samples.append(sample)
        if len(samples) >= 40:
            break
    for sample in samples[::max(1, len(samples) // count)][:count]:
        call = Call(info.op, (sample.input, *sample.args), sample.kwargs)
        yield call, call.inputs


def module_samples(only, count):
    from torch.testing._internal.common_modules import module_db
    for info in module_db:
        if only not in info.name:
            continue
        yield f"{info.name} float32", lambda i=info: module_models(i, count)


def module_models(info, count):
    found = list(info.module_inputs_func(
        info, device="cpu", dtype=torch.float32, requires_grad=False,
        training=False))
    for sample in found[:count]:
        made = sample.constructor_input
        model = info.module_cls(*made.args, **made.kwargs).eval()
        given = sample.forward_input
        call = Call(model, given.args, given.kwargs)
        yield call, call.inputs


def foreach_samples(only, count):
    from torch.testing._internal import common_methods_invocations as found
    for group in ("foreach_unary_op_db", "foreach_binary_op_db",
                  "foreach_pointwise_op_db", "foreach_reduce_op_db",
                  "foreach_other_op_db"):
        for info in getattr(found, group, ()):
            if only not in info.name:
                continue
            for dtype in DTYPES:
                if dtype in info.dtypes:
                    yield (f"{info.name} {str(dtype)[6:]}",
                           lambda i=info, d=dtype: foreach_models(i, d, count))


def foreach_models(info, dtype, count):
    torch.manual_seed(0)
    options = {"num_input_tensors": [3]}
    for i, sample in enumerate(info.sample_inputs(
            "cpu", dtype, **options)):
        if i >= 3 * count:
            break
        call = Call(info.method_variant, (sample.input, *sample.args),
                    sample.kwargs)
        yield call, call.inputs


# ---- The run -------------------------------------------------------------------


def _too_long(number, frame):
    raise TooLong()


def survey(only, count, part, parts, verbose):
    """{name: dtypes of its tensors}, of the samples that compile."""
    calls = collections.defaultdict(set)
    found = []
    capture(found)
    signal.signal(signal.SIGALRM, _too_long)
    cases = [*op_samples(only, count), *module_samples(only, count),
             *foreach_samples(only, count)]
    for name, models in cases[part::parts]:
        why = None
        signal.alarm(SECONDS)
        try:
            with torch.no_grad():
                for model, inputs in models():
                    found.clear()
                    torch._dynamo.reset()
                    failed = compile_sample(model, inputs)
                    # What is not compiled to its end is in no package.
                    for called, dtypes in found if failed is None else ():
                        calls[called].add(dtypes or "none")
                    why = failed or why
        except Exception as error:
            why = f"{type(error).__name__}: {error}"[:160]
        finally:
            signal.alarm(0)
        if verbose:
            print(name, why or "", sorted({c for c, _ in found}),
                  file=sys.stderr, flush=True)
    return calls


def is_here(name):
    return name in absent.by_name()


def write(calls):
    known = collections.defaultdict(set)
    if FILE.exists():
        for line in FILE.read_text().splitlines():
            if not line.startswith("#"):
                name, *dtypes = line.split()
                known[name] |= set(dtypes)
    for name, dtypes in calls.items():
        known[name] |= dtypes
    lines = [" ".join([name, *sorted(dtypes)])
             for name, dtypes in sorted(known.items())]
    FILE.write_text("# Written by scripts/fallback_survey.py: what packages call "
                    "by name, and the\n# dtypes of the tensors.\n"
                    + "\n".join(lines) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="")
    parser.add_argument("--samples", type=int, default=3)
    parser.add_argument("--part", default="0/1")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--verbose", action="store_true")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    torch.set_num_threads(1)
    part, parts = map(int, arguments.part.split("/"))
    calls = survey(arguments.only, arguments.samples, part, parts,
                   arguments.verbose)
    for name, dtypes in sorted(calls.items()):
        print(f"{'here   ' if is_here(name) else 'missing'} {name}  "
              + " ".join(sorted(dtypes)))
    if arguments.write:
        write(calls)


if __name__ == "__main__":
    main()
