import type { Assignor, GroupAssignment } from './assignor.ts';
import { compareMembers, compareText } from './assignor.ts';

/** All partitions of all topics, one after the other, to the members in turn; who is not subscribed is passed over. */
export const roundRobinAssignor: Assignor = {
  name: 'roundrobin',
  protocols: ['eager'],
  userData: () => null,
  assign(topics, members) {
    const assignment: GroupAssignment = new Map(members.map(({ memberId }) => [memberId, []]));
    const ordered = members.toSorted(compareMembers);
    let next = 0;
    for (const [topic, partitions] of [...topics].toSorted(([a], [b]) => compareText(a, b))) {
      if (!ordered.some((member) => member.topics.includes(topic))) continue;
      for (const partition of partitions.keys()) {
        while (!ordered[next]!.topics.includes(topic)) next = (next + 1) % ordered.length;
        assignment.get(ordered[next]!.memberId)!.push({ topic, partition });
        next = (next + 1) % ordered.length;
      }
    }
    return assignment;
  },
};
