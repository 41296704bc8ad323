"""The chat template: once as Jinja for the published tokenizer, once as Python for training. They say the same."""

from __future__ import annotations

import json

CHAT_TEMPLATE = (
    "{%- if messages[0].role == 'system' %}{% set system = messages[0].content %}{% set rest = messages[1:] %}"
    "{%- else %}{% set system = '' %}{% set rest = messages %}{%- endif %}"
    "{%- if system or tools %}{{- '<|im_start|>system\\n' + system }}"
    "{%- if tools %}{% if system %}{{- '\\n\\n' }}{% endif %}{{- '# Tools' }}"
    "{%- for tool in tools %}{{- '\\n' + (tool.function | tojson) }}{%- endfor %}{%- endif %}"
    "{{- '<|im_end|>\\n' }}{%- endif %}"
    "{%- for message in rest %}"
    "{%- if message.role == 'tool' %}{{- '<|im_start|>user\\n<tool_response>' + message.content + '</tool_response><|im_end|>\\n' }}"
    "{%- else %}{{- '<|im_start|>' + message.role + '\\n' }}{% if message.content %}{{- message.content }}{% endif %}"
    "{%- for call in message.tool_calls or [] %}{% set called = call.function if call.function else call %}"
    "{{- '<tool_call>{\"name\": \"' + called.name + '\", \"arguments\": ' }}"
    "{%- if called.arguments is string %}{{- called.arguments }}{% else %}{{- called.arguments | tojson }}{% endif %}"
    "{{- '}</tool_call>' }}{%- endfor %}{{- '<|im_end|>\\n' }}{%- endif %}{%- endfor %}"
    "{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}"
)

END = "<|im_end|>"


def dump(value) -> str:
    return json.dumps(value, ensure_ascii=False)


def pieces(messages: list[dict], tools: list[dict] | None) -> list[tuple[str, bool]]:
    """Text in order; true where the assistant speaks, its end mark included: what is learned."""
    made: list[tuple[str, bool]] = []
    rest = messages
    system = ""
    if messages[0]["role"] == "system":
        system, rest = messages[0]["content"], messages[1:]
    if system or tools:
        text = "<|im_start|>system\n" + system
        if tools:
            text += ("\n\n" if system else "") + "# Tools"
            text += "".join("\n" + dump(tool["function"]) for tool in tools)
        made.append((text + END + "\n", False))
    for message in rest:
        if message["role"] == "tool":
            made.append((f"<|im_start|>user\n<tool_response>{message['content']}</tool_response>{END}\n", False))
            continue
        made.append((f"<|im_start|>{message['role']}\n", False))
        said = message["content"] or ""
        for call in message.get("tool_calls") or []:
            said += f'<tool_call>{{"name": "{call["name"]}", "arguments": {dump(call["arguments"])}}}</tool_call>'
        made.append((said + END, message["role"] == "assistant"))
        made.append(("\n", False))
    return made


def prompt(messages: list[dict], tools: list[dict] | None) -> str:
    return "".join(text for text, _ in pieces(messages, tools)) + "<|im_start|>assistant\n"
