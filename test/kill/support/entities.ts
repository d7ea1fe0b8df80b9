/** What is polled, and the column that names the version of a record. */
export const ENTITIES = [
  { entity: 'company', resource: 'accounts', column: 'Comp_Name' },
  { entity: 'person', resource: 'contacts', column: 'Pers_LastName' },
] as const;
