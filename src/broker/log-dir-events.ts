import type { LogManager } from '../log/log-manager.ts';
import type { Logger } from '../runtime/logger.ts';
import { logDirEventPrefix, logDirEventsPath } from '../zookeeper/paths.ts';
import { encodeLogDirEvent } from '../zookeeper/znodes/log-dir-event.ts';
import type { ZooKeeper } from '../zookeeper/zookeeper.ts';

/** Tells the controller of log directories that fail while the broker runs (KIP-112), so that others take over what was led there. */
export function tellLogDirFailures(options: { readonly logs: LogManager; readonly zookeeper: () => ZooKeeper; readonly brokerId: number; readonly logger: Logger; readonly halt: () => void }): () => void {
  const { logs, zookeeper, brokerId, logger, halt } = options;
  return logs.onDirectoryFailure((directory, cause, failed) => {
    logger.error('a log directory has failed; its replicas are offline until it is mended and the broker started again', { directory, error: cause, replicas: failed.length });
    if (logs.liveDirectories.length === 0) {
      logger.error('Shutdown broker because all log dirs have failed', { directories: logs.offlineDirectories.join(',') });
      halt();
      return;
    }
    zookeeper()
      .create(`${logDirEventsPath}/${logDirEventPrefix}`, encodeLogDirEvent(brokerId), 'persistent-sequential')
      .catch((error: unknown) => logger.error('the controller was not told of a failed log directory; restart the broker to have its leaders moved', { directory, error }));
  });
}
