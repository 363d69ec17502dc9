/** Why there is nobody to ask. */

/** No gateway, or one that does not answer. */
export class UnreachableError extends Error {}

/** Nothing to sign in with. */
export class NoTokenError extends Error {}
