import { main } from './terminal.ts';
import { transactionsTool } from './transactions/command.ts';

main(transactionsTool);
