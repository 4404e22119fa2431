import type { Cluster } from '../../client/cluster.ts';
import type { TopicMetadata } from '../../client/metadata.ts';
import { offsetSpecs } from '../../client/offset-specs.ts';
import { connectionOptions } from '../client-properties.ts';
import { javaException } from '../java-exceptions.ts';
import { isKafkaError } from '../kafka-errors.ts';
import type { ParsedOptions } from '../options.ts';
import { OptionError, parseOptions } from '../options.ts';
import type { Terminal } from '../terminal.ts';
import { ToolExit, terminalLogger, timestamp } from '../terminal.ts';
import { topicPattern } from '../topic-filter.ts';
import { partitionKey } from '../topic-partitions.ts';
import { answerHelpOrVersion, requireOptions, usageError } from '../usage.ts';
import { replicaVerificationOptions } from './options.ts';

const purpose = 'Validate that all replicas for a set of topics have the same data.';

/** kafka-replica-verification: runs until a signal ends it, or until replicas have different offsets. */
export async function replicaVerificationTool(args: readonly string[], terminal: Terminal): Promise<number> {
  const logger = terminalLogger(terminal);
  logger.warn('This tool is deprecated and may be removed in a future major release.');
  if (args.length === 0) throw usageError(replicaVerificationOptions, purpose);
  try {
    const options = parseOptions(replicaVerificationOptions, args);
    answerHelpOrVersion(replicaVerificationOptions, options, purpose, terminal.out);
    requireOptions(replicaVerificationOptions, options, 'broker-list');
    const brokers = options.value('broker-list') ?? '';
    if (!brokers.split(',').every((address) => /^.*?\[?[\w.:%-]*\]?:\d+$/.test(address))) {
      throw usageError(replicaVerificationOptions, 'Please provide valid host:port like host1:9091,host2:9092\n ');
    }
    const pattern = includedTopics(options);
    const numbers = {
      fetchBytes: options.number('fetch-size') ?? 0,
      maxWaitMs: options.number('max-wait-ms') ?? 0,
      reportIntervalMs: options.number('report-interval-ms') ?? 0,
      time: options.number('time') ?? offsetSpecs.latest,
    };
    return await verify(brokers, pattern, numbers, terminal);
  } catch (error) {
    if (isKafkaError(error)) throw new ToolExit(1, `${javaException(error)}\n`);
    if (error instanceof OptionError) throw new ToolExit(1, `${error.message}\n`);
    throw error;
  }
}

/** @throws ToolExit */
function includedTopics(options: ParsedOptions): RegExp {
  const text = options.value(options.has('topic-white-list') ? 'topic-white-list' : 'topics-include') ?? '';
  try {
    return topicPattern(text);
  } catch {
    throw new ToolExit(1, `${text} is an invalid regex\n`);
  }
}

interface Numbers {
  readonly fetchBytes: number;
  readonly maxWaitMs: number;
  readonly reportIntervalMs: number;
  /** Milliseconds, or one of `offsetSpecs`. */
  readonly time: number;
}

async function verify(brokers: string, pattern: RegExp, numbers: Numbers, terminal: Terminal): Promise<number> {
  const [{ openCluster }, { connectionSettings }, { nodeRuntime }, { topicsOf }, { verifyReplicas }] = await Promise.all([
    import('../../client/cluster.ts'),
    import('../../client/connection-options.ts'),
    import('../../client/index.ts'),
    import('../../client/metadata.ts'),
    import('./verifier.ts'),
  ]);
  const logger = terminalLogger(terminal);
  const cluster = openCluster(nodeRuntime({ logger }), connectionSettings(connectionOptions({ 'bootstrap.servers': brokers }), 'replica-verification'), { allowAutoTopicCreation: false });
  let exitCode: number | undefined;
  const print = (line: string): void => terminal.out(`${timestamp(terminal.now())}: ${line}\n`);
  let stop: (code: number) => void = () => undefined;
  const stopped = new Promise<number>((resolve) => {
    stop = resolve;
  });
  const removeListener = terminal.onSignal((code) => {
    exitCode = code;
    stop(code);
  });
  const work = async (): Promise<number> => {
    const timeoutMs = cluster.settings.defaultApiTimeoutMs;
    const all = topicsOf(await cluster.retry(timeoutMs, (remainingMs) => cluster.ask({ topics: null, allowAutoTopicCreation: false }, remainingMs), (last) => last as Error));
    const topics = all.filter(({ name }) => pattern.test(name));
    if (topics.length === 0) {
      logger.error('No topics found. [topics-include] if specified, is either filtering out all topics or there is no topic.');
      return 1;
    }
    const offsets = await startOffsets(cluster, topics, numbers.time);
    print('verification process is started');
    return (await verifyReplicas(cluster, topics, offsets, numbers, print, () => exitCode !== undefined)) ? 1 : (exitCode ?? 0);
  };
  try {
    return await Promise.race([work(), stopped]);
  } finally {
    removeListener();
    cluster.close();
  }
}

/** Where to begin in each partition; at its end where no record is that young. */
async function startOffsets(cluster: Cluster, topics: readonly TopicMetadata[], time: number): Promise<ReadonlyMap<string, number>> {
  const { listOffsets } = await import('../../client/offsets.ts');
  const places = topics.flatMap(({ name, partitions }) => partitions.map(({ partition }) => ({ topic: name, partition })));
  const ask = (its: typeof places, timestampOrSpec: number): ReturnType<typeof listOffsets> =>
    listOffsets(cluster, its.map((place) => ({ ...place, timestamp: timestampOrSpec })), 'read_uncommitted', cluster.settings.defaultApiTimeoutMs);
  const answers = await ask(places, time);
  const young = answers.filter(({ offset }) => offset < 0).map(({ topic, partition }) => ({ topic, partition }));
  const ends = young.length === 0 ? [] : await ask(young, offsetSpecs.latest);
  return new Map([...answers, ...ends].map((answer) => [partitionKey(answer), answer.offset]));
}
