/**
 * The tables of the sample lake as SQL for DuckDB, set-based so that a million orders take seconds. Same seed
 * and scale: same rows.
 */
import { COUNTRIES } from './countries.js';
import { EMAIL_DOMAINS, LOCALES, NAMES } from './people.js';
import { dice, fill, ibanOf, text, textList } from './sample-random.js';

/** Raised whenever the rows change: lakes that were generated before are made again. */
export const GENERATOR_VERSION = 1;

const CUSTOMERS = 100_000;
const ORDERS_PER_CUSTOMER = 10;
const TICKETS_PER_CUSTOMER = 0.4;
const EMPLOYEES = 1_000;
const EMPLOYEES_MIN = 40;
const REPORTS_PER_MANAGER = 8;
const PRODUCTS = 480;

const FIRST_SIGN_UP = '2019-01-01 00:00:00+00';
const LAST_MOMENT = '2026-06-30 22:00:00+00';

export interface SampleSize {
  readonly scale: number;
  readonly seed: number;
}

export interface SampleTable {
  /** `schema.table` below the catalog. */
  readonly name: string;
  /** Rows in a fixed order. */
  readonly query: string;
  /** Share of the work, for the progress bar. */
  readonly weight: number;
}

/** Run before the tables, on the same connection. */
export function sampleSetup(size: SampleSize): readonly { readonly label: string; readonly sql: string }[] {
  return [
    { label: 'names and cities', sql: localeSlots() },
    { label: 'people', sql: `CREATE TEMP TABLE customers AS ${customers(size)}` },
    { label: 'what they bought', sql: `CREATE TEMP TABLE items AS ${items(size)}` },
  ];
}

export function sampleTables(size: SampleSize): readonly SampleTable[] {
  return [
    { name: 'ref.countries', query: countries(), weight: 1 },
    { name: 'crm.customers', query: 'SELECT * FROM customers ORDER BY id', weight: 8 },
    { name: 'sales.orders', query: orders(size), weight: 40 },
    { name: 'sales.order_items', query: 'SELECT * FROM items ORDER BY order_id, line', weight: 30 },
    { name: 'hr.employees', query: employees(size), weight: 1 },
    { name: 'support.tickets', query: tickets(size), weight: 8 },
  ];
}

const customerCount = (size: SampleSize): number => Math.max(1, Math.round(CUSTOMERS * size.scale));

function countries(): string {
  const rows = COUNTRIES.map((c) => `(${text(c.code)}, ${text(c.name)}, ${text(c.region)}, ${c.eu})`);
  return `SELECT * FROM (VALUES ${rows.join(', ')}) AS c(code, name, region, eu) ORDER BY code`;
}

/** A hundred slots, as many for a country as its share. */
function localeSlots(): string {
  const rows = LOCALES.flatMap((locale) => {
    const names = NAMES[locale.names];
    return Array.from(
      { length: locale.share },
      () =>
        `(${text(locale.country)}, ${textList(names.first)}, ${textList(names.last)}, ${textList(locale.cities)}, ${text(locale.dial)})`,
    );
  });
  return `CREATE TEMP TABLE slots AS SELECT (row_number() OVER ()) - 1 AS slot, s.*
    FROM (VALUES ${rows.join(', ')}) AS s(country, first_names, last_names, cities, dial)`;
}

const mailName = (name: string): string =>
  `regexp_replace(lower(strip_accents(replace(replace(${name}, 'ł', 'l'), 'ø', 'o'))), '[^a-z]', '', 'g')`;

function customers(size: SampleSize): string {
  const random = dice(size.seed, 'i');
  const byCountry = (what: (locale: (typeof LOCALES)[number]) => string) =>
    `CASE country ${LOCALES.map((l) => `WHEN ${text(l.country)} THEN ${what(l)}`).join(' ')} END`;
  const phone = byCountry((l) => `concat(dial, ' ', ${random.digits('phone', l.phoneDigits)})`);
  const iban = byCountry((l) => ibanOf(l, random.digits('iban', l.iban?.digits ?? 1)));
  return `SELECT i AS id, concat(first, ' ', last) AS full_name,
      CASE WHEN ${random.chance('no email', 15)} THEN NULL
        ELSE concat(${mailName('first')}, '.', ${mailName('last')}, i, '@', ${random.pick('domain', textList(EMAIL_DOMAINS))}) END AS email,
      CASE WHEN ${random.chance('no phone', 40)} THEN NULL ELSE ${phone} END AS phone,
      CASE WHEN ${random.chance('no id', 10)} THEN NULL ELSE ${byCountry((l) => fill(random, 'national id', l.nationalId))} END AS national_id,
      CASE WHEN ${random.chance('no iban', 60)} THEN NULL ELSE ${iban} END AS iban,
      CASE WHEN ${random.chance('no birth date', 20)} THEN NULL
        ELSE DATE '1938-01-01' + ${random.below('birth date', 25_500)}::INTEGER END AS birth_date,
      country, ${random.pick('city', 'cities')} AS city,
      CASE WHEN ${random.chance('consent unknown', 30)} THEN NULL ELSE ${random.chance('consent', 420)} END AS marketing_consent,
      ${momentAfter(`TIMESTAMPTZ '${FIRST_SIGN_UP}'`, random.unit('created'))} AS created_at
    FROM (SELECT i, slots.*, ${random.pick('first', 'first_names')} AS first, ${random.pick('last', 'last_names')} AS last
      FROM range(1, ${customerCount(size) + 1}) AS n(i) JOIN slots ON slot = ${random.below('slot', 100)})`;
}

/** Whole seconds between `from` and the last moment of the sample. */
const momentAfter = (from: string, unit: string): string =>
  `${from} + to_seconds(floor(${unit} * (epoch(TIMESTAMPTZ '${LAST_MOMENT}') - epoch(${from})))::BIGINT)`;

const PRODUCT_KINDS: readonly string[] = [
  'Desk lamp',
  'Notebook',
  'Office chair',
  'Headset',
  'Monitor',
  'Keyboard',
  'Backpack',
  'Water bottle',
  'Webcam',
  'Standing desk',
  'Whiteboard',
  'Coffee grinder',
];
const PRODUCT_LINES: readonly string[] = [
  'Alder',
  'Birch',
  'Cedar',
  'Dune',
  'Ember',
  'Fjord',
  'Grove',
  'Harbor',
];

function items(size: SampleSize): string {
  const random = dice(size.seed, 'i * 8 + line');
  const product = dice(size.seed, 'product_id');
  const orderCount = customerCount(size) * ORDERS_PER_CUSTOMER;
  return `SELECT order_id, line, product_id,
      concat(${product.pick('line', textList(PRODUCT_LINES))}, ' ', ${product.pick('kind', textList(PRODUCT_KINDS))}) AS product,
      quantity, unit_price, (quantity * unit_price)::DECIMAL(12, 2) AS amount
    FROM (SELECT *, ((399 + ${product.below('price', 60_000)}) / 100)::DECIMAL(10, 2) AS unit_price
      FROM (SELECT i AS order_id, line::INTEGER AS line, (1 + ${random.below('product', PRODUCTS)})::INTEGER AS product_id,
          (1 + ${random.below('quantity', 4)} * ${random.below('several', 2)})::INTEGER AS quantity
        FROM (SELECT i, unnest(range(1, 2 + ${dice(size.seed, 'i').below('lines', 4)})) AS line
          FROM range(1, ${orderCount + 1}) AS n(i))))`;
}

/** Some customers order often, many rarely. */
function orders(size: SampleSize): string {
  const random = dice(size.seed, 'order_id');
  const statuses = textList([
    'delivered',
    'delivered',
    'delivered',
    'delivered',
    'delivered',
    'shipped',
    'shipped',
    'open',
    'returned',
    'cancelled',
  ]);
  return `SELECT o.order_id AS id, c.id AS customer_id, c.country,
      ${random.pick('status', statuses)} AS status, o.total::DECIMAL(12, 2) AS total,
      ${momentAfter('c.created_at', random.unit('ordered'))} AS ordered_at
    FROM (SELECT order_id, sum(amount) AS total,
        1 + floor(pow(${random.unit('customer')}, 1.6) * ${customerCount(size)})::BIGINT AS customer
      FROM items GROUP BY order_id) AS o JOIN customers AS c ON c.id = o.customer
    ORDER BY o.order_id`;
}

function employees(size: SampleSize): string {
  const random = dice(size.seed, 'i');
  const count = Math.max(EMPLOYEES_MIN, Math.round(EMPLOYEES * size.scale));
  const departments = textList([
    'Sales',
    'Support',
    'Engineering',
    'Finance',
    'People',
    'Logistics',
    'Legal',
    'Marketing',
  ]);
  return `SELECT i AS id, concat(first, ' ', last) AS full_name,
      concat(${mailName('first')}, '.', ${mailName('last')}, i, '@shop.example') AS email,
      CASE WHEN i = 1 THEN 'Management' ELSE ${random.pick('department', departments)} END AS department,
      CASE level WHEN 0 THEN 'Managing Director' WHEN 1 THEN 'Director' WHEN 2 THEN 'Manager'
        ELSE ${random.pick('title', textList(['Specialist', 'Senior Specialist', 'Analyst', 'Associate']))} END AS title,
      (round((CASE level WHEN 0 THEN 240000 WHEN 1 THEN 130000 WHEN 2 THEN 82000 ELSE 36000 END)
        * (1 + 0.5 * ${random.unit('salary')}) / 50) * 50)::DECIMAL(10, 2) AS salary,
      CASE WHEN i = 1 THEN NULL ELSE (i - 2) // ${REPORTS_PER_MANAGER} + 1 END AS manager_id,
      DATE '2008-01-01' + ${random.below('hired', 6_700)}::INTEGER AS hired_on, country
    FROM (SELECT i, country, ${random.pick('first', 'first_names')} AS first, ${random.pick('last', 'last_names')} AS last,
        CASE WHEN i = 1 THEN 0 WHEN i <= ${1 + REPORTS_PER_MANAGER} THEN 1
          WHEN i <= ${1 + REPORTS_PER_MANAGER + REPORTS_PER_MANAGER ** 2} THEN 2 ELSE 3 END AS level
      FROM range(1, ${count + 1}) AS n(i) JOIN slots ON slot = ${random.below('employee slot', 100)})
    ORDER BY i`;
}

/** Free text with the customer's own name, address and number in it, as people write to a help desk. */
const TICKETS: readonly (readonly [subject: string, body: string])[] = [
  [
    'Where is my parcel?',
    'Hello, this is {name}. My order has not arrived. You can reach me at {email} or {phone}.',
  ],
  [
    'Wrong item',
    'I received the wrong item. Please send the label for the return to {email}. Regards, {name}',
  ],
  [
    'Invoice',
    'Could you send the invoice for my last order to {email}? My IBAN for the refund is {iban}. {name}',
  ],
  [
    'Change of address',
    '{name} here, I have moved to {city}. Please change my address and call {phone} with questions.',
  ],
  ['Newsletter', 'Please stop sending the newsletter to {email}.'],
  ['Login does not work', 'I cannot log in with {email} any more. Is my account locked? Thanks, {name}'],
  [
    'Damaged on arrival',
    'The desk lamp was broken when I opened the box. Photos were sent from {email}. Call {phone}. {name}, {city}',
  ],
  [
    'Delete my data',
    'Under the GDPR I ask you to delete everything you hold on me. {name}, born {birth}, {email}',
  ],
  ['Question', 'Do you have the office chair in black? No hurry.'],
];

function tickets(size: SampleSize): string {
  const random = dice(size.seed, 'ticket');
  const count = Math.round(customerCount(size) * TICKETS_PER_CUSTOMER) + 1;
  const filled = Object.entries({
    '{name}': 'c.full_name',
    '{email}': "coalesce(c.email, 'my usual address')",
    '{phone}': "coalesce(c.phone, 'the usual number')",
    '{iban}': "coalesce(c.iban, 'on file')",
    '{city}': 'c.city',
    '{birth}': "coalesce(c.birth_date::VARCHAR, 'long ago')",
  }).reduce(
    (sql, [slot, value]) => `replace(${sql}, '${slot}', ${value})`,
    `${textList(TICKETS.map(([, body]) => body))}[kind]`,
  );
  return `SELECT ticket AS id, c.id AS customer_id, ${textList(TICKETS.map(([subject]) => subject))}[kind] AS subject,
      ${filled} AS body, ${random.pick('status', textList(['closed', 'closed', 'closed', 'open', 'waiting']))} AS status,
      CASE WHEN ${random.chance('no priority', 50)} THEN NULL ELSE ${random.pick('priority', textList(['low', 'normal', 'normal', 'high']))} END AS priority,
      ${momentAfter('c.created_at', random.unit('written'))} AS created_at
    FROM (SELECT ticket, 1 + ${random.below('customer', customerCount(size))} AS customer, (1 + ${random.below('kind', TICKETS.length)})::INTEGER AS kind
      FROM range(1, ${count + 1}) AS n(ticket)) JOIN customers AS c ON c.id = customer
    ORDER BY ticket`;
}
