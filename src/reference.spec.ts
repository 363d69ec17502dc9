import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { loadConfig } from './config.js';
import { referenceFiles } from './reference.js';

describe('referenceFiles', () => {
  it.each(Object.entries(referenceFiles()))(
    '%s is current (else: node scripts/generate-reference.mjs)',
    (file, content) => {
      expect(readFileSync(new URL(`../${file}`, import.meta.url), 'utf8')).toBe(content);
    },
  );

  it('.env.example, with every line taken, is the default configuration', () => {
    const lines = referenceFiles()['.env.example']!.matchAll(/^#(SLUICE_\w+)=(.*)$/gm);
    const env = Object.fromEntries([...lines].map((match) => [match[1]!, match[2]!]));
    expect(Object.keys(env).length).toBeGreaterThan(30);
    expect(loadConfig(env)).toEqual(loadConfig({}));
  });
});
