"""Makes conversations: what is said, and which words the assistant should say.

Everything comes from one seed. `split` decides which phrasings are used: `train` never sees those that
`phrases.held_out` keeps for `test`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from random import Random

from concepts import ALL, DOMAINS, Concept, date, han, money, person
from lexicon import (
    CITIES, CODE_LANGUAGES, CODE_TASKS, COUNTRIES, FAMOUS, HAN, LANGUAGES, MEASURES, MONTHS, MORE_HAN, PRODUCTS, THINGS, TOPICS,
)
from phrases import (
    ASK, ASK_ALL, ASK_ROW, EXTRACT, FOUND, MISSING, NOT_READ, OPEN, REFUSAL, ROW_FOUND, SYSTEM, TALK, WRAPPED, held_out,
)
from tools import TOOLS, Tool

JSON_INSTRUCTION = "Answer with one JSON value that matches this JSON Schema, and nothing else:\n"
OTHER_SYSTEMS = ["You are a helpful assistant.", "你是一个有用的助手。", "Answer briefly.", "请用中文回答。", "You are the assistant of a small firm.", "你是公司的财务助手，请简短回答。"]
SYLLABLES = "ba be bo da do fa fi ga go ha jo ka ki la lo lu ma mi mo na ne no pa po ra ri ro sa se so ta ti to va ve wa xi ya zo zu dex lon mar nor pel quin ran sol tor vin wex".split()


@dataclass
class Fact:
    label: str
    value: str | None
    """None: listed, but not read."""
    concept: Concept | None


@dataclass
class Dialogue:
    messages: list[dict]
    tools: list[dict] | None = None
    kind: str = ""
    expected: list[tuple[int, str, str]] | None = None
    """Of a test: index of the answer, what must stand in it, and what it is a case of."""


class Maker:
    def __init__(self, seed: int, split: str, most_facts: int = 9):
        self.rng = Random(seed)
        self.split = split
        self.most_facts = most_facts

    # words -----------------------------------------------------------------------------------------------

    def phrasing(self, choices: list[str]) -> str:
        """One that belongs to the split; all of them where the split has none."""
        wanted = [choice for choice in choices if held_out(choice) == (self.split == "test")]
        return self.rng.choice(wanted or choices)

    def spoken(self, text: str, language: str) -> str:
        """As people type: with or without a mark at the end, a capital, a polite word."""
        rng = self.rng
        if language == "zh":
            text = text.rstrip("？?。")
            if rng.random() < 0.12:
                text = rng.choice(["请问", "你好，", "那", "麻烦问下，", "还有，", "另外", "想问", "诶，", "帮忙看看，"]) + text
            if rng.random() < 0.12:
                text += rng.choice(["呢", "啊", "呀", "，谢谢", "吧", "～", "来着", "，告诉我"])
            return text + rng.choice(["？", "?", "", "", "。", "！"])
        text = text.rstrip("?.")
        if rng.random() < 0.12:
            text = rng.choice(["please, ", "hello, ", "so ", "and ", "ok, ", "well, ", "then ", "also, ", "quick question: ", "say, "]) + text
        if rng.random() < 0.1:
            text += rng.choice([" please", ", please", " then", " exactly", " again", ", thanks", " here"])
        if rng.random() < 0.5:
            text = text[:1].upper() + text[1:]
        return text + rng.choice(["?", "?", "", ".", "!"])

    def wrapped(self, question: str, language: str) -> str:
        """A question inside a request."""
        if self.rng.random() < 0.75:
            return question
        return self.phrasing(WRAPPED[language]).format(question)

    def gibberish(self) -> str:
        word = "".join(self.rng.choice(SYLLABLES) for _ in range(self.rng.randint(2, 3)))
        return word.capitalize() if self.rng.random() < 0.6 else word

    def any_value(self, language: str) -> str:
        """Something to copy that no list holds."""
        rng = self.rng
        form = rng.random()
        if form < 0.4:
            pool = HAN + MORE_HAN * 3
            return "".join(rng.choice(pool) for _ in range(rng.randint(2, 8)))
        if form < 0.65:
            return " ".join(self.gibberish() for _ in range(rng.randint(1, 3)))
        if form < 0.85:
            return "".join(rng.choice("0123456789ABCDEFGHKLMNPRSTXYZ-") for _ in range(rng.randint(4, 14))).strip("-") or "7"
        return money(rng, language)

    def value(self, concept: Concept, language: str) -> str:
        return self.any_value(language) if self.rng.random() < 0.12 else concept.value(self.rng, language)

    # documents -------------------------------------------------------------------------------------------

    def facts(self, language: str, low: int = 3, high: int = 14) -> list[Fact]:
        rng = self.rng
        high = max(low, min(high, self.most_facts))
        form = rng.random()
        if form < 0.15:  # labels that no concept has
            labels = dict.fromkeys(self.random_label(language) for _ in range(rng.randint(low, min(high, 6))))
            return [Fact(label, self.any_value(language), None) for label in labels]
        domain = rng.choice(list(DOMAINS))
        pool = DOMAINS[domain] if form < 0.85 else ALL
        count = min(len(pool), rng.randint(low, high), rng.randint(low, high) if form > 0.3 else high)
        chosen = rng.sample(pool, count)
        if rng.random() < 0.5:
            chosen.sort(key=ALL.index)
        seen: set[str] = set()
        made = []
        for concept in chosen:
            label = rng.choice(concept.labels(language))
            if label in seen:
                continue
            seen.add(label)
            made.append(Fact(label, None if rng.random() < 0.05 else self.value(concept, language), concept))
        return made

    def random_label(self, language: str) -> str:
        if language == "zh":
            return han(self.rng, 2, 4)
        return self.gibberish() if self.rng.random() < 0.5 else f"{self.gibberish()} {self.rng.choice(['code', 'number', 'name', 'date', 'level'])}"

    def noise(self, language: str) -> str:
        rng = self.rng
        if language == "zh":
            return han(rng, 3, 12)
        return " ".join(self.gibberish() for _ in range(rng.randint(2, 5)))

    def document(self, facts: list[Fact], language: str) -> str:
        rng = self.rng
        form = rng.random()
        unread = "未读到" if language == "zh" else "not read"
        name = rng.choice(["picture", "picture", "picture 1", "picture 2", "invoice.pdf", "scan.pdf", "图片", "合同.pdf", f"{self.gibberish()}.pdf"])
        if form < 0.68:
            lines = [f"{fact.label}: {unread if fact.value is None else fact.value}" for fact in facts]
            if rng.random() < 0.25:
                lines.append("items:")
                lines += [self.item_line(language) for _ in range(rng.randint(1, 3))]
            if rng.random() < 0.06:
                lines.append(f"check failed: {money(rng, language)} + {money(rng, language)} is not {money(rng, language)}")
            return "\n".join([f'<document name="{name}">', *lines, "</document>"])
        known = [fact for fact in facts if fact.value is not None]
        colon = rng.choice([": ", "：", ":", " "]) if language == "zh" else rng.choice([": ", ":", " = ", ": "])
        if form < 0.84:  # words as they stand in a picture
            lines = [f"{fact.label}{colon}{fact.value}" for fact in known]
            for _ in range(rng.randint(0, 3)):
                lines.insert(rng.randint(0, len(lines)), self.noise(language))
            return "\n".join([f'<document name="{name}">', *lines, "</document>"])
        if form < 0.89:
            return json.dumps({fact.label: fact.value for fact in known}, ensure_ascii=False)
        if form < 0.93:
            head = "| 项目 | 内容 |" if language == "zh" else "| Field | Value |"
            return "\n".join([head, "| --- | --- |", *(f"| {fact.label} | {fact.value} |" for fact in known)])
        if form < 0.97:
            return "\n".join(f"{fact.label}{colon}{fact.value}" for fact in known)
        if language == "zh":
            return "，".join(f"{fact.label}是{fact.value}" for fact in known) + "。"
        return " ".join(f"The {fact.label} is {fact.value}." for fact in known)

    def item_line(self, language: str) -> str:
        rng = self.rng
        return f"- {rng.choice(PRODUCTS)[language == 'en']}; {rng.randint(1, 99)}; {money(rng, language)}; {money(rng, language)}; {rng.choice(['13%', '6%', '9%', '3%'])}"

    # questions -------------------------------------------------------------------------------------------

    def ask_fact(self, fact: Fact, ask_language: str, language: str) -> str:
        """A question about one fact, by its label, by another label of its concept, or in other words."""
        rng = self.rng
        concept = fact.concept
        if concept is not None and concept.asks(ask_language) and rng.random() < (0.3 if ask_language == language else 0.5):
            return self.spoken(self.wrapped(self.phrasing(concept.asks(ask_language)), ask_language), ask_language)
        label = fact.label
        if concept is not None and (ask_language != language or rng.random() < 0.15):
            label = rng.choice(concept.labels(ask_language))
        if ask_language == "en" and rng.random() < 0.6:
            label = label[:1].lower() + label[1:]
        return self.spoken(self.phrasing(ASK[ask_language]).replace("{label}", label), ask_language)

    def missing(self, facts: list[Fact], language: str) -> tuple[str, str]:
        there = {fact.concept.key for fact in facts if fact.concept}
        near = {"total", "net_amount", "tax_amount", "price", "unit_price", "date", "issue_date", "ship_date", "delivery_date", "deadline"}
        absent = [c for c in ALL if c.key not in there and not (c.key in near and there & near)
                  and not any(set(c.zh + c.en) & {fact.label} for fact in facts)]
        concept = self.rng.choice(absent)
        label = concept.labels(language)[0]
        if concept.asks(language) and self.rng.random() < 0.25:
            question = self.phrasing(concept.asks(language))
        else:
            label = self.rng.choice(concept.labels(language))
            if language == "en" and self.rng.random() < 0.6:
                label = label[:1].lower() + label[1:]
            question = self.phrasing(ASK[language]).replace("{label}", label)
        return self.spoken(question, language), MISSING[language].format(label=label)

    def open_question(self, language: str) -> str:
        rng = self.rng
        templates = [t for group, _ in OPEN[language] for t in group.split("|")]
        at = language == "en"
        pick = lambda pairs: rng.choice(pairs)[at]
        return self.spoken(self.phrasing(templates).format(
            country=pick(COUNTRIES), famous=pick(FAMOUS), thing=pick(THINGS), topic=pick(TOPICS), language=pick(LANGUAGES),
            code=rng.choice(CODE_LANGUAGES), task=pick(CODE_TASKS), a=rng.randint(2, 999), b=rng.randint(2, 99),
            city=pick(CITIES), city2=pick(CITIES)), language)

    def talk(self, language: str, document: bool) -> tuple[str, str, str]:
        intents = [intent for intent in TALK if intent != ("no-document" if document else "sure")]
        weights = [4 if intent in ("greeting", "capability", "no-document", "add-model") else 1 for intent in intents]
        intent = self.rng.choices(intents, weights)[0]
        phrasings, answer = TALK[intent][language]
        return self.spoken(self.phrasing(phrasings), language), answer, intent

    # dialogues -------------------------------------------------------------------------------------------

    def make(self) -> Dialogue:
        kinds = [(self.about_document, 54), (self.small_talk, 11), (self.about_rows, 9), (self.with_tools, 13), (self.as_json, 13)]
        return self.rng.choices([kind for kind, _ in kinds], [weight for _, weight in kinds])[0]()

    def languages(self) -> tuple[str, str]:
        """Of the document and of the questions."""
        language = self.rng.choice(["zh", "en"])
        return language, language if self.rng.random() < 0.85 else ("en" if language == "zh" else "zh")

    def opening(self) -> list[dict]:
        form = self.rng.random()
        if form < 0.65:
            return [{"role": "system", "content": SYSTEM}]
        return [] if form < 0.85 else [{"role": "system", "content": self.rng.choice(OTHER_SYSTEMS)}]

    def place(self, messages: list[dict], document: str, question: str) -> None:
        """The document stands with the question, before it, or in the message of the system."""
        form = self.rng.random()
        if form < 0.12 and messages:
            messages[0] = {"role": "system", "content": messages[0]["content"] + "\n\n" + document}
            messages.append({"role": "user", "content": question})
        elif form < 0.3:
            messages.append({"role": "user", "content": question + "\n" + document})
        else:
            messages.append({"role": "user", "content": document + "\n" + question})

    def about_document(self) -> Dialogue:
        rng = self.rng
        language, asked = self.languages()
        facts = self.facts(language)
        text = self.document(facts, language)
        shown = [fact for fact in facts if fact.value is not None or ': 未读到' in text or ': not read' in text]
        messages = self.opening()
        expected = []
        if rng.random() < 0.12:  # something was said before
            question, answer, _ = self.talk(asked, False)
            messages += [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
        turns = rng.randint(3, 7) if self.split == "train" else 3
        for turn in range(turns):
            form = rng.random()
            if not shown or form < 0.1:
                question, answer = self.missing(facts, asked)
                expected.append((None, "", "missing"))
            elif form < 0.16:
                question, answer = self.open_question(asked), REFUSAL[asked]
                expected.append((None, REFUSAL[asked][:12], "refusal with a document"))
            elif form < 0.21:
                question, answer, _ = self.talk(asked, True)
                expected.append((None, answer[:8], "talk"))
            elif form < 0.24 and turn > 0 and len(shown) <= 6:
                question = self.spoken(self.phrasing(ASK_ALL[asked]), asked)
                answer = self.listing(shown, asked)
                expected.append((None, shown[0].value or "", "summary"))
            elif form < 0.3 and len(shown) > 1:
                one, other = rng.sample(shown, 2)
                joint = "{}和{}分别是什么" if asked == "zh" else "what are the {} and the {}"
                question = self.spoken(joint.format(one.label, other.label), asked)
                answer = self.found(one, asked) + "\n" + self.found(other, asked)
                expected.append((None, other.value or "", "two values"))
            else:
                fact = rng.choice(shown)
                question, answer = self.ask_fact(fact, asked, language), self.found(fact, asked)
                expected.append((None, fact.value if fact.value is not None else answer, f"value {asked}" if fact.value else "not read"))
            if turn == 0:
                self.place(messages, text, question)
            else:
                messages.append({"role": "user", "content": question})
            messages.append({"role": "assistant", "content": answer})
            expected[-1] = (len(messages) - 1, expected[-1][1] or answer, expected[-1][2])
        return Dialogue(messages, kind="document", expected=expected)

    def found(self, fact: Fact, language: str) -> str:
        if fact.value is None:
            return NOT_READ[language].format(label=fact.label)
        return FOUND[language].format(label=fact.label, value=fact.value)

    def listing(self, facts: list[Fact], language: str) -> str:
        return "\n".join(f"- {fact.label}: {fact.value}" for fact in facts if fact.value is not None)

    def small_talk(self) -> Dialogue:
        rng = self.rng
        messages = [] if rng.random() < 0.3 else self.opening()
        expected = []
        for _ in range(rng.randint(1, 4) if self.split == "train" else 1):
            language = rng.choice(["zh", "en"])
            if rng.random() < 0.45:
                question, answer, intent = self.open_question(language), REFUSAL[language], f"refusal {language}"
            else:
                question, answer, intent = self.talk(language, False)
                intent = f"talk {language}"
            messages += [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
            expected.append((len(messages) - 1, answer, intent))
        return Dialogue(messages, kind="talk", expected=expected)

    def about_rows(self) -> Dialogue:
        """Hits of a search, data of a chart, lines of a transcript: the row is named, one of its values asked."""
        rng = self.rng
        language, _ = self.languages()
        at = language == "en"
        form = rng.random()
        if form < 0.4:
            rows = [pair[at] for pair in rng.sample(MONTHS, rng.randint(3, 6))]
            columns = [pair[at] for pair in rng.sample(MEASURES, rng.randint(1, 2))]
            cells = [[str(rng.randint(1, 99999)) for _ in columns] for _ in rows]
            first = "月份" if language == "zh" else "month"
        elif form < 0.8:
            rows = [pair[at] for pair in rng.sample(PRODUCTS, rng.randint(2, 5))]
            if rng.random() < 0.3:
                rows = [self.any_value(language) for _ in rows]
            chosen = rng.sample([c for c in DOMAINS["order"] + DOMAINS["office"] if c.key in ("price", "stock", "rating", "colour", "brand", "unit_price", "quantity", "weight", "size")], rng.randint(1, 3))
            columns = [c.labels(language)[0] for c in chosen]
            cells = [[c.value(rng, language) for c in chosen] for _ in rows]
            first = "商品" if language == "zh" else "product"
        else:
            rows = [person(rng, language) for _ in range(rng.randint(2, 4))]
            chosen = rng.sample([c for c in DOMAINS["order"] + DOMAINS["office"] if c.key in ("phone", "email", "department", "address", "seat", "deadline")], rng.randint(1, 2))
            columns = [c.labels(language)[0] for c in chosen]
            cells = [[c.value(rng, language) for c in chosen] for _ in rows]
            first = "姓名" if language == "zh" else "name"
        text = self.rows_text(first, rows, columns, cells)
        messages = self.opening()
        expected = []
        for turn in range(rng.randint(3, 6) if self.split == "train" else 3):
            if rng.random() < 0.1:
                question, answer, what = self.open_question(language), REFUSAL[language], "refusal with a document"
                needle = answer[:12]
            else:
                row, column = rng.randrange(len(rows)), rng.randrange(len(columns))
                question = self.spoken(self.phrasing(ASK_ROW[language]).replace("{row}", rows[row]).replace("{label}", columns[column]), language)
                answer = ROW_FOUND[language].format(row=rows[row], label=columns[column], value=cells[row][column])
                needle, what = cells[row][column], f"row {language}"
            if turn == 0:
                self.place(messages, text, question)
            else:
                messages.append({"role": "user", "content": question})
            messages.append({"role": "assistant", "content": answer})
            expected.append((len(messages) - 1, needle, what))
        return Dialogue(messages, kind="rows", expected=expected)

    def rows_text(self, first: str, rows: list[str], columns: list[str], cells: list[list[str]]) -> str:
        form = self.rng.random()
        if form < 0.3:
            lines = [f"| {' | '.join([first, *columns])} |", "|" + " --- |" * (len(columns) + 1)]
            return "\n".join(lines + [f"| {' | '.join([row, *cells[i]])} |" for i, row in enumerate(rows)])
        if form < 0.5:
            return "\n".join([",".join([first, *columns])] + [",".join([row, *cells[i]]) for i, row in enumerate(rows)])
        if form < 0.75:
            return "\n".join(f"{i + 1}. {row} ({', '.join(f'{c}: {v}' for c, v in zip(columns, cells[i]))})" for i, row in enumerate(rows))
        return json.dumps([{first: row, **dict(zip(columns, cells[i]))} for i, row in enumerate(rows)], ensure_ascii=False)

    def with_tools(self) -> Dialogue:
        rng = self.rng
        language = rng.choice(["zh", "en"])
        offered = rng.sample(TOOLS, rng.randint(1, 3))
        messages = self.opening()
        expected = []
        form = rng.random()
        if form < 0.7:
            tool = rng.choice(offered)
            arguments = {key: self.argument(tool, key, language) for key in tool.parameters}
            request = self.spoken(self.phrasing(tool.requests(language)).format(**arguments), language)
            call = {"name": tool.name, "arguments": {k: tool.typed(k, v) for k, v in arguments.items()}}
            messages += [{"role": "user", "content": request}, {"role": "assistant", "content": "", "tool_calls": [call]}]
            expected.append((len(messages) - 1, json.dumps(call, ensure_ascii=False), f"tool {language}"))
            if rng.random() < 0.6:
                chosen = rng.sample([c for c in ALL if c.key not in ("verdict", "total_in_words")], rng.randint(1, 3))
                result = {c.key: self.value(c, language) for c in chosen}
                answer = ("结果：" + "；".join(f"{k}: {v}" for k, v in result.items()) + "。") if language == "zh" else ("Result: " + "; ".join(f"{k}: {v}" for k, v in result.items()) + ".")
                messages += [{"role": "tool", "content": json.dumps(result, ensure_ascii=False)}, {"role": "assistant", "content": answer}]
                expected.append((len(messages) - 1, str(list(result.values())[-1]), "tool result"))
        else:
            if rng.random() < 0.5:
                question, answer, what = self.open_question(language), REFUSAL[language], "refusal with tools"
                if any(tool.covers(question) for tool in offered):
                    return self.with_tools()
            else:
                question, answer, what = self.talk(language, False)
                what = "talk with tools"
            messages += [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
            expected.append((len(messages) - 1, answer[:12], what))
        return Dialogue(messages, [tool.definition(rng) for tool in offered], "tools", expected)

    def argument(self, tool: Tool, key: str, language: str) -> str:
        return tool.parameters[key].make(self, language)

    def as_json(self) -> Dialogue:
        rng = self.rng
        language, asked = self.languages()
        facts = [fact for fact in self.facts(language, 3, 8) if fact.value is not None]
        if not facts:
            return self.as_json()
        wanted = rng.sample(facts, min(len(facts), rng.randint(1, 5)))
        properties, answer = {}, {}
        for fact in wanted:
            key = fact.concept.key if fact.concept else fact.label
            if fact.concept and rng.random() < 0.15:
                key = rng.choice([fact.label, key.replace("_", "")])
            numeric = fact.value.replace(".", "", 1).isdigit() and len(fact.value) < 12 and not (fact.value.startswith("0") and not fact.value.startswith("0."))
            if numeric and rng.random() < 0.6:
                properties[key], answer[key] = {"type": "number"}, float(fact.value) if "." in fact.value else int(fact.value)
            else:
                properties[key], answer[key] = {"type": "string"}, fact.value
            if rng.random() < 0.15:
                properties[key]["description"] = fact.label
        if rng.random() < 0.25:
            there = {fact.concept.key for fact in facts if fact.concept}
            absent = rng.choice([c for c in ALL if c.key not in there])
            properties[absent.key], answer[absent.key] = {"type": ["string", "null"]}, None
        schema = {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}
        if rng.random() < 0.3:
            schema.pop("additionalProperties")
        instruction = JSON_INSTRUCTION + json.dumps(schema, ensure_ascii=False, separators=(",", ":"))
        messages = [{"role": "system", "content": f"{SYSTEM}\n\n{instruction}" if rng.random() < 0.7 else instruction}]
        text = self.document(facts, language)
        messages.append({"role": "user", "content": f"{text}\n{self.spoken(self.phrasing(EXTRACT[asked]), asked)}"})
        messages.append({"role": "assistant", "content": json.dumps(answer, ensure_ascii=False)})
        return Dialogue(messages, kind="json", expected=[(len(messages) - 1, messages[-1]["content"], "json")])
