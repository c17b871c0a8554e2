# SPDX-License-Identifier: Apache-2.0
"""One program, two modules: what users write for torch runs on pt2 with equal
results."""
import copy
import functools
import io
import pathlib
import zipfile

import pytest
import torch
import torch._inductor.package
from safetensors.torch import load_file

import conftest
import pt2
from conftest import GOLDEN

# Packages of torch 2.15 that stock torch can load; mlpnow comes without
# weights, nolibtorch is for others.
NAMES = ["add", "math", "mlp", "mlpmmap", "mlpdyn", "mlpblob2", "outputs",
         "kwargs", "dtypes"]


class Stock:
    load_package = staticmethod(torch._inductor.package.load_package)
    aoti_load_package = staticmethod(torch._inductor.aoti_load_package)
    loader = torch._C._aoti.AOTIModelPackageLoader
    cpu = torch._C._aoti.AOTIModelContainerRunnerCpu


class Ours:
    load_package = staticmethod(pt2.load_package)
    aoti_load_package = staticmethod(pt2.aoti_load_package)
    loader = pt2.AOTIModelPackageLoader
    # Constants are torch's only if it is asked for: no tensor went in.
    cpu = functools.partial(pt2.AOTIModelContainerRunnerCpu, returns="torch")


def inputs_of(name):
    stored = load_file(GOLDEN / f"{name}.inputs.safetensors")
    return [stored[str(i)] for i in range(len(stored))]


def mlp_weights():
    return {name: torch.from_numpy(array)
            for name, array in conftest.weights().items()}


def bare_so(package, folder):
    with zipfile.ZipFile(package) as archive:
        archive.extractall(folder)
    so, = pathlib.Path(folder).rglob("*.so")
    return str(so)


def same(a, b):
    if isinstance(a, torch.Tensor):
        assert type(b) is torch.Tensor
        assert (a.dtype, a.shape, a.stride()) == (b.dtype, b.shape, b.stride())
        assert torch.allclose(a, b, rtol=1e-5, atol=1e-6, equal_nan=True)
        return
    assert type(a) is type(b)
    if isinstance(a, dict):
        assert list(a) == list(b)
        a, b = list(a.values()), list(b.values())
    if hasattr(a, "__dataclass_fields__"):
        a, b = list(vars(a).values()), list(vars(b).values())
    if isinstance(a, (list, tuple)) or hasattr(a, "maxlen"):
        assert len(a) == len(b)
        for one, other in zip(a, b):
            same(one, other)
    elif not isinstance(a, torch.Tensor):
        assert a == b


def both(program, *arguments):
    """What the program returned on both, after they were found equal."""
    stock, ours = program(Stock, *arguments), program(Ours, *arguments)
    same(stock, ours)
    return ours


@pytest.mark.parametrize("name", NAMES)
def test_run(golden, name):
    def program(module):
        model = module.load_package(golden(name))
        inputs = [t.clone() for t in inputs_of(name)]
        results = [model.loader.run(inputs), inputs]
        boxed = [t.clone() for t in inputs_of(name)]
        results += [model.loader.boxed_run(boxed), boxed]
        return results

    ours = both(program)
    assert len(ours[0]) > 0 and ours[3] == []


@pytest.mark.parametrize("name", NAMES)
def test_facts(golden, name):
    def program(module):
        model = module.aoti_load_package(golden(name))
        return [sorted(model.get_metadata().items()), sorted(model.get_constant_fqns()),
                model.loader.get_call_spec(), model.loader.get_custom_objs(),
                sorted(module.loader.load_metadata_from_package(
                    golden(name), "model").items())]

    assert ("AOTI_DEVICE_KEY", "cpu") in both(program)[0]


def test_call_with_keywords(golden):
    x, a, b, scale, offset = inputs_of("kwargs")

    def program(module):
        model = module.load_package(golden("kwargs"))
        return [model(x, [a, b], scale=scale, offset=offset),
                model(x, [a, b], offset=offset, scale=scale),
                model(x, (a, b), scale=scale, offset=offset)]

    assert set(both(program)[0]) == {"sum", "none", "y"}


def test_containers(containers):
    import container_package

    def program(module):
        args, kwargs = container_package.arguments(
            lambda number: torch.full((2,), number))
        return module.load_package(containers)(*args, **kwargs)

    result = both(program)
    assert isinstance(result["box"], container_package.Box)


def test_two_models(golden):
    def program(module):
        first = module.load_package(golden("two"))
        second = module.load_package(golden("two"), "model2")
        return [first(*inputs_of("two")), second(*inputs_of("two"))]

    expected = load_file(GOLDEN / "two.model2.safetensors")
    torch.testing.assert_close(both(program)[1], expected["0"])


def test_file_objects(golden):
    def program(module):
        data = pathlib.Path(golden("mlp")).read_bytes()
        with open(golden("mlp"), "rb") as file:
            opened = module.load_package(file)
        return [opened(*inputs_of("mlp")),
                module.load_package(io.BytesIO(data))(*inputs_of("mlp"))]

    both(program)


def test_options(golden):
    def program(module):
        several = module.load_package(golden("mlp"), num_runners=3)
        single = module.load_package(golden("mlp"), "model", True, 1, -1, False)
        again = copy.deepcopy(single)
        assert again.loader is single.loader
        return [several(*inputs_of("mlp")), single(*inputs_of("mlp")),
                again(*inputs_of("mlp"))]

    both(program)


def test_load_constants(golden):
    weights = mlp_weights()

    def program(module):
        model = module.load_package(golden("mlp"))
        before = model(*inputs_of("mlp"))
        model.load_constants({k: v * 2 for k, v in weights.items()},
                             check_full_update=True)
        doubled = model(*inputs_of("mlp"))
        # By the model's name: torch passes over others without a word.
        model.loader.update_constant_buffer({"a_bias": weights["a.bias"] * 0},
                                            False, False)
        partial = model(*inputs_of("mlp"))
        mine = {k: v.clone() for k, v in weights.items()}
        model.load_constants(mine, check_full_update=True, user_managed=True)
        return [before, doubled, partial, model(*inputs_of("mlp"))]

    before, doubled, _, restored = both(program)
    assert not torch.equal(before, doubled)
    torch.testing.assert_close(before, restored)


def test_weights_come_later(golden):
    weights = mlp_weights()

    def program(module):
        model = module.load_package(golden("mlpnow"))
        model.load_constants(weights, check_full_update=True)
        return model(*inputs_of("mlp"))

    both(program)
    with pytest.raises(pt2.Error, match="a.weight") as caught:
        pt2.load_package(golden("mlpnow"))(*inputs_of("mlp"))
    assert caught.value.status == "FAILED_PRECONDITION"


def test_bare_runner(golden, tmp_path):
    weights = mlp_weights()
    so = bare_so(golden("mlp"), tmp_path)

    def program(module):
        runner = module.cpu(so, 1)
        results = [runner.run(inputs_of("mlp")), runner.get_call_spec(),
                   sorted(runner.get_constant_names_to_original_fqns().items()),
                   sorted(runner.get_constant_names_to_dtypes().items()),
                   runner.did_call_load_constants(),
                   # torch's go with the runner.
                   {name: tensor.clone() for name, tensor in sorted(
                       runner.extract_constants_map(False).items())}]
        # torch wants the model's names here, and crashes later on others.
        runner.update_constant_buffer(
            {k.replace(".", "_"): v + 1 for k, v in weights.items()}, True,
            False)
        results.append(runner.run(inputs_of("mlp")))
        runner.swap_constant_buffer()
        results.append(runner.run(inputs_of("mlp")))
        runner.swap_constant_buffer()
        results.append(runner.run(inputs_of("mlp"), None))
        return results

    ours = both(program)
    assert not torch.equal(ours[0][0], ours[7][0])
    assert torch.equal(ours[0][0], ours[8][0])


def test_bare_runner_with_constants(golden, tmp_path):
    weights = {k: v * 3 for k, v in mlp_weights().items()}
    so = bare_so(golden("mlp"), tmp_path)

    def program(module):
        # torch wants the model's names here, pt2 takes both kinds.
        runner = module.cpu(so, 1, {k.replace(".", "_"): v
                                    for k, v in weights.items()})
        return [runner.run(inputs_of("mlp")), runner.did_call_load_constants()]

    both(program)


def test_torch_compat(golden):
    """The program does not know whom it calls."""
    def program(_):
        model = torch._inductor.aoti_load_package(golden("kwargs"))
        x, a, b, scale, offset = inputs_of("kwargs")
        other = torch._inductor.package.load_package(golden("mlp"), "model")
        loader = torch._C._aoti.AOTIModelPackageLoader(golden("add"), "model")
        return [type(model).__module__, model(x, [a, b], scale=scale,
                                              offset=offset),
                other(*inputs_of("mlp")), loader.run(inputs_of("add"))]

    stock = program(None)
    before = torch._inductor.aoti_load_package
    assert not pt2.torch_compat.is_installed()
    pt2.torch_compat.install()
    pt2.torch_compat.install()
    try:
        assert torch._inductor.aoti_load_package is not before
        ours = program(None)
    finally:
        pt2.torch_compat.uninstall()
    assert torch._inductor.aoti_load_package is before
    assert stock[0].startswith("torch") and ours[0] == "pt2"
    same(stock[1:], ours[1:])
    same(stock, program(None))


def test_marks_of_torch_tensors(golden):
    """Conjugation and negation are marks on the tensor, not in its memory; what
    is asked for gradients is not refused."""
    model = pt2.load_package(golden("add"))
    expected = inputs_of("add")[0]
    shape = expected.shape
    complex_ = torch.complex(torch.zeros(shape), expected)
    marked = complex_.conj().imag
    assert marked.is_neg()
    torch.testing.assert_close(model(marked), torch.relu(marked + 1))
    torch.testing.assert_close(
        model(torch.nn.Parameter(expected.clone())), torch.relu(expected + 1))
    assert pt2.from_dlpack(complex_[0].conj()).tolist() == (
        complex_[0].conj().tolist())


def test_torch_tensors_that_are_none(golden):
    model = pt2.load_package(golden("add"))
    shape = inputs_of("add")[0].shape
    for bad in [torch.zeros(shape, device="meta"), torch.eye(3).to_sparse()]:
        with pytest.raises(ValueError, match=r"^input 0 \(ARGS\[0\]\): "
                           ) as caught:
            model(bad)
        assert "\n" not in str(caught.value)
        assert caught.value.__cause__ is not None
