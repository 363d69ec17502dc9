/**
 * Counts an exported log for itself: plain loops over its lines, written from docs/how-to/audit.md and the
 * words of each report. Nothing of Sluice is imported.
 */

/** Events of the first `size` batches, in the order of the file, with what is disclosed of people. */
export function eventsOf(exported, size) {
  const events = [];
  let batches = 0;
  for (const text of exported.split('\n')) {
    if (text === '') continue;
    const line = JSON.parse(text);
    if (line.line === 'batch') batches += 1;
    if (line.line !== 'event' || batches > size) continue;
    const event = JSON.parse(line.text);
    let person;
    if (line.personal === 'erased') person = 'erased';
    else if (line.personal !== undefined && line.personal !== 'withheld')
      person = JSON.parse(line.personal.text);
    events.push({ ...event, id: `${event.shard}.${event.seq}`, person });
  }
  return events;
}

const within = (event, { from, to }) =>
  (from === undefined || event.at >= from) && (to === undefined || event.at < to);

/** Statements with their first outcome. */
function statements(events, filter) {
  const outcomes = new Map();
  for (const event of events)
    if (event.kind === 'statement.outcome' && !outcomes.has(event.statementId))
      outcomes.set(event.statementId, event);
  return events
    .filter((event) => event.kind === 'statement.intent' && within(event, filter))
    .filter((event) => filter.actor === undefined || event.actor === filter.actor)
    .filter((event) => filter.purpose === undefined || event.purpose === filter.purpose)
    .filter((event) => filter.object === undefined || event.objects.includes(filter.object))
    .filter((event) => filter.column === undefined || event.columns.includes(filter.column))
    .map((intent) => ({ intent, outcome: outcomes.get(intent.statementId) }));
}

function tally(list) {
  const sum = { statements: 0, succeeded: 0, otherwise: 0, unanswered: 0, rows: 0 };
  for (const { outcome } of list) {
    sum.statements += 1;
    if (outcome === undefined) sum.unanswered += 1;
    else {
      if (outcome.state === 'succeeded') sum.succeeded += 1;
      else sum.otherwise += 1;
      sum.rows += outcome.rowCount ?? 0;
    }
  }
  const times = list.map(({ intent }) => intent.at).sort();
  return { ...sum, first: times[0] ?? '', last: times.at(-1) ?? '' };
}

/** Groups as `{ key: {statements, rows, ...} }`; `keysOf` gives a statement's groups. */
function grouped(list, keysOf) {
  const groups = {};
  for (const one of list) {
    for (const key of new Set(keysOf(one))) {
      groups[key] ??= [];
      groups[key].push(one);
    }
  }
  return Object.fromEntries(Object.entries(groups).map(([key, some]) => [key, tally(some)]));
}

const key = (...parts) => JSON.stringify(parts);

function seenIn({ intent }, filter) {
  const seen = [];
  for (const whole of intent.columns) {
    if (filter.column !== undefined && whole !== filter.column) continue;
    const object = [...intent.objects]
      .sort((a, b) => b.length - a.length)
      .find((o) => whole.startsWith(`${o}.`));
    if (filter.object !== undefined && object !== filter.object) continue;
    const column = whole.slice(object.length + 1);
    const mask = intent.masks.find((m) => m.object === object && m.column.toLowerCase() === column);
    seen.push([object, column, mask?.mask ?? 'clear', mask?.rule ?? '']);
  }
  if (filter.column === undefined)
    for (const object of intent.objects)
      if (!seen.some(([o]) => o === object) && (filter.object === undefined || object === filter.object))
        seen.push([object, '', 'none', '']);
  return seen;
}

export function countAccess(events, filter = {}) {
  const list = statements(events, filter);
  const rowRules = ({ intent }, object) =>
    intent.filters.filter((f) => f.object === object).flatMap((f) => f.rules);
  return {
    totals: tally(list),
    persons: grouped(list, ({ intent }) => [key(intent.actor)]),
    objects: grouped(list, (one) => seenIn(one, filter).map(([object]) => key(object))),
    columns: grouped(list, (one) =>
      seenIn(one, filter)
        .filter(([, column]) => column !== '')
        .map(([object, column, shown]) => key(object, column, shown)),
    ),
    days: grouped(list, ({ intent }) => [key(intent.at.slice(0, 10))]),
    seen: grouped(list, (one) =>
      seenIn(one, filter).map(([object, column, shown, rule]) =>
        key(one.intent.actor, object, column, shown, rule, rowRules(one, object), one.intent.purpose ?? ''),
      ),
    ),
  };
}

export function countBreach(events, filter) {
  const list = statements(events, filter);
  return {
    totals: tally(list),
    persons: grouped(list, ({ intent }) => [key(intent.actor)]),
    recipients: grouped(list, (one) =>
      seenIn(one, filter).map(([object, column, shown]) => key(one.intent.actor, object, column, shown)),
    ),
    statements: list.map(({ intent }) => intent.statementId).sort(),
    exposed: new Set(
      list
        .filter(({ outcome }) => outcome === undefined || outcome.rowCount > 0)
        .map(({ intent }) => intent.actor),
    ).size,
  };
}

export function countDenied(events, filter = {}) {
  const denied = events.filter((event) => event.kind === 'statement.denied' && within(event, filter));
  const intents = new Map();
  for (const event of events) if (event.kind === 'admin.intent') intents.set(event.requestId, event);
  const changes = events.filter(
    (event) => event.kind === 'admin.outcome' && event.decision === 'deny' && within(event, filter),
  );
  const logins = events.filter((event) => event.kind === 'login.failed' && within(event, filter));
  const counts = (list, keyOf, weight = () => 1) => {
    const found = {};
    for (const event of list) found[keyOf(event)] = (found[keyOf(event)] ?? 0) + weight(event);
    return found;
  };
  return {
    totals: {
      statements: denied.length,
      changes: changes.length,
      signIns: logins.reduce((sum, event) => sum + event.count, 0),
    },
    statements: counts(denied, (e) => key(e.actor, e.objects, e.code, e.purpose ?? '')),
    codes: counts(denied, (e) => key(e.code)),
    days: counts(denied, (e) => key(e.at.slice(0, 10))),
    changes: counts(changes, (e) => {
      const intent = intents.get(e.requestId) ?? {};
      return key(intent.actor ?? '', intent.action ?? '', intent.noun ?? '', e.code ?? '');
    }),
    'sign-ins': counts(
      logins,
      (e) => key(e.method),
      (e) => e.count,
    ),
  };
}

export function countPolicyChanges(events, filter = {}) {
  const changes = events.filter((event) => event.kind === 'policy.changed' && within(event, filter));
  const of = (field, value) => changes.filter((event) => event[field] === value).length;
  return {
    totals: {
      changes: changes.length,
      created: of('change', 'created'),
      replaced: of('change', 'replaced'),
      removed: of('change', 'removed'),
      fromFiles: of('source', 'file'),
      fromApi: of('source', 'api'),
    },
    changes: changes.map((e) => key(e.policyVersion, e.name, e.version, e.change, e.id)).sort(),
  };
}

export function countRetention(events, filter = {}) {
  const erasures = events.filter((event) => event.kind === 'audit.erased' && within(event, filter));
  const parts = events.filter((event) => event.personal !== undefined);
  return {
    erasures: erasures.length,
    erasedEvents: erasures.reduce((sum, event) => sum + event.events.length, 0),
    personalParts: parts.length,
    personalPartsErased: parts.filter((event) => event.person === 'erased').length,
    personalPartsKept: parts.filter((event) => event.person !== 'erased').length,
  };
}

/** Statements and people by object, and by object and purpose. */
export function countUse(events, filter = {}) {
  const list = statements(events, filter);
  const people = {};
  for (const { intent } of list) {
    for (const object of intent.objects) {
      people[object] ??= new Set();
      people[object].add(intent.actor);
    }
  }
  return {
    objects: grouped(list, ({ intent }) => intent.objects.map((object) => key(object))),
    purposes: grouped(list, ({ intent }) => intent.objects.map((o) => key(o, intent.purpose ?? ''))),
    personObjects: grouped(list, ({ intent }) => intent.objects.map((o) => key(intent.actor, o))),
    people: Object.fromEntries(Object.entries(people).map(([object, actors]) => [object, actors.size])),
  };
}
