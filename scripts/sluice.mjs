#!/usr/bin/env node
// The command line is part of the built product; this only finds it.
import { existsSync } from 'node:fs';

const cli = new URL('../dist/src/cli.js', import.meta.url);
if (!existsSync(cli)) {
  console.error('sluice: not built yet; run npm start once, or npm run build.');
  process.exit(1);
}
await import(cli.href);
