export const DELTA_PACKAGE: string;
/** Settings of a Spark that has these files. */
export function deltaConf(jars: readonly string[]): Readonly<Record<string, string | number>>;
