// SPDX-License-Identifier: Apache-2.0

/** What an answer can be written as. */
export const formats = ["table", "csv", "md", "json", "parquet"] as const;

/** One of them. */
export type Format = (typeof formats)[number];
