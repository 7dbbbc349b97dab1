import { describe, expect, it, vi } from 'vitest';
import { createHttp } from '../remote/http.ts';
import type { OciSource } from './origin.ts';
import { createTokens } from './tokens.ts';

const source: OciSource = {
  access: {
    url: 'oci://registry.example.com/charts',
    type: 'oci',
    credentials: { username: 'u', password: 'p' },
    knownHosts: '',
  },
  repository: { registry: 'registry.example.com', name: 'charts/web' },
};

describe('activities/oci/tokens', () => {
  it('keeps a token for its time and no longer, whatever becomes of the clock meanwhile', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'performance'] });
    try {
      const tokens = createTokens(createHttp());
      const proof = await tokens.answer(source, 'Basic realm="registry"', undefined);
      vi.advanceTimersByTime(40_000);
      vi.setSystemTime(Date.now() + 3_600_000);
      expect(tokens.known(source)).toBe(proof);
      vi.advanceTimersByTime(20_000);
      vi.setSystemTime(Date.now() - 7_200_000);
      expect(tokens.known(source)).toBeUndefined();
    } finally {
      vi.useRealTimers();
    }
  });
});
