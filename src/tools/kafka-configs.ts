import { configsTool } from './configs/command.ts';
import { main } from './terminal.ts';

main(configsTool);
