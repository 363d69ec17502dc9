/** `npm run generate -- [URL]`: src/generated/api.ts from what a running gateway says of itself. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import openapiTS, { astToString } from 'openapi-typescript';

const HEADER =
  '/** Types of the API, generated from the description of a gateway (`npm run generate`). Never edited. */\n';

/** The text of the types of a description. */
export const typesOf = async (description) => HEADER + astToString(await openapiTS(description));

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const gateway = process.argv[2] ?? process.env.SLUICE_URL ?? 'http://127.0.0.1:8080';
  const answer = await fetch(new URL('/openapi.json', gateway));
  if (!answer.ok) throw new Error(`${gateway} answers ${answer.status}`);
  const file = fileURLToPath(new URL('../src/generated/api.ts', import.meta.url));
  writeFileSync(file, await typesOf(await answer.json()));
  process.stdout.write(`${file}\n`);
}
