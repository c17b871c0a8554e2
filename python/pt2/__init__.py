# SPDX-License-Identifier: Apache-2.0
"""Runs PyTorch AOTInductor packages (.pt2) without torch.

    import pt2
    model = pt2.load_package("model.pt2")
    y = model(x)    # x: numpy, torch, jax … anything with __dlpack__
"""
import atexit

from ._pt2 import (
    AOTICompiledModel, AOTIModelContainerRunnerCpu,
    AOTIModelContainerRunnerCuda, AOTIModelContainerRunnerMps,
    AOTIModelContainerRunnerXpu, AOTIModelPackageLoader, ConstantInfo, Dim,
    Error, FileError, InvalidArgumentError, NotFoundError, OutOfMemoryError,
    PackageNotFoundError, Runner, RunTimeoutError, StructureError, Tensor,
    UnsupportedError, ValueInfo, __version__, _wait_for_runs, from_dlpack,
    get_num_threads, manual_seed, memory_statistics, memory_trim,
    set_num_threads)
from . import torch_compat
from ._pytree import (register_dataclass, register_namedtuple,
                      register_pytree_node)

__all__ = [
    "AOTICompiledModel", "AOTIModelContainerRunnerCpu",
    "AOTIModelContainerRunnerCuda", "AOTIModelContainerRunnerMps",
    "AOTIModelContainerRunnerXpu", "AOTIModelPackageLoader", "ConstantInfo",
    "Dim", "Error", "FileError", "InvalidArgumentError", "NotFoundError",
    "OutOfMemoryError", "PackageNotFoundError", "Runner", "RunTimeoutError",
    "StructureError", "Tensor", "UnsupportedError", "ValueInfo", "__version__",
    "aoti_load_package", "from_dlpack", "get_num_threads", "load_package",
    "manual_seed", "memory_statistics", "memory_trim", "register_dataclass", "register_namedtuple",
    "register_pytree_node", "set_num_threads", "torch_compat"
]


def load_package(path, model_name="model", run_single_threaded=False,
                 num_runners=1, device_index=-1, use_stream_affinity=False, *,
                 returns="auto", copy_read_only=True, check_inputs=True,
                 constants=None):
    """Loads a model; the arguments of torch._inductor.package.load_package.

    path: a .pt2 file, a folder that one was unpacked to, or a bare model .so;
        or the bytes of a package (bytes, mmap …), which are used where they
        lie; or a binary file object.
    model_name: which model of the package.
    run_single_threaded: no locks; one call at a time (others are refused).
    num_runners: how many calls run at once; further callers wait.
    device_index: -1, the current device. The cpu has -1 and 0.
    use_stream_affinity: each stream keeps an instance (devices with streams).

    Beyond torch's:

    returns: what comes out. "auto": torch tensors if the first tensor of a call
        was one, else pt2.Tensor; or always "pt2", "numpy" or "torch".
    copy_read_only: copy inputs that are read-only, as numpy.frombuffer's and
        JAX's are, since a model may write to its inputs. Pass False for a model
        that does not, and nothing is copied.
    check_inputs: False leaves out all checks but the count: wrong inputs then
        give wrong results or crash, as with stock torch.
    constants: name -> tensor, used instead of those that the package has.

    PackageNotFoundError (a FileNotFoundError): no such file.
    NotFoundError: no such model; the message lists those there are.
    UnsupportedError: operators that are missing, by name.
    Error: the package is damaged or not for this machine, see `status`.

    Other threads run meanwhile.
    """
    return AOTICompiledModel(
        AOTIModelPackageLoader(
            path, model_name, run_single_threaded, num_runners, device_index,
            use_stream_affinity, returns=returns,
            copy_read_only=copy_read_only, check_inputs=check_inputs,
            constants=constants))


def aoti_load_package(path, run_single_threaded=False, device_index=-1, *,
                      num_runners=1, use_stream_affinity=False):
    """load_package with the arguments of torch._inductor.aoti_load_package."""
    return load_package(path, run_single_threaded=run_single_threaded,
                        num_runners=num_runners, device_index=device_index,
                        use_stream_affinity=use_stream_affinity)


# Seconds that the interpreter's exit waits for the calls of daemon threads.
_EXIT_SECONDS = 10.0
atexit.register(_wait_for_runs, _EXIT_SECONDS)
