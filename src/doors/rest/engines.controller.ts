/** `/v1/engines`. */
import { Controller, Get, Inject } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import { NeedsScope } from '../../http/auth.guard.js';
import { Answers } from './answer-schemas.js';
import { type RestServices, SERVICES } from './services.js';

@ApiTags('engines')
@ApiBearerAuth()
@NeedsScope('statements')
@Controller('v1/engines')
export class EnginesController {
  constructor(@Inject(SERVICES) private readonly services: RestServices) {}

  @Get()
  @ApiOperation({ operationId: 'listEngines', summary: 'Engines and how busy they are.' })
  @Answers({ 200: 'engines' })
  list(): unknown {
    return { items: this.services.engines(), nextCursor: null };
  }
}
