import { setTimeout as sleep } from 'node:timers/promises';
import { applicationOf } from './applications.ts';

/** What is known of an application that clients write. */
type Known = {
  /** Turn of the last write that was answered, and of the last one that was tried. */
  answered: number;
  tried: number;
  /** `asked` is a deletion whose answer never came: it may have happened. */
  deletion: 'none' | 'asked' | 'answered';
};

/** Clients that write without a pause, and what each of them was promised. */
export type WriteLoad = {
  answers(): number;
  failures(): number;
  /** Ends the clients and compares: a list of promises that were broken. */
  stop(): Promise<string[]>;
};

export type WriteLoadOptions = {
  readonly url: string;
  readonly token: string;
  readonly writers: number;
  /** Applications that exist and are synced over and over. */
  readonly synced: readonly string[];
};

const pauseMilliseconds = 20;
const requestMilliseconds = 45_000;
/** A name is created, changed so many times, and then deleted or left. */
const changes = 3;

/** Starts clients that create, change and delete applications, and some that sync. */
export function startWriteLoad(options: WriteLoadOptions): WriteLoad {
  const known = new Map<string, Known>();
  const operations = new Map<string, string>();
  const counts = { answers: 0, failures: 0 };
  const ending = new AbortController();

  const send = async (method: string, path: string, body?: unknown): Promise<Response> =>
    fetch(`${options.url}/api/v1/applications${path}`, {
      method,
      headers: { authorization: `Bearer ${options.token}`, 'content-type': 'application/json' },
      signal: AbortSignal.timeout(requestMilliseconds),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });

  /** The reply, undefined where there is none or a refusal: then nobody was promised anything. */
  const write = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    try {
      const response = await send(method, path, body);
      const reply: unknown = await response.json();
      if (response.ok) {
        counts.answers += 1;
        return reply;
      }
    } catch {
      // The server lost the database, or its answer was lost.
    }
    counts.failures += 1;
    await sleep(pauseMilliseconds);
    return undefined;
  };

  const writer = async (index: number): Promise<void> => {
    for (let round = 0; !ending.signal.aborted; round++) {
      const name = `load-${index}-${round}`;
      const state: Known = { answered: -1, tried: -1, deletion: 'none' };
      known.set(name, state);
      for (let turn = 0; turn <= changes && !ending.signal.aborted; turn++) {
        state.tried = turn;
        const application = applicationAt(name, turn);
        const isNew = state.answered < 0;
        const upsert = `?upsert=true&validate=false`;
        const reply = await write('POST', isNew ? '?validate=false' : upsert, application);
        if (reply !== undefined) state.answered = turn;
      }
      if (round % 2 === 1) continue;
      state.deletion = 'asked';
      if ((await write('DELETE', `/${name}?cascade=false`)) !== undefined) state.deletion = 'answered';
    }
  };

  const syncer = async (name: string): Promise<void> => {
    while (!ending.signal.aborted) {
      const reply = await write('POST', `/${name}/sync`, {});
      const id = operationIdOf(reply);
      if (id !== undefined) operations.set(id, name);
      await sleep(200);
    }
  };

  const clients = [
    ...Array.from({ length: options.writers }, (_, index) => writer(index)),
    ...options.synced.map(syncer),
  ];

  return {
    answers: () => counts.answers,
    failures: () => counts.failures,
    async stop() {
      ending.abort();
      await Promise.all(clients);
      const broken = await Promise.all([
        ...[...known].map(([name, state]) => brokenPromises(send, name, state)),
        ...[...operations].map(([id, name]) => unfinished(send, name, id)),
      ]);
      return broken.flat();
    },
  };
}

type Send = (method: string, path: string) => Promise<Response>;

function applicationAt(name: string, turn: number): object {
  const repoURL = 'https://git.example.invalid/load.git';
  const application = applicationOf({ name, repoURL, namespace: name, targetRevision: `turn-${turn}` });
  return application;
}

async function brokenPromises(send: Send, name: string, state: Known): Promise<string[]> {
  const found = await turnOf(send, name);
  if (state.deletion === 'answered')
    return (await isGone(send, name)) ? [] : [`${name} is deleted and there`];
  if (found === undefined) {
    const mayBeGone = state.deletion === 'asked' || state.answered < 0;
    return mayBeGone ? [] : [`${name} is missing, written at turn ${state.answered}`];
  }
  const fits = found >= state.answered && found <= state.tried;
  return fits ? [] : [`${name} is at turn ${found}, written at ${state.answered} to ${state.tried}`];
}

async function turnOf(send: Send, name: string): Promise<number | undefined> {
  const response = await send('GET', `/${name}`);
  const body = (await response.json()) as { spec?: { source?: { targetRevision?: string } } };
  const revision = response.ok ? body.spec?.source?.targetRevision : undefined;
  return revision === undefined ? undefined : Number(revision.replace('turn-', ''));
}

/** A deletion is an operation of its own, which may take a while. */
async function isGone(send: Send, name: string): Promise<boolean> {
  return within(60, async () => (await turnOf(send, name)) === undefined);
}

async function unfinished(send: Send, name: string, id: string): Promise<string[]> {
  let phase = '';
  const isFinished = await within(90, async () => {
    const response = await send('GET', `/${name}/operations/${id}`);
    phase = String(((await response.json()) as { phase?: string }).phase);
    return phase === 'Succeeded';
  });
  return isFinished ? [] : [`sync ${id} of ${name} is ${phase}`];
}

async function within(seconds: number, probe: () => Promise<boolean>): Promise<boolean> {
  for (const deadline = performance.now() + seconds * 1000; performance.now() < deadline; ) {
    if (await probe()) return true;
    await sleep(200);
  }
  return false;
}

function operationIdOf(reply: unknown): string | undefined {
  const id: unknown =
    typeof reply === 'object' && reply !== null ? Reflect.get(reply, 'operationId') : undefined;
  return typeof id === 'string' ? id : undefined;
}
