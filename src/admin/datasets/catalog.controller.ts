/** `/v1/catalog`: what one may browse, with the masks that would stand on it. */
import { Body, Controller, Get, Headers, Param, Put, Query, Req, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { foldName, type TableMeta } from '../../core/catalog/catalog.js';
import { GovernanceError } from '../../core/errors.js';
import { schemaVersion, shapeOf } from '../../core/plan/table-shape.js';
import { typeName } from '../../core/plan/types.js';
import { closingDrift } from '../../core/policy/closing-drift.js';
import { LiveCatalog } from '../../gateway/live-catalog.js';
import { PolicyHolder } from '../../gateway/policy-holder.js';
import { Answer, Refuses } from '../../http/answers.js';
import { NeedsScope } from '../../http/auth.guard.js';
import { Authority } from '../../http/authority.js';
import { callerOf } from '../../http/caller.js';
import { Clock } from '../../http/clock.js';
import { Example } from '../../http/example.js';
import { ReadsIfMatch } from '../../http/headers.js';
import { ifMatchVersion } from '../../http/if-match.js';
import { type Page, page } from '../../http/schemas.js';
import { ObjectMetadataRepository } from '../../store/object-metadata.js';
import { TableSchemas } from '../../store/table-schemas.js';
import { CHANGED_TABLE, TABLE, TABLES, TAGS } from './answer-schemas.js';
import { ACCEPT_SCHEMA, SET_METADATA } from './examples.js';
import { type MetadataBody, metadataBody, type SchemaBody, schemaBody } from './metadata-body.js';

@ApiTags('catalog')
@ApiBearerAuth()
@NeedsScope('catalog')
@Controller('v1/catalog')
export class CatalogController {
  constructor(
    private readonly authority: Authority,
    private readonly holder: PolicyHolder,
    private readonly catalog: LiveCatalog,
    private readonly metadata: ObjectMetadataRepository,
    private readonly schemas: TableSchemas,
    private readonly clock: Clock,
  ) {}

  @Get('tables')
  @ApiOperation({ operationId: 'listTables', summary: 'Tables that I may browse.' })
  @Answer(200, TABLES)
  tables(@Query({ schema: page }) query: Page, @Req() request: FastifyRequest): unknown {
    const visible = this.visible(request).sort((a, b) => (a.id < b.id ? -1 : 1));
    const rest =
      query.cursor === undefined ? visible : visible.filter((table) => table.id > (query.cursor ?? ''));
    const items = rest.slice(0, query.limit);
    return {
      items: items.map(summary),
      nextCursor: rest.length > items.length ? (items.at(-1)?.id ?? null) : null,
    };
  }

  @Get('tables/:name')
  @ApiOperation({ operationId: 'getTable', summary: 'A table with its columns, as I would see them.' })
  @Answer(200, TABLE)
  async table(
    @Param('name') name: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const table = this.visible(request).find((t) => t.id === foldName(name));
    if (table === undefined) throw noTable();
    const { principal } = callerOf(request);
    const now = this.clock.now().getTime();
    const decision = this.holder
      .current()
      .decide({ principal, tables: [table], now })
      .tables.get(table.id);
    const masks = new Map(decision?.columns.map((column) => [column.column, column.mask.kind]) ?? []);
    const metadata = await this.metadata.find(table.id);
    const seesDrift = decision?.actions.explain === true || this.authority.administers(callerOf(request));
    void reply.header('etag', `"${metadata?.version ?? 0}"`).send({
      ...summary(table),
      mayRead: decision?.actions.read === true,
      closed: closingDrift(this.holder.current().compiled, table).length > 0,
      schemaVersion: schemaVersion(table.columns),
      drift: seesDrift ? (table.drift ?? []).map(({ tags: _, ...column }) => column) : null,
      columns: table.columns
        .filter((column) => masks.get(column.name) !== 'hide')
        .map((column) => {
          const mask = masks.get(column.name) ?? 'null';
          return {
            name: column.name,
            type: typeName(column.type),
            nullable: column.nullable,
            tags: column.tags,
            masked: mask !== 'clear',
            mask: mask === 'clear' ? null : mask,
          };
        }),
    });
  }

  @Put('tables/:name/metadata')
  @Example(SET_METADATA)
  @ApiOperation({
    operationId: 'setTableMetadata',
    summary: 'Set owner and tags of a table and its columns.',
  })
  @Answer(200, CHANGED_TABLE)
  @Refuses(409, 412)
  @ReadsIfMatch()
  async setMetadata(
    @Param('name') name: string,
    @Body({ schema: metadataBody }) body: MetadataBody,
    @Headers('if-match') ifMatch: string | undefined,
    @Req() request: FastifyRequest,
  ): Promise<unknown> {
    const caller = this.authority.administrator(request);
    const table = this.catalog.snapshot().tables.get(foldName(name));
    if (table === undefined) throw noTable();
    const unknown = Object.keys(body.columns ?? {}).find(
      (column) => !table.columns.some((c) => foldName(c.name) === foldName(column)),
    );
    if (unknown !== undefined)
      throw new GovernanceError('BAD_REQUEST', `There is no column ${unknown} in ${table.id}.`);
    const version = ifMatchVersion(ifMatch);
    const { user } = caller.principal;
    await this.metadata.set({
      object: table.id,
      tags: body.tags,
      updatedBy: user,
      ...(body.owner === undefined ? {} : { owner: body.owner }),
      ...(version === undefined ? {} : { version }),
    });
    for (const [column, tags] of Object.entries(body.columns ?? {})) {
      await this.metadata.set({ object: table.id, column, tags, updatedBy: user });
    }
    await this.catalog.refresh();
    const changed = this.catalog.snapshot().tables.get(table.id);
    return changed === undefined ? {} : summary(changed);
  }

  @Put('tables/:name/schema')
  @Example(ACCEPT_SCHEMA)
  @ApiOperation({ operationId: 'acceptTableSchema', summary: 'Accept the columns of a table as they are.' })
  @Answer(200, CHANGED_TABLE)
  @Refuses(412)
  async acceptSchema(
    @Param('name') name: string,
    @Body({ schema: schemaBody }) { version }: SchemaBody,
    @Req() request: FastifyRequest,
  ): Promise<unknown> {
    const caller = this.authority.administrator(request);
    const table = this.catalog.snapshot().tables.get(foldName(name));
    if (table === undefined) throw noTable();
    if (schemaVersion(table.columns) !== version) {
      throw new GovernanceError(
        'PRECONDITION_FAILED',
        `The columns of ${table.id} changed since they were looked at.`,
        {
          remedy: `GET /v1/catalog/tables/${table.id} shows them as they are.`,
        },
      );
    }
    await this.schemas.accept({ object: table.id, columns: shapeOf(table.columns) }, caller.principal.user);
    await this.catalog.refresh();
    const changed = this.catalog.snapshot().tables.get(table.id);
    return changed === undefined ? {} : summary(changed);
  }

  @Get('tags')
  @ApiOperation({ operationId: 'listTags', summary: 'Tags in use on what I may browse, and where.' })
  @Answer(200, TAGS)
  tags(@Req() request: FastifyRequest): unknown {
    const found = new Map<string, string[]>();
    const note = (tag: string, where: string): void =>
      void found.set(tag, [...(found.get(tag) ?? []), where]);
    for (const table of this.visible(request)) {
      for (const tag of table.tags) note(tag, table.id);
      for (const column of table.columns)
        for (const tag of column.tags) note(tag, `${table.id}.${column.name}`);
    }
    const items = [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([tag, objects]) => ({ tag, objects }));
    return { items, nextCursor: null };
  }

  private visible(request: FastifyRequest): TableMeta[] {
    const { principal } = callerOf(request);
    const now = this.clock.now().getTime();
    const policies = this.holder.current();
    return [...this.catalog.snapshot().tables.values()].filter((table) =>
      policies.canBrowse(principal, table, now),
    );
  }
}

const summary = (table: TableMeta) => ({
  name: table.id,
  catalog: table.catalog,
  schema: table.schema,
  table: table.table,
  kind: 'table',
  tags: table.tags,
  owner: table.owner ?? null,
});

const noTable = (): GovernanceError =>
  new GovernanceError('NOT_FOUND', 'There is no such table, or you may not know of it.', {
    remedy: 'GET /v1/catalog/tables lists what you may browse.',
  });
