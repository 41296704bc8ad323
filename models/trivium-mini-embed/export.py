"""Writes the trained encoder as ONNX with the files of sentence-transformers: `python export.py --out 1`."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

from network import Encoder, load


class Graph:
    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []

    def constant(self, name: str, value) -> str:
        array = value.detach().float().contiguous().numpy() if isinstance(value, torch.Tensor) else value
        self.weights.append(numpy_helper.from_array(array, name))
        return name

    def add(self, op: str, inputs: list[str], output: str, domain: str = "", **attributes) -> str:
        self.nodes.append(helper.make_node(op, inputs, [output], name=f"{output}/{op}", domain=domain, **attributes))
        return output

    def linear(self, x: str, name: str, layer: torch.nn.Linear) -> str:
        product = self.add("MatMul", [x, self.constant(f"{name}.weight", layer.weight.T)], f"{name}.product")
        return self.add("Add", [product, self.constant(f"{name}.bias", layer.bias)], f"{name}.output")

    def norm(self, x: str, name: str, layer: torch.nn.LayerNorm, output: str) -> str:
        scale, shift = self.constant(f"{name}.weight", layer.weight), self.constant(f"{name}.bias", layer.bias)
        return self.add("LayerNormalization", [x, scale, shift], output, axis=-1, epsilon=layer.eps)


def build(model: Encoder) -> onnx.ModelProto:
    shape, g = model.shape, Graph()
    head = shape.width // shape.heads
    for name, value in {"zero": 0, "step": 1}.items():
        g.constant(name, np.array(value, np.int64))
    g.constant("axes", np.array([1, 2], np.int64))
    g.constant("split_heads", np.array([0, 0, shape.heads, head], np.int64))
    g.constant("join_heads", np.array([0, 0, shape.width], np.int64))
    g.constant("scale", np.array(head**-0.5, np.float32))
    g.constant("one", np.array(1, np.float32))
    g.constant("far", np.array(-10_000, np.float32))
    # What is padded counts for nothing.
    g.add("Cast", ["attention_mask"], "mask", to=TensorProto.FLOAT)
    g.add("Sub", ["one", "mask"], "padded")
    g.add("Mul", ["padded", "far"], "penalty")
    g.add("Unsqueeze", ["penalty", "axes"], "attention_bias")
    g.add("Shape", ["input_ids"], "shape")
    g.add("Gather", ["shape", "step"], "length", axis=0)
    g.add("Range", ["zero", "length", "step"], "positions")
    words = g.add("Gather", [g.constant("embeddings.word_embeddings.weight", model.words.weight), "input_ids"], "word_embeddings", axis=0)
    places = g.add("Gather", [g.constant("embeddings.position_embeddings.weight", model.places.weight), "positions"], "position_embeddings", axis=0)
    x = g.add("Add", [words, places], "embedded")
    for index, layer in enumerate(model.layers):
        at = f"layers.{index}"
        normed = g.norm(x, f"{at}.norm1", layer.norm1, f"{at}.normed1")
        parts = {}
        for part, weight, bias in zip(("query", "key", "value"), layer.qkv.weight.chunk(3), layer.qkv.bias.chunk(3)):
            linear = torch.nn.Linear(shape.width, shape.width)
            linear.weight, linear.bias = torch.nn.Parameter(weight), torch.nn.Parameter(bias)
            heads = g.add("Reshape", [g.linear(normed, f"{at}.{part}", linear), "split_heads"], f"{at}.{part}.heads")
            parts[part] = g.add("Transpose", [heads], f"{at}.{part}.turned", perm=[0, 2, 3, 1] if part == "key" else [0, 2, 1, 3])
        g.add("MatMul", [parts["query"], parts["key"]], f"{at}.alike")
        g.add("Mul", [f"{at}.alike", "scale"], f"{at}.scaled")
        g.add("Add", [f"{at}.scaled", "attention_bias"], f"{at}.masked")
        g.add("Softmax", [f"{at}.masked"], f"{at}.attention", axis=-1)
        g.add("MatMul", [f"{at}.attention", parts["value"]], f"{at}.gathered")
        g.add("Transpose", [f"{at}.gathered"], f"{at}.joined", perm=[0, 2, 1, 3])
        g.add("Reshape", [f"{at}.joined", "join_heads"], f"{at}.attended")
        x = g.add("Add", [x, g.linear(f"{at}.attended", f"{at}.out", layer.out)], f"{at}.middle")
        normed = g.norm(x, f"{at}.norm2", layer.norm2, f"{at}.normed2")
        up = g.linear(normed, f"{at}.up", layer.up)
        x = g.add("Add", [x, g.linear(g.add("Gelu", [up], f"{at}.gelu", domain="com.microsoft"), f"{at}.down", layer.down)], f"{at}.end")
    g.norm(x, "norm", model.norm, "last_hidden_state")
    sides = ["batch_size", "sequence_length"]
    inputs = [helper.make_tensor_value_info(name, TensorProto.INT64, sides) for name in ("input_ids", "attention_mask")]
    outputs = [helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, [*sides, shape.width])]
    graph = helper.make_graph(g.nodes, "trivium-mini-embed", inputs, outputs, g.weights)
    sets = [helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)]
    return helper.make_model(graph, producer_name="trivium", ir_version=9, opset_imports=sets)


def write_settings(folder: Path, model: Encoder) -> None:
    shape = model.shape
    pooling = {"word_embedding_dimension": shape.width, "pooling_mode_cls_token": False, "pooling_mode_mean_tokens": True, "pooling_mode_max_tokens": False, "pooling_mode_mean_sqrt_len_tokens": False}
    files = {
        "config.json": {
            "model_type": "bert", "vocab_size": shape.vocabulary, "hidden_size": shape.width, "num_hidden_layers": shape.layers,
            "num_attention_heads": shape.heads, "intermediate_size": shape.inner, "max_position_embeddings": shape.positions, "pad_token_id": 0,
        },
        "modules.json": [
            {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
            {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
            {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"},
        ],
        "sentence_bert_config.json": {"max_seq_length": shape.positions, "do_lower_case": False},
        "1_Pooling/config.json": pooling,
    }
    for path, content in files.items():
        place = folder / path
        place.parent.mkdir(exist_ok=True)
        place.write_text(json.dumps(content, indent=2) + "\n")


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--out", type=Path, default=Path("1"))
    folder = options.parse_args().out
    model = load(folder / "weights.pt")
    onnx.save(build(model), str(folder / "model.fp32.onnx"))
    write_settings(folder, model)


if __name__ == "__main__":
    main()
