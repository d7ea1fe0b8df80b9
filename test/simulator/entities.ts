export type ColumnType = 'text' | 'number' | 'date' | 'boolean';

export type FieldValue = string | number | boolean | null;

/** A record's columns. Dates are text: `2026-01-31T10:00:00Z`, or anything put there with `setRaw`. */
export type RowFields = Readonly<Record<string, FieldValue>>;

export interface EntityDefinition {
  readonly name: string;
  readonly idColumn: string;
  readonly updatedColumn: string;
  readonly createdColumn: string;
  /** Column names in the server's own, mixed case. */
  readonly columns: Readonly<Record<string, ColumnType>>;
}

/** What to say about a custom entity; whatever is left out follows from the prefix. */
export interface CustomEntity {
  /** Such as `Proj`, giving `Proj_ProjectId`, `Proj_UpdatedDate`, `Proj_CreatedDate`. */
  columnPrefix: string;
  idColumn?: string;
  updatedColumn?: string;
  createdColumn?: string;
  /** Further columns, as names (of text) or with their types. */
  columns?: readonly string[] | Readonly<Record<string, ColumnType>>;
}

/** Completes a custom entity's definition. */
export function describeEntity(name: string, custom: CustomEntity): EntityDefinition {
  const prefix = custom.columnPrefix;
  const idColumn = custom.idColumn ?? `${prefix}_${name.charAt(0).toUpperCase()}${name.slice(1)}Id`;
  const updatedColumn = custom.updatedColumn ?? `${prefix}_UpdatedDate`;
  const createdColumn = custom.createdColumn ?? `${prefix}_CreatedDate`;
  return {
    name,
    idColumn,
    updatedColumn,
    createdColumn,
    columns: {
      [idColumn]: 'number',
      ...withTypes(custom.columns ?? []),
      [createdColumn]: 'date',
      [updatedColumn]: 'date',
    },
  };
}

function withTypes(
  columns: readonly string[] | Readonly<Record<string, ColumnType>>,
): Readonly<Record<string, ColumnType>> {
  if (!isNameList(columns)) return columns;
  return Object.fromEntries(columns.map((column) => [column, 'text']));
}

function isNameList(columns: object): columns is readonly string[] {
  return Array.isArray(columns);
}

/** The entities every Sage CRM has, with the inconsistent case their columns really come in. */
export const STANDARD_ENTITIES: readonly EntityDefinition[] = [
  {
    name: 'company',
    idColumn: 'Comp_CompanyId',
    updatedColumn: 'Comp_UpdatedDate',
    createdColumn: 'Comp_CreatedDate',
    columns: {
      Comp_CompanyId: 'number',
      Comp_Name: 'text',
      Comp_Type: 'text',
      Comp_Status: 'text',
      Comp_Source: 'text',
      Comp_Territory: 'text',
      Comp_WebSite: 'text',
      comp_emailaddress: 'text',
      Comp_Employees: 'number',
      Comp_CreatedDate: 'date',
      Comp_UpdatedDate: 'date',
    },
  },
  {
    name: 'person',
    idColumn: 'Pers_PersonId',
    updatedColumn: 'Pers_UpdatedDate',
    createdColumn: 'Pers_CreatedDate',
    columns: {
      Pers_PersonId: 'number',
      Pers_CompanyId: 'number',
      Pers_FirstName: 'text',
      Pers_LastName: 'text',
      Pers_Department: 'text',
      Pers_Status: 'text',
      pers_emailaddress: 'text',
      Pers_CreatedDate: 'date',
      Pers_UpdatedDate: 'date',
    },
  },
  {
    name: 'lead',
    idColumn: 'Lead_LeadId',
    updatedColumn: 'Lead_UpdatedDate',
    createdColumn: 'lead_createddate',
    columns: {
      Lead_LeadId: 'number',
      Lead_Description: 'text',
      Lead_CompanyName: 'text',
      lead_personlastname: 'text',
      Lead_Source: 'text',
      Lead_Stage: 'text',
      Lead_Status: 'text',
      lead_createddate: 'date',
      Lead_UpdatedDate: 'date',
    },
  },
  {
    name: 'opportunity',
    idColumn: 'Oppo_OpportunityId',
    updatedColumn: 'Oppo_UpdatedDate',
    createdColumn: 'Oppo_CreatedDate',
    columns: {
      Oppo_OpportunityId: 'number',
      Oppo_Description: 'text',
      Oppo_PrimaryCompanyId: 'number',
      Oppo_Type: 'text',
      Oppo_Stage: 'text',
      Oppo_Status: 'text',
      Oppo_Forecast: 'number',
      Oppo_Certainty: 'number',
      oppo_closed: 'date',
      Oppo_CreatedDate: 'date',
      Oppo_UpdatedDate: 'date',
    },
  },
  {
    name: 'users',
    idColumn: 'User_UserId',
    updatedColumn: 'User_UpdatedDate',
    createdColumn: 'User_CreatedDate',
    columns: {
      User_UserId: 'number',
      User_Logon: 'text',
      User_FirstName: 'text',
      User_LastName: 'text',
      User_Department: 'text',
      User_EmailAddress: 'text',
      user_disabled: 'text',
      User_CreatedDate: 'date',
      User_UpdatedDate: 'date',
    },
  },
];
