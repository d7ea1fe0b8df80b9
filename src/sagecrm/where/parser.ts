import type { ComparisonOperator, Expression, Literal, OrderedLiteral } from './ast';
import { whereFault } from './fault';
import { literal, literalPair, patternLiteral } from './literals';
import { tokenize, type Token } from './tokens';

/** Deeper nesting is a mistake, and would end in a stack overflow instead of a message. */
const DEEPEST_NESTING = 100;

const OPERATORS: ReadonlyMap<string, ComparisonOperator> = new Map([
  ['=', 'eq'],
  ['==', 'eq'],
  ['eq', 'eq'],
  ['!=', 'ne'],
  ['<>', 'ne'],
  ['ne', 'ne'],
  ['>', 'gt'],
  ['gt', 'gt'],
  ['>=', 'ge'],
  ['ge', 'ge'],
  ['<', 'lt'],
  ['lt', 'lt'],
  ['<=', 'le'],
  ['le', 'le'],
]);

const RESERVED: ReadonlySet<string> = new Set(
  'and or not like in between is null true false eq ne gt ge lt le'.split(' '),
);

/**
 * Parses a where clause, as users write it for the hub API.
 *
 * In falling order of binding: comparisons, `not`, `and`, `or`. Words are taken in any case.
 *
 * @throws SageCrmError WHERE_INVALID with the position of the fault and what belongs there
 */
export function parseWhere(where: string): Expression {
  return new Parser(tokenize(where)).clause();
}

class Parser {
  private index = 0;
  private nesting = 0;

  constructor(private readonly tokens: readonly Token[]) {}

  clause(): Expression {
    const expression = this.disjunction();
    const after = this.peek();
    if (isSymbol(after, ')')) throw fault(after, 'this parenthesis closes nothing, remove it');
    if (after.kind !== 'end') throw fault(after, 'expected and, or, or the end of the clause');
    return expression;
  }

  private disjunction(): Expression {
    return this.chain('or', () => this.chain('and', () => this.negation()));
  }

  private chain(kind: 'and' | 'or', operand: () => Expression): Expression {
    const first = operand();
    const parts = [first];
    while (this.acceptWord(kind)) parts.push(operand());
    return parts.length === 1 ? first : { kind, parts };
  }

  private negation(): Expression {
    const start = this.peek();
    if (this.acceptWord('not')) {
      return this.nested(start, () => ({ kind: 'not', operand: this.negation() }));
    }
    if (!this.acceptSymbol('(')) return this.condition();
    return this.nested(start, () => {
      const inner = this.disjunction();
      this.expectSymbol(')', 'expected and, or, or a closing parenthesis');
      return inner;
    });
  }

  private nested(start: Token, parse: () => Expression): Expression {
    this.nesting += 1;
    if (this.nesting > DEEPEST_NESTING) {
      throw fault(start, `nest at most ${DEEPEST_NESTING} parentheses and nots`);
    }
    const expression = parse();
    this.nesting -= 1;
    return expression;
  }

  private condition(): Expression {
    const column = this.next();
    if (column.kind !== 'word' || RESERVED.has(word(column))) {
      throw fault(column, 'expected a column such as Comp_UpdatedDate, not, or a parenthesis');
    }
    const negated = this.peek();
    if (!this.acceptWord('not')) return this.test(column.value, this.next());
    const operator = this.next();
    if (!['like', 'in', 'between'].includes(word(operator))) {
      throw fault(operator, 'expected like, in or between after not');
    }
    return {
      kind: 'not',
      operand: this.test(column.value, { ...operator, position: negated.position }),
    };
  }

  private test(column: string, operator: Token): Expression {
    const position = operator.position;
    const comparison = OPERATORS.get(word(operator));
    if (comparison !== undefined) {
      const value = literal(this.next(), comparison === 'eq' || comparison === 'ne');
      return { kind: 'comparison', column, operator: comparison, value, position };
    }
    switch (word(operator)) {
      case 'like':
        return { kind: 'like', column, pattern: patternLiteral(this.next()), position };
      case 'in':
        return { kind: 'in', column, values: this.list(), position };
      case 'between':
        return { kind: 'between', column, ...this.range(), position };
      case 'is':
        return this.nullTest(column, position);
      default:
        throw fault(
          operator,
          'expected a comparison: = != > >= < <= eq ne gt ge lt le, like, in, between or is null',
        );
    }
  }

  private nullTest(column: string, position: number): Expression {
    const operator = this.acceptWord('not') ? 'ne' : 'eq';
    const token = this.next();
    if (word(token) !== 'null') {
      throw fault(token, operator === 'ne' ? 'expected null' : 'expected null or not null');
    }
    return { kind: 'comparison', column, operator, value: { kind: 'null' }, position };
  }

  private list(): Literal[] {
    this.expectSymbol('(', "expected a list such as ('a','b')");
    const values = [literal(this.next(), true)];
    while (this.acceptSymbol(',')) values.push(literal(this.next(), true));
    this.expectSymbol(')', 'expected a comma or a closing parenthesis');
    return values;
  }

  private range(): { low: OrderedLiteral; high: OrderedLiteral } {
    const low = this.next();
    const between = this.next();
    if (word(between) !== 'and') throw fault(between, 'expected and between the two bounds');
    return literalPair(low, this.next());
  }

  private peek(): Token {
    const token = this.tokens[this.index];
    if (token === undefined) throw new Error('The parser ran past the end token.');
    return token;
  }

  /** The end token is never passed, so that every fault has a place. */
  private next(): Token {
    const token = this.peek();
    if (token.kind !== 'end') this.index += 1;
    return token;
  }

  private acceptWord(expected: string): boolean {
    const accepted = word(this.peek()) === expected;
    if (accepted) this.index += 1;
    return accepted;
  }

  private acceptSymbol(expected: string): boolean {
    const accepted = isSymbol(this.peek(), expected);
    if (accepted) this.index += 1;
    return accepted;
  }

  private expectSymbol(expected: string, otherwise: string): void {
    if (!this.acceptSymbol(expected)) throw fault(this.peek(), otherwise);
  }
}

function fault(token: Token, nextStep: string): Error {
  return whereFault(token.position, token.source, nextStep);
}

function isSymbol(token: Token, symbol: string): boolean {
  return token.kind === 'symbol' && token.value === symbol;
}

/** A word or symbol for comparing; empty for values, so that `'and'` is no `and`. */
function word(token: Token): string {
  return token.kind === 'word' || token.kind === 'symbol' ? token.value.toLowerCase() : '';
}
