import { openAcl, writeAcl } from '../../../src/zookeeper-server/acl.ts';
import { JuteWriter } from '../../../src/zookeeper-server/jute.ts';
import { operationCodes } from '../../../src/zookeeper-server/operations.ts';

/** Requests as whole frames, encoded before any clock runs. */

export const sessionTimeoutMs = 10_000;

const anyVersion = -1;
/** The answers come in the order of the requests, so that no request needs a number of its own. */
const xid = 1;

function frame(write: (writer: JuteWriter) => void): Buffer {
  const writer = new JuteWriter();
  const start = writer.beginFrame();
  write(writer);
  writer.endFrame(start);
  return writer.take();
}

function request(type: number, write: (writer: JuteWriter) => void): Buffer {
  return frame((writer) => {
    writer.int(xid);
    writer.int(type);
    write(writer);
  });
}

/** Asks for a new session. */
export const connectRequest = frame((writer) => {
  writer.int(0);
  writer.long(0);
  writer.int(sessionTimeoutMs);
  writer.long(0);
  writer.buffer(Buffer.alloc(16));
  writer.bool(false);
});

export function createRequest(path: string, data: Buffer, isEphemeral = false): Buffer {
  return request(operationCodes.create, (writer) => {
    writer.string(path);
    writer.buffer(data);
    writeAcl(writer, openAcl);
    writer.int(isEphemeral ? 1 : 0);
  });
}

export function getDataRequest(path: string, watch: boolean): Buffer {
  return request(operationCodes.getData, (writer) => {
    writer.string(path);
    writer.bool(watch);
  });
}

export function setDataRequest(path: string, data: Buffer): Buffer {
  return request(operationCodes.setData, (writer) => writeSet(writer, path, data));
}

/** One transaction that sets the data of several nodes. */
export function multiSetRequest(paths: readonly string[], data: Buffer): Buffer {
  const header = (writer: JuteWriter, type: number, isLast: boolean): void => {
    writer.int(type);
    writer.bool(isLast);
    writer.int(-1);
  };
  return request(operationCodes.multi, (writer) => {
    for (const path of paths) {
      header(writer, operationCodes.setData, false);
      writeSet(writer, path, data);
    }
    header(writer, -1, true);
  });
}

function writeSet(writer: JuteWriter, path: string, data: Buffer): void {
  writer.string(path);
  writer.buffer(data);
  writer.int(anyVersion);
}

export const closeSessionRequest = request(operationCodes.closeSession, () => undefined);
