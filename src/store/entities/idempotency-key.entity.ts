import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** An `Idempotency-Key` that a principal used, and for what. */
@Entity({ name: 'idempotency_key' })
@Index(['createdAt'])
export class IdempotencyKeyEntity {
  @PrimaryColumn({ type: 'text' })
  principal!: string;

  @PrimaryColumn({ type: 'text' })
  key!: string;

  @Column({ type: 'bytea', name: 'body_hash' })
  bodyHash!: Buffer;

  @Column({ type: 'text', name: 'statement_id' })
  statementId!: string;

  @Column({ type: 'timestamptz', name: 'created_at', default: () => 'clock_timestamp()' })
  createdAt!: Date;
}
