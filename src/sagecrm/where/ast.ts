import type { DateText } from './date-text';

export type ComparisonOperator = 'eq' | 'ne' | 'gt' | 'ge' | 'lt' | 'le';

export interface StringLiteral {
  kind: 'string';
  /** The text without its quotes, escapes undone. */
  text: string;
}

export interface NumberLiteral {
  kind: 'number';
  /** As written: no digit is lost to a floating-point number. */
  text: string;
}

export interface DateLiteral {
  kind: 'date';
  date: DateText;
}

/** A value that has an order. */
export type OrderedLiteral = StringLiteral | NumberLiteral | DateLiteral;

export type Literal = OrderedLiteral | { kind: 'boolean'; value: boolean } | { kind: 'null' };

export interface Comparison {
  kind: 'comparison';
  column: string;
  /** `x is null` is `eq null`; an order is never asked of null or a boolean. */
  operator: ComparisonOperator;
  value: Literal;
  /** Offset of the operator, from 0; the same in the other conditions. */
  position: number;
}

export interface Like {
  kind: 'like';
  column: string;
  pattern: StringLiteral;
  position: number;
}

export interface In {
  kind: 'in';
  column: string;
  values: readonly Literal[];
  position: number;
}

export interface Between {
  kind: 'between';
  column: string;
  /** Both bounds are of one kind and belong to the range. */
  low: OrderedLiteral;
  high: OrderedLiteral;
  position: number;
}

export type Expression =
  | { kind: 'and' | 'or'; parts: readonly Expression[] }
  | { kind: 'not'; operand: Expression }
  | Comparison
  | Like
  | In
  | Between;
