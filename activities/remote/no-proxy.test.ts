import { describe, expect, it } from 'vitest';
import { isExempt } from './no-proxy.ts';

describe('activities/remote/no-proxy', () => {
  it.each([
    ['https://charts.example.com', 'example.com'],
    ['https://charts.example.com', 'other, .example.com'],
    ['https://charts.example.com', '*.example.com'],
    ['https://charts.example.com', '*'],
    ['https://charts.example.com', 'CHARTS.example.com:443'],
    ['http://10.1.2.3:8080', '10.1.2.3:8080'],
    ['http://[::1]:80', '::1'],
  ])('reaches %s without a proxy for %s', (url, noProxy) => {
    expect(isExempt(new URL(url), noProxy)).toBe(true);
  });

  it.each([
    ['https://charts.example.com', ''],
    ['https://badexample.com', 'example.com'],
    ['https://charts.example.com', 'charts.example.com:8443'],
  ])('reaches %s through the proxy for %j', (url, noProxy) => {
    expect(isExempt(new URL(url), noProxy)).toBe(false);
  });
});
