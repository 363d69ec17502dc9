/** TLS on the Spark Connect port with the certificate that `sluice keys dev-ca` makes, and the health service of gRPC. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, credentials, type ServiceError } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { makeDevCa } from '../../src/cli/dev-ca.js';
import { HEALTH_PATHS } from '../../src/proto/health.js';
import { type ConnectDoor, openConnectDoor } from '../support/connect-door.js';
import { doorIsHere, type ProgramTest, runProgram, testsIn } from '../support/connect-programs.js';
import { SPARK_TIMEOUT_MS } from '../support/spark-server.js';

const same = (bytes: Buffer): Buffer => bytes;
const NOT_FOUND = 5;
/** `{ service }` of HealthCheckRequest. */
const asking = (service: string): Buffer =>
  service === ''
    ? Buffer.alloc(0)
    : Buffer.concat([Buffer.from([0x0a, service.length]), Buffer.from(service)]);
const SERVING = [0x08, 1];
const NOT_SERVING = [0x08, 2];

if (doorIsHere())
  describe('the Spark Connect port', () => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-tls-'));
    const made = makeDevCa(folder, [], new Date());
    let door: ConnectDoor;
    let client: Client;
    let results: readonly ProgramTest[] = [];
    beforeAll(async () => {
      door = await openConnectDoor({
        SLUICE_CONNECT_TLS_CERT: made.certificate,
        SLUICE_CONNECT_TLS_KEY: made.key,
        SLUICE_DEMO_SCALE: '0.001',
      });
      const address = `127.0.0.1:${door.gateway.connectPort}`;
      client = new Client(address, credentials.createSsl(readFileSync(made.ca)));
      results = await runProgram('tls', {
        ...door.env,
        SLUICE_TLS: address,
        GRPC_DEFAULT_SSL_ROOTS_FILE_PATH: made.ca,
      });
    }, SPARK_TIMEOUT_MS);
    afterAll(async () => {
      client?.close();
      await door?.close();
      rmSync(folder, { recursive: true, force: true });
    });

    it.each(testsIn('tls'))('%s', (name) => {
      expect(results.find((result) => result.name === name)).toEqual({ name, ok: true });
    });

    const check = (service: string): Promise<number[]> =>
      new Promise((resolve, reject) => {
        client.makeUnaryRequest(HEALTH_PATHS.check, same, same, asking(service), (error, answer) =>
          error === null && answer !== undefined ? resolve([...answer]) : reject(error),
        );
      });

    it('tells its health to those who ask, without credentials', async () => {
      expect(await check('')).toEqual(SERVING);
      expect(await check('spark.connect.SparkConnectService')).toEqual(SERVING);
      const unknown = (await check('elsewhere').catch((error: unknown) => error)) as ServiceError;
      expect(unknown.code).toBe(NOT_FOUND);
    });

    it('tells those who watch that it stops', async () => {
      const watching = client.makeServerStreamRequest(HEALTH_PATHS.watch, same, same, asking(''));
      const heard: number[][] = [];
      watching.on('data', (answer: Buffer) => {
        heard.push([...answer]);
        if (heard.length === 1) void door.gateway.stop();
      });
      await new Promise((resolve) => watching.on('end', resolve).on('error', resolve));
      expect(heard).toEqual([SERVING, NOT_SERVING]);
    }, 30_000);

    it('does not start with half of a certificate', async () => {
      const started = openConnectDoor({ SLUICE_CONNECT_TLS_CERT: made.certificate });
      await expect(started).rejects.toThrow('go together');
    }, 30_000);
  });
