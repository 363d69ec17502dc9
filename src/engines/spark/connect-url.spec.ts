import { describe, expect, it } from '@jest/globals';
import { parseSparkUrl } from './connect-url.js';

describe('parseSparkUrl', () => {
  it.each([
    ['sc://localhost', { host: 'localhost', port: 15_002, tls: false }],
    ['sc://127.0.0.1:1/;token=a%2Fb', { host: '127.0.0.1', port: 1, token: 'a/b', tls: false }],
    [
      'sc://spark.example.org/;token=t;use_ssl=true',
      { host: 'spark.example.org', port: 15_002, token: 't', tls: true },
    ],
    ['sc://spark/;token=t;use_ssl=false', { host: 'spark', port: 15_002, token: 't', tls: false }],
  ])('reads %s', (url, address) => {
    expect(parseSparkUrl(url)).toEqual(address);
  });

  it.each([
    ['http://localhost', /sc:/],
    ['sc://user@localhost', /parameters/],
    ['sc://localhost/?token=t', /parameters/],
    ['sc://localhost/;user_id=x', /token and use_ssl/],
    ['sc://localhost/;token', /token and use_ssl/],
    ['sc://spark.example.org/;token=secret', /over a network/],
  ])('refuses %s and does not repeat its token', (url, problem) => {
    expect(() => parseSparkUrl(url)).toThrow(problem);
    expect(() => parseSparkUrl(url)).not.toThrow(/secret/);
  });
});
