/**
 * Records the histories that test/replay/replay.test.ts replays: runs a Keelson, drives it through each case, and
 * stores what Temporal has. Run after a change of workflow code that is meant to change histories:
 * node test/replay/record.ts
 */
import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { startPlatform } from '../../local/platform.ts';
import { pollUntil } from '../../local/poll.ts';
import { createReporter } from '../../local/reporter.ts';
import { clusterSessionWorkflowId, refreshRepositoriesWorkflowId, refreshWorkflowId } from '../../workflows/ids.ts';
import { createEngine } from '../../workflows/start.ts';
import { startKeelsonOn } from '../support/keelson.ts';
import { type Cases, recordCases } from './cases.ts';
import { historiesDir, replayConverter, replayKey } from './histories.ts';
import { withoutTraces } from './traces.ts';
