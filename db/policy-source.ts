import { formatIssue } from '../core/issue.ts';
import { sameJson } from '../core/object/json/canonical.ts';
import { type CompiledPolicy, compilePolicy, type PolicyProject } from '../core/rbac/policy/compile.ts';
import { policyProject } from '../core/rbac/policy/projects.ts';
import type { Policies } from '../core/rbac/policy/settings.ts';
import type { Logger } from '../platform/logger.ts';
import type { Database } from './client.ts';
import { followTopic } from './connection/follow-topic.ts';
import type { ChangeHub } from './listen.ts';
import { listProjects, projectsVersion } from './queries/project/project.ts';
import type { SettingsSource } from './settings-source.ts';

/** The policy in force: compiled once, for all requests until settings or roles of projects change. */
export type PolicyInForce = {
  /** Another number after every change. */
  readonly epoch: number;
  readonly compiled: CompiledPolicy;
  /** The claims of a token whose values are groups. */
  readonly scopes: readonly string[];
};

/** The policy in force, kept current in this process. */
export type PolicySource = {
  current(): PolicyInForce;
  /** Calls back after each change; answers with the way to stop. */
  onChange(listener: () => void): () => void;
  /** Resolves when what is stored now is in force here. */
  reload(): Promise<void>;
};

export type PolicySourceOptions = {
  readonly db: Database;
  readonly changes: ChangeHub;
  readonly settings: SettingsSource;
  readonly log: Logger;
  /** How long a missed announcement can keep old roles in force. */
  readonly pollMilliseconds?: number;
};

/** Streams follow changed rights within ten seconds, also where an announcement was lost. */
const defaultPollMilliseconds = 4_000;

type Input = { readonly policies: Policies; readonly projects: readonly PolicyProject[] };

/**
 * Compiles the settings' policies and the projects' roles, and follows their changes. Whatever can't be read later leaves
 * the policy in force as it is.
 */
export async function openPolicySource(
  options: PolicySourceOptions,
): Promise<PolicySource & { close(): Promise<void> }> {
  const { db, settings, log } = options;
  let version = await projectsVersion(db);
  let input: Input = { policies: settings.current().policies, projects: await readProjects(db) };
  let policy: PolicyInForce = compile(input, undefined);
  sayIssues(log, policy);

  const use = (next: Input): void => {
    if (sameJson(input, next)) return;
    input = next;
    policy = compile(next, policy);
    sayIssues(log, policy);
    follower.tell();
  };
  const follower = followTopic<[]>({
    changes: options.changes,
    topic: 'projects',
    pollMilliseconds: options.pollMilliseconds ?? defaultPollMilliseconds,
    log,
    failure: 'roles of projects could not be read; those in force stay',
    async read() {
      const newest = await projectsVersion(db);
      if (newest === version) return;
      const projects = await readProjects(db);
      version = newest;
      use({ policies: settings.current().policies, projects });
    },
  });
  const stop = settings.onChange((parts) => {
    if (parts.includes('rbac')) use({ ...input, policies: settings.current().policies });
  });
  return {
    current: () => policy,
    onChange: follower.onChange,
    reload: follower.reload,
    close() {
      stop();
      return follower.close();
    },
  };
}

async function readProjects(db: Database): Promise<PolicyProject[]> {
  return (await listProjects(db)).map(policyProject);
}

/**
 * The good policies are compiled before those in force, which they bound: so all processes agree, also those that were
 * started after the slip.
 */
function compile({ policies, projects }: Input, before: PolicyInForce | undefined): PolicyInForce {
  const { now, good } = policies;
  const bound = now === good ? undefined : compilePolicy({ ...good, projects }, before?.compiled);
  return {
    epoch: (before?.epoch ?? 0) + 1,
    compiled: compilePolicy({ ...now, projects }, bound ?? before?.compiled),
    scopes: now.scopes,
  };
}

function sayIssues(log: Logger, { compiled }: PolicyInForce): void {
  if (compiled.issues.length === 0) return;
  const issues = compiled.issues.map(formatIssue);
  log.warn({ issues }, 'lines of policies can not be read and are left out');
}
