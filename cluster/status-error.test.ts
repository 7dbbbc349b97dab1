import { describe, expect, it } from 'vitest';
import { ObjectError } from '../core/errors.ts';
import { statusError } from './status-error.ts';

const key = { group: 'apps', kind: 'Deployment', namespace: 'prod', name: 'web' };
const secretKey = { group: '', kind: 'Secret', namespace: 'prod', name: 'login' };

function errorFor(status: number, body: object, of = key) {
  const text = JSON.stringify({ kind: 'Status', ...body });
  return statusError(status, text, { cluster: 'east', key: of, request: 'PATCH' });
}

describe('cluster/status-error', () => {
  it.each([
    ['a refusal by RBAC', 403, { reason: 'Forbidden' }, 'forbidden', false],
    ['an unknown identity', 401, { reason: 'Unauthorized' }, 'unauthenticated', false],
    ['an absent object', 404, { reason: 'NotFound', details: { name: 'web' } }, 'not-found', false],
    ['an absent kind', 404, { reason: 'NotFound', details: {} }, 'kind-unknown', false],
    ['a stale write', 409, { reason: 'Conflict' }, 'conflict', true],
    [
      'a foreign field',
      409,
      { reason: 'Conflict', details: { causes: [{ reason: 'FieldManagerConflict', field: '.spec' }] } },
      'apply-conflict',
      false,
    ],
    [
      'a successor of the same name',
      409,
      { reason: 'Conflict', message: 'Precondition failed: UID in precondition: a, UID in object meta: b' },
      'conflict',
      false,
    ],
    ['a second creation', 409, { reason: 'AlreadyExists' }, 'conflict', false],
    [
      'an invalid object',
      422,
      { reason: 'Invalid', message: 'spec.replicas: must be positive' },
      'object-invalid',
      false,
    ],
    [
      'an immutable field',
      422,
      { reason: 'Invalid', message: 'spec.selector: field is immutable' },
      'immutable-field',
      false,
    ],
    [
      'a schema violation in an apply',
      500,
      { message: 'failed to create typed patch object (x): .spec.a: field not declared in schema' },
      'object-invalid',
      false,
    ],
    ['a busy server', 429, { reason: 'TooManyRequests' }, 'unavailable', true],
    ['a failing webhook', 500, { reason: 'InternalError' }, 'unavailable', true],
    ['a status without a reason', 504, {}, 'unavailable', true],
  ] as const)('tells %s by its code', (_, status, body, code, retryable) => {
    expect(errorFor(status, body)).toMatchObject({ code, retryable });
  });

  it('starts with the object, keeps the words of the server and ends with the permission that is missing', () => {
    const message =
      'deployments.apps "web" is forbidden: User "bot" cannot patch resource "deployments" in API group "apps" in the namespace "prod"';
    const error = errorFor(403, { reason: 'Forbidden', message });
    expect(error).toBeInstanceOf(ObjectError);
    expect(error.message).toBe(
      `apps/Deployment prod/web: the API server of cluster east refused it (Forbidden): ${message}; ` +
        'grant user "bot" the verb "patch" on "deployments" of API group "apps" in namespace "prod"',
    );
  });

  it('says of a full quota what to do about it', () => {
    const message =
      'services "web" is forbidden: exceeded quota: few, requested: services=1, used: services=2, limited: services=2';
    expect(errorFor(403, { reason: 'Forbidden', message }).message).toBe(
      `apps/Deployment prod/web: the API server of cluster east refused it (Forbidden): ${message}; ` +
        'raise the quota of the namespace, or ask for less',
    );
  });

  it('names the request where there is no object', () => {
    const error = statusError(403, '{"kind":"Status","reason":"Forbidden","message":"no"}', {
      cluster: 'east',
      request: 'GET /api/v1/pods',
    });
    expect(error.message).toBe('GET /api/v1/pods: the API server of cluster east refused it (Forbidden): no');
  });

  it('quotes an excerpt of replies that are no Status', () => {
    const error = statusError(502, '<html>bad gateway</html>', { cluster: 'east', key, request: 'GET' });
    expect(error).toMatchObject({ code: 'unavailable', retryable: true });
    expect(error.message).toContain('<html>bad gateway</html>');
  });

  it.each([
    [
      'validation',
      422,
      {
        reason: 'Invalid',
        message: 'Secret "login" is invalid: data[a]: Invalid value: "hunter2"',
        details: {
          name: 'login',
          causes: [{ reason: 'FieldValueInvalid', field: 'data[a]', message: 'Invalid value: "hunter2"' }],
        },
      },
    ],
    [
      'a webhook',
      403,
      {
        reason: 'Forbidden',
        message: 'secrets "login" is forbidden: admission webhook "w" denied the request: hunter2 is weak',
      },
    ],
    [
      'a decoder',
      400,
      { reason: 'BadRequest', message: 'Secret in version "v1" cannot be handled: hunter2' },
    ],
    [
      'a schema',
      500,
      { message: 'failed to create typed patch object: .data.a: expected string, got hunter2' },
    ],
    [
      'a denial with an ending',
      403,
      {
        reason: 'Forbidden',
        message:
          'secrets "login" is forbidden: User "u" cannot patch resource "secrets" in API group "": hunter2',
      },
    ],
    ['a proxy', 500, { reason: 'InternalError', message: 'hunter2' }],
  ])('keeps values that %s quotes out of errors of Secrets', (_, status, body) => {
    const error = errorFor(status, body, secretKey);
    expect(error.message).toContain('Secret prod/login: ');
    expect(JSON.stringify([error.message, error.details])).not.toContain('hunter2');
  });

  it('names the fields of a Secret that are invalid', () => {
    const causes = [{ reason: 'FieldValueInvalid', field: 'data[a]', message: 'x' }];
    expect(errorFor(422, { reason: 'Invalid', details: { causes } }, secretKey).message).toContain(
      'data[a] (FieldValueInvalid)',
    );
  });

  it('keeps harmless words about Secrets', () => {
    const message = 'secrets "login" not found';
    expect(
      errorFor(404, { reason: 'NotFound', message, details: { name: 'login' } }, secretKey).message,
    ).toContain(message);
  });
});
