"""Writes the trained decoder as ONNX in the layout that Optimum publishes: `python export.py --out 1`.

Attention is com.microsoft's GroupQueryAttention with the rotation inside, so that the key-value cache can be
updated in place. `model.fp32.onnx` is what the quantizer reads and is not kept in the repository (over 16 MiB);
`model.fp16.onnx` stores the weights in half precision and computes in single precision.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

from network import Decoder, Shape, rotary

OPSET = 17


class Graph:
    def __init__(self, half: bool):
        self.half = half
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []

    def constant(self, name: str, value: np.ndarray) -> str:
        self.weights.append(numpy_helper.from_array(value, name))
        return name

    def weight(self, name: str, value: torch.Tensor) -> str:
        array = value.detach().float().contiguous().numpy()
        if not self.half:
            return self.constant(name, array)
        self.constant(f"{name}.fp16", array.astype(np.float16))
        return self.add("Cast", [f"{name}.fp16"], name, to=TensorProto.FLOAT)

    def add(self, op: str, inputs: list[str], output: str | list[str], domain: str = "", **attributes) -> str:
        outputs = [output] if isinstance(output, str) else output
        self.nodes.append(helper.make_node(op, inputs, outputs, name=f"{outputs[0]}/{op}", domain=domain, **attributes))
        return outputs[0]


def build(model: Decoder, half: bool) -> onnx.ModelProto:
    shape = model.shape
    kv = shape.kv_heads * shape.head
    g = Graph(half)
    cos, sin = rotary(shape)
    g.constant("cos_cache", cos.numpy())
    g.constant("sin_cache", sin.numpy())
    g.constant("axis_1", np.array([1], np.int64))
    g.constant("index_1", np.array(1, np.int64))
    g.constant("one", np.array([1], np.int64))
    g.add("ReduceSum", ["attention_mask", "axis_1"], "mask_sum", keepdims=0)
    g.add("Sub", ["mask_sum", "one"], "last_position")
    g.add("Cast", ["last_position"], "seqlens_k", to=TensorProto.INT32)
    g.add("Shape", ["attention_mask"], "mask_shape")
    g.add("Gather", ["mask_shape", "index_1"], "mask_width", axis=0)
    g.add("Cast", ["mask_width"], "total_sequence_length", to=TensorProto.INT32)
    embedding = g.weight("model.embed_tokens.weight", model.embedding)
    x = g.add("Gather", [embedding, "input_ids"], "embeddings", axis=0)
    inputs = [
        helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["batch_size", "sequence_length"]),
        helper.make_tensor_value_info("attention_mask", TensorProto.INT64, ["batch_size", "total_sequence_length"]),
    ]
    outputs = [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch_size", "sequence_length", shape.vocabulary])]
    norm = g.weight("model.layers.0.input_layernorm.weight", model.layers[0].norm1)
    normed = g.add("SimplifiedLayerNormalization", [x, norm], "layers.0.input_normed", axis=-1, epsilon=1e-6, stash_type=1)
    for index, layer in enumerate(model.layers):
        at = f"layers.{index}"
        qkv = g.add("MatMul", [normed, g.weight(f"model.{at}.self_attn.qkv_proj.weight", layer.qkv.weight.T)], f"{at}.qkv_product")
        qkv = g.add("Add", [qkv, g.weight(f"model.{at}.self_attn.qkv_proj.bias", layer.qkv.bias)], f"{at}.qkv")
        past = [f"past_key_values.{index}.{part}" for part in ("key", "value")]
        present = [f"present.{index}.{part}" for part in ("key", "value")]
        attended = g.add(
            "GroupQueryAttention", [qkv, "", "", *past, "seqlens_k", "total_sequence_length", "cos_cache", "sin_cache"],
            [f"{at}.attended", *present], domain="com.microsoft", num_heads=shape.heads, kv_num_heads=shape.kv_heads,
            scale=shape.head**-0.5, do_rotary=1, rotary_interleaved=0,
        )
        projected = g.add("MatMul", [attended, g.weight(f"model.{at}.self_attn.o_proj.weight", layer.out.weight.T)], f"{at}.projected")
        norm = g.weight(f"model.{at}.post_attention_layernorm.weight", layer.norm2)
        normed = g.add("SkipSimplifiedLayerNormalization", [x, projected, norm], [f"{at}.attention_normed", "", "", f"{at}.attention_sum"], domain="com.microsoft", epsilon=1e-6)
        x = f"{at}.attention_sum"
        both = g.add("MatMul", [normed, g.weight(f"model.{at}.mlp.gate_up_proj.weight", layer.gate_up.weight.T)], f"{at}.gate_up")
        g.add("Split", [both], [f"{at}.gate", f"{at}.up"], axis=-1)
        g.add("Sigmoid", [f"{at}.gate"], f"{at}.sigmoid")
        g.add("Mul", [f"{at}.gate", f"{at}.sigmoid"], f"{at}.silu")
        g.add("Mul", [f"{at}.silu", f"{at}.up"], f"{at}.gated")
        down = g.add("MatMul", [f"{at}.gated", g.weight(f"model.{at}.mlp.down_proj.weight", layer.down.weight.T)], f"{at}.mlp")
        last = index + 1 == shape.layers
        norm = g.weight("model.norm.weight" if last else f"model.layers.{index + 1}.input_layernorm.weight", model.norm if last else model.layers[index + 1].norm1)
        normed = g.add("SkipSimplifiedLayerNormalization", [x, down, norm], [f"{at}.normed", "", "", f"{at}.sum"], domain="com.microsoft", epsilon=1e-6)
        x = f"{at}.sum"
        cache = ["batch_size", shape.kv_heads, "past_sequence_length", shape.head]
        inputs += [helper.make_tensor_value_info(name, TensorProto.FLOAT, cache) for name in past]
        outputs += [helper.make_tensor_value_info(name, TensorProto.FLOAT, [*cache[:2], "present_sequence_length", cache[3]]) for name in present]
    # The quantizer wants the matrix of a product as it is multiplied; the fp16 file shares the one table.
    head = g.add("Transpose", [embedding], "lm_head.weight", perm=[1, 0]) if half else g.weight("lm_head.weight", model.embedding.T)
    g.add("MatMul", [normed, head], "logits")
    graph = helper.make_graph(g.nodes, "trivium-mini-chat", inputs, outputs, g.weights)
    return helper.make_model(
        graph, producer_name="trivium", ir_version=9,
        opset_imports=[helper.make_opsetid("", OPSET), helper.make_opsetid("com.microsoft", 1)],
    )


def load(folder: Path) -> Decoder:
    config = json.loads((folder / "config.json").read_text())
    model = Decoder(Shape(
        config["vocab_size"], config["hidden_size"], config["num_hidden_layers"], config["num_attention_heads"],
        config["num_key_value_heads"], config["intermediate_size"], config["max_position_embeddings"], config["rope_theta"],
    ))
    model.load_state_dict(torch.load(folder / "weights.pt", weights_only=True)["model"])
    return model.eval()


def restore(file: Path) -> dict[str, torch.Tensor]:
    """The weights of a `model.fp16.onnx` or `model.fp32.onnx` under the names that `Decoder` has for them."""
    stored = {entry.name.removesuffix(".fp16"): torch.from_numpy(numpy_helper.to_array(entry).astype(np.float32)) for entry in onnx.load(file).graph.initializer}
    state = {"embedding": stored["model.embed_tokens.weight"], "norm": stored["model.norm.weight"]}
    names = {"norm1": "input_layernorm.weight", "norm2": "post_attention_layernorm.weight", "qkv.bias": "self_attn.qkv_proj.bias"}
    turned = {"qkv.weight": "self_attn.qkv_proj.weight", "out.weight": "self_attn.o_proj.weight", "gate_up.weight": "mlp.gate_up_proj.weight", "down.weight": "mlp.down_proj.weight"}
    for index in range(sum(name.endswith("input_layernorm.weight") for name in stored)):
        state |= {f"layers.{index}.{own}": stored[f"model.layers.{index}.{name}"] for own, name in names.items()}
        state |= {f"layers.{index}.{own}": stored[f"model.layers.{index}.{name}"].T.contiguous() for own, name in turned.items()}
    return state


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--out", type=Path, default=Path("1"))
    folder = options.parse_args().out
    model = load(folder)
    for name, half in (("fp32", False), ("fp16", True)):
        onnx.save(build(model, half), str(folder / f"model.{name}.onnx"))
        print(name, (folder / f"model.{name}.onnx").stat().st_size)
    generation = {"eos_token_id": json.loads((folder / "config.json").read_text())["eos_token_id"], "do_sample": False}
    (folder / "generation_config.json").write_text(json.dumps(generation, indent=2) + "\n")


if __name__ == "__main__":
    main()
