import { reassignPartitionsTool } from './reassign-partitions/command.ts';
import { main } from './terminal.ts';

main(reassignPartitionsTool);
