/** A record for the tests: dates are moments, everything else is what it is. */
export type Row = Readonly<Record<string, string | number | boolean | Date | null>>;

/** How a server compares dates: row and literal become values that `<` and `===` understand. */
export interface DateOrder {
  ofRow(date: Date): string | number;
  ofLiteral(text: string): string | number;
}

type Scalar = string | number | boolean;

const PIECES = /'(?:[^']|'')*'|@[^@]*@|-?\d[\d.]*|[A-Za-z_$][\w.$]*|[()]/g;

/**
 * Whether a server that speaks SData would return the row: a reading of the clause of its own, that
 * shares nothing with the translation, and knows only what Sage lists (and `lt`, `le` when allowed).
 */
export function selects(clause: string, row: Row, dates: DateOrder, lessThan = false): boolean {
  const pieces = clause.match(PIECES) ?? [];
  const rest = clause.replace(PIECES, '');
  if (rest.trim() !== '') throw new Error(`Not SData: ${rest} in ${clause}`);
  return new Reader(pieces, row, dates, lessThan).all();
}

class Reader {
  private at = 0;

  constructor(
    private readonly pieces: readonly string[],
    private readonly row: Row,
    private readonly dates: DateOrder,
    private readonly lessThan: boolean,
  ) {}

  all(): boolean {
    const result = this.either();
    if (this.at !== this.pieces.length) throw new Error(`Left over: ${this.take()}`);
    return result;
  }

  private either(): boolean {
    let result = this.both();
    while (this.pieces[this.at] === 'or') {
      this.at += 1;
      const right = this.both();
      result = result || right;
    }
    return result;
  }

  private both(): boolean {
    let result = this.one();
    while (this.pieces[this.at] === 'and') {
      this.at += 1;
      const right = this.one();
      result = result && right;
    }
    return result;
  }

  private one(): boolean {
    const piece = this.take();
    if (piece !== '(') return this.condition(piece);
    const result = this.either();
    if (this.take() !== ')') throw new Error('A parenthesis is not closed.');
    return result;
  }

  private condition(column: string): boolean {
    const operator = this.take();
    const stored = this.row[column] ?? null;
    const first = this.take();
    if (operator === 'between') {
      if (this.take() !== 'and') throw new Error('A range has no and.');
      const last = this.take();
      return (
        this.order(stored, first, (a, b) => a >= b) && this.order(stored, last, (a, b) => a <= b)
      );
    }
    if (first === 'null') return (operator === 'eq') === (stored === null);
    return this.order(stored, first, this.comparison(operator));
  }

  private comparison(operator: string): (a: Scalar, b: Scalar) => boolean {
    switch (operator) {
      case 'eq':
        return (a, b) => a === b;
      case 'ne':
        return (a, b) => a !== b;
      case 'gt':
        return (a, b) => a > b;
      case 'ge':
        return (a, b) => a >= b;
      case 'like':
        return (a, b) => isLike(String(a), String(b));
      default:
        if (this.lessThan && operator === 'lt') return (a, b) => a < b;
        if (this.lessThan && operator === 'le') return (a, b) => a <= b;
        throw new Error(`The server does not know ${operator}.`);
    }
  }

  /** Nothing compares with null, as in SQL. */
  private order(
    stored: Row[string],
    literal: string,
    holds: (a: Scalar, b: Scalar) => boolean,
  ): boolean {
    if (stored === null) return false;
    if (stored instanceof Date) {
      return holds(this.dates.ofRow(stored), this.dates.ofLiteral(literal.slice(1, -1)));
    }
    return holds(stored, readScalar(literal));
  }

  private take(): string {
    const piece = this.pieces[this.at];
    if (piece === undefined) throw new Error('The clause ends too soon.');
    this.at += 1;
    return piece;
  }
}

function readScalar(literal: string): Scalar {
  if (literal === 'true' || literal === 'false') return literal === 'true';
  if (literal.startsWith("'")) return literal.slice(1, -1).replaceAll("''", "'");
  return Number(literal);
}

/** `%` stands for any text. */
export function isLike(text: string, pattern: string): boolean {
  const parts = pattern.split('%').map((part) => part.replace(/[^\w ]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's').test(text);
}
