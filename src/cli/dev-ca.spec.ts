import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createServer } from 'node:tls';
import { afterAll, describe, expect, it } from '@jest/globals';
import { makeDevCa } from './dev-ca.js';

const NOW = new Date();

describe('a development CA', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-dev-ca-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const made = makeDevCa(folder, ['gateway.example', '10.0.0.7', 'fd00::12'], NOW);
  const read = (file: string): X509Certificate => new X509Certificate(readFileSync(file));

  it('signs a certificate for every name that was asked for', () => {
    const server = read(made.certificate);
    const ca = read(made.ca);
    expect(server.verify(ca.publicKey)).toBe(true);
    expect(server.checkIssued(ca)).toBe(true);
    expect(ca.ca).toBe(true);
    expect(server.ca).toBe(false);
    for (const host of ['localhost', 'gateway.example']) expect(server.checkHost(host)).toBe(host);
    for (const address of ['127.0.0.1', '10.0.0.7']) expect(server.checkIP(address)).toBe(address);
    expect(server.checkIP('fd00::12')).toBeDefined();
    expect(server.checkHost('elsewhere.example')).toBeUndefined();
  });

  it('is what a TLS client trusts, and no other is', async () => {
    const server = createServer(
      { cert: readFileSync(made.certificate), key: readFileSync(made.key) },
      (socket) => socket.end('in'),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const ask = (ca: Buffer): Promise<string> =>
      new Promise((resolve, reject) => {
        const socket = connect({ port, host: '127.0.0.1', ca });
        socket.on('data', (data) => resolve(String(data)));
        socket.on('error', reject);
      });
    expect(await ask(readFileSync(made.ca))).toBe('in');
    const other = makeDevCa(join(folder, 'other'), [], NOW);
    await expect(ask(readFileSync(other.ca))).rejects.toThrow();
    server.close();
  });

  it('keeps its keys from others', () => {
    for (const file of ['ca-key.pem', 'server-key.pem']) {
      expect(statSync(join(folder, file)).mode & 0o077).toBe(0);
    }
  });

  it('stays when it is run again, until it would end before what it signs', () => {
    const before = readFileSync(made.ca, 'utf8');
    expect(makeDevCa(folder, [], NOW)).toMatchObject({ kept: true });
    expect(readFileSync(made.ca, 'utf8')).toBe(before);
    const later = new Date(NOW.getTime() + 500 * 86_400_000);
    expect(makeDevCa(folder, [], later)).toMatchObject({ kept: false });
    expect(readFileSync(made.ca, 'utf8')).not.toBe(before);
  });

  it('takes names of hosts only', () => {
    expect(() => makeDevCa(folder, ['a b'], NOW)).toThrow('not the name');
    expect(() => makeDevCa(folder, ['*'], NOW)).toThrow('not the name');
  });
});
