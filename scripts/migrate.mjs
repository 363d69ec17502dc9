/**
 * `npm run migrate`: brings the database up to date and ends. A step of its own where several gateways share
 * one.
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { checkNode, ensureBuilt, ensureInstalled, ROOT } from './prepare.mjs';

checkNode();
ensureInstalled();
ensureBuilt();

const load = (path) => import(pathToFileURL(join(ROOT, 'dist', 'src', path)).href);
const { loadConfig } = await load('config.js');
const { lockDataDir } = await load('store/data-dir-lock.js');
const { openDatabase } = await load('store/open-database.js');

try {
  const config = { ...loadConfig(process.env), migrate: true };
  const lock = config.databaseUrl === undefined ? lockDataDir(config.dataDir) : undefined;
  try {
    const database = await openDatabase(config);
    await database.stop();
    const names = database.migrations;
    process.stdout.write(
      names.length === 0 ? 'The database is up to date.\n' : `Migrated: ${names.join(', ')}\n`,
    );
  } finally {
    lock?.release();
  }
} catch (error) {
  process.stderr.write(`sluice: ${error.message}\n`);
  process.exitCode = 1;
}
