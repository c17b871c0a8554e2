# SPDX-License-Identifier: Apache-2.0
"""No operator without samples, and none is missing without a reason."""
import collections

import pytest

import torch

import absent
import harness


@pytest.fixture(scope="module")
def sampled():
    return {entry.symbol for entry in harness.all_entries()}


@pytest.mark.parametrize("symbol", absent.operators())
def test_there_with_samples_or_absent_with_a_reason(symbol, sampled):
    address = harness.library().address(symbol)
    if symbol in absent.OPERATORS:
        assert not address, "implemented: take it off the list"
        return
    assert address, "not implemented and not on the list"
    assert symbol in sampled, "no samples in tests/ops"


def test_the_list_has_no_strangers():
    assert set(absent.OPERATORS) <= set(absent.operators())


# ---- Operators by name ---------------------------------------------------------


@pytest.mark.parametrize("symbol", absent.by_name())
def test_called_by_name_with_samples(symbol, sampled):
    harness.boxed_function(symbol)  # raises if the library does not have it
    assert symbol in sampled, "no samples in tests/ops"


def test_samples_are_of_operators_that_the_sources_register(sampled):
    assert {s for s in sampled if harness.is_boxed(s)} <= set(absent.by_name())


def is_called_on_the_cpu(name):
    """Whether PyTorch has a kernel for it that is not for accelerators alone."""
    return any(torch._C._dispatch_has_kernel_for_dispatch_key(name, key)
               for key in ("CPU", "CompositeExplicitAutograd",
                           "CompositeExplicitAutogradNonFunctional",
                           "CompositeImplicitAutograd"))


def fallbacks():
    """The operators that Inductor leaves to PyTorch on the cpu. Those that write
    to arguments are replaced when a model is exported, generators cannot be, and
    functions of single elements are compiled for the cpu."""
    from torch._inductor import lowering
    from torch._inductor.codegen.common import pointwise_overrides_data
    overloads = set()
    for op in lowering.fallbacks:
        if isinstance(op, torch._ops.OpOverloadPacket):
            overloads |= {getattr(op, name) for name in op.overloads()}
        elif isinstance(op, torch._ops.OpOverload):
            overloads.add(op)
    for op in sorted(overloads, key=str):
        schema = op._schema
        namespace, base = schema.name.split("::")
        pointwise = base.removeprefix("special_") in pointwise_overrides_data
        # Scalars without tensors are for scripts.
        tensors = any("Tensor" in str(r.type) or not schema.returns
                      for r in schema.returns) or namespace == "streams"
        if (schema.is_mutable or pointwise or namespace == "prims"
                or "generator" in schema.overload_name or not tensors):
            continue
        overload = "." + schema.overload_name if schema.overload_name else ""
        if is_called_on_the_cpu(schema.name + overload):
            yield schema.name + overload


def is_here(name):
    base = name.split("::")[1].replace(".", "_")
    if any(harness.library().address(f"aoti_torch_{device}_{base}")
           for device in ("cpu", "aten")):
        return True
    try:
        harness.boxed_function(name)
        return True
    except NotImplementedError:
        return False


def test_what_inductor_leaves_to_pytorch_is_here_or_listed():
    missing = [name for name in fallbacks() if not is_here(name)]
    assert missing == sorted(absent.FALLBACKS)


def test_what_packages_of_torchs_samples_call_is_here_or_listed():
    missing = [name for name in absent.surveyed()
               if name not in absent.by_name()]
    assert missing == sorted(absent.SURVEYED)


def test_samples_of_what_packages_call_have_its_dtypes():
    have = collections.defaultdict(set)
    for entry in harness.all_entries():
        have[entry.symbol] |= {str(dtype)[6:] for dtype in entry.dtypes}
    missing = []
    for name, called in absent.surveyed_dtypes().items():
        if name in absent.SURVEYED:
            continue
        known = have[name] | have[name.removesuffix(".default")]
        # "a+b": of a call with tensors of both.
        missing += [f"{name} {dtypes}" for dtypes in sorted(called)
                    if dtypes != "none" and known.isdisjoint(dtypes.split("+"))]
    assert missing == []
