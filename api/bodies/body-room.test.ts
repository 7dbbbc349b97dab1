import { describe, expect, it } from 'vitest';
import { type BodyRefusal, createBodyRoom, type RoomSize } from './body-room.ts';

const size: RoomSize = {
  bytes: 100,
  strangersBytes: 50,
  coming: {
    login: { all: 3, address: 2 },
    webhook: { all: 3, address: 2 },
    subject: { all: 9, address: 9 },
  },
};

function guestsOf(room: ReturnType<typeof createBodyRoom>) {
  const refused: Record<string, BodyRefusal> = {};
  return {
    refused,
    enter: (name: string, sender: 'login' | 'webhook' | 'subject', address = name) =>
      room.enter(sender, address, (why) => {
        refused[name] = why;
      }),
  };
}

describe('api/bodies/body-room', () => {
  it('turns away the oldest of an address, then the oldest of all, never the newest', () => {
    const { refused, enter } = guestsOf(createBodyRoom(size));
    enter('a1', 'login', 'a');
    enter('a2', 'login', 'a');
    enter('a3', 'login', 'a');
    expect(refused).toEqual({ a1: 'crowded' });
    enter('b', 'login');
    enter('c', 'login');
    expect(refused).toEqual({ a1: 'crowded', a2: 'crowded' });
  });

  it('does not turn away for others what has arrived, nor for another kind of sender', () => {
    const { refused, enter } = guestsOf(createBodyRoom(size));
    for (const name of ['a', 'b', 'c']) enter(name, 'login').arrived();
    for (const name of ['d', 'e', 'f']) enter(name, 'login');
    for (const name of ['g', 'h', 'i']) enter(name, 'webhook');
    enter('j', 'subject');
    expect(refused).toEqual({});
  });

  it('holds so many bytes in all, fewer of strangers, and gives them back', () => {
    const room = createBodyRoom(size);
    const { refused, enter } = guestsOf(room);
    const first = enter('a', 'webhook');
    first.take(40);
    first.arrived();
    enter('b', 'webhook').take(20);
    expect(refused).toEqual({ b: 'full' });
    const subject = enter('c', 'subject');
    subject.take(60);
    expect(room.held()).toBe(100);
    subject.take(1);
    expect(refused).toEqual({ b: 'full', c: 'full' });
    expect(room.held()).toBe(40);
    first.leave();
    expect(room.held()).toBe(0);
  });

  it('makes room by the oldest body of a stranger that is still on its way', () => {
    const { refused, enter } = guestsOf(createBodyRoom(size));
    enter('slow', 'webhook').take(45);
    const quick = enter('quick', 'webhook');
    quick.take(40);
    expect(refused).toEqual({ slow: 'full' });
    enter('person', 'subject').take(90);
    expect(refused).toEqual({ slow: 'full', quick: 'full' });
  });
});
