/** What the browser gets when a request fails. */
export interface AdminError {
  code: string;
  message: string;
  nextStep: string;
  /** The property or JSON path at fault. */
  field?: string;
}
