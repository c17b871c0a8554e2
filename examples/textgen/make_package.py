# SPDX-License-Identifier: Apache-2.0
"""Trains a small transformer on the letters of a text and compiles it twice: for
a prompt and for one more letter.

usage: make_package.py [FOLDER] [--text FILE]

FOLDER (build/textgen by default) then holds prefill.pt2, step.pt2 and
expected.txt: what eager PyTorch writes after PROMPT. The text is the GNU
General Public License as Debian ships it in every system. Needs torch 2.15 and
g++; takes about a minute, and nothing if nothing has changed since.
"""

import argparse
import hashlib
import pathlib

import torch
from torch import nn
from torch.nn import functional as F

ROOT = pathlib.Path(__file__).resolve().parents[2]
LETTERS, CONTEXT, WIDTH, HEADS, LAYERS = 128, 96, 64, 4, 2  # letters are ASCII
STEPS, BATCH, RATE = 350, 12, 6e-3
TEXT_LETTERS = 1500  # so few that they are learned nearly by heart
PROMPT = "The GNU "


class Layer(nn.Module):
    """Attention to all that the cache holds up to a letter, then a small MLP."""

    def __init__(self) -> None:
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.qkv = nn.Linear(WIDTH, 3 * WIDTH)
        self.mixed = nn.Linear(WIDTH, WIDTH)
        self.widen = nn.Linear(WIDTH, 4 * WIDTH)
        self.narrow = nn.Linear(4 * WIDTH, WIDTH)

    def heads(self, x):
        q, k, v = self.qkv(self.norm1(x)).chunk(3, -1)
        return [y.unflatten(-1, (HEADS, -1)).transpose(-3, -2) for y in (q, k, v)]

    def forward(self, x, q, k, v, mask):
        y = F.scaled_dot_product_attention(q, k, v, mask)
        x = x + self.mixed(y.transpose(-3, -2).flatten(-2))
        return x + self.narrow(F.gelu(self.widen(self.norm2(x))))


class Writer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.letters = nn.Embedding(LETTERS, WIDTH)
        self.places = nn.Embedding(CONTEXT, WIDTH)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))
        self.norm = nn.LayerNorm(WIDTH)
        self.next = nn.Linear(WIDTH, LETTERS)
        nn.init.normal_(self.letters.weight, std=0.1)
        nn.init.normal_(self.places.weight, std=0.1)

    def without_cache(self, letters):
        """Scores of the next letter after each of letters[..., n]."""
        count = letters.shape[-1]
        x = self.letters(letters) + self.places.weight[:count]
        mask = torch.ones(count, count, dtype=torch.bool).tril()
        for layer in self.layers:
            x = layer(x, *layer.heads(x), mask)
        return self.next(self.norm(x))

    def forward(self, letters, places, cache):
        """Scores of the letter after the last of letters[n], which stand at
        places[n]; cache[LAYERS, 2, HEADS, CONTEXT, WIDTH / HEADS] holds the keys
        and values of all places before and gets those of these."""
        x = self.letters(letters) + self.places(places)
        mask = torch.arange(CONTEXT) <= places[:, None]
        for i, layer in enumerate(self.layers):
            q, k, v = layer.heads(x)
            cache[i, 0].index_copy_(1, places, k)
            cache[i, 1].index_copy_(1, places, v)
            x = layer(x, q, cache[i, 0], cache[i, 1], mask)
        return self.next(self.norm(x[-1]))


def train(model: Writer, text: str) -> float:
    data = torch.tensor(list(text.encode("ascii", "replace")))
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, STEPS)
    for _ in range(STEPS):
        starts = torch.randint(0, len(data) - CONTEXT, (BATCH, 1))
        rows = data[starts + torch.arange(CONTEXT)]
        scores = model.without_cache(rows[:, :-1])
        loss = F.cross_entropy(scores.flatten(0, 1), rows[:, 1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return loss.item()


def greedy(model: Writer, prompt: str) -> str:
    letters = torch.tensor(list(prompt.encode("ascii")))
    while len(letters) < CONTEXT:
        best = model.without_cache(letters)[-1].argmax()
        letters = torch.cat([letters, best[None]])
    return bytes(letters.tolist()).decode("ascii")


def compile_package(model: Writer, path: pathlib.Path, count, dynamic) -> None:
    cache = torch.zeros(LAYERS, 2, HEADS, CONTEXT, WIDTH // HEADS)
    example = (torch.zeros(count, dtype=torch.int64), torch.arange(count), cache)
    shapes = ({0: dynamic}, {0: dynamic}, None) if dynamic else None
    program = torch.export.export(model, example, dynamic_shapes=shapes)
    torch._inductor.aoti_compile_and_package(  # too small for several threads
        program, package_path=str(path), inductor_configs={"cpp.threads": 1})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=pathlib.Path,
                        default=ROOT / "build" / "textgen")
    parser.add_argument("--text", default="/usr/share/common-licenses/GPL-3")
    arguments = parser.parse_args()
    folder = arguments.folder
    text = " ".join(pathlib.Path(arguments.text).read_text().split())[:TEXT_LETTERS]
    stamp = hashlib.sha256((pathlib.Path(__file__).read_text() + text +
                            torch.__version__).encode()).hexdigest()
    if (folder / "stamp").exists() and (folder / "stamp").read_text() == stamp:
        return
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(0)
    torch.set_num_threads(1)  # the same sums in the same order everywhere
    model = Writer()
    print(f"loss {train(model, text):.2f}")
    model.eval()
    with torch.no_grad():
        (folder / "expected.txt").write_text(greedy(model, PROMPT))
        letters = torch.export.Dim("letters", min=2, max=CONTEXT)
        compile_package(model, folder / "prefill.pt2", 8, letters)
        compile_package(model, folder / "step.pt2", 1, None)
    (folder / "stamp").write_text(stamp)


if __name__ == "__main__":
    main()
