/** Settings of what is served as tables. Part of the one table in `settings.ts`. */
import { group, optional } from './setting.js';
import { boolean, decimal, duration, text } from './values.js';

const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;

const lake = group('Lake and demo');

export const LAKE_SETTINGS = {
  lake: optional('Lake and demo')(
    'SLUICE_LAKE',
    text,
    'Folder of Parquet, CSV and JSON files to serve as catalog `lake`.',
  ),
  lakePollMs: lake(
    'SLUICE_LAKE_POLL',
    duration(SECOND_MS, HOUR_MS),
    '5s',
    'How often the folder is looked at for new, changed and vanished files.',
  ),
  lakeWatch: lake(
    'SLUICE_LAKE_WATCH',
    boolean,
    'true',
    'Also listen to the file system, so that most changes are seen at once.',
  ),
  policiesDir: lake('SLUICE_POLICIES_DIR', text, 'policies', 'Folder of policy documents owned by files.'),
  demo: optional('Lake and demo')(
    'SLUICE_DEMO',
    boolean,
    'Sample lake, demo users and their tokens. Without a value: true when no database URL is given.',
  ),
  demoScale: lake(
    'SLUICE_DEMO_SCALE',
    decimal(0.001, 100),
    '1',
    'Size of the sample lake; 1 is 100,000 customers and 1,000,000 orders.',
  ),
} as const;
