import type { CertificateFieldName, CertificateKind } from '@trivium/contracts/certificates';

export interface AnchorRule {
  /** `other`: a label whose value nobody needs; it still ends the value before it. */
  readonly name: CertificateFieldName | 'other';
  /** Lower case, without blanks. */
  readonly text: string;
  /** The words occur in running text as well: only a label that stands by itself counts. */
  readonly alone?: true;
}

const many = (name: AnchorRule['name'], ...texts: string[]): AnchorRule[] =>
  texts.map((text) => ({ name, text }));
const alone = (name: AnchorRule['name'], ...texts: string[]): AnchorRule[] =>
  texts.map((text) => ({ name, text, alone: true }));

/** How issuers call the fields, by kind. */
export const ANCHOR_RULES = {
  'professional-certificate': [
    ...many('name', '姓名', '持证人'),
    ...many('sex', '性别'),
    ...many('birthDate', '出生日期', '出生年月日', '出生年月'),
    ...many('idNumber', '身份证号码', '身份证号', '公民身份号码', '证件号码'),
    ...many('profession', '专业名称', '专业类别', '作业类别', '操作项目'),
    ...alone('profession', '专业', '类别'),
    ...many('level', '职称级别', '资格级别', '资格名称'),
    ...alone('level', '级别', '等级'),
    ...many('certificateNumber', '证书编号', '证书号码', '管理号'),
    ...alone('certificateNumber', '证书号', '编号', '证号'),
    ...many('issueDate', '批准日期', '发证日期', '签发日期', '颁发日期', '授予日期', '初领日期'),
    ...many('expiryDate', '有效期至', '有效期限', '有效期'),
    ...many('issuer', '发证机关', '签发机关', '发证单位', '颁发机构', '批准机关'),
    ...many('other', '工作单位', '学历', '考试时间'),
  ],
  'identity-card-front': [
    ...many('name', '姓名'),
    ...many('sex', '性别'),
    ...many('ethnicity', '民族'),
    ...many('birthDate', '出生'),
    ...many('address', '住址'),
    ...many('idNumber', '公民身份号码'),
  ],
  'identity-card-back': [...many('issuer', '签发机关'), ...many('expiryDate', '有效期限')],
  'business-license': [
    ...many('creditCode', '统一社会信用代码'),
    ...alone('name', '名称', '企业名称', '称', '名'),
    ...alone('companyType', '类型', '型', '类'),
    ...many('legalRepresentative', '法定代表人', '经营者', '负责人'),
    ...many('registeredCapital', '注册资本'),
    ...many('establishedDate', '成立日期', '注册日期'),
    ...many('expiryDate', '营业期限'),
    ...alone('address', '住所', '营业场所', '经营场所', '所', '住'),
    ...many('businessScope', '经营范围'),
    ...many('other', '登记机关', '组成形式', '证照编号', '国家企业信用信息公示系统'),
  ],
  passport: [
    ...many('passportNumber', '护照号/passportno', '护照号', 'passportno'),
    ...many('surname', '姓/surname', 'surname'),
    ...many('givenNames', '名/givennames', 'givennames'),
    ...many('sex', '性别/sex', '性别'),
    ...many('birthDate', '出生日期/dateofbirth', '出生日期', 'dateofbirth'),
    ...many('issueDate', '签发日期/dateofissue', '签发日期', 'dateofissue'),
    ...many('expiryDate', '有效期至/dateofexpiry', '有效期至', 'dateofexpiry'),
    ...many('issuer', '签发机关/authority', '签发机关', 'authority'),
    ...many(
      'other',
      '类型/type',
      '国家码/countrycode',
      '国籍/nationality',
      '出生地点/placeofbirth',
      '签发地点/placeofissue',
      '持照人签名/bearerssignature',
    ),
  ],
} as const satisfies Record<CertificateKind, readonly AnchorRule[]>;

/** Whether the value may go on in the lines below it: people's names never do. */
export function goesOn(kind: CertificateKind, name: AnchorRule['name']): boolean {
  if (name === 'name') return kind === 'business-license';
  return name === 'address' || name === 'businessScope' || name === 'companyType';
}
