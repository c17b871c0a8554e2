# SPDX-License-Identifier: Apache-2.0
from collections.abc import Callable, Sequence
from typing import Any

def register_namedtuple(
    cls: type, *, serialized_type_name: str | None = None
) -> None: ...
def register_dataclass(
    cls: type, *, serialized_type_name: str | None = None
) -> None: ...
def register_pytree_node(
    cls: type,
    flatten_fn: Callable[[Any], tuple[Sequence[Any], Any]],
    unflatten_fn: Callable[[Sequence[Any], Any], Any],
    *,
    serialized_type_name: str | None = None,
    from_dumpable_context: Callable[[Any], Any] | None = None,
) -> None: ...
