import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';

export type EvidenceKind = 'intent' | 'denied' | 'outcome';

/** What happened, without personal data. Append-only: a trigger refuses everything else, whoever asks. */
@Entity({ name: 'evidence_event' })
@Index(['statementId'])
export class EvidenceEventEntity {
  /** Order of arrival; a number may be missing (a batch that was rolled back), none is used twice. */
  @PrimaryGeneratedColumn('identity', { type: 'bigint', generatedIdentity: 'ALWAYS' })
  id!: string;

  @Column({ type: 'text', name: 'statement_id' })
  statementId!: string;

  @Column({ type: 'text' })
  kind!: EvidenceKind;

  /** JSON text, kept byte for byte: hashes are made over it. */
  @Column({ type: 'text' })
  header!: string;

  @Column({ type: 'timestamptz', name: 'created_at', default: () => 'clock_timestamp()' })
  createdAt!: Date;
}

/** The personal part of an event, kept apart so that it can be erased alone. */
@Entity({ name: 'evidence_private' })
@Index(['statementId'])
@Index(['user'])
export class EvidencePrivateEntity {
  @PrimaryGeneratedColumn('identity', { type: 'bigint', generatedIdentity: 'ALWAYS' })
  id!: string;

  @Column({ type: 'text', name: 'statement_id' })
  statementId!: string;

  @Column({ type: 'text' })
  user!: string;

  @Column({ type: 'text' })
  via!: string;

  @Column({ type: 'text', nullable: true })
  address!: string | null;

  @Column({ type: 'text', name: 'user_agent', nullable: true })
  userAgent!: string | null;

  /** JSON text: an array of texts. */
  @Column({ type: 'text' })
  literals!: string;

  @Column({ type: 'text', nullable: true })
  justification!: string | null;

  @Column({ type: 'timestamptz', name: 'created_at', default: () => 'clock_timestamp()' })
  createdAt!: Date;
}
