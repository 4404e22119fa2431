import { dumpLogTool } from './dump-log/command.ts';
import { main } from './terminal.ts';

main(dumpLogTool);
