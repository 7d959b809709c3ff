export type Versions = { in?: number[]; notIn?: number[] }
