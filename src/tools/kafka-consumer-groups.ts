import { consumerGroupsTool } from './consumer-groups/command.ts';
import { main } from './terminal.ts';

main(consumerGroupsTool);
