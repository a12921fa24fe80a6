/** The end of a log at some time. */
export interface LogHead {
  /** Hash of the first event: tells logs apart. */
  log: string;
  /** Number of the last event. */
  seq: number;
  /** Hash of the last event, which stands for all before it. Hex SHA-256. */
  hash: string;
  /** ISO, UTC. */
  time: string;
}

/** Part of a log that is signed. */
export interface AnchorReport {
  /** Anchors of this log whose signatures hold. */
  anchors: number;
  /** The last event that is signed, and when it was. Null if there is none. */
  seq: number | null;
  time: string | null;
  keyid: string;
}
