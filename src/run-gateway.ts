/** The process around a gateway: settings, signals, exit codes, and what is printed. */
import { renderBox } from './box.js';
import { type Config, ConfigError, changedSettings, loadConfig } from './config.js';
import { createLogger, logObservation } from './ops/logger.js';
import type { Observation } from './ops/observation.js';
import { type Doors, type GatewayContext, StartError, startGateway } from './start-gateway.js';
import { DataDirInUseError } from './store/data-dir-lock.js';
import { VERSION } from './version.js';

/** Whatever hangs, the process is gone by then. */
const STOP_DEADLINE_MS = 19_000;
const EXIT_FAILED = 1;

/** Runs until a signal comes, or the process that started us is gone. Ends the process. */
export async function runGateway(openDoors: (context: GatewayContext) => Promise<Doors>): Promise<void> {
  // A terminal that went away must not take the gateway with it before it has stopped in order.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  const config = configOrExit();
  const logger = createLogger(config.logLevel);
  const log = (observation: Observation): void => logObservation(logger, observation);
  log({ kind: 'booting', version: VERSION, settings: changedSettings(process.env) });

  const stopping = new AbortController();
  const stopReason = onStopRequest((reason, exitCode) => {
    process.exitCode = exitCode;
    setTimeout(() => process.exit(EXIT_FAILED), STOP_DEADLINE_MS).unref();
    stopping.abort(reason);
  }, log);
  try {
    const gateway = await startGateway(config, log, openDoors, stopping.signal);
    process.stdout.write(renderBox(gateway));
    await gateway.stop(await stopReason);
  } catch (error) {
    if (!stopping.signal.aborted) fail(error, log);
  }
  process.exit();
}

function configOrExit(): Config {
  try {
    return loadConfig(process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    for (const problem of error.problems) process.stderr.write(`sluice: ${problem}\n`);
    process.stderr.write('sluice: all settings are in docs/reference/settings.md.\n');
    process.exit(EXIT_FAILED);
  }
}

/** Resolves with the first reason to stop; later ones change nothing. */
function onStopRequest(
  stop: (reason: string, exitCode: number) => void,
  log: (observation: Observation) => void,
): Promise<string> {
  return new Promise((resolve) => {
    let asked = false;
    const request = (reason: string, exitCode: number): void => {
      if (asked) return;
      asked = true;
      stop(reason, exitCode);
      resolve(reason);
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.on(signal, () => request(signal, 0));
    process.on('disconnect', () => request('the process that started the gateway is gone', 0));
    const crash = (error: unknown): void => {
      log({ kind: 'background-failed', what: 'the gateway', error });
      request('an error that nothing handled', EXIT_FAILED);
    };
    process.on('uncaughtException', crash);
    process.on('unhandledRejection', crash);
  });
}

/** One line for what a person can mend; the log entry for what we must. */
function fail(error: unknown, log: (observation: Observation) => void): void {
  process.exitCode = EXIT_FAILED;
  const forPeople =
    error instanceof StartError || error instanceof DataDirInUseError || error instanceof ConfigError;
  if (!forPeople) log({ kind: 'background-failed', what: 'starting', error });
  process.stderr.write(
    `sluice: ${error instanceof Error ? error.message : 'the gateway could not be started.'}\n`,
  );
}
