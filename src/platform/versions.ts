/** Which versions of a row a conditional write may find, as a filter of the statement that writes. */
export type Versions = { in?: number[]; notIn?: number[] }
