import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import type { SideName } from '../bench.ts';
import type { RequestClient } from '../../../src/network/request-client.ts';
import { deleteTopicsRequest, deleteTopicsResponse } from '../../../src/protocol/messages/delete-topics.ts';
import { findCoordinatorRequest, findCoordinatorResponse } from '../../../src/protocol/messages/find-coordinator.ts';
import { listGroupsRequest, listGroupsResponse } from '../../../src/protocol/messages/list-groups.ts';
import { metadataRequest, metadataResponse } from '../../../src/protocol/messages/metadata.ts';
import { startMeasuredKafka } from '../../interop/real-kafka.ts';
import { createTopicOf } from '../load/create-topic.ts';
import { endsWithUs } from '../load/ends-with-us.ts';
import { connectTo } from '../load/serving.ts';

/** One or more brokers under measurement, processes of their own. */
export interface Brokers {
  readonly bootstrap: string;
  readonly processIds: readonly number[];
  /** Resolves when all partitions are led, by all their replicas in sync. */
  createTopic(name: string, partitions: number): Promise<void>;
  /** Resolves when its files are gone. */
  deleteTopic(name: string): Promise<void>;
  stop(): Promise<void>;
}

/** One of them. */
export interface Target extends Brokers {
  readonly name: SideName;
  readonly processId: number;
  readonly port: number;
  /** From the start of its process to its first answer to Metadata that names itself. */
  readonly startMs: number;
  /** Resolves when the broker coordinates groups. */
  createOffsetsTopic(): Promise<void>;
}

export interface TargetOptions {
  /** Default: 1. */
  readonly id?: number;
  readonly port: number;
  readonly zookeeper: string;
  readonly folder: string;
  /** More of Kafka's properties. */
  readonly properties?: Readonly<Record<string, string | number>>;
}

/** Who has not ended by then is killed. */
const stopMs = 30_000;
const topicDeadlineMs = 30_000;
const root = path.join(import.meta.dirname, '../../..');

export async function startTarget(name: Target['name'], options: TargetOptions): Promise<Target> {
  const { port, zookeeper, folder, id = 1 } = options;
  const properties = { 'log.segment.delete.delay.ms': 500, ...options.properties };
  const startedAt = performance.now();
  const child = name === 'ours' ? startOurs({ ...options, properties }) : (await startMeasuredKafka({ id, port, zookeeper, folder, properties })).process;
  endsWithUs(child);
  const client = await firstAnswer(port, child);
  const startMs = performance.now() - startedAt;
  return {
    name,
    processId: child.pid!,
    processIds: [child.pid!],
    port,
    bootstrap: `127.0.0.1:${port}`,
    startMs,
    createTopic: (topic, partitions) => createTopicOf(client, topic, partitions, topicDeadlineMs),
    deleteTopic: (topic) => deleteTopic(client, topic, path.join(folder, 'logs')),
    createOffsetsTopic: () => createOffsetsTopic(client),
    async stop() {
      client.close();
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), stopMs);
      await ended;
      clearTimeout(timer);
    },
  };
}

function startOurs({ id = 1, port, zookeeper, folder, properties: more = {} }: TargetOptions): ChildProcess {
  fs.mkdirSync(folder, { recursive: true });
  const file = path.join(folder, 'server.properties');
  const properties = { 'broker.id': id, listeners: `PLAINTEXT://127.0.0.1:${port}`, 'log.dirs': path.join(folder, 'logs'), 'zookeeper.connect': zookeeper, ...more };
  fs.writeFileSync(file, Object.entries(properties).map(([key, value]) => `${key}=${value}\n`).join(''));
  return spawn(process.execPath, [path.join(root, 'dist/tools/kafka-server-start.cjs'), file], { stdio: 'ignore' });
}

async function firstAnswer(port: number, child: ChildProcess): Promise<RequestClient> {
  let hasEnded = false;
  child.once('exit', () => (hasEnded = true));
  for (const deadline = performance.now() + 60_000; performance.now() < deadline && !hasEnded; ) {
    try {
      const client = await connectTo(port);
      const { brokers } = await client.send(metadataRequest, metadataResponse, client.versionFor(metadataRequest), { topics: [] }, 5000);
      if (brokers.length > 0) return client;
      client.close();
    } catch {
      // not yet: asked again until the deadline
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`no broker answers on port ${port}`);
}

async function deleteTopic(client: RequestClient, name: string, logs: string): Promise<void> {
  const version = 4;
  const { responses } = await client.send(deleteTopicsRequest, deleteTopicsResponse, version, { topicNames: [name], timeoutMs: 30_000 }, 60_000);
  if (responses[0]!.errorCode !== 0) throw new Error(`topic ${name} was not deleted: error ${responses[0]!.errorCode}`);
  await topicFilesGone(name, logs);
}

/** Of the folders `name-0`, and `name-0.<id>-delete` until the delay is over. */
export async function topicFilesGone(name: string, logs: string): Promise<void> {
  const hasFiles = (): boolean => fs.readdirSync(logs).some((folder) => folder.startsWith(`${name}-`));
  for (const deadline = performance.now() + 60_000; hasFiles(); ) {
    if (performance.now() > deadline) throw new Error(`the files of topic ${name} stay`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The first question for a coordinator creates the topic; its partitions are then loaded, one after the other. */
async function createOffsetsTopic(client: RequestClient): Promise<void> {
  for (const deadline = performance.now() + 60_000; ; ) {
    const { coordinators } = await client.send(findCoordinatorRequest, findCoordinatorResponse, 4, { coordinatorKeys: ['any'] }, 30_000);
    const { errorCode: listed } = await client.send(listGroupsRequest, listGroupsResponse, 4, {}, 30_000);
    if (coordinators[0]!.errorCode === 0 && listed === 0) return;
    if (performance.now() > deadline) throw new Error(`nobody coordinates groups: errors ${coordinators[0]!.errorCode}, ${listed}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
