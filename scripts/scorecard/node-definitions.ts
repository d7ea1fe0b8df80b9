import ts from 'typescript';

/** What a node's page says of it in plain literals. */
export interface NodeDefinition {
  category?: string;
  icon?: string;
  /** The properties that are not written out where a reader of the page can see them. */
  hidden: string[];
}

const LITERAL = ['category', 'color', 'icon', 'inputs', 'outputs'];
const OBJECT = ['defaults', 'credentials'];

/**
 * The node types that a page registers, as Node-RED's scorecard reads them: without running the page,
 * so a type is a literal and its definition an object that is written in place.
 */
export function definitionsIn(page: string): Map<string, NodeDefinition> {
  const found = new Map<string, NodeDefinition>();
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && isRegisterType(node.expression)) {
      const [type, definition] = node.arguments;
      if (
        type &&
        definition &&
        ts.isStringLiteral(type) &&
        ts.isObjectLiteralExpression(definition)
      )
        found.set(type.text, definitionOf(definition));
    }
    ts.forEachChild(node, visit);
  };
  for (const script of scriptsIn(page)) {
    visit(ts.createSourceFile('page.js', script, ts.ScriptTarget.Latest));
  }
  return found;
}

function scriptsIn(page: string): string[] {
  const pattern = /<script[^>]+type="text\/javascript"[^>]*>([\s\S]*?)<\/script>/g;
  return [...page.matchAll(pattern)].map(([, script = '']) => script);
}

function isRegisterType(callee: ts.Expression): boolean {
  return ts.isPropertyAccessExpression(callee) && callee.name.text === 'registerType';
}

function definitionOf({ properties }: ts.ObjectLiteralExpression): NodeDefinition {
  const values = new Map(
    properties.flatMap((property): [string, ts.Expression][] =>
      ts.isPropertyAssignment(property) && ts.isIdentifier(property.name)
        ? [[property.name.text, property.initializer]]
        : [],
    ),
  );
  const textOf = (name: string): string | undefined => {
    const value = values.get(name);
    return value && ts.isStringLiteral(value) ? value.text : undefined;
  };
  const hidden = [...values]
    .filter(
      ([name, value]) =>
        (LITERAL.includes(name) && !ts.isLiteralExpression(value)) ||
        (OBJECT.includes(name) && !ts.isObjectLiteralExpression(value)),
    )
    .map(([name]) => name);
  const [category, icon] = [textOf('category'), textOf('icon')];
  return {
    ...(category !== undefined && { category }),
    ...(icon !== undefined && { icon }),
    hidden,
  };
}
