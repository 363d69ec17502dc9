export const CLIENTS: Readonly<Record<string, readonly string[]>>;
/** The python of the environment with this client, if it is there and whole. */
export function clientPython(version: string): string | undefined;
