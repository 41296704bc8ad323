import type { Invoice } from '@trivium/contracts/invoice';
import type { DocumentFacts } from '../fusion/document-facts.js';
import { asksForText, intentsOf } from '../rendering/field-intents.js';
import type { Phrases } from '../rendering/phrases.js';
import { answerIntents, renderInvoice } from '../rendering/render-invoice.js';
import { asksForPlaces, type Place, placesOf, renderPlaces } from '../rendering/places.js';
import { renderText } from '../rendering/render-text.js';
import type { Pipeline } from '../rules/rules-file.js';

export interface AnswerPlan {
  /** Shown first, by code. */
  readonly rendered: string;
  /** Shown when the language model cannot answer, so that what is known is not withheld. */
  readonly fallback: string;
  /** Whether a language model may have something to say. */
  readonly ask: boolean;
  /** To be shown on the page before the rest is. */
  readonly shown?: { readonly places: readonly Place[]; readonly document: DocumentFacts };
  /** Everything that the question was understood to ask for is in what was rendered. */
  readonly complete: boolean;
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
  const shown = asksForPlaces(question) ? turn.facts.findLast(({ invoice }) => invoice !== null) : undefined;
  if (shown?.invoice) return planPlaces(shown, shown.invoice, question, phrases);
  const current = turn.facts.filter(({ origin }) => origin === 'turn');
  const earlier = turn.facts.findLast(
    ({ origin, invoice }) => origin === 'earlier' && invoice !== null,
  )?.invoice;
  if (turn.pipeline === 'chat' || (turn.pipeline === 'document' && current.length === 0)) {
    const answer = earlier ? answerIntents(earlier, intentsOf(question), phrases) : '';
    if (turn.pipeline === 'chat') return { rendered: '', fallback: answer, ask: true, complete: false };
    const whole = earlier ? renderInvoice(earlier, phrases) : '';
    const complete = earlier !== undefined && earlier !== null && isAnswered(earlier, question);
    return { rendered: answer || whole, fallback: '', ask, complete };
  }
  const blocks = current.map((facts) => ({ facts, text: blockOf(facts, question, phrases) }));
  const quoted = turn.quoteText || !ask || asksForText(question);
  const exact = blocks.filter(({ facts }) => facts.invoice !== null || quoted);
  const rest = blocks.filter((block) => !exact.includes(block));
  return {
    rendered: exact.map(({ text }) => text).join('\n\n'),
    fallback: rest.map(({ text }) => text).join('\n\n'),
    ask,
    complete:
      rest.length === 0 &&
      exact.every(({ facts: { invoice } }) =>
        invoice === null ? asksForText(question) : isAnswered(invoice, question),
      ),
  };
}

/** Code alone knows places; no model has anything to add. */
function planPlaces(
  document: DocumentFacts,
  invoice: Invoice,
  question: string,
  phrases: Phrases,
): AnswerPlan {
  const places = placesOf(invoice, question, phrases);
  const rendered = renderPlaces(places, phrases);
  const shown = places.length > 0 ? { shown: { places, document } } : {};
  return { rendered, fallback: '', ask: false, complete: true, ...shown };
}

/** Something was asked that rendering understands, and all of it was read. */
function isAnswered(invoice: Invoice, question: string): boolean {
  const intents = intentsOf(question);
  return (
    intents.length > 0 &&
    intents.every((intent) => {
      if (intent === 'checks') return true;
      return intent === 'items' ? invoice.items.length > 0 : invoice.fields[intent] !== null;
    })
  );
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
