# SPDX-License-Identifier: Apache-2.0
"""Trains the digit reader and compiles it: everything beside this file.

Needs torch 2.15, scikit-learn, g++ and objdump; takes about a minute.
Writes digits.pt2, expected.npy and pictures/0.pgm to pictures/9.pgm into the
folder given (this file's own by default).
"""

import argparse
import os
import pathlib
import sys

# Read when torch is imported: plain AVX2 whatever this machine has, and no line
# tables, which would be four fifths of so small a package.
os.environ["TORCHINDUCTOR_CPP_MARCH"] = "x86-64-v3"
os.environ["AOT_INDUCTOR_ENABLE_LINE_TABLES"] = "0"

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import nn

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent / "scripts"))
import package_isa

GREY_MAX = 16  # scikit-learn's digits have the grey levels 0 to 16


class DigitReader(nn.Module):
    """8x8 grey levels to the probabilities of the ten digits."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 24, 3, padding=1)
        self.conv2 = nn.Conv2d(24, 48, 3, padding=1)
        self.hidden = nn.Linear(48 * 2 * 2, 96)
        self.classes = nn.Linear(96, 10)
        self.pool = nn.MaxPool2d(2)
        self.drop = nn.Dropout(0.3)

    def logits(self, picture: torch.Tensor) -> torch.Tensor:
        x = self.pool(torch.relu(self.conv1(picture / GREY_MAX)))
        x = self.pool(torch.relu(self.conv2(x)))
        x = torch.relu(self.hidden(x.flatten(1)))
        return self.classes(self.drop(x))

    def forward(self, picture: torch.Tensor) -> torch.Tensor:
        return torch.softmax(self.logits(picture), dim=1)


def load_split() -> tuple[torch.Tensor, ...]:
    """Pictures and classes: four fifths to train on, one fifth held out."""
    digits = load_digits()
    pictures = torch.tensor(digits.images, dtype=torch.float32).unsqueeze(1)
    classes = torch.tensor(digits.target)
    order = torch.from_numpy(np.random.RandomState(0).permutation(len(classes)))
    held_out = len(classes) // 5
    train, test = order[held_out:], order[:held_out]
    return pictures[train], classes[train], pictures[test], classes[test]


def shifted(pictures: torch.Tensor) -> torch.Tensor:
    """Each picture moved by up to one pixel: the set is small."""
    padded = nn.functional.pad(pictures, (1, 1, 1, 1))
    moved = torch.empty_like(pictures)
    places = torch.randint(0, 3, (len(pictures), 2))
    for i, (y, x) in enumerate(places.tolist()):
        moved[i] = padded[i, :, y : y + 8, x : x + 8]
    return moved


def train(model: DigitReader, pictures: torch.Tensor, classes: torch.Tensor) -> None:
    epochs, batch = 80, 64
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs)
    model.train()
    for _ in range(epochs):
        moved = shifted(pictures)
        for part in torch.randperm(len(pictures)).split(batch):
            loss = nn.functional.cross_entropy(
                model.logits(moved[part]), classes[part], label_smoothing=0.05
            )
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        schedule.step()
    model.eval()


def write_pictures(folder: pathlib.Path, model, pictures, classes) -> None:
    """The first held-out picture of each class, and what eager PyTorch says."""
    chosen = [int((classes == digit).nonzero()[0]) for digit in range(10)]
    (folder / "pictures").mkdir(exist_ok=True)
    for digit, index in enumerate(chosen):
        rows = pictures[index, 0].int().tolist()
        text = "\n".join(" ".join(f"{grey:2d}" for grey in row) for row in rows)
        pgm = f"P2\n8 8\n{GREY_MAX}\n{text}\n"
        (folder / "pictures" / f"{digit}.pgm").write_text(pgm)
    expected = torch.cat([model(pictures[i : i + 1]) for i in chosen])
    np.save(folder / "expected.npy", expected.numpy())
    print("classes of the ten pictures:", expected.argmax(1).tolist())


def compile_package(model: DigitReader, path: pathlib.Path) -> None:
    # One picture a call. With a dynamic batch the compiler would narrow what the
    # model accepts to the range that its choice of layouts holds for.
    program = torch.export.export(model, (torch.zeros(1, 1, 8, 8),))
    torch._inductor.aoti_compile_and_package(
        program,
        package_path=str(path),
        inductor_configs={"cpp.simdlen": 256, "cpp.threads": 1},
    )
    beyond = package_isa.check_package(str(path))
    if beyond:
        sys.exit(f"{path}: not plain AVX2: {beyond[0]}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=pathlib.Path, default=HERE)
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(0)
    torch.set_num_threads(1)  # the same sums in the same order everywhere
    train_x, train_y, test_x, test_y = load_split()
    model = DigitReader()
    train(model, train_x, train_y)
    with torch.no_grad():
        right = (model(test_x).argmax(1) == test_y).sum().item()
        count = sum(p.numel() for p in model.parameters())
        print(f"{count} parameters, {right} of {len(test_y)} right: ", end="")
        print(f"accuracy {right / len(test_y):.4f}")
        write_pictures(folder, model, test_x, test_y)
        compile_package(model, folder / "digits.pt2")
        loaded = torch._inductor.aoti_load_package(str(folder / "digits.pt2"))
        worst = max(
            (loaded(x) - model(x)).abs().max().item() for x in test_x[:64].split(1)
        )
    size = (folder / "digits.pt2").stat().st_size
    print(f"digits.pt2: {size} bytes, at most {worst:.1e} from eager PyTorch")


if __name__ == "__main__":
    main()
