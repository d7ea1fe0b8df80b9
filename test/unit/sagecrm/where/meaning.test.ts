import assert from 'node:assert/strict';
import fc from 'fast-check';
import { DateTime, FixedOffsetZone, IANAZone } from 'luxon';
import { SageCrmError } from '../../../../src/errors/sagecrm-error';
import { translateWhere, type SDataDialect } from '../../../../src/sagecrm/where/translate';
import { hubClauses, rows, SERVER_ZONE } from './support/hub-clauses';
import { selects, type DateOrder } from './support/sdata-reader';

const dialects: fc.Arbitrary<SDataDialect> = fc.record({
  dateLiteral: fc.constantFrom('@', "'"),
  literalZone: fc.constantFrom<SDataDialect['literalZone'][]>(
    'keep',
    FixedOffsetZone.utcInstance,
    FixedOffsetZone.instance(-210),
    IANAZone.create('Europe/Berlin'),
    IANAZone.create(SERVER_ZONE),
  ),
  lessThan: fc.boolean(),
  serverZone: fc.constant(IANAZone.create(SERVER_ZONE)),
});

/** A server that compares moments. */
function moments({ literalZone, serverZone }: SDataDialect): DateOrder {
  const zone = literalZone === 'keep' ? serverZone : literalZone;
  return {
    ofRow: (date) => date.getTime(),
    ofLiteral: (text) => {
      const moment = DateTime.fromISO(text, { zone });
      assert.ok(moment.isValid, `${text} is no date`);
      return moment.toMillis();
    },
  };
}

describe('The meaning of a translated where clause', () => {
  it('is that of the clause as written, for every record', () => {
    fc.assert(
      fc.property(
        hubClauses.filter((clause) => !clause.refused(true, false)),
        dialects,
        fc.array(rows, { minLength: 5, maxLength: 10 }),
        (clause, dialect, records) => {
          fc.pre(!clause.refused(dialect.lessThan, false));
          const sdata = translateWhere(clause.text, dialect);
          for (const row of records) {
            assert.equal(
              selects(sdata, row, moments(dialect), dialect.lessThan),
              clause.holds(row) === true,
              sdata,
            );
          }
        },
      ),
      { numRuns: 600 },
    );
  });

  it('is never guessed: what the server cannot express is refused, with a place in the clause', () => {
    fc.assert(
      fc.property(hubClauses, dialects, (clause, dialect) => {
        fc.pre(clause.refused(dialect.lessThan, false));
        assert.throws(
          () => translateWhere(clause.text, dialect),
          (error) => {
            assert.ok(error instanceof SageCrmError);
            assert.equal(error.code, 'WHERE_INVALID');
            const { position = -1 } = error.details;
            assert.ok(position > 0 && position < clause.text.length);
            return true;
          },
        );
      }),
      { numRuns: 300 },
    );
  });

  it('survives a second translation unchanged', () => {
    fc.assert(
      fc.property(hubClauses, dialects, (clause, dialect) => {
        fc.pre(!clause.refused(dialect.lessThan, false));
        const keeping: SDataDialect = { ...dialect, literalZone: 'keep', lessThan: true };
        const once = translateWhere(clause.text, dialect);
        assert.equal(translateWhere(once, keeping), once);
      }),
      { numRuns: 300 },
    );
  });
});
