import { main } from './terminal.ts';
import { topicsTool } from './topics/command.ts';

main(topicsTool);
