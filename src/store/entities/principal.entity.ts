import { Column, CreateDateColumn, Entity, PrimaryColumn, UpdateDateColumn, VersionColumn } from 'typeorm';
import type { AttributeValue } from '../../core/policy/decision.js';

/** Someone whom tokens speak for. People who come in with a JWT are not kept here. */
@Entity({ name: 'principal' })
export class PrincipalEntity {
  @PrimaryColumn({ type: 'text' })
  user!: string;

  @Column({ type: 'text', array: true })
  roles!: string[];

  @Column({ type: 'text', array: true })
  groups!: string[];

  @Column({ type: 'jsonb' })
  attributes!: Record<string, AttributeValue>;

  /** An inactive principal's tokens are worth nothing. */
  @Column({ type: 'boolean' })
  active!: boolean;

  @Column({ type: 'text', name: 'managed_by' })
  managedBy!: 'demo' | 'api';

  @CreateDateColumn({ type: 'timestamptz', name: 'created_at' })
  createdAt!: Date;

  @UpdateDateColumn({ type: 'timestamptz', name: 'updated_at' })
  updatedAt!: Date;

  @VersionColumn({ type: 'int' })
  version!: number;
}
