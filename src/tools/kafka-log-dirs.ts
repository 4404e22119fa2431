import { logDirsTool } from './log-dirs/command.ts';
import { main } from './terminal.ts';

main(logDirsTool);
