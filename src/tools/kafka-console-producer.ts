import { consoleProducerTool } from './console-producer/command.ts';
import { main } from './terminal.ts';

main(consoleProducerTool);
