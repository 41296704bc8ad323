"""What documents, orders, certificates and the like say: labels, values, and how people ask for them.

A concept has labels as documents print them, in both languages, and questions that name it without
using the label. Everything here is made up; values come from generators that are seeded by the caller.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Callable

from asks import ASKS
from lexicon import (
    CERT_BODIES, CERT_LEVELS, CERT_MAJORS, CITIES, COMPANY_EN, COMPANY_SUFFIX_EN, COMPANY_SUFFIX_ZH,
    COMPANY_ZH, DEPARTMENTS, EN_FIRST, EN_LAST, HAN, INDUSTRIES, PRODUCTS, STREETS, UNITS, ZH_GIVEN, ZH_SURNAMES,
)

Value = Callable[[Random, str], str]


def digits(rng: Random, count: int) -> str:
    return "".join(rng.choice("0123456789") for _ in range(count))


def letters(rng: Random, count: int) -> str:
    return "".join(rng.choice("ABCDEFGHJKLMNPQRSTUVWXYZ") for _ in range(count))


def money(rng: Random, language: str) -> str:
    value = round(rng.choice([9.9, 99, 999, 9999, 99999, 999999]) * rng.random(), 2)
    body = f"{value:,.2f}" if rng.random() < 0.3 else f"{value:.2f}"
    form = rng.random()
    if form < 0.55:
        return body
    if form < 0.75:
        return f"¥{body}" if language == "zh" or rng.random() < 0.5 else f"${body}"
    return f"{body}元" if language == "zh" else f"{body} {rng.choice(['USD', 'EUR', 'CNY', 'GBP'])}"


def date(rng: Random, language: str) -> str:
    year, month, day = rng.randint(1998, 2031), rng.randint(1, 12), rng.randint(1, 28)
    form = rng.random()
    if form < 0.5:
        return f"{year}-{month:02d}-{day:02d}"
    if language == "zh":
        return f"{year}年{month}月{day}日" if form < 0.85 else f"{year}/{month}/{day}"
    name = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][month - 1]
    return f"{day} {name} {year}" if form < 0.75 else f"{name} {day}, {year}"


def person(rng: Random, language: str) -> str:
    if language == "zh":
        given = "".join(rng.choice(ZH_GIVEN) for _ in range(rng.choice([1, 2, 2])))
        return rng.choice(ZH_SURNAMES) + given
    return f"{rng.choice(EN_FIRST)} {rng.choice(EN_LAST)}"


def han(rng: Random, low: int, high: int) -> str:
    return "".join(rng.choice(HAN) for _ in range(rng.randint(low, high)))


def company(rng: Random, language: str) -> str:
    if language == "zh":
        name = rng.choice(COMPANY_ZH) if rng.random() < 0.5 else han(rng, 2, 4)
        return f"{rng.choice(CITIES)[0]}{name}{rng.choice(INDUSTRIES)[0]}{rng.choice(COMPANY_SUFFIX_ZH)}"
    return f"{rng.choice(COMPANY_EN)} {rng.choice(INDUSTRIES)[1]} {rng.choice(COMPANY_SUFFIX_EN)}"


def tax_id(rng: Random, _: str) -> str:
    return "91" + digits(rng, 6) + "".join(rng.choice("0123456789ABCDEFGHJKLMNPQRTUWXY") for _ in range(10))


def address(rng: Random, language: str) -> str:
    street = rng.choice(STREETS)
    if language == "zh":
        return f"{rng.choice(CITIES)[0]}市{street[0]}{rng.randint(1, 999)}号"
    return f"{rng.randint(1, 999)} {street[1]}, {rng.choice(CITIES)[1]}"


def phone(rng: Random, language: str) -> str:
    if language == "zh":
        return "1" + digits(rng, 10) if rng.random() < 0.6 else f"0{digits(rng, 2)}-{digits(rng, 8)}"
    return f"+{rng.randint(1, 99)} {digits(rng, 3)} {digits(rng, 4)} {digits(rng, 3)}"


def email(rng: Random, _: str) -> str:
    return f"{rng.choice(EN_FIRST).lower()}.{rng.choice(EN_LAST).lower()}@{rng.choice(COMPANY_EN).lower()}.{rng.choice(['com', 'cn', 'org', 'net'])}"


def one_of(pairs: list[tuple[str, str]]) -> Value:
    return lambda rng, language: rng.choice(pairs)[0 if language == "zh" else 1]


def code(prefixes: str, count: int) -> Value:
    return lambda rng, _: rng.choice(prefixes.split("|")) + digits(rng, count)


UPPER = "零壹贰叁肆伍陆柒捌玖"


def in_words(rng: Random, language: str) -> str:
    if language == "en" and rng.random() < 0.5:
        return f"{rng.choice(['one', 'two', 'three', 'five', 'nine'])} thousand {rng.choice(['four', 'six', 'seven', 'eight'])} hundred"
    return f"{rng.choice(UPPER[1:])}仟{rng.choice(UPPER[1:])}佰{rng.choice(UPPER[1:])}拾{rng.choice(UPPER[1:])}圆{rng.choice(['整', rng.choice(UPPER[1:]) + '角整', rng.choice(UPPER[1:]) + '角' + rng.choice(UPPER[1:]) + '分'])}"


@dataclass(frozen=True)
class Concept:
    key: str
    """Property name in JSON and argument name of tools."""
    zh: list[str]
    en: list[str]
    value: Value
    ask_zh: list[str] = field(default_factory=list)
    """Questions that do not use the label."""
    ask_en: list[str] = field(default_factory=list)

    def labels(self, language: str) -> list[str]:
        return self.zh if language == "zh" else self.en

    def asks(self, language: str) -> list[str]:
        return self.ask_zh if language == "zh" else self.ask_en


def C(key, zh, en, value, ask_zh="", ask_en=""):
    split = lambda text: [part.strip() for part in text.split("|") if part.strip()]
    more_zh, more_en = ASKS.get(key, ("", ""))
    return Concept(key, split(zh), split(en), value, split(f"{ask_zh}|{more_zh}"), split(f"{ask_en}|{more_en}"))


RATE = lambda rng, _: rng.choice(["13%", "9%", "6%", "3%", "1%", "5%", "0%"])
NUMBER = lambda rng, _: str(rng.choice([rng.randint(1, 20), rng.randint(1, 999), rng.randint(1000, 99999)]))
ITEM = one_of(PRODUCTS)

INVOICE = [
    C("invoice_type", "类型|发票类型", "type|invoice type", one_of([("增值税电子普通发票", "VAT electronic invoice"), ("增值税专用发票", "VAT special invoice"), ("电子发票", "electronic invoice"), ("机打发票", "printed invoice"), ("收据", "receipt")]),
      "这是什么发票|这张票是哪一种", "what kind of invoice is it|which kind of document is this"),
    C("invoice_code", "发票代码", "Invoice code", lambda r, _: digits(r, r.choice([10, 12])), "代码多少", "what code does the invoice have"),
    C("invoice_number", "发票号码|号码", "Invoice number|Invoice no.", lambda r, _: digits(r, r.choice([8, 20])),
      "票号多少|这张票的编号是多少|几号发票", "what number does the invoice carry|which invoice is it by number"),
    C("date", "开票日期|日期", "Date of issue|Invoice date", date, "什么时候开的票|哪天开的|票是几号开出来的|开具于哪一天",
      "when was it issued|what day was the invoice made out|on which day was it billed"),
    C("check_code", "校验码", "Check code", lambda r, _: digits(r, 20), "", ""),
    C("buyer", "购买方名称|购买方|买方", "Buyer|Customer|Bill to", company, "谁买的|票是开给谁的|抬头是谁|付款的公司是哪家",
      "who bought it|who is it made out to|who is being billed|which company pays"),
    C("buyer_tax_id", "购买方税号|购买方纳税人识别号", "Buyer tax id", tax_id, "买家的税号|抬头税号是多少", "the tax number of the customer|tax id of the company that pays"),
    C("seller", "销售方名称|销售方|卖方", "Seller|Vendor|Supplier", company, "谁开的票|哪家公司卖的|商家是谁|卖家叫什么|供应商是哪家",
      "who sold it|who issued this|which company sent the bill|what is the merchant called"),
    C("seller_tax_id", "销售方税号|销售方纳税人识别号", "Seller tax id", tax_id, "卖家的税号|商家税号是多少", "the tax number of the vendor|tax id of the merchant"),
    C("net_amount", "合计金额|不含税金额", "Net amount|Subtotal", money, "不含税是多少|税前多少钱|没加税之前多少", "how much before tax|what is it without tax"),
    C("tax_amount", "合计税额|税额", "Tax|VAT amount", money, "交了多少税|税是多少|税金多少", "how much tax is on it|how much vat was charged"),
    C("total_in_words", "价税合计（大写）|大写金额", "Total in words", in_words, "大写怎么写|大写是什么", "how is the amount written out"),
    C("total", "价税合计（小写）|价税合计|总金额|合计", "Total (价税合计 小写)|Total|Amount due|Total amount", money,
      "一共多少钱|总共要付多少|总价多少|花了多少钱|要给多少|含税一共多少", "how much is it in all|how much do i have to pay|what does it come to|what was spent|how much altogether"),
    C("verdict", "verdict|结论", "verdict", lambda r, _: r.choice(["PASS", "REVIEW", "REJECT"]), "核对结果怎么样|这张票能通过吗|审核结论是什么", "did it pass the checks|what came out of the checks"),
    C("payee", "收款人", "Payee", person, "谁收的款", "who received the money"),
    C("drawer", "开票人", "Drawer|Issued by", person, "经办开票的是谁", "which clerk wrote it"),
    C("remark", "备注", "Remark|Notes", lambda r, l: (han(r, 3, 8) if l == "zh" else f"{r.choice(PRODUCTS)[1]} {digits(r, 4)}"), "备注里写了什么", "what do the notes say"),
]
CERTIFICATE = [
    C("name", "姓名", "Name|Holder", person, "证书是谁的|持证人叫什么|这是谁的证件", "whose certificate is it|who holds it"),
    C("sex", "性别", "Sex", one_of([("男", "male"), ("女", "female")]), "是男是女|持证人是男的还是女的", "is the holder a man or a woman"),
    C("id_number", "身份证号|公民身份号码|身份证号码", "ID number", lambda r, _: digits(r, 17) + r.choice("0123456789X"), "证件号多少", "number of the identity card"),
    C("certificate_number", "证书编号|证书号", "Certificate number|Certificate no.", lambda r, _: letters(r, r.choice([0, 2, 3])) + digits(r, r.choice([8, 11, 14])),
      "证书的号是多少|证号多少", "what number has the certificate"),
    C("major", "专业|专业类别", "Field|Profession", one_of(CERT_MAJORS), "是什么专业的|哪个专业方向", "what is it for|in which profession"),
    C("level", "级别|等级", "Level|Grade", one_of(CERT_LEVELS), "是几级的|什么级别", "how high is the grade"),
    C("issuer", "发证机关|签发机关", "Issuing authority|Issued by", one_of(CERT_BODIES), "谁发的证|哪个单位颁发的|在哪里发的证", "who issued the certificate|which authority gave it out"),
    C("issue_date", "发证日期|批准日期", "Date of approval|Issued on", date, "什么时候发的证|哪天批准的", "when was the certificate given|when was it approved"),
    C("valid_until", "有效期至|有效期", "Valid until|Expiry date", date, "什么时候到期|哪天过期|能用到什么时候", "when does it expire|how long is it good for|until when can it be used"),
    C("birth_date", "出生日期|出生", "Date of birth", date, "什么时候出生的|哪天生日", "when was the holder born"),
    C("nationality", "民族|国籍", "Nationality", one_of([("汉", "Chinese"), ("回", "French"), ("满", "German"), ("壮", "Canadian"), ("中国", "Japanese"), ("苗", "Brazilian")]), "是哪个民族", "from which country is the holder"),
]
ORDER = [
    C("order_number", "订单号|订单编号", "Order number|Order no.", code("SO|PO|A|ORD-|", 9), "订单的编号|哪一单", "which order is it"),
    C("product", "商品|商品名称|产品", "Product|Item", ITEM, "买了什么|订的是什么东西|购买的是哪样东西", "what was bought|what did they order|which thing is it"),
    C("quantity", "数量", "Quantity|Qty", NUMBER, "买了几个|有多少件|订了多少", "how many were ordered|how many pieces"),
    C("unit_price", "单价", "Unit price|Price each", money, "一个多少钱|每件什么价", "how much is one|what does each cost"),
    C("price", "价格|售价", "Price", money, "多少钱|卖什么价|要多少钱", "how much does it cost|what does it cost"),
    C("stock", "库存", "Stock|In stock", NUMBER, "还有多少货|还剩几个|仓库里还有多少", "how many are left|how many does the warehouse hold"),
    C("carrier", "快递公司|承运商", "Carrier|Shipped with", one_of([("顺达快递", "Swift Parcel"), ("飞羽物流", "Feather Freight"), ("长风速运", "Longwind Express"), ("东海货运", "Eastsea Cargo"), ("云驰快递", "Cloudrun Post")]), "谁送的货|用哪家快递|哪家物流公司送", "who delivers it|which company ships it"),
    C("tracking_number", "快递单号|运单号", "Tracking number|Tracking no.", code("SF|YT|LF|TN", 12), "物流单号多少|怎么查快递", "which number tracks the parcel"),
    C("ship_date", "发货日期", "Ship date|Shipped on", date, "什么时候发货|哪天寄出的", "when was it sent|when did it leave"),
    C("delivery_date", "预计送达|送达日期", "Delivery date|Arrives on", date, "什么时候能到|哪天送到", "when does it arrive|when will it be here"),
    C("address", "地址|收货地址", "Address|Ship to", address, "送到哪里|寄到什么地方|住在哪儿", "where does it go|where is it delivered"),
    C("contact", "联系人", "Contact|Contact person", person, "找谁联系|该联系谁", "who should i talk to|whom do i call"),
    C("phone", "电话|联系电话|手机", "Phone|Telephone", phone, "怎么打电话给他们|联系号码是什么", "how can i call them|at which number can they be reached"),
    C("email", "邮箱|电子邮箱", "Email|E-mail", email, "邮件发到哪里|怎么发邮件", "where do i write to|to which mail address"),
    C("status", "状态", "Status", one_of([("已发货", "shipped"), ("处理中", "in progress"), ("已完成", "completed"), ("已取消", "cancelled"), ("待付款", "awaiting payment"), ("运输中", "in transit"), ("已退款", "refunded")]), "现在怎么样了|到哪一步了|进展如何", "how far along is it|where does it stand|what is going on with it"),
    C("payment", "付款方式|支付方式", "Payment|Payment method", one_of([("微信支付", "card"), ("银行转账", "bank transfer"), ("现金", "cash"), ("信用卡", "credit card"), ("对公转账", "cheque")]), "怎么付的钱|用什么支付", "how was it paid|how do they pay"),
]
OFFICE = [
    C("meeting_time", "会议时间|开会时间", "Meeting time", lambda r, l: f"{r.randint(8, 19)}:{r.choice(['00', '15', '30', '45'])}", "几点开会|什么时候开会", "when do we meet|at what time is the meeting"),
    C("meeting_room", "会议地点|会议室", "Meeting room|Location", lambda r, l: (f"{r.randint(1, 30)}楼{r.randint(1, 9)}号会议室" if l == "zh" else f"room {r.randint(100, 999)}"), "在哪里开会|哪个房间开", "where do we meet|in which room is it"),
    C("host", "主持人", "Host|Chair", person, "会议谁来主持|谁主持", "who leads the meeting"),
    C("department", "部门", "Department", one_of(DEPARTMENTS), "是哪个部门的|归哪个部门管", "to which department does it belong"),
    C("manager", "负责人|经理", "Manager|Owner", person, "谁负责|归谁管|谁是头儿", "who is in charge|who is responsible"),
    C("deadline", "截止日期|截止时间", "Deadline|Due date", date, "最晚什么时候|哪天之前要交|什么时候到期交", "by when is it due|until when do we have time"),
    C("budget", "预算", "Budget", money, "可以花多少|预算有多少", "how much may be spent"),
    C("topic", "主题|议题", "Topic|Subject", lambda r, l: (han(r, 2, 3) + r.choice(["方案", "评审", "计划", "总结", "培训"]) if l == "zh" else f"{r.choice(PRODUCTS)[1]} {r.choice(['review', 'plan', 'launch', 'training'])}"), "讲的是什么|关于什么的", "what is it about"),
    C("project", "项目|项目名称", "Project", lambda r, l: (han(r, 2, 4) + "项目" if l == "zh" else f"{r.choice(COMPANY_EN)} {r.choice(['upgrade', 'migration', 'rollout', 'audit'])}"), "是哪个项目|叫什么项目", "which project is it"),
    C("version", "版本|版本号", "Version", lambda r, _: f"{r.randint(0, 12)}.{r.randint(0, 20)}.{r.randint(0, 30)}", "是哪一版|装的是几版", "which release is it"),
    C("temperature", "温度", "Temperature", lambda r, l: f"{r.randint(-20, 42)}{r.choice(['°C', '℃'])}", "多少度|冷不冷，几度", "how warm is it|how many degrees"),
    C("weight", "重量", "Weight", lambda r, l: f"{r.randint(1, 999)}.{r.randint(0, 9)} {r.choice(['kg', 'g', 't'])}", "有多重|几公斤", "how heavy is it"),
    C("size", "尺寸|规格", "Size|Dimensions", lambda r, _: f"{r.randint(1, 200)}x{r.randint(1, 200)} {r.choice(['cm', 'mm'])}", "有多大|多长多宽", "how big is it"),
    C("colour", "颜色", "Colour|Color", one_of([("红色", "red"), ("蓝色", "blue"), ("黑色", "black"), ("白色", "white"), ("绿色", "green"), ("灰色", "grey"), ("黄色", "yellow"), ("银色", "silver")]), "是什么色的|什么颜色的", "which colour does it have"),
    C("brand", "品牌", "Brand", lambda r, l: (han(r, 2, 3) if l == "zh" else r.choice(COMPANY_EN)), "哪个牌子|什么牌子的", "who makes it|which make is it"),
    C("bank", "开户行|开户银行", "Bank", lambda r, l: (f"{han(r, 2, 2)}银行{r.choice(CITIES)[0]}分行" if l == "zh" else f"{r.choice(COMPANY_EN)} Bank"), "在哪家银行开户|是哪个银行", "at which bank is the account"),
    C("account", "账号|银行账号", "Account|Account number", lambda r, _: digits(r, r.choice([12, 16, 19])), "钱打到哪个户头|卡号是多少", "to which account does the money go"),
    C("website", "网址|网站", "Website", lambda r, _: f"www.{r.choice(COMPANY_EN).lower()}{digits(r, 2)}.com", "哪里能上网看", "where is it on the web"),
    C("legal_person", "法定代表人", "Legal representative", person, "公司法人是谁", "who represents the company by law"),
    C("capital", "注册资本", "Registered capital", lambda r, l: f"{r.randint(1, 9999)}{'万元' if l == 'zh' else ' million'}", "公司注册了多少钱", "with how much capital was it founded"),
    C("speaker", "发言人", "Speaker", person, "谁在讲话|说话的是谁", "who is talking"),
    C("train", "车次", "Train", lambda r, _: r.choice("GDKZ") + digits(r, r.choice([2, 3, 4])), "坐哪趟车|几次列车", "which train is taken"),
    C("seat", "座位|座位号", "Seat", lambda r, l: (f"{r.randint(1, 16):02d}车{r.randint(1, 18):02d}{r.choice('ABCDF')}号" if l == "zh" else f"{r.randint(1, 60)}{r.choice('ABCDEF')}"), "坐在哪里|坐哪个位置", "where do i sit"),
    C("departure", "出发地|始发站", "Departure|From", one_of(CITIES), "从哪里走|从哪儿出发", "where does it start"),
    C("destination", "目的地|终点站", "Destination", one_of(CITIES), "去哪里|到哪儿去|要到什么地方", "where does it go to|where does the trip end"),
    C("rating", "评分", "Rating", lambda r, _: f"{r.randint(1, 9)}.{r.randint(0, 9)}", "大家打几分|口碑几分", "how do people rate it"),
    C("unit", "单位", "Unit", one_of(UNITS), "", ""),
    C("opening_hours", "开放时间|营业时间", "Opening hours|Open", lambda r, l: f"{r.randint(6, 11)}:{r.choice(['00', '30'])}{r.choice(['-', ' - ', '–', '至'] if l == 'zh' else ['-', ' - ', ' to '])}{r.randint(15, 23)}:{r.choice(['00', '30'])}",
      "什么时候营业|开到几点|几点到几点开|什么钟点开放|营业到什么时候|每天几点开", "when are they open|how late is it open|from when to when is it open|at what hour does it close|when can i come"),
    C("admission", "门票|票价", "Admission|Ticket", money, "进去要多少钱|门票怎么卖|一张票多少钱|入场费多少|票多少钱", "what does entry cost|how much is a ticket|price of admission|what do i pay to get in"),
    C("parking", "停车|停车费", "Parking", lambda r, l: f"每小时{r.randint(2, 20)}元" if l == "zh" else f"{r.randint(1, 9)} per hour", "停车多少钱|停车费怎么算|哪里停车，要多少|车停那儿收多少", "what does parking cost|how much is it to park|can i park, and for how much"),
    C("duration", "时长|工期", "Duration|Length", lambda r, l: f"{r.randint(2, 180)}{r.choice(['分钟', '天', '小时', '个月'])}" if l == "zh" else f"{r.randint(2, 180)} {r.choice(['minutes', 'days', 'hours', 'months'])}",
      "要多久|持续多长时间|多长时间|需要几天", "how long does it take|how long is it|for how long|how much time does it need"),
    C("capacity", "容量|人数", "Capacity|Number of people", lambda r, _: str(r.randint(2, 900)), "坐得下多少人|几个人|能装多少|多少人参加", "how many people fit in|how many can come|how many people are there|how much does it hold"),
    C("currency", "币种", "Currency", lambda r, l: r.choice(["人民币", "美元", "欧元", "日元"] if l == "zh" else ["USD", "EUR", "CNY", "GBP", "JPY"]), "用什么钱付|哪国货币|按什么货币算", "in which money is it|which currency is used|dollars or euros"),
    C("discount", "折扣|优惠", "Discount", lambda r, l: f"{r.randint(1, 9)}折" if l == "zh" and r.random() < 0.5 else f"{r.randint(1, 60)}%", "打几折|便宜多少|优惠了多少", "how much is taken off|how much cheaper is it|what reduction is there"),
    C("deposit", "押金|定金", "Deposit", money, "先交多少|要押多少钱|定金付多少", "how much up front|what must be paid in advance|how much is held as security"),
]
DOMAINS: dict[str, list[Concept]] = {"invoice": INVOICE, "certificate": CERTIFICATE, "order": ORDER, "office": OFFICE}
ALL = [concept for domain in DOMAINS.values() for concept in domain]
