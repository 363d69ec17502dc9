/**
 * The gateway as a process: everything is wired in app.module.ts, lives by start-gateway.ts and dies by
 * run-gateway.ts.
 */
import 'reflect-metadata';
import { openDoors } from './app.module.js';
import { runGateway } from './run-gateway.js';

await runGateway(openDoors);
