"""An encoder of BERT's shape with the norm before each part; a text is the mean of its tokens, length 1."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F


@dataclass(frozen=True)
class Shape:
    vocabulary: int
    width: int = 256
    layers: int = 3
    heads: int = 4
    inner: int = 768
    positions: int = 128


class Layer(nn.Module):
    def __init__(self, shape: Shape):
        super().__init__()
        self.heads = shape.heads
        self.norm1, self.norm2 = nn.LayerNorm(shape.width), nn.LayerNorm(shape.width)
        self.qkv, self.out = nn.Linear(shape.width, 3 * shape.width), nn.Linear(shape.width, shape.width)
        self.up, self.down = nn.Linear(shape.width, shape.inner), nn.Linear(shape.inner, shape.width)
        # At the start a text is the mean of its words: a good beginning.
        for last in (self.out, self.down):
            nn.init.zeros_(last.weight)
            nn.init.zeros_(last.bias)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        rows, length, width = x.shape
        q, k, v = self.qkv(self.norm1(x)).view(rows, length, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        attended = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        x = x + self.out(attended.transpose(1, 2).reshape(rows, length, width))
        return x + self.down(F.gelu(self.up(self.norm2(x))))


class Encoder(nn.Module):
    def __init__(self, shape: Shape):
        super().__init__()
        self.shape = shape
        self.words, self.places = nn.Embedding(shape.vocabulary, shape.width), nn.Embedding(shape.positions, shape.width)
        nn.init.normal_(self.words.weight, std=0.2)
        nn.init.normal_(self.places.weight, std=0.02)
        self.layers = nn.ModuleList(Layer(shape) for _ in range(shape.layers))
        self.norm = nn.LayerNorm(shape.width)

    def hidden(self, ids: Tensor, mask: Tensor, start: int = 0) -> Tensor:
        x = self.words(ids) + self.places.weight[start : start + ids.shape[1]]
        seen = mask[:, None, None, :].bool()
        for layer in self.layers:
            x = layer(x, seen)
        return self.norm(x)

    def forward(self, ids: Tensor, mask: Tensor, start: int = 0) -> Tensor:
        weight = mask[..., None].float()
        return F.normalize((self.hidden(ids, mask, start).float() * weight).sum(1) / weight.sum(1), dim=-1)


def load(path) -> Encoder:
    saved = torch.load(path, weights_only=True)
    model = Encoder(Shape(**saved["shape"]))
    model.load_state_dict(saved["weights"])
    return model.eval()
