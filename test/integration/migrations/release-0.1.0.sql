-- An installation as release 0.1.0 left it, in its own tables and words; its key is 32 bytes of 7.
insert into clusters (id, name, server, credentials, capabilities, connection_status, connection_at) values
  ('c0000000-0000-4000-8000-000000000001', 'in-cluster', 'https://kubernetes.default.svc',
   '\x01026b31d3c803a130b0c3cf0b416f7b81193ee688f8666d54c28566b05499119ba163bd497bdcfc4821c195861be0295d530b89bd04284f02c8',
   '{"kubeVersion": "v1.35.4", "apiVersions": ["v1", "apps/v1", "apps/v1/Deployment"], "namespaced": {"/ConfigMap": true}}',
   'Successful', '2026-11-20 09:00:00+00');
insert into cluster_sessions (cluster_id, epoch, owner, version, synced_at) values
  ('c0000000-0000-4000-8000-000000000001', 3, 'session-host', '0.1.0', '2026-11-20 09:00:00+00');
insert into renders (id, render_key, revision, source_types, objects, inputs) values
  ('d0000000-0000-4000-8000-000000000001', 'key-of-web', '1111111111111111111111111111111111111111', '["Directory"]',
   '[{"key": {"group": "", "kind": "ConfigMap", "namespace": "web", "name": "settings"}, "apiVersion": "v1", "digest": "m1"}]',
   null);
insert into manifests (digest, sealed) values ('m1', '\x00');
insert into projects (name, spec) values
  ('default', '{"sourceRepos": ["*"], "destinations": [{"server": "*", "namespace": "*"}]}');

-- One that is compared and in step, one without a known cluster, one that is being deleted, one whose deletion failed.
insert into applications (id, namespace, name, project, labels, annotations, finalizers, spec, generation,
  resource_version, created_at, deletion_requested_at, deletion, deletion_failure, cluster_id, desired_render_id,
  desired_revision, desired_generation, render_error, sync_status, health_status, health_message, conditions, resources,
  summary, source_types, reconciled_at, session_epoch) values
  ('a0000000-0000-4000-8000-000000000001', 'gitops', 'web', 'default', '{"team": "web"}', '{"note": "kept"}',
   '["resources-finalizer.argocd.argoproj.io"]',
   '{"project": "default", "source": {"repoURL": "https://git.test/web.git", "path": "web"},
     "destination": {"server": "https://kubernetes.default.svc", "namespace": "web"}, "revisionHistoryLimit": 2}', 4,
   41, '2026-11-19 08:00:00+00', null, null, null, 'c0000000-0000-4000-8000-000000000001',
   'd0000000-0000-4000-8000-000000000001', '1111111111111111111111111111111111111111', 4, null, 'Synced', 'Healthy',
   'all is well', '[{"type": "SharedResourceWarning", "message": "shared", "lastTransitionTime": "2026-11-19T09:00:00Z"}]',
   '[{"version": "v1", "kind": "ConfigMap", "namespace": "web", "name": "settings", "status": "Synced"}]',
   '{"images": ["web:1"]}', '["Directory"]', '2026-11-20 09:01:00+00', 3),
  ('a0000000-0000-4000-8000-000000000002', 'gitops', 'waiting', 'default', '{}', '{}', '[]',
   '{"project": "default", "source": {"repoURL": "https://git.test/web.git", "path": "web"},
     "destination": {"name": "nowhere", "namespace": "web"}}', 1,
   42, '2026-11-19 08:00:00+00', null, null, null, null, null, null, null,
   'destination nowhere is no registered cluster; add the cluster or correct spec.destination', 'Unknown', 'Unknown',
   null, '[]', '[]', '{}', null, null, null),
  ('a0000000-0000-4000-8000-000000000003', 'gitops', 'leaving', 'team', '{}', '{}',
   '["resources-finalizer.argocd.argoproj.io/background"]',
   '{"project": "team", "source": {"repoURL": "https://git.test/web.git", "path": "leaving"},
     "destination": {"name": "in-cluster", "namespace": "leaving"}}', 2,
   43, '2026-11-19 08:00:00+00', '2026-11-20 09:02:00+00',
   '{"cascade": "background", "username": "admin", "finalizers": []}', null, 'c0000000-0000-4000-8000-000000000001',
   null, null, null, null, 'OutOfSync', 'Degraded', null, '[]', '[]', '{}', null, '2026-11-20 09:01:00+00', 3),
  ('a0000000-0000-4000-8000-000000000004', 'gitops', 'stuck', 'team', '{}', '{}', '[]',
   '{"project": "team", "source": {"repoURL": "https://git.test/web.git", "path": "stuck"},
     "destination": {"server": "https://kubernetes.default.svc/", "namespace": "stuck"}}', 1,
   44, '2026-11-19 08:00:00+00', null, null,
   '{"operationId": "b0000000-0000-4000-8000-000000000004", "message": "hook failed", "at": "2026-11-20T09:00:00Z", "preDeleteDone": true}',
   'c0000000-0000-4000-8000-000000000001', null, null, null, 'chart is not there', 'Unknown', 'Missing', null, '[]',
   '[]', '{}', null, '2026-11-20 09:01:00+00', 3);
select setval('resource_version_seq', 60);
insert into dirty (application_id, generation, rendered_generation, compared_generation) values
  ('a0000000-0000-4000-8000-000000000001', 7, 7, 7), ('a0000000-0000-4000-8000-000000000002', 1, 1, 0),
  ('a0000000-0000-4000-8000-000000000003', 2, 2, 2), ('a0000000-0000-4000-8000-000000000004', 3, 2, 2);
insert into resource_nodes (application_id, node_id, node, epoch) values
  ('a0000000-0000-4000-8000-000000000001', 'uid-1',
   '{"kind": "ConfigMap", "version": "v1", "namespace": "web", "name": "settings", "uid": "uid-1"}', 3);

-- Runs of one that is there, one that went today, and one that went long ago; and one that is under way.
insert into operations (id, application_id, application_name, kind, phase, message, initiated_by, request, spec,
  cluster_id, revision, render_id, history_id, requested_at, started_at, finished_at, timings)
select id::uuid, application::uuid, name, kind, phase, message, initiator::jsonb,
  '{"prune": true, "dryRun": false, "strategy": "hook", "force": false, "resources": [], "syncOptions": [],
    "retry": {"limit": 0, "backoff": {"durationSeconds": 5, "factor": 2, "maxDurationSeconds": 180}, "refresh": false},
    "selfHealAttempts": 0, "info": []}'::jsonb,
  jsonb_build_object('project', project, 'destination', jsonb_build_object('name', 'in-cluster'),
    'source', jsonb_build_object('repoURL', 'https://git.test/web.git', 'path', 'web')),
  'c0000000-0000-4000-8000-000000000001', '1111111111111111111111111111111111111111', render::uuid, history,
  at::timestamptz, at::timestamptz, finished::timestamptz, '{"plan": 12}'
from (values
  ('b0000000-0000-4000-8000-000000000001', 'a0000000-0000-4000-8000-000000000001', 'web', 'sync', 'Succeeded',
   'successfully synced', '{"username": "admin", "automated": false}', 'former',
   'd0000000-0000-4000-8000-000000000001', 0, '2026-11-20 08:00:00+00', '2026-11-20 08:00:09+00'),
  ('b0000000-0000-4000-8000-000000000002', 'a0000000-0000-4000-8000-000000000009', 'gone', 'delete', 'Succeeded', '',
   '{"username": "admin", "automated": false}', 'team', null, null, '2026-11-20 08:10:00+00', '2026-11-20 08:10:09+00'),
  ('b0000000-0000-4000-8000-000000000003', 'a0000000-0000-4000-8000-000000000008', 'ancient', 'sync', 'Failed', 'no',
   '{"username": "", "automated": true}', 'default', null, null, '2026-10-01 08:00:00+00', '2026-10-01 08:00:09+00'),
  ('b0000000-0000-4000-8000-000000000005', 'a0000000-0000-4000-8000-000000000001', 'web', 'sync', 'Running', '',
   '{"username": "", "automated": true}', 'default', 'd0000000-0000-4000-8000-000000000001', null,
   '2026-11-20 09:03:00+00', null)
) as run (id, application, name, kind, phase, message, initiator, project, render, history, at, finished);
insert into plans (operation_id, attempt, schema_version, digest, plan) values
  ('b0000000-0000-4000-8000-000000000001', 1, 1, 'plan-digest',
   '{"schemaVersion": 1, "failureGroups": [], "groups": [{"phase": "Sync", "wave": 0, "first": 0, "count": 1, "settle": false}],
     "steps": [{"step": 0, "phase": "Sync", "wave": 0, "batch": 0, "action": "apply", "apiVersion": "v1", "digest": "m1",
       "key": {"group": "", "kind": "ConfigMap", "namespace": "web", "name": "settings"}, "changed": true}]}');
insert into step_results (operation_id, attempt, step, status, hook_phase, message, uid, object_version, started_at,
  applied_at, finished_at, strategy) values
  ('b0000000-0000-4000-8000-000000000001', 1, 0, 'Synced', 'Succeeded', 'configured', 'uid-1', '17',
   '2026-11-20 08:00:01+00', '2026-11-20 08:00:02+00', '2026-11-20 08:00:03+00', 'server-side');
insert into waits (operation_id, attempt, cluster_id, kind, phase, wave, reason) values
  ('b0000000-0000-4000-8000-000000000005', 1, 'c0000000-0000-4000-8000-000000000001', 'health', 'Sync', 0,
   'waiting for Deployment web');
insert into fences (application_id, operation_id, attempt, token, open) values
  ('a0000000-0000-4000-8000-000000000001', 'b0000000-0000-4000-8000-000000000005', 1, 5, true);
insert into successors (application_id, revision, spec, cluster_id) values
  ('a0000000-0000-4000-8000-000000000001', '2222222222222222222222222222222222222222', '{"project": "default", "destination": {}}',
   'c0000000-0000-4000-8000-000000000001');
insert into workers (instance, seen_at) values ('worker-host', '2026-11-20 09:03:00+00');

insert into changes (type, topic, application_id, final, at) values
  ('DELETED', 'application', 'a0000000-0000-4000-8000-000000000009',
   '{"uid": "a0000000-0000-4000-8000-000000000009", "namespace": "gitops", "name": "gone", "labels": {}, "resourceVersion": 40,
     "spec": {"project": "team", "destination": {}}}', '2026-11-20 08:10:09+00');
insert into audit (actor, action, object, details, at) values
  ('admin', 'application.sync', 'default/web', '{"operation": "b0000000-0000-4000-8000-000000000001"}', '2026-11-20 08:00:00+00');
insert into settings (key, sealed) values
  ('admin.password', '\x01026b31d4a233024c2631043c4765640858f447ad7e53e46661d418e28d4b00b58ccf201db91e381fb2316b7543e8');
insert into revoked_tokens (id, expires_at) values ('token-1', '2026-12-01 00:00:00+00');
insert into repositories (url, url_key, registered, type, credentials, refs, connection_status, failures) values
  ('https://git.test/web.git', 'git.test/web', true, 'git',
   '\x01026b31b5e28a0b2218278164e94fa9cdbabad6669c76b3100e3f3227fb48635ea25b6662d475eed257794712630cf07cc9e98ace2fc0c15970ae195bd5f290bff13b20c616b683',
   '{"refs/heads/main": "1111111111111111111111111111111111111111"}', 'Successful', 0);
insert into repository_templates (url, credentials) values
  ('https://git.test', '\x01026b31b5e28a0b2218278164e94fa9cdbabad6669c76b3100e3f3227fb48635ea25b6662d475eed257794712630cf07cc9e98ace2fc0c15970ae195bd5f290bff13b20c616b683');
insert into certificates (type, server_name, key_type, content) values ('ssh', 'git.test', 'ssh-ed25519', 'AAAA');
insert into gpg_keys (key_id, fingerprint, owner, key_type, content) values ('ABCDEF0123456789', 'F0', 'somebody', 'rsa', 'armored');
insert into webhook_deliveries (provider, delivery_id, repository_urls, ref) values
  ('github', 'delivery-1', '["https://git.test/web.git"]', 'refs/heads/main');
insert into uploads (content) values ('\x00');
insert into render_failures (render_key, message) values ('key-of-stuck', 'chart is not there');
