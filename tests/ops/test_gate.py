# SPDX-License-Identifier: Apache-2.0
"""No operator without samples, and none is missing without a reason."""
import pytest

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
