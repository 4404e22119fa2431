import type { GroupChecker } from './group-checker.ts';

/** In one generation of a group no two members are given the same partition. */
export const onePartitionOneOwner: GroupChecker = ({ groupId, assignments }) => {
  const owners = new Map<string, string>();
  return assignments.flatMap(({ place, generation, partitions }) =>
    partitions.flatMap((partition) => {
      const owner = owners.get(`${generation}/${partition}`) ?? place;
      owners.set(`${generation}/${partition}`, owner);
      return owner === place ? [] : [`${owner} and ${place} both have partition ${partition} in generation ${generation} of ${groupId}`];
    }),
  );
};
