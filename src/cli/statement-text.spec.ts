import { describe, expect, it } from '@jest/globals';
import { parameterOf } from './statement-text.js';

describe('parameterOf', () => {
  it.each([
    ['a=1', { name: 'a', value: '1' }],
    ['a=1:int', { name: 'a', type: 'int', value: '1' }],
    ['a=1.50:decimal(10,2)', { name: 'a', type: 'decimal(10,2)', value: '1.50' }],
    ['t=12:30:00', { name: 't', value: '12:30:00' }],
    ['t=2026-01-31T12:30:00Z:timestamp', { name: 't', type: 'timestamp', value: '2026-01-31T12:30:00Z' }],
    ['u=http://host', { name: 'u', value: 'http://host' }],
    ['u=is:string:string', { name: 'u', type: 'string', value: 'is:string' }],
    ['a=', { name: 'a', value: '' }],
    ['a=:string', { name: 'a', type: 'string', value: '' }],
    ['plain', { value: 'plain' }],
    ['7:bigint', { type: 'bigint', value: '7' }],
  ])('%s', (text, parameter) => {
    expect(parameterOf(text)).toEqual(parameter);
  });
});
