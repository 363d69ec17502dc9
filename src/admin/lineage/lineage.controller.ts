/** `/v1/lineage/{object}`: where columns come from and what they reach. */
import { Controller, Get, Param, Query, Req } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { foldName, type TableMeta } from '../../core/catalog/catalog.js';
import { GovernanceError } from '../../core/errors.js';
import { type TagFlow, tagFlows, tagsOf } from '../../core/lineage/tag-flow.js';
import { LiveCatalog } from '../../gateway/live-catalog.js';
import { PolicyHolder } from '../../gateway/policy-holder.js';
import { Answer } from '../../http/answers.js';
import { NeedsScope } from '../../http/auth.guard.js';
import { Authority } from '../../http/authority.js';
import { Clock } from '../../http/clock.js';
import { text } from '../../http/schemas.js';
import {
  type Direction,
  GRAPH_DEPTH_MAX,
  type LineageEdge,
  type LineageGraph,
  LineageGraphStore,
} from '../../store/lineage-graph.js';

const DEPTH_DEFAULT = 3;
/** Impact goes further than a picture shows. */
const IMPACT_DEPTH_DEFAULT = 10;
/** Columns with tags that are followed in one answer. */
const TAGGED_COLUMNS_MAX = 200;

const lineageQuery = z.strictObject({
  direction: z.enum(['upstream', 'downstream', 'both']).default('both').describe('Which way.'),
  depth: z.coerce
    .number()
    .int()
    .min(1)
    .max(GRAPH_DEPTH_MAX)
    .default(DEPTH_DEFAULT)
    .describe('Steps, at most.'),
  column: text(300).optional().describe('Of this column alone.'),
});
type LineageQuery = z.output<typeof lineageQuery>;

const impactQuery = z.strictObject({
  depth: z.coerce
    .number()
    .int()
    .min(1)
    .max(GRAPH_DEPTH_MAX)
    .default(IMPACT_DEPTH_DEFAULT)
    .describe('Steps, at most.'),
  column: text(300).optional().describe('Of this column alone.'),
});
type ImpactQuery = z.output<typeof impactQuery>;

import { GRAPH, IMPACT, TAG_FLOW } from './answer-schemas.js';

@ApiTags('lineage')
@ApiBearerAuth()
@NeedsScope('catalog')
@Controller('v1/lineage')
export class LineageController {
  constructor(
    private readonly authority: Authority,
    private readonly holder: PolicyHolder,
    private readonly catalog: LiveCatalog,
    private readonly graph: LineageGraphStore,
    private readonly clock: Clock,
  ) {}

  @Get(':object')
  @ApiOperation({
    operationId: 'getLineage',
    summary: 'Columns that a table, column or result comes from, and what it reaches.',
  })
  @Answer(200, GRAPH)
  async lineage(
    @Param('object') object: string,
    @Query({ schema: lineageQuery }) query: LineageQuery,
    @Req() request: FastifyRequest,
  ): Promise<unknown> {
    const { id, table, visible } = this.seen(request, object, query.column);
    const directions: readonly Direction[] =
      query.direction === 'both' ? ['upstream', 'downstream'] : [query.direction];
    const graphs = await Promise.all(
      directions.map((direction) => this.graph.reach(direction, id, query.column, query.depth)),
    );
    if (table === undefined && graphs.every((graph) => graph.edges.length === 0)) throw noObject();
    return answer(graphs, visible);
  }

  @Get(':object/impact')
  @ApiOperation({
    operationId: 'getImpact',
    summary: 'Columns that a change of a table, or of one of its columns, reaches.',
  })
  @Answer(200, IMPACT)
  async impact(
    @Param('object') object: string,
    @Query({ schema: impactQuery }) query: ImpactQuery,
    @Req() request: FastifyRequest,
  ): Promise<unknown> {
    const { id, visible } = this.seen(request, object, query.column);
    const { columns, truncated } = await this.graph.columns('downstream', id, query.column, query.depth);
    const items = columns.flatMap(({ object: reached, column, depth, strength }) => {
      const table = visible.get(reached);
      if (table === undefined && !isResult(reached)) return [];
      const tags = table === undefined || column === null ? [] : tagsOf(table, column);
      return [
        { object: reached, column, kind: table === undefined ? 'result' : 'table', depth, strength, tags },
      ];
    });
    return { object: id, column: query.column ?? null, items, truncated };
  }

  @Get(':object/tags')
  @ApiOperation({
    operationId: 'getTagFlow',
    summary: 'Where the tags of a table have gone with its values, and where they are missing.',
  })
  @Answer(200, TAG_FLOW)
  async tagFlow(
    @Param('object') object: string,
    @Query({ schema: impactQuery }) query: ImpactQuery,
    @Req() request: FastifyRequest,
  ): Promise<unknown> {
    const { id, table, visible } = this.seen(request, object, query.column);
    if (table === undefined) throw noObject();
    const tagged = table.columns
      .map(({ name }) => name)
      .filter((name) => query.column === undefined || foldName(name) === foldName(query.column))
      .filter((name) => tagsOf(table, name).length > 0);
    const items: TagFlow[] = [];
    let truncated = tagged.length > TAGGED_COLUMNS_MAX;
    for (const column of tagged.slice(0, TAGGED_COLUMNS_MAX)) {
      const reached = await this.graph.columns('downstream', id, column, query.depth);
      truncated ||= reached.truncated;
      items.push(...tagFlows({ table, column }, reached.columns, visible));
    }
    return { object: id, items, truncated };
  }

  /** The object as the caller may know it. */
  private seen(request: FastifyRequest, object: string, column: string | undefined) {
    const caller = this.authority.policyReader(request);
    const visible = this.visibleTables(caller.principal);
    const id = foldName(object);
    const table = visible.get(id);
    if (table === undefined && !isResult(id)) throw noObject();
    if (table !== undefined && column !== undefined) requireColumn(table, column);
    return { id, table, visible };
  }

  private visibleTables(
    principal: Parameters<ReturnType<PolicyHolder['current']>['canBrowse']>[0],
  ): ReadonlyMap<string, TableMeta> {
    const policies = this.holder.current();
    const now = this.clock.now().getTime();
    return new Map(
      [...this.catalog.snapshot().tables].filter(([, table]) => policies.canBrowse(principal, table, now)),
    );
  }
}

/** What touches a table that the caller may not know of is left out. */
function answer(graphs: readonly LineageGraph[], visible: ReadonlyMap<string, TableMeta>) {
  const shown = (object: string): boolean => isResult(object) || visible.has(object);
  const edges = new Map<string, LineageEdge>();
  for (const edge of graphs.flatMap((graph) => graph.edges)) {
    if (shown(edge.source) && shown(edge.target)) edges.set(JSON.stringify(edge), edge);
  }
  const list = [...edges.values()];
  const hiddenJobs = new Set(
    graphs.flatMap((graph) =>
      graph.edges.filter((e) => !shown(e.source) || !shown(e.target)).map((e) => e.job),
    ),
  );
  const jobs = new Map(graphs.flatMap((graph) => graph.jobs.map((job) => [job.job, job])));
  return {
    nodes: nodesOf(list, visible),
    edges: list,
    // The text of a statement names all of its tables.
    jobs: [...jobs.values()].filter((job) => !hiddenJobs.has(job.job)),
    truncated: graphs.some((graph) => graph.truncated),
  };
}

function nodesOf(edges: readonly LineageEdge[], visible: ReadonlyMap<string, TableMeta>) {
  const nodes = new Map<string, { readonly object: string; readonly column: string }>();
  for (const edge of edges) {
    for (const [object, column] of [
      [edge.source, edge.sourceColumn],
      [edge.target, edge.targetColumn],
    ] as const)
      nodes.set(`${object}.${column}`, { object, column });
  }
  return [...nodes.values()].map(({ object, column }) => ({
    object,
    column: column === '' ? null : column,
    kind: visible.has(object) ? 'table' : 'result',
    tags: visible.get(object)?.columns.find((c) => foldName(c.name) === column)?.tags ?? [],
  }));
}

function requireColumn(table: TableMeta, column: string): void {
  if (table.columns.some((c) => foldName(c.name) === foldName(column))) return;
  throw new GovernanceError('BAD_REQUEST', 'There is no such column in this table.', {
    remedy: 'GET /v1/catalog/tables/{name} lists its columns.',
  });
}

const isResult = (object: string): boolean => object.startsWith('result.');

const noObject = (): GovernanceError =>
  new GovernanceError('NOT_FOUND', 'There is no such object, or you may not know of it.', {
    remedy: 'GET /v1/catalog/tables lists what you may browse; results are called result.<hash>.',
  });
