import { producerPerfTestTool } from './producer-perf-test/command.ts';
import { main } from './terminal.ts';

main(producerPerfTestTool);
