"""Meanings and how they are said: `Maker(seed, "train").pairs(512)` gives pairs of texts that mean the same."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from words import AFTER, BEFORE, SLOTS, SYNONYMS

from lexicon import HAN  # of trivium-mini-chat, as is what people say to the assistant
from phrases import TALK

HELD_OUT = 5
SLOT = re.compile(r"{(\w+)}")


def held_out(text: str) -> bool:
    """One in five, the same on every machine."""
    return hashlib.md5(text.encode()).digest()[0] % HELD_OUT == 0


@dataclass(frozen=True)
class Frame:
    name: str
    said: dict[str, list[str]]
    slots: tuple[str, ...]

    def phrasings(self, language: str, part: str) -> list[str]:
        """Of the part: `train`, or `test` where training never sees them."""
        every = self.said[language]
        kept = [phrasing for phrasing in every if held_out(f"{self.name} {phrasing}")]
        kept = [] if self.name.startswith("synonyms") else kept[: len(every) // 2]
        return kept if part == "test" else [phrasing for phrasing in every if phrasing not in kept]


@dataclass(frozen=True)
class Meaning:
    frame: Frame
    filled: tuple[tuple[str, int], ...]
    # Instead of the first slot: something that is in no list, so that unknown names count as themselves.
    stranger: str = ""

    @property
    def key(self) -> str:
        """Days are in the list under two Chinese names: the English tells which meaning it is."""
        return f"{self.frame.name} {self.stranger} {' '.join(f'{slot}={SLOTS[slot][index][1]}' for slot, index in self.filled)}"

    def say(self, language: str, phrasing: str) -> str:
        side = 0 if language == "zh" else 1
        if self.stranger:
            phrasing = phrasing.replace("{%s}" % self.filled[0][0], self.stranger)
        for slot, index in self.filled:
            phrasing = phrasing.replace("{%s}" % slot, SLOTS[slot][index][side])
        return phrasing


def slots_of(phrasing: str) -> tuple[str, ...]:
    return tuple(sorted(set(SLOT.findall(phrasing))))


def read_frames() -> list[Frame]:
    lines = [line for line in (Path(__file__).parent / "frames.txt").read_text().splitlines() if line and line[0] != "#"]
    frames = []
    for name, zh, en in zip(lines[::3], lines[1::3], lines[2::3], strict=True):
        said = {"zh": zh.split("|"), "en": en.split("|")}
        # A phrasing that leaves a slot out means less: its own frame, when both languages have such a one.
        for slots in sorted({slots_of(phrasing) for phrasing in said["zh"]} & {slots_of(phrasing) for phrasing in said["en"]}):
            same = {language: [each for each in every if slots_of(each) == slots] for language, every in said.items()}
            frames.append(Frame(f"{name} {','.join(slots)}".strip(), same, slots))
    for name, talk in TALK.items():
        frames.append(Frame(f"talk-{name}", {language: talk[language][0] for language in ("zh", "en")}, ()))
    return frames


def read_synonyms() -> list[Frame]:
    lines = [line for line in (Path(__file__).parent / "synonyms.txt").read_text().splitlines() if line[0] != "#"]
    return [Frame(f"synonyms {line}", dict(zip(("zh", "en"), (side.split("|") for side in line.split(";")), strict=True)), ()) for line in lines]


FRAMES = read_frames()
SYNONYMOUS = read_synonyms()
# A thing alone means itself, in both languages.
WORDS = [Frame(f"word-{slot}", {"zh": ["{%s}" % slot], "en": ["{%s}" % slot]}, (slot,)) for slot in SLOTS if slot not in ("number", "hour", "amount", "product2", "city2")]


def fill(frame: Frame, random: Random) -> Meaning:
    return Meaning(frame, tuple((slot, random.randrange(len(SLOTS[slot]))) for slot in frame.slots))


def sibling(meaning: Meaning, random: Random) -> Meaning:
    """The same frame, one slot changed."""
    changed = random.randrange(len(meaning.filled))
    filled = [(slot, random.randrange(len(SLOTS[slot])) if at == changed else index) for at, (slot, index) in enumerate(meaning.filled)]
    return Meaning(meaning.frame, tuple(filled))


SYLLABLES = [start + middle + end for start in ("b", "br", "d", "f", "g", "k", "l", "m", "n", "p", "r", "s", "st", "t", "v", "w", "z") for middle in "aeiou" for end in ("", "n", "r", "l", "s", "t", "ck")]


def stranger(language: str, random: Random) -> str:
    if random.random() < 0.15:
        return "".join(random.choices("ABCDEFGHKLMNPRSTXYZ", k=2)) + str(random.randrange(10, 10_000))
    if language == "zh":
        return "".join(random.choices(HAN, k=random.choice((2, 2, 3, 4))))
    return "".join(random.choices(SYLLABLES, k=random.choice((2, 3))))


def vary(text: str, language: str, random: Random) -> str:
    if random.random() < 0.35:
        for word, other in random.sample(SYNONYMS[language], 14):
            if language == "en":
                text = re.sub(rf"\b{re.escape(word.replace('_', ' '))}\b", other.replace("_", " "), text, count=1)
            elif word in text and other not in text:
                text = text.replace(word, other, 1)
    if random.random() < 0.2:
        text = random.choice(BEFORE[language]) + text
    if random.random() < 0.2:
        text += random.choice(AFTER[language])
    if language == "en" and random.random() < 0.3:
        text = text[:1].upper() + text[1:]
    if random.random() < 0.25:  # a word or character is lost
        parts = text.split(" ") if language == "en" else list(text)
        if len(parts) > 4:
            del parts[random.randrange(len(parts))]
            text = (" " if language == "en" else "").join(parts)
    return text


class Maker:
    def __init__(self, seed: int, part: str):
        self.random = Random(f"{seed} {part}")
        self.part = part

    def meaning(self) -> Meaning:
        """Of the part; frames without slots belong to both."""
        chance = self.random.random() if self.part == "train" else 1
        frames = WORDS if chance < 0.08 else SYNONYMOUS if chance < 0.23 else FRAMES
        while True:
            meaning = fill(self.random.choice(frames), self.random)
            if frames is not FRAMES or not meaning.filled or held_out(meaning.key) == (self.part == "test"):
                return meaning

    def say(self, meaning: Meaning, language: str, but: str = "") -> tuple[str, str]:
        """A text and the phrasing it came from; of the part's phrasings, another than `but` where there is one."""
        phrasings = [phrasing for phrasing in meaning.frame.phrasings(language, self.part) if phrasing != but]
        phrasing = self.random.choice(phrasings or meaning.frame.phrasings(language, "train"))
        text = meaning.say(language, phrasing)
        return (vary(text, language, self.random) if self.part == "train" else text), phrasing

    def pairs(self, count: int) -> list[tuple[str, str, str, str]]:
        """Two texts of one meaning, its key and its frame; next to half of them stands one that differs in one slot."""
        made: list[tuple[str, str, str, str]] = []
        while len(made) < count:
            meaning = self.meaning()
            wanted = [meaning]
            if meaning.filled and self.random.random() < 0.5:
                other = sibling(meaning, self.random)
                if not held_out(other.key):
                    wanted.append(other)
            for each in wanted:
                languages = self.random.choice([("zh", "en"), ("en", "zh"), ("zh", "zh"), ("en", "en"), ("zh", "en")])
                if each.filled and languages[0] == languages[1] and self.random.random() < 0.3:
                    each = replace(each, stranger=stranger(languages[0], self.random))
                first, phrasing = self.say(each, languages[0])
                second, _ = self.say(each, languages[1], phrasing)
                made.append((first, second, each.key, each.frame.name))
        return made[:count]
