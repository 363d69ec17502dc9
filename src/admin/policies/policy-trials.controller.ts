/** `/v1/policies/test` and `/v1/policies/diff`: policies tried out. Nothing is stored, nothing runs. */
import { Body, Controller, HttpCode, Post, Req } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { foldName } from '../../core/catalog/catalog.js';
import { GovernanceError } from '../../core/errors.js';
import type { CompiledPolicies } from '../../core/policy/compile.js';
import { DecidingPolicies } from '../../core/policy/memo.js';
import { parsePolicyTests } from '../../core/policy/policy-test.js';
import { LiveCatalog } from '../../gateway/live-catalog.js';
import { PolicyHolder } from '../../gateway/policy-holder.js';
import { Answer, Refuses } from '../../http/answers.js';
import { NeedsScope } from '../../http/auth.guard.js';
import { Authority } from '../../http/authority.js';
import { Clock } from '../../http/clock.js';
import { Example } from '../../http/example.js';
import { DIFFERENCES, TRIED } from './answer-schemas.js';
import { DIFF_POLICIES, TEST_POLICIES } from './examples.js';
import { PolicyService } from './policy-service.js';
import { runPolicyTests } from './policy-tests.js';
import { diffDecisions, withDocuments } from './policy-trial.js';
import {
  type PolicyDiffBody,
  type PolicyTestBody,
  policyDiffBody,
  policyTestBody,
} from './policy-trial-bodies.js';

@ApiTags('policies')
@ApiBearerAuth()
@NeedsScope('policies')
@Controller('v1/policies')
export class PolicyTrialsController {
  constructor(
    private readonly authority: Authority,
    private readonly policies: PolicyService,
    private readonly holder: PolicyHolder,
    private readonly catalog: LiveCatalog,
    private readonly clock: Clock,
  ) {}

  @Post('test')
  @HttpCode(200)
  @Example(TEST_POLICIES)
  @ApiOperation({
    operationId: 'testPolicies',
    summary: 'What would be decided with these documents; or whether a file of tests passes.',
  })
  @Answer(200, TRIED)
  @Refuses(404, 422)
  async test(
    @Body({ schema: policyTestBody }) body: PolicyTestBody,
    @Req() request: FastifyRequest,
  ): Promise<unknown> {
    this.authority.administrator(request);
    if (!('tests' in body)) return { tables: await this.trial(body, false) };
    const results = runPolicyTests(parsePolicyTests(body.tests), {
      policies: new DecidingPolicies(await this.compiledWith(body.documents)),
      catalog: this.catalog.snapshot(),
      now: this.clock.now(),
      defaultCatalog: this.catalog.defaultCatalog,
    });
    const failed = results.filter(({ differences }) => differences.length > 0).length;
    return { passed: results.length - failed, failed, results };
  }

  @Post('diff')
  @HttpCode(200)
  @Example(DIFF_POLICIES)
  @ApiOperation({
    operationId: 'diffPolicies',
    summary: 'What these documents would change for a principal.',
  })
  @Answer(200, DIFFERENCES)
  @Refuses(404, 422)
  async diff(
    @Body({ schema: policyDiffBody }) body: PolicyDiffBody,
    @Req() request: FastifyRequest,
  ): Promise<unknown> {
    this.authority.administrator(request);
    return { changes: await this.trial(body, true) };
  }

  private async trial(body: PolicyDiffBody, changesOnly: boolean): Promise<readonly unknown[]> {
    const tables = body.objects.map((object) => {
      const table = this.catalog.snapshot().tables.get(foldName(object));
      if (table === undefined) throw new GovernanceError('NOT_FOUND', `There is no table ${object}.`);
      return table;
    });
    const then = await this.compiledWith(body.documents);
    const asked = {
      principal: { ...body.principal, via: 'test' },
      tables,
      now: this.clock.now().getTime(),
      ...(body.purpose === undefined ? {} : { purpose: body.purpose }),
    };
    return diffDecisions(this.holder.current().compiled, then, asked, changesOnly);
  }

  private async compiledWith(documents: readonly unknown[]): Promise<CompiledPolicies> {
    const validated = await Promise.all(documents.map((document) => this.policies.validate(document)));
    return withDocuments(
      this.holder.current().compiled,
      validated.map(({ document }) => document),
    );
  }
}
