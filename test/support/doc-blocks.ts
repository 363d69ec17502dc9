/** The fenced blocks of README.md and the pages below docs. */
import { projectFiles, readProjectFile } from './sources.js';

export interface DocBlock {
  readonly page: string;
  /** 1 for the first line of the page. */
  readonly line: number;
  /** What stands behind the fence; empty: nothing. */
  readonly language: string;
  readonly text: string;
}

export const docPages = (): readonly string[] =>
  projectFiles().filter((file) => file === 'README.md' || /^docs\/.*\.md$/.test(file));

export function blocksOf(page: string): readonly DocBlock[] {
  const blocks: DocBlock[] = [];
  let open: { line: number; language: string; lines: string[] } | undefined;
  readProjectFile(page)
    .split('\n')
    .forEach((line, n) => {
      const fence = /^ *```(\S*)/.exec(line);
      if (fence === null) open?.lines.push(line);
      else if (open === undefined) open = { line: n + 1, language: fence[1] ?? '', lines: [] };
      else {
        blocks.push({ page, line: open.line, language: open.language, text: `${open.lines.join('\n')}\n` });
        open = undefined;
      }
    });
  return blocks;
}
