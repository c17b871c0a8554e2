# SPDX-License-Identifier: Apache-2.0
from collections.abc import Mapping

from . import torch_compat as torch_compat
from ._pt2 import (
    AOTICompiledModel as AOTICompiledModel,
    AOTIModelContainerRunnerCpu as AOTIModelContainerRunnerCpu,
    AOTIModelContainerRunnerCuda as AOTIModelContainerRunnerCuda,
    AOTIModelContainerRunnerMps as AOTIModelContainerRunnerMps,
    AOTIModelContainerRunnerXpu as AOTIModelContainerRunnerXpu,
    AOTIModelPackageLoader as AOTIModelPackageLoader,
    ConstantInfo as ConstantInfo,
    Dim as Dim,
    Error as Error,
    FileError as FileError,
    InvalidArgumentError as InvalidArgumentError,
    NotFoundError as NotFoundError,
    OutOfMemoryError as OutOfMemoryError,
    PackageNotFoundError as PackageNotFoundError,
    Runner as Runner,
    RunTimeoutError as RunTimeoutError,
    StructureError as StructureError,
    Tensor as Tensor,
    UnsupportedError as UnsupportedError,
    ValueInfo as ValueInfo,
    _PackageSource,
    _Returns,
    _TensorLike,
    __version__ as __version__,
    from_dlpack as from_dlpack,
    get_num_threads as get_num_threads,
    manual_seed as manual_seed,
    memory_statistics as memory_statistics,
    memory_trim as memory_trim,
    set_num_threads as set_num_threads,
)
from ._pytree import (
    register_dataclass as register_dataclass,
    register_namedtuple as register_namedtuple,
    register_pytree_node as register_pytree_node,
)

__all__: list[str]

def load_package(
    path: _PackageSource,
    model_name: str = "model",
    run_single_threaded: bool = False,
    num_runners: int = 1,
    device_index: int = -1,
    use_stream_affinity: bool = False,
    *,
    returns: _Returns = "auto",
    copy_read_only: bool = True,
    check_inputs: bool = True,
    constants: Mapping[str, _TensorLike] | None = None,
) -> AOTICompiledModel: ...
def aoti_load_package(
    path: _PackageSource,
    run_single_threaded: bool = False,
    device_index: int = -1,
    *,
    num_runners: int = 1,
    use_stream_affinity: bool = False,
) -> AOTICompiledModel: ...
