import { describe } from 'vitest';
import { privateHosts, refusedAddress } from '../../../platform/way-out/addresses.ts';
import { followEach } from '../../support/remedies.ts';

describe('an address of the machine', () => {
  followEach(
    (address: string) => [refusedAddress('git.example.com', address, privateHosts([])) ?? []].flat(),
    [
      [
        'an address of the machine or its cloud, which renders never reach; correct the address',
        '169.254.169.254',
        '192.0.2.1',
      ],
    ],
  );
});

describe('an address that renders do not reach', () => {
  followEach(
    (listed: string[]) => [refusedAddress('git.internal', '10.1.2.3', privateHosts(listed)) ?? []].flat(),
    [
      [
        'a private address; list the host in KEELSON_RENDER_PRIVATE_HOSTS if sources may use it',
        [],
        ['git.internal'],
      ],
      [
        'a private address; list the host in KEELSON_RENDER_PRIVATE_HOSTS if sources may use it',
        [],
        ['10.1.0.0/16'],
      ],
    ],
  );
});
