export interface GroupedSegment {
  readonly baseOffset: number;
  readonly sizeBytes: number;
  /** Bytes of the `.index` file. */
  readonly offsetIndexBytes: number;
  /** Bytes of the `.timeindex` file. */
  readonly timeIndexBytes: number;
}

export interface GroupLimits {
  /** segment.bytes */
  readonly segmentBytesMax: number;
  /** segment.index.bytes */
  readonly indexBytesMax: number;
  readonly firstUncleanableOffset: number;
}

/** Offsets in a segment are stored as the distance from its base, in 31 bits. */
const offsetSpanMax = 0x7fff_ffff;

/**
 * Where the group of segments that begins at `from` ends: so many become one as surely fit, before anything is dropped from
 * them, so that segments do not get smaller and smaller. At least one. Pure.
 * @returns index after the last segment of the group
 * @see Cleaner.groupSegmentsBySize in Apache Kafka 3.9
 */
export function endOfGroup(segments: readonly GroupedSegment[], from: number, limits: GroupLimits): number {
  const first = segments[from]!;
  let { sizeBytes, offsetIndexBytes, timeIndexBytes } = first;
  let end = from + 1;
  for (; end < segments.length; end++) {
    const segment = segments[end]!;
    sizeBytes += segment.sizeBytes;
    if (sizeBytes > limits.segmentBytesMax) break;
    offsetIndexBytes += segment.offsetIndexBytes;
    timeIndexBytes += segment.timeIndexBytes;
    if (offsetIndexBytes > limits.indexBytesMax || timeIndexBytes > limits.indexBytesMax) break;
    const lastOffset = (segments[end + 1]?.baseOffset ?? limits.firstUncleanableOffset) - 1;
    if (segment.sizeBytes > 0 && lastOffset - first.baseOffset > offsetSpanMax) break;
  }
  return end;
}
