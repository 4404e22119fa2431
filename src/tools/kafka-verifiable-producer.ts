import { verifiableProducerTool } from './verifiable-producer/command.ts';
import { main } from './terminal.ts';

main(verifiableProducerTool);
