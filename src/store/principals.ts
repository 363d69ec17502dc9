/** Principals in Postgres. */
import type { DataSource, Repository } from 'typeorm';
import { MoreThan } from 'typeorm';
import { GovernanceError } from '../core/errors.js';
import type { AttributeValue } from '../core/policy/decision.js';
import { whileDatabaseIsThere } from './database.js';
import { PrincipalEntity } from './entities/principal.entity.js';

export interface PrincipalInput {
  readonly roles: readonly string[];
  readonly groups: readonly string[];
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  readonly active: boolean;
}

export class PrincipalRepository {
  private readonly rows: Repository<PrincipalEntity>;

  constructor(dataSource: DataSource) {
    this.rows = dataSource.getRepository(PrincipalEntity);
  }

  /** In order of user name, after `after`. */
  list(after: string | undefined, limit: number): Promise<PrincipalEntity[]> {
    return whileDatabaseIsThere(() =>
      this.rows.find({
        ...(after === undefined ? {} : { where: { user: MoreThan(after) } }),
        order: { user: 'ASC' },
        take: limit,
      }),
    );
  }

  find(user: string): Promise<PrincipalEntity | null> {
    return whileDatabaseIsThere(() => this.rows.findOneBy({ user }));
  }

  /** Throws CONFLICT when the user is there. */
  async create(user: string, input: PrincipalInput, managedBy: 'demo' | 'api'): Promise<PrincipalEntity> {
    await whileDatabaseIsThere(async () => {
      const made = await this.rows
        .createQueryBuilder()
        .insert()
        .values({ user, ...mutable(input), managedBy, version: 1 })
        .orIgnore()
        .returning('"user"')
        .execute();
      if ((made.raw as unknown[]).length === 0) {
        throw new GovernanceError('CONFLICT', `There is a principal ${user} already.`);
      }
    });
    return this.get(user);
  }

  /** Replaces what is given; `version` is the one the change was made on. */
  async replace(user: string, input: PrincipalInput, version?: number): Promise<PrincipalEntity> {
    const changed = await whileDatabaseIsThere(() =>
      this.rows
        .createQueryBuilder()
        .update()
        .set({ ...mutable(input), version: () => 'version + 1', updatedAt: () => 'clock_timestamp()' })
        .where({ user, ...(version === undefined ? {} : { version }) })
        .execute(),
    );
    if (changed.affected === 0) await this.refuse(user);
    return this.get(user);
  }

  /** The tokens go too. */
  async remove(user: string, version?: number): Promise<void> {
    const removed = await whileDatabaseIsThere(() =>
      this.rows.delete({ user, ...(version === undefined ? {} : { version }) }),
    );
    if (removed.affected === 0) await this.refuse(user);
  }

  async get(user: string): Promise<PrincipalEntity> {
    const found = await this.find(user);
    if (found === null) throw new GovernanceError('NOT_FOUND', 'There is no such principal.');
    return found;
  }

  private async refuse(user: string): Promise<never> {
    await this.get(user);
    throw new GovernanceError('PRECONDITION_FAILED', `The principal ${user} changed since it was read.`);
  }
}

const mutable = (input: PrincipalInput) => ({
  roles: [...input.roles],
  groups: [...input.groups],
  attributes: { ...input.attributes },
  active: input.active,
});
