import { configChangePrefix, configChangesPath, configEntityPath } from '../zookeeper/paths.ts';
import { encodeConfigChange } from '../zookeeper/znodes/config-change.ts';
import { decodeConfig, encodeConfig } from '../zookeeper/znodes/config.ts';
import type { EntityConfig } from '../zookeeper/znodes/config.ts';
import type { ZooKeeper } from '../zookeeper/zookeeper.ts';
import { ZooKeeperError } from '../zookeeper/zookeeper.ts';

/** What an entity, such as `topics/t1` or `brokers/<default>`, has below /config; empty without a znode. */
export async function readEntityConfig(zookeeper: ZooKeeper, entity: string): Promise<EntityConfig> {
  const found = await zookeeper.find(configEntityPath(entity));
  return found === undefined ? {} : decodeConfig(found.data);
}

/** Sets the entity's znode, or makes it, and tells nobody. */
export async function writeEntityConfig(zookeeper: ZooKeeper, entity: string, config: EntityConfig): Promise<void> {
  const path = configEntityPath(entity);
  const data = encodeConfig(config);
  try {
    await zookeeper.create(path, data);
  } catch (error) {
    if (!(error instanceof ZooKeeperError) || error.name !== 'NODE_EXISTS') throw error;
    await zookeeper.set(path, data, -1);
  }
}

/** Stores and tells every broker, through /config/changes (AdminZkClient.changeEntityConfig). */
export async function changeEntityConfig(zookeeper: ZooKeeper, entity: string, config: EntityConfig): Promise<void> {
  await writeEntityConfig(zookeeper, entity, config);
  await zookeeper.create(`${configChangesPath}/${configChangePrefix}`, encodeConfigChange(entity), 'persistent-sequential');
}
