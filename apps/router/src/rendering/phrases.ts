import type {
  DocumentCheck,
  InvoiceDetailName,
  InvoiceFieldName,
  InvoiceItemCell,
} from '@trivium/contracts/invoice';
import type { Language } from './language.js';

/** Everything that rendering says by itself, in both languages. */
export interface Phrases {
  readonly fields: Readonly<Record<InvoiceFieldName, string>>;
  readonly details: Readonly<Record<InvoiceDetailName, string>>;
  readonly cells: Readonly<Record<InvoiceItemCell, string>>;
  readonly checks: Readonly<Record<DocumentCheck['id'], string>>;
  readonly verdicts: Readonly<Record<'PASS' | 'REVIEW' | 'REJECT', string>>;
  readonly field: string;
  readonly value: string;
  readonly items: string;
  readonly checksTitle: string;
  readonly verdict: string;
  readonly reasons: string;
  readonly missing: string;
  readonly unknownDocument: string;
  readonly separator: string;
  readonly comma: string;
  readonly semicolon: string;
  readonly confidence: (percent: number) => string;
  readonly missingField: (field: string) => string;
  readonly lowConfidence: (field: string) => string;
  readonly unclearField: (field: string) => string;
  readonly expected: (expected: string, actual: string) => string;
  /** Names what has no name of its own: `picture`, `picture 2`. */
  readonly label: (label: string) => string;
  readonly textIn: (label: string) => string;
  readonly noTextIn: (label: string) => string;
  readonly page: (page: number) => string;
  readonly cut: string;
  /** Stands for a marked picture where it cannot be shown. */
  readonly markedPage: string;
  readonly noPlaces: string;
  readonly pictureAway: string;
  readonly noModel: string;
  readonly noModelChat: string;
  readonly modelFailed: string;
  readonly modelBrokeOff: string;
}

const ZH: Phrases = {
  fields: {
    code: '发票代码',
    number: '发票号码',
    date: '开票日期',
    checkCode: '校验码',
    buyerName: '购买方名称',
    buyerTaxId: '购买方税号',
    sellerName: '销售方名称',
    sellerTaxId: '销售方税号',
    netAmount: '合计金额',
    taxAmount: '合计税额',
    totalInWords: '价税合计（大写）',
    total: '价税合计（小写）',
  },
  details: {
    machineNumber: '机器编号',
    trainNumber: '车次',
    departureStation: '出发站',
    arrivalStation: '到达站',
    departureDate: '乘车日期',
    departureTime: '开车时间',
    seat: '座位',
    seatClass: '席别',
    passengerName: '乘车人',
    passengerId: '证件号',
    ticketNumber: '电子客票号',
    plateNumber: '车号',
    boardingTime: '上车时间',
    alightingTime: '下车时间',
    unitPrice: '单价',
    distance: '里程',
    currency: '币种',
    orderNumber: '订单号',
    dueDate: '付款期限',
    discount: '折扣',
    shipping: '运费',
    gratuity: '小费',
    amountPaid: '已付金额',
    amountDue: '应付金额',
  },
  cells: {
    name: '货物或服务名称',
    specification: '规格型号',
    unit: '单位',
    quantity: '数量',
    unitPrice: '单价',
    amount: '金额',
    taxRate: '税率',
    taxAmount: '税额',
  },
  checks: {
    'items-sum-to-net': '明细金额之和 = 合计金额',
    'items-tax-sums-to-tax': '明细税额之和 = 合计税额',
    'item-tax-matches-rate': '每行金额 × 税率 = 税额',
    'item-amount-matches-quantity': '每行数量 × 单价 = 金额',
    'items-sum-to-total': '明细金额之和 = 合计',
    'net-plus-tax-is-total': '合计金额 + 合计税额 = 价税合计',
    'words-equal-figures': '大写金额 = 小写金额',
    'code-format': '发票代码格式',
    'number-format': '发票号码格式',
    'check-code-format': '校验码格式',
    'buyer-tax-id': '购买方税号校验',
    'seller-tax-id': '销售方税号校验',
    'date-plausible': '开票日期合理',
    'due-date-not-before-date': '付款期限不早于开票日期',
    'amount-due-is-total-less-paid': '总额 − 已付 = 应付',
    'one-currency': '币种一致',
    'qr-agrees': '二维码与票面一致',
    'qr-checksum': '二维码校验和',
  },
  verdicts: { PASS: '✓ 通过', REVIEW: '需要人工复核', REJECT: '✗ 不通过' },
  field: '项目',
  value: '内容',
  items: '明细',
  checksTitle: '核对',
  verdict: '结论',
  reasons: '原因',
  missing: '未读到',
  unknownDocument: '发票',
  separator: '：',
  comma: '，',
  semicolon: '；',
  confidence: (percent) => `（置信度 ${percent}%）`,
  missingField: (field) => `未读到${field}`,
  unclearField: (field) => `${field}的含义不确定`,
  lowConfidence: (field) => `${field}的置信度低`,
  expected: (expected, actual) => `应为 ${expected}，实为 ${actual}`,
  label: (label) => label.replace(/^picture(?= \d+$|$)/, '图片'),
  textIn: (label) => `${label}中的文字`,
  noTextIn: (label) => `${label}中没有识别到文字。`,
  page: (page) => `第 ${page} 页`,
  cut: '……（其余部分从略）',
  markedPage: '标注了位置的页面',
  noPlaces: '没有读到所问内容的位置，无法在图上标出。',
  pictureAway: '原件已不在，无法在图上标出；读到的内容如下。',
  noModel:
    '尚未配置语言模型，以上内容均由识别与规则直接得出；运行 trivium models pull smollm2-135m-instruct 可添加本地模型，设置 TEXT_UPSTREAM_URL 和 TEXT_UPSTREAM_MODEL（或在 models/text.yaml 中列出模型）并重启 text-inference 可接入云端模型。',
  noModelChat:
    '尚未配置语言模型，目前只能回答关于发票等单据和图片文字的问题；运行 trivium models pull smollm2-135m-instruct 可添加本地模型，设置 TEXT_UPSTREAM_URL 和 TEXT_UPSTREAM_MODEL（或在 models/text.yaml 中列出模型）并重启 text-inference 可接入云端模型。',
  modelFailed: '语言模型暂时无法回答，以上是已经读取到的全部内容，请稍后再问。',
  modelBrokeOff: '（语言模型的回答在此中断，请稍后再问。）',
};

const EN: Phrases = {
  fields: {
    code: 'Invoice code',
    number: 'Invoice number',
    date: 'Date of issue',
    checkCode: 'Check code',
    buyerName: 'Buyer',
    buyerTaxId: 'Buyer tax id',
    sellerName: 'Seller',
    sellerTaxId: 'Seller tax id',
    netAmount: 'Net amount',
    taxAmount: 'Tax',
    totalInWords: 'Total in words (价税合计 大写)',
    total: 'Total (价税合计 小写)',
  },
  details: {
    machineNumber: 'Machine number',
    trainNumber: 'Train',
    departureStation: 'From',
    arrivalStation: 'To',
    departureDate: 'Date of travel',
    departureTime: 'Departure',
    seat: 'Seat',
    seatClass: 'Class',
    passengerName: 'Passenger',
    passengerId: 'Passenger id',
    ticketNumber: 'Ticket number',
    plateNumber: 'Plate',
    boardingTime: 'Boarded',
    alightingTime: 'Alighted',
    unitPrice: 'Price per kilometre',
    distance: 'Kilometres',
    currency: 'Currency',
    orderNumber: 'Purchase order',
    dueDate: 'Due date',
    discount: 'Discount',
    shipping: 'Shipping',
    gratuity: 'Gratuity',
    amountPaid: 'Amount paid',
    amountDue: 'Amount due',
  },
  cells: {
    name: 'Item',
    specification: 'Specification',
    unit: 'Unit',
    quantity: 'Quantity',
    unitPrice: 'Unit price',
    amount: 'Amount',
    taxRate: 'Tax rate',
    taxAmount: 'Tax',
  },
  checks: {
    'items-sum-to-net': 'item amounts add up to the net amount',
    'items-tax-sums-to-tax': 'item taxes add up to the tax',
    'item-tax-matches-rate': 'amount × rate = tax on each row',
    'item-amount-matches-quantity': 'quantity × unit price = amount on each row',
    'items-sum-to-total': 'item amounts add up to the total',
    'net-plus-tax-is-total': 'net amount + tax = total',
    'words-equal-figures': 'total in words = total in figures',
    'code-format': 'format of the invoice code',
    'number-format': 'format of the invoice number',
    'check-code-format': 'format of the check code',
    'buyer-tax-id': 'check digit of the buyer tax id',
    'seller-tax-id': 'check digit of the seller tax id',
    'date-plausible': 'plausible date of issue',
    'due-date-not-before-date': 'due date not before the date of issue',
    'amount-due-is-total-less-paid': 'total less payments = amount due',
    'one-currency': 'one currency throughout',
    'qr-agrees': 'QR code agrees with the page',
    'qr-checksum': 'QR code checksum',
  },
  verdicts: { PASS: '✓ passed', REVIEW: 'needs a review by a person', REJECT: '✗ rejected' },
  field: 'Field',
  value: 'Value',
  items: 'Items',
  checksTitle: 'Checks',
  verdict: 'Verdict',
  reasons: 'reasons',
  missing: 'not read',
  unknownDocument: 'Invoice',
  separator: ': ',
  comma: ', ',
  semicolon: '; ',
  confidence: (percent) => ` (confidence ${percent}%)`,
  missingField: (field) => `${field} was not read`,
  unclearField: (field) => `the meaning of ${field} is not certain`,
  lowConfidence: (field) => `low confidence in ${field}`,
  expected: (expected, actual) => `expected ${expected}, found ${actual}`,
  label: (label) => (label === 'picture' ? 'the picture' : label),
  textIn: (label) => `Text in ${label}`,
  noTextIn: (label) => `No text was found in ${label}.`,
  page: (page) => `Page ${page}`,
  cut: '… (the rest is left out)',
  markedPage: 'the page with the places marked',
  noPlaces: 'The place of what you ask for is not known, so it cannot be marked.',
  pictureAway: 'The document is no longer at hand, so nothing can be marked; this is what was read.',
  noModel:
    'No language model is configured, so everything above comes from reading and rules alone; to add a local one, run trivium models pull smollm2-135m-instruct; for one in the cloud, set TEXT_UPSTREAM_URL and TEXT_UPSTREAM_MODEL (or list models in models/text.yaml) and restart text-inference.',
  noModelChat:
    'No language model is configured, so only questions about documents such as invoices and about text in pictures can be answered; to add a local one, run trivium models pull smollm2-135m-instruct; for one in the cloud, set TEXT_UPSTREAM_URL and TEXT_UPSTREAM_MODEL (or list models in models/text.yaml) and restart text-inference.',
  modelFailed:
    'The language model cannot answer right now; the above is everything that was read, so please ask again later.',
  modelBrokeOff: '(The language model broke off here; please ask again later.)',
};

const PHRASES: Readonly<Record<Language, Phrases>> = { zh: ZH, en: EN };

export function phrasesFor(language: Language): Phrases {
  return PHRASES[language];
}
