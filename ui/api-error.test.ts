import { describe, expect, test } from 'vitest';
import { readApiError } from './api-error.ts';

describe('ui/api-error', () => {
  test('a refusal with several problems lists each with its field', () => {
    const message =
      'metadata.name: is empty; name the application; spec.sources[0].path: is missing; set it to "."';
    const error = readApiError(400, JSON.stringify({ error: message, code: 3, message }));
    expect(error.code).toBe('invalid-argument');
    expect(error.issues).toEqual([
      { path: 'metadata.name', message: 'is empty; name the application' },
      { path: 'spec.sources[0].path', message: 'is missing; set it to "."' },
    ]);
  });

  test('what the server finds wrong with a spec belongs to the field that it names', () => {
    const message = 'application spec for web is invalid: spec.project: "x" does not exist; create it';
    expect(readApiError(400, JSON.stringify({ message })).issues).toEqual([
      { path: 'spec.project', message: '"x" does not exist; create it' },
    ]);
  });

  test('a plain refusal keeps its sentence and has no issues', () => {
    const error = readApiError(400, '{"message":"another operation is already in progress"}');
    expect(error.message).toBe('another operation is already in progress');
    expect(error.issues).toEqual([]);
  });

  test('a page of a proxy is replaced by a sentence with the status', () => {
    const error = readApiError(502, '<html><body>Bad gateway</body></html>');
    expect(error.message).toBe('the server answered with status 502; try again or look at its log');
    expect(error.retryable).toBe(true);
  });

  test('a plain text refusal shows its first line', () => {
    expect(readApiError(415, 'Invalid content type\n').message).toBe('Invalid content type');
  });
});
