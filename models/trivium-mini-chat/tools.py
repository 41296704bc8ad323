"""Tools that the generated conversations offer, with the requests that need them."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Callable

from concepts import ALL
from lexicon import CITIES, LANGUAGES, PRODUCTS
from phrases import _lines

CONCEPTS = {concept.key: concept for concept in ALL}


@dataclass(frozen=True)
class Parameter:
    kind: str
    make: Callable
    values: tuple[str, ...] = ()

    def schema(self) -> dict:
        return {"type": self.kind, **({"enum": list(self.values)} if self.values else {})}


def of(key: str) -> Parameter:
    return Parameter("string", lambda maker, language: maker.value(CONCEPTS[key], language))


def listed(pairs) -> Parameter:
    return Parameter("string", lambda maker, language: maker.rng.choice(pairs)[language == "en"] if maker.rng.random() < 0.85 else maker.any_value(language))


def number(low: int, high: int) -> Parameter:
    return Parameter("integer", lambda maker, _: str(maker.rng.randint(low, high)))


WORDS = Parameter("string", lambda maker, language: maker.any_value(language))
CITY, PRODUCT, LANGUAGE = listed(CITIES), listed(PRODUCTS), listed(LANGUAGES)


@dataclass(frozen=True)
class Tool:
    name: str
    description: str
    parameters: dict[str, Parameter]
    zh: list[str]
    en: list[str]
    words: tuple[str, ...] = ()
    """Open questions with such a word are this tool's work."""

    def requests(self, language: str) -> list[str]:
        return self.zh if language == "zh" else self.en

    def typed(self, key: str, value: str):
        return int(value) if self.parameters[key].kind == "integer" else value

    def covers(self, question: str) -> bool:
        return any(word in question.lower() for word in self.words)

    def definition(self, rng: Random) -> dict:
        schema = {"type": "object", "properties": {key: parameter.schema() for key, parameter in self.parameters.items()}}
        if self.parameters and rng.random() < 0.8:
            schema["required"] = list(self.parameters)
        made = {"name": self.name, "parameters": schema}
        if rng.random() < 0.8:
            made = {"name": self.name, "description": self.description, "parameters": schema}
        return {"type": "function", "function": made}


def T(name, description, parameters, zh, en, words=()):
    return Tool(name, description, parameters, _lines(zh), _lines(en), tuple(words))


TOOLS = [
    T("get_weather", "Weather of a city now", {"city": CITY},
      "{city}天气怎么样|查一下{city}的天气|今天{city}热不热|{city}现在下雨吗|帮我看看{city}的天气|{city}气温多少|我想知道{city}天气",
      "what is the weather in {city}|is it raining in {city}|weather for {city}|how warm is it in {city} now|check the weather in {city}|look up {city} weather|tell me the weather of {city}",
      ("天气", "下雨", "weather", "rain", "多少度", "warm")),
    T("get_order_status", "Where an order is", {"order_number": of("order_number")},
      "订单{order_number}到哪了|查一下订单{order_number}|我的订单{order_number}发货了吗|{order_number}这个订单什么状态|帮我查订单{order_number}的进度|看看{order_number}送到没有",
      "where is order {order_number}|check order {order_number}|has my order {order_number} shipped|status of order {order_number}|look up order {order_number} for me|track the order {order_number}"),
    T("search_products", "Find products by words", {"query": PRODUCT},
      "搜索{query}|有没有{query}|我想买{query}|帮我找{query}|查找商品{query}|店里卖{query}吗|看看有什么{query}",
      "search for {query}|do you have {query}|i want to buy {query}|find {query}|look for {query} in the shop|show me {query}|is there any {query}"),
    T("create_ticket", "Open a support ticket", {"title": WORDS, "priority": Parameter("string", lambda m, _: m.rng.choice(["low", "normal", "high"]), ("low", "normal", "high"))},
      "建一个工单：{title}，优先级{priority}|帮我提个{priority}的工单，标题{title}|新建工单{title}，级别{priority}|提交{priority}优先级工单：{title}",
      "open a ticket: {title}, priority {priority}|create a {priority} ticket titled {title}|please file a {priority} priority ticket for {title}|new ticket {title}, {priority}"),
    T("send_email", "Send an e-mail", {"to": of("email"), "subject": WORDS},
      "给{to}发邮件，主题是{subject}|发一封邮件到{to}，标题{subject}|写邮件给{to}，主题：{subject}|帮我发邮件，收件人{to}，主题{subject}",
      "send an email to {to} with subject {subject}|email {to} about {subject}|write to {to}, subject {subject}|mail {subject} to {to}",
      ("邮件", "email")),
    T("convert_currency", "Convert an amount", {"amount": number(1, 9999), "currency": Parameter("string", lambda m, _: m.rng.choice(["USD", "EUR", "CNY", "JPY", "GBP"]))},
      "把{amount}换成{currency}|{amount}等于多少{currency}|换算{amount}到{currency}|{amount}块能换多少{currency}",
      "convert {amount} to {currency}|how much is {amount} in {currency}|change {amount} into {currency}|exchange {amount} for {currency}",
      ("汇率", "dollar")),
    T("book_room", "Reserve a meeting room", {"room": Parameter("string", lambda m, _: f"{m.rng.choice('ABCDEFG')}{m.rng.randint(1, 30)}"), "time": Parameter("string", lambda m, _: f"{m.rng.randint(8, 19)}:{m.rng.choice(['00', '30'])}")},
      "预订{room}会议室，{time}|帮我订{time}的{room}|{time}用{room}开会，订一下|把{room}在{time}留给我",
      "book room {room} at {time}|reserve {room} for {time}|i need {room} at {time}|get me room {room}, {time}"),
    T("get_stock", "Pieces in the warehouse", {"product": PRODUCT},
      "{product}还有货吗|查一下{product}的库存|仓库里有多少{product}|{product}还剩多少|{product}库存够不够",
      "is {product} in stock|how many {product} are left|check stock of {product}|how much {product} do we have|stock level for {product}"),
    T("translate", "Translate a text", {"text": WORDS, "language": LANGUAGE},
      "把{text}翻译成{language}|{text}用{language}怎么说|翻译{text}到{language}|{text}译成{language}",
      "translate {text} into {language}|how do you say {text} in {language}|put {text} into {language}|{text} in {language} please",
      ("翻译", "译成", "怎么说", "translate", "how do you say", "into")),
    T("find_person", "Look a colleague up", {"name": of("name")},
      "找一下{name}的联系方式|{name}在哪个部门|查{name}|怎么联系{name}|帮我找{name}",
      "find {name}|how can i reach {name}|look up {name}|which department is {name} in|who is {name}"),
    T("add_reminder", "Remind later", {"text": WORDS, "time": Parameter("string", lambda m, _: f"{m.rng.randint(0, 23)}:{m.rng.choice(['00', '10', '15', '45'])}")},
      "{time}提醒我{text}|到{time}叫我{text}|设个{time}的提醒：{text}|{time}的时候提醒{text}",
      "remind me of {text} at {time}|set a reminder for {time}: {text}|at {time} remind me about {text}|add a reminder {text}, {time}"),
    T("get_invoice", "Fetch an invoice by its number", {"invoice_number": of("invoice_number")},
      "调出发票{invoice_number}|查发票{invoice_number}|帮我找号码为{invoice_number}的发票|打开{invoice_number}号发票",
      "fetch invoice {invoice_number}|find the invoice {invoice_number}|open invoice number {invoice_number}|get me invoice {invoice_number}"),
    T("verify_tax_id", "Check a tax id", {"tax_id": of("seller_tax_id")},
      "核验税号{tax_id}|{tax_id}这个税号对吗|查税号{tax_id}|验证一下{tax_id}",
      "verify tax id {tax_id}|is {tax_id} a valid tax id|check the tax number {tax_id}|validate {tax_id}"),
    T("get_exchange_rate", "Rate between two currencies", {"base": Parameter("string", lambda m, _: m.rng.choice(["USD", "EUR", "CNY"])), "quote": Parameter("string", lambda m, _: m.rng.choice(["JPY", "GBP", "KRW"]))},
      "{base}兑{quote}汇率|{base}对{quote}是多少|查{base}到{quote}的汇率", "rate of {base} to {quote}|exchange rate {base} {quote}|what is {base} against {quote}", ("汇率", "dollar")),
    T("search_documents", "Search the archive", {"query": WORDS, "limit": number(1, 20)},
      "在档案里搜{query}，要{limit}条|查{limit}份关于{query}的文件|搜索文档{query}，最多{limit}个", "search the archive for {query}, {limit} hits|find {limit} documents about {query}|look for {query} in the documents, at most {limit}"),
    T("get_time", "Time in a city", {"city": CITY},
      "{city}现在几点|查{city}时间|{city}那边什么时间了", "what time is it in {city}|local time of {city}|time in {city} now", ("几点", "time")),
    T("cancel_order", "Cancel an order", {"order_number": of("order_number")},
      "取消订单{order_number}|不要{order_number}这单了|帮我退掉{order_number}|撤销{order_number}", "cancel order {order_number}|i do not want {order_number} any more|please drop the order {order_number}|call off {order_number}"),
    T("list_files", "Files of a project", {"project": of("project")},
      "列出{project}的文件|{project}里有哪些文件|看看{project}的资料", "list the files of {project}|what files has {project}|show files in {project}"),
]
