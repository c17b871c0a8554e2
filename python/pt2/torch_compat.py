# SPDX-License-Identifier: Apache-2.0
"""Programs that use torch._inductor.aoti_load_package try pt2 unchanged.

    import torch, pt2
    pt2.torch_compat.install()
    model = torch._inductor.aoti_load_package("model.pt2")  # pt2's
    pt2.torch_compat.uninstall()

torch is not imported by this: the program must have done so.
"""
import sys

_replaced = []


def _load_package(path, model_name="model", run_single_threaded=False,
                  num_runners=1, device_index=-1, use_stream_affinity=False):
    import pt2
    return pt2.load_package(path, model_name, run_single_threaded, num_runners,
                            device_index, use_stream_affinity, returns="torch")


def _aoti_load_package(path, run_single_threaded=False, device_index=-1, *,
                       num_runners=1, use_stream_affinity=False):
    return _load_package(path, "model", run_single_threaded, num_runners,
                         device_index, use_stream_affinity)


def _runner(name):
    """A class of torch._C._aoti whose tensors are torch's."""
    from . import _pt2
    base = getattr(_pt2, name)

    def create(self, *args, **kwargs):
        kwargs.setdefault("returns", "torch")
        base.__init__(self, *args, **kwargs)

    return type(name, (base,), {"__init__": create, "__module__": __name__})


_CLASSES = ("AOTIModelPackageLoader", "AOTIModelContainerRunnerCpu",
            "AOTIModelContainerRunnerCuda", "AOTIModelContainerRunnerXpu",
            "AOTIModelContainerRunnerMps")


def _replace(owner, name, value):
    if hasattr(owner, name):
        _replaced.append((owner, name, getattr(owner, name)))
        setattr(owner, name, value)


def is_installed():
    """True between install() and uninstall()."""
    return bool(_replaced)


def install():
    """Replaces torch's functions and classes that load packages, process-wide:
    torch._inductor.aoti_load_package, torch._inductor.package.load_package and
    the runners of torch._C._aoti. Models that are loaded already stay what they
    are. A second call does nothing.

    Error: the program has not imported torch.
    """
    if _replaced:
        return
    torch = sys.modules.get("torch")
    if torch is None:
        from ._pt2 import Error
        error = Error("torch has not been imported: there is nothing to "
                      "replace")
        error.status = "FAILED_PRECONDITION"
        raise error
    import importlib
    inductor = importlib.import_module("torch._inductor")
    package = importlib.import_module("torch._inductor.package")
    module = importlib.import_module("torch._inductor.package.package")
    _replace(inductor, "aoti_load_package", _aoti_load_package)
    _replace(package, "load_package", _load_package)
    _replace(module, "load_package", _load_package)
    for name in _CLASSES:
        _replace(torch._C._aoti, name, _runner(name))


def uninstall():
    """Puts back what install() replaced."""
    while _replaced:
        owner, name, value = _replaced.pop()
        setattr(owner, name, value)
