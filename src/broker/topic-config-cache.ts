import type { LiveConfiguration } from '../runtime/config/live-config.ts';
import type { TopicConfig } from '../runtime/config/topic-config.ts';
import { topicConfigOf } from '../runtime/config/topic-config.ts';
import type { TopicOverrides } from './topic-overrides.ts';

/**
 * Topics' properties, asked for at every append: reckoned once for each set of a topic's own properties, and anew when the
 * broker's change. Topics with none of their own share one.
 */
export function createTopicConfigCache(live: LiveConfiguration, overrides: Pick<TopicOverrides, 'of'>): (topic: string) => TopicConfig {
  let reckonedFrom = live.properties;
  let known = new WeakMap<object, TopicConfig>();
  return (topic) => {
    if (live.properties !== reckonedFrom) {
      reckonedFrom = live.properties;
      known = new WeakMap();
    }
    const own = overrides.of(topic);
    let config = known.get(own);
    if (config === undefined) {
      config = topicConfigOf(live.values, own);
      known.set(own, config);
    }
    return config;
  };
}
