import { getOffsetsTool } from './get-offsets/command.ts';
import { main } from './terminal.ts';

main(getOffsetsTool);
