/** The description of the API is true: somebody else's fuzzer finds no answer that it does not describe. */
import { jest } from '@jest/globals';
import { itHoldsTheDescription } from '../support/schemathesis.js';

jest.setTimeout(150_000);
itHoldsTheDescription({ seed: 1, examplesMax: 2, phases: 'coverage,fuzzing', secondsMax: 30 }, 300);
