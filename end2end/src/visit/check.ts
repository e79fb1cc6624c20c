// Check of each page of a visit.

/** Called with the name of each page, while it is open and complete. */
export type PageCheck = (name: string) => Promise<void>;
