"""A decoder of Qwen2's shape: RMSNorm, rotary positions, grouped-query attention with biases, SwiGLU, tied embeddings."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F


@dataclass(frozen=True)
class Shape:
    vocabulary: int
    hidden: int = 256
    layers: int = 6
    heads: int = 4
    kv_heads: int = 2
    ffn: int = 512
    positions: int = 2048
    theta: float = 10_000.0

    @property
    def head(self) -> int:
        return self.hidden // self.heads

    def config(self, end: int, pad: int) -> dict:
        return {
            "architectures": ["Qwen2ForCausalLM"], "model_type": "qwen2", "vocab_size": self.vocabulary,
            "hidden_size": self.hidden, "num_hidden_layers": self.layers, "num_attention_heads": self.heads,
            "num_key_value_heads": self.kv_heads, "head_dim": self.head, "intermediate_size": self.ffn,
            "max_position_embeddings": self.positions, "rope_theta": self.theta, "rms_norm_eps": 1e-6,
            "hidden_act": "silu", "tie_word_embeddings": True, "use_sliding_window": False,
            "eos_token_id": end, "pad_token_id": pad, "bos_token_id": None,
        }


class Layer(nn.Module):
    def __init__(self, shape: Shape):
        super().__init__()
        d, kv = shape.hidden, shape.kv_heads * shape.head
        self.shape = shape
        self.norm1 = nn.Parameter(torch.ones(d))
        self.qkv = nn.Linear(d, d + 2 * kv)
        self.out = nn.Linear(d, d, bias=False)
        self.norm2 = nn.Parameter(torch.ones(d))
        self.gate_up = nn.Linear(d, 2 * shape.ffn, bias=False)
        self.down = nn.Linear(shape.ffn, d, bias=False)
        nn.init.zeros_(self.qkv.bias)
        for weight in (self.qkv.weight, self.gate_up.weight):
            nn.init.normal_(weight, std=d**-0.5)
        for weight in (self.out.weight, self.down.weight):
            nn.init.normal_(weight, std=0.1 * weight.shape[1] ** -0.5 / math.sqrt(2 * shape.layers))

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor, pointed: "Pointed | None" = None) -> Tensor:
        s = self.shape
        batch, length, d = x.shape
        kv = s.kv_heads * s.head
        q, k, v = self.qkv(rms(x, self.norm1)).split((d, kv, kv), -1)
        q = rotate(q.view(batch, length, s.heads, s.head).transpose(1, 2), cos, sin)
        k = rotate(k.view(batch, length, s.kv_heads, s.head).transpose(1, 2), cos, sin)
        v = v.view(batch, length, s.kv_heads, s.head).transpose(1, 2)
        if pointed is not None:
            pointed.missed.append(pointed.miss(q[:, 0], k[:, 0]))
        repeat = s.heads // s.kv_heads
        k, v = k.repeat_interleave(repeat, 1), v.repeat_interleave(repeat, 1)
        attended = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.out(attended.transpose(1, 2).reshape(batch, length, d))
        gate, up = self.gate_up(rms(x, self.norm2)).chunk(2, -1)
        return x + self.down(F.silu(gate) * up)


@dataclass
class Pointed:
    """Where copied words come from: what the first head of the layers in `POINTING` should look at."""

    row: Tensor
    """Of each copied token: its row in the batch."""
    at: Tensor
    """The position that predicts it."""
    source: Tensor
    """The position in the document that it is copied from."""
    weight: Tensor
    missed: list[Tensor]

    def miss(self, q: Tensor, k: Tensor) -> Tensor:
        """Mean of -log of the attention that each copied token's source gets. `q`, `k`: batch x length x head."""
        scores = torch.bmm(q, k.transpose(1, 2))[self.row, self.at] * q.shape[-1] ** -0.5
        later = torch.arange(k.shape[1])[None] > self.at[:, None]
        losses = F.cross_entropy(scores.float().masked_fill(later, -1e9), self.source, reduction="none")
        return (losses * self.weight).sum() / self.weight.sum()


POINTING = (3, 5)


class Decoder(nn.Module):
    def __init__(self, shape: Shape):
        super().__init__()
        self.shape = shape
        self.embedding = nn.Parameter(torch.randn(shape.vocabulary, shape.hidden) * 0.06)
        self.layers = nn.ModuleList(Layer(shape) for _ in range(shape.layers))
        self.norm = nn.Parameter(torch.ones(shape.hidden))
        cos, sin = rotary(shape)
        self.register_buffer("cos", cos, persistent=False)
        self.register_buffer("sin", sin, persistent=False)

    def hidden(self, tokens: Tensor, pointed: Pointed | None = None) -> Tensor:
        """Batch x length to batch x length x hidden, the last norm included."""
        x = F.embedding(tokens, self.embedding)
        cos, sin = self.cos[: tokens.shape[1]].to(x.dtype), self.sin[: tokens.shape[1]].to(x.dtype)
        for index, layer in enumerate(self.layers):
            x = layer(x, cos, sin, pointed if index in POINTING else None)
        return rms(x, self.norm)

    def forward(self, tokens: Tensor) -> Tensor:
        return self.hidden(tokens) @ self.embedding.T


@torch.no_grad()
def seed_induction(model: Decoder) -> None:
    """Starts the network with an induction circuit (Olsson et al., 2022), which training alone finds late.

    Copying a value needs two heads in a row: one of the first layer writes beside each token which one came
    before it; one of the second looks for places whose predecessor is the current token and puts forward what
    stands there. Here both are written down, with random codes for the tokens; training refines them.

    The halves of the residual start out apart: the first holds the token, the second what came before.
    """
    shape = model.shape
    d, head = shape.hidden // 2, shape.head
    kv = shape.kv_heads * head
    pairs = head // 2
    theta = shape.theta ** (-torch.arange(pairs, dtype=torch.float32) / pairs)
    model.embedding[:, d:] = 0
    model.embedding[:, :d] *= 2**0.5
    code = torch.nn.init.orthogonal_(torch.empty(head, d))
    first, second = model.layers[0], model.layers[1]

    # Queries and keys that do not depend on the token: turned by one and by two positions they meet best there.
    fast, strength = 10, 8.0
    first.qkv.weight[: 2 * head] = 0
    first.qkv.weight[shape.hidden : shape.hidden + head] = 0
    bias = first.qkv.bias
    for index in range(2):
        bias[index * head : index * head + fast] = strength * torch.cos(-(index + 1) * theta[:fast])
        bias[index * head + pairs : index * head + pairs + fast] = strength * torch.sin(-(index + 1) * theta[:fast])
    bias[shape.hidden : shape.hidden + fast] = strength
    value = first.qkv.weight[shape.hidden + kv : shape.hidden + kv + head]
    value.zero_()
    value[:, :d] = code
    first.out.weight[:, : 2 * head] = 0
    first.out.weight[d : 2 * d, : 2 * head] = 0.06 * torch.eye(2 * head, d).T

    # The slow rotations hardly turn within a document: there the codes of the current and the earlier token meet.
    slow = range(18, pairs)
    slots = [*slow, *(pairs + i for i in slow)]
    for start in (0, shape.hidden):
        second.qkv.weight[start : start + head] = 0
    for row, slot in enumerate(slots):
        second.qkv.weight[slot, :d] = 2.0 * code[row]
        second.qkv.weight[shape.hidden + slot, d + row] = 2.0
    for index in (1, *POINTING):
        seen = torch.nn.init.orthogonal_(torch.empty(head, d))
        layer = model.layers[index]
        value = layer.qkv.weight[shape.hidden + kv : shape.hidden + kv + head]
        value.zero_()
        value[:, :d] = seen
        layer.out.weight[:, :head] = 0
        layer.out.weight[:d, :head] = 0.3 * seen.T


def rms(x: Tensor, weight: Tensor) -> Tensor:
    wide = x.float()
    return (wide * torch.rsqrt(wide.square().mean(-1, keepdim=True) + 1e-6)).to(x.dtype) * weight.to(x.dtype)


def rotary(shape: Shape) -> tuple[Tensor, Tensor]:
    """Positions x head/2, as RoFormer (Su et al., 2021) defines them."""
    frequencies = shape.theta ** (-torch.arange(0, shape.head, 2, dtype=torch.float32) / shape.head)
    angles = torch.outer(torch.arange(shape.positions, dtype=torch.float32), frequencies)
    return angles.cos(), angles.sin()


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    low, high = x.chunk(2, -1)
    return torch.cat((low * cos - high * sin, high * cos + low * sin), -1)


def parameters(shape: Shape) -> int:
    return sum(p.numel() for p in Decoder(shape).parameters())


__all__ = ["Decoder", "Shape", "asdict", "parameters", "rotary"]
