# SPDX-License-Identifier: Apache-2.0
"""How models show themselves."""


def _dim(dim):
    if isinstance(dim, int):
        return str(dim)
    name = f"{dim.symbol}:" if dim.symbol else ""
    return f"{name}{dim.min}..{'' if dim.max is None else dim.max}"


def _shape(value):
    if value.shape is None:
        return "[?]"
    return f"[{', '.join(map(_dim, value.shape))}]"


def _value(value):
    return f"{value.name} {value.dtype or '?'}{_shape(value)}"


def _values(values):
    shown = [_value(value) for value in values[:3]]
    if len(values) > 3:
        shown.append(f"and {len(values) - 3} more")
    return ", ".join(shown) or "nothing"


def runner_repr(runner):
    name = type(runner).__name__
    if not runner._is_created:
        return f"<pt2.{name}, not created>"
    return (f"<pt2.{name} '{runner.get_model_name()}' on "
            f"{runner.get_device()}>")


def model_repr(model):
    loader = model.loader
    return (f"<pt2.{type(model).__name__} '{loader.get_model_name()}' on "
            f"{loader.get_device()}: {_values(loader.get_inputs())} -> "
            f"{_values(loader.get_outputs())}>")


def _bytes(count):
    for unit in ("bytes", "KiB", "MiB"):
        if count < 1024:
            return f"{count:.3g} {unit}"
        count /= 1024
    return f"{count:.3g} GiB"


def _rows(what, values):
    from html import escape
    for value in values:
        cells = (what, value.name, value.dtype or "?", _shape(value),
                 value.device or "?")
        yield "<tr>" + "".join(
            f'<td style="text-align:left">{escape(str(cell))}</td>'
            for cell in cells) + "</tr>"


def model_html(model):
    from html import escape
    loader = model.loader
    facts = loader.statistics()
    weights = (facts["mapped_weight_bytes"] + facts["active_weight_bytes"])
    title = (f"pt2 model '{loader.get_model_name()}' on "
             f"{loader.get_device()}: {len(loader.get_constants())} "
             f"constants, {_bytes(weights)}")
    head = "".join(f'<th style="text-align:left">{cell}</th>'
                   for cell in ("", "name", "dtype", "shape", "device"))
    rows = [*_rows("in", loader.get_inputs()),
            *_rows("out", loader.get_outputs())]
    return (f"<table><caption>{escape(title)}</caption>"
            f"<thead><tr>{head}</tr></thead>"
            f"<tbody>{''.join(rows)}</tbody></table>")
