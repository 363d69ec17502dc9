/** A message of RFC 5424 in the octet counting of RFC 6587 and RFC 5425: no line end can break it apart. */
import { type SiemEvent, type SiemSeverity, severityOf } from './siem-event.js';

/** Log audit. */
const FACILITY = 13;
/** Informational, notice, warning, error, critical. */
const SEVERITY: Readonly<Record<SiemSeverity, number>> = { 1: 6, 2: 5, 3: 4, 4: 3, 5: 2 };
const HOST_CHARS_MAX = 255;
const MESSAGE_ID_CHARS_MAX = 32;

/** `text` is the event in the sink's format. */
export function syslogFrame(event: SiemEvent, host: string, text: string): string {
  const { at, kind } = event.record;
  const time = Number.isNaN(Date.parse(String(at))) ? '-' : String(at);
  const header = [
    `<${FACILITY * 8 + SEVERITY[severityOf(event)]}>1`,
    time,
    printable(host, HOST_CHARS_MAX),
    'sluice',
    '-',
    printable(String(kind), MESSAGE_ID_CHARS_MAX),
    '-',
  ].join(' ');
  const message = `${header} ${text}`;
  return `${Buffer.byteLength(message)} ${message}`;
}

/** Printable US-ASCII without spaces, as header fields must be. */
const printable = (value: string, max: number): string =>
  value.replaceAll(/[^\x21-\x7e]/g, '').slice(0, max) || '-';
