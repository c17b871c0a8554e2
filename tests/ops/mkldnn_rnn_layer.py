# SPDX-License-Identifier: Apache-2.0
import torch
from harness import Bad, op


def reference(*arguments):
    # As models call it: without gradients there is no workspace.
    with torch.no_grad():
        return torch.ops.aten.mkldnn_rnn_layer.default(*arguments)


# torch's own kernel takes bfloat16 and half only where the CPU has them.
op("aoti_torch_cpu_mkldnn_rnn_layer", reference=reference,
   dtypes=(torch.float32,), rtol=1e-5, atol=1e-5, outputs=("Tensor",) * 4)


def layer(make, steps, batch, inputs, hidden, reverse=False, biases=True,
          mode=2):
    scale = 0.3
    return (make(steps, batch, inputs), make(4 * hidden, inputs) * scale,
            make(4 * hidden, hidden) * scale, make(4 * hidden),
            make(4 * hidden), make(1, batch, hidden), make(1, batch, hidden),
            reverse, [], mode, hidden, 1, biases, False, False, False)


def samples(make):
    yield layer(make, 5, 3, 7, 8)
    yield layer(make, 5, 3, 7, 8, reverse=True)
    yield layer(make, 1, 1, 4, 16, biases=False)
    yield layer(make, 12, 2, 33, 65)
    yield layer(make, 3, 17, 64, 32)
    # States far out: sigmoid and tanh saturate.
    arguments = list(layer(make, 4, 2, 6, 5))
    arguments[0] = arguments[0] * 100
    yield tuple(arguments)


def bad(make):
    # torch hands whatever it gets to oneDNN's LSTM, which reads what lies
    # behind; here sizes and kind are checked.
    good = layer(make, 5, 3, 7, 8)
    yield Bad((make(5, 3, 6), *good[1:]), "weight_ih has sizes [32, 7]",
              torch_refuses=False)
    yield Bad((*good[:9], 3, *good[10:]), "mode 3 is not LSTM",
              torch_refuses=False)
    yield Bad((*good[:5], make(1, 2, 8), *good[6:]), "hx and cx have 16",
              torch_refuses=False)
