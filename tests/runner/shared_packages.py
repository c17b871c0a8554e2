# SPDX-License-Identifier: Apache-2.0
"""Two packages of one network, for a prompt and for one token, whose state is a
buffer that both change; compiled once into build/shared-packages."""
import hashlib
import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDER = ROOT / "build/shared-packages"

import torch


class Network(torch.nn.Module):
    """Adds up what it has seen, in a buffer."""

    def __init__(self):
        super().__init__()
        self.inner = torch.nn.Linear(64, 64)
        self.outer = torch.nn.Linear(64, 64, bias=False)
        self.register_buffer("seen", torch.zeros(64))

    def forward(self, x):
        hidden = torch.relu(self.inner(x))
        self.seen.add_(hidden.sum(0))
        return self.outer(hidden) + self.seen


def network():
    torch.manual_seed(0)
    return Network().eval()


def build():
    """The paths of both packages."""
    text = pathlib.Path(__file__).read_bytes() + torch.__version__.encode()
    key = hashlib.sha256(text).hexdigest()[:16]
    paths = [FOLDER / f"{name}-{key}.pt2" for name in ("prompt", "token")]
    for path, rows in zip(paths, (16, 1)):
        if not path.exists():
            FOLDER.mkdir(parents=True, exist_ok=True)
            with torch.no_grad():
                exported = torch.export.export(network(),
                                               (torch.zeros(rows, 64),))
                torch._inductor.aoti_compile_and_package(
                    exported, package_path=str(path))
    return paths


if __name__ == "__main__":
    build()
