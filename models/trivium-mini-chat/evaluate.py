"""Greedy answers of an exported file to conversations that training never saw: `python evaluate.py --out 1 --variant int8`.

`templates`: phrasings held out of training, values and documents of another seed. `realistic`: questions written by
hand, in `realistic.jsonl`, from no template. Writes `evaluation.json` and, with `--golden N`, the token ids that
PyTorch chooses for N prompts, which the product's own decoding is compared with.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from tokenizers import Tokenizer

import export
from dialogues import Maker
from template import prompt

MOST = 160


class Greedy:
    def __init__(self, folder: Path, variant: str, threads: int):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self.session = onnxruntime.InferenceSession(str(folder / f"model.{variant}.onnx"), options)
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.end = self.tokenizer.token_to_id("<|im_end|>")
        self.cache = [entry for entry in self.session.get_inputs() if entry.name.startswith("past")]
        self.names = [entry.name for entry in self.session.get_outputs()]

    def ids(self, text: str) -> list[int]:
        tokens = self.tokenizer.encode(text, add_special_tokens=False).ids
        past = {entry.name: np.zeros((1, entry.shape[1], 0, entry.shape[3]), np.float32) for entry in self.cache}
        step, length, made = tokens, 0, []
        while len(made) < MOST:
            length += len(step)
            feeds = {"input_ids": np.array([step], np.int64), "attention_mask": np.ones((1, length), np.int64), **past}
            results = dict(zip(self.names, self.session.run(None, feeds)))
            best = int(results["logits"][0, -1].argmax())
            if best == self.end:
                break
            made.append(best)
            step = [best]
            past = {name: results[name.replace("past_key_values", "present")] for name in past}
        return made

    def answer(self, text: str) -> str:
        return self.tokenizer.decode(self.ids(text), skip_special_tokens=False)


def right(answer: str, expected: str, case: str) -> bool:
    if case.startswith("json"):
        return parsed(answer) == json.loads(expected)
    if case.startswith("tool ") and case != "tool result":
        return answer.startswith("<tool_call>") and parsed(answer.removeprefix("<tool_call>").removesuffix("</tool_call>")) == json.loads(expected)
    if case.startswith("talk"):
        return answer.startswith(expected[:12])
    return expected in answer


def parsed(text: str):
    try:
        return json.loads(text)
    except ValueError:
        return None


def templates(model: Greedy, count: int) -> dict:
    maker = Maker(20_261_127, "test")
    hits: dict[str, list[bool]] = defaultdict(list)
    faults = []
    for _ in range(count):
        dialogue = maker.make()
        for index, expected, case in dialogue.expected:
            said = model.answer(prompt(dialogue.messages[:index], dialogue.tools))
            hits[case].append(right(said, expected, case))
            if not hits[case][-1] and len(faults) < 60:
                faults.append({"case": case, "asked": dialogue.messages[index - 1]["content"][-200:], "expected": expected, "said": said})
    return {"cases": summary(hits), "faults": faults}


def realistic(model: Greedy, file: Path) -> dict:
    hits: dict[str, list[bool]] = defaultdict(list)
    faults = []
    for line in file.read_text().splitlines():
        case = json.loads(line)
        messages = [{"role": "system", "content": "You are Trivium. Answer from the documents; never invent values."}, *case["messages"]]
        said = model.answer(prompt(messages, case.get("tools")))
        good = any(part in said for part in case["any"])
        hits[case["case"]].append(good)
        if not good:
            faults.append({"case": case["case"], "asked": messages[-1]["content"][-120:], "said": said})
    return {"cases": summary(hits), "faults": faults}


def summary(hits: dict[str, list[bool]]) -> dict:
    return {case: {"right": sum(values), "of": len(values), "share": round(sum(values) / len(values), 4)} for case, values in sorted(hits.items())}


def golden(folder: Path, model: Greedy, count: int) -> list[dict]:
    """PyTorch's own greedy choice with the weights as the fp16 file stores them."""
    network = export.load(folder)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.copy_(parameter.half().float())
    maker = Maker(4_242, "test")
    made = []
    while len(made) < count:
        dialogue = maker.make()
        messages = dialogue.messages[: dialogue.expected[0][0]]
        tokens = model.tokenizer.encode(prompt(messages, dialogue.tools), add_special_tokens=False).ids
        if len(tokens) > 400:
            continue
        said: list[int] = []
        while len(said) < 48:
            with torch.no_grad():
                best = int(network(torch.tensor([tokens + said]))[0, -1].argmax())
            said.append(best)
            if best == model.end:
                break
        made.append({"messages": messages, "tools": dialogue.tools, "prompt": tokens, "tokens": said})
    return made


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--out", type=Path, default=Path("1"))
    options.add_argument("--variant", default="int8")
    options.add_argument("--count", type=int, default=600)
    options.add_argument("--threads", type=int, default=1)
    options.add_argument("--golden", type=int, default=0)
    options.add_argument("--write", type=Path)
    chosen = options.parse_args()
    model = Greedy(chosen.out, chosen.variant, chosen.threads)
    here = Path(__file__).parent
    report = {"variant": chosen.variant, "templates": templates(model, chosen.count), "realistic": realistic(model, here / "realistic.jsonl")}
    for part in ("templates", "realistic"):
        print(part, json.dumps(report[part]["cases"], ensure_ascii=False, indent=1))
    if chosen.write:
        chosen.write.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n")
    else:
        for fault in report["templates"]["faults"][:25] + report["realistic"]["faults"]:
            print(json.dumps(fault, ensure_ascii=False))
    if chosen.golden:
        lines = [json.dumps(entry, ensure_ascii=False) for entry in golden(chosen.out, model, chosen.golden)]
        (here / "golden.jsonl").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
