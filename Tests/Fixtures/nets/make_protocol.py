"""Makes the fixtures of losses, optimizers and schedules that the papers name beyond the common ones.

    python3 -m venv /tmp/venv
    /tmp/venv/bin/pip install torch==2.13.0+cpu safetensors numpy
    /tmp/venv/bin/python Tests/Fixtures/nets/make_protocol.py

Losses are written here from the papers' formulas with PyTorch's operations, and differentiated by it
in float64. Optimizers and the plateau schedule are PyTorch's own.
"""

import json
import pathlib

import numpy as np
import safetensors
import torch
from safetensors.torch import save_file
from torch.nn import functional as F

HERE = pathlib.Path(__file__).parent
VERSIONS = {
    "torch": torch.__version__,
    "safetensors": safetensors.__version__,
    "numpy": np.__version__,
    "script": "Tests/Fixtures/nets/make_protocol.py",
}


def losses():
    """Losses of the same logits and their gradients; class 3 is absent from sample 1."""
    torch.manual_seed(23)
    logits = (2 * torch.randn(2, 4, 5, 6, 3)).double().requires_grad_()
    labels = torch.randint(0, 4, (2, 5, 6, 3))
    labels[labels == 2] = torch.where(torch.rand(labels[labels == 2].shape) < 0.6, 0, 2)
    labels[1][labels[1] == 3] = 0
    onehot = F.one_hot(labels, 4).movedim(-1, 1).double()
    voxels = labels[0].numel()
    weights = torch.tensor([0.25, 1.0, 2.0, 3.5]).double()
    p = logits.softmax(1)
    log_p = logits.log_softmax(1)

    def weighted(w):
        """-(1/N) sum_i sum_c w_c t_ic log p_ic; w is [C] or one row a sample."""
        w = w.reshape(-1, 4, 1, 1, 1)
        return -(w * onehot * log_p).sum() / (2 * voxels)

    counts = onehot.sum((0, 2, 3, 4))
    per_sample = onehot.sum((2, 3, 4))
    frequency = counts / counts.sum()
    median = frequency.median() / frequency

    def sums(over):
        return (
            (p * onehot).sum(over), p.sum(over), (p**2).sum(over), onehot.sum(over))

    each, whole = (2, 3, 4), (0, 2, 3, 4)

    def dice(over, smooth, squared, background):
        inter, predicted, squares, reference = sums(over)
        denominator = (squares if squared else predicted) + reference
        loss = 1 - (2 * inter + smooth) / (denominator + smooth)
        return loss[..., 0 if background else 1 :].mean()

    def tversky(alpha, beta, smooth, gamma=1.0, over=each):
        inter, predicted, _, reference = sums(over)
        missed, wrong = reference - inter, predicted - inter
        score = (inter + smooth) / (inter + alpha * missed + beta * wrong + smooth)
        return ((1 - score) ** gamma)[..., 1:].mean()

    def jaccard_sum(smooth):
        inter, _, squares, reference = sums(each)
        return (1 - (inter + smooth) / (squares + reference - inter + smooth)).sum(1).mean()

    own = (onehot * log_p).sum(1)
    own_weight = (onehot * weights.reshape(1, 4, 1, 1, 1)).sum(1)
    cases = {
        # PyTorch's own weighted cross-entropy, as a sum over the voxels' number.
        "crossEntropyVoxels": F.cross_entropy(logits, labels, weights, reduction="sum")
        / (2 * voxels),
        "complementDataset": weighted(1 - frequency),
        "complementSample": weighted(1 - per_sample / voxels),
        "medianFrequency": weighted(median / median.min()),
        "binaryCrossEntropy": F.binary_cross_entropy_with_logits(logits, onehot),
        "focal": -((1 - own.exp()) ** 2 * own).mean(),
        "focalWeighted": -(own_weight * (1 - own.exp()) ** 3 * own).mean(),
        "tversky": tversky(0.7, 0.3, 1),
        "tverskyHalf": tversky(0.5, 0.5, 1e-10),
        "tverskyBatch": tversky(0.7, 0.3, 1, over=whole),
        "focalTversky": tversky(0.7, 0.3, 1, 0.75),
        "diceBatch": dice(whole, 1, False, False),
        "diceBatchSquared": dice(whole, 1e-5, True, True),
        "diceSmallSmooth": dice(each, 1e-7, False, False),
        "jaccardSumSmall": jaccard_sum(1e-7),
    }
    tensors = {"logits": logits, "labels": labels.to(torch.uint8), "counts": counts.to(torch.int64)}
    for name, loss in cases.items():
        (gradient,) = torch.autograd.grad(loss, logits, retain_graph=True)
        tensors["loss/" + name] = loss.reshape(1)
        tensors["gradient/" + name] = gradient

    # One output and a sigmoid against two outputs and a softmax: labels are "class 1 or not".
    pair = logits[:, :2].detach().clone().requires_grad_()
    is_one = (labels == 1).long()
    one_output = F.binary_cross_entropy_with_logits(pair[:, 1] - pair[:, 0], is_one.double())
    (gradient,) = torch.autograd.grad(one_output, pair)
    tensors |= {
        "pair/logits": pair, "pair/labels": is_one.to(torch.uint8),
        "pair/loss": one_output.reshape(1), "pair/gradient": gradient}
    save("protocol_losses", tensors)


def optimizers():
    """Ten steps of each optimizer with given gradients, from PyTorch's own implementations."""
    torch.manual_seed(5)
    start, gradients = torch.randn(37), torch.randn(10, 37) * 0.1
    gradients[:, 7] = 0
    tensors = {"start": start, "gradients": gradients}
    cases = {
        "rmsprop": lambda p: torch.optim.RMSprop(p, lr=0.01),
        "rmspropMomentum": lambda p: torch.optim.RMSprop(
            p, lr=0.01, alpha=0.9, eps=1e-6, momentum=0.9, weight_decay=0.1),
        # The betas of Desai et al. 2019.
        "adamDesai": lambda p: torch.optim.Adam(p, lr=0.02, betas=(0.99, 0.995)),
    }
    for name, make in cases.items():
        value = start.double().clone().requires_grad_()
        optimizer = make([value])
        for gradient in gradients.double():
            value.grad = gradient.clone()
            optimizer.step()
        tensors["result/" + name] = value.detach().clone()
    save("protocol_optimizers", tensors)


def plateau():
    """Learning rates of ReduceLROnPlateau after each of 60 values, for both directions."""
    rng = np.random.default_rng(3)
    falling = 1 / (1 + np.arange(60) / 4) + 0.05 * rng.standard_normal(60)
    # What the file keeps is what PyTorch was told.
    falling = falling.astype(np.float32).astype(float)
    tensors = {}
    for mode, values in (("min", falling), ("max", -falling)):
        optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.5)
        schedule = torch.optim.lr_scheduler.ReduceLROnPlateau(
            optimizer, mode, factor=0.3, patience=3, threshold=0.01, threshold_mode="abs",
            min_lr=0.005, eps=0)
        rates = []
        for value in values:
            schedule.step(value)
            rates.append(optimizer.param_groups[0]["lr"])
        tensors |= {
            f"{mode}/values": torch.tensor(values), f"{mode}/rates": torch.tensor(rates).double()}
    save("protocol_plateau", tensors)


def save(name, tensors):
    rounded = {
        key: (t.detach().float() if t.is_floating_point() else t).contiguous()
        for key, t in tensors.items()
    }
    provenance = json.dumps({"versions": VERSIONS}, sort_keys=True)
    save_file(rounded, HERE / f"{name}.safetensors", metadata={"provenance": provenance})


if __name__ == "__main__":
    torch.use_deterministic_algorithms(True)
    losses()
    optimizers()
    plateau()
