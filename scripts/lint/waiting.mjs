/**
 * What tests must not do: let time pass and hope, or choose what they do by the clock or by chance.
 * A time limit that makes a test fail is none of this, nor is a simulated server that is slow.
 */

const TIMER = '[callee.name=/^set(Timeout|Interval)$/]';
const EXECUTOR = "NewExpression[callee.name='Promise'] > :function.arguments";
const PAUSE = 'A pause proves nothing: wait for the event, with until() if nobody tells of it.';

const CLOCK = 'CallExpression[callee.property.name=/^(now|getTime|valueOf|hrtime|bigint)$/]';
const SEED = 'A seed is written down, so that what failed fails again.';

const CHANCE = 'A test takes its random numbers from a seed that is written down.';

const DELAY_MODULES = ['node:timers/promises', 'timers/promises', 'node:timers', 'timers'];

/** No module whose functions are pauses. */
export const NO_DELAY_MODULES = [
  'error',
  { paths: DELAY_MODULES.map((name) => ({ name, message: PAUSE })) },
];

const PAUSES = [
  // new Promise((resolve) => setTimeout(resolve, 100)), with or without braces
  `${EXECUTOR} > CallExpression.body${TIMER}`,
  `${EXECUTOR} > BlockStatement[body.length=1] > ExpressionStatement > CallExpression${TIMER}`,
  // the same beside other statements: whoever gives up after a while says so in a value
  `${EXECUTOR} > BlockStatement[body.length>1] CallExpression${TIMER}[arguments.length=2] > Identifier.arguments[name=/^(resolve|done)$/]`,
  `CallExpression${TIMER} > Identifier.arguments[name='done']`,
  // looking again and again
  `${EXECUTOR} CallExpression[callee.name='setInterval']`,
  "CallExpression[callee.name='promisify'] > Identifier.arguments[name=/^set(Timeout|Interval)$/]",
  "MemberExpression[object.name='Atomics'][property.name=/^wait/]",
  'ImportExpression > Literal[value=/^(node:)?timers(\\u002Fpromises)?$/]',
  "CallExpression[callee.name='require'] > Literal[value=/^(node:)?timers(\\u002Fpromises)?$/]",
];

const CLOCK_SEEDS = [
  `BinaryExpression[operator=/^([%^|&]|<<|>>>?)$/] ${CLOCK}`,
  `VariableDeclarator[id.name=/seed/i] ${CLOCK}`,
  `AssignmentExpression[left.name=/seed/i] ${CLOCK}`,
  `AssignmentExpression[left.property.name=/seed/i] ${CLOCK}`,
  `Property[key.name=/seed/i] ${CLOCK}`,
  `PropertyDefinition[key.name=/seed/i] ${CLOCK}`,
  `AssignmentPattern[left.name=/seed/i] ${CLOCK}`,
  `CallExpression[callee.name=/seed/i] ${CLOCK}`,
];

const CHANCES = [
  "MemberExpression[object.name='Math'][property.name='random']",
  "Identifier[name='randomInt']",
];

function refused(selectors, message) {
  return selectors.map((selector) => ({ selector, message }));
}

/** For `no-restricted-syntax`. */
export const NO_WAITING = [
  'error',
  ...refused(PAUSES, PAUSE),
  ...refused(CLOCK_SEEDS, SEED),
  ...refused(CHANCES, CHANCE),
];

/** In what mocha runs, nothing is done at intervals at all. */
export const NO_WAITING_IN_CASES = [
  ...NO_WAITING,
  ...refused(["CallExpression[callee.name='setInterval']"], PAUSE),
];
