/** Events as CEF, one line each, for receivers that do not read OCSF. */
import {
  actorOf,
  correlationOf,
  isAddress,
  messageOf,
  numberOf,
  outcomeOf,
  type SiemEvent,
  type SiemSeverity,
  type SiemSource,
  severityOf,
  textOf,
  textsOf,
} from './siem-event.js';

const SEVERITY: Readonly<Record<SiemSeverity, number>> = { 1: 1, 2: 3, 3: 5, 4: 8, 5: 10 };

/** A header field may hold anything but line ends, which CEF has no way to write there. */
export const cefHeader = (value: string): string =>
  value.replaceAll(/\r\n|[\r\n]/g, ' ').replaceAll(/[\\|]/g, (sign) => `\\${sign}`);

export const cefValue = (value: string): string =>
  value
    .replaceAll(/[\\=]/g, (sign) => `\\${sign}`)
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r');

/** Keys are ours: letters and digits. */
export function cefLine(
  header: readonly [vendor: string, product: string, version: string, id: string, name: string],
  severity: number,
  extension: Readonly<Record<string, string | number | undefined>>,
): string {
  const pairs = Object.entries(extension).flatMap(([key, value]) =>
    value === undefined ? [] : [`${key}=${cefValue(String(value))}`],
  );
  return `CEF:0|${header.map(cefHeader).join('|')}|${severity}|${pairs.join(' ')}`;
}

export function cefOf(event: SiemEvent, { origin, version }: SiemSource): string {
  const { record, intent, personal, eventId, number } = event;
  const kind = String(record.kind);
  const time = Date.parse(String(record.at));
  const objects = [...textsOf(record.objects), ...textsOf(intent?.objects)];
  return cefLine(['Sluice', 'Sluice', version, kind, messageOf(event)], SEVERITY[severityOf(event)], {
    rt: Number.isNaN(time) ? undefined : time,
    externalId: eventId,
    outcome: outcomeOf(event),
    suid: actorOf(event),
    suser: textOf(personal?.user),
    ...source(textOf(personal?.address)),
    requestClientApplication: textOf(personal?.userAgent),
    act: textOf(record.action) ?? textOf(record.change),
    reason: textOf(record.code),
    request: textOf(record.shape) ?? textOf(intent?.shape),
    out: numberOf(record.bytes),
    ...labelled('cn1', 'rows', numberOf(record.rowCount)),
    ...labelled('cn2', 'policyVersion', numberOf(record.policyVersion) ?? numberOf(intent?.policyVersion)),
    ...labelled('cn3', 'position', number),
    ...labelled('cs1', 'correlation', correlationOf(event)),
    ...labelled('cs2', 'objects', objects.length === 0 ? undefined : objects.join(',')),
    ...labelled('cs3', 'purpose', textOf(record.purpose) ?? textOf(intent?.purpose)),
    ...labelled('cs4', 'log', origin),
    ...labelled('cs5', 'rule', textOf(record.rule)),
  });
}

const labelled = (key: string, label: string, value: string | number | undefined) =>
  value === undefined ? {} : { [key]: value, [`${key}Label`]: label };

const source = (address: string | undefined): Record<string, string> => {
  if (address === undefined) return {};
  if (!isAddress(address)) return { shost: address };
  return address.includes(':') ? { c6a2: address, c6a2Label: 'Source IPv6 Address' } : { src: address };
};
