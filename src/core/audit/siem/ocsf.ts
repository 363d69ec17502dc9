/**
 * Events as OCSF: statements as Datastore Activity (6005), everything else as API Activity (6003), alerts as
 * Detection Findings (2004). What OCSF has no place for is under `unmapped.gov`, as the log has it.
 */
import {
  actorOf,
  correlationOf,
  isAddress,
  messageOf,
  outcomeOf,
  type SiemEvent,
  type SiemSource,
  severityOf,
  textOf,
  textsOf,
} from './siem-event.js';

export const OCSF_VERSION = '1.8.0';

type OcsfObject = { readonly [key: string]: unknown };

const CLASS = { datastore: 6005, api: 6003, finding: 2004 } as const;
const OTHER = 99;
const STATUS = {
  success: { status_id: 1, status: 'Success' },
  failure: { status_id: 2, status: 'Failure' },
  begun: { status_id: OTHER, status: 'Begun' },
} as const;

export function ocsfOf(event: SiemEvent, source: SiemSource): OcsfObject {
  const { kind } = event.record;
  if (kind === 'alert.fired') return finding(event, source);
  return String(kind).startsWith('statement.') ? datastore(event, source) : api(event, source);
}

function datastore(event: SiemEvent, source: SiemSource): OcsfObject {
  const { record, intent } = event;
  const shape = textOf(record.shape) ?? textOf(intent?.shape);
  const [object] = [...textsOf(record.objects), ...textsOf(intent?.objects)];
  const parts = object?.split('.') ?? [];
  return {
    ...common(event, source, CLASS.datastore, statementActivity(shape)),
    actor: actor(event),
    src_endpoint: endpoint(event),
    database: { name: parts[0] ?? 'sluice', type_id: OTHER, type: 'Data lake' },
    ...(object === undefined ? {} : { table: { uid: object, name: parts.at(-1) } }),
    ...(shape === undefined
      ? {}
      : { query_info: { uid: textOf(record.statementId) ?? event.eventId, query_string: shape } }),
  };
}

/** By its first word; what only reads is a query. */
const statementActivity = (shape: string | undefined): number =>
  WRITES.get(/^\s*(\w+)/.exec(shape ?? '')?.[1]?.toUpperCase() ?? '') ?? 4;
const WRITES: ReadonlyMap<string, number> = new Map([
  ['UPDATE', 2],
  ['INSERT', 5],
  ['MERGE', 5],
  ['CREATE', 6],
  ['DELETE', 7],
  ['DROP', 7],
]);

function api(event: SiemEvent, source: SiemSource): OcsfObject {
  const { record, personal } = event;
  const resource = textOf(record.object) ?? textOf(record.name) ?? textOf(record.kid);
  const userAgent = textOf(personal?.userAgent);
  const code = typeof record.status === 'number' ? record.status : undefined;
  return {
    ...common(event, source, CLASS.api, apiActivity(event)),
    actor: actor(event),
    src_endpoint: endpoint(event),
    api: {
      operation: textOf(record.action) ?? String(record.kind),
      ...(textOf(record.noun) === undefined ? {} : { service: { name: String(record.noun) } }),
    },
    ...(resource === undefined ? {} : { resources: [{ name: resource, uid: resource }] }),
    ...(userAgent === undefined ? {} : { http_request: { user_agent: userAgent } }),
    ...(code === undefined ? {} : { http_response: { code } }),
  };
}

const apiActivity = ({ record }: SiemEvent): number =>
  ACTIVITIES.get(textOf(record.action) ?? textOf(record.change) ?? String(record.kind)) ?? OTHER;
const ACTIVITIES: ReadonlyMap<string, number> = new Map([
  ['post', 1],
  ['created', 1],
  ['key.added', 1],
  ['audit.read', 2],
  ['put', 3],
  ['patch', 3],
  ['replaced', 3],
  ['delete', 4],
  ['removed', 4],
  ['audit.erased', 4],
]);

function finding(event: SiemEvent, source: SiemSource): OcsfObject {
  const { record } = event;
  return {
    ...common(event, source, CLASS.finding, 1),
    finding_info: {
      uid: event.eventId,
      title: textOf(record.rule) ?? 'alert',
      types: [textOf(record.condition) ?? 'alert'],
    },
    evidences: [{ actor: actor(event), data: { detail: record.detail ?? {} } }],
  };
}

function common(
  event: SiemEvent,
  { origin, version }: SiemSource,
  classUid: number,
  activityId: number,
): OcsfObject {
  const { record, number, eventId } = event;
  const { v: _, shard: __, seq: ___, personal: ____, at, kind, ...said } = record;
  const time = Date.parse(String(at));
  const correlation = correlationOf(event);
  const code = textOf(record.code);
  return {
    class_uid: classUid,
    category_uid: Math.floor(classUid / 1_000),
    activity_id: activityId,
    ...(activityId === OTHER ? { activity_name: String(kind) } : {}),
    type_uid: classUid * 100 + activityId,
    time: Number.isNaN(time) ? 0 : time,
    severity_id: severityOf(event),
    ...STATUS[outcomeOf(event)],
    ...(code === undefined ? {} : { status_code: code }),
    message: messageOf(event),
    metadata: {
      version: OCSF_VERSION,
      product: { name: 'Sluice', vendor_name: 'Sluice', version },
      uid: eventId,
      event_code: String(kind),
      log_name: origin,
      original_time: String(at),
      sequence: number,
      ...(correlation === undefined ? {} : { correlation_uid: correlation }),
    },
    unmapped: { gov: said },
  };
}

function actor(event: SiemEvent): OcsfObject {
  const uid = actorOf(event);
  const name = textOf(event.personal?.user);
  if (uid === undefined && name === undefined) return { app_name: 'sluice' };
  return { user: { ...(uid === undefined ? {} : { uid }), ...(name === undefined ? {} : { name }) } };
}

function endpoint({ personal }: SiemEvent): OcsfObject {
  const address = textOf(personal?.address);
  if (address === undefined) return { svc_name: 'sluice' };
  return isAddress(address) ? { ip: address } : { name: address };
}
