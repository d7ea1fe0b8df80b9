import type { Zone } from 'luxon';
import { SageCrmError } from '../errors/sagecrm-error';
import { compileDatePattern, type DatePattern } from './java-date-pattern';
import { nearest } from './nearest';
import { scanTemplate, templateInvalid, type VariableToken } from './template-scan';
import { encodeLiteral, encodeValue } from './url-encoding';
import { greatestWall, smallestWall } from './wall-clock';
import { resolveZone } from './zone';

/** Both in epoch ms. */
export interface TemplateDates {
  /** The lower bound the date variables stand for. */
  readonly from: number;
  /** The server's present time, as best known. */
  readonly now: number;
}

/** A resource's URL with its date variables compiled. */
export interface UrlTemplate {
  readonly source: string;
  /** True when at least one lower-bound variable is present. */
  readonly hasLowerBound: boolean;
  /**
   * The URL, percent-encoded. Bounds written as wall-clock time without its zone hold for all that
   * the clock shows between `from` and `now`, also when it is set back in between.
   */
  render(dates: TemplateDates): string;
}

interface Variable {
  readonly isLowerBound: boolean;
  value(dates: TemplateDates): string;
}

const DEFAULT_FORMAT = "yyyy-MM-dd'T'HH:mm:ssXXX";
const EXAMPLE_FORMAT = "yyyy-MM-dd'T'HH:mm:ss'Z'";
const VARIABLES = ['gmtDate', 'date', 'dateTimeZone', 'nowTimeZone', 'epoch'] as const;

/** A zone that holds a colon itself, before the colon that ends it. */
const OFFSET_ZONE = /^(?:GMT|UTC|UT)?[+-]\d{1,2}:\d{2}(?=:|$)/i;

const EPOCH_UNITS: Readonly<Record<string, (epochMs: number) => number>> = {
  ms: (epochMs) => Math.floor(epochMs),
  s: (epochMs) => Math.floor(epochMs / 1000),
  us: (epochMs) => Math.floor(epochMs) * 1000,
};

function lowerBound(pattern: DatePattern, zone: Zone): Variable {
  return {
    isLowerBound: true,
    value: ({ from, now }) => {
      if (pattern.hasZone) return pattern.format(from, zone);
      const bound = smallestWall(from, now, zone);
      return pattern.format(bound.at, bound.zone);
    },
  };
}

function upperBound(pattern: DatePattern, zone: Zone): Variable {
  return {
    isLowerBound: false,
    value: ({ from, now }) => {
      const bound = pattern.hasZone ? { at: now, zone } : greatestWall(from, now, zone);
      return pattern.format(bound.at, bound.zone);
    },
  };
}

/** Runs a compilation step and reports its error as one of the URL. */
function locate<T>(position: number, compile: () => T): T {
  try {
    return compile();
  } catch (error) {
    if (!(error instanceof SageCrmError)) throw error;
    const offset = position + (error.details.position ?? 0);
    throw templateInvalid(`${error.what},`, offset, error.nextStep, error);
  }
}

function compileFormat(name: string, format: string | undefined, position: number): DatePattern {
  if (format === undefined || format === '') {
    throw templateInvalid(
      `The variable "${name}" has no date format`,
      position,
      `Write one after a colon, such as ${EXAMPLE_FORMAT}.`,
    );
  }
  return locate(position, () => compileDatePattern(format));
}

function compileZoned(name: string, argument: string, position: number) {
  const zoneText = OFFSET_ZONE.exec(argument)?.[0] ?? argument.split(':', 1)[0] ?? '';
  if (zoneText.trim() === '') {
    throw templateInvalid(
      `The variable "${name}" has no zone`,
      position,
      `Write it as \${${name}:Europe/Berlin:${EXAMPLE_FORMAT}}.`,
    );
  }
  const zone = locate(position, () => resolveZone(zoneText));
  const hasFormat = argument.length > zoneText.length;
  const format = hasFormat ? argument.slice(zoneText.length + 1) : undefined;
  const formatPosition = position + zoneText.length + (hasFormat ? 1 : 0);
  return { zone, pattern: compileFormat(name, format, formatPosition) };
}

function compileEpoch(unit: string, position: number): Variable {
  const convert = Object.hasOwn(EPOCH_UNITS, unit) ? EPOCH_UNITS[unit] : undefined;
  if (convert === undefined) {
    throw templateInvalid(`"${unit}" is no unit of "epoch"`, position, 'Use ms, s or us.');
  }
  return { isLowerBound: true, value: ({ from }) => String(convert(from)) };
}

function unknownVariable(name: string, position: number): SageCrmError {
  const suggestion = nearest(name, VARIABLES);
  const hint = suggestion === undefined ? '' : `did you mean "${suggestion}"? `;
  const known = `Known variables are ${VARIABLES.join(', ')}.`;
  return templateInvalid(`Unknown variable "${name}"`, position, `${hint}${known}`);
}

function compileVariable({ body, position }: VariableToken, serverZone: Zone): Variable {
  const colon = body.indexOf(':');
  const name = colon === -1 ? body : body.slice(0, colon);
  const argument = colon === -1 ? undefined : body.slice(colon + 1);
  const argumentAt = position + (colon === -1 ? body.length : colon + 1);
  switch (name) {
    case 'gmtDate':
      return lowerBound(compileFormat(name, argument, argumentAt), resolveZone('GMT'));
    case 'date':
      return lowerBound(compileFormat(name, argument ?? DEFAULT_FORMAT, argumentAt), serverZone);
    case 'dateTimeZone': {
      const { pattern, zone } = compileZoned(name, argument ?? '', argumentAt);
      return lowerBound(pattern, zone);
    }
    case 'nowTimeZone': {
      const { pattern, zone } = compileZoned(name, argument ?? '', argumentAt);
      return upperBound(pattern, zone);
    }
    case 'epoch':
      return compileEpoch(argument ?? 'ms', argumentAt);
    default:
      throw unknownVariable(name, position);
  }
}

/**
 * Compiles a URL with the variables `${gmtDate:FMT}`, `${date:FMT}`, `${date}`,
 * `${dateTimeZone:ZONE:FMT}`, `${nowTimeZone:ZONE:FMT}` and `${epoch}`, `${epoch:ms|s|us}`; FMT is a
 * Java date pattern.
 *
 * @throws SageCrmError TEMPLATE_INVALID, `details.position` being the offset in `url`, for an unknown
 * variable, a missing or bad format, a bad zone, or a `${` that is never closed.
 */
export function compileUrlTemplate(url: string, serverZone: Zone): UrlTemplate {
  const variables: Variable[] = [];
  const parts = scanTemplate(url).map((token): ((dates: TemplateDates) => string) => {
    if (token.kind === 'text') {
      const literal = encodeLiteral(token.text);
      return () => literal;
    }
    const variable = compileVariable(token, serverZone);
    variables.push(variable);
    return (dates) => encodeValue(variable.value(dates));
  });
  return {
    source: url,
    hasLowerBound: variables.some((variable) => variable.isLowerBound),
    render: (dates) => parts.map((part) => part(dates)).join(''),
  };
}
