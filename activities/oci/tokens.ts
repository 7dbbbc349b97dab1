import { z } from 'zod';
import { createByteCache } from '../../core/byte-cache.ts';
import { formatJson } from '../../core/object/json/json.ts';
import { shownUrl, sourceFailure, statusFailure } from '../remote/failure.ts';
import { authorizationOf, type Http } from '../remote/http.ts';
import { type Challenge, parseChallenge } from './challenge.ts';
import { isPlain, type OciSource, originOf } from './origin.ts';
import { parseReply } from './reply.ts';

const tokenSeconds = 50;

/** Proofs of who reads, by registry, repository and credentials. */
export type Tokens = {
  /** An Authorization header that the registry has taken before. */
  known(source: OciSource): string | undefined;
  /** What answers a registry that refused to go on without credentials. */
  answer(
    source: OciSource,
    challenge: string | string[] | undefined,
    refused: string | undefined,
  ): Promise<string>;
};

const tokenBytes = 8 * 1024 * 1024;

/** Keeps tokens for a minute: registries give them for five as a rule and for one at least. */
export function createTokens(http: Http): Tokens {
  const kept = createByteCache<{ readonly value: string; readonly until: number }>(tokenBytes);
  const keyOf = ({ access, repository }: OciSource): string =>
    formatJson([repository.registry, repository.name, access.credentials]);
  const keep = (source: OciSource, value: string): void =>
    kept.set(keyOf(source), { value, until: performance.now() + tokenSeconds * 1000 }, value.length);
  return {
    known: (source) => {
      const found = kept.get(keyOf(source));
      return found !== undefined && found.until > performance.now() ? found.value : undefined;
    },
    answer: async (source, header, refused) => {
      const { access } = source;
      const challenge = parseChallenge(header);
      const own = authorizationOf(access.credentials);
      if (challenge === undefined) throw statusFailure(access, 'the registry', 401);
      // A token of its own goes as it is; there is nothing to trade it for.
      const isToken = own?.startsWith('Bearer ') === true;
      if (challenge.kind === 'basic' || isToken) {
        if (own === undefined || own === refused) throw statusFailure(access, 'the registry', 401);
        keep(source, own);
        return own;
      }
      const value = `Bearer ${await fetchToken(http, source, challenge, own)}`;
      keep(source, value);
      return value;
    },
  };
}

const TokenReply = z.looseObject({ token: z.string().optional(), access_token: z.string().optional() });

async function fetchToken(
  http: Http,
  source: OciSource,
  challenge: Challenge & { kind: 'bearer' },
  own: string | undefined,
): Promise<string> {
  const { access } = source;
  const realm = URL.parse(challenge.realm);
  if (realm === null)
    throw sourceFailure(access, 'the registry names no usable token server; look at its settings');
  if (realm.protocol === 'http:' && !isPlain(access)) {
    throw sourceFailure(
      access,
      `its token server ${shownUrl(realm.href)} is no https address; correct the registry`,
    );
  }
  realm.searchParams.set('service', challenge.service);
  const scope = challenge.scope || `repository:${source.repository.name}:pull`;
  realm.searchParams.set('scope', scope);
  const { body } = await http.read({
    url: realm,
    access,
    what: 'token of the registry',
    authorization: own,
    own: realm.origin === originOf(source).origin,
    maxBytes: 1024 * 1024,
    signal: source.signal,
  });
  const reply = parseReply(source, 'token of the registry', body, TokenReply);
  return reply.token ?? reply.access_token ?? '';
}
