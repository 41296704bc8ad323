"""Trains trivium-mini-embed from nothing: `python train.py --out 1 --steps 1100`.

Contrastive: of a batch of pairs each text must find its partner among all others (InfoNCE, both ways), and texts of
one intent are drawn together. AdamW; the rates fall linearly. With `--minutes` the schedule follows the clock, with
`--steps` it is repeatable.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import asdict
from pathlib import Path
from random import Random

import torch
from torch import Tensor
from torch.nn import functional as F

import tokenizer as wordpiece
from data import Maker
from network import Encoder, Shape

PAIRS = 512
CHUNK = 128
LONGEST = 32
TEMPERATURE = 0.05
FRAME_TEMPERATURE = 0.1
FRAME_SHARE = 0.4
UNKNOWN_SHARE = 0.15


def encode(model: Encoder, tokenizer, texts: list[str], random: Random) -> Tensor:
    """Texts of about one length share a run, so that little is padding."""
    ids = [obscure(encoding.ids[:LONGEST], tokenizer.token_to_id("[UNK]"), random) for encoding in tokenizer.encode_batch(texts)]
    order = sorted(range(len(ids)), key=lambda at: len(ids[at]))
    vectors = []
    for first in range(0, len(order), CHUNK):
        chosen = [ids[at] for at in order[first : first + CHUNK]]
        length = max(map(len, chosen))
        tokens = torch.tensor([each + [0] * (length - len(each)) for each in chosen])
        mask = torch.tensor([[1] * len(each) + [0] * (length - len(each)) for each in chosen])
        # Now and then from a later place on, so that the places of long texts are known too.
        start = random.randrange(model.shape.positions - length) if random.random() < 0.2 else 0
        vectors.append(model(tokens, mask, start))
    back = torch.empty(len(order), dtype=torch.long)
    back[torch.tensor(order)] = torch.arange(len(order))
    return torch.cat(vectors)[back]


def obscure(ids: list[int], unknown: int, random: Random) -> list[int]:
    """Now and then one token of a longer text is unknown, so that the rest must do."""
    if len(ids) < 7 or random.random() >= UNKNOWN_SHARE:
        return ids
    at = random.randrange(1, len(ids) - 1)
    return [*ids[:at], unknown, *ids[at + 1 :]]


def loss_of(model: Encoder, tokenizer, pairs: list[tuple[str, str, str, str]], random: Random) -> Tensor:
    vectors = encode(model, tokenizer, [first for first, *_ in pairs] + [second for _, second, *_ in pairs], random)
    ones, others = vectors.chunk(2)
    itself = torch.eye(len(pairs), dtype=torch.bool)
    # Another pair of one meaning is no negative.
    alike = (ones @ others.T / TEMPERATURE).masked_fill(equal([key for _, _, key, _ in pairs]) & ~itself, -1e4)
    target = torch.arange(len(pairs))
    meaning = (F.cross_entropy(alike, target) + F.cross_entropy(alike.T, target)) / 2
    # Of all others, those said in the same frame with other words in the slots are the nearest: what routes intents.
    kindred = equal([frame for *_, frame in pairs]) & ~itself
    near = (ones @ others.T / FRAME_TEMPERATURE).masked_fill(itself, -1e4)
    rows = kindred.any(1)
    found = near.masked_fill(~kindred, -1e4).logsumexp(1) - near.logsumexp(1)
    return meaning - FRAME_SHARE * found[rows].mean()


def equal(names: list[str]) -> Tensor:
    """Which names of a list are the same, as a square."""
    numbers: dict[str, int] = {}
    keys = torch.tensor([numbers.setdefault(name, len(numbers)) for name in names])
    return keys[:, None] == keys[None]


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--out", type=Path, required=True)
    arguments.add_argument("--minutes", type=float)
    arguments.add_argument("--steps", type=int)
    arguments.add_argument("--threads", type=int, default=1)
    options = arguments.parse_args()
    if (options.minutes is None) == (options.steps is None):
        arguments.error("either --minutes or --steps")
    torch.set_num_threads(options.threads)
    torch.manual_seed(1)
    options.out.mkdir(parents=True, exist_ok=True)
    tokenizer = wordpiece.train()
    wordpiece.save(tokenizer, options.out)
    model = Encoder(Shape(tokenizer.get_vocab_size()))
    tables = [model.words.weight, model.places.weight]
    rest = [weight for weight in model.parameters() if all(weight is not table for table in tables)]
    optimizer = torch.optim.AdamW([{"params": tables, "lr": 5e-3}, {"params": rest, "lr": 1.2e-3}], betas=(0.9, 0.98), weight_decay=0.01)
    peaks = [group["lr"] for group in optimizer.param_groups]
    maker, random = Maker(1, "train"), Random(1)
    began, step, share = time.monotonic(), 0, 0.0
    while share < 1:
        for group, peak in zip(optimizer.param_groups, peaks):
            group["lr"] = peak * min(1, (step + 1) / 40) * max(0.02, min(1, (1 - share) / 0.8))
        with torch.autocast("cpu", torch.bfloat16):
            loss = loss_of(model, tokenizer, maker.pairs(PAIRS), random)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        step += 1
        share = step / options.steps if options.steps else (time.monotonic() - began) / (60 * options.minutes)
        if step % 25 == 0:
            print(f"step {step} share {share:.3f} loss {loss.item():.3f} seconds {time.monotonic() - began:.0f}", flush=True)
        if step % 200 == 0 or share >= 1:
            torch.save({"shape": asdict(model.shape), "weights": model.state_dict()}, options.out / "weights.pt")


if __name__ == "__main__":
    main()
