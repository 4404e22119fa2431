import { expect } from 'chai';
import { deletedFolderName, parseFolderName, parseSegmentFileName, segmentFileName } from '../../../src/log/file-names.ts';

describe('names below a log directory', () => {
  it('of segment files have 20 digits', () => {
    expect(segmentFileName(36, 'log')).to.equal('00000000000000000036.log');
    expect(parseSegmentFileName('00000000000000000036.timeindex')).to.deep.equal({ offset: 36, kind: 'timeindex' });
    for (const name of ['36.log', '00000000000000000036.log.deleted', '00000000000000000036.txt', 'leader-epoch-checkpoint']) expect(parseSegmentFileName(name), name).to.equal(undefined);
  });

  it('of folders are split at the last dash', () => {
    expect(parseFolderName('my-replicated-topic-3')).to.deep.equal({ topic: 'my-replicated-topic', partition: 3, state: 'live' });
    expect(parseFolderName('a.b-0')).to.deep.equal({ topic: 'a.b', partition: 0, state: 'live' });
    for (const name of ['topic', 'topic-', '-1', 'topic-x', 'lost+found', 'topic-1-delete']) expect(parseFolderName(name), name).to.equal(undefined);
  });

  it('of folders to be deleted fit any file system', () => {
    const uuid = '123e4567-e89b-12d3-a456-426614174000';
    expect(deletedFolderName('topic', 12, uuid)).to.equal('topic-12.123e4567e89b12d3a456426614174000-delete');
    expect(parseFolderName(deletedFolderName('topic', 12, uuid))).to.deep.equal({ topic: 'topic', partition: 12, state: 'delete' });
    expect(deletedFolderName('t'.repeat(249), 12, uuid)).to.have.lengthOf(255);
    expect(parseFolderName('topic-1.123e4567e89b12d3a456426614174000-future')?.state).to.equal('future');
    expect(parseFolderName('topic-1.123e4567e89b12d3a456426614174000-stray')?.state).to.equal('stray');
  });
});
