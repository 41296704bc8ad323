/** Invented names throughout: the companies, their streets and telephone numbers do not exist. */
export const CITIES = [
  { region: '上海', prefix: '上海', code: '31' },
  { region: '浙江', prefix: '杭州', code: '33' },
  { region: '江苏', prefix: '苏州', code: '32' },
  { region: '广东', prefix: '广州', code: '44' },
  { region: '北京', prefix: '北京', code: '11' },
  { region: '四川', prefix: '成都', code: '51' },
  { region: '湖北', prefix: '武汉', code: '42' },
] as const;

export const TRADE_NAMES = [
  '云禾川',
  '青岭舟',
  '远帆木',
  '星砚桥',
  '晴川穗',
  '北桐里',
  '南枝白',
  '拾光岛',
  '明月汀',
  '海棠屿',
  '松间雪',
  '长风渡',
] as const;

export const BUSINESSES = [
  '信息技术有限公司',
  '科技股份有限公司',
  '文化传播有限公司',
  '办公用品有限公司',
  '商贸有限公司',
  '物流有限公司',
  '机电设备有限公司',
  '餐饮管理有限公司',
  '建筑装饰工程有限公司',
] as const;

export const STREETS = ['样本路', '示例街', '测试大道', '范本路', '无名巷'] as const;
export const BANKS = ['示例银行', '样本银行', '范例农商银行'] as const;

export interface Goods {
  readonly name: string;
  readonly specification: string;
  readonly unit: string;
  readonly rate: '13%' | '9%' | '6%' | '3%' | '1%' | '免税';
  /** Cents, lowest and highest. */
  readonly price: readonly [number, number];
  readonly quantity: readonly [number, number];
}

export const GOODS: readonly Goods[] = [
  {
    name: '*计算机外部设备*激光打印机',
    specification: 'LP-2260DN',
    unit: '台',
    rate: '13%',
    price: [89900, 219900],
    quantity: [1, 6],
  },
  {
    name: '*纸制品*复印纸',
    specification: 'A4 80g',
    unit: '箱',
    rate: '13%',
    price: [11800, 18900],
    quantity: [2, 40],
  },
  {
    name: '*文具*中性笔',
    specification: '0.5mm',
    unit: '盒',
    rate: '13%',
    price: [1250, 3680],
    quantity: [5, 60],
  },
  {
    name: '*电子计算机*笔记本电脑',
    specification: '14英寸 16G',
    unit: '台',
    rate: '13%',
    price: [429900, 869900],
    quantity: [1, 5],
  },
  {
    name: '*家具*人体工学办公椅',
    specification: 'C300',
    unit: '把',
    rate: '13%',
    price: [45900, 129900],
    quantity: [2, 20],
  },
  {
    name: '*信息技术服务*软件开发服务',
    specification: '',
    unit: '项',
    rate: '6%',
    price: [1500000, 9800000],
    quantity: [1, 1],
  },
  {
    name: '*信息技术服务*云服务器租赁费',
    specification: '8核32G',
    unit: '月',
    rate: '6%',
    price: [98000, 268000],
    quantity: [3, 12],
  },
  {
    name: '*物流辅助服务*仓储服务费',
    specification: '',
    unit: '次',
    rate: '6%',
    price: [35000, 180000],
    quantity: [1, 8],
  },
  {
    name: '*运输服务*国内道路货物运输服务',
    specification: '',
    unit: '吨',
    rate: '9%',
    price: [21000, 68000],
    quantity: [4, 35],
  },
  {
    name: '*餐饮服务*餐费',
    specification: '',
    unit: '次',
    rate: '6%',
    price: [18800, 288000],
    quantity: [1, 1],
  },
  {
    name: '*会展服务*展台搭建及现场技术支持服务费',
    specification: '36平方米',
    unit: '套',
    rate: '6%',
    price: [880000, 2680000],
    quantity: [1, 2],
  },
  {
    name: '*茶及饮料*包装饮用水',
    specification: '550ml*24',
    unit: '箱',
    rate: '13%',
    price: [2850, 4200],
    quantity: [10, 80],
  },
  {
    name: '*金属制品*不锈钢货架',
    specification: '1500*500*2000',
    unit: '组',
    rate: '13%',
    price: [32000, 98000],
    quantity: [2, 16],
  },
  {
    name: '*印刷品*宣传画册',
    specification: '铜版纸157g',
    unit: '本',
    rate: '9%',
    price: [850, 2600],
    quantity: [100, 900],
  },
];

export const EXEMPT_GOODS: readonly Goods[] = [
  {
    name: '*蔬菜*新鲜番茄',
    specification: '散装',
    unit: '公斤',
    rate: '免税',
    price: [450, 980],
    quantity: [50, 300],
  },
  {
    name: '*蔬菜*大白菜',
    specification: '散装',
    unit: '公斤',
    rate: '免税',
    price: [180, 360],
    quantity: [80, 500],
  },
  {
    name: '*蔬菜*土豆',
    specification: '散装',
    unit: '公斤',
    rate: '免税',
    price: [260, 520],
    quantity: [60, 400],
  },
];
