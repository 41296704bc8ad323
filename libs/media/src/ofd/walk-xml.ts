import { SaxesParser } from 'saxes';

/** An element as it opens: its local name and attributes; OFD uses one namespace. */
export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface XmlVisitor {
  open?(element: Element, path: readonly string[]): void;
  /** All text directly inside. */
  close?(element: Element, text: string, path: readonly string[]): void;
}

/** Not well formed, nested too deeply, or with a document type, whose entities are never expanded. */
export class XmlFault extends Error {
  override readonly name = 'XmlFault';
}

/** Walks a whole document without building a tree. Throws {@link XmlFault}, or what the visitor throws. */
export function walkXml(text: string, maxDepth: number, visitor: XmlVisitor): void {
  const parser = new SaxesParser({ xmlns: false, position: false });
  const open: { element: Element; text: string }[] = [];
  const path: string[] = [];
  parser.on('error', (error) => {
    throw new XmlFault(error.message);
  });
  parser.on('doctype', () => {
    throw new XmlFault('A document type is not accepted');
  });
  parser.on('opentag', ({ name, attributes }) => {
    if (open.length >= maxDepth) throw new XmlFault('Nested too deeply');
    const element = { name: name.slice(name.indexOf(':') + 1), attributes };
    open.push({ element, text: '' });
    path.push(element.name);
    visitor.open?.(element, path);
  });
  const onText = (part: string): void => {
    const innermost = open.at(-1);
    if (innermost !== undefined) innermost.text += part;
  };
  parser.on('text', onText);
  parser.on('cdata', onText);
  parser.on('closetag', () => {
    const closed = open.pop();
    if (closed !== undefined) visitor.close?.(closed.element, closed.text, path);
    path.pop();
  });
  parser.write(text.replace(/^\uFEFF/, '')).close();
}
