import { expect } from 'chai';
import fs from 'node:fs';
import { startSocketServer } from '../../../src/network/socket-server.ts';
import type { SocketServer } from '../../../src/network/socket-server.ts';
import { leaderAndIsrRequest } from '../../../src/protocol/messages/leader-and-isr.ts';
import { produceRequest } from '../../../src/protocol/messages/produce.ts';
import type { ProduceResponse } from '../../../src/protocol/messages/produce.ts';
import { silentLogger } from '../../../src/runtime/logger.ts';
import { nodeClock } from '../../../src/runtime/node-clock.ts';
import { createLoopWork } from '../../../src/runtime/loop-work.ts';
import { createNodeNetwork } from '../../../src/runtime/node-network.ts';
import { producerBatch, removeTemporaryFolders, temporaryFolder } from '../../unit/log/support.ts';
import { leadership, startReplicas } from './support.ts';
import type { Leadership, TestReplicas } from './support.ts';

interface Node {
  readonly replicas: TestReplicas;
  readonly server: SocketServer;
}

for (const protocol of ['3.9', '2.4']) {
  describe(`replication over sockets, inter.broker.protocol.version ${protocol}`, () => {
    let nodes: Node[];

    beforeEach(async () => {
      nodes = [];
      for (const id of [1, 2]) {
        const replicas = await startReplicas({ id, folder: temporaryFolder(), clock: nodeClock, broker: { 'inter.broker.protocol.version': protocol, 'replica.fetch.backoff.ms': '60000' } });
        const server = await startSocketServer({
          network: createNodeNetwork(),
          clock: nodeClock,
          logger: silentLogger,
          sink: replicas.sink,
          listeners: [{ name: 'PLAINTEXT', host: '127.0.0.1', port: 0, securityProtocol: 'PLAINTEXT' }],
          requestBytesMax: 1 << 20,
          queuedBytesMax: -1,
          limits: { connectionsMax: 100, perIpMax: 100, perIpOverrides: new Map() },
          idleMsMax: -1,
          sendBufferBytes: -1,
          work: createLoopWork(nodeClock),
        });
        server.enableRequestProcessing();
        nodes.push({ replicas, server });
      }
    });
    afterEach(async () => {
      for (const { replicas, server } of nodes) {
        await replicas.stop();
        await server.close();
      }
      removeTemporaryFolders();
    });

    const tell = async (state: Omit<Leadership, 'topic' | 'replicas' | 'leaders'>, to: readonly number[] = [1, 2]): Promise<void> => {
      const leaders = nodes.map(({ server }, index) => ({ brokerId: index + 1, hostName: '127.0.0.1', port: server.endpoints[0]!.port }));
      for (const id of to) await nodes[id - 1]!.replicas.send(leaderAndIsrRequest, 4, leadership({ topic: 't', replicas: [1, 2], leaders, ...state }));
    };
    const produce = async (id: number, acks: number, timestamp = 1_700_000_000_000): Promise<number> => {
      const request = { acks, timeoutMs: 10_000, topicData: [{ name: 't', partitionData: [{ index: 0, records: producerBatch(3, { timestamp }) }] }] };
      const answer = (await nodes[id - 1]!.replicas.send(produceRequest, 7, request)) as ProduceResponse;
      return answer.responses[0]!.partitionResponses[0]!.errorCode;
    };
    const logOf = (id: number) => nodes[id - 1]!.replicas.manager.partitionOf('t', 0)!.log;
    const bytesOf = (id: number): string => fs.readFileSync(`${logOf(id).directory}/00000000000000000000.log`).toString('hex');

    it('carries records to the follower, byte for byte, and the high watermark back', async () => {
      await tell({ leader: 1, leaderEpoch: 0, isr: [1, 2] });
      for (let count = 0; count < 5; count++) expect(await produce(1, -1)).to.equal(0);
      expect([logOf(1).highWatermark, logOf(2).writtenEndOffset]).to.deep.equal([15, 15]);
      expect(bytesOf(2)).to.equal(bytesOf(1));
    });

    it('begins soon where the follower hears of a leader before the leader does', async () => {
      await tell({ leader: 1, leaderEpoch: 0, isr: [1, 2] }, [2]);
      await new Promise((resolve) => setTimeout(resolve, 100)); // mostly enough for the leader's first refusals
      await tell({ leader: 1, leaderEpoch: 0, isr: [1, 2] }, [1]);
      expect(await produce(1, -1)).to.equal(0);
      expect(bytesOf(2)).to.equal(bytesOf(1));
    });

    it('cuts what a former leader wrote alone when it follows the next', async () => {
      await tell({ leader: 1, leaderEpoch: 0, isr: [1, 2] });
      expect(await produce(1, -1)).to.equal(0);
      await tell({ leader: 2, leaderEpoch: 1, isr: [2] }, [2]);
      expect(await produce(1, 1, 1_600_000_000_000)).to.equal(0);
      expect(await produce(2, 1)).to.equal(0);
      await tell({ leader: 2, leaderEpoch: 1, isr: [2] }, [1]);
      await tell({ leader: 2, leaderEpoch: 2, isr: [2, 1] });
      expect(await produce(2, -1)).to.equal(0);
      expect(logOf(1).writtenEndOffset).to.equal(9);
      expect(bytesOf(1)).to.equal(bytesOf(2));
    });

    it('starts where the leader\'s log begins when what it lacks is gone there', async () => {
      await tell({ leader: 1, leaderEpoch: 0, isr: [1] }, [1]);
      for (let count = 0; count < 3; count++) await produce(1, 1);
      logOf(1).roll();
      logOf(1).incrementLogStartOffset(9);
      await produce(1, 1);
      await tell({ leader: 1, leaderEpoch: 1, isr: [1, 2] });
      expect(await produce(1, -1)).to.equal(0);
      expect([logOf(2).logStartOffset, logOf(2).writtenEndOffset]).to.deep.equal([9, 15]);
    });

    it('starts with the whole batch that the leader\'s log begins within', async () => {
      await tell({ leader: 1, leaderEpoch: 0, isr: [1] }, [1]);
      for (let count = 0; count < 3; count++) await produce(1, 1);
      logOf(1).incrementLogStartOffset(4);
      await tell({ leader: 1, leaderEpoch: 1, isr: [1, 2] });
      expect(await produce(1, -1)).to.equal(0);
      expect([logOf(2).logStartOffset, logOf(2).writtenEndOffset]).to.deep.equal([4, 12]);
    });
  });
}
