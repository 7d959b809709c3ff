declare const brand: unique symbol

/**
 * Ids of rows, one type a table, so that two of them cannot be swapped. A plain string becomes one
 * where it is checked (claims, parameters), where a row is read, and where a new id is made.
 */
export type Id<Table extends string> = string & { readonly [brand]: Table }

export type UserId = Id<'User'>
export type SessionId = Id<'Session'>
