/** `/v1/tokens`. */
import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { GovernanceError } from '../../core/errors.js';
import { newToken } from '../../gateway/authenticate.js';
import { Answer, REMOVED, Refuses } from '../../http/answers.js';
import { NeedsScope } from '../../http/auth.guard.js';
import { Authority } from '../../http/authority.js';
import { callerOf } from '../../http/caller.js';
import { Example } from '../../http/example.js';
import { type StoredToken, TokenRepository } from '../../store/tokens.js';
import { NEW_TOKEN, TOKENS } from './answer-schemas.js';
import { CREATE_TOKEN } from './examples.js';
import { type TokenBody, type TokenPage, tokenBody, tokenPage } from './identity-bodies.js';

@ApiTags('identity')
@ApiBearerAuth()
@NeedsScope('identity')
@Controller('v1/tokens')
export class TokensController {
  constructor(
    private readonly authority: Authority,
    private readonly tokens: TokenRepository,
  ) {}

  @Get()
  @ApiOperation({
    operationId: 'listTokens',
    summary: 'My tokens; an administrator sees all. Secrets are never shown again.',
  })
  @Answer(200, TOKENS)
  async list(
    @Query({ schema: tokenPage }) query: TokenPage,
    @Req() request: FastifyRequest,
  ): Promise<unknown> {
    const caller = callerOf(request);
    const mine = this.authority.administers(caller) ? undefined : caller.principal.user;
    const found = await this.tokens.list(mine, query.cursor, query.limit + 1);
    const items = found.slice(0, query.limit);
    return {
      items: items.map(tokenAnswer),
      nextCursor: found.length > items.length ? (items.at(-1)?.id ?? null) : null,
    };
  }

  @Post()
  @HttpCode(201)
  @Example(CREATE_TOKEN)
  @ApiOperation({
    operationId: 'createToken',
    summary: 'Make a token. The secret is in this answer and nowhere else.',
  })
  @Answer(201, NEW_TOKEN)
  @Refuses(404)
  async create(
    @Body({ schema: tokenBody }) body: TokenBody,
    @Req() request: FastifyRequest,
  ): Promise<unknown> {
    const caller = callerOf(request);
    const principal = body.principal ?? caller.principal.user;
    if (principal !== caller.principal.user) this.authority.administrator(request);
    if (caller.scopes.length > 0) {
      throw new GovernanceError('ACCESS_DENIED', 'A limited token cannot make tokens.', {
        remedy: 'Use an unlimited token.',
      });
    }
    const { id, secret, token } = newToken();
    const made = await this.tokens.create({
      id,
      secret,
      principal,
      name: body.name,
      scopes: body.scopes,
      expiresAt: body.expiresAt === undefined ? null : new Date(body.expiresAt),
    });
    return { ...tokenAnswer(made), token };
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ operationId: 'revokeToken', summary: 'Revoke a token, at once and everywhere.' })
  @Answer(204, REMOVED)
  async revoke(@Param('id') id: string, @Req() request: FastifyRequest): Promise<void> {
    const caller = callerOf(request);
    const found = await this.tokens.find(id);
    const known =
      found !== undefined &&
      (found.principal === caller.principal.user || this.authority.administers(caller));
    if (!known) throw new GovernanceError('NOT_FOUND', 'There is no such token.');
    await this.tokens.revoke(id);
  }
}

const tokenAnswer = (token: StoredToken) => ({
  id: token.id,
  principal: token.principal,
  name: token.name,
  scopes: token.scopes,
  createdAt: token.createdAt.toISOString(),
  expiresAt: token.expiresAt?.toISOString() ?? null,
  revokedAt: token.revokedAt?.toISOString() ?? null,
});
