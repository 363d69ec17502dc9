/** Reads reports back from the forms for people, as other programs would. */
import { type DefaultTreeAdapterMap, parse } from 'parse5';
import { extractText, getDocumentProxy } from 'unpdf';

/** RFC 4180, and nothing else: throws on what is not. */
export function readCsv(text: string): readonly (readonly string[])[] {
  const records: string[][] = [];
  let [record, at]: [string[], number] = [[], 0];
  while (at < text.length) {
    let field = '';
    if (text[at] === '"') {
      const end = /^"((?:[^"]|"")*)"/s.exec(text.slice(at));
      if (end === null) throw new Error(`no closing quote at ${at}`);
      field = end[1]!.replaceAll('""', '"');
      at += end[0].length;
    } else {
      field = /^[^",\r\n]*/.exec(text.slice(at))![0];
      at += field.length;
    }
    record.push(field);
    if (text[at] === ',') at += 1;
    else if (text.startsWith('\r\n', at)) {
      records.push(record);
      record = [];
      at += 2;
    } else throw new Error(`neither comma nor CRLF at ${at}: ${text.slice(at, at + 20)}`);
  }
  const widths = new Set(records.map(({ length }) => length));
  if (widths.size !== 1) throw new Error(`records of ${[...widths].join(', ')} fields`);
  return records;
}

type Node = DefaultTreeAdapterMap['node'];
type Element = DefaultTreeAdapterMap['element'];

const childrenOf = (node: Node): readonly Node[] => ('childNodes' in node ? node.childNodes : []);
const isElement = (node: Node): node is Element => 'tagName' in node;

export function elements(node: Node, tag?: string): readonly Element[] {
  const below = childrenOf(node).flatMap((child) => elements(child, tag));
  return isElement(node) && (tag === undefined || node.tagName === tag) ? [node, ...below] : below;
}
export const textIn = (node: Node): string =>
  node.nodeName === '#text' && 'value' in node ? node.value : childrenOf(node).map(textIn).join('');
export const attribute = (element: Element, name: string): string | undefined =>
  element.attrs.find((one) => one.name === name)?.value;

export interface Page {
  readonly root: Node;
  readonly totals: Readonly<Record<string, number>>;
  readonly about: Readonly<Record<string, string>>;
  readonly tables: Readonly<Record<string, readonly (readonly string[])[]>>;
}

export function readPage(html: string): Page {
  const root = parse(html);
  const totals = elements(root, 'li').flatMap((item) => {
    const name = attribute(item, 'data-total');
    return name === undefined ? [] : [[name, Number(textIn(elements(item, 'b')[0]!))] as const];
  });
  const names = elements(root, 'dt').map(textIn);
  const values = elements(root, 'dd').map(textIn);
  const tables = elements(root, 'section').map((section) => {
    const rows = elements(elements(section, 'tbody')[0]!, 'tr').map((row) => elements(row, 'td').map(textIn));
    return [attribute(section, 'id') ?? '', rows] as const;
  });
  return {
    root,
    totals: Object.fromEntries(totals),
    about: Object.fromEntries(names.map((name, i) => [name, values[i] ?? ''])),
    tables: Object.fromEntries(tables),
  };
}

/** White space aside: where a line breaks is the page's affair. */
export async function readPdf(bytes: Uint8Array): Promise<string> {
  const { text } = await extractText(await getDocumentProxy(new Uint8Array(bytes)), { mergePages: true });
  return withoutSpaces(text);
}
export const withoutSpaces = (text: string): string => text.replace(/\s+/g, '');
