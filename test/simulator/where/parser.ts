import type { Column, Dialect, Expression, Literal } from './expression';
import { tokenize, WhereError, type Token } from './tokenizer';

/**
 * Parses a where clause; throws WhereError. `and` binds tighter than `or`, words are known in any
 * case.
 */
export function parseWhere(clause: string, dialect: Dialect): Expression {
  return new Parser(tokenize(clause), dialect).parse();
}

class Parser {
  private next = 0;

  constructor(
    private readonly tokens: readonly Token[],
    private readonly dialect: Dialect,
  ) {}

  parse(): Expression {
    const expression = this.either();
    if (this.current().kind !== 'end') throw this.unexpected('the end');
    return expression;
  }

  private either(): Expression {
    let left = this.both();
    while (this.takeWord('or')) left = { kind: 'or', left, right: this.both() };
    return left;
  }

  private both(): Expression {
    let left = this.negation();
    while (this.takeWord('and')) left = { kind: 'and', left, right: this.negation() };
    return left;
  }

  private negation(): Expression {
    if (this.dialect.negation && this.takeWord('not')) {
      return { kind: 'not', operand: this.negation() };
    }
    return this.term();
  }

  private term(): Expression {
    if (this.takeSymbol('(')) {
      const inner = this.either();
      this.needSymbol(')');
      return inner;
    }
    const token = this.current();
    if (token.kind !== 'word') throw this.unexpected('a column');
    this.next += 1;
    return this.condition({ name: token.value, position: token.position });
  }

  private condition(column: Column): Expression {
    if (this.dialect.negation) {
      if (this.takeWord('is')) return this.nullCheck(column);
      if (this.takeWord('not')) return { kind: 'not', operand: this.wordOperator(column) };
    }
    const token = this.current();
    const operator =
      token.kind === 'word' || token.kind === 'symbol'
        ? this.dialect.comparisons[token.value.toLowerCase()]
        : undefined;
    if (operator === undefined) return this.wordOperator(column);
    this.next += 1;
    return { kind: 'compare', column, operator, literal: this.literal() };
  }

  private wordOperator(column: Column): Expression {
    if (this.takeWord('like')) return { kind: 'like', column, pattern: this.literal() };
    if (this.takeWord('in')) return { kind: 'in', column, literals: this.list() };
    if (this.takeWord('between')) {
      const low = this.literal();
      if (!this.takeWord('and')) throw this.unexpected('"and"');
      return { kind: 'between', column, low, high: this.literal() };
    }
    throw this.unexpected('an operator');
  }

  private nullCheck(column: Column): Expression {
    const negated = this.takeWord('not');
    if (!this.takeWord('null')) throw this.unexpected('"null"');
    const check: Expression = { kind: 'isNull', column };
    return negated ? { kind: 'not', operand: check } : check;
  }

  private list(): Literal[] {
    this.needSymbol('(');
    const literals = [this.literal()];
    while (this.takeSymbol(',')) literals.push(this.literal());
    this.needSymbol(')');
    return literals;
  }

  private literal(): Literal {
    const { kind, value, position } = this.current();
    const isWord = kind === 'word' && /^(?:true|false)$/i.test(value);
    const isDate = kind === 'date' && this.dialect.atDates;
    if (kind !== 'text' && kind !== 'number' && !isWord && !isDate) {
      throw this.unexpected('a value');
    }
    this.next += 1;
    return { kind, value, position };
  }

  private current(): Token {
    return this.tokens[this.next] ?? { kind: 'end', value: '', position: 0 };
  }

  private takeWord(word: string): boolean {
    const token = this.current();
    const found = token.kind === 'word' && token.value.toLowerCase() === word;
    if (found) this.next += 1;
    return found;
  }

  private takeSymbol(symbol: string): boolean {
    const token = this.current();
    const found = token.kind === 'symbol' && token.value === symbol;
    if (found) this.next += 1;
    return found;
  }

  private needSymbol(symbol: string): void {
    if (!this.takeSymbol(symbol)) throw this.unexpected(`"${symbol}"`);
  }

  private unexpected(wanted: string): WhereError {
    const { kind, value, position } = this.current();
    const found = kind === 'end' ? 'the clause ends' : `"${value}" stands`;
    return new WhereError(`${found} where ${wanted} is expected`, position);
  }
}
