import type { Clock } from '../../runtime/clock.ts';
import type { Logger } from '../../runtime/logger.ts';
import { storeGroupError } from './append-errors.ts';
import { timeHasPassed } from './deadlines.ts';
import type { Effects } from './effects.ts';
import type { Now } from './group.ts';
import type { GroupLog } from './group-log.ts';
import type { GroupLimits } from './rebalance.ts';
import type { Resident } from './residents.ts';
import { stored } from './stored.ts';

/** Performs what the rules decide about a group: answers, records, and the timer that wakes them. */
export interface GroupRunner {
  now(): Now;
  perform(resident: Resident, effects: Effects): void;
  /** Sees to it that the group is looked at when its earliest deadline has come. */
  wakeInTime(resident: Resident): void;
  stopTimer(resident: Resident): void;
}

/** What Node's timers can wait for. A longer wait is begun anew when it is over. */
const timerMsMax = 0x7fff_ffff;

export function createGroupRunner(options: { readonly clock: Clock; readonly logger: Logger; readonly log: GroupLog; readonly limits: GroupLimits }): GroupRunner {
  const { clock, logger, log, limits } = options;
  const now = (): Now => ({ monotonicMs: clock.monotonicMs(), wallMs: clock.nowMs() });

  function perform(resident: Resident, effects: Effects): void {
    const { group, partition } = resident;
    for (const effect of effects) {
      switch (effect.kind) {
        case 'answer-join':
          effect.answer(effect.result);
          break;
        case 'answer-sync':
          effect.answer(effect.result);
          break;
        case 'store-group':
          log.appendGroup(partition, group.id, effect.value, (error) => {
            if (error !== 'NONE') logger.warn('group not stored', { group: group.id, generation: effect.value.generation, error });
            perform(resident, stored(group, effect.purpose, storeGroupError(error), limits, now()));
          });
          break;
        case 'log':
          logger.info(effect.event, { group: group.id, ...effect.fields });
          break;
      }
    }
    wakeInTime(resident);
  }

  function wakeInTime(resident: Resident): void {
    const { wakeAtMs } = resident.group;
    if (wakeAtMs >= resident.timerAtMs) return;
    resident.timer?.cancel();
    resident.timerAtMs = wakeAtMs;
    const delayMs = Math.min(Math.max(Math.ceil(wakeAtMs - clock.monotonicMs()), 0), timerMsMax);
    resident.timer = clock.setTimer(delayMs, () => {
      resident.timerAtMs = Infinity;
      perform(resident, timeHasPassed(resident.group, limits, now()));
    });
  }

  return {
    now,
    perform,
    wakeInTime,
    stopTimer(resident) {
      resident.timer?.cancel();
      resident.timerAtMs = Infinity;
      resident.group.wakeAtMs = Infinity;
    },
  };
}
