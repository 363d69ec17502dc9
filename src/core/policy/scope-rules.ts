/** The rules of one scope, found by subject. Most scopes have a handful, for which a look at each is quickest. */
interface Spoken {
  readonly to: readonly string[];
}

const LOOKED_THROUGH_MAX = 8;

export class ScopeRules<R extends Spoken> {
  private readonly rules: R[] = [];
  /** Made when it is first asked for: most scopes of a version never are. */
  private bySubject: Map<string, R[]> | undefined;

  get all(): readonly R[] {
    return this.rules;
  }

  /** Only while the index is built. */
  add(rule: R): void {
    this.rules.push(rule);
  }

  /** Rules that speak to one of these subjects, each once. */
  speakingTo(subjects: readonly string[]): Iterable<R> {
    if (this.rules.length <= LOOKED_THROUGH_MAX)
      return this.rules.filter((rule) => rule.to.some((key) => subjects.includes(key)));
    this.bySubject ??= indexed(this.rules);
    const found = new Set<R>();
    for (const subject of subjects) for (const rule of this.bySubject.get(subject) ?? []) found.add(rule);
    return found;
  }
}

function indexed<R extends Spoken>(rules: readonly R[]): Map<string, R[]> {
  const bySubject = new Map<string, R[]>();
  for (const rule of rules) {
    for (const subject of new Set(rule.to)) {
      const list = bySubject.get(subject);
      if (list === undefined) bySubject.set(subject, [rule]);
      else list.push(rule);
    }
  }
  return bySubject;
}
