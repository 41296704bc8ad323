"""Measures an exported file on what training never saw: `python evaluate.py --out 1 --variant int8 --write evaluation.json`.

Search: each query is a held-out phrasing with held-out slots; its target is the same meaning in other words, among one
text for each of the meanings. Intents: the nearest of a few training examples for each frame. `realistic.jsonl` is
written by hand from no template.
"""

from __future__ import annotations

import argparse
import json
import re
from dataclasses import replace
from pathlib import Path
from random import Random

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

from data import FRAMES, SYNONYMOUS, Frame, Maker, Meaning, fill, stranger

MEANINGS = 2_500
EXAMPLES = 5
GOLDEN = ["你好", "发票总金额是多少？", "What is the total of the invoice?", "Café in ZÜRICH, 25 km", "訂單 No. A-1024 已发货", "wholly unheard-of words: 鑫垚犇 zzyzx", "打印机卡纸了 " * 12]


def bare(phrasing: str) -> str:
    return re.sub(r"[^\w{}]", "", phrasing.lower())


TAUGHT = {bare(phrasing) for frame in FRAMES + SYNONYMOUS for language in ("zh", "en") for phrasing in frame.phrasings(language, "train")}


def unseen(frame: Frame, language: str) -> list[str]:
    """Held-out phrasings; a few short ones are said of another frame in training and are no test."""
    return [phrasing for phrasing in frame.phrasings(language, "test") if bare(phrasing) not in TAUGHT]


class Embedder:
    def __init__(self, folder: Path, variant: str):
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.enable_truncation(128)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(str(folder / f"model.{variant}.onnx"), options, providers=["CPUExecutionProvider"])

    def __call__(self, texts: list[str]) -> np.ndarray:
        vectors = np.zeros((len(texts), 256), np.float32)
        ids = [encoding.ids for encoding in self.tokenizer.encode_batch(texts)]
        order = sorted(range(len(ids)), key=lambda at: len(ids[at]))
        for start in range(0, len(order), 64):
            chosen = order[start : start + 64]
            length = max(len(ids[at]) for at in chosen)
            tokens = np.array([ids[at] + [0] * (length - len(ids[at])) for at in chosen], np.int64)
            mask = np.array([[1] * len(ids[at]) + [0] * (length - len(ids[at])) for at in chosen], np.int64)
            (hidden,) = self.session.run(None, {"input_ids": tokens, "attention_mask": mask})
            mean = (hidden * mask[..., None]).sum(1) / mask.sum(1, keepdims=True)
            vectors[chosen] = mean / np.linalg.norm(mean, axis=1, keepdims=True)
        return vectors


def meanings(maker: Maker) -> list[Meaning]:
    """Each once, the frames in turn as long as they have more to say."""
    found: dict[str, Meaning] = {}
    for _ in range(200_000):
        meaning = maker.meaning()
        found.setdefault(meaning.key, meaning)
        if len(found) == MEANINGS:
            break
    return list(found.values())


def shares(ranks: np.ndarray) -> dict[str, float]:
    return {"queries": len(ranks), "recall@1": round(float((ranks < 1).mean()), 4), "recall@5": round(float((ranks < 5).mean()), 4)}


def ranks_of(queries: np.ndarray, corpus: np.ndarray, targets: np.ndarray) -> np.ndarray:
    alike = queries @ corpus.T
    return (alike > alike[np.arange(len(queries)), targets][:, None]).sum(1)


def search(embed: Embedder, maker: Maker, every: list[Meaning], source: str, goal: str) -> dict[str, float]:
    asked, corpus, targets, said = [], [], [], []
    for at, meaning in enumerate(every):
        phrasings = unseen(meaning.frame, source)
        phrasing = maker.random.choice(phrasings) if phrasings else ""
        others = [each for each in meaning.frame.said[goal] if each != phrasing]
        corpus.append(meaning.say(goal, maker.random.choice(others)))
        if phrasings:
            asked.append(meaning.say(source, phrasing))
            targets.append(at)
            said.append((meaning.frame.name, phrasing))
    ranks = ranks_of(embed(asked), embed(corpus), np.array(targets))
    return {"texts": len(corpus), **shares(ranks), **by_phrasing(ranks, said)}


def by_phrasing(ranks: np.ndarray, said: list[tuple[str, str]]) -> dict[str, float]:
    """Each phrasing counts once, however many things it was said of."""
    found: dict[tuple[str, str], list[bool]] = {}
    for rank, phrasing in zip(ranks, said):
        found.setdefault(phrasing, []).append(bool(rank < 5))
    each = np.array([np.mean(hits) for hits in found.values()])
    return {"phrasings": len(each), "recall@5 by phrasing": round(float(each.mean()), 4), "mostly missed": int((each < 0.5).sum())}


def intents(embed: Embedder, every: list[Meaning]) -> dict[str, float]:
    trainer = Maker(11, "train")
    examples, labels = [], []
    for label, frame in enumerate(FRAMES):
        for language in ("zh", "en"):
            for _ in range(EXAMPLES):
                filled = tuple((slot, trainer.random.randrange(6)) for slot in frame.slots)
                examples.append(Meaning(frame, filled).say(language, trainer.random.choice(frame.phrasings(language, "train"))))
                labels.append(label)
    numbers = {frame.name: at for at, frame in enumerate(FRAMES)}
    asked, wanted = [], []
    for meaning in every:
        for language in ("zh", "en"):
            for phrasing in unseen(meaning.frame, language):
                asked.append(meaning.say(language, phrasing))
                wanted.append(numbers[meaning.frame.name])
    nearest = np.array(labels)[(embed(asked) @ embed(examples).T).argmax(1)]
    return {"intents": len(FRAMES), "queries": len(asked), "accuracy": round(float((nearest == np.array(wanted)).mean()), 4)}


def strangers(embed: Embedder, random: Random) -> dict[str, dict[str, float]]:
    """Words that are in no list, each in two phrasings of one frame: they can be found by their spelling alone."""
    found = {}
    for language in ("zh", "en"):
        frames = [frame for frame in FRAMES if frame.slots and len(frame.said[language]) > 1]
        asked, corpus = [], []
        for _ in range(400):
            meaning = replace(fill(random.choice(frames), random), stranger=stranger(language, random))
            first, second = (meaning.say(language, phrasing) for phrasing in random.sample(meaning.frame.said[language], 2))
            asked.append(first)
            corpus.append(second)
        found[language] = shares(ranks_of(embed(asked), embed(corpus), np.arange(len(asked))))
    return found


def realistic(embed: Embedder, distractors: list[str]) -> dict[str, dict[str, float]]:
    pairs = [json.loads(line) for line in (Path(__file__).parent / "realistic.jsonl").read_text().splitlines()]
    queries, targets = embed([pair["query"] for pair in pairs]), embed([pair["target"] for pair in pairs])
    right = np.arange(len(pairs))
    return {
        f"among {len(pairs)}": shares(ranks_of(queries, targets, right)),
        f"among {len(pairs) + len(distractors)}": shares(ranks_of(queries, np.concatenate([targets, embed(distractors)]), right)),
    }


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--out", type=Path, default=Path("1"))
    arguments.add_argument("--variant", default="int8")
    arguments.add_argument("--write", type=Path)
    arguments.add_argument("--golden", type=Path, help="writes vectors of some texts, which the product's own are compared with")
    options = arguments.parse_args()
    embed = Embedder(options.out, options.variant)
    maker = Maker(5, "test")
    every = meanings(maker)
    result: dict = {"variant": options.variant, "search": {}}
    for source in ("zh", "en"):
        for goal in ("zh", "en"):
            result["search"][f"{source} to {goal}"] = search(embed, maker, every, source, goal)
    result["intents"] = intents(embed, Random(3).sample(every, 600))
    distractors = [meaning.say(language, maker.random.choice(meaning.frame.said[language])) for meaning in every[:1_000] for language in ("zh", "en")]
    result["strangers"] = strangers(embed, Random(4))
    result["realistic"] = realistic(embed, distractors)
    if (options.out / "model.fp32.onnx").exists() and options.variant != "fp32":
        exact = Embedder(options.out, "fp32")(distractors)
        agreement = (embed(distractors) * exact).sum(1)
        result["cosine to fp32"] = {"mean": round(float(agreement.mean()), 5), "least": round(float(agreement.min()), 5)}
    print(json.dumps(result, indent=2))
    if options.golden:
        lines = [{"text": text, "vector": [round(float(value), 5) for value in embed([text])[0]]} for text in GOLDEN]
        options.golden.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines))
    if options.write:
        options.write.write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
