import { brokerApiVersionsTool } from './broker-api-versions/command.ts';
import { main } from './terminal.ts';

main(brokerApiVersionsTool);
