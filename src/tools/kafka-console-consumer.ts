import { consoleConsumerTool } from './console-consumer/command.ts';
import { main } from './terminal.ts';

main(consoleConsumerTool);
