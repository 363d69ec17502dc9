/** A session on a server whose errors are looked at before anybody else sees them: a server that is gone is forgotten. */
import type { ConnectMessage } from '../../proto/message.js';
import type { SparkSession } from './session.js';

export type Fields = Readonly<Record<string, unknown>>;

export class WatchedSession {
  constructor(
    protected readonly session: SparkSession,
    /** What an error is to others. */
    private readonly seen: (error: unknown) => unknown,
  ) {}

  call(method: string, fields: Fields): Promise<ConnectMessage> {
    return this.watched(() => this.session.call(method, fields));
  }

  answers(method: string, fields: Fields, signal: AbortSignal): AsyncGenerator<ConnectMessage> {
    return this.watchedAll(() => this.session.answers(method, fields, signal));
  }

  upload(requests: readonly Fields[]): Promise<ConnectMessage> {
    return this.watched(() => this.session.upload(requests));
  }

  protected async watched<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw this.seen(error);
    }
  }

  protected async *watchedAll<T>(begin: () => AsyncGenerator<T>): AsyncGenerator<T> {
    try {
      yield* begin();
    } catch (error) {
      throw this.seen(error);
    }
  }
}
