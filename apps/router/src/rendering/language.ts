export type Language = 'zh' | 'en';

/** The language to answer in: that of the question, else of whatever else there is to go by. */
export function languageOf(question: string, fallback = ''): Language {
  for (const text of [question, fallback]) {
    if (/\p{Script=Han}/u.test(text)) return 'zh';
    if (/\p{Script=Latin}{2}/u.test(text)) return 'en';
  }
  return 'zh';
}
