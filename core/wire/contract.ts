import type { z } from 'zod';
import { ApplicationSource } from '../application/source/source-spec.ts';
import { Application, ApplicationSpec } from '../application/spec/spec.ts';
import { ApplicationStatus } from '../application/status.ts';
import { AppProject } from '../project/project.ts';
import { ActionList, ActionOffer } from './action.ts';
import {
  ApplicationEvent,
  ApplicationFrame,
  ApplicationList,
  ChartDetails,
  Manifests,
  RevisionMetadata,
} from './application.ts';
import { Cluster, ClusterList } from './cluster.ts';
import { LiveManifest, LogEntry, LogFrame, ResourceDiff, ResourceDiffList } from './diff.ts';
import { ObjectKey } from './object-key.ts';
import { OperationList, OperationView, StepView, WaitView } from './operation.ts';
import {
  GlobalProjectList,
  ProjectDetails,
  ProjectList,
  ProjectPreview,
  ProjectWindows,
  WrittenProject,
} from './project.ts';
import {
  ChartList,
  DeclaredCounts,
  Repository,
  RepositoryList,
  RepositoryRefs,
  RepositoryTemplate,
  RepositoryTemplateList,
  SourceDetails,
  SourceFolderList,
} from './repository.ts';
import { InstallationSettings, PluginList, ServerSettings, Version } from './server.ts';
import { Permission, Token, UserInfo } from './session.ts';
import { Empty, Problem } from './shape.ts';
import { SyncWindows } from './sync.ts';
import { ResourceTree, ResourceTreeFrame, TreeNode } from './tree.ts';
import { Certificate, CertificateList, CreatedGpgKeys, GpgKey, GpgKeyList } from './trust.ts';

/** What replies are made of and the OpenAPI document names, so that it says each shape once. */
export const parts = {
  ActionOffer,
  ApplicationEvent,
  ApplicationSource,
  ApplicationStatus,
  Certificate,
  LogEntry,
  ObjectKey,
  ResourceDiff,
  StepView,
  TreeNode,
  WaitView,
} as const satisfies Readonly<Record<string, z.ZodType>>;

/**
 * Every reply of the API by the name that it has in the OpenAPI document. A route can't answer with another schema, and
 * the tests read each reply by its own.
 */
export const contract = {
  ActionList,
  AppProject,
  Application,
  ApplicationFrame,
  ApplicationList,
  ApplicationSpec,
  CertificateList,
  ChartDetails,
  ChartList,
  Cluster,
  ClusterList,
  CreatedGpgKeys,
  DeclaredCounts,
  Empty,
  GlobalProjectList,
  GpgKey,
  GpgKeyList,
  InstallationSettings,
  LiveManifest,
  LogFrame,
  Manifests,
  OperationList,
  OperationView,
  Permission,
  PluginList,
  Problem,
  ProjectDetails,
  ProjectList,
  ProjectPreview,
  ProjectWindows,
  Repository,
  RepositoryList,
  RepositoryRefs,
  RepositoryTemplate,
  RepositoryTemplateList,
  ResourceDiffList,
  ResourceTree,
  ResourceTreeFrame,
  RevisionMetadata,
  ServerSettings,
  SourceDetails,
  SourceFolderList,
  SyncWindows,
  Token,
  UserInfo,
  Version,
  WrittenProject,
} as const satisfies Readonly<Record<string, z.ZodType>>;
