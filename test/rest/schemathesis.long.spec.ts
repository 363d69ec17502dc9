/** The same as its short sister, with many more examples and with chains of calls. */
import { jest } from '@jest/globals';
import { itHoldsTheDescription } from '../support/schemathesis.js';

jest.setTimeout(2_000_000);
itHoldsTheDescription(
  { seed: 20_261, examplesMax: 150, phases: 'coverage,fuzzing,stateful', secondsMax: 600 },
  3_000,
);
