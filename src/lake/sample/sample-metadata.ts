/** Tags and owners that the sample lake comes with; people can change them as those of any table. */
import type { ObjectId } from '../../core/catalog/catalog.js';

interface SampleMetadata {
  readonly owner: string;
  readonly columns: Readonly<Record<string, readonly string[]>>;
}

export const SAMPLE_METADATA: ReadonlyMap<ObjectId, SampleMetadata> = new Map<ObjectId, SampleMetadata>([
  [
    'shop.crm.customers',
    {
      owner: 'user:steward',
      columns: {
        full_name: ['pii.name'],
        email: ['pii.email'],
        phone: ['pii.phone'],
        national_id: ['pii.national_id'],
        iban: ['pii.iban'],
        birth_date: ['pii.birth_date'],
      },
    },
  ],
  ['shop.sales.orders', { owner: 'user:engineer', columns: {} }],
  ['shop.sales.order_items', { owner: 'user:engineer', columns: {} }],
  [
    'shop.hr.employees',
    {
      owner: 'user:admin',
      columns: { full_name: ['pii.name'], email: ['pii.email'], salary: ['hr.salary'] },
    },
  ],
  ['shop.support.tickets', { owner: 'user:privacy', columns: { body: ['pii.free_text'] } }],
  ['shop.ref.countries', { owner: 'user:steward', columns: {} }],
]);
