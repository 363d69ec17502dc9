/** The reference pages that are made from code. A test keeps the files in the repository equal to this. */
import { describeSettings, type SettingDescription } from './config.js';
import { ERROR_CODES } from './core/errors.js';
import { policyJsonSchema, policyTestsJsonSchema } from './core/policy/json-schema.js';
import { cliPage } from './reference-cli.js';
import { functionsPage } from './reference-functions.js';
import { policySchemaPage } from './reference-policy-schema.js';

const COMMENT_COLUMNS = 100;

/** Path from the root -> content. */
export const referenceFiles = (): Readonly<Record<string, string>> => ({
  '.env.example': envExample(),
  'docs/reference/settings.md': settingsPage(),
  'docs/reference/errors.md': errorsPage(),
  'docs/reference/functions.md': functionsPage(),
  'docs/reference/cli.md': cliPage(),
  'docs/reference/policy-schema.json': jsonText(policyJsonSchema()),
  'docs/reference/policy-tests-schema.json': jsonText(policyTestsJsonSchema()),
  'docs/reference/policy-schema.md': policySchemaPage(),
});

const jsonText = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

const byGroup = (): ReadonlyMap<string, readonly SettingDescription[]> => {
  const groups = new Map<string, SettingDescription[]>();
  for (const setting of describeSettings()) {
    groups.set(setting.group, [...(groups.get(setting.group) ?? []), setting]);
  }
  return groups;
};

function envExample(): string {
  const lines = [
    '# Every setting with its default. Nothing here needs a change. Made by scripts/generate-reference.mjs.',
  ];
  for (const [group, settings] of byGroup()) {
    lines.push('', `## ${group}`);
    for (const { name, doc, default: standard } of settings) {
      lines.push('', ...wrap(doc), `#${name}=${standard ?? ''}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

function settingsPage(): string {
  const lines = [
    '# Settings',
    '',
    '<!-- Made by scripts/generate-reference.mjs from src/config/settings.ts. -->',
    '',
    'All settings are environment variables. An unknown name that starts with `SLUICE_` refuses to start, so that a typing mistake is',
    'not a silent default; names that Kubernetes makes for services are ignored. Secrets (marked *secret*) can also be given as a file:',
    '`SLUICE_DATABASE_URL_FILE=/run/secrets/url`. Durations are written `500ms`, `30s`, `5m`, `2h`, `7d`, sizes `512MB` or `4GiB`.',
  ];
  for (const [group, settings] of byGroup()) {
    lines.push('', `## ${group}`, '', '| name | default | meaning |', '|---|---|---|');
    for (const { name, doc, default: standard, secret } of settings) {
      const shown = standard === undefined ? '' : `\`${standard}\``;
      lines.push(`| \`${name}\` | ${shown} | ${doc}${secret ? ' *secret*' : ''} |`);
    }
  }
  return `${lines.join('\n')}\n`;
}

function errorsPage(): string {
  const lines = [
    '# Error codes',
    '',
    '<!-- Made by scripts/generate-reference.mjs from src/core/errors.ts. -->',
    '',
    'Every error carries one of these codes. The list is closed, and a code is never used for something else later.',
    '',
    '| code | meaning |',
    '|---|---|',
    ...Object.entries(ERROR_CODES).map(
      ([code, meaning]) => `| <a id="${code}"></a>\`${code}\` | ${meaning} |`,
    ),
  ];
  return `${lines.join('\n')}\n`;
}

function wrap(text: string): readonly string[] {
  const lines: string[] = [];
  let line = '#';
  for (const word of text.split(' ')) {
    if (line.length + word.length + 1 > COMMENT_COLUMNS) {
      lines.push(line);
      line = '#';
    }
    line += ` ${word}`;
  }
  return [...lines, line];
}
