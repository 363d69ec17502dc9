export declare function goldenQuestions(): Readonly<
  Record<'spark-plans.golden.json' | 'functions.golden.json', readonly string[]>
>;
