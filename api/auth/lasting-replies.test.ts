import { describe, expect, it } from 'vitest';
import { KeelsonError } from '../../core/errors.ts';
import { createLogger } from '../../platform/logger.ts';
import { createLastingReplies, type ReplyTo } from './lasting-replies.ts';

const log = createLogger({ name: 'test', level: 'silent' });
const start = new Date();

const replyTo = (token: string, loginId = token): ReplyTo => ({
  token,
  subject: {
    kind: 'login',
    username: 'admin',
    issuer: 'argocd',
    claims: {},
    tokenId: token,
    issuedAt: start,
    expiresAt: start,
    login: { id: loginId, startedAt: start, endsAt: start, generation: 0 },
  },
});

describe('api/auth/lasting-replies', () => {
  it('are so many of a login, with its renewed tokens, and so many of a server', () => {
    const verify = async (token: string) => replyTo(token).subject;
    const lasting = createLastingReplies({ verify, log, size: { ofServer: 3, ofLogin: 2 } });
    const first = lasting.enter(replyTo('a'));
    lasting.enter(replyTo('a-renewed', 'a'));
    expect(() => lasting.enter(replyTo('a'))).toThrow('too many streams of one login; close some of 2');
    const third = lasting.enter(replyTo('b'));
    expect(() => lasting.enter(replyTo('c'))).toThrow(
      'too many streams on this server; close some, or add servers',
    );
    third.leave();
    lasting.enter(replyTo('c'));
    first.leave();
    first.leave();
    lasting.enter(replyTo('a'));
    expect(() => lasting.enter(replyTo('d'))).toThrow('too many streams on this server');
  });

  it('of many are judged once a token, and only those end whose login has', async () => {
    const asked: string[] = [];
    const verify = async (token: string) => {
      asked.push(token);
      if (token === 'gone') throw new KeelsonError('unauthenticated', 'invalid session: it was logged out');
      return replyTo(token).subject;
    };
    const lasting = createLastingReplies({ verify, log });
    const gone = [1, 2, 3].map(() => lasting.enter(replyTo('gone')));
    const there = lasting.enter(replyTo('there'));
    lasting.look();
    for (const { ended } of gone) expect((await ended).message).toContain('it was logged out');
    expect(asked).toEqual(['gone', 'there']);
    const outcome = await Promise.race([there.ended, Promise.resolve('goes on')]);
    expect(outcome).toBe('goes on');
  });

  it('end when their login can not be judged for a while, and not before', async () => {
    let isAway = true;
    let judged = 0;
    const verify = async (token: string) => {
      judged += 1;
      if (isAway) throw new KeelsonError('unavailable', 'database is not reachable');
      return replyTo(token).subject;
    };
    const pace = { lookMilliseconds: 20, patienceMilliseconds: 200 };
    const lasting = createLastingReplies({ verify, log, pace });
    const began = performance.now();
    const reason = await lasting.enter(replyTo('a')).ended;
    expect(reason.message).toBe('stream ends since its login could not be judged; open it again');
    expect(performance.now() - began).toBeGreaterThanOrEqual(200);
    isAway = false;
    const again = lasting.enter(replyTo('a'));
    const before = judged;
    // Judged for as long as it took to be given up.
    await expect.poll(() => judged - before, { timeout: 5000 }).toBeGreaterThan(15);
    expect(await Promise.race([again.ended, Promise.resolve('goes on')])).toBe('goes on');
    again.leave();
  });
});
