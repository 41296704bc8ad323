import type { Invoice } from '@trivium/contracts/invoice';
import type { DocumentFacts } from '../fusion/document-facts.js';
import { asksForText, intentsOf } from '../rendering/field-intents.js';
import type { Phrases } from '../rendering/phrases.js';
import { answerIntents, renderInvoice } from '../rendering/render-invoice.js';
import { renderText } from '../rendering/render-text.js';
import type { Pipeline } from '../rules/rules-file.js';

export interface AnswerPlan {
  /** Shown first, by code. */
  readonly rendered: string;
  /** Shown when the language model cannot answer, so that what is known is not withheld. */
  readonly fallback: string;
  /** Whether anything is left for a language model to say. */
  readonly ask: boolean;
}

/** What can be answered exactly, and what is left to a language model. */
export function planAnswer(turn: {
  readonly pipeline: Pipeline;
  readonly quoteText: boolean;
  readonly question: string;
  /** Of this turn and of earlier ones, oldest first. */
  readonly facts: readonly DocumentFacts[];
  readonly phrases: Phrases;
}): AnswerPlan {
  const { question, phrases } = turn;
  const ask = question !== '';
  const current = turn.facts.filter(({ origin }) => origin === 'turn');
  const earlier = turn.facts.findLast(
    ({ origin, invoice }) => origin === 'earlier' && invoice !== null,
  )?.invoice;
  if (turn.pipeline === 'chat' || (turn.pipeline === 'document' && current.length === 0)) {
    const answer = earlier ? answerIntents(earlier, intentsOf(question), phrases) : '';
    if (turn.pipeline === 'chat') return { rendered: '', fallback: answer, ask: true };
    const whole = earlier ? renderInvoice(earlier, phrases) : '';
    return { rendered: answer || whole, fallback: '', ask };
  }
  const blocks = current.map((facts) => ({ facts, text: blockOf(facts, question, phrases) }));
  const quoted = turn.quoteText || !ask || asksForText(question);
  const exact = blocks.filter(({ facts }) => facts.invoice !== null || quoted);
  const rest = blocks.filter((block) => !exact.includes(block));
  return {
    rendered: exact.map(({ text }) => text).join('\n\n'),
    fallback: rest.map(({ text }) => text).join('\n\n'),
    ask,
  };
}

function blockOf({ invoice, pages, label }: DocumentFacts, question: string, phrases: Phrases): string {
  return invoice
    ? invoiceBlock(invoice, question, phrases)
    : renderText(phrases.label(label), pages, phrases);
}

/** The asked field first, then everything. Items and checks are in the whole already. */
function invoiceBlock(invoice: Invoice, question: string, phrases: Phrases): string {
  const asked = intentsOf(question).filter((intent) => intent !== 'items' && intent !== 'checks');
  const answer = answerIntents(invoice, asked, phrases);
  return [answer, renderInvoice(invoice, phrases)].filter((text) => text !== '').join('\n\n');
}
