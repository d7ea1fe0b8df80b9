import { jsonAnswer, type Answer, type ApiRequest } from './answer';
import type { ApiContext } from './api-context';
import type { ColumnType } from './entities';
import { SdataFault } from './sdata-fault';

const SDATA_TYPES: Readonly<Record<ColumnType, string>> = {
  text: 'application/x-string',
  number: 'application/x-decimal',
  date: 'application/x-datetime',
  boolean: 'application/x-boolean',
};

/**
 * The metadata: `$prototypes` lists the entities, `$prototypes/{entity}` the columns of one with
 * their types. No capture of a live server was at hand, so the shape is the plain one of SData 2.0.
 */
export function answerPrototypes(request: ApiRequest, context: ApiContext): Answer {
  const [, entity] = /^\$prototypes(?:\/([\w$]+))?$/.exec(request.path) ?? [];
  if (entity !== undefined) return jsonAnswer(200, prototypeOf(entity, context));
  const tables = context.crm.allTables();
  return jsonAnswer(200, {
    $totalResults: tables.length,
    $startIndex: 1,
    $itemsPerPage: tables.length,
    $resources: tables.map(({ definition: { name } }) => ({
      $key: name,
      $url: `${request.root}/$prototypes/${name}`,
      $title: name,
    })),
  });
}

function prototypeOf(entity: string, context: ApiContext): Record<string, unknown> {
  const table = context.crm.findTable(entity);
  if (table === undefined) {
    throw new SdataFault(404, 'DataSetNotFound', `There is no resource kind "${entity}".`);
  }
  const columns = [...table.columns()];
  return {
    $key: table.definition.name,
    $properties: Object.fromEntries(
      columns.map(([name, type]) => [name, { $title: name, $type: SDATA_TYPES[type] }]),
    ),
  };
}
