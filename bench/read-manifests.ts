import { overrideSource } from '../core/application/source/source-overrides.ts';
import { readManifests } from '../core/object/manifest/read-manifests.ts';
import { quantileTable, type Sample } from './support/figures.ts';

// What reading YAML and JSON costs: `node bench/read-manifests.ts`. Needs neither platform nor network.

const rounds = 9;
const objects = 10_000;
const entries = 20_000;

function deployment(at: number): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web-${at}
  labels: {app: web, tier: "front"}
spec:
  replicas: 3
  selector:
    matchLabels:
      app: web
  template:
    metadata:
      labels:
        app: web
    spec:
      containers:
        - name: web
          image: registry.example.com/web:1.${at}
          ports:
            - containerPort: 8080
          env:
            - name: AT
              value: "${at}"
`;
}

const stream = Array.from({ length: objects }, (_, at) => deployment(at)).join('---\n');
const { manifests } = readManifests(stream, 'stream.yaml');
const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: manifests });
const script = Array.from({ length: entries }, (_, at) => `    echo "line ${at}: of a script"\n`).join('');
const block = `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: script}\ndata:\n  run: |\n${script}`;
const keys = Array.from({ length: entries }, (_, at) => `key${at}: a\n`).join('');

/** Milliseconds of each round after the first, in which the code is compiled. */
function measure(read: () => void): Sample {
  return Array.from({ length: rounds }, () => {
    const started = performance.now();
    read();
    return performance.now() - started;
  }).slice(1);
}

const rows = {
  [`${objects} Deployments, a stream of YAML (${size(stream)})`]: () => readManifests(stream, 'a.yaml'),
  [`the same, a List in JSON (${size(list)})`]: () => readManifests(list, 'a.json'),
  [`a ConfigMap with a script (${size(block)})`]: () => readManifests(block, 'a.yaml'),
  [`a map of ${entries} keys (${size(keys)})`]: () => overrideSource({ repoURL: '' }, 'a.yaml', keys),
};

function size(text: string): string {
  return `${(text.length / 1e6).toFixed(1)} MB`;
}

console.log(
  quantileTable(Object.fromEntries(Object.entries(rows).map(([name, read]) => [name, measure(read)]))),
);
