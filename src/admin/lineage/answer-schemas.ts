/** Answers of `/v1/lineage`, for the API's description. */
import { z } from 'zod';
import type { AnswerShape } from '../../http/answers.js';

const object = z.string().describe('A table by its whole name, or result.<hash>.');
const kind = z.enum(['table', 'result']).describe('What the object is.');
const tags = z.array(z.string()).describe('Tags of the column.');
const anyColumn = z.string().nullable().describe('The column; null: the whole object.');
const depth = z.int().describe('How many steps away.');
const truncated = z.boolean().describe('Whether there is more than is told.');
const place = z.object({ object, column: z.string().describe('The column.') });

const edge = z.object({
  source: z.string().describe('The object it comes from.'),
  sourceColumn: z.string().describe('Its column; empty: the whole object.'),
  target: z.string().describe('The object it goes to.'),
  targetColumn: z.string().describe('Its column; empty: the whole object.'),
  type: z.string().describe('DIRECT or INDIRECT, as OpenLineage has it.'),
  subtype: z.string().describe('As OpenLineage has it.'),
  masking: z.boolean().describe('Whether values are masked on the way.'),
  policy: z.boolean().describe('Whether it is there because of a policy.'),
  job: z.string().describe('The job that does so.'),
});
const job = z.object({
  job: z.string().describe('Its name.'),
  target: z.string().describe('What it makes.'),
  shape: z.string().describe('The statement, without its values.'),
  runs: z.int().describe('How often it ran.'),
  lastSeen: z.string().describe('When it last ran.'),
  approximate: z.boolean().describe('Whether columns could only be told roughly.'),
});
const graph = z
  .object({
    nodes: z.array(z.object({ object, column: anyColumn, kind, tags })).describe('Columns and objects.'),
    edges: z.array(edge).describe('What goes where.'),
    jobs: z.array(job).describe('What does so.'),
    truncated,
  })
  .meta({ id: 'LineageGraph', description: 'Where columns come from and what they reach.' });
const reached = z.object({
  object,
  column: anyColumn,
  kind,
  depth,
  strength: z.enum(['direct', 'masked', 'indirect']).describe('How it is reached.'),
  tags,
});
const impact = z
  .object({ object, column: anyColumn, items: z.array(reached).describe('Nearest first.'), truncated })
  .meta({ id: 'LineageImpact', description: 'What a change would reach.' });
const flow = z.object({
  tag: z.string().describe('The tag.'),
  from: place.describe('Where it is set.'),
  to: place.describe('Where the values went.'),
  depth,
  state: z.enum(['present', 'missing', 'masked']).describe('Whether it is there as well.'),
});
const tagFlow = z
  .object({ object, items: z.array(flow).describe('Where each tag should be.'), truncated })
  .meta({ id: 'TagFlow', description: 'Where the tags of a table have gone.' });

export const GRAPH: AnswerShape = { about: 'What the caller may know of.', schema: graph };
export const IMPACT: AnswerShape = { about: 'Nearest first.', schema: impact };
export const TAG_FLOW: AnswerShape = { about: 'Where each tag should be.', schema: tagFlow };
