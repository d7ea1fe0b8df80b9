/** A request the server refuses, as one of SData's diagnoses. */
export class SdataFault extends Error {
  override readonly name = 'SdataFault';

  constructor(
    readonly status: number,
    readonly sdataCode: string,
    message: string,
  ) {
    super(message);
  }
}
