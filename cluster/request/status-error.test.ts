import { describe, expect, it } from 'vitest';
import { ObjectError } from '../../core/errors.ts';
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
    [
      'a value that its kind can not read',
      500,
      {
        message:
          'failed to convert new object (prod/web; apps/v1, Kind=Deployment) to proper version (apps/v1, Kind=Deployment): quantities must match the regular expression',
      },
      'object-invalid',
      false,
    ],
    [
      'an object with the version that it had elsewhere',
      500,
      { message: 'resourceVersion should not be set on objects to be created' },
      'object-invalid',
      false,
    ],
    ['a busy server', 429, { reason: 'TooManyRequests' }, 'unavailable', true],
    ['a status without a reason', 504, {}, 'unavailable', true],
  ] as const)('tells %s by its code', (_, status, body, code, retryable) => {
    expect(errorFor(status, body)).toMatchObject({ code, retryable });
  });

  const down =
    'Post "https://10.0.0.1:443/x?timeout=10s": dial tcp 10.0.0.1:443: connect: connection refused';
  it.each([
    ['a busy server', 429, { reason: 'TooManyRequests' }, 'unreachable'],
    ['a proxy that limits requests', 429, {}, 'unreachable'],
    ['a server that starts', 503, { reason: 'ServiceUnavailable' }, 'unreachable'],
    ['a proxy without its server', 502, {}, 'unreachable'],
    ['a request that took too long', 504, { reason: 'Timeout' }, 'unreachable'],
    ['a store that elects', 500, { message: 'etcdserver: leader changed' }, 'unreachable'],
    ['a store without time', 500, { message: 'etcdserver: request timed out' }, 'unreachable'],
    [
      'a quota that is not counted yet',
      500,
      { reason: 'InternalError', message: 'Internal error occurred: resource quota evaluation timed out' },
      'unreachable',
    ],
    ['a stale write', 409, { reason: 'Conflict' }, 'conflict'],
    [
      'an admission webhook that is down',
      500,
      {
        reason: 'InternalError',
        message: `Internal error occurred: failed calling webhook "w": failed to call webhook: ${down}`,
      },
      'webhook',
    ],
    [
      'a conversion webhook that is down',
      500,
      { message: `conversion webhook for example.com/v1, Kind=Ship failed: ${down}` },
      'webhook',
    ],
    [
      'the same inside an apply',
      500,
      {
        message: `failed to convert new object (a/b; example.com/v1, Kind=Ship) to proper version (example.com/v2, Kind=Ship): conversion webhook for example.com/v1, Kind=Ship failed: ${down}`,
      },
      'webhook',
    ],
    ['a fault that nothing explains', 500, { reason: 'InternalError', message: 'panic' }, 'unexplained'],
    ['a fault without a reason', 500, {}, 'unexplained'],
    ['a refusal', 422, { reason: 'Invalid' }, undefined],
    ['an answer that nobody knows', 418, {}, undefined],
  ] as const)('tells why %s may pass', (_, status, body, transience) => {
    expect(errorFor(status, body).transience).toBe(transience);
  });

  it.each([
    ['apps', 'Deployment', 'that stops its pods before new ones start'],
    ['apps', 'StatefulSet', 'deletes the data of its claims'],
    ['', 'PersistentVolumeClaim', 'deletes the data of its volume unless'],
    ['batch', 'Job', 'that runs it anew'],
  ])('says how a %s %s gets past an immutable field and what that costs', (group, kind, cost) => {
    const message = 'x: Invalid value: 1: field is immutable';
    const error = errorFor(422, { reason: 'Invalid', message }, { ...key, group, kind });
    expect(error.code).toBe('immutable-field');
    expect(error.message).toContain('once with keelson app sync NAME --force or');
    expect(error.message).toContain('argocd.argoproj.io/sync-options: Force=true');
    expect(error.message).toContain(cost);
  });

  it('advises nobody to recreate what holds other objects', () => {
    const message = 'x: Invalid value: 1: field is immutable';
    const error = errorFor(422, { reason: 'Invalid', message }, { ...key, group: '', kind: 'Namespace' });
    expect(error.message).toMatch(/revert the change; objects of this kind are never recreated/);
  });

  it('leaves out what a server quotes of a pod template, and keeps what it says of it', () => {
    const dump = `core.PodTemplateSpec{ObjectMeta:v1.ObjectMeta{Name:"${'x'.repeat(2000)}"}}`;
    const detail = `Invalid value: ${dump}: field is immutable`;
    const error = errorFor(422, {
      reason: 'Invalid',
      message: `Job.batch "web" is invalid: spec.template: ${detail}`,
      details: { causes: [{ reason: 'FieldValueInvalid', field: 'spec.template', message: detail }] },
    });
    expect(error.message).toContain(
      'Job.batch "web" is invalid: spec.template: Invalid value: core.PodTemplateSpec',
    );
    expect(error.message).toContain(': field is immutable; revert the change');
    expect(error.message.length).toBeLessThan(900);
  });

  it('names a value that is there twice with the way past it', () => {
    const message = 'Service "web" is invalid: spec.ports[1].name: Duplicate value: "http"';
    expect(errorFor(422, { reason: 'Invalid', message }).message).toContain(
      'annotate the object with argocd.argoproj.io/sync-options: Replace=true',
    );
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
    expect(error).toMatchObject({ code: 'unavailable', transience: 'unreachable' });
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
    [
      'a conversion',
      500,
      { message: 'failed to convert new object (prod/login; /v1, Kind=Secret) to proper version: hunter2' },
    ],
    [
      'a schema that lists unknown fields',
      500,
      { message: 'failed to create typed patch object: .hunter2: field not declared in schema' },
    ],
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
