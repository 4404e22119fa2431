import { verifiableConsumerTool } from './verifiable-consumer/command.ts';
import { main } from './terminal.ts';

main(verifiableConsumerTool);
