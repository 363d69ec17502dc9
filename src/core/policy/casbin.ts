/**
 * Casbin is the language of grants and the reference decision: explicit deny beats allow, nothing is allowed
 * by default. The index hands it only the rules that can match; a property test holds the two together over
 * all rules.
 */
import { Enforcer, newModelFromString } from 'casbin';

/** Kept equal to policies/model.conf by a test. */
export const CASBIN_MODEL = `[request_definition]
r = sub, obj, act

[policy_definition]
p = sub, obj, act, eft

[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))

[matchers]
m = subjectMatch(r.sub, p.sub) && objectMatch(r.obj, p.obj) && r.act == p.act
`;

export interface CasbinLine {
  readonly subject: string;
  readonly object: string;
  readonly action: string;
  readonly effect: 'allow' | 'deny';
}

/** One enforcer whose lines are exchanged for each question: building one costs more than asking. */
export class CasbinDecider {
  private readonly enforcer = new Enforcer();
  private readonly lines: string[][];

  constructor() {
    this.enforcer.setModel(newModelFromString(CASBIN_MODEL));
    // Lists, never joined text: a user may be called anything. Names are folded beforehand.
    const contains = (all: readonly string[], one: string): boolean => all.includes(one);
    void this.enforcer.addFunction('subjectMatch', contains);
    void this.enforcer.addFunction('objectMatch', contains);
    const assertion = this.enforcer.getModel().model.get('p')?.get('p');
    if (assertion === undefined) throw new Error('the Casbin model has no policy definition');
    this.lines = [];
    assertion.policy = this.lines;
  }

  /** `subjects` and `objects`: every key the principal and the object go by. */
  allowed(
    subjects: readonly string[],
    objects: readonly string[],
    action: string,
    lines: readonly CasbinLine[],
  ): boolean {
    this.lines.length = 0;
    for (const line of lines) this.lines.push([line.subject, line.object, line.action, line.effect]);
    return this.enforcer.enforceSync(subjects, objects, action);
  }
}
