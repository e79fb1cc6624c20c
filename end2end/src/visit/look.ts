// What is done with each page of a visit.

/** Called with each page while it is open and complete. */
export type Look = (name: string) => Promise<void>;
