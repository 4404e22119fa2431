import path from 'node:path';
import { expect } from 'chai';
import { describeLogDirsHandler } from '../../../src/broker/handlers/describe-log-dirs.ts';
import type { LogManager } from '../../../src/log/log-manager.ts';
import { errorCode } from '../../../src/protocol/errors.ts';
import type { DescribeLogDirsResponseInput } from '../../../src/protocol/messages/describe-log-dirs.ts';
import type { Disk } from '../../../src/runtime/disk.ts';
import { silentLogger } from '../../../src/runtime/logger.ts';
import { requestContext } from './support.ts';

describe('DescribeLogDirs', () => {
  it('answers for the other directories where one has gone that nobody has missed yet', async () => {
    const logs = { liveDirectories: ['/a', '/gone'], offlineDirectories: ['/offline'], logs: () => [], futureLogs: () => [] } as unknown as LogManager;
    const disk = {
      spaceSync(directory: string) {
        if (directory === '/gone') throw new Error('ENOENT: no such file or directory');
        return { totalBytes: 10, usableBytes: 7 };
      },
    } as Disk;
    const answered = await new Promise<DescribeLogDirsResponseInput>((resolve) => void describeLogDirsHandler(logs, disk, silentLogger).handle({ topics: null }, requestContext({ apiVersion: 4 }), (answer) => resolve(answer!)));
    expect(answered.errorCode).to.equal(0);
    expect(answered.results).to.deep.equal([
      { errorCode: 0, logDir: path.resolve('/a'), topics: [], totalBytes: 10, usableBytes: 7 },
      { errorCode: errorCode('UNKNOWN_SERVER_ERROR'), logDir: path.resolve('/gone'), topics: [] },
      { errorCode: errorCode('KAFKA_STORAGE_ERROR'), logDir: path.resolve('/offline'), topics: [] },
    ]);
  });
});
