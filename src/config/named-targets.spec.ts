import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ConfigError, loadConfig } from '../config.js';

const problemsOf = (name: string, value: string): readonly string[] => {
  try {
    loadConfig({ [name]: value });
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
};

describe('named targets', () => {
  it('are read with their options, and the address keeps what is its own', () => {
    const { auditSinks } = loadConfig({
      SLUICE_AUDIT_SINKS: `siem=https://u:p@host:8088/in?key=1#format=cef&personal=true
        soc=syslog+tls://[::1]:6514  disk=file:///var/log/a.ndjson#keep=3`,
    });
    expect(auditSinks?.map(({ name, url, options }) => [name, url.href, options])).toEqual([
      ['siem', 'https://u:p@host:8088/in?key=1', { format: 'cef', personal: 'true' }],
      ['soc', 'syslog+tls://[::1]:6514', {}],
      ['disk', 'file:///var/log/a.ndjson', { keep: '3' }],
    ]);
    expect(loadConfig({}).auditSinks).toBeUndefined();
  });

  it.each([
    ['SLUICE_AUDIT_SINKS', 'a=syslog+udp://host', /UDP loses messages/],
    ['SLUICE_AUDIT_SINKS', 'a=syslog://host', /syslog\+tls/],
    ['SLUICE_AUDIT_SINKS', 'a=ftp://host', /must start with file:/],
    ['SLUICE_AUDIT_SINKS', 'a=https://h a=https://h', /names a twice/],
    ['SLUICE_AUDIT_SINKS', 'https://h', /name=URL/],
    ['SLUICE_AUDIT_SINKS', 'A=https://h', /name=URL/],
    ['SLUICE_AUDIT_SINKS', 'a=nonsense', /no URL for a/],
    ['SLUICE_AUDIT_SINKS', 'a=https://h#formt=cef', /an option that is none of format, personal/],
    ['SLUICE_AUDIT_SINKS', 'a=https://h#format=xml', /format does not have the form/],
    ['SLUICE_AUDIT_SINKS', 'a=https://h#constructor=1', /an option that is none of/],
    ['SLUICE_AUDIT_SINKS', [...'abcdefghi'].map((n) => `${n}=https://h`).join(' '), /more than 8/],
    ['SLUICE_AUDIT_ANCHORS', 'a=https://h', /must start with file:, s3\+https:/],
    ['SLUICE_AUDIT_ANCHORS', 'a=s3+https://h/b#days=0', /days does not have the form/],
    ['SLUICE_AUDIT_SINK_TOKENS', 'no-equals-sign', /name=secret/],
    ['SLUICE_AUDIT_PRIVATE_KEYS', 'a=beef', /64 hex digits/],
  ])('%s %s is refused in words', (name, value, said) => {
    expect(problemsOf(name, value)).toEqual([expect.stringMatching(said)]);
  });

  it('never repeat what was given: it may hold a secret', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z]=[a-z+]{1,8}:\/\/\S{0,20}secret\S{0,20}$/), (value) => {
        expect(problemsOf('SLUICE_AUDIT_SINKS', value).join()).not.toContain('secret');
      }),
      { examples: [['a=https://u:secret@h#secret=1']] },
    );
  });
});
