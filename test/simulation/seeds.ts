/** Seeds that once failed, and what they found; each is run for ever. */
export const keptSeeds: readonly { readonly seed: number; readonly scenario: string; readonly found: string }[] = [
  { seed: 9, scenario: 'three-brokers', found: 'the time index of a rolled segment was not fsynced under flush.messages=1, and the recovery point had passed it' },
  { seed: 84, scenario: 'three-brokers', found: 'an offset index of zeros and halves after a power loss, below the recovery point' },
  { seed: 12, scenario: 'three-brokers', found: 'a timer of the simulator that came before it was due, for ever' },
  { seed: 2, scenario: 'one-broker-loses-power', found: 'the folder of a new log, and that of its first segment, was not fsynced under flush.messages=1: with the names the records were lost' },
  { seed: 5, scenario: 'three-brokers-groups', found: 'a commit was answered twice, as its answer let the next request of its connection in' },
  { seed: 7, scenario: 'three-brokers-groups', found: 'a consumer with old metadata took the word of a deposed leader that its position was out of range' },
  { seed: 18, scenario: 'three-brokers-transactions', found: 'offsets of a member that had been put out of its group were committed by a transaction that named no generation' },
  { seed: 300_133, scenario: 'three-brokers', found: 'indexes made anew at a start were out of memory before flush.messages=1 fsynced them, and were lost with the power below the recovery point' },
  { seed: 1_941_814_415, scenario: 'three-brokers', found: 'a broker that was cut off while a topic was deleted kept its partitions for the next topic of that name' },
  { seed: 49, scenario: 'three-brokers-transactions', found: 'after a cut, transactions that had been committed long ago held the last stable offset back' },
];
