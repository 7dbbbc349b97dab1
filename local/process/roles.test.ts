import { describe, expect, it } from 'vitest';
import { createRoles } from './roles.ts';

/** A role without a program: it ends when told to. */
function fakeRole(pid: number, stopped: number[] = []) {
  let end: (how: string) => void = () => {};
  const exited = new Promise<string>((resolve) => {
    end = resolve;
  });
  return {
    pid,
    exited,
    die: async () => {
      end('died');
      await exited;
      await new Promise((resolve) => setImmediate(resolve));
    },
    stop: async () => {
      stopped.push(pid);
      end('stopped');
    },
  };
}

describe('local/roles', () => {
  it('tells of a death that nobody asked for and drops its pid', async () => {
    const deaths: string[] = [];
    const roles = createRoles((key, how) => void deaths.push(`${key} ${how}`));
    const role = await roles.start('etcd', async () => fakeRole(7));
    expect(roles.pids()).toEqual({ etcd: 7 });
    await role.die();
    expect(deaths).toEqual(['etcd died']);
    expect(roles.pids()).toEqual({});
  });

  it('restarts a role in the way it was started, without reporting a death', async () => {
    const deaths: string[] = [];
    const roles = createRoles((key) => void deaths.push(key));
    let pid = 0;
    await roles.start('etcd', async () => {
      pid += 1;
      return fakeRole(pid);
    });
    await roles.restart('etcd');
    expect(roles.pids()).toEqual({ etcd: 2 });
    expect(deaths).toEqual([]);
  });

  it('stops the last started first', async () => {
    const stopped: number[] = [];
    const roles = createRoles(() => {});
    await roles.start('etcd', async () => fakeRole(1, stopped));
    await roles.start('apiserver', async () => fakeRole(2, stopped));
    await roles.stop();
    expect(stopped).toEqual([2, 1]);
  });

  it('refuses to restart what was never started', async () => {
    await expect(createRoles(() => {}).restart('etcd')).rejects.toThrow('local role etcd was never started');
  });
});
