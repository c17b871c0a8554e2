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
