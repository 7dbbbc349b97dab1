import { describe, expect, it } from 'vitest';
import { readGitlabPush } from './gitlab.ts';

const project = { git_http_url: 'https://gitlab.example.com/team/app.git', default_branch: 'main' };

describe('core/git/webhook/gitlab', () => {
  it('takes every ref of a repository update, which gathers the refs of one push', () => {
    const refs = ['refs/heads/main', 'refs/heads/next', 'refs/tags/v1'];
    const notice = readGitlabPush('GitLab', { event_name: 'repository_update', refs, project });
    expect(notice).toMatchObject({ refs, defaultBranch: 'main' });
  });

  it('takes the one ref of a push, and refuses one without any', () => {
    const push = { object_kind: 'push', ref: 'refs/heads/main', refs: ['refs/heads/other'], project };
    expect(readGitlabPush('GitLab', push)?.refs).toEqual(['refs/heads/main']);
    expect(() => readGitlabPush('GitLab', { object_kind: 'push', project })).toThrow('names no ref');
  });

  it('leaves events alone that are no push', () => {
    expect(readGitlabPush('GitLab', { event_name: 'project_create', project })).toBeUndefined();
  });
});
