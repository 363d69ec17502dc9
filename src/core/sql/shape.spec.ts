import { describe, expect, it } from '@jest/globals';
import { acceptedStatements } from '../../../test/support/sql-corpus.js';
import { parseStatement } from './parse.js';
import { statementShape } from './shape.js';

const shapeOf = (sql: string) => statementShape(parseStatement(sql, { parameters: 'statement' }));

describe('statementShape', () => {
  it('keeps the values apart, in order', () => {
    expect(
      shapeOf(
        "SELECT email FROM t WHERE name = 'Ana' AND born > DATE '1980-01-02' AND n IN (1, -2.5) LIMIT 10",
      ),
    ).toEqual({
      shape: 'SELECT `email` FROM `t` WHERE `name` = ? AND `born` > ? AND `n` IN (?, ?) LIMIT ?',
      literals: ["'Ana'", "DATE '1980-01-02'", '1', '-2.5', '10'],
    });
    expect(shapeOf("SHOW TABLES LIKE 'ana*'")).toEqual({ shape: 'SHOW TABLES LIKE ?', literals: ["'ana*'"] });
  });

  it('is the same for statements that differ in their values only', () => {
    expect(shapeOf("select A from t where b = 'x' -- x").shape).toBe(
      shapeOf('SELECT `A` FROM `t` WHERE b="y"').shape,
    );
  });

  it.each(acceptedStatements().map((sql) => [sql]))('has no text value of %s', (sql) => {
    const { shape, literals } = shapeOf(sql);
    const withoutNames = shape.replace(/`(?:[^`]|``)*`/g, '').replace(/ ESCAPE '(?:[^'\\]|\\.)'/g, '');
    expect(withoutNames).not.toMatch(/['"]/);
    const parameters = sql.match(/\?/g)?.length ?? 0;
    expect(withoutNames.match(/\?/g)?.length ?? 0).toBe(literals.length + parameters);
  });
});
