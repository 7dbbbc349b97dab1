/** Which of the rows without an object are tried: also those whose names were taken when they were tried before. */
export type RowChoice = { readonly inConflict: boolean };
