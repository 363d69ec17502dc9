import { Column, Entity, PrimaryColumn, UpdateDateColumn, VersionColumn } from 'typeorm';

/** Owner and tags that people gave a table (`column` is empty) or one of its columns. */
@Entity({ name: 'object_metadata' })
export class ObjectMetadataEntity {
  /** `catalog.schema.table`, folded. */
  @PrimaryColumn({ type: 'text' })
  object!: string;

  /** Folded column name; empty for the table itself. */
  @PrimaryColumn({ type: 'text' })
  column!: string;

  @Column({ type: 'text', nullable: true })
  owner!: string | null;

  @Column({ type: 'text', array: true })
  tags!: string[];

  @Column({ type: 'text', name: 'updated_by' })
  updatedBy!: string;

  @UpdateDateColumn({ type: 'timestamptz', name: 'updated_at' })
  updatedAt!: Date;

  @VersionColumn({ type: 'int' })
  version!: number;
}
