# SPDX-License-Identifier: Apache-2.0
"""Operators of PyTorch's C interface that the library does not have, and why."""
import re

from shim_call import ROOT

_PROCESSES = "communication between processes (c10d)"
_SPARSE = "sparse tensors"
_NOT_HERE = ("stock PyTorch has it for accelerators only and refuses tensors of "
             "the cpu; models of the cpu call the operator that ends in _for_cpu")

OPERATORS = {
    "aoti_torch__scaled_dot_product_efficient_attention": _NOT_HERE,
    "aoti_torch__scaled_dot_product_flash_attention": _NOT_HERE,
    "aoti_torch__scaled_dot_product_flash_attention_v2": _NOT_HERE,
    "aoti_torch_cpu__c10d_functional_all_reduce": _PROCESSES,
    "aoti_torch_cpu__c10d_functional_all_reduce_": _PROCESSES,
    "aoti_torch_cpu__c10d_functional_wait_tensor": _PROCESSES,
    "aoti_torch_cpu__scaled_dot_product_fused_attention_overrideable": _NOT_HERE,
    "aoti_torch_cpu__scaled_dot_product_fused_attention_overrideable_backward":
        _NOT_HERE,
    "aoti_torch_cpu__to_sparse": _SPARSE,
    "aoti_torch_cpu_to_sparse": _SPARSE,
}


def operators():
    """The symbols of all operators that a model of the cpu may import."""
    text = (ROOT / "abi/gen/shim_rows.inc").read_text()
    return [symbol for symbol, op in
            re.findall(r"^PT2_SHIM_ROW\((\w+), (.*)\)$", text, re.M)
            if op != "NULL" or symbol in OPERATORS]


_STREAMS = "streams and events of accelerators"
_NOT_ON_CPU = "stock PyTorch has no kernel for tensors of the cpu"

# Operators that Inductor leaves to PyTorch, to be called by name, and that the
# library does not have.
FALLBACKS = {
    "aten::_scaled_addmm": _NOT_ON_CPU,
    "aten::_scaled_dot_product_fused_attention_overrideable": _NOT_HERE,
    "aten::_scaled_dot_product_fused_attention_overrideable_backward":
        _NOT_HERE,
    "aten::_to_sparse": _SPARSE,
    "aten::_to_sparse.sparse_dim": _SPARSE,
    "aten::to_sparse": _SPARSE,
    "aten::to_sparse.sparse_dim": _SPARSE,
    "quantized::max_pool2d": "tensors of quantized dtypes",
    "streams::record_event": _STREAMS,
    "streams::synchronize_device": _STREAMS,
    "streams::synchronize_event": _STREAMS,
    "streams::synchronize_stream": _STREAMS,
    "streams::wait_event": _STREAMS,
    "streams::wait_stream": _STREAMS,
}


_NO_NUMBERS = ("stock PyTorch compiles the call and refuses to run it: it has no "
               "list of numbers by name")
_PYTHON = "PyTorch has it in Python only"

# What a survey of PyTorch's samples (scripts/fallback_survey.py) found in
# packages and the library does not have.
SURVEYED = {
    **{f"aten::_foreach_{name}.ScalarList": _NO_NUMBERS for name in (
        "add", "addcdiv", "addcmul", "clamp_max", "clamp_min", "div", "maximum",
        "minimum", "mul", "pow", "sub")},
    "aten::_to_sparse.sparse_dim": _SPARSE,
    "torch_nn::_linear_cross_entropy_batch_chunked": _PYTHON,
    "torch_nn::_linear_cross_entropy_batch_chunked_no_reduction": _PYTHON,
}


# What a package may call and still cannot run, with stock PyTorch neither.
REFUSED = {
    "aten::mkldnn_rnn_layer_backward":
        "it needs the workspace that the layer writes where gradients are "
        "recorded; a package's layer runs without, and stock PyTorch refuses "
        "the workspace that is missing",
}


def surveyed_dtypes():
    """{operator: dtypes} of what packages of PyTorch's samples call by name."""
    text = (ROOT / "tests/support/fallbacks.txt").read_text()
    return {line.split()[0]: set(line.split()[1:])
            for line in text.splitlines() if not line.startswith("#")}


def surveyed():
    return list(surveyed_dtypes())


def by_name():
    """The operators that models call by name, as the sources register them."""
    found = set()
    for path in sorted((ROOT / "src").rglob("*.c")):
        text = path.read_text()
        found |= {"aten::" + name for name in re.findall(
            r"^PT2_(?:BOXED_OP|COMPLEX_UNARY(?:_OF)?|COMPLEX_PREDICATE)\((\w+),",
            text, re.M)}
        found |= {"aten::_foreach_" + name for name in re.findall(
            r"^PT2_FOREACH_(?:COMPLEX_)?UNARY(?:_OF)?\((\w+),", text, re.M)}
        found |= set(re.findall(
            r'^PT2_(?:BOXED_OVERLOAD|COMPLEX_COMPARISON)\(\w+,\s*"([\w:.]+)"',
            text, re.M))
    return sorted(found)
