"""Trains trivium-mini-chat from nothing: `python train.py --out 1 --minutes 120`.

Next-token loss on what the assistant says, in which words that decide something weigh more (`weights`), and guided
attention: where an answer copies words of the conversation, the first head of two layers is told to look at the place
that they come from (`aligned`, `network.Pointed`). Without it, copying out of a document emerges late or not at all in
a budget of ten million tokens.

Matrices by Muon (Jordan et al., 2024: momentum whose update is orthogonalised by Newton-Schulz steps), the rest by
AdamW; the rate falls linearly towards the end. With `--minutes` the schedule follows the clock, so that the recipe
ends on time on any machine; with `--steps` it follows the steps and is repeatable. `--weights` goes on from an
earlier run.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from pathlib import Path
from random import Random

import torch
from tokenizers import Tokenizer
from torch import Tensor, distributed
from torch.nn import functional as F

import tokenizer as bpe
from dialogues import Dialogue, Maker
from export import restore
from network import Decoder, Pointed, Shape, seed_induction
from template import pieces

TOKENS_PER_STEP = 2_560
"""Of each process."""
LONGEST = 640
POINT = 0.5
"""Weight of the attention's loss beside that of the words."""
DECISION = 4
"""Weight of a word at which something is decided, beside one that follows from the word before it."""


def encode(tokenizer, dialogue: Dialogue) -> tuple[list[int], list[bool]]:
    ids, learned, _ = aligned(tokenizer, dialogue)
    return ids, learned


COPIED = ("value", "two values", "summary", "row", "json", "tool", "not read")


def aligned(tokenizer, dialogue: Dialogue) -> tuple[list[int], list[bool], dict[int, int]]:
    """Token ids, which the assistant says, and of what it copies the position that it is copied from."""
    ids: list[int] = []
    learned: list[bool] = []
    sources: dict[int, int] = {}
    cases = {index: case for index, _, case in dialogue.expected or []}
    answers = iter(index for index, message in enumerate(dialogue.messages) if message["role"] == "assistant")
    places: dict[int, list[int]] = {}
    """Of each token: where others than the assistant said it."""
    for text, said in pieces(dialogue.messages, dialogue.tools):
        part = tokenizer.encode(text, add_special_tokens=False).ids
        if said:
            if cases.get(next(answers), "").startswith(COPIED):
                copy(ids, part, places, sources)
        else:
            for offset, token in enumerate(part):
                places.setdefault(token, []).append(len(ids) + offset)
        ids += part
        learned += [said] * len(part)
    return ids, learned, sources


def copy(ids: list[int], part: list[int], places: dict[int, list[int]], sources: dict[int, int]) -> None:
    """Cuts an answer into the longest runs that were said before it; the first place wins, one near the last run more."""
    at, last = 0, -100
    while at < len(part) - 1:
        best, where, worth = 0, 0, 2
        for place in places.get(part[at], ()):
            length = 1
            while at + length < len(part) - 1 and place + length < len(ids) and ids[place + length] == part[at + length]:
                length += 1
            near = length + (3 if 0 < place - last <= 8 else 0)
            if near > worth:
                best, where, worth = length, place, near
        if best:
            for offset in range(best):
                sources[len(ids) + at + offset] = where + offset
            last = where + best - 1
        at += best or 1


def batches(tokenizer, seed: int, most_facts):
    """Without end: tokens and their weights, both batch x length, and links (row, position, source, weight)."""
    order = Random(seed)
    round_ = 0
    while True:
        maker = Maker(seed * 1_000_003 + round_, "train", most_facts())
        round_ += 1
        pool = [pair for pair in (aligned(tokenizer, maker.make()) for _ in range(384)) if len(pair[0]) <= LONGEST]
        pool.sort(key=lambda pair: len(pair[0]))
        ready, batch = [], []
        for pair in pool:
            if batch and len(pair[0]) * (len(batch) + 1) > TOKENS_PER_STEP:
                ready.append(batch)
                batch = []
            batch.append(pair)
        order.shuffle(ready)  # the last, unfinished batch is left out
        for chosen in ready:
            length = max(len(entry[0]) for entry in chosen)
            tokens = torch.zeros(len(chosen), length, dtype=torch.long)
            learned = torch.zeros(len(chosen), length)
            links = []
            for row, (ids, marks, sources) in enumerate(chosen):
                tokens[row, : len(ids)] = torch.tensor(ids)
                learned[row, : len(ids)] = torch.tensor(weights(marks, sources))
                links += [(row, at - 1, source, begins(at, sources)) for at, source in sources.items()]
            yield tokens, learned, torch.tensor(links, dtype=torch.long).view(-1, 4)


def begins(at: int, sources: dict[int, int]) -> int:
    return 1 if sources.get(at - 1) == sources[at] - 1 else DECISION


def weights(marks: list[bool], sources: dict[int, int]) -> list[int]:
    """0 for what others say; more for the first word of an answer, of a copied run, and after one."""
    made = []
    for at, said in enumerate(marks):
        first = said and not marks[at - 1]
        turn = at in sources and begins(at, sources) > 1 or at not in sources and at - 1 in sources
        made.append((DECISION if first or turn else 1) if said else 0)
    return made


def loss_of(model: Decoder, tokens: Tensor, learned: Tensor, links: Tensor) -> tuple[Tensor, Tensor]:
    """Of the words, and of the attention where they are copied."""
    pointed = Pointed(*links.T, []) if len(links) else None
    said = learned[:, 1:] > 0
    hidden = model.hidden(tokens[:, :-1], pointed)[said]
    losses = F.cross_entropy((hidden @ model.embedding.T).float(), tokens[:, 1:][said], reduction="none")
    weight = learned[:, 1:][said]
    words = (losses * weight).sum() / weight.sum()
    return words, sum(pointed.missed) / len(pointed.missed) if pointed else torch.zeros(())


class Muon(torch.optim.Optimizer):
    def __init__(self, matrices: list[tuple[torch.nn.Parameter, list[int]]], lr: float, momentum: float = 0.95):
        """Each matrix with the heights of the parts that it holds side by side."""
        self.parts = {id(matrix): heights for matrix, heights in matrices}
        super().__init__([matrix for matrix, _ in matrices], {"lr": lr, "momentum": momentum})

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            turned, waiting = [], []
            for index, matrix in enumerate(group["params"]):
                state = self.state[matrix]
                if "momentum" not in state:
                    state["momentum"] = torch.zeros_like(matrix)
                buffer = state["momentum"].lerp_(matrix.grad, 1 - group["momentum"])
                update = matrix.grad.lerp(buffer, group["momentum"])
                owner = index % distributed.get_world_size()
                turned.append(torch.zeros_like(matrix))
                if owner == distributed.get_rank():
                    turned[-1] = torch.cat([orthogonal(part) for part in update.split(self.parts[id(matrix)])])
                waiting.append(distributed.broadcast(turned[-1], owner, async_op=True))
            for matrix, update, wait in zip(group["params"], turned, waiting):
                wait.wait()
                matrix.mul_(1 - group["lr"] * 0.02).add_(update, alpha=-group["lr"])


def orthogonal(gradient: Tensor) -> Tensor:
    """Nearest semi-orthogonal matrix, about: five quintic Newton-Schulz steps, coefficients of Jordan et al."""
    a, b, c = 3.4445, -4.7750, 2.0315
    x = gradient.float()
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


def rate(progress: float, decay: float) -> float:
    return min(1.0, progress / 0.01 + 0.05) * min(1.0, max(0.02, (1 - progress) / decay))


@torch.no_grad()
def exact(model: Decoder, tokenizer, split: str, count: int, seed: int = 99) -> dict[str, float]:
    """Share of the answers whose every token is the most probable one, by case; equal to greedy decoding being right."""
    maker = Maker(seed, split)
    right: dict[str, list[bool]] = {}
    for _ in range(count):
        dialogue = maker.make()
        ids, learned = encode(tokenizer, dialogue)
        tokens = torch.tensor([ids])
        best = model(tokens[:, :-1])[0].argmax(-1)
        hit = best == tokens[0, 1:]
        spans = []
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
    options.add_argument("--processes", type=int, default=os.cpu_count())
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--weights", type=Path, help="of an earlier run, weights.pt or model.fp16.onnx beside its tokenizer, to go on from")
    chosen = options.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    trained = chosen.weights and chosen.weights.parent / "tokenizer.json"
    bpe.save(Tokenizer.from_file(str(trained)) if trained else bpe.train(), chosen.out)
    with tempfile.TemporaryDirectory() as folder:
        torch.multiprocessing.spawn(work, (chosen, f"{folder}/meeting"), chosen.processes)


def work(rank: int, chosen: argparse.Namespace, meeting: str) -> None:
    """One process of one thread; each makes its own conversations, and their gradients are averaged."""
    torch.set_num_threads(1)
    torch.manual_seed(chosen.seed)
    distributed.init_process_group("gloo", init_method=f"file://{meeting}", rank=rank, world_size=chosen.processes)
    tokenizer = Tokenizer.from_file(str(chosen.out / "tokenizer.json"))
    model = Decoder(Shape(tokenizer.get_vocab_size()))
    seed_induction(model)
    if chosen.weights:
        known = restore(chosen.weights) if chosen.weights.suffix == ".onnx" else torch.load(chosen.weights, weights_only=True)["model"]
        model.load_state_dict(known)
    end, pad = tokenizer.token_to_id("<|im_end|>"), tokenizer.token_to_id("<|endoftext|>")
    if rank == 0:
        print(f"{sum(p.numel() for p in model.parameters()):,} parameters, {tokenizer.get_vocab_size()} tokens", flush=True)
        (chosen.out / "config.json").write_text(json.dumps(model.shape.config(end, pad), indent=2) + "\n")
    both = optimizers(model)
    base = [[group["lr"] for group in optimizer.param_groups] for optimizer in both]
    began = told = time.time()
    progress, step, seen, losses, misses = 0.0, 0, 0, [], []
    for tokens, learned, links in batches(tokenizer, chosen.seed * 1_000 + rank, lambda: 4 if progress < 0.3 and not chosen.weights else 14):
        progress = agreed((time.time() - began) / 60 / chosen.minutes if chosen.minutes else step / chosen.steps)
        if progress >= 1:
            break
        for optimizer, rates in zip(both, base):
            for group, lr in zip(optimizer.param_groups, rates):
                group["lr"] = lr * rate(progress, 0.7 if chosen.weights else 0.4)
        words, missed = loss_of(model, tokens, learned, links)
        (words + POINT * missed).backward()
        average(model)
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimizer in both:
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        step, seen = step + 1, seen + tokens.numel() * chosen.processes
        losses.append(words.item())
        misses.append(missed.item())
        if rank > 0:
            continue
        if step % 20 == 0:
            print(f"{progress:6.1%} step {step} loss {sum(losses[-20:]) / 20:.4f} attention {sum(misses[-20:]) / 20:.4f}"
                  f" {seen / (time.time() - began):,.0f} tokens/s", flush=True)
        if time.time() - told > 420:
            told = time.time()
            print(json.dumps(exact(model, tokenizer, "test", 60), ensure_ascii=False), flush=True)
            torch.save({"model": model.state_dict(), "step": step, "seen": seen}, chosen.out / "weights.pt")
    if rank == 0:
        torch.save({"model": model.state_dict(), "step": step, "seen": seen}, chosen.out / "weights.pt")
        print(f"{step} steps, {seen:,} tokens, {(time.time() - began) / 60:.0f} minutes")
    distributed.destroy_process_group()


def agreed(progress: float) -> float:
    """What the first process says, so that all leave at the same step."""
    told = torch.tensor([progress], dtype=torch.float64)
    distributed.broadcast(told, 0)
    return float(told)


def average(model: Decoder) -> None:
    gradients = [parameter.grad for parameter in model.parameters()]
    flat = torch.cat([gradient.flatten() for gradient in gradients])
    distributed.all_reduce(flat)
    flat /= distributed.get_world_size()
    at = 0
    for gradient in gradients:
        gradient.copy_(flat[at : at + gradient.numel()].view_as(gradient))
        at += gradient.numel()


if __name__ == "__main__":
    main()
