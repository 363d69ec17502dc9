/** The python of the environment, if it is there and whole. */
export function formatsPython(): string | undefined;
