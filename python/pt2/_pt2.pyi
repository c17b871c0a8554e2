# SPDX-License-Identifier: Apache-2.0
import os
from collections.abc import Iterable, Mapping
from types import CapsuleType
from typing import Any, BinaryIO, Literal, NamedTuple, Protocol, TypeAlias

from typing_extensions import Buffer, Self

class SupportsDLPack(Protocol):
    def __dlpack__(self) -> Any: ...

TensorLike: TypeAlias = SupportsDLPack | Buffer
PackageSource: TypeAlias = (
    str | os.PathLike[str] | os.PathLike[bytes] | Buffer | BinaryIO
)
Returns: TypeAlias = Literal["auto", "pt2", "numpy", "torch"]

__version__: str

class Error(RuntimeError):
    status: str

class InvalidArgumentError(Error, ValueError): ...
class StructureError(InvalidArgumentError, TypeError): ...
class NotFoundError(Error, LookupError): ...
class PackageNotFoundError(NotFoundError, FileNotFoundError): ...
class OutOfMemoryError(Error, MemoryError): ...
class FileError(Error, OSError): ...
class UnsupportedError(Error, NotImplementedError): ...
class RunTimeoutError(Error, TimeoutError): ...

class Dim(NamedTuple):
    symbol: str | None
    min: int
    max: int | None

class ValueInfo(NamedTuple):
    name: str | None
    dtype: str | None
    shape: tuple[int | Dim, ...] | None
    device: str | None
    strides: tuple[int | None, ...] | None
    internal_name: str | None

class ConstantInfo(NamedTuple):
    fqn: str
    dtype: str
    shape: tuple[int, ...] | None
    kind: str
    internal_name: str

class Tensor:
    @property
    def shape(self) -> tuple[int, ...]: ...
    @property
    def strides(self) -> tuple[int, ...]: ...
    @property
    def dtype(self) -> str: ...
    @property
    def device(self) -> str: ...
    @property
    def ndim(self) -> int: ...
    @property
    def numel(self) -> int: ...
    @property
    def nbytes(self) -> int: ...
    @property
    def read_only(self) -> bool: ...
    @property
    def __array_interface__(self) -> dict[str, Any]: ...
    def __buffer__(self, flags: int, /) -> memoryview: ...
    def __len__(self) -> int: ...
    def __dlpack__(
        self,
        *,
        stream: Any = None,
        max_version: tuple[int, int] | None = None,
        dl_device: tuple[int, int] | None = None,
        copy: bool | None = None,
    ) -> CapsuleType: ...
    def __dlpack_device__(self) -> tuple[int, int]: ...
    def numpy(self) -> Any: ...
    def torch(self) -> Any: ...
    def tolist(self) -> Any: ...
    def item(self) -> int | float | bool | complex: ...

class Runner:
    returns: Returns
    def run(
        self, inputs: Iterable[TensorLike], stream_handle: Any = None
    ) -> list[Any]: ...
    def boxed_run(
        self, inputs: Iterable[TensorLike], stream_handle: Any = None
    ) -> list[Any]: ...
    def load_constants(
        self,
        constants_map: Mapping[str, TensorLike],
        use_inactive: bool,
        check_full_update: bool,
        user_managed: bool = False,
        allow_h2d_copy: bool = False,
    ) -> None: ...
    def update_constant_buffer(
        self,
        tensor_map: Mapping[str, TensorLike],
        use_inactive: bool,
        validate_full_updates: bool,
        user_managed: bool = False,
    ) -> None: ...
    def update_constant_buffer_from_cpu(
        self,
        tensor_map: Mapping[str, TensorLike],
        use_inactive: bool,
        validate_full_updates: bool,
    ) -> None: ...
    def update_inactive_constant_buffer(
        self, tensor_map: Mapping[str, TensorLike]
    ) -> None: ...
    def load_weights(
        self,
        path: str | os.PathLike[str],
        *,
        format: Literal["auto", "safetensors", "torch", "blob"] = "auto",
        use_inactive: bool = False,
        check_full_update: bool = False,
        copy: bool = False,
        ignore_unknown: bool = False,
    ) -> None: ...
    def update_constant_buffer_from_blob(
        self, weights_path: str | os.PathLike[str]
    ) -> None: ...
    def swap_constant_buffer(self) -> None: ...
    def free_inactive_constant_buffer(self) -> None: ...
    def run_const_fold(self, use_inactive: bool) -> None: ...
    def extract_constants_map(self, use_inactive: bool) -> dict[str, Any]: ...
    def share_constants(
        self,
        other: Runner,
        *,
        use_inactive: bool = False,
        require_all: bool = False,
    ) -> int: ...
    def get_inputs(self) -> tuple[ValueInfo, ...]: ...
    def get_outputs(self) -> tuple[ValueInfo, ...]: ...
    def get_constants(self) -> list[ConstantInfo]: ...
    def get_constant_fqns(self) -> list[str]: ...
    def get_constant_names_to_original_fqns(self) -> dict[str, str]: ...
    def get_constant_names_to_dtypes(self) -> dict[str, int]: ...
    def get_metadata(self) -> dict[str, str]: ...
    @staticmethod
    def load_metadata_from_package(
        model_package_path: PackageSource, model_name: str
    ) -> dict[str, str]: ...
    def get_call_spec(self) -> list[str]: ...
    def get_custom_objs(self) -> dict[str, Any]: ...
    def did_call_load_constants(self) -> bool: ...
    def get_device(self) -> str: ...
    def get_model_name(self) -> str: ...
    def statistics(self) -> dict[str, int]: ...

class AOTIModelPackageLoader(Runner):
    def __init__(
        self,
        model_package_path: PackageSource,
        model_name: str = "model",
        run_single_threaded: bool = False,
        num_runners: int = 1,
        device_index: int = -1,
        use_stream_affinity: bool = False,
        *,
        returns: Returns = "auto",
        copy_read_only: bool = True,
        check_inputs: bool = True,
        constants: Mapping[str, TensorLike] | None = None,
    ) -> None: ...

class AOTIModelContainerRunnerCpu(Runner):
    def __init__(
        self,
        model_so_path: PackageSource,
        num_models: int = 1,
        constants: Mapping[str, TensorLike] | None = None,
        *,
        run_single_threaded: bool = False,
        returns: Returns = "auto",
    ) -> None: ...

class AOTIModelContainerRunnerCuda(Runner):
    def __init__(
        self,
        model_so_path: PackageSource,
        num_models: int = 1,
        device_str: str = "cuda",
        cubin_dir: str = "",
        run_single_threaded: bool = False,
        constants: Mapping[str, TensorLike] | None = None,
        *,
        returns: Returns = "auto",
    ) -> None: ...

class AOTIModelContainerRunnerXpu(Runner):
    def __init__(
        self,
        model_so_path: PackageSource,
        num_models: int = 1,
        device_str: str = "xpu",
        cubin_dir: str = "",
        run_single_threaded: bool = False,
        constants: Mapping[str, TensorLike] | None = None,
        *,
        returns: Returns = "auto",
    ) -> None: ...

class AOTIModelContainerRunnerMps(Runner):
    def __init__(
        self,
        model_so_path: PackageSource,
        num_models: int = 1,
        device_str: str = "mps",
        cubin_dir: str = "",
        run_single_threaded: bool = False,
        constants: Mapping[str, TensorLike] | None = None,
        *,
        returns: Returns = "auto",
    ) -> None: ...

class AOTICompiledModel:
    returns: Returns
    def __init__(self, loader: Runner) -> None: ...
    def __call__(self, *args: Any, **kwargs: Any) -> Any: ...
    @property
    def loader(self) -> Runner: ...
    @property
    def inputs(self) -> tuple[ValueInfo, ...]: ...
    @property
    def outputs(self) -> tuple[ValueInfo, ...]: ...
    @property
    def constants(self) -> list[ConstantInfo]: ...
    @property
    def device(self) -> str: ...
    def get_metadata(self) -> dict[str, str]: ...
    def get_constant_fqns(self) -> list[str]: ...
    def load_constants(
        self,
        constants_map: Mapping[str, TensorLike],
        *,
        check_full_update: bool,
        user_managed: bool = False,
        allow_h2d_copy: bool = False,
    ) -> None: ...
    def _repr_html_(self) -> str: ...
    def __copy__(self) -> Self: ...
    def __deepcopy__(self, memo: Any, /) -> Self: ...

def from_dlpack(array: TensorLike, /) -> Tensor: ...
def get_num_threads() -> int: ...
def set_num_threads(count: int, /) -> None: ...
def manual_seed(seed: int, /) -> None: ...
def _wait_for_runs(seconds: float, /) -> bool: ...
