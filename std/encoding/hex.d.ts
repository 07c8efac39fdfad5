// SPDX-License-Identifier: Apache-2.0
// Types of the part of @std/encoding that the project uses.
export function encodeHex(src: string | Uint8Array | ArrayBuffer): string;
export function decodeHex(src: string): Uint8Array<ArrayBuffer>;
