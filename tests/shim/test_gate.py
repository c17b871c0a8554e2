# SPDX-License-Identifier: Apache-2.0
"""Every function of the C ABI that is no operator is implemented and named in a
test, or is on this list with the reason why it is not."""
import pathlib
import re

import pytest

from harness import ROOT, library

ABSENT = {
    "aoti_torch_call_dispatcher":
        "for custom-operator libraries; a compiled model calls the proxy "
        "executor instead",
    "aoti_torch_delete_library_object": "see library_init_def",
    "aoti_torch_library_def": "see library_init_def",
    "aoti_torch_library_impl": "see library_init_def",
    "aoti_torch_library_init_def":
        "PyTorch's stable ABI for custom-operator libraries, which no model "
        "imports; C operators come by pt2_op_register",
    "aoti_torch_library_init_fragment": "see library_init_def",
    "aoti_torch_library_init_impl": "see library_init_def",
    "aoti_torch_empty_strided_pinned":
        "memory that an accelerator reads: there is none, and PyTorch refuses "
        "it there too",
    "aoti_torch_save_tensor_handle":
        "writes Python's pickle into the working directory; only models "
        "compiled to debug Inductor import it",
}
# Operators by the table, but without a schema: communication between processes.
ABSENT_OPERATORS = {
    "aoti_torch_cpu__c10d_functional_all_reduce",
    "aoti_torch_cpu__c10d_functional_all_reduce_",
    "aoti_torch_cpu__c10d_functional_wait_tensor",
}


def rows():
    text = (ROOT / "abi/gen/shim_rows.inc").read_text()
    return re.findall(r"^PT2_SHIM_ROW\((\w+), (.*)\)$", text, re.M)


def plain_functions():
    return [symbol for symbol, op in rows() if op == "NULL"]


def test_the_list_has_no_strangers():
    assert set(ABSENT) <= set(plain_functions())
    assert ABSENT_OPERATORS <= {symbol for symbol, _ in rows()}


@pytest.mark.parametrize("symbol", plain_functions())
def test_implemented_and_tested(symbol):
    address = library().address(symbol)
    if symbol in ABSENT:
        assert not address, "implemented: take it off the list"
        return
    assert address, "not implemented and not on the list"
    here = pathlib.Path(__file__).resolve().parent
    files = [p for p in [*here.glob("test_*.py"), ROOT / "tests/ops/clone.py",
                         *(ROOT / "tests/unit").glob("test_shim*.c")]
             if p.name != "test_gate.py"]
    text = "\n".join(p.read_text() for p in files)
    short = symbol.replace("aoti_torch_", "")
    # By its full name or by the tail that a parametrised test lists.
    assert symbol in text or f'"{short}"' in text or tail_is_listed(short, text)


def tail_is_listed(short, text):
    """dtype_float32, item_int8 … are made from lists of names."""
    for prefix, listed in (("dtype_", "aoti_torch_dtype_{name}"),
                           ("item_", "aoti_torch_item_{name}"),
                           ("scalar_to_tensor_",
                            "aoti_torch_scalar_to_tensor_{name}")):
        if short.startswith(prefix) and listed in text:
            tail = short[len(prefix):]
            return f'"{tail}"' in text or prefix == "dtype_"
    return False


@pytest.mark.parametrize("symbol", sorted(ABSENT_OPERATORS))
def test_no_distributed_runs(symbol):
    assert not library().address(symbol)
