/**
 * Events over syslog. TCP tells nobody what the other side has read, so each batch has a connection of its
 * own: we say that we are done, and the batch counts when the receiver, having read to the end, is done too.
 * A receiver that dies with anything unread resets the connection instead, and one that hangs up at once (a
 * load balancer with nothing behind it) does so in the moment that we wait before we say that we are done.
 */

import { connect as connectTcp, type Socket } from 'node:net';
import { hostname } from 'node:os';
import { connect as connectTls } from 'node:tls';
import { syslogFrame } from '../../core/audit/siem/syslog.js';
import { type Sink, type SinkBatch, SinkProblem } from './sink.js';

const TIMEOUT_MS = 15_000;
const GRACE_MS_MIN = 20;
/** Of the time that connecting took, which is at least one way there and back. */
const GRACE_ROUND_TRIPS = 2;

export interface SyslogSinkOptions {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  /** PEM. */
  readonly ca?: string;
  readonly timeoutMs?: number;
}

export class SyslogSink implements Sink {
  constructor(private readonly options: SyslogSinkOptions) {}

  send({ events, lines }: SinkBatch, signal: AbortSignal): Promise<void> {
    const frames = lines.map((line, i) => syslogFrame(events[i]!, hostname(), line)).join('');
    return new Promise((resolve, reject) => {
      const started = performance.now();
      let saidDone = false;
      const sayDone = (): void => {
        saidDone = true;
        socket.end();
      };
      const socket = this.connect(() => {
        const graceMs = Math.max(GRACE_MS_MIN, GRACE_ROUND_TRIPS * (performance.now() - started));
        socket.write(frames, () => setTimeout(sayDone, graceMs));
      });
      const finish = (problem?: Error): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', stop);
        socket.destroy();
        if (problem === undefined) resolve();
        else reject(problem);
      };
      const stop = (): void => finish(new SinkProblem('stopped'));
      const timer = setTimeout(
        () => finish(new SinkProblem('the receiver did not read to the end in time')),
        this.options.timeoutMs ?? TIMEOUT_MS,
      );
      signal.addEventListener('abort', stop);
      // What it says is thrown away; that it ends is what counts.
      socket.resume();
      socket.on('error', finish);
      socket.once('end', () => finish(saidDone ? undefined : new SinkProblem('the receiver hung up')));
      socket.once('close', () => finish(new SinkProblem('the connection broke')));
    });
  }

  async close(): Promise<void> {}

  private connect(connected: () => void): Socket {
    const { host, port, tls, ca } = this.options;
    if (!tls) return connectTcp({ host, port, allowHalfOpen: true }, connected);
    const trust = ca === undefined ? {} : { ca };
    const name = /^[\d.]+$|:/.test(host) ? {} : { servername: host };
    return connectTls({ host, port, minVersion: 'TLSv1.2', ...trust, ...name }, connected);
  }
}
