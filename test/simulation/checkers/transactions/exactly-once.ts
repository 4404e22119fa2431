import type { TransactionChecker } from './transaction-checker.ts';

/** In the end there is one copy of each input record, and within a partition copies stand in the order of the input. */
export const exactlyOnce: TransactionChecker = ({ topic, inputs, kept }) => {
  const counts = new Map<string, number>();
  for (const { input } of kept) counts.set(input, (counts.get(input) ?? 0) + 1);
  const wrong = inputs.flatMap(({ name }) => (counts.get(name) === 1 ? [] : [`there are ${counts.get(name) ?? 0} copies of ${name} in ${topic}`]));
  const places = new Map(inputs.map(({ name, partition }, index) => [name, { partition, index }]));
  const last = new Map<string, number>();
  for (const { input, partition, offset } of kept) {
    const place = places.get(input);
    if (place === undefined) {
      wrong.push(`${input} at offset ${offset} of ${topic}-${partition} was not in the input`);
      continue;
    }
    const line = `${place.partition} to ${partition}`;
    if ((last.get(line) ?? -1) > place.index) wrong.push(`the copy of ${input} at offset ${offset} of ${topic}-${partition} stands behind one of a later record`);
    last.set(line, place.index);
  }
  return wrong;
};
