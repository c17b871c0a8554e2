# SPDX-License-Identifier: Apache-2.0
"""Every allocation of every operator fails once: an error that says so, outputs
left alone, nothing leaked, and the next call works.

Runs where PT2_LIBRARY is libpt2_testing.so, which has the hooks.
"""
import ctypes

import pytest

import harness

MOST_FAULTS = 60


def hooks():
    dll = harness.library().dll
    if not hasattr(dll, "pt2_testing_fault_set"):
        pytest.skip("PT2_LIBRARY is not libpt2_testing.so")
    dll.pt2_testing_fault_set.restype = ctypes.c_uint64
    dll.pt2_testing_fault_set.argtypes = [ctypes.c_uint64]
    dll.pt2_testing_used_bytes.restype = ctypes.c_size_t
    return dll


def some_samples(entry):
    """A call early and one late in the list: layouts that are copied first."""
    make = harness.Make(entry.dtypes[0], seed=len(entry.symbol))
    samples = [s.args if isinstance(s, harness.Sample) else s
               for s in entry.samples(make)]
    return [samples[0], samples[len(samples) // 3]]


@pytest.mark.parametrize("entry", list(harness.all_entries()),
                         ids=lambda entry: entry.symbol)
def test_allocations_fail(entry):
    dll = hooks()
    for args in some_samples(entry):
        # What is made once per process or kept for reuse comes first.
        for _ in range(2):
            code, results, _ = harness.invoke(entry, harness.twin(args))
            assert code == 0, results
        del results
        failures = 0
        for nth in range(1, MOST_FAULTS):
            mine = harness.twin(args)
            kinds = entry.results()
            slots = [(ctypes.c_int64 if kind == "int" else ctypes.c_void_p)(
                harness.UNTOUCHED) for kind in kinds]
            arguments = harness.arguments_of(entry, mine)
            used = dll.pt2_testing_used_bytes()
            dll.pt2_testing_fault_set(nth)
            code = harness.call(entry, arguments, slots)
            seen = dll.pt2_testing_fault_set(0)
            if code != 0:
                failures += 1
                message = harness.library().message()
                assert "out of memory" in message, message
                assert all(s.value == harness.UNTOUCHED for s in slots), (
                    f"allocation {nth} failed and an output was written")
                assert dll.pt2_testing_used_bytes() == used, (
                    f"allocation {nth} failed and memory stayed in use")
            else:
                for kind, slot in zip(kinds, slots):
                    if kind != "int":
                        harness.delete(slot)
            arguments.release()
            if seen < nth:
                break
        # Whatever returns a tensor makes one.
        assert failures > 0 or "Tensor" not in entry.results()
        code, results, _ = harness.invoke(entry, harness.twin(args))
        assert code == 0, results
