import { replicaVerificationTool } from './replica-verification/command.ts';
import { main } from './terminal.ts';

main(replicaVerificationTool);
