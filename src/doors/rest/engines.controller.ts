/** `/v1/engines`. */
import { Controller, Get, HttpCode, Inject, Param, Post, Req } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { NeedsScope } from '../../http/auth.guard.js';
import { Authority } from '../../http/authority.js';
import { Answers } from './answer-schemas.js';
import { type RestServices, SERVICES } from './services.js';

@ApiTags('engines')
@ApiBearerAuth()
@NeedsScope('statements')
@Controller('v1/engines')
export class EnginesController {
  constructor(
    @Inject(SERVICES) private readonly services: RestServices,
    private readonly authority: Authority,
  ) {}

  @Get()
  @ApiOperation({ operationId: 'listEngines', summary: 'Engines and how busy they are.' })
  @Answers({ 200: 'engines' })
  list(): unknown {
    return { items: this.services.engines(), nextCursor: null };
  }

  @Post('statements/:id/cancel')
  @HttpCode(202)
  @ApiOperation({
    operationId: 'cancelAnyStatement',
    summary:
      "Cancel a statement, whoever's it is and whichever gateway runs it. Needs the administer action.",
  })
  @Answers({ 202: 'canceled' })
  async cancel(@Param('id') id: string, @Req() http: FastifyRequest): Promise<unknown> {
    this.authority.administrator(http);
    await this.services.cancelAny.cancel(id);
    return { statementId: id };
  }
}
