import type { Commit } from '../../workloads/groups/history.ts';
import type { GroupChecker } from './group-checker.ts';

/**
 * Once a commit is acknowledged, nobody is told a lower offset, or none. A member's own earlier commit may come late where it never
 * heard of its outcome; and who has not heard of a later generation may be with a coordinator that has not either.
 */
export const committedOffsetsStay: GroupChecker = ({ groupId, commits, fetched }) =>
  fetched.flatMap(({ generation, startedAt, endedAt, partition, offset }) => {
    let highest: Commit | undefined;
    for (const commit of commits) {
      if (commit.partition !== partition || commit.ackedAt === undefined || commit.ackedAt > startedAt || commit.generation > generation) continue;
      if (highest === undefined || commit.offset > highest.offset) highest = commit;
    }
    if (highest === undefined || (offset ?? -1) >= highest.offset) return [];
    const { member } = highest;
    const isLate = commits.some((commit) => commit.member === member && commit.partition === partition && commit.offset === offset && commit.ackedAt === undefined && commit.sentAt < endedAt);
    if (isLate) return [];
    return [`${groupId} is told ${offset ?? 'no offset'} for partition ${partition}, where ${member} had committed ${highest.offset} in generation ${highest.generation}`];
  });
