import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

export const STATEMENT_STATES = [
  'queued',
  'running',
  'succeeded',
  'failed',
  'canceled',
  'timed_out',
  'expired',
] as const;
export type StatementState = (typeof STATEMENT_STATES)[number];

/** The register of statements: what `GET /v1/statements` lists, and what became of each. Not evidence. */
@Entity({ name: 'statement' })
@Index(['principal', 'submittedAt', 'id'])
export class StatementEntity {
  @PrimaryColumn({ type: 'text' })
  id!: string;

  @Column({ type: 'text' })
  principal!: string;

  @Column({ type: 'text' })
  state!: StatementState;

  /** Which running gateway has it in hand: a lock that Postgres frees when that gateway is gone. */
  @Column({ type: 'bigint' })
  gateway!: string;

  @Column({ type: 'timestamptz', name: 'submitted_at', default: () => 'clock_timestamp()' })
  submittedAt!: Date;

  @Column({ type: 'timestamptz', name: 'finished_at', nullable: true })
  finishedAt!: Date | null;

  /** Error code of a statement that did not succeed. */
  @Column({ type: 'text', nullable: true })
  code!: string | null;

  /** What the answer shows besides rows: manifest, governance, error. */
  @Column({ type: 'jsonb' })
  header!: Record<string, unknown>;
}
