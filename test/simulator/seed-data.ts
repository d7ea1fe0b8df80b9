import type { RowFields } from './entities';

/** Nobody and nothing real: places and trades for companies, roles instead of people's names. */
const PLACES = ['Harbour', 'Hillside', 'Riverbank', 'Old Mill', 'Lakeside', 'Orchard', 'Quayside'];
const TRADES = [
  'Bakery',
  'Timber',
  'Ceramics',
  'Logistics',
  'Printing',
  'Nursery',
  'Tools',
  'Paper',
];
const FORMS = ['Ltd', 'GmbH', 'B.V.', 'SARL', 'Inc.'];
const DEPARTMENTS = ['Purchasing', 'Accounts', 'Sales', 'Warehouse', 'Service', 'Production'];
const ROLES = ['Manager', 'Assistant', 'Director', 'Clerk', 'Coordinator'];
const SOURCES = ['Web', 'Telephone', 'Exhibition', 'Referral'];
const COMPANY_TYPES = ['Customer', 'Prospect', 'Supplier', 'Partner'];
const TERRITORIES = ['North', 'South', 'East', 'West'];
const LEAD_STAGES = ['Unassigned', 'Assigned', 'Qualified'];
const OPPORTUNITY_STAGES = ['Lead', 'Qualified', 'Proposal', 'Negotiating'];
const PROJECTS = ['Packaging line', 'Spring order', 'Service contract', 'Shop fitting', 'Renewal'];

/** Believable columns of the standard entities for the `n`th record; none for another entity. */
export function seedFields(entity: string, n: number): RowFields {
  return seeders[entity]?.(n) ?? {};
}

/** The values a user would change first in a record of `entity`, for the `n`th change. */
export function changedFields(entity: string, n: number): RowFields {
  return changers[entity]?.(n) ?? {};
}

const seeders: Readonly<Record<string, (n: number) => RowFields>> = {
  company: (n) => ({
    Comp_Name: companyName(n),
    Comp_Type: pick(COMPANY_TYPES, n),
    Comp_Status: 'Active',
    Comp_Source: pick(SOURCES, n),
    Comp_Territory: pick(TERRITORIES, n),
    Comp_WebSite: null,
    comp_emailaddress: `office${n}@example.com`,
    Comp_Employees: 5 + ((n * 37) % 400),
  }),
  person: (n) => ({
    Pers_CompanyId: n,
    Pers_FirstName: pick(DEPARTMENTS, n),
    Pers_LastName: `${pick(ROLES, n)} ${n}`,
    Pers_Department: pick(DEPARTMENTS, n),
    Pers_Status: 'Active',
    pers_emailaddress: `contact${n}@example.com`,
  }),
  lead: (n) => ({
    Lead_Description: `${pick(PROJECTS, n)} for ${companyName(n)}`,
    Lead_CompanyName: companyName(n),
    lead_personlastname: `${pick(DEPARTMENTS, n)} ${pick(ROLES, n)}`,
    Lead_Source: pick(SOURCES, n),
    Lead_Stage: 'Unassigned',
    Lead_Status: 'In Progress',
  }),
  opportunity: (n) => ({
    Oppo_Description: `${pick(PROJECTS, n)} ${n}`,
    Oppo_PrimaryCompanyId: n,
    Oppo_Type: null,
    Oppo_Stage: 'Lead',
    Oppo_Status: 'In Progress',
    Oppo_Forecast: 500 + ((n * 730) % 90_000),
    Oppo_Certainty: 20,
    oppo_closed: null,
  }),
  users: (n) => ({
    User_Logon: `user${n}`,
    User_FirstName: pick(DEPARTMENTS, n),
    User_LastName: `Desk ${n}`,
    User_Department: pick(DEPARTMENTS, n),
    User_EmailAddress: `user${n}@example.com`,
    user_disabled: null,
  }),
};

const changers: Readonly<Record<string, (n: number) => RowFields>> = {
  company: (n) => ({
    Comp_Employees: 5 + ((n * 37) % 400),
    Comp_Territory: pick(TERRITORIES, n),
  }),
  person: (n) => ({ Pers_Department: pick(DEPARTMENTS, n) }),
  lead: (n) => ({ Lead_Stage: pick(LEAD_STAGES, n) }),
  opportunity: (n) => ({
    Oppo_Stage: pick(OPPORTUNITY_STAGES, n),
    Oppo_Certainty: 20 + ((n * 10) % 80),
  }),
  users: (n) => ({ User_Department: pick(DEPARTMENTS, n) }),
};

function companyName(n: number): string {
  return `${pick(PLACES, n)} ${pick(TRADES, n)} ${n} ${pick(FORMS, n)}`;
}

function pick(words: readonly string[], n: number): string {
  return words[n % words.length] ?? '';
}
