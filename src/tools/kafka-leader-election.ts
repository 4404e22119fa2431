import { leaderElectionTool } from './leader-election/command.ts';
import { main } from './terminal.ts';

main(leaderElectionTool);
