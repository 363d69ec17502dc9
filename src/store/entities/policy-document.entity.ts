import { Column, Entity, PrimaryColumn } from 'typeorm';

/**
 * A policy document in force. `body` is the validated document; what people wrote is in git or was sent by
 * them.
 */
@Entity({ name: 'policy_document' })
export class PolicyDocumentEntity {
  @PrimaryColumn({ type: 'text' })
  name!: string;

  @Column({ type: 'int' })
  version!: number;

  /** `file`: owned by the policies folder and read-only through the API. */
  @Column({ type: 'text' })
  source!: 'file' | 'api';

  @Column({ type: 'jsonb' })
  body!: unknown;

  @Column({ type: 'text', name: 'updated_by' })
  updatedBy!: string;

  @Column({ type: 'timestamptz', name: 'updated_at' })
  updatedAt!: Date;
}
