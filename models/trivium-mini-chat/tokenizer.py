"""Byte-level BPE in which a Chinese character, a digit, a space and a mark each stand alone.

A value then has the same tokens wherever it stands, in a table, in JSON or in an answer, which is what makes
copying it easy to learn. Nothing is unknown: what the vocabulary lacks falls back to bytes.
"""

from __future__ import annotations

import json
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

from dialogues import Maker
from lexicon import HAN, MORE_HAN
from template import CHAT_TEMPLATE, pieces

SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
MARKS = ["<tool_call>", "</tool_call>", "<tool_response>", "</tool_response>", "<document", "</document>"]
SPLIT = r"[\u3400-\u9fff]|[0-9]|\s|[A-Za-z]+|[^A-Za-z0-9\s\u3400-\u9fff]"
VOCABULARY = 7_680


def train(samples: int = 12_000) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE(byte_fallback=False))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Split(Regex(SPLIT), "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    maker = Maker(7, "train")
    texts = ["".join(text for text, _ in pieces(d.messages, d.tools)) for d in (maker.make() for _ in range(samples))]
    # Every character often enough to become a token of its own.
    texts += [HAN + MORE_HAN] * 400
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY - len(MARKS), special_tokens=SPECIAL, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.add_tokens([AddedToken(mark, normalized=False, special=False) for mark in MARKS])
    return tokenizer


def save(tokenizer: Tokenizer, folder: Path) -> None:
    tokenizer.save(str(folder / "tokenizer.json"))
    settings = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": None,
        "eos_token": "<|im_end|>",
        "pad_token": "<|endoftext|>",
        "model_max_length": 2048,
        "chat_template": CHAT_TEMPLATE,
        "clean_up_tokenization_spaces": False,
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(settings, ensure_ascii=False, indent=2) + "\n")
