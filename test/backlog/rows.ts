/** How the server lists its records: by their dates, or in an order that has nothing to do with them. */
export type RowOrder = 'ascending' | 'shuffled';

export interface Row {
  id: number;
  /** Updated date, epoch milliseconds. */
  date: number;
}

const FIRST_DATE = Date.parse('2025-01-01T00:00:00Z');
const SPAN_SECONDS = 180 * 86_400;
/** Records that share one updated date, as an import leaves them. */
const TIE = 4;
/** Prime, so that multiples of it visit every number below any other number once. */
const STRIDE = 7_368_787;

/**
 * A million records and more without holding one: each is worked out from its rank, its place in the
 * order of the dates. Ids have nothing to do with ranks; both run over the same numbers.
 */
export class BacklogRows {
  private readonly tieSeconds: number;

  constructor(
    readonly records: number,
    private readonly order: RowOrder,
  ) {
    this.tieSeconds = Math.max(1, Math.floor((SPAN_SECONDS * TIE) / Math.max(records, 1)));
  }

  /** The least rank whose updated date is after `bound`, epoch milliseconds. */
  firstAfter(bound: number): number {
    const tie = Math.floor((bound - FIRST_DATE) / 1000 / this.tieSeconds) + 1;
    return Math.min(this.records, Math.max(0, tie * TIE));
  }

  /** The record at `place` in the list of those from rank `from` on. */
  at(from: number, place: number): Row {
    const count = this.records - from;
    const rank = from + (this.order === 'ascending' ? place : (place * STRIDE) % count);
    return this.ofRank(rank);
  }

  ofRank(rank: number): Row {
    const id = ((rank * STRIDE) % this.records) + 1;
    return { id, date: FIRST_DATE + Math.floor(rank / TIE) * this.tieSeconds * 1000 };
  }

  /** The place of each id in the order of dates and ids, at the index of the id; 0 is no id. */
  places(): Uint32Array {
    const places = new Uint32Array(this.records + 1);
    for (let first = 0; first < this.records; first += TIE) {
      const size = Math.min(TIE, this.records - first);
      const tied = Array.from({ length: size }, (_, index) => this.ofRank(first + index).id);
      tied.sort((one, other) => one - other).forEach((id, index) => (places[id] = first + index));
    }
    return places;
  }
}

const CITIES = ['Aachen', 'Bergen', 'Cádiz', 'Dundee', 'Espoo', 'Faenza', 'Ghent', 'Hull'];

/** About 600 bytes of JSON between the id and the dates, prepared once for all records. */
const MIDDLES = CITIES.map((city, index) => {
  const fields = {
    Comp_Name: `${city} Precision Tools and Fastenings ${index}`,
    Comp_Type: 'Customer',
    Comp_Status: 'Active',
    Comp_Source: 'Trade fair',
    Comp_Territory: -1_845_493_752 + index,
    Comp_Revenue: '1-10 M',
    Comp_Employees: '51-100',
    Comp_Sector: 'Manufacturing',
    Comp_WebSite: `https://www.example.com/${index}`,
    Comp_MailRestriction: null,
    Comp_PrimaryPersonId: 4000 + index,
    Comp_PrimaryUserId: 10 + index,
    Comp_CurrencyId: 1,
    Comp_SegmentId: null,
    Comp_EmailAddress: `office@${index}.example.com`,
    Comp_PhoneFullNumber: `+44 1632 96000${index}`,
    Addr_City: city,
    Comp_Notes: 'Asks for quarterly statements; deliveries to the rear gate only.',
  };
  return JSON.stringify(fields).slice(1, -1);
});

/** The record as the hub API shows it. */
export function rowJson({ id, date }: Row): string {
  const updated = isoSeconds(date);
  const created = id % 3 === 0 ? updated : '2019-05-06T07:08:09Z';
  const middle = MIDDLES[id % MIDDLES.length] ?? '';
  return `{"key":${id},"Comp_CompanyId":${id},${middle},"Comp_CreatedDate":"${created}","Comp_UpdatedDate":"${updated}"}`;
}

function isoSeconds(date: number): string {
  return `${new Date(date).toISOString().slice(0, 19)}Z`;
}
