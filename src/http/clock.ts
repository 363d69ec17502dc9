/** The time, as controllers get it: tests give another. */
export class Clock {
  constructor(readonly now: () => Date) {}
}
