"""Trains trivium-mini-chat from nothing: `python train.py --out 1 --minutes 75`.

Next-token loss on what the assistant says. Matrices by Muon (Jordan et al., 2024: momentum whose update is
orthogonalised by Newton-Schulz steps), the rest by AdamW; the rate falls linearly over the last two fifths. With
`--minutes` the schedule follows the clock, so that the recipe ends on time on any machine; with `--steps` it
follows the steps and is repeatable.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from random import Random

import torch
from torch import Tensor
from torch.nn import functional as F

import tokenizer as bpe
from dialogues import Dialogue, Maker
from network import Decoder, Shape, seed_induction
from template import pieces

TOKENS_PER_STEP = 3_072
LONGEST = 640


def encode(tokenizer, dialogue: Dialogue) -> tuple[list[int], list[bool]]:
    ids: list[int] = []
    learned: list[bool] = []
    for text, said in pieces(dialogue.messages, dialogue.tools):
        part = tokenizer.encode(text, add_special_tokens=False).ids
        ids += part
        learned += [said] * len(part)
    return ids, learned


def batches(tokenizer, seed: int, most_facts):
    """Without end: tokens and learned, both batch x length, of dialogues of about the same length."""
    order = Random(seed)
    round_ = 0
    while True:
        maker = Maker(seed * 1_000_003 + round_, "train", most_facts())
        round_ += 1
        pool = [pair for pair in (encode(tokenizer, maker.make()) for _ in range(384)) if len(pair[0]) <= LONGEST]
        pool.sort(key=lambda pair: len(pair[0]))
        ready, batch = [], []
        for pair in pool:
            if batch and len(pair[0]) * (len(batch) + 1) > TOKENS_PER_STEP:
                ready.append(batch)
                batch = []
            batch.append(pair)
        order.shuffle(ready)  # the last, unfinished batch is left out
        for chosen in ready:
            length = max(len(ids) for ids, _ in chosen)
            tokens = torch.zeros(len(chosen), length, dtype=torch.long)
            learned = torch.zeros(len(chosen), length, dtype=torch.bool)
            for row, (ids, marks) in enumerate(chosen):
                tokens[row, : len(ids)] = torch.tensor(ids)
                learned[row, : len(ids)] = torch.tensor(marks)
            yield tokens, learned


def loss_of(model: Decoder, tokens: Tensor, learned: Tensor) -> Tensor:
    hidden = model.hidden(tokens[:, :-1])[learned[:, 1:]]
    return F.cross_entropy((hidden @ model.embedding.T).float(), tokens[:, 1:][learned[:, 1:]])


class Muon(torch.optim.Optimizer):
    def __init__(self, matrices: list[tuple[torch.nn.Parameter, list[int]]], lr: float, momentum: float = 0.95):
        """Each matrix with the heights of the parts that it holds side by side."""
        self.parts = {id(matrix): heights for matrix, heights in matrices}
        super().__init__([matrix for matrix, _ in matrices], {"lr": lr, "momentum": momentum})

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            for matrix in group["params"]:
                state = self.state[matrix]
                if "momentum" not in state:
                    state["momentum"] = torch.zeros_like(matrix)
                buffer = state["momentum"].lerp_(matrix.grad, 1 - group["momentum"])
                update = matrix.grad.lerp(buffer, group["momentum"])
                parts = [orthogonal(part) for part in update.split(self.parts[id(matrix)])]
                matrix.mul_(1 - group["lr"] * 0.02).add_(torch.cat(parts), alpha=-group["lr"])


def orthogonal(gradient: Tensor) -> Tensor:
    """Nearest semi-orthogonal matrix, about: five quintic Newton-Schulz steps, coefficients of Jordan et al."""
    a, b, c = 3.4445, -4.7750, 2.0315
    x = gradient.bfloat16()
    tall = x.shape[0] > x.shape[1]
    x = x.T if tall else x
    x = x / (x.norm() + 1e-7)
    for _ in range(5):
        square = x @ x.T
        x = a * x + (b * square + c * square @ square) @ x
    x = x.T if tall else x
    return x.float() * max(1.0, gradient.shape[0] / gradient.shape[1]) ** 0.5


def optimizers(model: Decoder) -> list[torch.optim.Optimizer]:
    shape = model.shape
    kv = shape.kv_heads * shape.head
    matrices = []
    for layer in model.layers:
        matrices += [(layer.qkv.weight, [shape.hidden, kv, kv]), (layer.out.weight, [shape.hidden]),
                     (layer.gate_up.weight, [shape.ffn, shape.ffn]), (layer.down.weight, [shape.hidden])]
    taken = {id(matrix) for matrix, _ in matrices}
    rest = [parameter for parameter in model.parameters() if id(parameter) not in taken]
    return [Muon(matrices, lr=0.01), torch.optim.AdamW(rest, lr=2e-3, betas=(0.9, 0.95), weight_decay=0.0)]


def rate(progress: float) -> float:
    return min(1.0, progress / 0.01 + 0.05) * min(1.0, max(0.02, (1 - progress) / 0.4))


@torch.no_grad()
def exact(model: Decoder, tokenizer, split: str, count: int, seed: int = 99) -> dict[str, float]:
    """Share of the answers whose every token is the most probable one, by case; equal to greedy decoding being right."""
    maker = Maker(seed, split)
    right: dict[str, list[bool]] = {}
    for _ in range(count):
        dialogue = maker.make()
        ids, learned = encode(tokenizer, dialogue)
        tokens = torch.tensor([ids])
        with torch.autocast("cpu", dtype=torch.bfloat16):
            best = model(tokens[:, :-1])[0].argmax(-1)
        hit = best == tokens[0, 1:]
        turn, spans = -1, []
        marks = [False, *learned]
        for at in range(1, len(ids)):
            if learned[at] and not learned[at - 1]:
                spans.append([at - 1, at])
            if learned[at]:
                spans[-1][1] = at
        for (_, _, case), (start, end) in zip(dialogue.expected, spans[-len(dialogue.expected):]):
            right.setdefault(case, []).append(bool(hit[start:end].all()))
    return {case: sum(values) / len(values) for case, values in sorted(right.items())}


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--out", type=Path, default=Path("1"))
    options.add_argument("--minutes", type=float)
    options.add_argument("--steps", type=int, default=5_000)
    options.add_argument("--threads", type=int, default=torch.get_num_threads())
    options.add_argument("--seed", type=int, default=1)
    chosen = options.parse_args()
    torch.set_num_threads(chosen.threads)
    torch.manual_seed(chosen.seed)
    chosen.out.mkdir(parents=True, exist_ok=True)
    tokenizer = bpe.train()
    bpe.save(tokenizer, chosen.out)
    model = Decoder(Shape(tokenizer.get_vocab_size()))
    seed_induction(model)
    print(f"{sum(p.numel() for p in model.parameters()):,} parameters, {tokenizer.get_vocab_size()} tokens", flush=True)
    end, pad = tokenizer.token_to_id("<|im_end|>"), tokenizer.token_to_id("<|endoftext|>")
    (chosen.out / "config.json").write_text(json.dumps(model.shape.config(end, pad), indent=2) + "\n")
    both = optimizers(model)
    base = [[group["lr"] for group in optimizer.param_groups] for optimizer in both]
    began = told = time.time()
    progress, step, seen, losses = 0.0, 0, 0, []
    for tokens, learned in batches(tokenizer, chosen.seed, lambda: 4 if progress < 0.35 else 9):
        progress = (time.time() - began) / 60 / chosen.minutes if chosen.minutes else step / chosen.steps
        if progress >= 1:
            break
        for optimizer, rates in zip(both, base):
            for group, lr in zip(optimizer.param_groups, rates):
                group["lr"] = lr * rate(progress)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            loss = loss_of(model, tokens, learned)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimizer in both:
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        step, seen = step + 1, seen + tokens.numel()
        losses.append(loss.item())
        if step % 20 == 0:
            print(f"{progress:6.1%} step {step} loss {sum(losses[-20:]) / 20:.4f} {seen / (time.time() - began):,.0f} tokens/s", flush=True)
        if time.time() - told > 300:
            told = time.time()
            print(json.dumps(exact(model, tokenizer, "test", 120), ensure_ascii=False), flush=True)
            torch.save({"model": model.state_dict(), "step": step, "seen": seen}, chosen.out / "weights.pt")
    torch.save({"model": model.state_dict(), "step": step, "seen": seen}, chosen.out / "weights.pt")
    print(f"{step} steps, {seen:,} tokens, {(time.time() - began) / 60:.0f} minutes")


if __name__ == "__main__":
    main()
