import { deleteRecordsTool } from './delete-records/command.ts';
import { main } from './terminal.ts';

main(deleteRecordsTool);
