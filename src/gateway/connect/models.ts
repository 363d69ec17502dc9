/**
 * Saved models: a folder of one principal's for each name, never a path of a client's. Beside it stands what was decided for
 * the rows that the model was trained on: who loads it must still have them decided so.
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { GovernanceError } from '../../core/errors.js';
import type { Source } from '../../core/lineage/flow.js';
import { notAllowed } from '../../core/plan/connect/require-allowed.js';
import type { Governance } from '../statement.js';

const NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$/;

const Saved = z.object({
  user: z.string(),
  name: z.string(),
  purpose: z.string().optional(),
  /** Columns that it was trained on. */
  sources: z.array(z.object({ table: z.string(), column: z.string() })).optional(),
  /** Of a model; absent: only settings were saved. */
  governance: z
    .object({
      policyVersion: z.number(),
      decisionId: z.string(),
      objects: z.array(z.string()),
      filteredTables: z.array(z.object({ object: z.string(), rules: z.array(z.string()) })),
      maskedColumns: z.array(
        z.object({ object: z.string(), column: z.string(), mask: z.string(), rule: z.string() }),
      ),
      purpose: z.string().nullable(),
      notices: z.array(z.never()),
    })
    .optional(),
});

export interface SavedModel {
  readonly governance?: Governance | undefined;
  readonly purpose?: string | undefined;
  readonly sources?: readonly Source[] | undefined;
}

export class Models {
  constructor(private readonly directory: string) {}

  /** Where the server finds it. */
  pathOf(user: string, name: string): string {
    if (!NAME.test(name)) {
      throw notAllowed(
        'A model under a path',
        'Give it a name of letters, digits, dots, - and _: save("churn").',
      );
    }
    return join(this.directory, digest(user), digest(name));
  }

  /** Undefined: this principal has none of that name. */
  async find(user: string, name: string): Promise<SavedModel | undefined> {
    const file = `${this.pathOf(user, name)}.json`;
    const text = await readFile(file, 'utf8').catch(() => undefined);
    if (text === undefined) return undefined;
    const saved = Saved.safeParse(JSON.parse(text));
    if (!saved.success || saved.data.user !== user || saved.data.name !== name) return undefined;
    return saved.data;
  }

  /** Makes room: a model of before is gone for everyone from here on. */
  async begin(user: string, name: string, overwrite: boolean): Promise<string> {
    const path = this.pathOf(user, name);
    if (!overwrite && (await this.find(user, name)) !== undefined) {
      throw new GovernanceError('CONFLICT', `There is a model ${name} already.`, {
        remedy: `Use write().overwrite().save("${name}"), or another name.`,
        sqlState: '42710',
      });
    }
    await mkdir(join(this.directory, digest(user)), { recursive: true, mode: 0o700 });
    await rm(`${path}.json`, { force: true });
    await rm(path, { recursive: true, force: true });
    return path;
  }

  /** It is there once this is written. */
  async commit(user: string, name: string, model: SavedModel): Promise<void> {
    const file = `${this.pathOf(user, name)}.json`;
    const { governance, purpose, sources } = model;
    const saved = {
      user,
      name,
      ...(purpose === undefined ? {} : { purpose }),
      ...(sources === undefined ? {} : { sources }),
      ...(governance === undefined ? {} : { governance: { ...governance, notices: [] } }),
    };
    await writeFile(`${file}.part`, JSON.stringify(saved), { mode: 0o600 });
    await rename(`${file}.part`, file);
  }
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32);
