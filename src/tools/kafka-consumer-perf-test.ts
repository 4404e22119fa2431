import { consumerPerfTestTool } from './consumer-perf-test/command.ts';
import { main } from './terminal.ts';

main(consumerPerfTestTool);
